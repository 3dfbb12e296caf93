from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('visitors', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='application',
            name='unrecorded',
            field=models.PositiveIntegerField(default=0, editable=False, help_text='by who asks not to be recorded', verbose_name='openings without a record'),
        ),
    ]

"""What the site shows (profile, projects) and what its visitors leave (messages, questions, job descriptions)."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from portfolio.fields import TermsField


class Profile(models.Model):
    """The developer. The site shows the first one; an empty fact means that the site does not say."""

    name = models.CharField(max_length=120)
    headline = models.CharField(max_length=200)
    bio = models.TextField(help_text="Paragraphs separated by an empty line. The first one opens the home page.")
    location = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    github_url = models.URLField("GitHub", blank=True)
    linkedin_url = models.URLField("LinkedIn", blank=True)
    website_url = models.URLField("website", blank=True)
    availability = models.CharField(max_length=300, blank=True)
    notice_period = models.CharField(max_length=300, blank=True)
    work_permit = models.CharField(max_length=300, blank=True)
    remote = models.CharField("remote work", max_length=300, blank=True)
    relocation = models.CharField(max_length=300, blank=True)
    salary = models.CharField("salary expectation", max_length=300, blank=True)
    spoken_languages = models.CharField(max_length=300, blank=True)
    resume = models.FileField(
        upload_to="resume/", blank=True, help_text="A PDF. When empty, one is typeset from this profile."
    )

    def __str__(self) -> str:
        return self.name


class Skill(models.Model):
    class Level(models.TextChoices):
        EXPERT = "expert", "Expert"
        ADVANCED = "advanced", "Advanced"
        WORKING = "working", "Working"
        BASIC = "basic", "Basic"

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="skills")
    name = models.CharField(max_length=60)
    group = models.CharField(max_length=40, help_text="Skills of one group are shown together.")
    level = models.CharField(max_length=10, choices=Level)
    years = models.DecimalField(max_digits=3, decimal_places=1, validators=[MinValueValidator(0)])
    aliases = TermsField(default=list, blank=True, help_text="Other names, separated by commas.")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "name"]
        constraints = [
            models.UniqueConstraint(fields=["profile", "name"], name="portfolio_one_skill_per_name"),
            models.CheckConstraint(condition=models.Q(years__gte=0), name="portfolio_skill_years_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name


class Position(models.Model):
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="positions")
    title = models.CharField(max_length=120)
    company = models.CharField(max_length=120)
    location = models.CharField(max_length=120, blank=True)
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True, help_text="Empty for the present position.")
    summary = models.TextField(blank=True)
    highlights = models.TextField(blank=True, help_text="One per line.")

    class Meta:
        ordering = ["-started_on"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_on__isnull=True) | models.Q(ended_on__gte=models.F("started_on")),
                name="portfolio_position_ends_after_start",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.company}"


class Degree(models.Model):
    class Level(models.IntegerChoices):
        VOCATIONAL = 1, "Vocational training"
        BACHELOR = 2, "Bachelor"
        MASTER = 3, "Master"
        DOCTORATE = 4, "Doctorate"

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="degrees")
    title = models.CharField(max_length=160)
    level = models.PositiveSmallIntegerField(choices=Level)
    institution = models.CharField(max_length=160)
    started_year = models.PositiveSmallIntegerField()
    ended_year = models.PositiveSmallIntegerField(null=True, blank=True)
    summary = models.TextField(blank=True)

    class Meta:
        ordering = ["-started_year"]

    def __str__(self) -> str:
        return f"{self.title}, {self.institution}"


class Project(models.Model):
    title = models.CharField(max_length=120)
    slug = models.SlugField(max_length=80, unique=True)
    summary = models.CharField(max_length=240)
    description = models.TextField(help_text="Paragraphs separated by an empty line.")
    highlights = models.TextField(blank=True, help_text="Results, one per line.")
    tech_stack = TermsField(default=list, blank=True, help_text="Separated by commas.")
    role = models.CharField(max_length=120, blank=True)
    year = models.PositiveSmallIntegerField()
    source_url = models.URLField("source", blank=True)
    demo_url = models.URLField("demo", blank=True)
    featured = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField(default=0)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["order", "title"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("portfolio:project", args=[self.slug])


class ContactMessage(models.Model):
    name = models.CharField(max_length=120)
    email = models.EmailField()
    company = models.CharField(max_length=120, blank=True)
    message = models.TextField(max_length=5000)
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    is_answered = models.BooleanField("answered", default=False)

    class Meta:
        ordering = ["-received_at"]
        # Serves the admin list, newest first.
        indexes = [models.Index(fields=["-received_at"], name="portfolio_contact_newest")]

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


class Conversation(models.Model):
    """The questions of one browser. Only a digest of its key is kept, so nobody can take one over from the database."""

    key_digest = models.CharField(max_length=64, unique=True, editable=False)
    erasure_key = models.CharField(
        max_length=32, blank=True, editable=False, help_text="lets the visitor's erasure reach it; says nothing else"
    )
    started_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-started_at"]
        # Serves erasing a visitor.
        indexes = [models.Index(fields=["erasure_key"], name="portfolio_chat_erasure")]

    def __str__(self) -> str:
        return f"Conversation of {timezone.localtime(self.started_at):%d %b %Y, %H:%M}"


class Message(models.Model):
    """One question and the answer that the site gave."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    question = models.TextField(max_length=1000)
    answer = models.TextField()
    topic = models.CharField(max_length=20)
    is_answered = models.BooleanField("answered")
    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    source_title = models.CharField(max_length=160, blank=True)
    source_url = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["asked_at", "id"]
        # Serves the owner's list of questions without an answer, newest first.
        indexes = [models.Index(fields=["is_answered", "-asked_at"], name="portfolio_message_unanswered")]

    def __str__(self) -> str:
        return self.question[:80]


class UnansweredQuestion(Message):
    """The messages that the site's content could not answer."""

    class Meta:
        proxy = True


class JobAnalysis(models.Model):
    title = models.CharField(max_length=160, blank=True)
    job_requirements = models.TextField()
    match_level = models.CharField(max_length=12)
    overall = models.PositiveSmallIntegerField("match, percent", null=True, blank=True)
    result = models.JSONField()
    analysed_at = models.DateTimeField(default=timezone.now, editable=False)
    erasure_key = models.CharField(
        max_length=32, blank=True, editable=False, help_text="lets the visitor's erasure reach it; says nothing else"
    )

    class Meta:
        ordering = ["-analysed_at"]
        verbose_name_plural = "job analyses"
        indexes = [
            # Serves the admin list, newest first.
            models.Index(fields=["-analysed_at"], name="portfolio_job_newest"),
            # Serves erasing a visitor.
            models.Index(fields=["erasure_key"], name="portfolio_job_erasure"),
        ]

    def __str__(self) -> str:
        return self.title or f"Job description of {timezone.localtime(self.analysed_at):%d %b %Y}"


class Passage(models.Model):
    """A piece of the site's content as the chat searches it; each belongs to one row of `source`."""

    source = models.CharField(max_length=20)
    source_id = models.BigIntegerField()
    title = models.CharField(max_length=160)
    text = models.TextField()
    url = models.CharField(max_length=300)

    class Meta:
        # Serves replacing the passages of a saved row, and searching one project alone.
        indexes = [models.Index(fields=["source", "source_id"], name="portfolio_passage_source")]

    def __str__(self) -> str:
        return self.title

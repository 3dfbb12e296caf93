"""Closed days, added up once: what nearly every report of more than a day reads."""

from __future__ import annotations

from django.db import models


class RollupDay(models.Model):
    """Plain sums of one local day for one value of one dimension, so that days add up.

    Dimension "" with key "" is the whole day. Past the largest keys of a day, the rest is one row `(other)`. The
    columns are those of `Totals`, `PageTotals` and `ActTotals`; each kind of dimension fills its own.
    """

    day = models.DateField()
    dimension = models.CharField(max_length=20, blank=True)
    key = models.CharField(max_length=500, blank=True)
    visitors = models.PositiveBigIntegerField(default=0)
    sessions = models.PositiveBigIntegerField(default=0)
    page_views = models.PositiveBigIntegerField(default=0)
    interactions = models.PositiveBigIntegerField(default=0)
    bounces = models.PositiveBigIntegerField(default=0)
    engaged = models.PositiveBigIntegerField(default=0)
    duration_ms = models.PositiveBigIntegerField(default=0)
    confirmed = models.PositiveBigIntegerField(default=0)
    engaged_ms = models.PositiveBigIntegerField(default=0)
    scores = models.PositiveBigIntegerField(default=0)
    conversions = models.PositiveBigIntegerField(default=0)
    recruiters = models.PositiveBigIntegerField(default=0)
    clients = models.PositiveBigIntegerField(default=0)
    bots = models.PositiveBigIntegerField(default=0)
    owner = models.PositiveBigIntegerField(default=0)
    empty = models.PositiveBigIntegerField(default=0)
    timed = models.PositiveBigIntegerField(default=0, help_text="page views whose time is known")
    time_on_page_ms = models.PositiveBigIntegerField(default=0)
    scrolled = models.PositiveBigIntegerField(default=0, help_text="page views whose depth is known")
    scroll_depth = models.PositiveBigIntegerField(default=0, help_text="sum of percents")
    entries = models.PositiveBigIntegerField(default=0)
    exits = models.PositiveBigIntegerField(default=0)
    title = models.CharField(max_length=300, blank=True, help_text="of a page: the last one in the alphabet")

    class Meta:
        # Also the index of every reading: some days of one dimension.
        constraints = (models.UniqueConstraint(fields=("dimension", "day", "key"), name="rollup_once_a_day_and_key"),)

    def __str__(self) -> str:
        return f"{self.day} {self.dimension}={self.key}"


class RolledDay(models.Model):
    """Which days are rolled up; a dirty one has facts that came, changed or went since."""

    day = models.DateField(primary_key=True)
    is_dirty = models.BooleanField(default=True)
    changes = models.PositiveBigIntegerField(
        default=0, help_text="how often facts changed; tells a race with a rebuild"
    )
    is_pruned = models.BooleanField(default=False, help_text="its facts are gone: the sums are all there is")
    rolled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        # What is left to do.
        indexes = (models.Index(fields=("day",), name="rolled_day_dirty", condition=models.Q(is_dirty=True)),)

    def __str__(self) -> str:
        return f"{self.day}{' (dirty)' if self.is_dirty else ''}"


class DayColumn(models.Model):
    """One column of a closed day's visits, pages or acts, all rows at once: what filters are asked of.

    No id stands in it, visitors are numbered anew each day. It goes with the facts: when one of the day changes, is
    erased or pruned.
    """

    day = models.DateField()
    name = models.CharField(max_length=40)
    data = models.BinaryField()

    class Meta:
        # Also the index of every reading: some columns, day by day.
        constraints = (models.UniqueConstraint(fields=("day", "name"), name="column_once_a_day"),)

    def __str__(self) -> str:
        return f"{self.day} {self.name}"

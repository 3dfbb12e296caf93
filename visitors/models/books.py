"""The recorder's own books: secrets, read positions, what was left out, and what upkeep did last."""

from __future__ import annotations

from django.db import models

from visitors.querysets import DroppedCountQuerySet


class Salt(models.Model):
    """The secret of one local day; forgotten when that day's sessions have ended."""

    day = models.DateField(primary_key=True)
    secret = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return str(self.day)


class JournalPosition(models.Model):
    """How far one machine's journal is read, stored in the transaction that stores what was read.

    `number` tells machines apart in the ids of their observations; `offsets` holds bytes read by file name;
    `counted` the drops already counted by writer and reason.
    """

    journal = models.UUIDField(primary_key=True)
    number = models.PositiveSmallIntegerField(unique=True)
    offsets = models.JSONField(default=dict)
    counted = models.JSONField(default=dict)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Journal {self.number}"


class DroppedCount(models.Model):
    """How many observations of a day were left out for one reason."""

    day = models.DateField()
    reason = models.CharField(max_length=40)
    count = models.PositiveBigIntegerField(default=0)

    objects = DroppedCountQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("day", "reason"), name="dropped_once_a_day_and_reason"),)

    def __str__(self) -> str:
        return f"{self.day} {self.reason}: {self.count}"


class Upkeep(models.Model):
    """The last run of a task that keeps house: pruning, rolling up, sending a digest."""

    task = models.CharField(max_length=40, primary_key=True)
    ran_at = models.DateTimeField()
    outcome = models.JSONField(default=dict, blank=True, help_text="numbers of the run, by name")

    class Meta:
        verbose_name_plural = "upkeep"

    def __str__(self) -> str:
        return f"{self.task} at {self.ran_at:%Y-%m-%d %H:%M}"


class LimitCount(models.Model):
    """How often one client, or the clients of one cell, did one thing within a window: the limits of sites without
    Redis."""

    key = models.CharField(max_length=64, primary_key=True, help_text="keyed hash of what is limited and whose it is")
    count = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField()

    class Meta:
        # Forgetting windows that are over.
        indexes = (models.Index(fields=("expires_at",), name="limit_count_by_end"),)

    def __str__(self) -> str:
        return f"{self.count} until {self.expires_at:%H:%M:%S}"

"""Whose traces were erased, so that what still waits in a journal from before is left out."""

from __future__ import annotations

from django.db import models


class Erasure(models.Model):
    """One visitor that was erased; forgotten again once no journal can hold a line of him."""

    digest = models.CharField(max_length=32, primary_key=True, help_text="keyed hash of the visitor's id")
    erased_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.erased_at:%Y-%m-%d %H:%M}"

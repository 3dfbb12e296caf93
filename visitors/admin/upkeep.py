"""When each task that keeps house ran last, and what it did."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from visitors.models import Upkeep

from .readonly import ReadOnlyAdmin


@admin.register(Upkeep)
class UpkeepAdmin(ReadOnlyAdmin):
    list_display = ("task", "ran_at", "numbers")
    ordering = ("task",)
    actions = ()

    @admin.display(description=_("outcome"))
    def numbers(self, upkeep: Upkeep) -> str:
        """What it found to do; a task that found nothing did its work all the same."""
        done = [f"{count:,} {name}" for name, count in upkeep.outcome.items() if type(count) is int and count]
        return ", ".join(done) or "-"

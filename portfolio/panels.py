"""What the site adds to its owner's dashboard: the questions that its chat could not answer."""

from __future__ import annotations

from datetime import date, datetime, time

from django.urls import reverse
from django.utils import timezone

from portfolio.models import UnansweredQuestion
from visitors import OwnerPanel


def unanswered_questions(*, start: date, end: date, limit: int) -> OwnerPanel:
    """Asked on the days from `start` until before `end`, newest first. Two queries."""
    first, last = (timezone.make_aware(datetime.combine(day, time.min)) for day in (start, end))
    asked = UnansweredQuestion.objects.filter(is_answered=False, asked_at__gte=first, asked_at__lt=last)
    newest = asked.order_by("-asked_at", "-id").values_list("question", "topic", "asked_at")[:limit]
    return OwnerPanel(
        title="Questions without an answer",
        heads=("Question", "About", "Asked"),
        rows=tuple((question, topic, _when(asked_at)) for question, topic, asked_at in newest),
        total=asked.count(),
        empty="The chat answered everything that it was asked. Questions it could not answer stand here, so that you "
        "can add what is missing to your profile or a project.",
        more=reverse("admin:portfolio_unansweredquestion_changelist"),
    )


def _when(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%d %b, %H:%M}"

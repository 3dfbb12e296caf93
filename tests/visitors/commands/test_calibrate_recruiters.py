"""`manage.py calibrate_recruiters`: the owner's labels refit the score."""

from __future__ import annotations

import io
import uuid
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from visitors.models import Label, VisitorSession

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def label(count: int, label_given: Label, *, logit: float | None) -> None:
    first = VisitorSession.objects.count() + 1
    VisitorSession.objects.bulk_create(
        VisitorSession(
            id=number,
            visitor_id=number,
            session_id=uuid.UUID(int=number),
            day=NOON.date(),
            started_at=NOON,
            last_activity_at=NOON,
            label=label_given,
            recruiter_logit=logit,
        )
        for number in range(first, first + count)
    )


def test_thirty_labels_refit_the_score() -> None:
    label(9, Label.RECRUITER, logit=4.0)
    label(1, Label.RECRUITER, logit=0.0)
    label(10, Label.PEER, logit=0.0)
    label(5, Label.CLIENT, logit=1.0)
    label(5, Label.HUMAN, logit=-1.0)
    out = io.StringIO()
    call_command("calibrate_recruiters", stdout=out)
    said = out.getvalue()
    assert "Labels     30\nPrecision  1.00" in said
    assert "Recall     0.90" in said
    assert "VISITORS_RECRUITER_PRIOR=-" in said
    assert "VISITORS_RECRUITER_SLOPE=" in said


def test_fewer_than_thirty_labels_are_an_error() -> None:
    label(15, Label.RECRUITER, logit=4.0)
    label(14, Label.PEER, logit=0.0)
    with pytest.raises(CommandError, match="at least 30, not 29"):
        call_command("calibrate_recruiters")


def test_labels_of_bots_of_the_owner_and_of_unscored_visits_do_not_count() -> None:
    label(20, Label.RECRUITER, logit=4.0)
    label(20, Label.BOT, logit=0.0)
    label(20, Label.ME, logit=0.0)
    label(20, Label.PEER, logit=None)
    with pytest.raises(CommandError, match="at least 30, not 20"):
        call_command("calibrate_recruiters")


def test_labels_all_on_one_side_are_an_error() -> None:
    label(40, Label.RECRUITER, logit=4.0)
    with pytest.raises(CommandError, match="recruiters and others"):
        call_command("calibrate_recruiters")

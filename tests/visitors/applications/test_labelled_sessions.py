"""No notice of a machine or of the owner claims a person, over labelled sessions that begin at a link."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from visitors.applications.models import Application, ApplicationHit, Notice, NoticeKind

from .people import HOME
from .replay import replay, send_applications, sessions

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(settings: Any) -> tuple[dict[str, Counter[str]], dict[str, Counter[str]]]:
    """(kinds of openings, kinds of notices) by persona."""
    settings.ALLOWED_HOSTS = ["portfolio.example"]
    labelled = sessions()
    first = min(datetime.fromisoformat(session["started_at"]) for session in labelled)
    send_applications(labelled, sent_at=first - timedelta(days=2))
    owner = User.objects.create(username="owner", is_staff=True, is_superuser=True)
    opened: defaultdict[str, Counter[str]] = defaultdict(Counter)
    noticed: defaultdict[str, Counter[str]] = defaultdict(Counter)
    last_hit, last_notice = 0, 0
    for session in replay(labelled, owner=owner, owner_ip=HOME):
        new_hits = ApplicationHit.objects.filter(pk__gt=last_hit).order_by("pk")
        new_notices = Notice.objects.filter(pk__gt=last_notice).order_by("pk")
        opened[session["persona"]].update(hit.kind for hit in new_hits)
        noticed[session["persona"]].update(notice.kind for notice in new_notices)
        last_hit = max([last_hit, *(hit.pk for hit in new_hits)])
        last_notice = max([last_notice, *(notice.pk for notice in new_notices)])
    return dict(opened), dict(noticed)


def test_no_false_notice_of_scanners_previews_and_the_owner(told: Any) -> None:
    opened, noticed = told
    assert opened["bot_scanner_tracked"] == {"auto": 20}
    assert opened["bot_unfurl"] == {"share": 15}
    # Two more of his asked not to be recorded: nothing is kept of them, nor are they counted as a visitor's.
    assert opened["owner"] == {"owner": 15}
    assert set(Application.objects.values_list("unrecorded", flat=True)) == {0}
    assert (noticed["bot_scanner_tracked"], noticed["owner"]) == ({}, {})
    assert set(noticed["bot_unfurl"]) <= {NoticeKind.SHARED}
    people = opened["recruiter_tracked"] + opened["hiring_manager_shared"]
    assert (people.total(), people["human"] >= 9, set(people) <= {"human", "unknown"}) == (12, True, True)

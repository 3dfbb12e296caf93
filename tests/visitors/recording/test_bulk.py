"""Values go to the database as Django would send them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from visitors.models import PageView, VisitorInteraction, VisitorSession
from visitors.recording.bulk import _preparer, insert_new, new_row

MOMENTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5)), timezone(timedelta(0), "GMT")]))


@pytest.mark.parametrize("name", ["viewed_at", "day"])
@given(moment=MOMENTS | st.just(datetime(2026, 1, 1, tzinfo=UTC)))
def test_times_and_days_are_written_as_django_writes_them(name: str, moment: datetime) -> None:
    field = PageView._meta.get_field(name)
    value = moment if name == "viewed_at" else moment.date()
    try:
        expected = field.get_db_prep_save(value, connection)
    except OverflowError:
        return  # a time that UTC has no year for
    assert _preparer(field, connection)(value) == expected


# What text may hold once it is cleaned, with everything that means something in an array of PostgreSQL.
TEXTS = st.lists(st.sampled_from("\"\\'{},\n\t NULLnull\u00e9\U0001f600%s"), max_size=12).map("".join)
SCALARS = st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | TEXTS


@pytest.mark.django_db(transaction=True)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=4),
    details=st.dictionaries(TEXTS, SCALARS, max_size=4),
    score=st.none() | st.integers(0, 100),
    logit=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    is_human=st.booleans(),
)
def test_whatever_a_row_holds_is_read_back(
    texts: list[tuple[str, str, str]],
    details: dict[str, Any],
    score: int | None,
    logit: float | None,
    is_human: bool,
) -> None:
    for model in (VisitorSession, PageView, VisitorInteraction):
        model._default_manager.all().delete()
    at = datetime(2026, 3, 29, 0, 59, 59, 123456, tzinfo=UTC)
    common = {"visitor_id": 2**62 + 1, "day": at.date(), "is_human": is_human}
    sessions, views, acts = [], [], []
    for number, (one, two, three) in enumerate(texts):
        identity = {"id": 2**62 + number} | common
        session = {"session_id": uuid.UUID(int=number), "started_at": at, "last_activity_at": at}
        session |= {"entry_path": one, "exit_path": two, "source": three, "recruiter_score": score}
        session |= {"recruiter_logit": logit, "converted_goals": [one, two], "recruiter_signals": []}
        view = {"session_id": 5, "viewed_at": at, "path": one, "title": two, "source": three, "scroll_depth": score}
        act = {"session_id": 5, "occurred_at": at, "kind": one, "target": two, "path": three, "details": details}
        sessions.append(new_row(VisitorSession, **identity, **session))
        views.append(new_row(PageView, **identity, **view))
        acts.append(new_row(VisitorInteraction, **identity, **act))
    for rows in (sessions, views, acts):
        insert_new(rows)
        stored = list(type(rows[0])._default_manager.order_by("id"))
        assert [_held(row) for row in stored] == [_held(row) for row in rows]


def _held(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}

"""Values go to the database as Django would send them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from visitors.models import PageView
from visitors.recording.bulk import _preparer

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

"""Rows that are read to their end, some at a time."""

from __future__ import annotations

from contextlib import nullcontext
from itertools import islice

import pytest
from django.db import DatabaseError, connection, transaction

from tests.visitors.builders import NOON, a_session
from visitors.models import VisitorSession
from visitors.querysets import streamed


@pytest.mark.django_db
@pytest.mark.parametrize("chunk", [1, 3, 100])
def test_all_rows_come_in_their_order_however_few_at_once(chunk, monkeypatch):
    monkeypatch.setattr("visitors.querysets.CHUNK", chunk)
    visits = [a_session(NOON, visitor_id=number + 1) for number in range(7)]
    rows = VisitorSession.objects.order_by("-visitor_id").values_list("visitor_id", flat=True)
    assert list(streamed(rows)) == sorted((visit.visitor_id for visit in visits), reverse=True)
    assert list(islice(streamed(rows), 3)) == [7, 6, 5]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_atomic", [False, True])
def test_postgresql_plans_for_all_of_the_rows(is_atomic):
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL plans a cursor for its first rows")
    with connection.cursor() as cursor:
        cursor.execute("SET cursor_tuple_fraction = 0.1")  # the default; a stream before left its own behind
    with transaction.atomic() if is_atomic else nullcontext():
        assert _fraction() == 0.1
        list(streamed(VisitorSession.objects.values_list("id")))
        assert _fraction() == 1


def _fraction() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SHOW cursor_tuple_fraction")
        return float(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_what_the_store_refuses_is_a_database_error():
    with pytest.raises(DatabaseError):
        list(streamed(VisitorSession.objects.extra(where=["no_such_column = 1"]).values_list("id")))
    assert list(streamed(VisitorSession.objects.values_list("id"))) == []

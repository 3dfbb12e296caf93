"""A query made once answers as the query made anew does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.db.models import Count, F, QuerySet, Value

from tests.visitors.builders import NOON, a_session
from visitors.models import VisitorSession
from visitors.reports import prepared
from visitors.reports.prepared import Prepared, ask_sql, together

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def begun(*, since, until):
    found = VisitorSession.objects.filter(started_at__gte=since, started_at__lt=until, source="LinkedIn")
    return found.order_by("started_at").values_list("session_id", "started_at", "is_bot", "visitor_id")


@pytest.fixture
def visits():
    return [a_session(NOON + HOUR * n, visitor_id=n + 1, source="LinkedIn" if n % 3 else "") for n in range(9)]


@pytest.mark.usefixtures("visits")
def test_rows_are_those_of_the_query_made_anew():
    ask = Prepared(VisitorSession, begun)
    for start, hours in [(0, 9), (2, 3), (5, 0), (0, 9)]:
        values = {"since": NOON + HOUR * start, "until": NOON + HOUR * (start + hours)}
        assert ask(**values) == list(begun(**values))
    assert len(ask(since=NOON, until=NOON + HOUR * 9)) == 6


def test_a_visit_is_found_by_its_public_id(visits):
    def named(*, session_id):
        return VisitorSession.objects.filter(session_id=session_id).order_by().values_list("id", "session_id")

    ask = Prepared(VisitorSession, named)
    for visit in visits:
        assert ask(session_id=visit.session_id) == [(visit.id, visit.session_id)]


@pytest.mark.usefixtures("visits")
def test_it_is_made_once_and_each_time_one_query(django_assert_num_queries):
    made = []

    def make(**values):
        made.append(values)
        return begun(**values)

    ask = Prepared(VisitorSession, make)
    with django_assert_num_queries(3):
        for n in range(3):
            ask(since=NOON, until=NOON + HOUR * n)
    assert len(made) == 1


@pytest.mark.usefixtures("visits")
def test_numbers_are_put_into_expressions_wherever_they_stand():
    def shifted(*, by: int, above: int) -> QuerySet:
        moved = F("visitor_id") + Value(by)
        found = VisitorSession.objects.annotate(moved=moved).filter(moved__gt=above).order_by()
        return found.values_list("moved").annotate(Count("id")).order_by("moved")

    ask = Prepared(VisitorSession, shifted)
    for by, above in [(10, 16), (100, 0), (-5, 2)]:
        assert ask(by=by, above=above) == list(shifted(by=by, above=above))


def test_a_value_that_is_used_otherwise_is_refused():
    ask = Prepared(VisitorSession, lambda since, until: begun(since=since, until=until + HOUR))
    with pytest.raises(TypeError, match="does not use until as it is"):
        ask(since=NOON, until=NOON)


def test_text_and_lists_among_the_parameters_are_no_values():
    def named(*, since):
        found = VisitorSession.objects.filter(started_at__gte=since, source__in=["LinkedIn", "Google"], is_bot=False)
        return found.values_list("source")

    a_session(NOON, source="Google")
    assert Prepared(VisitorSession, named)(since=NOON) == [("Google",)]


@pytest.mark.django_db(transaction=True)
def test_another_thread_uses_its_own_connection():
    a_session(NOON, source="LinkedIn")
    ask = Prepared(VisitorSession, begun)
    values = {"since": NOON, "until": NOON + HOUR}
    here = ask(**values)

    def elsewhere():
        try:
            return ask(**values)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(elsewhere).result() == here != []


@pytest.mark.usefixtures("visits")
def test_what_is_asked_together_is_answered_in_turn():
    ask = Prepared(VisitorSession, begun)
    several = [{"since": NOON, "until": NOON + HOUR * hours} for hours in (9, 0, 4)]
    alone = [ask(**values) for values in several]
    with together(VisitorSession):
        reads = [ask.ask(**values) for values in several]
        assert [read() for read in reads] == alone


@pytest.mark.django_db(transaction=True)
def test_a_refused_question_is_a_database_error_and_the_next_is_answered():
    a_session(NOON, source="LinkedIn")
    with pytest.raises(DatabaseError), together(VisitorSession):
        reads = [ask_sql(connection, sql, ()) for sql in ("SELECT 1", "SELECT no_such_column", "SELECT 2")]
        assert [read() for read in reads]
    assert len(Prepared(VisitorSession, begun)(since=NOON, until=NOON + HOUR)) == 1


def test_what_stands_for_values_is_unlike_any_of_ours():
    assert prepared._FIRST_MOMENT.year < 1970
    assert 2**30 < prepared._FIRST_NUMBER < 2**31 - 100

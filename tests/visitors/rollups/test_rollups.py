"""Rolled-up days answer like their facts, and know when they no longer do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.visitors.builders import NOON, a_page_view, a_session, an_interaction
from tests.visitors.recording.builders import an_observation
from visitors.funnels.rules import Funnel
from visitors.funnels.settings import funnels_of_settings
from visitors.funnels.steps import Rule as StepRule
from visitors.funnels.steps import Step
from visitors.models import PageView, RolledDay, RollupDay, VisitorInteraction, VisitorSession, unix_ms
from visitors.recording import store
from visitors.recording.labels import relabel
from visitors.reports.periods import Period
from visitors.reports.scope import AllOf, AnyOf, Filter, Not, Operator, Scope
from visitors.reports.sources import sources
from visitors.reports.sums import (
    act_sums,
    act_totals,
    funnel_totals,
    page_sums,
    page_totals,
    split,
    sums_by_key,
    totals_by_key,
)
from visitors.rollups import background, folding
from visitors.rollups.build import roll_up
from visitors.rollups.dimensions import ACT_DIMENSIONS, PAGE_DIMENSIONS, SESSION_DIMENSIONS, WHOLE
from visitors.rollups.dirt import clean_days, days_to_roll, mark_all_dirty, mark_dirty
from visitors.rollups.totals import ActTotals, PageTotals, Totals, names_of

pytestmark = pytest.mark.django_db

DAY = NOON.date()
NEXT = DAY + timedelta(days=1)
HOUR = timedelta(hours=1)
SCOPE = Scope(Period(DAY - timedelta(days=2), NEXT))


def everything(scope: Scope) -> list[object]:
    """Every sum that there is, by day and in all."""
    return [
        *(
            [name, sums_by_key(scope, dimension=name), totals_by_key(scope, dimension=name)]
            for name in SESSION_DIMENSIONS
        ),
        *([name, page_sums(scope, dimension=name), page_totals(scope, dimension=name)] for name in PAGE_DIMENSIONS),
        *([name, act_sums(scope, dimension=name), act_totals(scope, dimension=name)] for name in ACT_DIMENSIONS),
        sources(scope),
        *(funnel_totals(scope, chosen) for chosen in (*funnels_of_settings().values(), READERS)),
    ]


READERS = Funnel("Readers", (Step("Came", ()), Step("A", (StepRule(page="/a"),)), Step("B", (StepRule(page="/b"),))))


def roll_all(scope: Scope = SCOPE) -> None:
    for number in range(scope.period.days):
        assert roll_up(scope.period.start + timedelta(days=number))


VISITS = st.lists(
    st.fixed_dictionaries(
        {
            "minutes": st.integers(0, 3 * 24 * 60 - 1),
            "visitor_id": st.integers(1, 4),
            "pages": st.lists(st.sampled_from(["/", "/a", "/b", "/é"]), max_size=5),
            "acts": st.lists(st.sampled_from(["download", "contact"]), max_size=3),
            "source": st.sampled_from(["", "Google", "LinkedIn"]),
            "country": st.sampled_from(["", "NL"]),
            "duration_ms": st.integers(0, 10_000_000),
            "engagement_score": st.integers(0, 100),
            "is_bot": st.booleans(),
            "is_owner": st.booleans(),
            "is_recruiter": st.booleans(),
            "label": st.sampled_from(["", "me"]),
            "converted_goals": st.lists(st.sampled_from(["resume", "contact"]), unique=True),
        }
    ),
    max_size=12,
)

NL, GOOGLE = Filter("country", "NL"), Filter("source", "Google")
FILTERS = [
    (),
    (NL,),
    (NL, GOOGLE),
    (Filter("country", "NL", Operator.IS_NOT), Filter("source", "(unknown)", more=("LinkedIn",))),
    (Not(AnyOf((NL, GOOGLE))),),
    (AllOf((Filter("hour", "12"), NL)),),
    (Filter("page", "/a"), NL),
    (Filter("page", "/gone", Operator.IS_NOT),),
    (Filter("page", "go", Operator.CONTAINS), Filter("act", "download")),
    (AnyOf((Filter("page", "/é", more=("/b",)), Filter("act", "contact", Operator.IS_NOT))), GOOGLE),
    (Filter("goal", "resume"), Filter("source", "e", Operator.NOT_CONTAINS)),
    (Filter("goal", "(unknown)", Operator.IS_NOT), Filter("label", "me", Operator.IS_NOT)),
    (Filter("title", "Title of /a"),),
]


@settings(
    max_examples=30,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    visits=VISITS,
    rolled=st.sets(st.integers(0, 2), min_size=1),
    until=st.none() | st.integers(0, 71),
    filters=st.sampled_from(FILTERS),
)
def test_closed_days_answer_like_the_facts(visits, rolled, until, filters):
    for model in (VisitorSession, PageView, VisitorInteraction):
        model.objects.all().delete()
    RolledDay.objects.all().delete()
    start = datetime.combine(SCOPE.period.start, datetime.min.time(), tzinfo=timezone.get_default_timezone())
    for visit in visits:
        columns = {name: value for name, value in visit.items() if name != "minutes"}
        session = a_session(start + timedelta(minutes=visit["minutes"]), **columns)
        a_page_view(session, "/gone", status=404, after=HOUR)
        an_interaction(session, "contact", after=2 * HOUR)
        VisitorSession.objects.filter(pk=session.pk).update(last_activity_at=session.started_at + 2 * HOUR)
    moment = None if until is None else start + timedelta(hours=until)
    scope = Scope(Period(SCOPE.period.start, NEXT, until=moment), filters)
    raw = everything(scope)
    for number in rolled:
        assert roll_up(SCOPE.period.start + timedelta(days=number))
    assert everything(scope) == raw


def test_more_keys_than_are_kept_answer_like_the_facts():
    for number in range(503):
        a_session(city=f"City {number:03}", pages=(f"/{number:03}",))
    a_session(pages=("/" + "x" * 280, "/" + "y" * 280))
    raw = everything(SCOPE)
    roll_all()
    assert everything(SCOPE) == raw


def test_a_channel_counts_the_sources_that_are_not_kept_apart(monkeypatch):
    monkeypatch.setattr(folding, "KEPT", 2)
    for name in ("one", "two", "two", "three", "three", "three"):
        a_session(source=name, channel="referral")
    raw = sources(SCOPE)
    roll_all()
    assert sources(SCOPE) == raw
    assert [(row.name, row.sessions) for row in raw.sources] == [("three", 3), ("two", 2)]
    assert [(row.name, row.sessions) for row in raw.channels] == [("referral", 6)]


@pytest.mark.parametrize("filters", [(), (NL,), (Filter("page", "/a"),)], ids=["all", "columns", "facts"])
@pytest.mark.parametrize("is_rolled", [False, True])
@pytest.mark.parametrize(
    ("totals", "dimension", "shape"),
    [
        *((totals_by_key, name, Totals) for name in (WHOLE, "source", "hour")),
        *((page_totals, name, PageTotals) for name in PAGE_DIMENSIONS),
        *((act_totals, name, ActTotals) for name in ACT_DIMENSIONS),
    ],
)
def test_a_sum_is_the_same_whatever_is_read_beside_it(filters, is_rolled, totals, dimension, shape):
    a_session(country="NL", visitor_id=1, pages=("/", "/a"), acts=("download", "contact"), converted_goals=["resume"])
    a_session(NOON + HOUR, country="NL", visitor_id=1, source="Google", pages=("/a",), engaged_ms=9, is_confirmed=True)
    a_session(country="NL", source="Google", is_bot=True)
    a_session(country="DE", pages=("/a", "/b"), is_recruiter=True)
    if is_rolled:
        roll_all()
    scope = Scope(SCOPE.period, filters)
    whole = totals(scope, dimension=dimension)
    for name in names_of(shape):
        alone = totals(scope, dimension=dimension, only=(name,))
        assert {key: getattr(sums, name) for key, sums in alone.items() if getattr(sums, name)} == {
            key: getattr(sums, name) for key, sums in whole.items() if getattr(sums, name)
        }


def test_building_a_day_again_changes_nothing():
    a_session(pages=("/", "/a"), acts=("download",))
    roll_all()
    before = list(RollupDay.objects.order_by("dimension", "key").values_list("dimension", "key", "visitors", "title"))
    roll_all()
    assert (
        list(RollupDay.objects.order_by("dimension", "key").values_list(*("dimension", "key", "visitors", "title")))
        == before
    )


def test_a_closed_scope_is_read_from_rollups_alone(django_assert_num_queries):
    roll_all()
    with django_assert_num_queries(2):
        sums_by_key(SCOPE, dimension="source")


def test_the_facts_answer_for_filters_dirty_days_and_the_day_that_the_period_cuts():
    days = [DAY - timedelta(days=2), DAY - timedelta(days=1), DAY]
    roll_all()
    assert split(SCOPE).rolled == tuple(days)
    assert split(SCOPE.during(Period(days[0], NEXT, until=NOON))).raw == (DAY,)
    assert split(Scope(SCOPE.period, (Filter("country", "NL"),))).rolled == ()
    mark_dirty([days[1]])
    assert split(SCOPE).raw == (days[1],)


def test_facts_that_change_while_a_day_is_built_leave_it_dirty(monkeypatch):
    from visitors.rollups import raw

    counted = raw.goal_sums
    monkeypatch.setattr(raw, "goal_sums", lambda sessions: [mark_dirty([DAY]), counted(sessions)][1])
    assert not roll_up(DAY)
    assert clean_days(DAY, NEXT) == []
    monkeypatch.undo()
    assert roll_up(DAY)


def test_the_owners_label_marks_the_day_of_the_visit(time_machine):
    time_machine.move_to(NOON + timedelta(days=2), tick=False)
    session = a_session(is_bot=True)
    roll_all()
    relabel([session], "human")
    assert clean_days(SCOPE.period.start, NEXT) == [DAY - timedelta(days=2), DAY - timedelta(days=1)]


def test_a_late_line_marks_its_day_and_the_days_of_its_visit(time_machine):
    at_ms = unix_ms(datetime.combine(NEXT, datetime.min.time(), tzinfo=timezone.get_default_timezone())) - 60_000
    time_machine.move_to(NOON + timedelta(days=3), tick=False)
    roll_all(Scope(Period(DAY, NEXT + timedelta(days=1))))
    store([an_observation(at_ms=at_ms), an_observation(at_ms=at_ms + 120_000, path="/after-midnight")])
    assert clean_days(DAY, NEXT + timedelta(days=1)) == []
    assert roll_up(DAY)
    assert roll_up(NEXT)
    # The visit belongs to the day on which it began: a page of the next day changes the sums of both.
    store([an_observation(at_ms=at_ms + 180_000, path="/later")])
    assert clean_days(DAY, NEXT + timedelta(days=1)) == []
    assert sums_by_key(Scope(Period(DAY, NEXT)))[DAY][""].page_views == 3


def test_what_is_stored_of_today_asks_nothing_of_the_rollup(time_machine):
    time_machine.move_to(NOON + HOUR, tick=False)
    with CaptureQueriesContext(connection) as captured:
        store([an_observation(at_ms=unix_ms(NOON))])
    assert VisitorSession.objects.count() == 1
    assert not [query for query in captured if "rolledday" in query["sql"]]


def test_a_label_of_today_marks_nothing(time_machine):
    time_machine.move_to(NOON + HOUR, tick=False)
    relabel([a_session()], "human")
    assert not RolledDay.objects.exists()


def test_all_days_can_be_marked_but_those_whose_facts_are_gone():
    roll_all()
    RolledDay.objects.filter(day=DAY).update(is_pruned=True)
    mark_all_dirty()
    assert clean_days(SCOPE.period.start, NEXT) == [DAY]
    assert not roll_up(DAY)


def test_days_wait_until_their_visits_have_ended(time_machine):
    midnight = datetime.combine(NEXT, datetime.min.time(), tzinfo=timezone.get_default_timezone())
    a_session(NOON)
    a_session(NOON - timedelta(days=2))
    waiting = [DAY - timedelta(days=1), DAY - timedelta(days=2)]
    assert days_to_roll(now=midnight + timedelta(minutes=44)) == waiting
    assert days_to_roll(now=midnight + timedelta(minutes=45)) == [DAY, *waiting]
    time_machine.move_to(midnight + HOUR, tick=False)
    assert background.roll_waiting(limit=2) == 2
    assert days_to_roll(now=midnight + HOUR) == [DAY - timedelta(days=2)]
    mark_dirty([DAY])
    assert background.roll_waiting() == 2
    assert days_to_roll(now=midnight + HOUR) == []


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)], ids=["23 hours", "25 hours"])
def test_days_of_the_clocks_change_are_whole_days(settings, day):
    settings.TIME_ZONE = "Europe/Amsterdam"
    midnight = datetime.combine(day, datetime.min.time(), tzinfo=timezone.get_default_timezone())
    for at in (midnight.astimezone(UTC) + timedelta(hours=hour) for hour in range(-2, 27)):
        a_session(at)
    scope = Scope(Period(day - timedelta(days=1), day + timedelta(days=2)))
    raw = everything(scope)
    roll_all(scope)
    assert everything(scope) == raw
    assert sums_by_key(scope)[day][""].sessions == (23 if day.month == 3 else 25)

"""Funnels over stored visits: the counts, the visits behind a step, and what they cost."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.checks import run_checks

from tests.visitors.builders import NOON, a_page_view, a_session, an_interaction
from visitors.exceptions import InvalidParameter
from visitors.funnels.rules import Funnel, funnel_of
from visitors.funnels.steps import Rule, Step
from visitors.reports.conditions import Filter
from visitors.reports.funnel import Outcome, StepAsked, funnel, funnel_report, named_funnel
from visitors.reports.periods import Period
from visitors.reports.scope import Scope
from visitors.rollups.build import roll_up

pytestmark = pytest.mark.django_db

WEEK = Period(date(2026, 11, 16), date(2026, 11, 23))
LANDED, READ, SENT = Step("Landed"), Step("Read", (Rule(page="/a/*"),)), Step("Sent", (Rule(kind="contact"),))
FUNNEL = Funnel("Mine", (LANDED, READ, SENT))


def counts(chosen=FUNNEL, *filters):
    return [step.sessions for step in funnel_report(Scope(WEEK, filters), chosen).steps]


def behind(step, outcome=Outcome.REACHED, chosen=FUNNEL, **paging):
    page = funnel_report(Scope(WEEK), chosen, asked=StepAsked(step=step, outcome=outcome, **paging)).sessions
    return [row.session_id for row in page.results], page.next


def test_each_step_says_how_many_came_and_how_many_went():
    a_session(pages=("/",))
    a_session(pages=("/a/1",))
    a_session(pages=("/", "/a/2"), acts=("contact",))
    steps = funnel_report(Scope(WEEK), FUNNEL).steps
    assert [(step.name, step.taken_by, step.sessions, step.share, step.kept, step.lost) for step in steps] == [
        ("Landed", (), 3, 100.0, 100.0, 0),
        ("Read", ("page /a/*",), 2, 66.7, 66.7, 1),
        ("Sent", ("interaction contact",), 1, 33.3, 50.0, 1),
    ]


def test_shares_of_few_visits_carry_their_bounds():
    a_session(pages=("/",))
    a_session(pages=("/a/1",))
    _, read, sent = funnel_report(Scope(WEEK), FUNNEL).steps
    assert (read.share, read.share_interval, read.kept_interval) == (50.0, (9.5, 90.5), (9.5, 90.5))
    assert (sent.share_interval, sent.kept_interval) == ((0.0, 65.8), (0.0, 79.3))


def test_an_act_before_the_page_is_no_step():
    session = a_session(pages=("/", "/a/1"))
    an_interaction(session, "contact")
    assert counts() == [1, 1, 0]


def test_a_page_that_was_not_found_is_no_step():
    a_page_view(a_session(pages=("/",)), "/a/1", status=404)
    assert counts() == [1, 0, 0]


def test_bots_take_no_step_and_filters_narrow():
    a_session(pages=("/a/1",), is_bot=True)
    a_session(pages=("/a/1",), source="X")
    a_session(pages=("/a/1",), source="Y")
    assert counts(FUNNEL, Filter("source", "X")) == [1, 1, 0]


def test_a_visit_over_midnight_counts_on_the_day_on_which_it_began():
    late = NOON.replace(day=22, hour=23, minute=59)
    a_session(late, pages=("/", "/a/1", "/a/2"), acts=("contact",))
    a_session(late - timedelta(days=7), pages=("/", "/a/1"))
    assert counts() == [1, 1, 1]


def test_the_window_opens_with_the_first_page():
    a_session(pages=("/", "/x", "/y", "/a/1"))
    assert counts(Funnel("", (LANDED, READ), window_minutes=3)) == [1, 1]
    assert counts(Funnel("", (LANDED, READ), window_minutes=2)) == [1, 0]


def test_a_goal_of_reading_is_taken_where_it_was_read():
    session = a_session(pages=("/",))
    a_page_view(session, "/a/1", after=timedelta(minutes=1), scroll_depth=80)
    read = funnel_of("", {"steps": [{}, {"goal": "Deep"}]}, goals={"Deep": {"page": "/a/*", "scroll": 80}})
    deeper = funnel_of("", {"steps": [{}, {"goal": "Deep"}]}, goals={"Deep": {"scroll": 81}})
    assert (counts(read), counts(deeper)) == ([1, 1], [1, 0])


def test_the_visits_behind_a_step_are_those_that_took_it_or_stopped_there():
    bounced = a_session(NOON, pages=("/",)).session_id
    read = a_session(NOON + timedelta(minutes=1), pages=("/a/1",)).session_id
    sent = a_session(NOON + timedelta(minutes=2), pages=("/a/1",), acts=("contact",)).session_id
    assert behind(1) == ([sent, read, bounced], "")
    assert behind(2) == ([sent, read], "")
    assert behind(1, Outcome.STOPPED) == ([bounced], "")
    assert behind(2, Outcome.STOPPED) == ([read], "")
    assert behind(3) == ([sent], "")


def test_the_visits_of_a_step_come_page_by_page_and_new_ones_shift_nothing():
    ids = [a_session(NOON + timedelta(minutes=at), pages=("/a/1",)).session_id for at in range(5)]
    first, cursor = behind(2, page_size=2)
    a_session(NOON + timedelta(hours=1), pages=("/a/1",))
    second, cursor = behind(2, page_size=2, cursor=cursor)
    third, end = behind(2, page_size=2, cursor=cursor)
    assert (first + second + third, end) == (ids[::-1], "")


def test_a_first_step_with_a_rule_leaves_out_who_never_took_it():
    a_session(pages=("/",))
    read = a_session(pages=("/a/1",)).session_id
    chosen = Funnel("", (READ, SENT))
    assert counts(chosen) == [1, 0]
    assert behind(1, Outcome.STOPPED, chosen) == ([read], "")


@pytest.mark.parametrize("step", [0, 4])
def test_a_step_that_is_not_there_is_refused(step):
    with pytest.raises(InvalidParameter, match="`step` must be between 1 and 3"):
        behind(step)


@pytest.mark.parametrize("cursor", ["x", "MQ==", "MS4y", "LTE", "OTk5OTk5OTk5OTk5OTk5OTk5OQ", "ü", "MDE"])
def test_a_cursor_that_no_list_gave_is_refused(cursor):
    with pytest.raises(InvalidParameter, match="`cursor` must be the `next` of an answer before"):
        behind(1, cursor=cursor)


def test_a_funnel_of_nobody_divides_by_nothing():
    step = funnel_report(Scope(WEEK), FUNNEL).steps[1]
    assert (step.sessions, step.share, step.kept, step.lost) == (0, None, None, 0)


@pytest.mark.parametrize("visits", [1, 30])
def test_an_own_funnel_costs_five_queries_and_four_more_for_the_visits_behind(visits, django_assert_num_queries):
    for _ in range(visits):
        a_session(pages=("/a/1", "/"), acts=("contact",))
    with django_assert_num_queries(5):
        counts()
    with django_assert_num_queries(9):
        behind(3)


def test_funnels_come_from_the_settings_and_the_first_is_the_dashboards(settings):
    steps = [{"name": "Came"}, {"page": "/a/*"}]
    settings.VISITORS = settings.VISITORS | {
        "FUNNELS": {"One": {"steps": steps}, "Two": {"steps": steps[::-1][:1] * 2}}
    }
    a_session(pages=("/a/1",))
    assert [(step.name, step.sessions) for step in funnel(Scope(WEEK))] == [("Came", 1), ("/a/*", 1)]
    assert named_funnel("Two").name == "Two"
    with pytest.raises(InvalidParameter, match="`funnel` must be one of One, Two, not 'Three'"):
        named_funnel("Three")


def test_a_site_without_funnels_has_none_on_its_dashboard(settings):
    settings.VISITORS = settings.VISITORS | {"FUNNELS": {}}
    assert funnel(Scope(WEEK)) == ()


@pytest.mark.parametrize(
    ("given", "identifier"),
    [
        ({"GOALS": {"Deep": {"scroll": 0}}}, "visitors.E090"),
        ({"GOALS": {"Bought": {"event": "x"}}}, "visitors.E090"),
        ({"FUNNELS": {"Mine": {"steps": []}}}, "visitors.E091"),
        ({"FUNNELS": {"Mine": {"steps": [{}, {"goal": "None"}]}}}, "visitors.E091"),
        ({"REPORT_CACHE": "nowhere"}, "visitors.E092"),
    ],
)
def test_an_unusable_goal_funnel_or_cache_is_found_by_the_system_check(settings, given, identifier):
    settings.VISITORS = settings.VISITORS | given
    assert identifier in {message.id for message in run_checks(tags=["visitors"])}


@pytest.fixture
def _busy_week(settings):
    steps = ({"name": "Came"}, {"page": "/a/*"}, {"interaction": "contact"})
    settings.VISITORS = settings.VISITORS | {
        "FUNNELS": {"Mine": {"steps": steps}, "Read": {"steps": steps[1:], "window_minutes": 1}}
    }
    for hours in range(0, 96, 5):
        at = NOON - timedelta(hours=hours)
        a_session(at, pages=("/", "/a/1"), acts=("contact",) * (hours % 2), is_bot=hours % 4 == 3)
        a_session(at, pages=("/a/1", "/", "/"), acts=("contact",))


@pytest.mark.usefixtures("_busy_week")
def test_rolled_days_and_raw_days_tell_the_same(django_assert_num_queries):
    names = ("Mine", "Read")
    raw = [counts(named_funnel(name)) for name in names]
    for day in (16, 17, 18, 19):
        assert roll_up(date(2026, 11, day))
    assert [counts(named_funnel(name)) for name in names] == raw
    for day in (20, 21, 22):
        assert roll_up(date(2026, 11, day))
    with django_assert_num_queries(4):
        assert [counts(named_funnel(name)) for name in names] == raw
    assert raw[0][0] == 35


@pytest.mark.usefixtures("_busy_week")
def test_days_rolled_up_before_a_funnel_was_set_are_read_raw():
    for day in range(16, 23):
        roll_up(date(2026, 11, day))
    other = Funnel("Mine", (LANDED, Step("Home", (Rule(page="/"),))))
    assert counts(other) == [35, 35]


@pytest.mark.usefixtures("_busy_week")
def test_filters_are_asked_of_the_steps_that_closed_days_keep(django_assert_num_queries):
    chosen, filters = named_funnel(), (Filter("source", "Direct"), Filter("device", "desktop"))
    raw = counts(chosen, *filters), counts(chosen, Filter("source", "Google"))
    for day in range(16, 23):
        assert roll_up(date(2026, 11, day))
    with django_assert_num_queries(2):
        assert counts(chosen, *filters) == raw[0]
    assert counts(chosen, Filter("source", "Google")) == raw[1]
    assert raw[0][0] > raw[0][-1]
    with django_assert_num_queries(3):  # a title is no trait of a visit, and another funnel was not counted
        assert counts(chosen, Filter("title", "Title of /")) <= raw[0]
    other = Funnel("Mine", (LANDED, Step("Home", (Rule(page="/"),))))
    assert counts(other, *filters) == [raw[0][0]] * 2

"""The reports that take a scope: what a filter means, how time is cut, what each row counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.visitors.builders import NOON, a_page_view, a_session
from visitors import analytics_service as service
from visitors.models import DroppedCount
from visitors.reports.acts import ActRow
from visitors.reports.answers import Counted, Part
from visitors.reports.breakdown import BreakdownRow, Dimension
from visitors.reports.filters import Paging
from visitors.reports.funnel import StepTaken
from visitors.reports.periods import Period
from visitors.reports.reading import ReadPage
from visitors.reports.scope import Filter, Scope
from visitors.reports.timeseries import Interval, interval_of
from visitors.reports.visits import VisitOrder

pytestmark = pytest.mark.django_db

WEEK = Period(date(2026, 11, 16), date(2026, 11, 23))


def scope(*filters, period=WEEK):
    return Scope(period, tuple(Filter(*one) for one in filters))


def sessions(*filters):
    return service.traffic(scope(*filters)).now.totals.sessions


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("source", {"source": "X"}),
        ("channel", {"channel": "X"}),
        ("campaign", {"utm_campaign": "X"}),
        ("entry", {"entry_path": "X"}),
        ("exit", {"exit_path": "X"}),
        ("country", {"country": "X"}),
        ("device", {"device_type": "X"}),
        ("browser", {"browser": "X"}),
        ("os", {"os": "X"}),
        ("page", {"pages": ("/", "X", "/end/")}),
        ("act", {"acts": ("X",)}),
    ],
)
def test_a_filter_keeps_the_visits_that_fit_and_their_pages(name, columns):
    a_session(pages=("/other/",))
    a_session(**({"pages": ("/kept/",)} | columns))
    assert sessions((name, "X")) == 1
    paths = {row.path for row in service.read_pages(scope((name, "X"))).rows}
    assert paths == set(columns.get("pages", ("/kept/",)))


def test_unknown_is_a_value_like_any_other():
    a_session(country="")
    a_session(country="DE")
    assert sessions(("country", "(unknown)")) == 1


def test_filters_narrow_together():
    a_session(country="DE", browser="Chrome")
    a_session(country="DE")
    assert sessions(("country", "DE"), ("browser", "Chrome")) == 1


@pytest.mark.parametrize(
    ("days", "interval"),
    [
        (1, Interval.HOUR),
        (2, Interval.HOUR),
        (3, Interval.DAY),
        (92, Interval.DAY),
        (93, Interval.WEEK),
        (200, Interval.WEEK),
        (201, Interval.MONTH),
        (366, Interval.MONTH),
    ],
)
def test_the_length_of_a_period_decides_how_it_is_cut(days, interval):
    assert interval_of(Period(NOON.date(), NOON.date() + timedelta(days=days))) is interval


def test_hours_end_with_the_one_that_runs():
    a_session(NOON)
    now = NOON + timedelta(minutes=30)
    points = service.traffic(scope(period=Period(NOON.date(), NOON.date() + timedelta(days=1), now))).now.points
    assert [point.hour for point in points] == list(range(13))
    assert [point.figures.visitors for point in points] == [0] * 12 + [1]
    assert [point.is_partial for point in points] == [False] * 12 + [True]


def test_weeks_begin_on_monday_and_say_when_they_are_cut():
    period = Period(date(2026, 8, 5), date(2026, 11, 23))  # a Wednesday to a Sunday
    points = service.traffic(scope(period=period)).now.points
    assert [point.day for point in points[:2]] == [date(2026, 8, 5), date(2026, 8, 10)]
    assert [point.is_partial for point in points] == [True] + [False] * (len(points) - 1)


@pytest.mark.parametrize("days", [1, 40])
def test_days_to_come_are_no_points(days):
    now = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    period = Period(date(2026, 11, 18), date(2026, 11, 21) + timedelta(days=days), now)
    points = service.traffic(scope(period=period)).now.points
    assert [(point.day.day, point.is_partial) for point in points] == [(18, False), (19, False), (20, True)]
    ahead = Period(date(2026, 11, 25), date(2026, 11, 30), now)
    assert service.traffic(scope(period=ahead)).now.points == ()


def test_months_add_up_their_days_and_the_last_one_runs():
    now = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    a_session(NOON - timedelta(days=1))
    a_session(NOON)
    a_session(NOON - timedelta(days=40))
    points = service.traffic(scope(period=Period(date(2026, 1, 1), date(2026, 11, 21), now))).now.points
    assert [point.figures.sessions for point in points] == [0] * 9 + [1, 2]
    assert [point.is_partial for point in points] == [False] * 10 + [True]


def test_the_compared_period_has_its_own_figures_and_the_same_filters():
    a_session(NOON, country="DE")
    a_session(NOON - timedelta(days=7), country="DE")
    a_session(NOON - timedelta(days=7), country="DE")
    a_session(NOON - timedelta(days=7), country="US")
    found = service.traffic(scope(("country", "DE")), against=WEEK.previous())
    assert (found.now.totals.sessions, found.before.totals.sessions, found.change["sessions"]) == (1, 2, -50.0)


def test_a_breakdown_counts_visitors_and_leaves_bots_out():
    a_session(source="LinkedIn", visitor_id=1, is_recruiter=True)
    a_session(source="LinkedIn", visitor_id=1, pages=("/", "/a/"), converted_goals=["x"])
    a_session(source="Google", visitor_id=2)
    a_session(source="Google", is_bot=True)
    found = service.breakdown(scope(), dimension=Dimension.SOURCE)
    assert (found.count, found.rows) == (
        2,
        (
            BreakdownRow("LinkedIn", 1, 2, 50.0, 50.0, 50.0, 1),
            BreakdownRow("Google", 1, 1, 50.0, 100.0, 0.0, 0),
        ),
    )


def test_a_visit_without_a_campaign_is_no_campaign():
    a_session()
    a_session(utm_campaign="spring")
    assert [row.name for row in service.breakdown(scope(), dimension=Dimension.CAMPAIGN).rows] == ["spring"]


@pytest.mark.parametrize(("dimension", "column"), [(Dimension.SOURCE, "source"), (Dimension.CAMPAIGN, "utm_campaign")])
def test_the_list_is_cut_and_the_count_is_whole(dimension, column):
    for place in range(5):
        a_session(**{column: f"name {place}"})
    if dimension is Dimension.CAMPAIGN:
        a_session()
    found = service.breakdown(scope(), dimension=dimension, listed=3)
    assert (found.count, len(found.rows)) == (5, 3)


def test_pages_tell_how_long_and_how_far_they_are_read():
    session = a_session(pages=("/a/", "/b/"))
    a_page_view(session, "/a/", scroll_depth=80, time_on_page_ms=20_000)
    a_page_view(session, "/lost/", status=404)
    assert service.read_pages(scope()).rows == (ReadPage("/a/", 1, 2, 40_000, 80), ReadPage("/b/", 1, 1, None, None))
    assert [(row.path, row.page_views) for row in service.pages_not_found(scope()).rows] == [("/lost/", 1)]


def test_a_funnel_counts_each_step_and_what_is_lost_before_it():
    a_session(pages=("/",))
    a_session(pages=("/", "/projects/raft/"))
    a_session(pages=("/projects/raft/", "/resume/"))
    a_session(pages=("/contact/",), acts=("contact",))
    a_session(pages=("/projects/raft/", "/resume/", "/contact/"), acts=("contact",))
    assert service.funnel(scope()) == (
        StepTaken("Landed", 5, 100.0, 0.0),
        StepTaken("Viewed a project", 3, 60.0, 40.0),
        StepTaken("Opened résumé", 2, 40.0, 33.3),
        StepTaken("Opened contact", 1, 20.0, 50.0),
        StepTaken("Sent message", 1, 20.0, 0.0),
    )


def test_an_empty_funnel_divides_by_nothing():
    assert service.funnel(scope())[1] == StepTaken("Viewed a project", 0, None, None)


def test_all_hours_of_the_week_are_there():
    a_session(NOON)
    hours = service.hours_of_week(scope())
    assert len(hours) == 168
    assert [(hour.weekday, hour.hour) for hour in hours if hour.sessions] == [(5, 12)]


def test_acts_are_counted_by_kind_and_goals_among_the_scope():
    a_session(acts=("download", "download"), converted_goals=["Résumé downloaded"], country="DE")
    a_session(acts=("download",), country="US")
    assert service.acts(scope()) == (ActRow("download", 2, 3),)
    goals = service.goals(scope(("country", "DE"))).goals
    assert [(row.goal, row.conversions) for row in goals if row.conversions] == [("Résumé downloaded", 1)]


def test_what_is_left_out_is_told_with_its_reason():
    a_session(pages=("/", "/a/"))
    a_session(is_bot=True, bot_kind="search")
    a_session(is_owner=True)
    a_session(pages=())
    DroppedCount.objects.create(day=NOON.date(), reason="prefetch", count=7)
    found = service.data_quality(WEEK)
    assert (found.humans, found.owner, found.empty, found.bot_sessions) == (1, 1, 1, 1)
    assert (found.bots, found.left_out) == ((Part("search", 1, 100.0),), (Counted("prefetch", 7),))
    assert (found.page_views, found.unconfirmed, found.confirmed) == (2, 2, 0.0)


@pytest.mark.parametrize(
    ("order", "scores", "likely"),
    [
        (VisitOrder.SCORE, [90, 60, None], 1),
        (VisitOrder.LATEST, [60, 90, None], 1),
        (VisitOrder.EVERYONE, [10, 60, 90, None], None),
    ],
)
def test_visits_are_listed_by_score_by_time_or_all(order, scores, likely):
    for hours, score in enumerate([None, 90, 60, 10]):
        a_session(NOON + timedelta(hours=hours), recruiter_score=score, is_recruiter=score != 10)
    found = service.visits(scope(), order=order)
    assert (found.count, [row.score for row in found.rows], found.likely) == (len(scores), scores, likely)
    second = service.visits(scope(), order=order, paging=Paging(page=2, page_size=1))
    assert [row.score for row in second.rows] == scores[1:2]
    assert service.first_visit(scope(), order=order) == found.rows[0].session_id


def test_a_scope_of_another_period_keeps_its_filters():
    narrowed = scope(("country", "DE"))
    assert narrowed.during(WEEK.previous()) == replace(narrowed, period=WEEK.previous())

"""What questions come to: every dimension and metric against rows counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.visitors.builders import NOON, a_page_view, a_session, an_interaction
from visitors import analytics_service as service
from visitors.exceptions import InvalidParameter
from visitors.reports.periods import Period
from visitors.reports.query import Order, Query
from visitors.reports.scope import AnyOf, Filter, HasDone, Operator
from visitors.rollups.build import roll_up

WEEK = Period(date(2026, 11, 16), date(2026, 11, 23))
EVERYONE = AnyOf((Filter("country", "DE"), Filter("country", "DE", Operator.IS_NOT)))


def ask(*metrics, by=(), period=WEEK, **options):
    return service.query(Query(metrics=metrics, dimensions=tuple(by), period=period, **options))


def rows(*metrics, by=(), **options):
    return [(*row.dimensions.values(), *row.metrics.values()) for row in ask(*metrics, by=by, **options).results]


def both(*metrics, by=(), **options):
    """The answer from sums by day, which must be that from the facts: a filter that everybody fits asks for these."""
    from_sums = rows(*metrics, by=by, **options)
    from_facts = rows(*metrics, by=by, filters=(EVERYONE,), **options)
    assert from_sums == from_facts
    return from_sums


@pytest.fixture
def visits():
    """Three people: one twice on a day and again on the next, with all that can be asked for."""
    reader = {"visitor_id": 1, "source": "LinkedIn", "channel": "Organic Social", "country": "DE", "city": "Berlin"}
    first = a_session(
        NOON,
        pages=("/", "/cv/"),
        acts=("download",),
        converted_goals=["CV", "Hello"],
        is_recruiter=True,
        engagement_score=60,
        is_confirmed=True,
        engaged_ms=30_000,
        utm_campaign="spring",
        recruiter_band="high",
        **reader,
    )
    an_interaction(first, "outbound", target="https://x", details={"via": "footer"})
    a_session(NOON + timedelta(hours=2), pages=("/",), **reader)
    a_session(NOON + timedelta(days=1), pages=("/cv/",), converted_goals=["CV"], **reader)
    other = a_session(NOON, visitor_id=2, pages=("/", "/", "/work/"), country="US", source="Google")
    a_page_view(other, "/work/", after=timedelta(minutes=5), scroll_depth=80, time_on_page_ms=5_000)
    a_session(NOON, visitor_id=3, is_bot=True, bot_kind="search", source="Google")
    a_session(NOON, visitor_id=4, is_owner=True)


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("visits")]


def test_the_whole_has_every_figure_of_visits():
    names = (
        "visitors", "sessions", "page_views", "interactions", "views_per_session", "bounces", "bounce_rate",
        "engagement_rate", "engagement_score", "session_duration", "engaged_time", "conversions", "conversion_rate",
        "recruiters", "bots", "time_on_page", "scroll_depth",
    )  # fmt: skip
    (row,) = both(*names)
    assert dict(zip(names, row, strict=True)) == {
        "visitors": 3,
        "sessions": 4,
        "page_views": 7,
        "interactions": 1,
        "views_per_session": 1.75,
        "bounces": 2,
        "bounce_rate": 50.0,
        "engagement_rate": 50.0,
        "engagement_score": 15,
        "session_duration": 45_000,
        "engaged_time": 30_000,
        "conversions": 2,
        "conversion_rate": 50.0,
        "recruiters": 1,
        "bots": 1,
        "time_on_page": 46_250,
        "scroll_depth": 80.0,
    }


CASES = [
    (["source"], ["visitors", "sessions"], [("LinkedIn", 2, 3), ("Google", 1, 1)]),
    (["source"], ["bots"], [("Google", 1), ("LinkedIn", 0)]),
    (["campaign"], ["sessions"], [("spring", 1)]),
    (["utm_campaign"], ["pageviews"], [("spring", 2)]),
    (["region"], ["visitors"], [("(unknown)", 3)]),
    (["recruiter_band"], ["sessions"], [("(unknown)", 3), ("high", 1)]),
    (["source", "country"], ["visitors"], [("LinkedIn", "DE", 2), ("Google", "US", 1)]),
    (["page"], ["visitors", "page_views"], [("/", 2, 4), ("/cv/", 2, 2), ("/work/", 1, 2)]),
    (["page"], ["page_views", "bounce_rate"], [("/", 4, 33.3), ("/cv/", 2, 100.0), ("/work/", 2, None)]),
    (
        ["page"],
        ["entries", "exits", "exit_rate"],
        [("/", 3, 1, 25.0), ("/cv/", 1, 2, 100.0), ("/work/", 0, 1, 50.0)],
    ),
    (
        ["page"],
        ["time_on_page", "scroll_depth"],
        [("/", 60_000, None), ("/work/", 5_000, 80.0), ("/cv/", None, None)],
    ),
    (["hostname"], ["page_views", "sessions", "bounce_rate"], [("example.com", 8, 4, 50.0)]),
    (["hostname"], ["entries", "exits", "exit_rate"], [("example.com", 4, 4, 50.0)]),
    (
        ["host", "page"],
        ["page_views", "bounce_rate"],
        [
            ("example.com", "/", 4, 33.3),
            ("example.com", "/cv/", 2, 100.0),
            ("example.com", "/work/", 2, None),
        ],
    ),
    (["entry_hostname"], ["sessions", "bounces"], [("example.com", 4, 2)]),
    (["exit_hostname"], ["visitors"], [("example.com", 3)]),
    (["act", "hostname"], ["interactions"], [("download", "example.com", 1), ("outbound", "example.com", 1)]),
    (["page"], ["percentage"], [("/", 66.7), ("/cv/", 66.7), ("/work/", 33.3)]),
    (
        ["title", "source"],
        ["page_views"],
        [
            ("Title of /", "Google", 2),
            ("Title of /", "LinkedIn", 2),
            ("Title of /cv/", "LinkedIn", 2),
            ("Title of /work/", "Google", 2),
        ],
    ),
    (["source"], ["scroll_depth"], [("Google", 80.0), ("LinkedIn", None)]),
    (["act"], ["visitors", "interactions"], [("download", 1, 1), ("outbound", 1, 1)]),
    (["act", "target"], ["interactions"], [("download", "(unknown)", 1), ("outbound", "https://x", 1)]),
    (["act"], ["conversion_rate", "percentage"], [("download", 25.0, 33.3), ("outbound", 25.0, 33.3)]),
    (["detail:via"], ["interactions"], [("(unknown)", 1), ("footer", 1)]),
    (["goal"], ["visitors", "conversions", "conversion_rate"], [("CV", 2, 2, 50.0), ("Hello", 1, 1, 25.0)]),
    (["goal"], ["bounce_rate"], [("CV", 50.0), ("Hello", 0.0)]),
    (["goal", "source"], ["visitors"], [("CV", "LinkedIn", 2), ("Hello", "LinkedIn", 1)]),
    (["hour"], ["sessions"], [(12, 3), (14, 1)]),
    (["weekday", "hour"], ["sessions"], [(5, 12, 2), (5, 14, 1), (6, 12, 1)]),
    (["bot_kind"], ["bots", "visitors"], [("search", 1, 0)]),
    (["time:day"], ["visitors", "page_views"], [("2026-11-20", 2, 6), ("2026-11-21", 1, 1)]),
    (["time:week"], ["visitors"], [("2026-11-16", 3)]),
    (["time:month", "source"], ["visitors"], [("2026-11-16", "Google", 1), ("2026-11-16", "LinkedIn", 2)]),
    (
        ["time:hour"],
        ["visitors"],
        [("2026-11-20T12:00", 2), ("2026-11-20T14:00", 1), ("2026-11-21T12:00", 1)],
    ),
    (
        ["time:hour", "page"],
        ["page_views"],
        [
            ("2026-11-20T12:00", "/", 3),
            ("2026-11-20T12:00", "/cv/", 1),
            ("2026-11-20T12:00", "/work/", 2),
            ("2026-11-20T14:00", "/", 1),
            ("2026-11-21T12:00", "/cv/", 1),
        ],
    ),
]


@pytest.mark.parametrize(("by", "metrics", "expected"), CASES)
def test_each_dimension_divides_what_it_should(by, metrics, expected):
    assert both(*metrics, by=by) == expected


def test_days_that_are_rolled_up_answer_like_their_facts():
    assert all(roll_up(date(2026, 11, day)) for day in (20, 21))
    for by, metrics, expected in CASES:
        assert rows(*metrics, by=by) == expected


def test_minutes_are_those_of_the_wall():
    day = Period(date(2026, 11, 20), date(2026, 11, 21))
    found = rows("page_views", by=["time:minute"], filters=(Filter("page", "/work/"),), period=day)
    assert found == [("2026-11-20T12:02", 1), ("2026-11-20T12:05", 1)]
    assert rows("sessions", by=["time:minute"], period=day) == [("2026-11-20T12:00", 2), ("2026-11-20T14:00", 1)]


def test_hours_follow_a_change_of_clocks(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    for hour in range(5):
        a_session(datetime(2026, 3, 28, 23, 30, tzinfo=UTC) + timedelta(hours=hour), pages=("/",))
    period = Period(date(2026, 3, 28), date(2026, 3, 30))
    hours = ["2026-03-29T00:00", "2026-03-29T01:00", "2026-03-29T03:00", "2026-03-29T04:00", "2026-03-29T05:00"]
    assert rows("page_views", by=["time:hour", "page"], period=period) == [(hour, "/", 1) for hour in hours]
    assert rows("sessions", by=["time:hour"], period=period) == [(hour, 1) for hour in hours]


def test_page_views_and_acts_are_counted_themselves_when_they_are_asked_for():
    assert rows("visitors", "page_views", filters=(Filter("page", "/cv/"),)) == [(2, 2)]
    assert rows("page_views", filters=(HasDone(Filter("page", "/cv/")),)) == [(3,)]
    assert rows("interactions", "sessions", filters=(Filter("act", "outbound"),)) == [(1, 1)]
    assert rows("interactions", by=["act"], filters=(Filter("country", "US"),)) == []


def test_rows_are_ordered_and_cut():
    by = {"by": ["page"], "order": (Order("page_views"), Order("page", is_descending=True))}
    assert rows("page_views", **by) == [("/work/", 2), ("/cv/", 2), ("/", 4)]
    assert rows("page_views", **by, limit=1, offset=1) == [("/cv/", 2)]
    found = ask("page_views", **by, limit=1, offset=9, with_total_rows=True)
    assert (found.results, found.total_rows) == ((), 3)


def test_the_unknown_comes_last_either_way():
    for is_descending in (True, False):
        order = (Order("time_on_page", is_descending=is_descending),)
        assert rows("time_on_page", by=["page"], order=order)[-1] == ("/cv/", None)


def test_a_question_carries_its_whole_and_its_buckets():
    found = ask("visitors", "percentage", by=["time:day"], with_totals=True, with_time_labels=True)
    assert found.totals.metrics == {"visitors": 3}
    assert found.time_labels == tuple(f"2026-11-{day}" for day in range(16, 23))
    assert found.definitions.keys() == {"visitors", "percentage"}


def test_empty_buckets_are_filled_when_asked():
    found = rows("visitors", "bounce_rate", by=["time"], fills_time=True)
    assert found[3:6] == [("2026-11-19", 0, None), ("2026-11-20", 2, 33.3), ("2026-11-21", 1, 100.0)]
    assert len(found) == 7


def test_a_row_stands_beside_what_it_was():
    before = Period(date(2026, 11, 13), date(2026, 11, 20))
    for number in range(30):
        a_session(NOON - timedelta(days=7), source="Google", visitor_id=100 + number)
    found = ask("visitors", "bounce_rate", by=["source"], against=before)
    google, linked = (row.comparison for row in found.results[::-1])
    assert (google.metrics, google.change) == (
        {"visitors": 30, "bounce_rate": 100.0},
        {"visitors": -96.7, "bounce_rate": -100.0},
    )
    assert google.is_noise == {"visitors": False, "bounce_rate": False}
    assert (linked.metrics, linked.change) == (
        {"visitors": 0, "bounce_rate": None},
        {"visitors": None, "bounce_rate": None},
    )
    assert linked.is_noise == {"visitors": True}
    days = ask("visitors", by=["time:day"], against=before).results
    assert [row.comparison.dimensions for row in days] == [{"time:day": "2026-11-17"}, {"time:day": "2026-11-18"}]


def test_a_day_that_has_only_begun_is_compared_by_its_hours():
    for number in range(3):
        a_session(NOON.replace(hour=0), source=f"{number}")
    for number in range(10):
        a_session(NOON - timedelta(days=number % 5 + 2))
    morning = Period(date(2026, 11, 20), date(2026, 11, 21), NOON - timedelta(hours=6))
    five_days = Period(date(2026, 11, 14), date(2026, 11, 19))
    (row,) = ask("sessions", period=morning, against=five_days).results
    assert (row.metrics, row.comparison.metrics) == ({"sessions": 3}, {"sessions": 10})
    # A twentieth of the time: 0.6 of 13 were to be expected. By days it would be a fifth, and 3 no surprise.
    assert row.comparison.is_noise == {"sessions": False}


def test_a_rate_of_few_carries_its_interval():
    (row,) = ask("bounce_rate", "visitors").results
    assert row.intervals == {"bounce_rate": (15.0, 85.0)}


def test_the_question_is_told_as_it_was_understood():
    found = ask("visits", by=["time"], filters=(Filter("kind", "x"), HasDone(Filter("page", "/")))).query
    assert (found.metrics, found.dimensions) == (("sessions",), ("time:day",))
    assert found.filters == (["is", "act", ["x"]], ["has_done", ["is", "page", ["/"]]])
    assert (found.first_day, found.last_day) == (WEEK.start, WEEK.last_day)
    assert found.order == (("time:day", "asc"),)


def test_hours_before_now_are_a_period():
    now = service.clock(NOON + timedelta(hours=1))
    day = Period(date(2026, 11, 19), date(2026, 11, 21), now, now - timedelta(days=1))
    assert rows("sessions", period=day) == [(2,)]
    labels = ask("sessions", by=["time:hour"], period=day, with_time_labels=True).time_labels
    assert (labels[0], labels[-1], len(labels)) == ("2026-11-19T13:00", "2026-11-20T13:00", 25)


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"metrics": ()}, "`metrics` must be a list of 1 to 20 names, not 0."),
        ({"metrics": ("visitors", "visitors")}, "`metrics` must be different names, not 'visitors'."),
        ({"metrics": ("left_out",)}, "`metrics` must be names out of visitors, sessions"),
        ({"dimensions": ("colour",)}, "`dimensions` must be names out of time, time:minute"),
        (
            {"dimensions": ("time:day", "time:week")},
            "`dimensions` must be with one time at most, not 'time:day, time:week'.",
        ),
        (
            {"dimensions": ("page", "act", "target", "hour", "goal")},
            "`dimensions` must be a list of 0 to 4 names, not 5.",
        ),
        (
            {"dimensions": ("page", "browser")},
            "`dimensions` must be those that a page view carries (page, title, hostname, source,",
        ),
        ({"dimensions": ("act", "source")}, "`dimensions` must be those that an interaction carries"),
        ({"dimensions": ("time:minute",)}, "`period` must be at most 2 days with the dimension time:minute, not 7."),
        ({"metrics": ("percentage",)}, "`metrics` must be without percentage when nothing is divided"),
        (
            {"metrics": ("exit_rate",), "dimensions": ("source",)},
            "`metrics` must be without exit_rate unless divided by page",
        ),
        (
            {"metrics": ("bounce_rate",), "dimensions": ("act",)},
            "`metrics` must be out of visitors, sessions, interactions",
        ),
        (
            {"metrics": ("bounce_rate",), "dimensions": ("title",)},
            "`metrics` must be out of visitors, sessions, page_views",
        ),
        (
            {"metrics": ("scroll_depth",), "dimensions": ("browser",)},
            "`metrics` must be without scroll_depth when divided by browser: no page view",
        ),
        ({"order": (Order("bounces"),)}, "`order` must be by names out of visitors, not 'bounces'."),
        ({"limit": 0}, "`limit` must be between 1 and 10000, not 0."),
        ({"offset": -1}, "`offset` must be between 0 and 1000000, not -1."),
        ({"with_time_labels": True}, "`time_labels` must be left out without a time dimension"),
        ({"fills_time": True, "dimensions": ("time", "source")}, "`fill` must be left out with more than the time"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_its_rule(question, message):
    asked = {"metrics": ("visitors",), "period": WEEK} | question
    with pytest.raises(InvalidParameter) as refused:
        service.query(Query(**asked))
    assert refused.value.message.startswith(message)


@pytest.mark.parametrize(
    ("question", "queries"),
    [
        ({"metrics": ("visitors", "bounce_rate")}, 2),
        ({"metrics": ("visitors",), "dimensions": ("source",)}, 2),
        ({"metrics": ("visitors", "exit_rate", "percentage"), "dimensions": ("page",)}, 4),
        ({"metrics": ("visitors",), "dimensions": ("browser", "os"), "against": WEEK.previous()}, 4),
        ({"metrics": ("sessions",), "dimensions": ("goal", "source")}, 4),
    ],
)
def test_each_part_is_one_query_and_how_far_visits_are_kept_another(question, queries, django_assert_num_queries):
    asked = Query(period=WEEK, filters=(EVERYONE,), **question)
    with django_assert_num_queries(queries):
        service.query(asked)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("utm_source", "utm_source"),
        ("utm_medium", "utm_medium"),
        ("campaign", "utm_campaign"),
        ("utm_term", "utm_term"),
        ("utm_content", "utm_content"),
        ("network", "network"),
        ("os_version", "os_version"),
        ("browser_version", "browser_version"),
        ("region", "region"),
        ("language", "language"),
        ("referrer", "referrer"),
    ],
)
def test_each_trait_divides_and_filters(name, column):
    for visitor_id, value in [(1, "one"), (2, "one"), (3, "two"), (4, "")]:
        a_session(NOON, visitor_id=visitor_id, **{column: value})
    found = dict(rows("visitors", by=[name]))
    assert (found["one"], found["two"]) == (2, 1)
    assert rows("visitors", filters=(Filter(name, "two"),)) == [(1,)]


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr("visitors.reports.query.reading.MAX_ROWS", 2)
    with pytest.raises(InvalidParameter, match="such that at most 2 rows come of them"):
        ask("visitors", by=["page"])

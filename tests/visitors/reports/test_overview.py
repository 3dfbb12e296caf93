"""Session statistics, sources and conversions."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.visitors.builders import NOON, a_session
from visitors import analytics_service as service
from visitors.models import DroppedCount
from visitors.reports.answers import Counted, Part, PeriodShown
from visitors.reports.conversions import GoalRow
from visitors.reports.metrics import wilson
from visitors.reports.overview import Audience, Devices, Recorded
from visitors.reports.sources import SourceRow
from visitors.reports.totals import Figures

pytestmark = pytest.mark.django_db

NOTHING = Figures(
    visitors=0,
    sessions=0,
    page_views=0,
    interactions=0,
    views_per_session=None,
    bounce_rate=None,
    engagement_rate=None,
    engagement_score=None,
    session_duration=None,
    engaged_time=None,
    conversions=0,
    conversion_rate=None,
    recruiters=0,
    bots=0,
)
LATER = NOON + timedelta(hours=3)


def statistics(days=7):
    return service.session_statistics(days=days, now=LATER)


def test_an_empty_store_has_no_rates_and_no_change():
    answer = statistics()
    assert answer.totals == answer.previous == NOTHING
    assert set(answer.change.values()) == {None}
    assert answer.median_session_duration is None
    assert len(answer.days) == 7


def test_totals_count_people_and_the_bots_apart():
    a_session(pages=["/", "/projects/", "/about/"], acts=["download"], converted_goals=["Résumé"], engagement_score=60)
    a_session(pages=["/"], engagement_score=11)
    a_session(pages=["/", "/about/"], is_recruiter=True, engagement_score=40, is_confirmed=True, engaged_ms=9_000)
    a_session(pages=["/"] * 5, is_bot=True)
    a_session(pages=["/"] * 7, is_owner=True)
    a_session(pages=[])
    answer = statistics()
    assert answer.totals == Figures(
        visitors=3,
        sessions=3,
        page_views=6,
        interactions=1,
        views_per_session=2.0,
        bounce_rate=33.3,
        engagement_rate=66.7,
        engagement_score=37,
        session_duration=60_000,
        engaged_time=9_000,
        conversions=1,
        conversion_rate=33.3,
        recruiters=1,
        bots=1,
    )
    assert answer.audience == Audience(humans=3, recruiters=1, clients=0, bots=1, owner=1, empty=1)
    assert answer.interactions_by_kind == (Counted("download", 1),)
    assert answer.median_session_duration == 60_000


def test_visitors_of_several_days_are_the_sum_of_days():
    for days_ago in range(3):
        for _ in range(2):
            a_session(NOON - timedelta(days=days_ago), visitor_id=7)
    assert statistics().totals.visitors == 3
    assert [day.visitors for day in statistics().days] == [0, 0, 0, 0, 1, 1, 1]


def test_the_period_says_its_days_and_zone():
    assert statistics().period == PeriodShown(date(2026, 11, 14), date(2026, 11, 20), 7, "UTC", is_running=True)


def test_days_are_those_of_the_sites_time_zone(settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    a_session(NOON + timedelta(hours=4))  # 21 November, 01:00 in Tokyo
    answer = service.session_statistics(days=1, now=NOON + timedelta(hours=5))
    assert (answer.period.first_day, answer.totals.sessions) == (date(2026, 11, 21), 1)


def test_half_a_day_is_compared_with_half_a_day():
    a_session(NOON - timedelta(hours=1))
    a_session(NOON - timedelta(hours=25))
    a_session(NOON - timedelta(hours=13))  # yesterday evening
    answer = service.session_statistics(days=1, now=NOON)
    assert (answer.totals.sessions, answer.previous.sessions, answer.change["sessions"]) == (1, 1, 0.0)


def test_growth_from_one_to_two_is_a_hundred_percent_and_from_nothing_unknown():
    a_session()
    a_session(acts=["contact"])
    a_session(NOON - timedelta(days=7))
    change = statistics().change
    assert (change["sessions"], change["interactions"], change["bounce_rate"]) == (100.0, None, -50.0)


def test_figures_of_few_visits_say_how_sure_they_are():
    for _ in range(3):
        a_session(pages=("/", "/a"))
    a_session(pages=("/",))
    for _ in range(20):
        a_session(NOON - timedelta(days=7), pages=("/",))
    answer = statistics()
    assert answer.intervals["bounce_rate"] == (4.6, 69.9)
    assert set(answer.intervals) == {"bounce_rate", "engagement_rate", "conversion_rate"}
    tested = ("sessions", "bounce_rate", "bots")
    assert [answer.is_noise[name] for name in tested] == [False, False, True]
    assert "page_views" not in answer.is_noise
    assert service.engagement(days=7, now=LATER).is_noise == {
        name: answer.is_noise[name] for name in ("sessions", "bounce_rate", "engagement_rate")
    }


def test_devices_browsers_and_systems_are_parts_of_human_sessions():
    a_session(device_type="phone", browser="Safari", os="iOS")
    a_session()
    a_session()
    a_session(browser="", os="")
    a_session(is_bot=True, browser="curl")
    assert statistics().devices == Devices(
        device_types=(Part("desktop", 3, 75.0), Part("phone", 1, 25.0)),
        browsers=(Part("Firefox", 2, 50.0), Part("(unknown)", 1, 25.0), Part("Safari", 1, 25.0)),
        os=(Part("Linux", 2, 50.0), Part("(unknown)", 1, 25.0), Part("iOS", 1, 25.0)),
    )


def test_rows_past_the_twentieth_are_summed_up():
    for number in range(22):
        a_session(browser=f"Browser {number:02}")
    browsers = statistics().devices.browsers
    assert len(browsers) == 21
    assert browsers[-1] == Part("(other)", 2, 9.1)


def test_what_was_left_out_is_shown_by_reason():
    a_session()
    a_session(is_bot=True)
    DroppedCount.objects.create(day=date(2026, 11, 20), reason="prefetch", count=4)
    DroppedCount.objects.create(day=date(2026, 11, 19), reason="prefetch", count=3)
    DroppedCount.objects.create(day=date(2026, 11, 19), reason="file", count=9)
    DroppedCount.objects.create(day=date(2026, 10, 1), reason="file", count=100)
    assert statistics().recorded == Recorded(2, 16, (Counted("file", 9), Counted("prefetch", 7)))


def test_sources_and_channels_carry_their_rates():
    a_session(source="LinkedIn", channel="Organic Social", is_recruiter=True, converted_goals=["Résumé"], acts=["x"])
    a_session(source="LinkedIn", channel="Organic Social")
    a_session(source="Mastodon", channel="Organic Social")
    a_session(source="", channel="")
    answer = service.sources(days=1, now=LATER)
    half = dict.fromkeys(("bounce_rate", "engagement_rate", "conversion_rate"), wilson(1, 2))
    bounced = {"bounce_rate": wilson(1, 1), "engagement_rate": wilson(0, 1), "conversion_rate": wilson(0, 1)}
    third = {"bounce_rate": wilson(2, 3), "engagement_rate": wilson(1, 3), "conversion_rate": wilson(1, 3)}
    assert answer.sources == (
        SourceRow("LinkedIn", "Organic Social", 2, 50.0, 50.0, 50.0, 1, 50.0, 1, half),
        SourceRow("(unknown)", "(unknown)", 1, 25.0, 100.0, 0.0, 0, 0.0, 0, bounced),
        SourceRow("Mastodon", "Organic Social", 1, 25.0, 100.0, 0.0, 0, 0.0, 0, bounced),
    )
    assert answer.channels == (
        SourceRow("Organic Social", "Organic Social", 3, 75.0, 66.7, 33.3, 1, 33.3, 1, third),
        SourceRow("(unknown)", "(unknown)", 1, 25.0, 100.0, 0.0, 0, 0.0, 0, bounced),
    )


def test_goals_are_listed_reached_or_not_and_a_visit_converts_once(settings):
    settings.VISITORS = {
        **settings.VISITORS,
        "GOALS": {"Résumé": {"interaction": "download"}, "Call": {"page": "/call"}},
    }
    a_session(converted_goals=["Résumé", "Old goal"])
    a_session(converted_goals=["Résumé"])
    a_session()
    a_session()
    answer = service.conversions(days=1, now=LATER)
    assert (answer.sessions, answer.conversions, answer.conversion_rate) == (4, 2, 50.0)
    assert answer.goals == (GoalRow("Résumé", 2, 50.0), GoalRow("Call", 0, 0.0), GoalRow("Old goal", 1, 25.0))

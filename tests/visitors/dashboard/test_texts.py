"""How figures are written, and how values become a drawing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.visitors.builders import NOON
from visitors import texts
from visitors.dashboard import charts


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(None, "–"), (0, "0m 00s"), (999, "0m 00s"), (108_000, "1m 48s"), (3_599_999, "59m 59s"), (7_500_000, "2h 05m")],
)
def test_a_time_is_written_in_minutes_and_seconds(milliseconds, text):
    assert texts.duration_text(milliseconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (999_999, "999,999"),
        (1_234_567, "1.23M"),
        (12_345_678, "12.3M"),
        (999_400_000, "999M"),
        (1_999_999_981, "2B"),
        (7_654_000_000_000, "7,654B"),
    ],
)
def test_a_count_of_a_tile_has_room_in_it(value, text):
    assert texts.short_count(value) == text


@pytest.mark.parametrize(
    ("metric", "now", "before", "change", "text", "arrow", "tone"),
    [
        ("visitors", 120, 100, 20.0, "20.0%", "▲", "up"),
        ("visitors", 2, 1, 100.0, "+1", "▲", "up"),
        ("visitors", 0, 3, -100.0, "−3", "▼", "down"),
        ("visitors", 5, 0, None, "+5", "▲", "up"),
        ("bounce_rate", 41.3, 44.4, -3.1, "3.1 pp", "▼", "up"),
        ("bounce_rate", 50.0, 44.0, 6.0, "6.0 pp", "▲", "down"),
        ("engaged_time", 60_000, 90_000, -33.3, "33.3%", "▼", "down"),
        ("visitors", 7, 7, 0.0, "no change", "", "flat"),
        ("visitors", 2_500_000, 0, None, "+2.5M", "▲", "up"),
        ("visitors", 400_000, 20, 1_999_900.0, "2M%", "▲", "up"),
    ],
)
def test_a_change_is_told_as_good_or_bad(metric, now, before, change, text, arrow, tone):
    told = texts.change_of(metric, now=now, before=before, change=change)
    assert (told.text, told.arrow, told.tone) == (text, arrow, tone)


def test_what_is_unknown_does_not_change():
    assert texts.change_of("bounce_rate", now=None, before=40.0, change=None) is None


@pytest.mark.parametrize(
    ("age", "text"),
    [(10, "just now"), (60, "1 min ago"), (7_200, "2 h ago"), (90_000, "yesterday"), (260_000, "3 days ago")],
)
def test_an_age_is_told_in_its_largest_unit(age, text):
    assert texts.ago_text(NOON - timedelta(seconds=age), now=NOON) == text


def test_days_name_the_first_year_only_when_it_differs():
    assert texts.days_text(date(2026, 10, 24), date(2026, 11, 22)) == "24 Oct – 22 Nov 2026"
    assert texts.days_text(date(2025, 12, 1), date(2026, 11, 22)) == "1 Dec 2025 – 22 Nov 2026"
    assert texts.days_text(date(2026, 11, 22), date(2026, 11, 22)) == "22 Nov 2026"


@pytest.mark.parametrize(("code", "name"), [("DE", "Germany"), ("XK", "Kosovo"), ("", ""), ("ZZ", "ZZ")])
def test_a_country_is_named(code, name):
    assert texts.country_name(code) == name


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([], [0, 1]),
        ([1], [0, 1]),
        ([4], [0, 2, 4]),
        ([231], [0, 100, 200, 300]),
        ([400], [0, 150, 300, 450]),
        ([1000, 3], [0, 300, 600, 900, 1200]),
    ],
)
def test_counts_have_whole_round_ticks(values, ticks):
    assert charts.ticks_of(values, whole=True) == ticks


def test_unknown_values_leave_a_line_out_and_the_rest_in_its_place():
    assert charts.points_of([0, None, 10], top=10, width=100, height=10) == "0.0,10.0 100.0,0.0"


def test_the_smallest_bar_is_seen_and_nothing_has_none():
    assert [charts.bar_percent(value, 1000) for value in (1000, 500, 1, 0)] == ["100.0%", "50.0%", "3.0%", "0%"]
    assert charts.bar_percent(0, 0) == "0%"

"""Arithmetic and definitions of the metrics."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from visitors.reports.metrics import (
    METRICS,
    Unit,
    change,
    changes,
    definitions,
    is_noise_of_counts,
    is_noise_of_rates,
    mean,
    middle,
    rate,
    ratio,
    wilson,
)

PAGE = Path(__file__).resolve().parents[3] / "docs" / "metrics.md"


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [(0, 0, None), (5, 0, None), (0, 7, 0.0), (1, 3, 33.3), (2, 3, 66.7), (1, 8, 12.5), (1, 2000, 0.1), (7, 7, 100.0)],
)
def test_a_rate_is_percent_with_one_decimal_and_unknown_without_a_whole(part, whole, percent):
    assert rate(part, whole) == percent


@pytest.mark.parametrize(("total", "count", "expected"), [(0, 0, None), (10, 4, 2.5), (1, 3, 0.33), (2, 3, 0.67)])
def test_a_ratio_has_two_decimals(total, count, expected):
    assert ratio(total, count) == expected


@pytest.mark.parametrize(("total", "count", "expected"), [(5, 0, None), (5, 2, 3), (4, 3, 1), (0, 9, 0)])
def test_a_mean_is_a_whole_number_rounded_half_up(total, count, expected):
    assert mean(total, count) == expected


@pytest.mark.parametrize(("values", "expected"), [([], None), ([7], 7), ([7, 10], 9)])
def test_the_middle_of_two_is_their_mean(values, expected):
    assert middle(values) == expected


@pytest.mark.parametrize(
    ("now", "before", "unit", "expected"),
    [
        (2, 1, Unit.COUNT, 100.0),
        (1, 2, Unit.COUNT, -50.0),
        (5, 0, Unit.COUNT, None),
        (0, 0, Unit.COUNT, None),
        (None, 3, Unit.MILLISECONDS, None),
        (3, None, Unit.MILLISECONDS, None),
        (40.0, 50.0, Unit.PERCENT, -10.0),
        (12.5, 0.0, Unit.PERCENT, 12.5),
        (None, 50.0, Unit.PERCENT, None),
    ],
)
def test_a_change_is_percent_of_the_base_and_points_for_a_rate(now, before, unit, expected):
    assert change(now, before, unit=unit) == expected


def test_changes_take_the_unit_of_each_metric():
    assert changes({"visitors": 3, "bounce_rate": 60.0}, {"visitors": 2, "bounce_rate": 50.0}) == {
        "visitors": 50.0,
        "bounce_rate": 10.0,
    }


def test_a_count_is_zero_when_empty_and_a_quotient_unknown():
    assert METRICS["sessions"].empty == 0
    assert METRICS["bounce_rate"].empty is None


def test_a_definition_says_formula_unit_and_meaning():
    assert definitions(["bounce_rate"]) == {
        "bounce_rate": "Bounces / human sessions (percent, one decimal). "
        "Share of visits that saw one page and did nothing."
    }


def test_the_page_of_metrics_says_what_the_code_says():
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE.read_text(), re.MULTILINE))
    assert rows == {
        name: " | ".join(
            (
                metric.numerator,
                metric.denominator or "-",
                metric.unit.value,
                "`null`" if metric.empty is None else "0",
                metric.text,
            )
        )
        for name, metric in METRICS.items()
    }


@pytest.mark.parametrize(
    ("part", "whole", "bounds"),
    [
        (0, 0, None),
        (0, 10, (0.0, 27.8)),  # Brown, Cai and DasGupta 2001: 0 of 10
        (10, 10, (72.2, 100.0)),
        (5, 10, (23.7, 76.3)),
        (15, 148, (6.2, 16.0)),  # Newcombe 1998, table I: 15 of 148 is 0.0624 to 0.1605
        (81, 263, (25.5, 36.6)),  # the same: 81 of 263 is 0.2553 to 0.3662
        (1, 29, (0.6, 17.2)),  # the same: 1 of 29 is 0.0061 to 0.1718
    ],
)
def test_the_interval_of_a_rate_is_wilsons(part, whole, bounds):
    assert wilson(part, whole) == bounds


@pytest.mark.parametrize(
    ("now", "before", "exposure", "is_noise"),
    [
        (0, 0, 1.0, True),
        (3, 0, 1.0, True),  # z = 1.73
        (4, 0, 1.0, False),  # z = 2.00
        (60, 40, 1.0, False),  # z = 2.00
        (59, 41, 1.0, True),  # z = 1.80
        (120, 60, 2.0, True),  # twice the time, twice the visits
        (100, 60, 1.0, False),
    ],
)
def test_counts_within_the_spread_of_poisson_are_noise(now, before, exposure, is_noise):
    assert is_noise_of_counts(now, before, exposure=exposure) is is_noise


@pytest.mark.parametrize(
    ("now", "before", "is_noise"),
    [
        ((0, 0), (1, 2), None),
        ((3, 3), (5, 5), True),
        ((45, 100), (60, 100), False),  # z = 2.12
        ((47, 100), (60, 100), True),  # z = 1.84
    ],
)
def test_rates_are_compared_as_two_proportions(now, before, is_noise):
    assert is_noise_of_rates(*now, *before) is is_noise

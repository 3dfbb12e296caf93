"""Refit prior and slope of the recruiter score to labelled sessions, and measure how well score and labels agree."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

FEWEST_LABELS: Final = 30
ECE_BINS: Final = 10

# Pseudo-labels that hold the slope near 1 and the prior finite when labels are few or perfectly separated.
_RIDGE: Final = 1.0
_STEPS: Final = 50


class TooFewLabelsError(ValueError):
    """Raised when labels are fewer than `FEWEST_LABELS` or all on one side."""


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """`prior` and `slope` map a raw logit to a calibrated one; the figures are measured with them, on the labels given.

    Precision and recall at probability 0.5, precision `None` when nothing reaches it; AUC 0-1; ECE of ten bins, 0-1.
    """

    prior: float
    slope: float
    precision: float | None
    recall: float
    auc: float
    ece: float
    labels: int


def calibrate(labels: Sequence[tuple[float, bool]]) -> CalibrationReport:
    """Platt's logistic fit of (raw logit, is recruiter). Raises `TooFewLabelsError`."""
    positives = sum(is_recruiter for _logit, is_recruiter in labels)
    if len(labels) < FEWEST_LABELS:
        raise TooFewLabelsError(f"`labels` must number at least {FEWEST_LABELS}, not {len(labels)}.")
    if positives in (0, len(labels)):
        raise TooFewLabelsError("`labels` must hold recruiters and others, not one of them alone.")
    prior, slope = _fit(labels)
    judged = [(_probability(prior + slope * logit), is_recruiter) for logit, is_recruiter in labels]
    flagged = [is_recruiter for probability, is_recruiter in judged if probability >= 0.5]
    return CalibrationReport(
        prior=round(prior, 4),
        slope=round(slope, 4),
        precision=sum(flagged) / len(flagged) if flagged else None,
        recall=sum(flagged) / positives,
        auc=area_under_curve(judged),
        ece=expected_calibration_error(judged),
        labels=len(labels),
    )


def area_under_curve(judged: Sequence[tuple[float, bool]]) -> float:
    """Chance that a random recruiter scores above a random other, ties counted half. Needs both kinds."""
    ordered = sorted(judged)
    rank_sum, index = 0.0, 0
    while index < len(ordered):
        end = index
        while end < len(ordered) and ordered[end][0] == ordered[index][0]:
            end += 1
        rank_sum += (index + 1 + end) / 2 * sum(is_recruiter for _value, is_recruiter in ordered[index:end])
        index = end
    positives = sum(is_recruiter for _value, is_recruiter in ordered)
    return (rank_sum - positives * (positives + 1) / 2) / (positives * (len(ordered) - positives))


def expected_calibration_error(judged: Sequence[tuple[float, bool]]) -> float:
    """Mean distance of stated probability and observed share over ten equal-width bins, weighted by their size."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(ECE_BINS)]
    for probability, is_recruiter in judged:
        bins[min(int(probability * ECE_BINS), ECE_BINS - 1)].append((probability, is_recruiter))
    gaps = (abs(sum(probability - is_recruiter for probability, is_recruiter in members)) for members in bins)
    return sum(gaps) / len(judged)


def _fit(labels: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """Newton's method on the penalised log likelihood; the penalty pulls towards prior 0, slope 1."""
    prior, slope = 0.0, 1.0
    for _step in range(_STEPS):
        gradient, curvature = _derivatives(labels, prior, slope)
        determinant = curvature[0] * curvature[2] - curvature[1] ** 2
        move_prior = (curvature[2] * gradient[0] - curvature[1] * gradient[1]) / determinant
        move_slope = (curvature[0] * gradient[1] - curvature[1] * gradient[0]) / determinant
        # A full step from far away overshoots where the sigmoid is flat.
        prior -= max(-1.0, min(1.0, move_prior))
        slope -= max(-1.0, min(1.0, move_slope))
        if abs(move_prior) + abs(move_slope) < 1e-9:
            break
    return prior, slope


def _derivatives(
    labels: Sequence[tuple[float, bool]], prior: float, slope: float
) -> tuple[tuple[float, float], tuple[float, float, float]]:
    """Gradient by (prior, slope) and the curvature's (prior-prior, prior-slope, slope-slope)."""
    by_prior, by_slope = _RIDGE * prior * 0.01, _RIDGE * (slope - 1)
    prior_prior, prior_slope, slope_slope = _RIDGE * 0.01, 0.0, _RIDGE
    for logit, is_recruiter in labels:
        probability = _probability(prior + slope * logit)
        error, spread = probability - is_recruiter, probability * (1 - probability)
        by_prior += error
        by_slope += error * logit
        prior_prior += spread
        prior_slope += spread * logit
        slope_slope += spread * logit * logit
    return (by_prior, by_slope), (prior_prior, prior_slope, slope_slope)


def _probability(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-500.0, min(500.0, logit))))

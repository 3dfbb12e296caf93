"""The tiles and the line above everything: six figures, each with its course beside the compared period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from visitors import analytics_service as service
from visitors.reports.metrics import METRICS, Unit
from visitors.reports.metrics import change as change_in
from visitors.reports.timeseries import Interval, Point, Series, Traffic
from visitors.texts import LABELS, Change, change_of, day_text, days_text, metric_text, short_metric

from .charts import area_of, points_of, spark_of, ticks_of, x_of
from .question import CHOICES, Question

MAX_LABELS: Final = 8


@dataclass(frozen=True, slots=True)
class Tile:
    """`told` is the `value` with all its digits."""

    metric: str
    label: str
    meaning: str
    value: str
    told: str
    change: Change | None
    spark: str
    link: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A label at `at`, percent of the axis."""

    at: str
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class ChartRow:
    label: str
    now: str
    before_label: str
    before: str
    change: Change | None
    is_partial: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    label: str
    told: str
    before_told: str
    line: str
    partial_line: str
    area: str
    before_line: str
    x_marks: tuple[Mark, ...]
    y_marks: tuple[Mark, ...]
    rows: tuple[ChartRow, ...]
    drawing: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TrafficPanel:
    tiles: tuple[Tile, ...]
    chart: Chart
    is_empty: bool


def traffic_panel(question: Question) -> TrafficPanel:
    traffic = service.traffic(question.scope, against=question.against)
    tiles = tuple(_tile(question, traffic, metric) for metric in CHOICES["metric"])
    return TrafficPanel(tiles, _chart(traffic, question.chosen["metric"]), not traffic.now.totals.sessions)


def _tile(question: Question, traffic: Traffic, metric: str) -> Tile:
    now = getattr(traffic.now.totals, metric)
    before = getattr(traffic.before.totals, metric) if traffic.before else None
    whole = [getattr(point.figures, metric) for point in traffic.now.points if not point.is_partial]
    return Tile(
        metric=metric,
        label=LABELS[metric],
        meaning=METRICS[metric].text,
        value=short_metric(metric, now),
        told=metric_text(metric, now),
        change=change_of(metric, now=now, before=before, change=traffic.change.get(metric)),
        spark=spark_of(whole[-30:]),
        link=question.link(metric=metric),
        is_chosen=metric == question.chosen["metric"],
    )


def _chart(traffic: Traffic, metric: str) -> Chart:
    now = _values(traffic.now, metric)
    before = _values(traffic.before, metric)[: max(len(now), 1)] if traffic.before else []
    ticks = ticks_of(
        [value for value in (*now, *before) if value is not None], whole=METRICS[metric].unit is Unit.COUNT
    )
    line, partial = _split(traffic.now.points, now, top=ticks[-1])
    labels = [point_text(point, traffic.interval) for point in traffic.now.points]
    rows = _rows(traffic, metric, now, before, labels)
    return Chart(
        label=LABELS[metric],
        told=_told(LABELS[metric], metric, labels, now),
        before_told=_days(traffic.before) if traffic.before else "",
        line=line,
        partial_line=partial,
        area=area_of(points_of(now, top=ticks[-1])),
        before_line=points_of(before, top=ticks[-1]),
        x_marks=_x_marks([short_text(point, traffic.interval) for point in traffic.now.points]),
        y_marks=tuple(Mark(f"{100 - 100 * tick / ticks[-1]:.1f}%", _tick_text(metric, tick)) for tick in ticks),
        rows=rows,
        drawing=_drawing(traffic, metric, now, before, rows) | _scale(metric, ticks),
    )


def _values(series: Series | None, metric: str) -> list[float | None]:
    return [getattr(point.figures, metric) for point in series.points] if series else []


def _split(points: Sequence[Point], values: Sequence[float | None], *, top: float) -> tuple[str, str]:
    """The line of whole intervals, and the dotted rest where the last one still runs."""
    if len(points) < 2 or not points[-1].is_partial:
        return points_of(values, top=top), ""
    known = [*values[:-1], None]
    last = [*[None] * (len(values) - 2), *values[-2:]]
    return points_of(known, top=top), points_of(last, top=top)


def point_text(point: Point, interval: Interval) -> str:
    if interval is Interval.HOUR:
        return f"{day_text(point.day)}, {point.hour:02}:00"
    if interval is Interval.MONTH:
        return f"{point.day:%b %Y}"
    return f"{'Week of ' if interval is Interval.WEEK else f'{point.day:%a} '}{day_text(point.day)}"


def short_text(point: Point, interval: Interval) -> str:
    """Without the weekday, the day of an hour, or the year but for its first month: the axis is narrow."""
    if interval is Interval.HOUR:
        return f"{point.hour:02}:00"
    if interval is Interval.MONTH:
        return f"{point.day:%b %Y}" if point.day.month == 1 else f"{point.day:%b}"
    return day_text(point.day)


def _told(label: str, metric: str, labels: Sequence[str], values: Sequence[float | None]) -> str:
    known = [(value, label) for value, label in zip(values, labels, strict=True) if value is not None]
    if not known:
        return f"{label}: nothing was counted"
    (low, low_at), (high, high_at) = min(known, key=lambda one: one[0]), max(known, key=lambda one: one[0])
    return (
        f"{label} from {labels[0]} to {labels[-1]}: between {metric_text(metric, low)} ({low_at}) "
        f"and {metric_text(metric, high)} ({high_at})"
    )


def _days(series: Series) -> str:
    return days_text(series.period.start, series.period.last_day)


def _x_marks(texts: Sequence[str]) -> tuple[Mark, ...]:
    step = max(1, -(-len(texts) // MAX_LABELS))
    return tuple(
        Mark(f"{x_of(place, len(texts), 100):.1f}%", texts[place], _anchor(place, len(texts)))
        for place in range(0, len(texts), step)
    )


def _anchor(place: int, number: int) -> str:
    if number == 1:
        return "middle"
    return "start" if place == 0 else "end" if place == number - 1 else "middle"


def _tick_text(metric: str, tick: float) -> str:
    if METRICS[metric].unit is Unit.PERCENT:
        return f"{tick:g}%"
    return short_metric(metric, tick)


def _rows(
    traffic: Traffic,
    metric: str,
    now: Sequence[float | None],
    before: Sequence[float | None],
    labels: Sequence[str],
) -> tuple[ChartRow, ...]:
    earlier = traffic.before.points if traffic.before else ()
    return tuple(
        ChartRow(
            label=labels[place],
            now=metric_text(metric, now[place]),
            before_label=point_text(earlier[place], traffic.interval) if place < len(earlier) else "",
            before=metric_text(metric, before[place]) if place < len(before) else "",
            change=_change(metric, point, earlier[place]) if place < len(earlier) else None,
            is_partial=point.is_partial,
        )
        for place, point in enumerate(traffic.now.points)
    )


def _change(metric: str, point: Point, earlier: Point) -> Change | None:
    """Between whole intervals or parts cut alike; half a day says nothing beside a whole one."""
    if point.is_partial != earlier.is_partial:
        return None
    now, before = getattr(point.figures, metric), getattr(earlier.figures, metric)
    change = change_in(now, before, unit=METRICS[metric].unit)
    return change_of(metric, now=now, before=before, change=change)


def _drawing(
    traffic: Traffic,
    metric: str,
    now: Sequence[float | None],
    before: Sequence[float | None],
    rows: Sequence[ChartRow],
) -> dict[str, Any]:
    """What the script draws: the same values and texts as the table."""
    compared = [row for row in rows if row.before_label]
    return {
        "label": LABELS[metric],
        "labels": [row.label for row in rows],
        "short": [short_text(point, traffic.interval) for point in traffic.now.points],
        "days": [point.day.isoformat() for point in traffic.now.points],
        "interval": traffic.interval.value,
        "now": list(now),
        "nowTexts": [row.now for row in rows],
        "before": [*before, *[None] * (len(now) - len(before))] if traffic.before else None,
        "beforeTexts": [row.before for row in compared],
        "beforeLabels": [row.before_label for row in compared],
        "changes": [[row.change.arrow, row.change.text, row.change.tone] if row.change else None for row in rows],
        "isPartial": bool(rows and rows[-1].is_partial),
    }


def _scale(metric: str, ticks: Sequence[float]) -> dict[str, Any]:
    return {"ticks": list(ticks), "tickTexts": [_tick_text(metric, tick) for tick in ticks]}

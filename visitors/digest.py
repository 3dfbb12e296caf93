"""Write the owner a mail about the last whole week or month: the figures of the dashboard, once a period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from . import analytics_service as service
from .conf import conf
from .exceptions import InvalidParameter
from .models import Upkeep
from .reports.breakdown import BreakdownRow, Dimension
from .reports.periods import Period
from .reports.scope import Scope
from .texts import LABELS, change_of, count_text, country_name, days_text, metric_text, percent_text

KINDS: Final = ("weekly", "monthly")
LISTED: Final = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One figure with its change since the period before; `tone` as on the dashboard."""

    name: str
    value: str
    change: str = ""
    tone: str = "flat"


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    unit: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    kind: str
    period: Period
    figures: tuple[Line, ...]
    sections: tuple[Section, ...]

    @property
    def days(self) -> str:
        return days_text(self.period.start, self.period.last_day)

    @property
    def subject(self) -> str:
        return f"Your visitors, {self.days}: {self.figures[0].value}"


def digest_of(kind: str, *, now: datetime) -> Digest:
    """Of the last week from Monday, or the last month, that is over. Raises `InvalidParameter` for another kind."""
    period, before = periods_of(kind, now.date())
    scope = Scope(period)
    traffic = service.traffic(scope, against=before)
    return Digest(kind, period, tuple(_figure(traffic, metric) for metric in LABELS), _sections(scope))


def periods_of(kind: str, today: date) -> tuple[Period, Period]:
    """The last period that is over, and the one before it."""
    if kind not in KINDS:
        raise InvalidParameter("period", f"one of {', '.join(KINDS)}", kind)
    if kind == "weekly":
        end = today - timedelta(days=today.weekday())
        week = timedelta(days=7)
        return Period(end - week, end), Period(end - 2 * week, end - week)
    end = today.replace(day=1)
    start = (end - timedelta(days=1)).replace(day=1)
    return Period(start, end), Period((start - timedelta(days=1)).replace(day=1), start)


def recipients() -> tuple[str, ...]:
    return conf.DIGEST_EMAIL or conf.NOTICE_EMAIL


def send(digest: Digest, to: Sequence[str]) -> None:
    """Raises what the mail server's client raises."""
    context = {"digest": digest, "dashboard": _dashboard()}
    message = EmailMultiAlternatives(
        subject=digest.subject,
        body=render_to_string("visitors/digest.txt", context),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=list(to),
    )
    message.attach_alternative(render_to_string("visitors/digest.html", context), "text/html")
    message.send()


def _dashboard() -> str:
    """Its address, wherever it is mounted; "" when it is not, or the site's own address is not set."""
    try:
        return f"{conf.SITE_URL}{reverse('visitors_dashboard:page')}" if conf.SITE_URL else ""
    except NoReverseMatch:
        return ""


def text_of(digest: Digest) -> str:
    return render_to_string("visitors/digest.txt", {"digest": digest, "dashboard": ""})


def claim(digest: Digest) -> dict[str, Any] | None:
    """Take the sending of this period for this process; what had been sent before it, `None` when this one was."""
    task = _task(digest)
    sent = {"period": digest.period.start.isoformat()}
    row, _ = Upkeep.objects.get_or_create(task=task, defaults={"ran_at": timezone.now()})
    before: dict[str, Any] = row.outcome
    if before == sent:
        return None
    taken = Upkeep.objects.filter(task=task, ran_at=row.ran_at).update(ran_at=timezone.now(), outcome=sent)
    return before if taken else None


def give_back(digest: Digest, before: dict[str, Any]) -> None:
    """The mail did not leave: the next run tries again."""
    Upkeep.objects.filter(task=_task(digest)).update(outcome=before)


def _task(digest: Digest) -> str:
    return f"digest {digest.kind}"


def _figure(traffic: Any, metric: str) -> Line:
    now, before = (getattr(series.totals, metric) for series in (traffic.now, traffic.before))
    change = change_of(metric, now=now, before=before, change=traffic.change.get(metric))
    text = " ".join(filter(None, (change.arrow, change.text))) if change else ""
    return Line(LABELS[metric], metric_text(metric, now), text, change.tone if change else "flat")


def _sections(scope: Scope) -> tuple[Section, ...]:
    pages = service.read_pages(scope, listed=LISTED).rows
    goals = [goal for goal in service.goals(scope).goals if goal.conversions]
    sections = (
        Section("Pages", "visitors", tuple(Line(page.path, count_text(page.visitors)) for page in pages)),
        Section("Sources", "visitors", _parts(scope, Dimension.SOURCE)),
        Section("Countries", "visitors", _parts(scope, Dimension.COUNTRY)),
        Section(
            "Goals",
            "visits",
            tuple(Line(goal.goal, count_text(goal.conversions), percent_text(goal.conversion_rate)) for goal in goals),
        ),
    )
    return tuple(section for section in sections if section.lines)


def _parts(scope: Scope, dimension: Dimension) -> tuple[Line, ...]:
    rows = service.breakdown(scope, dimension=dimension, listed=LISTED).rows
    return tuple(Line(_name_of(dimension, row), count_text(row.visitors), percent_text(row.share)) for row in rows)


def _name_of(dimension: Dimension, row: BreakdownRow) -> str:
    return country_name(row.name) if dimension is Dimension.COUNTRY else row.name

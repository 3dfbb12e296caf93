"""What came of the job applications: each with its openings, and the way from sent to contacted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any, Final

from django.db.models import Count, Max, Min, Q, QuerySet

from visitors.applications.addresses import link_of
from visitors.applications.models import Application, ApplicationHit, HitKind, Status
from visitors.applications.qr import short_form

from .filters import Paging
from .metrics import rate

STAGES: Final[Mapping[str, str]] = {
    "sent": "Applications beyond a draft.",
    "opened": "Sent ones that a person opened: a sign of life from the tracker, or a second page.",
    "read": "Opened ones with an engaged visit: 10 s of engaged time, two page views or an act.",
    "resume": "Opened ones in whose visits a resume was downloaded.",
    "contacted": "Opened ones in whose visits the contact form was sent.",
}
DAY_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationShown:
    """`human` openings are people's; `unknown` ones include those by visitors who ask not to be recorded, which no
    timeline shows; `also_opened` are other applications whose links the same visitor opened."""

    id: int
    company: str
    role: str
    channel: str
    slug: str
    link: str
    short_link: str
    target: str
    resume_version: str
    sent_at: datetime | None
    status: str
    is_status_held: bool
    notes: str
    expires_at: datetime | None
    revoked_at: datetime | None
    is_live: bool
    notify: bool
    created_at: datetime
    human: int
    auto: int
    share: int
    owner: int
    unknown: int
    first_opened_at: datetime | None
    last_opened_at: datetime | None
    also_opened: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationList:
    """One page, newest first."""

    count: int
    page: int
    page_size: int
    pages: int
    results: tuple[ApplicationShown, ...]


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """How many applications of one channel or resume version reached each stage."""

    name: str
    sent: int
    opened: int
    read: int
    resume: int
    contacted: int
    opened_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationFunnel:
    """`median_days_to_open` counts those that a person opened, with one decimal; `None` when there are none."""

    total: FunnelRow
    median_days_to_open: float | None
    by_channel: tuple[FunnelRow, ...]
    by_resume_version: tuple[FunnelRow, ...]
    definitions: Mapping[str, str]


def applications(
    *, paging: Paging, now: datetime, site: str = "", status: str = "", channel: str = ""
) -> ApplicationList:
    """Four queries."""
    found = Application.objects.all()
    found = found.filter(status=status) if status else found
    found = found.filter(channel=channel) if channel else found
    count = found.count()
    return ApplicationList(
        count=count,
        page=paging.page,
        page_size=paging.page_size,
        pages=paging.pages(count),
        results=_shown(_counted(found)[paging.rows], now=now, site=site),
    )


def application(pk: int, *, now: datetime, site: str = "") -> ApplicationShown | None:
    return next(iter(_shown(_counted(Application.objects.filter(pk=pk)), now=now, site=site)), None)


def _counted(found: QuerySet[Application]) -> Any:
    counts = {f"n_{kind}": Count("hits", filter=Q(hits__kind=kind)) for kind in HitKind.values}
    by_people = Q(hits__kind=HitKind.HUMAN)
    # Said here, since a query that counts forgets the order of the model.
    return found.order_by("-created_at", "-id").annotate(
        **counts,
        first_opened_at=Min("hits__opened_at", filter=by_people),
        last_opened_at=Max("hits__opened_at", filter=by_people),
    )


def _shown(rows: Iterable[Any], *, now: datetime, site: str) -> tuple[ApplicationShown, ...]:
    found = list(rows)
    others = _opened_together({row.pk for row in found})
    return tuple(_show(row, others.get(row.pk, ()), now=now, site=site) for row in found)


def _show(row: Any, others: Sequence[int], *, now: datetime, site: str) -> ApplicationShown:
    link = link_of(row, site=site)
    return ApplicationShown(
        id=row.pk,
        company=row.company,
        role=row.role,
        channel=row.channel,
        slug=row.slug,
        link=link,
        short_link=short_form(link),
        target=row.target,
        resume_version=row.resume_version,
        sent_at=row.sent_at,
        status=row.status,
        is_status_held=row.is_status_held,
        notes=row.notes,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        is_live=row.is_live(now),
        notify=row.notify,
        created_at=row.created_at,
        **_openings(row),
        first_opened_at=row.first_opened_at,
        last_opened_at=row.last_opened_at,
        also_opened=tuple(others),
    )


def _openings(row: Any) -> dict[str, int]:
    counts: dict[str, int] = {kind: getattr(row, f"n_{kind}") for kind in HitKind.values}
    return counts | {"unknown": counts["unknown"] + row.unrecorded}


def _opened_together(pks: Collection[int]) -> dict[int, list[int]]:
    """Other applications opened under the same visitor id: an agency, or the owner himself. Machines do not count."""
    people = ApplicationHit.objects.filter(kind__in=(HitKind.HUMAN, HitKind.UNKNOWN)).exclude(visitor_id=0).order_by()
    visitors = people.filter(application_id__in=pks).values("visitor_id")
    by_visitor: defaultdict[int, set[int]] = defaultdict(set)
    for visitor_id, pk in people.filter(visitor_id__in=visitors).values_list("visitor_id", "application_id"):
        by_visitor[visitor_id].add(pk)
    together: defaultdict[int, set[int]] = defaultdict(set)
    for opened in by_visitor.values():
        for pk in opened & set(pks):
            together[pk] |= opened - {pk}
    return {pk: sorted(others) for pk, others in together.items()}


def application_funnel() -> ApplicationFunnel:
    """Over all applications that were sent. One query."""
    people = Q(hits__kind=HitKind.HUMAN)
    rows = list(
        Application.objects.exclude(status=Status.DRAFT)
        .order_by()
        .values("channel", "resume_version", "sent_at")
        .annotate(
            opened=Min("hits__opened_at", filter=people),
            read=Count("hits", filter=people & Q(hits__has_read=True)),
            resume=Count("hits", filter=people & Q(hits__has_resume=True)),
            contacted=Count("hits", filter=people & Q(hits__has_contact=True)),
        )
        .values("id", "channel", "resume_version", "sent_at", "opened", "read", "resume", "contacted")
    )
    return ApplicationFunnel(
        total=_row("", rows),
        median_days_to_open=_median_days(rows),
        by_channel=_rows_by("channel", rows),
        by_resume_version=_rows_by("resume_version", rows),
        definitions=STAGES,
    )


def _rows_by(column: str, rows: Iterable[Mapping[str, Any]]) -> tuple[FunnelRow, ...]:
    """Largest first; applications without a resume version are a row with an empty name."""
    grouped: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        grouped[row[column]].append(row)
    counted = (_row(name, members) for name, members in grouped.items())
    return tuple(sorted(counted, key=lambda row: (-row.sent, row.name)))


def _row(name: str, rows: Sequence[Mapping[str, Any]]) -> FunnelRow:
    reached = {stage: sum(bool(row[stage]) for row in rows) for stage in ("opened", "read", "resume", "contacted")}
    return FunnelRow(name=name, sent=len(rows), **reached, opened_rate=rate(reached["opened"], len(rows)))


def _median_days(rows: Iterable[Mapping[str, Any]]) -> float | None:
    opened = [row for row in rows if row["opened"]]
    days = [float((row["opened"] - row["sent_at"]).total_seconds()) / DAY_SECONDS for row in opened]
    if not days:
        return None
    return round(median(days), 1)

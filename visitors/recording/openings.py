"""Judge the openings of application links by their visits, move the applications on, and write the notices.

Judging is done from stored rows each time a visit changes, so that it ends the same in whatever order rows came.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from django.db.models import Count, Min, Q

from visitors.applications.models import Application, ApplicationHit, HitKind, Notice, NoticeKind
from visitors.applications.rules import AT_ONCE_MS, Kind, Visit, judge_visit, moved_on, reached_status, taken_back
from visitors.applications.texts import Seen, sentence
from visitors.detection.recruiter_pages import is_resume_file
from visitors.models import Label, PageView, VisitorInteraction, VisitorSession, unix_ms
from visitors.notices.outbox import refresh, tell, withdraw

VERDICT_FIELDS: Final = ("kind", "reason", "has_read", "has_resume", "has_contact")


@dataclass(slots=True)
class Course:
    """One visit behind a link, with its rows in order of time."""

    session: VisitorSession
    pages: list[PageView] = field(default_factory=list)
    acts: list[VisitorInteraction] = field(default_factory=list)

    @property
    def has_resume(self) -> bool:
        return any(act.kind == "download" and is_resume_file(act.target) for act in self.acts)

    @property
    def has_contact(self) -> bool:
        return any(act.kind == "contact" for act in self.acts)

    @property
    def hiring(self) -> str:
        """What was typed, as far as it may be kept: the phrase of our own list."""
        for act in self.acts:
            if act.details.get("looks_like_job_description"):
                return "job description pasted"
            if phrase := act.details.get("hiring_phrase"):
                return f'asked with "{phrase}"'
        return ""

    @property
    def seen(self) -> Seen:
        session = self.session
        return Seen(
            pages=session.page_views_count,
            engaged_ms=session.engaged_ms,
            has_resume=self.has_resume,
            hiring=self.hiring,
            score=session.recruiter_score,
            signals=session.recruiter_signals,
        )


def judge_hits(sessions: Collection[VisitorSession]) -> None:
    """All openings of these visits and of their visitors, since several links at once are judged together."""
    ids = {session.id for session in sessions}
    mine = Q(session_id__in=ids) | Q(visitor_id__in={session.visitor_id for session in sessions})
    hits = list(ApplicationHit.objects.filter(mine).select_related("application").order_by("opened_at", "id"))
    courses = _courses({hit.session_id for hit in hits if hit.session_id is not None})
    human_before = {hit.id for hit in hits if hit.kind == HitKind.HUMAN}
    changed = [hit for hit in hits if not hit.is_settled and _judge(hit, hits, courses)]
    ApplicationHit.objects.bulk_update(changed, VERDICT_FIELDS)
    lost = [hit for hit in changed if hit.id in human_before and hit.kind != HitKind.HUMAN]
    if lost:
        withdraw_of({hit.session_id for hit in lost})
    _move({hit.application_id for hit in changed}, lost={hit.application_id for hit in lost})
    _tell([hit for hit in hits if hit.session_id in ids and hit.kind == HitKind.HUMAN], courses)


def _courses(ids: Collection[int]) -> dict[int, Course]:
    courses = {session.id: Course(session) for session in VisitorSession.objects.filter(id__in=ids)}
    visitors = {course.session.visitor_id for course in courses.values()}
    for page in PageView.objects.filter(visitor_id__in=visitors, session_id__in=courses).order_by("viewed_at", "id"):
        courses[page.session_id].pages.append(page)
    acts = VisitorInteraction.objects.filter(visitor_id__in=visitors, session_id__in=courses)
    for act in acts.order_by("occurred_at", "id"):
        courses[act.session_id].acts.append(act)
    return courses


def _judge(hit: ApplicationHit, hits: Sequence[ApplicationHit], courses: Mapping[int, Course]) -> bool:
    """Put the verdict of its visit on an opening; whether that changed it."""
    course = courses.get(hit.session_id or 0)
    if course is None:
        return False
    before = [getattr(hit, name) for name in VERDICT_FIELDS]
    verdict = judge_visit(_visit(course, links_at_once=_links_at_once(hit, hits)))
    is_human = verdict.kind is Kind.HUMAN
    hit.kind, hit.reason = verdict.kind.value, verdict.reason[:200]
    hit.has_read = is_human and course.session.is_engaged
    hit.has_resume, hit.has_contact = is_human and course.has_resume, is_human and course.has_contact
    return before != [getattr(hit, name) for name in VERDICT_FIELDS]


def _links_at_once(hit: ApplicationHit, hits: Sequence[ApplicationHit]) -> int:
    """Different links that this visitor asked for within a minute of this opening."""
    at_ms = unix_ms(hit.opened_at)
    near = (each for each in hits if each.visitor_id == hit.visitor_id)
    return len({each.application_id for each in near if abs(unix_ms(each.opened_at) - at_ms) <= AT_ONCE_MS})


def _visit(course: Course, *, links_at_once: int) -> Visit:
    session = course.session
    return Visit(
        is_owner=session.is_owner or session.label == Label.ME,
        is_bot=session.is_bot,
        bot_reason=session.bot_reason,
        network_kind=session.network_kind,
        has_tracker_sign=session.is_confirmed,
        engaged_ms=session.engaged_ms,
        pages=[(page.at_ms, page.path) for page in course.pages if page.status < 400],
        links_at_once=links_at_once,
        label=session.label,
    )


def withdraw_of(session_ids: Collection[int | None]) -> None:
    """What was told of these visits was wrong; a preview stays one, whoever came later."""
    told = Notice.objects.filter(session_id__in=session_ids, withdrawn_at=None)
    withdraw(list(told))


def _move(application_ids: Collection[int], *, lost: Collection[int]) -> None:
    """Bring the statuses up to what all openings say; back only where evidence was lost."""
    if not application_ids:
        return
    human = Q(kind=HitKind.HUMAN)
    counted = ApplicationHit.objects.filter(application_id__in=application_ids).values("application_id").order_by()
    for row in counted.annotate(opened=Count("id", filter=human), read=Count("id", filter=human & Q(has_read=True))):
        application = Application.objects.get(pk=row["application_id"])
        reached = reached_status(is_opened=bool(row["opened"]), is_engaged=bool(row["read"]))
        rule = taken_back if application.pk in lost else moved_on
        status = rule(application.status, reached=reached, is_held=application.is_status_held)
        if status != application.status:
            # Only if the owner has not changed it in between.
            unchanged = Application.objects.filter(pk=application.pk, status=application.status, is_status_held=False)
            unchanged.update(status=status)


def _tell(hits: Sequence[ApplicationHit], courses: Mapping[int, Course]) -> None:
    """Notices of the visits behind these openings by people."""
    if not hits:
        return
    people = ApplicationHit.objects.filter(kind=HitKind.HUMAN, application_id__in={hit.application_id for hit in hits})
    first = dict(people.values_list("application_id").order_by().annotate(Min("opened_at")))
    first_days = dict(people.values_list("application_id").order_by().annotate(Min("day")))
    told: set[int] = set()
    for hit in hits:
        if hit.session_id is None or hit.session_id in told:
            continue
        told.add(hit.session_id)
        is_first = hit.opened_at == first[hit.application_id]
        is_another_day = hit.day > first_days[hit.application_id]
        _tell_of(hit, courses[hit.session_id], is_first=is_first, is_another_day=is_another_day)


def _tell_of(hit: ApplicationHit, course: Course, *, is_first: bool, is_another_day: bool) -> None:
    application, company, session = hit.application, hit.application.company, course.session
    opened = sentence(f"{company} link opened" if is_first else f"{company} link opened again", course.seen)
    refresh(session.id, opened)
    if is_first:
        tell(
            NoticeKind.OPENED,
            text=opened,
            application=application,
            session_id=session.id,
            status_before=application.status,
        )
    elif is_another_day:
        tell(NoticeKind.RETURNED, text=opened, application=application, session_id=session.id)
    if course.has_resume:
        text = sentence(f"{company}: resume downloaded", replace(course.seen, has_resume=False))
        tell(NoticeKind.RESUME, text=text, application=application, session_id=session.id)
    if course.hiring:
        text = sentence(f"{company}: {course.hiring}", replace(course.seen, hiring=""))
        tell(NoticeKind.HIRING, text=text, application=application, session_id=session.id)


def tell_of_scores(sessions: Sequence[VisitorSession]) -> None:
    """Visits without a link whose score has just passed the threshold, once each."""
    ids = {session.id for session in sessions}
    known = set(Notice.objects.filter(kind=NoticeKind.SCORE, session_id__in=ids).values_list("session_id", flat=True))
    courses = _courses(ids - known) if ids - known else {}
    for course in courses.values():
        subject = f"Visit from {course.session.source}" if course.session.source else "Visit"
        tell(NoticeKind.SCORE, text=sentence(subject, course.seen), session_id=course.session.id)

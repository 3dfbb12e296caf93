"""Keep what happens to application links: previews, openings, and what their visits came to.

The caller holds the transaction and the recorder's database lock, and has stored the visits. Every step reads rows
and may run again: an opening is one row under its observation's id, a verdict is judged anew from its visit. Openings
by who asks not to be recorded have no row: they are added up in the transaction that stores how far the journal was
read, and so once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Final

from django.db.models import F

from visitors.applications.models import Application, ApplicationHit, HitKind, NoticeKind
from visitors.applications.rules import Kind, Opening, Verdict, judge_opening
from visitors.conf import conf
from visitors.detection.bots import Certainty
from visitors.detection.referrers import referrer_host
from visitors.identity import now_ms
from visitors.models import Label, Share, VisitorSession, unix_ms
from visitors.notices.outbox import tell
from visitors.observation import NOBODY, OPENING

from .openings import judge_hits, tell_of_scores, withdraw_of
from .sessions import Resolution
from .steps import Draft
from .summary import moment

NEWS_MS: Final = 24 * 3600 * 1000  # an imported log tells of visits that are no news


def write_shares(drafts: Iterable[Draft]) -> None:
    """Link previews, of pages and of application links."""
    Share.objects.bulk_create(
        [
            Share(
                id=draft.seen.id,
                shared_at=moment(draft.seen.at_ms),
                day=date.fromisoformat(draft.seen.day),
                path=draft.seen.path,
                channel=draft.share_channel,
                bot_name=draft.bot.name[:100],
                application=draft.seen.application,
            )
            for draft in drafts
            if draft.is_share
        ],
        ignore_conflicts=True,
    )


def follow_links(drafts: Iterable[Draft], resolution: Resolution) -> None:
    """Keep the openings of a batch; costs no query when it has none and no visit was taken in by another."""
    for gone, span in resolution.merged.items():
        ApplicationHit.objects.filter(session_id=gone).update(session_id=span.id)
    openings = [draft for draft in drafts if draft.seen.kind == OPENING and draft.seen.application]
    if not openings:
        return
    slugs = {draft.seen.application for draft in openings}
    applications = {each.slug: each for each in Application.objects.filter(slug__in=slugs)}
    hits, unrecorded = [], Counter[int]()
    for draft in openings:
        application = applications.get(draft.seen.application)
        # A link may have been answered without the database, which alone knows whether it still tells anything.
        if application is None or not application.is_live(moment(draft.seen.at_ms)):
            continue
        if draft.seen.visitor_id == NOBODY:
            unrecorded[application.pk] += _was_sent(application, draft)
        else:
            owner = resolution.span_of.get(draft.seen.id)
            hits.append(_hit(draft, application, session_id=owner.id if owner else None))
    ApplicationHit.objects.bulk_create(hits, ignore_conflicts=True)
    _add_up(unrecorded)
    for hit in hits:
        if hit.kind == HitKind.SHARE:
            tell(NoticeKind.SHARED, text=_shared_text(hit), application=hit.application)


def _add_up(unrecorded: Mapping[int, int]) -> None:
    for pk, count in unrecorded.items():
        Application.objects.filter(pk=pk).update(unrecorded=F("unrecorded") + count)


def _was_sent(application: Application, draft: Draft) -> bool:
    return application.sent_at is not None and unix_ms(application.sent_at) <= draft.seen.at_ms


def _hit(draft: Draft, application: Application, *, session_id: int | None) -> ApplicationHit:
    seen = draft.seen
    settled = judge_opening(
        Opening(
            was_sent=_was_sent(application, draft),
            is_owner=seen.is_owner,
            method=seen.method,
            purpose=seen.purpose,
            is_share=draft.is_share,
            share_channel=draft.share_channel,
            declared_bot=draft.bot.reason if draft.bot.certainty is Certainty.DECLARED else "",
        )
    )
    verdict = settled or Verdict(Kind.UNKNOWN, "the visit has yet to tell")
    return ApplicationHit(
        id=seen.id,
        application=application,
        session_id=session_id,
        visitor_id=seen.visitor_id,
        opened_at=moment(seen.at_ms),
        day=date.fromisoformat(seen.day),
        kind=verdict.kind.value,
        reason=verdict.reason[:200],
        channel=draft.share_channel,
        referrer_host=referrer_host(seen.referrer)[:255],
        is_settled=settled is not None,
    )


def _shared_text(hit: ApplicationHit) -> str:
    where = f" in {hit.channel}" if hit.channel else ""
    return f"{hit.application.company} link passed on{where}: a link preview was fetched."


def follow_visits(sessions: Collection[VisitorSession]) -> None:
    """Judge the openings behind these visits again and tell what is worth it; no query when there are none."""
    linked = [session for session in sessions if session.application]
    if linked:
        judge_hits(linked)
    taken_back = {session.id for session in sessions if session.is_owner or session.label in {Label.ME, Label.BOT}}
    if taken_back:
        withdraw_of(taken_back)
    recent_ms = now_ms() - NEWS_MS
    scored = [session for session in sessions if _is_scored(session) and unix_ms(session.last_activity_at) > recent_ms]
    if scored:
        tell_of_scores(scored)


def _is_scored(session: VisitorSession) -> bool:
    """A visit without a link that looks like a recruiter's; with a link, its own notices carry the score."""
    score = session.recruiter_score
    passes = score is not None and score >= conf.RECRUITER_THRESHOLD
    return passes and session.is_human and not session.label and not session.application

"""Bring a visit's row up to date with its page views and interactions: totals, verdicts, scores."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from visitors.conf import conf
from visitors.detection.bots import HUMAN, BotVerdict, Certainty, SessionEvidence, classify_session
from visitors.detection.engagement import engagement_points
from visitors.detection.goals import SeenPage, reached_goals
from visitors.detection.places import country_of_time_zone
from visitors.detection.recruiter_facts import ActFact, Calibration, PageFact, SessionFacts
from visitors.detection.recruiters import DEFAULT, UNSCORED, score_session
from visitors.identity import local_hour
from visitors.models import Label, PageView, VisitorInteraction, VisitorSession, unix_ms
from visitors.observation import TEXT_LIMIT, is_profile

from .ids import IMPORT_MACHINE, machine_of
from .sessions import Totals, add_up
from .steps import Draft, device_of, source_of

HOST_LIMIT: Final = 255
EVIDENCE_ROWS: Final = 50  # the course of a visit is clear by then; keeps scoring flat for crawlers


def moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, tz=UTC)


def open_with(session: VisitorSession, draft: Draft) -> None:
    """Source, campaign, device, place and language are those of the visit's first observation."""
    seen = draft.seen
    source = draft.source or source_of(seen)
    device = device_of(seen)
    session.referrer = seen.referrer if source.referrer_host else ""
    session.referrer_host, session.source = source.referrer_host[:HOST_LIMIT], source.source[:HOST_LIMIT]
    session.channel = str(source.channel)
    for name in ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "application"):
        setattr(session, name, getattr(seen, name)[:TEXT_LIMIT])
    session.country, session.region, session.city = seen.country, seen.region, seen.city
    session.place_from = "address" if seen.country else ""
    session.network, session.network_kind = seen.network, seen.network_kind
    session.device_type, session.app = device.device_type, device.app
    session.browser, session.browser_version = device.browser, device.browser_version
    session.os, session.os_version = device.os, device.os_version
    session.language = seen.accept_language.partition(",")[0].partition(";")[0].strip()[:20]


def note(session: VisitorSession, draft: Draft) -> None:
    """What any single observation may add to the visit: suspicion, ownership, a probe, the time zone."""
    seen, bot = draft.seen, draft.bot
    session.is_owner = session.is_owner or seen.is_owner
    if bot.certainty is Certainty.DECLARED:
        put_verdict(session, bot)
        session.bot_user_agent = seen.user_agent[:500]
    elif bot.is_bot and not session.suspected_reason:
        session.suspected_kind, session.suspected_reason = bot.kind, bot.reason[:200]
        session.bot_user_agent = seen.user_agent[:500]
    if seen.kind == "probe" and not session.probe:
        session.probe = seen.target
    if seen.tz:
        session.tz = seen.tz
    if is_profile(seen.visitor_id):  # the visit in which somebody agreed is the first that he is known by
        session.visitor_id = seen.visitor_id


def put_verdict(session: VisitorSession, verdict: BotVerdict) -> None:
    session.is_bot = verdict.is_bot
    session.bot_certainty = str(verdict.certainty)
    session.bot_kind, session.bot_name = str(verdict.kind), verdict.name[:100]
    session.bot_reason = verdict.reason[:200]


def summarise(
    session: VisitorSession,
    pages: Collection[PageView],
    acts: Sequence[VisitorInteraction],
    *,
    shared_paths: Collection[str] = (),
    has_returned: bool = False,
) -> None:
    """Recount the visit from its rows and judge it again; the rows get their copies of the verdict."""
    totals = add_up(pages, acts, start_ms=unix_ms(session.started_at), last_ms=unix_ms(session.last_activity_at))
    _put_totals(session, totals, pages, acts)
    _put_place(session)
    ordered = sorted(pages, key=lambda page: page.sequence)[:EVIDENCE_ROWS]
    put_verdict(session, _bot_verdict(session, ordered, acts))
    if not session.is_bot and session.label != Label.BOT:
        session.bot_user_agent = ""
    _put_recruiter(session, ordered, acts, shared_paths=shared_paths, has_returned=has_returned)
    apply_owner_label(session)
    for act in acts:
        act.is_human, act.session_id, act.visitor_id = session.is_human, session.id, session.visitor_id
    for page in pages:
        page.is_human, page.session_id, page.visitor_id = session.is_human, session.id, session.visitor_id
        page.source, page.channel = session.source, session.channel
        page.device_type, page.country = session.device_type, session.country


def _put_totals(
    session: VisitorSession, totals: Totals, pages: Collection[PageView], acts: Sequence[VisitorInteraction]
) -> None:
    kinds = [act.kind for act in acts]
    session.page_views_count, session.not_found_count = totals.page_views, totals.not_found
    session.interactions_count = totals.interactions
    session.hour = local_hour(unix_ms(session.started_at))
    session.engaged_ms, session.duration_ms = totals.engaged_ms, totals.duration_ms
    session.entry_host, session.entry_path = totals.entry_host, totals.entry_path
    session.exit_host, session.exit_path = totals.exit_host, totals.exit_path
    session.is_bounce, session.is_engaged = totals.is_bounce, totals.is_engaged
    session.is_confirmed = totals.is_confirmed or any(act.details.get("from") in {"tracker", "events"} for act in acts)
    found = (SeenPage(page.path, page.scroll_depth, page.engaged_ms) for page in pages if page.status < 400)
    session.converted_goals = reached_goals(conf.GOALS, pages=found, kinds=kinds)
    session.is_converted = bool(session.converted_goals)
    time_ms = sum(page.time_on_page_ms or 0 for page in pages)
    deepest = max((page.scroll_depth or 0 for page in pages), default=0)
    session.engagement_score = sum(engagement_points(totals.page_views, time_ms, deepest, kinds))


def _put_place(session: VisitorSession) -> None:
    """Without an address database the browser's time zone tells the country, and is named as the origin."""
    if session.tz and session.place_from != "address":
        session.country = country_of_time_zone(session.tz)
        session.place_from = "time zone" if session.country else ""


def _bot_verdict(session: VisitorSession, pages: Sequence[PageView], acts: Sequence[VisitorInteraction]) -> BotVerdict:
    if session.bot_certainty == Certainty.DECLARED:
        return BotVerdict(True, Certainty.DECLARED, session.bot_kind, session.bot_name, session.bot_reason)
    requested = HUMAN
    if session.suspected_reason:
        requested = BotVerdict(True, Certainty.SUSPECTED, session.suspected_kind, "", session.suspected_reason)
    return classify_session(requested, evidence=_evidence(session, pages, acts))


def _evidence(
    session: VisitorSession, pages: Sequence[PageView], acts: Sequence[VisitorInteraction]
) -> SessionEvidence:
    asked_robots = session.probe == "/robots.txt"
    posts = [act.at_ms for act in acts if act.kind in {"contact", "chat_message", "job_analysis"}]
    return SessionEvidence(
        paths=(("/robots.txt",) if asked_robots else ()) + tuple(page.path for page in pages),
        statuses=((200,) if asked_robots else ()) + tuple(page.status for page in pages),
        page_views=session.page_views_count,
        duration_ms=unix_ms(session.last_activity_at) - unix_ms(session.started_at),
        engaged_ms=session.engaged_ms,
        has_tracker_sign=session.is_confirmed,
        pages_carry_tracker=conf.PAGES_CARRY_TRACKER and machine_of(session.id) != IMPORT_MACHINE,
        first_post_ms=posts[0] - pages[0].at_ms if posts and pages else -1,
        network_kind=session.network_kind,
    )


def _put_recruiter(
    session: VisitorSession,
    pages: Sequence[PageView],
    acts: Sequence[VisitorInteraction],
    *,
    shared_paths: Collection[str],
    has_returned: bool,
) -> None:
    score = UNSCORED  # as for a bot and the owner whatever they did, so that it need not be gathered
    if not session.is_bot and not session.is_owner:
        facts = _facts(session, pages, acts, shared_paths=shared_paths, has_returned=has_returned)
        score = score_session(facts, calibration=_calibration(conf.RECRUITER_PRIOR, conf.RECRUITER_SLOPE))
    session.recruiter_score, session.recruiter_band = score.score, score.band
    session.recruiter_logit = None if score.score is None else round(score.evidence, 4)
    session.recruiter_signals = [
        {"signal": signal.signal, "weight": round(signal.weight, 2), "seen": signal.seen} for signal in score.signals
    ]
    session.is_recruiter = score.score is not None and score.score >= conf.RECRUITER_THRESHOLD
    session.is_client = score.label == "client"


@lru_cache(maxsize=1)
def _calibration(prior: float | None, slope: float | None) -> Calibration:
    return Calibration(prior=DEFAULT.prior if prior is None else prior, slope=DEFAULT.slope if slope is None else slope)


def _facts(
    session: VisitorSession,
    pages: Sequence[PageView],
    acts: Sequence[VisitorInteraction],
    *,
    shared_paths: Collection[str],
    has_returned: bool,
) -> SessionFacts:
    return SessionFacts(
        started_at_ms=unix_ms(session.started_at),
        tz=session.tz,
        referrer=session.referrer,
        referrer_host=session.referrer_host,
        source=session.source,
        channel=session.channel,
        utm_source=session.utm_source,
        utm_medium=session.utm_medium,
        utm_campaign=session.utm_campaign,
        utm_content=session.utm_content,
        app=session.app,
        device_type=session.device_type,
        application=session.application,
        network_kind=session.network_kind,
        pages=tuple(
            PageFact(
                path=page.path,
                route=page.route,
                at_ms=page.at_ms,
                engaged_ms=page.engaged_ms,
                scroll_depth=-1 if page.scroll_depth is None else page.scroll_depth,
            )
            for page in pages
            if page.status < 400
        ),
        acts=tuple(ActFact(act.kind, act.target, act.at_ms, act.details) for act in acts[:EVIDENCE_ROWS]),
        returned_within_week=has_returned,
        shared_path_recently=session.entry_path in shared_paths,
        is_bot=session.is_bot,
        is_owner=session.is_owner,
    )


def apply_owner_label(session: VisitorSession) -> None:
    """The owner's word is above every rule; then decide whether the visit counts in the human figures."""
    if session.label == Label.BOT:
        session.is_bot = True
    elif session.label:
        session.is_bot = False
    is_mine = session.is_owner or session.label == Label.ME
    if session.label in {Label.RECRUITER, Label.CLIENT, Label.PEER}:
        session.is_recruiter = session.label == Label.RECRUITER
        session.is_client = session.label == Label.CLIENT
    session.is_human = not session.is_bot and not is_mine and session.page_views_count + session.interactions_count > 0
    session.is_recruiter = session.is_recruiter and session.is_human

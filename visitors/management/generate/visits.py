"""Make the visits of one local day, the same ones for the same seed. Knows no database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from random import Random
from typing import Any, Final
from uuid import UUID

from visitors.detection.engagement import PASSIVE_KINDS, score_engagement
from visitors.detection.goals import SeenPage, reached_goals
from visitors.models import PageView, VisitorInteraction, VisitorSession
from visitors.recording.bulk import new_row
from visitors.recording.ids import IMPORT_MACHINE, MACHINE_SHIFT, compose

from . import world

BOT: Final = 0.15
OWNER: Final = 0.004
BOUNCES: Final = 0.35
MORE_PAGES: Final = 0.62  # chance of one more page after the second
COMES_BACK: Final = 0.06
TRACKED: Final = 0.75  # visits whose pages report
RECRUITER: Final = 0.015
NOT_FOUND: Final = 0.01
MOST_PAGES: Final = 40
ID_BITS: Final = 61


@dataclass(slots=True)
class Visit:
    session: VisitorSession
    views: list[PageView] = field(default_factory=list)
    acts: list[VisitorInteraction] = field(default_factory=list)


def visits_of_day(day: date, *, page_views: int, seed: int, zone: tzinfo, goals: Mapping[str, Any]) -> Iterator[Visit]:
    """Visits in order of time until the day has so many page views, those not found among them."""
    return _Day(day, seed=seed, zone=zone, goals=goals).visits(page_views)


class _Day:
    def __init__(self, day: date, *, seed: int, zone: tzinfo, goals: Mapping[str, Any]) -> None:
        self._day, self._goals, self._zone = day, goals, zone
        self._midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
        self._next_ms = _unix_ms(datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(days=1))
        self._random = Random(f"{seed} {day}")  # noqa: S311  (made-up visits keep no secret)
        self._number = seed * 7919
        self._visitors: list[int] = []

    def visits(self, page_views: int) -> Iterator[Visit]:
        lengths = list(self._lengths(page_views))
        starts = sorted(self._start_ms() for _ in lengths)
        for start_ms, length in zip(starts, lengths, strict=True):
            yield self._visit(start_ms, length)

    def _lengths(self, left: int) -> Iterator[int]:
        """Page views of each visit; the last one takes what is left."""
        while left > 0:
            length = 1
            if self._random.random() > BOUNCES:
                length = 2
                while length < MOST_PAGES and self._random.random() < MORE_PAGES:
                    length += 1
            yield min(length, left)
            left -= length

    def _start_ms(self) -> int:
        local = self._midnight + timedelta(hours=world.HOURS.draw(self._random), seconds=self._random.random() * 3600)
        return min(_unix_ms(local), self._next_ms - 1)

    def _visit(self, start_ms: int, length: int) -> Visit:
        session = self._opened(start_ms)
        visit = Visit(session)
        self._put_views(visit, start_ms, length)
        if not session.is_bot and self._random.random() < 0.12:
            self._put_acts(visit)
        self._put_totals(visit)
        return visit

    def _opened(self, start_ms: int) -> VisitorSession:
        random, origin, device = self._random, world.ORIGINS.draw(self._random), world.DEVICES.draw(self._random)
        is_bot = random.random() < BOT
        kind, name, certainty = world.BOTS.draw(random) if is_bot else ("", "", "none")
        started_at, host = _moment(start_ms), world.HOSTS.draw(random)
        return new_row(
            VisitorSession,
            id=self._id(start_ms),
            session_id=_uuid7(start_ms, random),
            visitor_id=self._visitor(),
            day=self._day,
            hour=started_at.astimezone(self._zone).hour,
            started_at=started_at,
            source=origin.source,
            channel=origin.channel,
            referrer_host=origin.host,
            utm_campaign=origin.campaign,
            entry_host=host,
            exit_host=host,
            country=world.COUNTRIES.draw(random),
            language=world.LANGUAGES.draw(random),
            device_type=device.device_type,
            browser=device.browser,
            browser_version=str(random.randint(118, 142)),
            os=device.os,
            is_bot=is_bot,
            bot_kind=kind,
            bot_name=name,
            bot_certainty=certainty,
            bot_reason=f"user agent names {name}" if name else ("asks faster than people" if is_bot else ""),
            is_owner=random.random() < OWNER,
            is_confirmed=not is_bot and random.random() < TRACKED,
            converted_goals=[],
            recruiter_signals=[],
        )

    def _visitor(self) -> int:
        if self._visitors and self._random.random() < COMES_BACK:
            return self._random.choice(self._visitors)
        self._visitors.append(self._random.getrandbits(ID_BITS))
        return self._visitors[-1]

    def _put_views(self, visit: Visit, start_ms: int, length: int) -> None:
        random, session, at_ms = self._random, visit.session, start_ms
        for sequence in range(1, length + 1):
            path = world.LANDINGS.draw(random) if sequence == 1 else world.PATHS.draw(random)
            gap_ms = int(random.expovariate(1 / (1500 if session.is_bot else 45_000)))
            view = self._view(session, at_ms, path=path, sequence=sequence)
            self._time(view, gap_ms=gap_ms if sequence < length else None)
            visit.views.append(view)
            at_ms += min(gap_ms, 1_700_000) if sequence < length else view.engaged_ms
        session.last_activity_at = _moment(at_ms)

    def _view(self, session: VisitorSession, at_ms: int, *, path: str, sequence: int) -> PageView:
        is_lost = sequence > 1 and self._random.random() < NOT_FOUND
        return new_row(
            PageView,
            id=session.id if sequence == 1 else self._id(at_ms),
            session_id=session.id,
            visitor_id=session.visitor_id,
            day=self._day_of(at_ms),
            viewed_at=_moment(at_ms),
            host=session.entry_host,
            path=f"/old{path}" if is_lost else path,
            title="Not found" if is_lost else f"Title of {path}",
            status=404 if is_lost else 200,
            sequence=sequence,
            is_confirmed=session.is_confirmed and not is_lost,
            source=session.source,
            channel=session.channel,
            device_type=session.device_type,
            country=session.country,
        )

    def _time(self, view: PageView, *, gap_ms: int | None) -> None:
        """By the tracker, else by the gap to the next page, which a last page has not."""
        if view.is_confirmed:
            most = gap_ms if gap_ms is not None else int(self._random.expovariate(1 / 20_000))
            view.engaged_ms = view.time_on_page_ms = int(most * self._random.uniform(0.4, 1))
            view.scroll_depth = min(100, int(self._random.triangular(5, 130, 60)))
        elif gap_ms is not None:
            view.time_on_page_ms, view.is_estimated = min(gap_ms, 1_700_000), True

    def _put_acts(self, visit: Visit) -> None:
        for view in self._random.sample(visit.views, min(len(visit.views), self._random.choice((1, 1, 1, 2, 3)))):
            at_ms = _unix_ms(view.viewed_at) + min(view.time_on_page_ms or 0, 5000)
            kind = world.KINDS.draw(self._random)
            act = new_row(
                VisitorInteraction,
                id=self._id(at_ms),
                session_id=visit.session.id,
                visitor_id=visit.session.visitor_id,
                day=self._day_of(at_ms),
                occurred_at=_moment(at_ms),
                kind=kind,
                target="resume.pdf" if kind == "download" else "",
                host=view.host,
                path=view.path,
                details={},
            )
            visit.acts.append(act)
        visit.acts.sort(key=lambda act: act.id)

    def _put_totals(self, visit: Visit) -> None:
        session, shown = visit.session, [view for view in visit.views if view.status < 400]
        kinds = [act.kind for act in visit.acts]
        is_active = any(kind not in PASSIVE_KINDS for kind in kinds)
        session.page_views_count, session.not_found_count = len(shown), len(visit.views) - len(shown)
        session.interactions_count = len(kinds)
        session.entry_path, session.exit_path = shown[0].path, shown[-1].path
        session.engaged_ms = sum(view.engaged_ms for view in visit.views)
        session.is_bounce = len(shown) == 1 and not is_active
        session.is_engaged = session.engaged_ms >= 10_000 or len(shown) > 1 or is_active
        length = session.last_activity_at - session.started_at
        session.duration_ms = 0 if session.is_bounce else length // timedelta(milliseconds=1)
        self._judge(visit, shown, kinds)

    def _judge(self, visit: Visit, shown: list[PageView], kinds: list[str]) -> None:
        session = visit.session
        pages = [SeenPage(view.path, view.scroll_depth, view.engaged_ms) for view in shown]
        session.converted_goals = reached_goals(self._goals, pages=pages, kinds=kinds)
        session.is_converted = bool(session.converted_goals)
        session.engagement_score = score_engagement(
            page_views=len(shown),
            engaged_ms=sum(view.time_on_page_ms or 0 for view in shown),
            deepest_scroll=max((view.scroll_depth or 0 for view in shown), default=0),
            kinds=kinds,
        ).score
        session.is_human = not session.is_bot and not session.is_owner
        if session.is_human:
            self._put_recruiter(session)
        for view in visit.views:
            view.is_human = session.is_human
        for act in visit.acts:
            act.is_human = session.is_human

    def _put_recruiter(self, session: VisitorSession) -> None:
        session.is_recruiter = self._random.random() < RECRUITER
        session.recruiter_score = self._random.randint(60, 98) if session.is_recruiter else self._random.randint(0, 40)
        session.recruiter_band = "likely" if session.is_recruiter else "unlikely"
        if session.is_recruiter:
            session.recruiter_signals = [{"signal": "linkedin", "weight": 1.4, "seen": session.source}]

    def _day_of(self, at_ms: int) -> date:
        return self._day if at_ms < self._next_ms else self._day + timedelta(days=1)

    def _id(self, at_ms: int) -> int:
        self._number += 1
        return compose(at_ms, machine=IMPORT_MACHINE, low_bits=self._number % (1 << MACHINE_SHIFT))


def _unix_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, tz=UTC)


def _uuid7(at_ms: int, random: Random) -> UUID:
    bits = random.getrandbits(74)
    return UUID(int=at_ms << 80 | 7 << 76 | (bits >> 62) << 64 | 2 << 62 | bits & ((1 << 62) - 1))

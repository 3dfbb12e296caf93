"""Invent the visits of a demo as the middleware would have observed them: the same for the same seed and end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from portfolio.demo.applications import openings
from portfolio.demo.personas import (
    BOTS,
    HACKER_NEWS,
    PERSONAS,
    Arrival,
    Persona,
)
from portfolio.demo.visit import DemoPlan, Visit
from visitors.identity import local_day
from visitors.observation import Observation
from visitors.recording.ids import DEMO_MACHINE, MACHINE_SHIFT, compose

SPIKE_DAYS_AGO: Final = 23  # a project was on the front page of Hacker News
SPIKE: Final = (0.06, 0.03, 0.012)  # of all visits, on that day and the next ones
SPIKE_HOURS: Final = 14
RETURN_SHARE: Final = 0.14  # of visitors come again on the same day
HERE_NOW: Final = ("recruiter", "engineer", "engineer", "student")  # on the site when the demo begins
HERE_BEFORE: Final = 16  # visits of the half hour before it
HOUR_MS: Final = 3_600_000
TRACKED_SHARE: Final = 0.9  # the others block the tracker


def observations(plan: DemoPlan) -> Iterator[Observation]:
    """All observations of the plan's days, oldest first, none later than its end."""
    end_ms = _unix_ms(plan.now)
    made = (seen for visit in _visits(plan) for seen in visit.observations())
    yield from _numbered(sorted((seen for seen in made if seen["at_ms"] <= end_ms), key=lambda seen: seen["at_ms"]))


def _numbered(made: Sequence[Mapping[str, Any]]) -> Iterator[Observation]:
    for number, seen in enumerate(made):
        low_bits = number % (1 << MACHINE_SHIFT)
        yield Observation(id=compose(seen["at_ms"], machine=DEMO_MACHINE, low_bits=low_bits), **seen)


def _visits(plan: DemoPlan) -> Iterator[Visit]:
    today = local_day(_unix_ms(plan.now))
    for days_ago in range(plan.days - 1, -1, -1):
        day = today - timedelta(days=days_ago)
        random = Random(f"{plan.seed} {day}")  # noqa: S311  (repeatable on purpose)
        for persona in (*PERSONAS, *BOTS):
            yield from _ordinary(plan, persona, day, random)
        if 0 <= SPIKE_DAYS_AGO - days_ago < len(SPIKE):
            yield from _spike(plan, day, random, share=SPIKE[SPIKE_DAYS_AGO - days_ago])
    yield from _openings(plan)
    yield from _here_now(plan)


def _openings(plan: DemoPlan) -> Iterator[Visit]:
    """Recruiters who follow the private link of an application."""
    recruiter = _persona("recruiter")
    random = Random(f"{plan.seed} links")  # noqa: S311
    for opening in openings(seed=plan.seed):
        if opening.days_ago < plan.days:
            start = plan.now - timedelta(days=opening.days_ago, minutes=random.randrange(60, 300))
            zone = random.choice(recruiter.zones)
            yield _visit(plan, recruiter, random, start=start, zone=zone, application=opening.slug)


def _ordinary(plan: DemoPlan, persona: Persona, day: date, random: Random) -> Iterator[Visit]:
    weight = persona.weekend if day.weekday() >= 5 else 1.0
    mean_weight = (5 + 2 * persona.weekend) / 7
    expected = plan.visits * persona.share / plan.days * weight / mean_weight * random.uniform(0.75, 1.25)
    for _ in range(int(expected) + (random.random() < expected % 1)):
        zone = random.choice(persona.zones)
        clock = time(random.choice(persona.hours), random.randrange(60), random.randrange(60))
        visit = _visit(plan, persona, random, start=datetime.combine(day, clock, ZoneInfo(zone)), zone=zone)
        yield visit
        if random.random() < RETURN_SHARE:
            yield _return_of(visit)


def _return_of(visit: Visit) -> Visit:
    """The same visitor hours later, who knows the address now."""
    later_ms = visit.random.randrange(2 * HOUR_MS, 6 * HOUR_MS)
    return replace(visit, at_ms=visit.at_ms + later_ms, arrival=Arrival(), seen=[])


def _spike(plan: DemoPlan, day: date, random: Random, *, share: float) -> Iterator[Visit]:
    engineer = _persona("engineer")
    begin = datetime.combine(day, time(7), ZoneInfo("UTC"))
    for _ in range(round(plan.visits * share)):
        start = begin + timedelta(hours=random.triangular(0, SPIKE_HOURS, 3))
        yield _visit(plan, engineer, random, start=start, zone=random.choice(engineer.zones), arrival=HACKER_NEWS)


def _here_now(plan: DemoPlan) -> Iterator[Visit]:
    random = Random(f"{plan.seed} now")  # noqa: S311
    for name in HERE_NOW:
        persona = _persona(name)
        start = plan.now - timedelta(seconds=random.randrange(20, 240))
        yield _visit(plan, persona, random, start=start, zone=random.choice(persona.zones))
    engineer = _persona("engineer")
    for _ in range(HERE_BEFORE):
        start = plan.now - timedelta(seconds=random.randrange(300, 1800))
        yield _visit(plan, engineer, random, start=start, zone=random.choice(engineer.zones))


def _persona(name: str) -> Persona:
    return next(persona for persona in PERSONAS if persona.name == name)


def _visit(
    plan: DemoPlan,
    persona: Persona,
    random: Random,
    *,
    start: datetime,
    zone: str,
    arrival: Arrival | None = None,
    application: str = "",
) -> Visit:
    weights = [each.weight for each in persona.arrivals]
    return Visit(
        plan=plan,
        persona=persona,
        random=random,
        at_ms=_unix_ms(start),
        zone=zone,
        arrival=arrival or random.choices(persona.arrivals, weights)[0],
        browser=random.choice(persona.browsers),
        client=f"client {random.getrandbits(48)}",
        is_tracked=persona not in BOTS and (bool(application) or random.random() < TRACKED_SHARE),
        network_kind=random.choice(persona.network_kinds),
        application=application,
    )


def _unix_ms(at: datetime) -> int:
    return int(at.timestamp()) * 1000

"""Job applications of the demo: invented companies, some of which opened their link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from visitors.applications.models import Application, SentBy, Status

SLUG_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz234567"


@dataclass(frozen=True, slots=True)
class DemoApplication:
    """`opened` are days after it was sent on which its link was opened."""

    company: str
    role: str
    channel: str
    sent_days_ago: int
    opened: tuple[int, ...] = ()


APPLICATIONS: Final = (
    DemoApplication("Fjordbank", "Senior Backend Engineer", SentBy.ATS, 26, (1, 4)),
    DemoApplication("Kite Robotics", "Platform Engineer", SentBy.EMAIL, 19, (0,)),
    DemoApplication("Lumen Health", "Staff Engineer, Data", SentBy.REFERRAL, 12, (2, 2, 6)),
    DemoApplication("Nordlys Energy", "Backend Engineer", SentBy.LINKEDIN, 10),
    DemoApplication("Harbour Analytics", "Python Engineer", SentBy.ATS, 5, (3,)),
    DemoApplication("Quiet Systems", "Infrastructure Engineer", SentBy.EMAIL, 1),
)


@dataclass(frozen=True, slots=True)
class Opening:
    """A link that is opened on one day of the demo."""

    slug: str
    days_ago: int


def slug_of(application: DemoApplication, *, seed: int) -> str:
    """Company in kebab case and four letters, the same for the same seed."""
    random = Random(f"{seed} {application.company}")  # noqa: S311  (repeatable on purpose)
    return f"{application.company.lower().replace(' ', '-')}-{''.join(random.choices(SLUG_LETTERS, k=4))}"


def openings(*, seed: int) -> tuple[Opening, ...]:
    return tuple(
        Opening(slug_of(each, seed=seed), each.sent_days_ago - after) for each in APPLICATIONS for after in each.opened
    )


def send_applications(*, seed: int, now: datetime) -> None:
    """Create what is not there yet."""
    for each in APPLICATIONS:
        Application.objects.get_or_create(
            slug=slug_of(each, seed=seed),
            defaults={
                "company": each.company,
                "role": each.role,
                "channel": each.channel,
                "status": Status.SENT,
                "sent_at": now - timedelta(days=each.sent_days_ago, hours=6),
                "target": "/",
            },
        )


def remove_applications(*, seed: int) -> None:
    Application.objects.filter(slug__in=[slug_of(each, seed=seed) for each in APPLICATIONS]).delete()

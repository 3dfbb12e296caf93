"""A seeded site, a browser that looks human, and what the visitors app has heard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from portfolio.seed import seed_site
from visitors.models import VisitorInteraction

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"


@pytest.fixture
def site(db: None) -> None:
    seed_site()


@pytest.fixture
def browser(site: None) -> Client:
    return Client(headers={"user-agent": FIREFOX})


@pytest.fixture
def other_browser(site: None) -> Client:
    return Client(headers={"user-agent": FIREFOX})


@pytest.fixture
def acts() -> Callable[[], list[tuple[str, str]]]:
    """Kind and target of each recorded interaction, in order."""
    return lambda: list(VisitorInteraction.objects.order_by("id").values_list("kind", "target"))


@pytest.fixture
def journal_only(settings: Any) -> None:
    """Recording writes to the journal file alone, so that counted queries are the site's own."""
    settings.VISITORS = settings.VISITORS | {"RECORDING": "external"}

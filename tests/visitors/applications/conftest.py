"""Application links are tried on a site of their own, in its own time zone."""

from __future__ import annotations

from typing import Any

import pytest

from visitors import ownership

from .people import NETWORKS


@pytest.fixture(autouse=True)
def _small_site(settings: Any, _own_journal: None) -> None:
    settings.ROOT_URLCONF = "tests.visitors.applications.site"
    settings.VISITORS = settings.VISITORS | {"NETWORK_KINDS": NETWORKS, "PAGES_CARRY_TRACKER": False}
    ownership.forget_networks()

"""The site with its content, for what only whole requests can show."""

from __future__ import annotations

import pytest

from portfolio.seed import seed_site


@pytest.fixture
def site(db: None) -> None:
    seed_site()

"""What every test of the site starts from: nothing is recorded in the background, nothing outside a temp folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from visitors import identity, recording


@pytest.fixture(autouse=True)
def _own_journal(settings: Any, tmp_path: Path) -> Iterator[None]:
    """Each test has a journal of its own and stores at once; throttles and salts start afresh."""
    settings.VISITORS = settings.VISITORS | {"JOURNAL_DIR": tmp_path / "journal", "RECORDING": "immediate"}
    cache.clear()
    identity.forget_secrets()
    yield
    recording.journal().close()
    identity.forget_secrets()

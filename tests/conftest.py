"""What every test of the site starts from: nothing is recorded in the background, nothing outside a temp folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from visitors import identity, recording
from visitors.limits import counting


@pytest.fixture(autouse=True)
def _own_journal(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test has a journal of its own and stores at once; limits and salts start afresh, and no answer is kept."""
    own = {"JOURNAL_DIR": tmp_path / "journal", "RECORDING": "immediate", "REPORT_CACHE": ""}
    settings.VISITORS = settings.VISITORS | own
    # The counts of limits would be among the queries that a test counts.
    monkeypatch.setattr(counting, "_shared", lambda _: counting._own)
    cache.clear()
    counting.forget()
    identity.forget_secrets()
    yield
    recording.journal().close()
    identity.forget_secrets()

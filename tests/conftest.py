"""What every test of the site starts from: nothing is recorded in the background, nothing outside a temp folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import override_settings

from visitors import identity, recording
from visitors.limits import counting


@pytest.fixture(scope="session", autouse=True)
def _nothing_in_the_background(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a closing page sends can arrive after its test: the server must not start a recorder for it."""
    late = django_settings.VISITORS | {
        "RECORDING": "external",
        "JOURNAL_DIR": tmp_path_factory.mktemp("late") / "journal",
    }
    with override_settings(VISITORS=late):
        yield


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

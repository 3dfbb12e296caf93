"""Run the checks, each in a transaction that is rolled back, and time them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, transaction
from django.template import TemplateDoesNotExist
from django.test import override_settings

from visitors.exceptions import VisitorsError
from visitors.identity import forget_secrets

from .bench import CheckFailed
from .surroundings import endpoint_checks, report_checks, system_checks
from .visits import Check, visit_checks

# Whatever a broken installation can raise; the check turns it into a cross with its text.
FAULTS: Final = (
    ArithmeticError,
    AttributeError,
    CheckFailed,
    Error,
    ImportError,
    ImproperlyConfigured,
    LookupError,
    OSError,
    RuntimeError,
    TemplateDoesNotExist,
    TypeError,
    ValueError,
    VisitorsError,
)


@dataclass(frozen=True, slots=True)
class Result:
    """`fault` is empty when the check passed."""

    name: str
    milliseconds: float
    fault: str = ""

    @property
    def is_passed(self) -> bool:
        return not self.fault


def run_checks() -> Iterator[Result]:
    """Results as they come. When the database cannot be reached, that is the only one."""
    with _own_journal():
        first = _result(Check("the database can be reached", _reach))
        yield first
        if first.is_passed:
            for check in chain(system_checks(), visit_checks(), report_checks(), endpoint_checks()):
                yield _result(check)


def _result(check: Check) -> Result:
    started = perf_counter()
    fault = ""
    try:
        with transaction.atomic():
            try:
                check.run()
            finally:
                transaction.set_rollback(True)
    except FAULTS as error:
        fault = str(error).strip() if isinstance(error, CheckFailed) else f"{type(error).__name__}: {error}".strip()
    return Result(check.name, round((perf_counter() - started) * 1000, 1), " ".join(fault.split()))


def _reach() -> None:
    """Beginning a transaction has connected already."""


@contextmanager
def _own_journal() -> Iterator[None]:
    """Requests of the checks are recorded into a journal of their own that nobody reads."""
    with TemporaryDirectory(prefix="visitors-selfcheck-") as folder:
        visitors = {**getattr(settings, "VISITORS", {}), "JOURNAL_DIR": folder, "RECORDING": "external"}
        forget_secrets()
        with override_settings(VISITORS=visitors):
            yield
        forget_secrets()

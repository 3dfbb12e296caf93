"""What the privacy tests share: a clock for the cost of one call."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

import pytest


@pytest.fixture
def benchmark_ms() -> Callable[[Callable[[], object]], float]:
    """CPU milliseconds of one call; the machine may be busy with other things."""

    def measure(call: Callable[[], object]) -> float:
        began = process_time()
        call()
        return (process_time() - began) * 1000

    return measure

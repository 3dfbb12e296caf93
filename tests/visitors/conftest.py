"""How property tests run: without a clock, since a busy machine is no fault of the code. And a Redis for who asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests import servers

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    try:
        server = servers.Redis()
    except servers.ServerMissing as missing:
        if servers.must_exist():
            pytest.fail(str(missing))
        pytest.skip(str(missing))
    yield server.url
    server.close()

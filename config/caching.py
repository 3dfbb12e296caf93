"""Do without Redis when it is away: ask again after a while instead of waiting for it in every request."""

from __future__ import annotations

from time import monotonic
from typing import Any, Final

from redis.connection import ConnectionPool
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

AWAY_SECONDS: Final = 5.0


class PatientPool(ConnectionPool):
    """After a failure, connections are refused at once for `AWAY_SECONDS`; the cache then counts as empty."""

    _away_until = 0.0

    def get_connection(self, *args: Any, **options: Any) -> Any:
        if monotonic() < self._away_until:
            raise RedisConnectionError("Redis was away a moment ago")
        try:
            return super().get_connection(*args, **options)
        except (RedisConnectionError, RedisTimeoutError):
            self._note_failure()
            raise

    def release(self, connection: Any) -> None:
        # A command that failed or took too long has closed its connection.
        if not connection.is_connected:
            self._note_failure()
        super().release(connection)

    def _note_failure(self) -> None:
        self._away_until = monotonic() + AWAY_SECONDS

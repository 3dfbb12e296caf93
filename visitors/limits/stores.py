"""Where windows are counted: each store adds and reads in one atomic step.

Raises `StoreAway` when the store cannot be asked within a tenth of a second.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from random import random
from threading import Lock
from typing import Any, Final, NamedTuple, Protocol

from django.db import DatabaseError, InterfaceError, connection
from redis.exceptions import RedisError

from visitors.models import LimitCount

MAX_KEYS: Final = 20_000
SWEEP_CHANCE: Final = 0.01
SWEEP_ROWS: Final = 500
LOCK_WAIT_MS: Final = 100  # the recorder may hold SQLite's only lock for longer
REDIS_PREFIX: Final = "visitors:limit:"


class StoreAway(Exception):
    """The store cannot be asked now; the text names the kind of fault alone."""


class Window(NamedTuple):
    """Requests counted, and the Unix time at which the count begins anew."""

    taken: int
    ends: float


NO_WINDOW: Final = Window(0, 0.0)


class Store(Protocol):
    def add(self, key: str, *, seconds: int, now: float) -> Window:
        """Count one; the window as it is then."""

    def look(self, key: str, *, now: float) -> Window:
        """The window as it is, `NO_WINDOW` when none is open."""


class MemoryStore:
    """For one process. The windows that were touched longest ago make room for new ones."""

    def __init__(self) -> None:
        self._windows: OrderedDict[str, Window] = OrderedDict()
        self._lock = Lock()

    def add(self, key: str, *, seconds: int, now: float) -> Window:
        with self._lock:
            open_one = self._windows.get(key, NO_WINDOW)
            is_over = open_one.ends <= now
            window = Window(1, now + seconds) if is_over else open_one._replace(taken=open_one.taken + 1)
            self._put(key, window)
            return window

    def look(self, key: str, *, now: float) -> Window:
        window = self._windows.get(key, NO_WINDOW)
        return window if window.ends > now else NO_WINDOW

    def keep(self, key: str, window: Window) -> None:
        with self._lock:
            self._put(key, window)

    def clear(self) -> None:
        with self._lock:
            self._windows.clear()

    def _put(self, key: str, window: Window) -> None:
        self._windows[key] = window
        self._windows.move_to_end(key)
        if len(self._windows) > MAX_KEYS:
            self._windows.popitem(last=False)


class DatabaseStore:
    """One statement adds and reads, so that requests at once are counted one by one on every database."""

    ADD: Final = """
        INSERT INTO visitors_limitcount (key, count, expires_at) VALUES (%s, 1, %s)
        ON CONFLICT (key) DO UPDATE SET
            count = CASE WHEN visitors_limitcount.expires_at <= %s THEN 1 ELSE visitors_limitcount.count + 1 END,
            expires_at = CASE WHEN visitors_limitcount.expires_at <= %s THEN excluded.expires_at
                ELSE visitors_limitcount.expires_at END
        RETURNING count
    """

    def add(self, key: str, *, seconds: int, now: float) -> Window:
        ends = now + seconds
        with _asked_briefly():
            if random() < SWEEP_CHANCE:  # noqa: S311  (chooses when to sweep, nothing secret)
                _sweep(now)
            with connection.cursor() as cursor:
                cursor.execute(self.ADD, [key, _stored(ends), _stored(now), _stored(now)])
                count = int(cursor.fetchone()[0])
            return Window(1, ends) if count == 1 else self.look(key, now=now)._replace(taken=count)

    def look(self, key: str, *, now: float) -> Window:
        with _asked_briefly():
            row = LimitCount.objects.filter(key=key, expires_at__gt=_moment(now)).first()
        return Window(row.count, row.expires_at.timestamp()) if row else NO_WINDOW


def _sweep(now: float) -> None:
    over = LimitCount.objects.filter(expires_at__lte=_moment(now)).values_list("pk", flat=True)[:SWEEP_ROWS]
    LimitCount.objects.filter(pk__in=list(over)).delete()


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, tz=UTC)


def _stored(at: float) -> Any:
    return connection.ops.adapt_datetimefield_value(_moment(at))


@contextmanager
def _asked_briefly() -> Iterator[None]:
    """SQLite has one lock for all: whoever counts waits for it shortly, whatever the site's own time-out."""
    try:
        if connection.vendor != "sqlite" or connection.in_atomic_block:
            yield
            return
        usual = _lock_wait_ms()
        _wait_for_lock(LOCK_WAIT_MS)
        try:
            yield
        finally:
            _wait_for_lock(usual)
    except (DatabaseError, InterfaceError) as error:
        raise StoreAway(type(error).__name__) from error


def _lock_wait_ms() -> int:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        return int(cursor.fetchone()[0])


def _wait_for_lock(milliseconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = " + str(int(milliseconds)))  # a pragma takes no parameters


class RedisStore:
    """A script runs whole in Redis; its key goes with the window. Times are the caller's, in milliseconds."""

    ADD: Final = """
        local ends = tonumber(redis.call('HGET', KEYS[1], 'ends') or '0')
        if ends <= tonumber(ARGV[1]) then
            redis.call('HSET', KEYS[1], 'count', 1, 'ends', ARGV[2])
            redis.call('PEXPIRE', KEYS[1], ARGV[2] - ARGV[1])
            return {1, ARGV[2]}
        end
        return {redis.call('HINCRBY', KEYS[1], 'count', 1), redis.call('HGET', KEYS[1], 'ends')}
    """

    def add(self, key: str, *, seconds: int, now: float) -> Window:
        now_ms = round(now * 1000)
        with _redis() as redis:
            count, ends_ms = redis.eval(self.ADD, 1, REDIS_PREFIX + key, now_ms, now_ms + seconds * 1000)
        return Window(int(count), int(ends_ms) / 1000)

    def look(self, key: str, *, now: float) -> Window:
        with _redis() as redis:
            count, ends_ms = redis.hmget(REDIS_PREFIX + key, "count", "ends")
        return Window(int(count), int(ends_ms) / 1000) if count and int(ends_ms) > now * 1000 else NO_WINDOW


@contextmanager
def _redis() -> Iterator[Any]:
    from django_redis import get_redis_connection

    try:
        yield get_redis_connection("default")
    except (RedisError, OSError) as error:
        raise StoreAway(type(error).__name__) from error

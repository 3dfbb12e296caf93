"""Count a request against its limit. A store that cannot be asked refuses nobody: this process counts for itself.

Failing open would leave a site without limits for as long as an attacker keeps its database busy; failing closed would
let him shut the site. With n processes the fallback lets through n times the limit.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from time import time
from typing import Final

from django.conf import settings

from visitors.conf import conf
from visitors.conf_security import MEMORY, Rule

from .stores import DatabaseStore, MemoryStore, RedisStore, Store, StoreAway, Window

logger = logging.getLogger(__name__)

KEY_BYTES: Final = 20
_own = MemoryStore()
_refused = MemoryStore()  # so that hammering a full window costs no write


def take(name: str, client: str, *, own: str = "") -> int:
    """Count one request of this client; 0 when it may go on, else the seconds until the next one may.

    A request that is refused counts no further: the wait does not grow. A window that is full under the key `own`
    refuses it too, so that no client goes on by asking not to be recorded once it is refused.
    """
    if own and (wait := seconds_left(name, own)):
        return wait
    for rule in conf.LIMITS[name]:
        wait = _take(_key(name, client, rule), rule)
        if wait:
            return wait
    return 0


def seconds_left(name: str, client: str, *, own: str = "") -> int:
    """How long this client must wait, 0 when he need not; counts nothing and leaves nothing."""
    keys = (client, own) if own else (client,)
    return max((_look(_key(name, key, rule), rule) for key in keys for rule in conf.LIMITS[name]), default=0)


def forget() -> None:
    """Drop what this process has counted."""
    _own.clear()
    _refused.clear()


def _take(key: str, rule: Rule) -> int:
    now = _now()
    full = _refused.look(key, now=now)
    if full.taken:
        return _seconds(full.ends - now)
    window = _ask(lambda store: store.add(key, seconds=rule.seconds, now=now))
    wait = _wait(window, rule, ahead=0, now=now)
    if wait:
        _refused.keep(key, window)
    return wait


def _look(key: str, rule: Rule) -> int:
    now = _now()
    return _wait(_ask(lambda store: store.look(key, now=now)), rule, ahead=1, now=now)


def _wait(window: Window, rule: Rule, *, ahead: int, now: float) -> int:
    return _seconds(window.ends - now) if window.taken + ahead > rule.most else 0


def _seconds(wait: float) -> int:
    return max(1, math.ceil(wait))


def _ask(question: Callable[[Store], Window]) -> Window:
    try:
        return question(_store())
    except StoreAway as away:
        logger.warning("Limits are counted by each process for itself: %s", away)
        return question(_own)


def _store() -> Store:
    return _own if conf.LIMIT_STORE == MEMORY else _shared(settings.CACHES["default"]["BACKEND"])


@cache
def _shared(backend: str) -> Store:
    return RedisStore() if backend.startswith("django_redis.") else DatabaseStore()


def _key(name: str, client: str, rule: Rule) -> str:
    """The client is a keyed hash already."""
    text = f"{name} {rule.most}/{rule.seconds} {client}"
    return blake2b(text.encode(), digest_size=KEY_BYTES).hexdigest()


def _now() -> float:
    return time()

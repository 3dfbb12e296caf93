"""Where the site around the app joins in: it keeps texts of visitors in tables of its own.

Connect in your app's `ready()`. A receiver that raises stops the erasure or the export: a promise half kept is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.dispatch import Signal
from django.http import HttpRequest

# Delete what `keys` (see `erasure_key_of`) or `request`, which may be `None`, prove to be the visitor's.
# Sent inside the transaction. Returns what was deleted: name -> count.
visitor_erased = Signal()

# Count (page, API) what is kept under `keys` or by `request`. Returns name -> count.
visitor_asked = Signal()

# Hand out what is kept under `keys`, for the owner's answer to a request. Returns name -> list of plain objects.
visitor_exported = Signal()

# Delete texts older than `before`, or only count them if `is_dry`. Returns name -> count.
texts_expired = Signal()


def erase_elsewhere(keys: Collection[str], request: HttpRequest | None) -> Counter[str]:
    return _added_up(visitor_erased.send(sender=None, keys=frozenset(keys), request=request))


def count_elsewhere(keys: Collection[str], request: HttpRequest | None) -> Counter[str]:
    return _added_up(visitor_asked.send(sender=None, keys=frozenset(keys), request=request))


def expire_elsewhere(before: datetime, *, is_dry: bool) -> Counter[str]:
    return _added_up(texts_expired.send(sender=None, before=before, is_dry=is_dry))


def export_elsewhere(keys: Collection[str]) -> dict[str, list[Any]]:
    told: dict[str, list[Any]] = {}
    answers: Any = visitor_exported.send(sender=None, keys=frozenset(keys))
    for _, rows in answers:
        told |= rows or {}
    return told


def _added_up(answers: Any) -> Counter[str]:
    total: Counter[str] = Counter()
    for _, counts in answers:
        total.update(counts or {})
    return total

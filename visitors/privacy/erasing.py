"""Erase a visitor: his rows, what was copied of them, what waits in a journal, and what the site around keeps of him.

What cannot be told apart any more stays: daily sums are made anew without him as long as their day's visits are kept,
and mails that went out are out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from django.apps import apps
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from visitors.applications.models import ApplicationHit, HitKind, Notice, NoticeDelivery
from visitors.conf import conf
from visitors.marks import mark_write
from visitors.models import (
    Erasure,
    PageView,
    VisitorInteraction,
    VisitorSession,
)
from visitors.observation import NOBODY
from visitors.recording import catch_up
from visitors.recording.quarantine import remove_visitors
from visitors.recording.recorder import lock_recording
from visitors.rollups.dirt import mark_dirty

from .hooks import erase_elsewhere
from .keys import erasure_key

ERASED_TEXT = "Erased by the visitor."
ERASED_REASON = "erased by the visitor"
AT_ONCE = 500
FACTS = (("page views", PageView), ("interactions", VisitorInteraction))


def erase_visitors(visitor_ids: Collection[int], *, request: HttpRequest | None = None) -> Counter[str]:
    """How much of what was erased, by name; doing it again finds nothing.

    Lines that still wait in any journal, here or on another machine, are left out when they are read. Raises what the
    database raises; then nothing is erased.
    """
    ids = {visitor_id for visitor_id in visitor_ids if visitor_id != NOBODY}
    catch_up()
    with transaction.atomic():
        lock_recording()
        _remember(ids)
        erased = _erase_rows(ids)
        erased += erase_elsewhere({erasure_key(visitor_id) for visitor_id in ids}, request)
    lines = remove_visitors(conf.JOURNAL_DIR, ids)
    return erased + Counter({"quarantined lines": lines})


def _remember(ids: Iterable[int]) -> None:
    """The recorder asks before it stores."""
    now = timezone.now()
    Erasure.objects.bulk_create(
        [Erasure(digest=erasure_key(visitor_id), erased_at=now) for visitor_id in ids],
        update_conflicts=True,
        unique_fields=["digest"],
        update_fields=["erased_at"],
    )


def _erase_rows(ids: Collection[int]) -> Counter[str]:
    sessions = VisitorSession.objects.filter(visitor_id__in=ids)
    known = dict(sessions.values_list("id", "day"))
    erased = Counter({"visits": len(known)})
    _erase_log_entries(known)
    erased["openings"] = _reduce_openings(ids, known)
    erased["notices"] = _blank_notices(known)
    days = set(known.values())
    for name, model in FACTS:
        rows = model.objects.filter(visitor_id__in=ids)
        days |= set(rows.order_by().values_list("day", flat=True).distinct())
        erased[name] = rows.delete()[0]
    sessions.delete()
    mark_dirty(days)
    mark_write()
    return erased


def _reduce_openings(ids: Collection[int], sessions: Collection[int]) -> int:
    """That a link was opened stays, as of somebody who wishes no record: it tells of the application, not of him."""
    mine = [ApplicationHit.objects.filter(visitor_id__in=ids)]
    mine += [ApplicationHit.objects.filter(session_id__in=some) for some in _chunks(sessions)]
    return sum(_reduce(hits) for hits in mine)


def _reduce(hits: QuerySet[ApplicationHit]) -> int:
    return hits.update(
        session_id=None,
        visitor_id=NOBODY,
        kind=HitKind.UNKNOWN,
        reason=ERASED_REASON,
        channel="",
        referrer_host="",
        is_settled=True,
        has_read=False,
        has_resume=False,
        has_contact=False,
    )


def _blank_notices(sessions: Collection[int]) -> int:
    blanked = 0
    for some in _chunks(sessions):
        told = list(Notice.objects.filter(session_id__in=some).values_list("pk", flat=True))
        NoticeDelivery.objects.filter(notice__in=told, sent_at=None).delete()
        now = timezone.now()
        blanked += Notice.objects.filter(pk__in=told).update(text=ERASED_TEXT, session_id=None, withdrawn_at=now)
    return blanked


def _erase_log_entries(sessions: Collection[int]) -> None:
    """The admin's log names the visits that the owner labelled."""
    if apps.is_installed("django.contrib.admin"):
        from django.contrib.admin.models import LogEntry
        from django.contrib.contenttypes.models import ContentType

        kind = ContentType.objects.get_for_model(VisitorSession)
        for some in _chunks(sessions):
            LogEntry.objects.filter(content_type=kind, object_id__in=list(map(str, some))).delete()


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    """Databases bound how much one question may hold."""
    ordered = sorted(ids)
    return (ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE))

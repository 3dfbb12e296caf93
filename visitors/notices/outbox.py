"""Write notices with the evidence: one of a kind in 24 hours, refreshed while unsent, withdrawn when it was wrong.

The caller holds the transaction; nothing is sent here.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from visitors.applications.models import (
    Application,
    DeliveryState,
    HitKind,
    Notice,
    NoticeDelivery,
    NoticeKind,
    Status,
    Way,
)
from visitors.conf import conf

from .schedule import earliest

ONE_OF_A_KIND: Final = timedelta(hours=24)
SILENT_AFTER: Final = timedelta(days=7)
SILENT_UNTIL: Final = timedelta(days=30)  # an application of last year, imported now, is no news


def tell(
    kind: NoticeKind,
    *,
    text: str,
    application: Application | None = None,
    session_id: int | None = None,
    status_before: str = "",
) -> Notice | None:
    """Put a notice into the inbox and on its ways; `None` when one of its kind was there in the last 24 hours."""
    now = timezone.now()
    if application is not None and not application.notify:
        return None
    if _was_told(kind, application=application, session_id=session_id, now=now):
        return None
    notice = Notice.objects.create(
        kind=kind,
        text=text,
        application=application,
        session_id=session_id,
        created_at=now,
        status_before=status_before,
    )
    NoticeDelivery.objects.bulk_create(
        NoticeDelivery(notice=notice, way=way, due_at=due_at(way, now)) for way in ways()
    )
    return notice


def _was_told(kind: NoticeKind, *, application: Application | None, session_id: int | None, now: datetime) -> bool:
    """Once a visit; once in 24 hours an application, however many visits. What was withdrawn had been told too."""
    told = Notice.objects.filter(kind=kind)
    if session_id is not None and told.filter(session_id=session_id).exists():
        return True
    return application is not None and told.filter(application=application, created_at__gt=now - ONE_OF_A_KIND).exists()


def ways() -> list[Way]:
    """The ways that the settings give."""
    return [way for way, is_set in ((Way.EMAIL, conf.NOTICE_EMAIL), (Way.WEBHOOK, conf.NOTICE_WEBHOOK)) if is_set]


def due_at(way: Way, now: datetime) -> datetime:
    """When a notice of `now` may go out this way: after the delay that leaves time for an undo."""
    delay = timedelta(seconds=conf.NOTICE_DELAY_SECONDS)
    moment = timezone.localtime(now + delay, timezone.get_default_timezone())
    return earliest(moment, quiet=conf.QUIET_HOURS, digest=conf.NOTICE_DIGEST if way == Way.EMAIL else None)


def refresh(session_id: int, text: str) -> None:
    """Say what the visit has come to in its notices that nobody was sent yet."""
    kinds = (NoticeKind.OPENED, NoticeKind.RETURNED)
    unsent = Notice.objects.filter(session_id=session_id, kind__in=kinds, withdrawn_at=None)
    sent = NoticeDelivery.objects.filter(state=DeliveryState.SENT, notice__session_id=session_id)
    unsent.exclude(pk__in=sent.values("notice")).exclude(text=text).update(text=text)


def withdraw(notices: Collection[Notice]) -> int:
    """Take notices back: what was not sent yet never will be. Returns how many deliveries that stops."""
    chosen = Notice.objects.filter(pk__in=[notice.pk for notice in notices], withdrawn_at=None)
    waiting = NoticeDelivery.objects.filter(notice__in=chosen, state=DeliveryState.WAITING)
    stopped = NoticeDelivery.objects.filter(pk__in=list(waiting.values_list("pk", flat=True))).update(
        state=DeliveryState.WITHDRAWN
    )
    chosen.update(withdrawn_at=timezone.now())
    return stopped


def undo(notice: Notice) -> None:
    """Withdraw a notice and put the application back to where it was, by the owner's hand."""
    with transaction.atomic():
        withdraw([notice])
        if notice.application_id and notice.status_before:
            Application.objects.filter(pk=notice.application_id, status__in=(Status.OPENED, Status.ENGAGED)).update(
                status=notice.status_before, is_status_held=True
            )


def remind_of_silence(now: datetime) -> int:
    """ "Sent 7 days ago, not opened", once for each application; returns how many."""
    waiting = Application.objects.filter(
        status=Status.SENT,
        notify=True,
        reminded_at=None,
        revoked_at=None,
        sent_at__lte=now - SILENT_AFTER,
        sent_at__gt=now - SILENT_UNTIL,
    )
    return sum(_remind(application, now) for application in waiting[:100])


def _remind(application: Application, now: datetime) -> bool:
    with transaction.atomic():
        # Another machine's recorder may ask the same question at the same time.
        if not Application.objects.filter(pk=application.pk, reminded_at=None).update(reminded_at=now):
            return False
        seen = application.hits.exclude(kind=HitKind.OWNER).count() + application.unrecorded
        machines = f" {seen} openings show no sign of a person." if seen else ""
        days = (now - application.sent_at).days if application.sent_at else 0
        text = f"{application}: sent {days} days ago, not opened.{machines}"
        return tell(NoticeKind.SILENT, text=text, application=application) is not None

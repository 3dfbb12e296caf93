"""Deliver what the outbox holds, after commit and outside of requests: a dead server delays nothing, loses nothing.

A delivery is claimed by moving its due time ahead before it is tried. Whatever happens then (an error, a kill), it is
due again later; what was sent twice carries the same id.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Sequence
from datetime import datetime
from smtplib import SMTPException
from time import monotonic
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import DatabaseError, InterfaceError, connections
from django.utils import timezone

from visitors.applications.models import DeliveryState, NoticeDelivery, Way
from visitors.conf import conf

from . import webhook
from .outbox import remind_of_silence
from .schedule import MAX_ATTEMPTS, earliest, retry_after
from .webhook import DeliveryFailed

logger = logging.getLogger(__name__)

CHECK_SECONDS: Final = 10.0
AT_ONCE: Final = 100

_threads: dict[Way, threading.Thread] = {}
_checked_at = 0.0


def post_in_background(*, every_seconds: float = CHECK_SECONDS) -> None:
    """Start delivering, at most every so often. Returns at once: each way has a thread of its own, so that a hanging
    mail server holds up neither the recorder nor the webhook. Raises what the database raises."""
    global _checked_at
    if monotonic() - _checked_at < every_seconds:
        return
    _checked_at = monotonic()
    now = timezone.now()
    remind_of_silence(now)
    due = NoticeDelivery.objects.filter(state=DeliveryState.WAITING, due_at__lte=now)
    for way in {Way(way) for way in due.values_list("way", flat=True).distinct()}:
        _start(way)


def finish(*, within_seconds: float) -> bool:
    """Wait for deliveries that are on their way; whether all ended in time."""
    deadline = monotonic() + within_seconds
    for thread in list(_threads.values()):
        thread.join(max(deadline - monotonic(), 0))
    return not any(thread.is_alive() for thread in _threads.values())


def _start(way: Way) -> None:
    running = _threads.get(way)
    if running is None or not running.is_alive():
        thread = threading.Thread(target=_run, args=(way,), name=f"visitors-notices-{way.value}", daemon=True)
        _threads[way] = thread
        thread.start()


def _run(way: Way) -> None:
    try:
        deliver(way)
    except (DatabaseError, InterfaceError) as error:
        logger.warning("Notices wait in the outbox: %s", type(error).__name__)
    finally:
        connections.close_all()


def deliver(way: Way, *, now: datetime | None = None) -> int:
    """Try what is due this way; returns how many notices arrived."""
    moment = now or timezone.now()
    due = NoticeDelivery.objects.filter(state=DeliveryState.WAITING, way=way, due_at__lte=moment)
    waiting = due.select_related("notice", "notice__application").order_by("due_at", "id")[:AT_ONCE]
    claimed = [delivery for delivery in waiting if _claim(delivery, moment)]
    if not claimed:
        return 0
    # One mail tells everything that is due; a webhook takes notices one by one.
    batches = [claimed] if way == Way.EMAIL else [[delivery] for delivery in claimed]
    return sum(len(batch) for batch in batches if _try(way, batch, moment))


def _claim(delivery: NoticeDelivery, now: datetime) -> bool:
    """Whether this process is the one to try it."""
    attempts = delivery.attempts + 1
    mine = NoticeDelivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING, due_at=delivery.due_at)
    again_at = timezone.localtime(now + retry_after(attempts), timezone.get_default_timezone())
    return bool(mine.update(attempts=attempts, due_at=earliest(again_at, quiet=conf.QUIET_HOURS)))


def _try(way: Way, batch: Sequence[NoticeDelivery], now: datetime) -> bool:
    tried = NoticeDelivery.objects.filter(pk__in=[delivery.pk for delivery in batch], state=DeliveryState.WAITING)
    try:
        send_mail(batch) if way == Way.EMAIL else send_to_webhook(batch[0], now)
    except (SMTPException, OSError, DeliveryFailed) as error:
        text = str(error) if isinstance(error, DeliveryFailed) else type(error).__name__
        logger.warning("A notice did not arrive by %s and is tried again: %s", way.value, text)
        tried.update(error=text[:200])
        tried.filter(attempts__gte=MAX_ATTEMPTS).update(state=DeliveryState.FAILED)
        return False
    tried.update(state=DeliveryState.SENT, sent_at=now, error="")
    return True


def send_mail(batch: Sequence[NoticeDelivery]) -> None:
    """One message; several notices make a digest, oldest first."""
    notices = sorted((delivery.notice for delivery in batch), key=lambda notice: (notice.created_at, notice.pk))
    lines = [f"{_local(notice.created_at)}  {notice.text}" for notice in notices]
    subject = notices[0].text.partition(". ")[0] if len(notices) == 1 else f"{len(notices)} notices of your site"
    inbox = f"{conf.SITE_URL}/admin/visitors/notice/" if conf.SITE_URL else ""
    EmailMessage(
        subject=" ".join(subject.split())[:150],
        body="\n\n".join([*lines, inbox] if inbox else lines) + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=list(conf.NOTICE_EMAIL),
    ).send()


def _local(moment: datetime) -> str:
    return f"{timezone.localtime(moment, timezone.get_default_timezone()):%a %d %b %H:%M}"


def send_to_webhook(delivery: NoticeDelivery, now: datetime) -> None:
    notice, application = delivery.notice, delivery.notice.application
    body = {
        "id": notice.pk,
        "kind": notice.kind,
        "text": notice.text,
        "created_at": notice.created_at.isoformat(),
        "application": application and {"id": application.pk, "company": application.company, "role": application.role},
    }
    webhook.post(
        conf.NOTICE_WEBHOOK,
        json.dumps(body, ensure_ascii=False).encode(),
        secret=conf.NOTICE_WEBHOOK_SECRET,
        timestamp=int(now.timestamp()),
        headers={"X-Visitors-Notice": str(notice.pk)},
        private=conf.NOTICE_WEBHOOK_PRIVATE,
    )

"""Agree on the secret of each day over all machines, ahead of the day, and destroy the ones whose visits have ended."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connection, transaction

from visitors.identity import forget_secrets, keep_secret, local_day, salt_directory, secret_of
from visitors.models import Salt, VisitorSession

from .sessions import SESSION_GAP_MS
from .summary import moment


def agree_on_salts(at_ms: int) -> None:
    """Make the files of today and tomorrow equal to the database's; the first machine to ask decides."""
    today = local_day(at_ms)
    for day in (today, today + timedelta(days=1)):
        mine = secret_of(day, create=True)
        row, _ = Salt.objects.get_or_create(day=day, defaults={"secret": mine})
        agreed = bytes(row.secret)
        if agreed != mine:
            keep_secret(salt_directory() / day.isoformat(), agreed, replace=True)
            forget_secrets()
    destroy_salts(today, at_ms=at_ms)


def destroy_salts(today: date, *, at_ms: int) -> None:
    """Forget days before yesterday, and yesterday as soon as none of its visits goes on."""
    first_kept = today - timedelta(days=1)
    still_on = VisitorSession.objects.filter(day__lt=today, last_activity_at__gte=moment(at_ms - SESSION_GAP_MS))
    if local_day(at_ms - SESSION_GAP_MS) == today and not still_on.exists():
        first_kept = today
    if Salt.objects.filter(day__lt=first_kept).delete()[0]:
        transaction.on_commit(_forget_bytes, robust=True)
    for path in salt_directory().iterdir():
        # A draft that a killed process left goes with its day; one of today is being written.
        if path.name.lstrip(".") < first_kept.isoformat():
            path.unlink(missing_ok=True)


def _forget_bytes() -> None:
    """A deleted row is still in the database's files: in SQLite's log, as a dead row of PostgreSQL. Whoever takes those
    could test addresses against the visits of its day. Once a day, over a table of three rows."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    elif connection.vendor == "postgresql":
        _begin_a_new_file()


@transaction.atomic
def _begin_a_new_file() -> None:
    """VACUUM would leave a row that any transaction of before may still see, a long report's for instance."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE visitors_salt IN ACCESS EXCLUSIVE MODE")
        kept = list(Salt.objects.all())
        cursor.execute("TRUNCATE visitors_salt")
    Salt.objects.bulk_create(kept)

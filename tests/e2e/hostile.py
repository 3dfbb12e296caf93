"""Rows of every model whose every text is an attack, whatever columns the models have."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from io import StringIO
from typing import Any, Final

from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import models
from django.utils import timezone

from visitors.models import PageView, RolledDay, RollupDay, VisitorSession

HTML: Final = '"><img src=x onerror=alert(1)><script>alert(1)</script>'
ATTACKS: Final = (HTML, "javascript:alert(1)", "a{{7*7}}z", "'-alert(1)-'", "</script><script>alert(1)</script>")
# What stands in a column too narrow for the attack itself: the first that fits.
NARROW: Final = ("<svg onload=alert(1)>", "<svg onload=alert()>", '"><u id=x>', '">')
# Text that only the code writes, from a fixed list or out of a hash: no word of a visitor reaches it.
NEVER_FREE: Final = {
    "portfolio.Conversation.erasure_key", "portfolio.Conversation.key_digest", "portfolio.JobAnalysis.erasure_key",
    "visitors.ApiToken.digest", "visitors.Application.slug", "visitors.DroppedCount.reason", "visitors.Erasure.digest",
    "visitors.JournalPosition.counted", "visitors.JournalPosition.offsets", "visitors.LimitCount.key",
    "visitors.RollupDay.dimension", "visitors.SharedLink.digest", "visitors.SharedLink.password",
    "visitors.Upkeep.task",
}  # fmt: skip
# What the owner writes about himself; its pages are tried with it, but no visitor can.
OWNERS: Final = {"Profile", "Skill", "Position", "Degree", "Project", "Passage"}
TEXTS: Final = (models.CharField, models.TextField, models.JSONField)

_numbers = itertools.count(1)


def hostile_models() -> list[type[models.Model]]:
    found = [model for label in ("visitors", "portfolio") for model in apps.get_app_config(label).get_models()]
    return [model for model in found if not model._meta.proxy and model.__name__ not in OWNERS]


def text_fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """Every column that could hold what somebody typed."""
    fields = [field for field in model._meta.concrete_fields if isinstance(field, TEXTS)]
    return [field for field in fields if not field.choices and f"{model._meta.label}.{field.name}" not in NEVER_FREE]


def fitting(attack: str, field: models.Field[Any, Any]) -> Any:
    """The attack as this column could hold it."""
    if isinstance(field, models.JSONField):
        return in_json(field.name, attack)
    if isinstance(field, models.EmailField):
        return f"{attack}@example.com"
    if field.name == "target" and field.model.__name__ == "Application":
        return f"/{attack}"
    room = field.max_length or len(attack)
    return next(text for text in (attack, *NARROW) if len(text) <= room)


def in_json(name: str, attack: str) -> Any:
    shapes = {
        "converted_goals": [attack],
        "recruiter_signals": [
            {"signal": attack, "weight": 3.4, "seen": attack},
            {"signal": "ats_recruiter_app", "weight": 3.4, "seen": attack},
        ],
        "details": {attack: attack, "hiring_phrase": attack, "looks_like_job_description": attack, "url": attack},
        "outcome": {attack: 3, "note": attack},
        "result": {
            "title": attack,
            "overall": 50,
            "level": attack,
            "requirements": [{"text": attack, "sentence": attack, "verdict": attack}],
        },
    }
    return shapes[name]


def store_attacks(attacks: Sequence[str] = ATTACKS) -> None:
    """Today's and yesterday's visits of people and bots with all that can hang on them, once for each attack."""
    owner = User.objects.get(username="owner")
    now = timezone.now()
    yesterday = {"day": timezone.localdate() - timedelta(days=1)}
    for attack in attacks:
        session = a_row(VisitorSession, attack)
        before = a_row(VisitorSession, attack, started_at=now - timedelta(days=1), **yesterday)
        a_row(
            PageView,
            attack,
            session_id=before.pk,
            viewed_at=before.started_at,
            visitor_id=before.visitor_id,
            **yesterday,
        )
        a_row(VisitorSession, attack, is_bot=True, is_human=False, is_recruiter=False)
        made: dict[str, Any] = {"User": owner}
        for model in sorted(set(hostile_models()) - {VisitorSession, RollupDay, RolledDay}, key=_depends):
            made[model.__name__] = _hang(model, attack, session, made)
        LogEntry.objects.log_actions(owner.pk, VisitorSession.objects.filter(pk=session.pk), CHANGE, attack)
        LogEntry.objects.filter(change_message=attack).update(object_repr=attack)
    RolledDay.objects.create(**yesterday)
    call_command("roll_up", stdout=StringIO())


def _hang(model: type[models.Model], attack: str, session: VisitorSession, made: dict[str, Any]) -> models.Model:
    columns: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.name in {"session_id", "visitor_id"}:
            columns[field.name] = session.pk if field.name == "session_id" else session.visitor_id
        elif isinstance(field, models.ForeignKey) and field.related_model.__name__ in made:
            columns[field.name] = made[field.related_model.__name__]
    return a_row(model, attack, **columns)


def _depends(model: type[models.Model]) -> int:
    """Those that others point to come first."""
    return {"Application": 0, "Conversation": 0, "Notice": 1}.get(model.__name__, 2)


def a_row(model: type[models.Model], attack: str, **columns: Any) -> Any:
    row = model()
    for field in model._meta.concrete_fields:
        if field.name in columns:
            setattr(row, field.name, columns[field.name])
        elif field in text_fields(model):
            setattr(row, field.name, fitting(attack, field))
        else:
            _set_plain(row, field)
    if "last_activity_at" not in columns and hasattr(row, "last_activity_at"):
        row.last_activity_at = row.started_at
    row.save(force_insert=True)
    return row


ENDS: Final = ("expires_at", "due_at")
NOT_YET: Final = ("revoked_at", "withdrawn_at", "read_at", "is_status_held", "is_pruned", "is_bot", "is_owner")


def _set_plain(row: Any, field: models.Field[Any, Any]) -> None:
    """A value that is harmless and in order; what has a default that means something keeps it."""
    number = next(_numbers)
    if isinstance(field, models.AutoField) or field.name in NOT_YET or field.choices:
        return
    if isinstance(field, models.DateTimeField):
        setattr(row, field.name, timezone.now() + timedelta(days=1 if field.name in ENDS else 0))
    elif isinstance(field, models.DateField):
        setattr(
            row, field.name, date(2020, 1, 1) + timedelta(days=number) if field.primary_key else timezone.localdate()
        )
    elif isinstance(field, models.UUIDField):
        setattr(row, field.name, uuid.uuid4())
    elif isinstance(field, models.BooleanField):
        setattr(row, field.name, True)
    elif isinstance(field, models.CharField) and not field.blank:
        setattr(row, field.name, f"{number:08}")
    elif field.primary_key or field.unique or field.name == "visitor_id":
        setattr(row, field.name, number)
    elif field.name in {"recruiter_score", "page_views_count", "interactions_count", "opened_count", "count"}:
        setattr(row, field.name, 90)

"""System checks of the dashboard's settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.module_loading import import_string

from .conf import conf


@register("visitors")
def check_dashboard(**_: Any) -> list[CheckMessage]:
    return [*_owner_panels(), *_digests()]


def _owner_panels() -> Iterator[CheckMessage]:
    for path in conf.OWNER_PANELS:
        try:
            is_callable = callable(import_string(path))
        except ImportError:
            is_callable = False
        if not is_callable:
            yield Error(
                f"VISITORS['OWNER_PANELS']: {path!r} is no callable that can be imported.",
                hint="Give dotted paths such as 'portfolio.panels.unanswered_questions'.",
                id="visitors.E100",
            )


def _digests() -> Iterator[CheckMessage]:
    for address in conf.DIGEST_EMAIL:
        try:
            validate_email(address)
        except ValidationError:
            hint = "Give whole addresses such as 'owner@example.com'."
            yield Error(f"VISITORS['DIGEST_EMAIL']: {address!r} is no e-mail address.", hint=hint, id="visitors.E101")

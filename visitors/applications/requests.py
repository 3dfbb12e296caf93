"""What a caller may send of an application, for the schema; `desk` holds the rules."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from visitors.schema_rules import CLOSED, NOT_BLANK, says

from .desk import PATH
from .models import SentBy, Status

YEARS: Final = "^(?:20[0-9]{2}|2100)-"
SAID: Final[dict[str, Any]] = CLOSED | {
    "properties": {
        "company": {"pattern": NOT_BLANK},
        "target": {"pattern": rf"^(?!/(?:r|admin|api)/){PATH.pattern}$"},
    }
}


@extend_schema_field(
    {
        "anyOf": [
            {"type": "string", "format": "date-time", "pattern": YEARS},
            {"type": "string", "format": "date", "pattern": YEARS},
            {"type": "string", "enum": [""]},
        ],
        "nullable": True,
    }
)
class TimeField(serializers.Field[Any, Any, Any, Any]):
    """A moment, or a day for its midnight; empty or null for none."""


@says(SAID)
class ApplicationChangeSerializer(serializers.Serializer[Any]):
    """Fields to change; what is left out stays. A time without offset is one of the site's time zone."""

    company = serializers.CharField(max_length=120, required=False)
    role = serializers.CharField(max_length=120, required=False, allow_blank=True)
    channel = serializers.ChoiceField(choices=SentBy.choices, required=False)
    target = serializers.CharField(max_length=300, required=False, help_text="A path of this site without a query.")
    resume_version = serializers.CharField(max_length=60, required=False, allow_blank=True)
    sent_at = TimeField(required=False, allow_null=True)
    status = serializers.ChoiceField(choices=Status.choices, required=False)
    notes = serializers.CharField(max_length=10_000, required=False, allow_blank=True)
    expires_at = TimeField(required=False, allow_null=True)
    notify = serializers.BooleanField(required=False)


@says(SAID)
class NewApplicationSerializer(ApplicationChangeSerializer):
    """Only `company` is required; the link is made."""

    company = serializers.CharField(max_length=120)

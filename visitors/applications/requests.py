"""What a caller may send of an application, for the schema; `desk` holds the rules."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from .models import SentBy, Status


class ApplicationChangeSerializer(serializers.Serializer[Any]):
    """Fields to change; what is left out stays. A time without offset is one of the site's time zone."""

    company = serializers.CharField(max_length=120, required=False)
    role = serializers.CharField(max_length=120, required=False, allow_blank=True)
    channel = serializers.ChoiceField(choices=SentBy.choices, required=False)
    target = serializers.CharField(max_length=300, required=False, help_text="A path of this site without a query.")
    resume_version = serializers.CharField(max_length=60, required=False, allow_blank=True)
    sent_at = serializers.DateTimeField(required=False, allow_null=True)
    status = serializers.ChoiceField(choices=Status.choices, required=False)
    notes = serializers.CharField(max_length=10_000, required=False, allow_blank=True)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    notify = serializers.BooleanField(required=False)


class NewApplicationSerializer(ApplicationChangeSerializer):
    """Only `company` is required; the link is made."""

    company = serializers.CharField(max_length=120)

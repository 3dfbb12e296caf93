"""A model field for short lists of words, edited in the admin as one line with commas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models


def validate_terms(value: object) -> None:
    if not isinstance(value, list) or not all(isinstance(term, str) and term.strip() for term in value):
        raise ValidationError("Expected a list of words.", code="terms")


class TermsFormField(forms.CharField):
    def prepare_value(self, value: object) -> object:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: object) -> Any:
        if isinstance(value, list):
            return value
        return [term for term in (part.strip() for part in str(value or "").split(",")) if term]

    def has_changed(self, initial: object, data: object) -> bool:
        return bool(self.to_python(initial) != self.to_python(data))

    def validate(self, value: object) -> None:
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: object) -> None:
        for term in value if isinstance(value, list) else []:
            super().run_validators(term)


if TYPE_CHECKING:
    _JSONField = models.JSONField[list[str], list[str]]
else:
    _JSONField = models.JSONField


class TermsField(_JSONField):
    """A JSON list of non-empty strings."""

    default_validators = [validate_terms]

    def formfield(self, **kwargs: Any) -> Any:
        return TermsFormField(
            required=not self.blank, label=kwargs.get("label"), help_text=self.help_text, max_length=60
        )

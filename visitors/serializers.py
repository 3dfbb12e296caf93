"""Turn the reports' frozen dataclasses into JSON and into the schema, so that each shape is written once.

A field is named as in the dataclass, or as its `name` metadata says, and is explained by the definition of the metric
of that name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import Field, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from rest_framework import serializers

from .funnels.rules import MAX_TEXT, RULES
from .privacy.service import Erased, Held, OptOut
from .reports.application_timeline import ApplicationTimeline
from .reports.applications import ApplicationFunnel, ApplicationList, ApplicationShown
from .reports.behavior import BehaviorReport
from .reports.bots import BotReport
from .reports.current import CurrentSession
from .reports.engagement import EngagementReport
from .reports.funnel import FunnelReport
from .reports.goals import Goals
from .reports.journeys import Journeys
from .reports.metrics import METRICS
from .reports.overview import SessionStatistics
from .reports.pages import PopularPages
from .reports.query import Definitions, QuestionAnswer
from .reports.realtime import RealTime
from .reports.recruiters import Recruiters
from .reports.retention import Retention
from .reports.session import LABELS, SessionInsight, SessionLabelled
from .reports.session_list import SessionList
from .schema_rules import CLOSED, says

PLAIN: Final[Mapping[Any, Callable[..., serializers.Field[Any, Any, Any, Any]]]] = {
    bool: serializers.BooleanField,
    int: serializers.IntegerField,
    float: serializers.FloatField,
    str: serializers.CharField,
    date: serializers.DateField,
    datetime: serializers.DateTimeField,
    UUID: serializers.UUIDField,
    Any: serializers.JSONField,
}


@cache
def serializer_of(shape: type) -> type[serializers.Serializer[Any]]:
    """A read-only serializer for a dataclass, its component in the schema named like it."""
    hints = get_type_hints(shape)
    members = {
        column.metadata.get("name", column.name): _member(column, hints[column.name]) for column in fields(shape)
    }
    return type(f"{shape.__name__}Serializer", (serializers.Serializer,), members | {"__doc__": shape.__doc__})


def _member(column: Field[Any], hint: Any) -> serializers.Field[Any, Any, Any, Any]:
    options: dict[str, Any] = {"read_only": True}
    if "name" in column.metadata:
        options["source"] = column.name
    if column.name in METRICS:
        options["help_text"] = METRICS[column.name].text
    return _field(hint, **options)


def _field(hint: Any, **options: Any) -> serializers.Field[Any, Any, Any, Any]:
    """Raises `TypeError` for a type that no report may use."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        (known,) = (argument for argument in arguments if argument is not NoneType)
        return _field(known, allow_null=True, **options)
    if origin is tuple:
        return _list(arguments[0], **options)
    if origin in {dict, Mapping}:
        return serializers.DictField(child=_field(arguments[1]), **options)
    if hint in PLAIN:
        return PLAIN[hint](**options)
    if isinstance(hint, type) and is_dataclass(hint):
        return serializer_of(hint)(**options)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return serializers.ChoiceField(choices=[member.value for member in hint], **options)
    raise TypeError(f"No field for {hint!r}.")


def _list(hint: Any, **options: Any) -> serializers.Field[Any, Any, Any, Any]:
    if isinstance(hint, type) and is_dataclass(hint):
        return serializer_of(hint)(many=True, **options)
    return serializers.ListField(child=_field(hint), **options)


SessionStatisticsSerializer = serializer_of(SessionStatistics)
SessionInsightSerializer = serializer_of(SessionInsight)
EngagementSerializer = serializer_of(EngagementReport)
BehaviorSerializer = serializer_of(BehaviorReport)
PopularPagesSerializer = serializer_of(PopularPages)
RealTimeSerializer = serializer_of(RealTime)
CurrentSessionSerializer = serializer_of(CurrentSession)
BotsSerializer = serializer_of(BotReport)
RecruitersSerializer = serializer_of(Recruiters)
QuestionAnswerSerializer = serializer_of(QuestionAnswer)
DefinitionsSerializer = serializer_of(Definitions)
SessionLabelledSerializer = serializer_of(SessionLabelled)
GoalsSerializer = serializer_of(Goals)
FunnelReportSerializer = serializer_of(FunnelReport)
JourneysSerializer = serializer_of(Journeys)
SessionListSerializer = serializer_of(SessionList)
RetentionSerializer = serializer_of(Retention)

HeldSerializer = serializer_of(Held)
ErasedSerializer = serializer_of(Erased)
OptOutSerializer = serializer_of(OptOut)

ApplicationListSerializer = serializer_of(ApplicationList)
ApplicationShownSerializer = serializer_of(ApplicationShown)
ApplicationTimelineSerializer = serializer_of(ApplicationTimeline)
ApplicationFunnelSerializer = serializer_of(ApplicationFunnel)


class LabelSerializer(serializers.Serializer[Any]):
    """The owner's word on a visit; empty takes it back."""

    # A field's own caption has the same name in the base class.
    label = serializers.ChoiceField(choices=LABELS, allow_blank=True)  # type: ignore[assignment]


A_STEPS_TEXT: Final = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}


@says(
    CLOSED
    | {
        "properties": {
            "name": {"minLength": 0, "maxLength": MAX_TEXT},
            "steps": {
                "items": CLOSED | {"properties": dict.fromkeys(("name", *RULES), A_STEPS_TEXT)},
            },
        }
    }
)
class FunnelSerializer(serializers.Serializer[Any]):
    """A funnel of the caller's own: 2-8 steps, each with one or more of page, interaction and goal."""

    name = serializers.CharField(required=False)
    steps = serializers.ListField(
        child=serializers.DictField(child=serializers.CharField()), min_length=2, max_length=8
    )
    window_minutes = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=1440)


class FaultSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="For programs: of a 400, the rule that is broken (see `x-rules`).")
    message = serializers.CharField(help_text="Name, requirement, what came.")
    parameter = serializers.CharField(allow_null=True)
    # Only described here, so that the base class's own list of faults is not in the way.
    errors = serializers.ListField(  # type: ignore[assignment]
        child=serializers.DictField(), help_text="One per faulty field."
    )


class ErrorAnswerSerializer(serializers.Serializer[Any]):
    """The one shape of every error."""

    error = FaultSerializer()

"""Tell a load balancer whether this process lives and whether it can serve. Cheap, anonymous, without error texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Overdue
from typing import Any, Final, TypeAlias

from django.core.cache import cache
from django.db import DatabaseError, InterfaceError, connection
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, authentication_classes, permission_classes, throttle_classes
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from api.schema import answer
from visitors.recording.status import Backlog, backlog

CACHE_SECONDS: Final = 0.25
CACHE_KEY: Final = "api.readyz"
View: TypeAlias = Callable[..., Any]
# One thread for all pings: a cache that hangs delays each answer by the time-out and holds one thread, not many.
_pinger = ThreadPoolExecutor(max_workers=1, thread_name_prefix="readyz")


class HealthSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=["alive"])


class RecordingSerializer(serializers.Serializer[Any]):
    """How the recorder of this machine is doing; `null` when the database, which knows, is away."""

    is_late = serializers.BooleanField()
    waiting_bytes = serializers.IntegerField()
    lag_seconds = serializers.FloatField()
    journal_bytes = serializers.IntegerField()
    quarantined_bytes = serializers.IntegerField()
    last_write = serializers.DateTimeField(allow_null=True)
    lost_today = serializers.DictField(child=serializers.IntegerField(), help_text="observations by reason")


class ReadinessSerializer(serializers.Serializer[Any]):
    """`degraded`: pages are served, but the cache is away, visits wait for a recorder, lie in quarantine or were lost
    today."""

    status = serializers.ChoiceField(choices=["ready", "degraded", "unavailable"])
    database = serializers.BooleanField()
    cache = serializers.BooleanField()
    recording = RecordingSerializer(allow_null=True)


READINESS: Final = {
    200: answer("ready", ReadinessSerializer),
    503: answer("unavailable", ReadinessSerializer),
}


def _probe(name: str, answers: Mapping[int, OpenApiResponse]) -> Callable[[View], View]:
    """A GET for machines without a name: no account, no limit, no cookie."""

    def decorate(view: View) -> View:
        for decorator in (throttle_classes([]), permission_classes([AllowAny]), authentication_classes([])):
            view = decorator(view)
        documented = extend_schema(operation_id=name, tags=["health"], responses=dict(answers), auth=[])
        return documented(api_view(["GET"])(view))

    return decorate


@_probe("healthz", {200: answer("alive", HealthSerializer)})
def healthz(request: Request) -> Response:  # noqa: ARG001
    """The process answers; nothing else is asked."""
    return Response({"status": "alive"}, headers={"Cache-Control": "no-store"})


@_probe("readyz", READINESS)
def readyz(request: Request) -> Response:  # noqa: ARG001
    """One `SELECT 1`, one ping of the cache, one look at the recorder; 503 only when the database is down."""
    return _readiness()


@_probe("health", READINESS)
def health(request: Request) -> Response:  # noqa: ARG001
    """The same under the address that clients made for Plausible ask."""
    return _readiness()


def _readiness() -> Response:
    has_database, has_cache = _database_answers(), _cache_answers()
    waits = _backlog() if has_database else None
    is_well = has_cache and waits is not None and waits.is_well
    status = ("ready" if is_well else "degraded") if has_database else "unavailable"
    recording = RecordingSerializer(waits).data if waits else None
    body = {"status": status, "database": has_database, "cache": has_cache, "recording": recording}
    return Response(body, status=200 if has_database else 503, headers={"Cache-Control": "no-store"})


def _backlog() -> Backlog | None:
    try:
        return backlog()
    except (DatabaseError, InterfaceError, OSError):
        return None


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except (DatabaseError, InterfaceError):
        return False


def _cache_answers() -> bool:
    try:
        return _pinger.submit(_ping).result(timeout=CACHE_SECONDS)
    except (Overdue, OSError, RuntimeError):
        return False


def _ping() -> bool:
    cache.set(CACHE_KEY, "pong", timeout=10)
    return bool(cache.get(CACHE_KEY) == "pong")

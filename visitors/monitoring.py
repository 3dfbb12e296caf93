"""How recording is doing, as Prometheus text for a token."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from .recording.status import Status, recording_status
from .views import OwnerView

ANSWERS: Final = {
    200: "Prometheus text.",
    401: "Nobody is logged in; the fault stands in a comment.",
    403: "Not staff, or a token of another scope.",
    429: "Too many requests; `Retry-After` says when.",
    503: "The database is out of reach; `Retry-After` says when.",
}

EXAMPLES: Final = {200: "visitors_recording_lag_seconds 0.4\n"}


class PrometheusRenderer(BaseRenderer):
    """Text exposition format 0.0.4; faults are answered in it as comments."""

    media_type = "text/plain"
    format = "prometheus"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> str:  # noqa: ARG002
        return data if isinstance(data, str) else f"# {data}\n"


class MetricsView(OwnerView):
    """What waits in the journal, for how long, what was left out. It drains nothing: a scrape only looks."""

    renderer_classes = (PrometheusRenderer,)
    drains_first = False

    @extend_schema(
        responses={
            (status, "text/plain"): OpenApiResponse(
                OpenApiTypes.STR,
                description=text,
                examples=[OpenApiExample("Text", value=EXAMPLES.get(status, f"# {text}\n"), media_type="text/plain")],
            )
            for status, text in ANSWERS.items()
        },
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return Response("".join(f"{line}\n" for line in exposition(recording_status())))


def exposition(status: Status) -> Iterator[str]:
    """The status as Prometheus lines: seconds and bytes, as its naming rules ask."""
    yield from _gauge("journal_bytes", "Bytes of the journal on disk.", status.journal_bytes)
    yield from _gauge("waiting_bytes", "Journal bytes that are not stored yet.", status.waiting_bytes)
    yield from _gauge("recording_lag_seconds", "Age of the oldest observation that waits.", status.lag_seconds)
    yield from _gauge("quarantined_lines", "Lines that could not be stored.", status.quarantined)
    if status.last_write:
        yield from _gauge(
            "last_write_timestamp_seconds", "When visits were last stored.", status.last_write.timestamp()
        )
    yield "# HELP visitors_left_out Observations left out in the last 7 days, by reason."
    yield "# TYPE visitors_left_out gauge"
    for reason, count in sorted(status.dropped.items()):
        yield f'visitors_left_out{{reason="{reason}"}} {count}'


def _gauge(name: str, text: str, value: float) -> Iterator[str]:
    yield f"# HELP visitors_{name} {text}"
    yield f"# TYPE visitors_{name} gauge"
    yield f"visitors_{name} {value}"

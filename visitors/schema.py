"""Describe the faces of the reports to OpenAPI: parameters, answers with examples, and every error."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.serializers import Serializer

from .exceptions import Rule
from .reports.filters import MAX_PAGE, MAX_PAGE_SIZE, PAGE_SIZE
from .reports.periods import DEFAULT_DAYS, MAX_DAYS
from .reports.recruiters import MAX_SCORE
from .schema_rules import broken_by
from .serializers import ErrorAnswerSerializer

View = TypeVar("View", bound=Callable[..., Any])

EXAMPLES: Final = Path(__file__).parent / "examples.json"


def _number(
    name: str, text: str, *, least: int, most: int, default: int | None = None, rules: Iterable[Rule] = ()
) -> OpenApiParameter:
    shape: dict[str, Any] = {"type": "integer", "minimum": least, "maximum": most}
    if default is not None:
        shape["default"] = default
    return OpenApiParameter(name, shape, description=text, extensions=broken_by(*rules) if rules else None)


# No default in the schema: clients made from it would send it along with a period of another kind.
DAYS: Final = _number(
    "days",
    f"Local days up to and including today, {DEFAULT_DAYS} when left out.",
    least=1,
    most=MAX_DAYS,
    rules=(Rule.TOGETHER,),
)
PAGING: Final = (
    _number("page", "Page of the list, from 1.", least=1, most=MAX_PAGE, default=1),
    _number("page_size", "Rows of a page.", least=1, most=MAX_PAGE_SIZE, default=PAGE_SIZE),
)
MIN_SCORE: Final = _number(
    "min_score",
    "Least recruiter score; without it the site's threshold and the owner's labels decide.",
    least=0,
    most=MAX_SCORE,
)

FAULTS: Final = {
    400: ("invalid", "A parameter breaks its rule.", "`days` must be between 1 and 365, not 0."),
    401: ("not_authenticated", "Nobody is logged in.", "Authentication credentials were not provided."),
    403: ("permission_denied", "Not staff, or without the permission.", "Reports are for the staff of the site."),
    404: ("not_found", "There is no such session or application.", "No session has this id."),
    429: ("throttled", "Too many requests; `Retry-After` says when.", "Request was throttled."),
    503: ("unavailable", "The database is out of reach; `Retry-After` says when.", "The database is out of reach."),
}


class ApiTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema calls a token in the Authorization header."""

    target_class = "visitors.authentication.ApiTokenAuthentication"
    name = "tokenAuth"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:  # noqa: ARG002
        return {"type": "http", "scheme": "bearer"}


def describes(
    answer: type[Serializer[Any]],
    *parameters: OpenApiParameter,
    request: type[Serializer[Any]] | None = None,
    may_miss: bool = False,
    is_public: bool = False,
    may_refuse: bool = False,
    operation: str = "",
    status: int = 200,
    sent: Any = None,
    rules: Iterable[Rule] = (),
) -> Callable[[View], View]:
    """Parameters, an example of the body that is `sent`, the answer with its example, each error in the one shape, and
    the `rules` that a body may break although it fits."""
    absent = {401, 403} if is_public else set()
    absent -= {403} if may_refuse else set()
    absent |= set() if may_miss else {404}
    name = answer.__name__.removesuffix("Serializer")
    success = OpenApiResponse(answer, examples=[OpenApiExample("Answer", value=example_of(name))])
    broken = {*rules, *((Rule.UNSTORABLE,) if request else ())}
    return extend_schema(
        extensions=broken_by(*broken) if broken else None,
        operation_id="visitors" + re.sub(r"(?=[A-Z])", "_", operation or name).lower(),
        tags=["visitors"],
        parameters=list(parameters),
        request=request,
        examples=[OpenApiExample("Request", value=sent, request_only=True)] if sent else None,
        responses={status: success} | {error: fault(error) for error in FAULTS if error not in absent},
        auth=[] if is_public else None,
    )


@cache
def _examples() -> dict[str, Any]:
    examples: dict[str, Any] = json.loads(EXAMPLES.read_text())
    return examples


def example_of(name: str) -> Any:
    """The example of an answer, by the name of its dataclass."""
    return _examples()[name]


def fault(status: int, *, message: str = "") -> OpenApiResponse:
    """An error in the one shape, with its example; of 400 it may be another one than that of reports."""
    code, text, told = FAULTS[status]
    message = message or told
    parameter = message.split("`")[1] if status == 400 else None
    value: dict[str, Any] = {"error": {"code": code, "message": message, "parameter": parameter, "errors": []}}
    return OpenApiResponse(ErrorAnswerSerializer, description=text, examples=[OpenApiExample(text, value=value)])

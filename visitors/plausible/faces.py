"""What the faces for Plausible's clients share: which names are this site, and errors as those clients read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.http import HttpRequest
from django.http.request import split_domain_port
from rest_framework.response import Response
from rest_framework.views import APIView

from visitors.events import is_own_host
from visitors.exceptions import InvalidParameter, Rule

RULE: Final = "X-Rule"


class PlausibleView(APIView):
    """Every error is `{"error": "<one sentence>"}`; the rule that is broken stands in a header."""

    def get_exception_handler(self) -> Callable[[Exception, Mapping[str, Any]], Response | None]:
        handle = super().get_exception_handler()

        def answer(error: Exception, context: Mapping[str, Any]) -> Response | None:
            if isinstance(error, InvalidParameter):
                return Response({"error": error.message}, status=400, headers={RULE: str(error.rule)})
            response: Response | None = handle(error, context)
            if response is not None:
                response[RULE] = _code(response.data)
                response.data = {"error": _sentence(response.data)}
            return response

        return answer


def _sentence(answer: Any) -> str:
    """The message in the site's own shape of errors, or in that of REST framework."""
    if isinstance(answer, Mapping):
        inner = answer.get("error", answer)
        text = inner.get("message", inner.get("detail")) if isinstance(inner, Mapping) else inner
        return str(text or "The request cannot be answered.")
    return str(answer)


def _code(answer: Any) -> str:
    inner = answer.get("error") if isinstance(answer, Mapping) else None
    return str(inner.get("code", Rule.INVALID) if isinstance(inner, Mapping) else Rule.INVALID)


def is_own_site(name: str, request: HttpRequest) -> bool:
    """Whether `name`, as an owner would write his site, is this one: any case, with or without "www." and port."""
    host = split_domain_port(name.strip().lower())[0].removeprefix("www.")
    return bool(host) and (is_own_host(host, request) or is_own_host(f"www.{host}", request))

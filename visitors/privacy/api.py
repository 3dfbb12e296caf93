"""The JSON doors of a visitor to his own data. Open to everyone, since each reads and erases his own alone.

Nobody is logged in here, so there is no token against forged requests. A page of another site must not erase or opt out
in a visitor's name all the same: browsers say where a request comes from, and what comes from elsewhere is refused.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from visitors import serializers
from visitors.schema import describes
from visitors.views import VisitorsView

from . import service

FOREIGN = "This can be asked from pages of this site only."


class OwnDataView(VisitorsView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_scope = "visitor"
    drains_first = False  # the service does, before it erases or tells

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method not in SAFE_METHODS and is_foreign(request):
            raise PermissionDenied(FOREIGN)


def is_foreign(request: Request) -> bool:
    """Whether a browser says that another site sent this. Programs that are no browsers say nothing."""
    if request.META.get("HTTP_SEC_FETCH_SITE", "same-origin") not in {"same-origin", "none"}:
        return True
    origin = request.META.get("HTTP_ORIGIN")
    return origin is not None and _host_of(origin) != request.get_host().lower()


def _host_of(origin: str) -> str:
    """With its port, as in the Host header; "" for `null` and for what is no origin."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


class MyDataView(OwnDataView):
    @describes(serializers.HeldSerializer, is_public=True)
    def get(self, request: Request) -> Response:
        """What is kept of the visitor who asks: facts, without any verdict on him."""
        return Response(serializers.HeldSerializer(service.held_of(request._request)).data)

    @describes(serializers.ErasedSerializer, is_public=True, may_refuse=True)
    def delete(self, request: Request) -> Response:
        """Erase the visitor who asks, with what waits in the journal and what he typed for the site."""
        response = Response()
        response.data = serializers.ErasedSerializer(service.erase_mine(request._request, response)).data
        return response


class OptOutView(OwnDataView):
    @describes(serializers.OptOutSerializer, is_public=True, may_refuse=True, operation="OptOut")
    def post(self, request: Request) -> Response:
        """Set the cookie `va_optout=1`, which holds no id: nothing is recorded from now on."""
        response = Response()
        response.data = serializers.OptOutSerializer(service.choose_opt_out(request._request, response)).data
        return response

    @describes(serializers.OptOutSerializer, is_public=True, may_refuse=True, operation="OptBackIn")
    def delete(self, request: Request) -> Response:
        """Take the cookie back. A signal of the browser goes on to be honoured."""
        response = Response()
        response.data = serializers.OptOutSerializer(service.choose_opt_in(request._request, response)).data
        return response

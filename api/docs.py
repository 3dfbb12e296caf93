"""Show the API's description as a page that loads everything from this site and writes no script into itself."""

from __future__ import annotations

from typing import Any

from django.middleware.csrf import get_token
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerView
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response


class DocsView(SpectacularSwaggerView):
    """Strangers get no cookie; staff gets the token that its session needs to try what changes something."""

    authentication_classes = [SessionAuthentication]
    url_name = "api-schema"
    template_name = "api/docs.html"

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        # The library opens the page to whoever opened its window, for OAuth, which this API does not speak.
        del response.headers["Cross-Origin-Opener-Policy"]
        response.data["token"] = get_token(request._request) if request.user.is_staff else ""
        return response

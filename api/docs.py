"""Hand out the API's description, and show it as a page that loads everything from this site and writes no script into
itself.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpResponse
from django.middleware.csrf import get_token
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.authentication import SessionAuthentication
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response


class SchemaView(SpectacularAPIView):
    """The same for everybody, so each format is made once a process: that takes as long as forty pages."""

    authentication_classes = ()

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        renderer = request.accepted_renderer
        return HttpResponse(
            _rendered(type(renderer)),  # type: ignore[arg-type]
            content_type=f"{request.accepted_media_type}; charset=utf-8",
            headers={"Content-Disposition": f'inline; filename="schema.{renderer.format}"'},
        )


@cache
def _rendered(renderer: type[BaseRenderer]) -> bytes:
    described = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    written = renderer().render(described, renderer_context={})
    return written.encode() if isinstance(written, str) else written


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

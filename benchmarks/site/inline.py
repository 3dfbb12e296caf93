"""The plain way: find or make the session, write the page view, update the session, all before the answer leaves.

No cookie, no user agent parsing, no classification: less than such recorders usually do in the request.
"""

from __future__ import annotations

from hashlib import blake2b

from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

from .models import InlinePageView, InlineSession


class InlineMiddleware(MiddlewareMixin):
    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        is_page = request.method == "GET" and response.status_code == 200
        if is_page and response["Content-Type"].startswith("text/html"):
            with transaction.atomic():
                write(request)
        return response


def write(request: HttpRequest) -> None:
    now = timezone.now()
    agent, ip = request.headers.get("User-Agent", ""), request.META["REMOTE_ADDR"]
    session, _ = InlineSession.objects.get_or_create(
        key=blake2b(f"{now:%Y-%m-%d}{ip}{agent}".encode(), digest_size=16).hexdigest(),
        defaults={
            "ip": ip,
            "user_agent": agent[:500],
            "referrer": request.headers.get("Referer", "")[:500],
            "started_at": now,
            "last_activity_at": now,
        },
    )
    InlinePageView.objects.create(session=session, path=request.path, viewed_at=now)
    InlineSession.objects.filter(pk=session.pk).update(last_activity_at=now, page_views_count=F("page_views_count") + 1)

"""A small site with pages, the private links, the tracker's door, the owner's API and the admin."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from visitors import track


def page(request: HttpRequest, **_: str) -> HttpResponse:
    return HttpResponse(f"<html><head><title>{request.path}</title></head><body>Hello</body></html>")


def resume_file(request: HttpRequest) -> HttpResponse:
    track(request, "download", target="resume.pdf")
    return HttpResponse(b"%PDF", content_type="application/pdf")


def ask(request: HttpRequest) -> HttpResponse:
    track(request, "chat_message", typed=request.POST["text"])
    return HttpResponse("Thank you.", content_type="text/plain")


urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/visitors/", include("visitors.urls")),
    path("r/", include("visitors.applications.urls")),
    path("resume/download/", resume_file),
    path("ask/", ask),
    path("", page),
    path("resume/", page),
    path("about/", page),
    path("contact/", page),
    path("privacy/", page),
    path("chat/", page),
    path("job-analysis/", page),
    path("projects/", page),
    path("projects/<slug:name>/", page),
]

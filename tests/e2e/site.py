"""The site with one page more: what a test needs that the real pages do not have."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.urls import path

from config.urls import handler404, urlpatterns

__all__ = ["handler404"]

SPECULATING = """<!doctype html><title>Speculating</title>
<script type="speculationrules">{"prerender": [{"urls": ["/about/"], "eagerness": "immediate"}]}</script>
<a href="/about/">About</a>
{% if goes %}<script>setTimeout(() => location.assign("/about/"), 2500)</script>{% endif %}"""
LINKS = """{% load visitors %}<!doctype html><title>Links</title>{% visitors_tracker %}
<a id="file" href="/static/paper.pdf?token=secret">Paper</a>
<a id="out" href="http://127.0.0.2:9/there?token=secret">There</a>
<a id="inside" href="/about/">Inside</a>"""
ASKED = "{% load visitors %}<!doctype html><title>Asked</title>{% visitors_tracker webdriver=1 %}<h1>Asked</h1>"


def page_of(text: str):
    def view(request: HttpRequest) -> HttpResponse:
        html = Template(text).render(Context({"request": request, "goes": "goes" in request.GET}))
        # Rules and scripts of these pages stand in the page, which the site's own policy forbids.
        return HttpResponse(html, headers={"Content-Security-Policy": "default-src 'self' 'unsafe-inline'"})

    return view


urlpatterns = [
    path("api/speculating/", page_of(SPECULATING)),  # below a path that is not observed
    path("links/", page_of(LINKS)),
    path("asked/", page_of(ASKED)),
    *urlpatterns,
]

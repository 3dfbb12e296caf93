"""One page as a portfolio has it: a query, a template, some kilobytes of HTML."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .models import Work


def page(request: HttpRequest, name: str = "") -> HttpResponse:
    return render(request, "benchmarks/page.html", {"name": name, "works": Work.objects.all()})

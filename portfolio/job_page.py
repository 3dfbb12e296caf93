"""The page that compares a job description with the profile. The result is shown in the answer itself and at no
address of its own, so that nobody else can read it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from portfolio.content import load_masthead
from portfolio.forms import JobForm
from portfolio.jobs.analysis import analyse
from portfolio.jobs.documents import MAX_FILE_BYTES, DocumentRefused, read_document
from portfolio.models import JobAnalysis
from portfolio.throttles import JOB_ANALYSIS, seconds_to_wait

FORM_OVERHEAD_BYTES = 64 * 1024


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def job_analysis(request: HttpRequest) -> HttpResponse:
    """The length is looked at before the token check, which would read the whole body."""
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if declared.isdecimal() and int(declared) > MAX_FILE_BYTES + FORM_OVERHEAD_BYTES:
        refusal = f"The file must have at most {MAX_FILE_BYTES // 1024 // 1024} MB."
        return _show(request, JobForm(), status=413, refusal=refusal)
    return _protected(request)


@csrf_protect
def _protected(request: HttpRequest) -> HttpResponse:
    return _analysed(request) if request.method == "POST" else _show(request, JobForm())


def _analysed(request: HttpRequest) -> HttpResponse:
    if wait := seconds_to_wait(request, JOB_ANALYSIS):
        refusal = f"That was a lot at once. Please try again in {-(-wait // 60)} minutes."
        response = _show(request, JobForm(), status=429, refusal=refusal)
        response["Retry-After"] = str(wait)
        return response
    form = JobForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, form, status=400)
    try:
        analysis = _analyse_form(request, form)
    except DocumentRefused as refused:
        return _show(request, form, status=refused.status, refusal=refused.message)
    return _show(request, form, analysis=analysis)


def _analyse_form(request: HttpRequest, form: JobForm) -> JobAnalysis:
    file = form.cleaned_data["file"]
    return analyse(request, read_document(file) if file else form.cleaned_data["job_requirements"])


def _show(request: HttpRequest, form: JobForm, *, status: int = 200, **context: Any) -> HttpResponse:
    shown = {"profile": load_masthead(), "section": "job-analysis", "form": form, **context}
    return render(request, "portfolio/job_analysis.html", shown, status=status)

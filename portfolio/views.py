"""The site's pages: each loads its content, calls one service and renders one template."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.validators import slug_re
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.generic import View

from portfolio import contact, resume
from portfolio.chat import conversations
from portfolio.content import ProfileEntry, load_masthead, load_profile, load_projects, split_lines, split_paragraphs
from portfolio.forms import MAX_QUESTION, ChatForm, ContactForm
from portfolio.job_page import job_analysis
from portfolio.models import Project
from portfolio.privacy_page import privacy
from portfolio.throttles import CHAT, CONTACT, seconds_to_wait
from visitors import track

__all__ = ["job_analysis", "privacy"]

TOO_OFTEN = "That was a lot at once. Please try again in {seconds} seconds."
SUGGESTIONS = (
    "When could you start?",
    "How many years with Python?",
    "Where are you based?",
    "Do you work remotely?",
    "What is your tech stack?",
)


class Page(View):
    """`section` is the entry of the navigation that is shown as current."""

    http_method_names = ["get", "head", "options"]
    template_name = ""
    section = ""

    def respond(
        self, request: HttpRequest, profile: ProfileEntry, *, status: int = 200, **context: Any
    ) -> HttpResponse:
        return render(
            request, self.template_name, {"profile": profile, "section": self.section, **context}, status=status
        )


class HomePage(Page):
    template_name = "portfolio/home.html"
    section = "home"

    def get(self, request: HttpRequest) -> HttpResponse:
        profile = load_profile()
        featured = Project.objects.filter(featured=True)
        years = profile.experience_years(timezone.localdate())
        return self.respond(request, profile, projects=featured, years=years, suggestions=SUGGESTIONS[:3])


class AboutPage(Page):
    template_name = "portfolio/about.html"
    section = "about"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request, load_profile())


class ProjectsPage(Page):
    template_name = "portfolio/projects.html"
    section = "projects"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request, load_masthead(), projects=Project.objects.all())


class ProjectPage(Page):
    template_name = "portfolio/project.html"
    section = "projects"

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        response = self.head(request, slug)
        track(request, "project_view", target=slug)
        return response

    def head(self, request: HttpRequest, slug: str) -> HttpResponse:
        project = get_object_or_404(Project, slug=slug)
        others = Project.objects.exclude(pk=project.pk).only("title", "slug", "summary", "order")[:3]
        return self.respond(
            request,
            load_masthead(),
            project=project,
            paragraphs=split_paragraphs(project.description),
            highlights=split_lines(project.highlights),
            others=others,
        )


class ResumePage(Page):
    template_name = "portfolio/resume.html"
    section = "resume"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request, load_profile())


class ResumeDownload(View):
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponseBase:
        response = self.head(request)
        track(request, "download", target=response.filename)
        return response

    def head(self, request: HttpRequest) -> FileResponse:  # noqa: ARG002
        file = resume.open_resume(load_profile(), load_projects())
        return FileResponse(file.content, as_attachment=True, filename=file.name, content_type="application/pdf")


@method_decorator(never_cache, name="dispatch")
class ChatPage(Page):
    http_method_names = ["get", "head", "post", "options"]
    template_name = "portfolio/chat.html"
    section = "chat"

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = {name: request.GET.get(name, "")[:MAX_QUESTION] for name in ("question", "project")}
        return self._show(request, ChatForm(initial=asked))

    def post(self, request: HttpRequest) -> HttpResponse:
        if wait := seconds_to_wait(request, CHAT):
            return self._show(request, ChatForm(request.POST), wait=wait)
        form = ChatForm(request.POST)
        if not form.is_valid():
            return self._show(request, form, status=400)
        project = form.cleaned_data["project"]
        exchange = conversations.ask(request, question=form.cleaned_data["question"], project=project)
        query = f"?{urlencode({'project': project.slug})}" if project else ""
        response = HttpResponseRedirect(f"{reverse('portfolio:chat')}{query}#latest")
        conversations.remember(response, exchange.key)
        return response

    def _show(self, request: HttpRequest, form: ChatForm, *, status: int = 200, wait: int = 0) -> HttpResponse:
        messages = conversations.messages_of(request)
        slug = form["project"].value() or ""
        # What a form refused may hold what no database takes.
        project = Project.objects.filter(slug=slug).first() if slug_re.match(slug) else None
        return _wait_or(
            self.respond(
                request, load_masthead(), status=status, form=form, messages=messages, project=project,
                suggestions=SUGGESTIONS, refusal=_refusal(wait),
            ),
            wait,
        )  # fmt: skip


class ContactPage(Page):
    http_method_names = ["get", "head", "post", "options"]
    template_name = "portfolio/contact.html"
    section = "contact"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request, load_masthead(), form=ContactForm(), is_sent="sent" in request.GET)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ContactForm(request.POST)
        if not form.is_valid():
            return self.respond(request, load_masthead(), form=form, status=400)
        if wait := seconds_to_wait(request, CONTACT):
            return _wait_or(self.respond(request, load_masthead(), form=form, refusal=_refusal(wait)), wait)
        contact.send(request, form.save(commit=False))
        return HttpResponseRedirect(f"{reverse('portfolio:contact')}?sent")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Browsers ask for it on pages that name no icon: the admin, a PDF."""
    return HttpResponseRedirect(static("portfolio/mark.svg"))


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    sitemap = request.build_absolute_uri(reverse("portfolio:sitemap"))
    lines = ("User-agent: *", "Disallow: /admin/", "Disallow: /api/", "Allow: /", "", f"Sitemap: {sitemap}", "")
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Asks the database for nothing: scanners ask for a thousand missing pages at a time."""
    if request.path.startswith("/api/"):
        fault: dict[str, Any] = {
            "code": "not_found",
            "message": "There is nothing at this address.",
            "parameter": None,
            "errors": [],
        }
        return JsonResponse({"error": fault}, status=404)
    return render(request, "portfolio/not_found.html", {"profile": ProfileEntry()}, status=404)


def _refusal(wait: int) -> str:
    return TOO_OFTEN.format(seconds=wait) if wait else ""


def _wait_or(response: HttpResponse, wait: int) -> HttpResponse:
    """The page as it is, or as "429, come back in `wait` seconds"."""
    if wait:
        response.status_code = 429
        response["Retry-After"] = str(wait)
    return response

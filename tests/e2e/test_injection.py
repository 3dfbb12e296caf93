"""What visitors leave is text wherever the owner reads it: no attack runs, no page asks for anything foreign."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.headers import PAGE_POLICY
from portfolio.models import JobAnalysis, Message, Project
from portfolio.seed import seed_site
from tests.e2e.conftest import Visit
from tests.e2e.hostile import ATTACKS, HTML, NEVER_FREE, TEXTS, fitting, hostile_models, store_attacks, text_fields
from tests.e2e.watch import Watch
from visitors import sharing
from visitors.applications.models import Application, NoticeDelivery, Way
from visitors.dashboard.exports import EXPORTS
from visitors.dashboard.panels import PANELS
from visitors.dashboard.question import CHOICES, OPERATORS
from visitors.digest import digest_of, send
from visitors.models import VisitorSession
from visitors.notices.post import deliver
from visitors.reports.scope import FILTERS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(visit: Visit, settings: Any) -> Visit:
    settings.ROOT_URLCONF = "config.urls"
    limits = dict.fromkeys(("login", "chat", "contact", "job-analysis", "owner", "export"), "")
    settings.VISITORS = settings.VISITORS | {"LIMITS": limits, "NOTICE_EMAIL": ["owner@example.com"]}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    seed_site()
    return visit


@pytest.fixture
def watch(site: Visit) -> Iterator[Watch]:
    store_attacks()
    watch = Watch(site)
    yield watch
    assert watch.found == []


def test_every_text_column_holds_an_attack(site: Visit) -> None:
    store_attacks()
    missing = []
    for model in hostile_models():
        for field in text_fields(model):
            wanted = {str(fitting(attack, field)) for attack in ATTACKS}
            held = {str(value) for value in model._default_manager.values_list(field.name, flat=True)}
            if not wanted & held:
                missing.append(f"{model._meta.label}.{field.name}")
    assert missing == []


def test_what_is_no_attack_is_a_column_that_exists() -> None:
    columns = {
        f"{model._meta.label}.{field.name}"
        for model in hostile_models()
        for field in model._meta.concrete_fields
        if isinstance(field, TEXTS)
    }
    assert columns >= NEVER_FREE


def test_the_dashboard_shows_attacks_as_text(watch: Watch) -> None:
    watch.see("/dashboard/")
    assert HTML in watch.page.locator("[data-panel=sources]").inner_text()
    watch.see(*(f"/dashboard/?{name}={choice}" for name, choices in CHOICES.items() for choice in choices))
    watch.see(*(f"/dashboard/?period={period}&visits=everyone" for period in ("today", "yesterday", "7d", "12mo")))
    for session in VisitorSession.objects.all():
        watch.see(f"/dashboard/?visits=everyone&visit={session.session_id}")
    watch.see(*(f"/dashboard/panel/{name}/" for name in PANELS))


def test_an_address_that_attacks_is_text_too(watch: Watch) -> None:
    for attack in (HTML, "</script><script>alert(1)</script>"):
        watch.see(
            *(f"/dashboard/?{urlencode({name: attack})}" for name in FILTERS if name in {"source", "page", "goal"})
        )
        endings = [
            f"source.{ending}" if ending else "source" for ending in OPERATORS if ending not in {"matches", "unlike"}
        ]
        watch.see(*(f"/dashboard/?{urlencode({name: attack})}" for name in endings))
        refused = ("period", "from", "metric", "visit", "nothing", "sources", "more", attack)
        watch.see(*(f"/dashboard/?{urlencode({name: attack})}" for name in refused), status=400)
    assert watch.page.get_by_text("must be").count() + watch.page.get_by_text("unknown").count() > 0


def test_what_the_script_puts_into_the_page_stays_text(watch: Watch) -> None:
    """Fragments come by `fetch` and are filled in: every tab, every row, the story of a visit, a filter."""
    watch.see("/dashboard/?visits=everyone")
    page = watch.page
    page.evaluate("window.stays = true")
    for link in ("Channels", "Campaigns", "Entry", "Exit"):
        page.get_by_role("link", name=re.compile(f"^{link}")).first.click()
        page.wait_for_timeout(250)
        watch.look()
    page.locator("[data-panel=visits] tbody a").nth(1).click()
    page.wait_for_url(re.compile("visit="))
    page.wait_for_timeout(250)
    page.locator("[data-panel=pages] tbody a").first.click()
    page.wait_for_url(re.compile("(entry|exit|page)="))
    page.wait_for_timeout(500)
    watch.look()
    assert page.evaluate("window.stays") is True
    assert page.locator(".chip").filter(has_text="alert(1)").count() == 1


def test_a_shared_link_shows_attacks_as_text(site: Visit) -> None:
    store_attacks()
    _, open_one = sharing.share(HTML)
    _, locked = sharing.share(HTML, password="correct horse")
    watch = Watch(site, is_owner=False)
    watch.see(f"/dashboard/shared/{open_one}/", f"/dashboard/shared/{open_one}/?{urlencode({'source': HTML})}")
    guests = set(PANELS) - {"visits", "session", "owner"}
    watch.see(*(f"/dashboard/shared/{open_one}/panel/{name}/" for name in guests))
    watch.found += [f"{locked}: {text}" for text in site.complaints]
    site.page(f"/dashboard/shared/{locked}/")
    site.complaints[:] = [one for one in site.complaints if "401" not in one]
    assert watch.found == []


def admin_pages() -> Iterator[str]:
    """Lists, a search in each, and for every row each page that the admin has of it."""
    yield reverse("admin:index")
    for app in ("visitors", "portfolio"):
        yield reverse("admin:app_list", args=(app,))
    for model, desk in admin.site._registry.items():
        meta = model._meta
        if meta.app_label not in {"visitors", "portfolio"}:
            continue
        names = f"admin:{meta.app_label}_{meta.model_name}_"
        yield reverse(f"{names}changelist")
        if desk.search_fields:
            yield f"{reverse(f'{names}changelist')}?{urlencode({'q': HTML})}"
        for number, pk in enumerate(model._default_manager.order_by("pk").values_list("pk", flat=True)):
            yield reverse(f"{names}change", args=(pk,))
            if not number:
                yield reverse(f"{names}history", args=(pk,))
            if model in {VisitorSession, Application}:
                yield reverse(f"{names}timeline", args=(pk,))


def test_the_admin_shows_attacks_as_text(watch: Watch) -> None:
    pages = list(admin_pages())
    assert len(pages) > 100
    watch.see(*pages)
    deletable = [
        (model, desk) for model, desk in admin.site._registry.items() if model is Message or model is JobAnalysis
    ]
    for model, _ in deletable:
        pk = model._default_manager.values_list("pk", flat=True).last()
        watch.see(reverse(f"admin:portfolio_{model._meta.model_name}_delete", args=(pk,)))


def test_mails_hold_attacks_as_text(watch: Watch) -> None:
    send(digest_of("weekly", now=timezone.localtime() + timedelta(days=7)), to=["owner@example.com"])
    html, kind = mail.outbox[-1].alternatives[0]
    assert (kind, "alert(1)" in html) == ("text/html", True)
    # As a mail program without any policy would show it.
    watch.page.route("**/mail.html", lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    watch.see("/mail.html")
    NoticeDelivery.objects.update(way=Way.WEBHOOK, state="sent")
    first = NoticeDelivery.objects.first()
    NoticeDelivery.objects.filter(pk=first.pk).update(
        way=Way.EMAIL, state="waiting", due_at=timezone.now() - timedelta(hours=1)
    )
    assert deliver(Way.EMAIL) == 1
    notice = mail.outbox[-1]
    assert (notice.content_subtype, getattr(notice, "alternatives", [])) == ("plain", [])
    assert "alert(1)" in notice.body


def test_an_attack_that_is_not_escaped_would_be_found(site: Visit) -> None:
    """So that "nothing was found" means something: in the page's own policy the attack is refused, without it runs."""
    watch = Watch(site)
    policy = {"Content-Security-Policy": PAGE_POLICY}
    for headers in (policy, {}):
        body = f'<p title="{HTML}</p><a href="javascript:alert(1)">a49z</a>'
        sent = {"Content-Type": "text/html"} | headers
        watch.page.unroute_all()
        watch.page.route("**/open.html", partial(_fulfil, body, sent))
        watch.see("/open.html")
        found, watch.found = "\n".join(watch.found), []
        signs = ("handler", "runs", "script", "markup", "rendered twice")
        assert [sign for sign in signs if sign not in found] == []
        assert ("dialog 1" in found, "script-src" in found) == ((False, True) if headers else (True, False))


def _fulfil(body: str, headers: dict[str, str], route: Any) -> None:
    route.fulfill(body=body, headers=headers)


def test_what_is_exported_is_no_page(watch: Watch) -> None:
    client = Client()
    client.cookies["sessionid"] = watch.visit.session_key
    exports = [f"/dashboard/export/{name}.csv" for name in EXPORTS]
    exports += [
        f"/api/visitors/export/{name}/?format={kind}"
        for name in ("sessions", "page-views", "interactions")
        for kind in ("csv", "ndjson")
    ]
    for address in exports:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.content)
        has_words = not re.search(r"/(traffic|countries|funnel|hours)\.csv$", address)
        assert ("alert(1)" in answer.getvalue().decode()) == has_words, address
        assert "html" not in answer["Content-Type"], address
        assert answer["X-Content-Type-Options"] == "nosniff", address
        assert answer["Content-Disposition"].startswith("attachment"), address


def test_what_a_visitor_types_comes_back_as_text(site: Visit) -> None:
    watch = Watch(site, is_owner=False)
    page = watch.page
    for attack in ATTACKS:
        watch.see("/chat/")
        page.locator("input[name=question]").fill(attack)
        page.get_by_role("button", name="Ask").click()
        page.locator(".question", has_text=attack).first.wait_for()
        watch.look()
        watch.see("/chat/", f"/chat/?{urlencode({'question': attack})}", "/job-analysis/")
        page.locator("textarea").fill(f"{attack}\nPython developer {attack}\nRequired: 5 years of Python {attack}")
        page.get_by_role("button", name="Compare").click()
        page.locator(".result").wait_for()
        watch.look()
        watch.see("/contact/")
        for field in ("name", "company", "message"):
            page.locator(f"[name={field}]").fill(attack)
        page.locator("[name=email]").fill("ada@example.com")
        page.get_by_role("button", name="Send").click()
        page.get_by_role("status").wait_for()
        watch.look()
    watch.see("/privacy/")
    watch.see(f"/no/{urlencode({'such': HTML})}/", status=404)
    assert Message.objects.filter(question=HTML).exists()
    assert watch.found == []


def test_no_page_breaks_its_own_policy(site: Visit) -> None:
    watch = Watch(site)
    public = ("/", "/about/", "/projects/", "/resume/", "/chat/", "/job-analysis/", "/contact/", "/privacy/")
    watch.see(*public, f"/projects/{Project.objects.first().slug}/")
    watch.see("/no/such/page/", status=404)
    watch.see("/admin/", "/admin/visitors/visitorsession/", "/dashboard/")
    watch.see("/api/docs/")
    watch.page.locator(".opblock-summary").first.wait_for()
    assert watch.page.locator(".opblock").count() > 30
    watch.page.locator(".opblock-summary-control").first.click()
    watch.page.locator(".opblock-body").first.wait_for()
    watch.look()
    stranger = Watch(site, is_owner=False)
    stranger.see("/admin/login/")
    assert watch.found + stranger.found == []

"""The JSON faces: who may ask, which questions are refused, what each answer costs."""

from __future__ import annotations

import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from tests.visitors.builders import a_page_view, a_session, a_token
from visitors.middleware import VisitorMiddleware
from visitors.models import VisitorSession
from visitors.views import CurrentSessionView

pytestmark = pytest.mark.django_db

BROWSER = {"HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"}
OF_DAYS = (
    "analytics-sessions",
    "analytics-engagement",
    "analytics-behavior",
    "analytics-popular-pages",
    "bots",
    "recruiters",
)
OF_OWNER = (*OF_DAYS, "analytics-real-time")
PAGED = ("analytics-popular-pages", "recruiters")


def url(name, *arguments):
    return reverse(f"visitors:{name}", args=arguments)


def owner_urls():
    return [*map(url, OF_OWNER), url("analytics-session", uuid.uuid4())]


def client_of(user):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {a_token(user)}")
    return client


@pytest.fixture
def staff():
    user = User.objects.create(username="staff", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_visitorsession"))
    return user


@pytest.fixture
def owner():
    return client_of(User.objects.create(username="owner", is_staff=True, is_superuser=True))


@pytest.mark.parametrize("name", OF_DAYS)
def test_an_answer_says_its_period_its_question_and_what_it_is_compared_with(owner, name):
    told = {"from": "2026-11-09", "to": "2026-11-15"}
    before = {"from": "2026-11-02", "to": "2026-11-08"}
    answer = owner.get(url(name), {**told, "filter": "source:is:X"}).json()
    assert list(answer)[:4] == ["period", "compare", "definitions", "query"]
    is_compared = name in {"analytics-sessions", "analytics-engagement"}
    assert told.items() <= answer["period"].items()
    assert answer["compare"] == (answer["period"] | before if is_compared else None)
    options = {"page": 1, "page_size": 20} if name in PAGED else {}
    options |= {"compare": before} if is_compared else {}
    options |= {"min_score": None} if name == "recruiters" else {}
    assert answer["query"] == {**told, "filters": [["is", "source", ["X"]]], **options}


def test_nobody_logged_in_is_answered_401_and_told_how_to_log_in():
    for address in owner_urls():
        answer = APIClient().get(address)
        assert (answer.status_code, answer["WWW-Authenticate"], answer["Cache-Control"]) == (401, "Bearer", "no-store")


def test_somebody_who_is_not_staff_is_answered_403():
    client = client_of(User.objects.create(username="guest"))
    assert [client.get(address).status_code for address in owner_urls()] == [403] * len(owner_urls())


def test_a_token_of_somebody_who_left_is_worth_nothing(staff):
    client = client_of(staff)
    User.objects.update(is_active=False)
    assert client.get(url("bots")).status_code == 401


def test_staff_reads_by_session_and_by_token(staff):
    by_session = APIClient()
    by_session.force_login(staff)
    for client in (by_session, client_of(staff)):
        answers = [client.get(url(name)) for name in OF_OWNER]
        assert [(answer.status_code, answer["Cache-Control"]) for answer in answers] == [(200, "no-store")] * len(
            OF_OWNER
        )


@pytest.mark.parametrize("name", OF_DAYS)
@pytest.mark.parametrize("days", ["0", "366", "-1", "abc", "", "1e9", "７", "9" * 400, "1.5", "30 "])
def test_days_that_are_no_number_of_days_are_refused_by_name(owner, name, days):
    answer = owner.get(url(name), {"days": days})
    assert (answer.status_code, answer.json()["error"]["parameter"]) == (400, "days")
    assert answer.json()["error"]["message"].startswith("`days` must be ")


def test_a_number_out_of_range_reads_name_requirement_what_came(owner):
    answer = owner.get(url("bots"), {"days": "0"})
    message = "`days` must be between 1 and 365, not 0."
    assert answer.json() == {"error": {"code": "invalid", "message": message, "parameter": "days", "errors": []}}


@pytest.mark.parametrize("name", OF_DAYS)
@pytest.mark.parametrize(("asked", "days"), [({}, 30), ({"days": "1"}, 1), ({"days": "365"}, 365)])
def test_days_are_thirty_unless_asked(owner, name, asked, days):
    period = owner.get(url(name), asked).json()["period"]
    assert (period["days"], period["is_running"], period["to"]) == (days, True, timezone.localdate().isoformat())


def test_days_are_remembered_by_no_cache(owner):
    first, second = (owner.get(url("analytics-sessions"), {"days": days}).json() for days in (1, 2))
    assert (len(first["days"]), len(second["days"])) == (1, 2)
    assert owner.get(url("analytics-sessions"), {"days": 1}).json()["period"] == first["period"]


@pytest.mark.parametrize("name", [*OF_OWNER, "session-current"])
def test_an_unknown_parameter_is_refused_by_name(owner, name):
    answer = owner.get(url(name), {"day": "7"})
    assert (answer.status_code, answer.json()["error"]["parameter"]) == (400, "day")


def test_the_name_of_an_unknown_parameter_is_told_back_in_bounds(owner):
    answer = owner.get(url("bots"), {"x" * 3000 + "\x00": "1"})
    assert (answer.status_code, answer.json()["error"]["parameter"]) == (400, "x" * 60)


def test_a_parameter_given_twice_is_refused(owner):
    answer = owner.get(f"{url('bots')}?days=1&days=2")
    assert answer.json()["error"]["message"] == "`days` must be given once, not 2."


@pytest.mark.parametrize("name", PAGED)
@pytest.mark.parametrize("asked", [{"page": "0"}, {"page": "x"}, {"page_size": "101"}, {"page_size": ""}])
def test_a_page_that_cannot_be_is_refused_by_name(owner, name, asked):
    answer = owner.get(url(name), asked)
    assert (answer.status_code, answer.json()["error"]["parameter"]) == (400, next(iter(asked)))


@pytest.mark.parametrize("score", ["101", "-1", "high", ""])
def test_a_score_that_cannot_be_is_refused_by_name(owner, score):
    answer = owner.get(url("recruiters"), {"min_score": score})
    assert (answer.status_code, answer.json()["error"]["parameter"]) == (400, "min_score")


def test_recruiters_are_found_by_least_score(owner):
    now = timezone.now()
    for score in (30, 60, 90):
        a_session(now, recruiter_score=score, is_recruiter=score >= 50)
    answer = owner.get(url("recruiters"), {"min_score": "30", "page_size": "2"}).json()
    assert ([row["score"] for row in answer["results"]], answer["count"], answer["pages"]) == ([90, 60], 3, 2)


def test_an_unknown_session_is_answered_404(owner):
    assert owner.get(url("analytics-session", uuid.uuid4())).status_code == 404
    assert owner.get("/api/visitors/analytics/sessions/no-id/").status_code == 404


def test_a_session_shows_its_ledger_and_its_verdict(owner):
    ledger = [{"signal": "ats", "weight": 2.4, "seen": "greenhouse.io"}]
    session = a_session(timezone.now(), recruiter_score=86, recruiter_band="likely", recruiter_signals=ledger)
    answer = owner.get(url("analytics-session", session.session_id)).json()
    assert answer["session"]["session_id"] == str(session.session_id)
    assert (answer["recruiter"]["score"], answer["recruiter"]["signals"]) == (86, ledger)
    assert answer["bot"]["is_bot"] is False


@pytest.fixture
def quiet(settings):
    """Nothing is observed, so that only the reports' own queries are counted."""
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if "VisitorMiddleware" not in each]


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("visits", [1, 15])
@pytest.mark.parametrize("name", OF_OWNER)
def test_an_answer_costs_at_most_twelve_queries_at_any_size(owner, name, visits):
    for _ in range(visits):
        session = a_session(
            timezone.now(), pages=["/", "/about/"], acts=["download"], recruiter_score=80, is_recruiter=True
        )
        a_page_view(session, "/gone/", status=404)
        a_session(timezone.now(), is_bot=True)
    owner.get(url(name))
    with CaptureQueriesContext(connection) as captured:
        owner.get(url(name))
    assert len(captured) <= 12
    assert (
        len(captured)
        == {
            "analytics-sessions": 12,
            "analytics-engagement": 9,
            "analytics-behavior": 7,
            "analytics-popular-pages": 6,
            "bots": 7,
            "recruiters": 3,
            "analytics-real-time": 5,
        }[name]
    )


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("pages", [1, 40])
def test_one_session_costs_six_queries_at_any_length(owner, pages, django_assert_num_queries):
    session = a_session(timezone.now(), pages=["/"] * pages)
    owner.get(url("bots"))
    with django_assert_num_queries(6):
        owner.get(url("analytics-session", session.session_id))


def keys_of(value):
    if isinstance(value, dict):
        return set(value) | {key for each in value.values() for key in keys_of(each)}
    return {key for each in value for key in keys_of(each)} if isinstance(value, list) else set()


def test_no_answer_holds_an_address_a_cookie_or_a_session_key(owner):
    session = a_session(timezone.now(), acts=["download"], recruiter_score=90, is_recruiter=True)
    answers = [owner.get(url(name)).json() for name in OF_OWNER]
    answers.append(owner.get(url("analytics-session", session.session_id)).json())
    keys = set().union(*map(keys_of, answers))
    assert not keys & {"ip", "ip_address", "cookie", "session_key", "visitor_id", "user_agent", "bot_user_agent"}


def test_a_database_that_is_down_is_never_an_empty_answer(owner):
    def refuse(execute, sql, *rest):
        if "visitors_" in sql:
            raise OperationalError("connection refused")
        return execute(sql, *rest)

    owner.raise_request_exception = False
    with connection.execute_wrapper(refuse):
        assert [owner.get(url(name)).status_code for name in OF_OWNER] == [503] * len(OF_OWNER)


def test_an_owner_asks_at_most_120_times_a_minute(owner):
    statuses = [owner.get(url("recruiters")).status_code for _ in range(121)]
    assert statuses == [200] * 120 + [429]


def test_nobody_changes_anything_without_a_login():
    session = a_session(timezone.now())
    addresses = [*owner_urls(), url("session-current"), url("session-label", session.session_id)]
    for method in ("post", "put", "patch", "delete"):
        for address in addresses:
            assert getattr(APIClient(), method)(address, {"label": "bot"}, format="json").status_code in {401, 405}
    session.refresh_from_db()
    assert session.label == ""


# A visitor's own session


def visit(client, session):
    """The answer to a request whose visitor id is that of `session`."""
    request = client.get("/").wsgi_request
    request.visitor = SimpleNamespace(visitor_id=0, previous_visitor_id=session.visitor_id if session else 0)
    answer = CurrentSessionView.as_view()(request)
    return answer.data


def test_a_stranger_has_no_session():
    answer = Client().get(url("session-current"), **BROWSER)
    assert (answer.status_code, answer.json(), answer["Cache-Control"]) == (200, {"session": None}, "no-store")


def test_the_own_session_tells_what_was_done_and_nothing_that_profiles():
    session = a_session(
        timezone.now() - timedelta(minutes=3),
        pages=["/", "/about/"],
        recruiter_score=95,
        is_recruiter=True,
        label="recruiter",
    )
    own = visit(Client(), session)["session"]
    assert set(own) == {"session_id", "started_at", "last_activity_at", "page_views", "interactions", "pages"}
    assert [set(page) for page in own["pages"]] == [{"path", "title", "viewed_at"}] * 2


def test_a_page_just_seen_is_in_the_own_session():
    served = VisitorMiddleware(lambda request: HttpResponse("<title>Hello</title>"))
    served(RequestFactory(**BROWSER).get("/hello/", HTTP_ACCEPT="text/html", HTTP_ACCEPT_LANGUAGE="en"))
    own = Client(**BROWSER).get(url("session-current")).json()["session"]
    assert ([page["path"] for page in own["pages"]], own["page_views"]) == (["/hello/"], 1)


def test_the_own_session_sets_no_cookie_and_asks_no_login():
    answer = Client().get(url("session-current"), **BROWSER, HTTP_AUTHORIZATION="Token wrong")
    assert (answer.status_code, dict(answer.cookies)) == (200, {})


def test_inventing_addresses_gains_no_requests():
    client = Client(**BROWSER)
    statuses = [
        client.get(url("session-current"), HTTP_X_FORWARDED_FOR=f"203.0.113.{number}").status_code
        for number in range(61)
    ]
    assert statuses == [200] * 60 + [429]


def test_clients_behind_a_trusted_proxy_are_counted_apart(settings):
    settings.VISITORS = {**settings.VISITORS, "TRUSTED_PROXIES": ["127.0.0.1/32"]}
    client = Client(**BROWSER)
    statuses = {
        client.get(url("session-current"), HTTP_X_FORWARDED_FOR=f"203.0.113.{number % 2}").status_code
        for number in range(62)
    }
    assert statuses == {200}
    assert not [key for key in cache._cache if "203.0.113" in key]


# The owner's word


@pytest.fixture
def labeller(staff):
    staff.user_permissions.add(Permission.objects.get(codename="change_visitorsession"))
    return client_of(staff)


def test_a_label_wins_and_the_figures_follow(labeller):
    session = a_session(timezone.now(), pages=["/"])
    answer = labeller.post(url("session-label", session.session_id), {"label": "bot"}, format="json")
    assert answer.json() == {
        "session_id": str(session.session_id),
        "label": "bot",
        "is_human": False,
        "is_bot": True,
        "is_owner": False,
        "is_recruiter": False,
        "is_client": False,
    }
    totals = labeller.get(url("analytics-sessions")).json()["totals"]
    assert (totals["sessions"], totals["page_views"], totals["bots"]) == (0, 0, 1)


def test_an_empty_label_takes_the_word_back(labeller):
    session = a_session(timezone.now(), pages=["/"])
    for label in ("bot", ""):
        labeller.post(url("session-label", session.session_id), {"label": label}, format="json")
    session.refresh_from_db()
    assert (session.label, session.is_human) == ("", True)


@pytest.mark.parametrize(
    "body", [{"label": "friend"}, {"label": None}, {"label": 5}, {"label": ["bot"]}, {}, {"tag": "bot"}]
)
def test_a_label_that_is_none_is_refused_by_name(labeller, body):
    session = a_session(timezone.now())
    answer = labeller.post(url("session-label", session.session_id), body, format="json")
    assert (answer.status_code, answer.json()["error"]["parameter"]) == (400, "label")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"bot"', b"null", b'{"label": "\xff"}', b'{"label": "\\ud800"}'])
def test_a_body_that_is_no_label_is_the_callers_fault(labeller, body):
    session = a_session(timezone.now())
    answer = labeller.generic("POST", url("session-label", session.session_id), body, content_type="application/json")
    assert answer.status_code == 400


def test_an_unknown_session_cannot_be_labelled(labeller):
    assert labeller.post(url("session-label", uuid.uuid4()), {"label": "bot"}, format="json").status_code == 404


def test_staff_that_may_only_look_cannot_label(staff):
    staff.user_permissions.add(Permission.objects.get(codename="view_visitorsession"))
    session = a_session(timezone.now())
    answer = client_of(staff).post(url("session-label", session.session_id), {"label": "bot"}, format="json")
    assert (answer.status_code, VisitorSession.objects.get().label) == (403, "")


def test_a_label_by_session_needs_the_csrf_token(labeller, staff):
    session = a_session(timezone.now())
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(staff)
    assert browser.post(url("session-label", session.session_id), {"label": "bot"}, format="json").status_code == 403


def test_a_label_is_set_by_post_alone(labeller):
    session = a_session(timezone.now())
    assert labeller.get(url("session-label", session.session_id)).status_code == 405

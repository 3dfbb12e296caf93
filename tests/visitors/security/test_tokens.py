"""Tokens of programs: what they open, when they stop, where they are accepted, and that their text is kept nowhere."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.test import APIClient

from tests.visitors.builders import a_session, a_token
from visitors.authentication import may_send_events, token_of
from visitors.models import ApiToken, TokenScope, VisitorSession
from visitors.tokens import digest_of, find, issue, revoke

pytestmark = pytest.mark.django_db

REPORT = "/api/visitors/bots/?days=1"


@pytest.fixture
def owner() -> User:
    return User.objects.create(username="owner", is_staff=True, is_superuser=True)


def asking(text: str, *, word: str = "Bearer") -> Any:
    return Client(headers={"Authorization": f"{word} {text}"}).get(REPORT)


@pytest.mark.parametrize("word", ["Bearer", "bearer", "Token", "token"])
def test_both_words_of_the_header_are_understood(owner: User, word: str) -> None:
    assert asking(a_token(owner), word=word).status_code == 200


def test_only_the_hash_of_a_token_is_stored(owner: User) -> None:
    token, text = issue(name="grafana", user=owner, scope=TokenScope.READ)
    stored = ApiToken.objects.filter(pk=token.pk).values().get()
    assert stored["digest"] == digest_of(text)
    assert stored["hint"] == text[-4:]
    assert not [value for value in stored.values() if text in str(value)]
    assert len(text) >= 43


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"revoked_at": datetime(2026, 1, 1, tzinfo=UTC)}, "The token is revoked."),
        ({"expires_at": datetime(2026, 1, 1, tzinfo=UTC)}, "The token has expired."),
    ],
)
def test_a_dead_token_is_answered_401_with_the_reason(owner: User, change: dict[str, Any], message: str) -> None:
    answer = asking(a_token(owner, **change))
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json()["error"]["message"] == message


def test_a_token_lives_until_its_last_moment(owner: User) -> None:
    assert asking(a_token(owner, expires_at=timezone.now() + timedelta(minutes=1))).status_code == 200


def test_a_token_of_a_closed_account_opens_nothing(owner: User) -> None:
    text = a_token(owner)
    User.objects.update(is_active=False)
    assert asking(text).json()["error"]["message"] == "The token's account is closed."


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer a b", f"Token {'x' * 201}", "Bearer \xe9"])
def test_a_malformed_header_is_refused(header: str) -> None:
    answer = Client(headers={"Authorization": header}).get(REPORT)
    assert answer.status_code == 401
    assert answer.json()["error"]["message"] == "The Authorization header must read `Bearer <token>`."


@pytest.mark.parametrize("text", ["va_unknown", "x", "0" * 200])
def test_an_unknown_token_costs_what_a_known_one_costs(owner: User, text: str) -> None:
    def queries(candidate: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            find(candidate)
        return len(captured)

    assert queries(text) == queries(a_token(owner)) == 1
    assert asking(text).json()["error"]["message"] == "The token is not known."


@pytest.mark.parametrize("place", ["query", "body", "cookie", "basic"])
def test_a_token_elsewhere_than_in_its_header_opens_nothing(owner: User, place: str) -> None:
    text, client = a_token(owner), Client()
    if place == "cookie":
        client.cookies["token"] = text
    address = f"{REPORT}&token={text}" if place == "query" else REPORT
    headers = {"Authorization": f"Basic {text}"} if place == "basic" else {}
    asked = client.post if place == "body" else client.get
    answer = asked(address, {"token": text} if place == "body" else None, headers=headers)
    assert answer.status_code == 401


def test_the_day_of_the_last_use_is_written_once(owner: User) -> None:
    text = a_token(owner, last_used_on=None)
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as captured:
            asking(text)
        counts.append(sum("visitors_apitoken" in each["sql"] and "UPDATE" in each["sql"] for each in captured))
    assert counts == [1, 0, 0]
    assert ApiToken.objects.get().last_used_on == timezone.localdate()


def test_a_database_that_cannot_write_refuses_no_reader(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("database is locked")

    text = a_token(owner, last_used_on=None)
    request = RequestFactory(headers={"Authorization": f"Bearer {text}"}).get("/")
    monkeypatch.setattr(QuerySet, "update", fail)
    token = token_of(request)
    assert token is not None
    assert token.user == owner


@pytest.mark.parametrize(
    ("scope", "reads", "labels", "sends"),
    [("read", 200, 403, False), ("events", 403, 403, True), ("admin", 200, 200, True)],
)
def test_a_scope_opens_what_it_names(owner: User, scope: str, reads: int, labels: int, sends: bool) -> None:
    session = a_session()
    text = a_token(owner, scope=scope)
    client = APIClient(headers={"Authorization": f"Bearer {text}"})
    address = reverse("visitors:session-label", args=[session.session_id])
    assert client.get(REPORT).status_code == reads
    assert client.post(address, {"label": "bot"}, format="json").status_code == labels
    assert may_send_events(RequestFactory(headers={"Authorization": f"Bearer {text}"}).get("/")) is sends


def test_a_refused_scope_is_named(owner: User) -> None:
    answer = asking(a_token(owner, scope="events"))
    assert answer.json()["error"]["message"] == "This needs more than a token of scope `events`."


def test_a_token_gives_no_more_than_its_account_has() -> None:
    user = User.objects.create(username="reader", is_staff=True)
    text = a_token(user)
    assert asking(text).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="view_visitorsession"))
    assert asking(text).status_code == 200
    address = reverse("visitors:session-label", args=[a_session().session_id])
    client = APIClient(headers={"Authorization": f"Bearer {text}"})
    assert client.post(address, {"label": "bot"}, format="json").status_code == 403
    assert VisitorSession.objects.get().label == ""


def test_a_request_without_a_token_has_none() -> None:
    request = RequestFactory().get("/")
    assert (token_of(request), may_send_events(request)) == (None, False)


def test_a_revoked_token_sends_no_events(owner: User) -> None:
    token, text = issue(name="shop", user=owner, scope=TokenScope.EVENTS)
    revoke(token)
    with pytest.raises(AuthenticationFailed, match="revoked"):
        may_send_events(RequestFactory(headers={"Authorization": f"Bearer {text}"}).get("/"))


def test_revoking_twice_keeps_the_first_time(owner: User) -> None:
    token, _ = issue(name="shop", user=owner, scope=TokenScope.EVENTS)
    revoke(token)
    first = ApiToken.objects.get().revoked_at
    revoke(token)
    assert ApiToken.objects.get().revoked_at == first


def command(*arguments: str) -> str:
    out = io.StringIO()
    call_command("visitor_tokens", *arguments, stdout=out)
    return out.getvalue().strip()


def test_the_command_prints_a_working_token_once(owner: User) -> None:
    text = command("add", "grafana", "--user", "owner", "--days", "30")
    assert asking(text).status_code == 200
    token = ApiToken.objects.get()
    assert token.expires_at is not None
    assert (token.scope, token.expires_at - token.created_at > timedelta(days=29)) == ("read", True)
    listed = command("list")
    assert text not in listed
    assert listed.split() == f"{token.pk} read is live used {timezone.localdate()} owner: {token}".split()


def test_the_command_revokes(owner: User) -> None:
    text = command("add", "grafana", "--user", "owner")
    assert command("revoke", str(ApiToken.objects.get().pk)) == f"{ApiToken.objects.get()}: revoked"
    assert asking(text).status_code == 401
    assert "is revoked" in command("list")


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (("add", "x", "--user", "nobody"), "No account is called 'nobody'."),
        (("add", "x" * 101, "--user", "owner"), "`name` must be 1 to 100 characters, not 101."),
        (("add", "", "--user", "owner"), "`name` must be 1 to 100 characters, not 0."),
        (("add", "x", "--user", "owner", "--days", "0"), "`--days` must be between 1 and 3650, not 0."),
        (("revoke", "7"), "No token has the number 7."),
        (("revoke", str(1 << 70)), f"No token has the number {1 << 70}."),
    ],
)
def test_the_command_says_what_is_wrong(owner: User, arguments: tuple[str, ...], fault: str) -> None:
    with pytest.raises(CommandError) as raised:
        command(*arguments)
    assert str(raised.value) == fault


@pytest.fixture
def desk(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def test_the_admin_shows_a_new_token_once(desk: Client, owner: User) -> None:
    answer = desk.post(reverse("admin:visitors_apitoken_add"), {"name": "grafana", "scope": "read"})
    token = ApiToken.objects.get()
    text = answer.context["token"].text
    assert (answer.status_code, find(text), token.user) == (200, token, owner)
    assert f'<code class="visitors-link" id="token">{text}</code>' in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert text not in str(answer.cookies)
    assert not LogEntry.objects.filter(object_repr__contains=text).exists()
    later = [reverse("admin:visitors_apitoken_changelist"), reverse("admin:visitors_apitoken_change", args=[token.pk])]
    assert not [address for address in later if text in desk.get(address).content.decode()]


def test_the_admin_revokes_with_the_permission_alone(desk: Client) -> None:
    user = User.objects.create(username="reader", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_apitoken"))
    token, _ = issue(name="mine", user=user, scope=TokenScope.READ)
    reader = Client()
    reader.force_login(user)
    asked = {"action": "revoke_chosen", "_selected_action": [token.pk]}
    reader.post(reverse("admin:visitors_apitoken_changelist"), asked)
    assert ApiToken.objects.get().revoked_at is None
    desk.post(reverse("admin:visitors_apitoken_changelist"), asked)
    assert ApiToken.objects.get().revoked_at is not None


def test_staff_sees_and_makes_its_own_tokens_alone(owner: User) -> None:
    issue(name="of the owner", user=owner, scope=TokenScope.ADMIN)
    user = User.objects.create(username="reader", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__endswith="_apitoken"))
    reader = Client()
    reader.force_login(user)
    reader.post(reverse("admin:visitors_apitoken_add"), {"name": "mine", "scope": "read", "user": owner.pk})
    listed = reader.get(reverse("admin:visitors_apitoken_changelist")).content.decode()
    assert ApiToken.objects.get(name="mine").user == user
    assert ("of the owner" in listed, "mine" in listed) == (False, True)

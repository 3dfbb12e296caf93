"""Ask every route of the site by every method as everybody, and write down who gets what.

`docs/AUTHORISATION.md` holds the result and tells how to write it anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.core.management.color import no_style
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from portfolio.models import Project
from portfolio.seed import seed_site
from tests.visitors.builders import a_session, a_token
from visitors.applications.desk import add_application
from visitors.limits import counting
from visitors.models import Annotation

PAGE: Final = Path(__file__).parents[3] / "docs" / "AUTHORISATION.md"
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
WHO: Final = (
    "anonymous", "visitor", "user", "staff", "view-only", "owner", "read", "events", "admin", "revoked", "expired",
)  # fmt: skip
TOKENS: Final = frozenset({"read", "events", "admin", "revoked", "expired"})
PARAMETER: Final = re.compile(r"<(?:\w+:)?(\w+)>")
REGULAR: Final = re.compile(r"\^|\$|\\Z|\(\?P<\w+>.*\)")
LOGIN: Final = "/admin/login/"


@dataclass(frozen=True)
class Route:
    """`pattern` as it is written in the URLs, `path` with something that exists in each of its places."""

    pattern: str
    path: str


def patterns(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[str]:
    for entry in (resolver or get_resolver()).url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield pattern
        else:
            yield from patterns(entry, pattern)


def all_patterns() -> list[str]:
    return sorted(set(patterns()))


def make_site() -> dict[str, str]:
    """The site with its content and one of everything that an address can name, numbered from 1."""
    _number_anew()
    seed_site()
    session = a_session(timezone.now() - timedelta(minutes=3))
    application = add_application({"company": "Acme"})
    return {
        "session_id": str(session.session_id),
        "application_id": str(application.pk),
        "dimension": "page",
        "slug": Project.objects.values_list("slug", flat=True)[0],
        "name": "overview",
        "secret": "unknown",
        "pk": str(Annotation.objects.create(day=timezone.localdate(), text="note").pk),
        "object_id": "1",
        "app_label": "visitors",
        "content_type_id": "1",
        "form": "svg",
        "url": "nowhere",
        "id": "1",
    }


def _number_anew() -> None:
    """PostgreSQL goes on counting where the test before stopped."""
    empty = {model._meta.db_table for model in apps.get_models() if not model._default_manager.exists()}
    sequences = [each for each in connection.introspection.sequence_list() if each["table"] in empty]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_by_name_sql(no_style(), sequences):
            cursor.execute(statement)


def route_of(pattern: str, names: dict[str, str]) -> Route:
    path = PARAMETER.sub(lambda found: names[found[1]], pattern)
    if pattern.startswith("/r/"):
        path = "/r/unknown/"
    if "(?P<app_label>" in pattern:
        path = "/admin/visitors/"
    elif "(?P<url>" in pattern:
        path = "/admin/nowhere"
    return Route(pattern, path)


def everybody() -> dict[str, Client]:
    """One client for each of `WHO`, logged in or with its token."""
    owner = User.objects.create(username="owner", is_staff=True, is_superuser=True)
    viewer = User.objects.create(username="viewer", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    past = timezone.now() - timedelta(days=1)
    visitor = _client()
    visitor.get("/", headers={"Accept": "text/html", "Accept-Language": "en"})
    return {
        "anonymous": _client(),
        "visitor": visitor,
        "user": _logged_in(User.objects.create(username="user")),
        "staff": _logged_in(User.objects.create(username="staff", is_staff=True)),
        "view-only": _logged_in(viewer),
        "owner": _logged_in(owner),
        "read": _client(a_token(owner, scope="read")),
        "events": _client(a_token(owner, scope="events")),
        "admin": _client(a_token(owner, scope="admin")),
        "revoked": _client(a_token(owner, revoked_at=past)),
        "expired": _client(a_token(owner, expires_at=past)),
    }


def _client(token: str = "") -> Client:
    headers = {"User-Agent": BROWSER} | ({"Authorization": f"Bearer {token}"} if token else {})
    return Client(headers=headers, raise_request_exception=False)


def _logged_in(user: User) -> Client:
    client = _client()
    client.force_login(user)
    return client


def rows_of(route: Route, clients: dict[str, Client]) -> list[str]:
    """The lines of one route: methods that everybody is answered alike share one."""
    answers: dict[tuple[str, ...], list[str]] = {}
    for method in METHODS:
        answers.setdefault(tuple(_answer(clients[who], method, route.path) for who in WHO), []).append(method)
    return [_line(route.pattern, methods, answer) for answer, methods in answers.items()]


def quick_look(route: Route, lines: list[str], clients: dict[str, Client]) -> list[str]:
    """Where the first method of a line is answered otherwise than written. Asks those whose answers can tell."""
    differing = []
    for line in lines:
        _, methods, *written = line.strip("| ").split(" | ")
        expected = dict(zip(WHO, written, strict=True))
        method = methods.split()[0]
        now = {who: _answer(clients[who], method, route.path) for who in _telling(expected)}
        differing += [f"{method} as {who}: {now[who]}, not {expected[who]}" for who in now if now[who] != expected[who]]
    return differing


def _telling(expected: dict[str, str]) -> tuple[str, ...]:
    if len(set(expected.values())) == 1:
        return ("anonymous", "owner")
    has_tokens = {expected[who] for who in TOKENS} != {expected["anonymous"]}
    return WHO if has_tokens else tuple(who for who in WHO if who not in TOKENS)


def _line(pattern: str, methods: list[str], answer: tuple[str, ...]) -> str:
    shown = pattern.replace("|", "\\|")
    return f"| `{shown}` | {' '.join(methods)} | {' | '.join(answer)} |"


def _answer(client: Client, method: str, path: str) -> str:
    """What came, and nothing of what it did is left."""
    counting.forget()
    cookies = dict(client.cookies)
    with transaction.atomic():
        response = client.generic(method, path, data="{}" if method in {"POST", "PUT", "PATCH"} else "", **_type(path))
        verdict = _verdict(response)
        if response.streaming:
            b"".join(response)  # closing it by hand would end the connection of this transaction
        transaction.set_rollback(True)
    client.cookies.clear()
    client.cookies.update(cookies)
    return verdict


def _type(path: str) -> dict[str, Any]:
    content_type = "application/json" if path.startswith("/api/") else "application/x-www-form-urlencoded"
    return {"content_type": content_type}


def _verdict(response: Any) -> str:
    status = response.status_code
    if status in {301, 302} and response["Location"].startswith(LOGIN):
        return "login"
    if status >= 500:
        return str(status)
    # What is admitted may still be refused for its empty body.
    return "yes" if status < 400 or status in {400, 409, 413, 415, 422} else str(status)


def page_of(rows: Callable[[str], list[str]]) -> str:
    """The whole page, with the rows of every route."""
    lines = [line for pattern in all_patterns() for line in rows(pattern)]
    return "\n".join([HEAD, _header(), *lines, ""])


def _header() -> str:
    return f"| route | methods | {' | '.join(WHO)} |\n|{'---|' * (len(WHO) + 2)}"


HEAD: Final = """\
# Who may do what

Generated by asking every route by every method as everybody; a test compares each row, and a route without one fails.
To write it anew: `UPDATE_AUTHORISATION=1 .venv/bin/python -m pytest -q tests/faults/test_authorisation.py`

- **Who**: *anonymous*; a *visitor* whose visit is recorded; a logged-in *user* without rights; *staff* without a
  permission; *view-only* staff with every permission to view and none to change; the *owner*, a superuser; then tokens
  of the owner's account: of scope *read*, *events* and *admin*, one that is *revoked*, one that has *expired*.
- **Answers**: *yes* is admitted (an empty body may still be refused with 400); *login* leads to the login; 401, 403,
  404 and 405 are statuses. A token is no login: pages, dashboard and admin do not look at it, so every token is
  anonymous there.
- What a visitor asks of himself (`session/current/`, `me/`, the chat) is open to everyone and answers of nobody else.
"""

"""Check what the app is installed into: migrations, cache, middleware, reports, and who may read which endpoint."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from inspect import Parameter, isfunction, signature
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from visitors import analytics_service
from visitors.applications.models import Application

from .bench import Bench, CheckFailed, expect
from .visits import Check

MIDDLEWARE: Final = "visitors.middleware.VisitorMiddleware"
NAMESPACE: Final = "visitors"
OPEN_ENDPOINTS: Final = {
    "session-current": ("get", {200}),
    "events": ("post", {400, 415}),
    "me": ("get", {200}),
    "opt-out": ("post", {200}),
}
POSTED: Final[Mapping[str, Mapping[str, Any]]] = {
    "session-label": {"label": "peer"},
    "application-revoke": {},
    "query": {"metrics": ["visitors"], "period": "7d"},
}
REFUSED: Final = {401, 403}


def system_checks() -> Iterator[Check]:
    yield Check("the database answers and is migrated", _migrated)
    yield Check("the cache gives back what it was given", _cache)
    yield Check("the middleware is installed", _middleware)


def report_checks() -> Iterator[Check]:
    for name, report in sorted(_reports_of_all()):
        yield Check(f"report {name} answers", partial(_report, report))
    yield Check("report session_insight tells of the visit", _insight)
    yield Check("report current_session finds the visit that goes on", _current_session)


def _reports_of_all() -> Iterator[tuple[str, Callable[[], object]]]:
    """The reports that need no argument: all but those of a single visit."""
    for name, report in vars(analytics_service).items():
        is_own = isfunction(report) and report.__module__ == analytics_service.__name__ and not name.startswith("_")
        if is_own and all(each.default is not Parameter.empty for each in signature(report).parameters.values()):
            yield name, report


def endpoint_checks() -> Iterator[Check]:
    names = sorted(pattern.name for pattern in endpoints() if pattern.name)
    if not names:
        yield Check("the endpoints are mounted", _not_mounted)
    for name in names:
        if name in OPEN_ENDPOINTS:
            yield Check(f"endpoint {name} is open to visitors", partial(_open_endpoint, name))
        else:
            yield Check(f"endpoint {name} answers staff and refuses others", partial(_owner_endpoint, name))


def endpoints() -> Iterator[URLPattern]:
    """The app's addresses, wherever the site has mounted them; none when it has not."""
    return _patterns(get_resolver(), is_ours=False)


def _patterns(resolver: URLResolver, *, is_ours: bool) -> Iterator[URLPattern]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from _patterns(each, is_ours=is_ours or each.app_name == NAMESPACE)
        elif is_ours:
            yield each


def _migrated() -> None:
    executor = MigrationExecutor(connection)
    waiting = [str(migration) for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    expect("migrations that wait", found=waiting, wanted=[])


def _cache() -> None:
    key, value = f"visitors-selfcheck-{secrets.token_hex(8)}", secrets.token_hex(8)
    cache.set(key, value, timeout=10)
    found = cache.get(key)
    cache.delete(key)
    expect("the value in the cache", found=found, wanted=value)


def _middleware() -> None:
    if MIDDLEWARE not in settings.MIDDLEWARE:
        raise CheckFailed(f"MIDDLEWARE must hold {MIDDLEWARE}.")


def _report(report: Callable[[], object]) -> None:
    Bench().see(0)
    if report() is None:
        raise CheckFailed("the report must not be empty.")


def _insight() -> None:
    bench = Bench()
    bench.see(0)
    if analytics_service.session_insight(bench.session().session_id) is None:
        raise CheckFailed("the visit must be found by its public id.")


def _current_session() -> None:
    bench = Bench()
    bench.see(99)
    if analytics_service.current_session([bench.visitor_id]).session is None:
        raise CheckFailed("a visit of the last minute must be found.")


def _not_mounted() -> None:
    raise CheckFailed('no address of the app is mounted: add path("api/visitors/", include("visitors.urls")).')


def _open_endpoint(name: str) -> None:
    method, allowed = OPEN_ENDPOINTS[name]
    status = _asked(Client(raise_request_exception=False), method, reverse(f"{NAMESPACE}:{name}"))
    expect("the answer to a visitor", found=status, wanted=status if status in allowed else sorted(allowed))


def _owner_endpoint(name: str) -> None:
    address, method = _address(name), "post" if name in POSTED else "get"
    client = Client(raise_request_exception=False)
    status = _asked(client, method, address, body=POSTED.get(name))
    expect("the answer to a stranger", found=status if status not in REFUSED else "refused", wanted="refused")
    client.force_login(_user(is_staff=False))
    expect("the answer to a user", found=_asked(client, method, address, body=POSTED.get(name)), wanted=403)
    client.force_login(_user(is_staff=True))
    expect("the answer to staff", found=_asked(client, method, address, body=POSTED.get(name)), wanted=200)
    client.logout()


def _address(name: str) -> str:
    """The endpoint's address, with a row of this check's own where it asks for one."""
    pattern = next(each for each in endpoints() if each.name == name)
    return reverse(f"{NAMESPACE}:{name}", kwargs={key: SAMPLES[key]() for key in pattern.pattern.converters})


def _sample_session() -> UUID:
    bench = Bench()
    bench.see(0)
    return bench.session().session_id


def _sample_application() -> int:
    return Application.objects.create(company="Self-check", slug=f"self-check-{secrets.token_hex(4)}").pk


SAMPLES: Final[Mapping[str, Callable[[], object]]] = {
    "session_id": _sample_session,
    "application_id": _sample_application,
    "dimension": lambda: "source",
}


def _user(*, is_staff: bool) -> Any:
    """Rolled back with the check; it cannot log in by password."""
    name = f"selfcheck-{secrets.token_hex(6)}"
    return get_user_model()._default_manager.create_user(name, is_staff=is_staff, is_superuser=is_staff)


def _asked(client: Client, method: str, address: str, *, body: object = None) -> int:
    """The status. By HTTPS, since production redirects everything else, and under a host that the site allows."""
    with _quiet():
        headers = {"host": _host()}
        if method == "get":
            return client.get(address, secure=True, headers=headers).status_code
        body = body or {}
        return client.post(address, body, content_type="application/json", secure=True, headers=headers).status_code


def _host() -> str:
    allowed = [host for host in settings.ALLOWED_HOSTS if host != "*"]
    return (allowed[0] if allowed else "localhost").lstrip(".")


@contextmanager
def _quiet() -> Iterator[None]:
    """A refusal that was asked for is not worth a line in the log, and a fault is told by the check."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)

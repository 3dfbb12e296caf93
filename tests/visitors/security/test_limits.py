"""Limits: what counts together, what each store promises, what a client cannot gain by inventing things."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import caches
from django.core.checks import run_checks
from django.db import OperationalError, connection, connections
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from tests import servers
from tests.visitors.builders import a_token
from visitors import sharing
from visitors.conf import conf
from visitors.conf_security import DEFAULT_LIMITS, Rule, rules_of
from visitors.limits import client_key, counting, in_a_cell, seconds_left, take
from visitors.limits.clients import CELLS
from visitors.limits.stores import DatabaseStore, MemoryStore, RedisStore, StoreAway
from visitors.models import LimitCount
from visitors.throttles import counted_as, seconds_to_wait

NOW = 1_800_000_000.0
SHARED = counting._shared  # tests/conftest.py puts the memory of the process in its place
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    moved = Clock()
    monkeypatch.setattr(counting, "_now", moved)
    return moved


@pytest.fixture(params=["memory", "database", "redis"])
def store(_own_journal: None, request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each of the three stores in turn, behind the same door."""
    if request.param == "redis":
        url = request.getfixturevalue("redis_url")
        settings.CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": url}}
        caches["default"].clear()
    if request.param != "memory":
        request.getfixturevalue("db")
        monkeypatch.setattr(counting, "_shared", SHARED)
    return str(request.param)


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("5/min", (Rule(5, 60),)),
        ("30/h, 5/min", (Rule(5, 60), Rule(30, 3600))),
        ("5/15min", (Rule(5, 900),)),
        ("60/3s", (Rule(60, 3),)),
        ("1/day", (Rule(1, 86_400),)),
        ("", ()),
    ],
)
def test_a_limit_is_read_from_its_text(text: str, rules: tuple[Rule, ...]) -> None:
    assert rules_of(text) == rules


@pytest.mark.parametrize("text", ["5", "0/min", "5/week", "-1/min", "five/min", "5/0min", "5 /min", "5/min;30/h"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a limit such as"):
        rules_of(text)


def test_the_limits_are_those_that_the_documentation_names() -> None:
    assert {name: rules_of(text) for name, text in DEFAULT_LIMITS.items()} == conf.LIMITS
    assert conf.LIMITS["chat"] == (Rule(5, 60), Rule(30, 3600))
    assert conf.LIMITS["events"] == (Rule(60, 3),)
    assert conf.LIMITS["login"] == (Rule(5, 900),)


def test_a_window_opens_with_the_first_request_and_ends_with_its_time(store: str, clock: Clock) -> None:
    assert [take("contact", f"a {store}") for _ in range(6)] == [0] * 5 + [3600]
    clock.now += 3599.5
    assert take("contact", f"a {store}") == 1
    assert bool(counting._own._windows) is (store == "memory")
    clock.now += 0.5
    assert [take("contact", f"a {store}") for _ in range(6)] == [0] * 5 + [3600]


def test_both_rules_of_a_limit_hold(store: str, clock: Clock) -> None:
    allowed = 0
    for _ in range(10):
        allowed += sum(take("chat", f"a {store}") == 0 for _ in range(7))
        clock.now += 61
    assert allowed == 30


def test_clients_and_limits_are_counted_apart(store: str, clock: Clock) -> None:
    for _ in range(5):
        take("contact", f"one {store}")
    assert take("contact", f"one {store}")
    assert (take("contact", f"two {store}"), take("login", f"one {store}")) == (0, 0)


def test_looking_counts_nothing(store: str, clock: Clock) -> None:
    assert [seconds_left("contact", f"a {store}") for _ in range(9)] == [0] * 9
    for _ in range(5):
        take("contact", f"a {store}")
    assert seconds_left("contact", f"a {store}") == 3600


def test_a_burst_of_sixty_events_passes_and_twenty_a_second_go_on(store: str, clock: Clock) -> None:
    assert [take("events", f"a {store}") for _ in range(61)] == [0] * 60 + [3]
    clock.now += 3
    assert [take("events", f"a {store}") for _ in range(61)] == [0] * 60 + [3]


@pytest.mark.parametrize("kind", ["memory", "redis"])
def test_requests_at_once_are_counted_one_by_one(kind: str, request: pytest.FixtureRequest, settings: Any) -> None:
    if kind == "redis":
        url = request.getfixturevalue("redis_url")
        settings.CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": url}}
    counted = RedisStore() if kind == "redis" else MemoryStore()
    counts: list[int] = []

    def hammer() -> None:
        counts.extend(counted.add("atomic", seconds=60, now=NOW * 2).taken for _ in range(50))

    threads = [threading.Thread(target=hammer) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == list(range(1, 401))


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="a test's SQLite lives in one connection; see tests/faults")
def test_the_database_counts_requests_at_once_one_by_one() -> None:
    counts: list[int] = []

    def hammer() -> None:
        counts.extend(DatabaseStore().add("atomic", seconds=60, now=NOW).taken for _ in range(50))
        connections.close_all()

    threads = [threading.Thread(target=hammer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == list(range(1, 201))


@pytest.fixture
def shared(_own_journal: None, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "_shared", SHARED)


@pytest.mark.usefixtures("shared")
def test_a_refused_client_costs_no_further_query(clock: Clock) -> None:
    for _ in range(6):
        take("contact", "a")
    with CaptureQueriesContext(connection) as captured:
        assert [take("contact", "a") for _ in range(100)] == [3600] * 100
    assert len(captured) == 0


@pytest.mark.usefixtures("shared")
def test_counting_costs_a_statement_and_a_look(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visitors.limits.stores.random", lambda: 1.0)  # one count in a hundred sweeps as well
    take("contact", "a")
    with CaptureQueriesContext(connection) as captured:
        take("contact", "a")
    assert len(captured) == 2


@pytest.mark.usefixtures("shared")
def test_windows_that_are_over_are_swept(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        take("events", str(number))
    clock.now += 4
    monkeypatch.setattr("visitors.limits.stores.random", lambda: 0.0)
    take("events", "another")
    assert LimitCount.objects.count() == 1


@pytest.mark.usefixtures("shared")
def test_what_is_stored_tells_nobody_who_it_was() -> None:
    seconds_to_wait(RequestFactory(REMOTE_ADDR="203.0.113.7").get("/"), "contact")
    stored = str(LimitCount.objects.values().get())
    assert ("203.0.113.7" in stored, "contact" in stored) == (False, False)


QUIET = ({"HTTP_DNT": "1"}, {"HTTP_SEC_GPC": "1"}, {"HTTP_COOKIE": "va_optout=1"})


def ask(number: int, headers: dict[str, str] | None = None) -> int:
    """The wait of a client of its own address who sends a message."""
    return seconds_to_wait(RequestFactory(REMOTE_ADDR=f"203.0.113.{number}").get("/", **(headers or {})), "contact")


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("headers", QUIET, ids=lambda headers: next(iter(headers)))
def test_who_asks_not_to_be_recorded_is_counted_in_a_cell_that_others_share(headers: dict[str, str]) -> None:
    for number in range(200):
        ask(number, headers)
    cells = {counting._key("contact", f"cell {number}", Rule(5, 3600)) for number in range(CELLS)}
    assert set(LimitCount.objects.values_list("key", flat=True)) <= cells
    assert LimitCount.objects.count() > CELLS / 2


@pytest.mark.usefixtures("shared")
def test_a_site_that_ignores_signals_counts_their_senders_like_all_others(settings: Any) -> None:
    settings.VISITORS = settings.VISITORS | {"HONOR_OPT_OUT_SIGNALS": False}
    request = RequestFactory().get("/", headers={"DNT": "1"})
    assert counted_as(request) == (client_key(request.META), "")


def test_a_cell_has_the_allowance_of_one_client(store: str, clock: Clock) -> None:
    key = client_key({"REMOTE_ADDR": "203.0.113.7"})
    counted = in_a_cell(key)
    assert [take("contact", counted.key, own=counted.own) for _ in range(6)] == [0] * 5 + [3600]
    assert seconds_left("contact", counted.key, own=counted.own) == 3600


def test_who_is_refused_gains_nothing_by_asking_not_to_be_recorded(store: str, clock: Clock) -> None:
    key = client_key({"REMOTE_ADDR": "203.0.113.7"})
    counted = in_a_cell(key)
    for _ in range(6):
        take("contact", key)
    assert [take("contact", counted.key, own=counted.own) for _ in range(3)] == [3600] * 3
    assert seconds_left("contact", counted.key, own=counted.own) == 3600
    assert seconds_left("contact", counted.key) == 0


@pytest.mark.django_db
def test_all_that_asking_not_to_be_recorded_can_gain_is_the_allowance_of_one_cell(clock: Clock) -> None:
    waits = [ask(7, headers) for headers in QUIET for _ in range(4)] + [ask(7) for _ in range(8)]
    assert waits.count(0) == 5 + 5


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("password", ["", "a long password"])
def test_a_guest_who_asks_not_to_be_recorded_leaves_no_key_and_no_time(password: str) -> None:
    link, secret = sharing.share("For Ann", password=password)
    guest = Client(headers={"DNT": "1"})
    address = reverse("visitors_dashboard:shared", args=[secret])
    guest.post(address, {"password": password})
    guest.get(address)
    link.refresh_from_db()
    assert (link.opened_count, link.last_opened_at) == (1, None)
    tries = {counting._key("share", f"{link.pk} cell {number}", Rule(5, 900)) for number in range(CELLS)}
    guests = {counting._key("guest", f"cell {number}", Rule(120, 60)) for number in range(CELLS)}
    of_all = counting._key("share-link", str(link.pk), Rule(50, 900))
    assert set(LimitCount.objects.values_list("key", flat=True)) <= tries | guests | {of_all}


@pytest.mark.usefixtures("shared")
def test_a_store_that_is_away_refuses_nobody_and_lets_nobody_through_for_ever(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise OperationalError("database is locked")

    with monkeypatch.context() as broken:
        broken.setattr("django.db.backends.utils.CursorWrapper.execute", fail)
        assert [take("contact", "a") for _ in range(6)] == [0] * 5 + [3600]


def test_known_defect_12_redis_that_is_down_refuses_nobody(
    _own_journal: None, settings: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"redis://127.0.0.1:{servers.free_port()}/0"
    settings.CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": url}}
    monkeypatch.setattr(counting, "_shared", SHARED)
    with pytest.raises(StoreAway):
        RedisStore().add("a", seconds=60, now=NOW)
    assert [take("contact", "a") for _ in range(6)] == [0] * 5 + [3600]


def test_a_process_remembers_a_bounded_number_of_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visitors.limits.stores.MAX_KEYS", 100)
    memory = MemoryStore()
    for number in range(1000):
        memory.add(str(number), seconds=60, now=NOW)
    assert len(memory._windows) == 100
    assert memory.look("999", now=NOW).taken == 1


@pytest.mark.parametrize(
    "meta",
    [
        {"HTTP_USER_AGENT": "another"},
        {"HTTP_X_FORWARDED_FOR": "198.51.100.1"},
        {"HTTP_FORWARDED": "for=198.51.100.1"},
        {"HTTP_X_REAL_IP": "198.51.100.1"},
        {"HTTP_CF_CONNECTING_IP": "198.51.100.1"},
        {"HTTP_CLIENT_IP": "198.51.100.1"},
        {"HTTP_COOKIE": "sessionid=another; va_owner=1"},
        {"HTTP_ACCEPT_LANGUAGE": "fr"},
        {"HTTP_AUTHORIZATION": "Bearer another"},
        {"QUERY_STRING": "x=1"},
    ],
    ids=lambda meta: next(iter(meta)),
)
def test_rotating_headers_gains_nothing(meta: dict[str, str]) -> None:
    assert client_key({"REMOTE_ADDR": "203.0.113.7"}) == client_key({"REMOTE_ADDR": "203.0.113.7"} | meta)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
    ],
)
def test_a_household_of_ipv6_addresses_is_one_client(one: str, other: str, is_same: bool) -> None:
    assert (client_key({"REMOTE_ADDR": one}) == client_key({"REMOTE_ADDR": other})) is is_same


@pytest.mark.django_db
def test_known_defect_05_rotating_forwarded_addresses_defeats_no_limit(site: None) -> None:
    client = APIClient()
    statuses = [
        client.post(
            "/api/chat/",
            {"question": "Hello"},
            format="json",
            HTTP_X_FORWARDED_FOR=f"198.51.100.{number}",
            HTTP_USER_AGENT=f"agent {number}",
        ).status_code
        for number in range(6)
    ]
    assert statuses == [200] * 5 + [429]


@pytest.mark.django_db
def test_pages_and_api_share_one_count_of_a_chat(site: None) -> None:
    browser = Client()
    for _ in range(5):
        assert browser.post("/chat/", {"question": "Hello"}).status_code == 302
    answer = APIClient().post("/api/chat/", {"question": "Hello"}, format="json")
    assert (answer.status_code, 0 < int(answer["Retry-After"]) <= 60) == (429, True)


@pytest.mark.django_db
def test_passwords_are_guessed_five_times_in_a_quarter_of_an_hour(clock: Clock) -> None:
    User.objects.create_superuser("owner", "", "the right one")
    address = reverse("admin:login")
    guesses = [Client().post(address, {"username": "owner", "password": str(number)}) for number in range(7)]
    assert [answer.status_code for answer in guesses] == [200] * 5 + [429] * 2
    right = {"username": "owner", "password": "the right one"}
    assert (Client().post(address, right).status_code, guesses[-1]["Retry-After"]) == (429, "900")
    assert Client().get(address).status_code == 200
    clock.now += 900
    assert Client().post(address, right).status_code == 302


@pytest.mark.django_db
def test_the_owner_is_counted_by_account_wherever_he_is(clock: Clock) -> None:
    owner = User.objects.create(username="owner", is_staff=True, is_superuser=True)
    text = a_token(owner)

    def ask(number: int) -> Any:
        return APIClient(headers={"Authorization": f"Bearer {text}"}, REMOTE_ADDR=f"203.0.113.{number}").get(
            "/api/visitors/analytics/real-time/"
        )

    assert [ask(number).status_code for number in range(121)] == [200] * 120 + [429]
    other = a_token(User.objects.create(username="other", is_staff=True, is_superuser=True))
    assert APIClient(headers={"Authorization": f"Bearer {other}"}).get("/api/visitors/bots/").status_code == 200


@pytest.mark.django_db
def test_page_views_are_never_refused(site: None) -> None:
    browser = Client(headers={"User-Agent": FIREFOX})
    assert {browser.get("/").status_code for _ in range(200)} == {200}


@pytest.mark.usefixtures("shared", "site")
def test_a_page_view_asks_no_counter() -> None:
    with CaptureQueriesContext(connection) as captured:
        Client(headers={"User-Agent": FIREFOX}).get("/")
    assert not [each for each in captured if "limitcount" in each["sql"]]


@pytest.mark.parametrize(
    ("given", "identifier"),
    [
        ({"LIMITS": "5/min"}, "visitors.E060"),
        ({"LIMITS": {"chats": "5/min"}}, "visitors.E060"),
        ({"LIMITS": {"chat": "often"}}, "visitors.E061"),
        ({"LIMIT_STORE": "paper"}, "visitors.E062"),
        ({"MAX_NEW_SESSIONS_PER_MINUTE": -1}, "visitors.E063"),
        ({"TRUSTED_PROXIES": ["0.0.0.0/0"]}, "visitors.E064"),
        ({"TRUSTED_PROXIES": ["::/0"]}, "visitors.E064"),
        ({"TRUSTED_PROXIES": ["128.0.0.0/1"]}, "visitors.E064"),
        ({"TRUSTED_PROXIES": ["2000::/3"]}, "visitors.E064"),
        ({"LIMITS": {"login": ""}}, "visitors.W060"),
        ({"LIMITS": {"share": ""}}, "visitors.W060"),
        ({"LIMITS": {"links": ""}}, "visitors.W060"),
        ({"LIMIT_STORE": "memory"}, "visitors.W061"),
        ({"MAX_NEW_SESSIONS_PER_MINUTE": 0}, "visitors.W062"),
        ({"COUNTRY_HEADER": "CF-IPCountry"}, "visitors.W064"),
    ],
)
def test_an_unsafe_setting_is_told(settings: Any, given: dict[str, Any], identifier: str) -> None:
    settings.VISITORS = settings.VISITORS | given
    assert identifier in {message.id for message in run_checks(tags=["visitors"])}


@pytest.mark.parametrize(
    ("name", "value", "identifier"),
    [
        ("SECURE_PROXY_SSL_HEADER", ("HTTP_X_FORWARDED_PROTO", "https"), "visitors.W063"),
        ("USE_X_FORWARDED_HOST", True, "visitors.W063"),
        ("REST_FRAMEWORK", {}, "visitors.W066"),
        ("ALLOWED_HOSTS", ["*"], "visitors.W067"),
        ("SESSION_ENGINE", "django.contrib.sessions.backends.cache", "visitors.W068"),
    ],
)
def test_an_unsafe_setting_of_django_is_told(settings: Any, name: str, value: Any, identifier: str) -> None:
    setattr(settings, name, value)
    found = {message.id: message for message in run_checks(tags=["visitors"])}
    assert found[identifier].hint

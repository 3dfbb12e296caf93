"""One function says whose address a request came from; a proxy that nobody named is noticed."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.http import HttpRequest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from visitors import addresses
from visitors.addresses import client_ip, has_seen_unknown_proxy, parse_ip
from visitors.conf import conf
from visitors.identity import client_of
from visitors.limits import client_key
from visitors.ownership import _network_of
from visitors.recording.status import recording_status

PROXIES = {"TRUSTED_PROXIES": ["10.0.0.0/8"]}
HEADER = st.text(alphabet=st.characters(codec="utf-8"), max_size=80)


@pytest.fixture(autouse=True)
def _nothing_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "_noted", None)


@pytest.mark.parametrize(
    "junk",
    [
        "1.2.3.4:port", "1.2.3.4:", "1.2.3.4:123456", "1.2.3.4%eth0", "[2001:db8::1", "[2001:db8::1]80",
        "[2001:db8::1]:", "[2001:db8::1]:x", "[1.2.3.4]:80", "[]", "fe80::1%", "2001:db8::1]:80", "1.2.3.4, 5.6.7.8",
        "１.2.3.4", "1.2.3.4:８０", "::ffff:1.2.3.4.5", "a" * 10_000, "1.2.3.4 " + "x" * 80, "for=1.2.3.4", "01.2.3.4",
    ],
)  # fmt: skip
def test_what_only_resembles_an_address_is_none(junk: str) -> None:
    assert parse_ip(junk) == ""


@pytest.mark.parametrize(
    ("text", "canonical"),
    [("[fe80::1%eth0]:443", "fe80::1"), ("[::ffff:203.0.113.7]", "203.0.113.7"), ("::FFFF:cb00:7107", "203.0.113.7")],
)
def test_zones_ports_and_mapped_addresses_have_one_form(text: str, canonical: str) -> None:
    assert parse_ip(text) == canonical


@given(HEADER)
def test_the_result_is_an_address_or_nothing_whatever_comes(text: str) -> None:
    assert parse_ip(parse_ip(text)) == parse_ip(text)


@given(HEADER, HEADER)
def test_known_defect_05_hops_that_the_client_wrote_change_nothing(left: str, other: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(vars(conf), "TRUSTED_PROXIES", addresses_of_proxies())
        found = {
            client_ip({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": f"{text}, 203.0.113.7, 10.0.0.2"})
            for text in (left, other)
        }
    assert found == {"203.0.113.7"}


@given(HEADER)
def test_known_defect_05_a_peer_that_is_no_proxy_is_the_client_itself(header: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(vars(conf), "TRUSTED_PROXIES", addresses_of_proxies())
        assert client_ip({"REMOTE_ADDR": "203.0.113.9", "HTTP_X_FORWARDED_FOR": header}) == "203.0.113.9"


def addresses_of_proxies() -> Any:
    from ipaddress import ip_network

    return (ip_network("10.0.0.0/8"),)


@pytest.mark.parametrize(
    "identify",
    [
        lambda request: client_key(request.META),
        lambda request: client_of(request.META).visitor_id,
        _network_of,
    ],
    ids=["limits", "identity", "owner"],
)
def test_identity_limits_and_the_owners_networks_believe_the_same_address(
    settings: Any, identify: Callable[[HttpRequest], object]
) -> None:
    settings.VISITORS = settings.VISITORS | PROXIES

    def asked(peer: str, header: str) -> object:
        return identify(RequestFactory(REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=header).get("/"))

    direct = asked("203.0.113.7", "")
    assert asked("10.0.0.1", "203.0.113.7") == direct
    assert asked("10.0.0.1", "evil, 198.51.100.9, 203.0.113.7, 10.0.0.2") == direct
    assert asked("203.0.113.7", "198.51.100.9") == direct
    assert asked("10.0.0.1", "198.51.100.9") != direct


@pytest.mark.parametrize("name", ["HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED"])
@pytest.mark.parametrize("peer", ["10.0.0.1", "127.0.0.1", "::1", "fd00::1", "172.18.0.2"])
@pytest.mark.django_db
def test_a_proxy_that_nobody_named_is_told_by_check_and_status(name: str, peer: str) -> None:
    assert not has_seen_unknown_proxy()
    client_ip({"REMOTE_ADDR": peer, name: "203.0.113.7"})
    assert has_seen_unknown_proxy()
    assert [message.id for message in run_checks(tags=["visitors"]) if "W065" in str(message.id)]
    assert "does not name" in " ".join(recording_status().problems)


@pytest.mark.parametrize(
    ("peer", "headers"),
    [("203.0.113.7", {"HTTP_X_FORWARDED_FOR": "x"}), ("10.0.0.1", {}), ("", {"HTTP_X_FORWARDED_FOR": "x"})],
    ids=["a stranger's invention", "no header", "no peer"],
)
def test_nothing_else_is_taken_for_a_proxy(peer: str, headers: dict[str, str]) -> None:
    client_ip({"REMOTE_ADDR": peer, **headers})
    assert not has_seen_unknown_proxy()


def test_a_proxy_once_named_is_no_problem_any_more(settings: Any) -> None:
    client_ip({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.7"})
    settings.VISITORS = settings.VISITORS | PROXIES
    assert not has_seen_unknown_proxy()


def test_a_proxy_that_went_away_is_forgotten_after_a_day() -> None:
    client_ip({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.7"})
    yesterday = time.time() - 25 * 3600
    os.utime(conf.JOURNAL_DIR / addresses.PROXY_FILE, (yesterday, yesterday))
    assert not has_seen_unknown_proxy()


def test_a_folder_that_cannot_be_written_stops_no_request(settings: Any, tmp_path: Any) -> None:
    (tmp_path / "file").touch()
    settings.VISITORS = settings.VISITORS | {"JOURNAL_DIR": tmp_path / "file" / "journal"}
    assert client_ip({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.7"}) == "10.0.0.1"


def test_the_servers_own_log_holds_nothing_of_a_visitor() -> None:
    told: dict[str, Any] = {}
    exec((Path(__file__).parents[3] / "gunicorn.conf.py").read_text(), told)
    fields = set(re.findall(r"%\((.*?)\)s", told["access_log_format"]))
    assert fields == {"t", "m", "U", "H", "s", "B", "M"}  # not h, u, r, q, f, a, nor any header

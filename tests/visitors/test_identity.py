"""The client's address behind proxies, and the pseudonym that stands for it."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from visitors import identity
from visitors.addresses import client_ip, parse_ip
from visitors.identity import client_of, local_day, pseudonym, secret_of, visitor_ids
from visitors.models import unix_ms

PROXIES = ["10.0.0.0/8", "fd00::/8"]
ADDRESSES = st.ip_addresses().map(str)
TRUSTED = st.integers(0, 2**24 - 1).map(lambda number: str(IPv4Address(0x0A000000 + number)))
JUNK = st.text(max_size=30).filter(lambda text: not parse_ip(text) and "," not in text)
HOPS = st.lists(st.one_of(ADDRESSES, TRUSTED, JUNK), max_size=6)


@pytest.fixture
def _behind_proxies(settings: Any) -> None:
    settings.VISITORS = settings.VISITORS | {"TRUSTED_PROXIES": PROXIES}


behind_proxies = pytest.mark.usefixtures("_behind_proxies")


def is_trusted(address: str) -> bool:
    return address.startswith("10.") or (":" in address and ip_address(address) in identity.conf.TRUSTED_PROXIES[1])


def meta(peer: str, *hops: str) -> dict[str, str]:
    return {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": ",".join(hops)}


@given(ADDRESSES, HOPS)
def test_without_trusted_proxies_the_peer_is_the_client(peer: str, hops: list[str]) -> None:
    assert client_ip(meta(peer, *hops)) == parse_ip(peer)


@behind_proxies
@given(ADDRESSES, HOPS)
def test_what_an_untrusted_peer_forwards_is_not_believed(peer: str, hops: list[str]) -> None:
    assume(not is_trusted(parse_ip(peer)))
    assert client_ip(meta(peer, *hops)) == parse_ip(peer)


@behind_proxies
@given(HOPS, ADDRESSES, st.lists(TRUSTED, max_size=4), TRUSTED)
def test_what_stands_left_of_the_client_changes_nothing(
    forged: list[str], client: str, proxies: list[str], peer: str
) -> None:
    assume(not is_trusted(parse_ip(client)))
    assert client_ip(meta(peer, *forged, client, *proxies)) == parse_ip(client)


@behind_proxies
@given(HOPS, JUNK, st.lists(TRUSTED, max_size=4), TRUSTED)
def test_junk_ends_the_walk_at_the_last_hop_that_was_an_address(
    forged: list[str], junk: str, proxies: list[str], peer: str
) -> None:
    assert client_ip(meta(peer, *forged, junk, *proxies)) == (proxies[0] if proxies else peer)


@behind_proxies
@given(st.one_of(ADDRESSES, st.text(max_size=30)), st.text(max_size=200))
def test_any_header_gives_an_address_or_nothing(peer: str, header: str) -> None:
    found = client_ip({"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": header})
    assert found == "" or str(ip_address(found)) == found


@behind_proxies
@pytest.mark.parametrize(
    ("peer", "header", "client"),
    [
        ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "203.0.113.7, 10.0.0.2", "203.0.113.7"),
        ("10.0.0.1", "<script>alert(1)</script>, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "203.0.113.7, <script>", "10.0.0.1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.9, 10.0.0.2", "10.0.0.9"),
        ("10.0.0.1", "203.0.113.7:52011", "203.0.113.7"),
        ("10.0.0.1", "[2001:db8::1]:52011", "2001:db8::1"),
        ("::ffff:10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("", "203.0.113.7, 10.0.0.2", "203.0.113.7"),
        ("", "", ""),
        ("10.0.0.1", ",".join(["10.0.0.2"] * 5000), "10.0.0.2"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
    ],
)
def test_the_first_hop_from_the_right_that_is_no_proxy_is_the_client(peer: str, header: str, client: str) -> None:
    assert client_ip({"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": header}) == client


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("203.0.113.7", "203.0.113.7"),
        (" 203.0.113.7 ", "203.0.113.7"),
        ("203.0.113.7:80", "203.0.113.7"),
        ("[2001:DB8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:0db8:0:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("[::ffff:203.0.113.7]:80", "203.0.113.7"),
        ("unknown", ""),
        ("", ""),
        ("203.0.113.300", ""),
        ("203.0.113", ""),
        ("0x7f.1", ""),
        ("_hidden", ""),
        ("1\x002.3.4", ""),
        ("\ud800", ""),
    ],
)
def test_an_address_has_one_form(text: str, canonical: str) -> None:
    assert parse_ip(text) == canonical


@given(st.ip_addresses())
def test_every_address_is_understood_with_and_without_a_port(address: IPv4Address | IPv6Address) -> None:
    with_port = f"[{address}]:8080" if address.version == 6 else f"{address}:8080"
    assert parse_ip(with_port) == parse_ip(str(address)) != ""


@given(st.text(max_size=60), st.text(max_size=60), st.binary(min_size=32, max_size=32))
def test_a_pseudonym_fits_62_bits_and_is_never_zero(ip: str, user_agent: str, secret: bytes) -> None:
    assert 0 < pseudonym(ip, user_agent, secret=secret) < 1 << 62


def test_a_pseudonym_depends_on_address_browser_and_secret() -> None:
    made = {
        pseudonym(ip, user_agent, secret=secret)
        for ip in ("203.0.113.7", "203.0.113.8")
        for user_agent in ("Firefox", "Chrome", "\ud800")
        for secret in (b"a" * 32, b"b" * 32)
    }
    assert len(made) == 12


def test_just_after_midnight_a_visitor_is_known_by_yesterdays_id_too() -> None:
    midnight_ms = unix_ms(datetime(2026, 11, 21, tzinfo=UTC))
    evening, _ = visitor_ids("203.0.113.7", "Firefox", at_ms=midnight_ms - 1)
    morning, previous = visitor_ids("203.0.113.7", "Firefox", at_ms=midnight_ms)
    assert previous == evening != morning


def test_a_secret_is_made_only_when_asked_for() -> None:
    day = local_day(0)
    assert secret_of(day, create=False) == b""
    identity.forget_secrets()
    assert len(secret_of(day, create=True)) == 32


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Europe/Berlin", datetime(2026, 10, 24, 22, 0, tzinfo=UTC), "2026-10-25"),
        ("Europe/Berlin", datetime(2026, 10, 25, 22, 59, tzinfo=UTC), "2026-10-25"),
        ("Europe/Berlin", datetime(2026, 10, 25, 23, 0, tzinfo=UTC), "2026-10-26"),
        ("America/Los_Angeles", datetime(2026, 11, 20, 7, 59, tzinfo=UTC), "2026-11-19"),
        ("Asia/Kolkata", datetime(2026, 11, 20, 18, 30, tzinfo=UTC), "2026-11-21"),
    ],
)
def test_the_day_is_the_sites_own(settings: Any, zone: str, moment: datetime, day: str) -> None:
    settings.TIME_ZONE = zone
    assert local_day(unix_ms(moment)).isoformat() == day


@pytest.mark.parametrize(("header", "country"), [("DE", "DE"), ("de", "DE"), ("XX", ""), ("T1", ""), ("Germany", "")])
@behind_proxies
def test_a_country_header_is_believed_from_a_proxy_only(settings: Any, header: str, country: str) -> None:
    settings.VISITORS = settings.VISITORS | {"COUNTRY_HEADER": "CF-IPCountry"}
    given_by = {"HTTP_CF_IPCOUNTRY": header, "HTTP_X_FORWARDED_FOR": "203.0.113.7"}
    assert client_of(given_by | {"REMOTE_ADDR": "10.0.0.1"}).place.country == country
    assert client_of(given_by | {"REMOTE_ADDR": "203.0.113.7"}).place.country == ""

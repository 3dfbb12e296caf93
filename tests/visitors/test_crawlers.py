"""A crawler's name is checked against the addresses that its operator publishes, when the owner gave them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import Client

from visitors.models import VisitorSession

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.fixture
def _ranges(settings: Any, tmp_path: Path) -> None:
    file = tmp_path / "ranges.json"
    file.write_text(json.dumps({"Googlebot": {"prefixes": [{"ipv4Prefix": "192.0.2.0/24"}]}}))
    settings.VISITORS = settings.VISITORS | {"BOT_RANGES": file}


def visit(address: str, user_agent: str = GOOGLEBOT) -> VisitorSession:
    Client().get("/about/", headers={"user-agent": user_agent}, REMOTE_ADDR=address)
    return VisitorSession.objects.get()


@pytest.mark.usefixtures("_ranges")
def test_a_crawler_at_its_own_address_is_verified(db: None) -> None:
    session = visit("192.0.2.7")
    assert (session.bot_kind, session.bot_reason.endswith("; its address is Googlebot's")) == ("search", True)


@pytest.mark.usefixtures("_ranges")
def test_a_crawler_at_another_address_is_a_forgery(db: None) -> None:
    session = visit("198.51.100.7")
    assert session.bot_kind == "scanner"
    assert session.bot_reason == "calls itself Googlebot from an address that is not Googlebot's"


@pytest.mark.usefixtures("_ranges")
def test_a_crawler_without_published_addresses_is_left_as_it_is(db: None) -> None:
    assert "address" not in visit("198.51.100.7", "Mozilla/5.0 (compatible; AhrefsBot/7.0)").bot_reason


def test_without_ranges_nobody_is_checked(db: None) -> None:
    assert "address" not in visit("198.51.100.7").bot_reason


def test_a_file_that_is_no_list_of_ranges_is_found_by_the_system_check(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "ranges.json").write_text("[]")
    settings.VISITORS = settings.VISITORS | {"BOT_RANGES": tmp_path / "ranges.json"}
    assert "visitors.E020" in {message.id for message in run_checks(tags=["visitors"])}


def test_a_missing_database_of_places_is_found_by_the_system_check(settings: Any, tmp_path: Path) -> None:
    settings.VISITORS = settings.VISITORS | {"GEOIP_COUNTRY": tmp_path / "none.mmdb"}
    assert "visitors.E020" in {message.id for message in run_checks(tags=["visitors"])}

"""Every field has a purpose and an end, and the page says so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from visitors.privacy import inventory
from visitors.privacy.inventory import declared_apps, fields_of, stale_declarations

ROOT = Path(__file__).parents[3]


def test_the_sites_own_apps_declare_what_they_keep() -> None:
    own = {config.label for config in apps.get_app_configs() if Path(config.path).parent == ROOT and config.models}
    assert {config.label for config in declared_apps()} == {
        label for label in own if list(apps.get_app_config(label).get_models())
    }


@pytest.mark.parametrize("label", ["visitors", "portfolio"])
def test_every_field_has_a_purpose_a_retention_and_somebody_it_is_about(label: str) -> None:
    told = list(fields_of(apps.get_app_config(label)))
    assert [each for each in told if not (each.purpose and each.retention)] == []
    assert {each.about for each in told} <= {"visitor", "owner", "nobody"}
    assert stale_declarations(apps.get_app_config(label)) == set()


def test_the_page_is_what_the_models_say() -> None:
    call_command("data_inventory", check=True)
    assert (ROOT / "docs" / "DATA_INVENTORY.md").read_text() == inventory.inventory()


def test_a_page_that_is_out_of_date_fails(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    with pytest.raises(CommandError, match="out of date"):
        call_command("data_inventory", check=True, file=page)
    call_command("data_inventory", file=page)
    call_command("data_inventory", check=True, file=page)
    page.write_text(page.read_text().replace("90 days", "90 years", 1))
    with pytest.raises(CommandError, match="out of date"):
        call_command("data_inventory", check=True, file=page)


def test_a_field_without_purpose_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    read = inventory._purposes

    def without(config: Any) -> dict[str, Any]:
        told = read(config)
        if config.label == "visitors":
            del told["models"]["Upkeep"]
            told["models"]["Share"]["fields"]["new"] = ["smell"]
        return told

    monkeypatch.setattr(inventory, "_purposes", without)
    with pytest.raises(CommandError, match=r"Upkeep\.task, Upkeep\.ran_at, Upkeep\.outcome, Share\.smell \(no longer"):
        call_command("data_inventory", check=True)


def test_every_cookie_of_the_code_is_on_the_page() -> None:
    page = (ROOT / "docs" / "DATA_INVENTORY.md").read_text()
    code = "\n".join(
        path.read_text() for package in ("visitors", "portfolio") for path in (ROOT / package).rglob("*.py")
    )
    named = set(re.findall(r'^COOKIE: Final = "(\w+)"', code, re.MULTILINE))
    assert named >= {"va_optout", "va_owner", "va_visitor", "conversation"}
    assert not [name for name in named if f"| {name} |" not in page]

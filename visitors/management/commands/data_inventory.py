"""Write docs/DATA_INVENTORY.md, or check that it says what the models hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from visitors.privacy.inventory import declared_apps, fields_of, inventory, stale_declarations


class Command(BaseCommand):
    help = (
        "List every field that is kept, with its purpose and how long, from the models and the purposes.toml beside "
        "them. Exit code 1: a field without purpose or retention, or with --check a page that is out of date."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        default = Path(settings.BASE_DIR) / "docs" / "DATA_INVENTORY.md"
        parser.add_argument("--file", type=Path, default=default, help="the page (docs/DATA_INVENTORY.md)")
        parser.add_argument("--check", action="store_true", help="write nothing, compare")

    def handle(self, *_: Any, **options: Any) -> None:
        if faults := _faults():
            raise CommandError("Declare in purposes.toml: " + ", ".join(faults))
        page, file = inventory(), options["file"]
        if not options["check"]:
            file.write_text(page, encoding="utf-8")
            self.stdout.write(f"{file} is written.")
        elif not file.is_file() or file.read_text(encoding="utf-8") != page:
            raise CommandError(f"{file} is out of date; run manage.py data_inventory.")


def _faults() -> list[str]:
    missing = [
        f"{each.model}.{each.field}"
        for config in declared_apps()
        for each in fields_of(config)
        if not (each.about and each.purpose and each.retention)
    ]
    stale = [f"{name} (no longer there)" for config in declared_apps() for name in sorted(stale_declarations(config))]
    return missing + stale

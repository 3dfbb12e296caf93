"""Write down what is kept, why and how long, from the models and from the purposes declared beside them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.apps import AppConfig, apps
from django.db.models import Model

FILE: Final = "purposes.toml"
PREFACE: Final = """\
# Data inventory

Made from the models and the `purposes.toml` beside them by `manage.py data_inventory`; do not edit. Times in brackets
are defaults. Django's own tables hold the owner's login (`auth_user`, `django_session`) and his acts in the admin
(`django_admin_log`; entries on visits go with them).
"""


@dataclass(frozen=True, slots=True)
class Declared:
    """Why and how long a field is kept; "" where nobody says."""

    model: str
    field: str
    about: str = ""
    purpose: str = ""
    retention: str = ""


def declared_apps() -> list[AppConfig]:
    """Apps that say what they keep data for."""
    return [config for config in apps.get_app_configs() if (Path(config.path) / FILE).is_file()]


def fields_of(config: AppConfig) -> Iterator[Declared]:
    """Every column of every table of the app, declared or not, in the models' order."""
    purposes = _purposes(config)
    for model in config.get_models():
        if not model._meta.proxy:
            yield from _fields_of_model(model, purposes)


def _fields_of_model(model: type[Model], purposes: dict[str, Any]) -> Iterator[Declared]:
    declared = purposes["models"].get(model.__name__, {})
    purpose_of = {name: purpose for purpose, names in declared.get("fields", {}).items() for name in names}
    for field in model._meta.concrete_fields:
        key = declared.get("retention_of", {}).get(field.name, declared.get("retention", ""))
        yield Declared(
            model=model.__name__,
            field=field.name,
            about=declared.get("about", ""),
            purpose=purpose_of.get(field.name, ""),
            retention=purposes["retention"].get(key, ""),
        )


def stale_declarations(config: AppConfig) -> set[str]:
    """`Model.field` of the purposes that no model has."""
    known = {f"{each.model}.{each.field}" for each in fields_of(config)}
    declared = {
        f"{model}.{name}"
        for model, told in _purposes(config)["models"].items()
        for names in (*told["fields"].values(), told.get("retention_of", {}))
        for name in names
    }
    return declared - known


def _purposes(config: AppConfig) -> dict[str, Any]:
    return tomllib.loads((Path(config.path) / FILE).read_text(encoding="utf-8"))


def inventory() -> str:
    """The page, in Markdown."""
    configs = declared_apps()
    sections = [PREFACE, *(part for config in configs for part in _tables(config))]
    sections += ["## Cookies\n", _table("Cookie", "Set", "Holds", "Lives", rows=_listed(configs, "cookies"))]
    sections += ["## Files\n", _table("File", "Holds", "Kept", rows=_listed(configs, "files"))]
    return "\n".join(sections)


def _tables(config: AppConfig) -> Iterator[str]:
    yield f"## {config.verbose_name}\n"
    model = ""
    rows: list[tuple[str, ...]] = []
    for each in fields_of(config):
        if each.model != model:
            yield from _model_table(model, rows)
            model, rows = each.model, []
            yield f"### {model}\n\nData of: {each.about}\n"
        rows.append((f"`{each.field}`", each.purpose, each.retention))
    yield from _model_table(model, rows)


def _model_table(model: str, rows: list[tuple[str, ...]]) -> Iterator[str]:
    if model:
        yield _table("Field", "Purpose", "Kept", rows=rows)


def _listed(configs: list[AppConfig], kind: str) -> list[tuple[str, ...]]:
    told = [each for config in configs for each in _purposes(config).get(kind, [])]
    return [tuple(each.values()) for each in told]


def _table(*heads: str, rows: list[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in (heads, ("---",) * len(heads), *rows)]
    return "\n".join(lines) + "\n"

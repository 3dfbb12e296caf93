"""A client generated from the site's own schema reads every address, and its models hold what was said."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tests.visitors.builders import a_session
from visitors.applications.models import Application
from visitors.models import TokenScope

from .test_programs import a_token, run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def generated(python: Path, site: str, tmp_path: Path) -> Path:
    """The folder of a client that is made anew from what the site says of itself."""
    asked = urllib.request.Request(f"{site}/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    with urllib.request.urlopen(asked) as answer:
        (tmp_path / "schema.json").write_bytes(answer.read())
    generate = python.with_name("openapi-python-client")
    command = [generate, "generate", "--path", tmp_path / "schema.json", "--meta", "none"]
    run([*command, "--output-path", tmp_path / "site_client"], PATH=f"{python.parent}:/usr/bin:/bin")
    return tmp_path


def read_paths(folder: Path) -> set[str]:
    schema: dict[str, Any] = json.loads((folder / "schema.json").read_text())
    return {re.sub(r"{\w+}", "ID", path) for path, methods in schema["paths"].items() if "get" in methods}


def test_a_generated_client_reads_every_address(python: Path, generated: Path, site: str) -> None:
    session = a_session(timezone.now(), pages=("/", "/projects/"), acts=("download",), source="LinkedIn")
    application = Application.objects.create(company="Acme", role="Engineer", slug="acme")
    values = {
        "session_id": str(session.session_id),
        "application_id": application.pk,
        "slug": "raft-kv",
        "site_id": "localhost",
        "property_": "event:page",
        "dimension": "source",
    }
    token = a_token(TokenScope.ADMIN)
    told = json.loads(run([python, "generated_client.py", generated, site, token, json.dumps(values)]))
    assert [(name, status, fault) for name, (_, status, fault) in told.items() if status != 200 or fault] == []
    asked = {_without(values, path) for path, _, _ in told.values()}
    assert asked == {_without(values, path) for path in read_paths(generated)}


def _without(values: dict[str, Any], path: str) -> str:
    for value in map(str, values.values()):
        path = path.replace(f"/{value}/", "/ID/")
    return path

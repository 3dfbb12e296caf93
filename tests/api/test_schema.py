"""The description names every endpoint with its shapes and errors, and the reading page asks no other host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

ASKED = {"200", "400", "401", "403", "429", "503"}
SITE = {
    "/api/projects/": ("get", {"200", "404", "503"}),
    "/api/projects/{slug}/": ("get", {"200", "404", "503"}),
    "/api/chat/": ("post", {"200", "400", "413", "415", "429", "503"}),
    "/api/job-analysis/": ("post", {"200", "400", "413", "415", "422", "429", "503"}),
    "/api/contact/": ("post", {"201", "400", "413", "415", "429", "503"}),
    "/healthz": ("get", {"200"}),
    "/readyz": ("get", {"200", "503"}),
    "/api/health": ("get", {"200", "503"}),
    "/api/v2/query": ("post", ASKED),
    "/api/v1/stats/realtime/visitors": ("get", ASKED),
    "/api/v1/stats/aggregate": ("get", ASKED),
    "/api/v1/stats/timeseries": ("get", ASKED),
    "/api/v1/stats/breakdown": ("get", ASKED),
    "/api/event": ("post", {"200", "202", "400", "401", "403", "429"}),
}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    generated: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return generated


def test_the_schema_is_valid_openapi(schema: dict[str, Any]) -> None:
    validate_schema(schema)  # raises what is wrong with it
    assert schema["openapi"].startswith("3.")


@pytest.mark.parametrize("path", SITE)
def test_an_endpoint_is_described_with_each_of_its_answers(schema: dict[str, Any], path: str) -> None:
    method, statuses = SITE[path]
    operation = schema["paths"][path][method]
    assert set(operation["responses"]) == statuses
    assert all("content" in response for response in operation["responses"].values())


def test_nothing_of_the_site_is_undescribed(schema: dict[str, Any]) -> None:
    own = {path for path in schema["paths"] if not path.startswith("/api/visitors/")}
    assert own == set(SITE)


def with_null(shape: Any) -> Any:
    """OpenAPI 3.0 says "nullable" where JSON Schema says "null"."""
    if isinstance(shape, list):
        return [with_null(each) for each in shape]
    if not isinstance(shape, dict):
        return shape
    plain = {name: with_null(each) for name, each in shape.items() if name != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if shape.get("nullable") is True else plain


def contents(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything that is sent or answered, by where it is."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            sent = operation.get("requestBody", {}).get("content", {})
            yield from ((f"{method} {path} {kind}", content) for kind, content in sent.items())
            for status, response in operation["responses"].items():
                for kind, content in response.get("content", {}).items():
                    yield f"{method} {path} {status} {kind}", content


def test_everything_that_is_sent_or_answered_has_an_example_of_its_shape(schema: dict[str, Any]) -> None:
    assert [where for where, content in contents(schema) if not content.get("examples")] == []
    shapes = with_null({"components": schema["components"]})
    for where, content in contents(schema):
        known = jsonschema.Draft7Validator(with_null(content["schema"]) | shapes)
        for example in content["examples"].values():
            assert [fault.message for fault in known.iter_errors(example["value"])] == [], where


def test_a_job_may_be_sent_as_text_or_file(schema: dict[str, Any]) -> None:
    content = schema["paths"]["/api/job-analysis/"]["post"]["requestBody"]["content"]
    assert set(content) == {"application/json", "multipart/form-data"}


def test_the_docs_are_served_without_another_host(db: None) -> None:
    html = Client().get("/api/docs/").content.decode()
    assert "swagger" in html
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", html)
    assert Client().get("/api/schema/").status_code == 200


@pytest.mark.parametrize("kind", ["application/vnd.oai.openapi", "application/vnd.oai.openapi+json"])
def test_the_schema_is_made_once_for_everybody(db: None, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    first = Client().get("/api/schema/", headers={"Accept": kind})

    def fail(*_: Any, **__: Any) -> Any:
        raise AssertionError("made again")

    monkeypatch.setattr(SchemaGenerator, "get_schema", fail)
    again = Client().get("/api/schema/", {"version": '"; x', "lang": "de"}, headers={"Accept": kind})
    assert (again.status_code, again.content) == (200, first.content)
    assert again["Content-Type"] == f"{kind}; charset=utf-8"
    assert again["Content-Disposition"].startswith('inline; filename="schema.')

"""The schema and the page of the API say what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.urls import URLPattern, get_resolver
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from api.schema import JOB_RULES
from visitors import serializers
from visitors.exceptions import Rule
from visitors.reports.metrics import METRICS
from visitors.schema import EXAMPLES, FAULTS, example_of
from visitors.urls import urlpatterns

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
ANSWERS = {
    name.removesuffix("Serializer"): getattr(serializers, name)
    for name in vars(serializers)
    if name.endswith("Serializer") and name not in {"LabelSerializer", "FaultSerializer", "ErrorAnswerSerializer"}
}


@pytest.fixture(scope="module")
def schema():
    GENERATOR_STATS.reset()
    generated = SchemaGenerator().get_schema(request=None, public=True)
    assert not [line for line in (*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache) if "visitors" in line]
    validate_schema(generated)
    return generated


def patterns(resolver=None, prefix="/"):
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)
        else:
            yield from patterns(entry, path)


def test_every_address_of_the_api_is_in_the_schema(schema):
    served = {path for path in patterns() if path.startswith("/api/") and not re.match("/api/(schema|docs)", path)}
    assert served == {path for path in schema["paths"] if path.startswith("/api/")}


def test_every_answer_and_error_has_a_shape_and_an_example(schema):
    for path, methods in schema["paths"].items():
        if not path.startswith("/api/visitors/") or path.endswith(("/events/", "/metrics/")):
            continue
        for operation in methods.values():
            assert set(operation["responses"]) >= {"400", "429", "503"}
            assert set(operation["responses"]) & {"200", "201"}
            for status, answer in operation["responses"].items():
                if "/export/" in path and status == "200":
                    assert set(answer["content"]) == {"text/csv", "application/x-ndjson"}
                    continue
                content = answer["content"]["application/json"]
                assert content["schema"]["$ref"]
                assert content["examples"]
                if int(status) in FAULTS:
                    assert content["schema"]["$ref"].endswith("/ErrorAnswer")


def test_owner_addresses_say_who_may_ask_and_the_public_one_that_everyone_may(schema):
    def security(path):
        return schema["paths"][f"/api/visitors/{path}"]["get"].get("security")

    assert security("bots/") == [{"tokenAuth": []}, {"cookieAuth": []}]
    assert security("session/current/") in (None, [], [{}])
    assert "401" not in schema["paths"]["/api/visitors/session/current/"]["get"]["responses"]


def test_parameters_carry_their_bounds(schema):
    asked = schema["paths"]["/api/visitors/recruiters/"]["get"]["parameters"]
    numbers = [each for each in asked if each["schema"]["type"] == "integer"]
    assert {each["name"]: (each["schema"]["minimum"], each["schema"]["maximum"]) for each in numbers} == {
        "days": (1, 365),
        "min_score": (0, 100),
        "page": (1, 10_000),
        "page_size": (1, 100),
    }


def test_metrics_explain_themselves_in_the_schema(schema):
    figures = schema["components"]["schemas"]["Figures"]["properties"]
    assert figures["bounce_rate"]["description"] == METRICS["bounce_rate"].text


def shape_of(value, field):
    """The names in an example that its serializer does not have, and the other way round."""
    child = getattr(field, "child", None)
    if value is None:
        return set()
    if child is not None:
        values = value.values() if isinstance(value, dict) else value
        return set().union(*(shape_of(each, child) for each in values))
    if hasattr(field, "fields"):
        differ = set(value) ^ set(field.fields)
        return differ.union(*(shape_of(value[name], each) for name, each in field.fields.items() if name in value))
    return set()


@pytest.mark.parametrize("name", sorted(set(json.loads(EXAMPLES.read_text())) - {"about"}))
def test_each_example_has_the_shape_of_its_answer(name):
    by_component = {cls.__name__.removesuffix("Serializer"): cls for cls in ANSWERS.values()}
    assert shape_of(example_of(name), by_component[name]()) == set()


def test_the_page_has_every_address_with_a_call_and_its_example():
    sections = dict(re.findall(r"^## \w+ (\S+)\n(.*?)(?=^## |\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL))
    assert list(sections) == [str(pattern.pattern) for pattern in urlpatterns]
    for path, text in sections.items():
        pattern = re.escape(re.sub(r"<.*>", "ID", path)).replace("ID", "[0-9a-z-]+")
        assert re.search(rf'^curl .*"https://example\.com/api/visitors/{pattern}(\?[^"]*)?"$', text, re.MULTILINE)


def test_the_examples_on_the_page_are_those_of_the_schema():
    shown = [json.loads(block) for block in re.findall(r"```json\n(.*?)\n```", PAGE.read_text(), re.DOTALL)]
    examples = json.loads(EXAMPLES.read_text())
    del examples["about"]
    assert len(shown) == len(examples)
    assert all(example in shown for example in examples.values())


def test_a_type_that_no_report_uses_is_no_field():
    with pytest.raises(TypeError):
        serializers._field(complex)


def test_each_rule_that_is_published_is_explained_in_the_schema_and_on_the_page(schema):
    operations = [operation for methods in schema["paths"].values() for operation in methods.values()]
    parts = [part for operation in operations for part in (operation, *operation.get("parameters", ()))]
    published = {rule for part in parts for rule in part.get("x-rules", ())}
    assert published - {*JOB_RULES, "does_not_exist"} == schema["x-rules"].keys() == set(Rule) - {Rule.INVALID}
    assert all(f"`{rule}`" in PAGE.read_text() for rule in Rule)


def test_whoever_sends_a_body_must(schema):
    bodies = [
        each["requestBody"]
        for methods in schema["paths"].values()
        for each in methods.values()
        if "requestBody" in each
    ]
    assert bodies
    assert all(body["required"] for body in bodies)

"""Whatever the schema allows is answered as it says, whatever it forbids is refused, by strangers and by the owner."""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.wsgi import get_wsgi_application
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.config import PositiveDataAcceptanceConfig
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection
from schemathesis.transport.serialization import Binary

from portfolio.models import Project
from portfolio.seed import seed_site
from tests.visitors.applications.people import an_application
from tests.visitors.builders import a_session
from visitors import tokens
from visitors.limits import counting
from visitors.tokens import TokenScope

pytestmark = [pytest.mark.contract, pytest.mark.django_db]

EXAMPLES = 20
# Statuses of a request that fits the schema and is refused all the same, by a rule that its operation publishes.
REFUSED = {400, 413, 415, 422}
PLAIN = {"Accept-Encoding": "identity"}  # the client does not unpack what was packed


def load() -> Any:
    written = OpenApiJsonRenderer().render(SchemaGenerator().get_schema(request=None, public=True))
    loaded = schemathesis.openapi.from_dict(json.loads(written))
    usual = PositiveDataAcceptanceConfig().expected_statuses
    loaded.config.checks.positive_data_acceptance = PositiveDataAcceptanceConfig(expected_statuses=[*usual, *REFUSED])
    loaded.app = get_wsgi_application()
    return loaded


OPERATIONS = [result.ok() for result in load().get_all_operations()]


@pytest.fixture(autouse=True)
def known(db: None, settings: Any) -> dict[str, Any]:
    """What this site has, by the names of the schema's path parameters."""
    settings.ALLOWED_HOSTS = ["*"]  # the client of schemathesis has a host of its own
    seed_site()
    visit = a_session(pages=("/", "/resume/"), acts=("download",), country="DE", is_recruiter=True, recruiter_score=80)
    return {
        "session_id": str(visit.session_id),
        "application_id": an_application().pk,
        "slug": Project.objects.values_list("slug", flat=True)[0],
        "dimension": "source",
    }


@pytest.fixture
def token(db: None) -> str:
    """A token that may do everything its owner may."""
    return tokens.issue(name="contract", user=User.objects.create_superuser("owner"), scope=TokenScope.ADMIN)[1]


def rules_of(operation: Any) -> set[str]:
    """What the schema cannot say of a request, as the operation and its parameters publish it."""
    raw = operation.definition.raw
    return {rule for part in (raw, *raw.get("parameters", ())) for rule in part.get("x-rules", ())}


def only_a_published_rule_refuses_what_fits(ctx: Any, response: Any, case: Any) -> None:
    if case.meta.generation.mode.is_positive and response.status_code in REFUSED:
        error = response.json()["error"]
        rule = error["code"] if isinstance(error, dict) else response.headers["x-rule"][0]
        assert rule in rules_of(case.operation), error


def is_text_beside_a_file(case: Any) -> bool:
    """The one request that `negative_data_rejection` cannot judge. In a form every value is text, and so fits: null is
    sent as "null". The check knows that, except where it would have to validate a file with it. Forms without a file
    are judged, as are those with a field that is given twice."""
    body = case.body
    if case.media_type != "multipart/form-data" or not isinstance(body, dict) or "job_requirements" not in body:
        return False
    text = body["job_requirements"]
    return isinstance(body.get("file"), Binary) and not (isinstance(text, list) and len(text) > 1)


def a_refusal_says_why(ctx: Any, response: Any, case: Any) -> None:
    if response.status_code == 400:
        error = response.json()["error"]
        message = error if isinstance(error, str) else error["message"]
        assert len(message) > 20 or "`" in message, message


def statuses(
    operation: Any, mode: GenerationMode, headers: dict[str, str], known: dict[str, Any] | None = None
) -> set[int]:
    """Those of all answers, each of which kept to the schema. Addresses lead to what is `known` instead of to what no
    site has."""
    answered: set[int] = set()

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def answered_as_described(case: Any) -> None:
        counting.forget()  # limits are tested elsewhere
        for name in known or ():
            if name in case.path_parameters:
                case.path_parameters[name] = known[name]
        answer = case.call_and_validate(
            headers=PLAIN | headers,
            excluded_checks=[negative_data_rejection] if is_text_beside_a_file(case) else [],
            additional_checks=[a_refusal_says_why, only_a_published_rule_refuses_what_fits],
        )
        answered.add(answer.status_code)

    try:
        answered_as_described()
    except Unsatisfiable:
        # Nothing can be wrong about an address without parameters and body.
        assert mode is GenerationMode.NEGATIVE
    return answered


def is_guarded(operation: Any) -> bool:
    """Whether the schema asks for a token or a login, and leaves no way without."""
    ways = operation.definition.raw.get("security", [])
    return bool(ways) and {} not in ways


@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_a_stranger_gets_what_the_schema_says(operation: Any, mode: GenerationMode) -> None:
    answered = statuses(operation, mode, {})
    if is_guarded(operation):
        assert answered <= {401, 404}  # an address that cannot be one is not known to anybody
    else:
        assert answered.isdisjoint({401, 403, 429})


@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_the_owner_gets_what_the_schema_says(operation: Any, mode: GenerationMode, token: str) -> None:
    assert statuses(operation, mode, {"Authorization": f"Token {token}"}).isdisjoint({401, 403, 429})


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if "{" in each.path], ids=lambda each: each.label)
def test_the_owner_gets_what_there_is(operation: Any, token: str, known: dict[str, Any]) -> None:
    answered = statuses(operation, GenerationMode.POSITIVE, {"Authorization": f"Token {token}"}, known)
    assert answered & {200, 202}
    assert 404 not in answered

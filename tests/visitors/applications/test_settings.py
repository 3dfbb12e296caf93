"""Settings of notices that cannot work are found before they are missed."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from visitors.conf import conf, from_environment


@pytest.mark.parametrize(
    ("given", "identifier"),
    [
        ({"QUIET_HOURS": "late"}, "visitors.E007"),
        ({"QUIET_HOURS": "22:00-25:00"}, "visitors.E007"),
        ({"NOTICE_DIGEST": "8"}, "visitors.E007"),
        ({"NOTICE_WEBHOOK": "https://example.com/hook"}, "visitors.E008"),
        ({"NOTICE_WEBHOOK": "http://example.com/hook", "NOTICE_WEBHOOK_SECRET": "x"}, "visitors.E009"),
        ({"OWNER_MEMORY_DAYS": -1}, "visitors.E010"),
        ({"NOTICE_DELAY_SECONDS": -1}, "visitors.E010"),
    ],
)
def test_an_unusable_setting_is_found_by_the_system_check(
    settings: Any, given: dict[str, Any], identifier: str
) -> None:
    settings.VISITORS = settings.VISITORS | given
    assert identifier in {message.id for message in run_checks(tags=["visitors"])}


def test_times_of_day_are_minutes(settings: Any) -> None:
    settings.VISITORS = settings.VISITORS | {"QUIET_HOURS": "22:00-7:30", "NOTICE_DIGEST": "08:05"}
    assert (conf.QUIET_HOURS, conf.NOTICE_DIGEST) == ((1320, 450), 485)


def test_the_environment_gives_lists_and_refuses_what_is_no_time() -> None:
    given = {"VISITORS_NOTICE_EMAIL": "a@example.com, b@example.com", "VISITORS_QUIET_HOURS": "22:00-07:00"}
    assert from_environment(given) == {
        "NOTICE_EMAIL": ["a@example.com", "b@example.com"],
        "QUIET_HOURS": "22:00-07:00",
    }
    with pytest.raises(ImproperlyConfigured, match="must be a span such as 22:00-07:00"):
        from_environment({"VISITORS_QUIET_HOURS": "at night"})

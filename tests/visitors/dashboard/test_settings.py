"""Settings of the dashboard that cannot work are told by the system checks."""

from __future__ import annotations

import pytest

from visitors.checks_dashboard import check_dashboard
from visitors.conf import from_environment


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        ({}, []),
        ({"OWNER_PANELS": ["portfolio.panels.unanswered_questions"]}, []),
        ({"OWNER_PANELS": ["portfolio.panels.nothing"]}, ["visitors.E100"]),
        ({"OWNER_PANELS": ["nowhere.at_all", "portfolio.panels.__name__"]}, ["visitors.E100"] * 2),
        ({"DIGEST_EMAIL": ["owner@example.com"]}, []),
        ({"DIGEST_EMAIL": ["owner@example.com", "nobody"]}, ["visitors.E101"]),
    ],
)
def test_what_cannot_work_is_told(settings, given, ids):
    settings.VISITORS = given
    assert [problem.id for problem in check_dashboard()] == ids


def test_lists_come_from_the_environment():
    given = from_environment({"VISITORS_OWNER_PANELS": "a.b, c.d", "VISITORS_DIGEST_EMAIL": "a@example.com"})
    assert given == {"OWNER_PANELS": ["a.b", "c.d"], "DIGEST_EMAIL": ["a@example.com"]}

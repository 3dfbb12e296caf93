"""Each observation is classified by named steps, or left out with its reason."""

from __future__ import annotations

from typing import Any

import pytest

from visitors.detection.bots import Certainty
from visitors.observation import DropReason
from visitors.recording.steps import STEPS, classify

from .builders import CHROME, a_ping, an_observation

SLACK = "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"


def test_an_ordinary_page_view_passes_every_step() -> None:
    result = classify([an_observation()])
    (draft,) = result.drafts
    assert (draft.bot.is_bot, draft.is_share, draft.campaign, dict(result.dropped)) == (False, False, "", {})


def test_bots_go_on_marked() -> None:
    (draft,) = classify([an_observation(user_agent="curl/8.5.0")]).drafts
    assert (draft.bot.is_bot, draft.bot.certainty) == (True, Certainty.DECLARED)


@pytest.mark.parametrize(
    ("given_fields", "is_share"),
    [
        ({"user_agent": SLACK}, True),
        ({"user_agent": SLACK, "kind": "download"}, False),
        ({"user_agent": CHROME}, False),
    ],
)
def test_a_link_preview_of_a_page_is_a_share(given_fields: dict[str, Any], is_share: bool) -> None:
    (draft,) = classify([an_observation(**given_fields)]).drafts
    assert (draft.is_share, draft.share_channel) == (is_share, "Slack" if is_share else "")


@pytest.mark.parametrize(
    ("given_fields", "dropped"),
    [
        ({"referrer": "https://semalt.com/offer"}, 1),
        ({"referrer": "https://semalt.com/offer", "sec_fetch_site": "same-origin"}, 0),
        ({"referrer": "https://www.linkedin.com/"}, 0),
        ({"referrer": ""}, 0),
    ],
)
def test_referrer_spam_is_left_out_and_counted_by_day(given_fields: dict[str, Any], dropped: int) -> None:
    result = classify([an_observation(**given_fields)])
    assert len(result.drafts) == 1 - dropped
    assert dict(result.dropped) == ({("2026-11-20", DropReason.SPAM): 1} if dropped else {})


@pytest.mark.parametrize(
    ("given_fields", "campaign"),
    [
        ({}, ""),
        ({"utm_source": "mail"}, "mail|||||"),
        ({"utm_source": "mail", "utm_campaign": "cv"}, "mail||cv|||"),
        ({"click_id": "gclid"}, "|||||gclid"),
        ({"application": "acme", "utm_source": "mail"}, "r/acme"),
    ],
)
def test_a_campaign_or_an_application_link_makes_a_visit_of_its_own(
    given_fields: dict[str, Any], campaign: str
) -> None:
    (draft,) = classify([an_observation(**given_fields)]).drafts
    assert draft.campaign == campaign


def test_every_observation_is_a_draft_or_a_counted_drop() -> None:
    seen = [
        an_observation(),
        a_ping(),
        an_observation(referrer="https://semalt.com/"),
        an_observation(user_agent=SLACK),
    ]
    result = classify(seen)
    assert len(result.drafts) + result.dropped.total() == len(seen)
    assert len({step.__name__ for step in STEPS}) == len(STEPS)

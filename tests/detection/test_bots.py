"""What a user agent says of itself: bots by kind and name, browsers left alone."""

from __future__ import annotations

import pytest

from visitors.detection.bots import Certainty, classify_user_agent, share_channel

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36"
)


@pytest.mark.parametrize(
    ("user_agent", "kind", "name"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "search", "Googlebot"),
        ("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)", "ai_training", "GPTBot"),
        ("Mozilla/5.0 (compatible; FooCrawler/2.1; +http://foo.example/)", "other", "FooCrawler"),
        ("curl/8.7.1", "http_library", "curl"),
    ],
)  # fmt: skip
def test_a_bot_is_named_with_its_kind(user_agent: str, kind: str, name: str) -> None:
    verdict = classify_user_agent(user_agent)
    assert (verdict.is_bot, verdict.certainty, verdict.kind, verdict.name) == (True, Certainty.DECLARED, kind, name)


def test_a_browser_is_no_bot() -> None:
    assert not classify_user_agent(CHROME).is_bot


def test_the_preview_of_a_link_names_where_it_was_shared() -> None:
    assert share_channel("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)") == "Slack"

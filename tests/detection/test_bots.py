"""What a user agent says of itself: bots by kind and name, people left alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visitors.detection import bot_names
from visitors.detection.bots import HUMAN, BotVerdict, Certainty, classify_user_agent, share_channel

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36"
)
PIXEL = (
    "Mozilla/5.0 (Linux; Android {model}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36"
)

# As the operators document them, or as the library sends it by default.
NAMED = [
    ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "search", "Googlebot"),
    ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "search", "bingbot"),
    ("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2)", "ai_training", "GPTBot"),
    ("Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)", "ai_training", "ClaudeBot"),
    ("Mozilla/5.0 (compatible; OAI-SearchBot/1.0; +https://openai.com/searchbot)", "ai_search", "OAI-SearchBot"),
    ("Mozilla/5.0 (compatible; ChatGPT-User/1.0; +https://openai.com/bot)", "ai_user_fetch", "ChatGPT-User"),
    ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "link_preview", "Slackbot-LinkExpanding"),
    ("Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", "monitoring", "UptimeRobot"),
    ("Feedly/1.0 (+http://www.feedly.com/fetcher.html; like FeedFetcher-Google)", "feed", "Feedly"),
    ("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", "seo", "AhrefsBot"),
    ("curl/8.7.1", "http_library", "curl"),
    ("python-requests/2.32.3", "http_library", "python-requests"),
    ("Go-http-client/2.0", "http_library", "Go net/http"),
    ("node", "http_library", "Node.js"),
    ("Acme-Inventory/3.1 (internal; build 7)", "http_library", "Acme-Inventory"),
    (CHROME.replace("Chrome/", "HeadlessChrome/"), "headless", "HeadlessChrome"),
    ("Mozilla/5.0 zgrab/0.x", "scanner", "zgrab"),
    ("() { :; }; /bin/bash -c 'id'", "scanner", "Shellshock"),
    ("Mozilla/5.0 (compatible; FooCrawler/2.1; +http://foo.example/)", "other", "FooCrawler"),
    ("Mozilla/5.0 (compatible; AcmeRankSpider/1.0)", "seo", "AcmeRankSpider"),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0 ShopAgent/7.1", "other", "ShopAgent"),
]

# Seen in published device fixtures, each once taken for a bot by one of the public lists.
MISTAKEN_FOR_BOTS = [
    PIXEL.format(model="9; CUBOT X19 Build/PPR1"),
    PIXEL.format(model="7.0; M bot 60 Build/NRD90M"),
    PIXEL.format(model="11; iHunt S60 Discovery Pro 2022"),
    PIXEL.format(model="15; CPH2655 Build/AP3A.240617.008"),
    PIXEL.format(model="8.1.0; Newsday_A1"),
    PIXEL.format(model="13; Spider 8"),
    PIXEL.format(model="11; Google Pixel 5"),
    PIXEL.format(model="10; K").replace("Safari/537.36", "Safari/537.36,gzip(gfe)"),
    "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 5.1; Trident/4.0; chromeframe/32.0.1700.76; .NET CLR 2.0.50727)",
    "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1; Trident/7.0; .NET4.0E; GWX:DOWNLOADED; ms-office)",
    "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; FunWebProducts; HbTools 4.7.1)",
    "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/68.0 Safari/537.36 WebAppManager",
    "SonyEricssonW20/R1x Browser/NetFront/3.5 Profile/MIDP-2.1 Configuration/CLDC-1.1 JavaPlatform/JP-8.5",
    "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0",
    CHROME,
]


@pytest.mark.parametrize(("user_agent", "kind", "name"), NAMED)
def test_a_bot_is_named_with_its_kind(user_agent: str, kind: str, name: str) -> None:
    verdict = classify_user_agent(user_agent)
    assert (verdict.is_bot, verdict.certainty, verdict.kind, verdict.name) == (True, Certainty.DECLARED, kind, name)


def test_a_verdict_says_which_list_knew_the_name() -> None:
    assert classify_user_agent("curl/8.7.1").reason == "user agent names curl (own rule)"


@pytest.mark.parametrize("user_agent", MISTAKEN_FOR_BOTS)
def test_people_whom_the_public_lists_mistake_stay_people(user_agent: str) -> None:
    assert classify_user_agent(user_agent) == HUMAN


@pytest.mark.parametrize("user_agent", ["", "   ", "\t"])
def test_no_user_agent_is_a_suspicion(user_agent: str) -> None:
    expected = BotVerdict(True, Certainty.SUSPECTED, "http_library", "", "no user agent")
    assert classify_user_agent(user_agent) == expected


def test_a_guarded_word_hides_no_real_bot() -> None:
    user_agent = PIXEL.format(model="9; CUBOT X19 Build/PPR1") + " (compatible; Googlebot/2.1)"
    assert classify_user_agent(user_agent).name == "Googlebot"


@pytest.mark.parametrize(
    ("user_agent", "channel"),
    [
        ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "Slack"),
        ("LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)", "LinkedIn"),
        ("WhatsApp/2.23.20.0", "WhatsApp"),
        ("Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5", "Teams"),
        ("Twitterbot/1.0", "X"),
        ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "Facebook"),
        ("TelegramBot (like TwitterBot)", "Telegram"),
        ("Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)", "Discord"),
        ("Mozilla/5.0 (Macintosh) AppleWebKit/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0", "iMessage"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", ""),
        (CHROME, ""),
    ],
)
def test_the_preview_of_a_link_names_where_it_was_shared(user_agent: str, channel: str) -> None:
    assert share_channel(user_agent) == channel


@pytest.mark.parametrize("user_agent", [row[0] for row in NAMED] + MISTAKEN_FOR_BOTS)
def test_without_re2_the_verdict_is_the_same(user_agent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = bot_names.find_bot(user_agent)
    caches = [bot_names._own_matcher, bot_names._crawler_matcher, bot_names._words, bot_names._guard_matcher]
    monkeypatch.setattr(bot_names, "re2", None)
    try:
        for matcher in caches:
            matcher.cache_clear()
        assert bot_names.find_bot(user_agent) == found
    finally:
        for matcher in caches:
            matcher.cache_clear()


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet=st.characters(), max_size=2_000) | st.text(alphabet="()+{}[]|;:/. 1aB", max_size=2_000))
def test_no_text_breaks_the_verdict(user_agent: str) -> None:
    verdict = classify_user_agent(user_agent)
    assert verdict.is_bot == (verdict.certainty is not Certainty.NONE)
    assert share_channel(user_agent) == "" or verdict.kind == "link_preview"


@pytest.mark.parametrize(
    "piece",
    ["(", "a", "\ud800", "\x00", "bot ", "Build/", "1.", "Android 1;", "iPhone OS ", "Mozilla/5.0 ", "X/1 CFNetwork"],
)
def test_64_kb_of_nonsense_are_judged_within_10_ms(piece: str) -> None:
    classify_user_agent("warm up")
    user_agent = (piece * 65_536)[:65_536]
    started = time.thread_time()
    classify_user_agent(user_agent)
    assert time.thread_time() - started < 0.010

"""Facts about `visitors.detection.sources` and the reduction of referrers."""

from __future__ import annotations

import time
import timeit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visitors.detection.referrers import LONGEST_KEPT
from visitors.detection.sources import Channel, Source, classify_source, reduce_referrer
from visitors.detection.tables import rows_of

OWN = ("portfolio.example", "www.my-site.test:8000", "*.shop.test")


def source(referrer: str = "", **campaign: str) -> Source:
    return classify_source(referrer=referrer, own_hosts=OWN, **campaign)


def named(referrer: str = "", **campaign: str) -> tuple[str, str]:
    found = source(referrer, **campaign)
    return found.source, found.channel


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("https://user:pw@Host.example:443/p?q#f", "https://host.example/p"),
        ("http://host.example:80", "http://host.example/"),
        ("http://host.example:8080/a", "http://host.example:8080/a"),
        ("HTTPS://Host.Example./A/b", "https://host.example/A/b"),
        ("android-app://com.linkedin.android/", "android-app://com.linkedin.android/"),
        ("android-app://com.google.android.gm", "android-app://com.google.android.gm/"),
        ("https://[2001:db8::1]/x", "https://[2001:db8::1]/x"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://x.test/u/bob@mail.test/next", "https://x.test/u/***/next"),
        ("https://x.test/u/bob%40mail.test", "https://x.test/u/***"),
        ("https://x.test/@handle/post", "https://x.test/@handle/post"),
        ("https://x.test/reset/9f8e7d6c5b4a392817", "https://x.test/reset/***"),
        ("https://x.test/i/0d8a27f5-0a8a-a5d2-99aa-0123456789ab", "https://x.test/i/***"),
        ("https://x.test/t/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0", "https://x.test/t/***"),
        ("https://x.test/call/+49 170 1234567", "https://x.test/call/***"),
        ("https://x.test/a;jsessionid=1234/b", "https://x.test/a"),
        (
            "https://x.test/a-long-slug-made-of-several-words/2026",
            "https://x.test/a-long-slug-made-of-several-words/2026",
        ),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("about:blank", ""),
        ("file:///etc/passwd", ""),
        ("//host.example/p", ""),
        ("host.example/p", ""),
        ("https://", ""),
        ("https://[::1/x", ""),
        ("https://ho st/", ""),
        ("https://host.example\x00/", ""),
        ("android-app://<script>/", ""),
        ("<script>", ""),
        ("", ""),
    ],
)
def test_a_referrer_is_kept_without_credentials_query_addresses_and_tokens(raw: str, kept: str) -> None:
    assert reduce_referrer(raw) == kept


@settings(deadline=None)
@given(
    st.text(max_size=600) | st.text(max_size=300).map("https://host.test/".__add__) | st.text().map("https://".__add__)
)
def test_no_referrer_raises_and_what_is_kept_is_short_and_storable(raw: str) -> None:
    kept = reduce_referrer(raw)
    assert len(kept) <= LONGEST_KEPT
    assert kept.isascii()
    assert "\x00" not in kept
    assert "?" not in kept


@settings(deadline=None)
@given(st.text(max_size=300).map("https://host.test/".__add__))
def test_reducing_twice_changes_nothing(raw: str) -> None:
    once = reduce_referrer(raw)
    if len(once) < LONGEST_KEPT:
        assert reduce_referrer(once) == once


@settings(deadline=None)
@given(st.text(max_size=200), st.text(max_size=80), st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_no_input_breaks_the_classification(referrer: str, tag: str, medium: str, click_id: str, app: str) -> None:
    found = source(referrer, utm_source=tag, utm_medium=medium, click_id=click_id, app=app, requested_with=tag)
    assert found.channel in set(Channel)
    assert found.source


@pytest.mark.parametrize(
    "hostile",
    ["https://" + "a." * 30_000, "https://x.test/" + "a-" * 30_000, "@" * 60_000, "https://x.test/" + "/" * 60_000],
)
def test_hostile_referrers_are_judged_within_ten_milliseconds(hostile: str) -> None:
    def judge() -> None:
        reduce_referrer(hostile)
        source(hostile, utm_source=hostile, utm_medium=hostile, utm_campaign=hostile)

    assert min(timeit.repeat(judge, timer=time.process_time, number=1, repeat=5)) < 0.010


@pytest.mark.parametrize(
    ("referrer", "expected"),
    [
        ("https://www.google.com/", ("Google", "Organic Search")),
        ("https://www.google.co.uk/search", ("Google", "Organic Search")),
        ("android-app://com.google.android.googlequicksearchbox/", ("Google", "Organic Search")),
        ("https://duckduckgo.com/", ("DuckDuckGo", "Organic Search")),
        ("https://de.search.yahoo.com/", ("Yahoo", "Organic Search")),
        ("https://mail.google.com/", ("Gmail", "Email")),
        ("android-app://com.google.android.gm", ("Gmail", "Email")),
        ("https://outlook.office.com/", ("Outlook", "Email")),
        ("https://eur01.safelinks.protection.outlook.com/", ("Outlook", "Email")),
        ("https://chatgpt.com/", ("ChatGPT", "AI Assistants")),
        ("https://www.perplexity.ai/", ("Perplexity", "AI Assistants")),
        ("https://claude.ai/chat", ("Claude", "AI Assistants")),
        ("https://gemini.google.com/", ("Gemini", "AI Assistants")),
        ("https://copilot.microsoft.com/", ("Microsoft Copilot", "AI Assistants")),
        ("https://github.com/owner/repo", ("GitHub", "Code Hosts")),
        ("https://gist.github.com/", ("GitHub", "Code Hosts")),
        ("https://www.linkedin.com/feed", ("LinkedIn", "Organic Social")),
        ("https://lnkd.in/abc", ("LinkedIn", "Organic Social")),
        ("android-app://com.linkedin.android/", ("LinkedIn", "Organic Social")),
        ("https://t.co/xyz", ("X", "Organic Social")),
        ("https://out.reddit.com/", ("Reddit", "Organic Social")),
        ("https://news.ycombinator.com/item", ("Hacker News", "Organic Social")),
        ("https://lobste.rs/", ("Lobsters", "Organic Social")),
        ("https://m.youtube.com/", ("YouTube", "Organic Video")),
        ("https://www.amazon.de/", ("Amazon", "Organic Shopping")),
        ("https://app2.greenhouse.io/people/1", ("Greenhouse", "Recruiting")),
        ("https://acme.workable.com/", ("Workable", "Recruiting")),
        ("https://www.pracuj.pl/", ("pracuj.pl", "Recruiting")),
        ("https://app.slack.com/", ("Slack", "Referral")),
        ("https://www.some-blog.test/post", ("some-blog.test", "Referral")),
        ("https://linkedin.com.evil.test/", ("linkedin.com.evil.test", "Referral")),
        ("https://notlinkedin.com/", ("notlinkedin.com", "Referral")),
        ("https://google.evil.test/", ("google.evil.test", "Referral")),
        ("https://brand.so/", ("brand.so", "Referral")),
        ("https://alice.github.io/", ("alice.github.io", "Referral")),
        ("", ("Direct", "Direct")),
        ("javascript:void(0)", ("Direct", "Direct")),
    ],
)
def test_a_referrer_host_names_its_source_and_channel(referrer: str, expected: tuple[str, str]) -> None:
    assert named(referrer) == expected


@pytest.mark.parametrize(
    "tag", ["linkedin", "LinkedIn", "LinkedIn.com", "www.linkedin.com", "lnkd.in", " linkedin ", "li"]
)
def test_every_spelling_of_linkedin_is_one_source(tag: str) -> None:
    assert named(utm_source=tag) == ("LinkedIn", "Organic Social")


@pytest.mark.parametrize(
    ("campaign", "expected"),
    [
        ({"utm_source": "google", "utm_medium": "cpc"}, ("Google", "Paid Search")),
        ({"utm_source": "facebook", "utm_medium": "paid_social"}, ("Facebook", "Paid Social")),
        ({"utm_source": "youtube", "utm_medium": "cpv"}, ("YouTube", "Paid Video")),
        ({"utm_source": "youtube", "utm_medium": "cpc"}, ("YouTube", "Paid Video")),
        ({"utm_source": "adnet", "utm_medium": "ppc"}, ("adnet", "Paid Other")),
        ({"utm_source": "adnet", "utm_medium": "cpm"}, ("adnet", "Display")),
        ({"utm_source": "adnet", "utm_medium": "banner"}, ("adnet", "Display")),
        ({"utm_source": "facebook", "utm_medium": "cpm"}, ("Facebook", "Paid Social")),
        ({"utm_source": "facebook", "utm_medium": "banner"}, ("Facebook", "Display")),
        ({"utm_source": "linkedin", "utm_medium": "email"}, ("LinkedIn", "Organic Social")),
        ({"utm_source": "github", "utm_medium": "email"}, ("GitHub", "Email")),
        ({"utm_source": "x-list", "utm_medium": "email"}, ("x-list", "Email")),
        ({"utm_source": "newsletter"}, ("Newsletter", "Email")),
        ({"utm_source": "partner", "utm_medium": "affiliate"}, ("partner", "Affiliates")),
        ({"utm_source": "partner", "utm_medium": "referral"}, ("partner", "Referral")),
        ({"utm_source": "partner", "utm_medium": "sms"}, ("partner", "SMS")),
        ({"utm_source": "partner", "utm_medium": "audio"}, ("partner", "Audio")),
        ({"utm_source": "app", "utm_medium": "web-push"}, ("app", "Mobile Push Notifications")),
        ({"utm_source": "clips", "utm_medium": "video"}, ("clips", "Organic Video")),
        ({"utm_source": "group", "utm_medium": "social"}, ("group", "Organic Social")),
        ({"utm_source": "google", "utm_campaign": "cross-network spring"}, ("Google", "Cross-network")),
        ({"utm_source": "adnet", "utm_medium": "cpc", "utm_campaign": "spring shop"}, ("adnet", "Paid Shopping")),
        ({"utm_source": "adnet", "utm_campaign": "workshop 7"}, ("adnet", "Unassigned")),
        ({"utm_source": "linkedin", "utm_medium": "profile"}, ("LinkedIn", "Organic Social")),
        ({"utm_source": "chatgpt.com"}, ("ChatGPT", "AI Assistants")),
        ({"utm_source": "cv"}, ("CV", "Recruiting")),
        ({"utm_source": "Resume", "utm_medium": "pdf"}, ("CV", "Recruiting")),
        ({"utm_source": "a-friend.test"}, ("a-friend.test", "Referral")),
        ({"utm_source": "Poster Wall"}, ("poster wall", "Unassigned")),
        ({"click_id": "gclid"}, ("Google", "Paid Search")),
        ({"click_id": "fbclid"}, ("Facebook", "Organic Social")),
        ({"click_id": "li_fat_id"}, ("LinkedIn", "Paid Social")),
        ({"app": "LinkedIn"}, ("LinkedIn", "Organic Social")),
        ({"app": "Slack"}, ("Slack", "Referral")),
        ({"requested_with": "com.linkedin.android"}, ("LinkedIn", "Organic Social")),
        ({"requested_with": "XMLHttpRequest"}, ("Direct", "Direct")),
    ],
)
def test_campaigns_click_identifiers_and_apps_follow_the_channel_groups(
    campaign: dict[str, str], expected: tuple[str, str]
) -> None:
    assert named(**campaign) == expected


def test_the_campaign_wins_over_the_referrer_which_is_still_kept() -> None:
    found = source("https://www.google.com/", utm_source="linkedin")
    assert found == Source("www.google.com", "LinkedIn", Channel.ORGANIC_SOCIAL, reason="campaign parameter: linkedin")


def test_a_paid_click_identifier_makes_a_search_referrer_paid() -> None:
    assert named("https://www.google.com/", click_id="gclid") == ("Google", "Paid Search")


@pytest.mark.parametrize(
    "referrer",
    [
        "https://portfolio.example/about/",
        "https://www.portfolio.example:8443/",
        "http://blog.portfolio.example/",
        "http://my-site.test:8000/",
        "https://a.shop.test/",
    ],
)
def test_the_own_host_is_no_referrer(referrer: str) -> None:
    assert source(referrer) == Source("", "Direct", Channel.DIRECT, reason="no referrer")


def test_a_host_that_only_ends_like_the_own_one_is_a_referrer() -> None:
    assert source("https://evil-portfolio.example/").referrer_host == "evil-portfolio.example"


@pytest.mark.parametrize("host", ["semalt.com", "www.semalt.com", "12.buttons-for-website.com"])
def test_referrer_spam_is_marked_with_its_reason(host: str) -> None:
    found = source(f"http://{host}/crawler.php")
    assert (found.is_spam, found.reason) == (True, f"referrer spam: {'.'.join(host.split('.')[-2:])}")


def test_every_listed_source_has_a_channel_and_says_where_it_comes_from() -> None:
    rows = list(rows_of("sources.csv"))
    assert len({row["host"] for row in rows}) == len(rows) > 800
    assert {row["channel"] for row in rows} <= set(Channel)
    assert all(row["source"] and row["where"] for row in rows)

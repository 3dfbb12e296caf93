"""Whose opening it was, how statuses move, what slugs and texts look like."""

from __future__ import annotations

import pytest

from visitors.applications.rules import (
    Kind,
    Opening,
    Visit,
    judge_opening,
    judge_visit,
    moved_on,
    reached_status,
    taken_back,
)
from visitors.applications.slugs import ALPHABET, is_slug, kebab, new_slug
from visitors.applications.texts import Seen, sentence

TWO_PAGES = ((0, "/"), (9_000, "/resume/"))


@pytest.mark.parametrize(
    ("opening", "kind"),
    [
        (Opening(), None),
        (Opening(is_owner=True), Kind.OWNER),
        (Opening(is_owner=True, method="HEAD"), Kind.OWNER),
        (Opening(was_sent=False), Kind.OWNER),
        (Opening(was_sent=False, is_share=True), Kind.OWNER),
        (Opening(is_share=True, share_channel="Slack", declared_bot="Slackbot"), Kind.SHARE),
        (Opening(is_share=True), Kind.SHARE),
        (Opening(method="HEAD"), Kind.AUTO),
        (Opening(purpose="prefetch"), Kind.AUTO),
        (Opening(declared_bot="user agent names curl"), Kind.AUTO),
    ],
)
def test_what_a_request_alone_settles(opening: Opening, kind: Kind | None) -> None:
    verdict = judge_opening(opening)
    assert (verdict.kind if verdict else None) == kind
    assert verdict is None or verdict.reason


@pytest.mark.parametrize(
    ("visit", "kind"),
    [
        (Visit(), Kind.UNKNOWN),
        (Visit(has_tracker_sign=True), Kind.HUMAN),
        (Visit(has_tracker_sign=True, network_kind="hosting", engaged_ms=4_999), Kind.AUTO),
        (Visit(has_tracker_sign=True, network_kind="hosting", engaged_ms=5_000), Kind.HUMAN),
        (Visit(network_kind="hosting"), Kind.AUTO),
        (Visit(network_kind="hosting", pages=TWO_PAGES), Kind.AUTO),
        (Visit(network_kind="business", pages=TWO_PAGES), Kind.HUMAN),
        (Visit(pages=((0, "/"),)), Kind.UNKNOWN),
        (Visit(pages=((0, "/"), (9_000, "/"))), Kind.UNKNOWN),
        (Visit(pages=((0, "/"), (1_499, "/resume/"))), Kind.UNKNOWN),
        (Visit(pages=((0, "/"), (1_500, "/resume/"))), Kind.HUMAN),
        (Visit(pages=((0, "/"), (400, "/a/"), (9_000, "/b/"))), Kind.HUMAN),
        (Visit(pages=TWO_PAGES, links_at_once=2), Kind.HUMAN),
        (Visit(pages=TWO_PAGES, links_at_once=3), Kind.AUTO),
        (Visit(pages=TWO_PAGES, is_bot=True), Kind.AUTO),
        (Visit(pages=TWO_PAGES, is_bot=True, label="bot"), Kind.AUTO),
        (Visit(pages=TWO_PAGES, is_owner=True, label="me"), Kind.OWNER),
        (Visit(label="recruiter"), Kind.HUMAN),
    ],
)
def test_whose_visit_it_was(visit: Visit, kind: Kind) -> None:
    verdict = judge_visit(visit)
    assert (verdict.kind, bool(verdict.reason)) == (kind, True)


@pytest.mark.parametrize(
    ("status", "reached", "is_held", "then"),
    [
        ("sent", "opened", False, "opened"),
        ("opened", "engaged", False, "engaged"),
        ("engaged", "opened", False, "engaged"),
        ("sent", "engaged", True, "sent"),
        ("draft", "engaged", False, "draft"),
        ("interview", "engaged", False, "interview"),
        ("rejected", "engaged", False, "rejected"),
    ],
)
def test_a_status_moves_forward_only_and_never_against_the_owner(
    status: str, reached: str, is_held: bool, then: str
) -> None:
    assert moved_on(status, reached=reached, is_held=is_held) == then


@pytest.mark.parametrize(
    ("status", "reached", "is_held", "then"),
    [
        ("engaged", "sent", False, "sent"),
        ("engaged", "opened", False, "opened"),
        ("engaged", "sent", True, "engaged"),
        ("interview", "sent", False, "interview"),
    ],
)
def test_a_status_goes_back_with_lost_evidence_unless_the_owner_holds_it(
    status: str, reached: str, is_held: bool, then: str
) -> None:
    assert taken_back(status, reached=reached, is_held=is_held) == then


def test_visits_carry_an_application_to_engaged_at_most() -> None:
    given = [(False, False), (False, True), (True, False), (True, True)]
    reached = [reached_status(is_opened=opened, is_engaged=engaged) for opened, engaged in given]
    assert reached == ["sent", "sent", "opened", "engaged"]


@pytest.mark.parametrize(
    ("company", "name"),
    [
        ("Acme Corp.", "acme-corp"),
        ("Müller & Söhne GmbH", "muller-sohne-gmbh"),
        ("Straße 7", "strasse-7"),
        ("日本電気", ""),
        ("a" * 200, "a" * 60),
        ("--", ""),
    ],
)
def test_a_company_becomes_the_head_of_a_slug(company: str, name: str) -> None:
    slug = new_slug(company)
    head, _, tail = slug.rpartition("-")
    assert (kebab(company), head, len(tail), set(tail) <= set(ALPHABET), is_slug(slug)) == (
        name,
        name or "link",
        4,
        True,
        True,
    )


def test_slugs_of_one_company_differ() -> None:
    assert len({new_slug("Acme") for _ in range(50)}) > 40


@pytest.mark.parametrize("text", ["", "Acme", "a_b", "-a", "a-", "a--b", "a" * 81, "a/b", "ä"])
def test_what_no_slug_looks_like(text: str) -> None:
    assert not is_slug(text)


def test_a_notice_says_what_was_seen_and_what_the_score_is_made_of() -> None:
    signals = [
        {"signal": "office_hours", "weight": 0.4, "seen": ""},
        {"signal": "application_link", "weight": 3.0, "seen": ""},
        {"signal": "resume_downloaded", "weight": 1.4, "seen": ""},
    ]
    seen = Seen(pages=3, engaged_ms=94_900, has_resume=True, score=96, signals=signals)
    assert sentence("Acme link opened", seen) == (
        "Acme link opened, 3 pages, 94 s engaged, resume downloaded. "
        "96 = application link +3.0, resume +1.4, office hours +0.4"
    )
    assert sentence("Acme link opened", Seen(pages=1, engaged_ms=0)) == "Acme link opened, 1 page."

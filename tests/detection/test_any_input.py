"""Whatever a rule is given, it answers within its bounds or says what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from visitors.detection.bot_evidence import SessionEvidence
from visitors.detection.bot_ranges import RangesError, load_ranges
from visitors.detection.bots import HUMAN, Certainty, classify_observation, classify_session
from visitors.detection.engagement import score_engagement
from visitors.detection.goals import SeenPage, fault_of_goal, reached_goals
from visitors.detection.network_kinds import kind_of_organisation
from visitors.observation import Observation

TEXT = st.text(max_size=200)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=15,
)
GOAL = st.dictionaries(st.sampled_from(["interaction", "page", "scroll", "engaged_seconds", "else"]), ANY_JSON)
PAGE = st.builds(SeenPage, path=TEXT, scroll_depth=st.none() | st.integers(0, 100), engaged_ms=st.integers(0, 1 << 40))
HEADERS = ("user_agent", "accept", "accept_language", "sec_fetch_site", "sec_fetch_mode", "sec_fetch_dest", "sec_ch_ua")


@given(
    goals=st.dictionaries(TEXT, GOAL, max_size=4), pages=st.lists(PAGE, max_size=5), kinds=st.lists(TEXT, max_size=5)
)
def test_goals_that_are_no_fault_are_judged(goals: dict[str, Any], pages: list[SeenPage], kinds: list[str]) -> None:
    sound = {name: goal for name, goal in goals.items() if not fault_of_goal(goal)}
    assert set(reached_goals(sound, pages=pages, kinds=kinds)) <= set(sound)


@given(ANY_JSON)
def test_whatever_stands_for_a_goal_is_one_or_is_told_why_not(goal: Any) -> None:
    assert isinstance(fault_of_goal(goal), str)


@given(
    page_views=st.integers(0, 10_000),
    engaged_ms=st.integers(0, 1 << 50),
    deepest_scroll=st.integers(-1, 100),
    kinds=st.lists(TEXT, max_size=20),
)
def test_an_engagement_score_is_the_sum_of_its_parts(
    page_views: int, engaged_ms: int, deepest_scroll: int, kinds: list[str]
) -> None:
    found = score_engagement(page_views=page_views, engaged_ms=engaged_ms, deepest_scroll=deepest_scroll, kinds=kinds)
    assert 0 <= found.score <= 100
    assert found.score == sum(part.points for part in found.parts)
    assert all(0 <= part.points <= part.of for part in found.parts)


@given(
    st.builds(
        SessionEvidence,
        paths=st.lists(TEXT, max_size=30).map(tuple),
        page_views=st.integers(0, 1000),
        duration_ms=st.integers(0, 1 << 40),
        engaged_ms=st.integers(0, 1 << 40),
        has_tracker_sign=st.booleans(),
        pages_carry_tracker=st.booleans(),
        first_post_ms=st.integers(-1, 1 << 40),
        network_kind=TEXT,
    )
)
def test_a_suspected_visit_is_told_its_reason(evidence: SessionEvidence) -> None:
    verdict = classify_session(HUMAN, evidence=evidence)
    assert verdict.is_bot == (verdict.certainty is not Certainty.NONE)
    assert bool(verdict.reason) or not verdict.is_bot


@given(st.fixed_dictionaries(dict.fromkeys(HEADERS, TEXT)), st.booleans())
def test_any_headers_lead_to_a_verdict_with_its_reason(headers: dict[str, str], is_secure: bool) -> None:
    verdict = classify_observation(
        Observation(id=1, at_ms=0, day="2026-11-20", visitor_id=1, is_secure=is_secure, **headers)
    )
    assert bool(verdict.reason) or not verdict.is_bot


@given(TEXT)
def test_an_organisation_has_a_kind_or_none(name: str) -> None:
    assert kind_of_organisation(name) in {"", "isp", "mobile", "business", "education", "hosting", "vpn"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(published=ANY_JSON)
def test_any_file_of_ranges_is_read_or_refused(tmp_path: Path, published: Any) -> None:
    file = tmp_path / "ranges.json"
    file.write_text(json.dumps(published))
    try:
        ranges = load_ranges(file)
    except RangesError as error:
        assert str(error)
        return
    assert not ranges.is_verified("not an address", "Googlebot")


def test_a_goal_without_a_rule_says_so() -> None:
    assert fault_of_goal({}) == "must say what reaches it"
    with pytest.raises(RangesError):
        load_ranges("/nowhere/at/all.json")

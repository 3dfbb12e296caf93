"""Facts about the recruiter score: gates, groups, ledger, bands, signals and calibration."""

from __future__ import annotations

import math
import random
import re
import time
import timeit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from visitors.detection.recruiter_calibration import area_under_curve, expected_calibration_error
from visitors.detection.recruiter_evidence import evidence_of
from visitors.detection.recruiter_hosts import HiringHost, hiring_host
from visitors.detection.recruiter_pages import PageKind, is_resume_file, is_source_code, kind_of_page
from visitors.detection.recruiters import (
    DEFAULT,
    ActFact,
    Calibration,
    CalibrationReport,
    PageFact,
    Score,
    SessionFacts,
    Signal,
    TooFewLabelsError,
    calibrate,
    score_session,
)
from visitors.detection.sources import classify_source
from visitors.detection.tables import rows_of

WEDNESDAY_10_UTC_MS = 1_784_109_600_000
HOME = PageFact("/", "portfolio:home")
RESUME = PageFact("/resume/", "portfolio:resume")
ABOUT = PageFact("/about/", "portfolio:about")
PROJECT = PageFact("/projects/one/", "portfolio:project")
DOWNLOAD = ActFact("download", "Ada-Lovelace.pdf")


def came_from(referrer: str, **more: object) -> SessionFacts:
    found = classify_source(referrer=referrer, own_hosts=())
    facts = SessionFacts(
        referrer=referrer, referrer_host=found.referrer_host, source=found.source, channel=found.channel, pages=(HOME,)
    )
    return replace(facts, **more)  # type: ignore[arg-type]


def signals_of(facts: SessionFacts) -> dict[str, str]:
    return {signal.signal: signal.seen for signal in score_session(facts).signals}


def points(facts: SessionFacts) -> int:
    score = score_session(facts).score
    assert score is not None
    return score


@pytest.mark.parametrize("gate", ["is_bot", "is_owner", "is_prefetch"])
def test_bots_owner_and_prefetches_get_no_score(gate: str) -> None:
    facts = came_from("https://app.greenhouse.io/", **{gate: True})
    assert score_session(facts) == Score(score=None, band="", signals=(), label="")


def test_the_score_is_the_sigmoid_of_prior_and_ledger() -> None:
    facts = came_from("https://app.lever.co/", pages=(HOME, RESUME), acts=(DOWNLOAD,), network_kind="business")
    found = score_session(facts)
    total = DEFAULT.prior + sum(signal.weight for signal in found.signals)
    assert found.score == round(100 / (1 + math.exp(-total)))
    assert found.evidence == sum(signal.weight for signal in found.signals)


def test_the_ledger_names_each_signal_with_what_was_seen_strongest_first() -> None:
    facts = came_from("https://app.greenhouse.io/", tz="UTC", started_at_ms=WEDNESDAY_10_UTC_MS)
    assert score_session(facts).signals == (
        Signal("ats_recruiter_app", 3.5, "app.greenhouse.io"),
        Signal("office_hours", 0.5, "Wednesday 10:00"),
        Signal("landing_home", 0.1, "/"),
    )


def test_an_empty_session_is_unclear() -> None:
    found = score_session(SessionFacts())
    assert (found.band, found.label) == ("unclear", "")


@pytest.mark.parametrize(
    ("prior", "score", "band"),
    [(1.3863, 80, "likely"), (1.32, 79, "possible"), (0.0, 50, "possible"), (-0.03, 49, "unclear")],
)
def test_bands_begin_at_eighty_and_fifty(prior: float, score: int, band: str) -> None:
    facts = SessionFacts(utm_source="x", pages=(PageFact("/other/"),))
    found = score_session(facts, calibration=Calibration(prior=prior))
    assert (found.score, found.band) == (score, band)


def test_a_calibration_moves_the_score_but_not_the_ledger() -> None:
    facts = came_from("https://app.greenhouse.io/")
    cold = score_session(facts, calibration=Calibration(prior=-6.0, slope=0.5))
    assert cold.signals == score_session(facts).signals
    assert cold.score is not None and cold.score < 10


@pytest.mark.parametrize(
    ("facts", "band"),
    [
        (came_from("https://app.greenhouse.io/"), "likely"),
        (came_from("https://hire.lever.co/people"), "likely"),
        (SessionFacts(application="acme-1a2b", pages=(HOME,)), "likely"),
        (SessionFacts(utm_source="cv", pages=(HOME,)), "possible"),
        (came_from("https://github.com/"), "unclear"),
        (came_from("https://github.com/", pages=(PROJECT,)), "unclear"),
        (came_from("https://www.linkedin.com/"), "unclear"),
        (came_from("https://linkedin.com.evil.test/"), "unclear"),
        (came_from("https://stackoverflow.com/jobs"), "unclear"),
        (came_from("https://stats-collector.test/"), "unclear"),
        (came_from("https://news.ycombinator.com/item", pages=(PROJECT,)), "unclear"),
    ],
)
def test_one_visit_lands_in_its_band(facts: SessionFacts, band: str) -> None:
    assert score_session(facts).band == band


def test_a_visitor_from_github_is_no_recruiter_for_that() -> None:
    assert points(came_from("https://github.com/")) < points(SessionFacts(utm_source="x", pages=(HOME,)))


def test_a_mere_linkedin_referrer_says_little() -> None:
    weights = {signal.signal: signal.weight for signal in score_session(came_from("https://www.linkedin.com/")).signals}
    assert 0 <= weights["professional_network"] <= 0.5


@pytest.mark.parametrize(
    ("facts", "signal", "seen"),
    [
        (came_from("https://app.seekout.io/"), "sourcing_tool", "app.seekout.io"),
        (
            came_from("https://www.linkedin.com/talent/hire"),
            "linkedin_recruiter",
            "https://www.linkedin.com/talent/hire",
        ),
        (came_from("https://acme.workable.com/"), "ats_shared_tenant", "acme.workable.com"),
        (came_from("https://boards.greenhouse.io/"), "ats_candidate_board", "boards.greenhouse.io"),
        (came_from("https://www.indeed.com/"), "job_board", "www.indeed.com"),
        (came_from("https://recruiter.unlisted.test/"), "hiring_host_name", "recruiter.unlisted.test"),
        (came_from("https://jobs.unlisted.test/"), "careers_host_name", "jobs.unlisted.test"),
        (came_from("https://mail.google.com/"), "webmail", "mail.google.com"),
        (came_from("https://mail.gmx.net/"), "webmail", "mail.gmx.net"),
        (
            came_from("https://eur01.safelinks.protection.outlook.com/"),
            "mail_link_rewriter",
            "eur01.safelinks.protection.outlook.com",
        ),
        (came_from("https://teams.microsoft.com/"), "work_chat", "teams.microsoft.com"),
        (came_from("https://app.slack.com/"), "work_chat", "app.slack.com"),
        (came_from("https://some-blog.test/"), "other_referrer", "some-blog.test"),
        (came_from("https://chatgpt.com/"), "ai_assistant", "chatgpt.com"),
        (SessionFacts(app="LinkedIn"), "in_app_linkedin", "LinkedIn"),
        (SessionFacts(), "no_referrer", "none"),
        (SessionFacts(device_type="mobile"), "no_referrer_on_phone", "none"),
        (SessionFacts(application="acme-1a2b"), "application_link", "acme-1a2b"),
        (SessionFacts(utm_source="Resume", utm_medium="pdf"), "cv_tag", "resume"),
        (SessionFacts(utm_source="linkedin", utm_medium="profile"), "profile_tag", "profile"),
        (SessionFacts(utm_source="linkedin", utm_medium="social"), "post_tag", "social"),
        (SessionFacts(pages=(RESUME,)), "landing_given_page", "/resume/"),
        (came_from("https://www.google.com/", pages=(RESUME,)), "landing_resume", "/resume/"),
        (SessionFacts(pages=(PROJECT,)), "landing_project", "/projects/one/"),
        (SessionFacts(pages=(HOME, RESUME)), "resume_read", "/resume/"),
        (SessionFacts(acts=(DOWNLOAD,)), "resume_downloaded", "Ada-Lovelace.pdf"),
        (
            SessionFacts(acts=(ActFact("outbound", "https://github.com/ada/engine"),)),
            "source_opened",
            "https://github.com/ada/engine",
        ),
        (SessionFacts(network_kind="business"), "network_business", "business"),
        (SessionFacts(tz="-300", started_at_ms=WEDNESDAY_10_UTC_MS), "night", "Wednesday 5:00"),
        (SessionFacts(tz="Asia/Tokyo", started_at_ms=WEDNESDAY_10_UTC_MS), "evening", "Wednesday 19:00"),
        (SessionFacts(tz="UTC", started_at_ms=WEDNESDAY_10_UTC_MS + 3 * 86_400_000), "weekend", "Saturday 10:00"),
        (SessionFacts(returned_within_week=True), "returned_within_week", "an earlier session within seven days"),
        (
            SessionFacts(shared_path_recently=True),
            "just_shared",
            "a link preview of the same page within two hours before",
        ),
        (SessionFacts(pages=(PageFact("/", engaged_ms=250_000),)), "long_read", "4 minutes of attention"),
        (
            SessionFacts(acts=(ActFact("chat_message", details={"hiring_phrase": "notice period"}),)),
            "hiring_question",
            "notice period",
        ),
        (
            SessionFacts(acts=(ActFact("contact", details={"hiring_phrase": "have a role"}),)),
            "hiring_message",
            "have a role",
        ),
        (
            SessionFacts(
                acts=(ActFact("contact", details={"hiring_phrase": "have a role", "from_organisation": True}),)
            ),
            "company_address",
            "an organisation's mail domain",
        ),
        (
            SessionFacts(
                acts=(ActFact("job_analysis", details={"looks_like_job_description": True, "phrase_count": 7}),)
            ),
            "job_description_pasted",
            "7 phrases of a job description",
        ),
        (
            SessionFacts(acts=(ActFact("chat_message", details={"client_phrase": "freelance work"}),)),
            "client_words",
            "freelance work",
        ),
        (
            SessionFacts(acts=(ActFact("contact", details={"looks_like_spam": True, "spam_phrase": "seo"}),)),
            "spam_words",
            "seo",
        ),
        (
            SessionFacts(acts=(ActFact("chat_message", details={"length_band": "short"}),)),
            "nothing_asked_of_person",
            "chat_message",
        ),
        (
            SessionFacts(acts=(ActFact("job_analysis"), ActFact("chat_message"))),
            "several_tools_tried",
            "chat_message, job_analysis",
        ),
    ],
)
def test_each_signal_is_seen(facts: SessionFacts, signal: str, seen: str) -> None:
    assert signals_of(facts)[signal] == seen


@pytest.mark.parametrize(
    ("facts", "absent"),
    [
        (SessionFacts(acts=(ActFact("download", "engine.zip"),)), "resume_downloaded"),
        (SessionFacts(acts=(ActFact("outbound", "https://example.test/"),)), "source_opened"),
        (
            SessionFacts(
                acts=(ActFact("contact", details={"hiring_phrase": "have a role", "from_organisation": False}),)
            ),
            "company_address",
        ),
        (SessionFacts(acts=(ActFact("contact", details={"from_organisation": True}),)), "company_address"),
        (
            SessionFacts(acts=(ActFact("contact", details={"looks_like_spam": True, "hiring_phrase": "have a role"}),)),
            "hiring_message",
        ),
        (SessionFacts(acts=(ActFact("chat_message"),) * 3), "several_tools_tried"),
        (
            SessionFacts(acts=(ActFact("contact", details={"length_band": "short", "hiring_phrase": "x"}),)),
            "nothing_asked_of_person",
        ),
        (SessionFacts(tz=""), "office_hours"),
        (SessionFacts(pages=(RESUME,)), "resume_read"),
    ],
)
def test_a_signal_is_not_seen_where_it_says_nothing(facts: SessionFacts, absent: str) -> None:
    assert absent not in signals_of(facts)


def test_a_hiring_question_asked_five_times_counts_once() -> None:
    asked = ActFact("chat_message", details={"hiring_phrase": "notice period"})
    assert points(SessionFacts(acts=(asked,) * 5)) == points(SessionFacts(acts=(asked,)))


def test_groups_cap_what_one_kind_of_evidence_can_carry() -> None:
    caps = {row["group"]: float(row["cap"]) for row in rows_of("recruiter_groups.csv")}
    group_of = {row["signal"]: row["group"] for row in rows_of("recruiter_signals.csv")}
    typed = {"hiring_phrase": "x", "looks_like_job_description": True, "from_organisation": True}
    facts = SessionFacts(
        application="a",
        utm_source="cv",
        pages=(HOME, RESUME, ABOUT, PROJECT, PageFact("/contact/"), PageFact("/job-analysis/")),
        acts=(ActFact("contact", details=typed), DOWNLOAD),
        returned_within_week=True,
        shared_path_recently=True,
    )
    totals: dict[str, float] = {}
    for signal in score_session(facts).signals:
        totals[group_of[signal.signal]] = totals.get(group_of[signal.signal], 0.0) + signal.weight
    assert {group: total for group, total in totals.items() if abs(total) > caps[group] + 1e-9} == {}
    assert totals["typed"] == caps["typed"]


def test_client_words_make_a_client_and_hiring_words_unmake_him() -> None:
    client = ActFact("chat_message", details={"client_phrase": "need a website"})
    hiring = ActFact("chat_message", details={"hiring_phrase": "notice period"})
    assert score_session(SessionFacts(acts=(client,))).label == "client"
    assert score_session(SessionFacts(acts=(client, hiring))).label == ""


def test_neither_name_nor_gender_nor_country_nor_language_can_be_a_sign() -> None:
    fields = set(SessionFacts.__struct_fields__)
    assert fields.isdisjoint(
        {"name", "gender", "country", "region", "city", "language", "accept_language", "user_agent"}
    )
    spoken = [ActFact("chat_message", details={"hiring_phrase": "x", "language": code}) for code in ("en", "pl", "fr")]
    assert len({points(SessionFacts(acts=(act,))) for act in spoken}) == 1


facts_strategy = st.builds(
    SessionFacts,
    started_at_ms=st.integers(),
    tz=st.text(max_size=20) | st.integers().map(str),
    referrer=st.text(max_size=80),
    referrer_host=st.text(max_size=80),
    channel=st.text(max_size=20),
    utm_source=st.text(max_size=40),
    utm_medium=st.text(max_size=40),
    app=st.text(max_size=20),
    device_type=st.sampled_from(["", "mobile", "desktop", "tv"]),
    application=st.text(max_size=20),
    network_kind=st.text(max_size=20),
    pages=st.lists(st.builds(PageFact, st.text(max_size=40), st.text(max_size=20), st.integers(), st.integers())).map(
        tuple
    ),
    acts=st.lists(
        st.builds(
            ActFact,
            st.sampled_from(["chat_message", "contact", "job_analysis", "download", "outbound", "x"]),
            st.text(max_size=60),
            st.integers(),
            st.dictionaries(
                st.sampled_from(
                    [
                        "hiring_phrase",
                        "from_organisation",
                        "client_phrase",
                        "looks_like_spam",
                        "phrase_count",
                        "learner_phrase",
                    ]
                ),
                st.none() | st.booleans() | st.integers() | st.text(max_size=20),
            ),
        )
    ).map(tuple),
    returned_within_week=st.booleans(),
    shared_path_recently=st.booleans(),
)


@settings(deadline=None)
@given(facts_strategy)
def test_no_session_raises_and_every_score_is_explained_by_its_ledger(facts: SessionFacts) -> None:
    found = score_session(facts)
    assert found.score is not None
    assert 0 <= found.score <= 100
    assert found.score == round(100 / (1 + math.exp(-(DEFAULT.prior + found.evidence))))
    assert all(len(signal.seen) <= 120 for signal in found.signals)


def test_a_hostile_session_is_scored_within_ten_milliseconds() -> None:
    facts = SessionFacts(
        referrer="https://x.test/" + "linkedin.com/" * 400,
        referrer_host="a." * 126 + "a",
        utm_campaign="-" * 1_000,
        pages=tuple(PageFact(f"/{number}/" + "-" * 400) for number in range(300)),
        acts=tuple(ActFact("outbound", "https://" + "a." * 100 + "test/") for _ in range(300)),
    )
    assert min(timeit.repeat(lambda: score_session(facts), timer=time.process_time, number=1, repeat=5)) < 0.010


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("app.greenhouse.io", HiringHost("ats_recruiter_app", 3.5)),
        ("app3.greenhouse.io", HiringHost("ats_recruiter_app", None)),
        ("acme.greenhouse.io", HiringHost("ats_shared_tenant", None)),
        ("boards.greenhouse.io", HiringHost("ats_candidate_board", 0.4)),
        ("www.workable.com", HiringHost("ats_recruiter_app", None)),
        ("workable.com", HiringHost("ats_recruiter_app", None)),
        ("acme.workable.com", HiringHost("ats_shared_tenant", 2.0)),
        ("indeed.com", HiringHost("job_board", 1.0)),
        ("greenhouse.io.evil.test", None),
        ("notgreenhouse.io", None),
        ("stats-collector.test", None),
        ("talent.com", HiringHost("job_board", 1.0)),
        ("hire-me.test", None),
        ("", None),
    ],
)
def test_a_hiring_host_is_found_exactly_then_by_suffix_then_by_label(host: str, found: HiringHost | None) -> None:
    assert hiring_host(host) == found


def test_every_rule_on_a_host_is_a_host() -> None:
    """One with a path ("stackoverflow.com/jobs") would never match."""
    host = re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+")
    assert [row["host"] for row in rows_of("recruiter_hosts.csv") if not host.fullmatch(row["host"])] == []


def test_unchecked_hosts_count_only_through_their_category() -> None:
    listed = {row["signal"]: float(row["weight"]) for row in rows_of("recruiter_signals.csv")}
    unchecked = [row for row in rows_of("recruiter_hosts.csv") if row["source"].startswith("domain knowledge")]
    assert len(unchecked) > 250
    for row in unchecked:
        host = row["host"].replace("*.", "acme.")
        ((weight, category),) = [
            (evidence.weight, evidence.signal)
            for evidence in evidence_of(SessionFacts(referrer_host=host, referrer=f"https://{host}/"))
            if evidence.group == "referrer"
        ]
        assert weight == listed[category], host


def test_every_signal_and_category_has_its_weight_group_and_reason() -> None:
    rows = list(rows_of("recruiter_signals.csv"))
    names = {row["signal"] for row in rows}
    assert len(names) == len(rows)
    assert all(row["why"] for row in rows)
    assert {row["group"] for row in rows} == {row["group"] for row in rows_of("recruiter_groups.csv")}
    assert {row["category"] for row in rows_of("recruiter_hosts.csv")} <= names


@pytest.mark.parametrize(
    ("path", "route", "kind"),
    [
        ("/", "portfolio:home", PageKind.HOME),
        ("/resume/", "", PageKind.RESUME),
        ("/cv.pdf", "", PageKind.RESUME),
        ("/lebenslauf/", "", PageKind.RESUME),
        ("/projects/", "portfolio:projects", PageKind.PROJECTS),
        ("/projects/one/", "portfolio:project", PageKind.PROJECT),
        ("/work/acme-redesign/", "", PageKind.PROJECT),
        ("/about-me/", "", PageKind.ABOUT),
        ("/kontakt/", "", PageKind.CONTACT),
        ("/job-analysis/", "", PageKind.JOB_ANALYSIS),
        ("/blog/a-post/", "", PageKind.WRITING),
        ("/xyz/", "site:resume", PageKind.RESUME),
        ("/xyz/", "portfolio:xyz", PageKind.OTHER),
        ("/receive/", "", PageKind.OTHER),
    ],
)
def test_the_words_of_an_address_tell_the_kind_of_page(path: str, route: str, kind: PageKind) -> None:
    assert kind_of_page(path, route) is kind


def test_a_resume_is_known_by_its_file_and_source_code_by_its_host() -> None:
    assert [is_resume_file(name) for name in ("CV_2026.PDF", "resume", "engine.zip", "")] == [True, True, False, False]
    links = ("https://github.com/a/b", "gitlab.com", "https://example.test/", "", "mailto:a@b.test")
    assert [is_source_code(link) for link in links] == [True, True, False, False, False]


def simulated(count: int, *, prior: float, slope: float) -> list[tuple[float, bool]]:
    chance = random.Random(7)
    logits = [chance.gauss(0, 2) for _ in range(count)]
    return [(logit, chance.random() < 1 / (1 + math.exp(-(prior + slope * logit)))) for logit in logits]


def test_calibration_recovers_prior_and_slope_from_labels() -> None:
    report = calibrate(simulated(4_000, prior=-1.5, slope=0.8))
    assert report.prior == pytest.approx(-1.5, abs=0.15)
    assert report.slope == pytest.approx(0.8, abs=0.08)
    assert report.ece < 0.02
    assert 0.8 < report.auc < 0.9
    assert report.labels == 4_000


def test_calibration_reports_exact_figures_for_separated_labels() -> None:
    report = calibrate([(4.0, True)] * 15 + [(-4.0, False)] * 25)
    assert (report.precision, report.recall, report.auc) == (1.0, 1.0, 1.0)
    assert report == CalibrationReport(report.prior, report.slope, 1.0, 1.0, 1.0, report.ece, 40)


def test_calibration_needs_thirty_labels_of_both_kinds() -> None:
    with pytest.raises(TooFewLabelsError, match=r"`labels` must number at least 30, not 29."):
        calibrate(simulated(29, prior=0, slope=1))
    with pytest.raises(TooFewLabelsError, match=r"must hold recruiters and others"):
        calibrate([(1.0, True)] * 30)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-30, 30), st.booleans()), min_size=30, max_size=60))
def test_calibration_ends_for_any_labels(labels: list[tuple[float, bool]]) -> None:
    if len({is_recruiter for _logit, is_recruiter in labels}) == 2:
        report = calibrate(labels)
        assert math.isfinite(report.prior) and math.isfinite(report.slope)
        assert 0 <= report.auc <= 1


def test_the_area_under_the_curve_counts_ties_half() -> None:
    assert area_under_curve([(0.1, False), (0.4, True), (0.4, False), (0.9, True)]) == 0.875


def test_the_calibration_error_is_the_weighted_gap_of_the_bins() -> None:
    assert expected_calibration_error([(0.9, True), (0.9, False), (0.1, False), (1.0, True)]) == pytest.approx(0.225)

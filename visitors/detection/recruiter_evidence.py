"""Collect from a session's facts every signal of the recruiter score, each with what was seen."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from visitors.detection.places import local_hour
from visitors.detection.recruiter_facts import ActFact, SessionFacts
from visitors.detection.recruiter_hosts import hiring_host
from visitors.detection.recruiter_pages import JUDGING_PAGES, PageKind, is_resume_file, is_source_code, kind_of_page
from visitors.detection.sources import Channel
from visitors.detection.tables import rows_of

OFFICE_HOURS: Final = range(8, 17)
EVENING_HOURS: Final = range(18, 24)
NIGHT_HOURS: Final = range(6)
LONG_READ_MS: Final = 4 * 60 * 1000
LONGEST_SEEN: Final = 120  # characters

_TOOLS: Final = frozenset({"chat_message", "job_analysis", "contact"})
_CV_TAGS: Final = frozenset({"cv", "resume", "résumé", "curriculum", "lebenslauf", "bewerbung", "application"})
_PROFILE_MEDIA: Final = frozenset({"profile", "bio", "featured", "about"})
_POST_MEDIA: Final = frozenset({"social", "post", "feed", "newsletter", "social-media", "tweet", "thread"})
_BY_CHANNEL: Final = {
    str(Channel.CODE_HOSTS): "code_host",
    str(Channel.ORGANIC_SEARCH): "search",
    str(Channel.AI_ASSISTANTS): "ai_assistant",
    str(Channel.ORGANIC_SOCIAL): "social",
    str(Channel.ORGANIC_VIDEO): "social",
    str(Channel.EMAIL): "webmail",
    str(Channel.RECRUITING): "job_board",
}
_LANDING_SIGNALS: Final = {
    PageKind.HOME: "landing_home",
    PageKind.RESUME: "landing_resume",
    PageKind.PROJECTS: "landing_projects",
    PageKind.PROJECT: "landing_project",
    PageKind.JOB_ANALYSIS: "landing_job_analysis",
    PageKind.WRITING: "landing_writing",
}
_READ_SIGNALS: Final = {
    PageKind.RESUME: "resume_read",
    PageKind.ABOUT: "about_read",
    PageKind.CONTACT: "contact_opened",
    PageKind.JOB_ANALYSIS: "job_analysis_opened",
}


class Evidence(NamedTuple):
    """A signal before its group's cap."""

    signal: str
    group: str
    weight: float
    seen: str


def evidence_of(facts: SessionFacts) -> Iterator[Evidence]:
    """Every signal that the session shows, in no order, uncapped."""
    yield from _referrer(facts)
    yield from _campaign(facts)
    yield from _landing(facts)
    yield from _pages(facts)
    for act in facts.acts:
        yield from _act(act)
    yield from _typed(facts)
    yield from _circumstances(facts)


def is_client(facts: SessionFacts) -> bool:
    """Client words without a word of hiring: somebody who wants work done, not somebody who employs."""
    wants_work = any(act.details.get("client_phrase") for act in facts.acts)
    hires = any(act.details.get("hiring_phrase") or act.details.get("looks_like_job_description") for act in facts.acts)
    return wants_work and not hires


def _signal(name: str, seen: str, weight: float | None = None) -> Evidence:
    group, listed = _signals()[name]
    return Evidence(name, group, listed if weight is None else weight, seen[:LONGEST_SEEN])


def _referrer(facts: SessionFacts) -> Iterator[Evidence]:
    if facts.app == "LinkedIn" or facts.referrer_host == "com.linkedin.android":
        yield _signal("in_app_linkedin", facts.app or facts.referrer_host)
    elif facts.referrer_host:
        yield _of_host(facts)
    elif not facts.utm_source:
        yield _signal("no_referrer_on_phone" if facts.device_type == "mobile" else "no_referrer", facts.app or "none")


def _of_host(facts: SessionFacts) -> Evidence:
    if any(f"linkedin.com/{page}" in facts.referrer for page in ("talent/", "recruiter/", "hiring/")):
        return _signal("linkedin_recruiter", facts.referrer)
    if found := hiring_host(facts.referrer_host):
        return _signal(found.category, facts.referrer_host, found.weight)
    return _signal(_BY_CHANNEL.get(facts.channel, "other_referrer"), facts.referrer_host)


def _campaign(facts: SessionFacts) -> Iterator[Evidence]:
    if facts.application:
        yield _signal("application_link", facts.application)
    tags = [facts.utm_source, facts.utm_medium, facts.utm_campaign, facts.utm_content]
    if not any(tags):
        return
    words = {word for tag in tags for word in tag.lower().replace("_", "-").split("-")}
    for name, known in (("cv_tag", _CV_TAGS), ("profile_tag", _PROFILE_MEDIA), ("post_tag", _POST_MEDIA)):
        if named := words & known:
            yield _signal(name, min(named))


def _landing(facts: SessionFacts) -> Iterator[Evidence]:
    if not facts.pages:
        return
    first = facts.pages[0]
    kind = kind_of_page(first.path, first.route)
    was_given = not (facts.referrer_host or facts.utm_source or facts.app or facts.application)
    if was_given and kind in JUDGING_PAGES:
        yield _signal("landing_given_page", first.path)
    elif kind in _LANDING_SIGNALS:
        yield _signal(_LANDING_SIGNALS[kind], first.path)


def _pages(facts: SessionFacts) -> Iterator[Evidence]:
    kinds = {page.path: kind_of_page(page.path, page.route) for page in facts.pages}
    for path, kind in kinds.items():
        if path != facts.pages[0].path and kind in _READ_SIGNALS:
            yield _signal(_READ_SIGNALS[kind], path)
    projects = sum(kind is PageKind.PROJECT for kind in kinds.values())
    if projects >= 3 and PageKind.RESUME not in kinds.values():
        yield _signal("many_projects", f"{projects} project pages")
    if len(set(kinds.values())) >= 4:
        yield _signal("several_kinds_of_pages", f"{len(set(kinds.values()))} kinds of pages")


def _act(act: ActFact) -> Iterator[Evidence]:
    if act.kind == "download" and is_resume_file(act.target):
        yield _signal("resume_downloaded", act.target)
    elif act.kind == "outbound" and is_source_code(act.target):
        yield _signal("source_opened", act.target)


def _typed(facts: SessionFacts) -> Iterator[Evidence]:
    """Each kind of typed evidence once, however often it was typed."""
    found = {evidence.signal: evidence for act in facts.acts for evidence in _typed_in(act)}
    yield from found.values()
    used = {act.kind for act in facts.acts} & _TOOLS
    if len(used) >= 2:
        yield _signal("several_tools_tried", ", ".join(sorted(used)))


def _typed_in(act: ActFact) -> Iterator[Evidence]:
    typed = act.details
    if typed.get("looks_like_spam"):
        yield _signal("spam_words", str(typed.get("spam_phrase", "")))
        return
    if typed.get("looks_like_job_description"):
        yield _signal("job_description_pasted", f"{typed.get('phrase_count', 0)} phrases of a job description")
    if phrase := typed.get("hiring_phrase"):
        yield _signal("hiring_message" if act.kind == "contact" else "hiring_question", str(phrase))
        if typed.get("from_organisation"):
            yield _signal("company_address", "an organisation's mail domain")
    elif phrase := typed.get("client_phrase"):
        yield _signal("client_words", str(phrase))
    elif phrase := typed.get("learner_phrase"):
        yield _signal("learner_words", str(phrase))
    elif act.kind in _TOOLS and not typed.get("looks_like_job_description") and typed.get("length_band") == "short":
        yield _signal("nothing_asked_of_person", act.kind)


def _circumstances(facts: SessionFacts) -> Iterator[Evidence]:
    if (network := f"network_{facts.network_kind}") in _signals():
        yield _signal(network, facts.network_kind)
    if at := local_hour(facts.tz, facts.started_at_ms):
        yield from _hours(*at)
    if facts.device_type in ("mobile", "desktop"):
        yield _signal("phone" if facts.device_type == "mobile" else "desktop", facts.device_type)
    if facts.returned_within_week:
        yield _signal("returned_within_week", "an earlier session within seven days")
    if facts.shared_path_recently:
        yield _signal("just_shared", "a link preview of the same page within two hours before")
    if (engaged_ms := sum(page.engaged_ms for page in facts.pages)) >= LONG_READ_MS:
        yield _signal("long_read", f"{engaged_ms // 60_000} minutes of attention")


def _hours(weekday: int, hour: int) -> Iterator[Evidence]:
    at = f"{('Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday')[weekday]} {hour}:00"
    if weekday >= 5:
        yield _signal("weekend", at)
    for name, hours in (("office_hours", OFFICE_HOURS), ("evening", EVENING_HOURS), ("night", NIGHT_HOURS)):
        if weekday < 5 and hour in hours:
            yield _signal(name, at)


@cache
def _signals() -> dict[str, tuple[str, float]]:
    return {row["signal"]: (row["group"], float(row["weight"])) for row in rows_of("recruiter_signals.csv")}

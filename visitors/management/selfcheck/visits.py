"""Check that visits are recorded as they should be: sessions, page views, times, bots, recruiters, interactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from visitors.conf import conf
from visitors.observation import PING
from visitors.observer import act_of
from visitors.recording import store

from .bench import Bench, CheckFailed, expect

KINDS: Final = (
    "chat_start",
    "chat_message",
    "job_analysis",
    "project_view",
    "download",
    "contact",
    "outbound",
    "custom",
)


@dataclass(frozen=True, slots=True)
class Check:
    """`name` states the fact that holds when `run` does not raise."""

    name: str
    run: Callable[[], None]


def visit_checks() -> Iterator[Check]:
    yield Check("a page view opens a session", _opens)
    yield Check("a page view within 30 minutes extends the session", _extends)
    yield Check("after more than 30 minutes a new session begins", _ends)
    yield Check("page views are numbered, and written twice they count once", _counts_once)
    yield Check("a page that is not found is kept apart", _not_found)
    yield Check("time on page comes from the tracker", _time_from_tracker)
    yield Check("without the tracker time on page is estimated", _time_estimated)
    yield Check("one page view without an act is a bounce", _bounce)
    yield Check("a campaign names its source", _source)
    yield Check("a bot is kept, marked with its reason, and no human", _bot)
    yield Check("a recruiter is recognised by named signals", _recruiter)
    for kind in KINDS:
        yield Check(f"interaction {kind} is recorded", partial(_interaction, kind))


def _opens() -> None:
    bench = Bench()
    bench.see(0, path="/selfcheck/")
    session = bench.session()
    expect("entry page and page views", found=(session.entry_path, session.page_views_count), wanted=("/selfcheck/", 1))
    expect("whether the visitor is human", found=session.is_human, wanted=True)


def _extends() -> None:
    bench = Bench()
    bench.see(0)
    bench.see(30, path="/about/")
    session = bench.session()
    expect("page views", found=session.page_views_count, wanted=2)
    expect("duration in milliseconds", found=session.duration_ms, wanted=30 * 60_000)


def _ends() -> None:
    bench = Bench()
    bench.see(0)
    bench.see(31)
    expect("the number of sessions", found=len(bench.sessions()), wanted=2)


def _counts_once() -> None:
    bench = Bench()
    first = bench.see(0)
    bench.see(1, path="/about/")
    store([first])
    views = [(view.path, view.sequence) for view in bench.page_views()]
    expect("page views", found=views, wanted=[("/", 1), ("/about/", 2)])
    expect("page views of the session", found=bench.session().page_views_count, wanted=2)


def _not_found() -> None:
    bench = Bench()
    bench.see(0)
    bench.see(1, path="/selfcheck-missing/", status=404)
    session = bench.session()
    expect("page views and not found", found=(session.page_views_count, session.not_found_count), wanted=(1, 1))


def _time_from_tracker() -> None:
    bench = Bench()
    bench.see(0)
    bench.see(1, kind=PING, engaged_ms=12_000, scroll_depth=80)
    view = bench.page_views()[0]
    expect("time on page", found=(view.time_on_page_ms, view.is_estimated), wanted=(12_000, False))
    expect("whether the session is engaged", found=bench.session().is_engaged, wanted=True)


def _time_estimated() -> None:
    bench = Bench()
    bench.see(0)
    bench.see(2, path="/about/")
    times = [(view.time_on_page_ms, view.is_estimated) for view in bench.page_views()]
    expect("times on page", found=times, wanted=[(2 * 60_000, True), (None, False)])


def _bounce() -> None:
    bench = Bench()
    bench.see(0)
    expect("whether it is a bounce", found=bench.session().is_bounce, wanted=True)
    bench.see(1, **act_of("download", target="resume.pdf", details={}))
    expect("whether it is still a bounce after a download", found=bench.session().is_bounce, wanted=False)


def _source() -> None:
    bench = Bench()
    bench.see(0, utm_source="linkedin", referrer="https://www.linkedin.com/")
    expect("the source", found=bench.session().source, wanted="LinkedIn")


def _bot() -> None:
    bench = Bench()
    bench.see(0, user_agent="Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")
    session = bench.session()
    expect("bot and human", found=(session.is_bot, session.is_human), wanted=(True, False))
    if not session.bot_reason:
        raise CheckFailed("the verdict must name its reason, and it is empty.")


def _recruiter() -> None:
    bench = Bench()
    bench.see(0, path="/resume/", referrer="https://app.greenhouse.io/", utm_source="cv")
    bench.see(1, path="/resume/", **act_of("download", target="resume.pdf", details={}))
    question = {"typed": "What is your notice period and salary expectation?"}
    bench.see(2, path="/chat/", **act_of("chat_message", target="", details=question))
    session = bench.session()
    if not session.is_recruiter or not session.recruiter_signals:
        score, threshold = session.recruiter_score, conf.RECRUITER_THRESHOLD
        raise CheckFailed(
            f"the score must reach {threshold} by named signals; it is {score} by {session.recruiter_signals}."
        )


def _interaction(kind: str) -> None:
    bench = Bench()
    bench.see(0)
    bench.see(1, **act_of(kind, target="selfcheck", details={"typed": "text that must not be kept", "kept": True}))
    acts = [(act.kind, act.target, "typed" in act.details, act.details.get("kept")) for act in bench.interactions()]
    expect("interactions", found=acts, wanted=[(kind, "selfcheck", False, True)])
    expect("interactions of the session", found=bench.session().interactions_count, wanted=1)

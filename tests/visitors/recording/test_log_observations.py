"""What a line of an access log becomes: a page view, "not found", a robot's question, or nothing, with the reason."""

from __future__ import annotations

import pytest

from visitors.observation import PAGE, PROBE, DropReason, Observation
from visitors.recording.ids import IMPORT_MACHINE, machine_of
from visitors.recording.log_lines import LogLine
from visitors.recording.log_observations import LogObserver, is_document

NEW_YEAR_MS = 1_431_900_000_000  # 2015-05-17T22:00:00Z


def a_line(**given: object) -> LogLine:
    ordinary = {"at_ms": NEW_YEAR_MS, "ip": "203.0.113.7", "method": "GET", "path": "/", "query": "", "status": 200}
    return LogLine(**(ordinary | given))  # type: ignore[arg-type]


def observed(line: LogLine, *, raw: bytes = b"line\n", observer: LogObserver | None = None) -> Observation:
    seen = (observer or LogObserver(own_hosts=["example.org"])).observe(line, raw=raw)
    assert isinstance(seen, Observation)
    return seen


@pytest.mark.parametrize(
    ("path", "query", "is_page"),
    [
        ("/", "", True),
        ("/about", "", True),
        ("/blog/tags/puppet", "page=2", True),
        ("/blog/node.js/", "", True),
        ("/index.php", "", True),
        ("/blog/release-1.2", "", True),
        ("/report.HTML", "", True),
        ("/feedback/", "", True),
        ("/robots.txt", "", False),
        ("/favicon.ico", "", False),
        ("/LOGO.PNG", "", False),
        ("/style.css", "v=3", False),
        ("/cv.pdf", "", False),
        ("/files/tool-1.0.tar.gz", "", False),
        ("/src/main.py", "", False),
        ("/feed/", "", False),
        ("/blog/rss", "", False),
        ("/atom.xml", "", False),
        ("/blog/index.rss", "", False),
        ("/blog/tags/puppet", "flav=rss20", False),
        ("/", "feed=rss2", False),
        ("/blog", "format=feed&type=atom", False),
    ],
)
def test_an_address_tells_a_page_from_assets_and_feeds(path: str, query: str, is_page: bool) -> None:
    assert is_document(path, query) is is_page


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({}, PAGE),
        ({"status": 404}, PAGE),
        ({"method": "HEAD"}, PROBE),
        ({"path": "/robots.txt"}, PROBE),
        ({"method": "POST"}, DropReason.METHOD),
        ({"status": 301}, DropReason.REDIRECT),
        ({"status": 304}, DropReason.REDIRECT),
        ({"status": 500}, DropReason.STATUS),
        ({"path": "/logo.png", "status": 404}, DropReason.NOT_HTML),
        ({"path": "/api/projects/"}, DropReason.EXCLUDED_PATH),
        ({"method": "", "path": "", "status": 408}, DropReason.STATUS),
        ({"method": "", "path": "", "status": 200}, DropReason.MALFORMED),
    ],
)
def test_each_line_is_observed_or_left_out_for_a_reason(given: dict[str, object], kind: str) -> None:
    seen = LogObserver(excluded=("/api/",)).observe(a_line(**given), raw=b"line\n")
    assert (seen.kind if isinstance(seen, Observation) else seen) == kind


def test_the_same_line_has_the_same_id_in_another_run() -> None:
    first, again = observed(a_line(), raw=b"a\n"), observed(a_line(), raw=b"a")
    assert (first.id, machine_of(first.id)) == (again.id, IMPORT_MACHINE)


def test_another_run_gives_another_visitor_id() -> None:
    assert observed(a_line()).visitor_id != observed(a_line()).visitor_id


def test_two_equal_lines_are_two_page_views() -> None:
    observer = LogObserver()
    ids = [observed(a_line(), raw=b"a\n", observer=observer).id for _ in range(3)]
    assert len(set(ids)) == 3


def test_the_visitor_of_yesterday_is_known_after_midnight() -> None:
    observer = LogObserver()
    evening = observed(a_line(), observer=observer)
    morning = observed(a_line(at_ms=NEW_YEAR_MS + 3 * 3_600_000), observer=observer)
    assert (evening.day, morning.day) == ("2015-05-17", "2015-05-18")
    assert (morning.previous_visitor_id, morning.visitor_id != evening.visitor_id) == (evening.visitor_id, True)


def test_the_address_is_in_no_field() -> None:
    assert "203.0.113.7" not in repr(observed(a_line(user_agent="Firefox")))


@pytest.mark.parametrize(
    ("referrer", "kept"),
    [
        ("https://news.ycombinator.com/item?id=1", "https://news.ycombinator.com/item"),
        ("http://www.example.org/about", ""),
        ("https://me:secret@mail.test/", "https://mail.test/"),
        ("junk", ""),
    ],
)
def test_a_referrer_is_reduced_and_the_own_host_is_none(referrer: str, kept: str) -> None:
    assert observed(a_line(referrer=referrer)).referrer == kept


def test_a_campaign_is_read_from_the_query() -> None:
    seen = observed(a_line(query="ref=hn&utm_medium=social&utm_campaign=launch&gclid=1&token=secret"))
    assert (seen.utm_source, seen.utm_medium, seen.utm_campaign, seen.click_id) == ("hn", "social", "launch", "gclid")


def test_text_that_no_database_takes_is_cut_and_cleaned() -> None:
    seen = observed(a_line(path="/a\x00" + "b" * 600, user_agent="Fire\ud800fox", query="utm_source=" + "s" * 9_000))
    assert (len(seen.path), "\x00" in seen.path, seen.user_agent, len(seen.utm_source)) == (499, False, "Firefox", 200)

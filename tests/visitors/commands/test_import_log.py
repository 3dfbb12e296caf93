"""`manage.py import_log`: a real log through the real pipeline, against a count of its own."""

from __future__ import annotations

import gzip
import io
import re
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.management import CommandError, call_command

from visitors.identity import forget_secrets
from visitors.models import DroppedCount, PageView, Share, VisitorInteraction, VisitorSession

REAL_LOG = Path(__file__).resolve().parents[2] / "data" / "semicomplete-access.log.gz"
LINE = '203.0.113.{ip} - - [17/May/2015:{time} +0000] "GET {path} HTTP/1.1" {status} 5 "{referrer}" "{agent}"\n'
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:38.0) Gecko/20100101 Firefox/38.0"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_journal(settings: Any, tmp_path: Path) -> None:
    settings.VISITORS = {"JOURNAL_DIR": tmp_path / "journal"}
    forget_secrets()


def a_line(path: str = "/", *, time: str = "10:00:00", ip: int = 7, **given: object) -> str:
    ordinary = {"status": 200, "referrer": "-", "agent": FIREFOX}
    return LINE.format(path=path, time=time, ip=ip, **(ordinary | given))


def imported(log: Path | str, *, log_format: str = "combined", **options: object) -> str:
    out = io.StringIO()
    call_command("import_log", str(log), log_format=log_format, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def everything() -> list[object]:
    """All rows, so that two imports can be compared whole."""
    tables = (VisitorSession, PageView, VisitorInteraction, Share, DroppedCount)
    return [list(table._default_manager.order_by("pk").values()) for table in tables]


# The rule, stated a second time with nothing but a regular expression and the standard library. A line is a page when
# it is a GET answered 2xx or 404 for an address whose last part has no ending, or the ending of a document, and that
# is no feed. A visit is a run of one client's pages, HEAD requests and questions for robots.txt (client = address and
# user agent) without a pause of more than 30 minutes, whatever the date; a link with another campaign opens a new one.
PARTS = re.compile(
    r'^(\S+) \S+ \S+ \[([^\]]+)\] "([A-Z]+) ([^" ?]*)\??([^" ]*)[^"]*" (\d{3}) \S+ "([^"]*)" "((?:[^"\\]|\\.)*)"'
)
FILE = re.compile(
    r"\.(png|css|ico|jpe?g|js|txt|gif|ttf|jar|pdf|xml|log|py[c]?|svg|exe|xsl|conf|c|h|gz|sh|deb|swf|spec|tex|lua|doc"
    r"|woff|eot|patch|cpp|pcap|m4|gem|mk|java|markdown|zip|rpm|atom|rss|tgz|bz2|po|diff|rb|so|o|mp3|mp4|csv|json)$",
    re.IGNORECASE,
)
PREVIEW = re.compile(
    "Google Web Preview|FlipboardProxy|Twitterbot|facebookexternalhit|Embedly"
)  # a share of the page, never a visit
CAMPAIGN = re.compile(r"(?:^|&)((?:utm_[a-z]+|source|ref)=[^&]*)")
FEED = re.compile(r"(^|&)(flav|feed|format|output|type)=(rss|atom|rdf|feed|json_feed)|/(feeds?|rss2?|atom)/?$")


def requests_of_the_real_log() -> list[tuple[float, str, str, str, str]]:
    """(Unix time, client, kind, path, campaign) of what counts."""
    found = []
    for line in gzip.decompress(REAL_LOG.read_bytes()).decode().splitlines():
        if not (match := PARTS.match(line)):
            continue
        ip, time, method, path, query, status, _referrer, agent = match.groups()
        is_file = FILE.search(path) or FEED.search(f"{query}&{path}")
        kind = ""
        if path == "/robots.txt" and method == "GET":
            kind = "probe"
        elif status[0] == "2" or status == "404":
            kind = {"GET": "page" if status != "404" else "not found", "HEAD": "probe"}.get(method, "")
            kind = "" if is_file else kind
        if kind:
            at = datetime.strptime(time, "%d/%b/%Y:%H:%M:%S %z").timestamp()
            found.append((at, f"{ip} {agent}", kind, unquote(path), unquote("&".join(CAMPAIGN.findall(query)))))
    return sorted(found)


def visits(requests: list[tuple[float, str, str, str, str]]) -> int:
    last: dict[str, tuple[float, str]] = {}
    count = 0
    for at, client, _kind, _path, campaign in requests:
        before, running = last.get(client, (float("-inf"), ""))
        is_new = at - before > 30 * 60 or campaign not in ("", running)
        last[client] = (at, campaign if is_new else running)
        count += is_new
    return count


@pytest.fixture
def real_import() -> str:
    return imported(REAL_LOG, host=["semicomplete.com"])


def test_the_real_log_agrees_with_an_independent_count(real_import: str) -> None:
    requests = requests_of_the_real_log()
    shared = [each for each in requests if each[2] == "page" and PREVIEW.search(each[1])]
    kinds = Counter(kind for _at, _client, kind, _path, _campaign in requests)
    pages = Counter(path for _at, _client, kind, path, _campaign in requests if kind == "page")

    assert kinds == {"page": 2_830, "not found": 85, "probe": 209}
    assert (len(shared), Share.objects.count()) == (14, 14)
    assert (PageView.objects.shown().count(), PageView.objects.not_found().count()) == (2_830 - 14, 85)
    assert VisitorSession.objects.count() == visits([each for each in requests if each not in shared])
    stored = Counter(PageView.objects.shown().values_list("path", flat=True)) + Counter(
        Share.objects.values_list("path", flat=True)
    )
    assert stored == pages


def test_the_real_log_s_report_shows_its_figures(real_import: str) -> None:
    figures = dict(re.findall(r"^ *([A-Za-z'(),:0-9 ]+?)  +([0-9,]+)", real_import, re.MULTILINE))
    assert {name: figures[name] for name in ("Lines", "page views", "not found (404)", "malformed", "Page views")} == {
        "Lines": "10,000",
        "page views": "2,830",
        "not found (404)": "85",
        "malformed": "1",
        "Page views": f"{2_830 - Share.objects.count():,}",
    }
    assert "/projects/xdotool/\n" in real_import
    assert "Google\n" in real_import


def test_the_real_log_imported_again_adds_nothing(real_import: str) -> None:
    before = everything()
    again = imported(REAL_LOG, host=["semicomplete.com"], batch=77)
    assert everything() == before
    assert "Imported now                                   0\n" in again


def test_a_log_that_has_grown_adds_its_new_lines(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(a_line("/robots.txt") + a_line("/a") + a_line("/robots.txt", time="10:01:00"))
    imported(log)
    with log.open("a") as grown:
        grown.write(a_line("/b", time="12:00:00"))
    imported(log)
    assert list(PageView.objects.order_by("viewed_at").values_list("path", flat=True)) == ["/a", "/b"]
    assert VisitorSession.objects.count() == 2


def test_referrer_spam_is_counted_once_however_often_it_is_imported(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(a_line("/a") + a_line("/b", ip=8, referrer="http://semalt.com/"))
    imported(log)
    imported(log)
    assert list(DroppedCount.objects.values_list("reason", "count")) == [("spam referrer", 1)]


def test_a_visit_across_midnight_is_one(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(
        a_line("/a", time="23:50:00") + a_line("/b", time="00:10:00").replace("17/May", "18/May")
    )
    imported(tmp_path / "log")
    assert list(VisitorSession.objects.values_list("page_views_count", "duration_ms")) == [(2, 20 * 60_000)]


def test_lines_out_of_order_are_one_visit(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("".join(a_line("/p", time=f"10:{minute}:00") for minute in (40, 20, "00", 10, 50)))
    imported(tmp_path / "log", batch=2)
    assert list(VisitorSession.objects.values_list("page_views_count", flat=True)) == [5]


def test_malformed_lines_are_named_up_to_twenty_and_counted(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(a_line() + "nonsense\n" * 25)
    out, err = io.StringIO(), io.StringIO()
    call_command("import_log", str(tmp_path / "log"), log_format="combined", stdout=out, stderr=err)
    complaints = err.getvalue().splitlines()
    assert complaints[0] == "line 2: not: client, names, [time], request, status, size"
    assert (len(complaints), complaints[-1]) == (21, "... and 5 more malformed lines")
    assert re.search(r"malformed +25\n", out.getvalue())


def test_strict_stops_at_the_first_malformed_line_and_keeps_what_came_before(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(a_line("/a") + "nonsense\n" + a_line("/b"))
    with pytest.raises(CommandError, match="Stopped at a malformed line"):
        imported(tmp_path / "log", strict=True)
    assert list(PageView.objects.values_list("path", flat=True)) == ["/a"]


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(a_line())
    assert "Nothing was written." in imported(tmp_path / "log", dry_run=True)
    assert VisitorSession.objects.count() == 0


@pytest.mark.parametrize("content", [b"", b"nonsense\n", b"\x1f\x8bnonsense", gzip.compress(b"x" * 999, mtime=0)[:-9]])
def test_a_file_without_a_readable_line_is_an_error(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(content)
    with pytest.raises(CommandError, match=r"cannot be read|holds no line of the format combined"):
        imported(tmp_path / "log")


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"missing cannot be read: .*No such file"):
        imported(tmp_path / "missing")


def test_standard_input_may_be_gzipped_too(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = io.BytesIO(gzip.compress(a_line("/a").encode()))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(packed)))  # type: ignore[type-var]
    imported("-")
    assert list(PageView.objects.values_list("path", flat=True)) == ["/a"]


def test_a_line_without_end_is_cut_and_the_next_is_read(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("x" * 300_000 + "\n" + a_line("/a"))
    assert re.search(r"malformed +1\n", imported(tmp_path / "log"))
    assert list(PageView.objects.values_list("path", flat=True)) == ["/a"]


def test_json_lines_are_imported(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(
        '{"time": 1431857103, "method": "GET", "path": "/a?ref=hn", "status": 200, "ip": "::1", "user_agent": "'
        + FIREFOX
        + '"}\n'
    )
    imported(tmp_path / "log", log_format="jsonl")
    assert list(VisitorSession.objects.values_list("entry_path", "source")) == [("/a", "Hacker News")]


@pytest.mark.parametrize(
    ("option", "value"), [("--batch", "0"), ("--batch", "x"), ("--time-zone", "Mars"), ("--format", "w3c")]
)
def test_a_bad_option_is_a_usage_error(option: str, value: str) -> None:
    with pytest.raises(CommandError, match=option):
        call_command("import_log", "-", "--format", "combined", option, value)

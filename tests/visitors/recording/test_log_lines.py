"""One line of an access log, well formed and not."""

from __future__ import annotations

from contextlib import suppress
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visitors.recording.log_lines import LogFormat, LogLine, LogLineError, parse_line

MAY_17_MS = 1_431_857_103_000  # 2015-05-17T10:05:03Z
COMBINED = '203.0.113.7 - - [17/May/2015:10:05:03 +0000] "GET /a?b=c HTTP/1.1" 200 512 "https://example.org/" "Firefox"'


def test_a_combined_line_gives_all_its_parts() -> None:
    assert parse_line(COMBINED, log_format=LogFormat.COMBINED) == LogLine(
        at_ms=MAY_17_MS,
        ip="203.0.113.7",
        method="GET",
        path="/a",
        query="b=c",
        status=200,
        referrer="https://example.org/",
        user_agent="Firefox",
    )


def test_a_common_line_has_no_referrer_and_no_user_agent() -> None:
    line = '2001:db8::1 - frank [17/May/2015:12:05:03 +0200] "HEAD / HTTP/1.0" 304 -'
    assert parse_line(line, log_format=LogFormat.COMMON) == LogLine(
        at_ms=MAY_17_MS, ip="2001:db8::1", method="HEAD", path="/", query="", status=304
    )


def test_a_json_line_gives_all_its_parts() -> None:
    line = (
        '{"time": "2015-05-17T12:05:03+02:00", "method": "get", "path": "/a?b=c", "status": "200", "bytes": 3,'
        ' "referrer": "-", "user_agent": "Firefox", "ip": "203.0.113.7", "host": "Example.org", "more": [1]}'
    )
    assert parse_line(line, log_format=LogFormat.JSONL) == LogLine(
        at_ms=MAY_17_MS,
        ip="203.0.113.7",
        method="GET",
        path="/a",
        query="b=c",
        status=200,
        user_agent="Firefox",
        host="example.org",
    )


@pytest.mark.parametrize(
    "time",
    [
        "1431857103",
        "1431857103.000",
        '"1431857103"',
        "1431857103000",
        '"2015-05-17T10:05:03Z"',
        '"2015-05-17 10:05:03"',
    ],
)
def test_a_json_time_may_be_iso_or_unix(time: str) -> None:
    line = f'{{"time": {time}, "method": "GET", "path": "/", "status": 200, "ip": "203.0.113.7"}}'
    assert parse_line(line, log_format=LogFormat.JSONL).at_ms == MAY_17_MS


def test_the_offset_of_the_line_wins_over_the_time_zone_given() -> None:
    assert parse_line(COMBINED, log_format=LogFormat.COMBINED, time_zone=ZoneInfo("Asia/Tokyo")).at_ms == MAY_17_MS


def test_a_time_without_offset_is_read_in_the_time_zone_given() -> None:
    line = COMBINED.replace("10:05:03 +0000", "19:05:03")
    assert parse_line(line, log_format=LogFormat.COMBINED, time_zone=ZoneInfo("Asia/Tokyo")).at_ms == MAY_17_MS


def test_the_virtual_host_may_stand_in_front() -> None:
    line = parse_line(f"Example.org:443 {COMBINED}", log_format=LogFormat.COMBINED)
    assert (line.host, line.ip) == ("example.org", "203.0.113.7")


def test_a_user_name_of_two_words_is_no_virtual_host() -> None:
    line = parse_line(COMBINED.replace("- -", "- Mary Ann"), log_format=LogFormat.COMBINED)
    assert (line.host, line.ip) == ("", "203.0.113.7")


@pytest.mark.parametrize(
    ("logged", "read"),
    [
        (r"a \"quoted\" name", 'a "quoted" name'),
        (r"nginx \x22quoted\x22", 'nginx "quoted"'),
        (r"Fran\xc3\xa7ois", "François"),
        (r"broken \xff byte", "broken � byte"),
        (r"back\\slash", "back\\slash"),
        ("-", ""),
    ],
)
def test_escapes_of_the_user_agent_are_undone(logged: str, read: str) -> None:
    line = COMBINED.replace("Firefox", logged)
    assert parse_line(line, log_format=LogFormat.COMBINED).user_agent == read


@pytest.mark.parametrize(
    ("request_line", "method", "host", "path"),
    [
        ("GET /caf%C3%A9 HTTP/1.1", "GET", "", "/café"),
        ("GET /", "GET", "", "/"),
        ("GET /a b HTTP/1.1", "GET", "", "/a b"),
        ("GET http://Example.org/a HTTP/1.1", "GET", "example.org", "/a"),
        ("OPTIONS * HTTP/1.1", "OPTIONS", "", ""),
        ("-", "", "", ""),
        (r"\x16\x03\x01", "", "", ""),
    ],
)
def test_whatever_the_client_sent_as_a_request_is_a_line(request_line: str, method: str, host: str, path: str) -> None:
    line = parse_line(COMBINED.replace("GET /a?b=c HTTP/1.1", request_line), log_format=LogFormat.COMBINED)
    assert (line.method, line.host, line.path) == (method, host, path)


@pytest.mark.parametrize(
    ("log_format", "text", "reason"),
    [
        (LogFormat.COMBINED, "", "empty line"),
        (LogFormat.COMBINED, "nonsense", "not: client, names, [time], request, status, size"),
        (LogFormat.COMBINED, COMBINED[:-4], "no quoted referrer and user agent after the size"),
        (LogFormat.COMBINED, COMBINED.replace("- - ", ""), "fewer than three names before the time"),
        (LogFormat.COMBINED, COMBINED.replace("May", "Mai"), "the time is not like 17/May/2015:10:05:03 +0000"),
        (LogFormat.COMBINED, COMBINED.replace("17/May", "32/May"), "the time is no date of the calendar"),
        (LogFormat.COMBINED, COMBINED.replace("+0000", "+9900"), "the time is no date of the calendar"),
        (LogFormat.JSONL, "", "empty line"),
        (LogFormat.JSONL, "{", "not JSON"),
        (LogFormat.JSONL, "[" * 100_000, "not JSON"),
        (LogFormat.JSONL, "[1]", "not a JSON object"),
        (LogFormat.JSONL, '{"time": 1}', "`method` is missing"),
        (
            LogFormat.JSONL,
            '{"time": "noon", "method": "GET", "path": "/", "status": 200, "ip": "::1"}',
            "`time` must be ISO 8601 or a Unix time",
        ),
        (
            LogFormat.JSONL,
            '{"time": 1e300, "method": "GET", "path": "/", "status": 200, "ip": "::1"}',
            "`time` must be ISO 8601 or a Unix time",
        ),
        (
            LogFormat.JSONL,
            '{"time": 1, "method": "GET", "path": 7, "status": 200, "ip": "::1"}',
            "`path` must be text, not int",
        ),
        (
            LogFormat.JSONL,
            '{"time": 1, "method": "GET", "path": "/", "status": true, "ip": "::1"}',
            "`status` must be a number of three digits",
        ),
    ],
)
def test_a_malformed_line_says_what_is_wrong(log_format: LogFormat, text: str, reason: str) -> None:
    with pytest.raises(LogLineError) as caught:
        parse_line(text, log_format=log_format)
    assert str(caught.value) == reason


@given(text=st.text(max_size=300), log_format=st.sampled_from(LogFormat))
def test_any_text_is_a_line_or_malformed(text: str, log_format: LogFormat) -> None:
    try:
        assert isinstance(parse_line(text, log_format=log_format), LogLine)
    except LogLineError as error:
        assert str(error)


@given(field=st.text(max_size=200))
def test_any_request_and_name_of_a_client_leaves_the_rest_readable(field: str) -> None:
    quoted = field.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ").replace("\r", " ")
    line = f'203.0.113.7 - - [17/May/2015:10:05:03 +0000] "{quoted}" 200 5 "{quoted}" "{quoted}"'
    parsed = parse_line(line, log_format=LogFormat.COMBINED)
    assert (parsed.at_ms, parsed.status) == (MAY_17_MS, 200)


@pytest.mark.parametrize(
    "text",
    [
        '203.0.113.7 - - [17/May/2015:10:05:03 +0000] "' + "\\" * 60_000,
        '203.0.113.7 - - [17/May/2015:10:05:03 +0000] "' + "GET / HTTP/1" * 5_000 + '" 200 5 "-" "-"',
        "[" * 60_000,
        "a " * 30_000 + "[",
        COMBINED[:-1] + "\\x41" * 15_000 + '"',
    ],
)
def test_a_hostile_line_of_64_kib_is_read_in_half_a_second(text: str) -> None:
    started = perf_counter()
    with suppress(LogLineError):
        parse_line(text, log_format=LogFormat.COMBINED)
    assert perf_counter() - started < 0.5

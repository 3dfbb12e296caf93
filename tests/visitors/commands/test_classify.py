"""`manage.py classify`: verdicts as JSON lines."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)
MANAGE = Path(__file__).resolve().parents[3] / "manage.py"


def classified(text: str, tmp_path: Path) -> list[dict[str, Any]]:
    (tmp_path / "lines").write_text(text, encoding="utf-8")
    out = io.StringIO()
    call_command("classify", str(tmp_path / "lines"), stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_user_agent_a_line_gives_a_verdict_a_line(tmp_path: Path) -> None:
    curl, chrome = classified(f"curl/8.5.0\n\n{CHROME}\n", tmp_path)
    assert (curl["bot"]["is_bot"], curl["bot"]["kind"], bool(curl["bot"]["reason"])) == (True, "http_library", True)
    assert (chrome["bot"]["is_bot"], chrome["device"]["browser"], chrome["device"]["os"]) == (
        False,
        "Chrome",
        "Windows",
    )


def test_headers_give_away_a_copied_browser_name(tmp_path: Path) -> None:
    line = json.dumps({"headers": {"User-Agent": CHROME, "Accept": "*/*"}})
    assert classified(line, tmp_path)[0]["bot"]["certainty"] == "suspected"


def test_missing_headers_prove_nothing_over_plain_http(tmp_path: Path) -> None:
    line = json.dumps({"secure": False, "headers": {"User-Agent": CHROME}})
    assert classified(line, tmp_path)[0]["bot"]["is_bot"] is False


def test_a_json_line_without_headers_is_judged_by_name_alone(tmp_path: Path) -> None:
    assert classified(json.dumps({"user_agent": CHROME}), tmp_path)[0]["bot"]["is_bot"] is False


def test_a_prefetch_is_named(tmp_path: Path) -> None:
    line = json.dumps({"user_agent": CHROME, "headers": {"Sec-Purpose": "prefetch;prerender"}})
    assert classified(line, tmp_path)[0]["prefetch"] == "prerender"


def test_a_referrer_gives_its_source(tmp_path: Path) -> None:
    line = json.dumps({"user_agent": CHROME, "referrer": "https://lnkd.in/x?token=secret"})
    source = classified(line, tmp_path)[0]["source"]
    assert (source["source"], source["channel"]) == ("LinkedIn", "Organic Social")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "line 2: not JSON: '{'"),
        ('{"user_agent": 1}', "line 2: `user_agent` must be text, not int"),
        ('{"headers": []}', "line 2: `headers` must be an object of names and texts"),
        ('{"headers": {"Accept": 1}}', "line 2: `headers` must be an object of names and texts"),
        ('{"secure": "yes"}', "line 2: `secure` must be true or false, not str"),
        ('{"a":' * 50_000, "line 2: not JSON: " + repr('{"a":' * 50_000)[:59] + "…"),
    ],
)
def test_an_unclear_line_is_named_and_the_others_are_classified(line: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "lines").write_text(f"curl/8.5.0\n{line}\nWget/1.21\n")
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError, match="1 of the lines could not be read"):
        call_command("classify", str(tmp_path / "lines"), stdout=out, stderr=err)
    assert (len(out.getvalue().splitlines()), err.getvalue()) == (2, complaint + "\n")


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="missing cannot be read"):
        call_command("classify", str(tmp_path / "missing"))


def test_a_reader_that_leaves_early_is_no_traceback() -> None:
    command = [sys.executable, str(MANAGE), "classify"]
    environment = os.environ | {"DEBUG": "1"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdout.close()
        with suppress(BrokenPipeError):
            process.stdin.write(b"curl/8.5.0\n" * 2_000)
            process.stdin.close()
        complaint = process.stderr.read().decode()
    assert complaint == ""

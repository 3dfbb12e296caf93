"""`manage.py applications`: links from the shell, CSV in and out."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from visitors.applications.models import Application

from .people import MONDAY, an_application

pytestmark = pytest.mark.django_db


def run(*arguments: Any) -> str:
    out = io.StringIO()
    call_command("applications", *map(str, arguments), stdout=out)
    return out.getvalue()


def a_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "applications.csv"
    path.write_bytes(text.encode("utf-8"))
    return path


def test_add_prints_the_link(settings: Any) -> None:
    settings.VISITORS = settings.VISITORS | {"SITE_URL": "https://example.com"}
    link = run("add", "Acme", "--role", "Developer", "--channel", "ats", "--sent").strip()
    made = Application.objects.get()
    assert (link, made.status, made.channel) == (f"https://example.com/r/{made.slug}/", "sent", "ats")


def test_list_shows_who_opened() -> None:
    acme = an_application(role="Developer")
    text = run("list")
    assert ("0 by people" in text, "Acme, Developer" in text, acme.slug in text) == (True, True, True)
    assert run("list", "--status", "draft") == ""


def test_revoke_takes_a_slug_a_link_or_a_number() -> None:
    acme, globex, initech = (an_application(name) for name in ("Acme", "Globex", "Initech"))
    run("revoke", acme.slug)
    run("revoke", f"https://example.com/r/{globex.slug}/")
    run("revoke", initech.pk)
    assert not Application.objects.filter(revoked_at=None).exists()
    with pytest.raises(CommandError, match="No application has the slug or number 'nobody'"):
        run("revoke", "nobody")


def test_a_wrong_value_is_an_error_that_names_it() -> None:
    with pytest.raises(CommandError, match="`target` must be a path of this site"):
        run("add", "Acme", "--target", "//evil.example/")


def test_import_takes_a_spreadsheets_file(tmp_path: Path) -> None:
    text = '\ufeffcompany,role,sent_at,notify\r\nAcme,"Dev, senior",2026-11-16,no\r\n\r\nMüller,,,\r\n'
    assert run("import", a_file(tmp_path, text)).splitlines()[-1] == "2 imported"
    assert list(Application.objects.order_by("pk").values_list("company", "role", "status", "notify")) == [
        ("Acme", "Dev, senior", "sent", False),
        ("Müller", "", "draft", True),
    ]


def test_import_tells_every_faulty_line_and_keeps_nothing(tmp_path: Path) -> None:
    text = "company,channel,target\nAcme,fax,\nGlobex,ats,/resume/\n,ats,\nHooli,,evil.example\n"
    with pytest.raises(CommandError) as failed:
        run("import", a_file(tmp_path, text))
    assert str(failed.value).splitlines() == [
        "Nothing was imported.",
        "line 2: `channel` must be one of email, ats, linkedin, referral, event, qr, not 'fax'.",
        "line 4: `company` must be given, not 'missing'.",
        "line 5: `target` must be a path of this site such as /resume/, without a query, not 'evil.example'.",
    ]
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "line 1: the header must name a column `company`; it names none."),
        ("firm\nAcme\n", "line 1: the header must name a column `company`; it names firm."),
        ("company,salary\nAcme,1\n", "line 1: the header must name columns of company, role"),
        ("company,company\nAcme,1\n", "each once, not 'a column twice'."),
        ("company\nAcme,extra\n", "line 2: more cells than the header has columns."),
        ('company\n"Acme\n', "no CSV in UTF-8"),
        ("company,notify\nAcme,perhaps\n", "line 2: `notify` must be one of 1, true"),
    ],
)
def test_a_file_that_is_no_sheet_is_an_error(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(CommandError) as failed:
        run("import", a_file(tmp_path, text))
    assert problem in str(failed.value)


def test_other_encodings_and_missing_files_are_errors(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes("company\nMüller\n".encode("latin-1"))
    with pytest.raises(CommandError, match="no CSV in UTF-8"):
        run("import", path)
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        run("import", tmp_path / "none.csv")


def test_export_can_be_imported_again_and_runs_no_formula(tmp_path: Path) -> None:
    an_application("=cmd()", role="Dev", sent_at=MONDAY)
    rows = list(csv.DictReader(io.StringIO(run("export"))))
    assert (rows[0]["company"], rows[0]["role"], rows[0]["sent_at"]) == ("'=cmd()", "Dev", MONDAY.isoformat())
    path = tmp_path / "out.csv"
    assert run("export", path) == f"1 exported to {path}\n"
    assert path.read_text(encoding="utf-8").startswith("id,company,role,")

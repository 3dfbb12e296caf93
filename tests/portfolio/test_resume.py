"""The résumé is a real PDF of one page, or the owner's own file."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.http import FileResponse
from django.test import Client
from pypdf import PdfReader

from portfolio.content import ProfileEntry, load_profile, load_projects
from portfolio.models import Profile
from portfolio.resume import file_name, render_resume

Acts = Callable[[], list[tuple[str, str]]]


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_the_download_is_one_page_with_the_profile_on_it(browser: Client) -> None:
    response = browser.get("/resume/download/")
    assert isinstance(response, FileResponse)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="ada-lindqvist-resume.pdf"'
    reader = PdfReader(io.BytesIO(body(response)))
    text = reader.pages[0].extract_text()
    assert len(reader.pages) == 1
    assert reader.metadata and reader.metadata.title == "Ada Lindqvist: résumé"
    for part in ("Ada Lindqvist", "Nordlicht Payments", "KTH Royal Institute", "Raft KV", "ada@lindqvist.example"):
        assert part in text


def test_a_download_is_recorded_and_a_head_is_not(browser: Client, acts: Acts) -> None:
    browser.head("/resume/download/")
    body(browser.get("/resume/download/"))
    assert acts() == [("download", "ada-lindqvist-resume.pdf")]


def test_the_uploaded_file_wins(browser: Client, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    Profile.objects.get().resume.save("own.pdf", ContentFile(b"%PDF-own"))
    assert body(browser.get("/resume/download/")) == b"%PDF-own"


def test_a_changed_profile_gives_another_pdf_and_the_same_one_the_same_bytes(site: None) -> None:
    first = render_resume(load_profile(), load_projects())
    assert render_resume(load_profile(), load_projects()) == first
    Profile.objects.update(headline="Something else")
    assert render_resume(load_profile(), load_projects()) != first


@pytest.mark.parametrize("profile", [ProfileEntry(), ProfileEntry(name="Zoë & <b>", bio="Long. " * 4000)])
def test_any_profile_fits_one_page(profile: ProfileEntry) -> None:
    assert len(PdfReader(io.BytesIO(render_resume(profile, ()))).pages) == 1


@pytest.mark.parametrize(
    ("name", "expected"), [("Ada Lindqvist", "ada-lindqvist-resume.pdf"), ("", "resume.pdf"), ("../x", "x-resume.pdf")]
)
def test_the_name_of_the_file(name: str, expected: str) -> None:
    assert file_name(ProfileEntry(name=name)) == expected

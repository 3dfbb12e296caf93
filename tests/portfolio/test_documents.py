"""An uploaded document gives its text, or the status that says why it does not."""

from __future__ import annotations

import io
import time
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portfolio.jobs.documents import MAX_FILE_BYTES, MAX_TEXT_BYTES, DocumentRefused, check_text, read_document
from tests.portfolio.pdfs import a_bomb, a_locked_pdf, a_pdf


def read(body: bytes, name: str = "job.bin") -> str:
    return read_document(SimpleUploadedFile(name, body))


def refusal(body: bytes, name: str = "job.bin") -> tuple[int, str]:
    with pytest.raises(DocumentRefused) as caught:
        read(body, name)
    return caught.value.status, caught.value.code


def a_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "Python")
    return buffer.getvalue()


@pytest.mark.parametrize(
    "body",
    ["Python é".encode(), "Python é".encode("utf-8-sig"), "Python é".encode("utf-16"), "Python é".encode("cp1252")],
    ids=["utf-8", "utf-8 with mark", "utf-16", "code page 1252"],
)
def test_text_is_read_in_the_encoding_that_it_has(body: bytes) -> None:
    assert read(body) == "Python é"


def test_a_pdf_is_known_by_its_first_bytes_and_not_by_its_name() -> None:
    assert read(a_pdf("Python and Django", pages=2), "job.txt").split() == ["Python", "and", "Django"] * 2


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", (415, "unsupported_file")),
        (a_zip(), (415, "unsupported_file")),
        (b"GIF89a\x01\x00\x01\x00", (415, "unsupported_file")),
        (b"Python\x00Django", (415, "unsupported_file")),
        (b"\x81\x8d\x8f", (415, "unsupported_file")),
        (b"", (422, "empty")),
        (b" \n\t ", (422, "empty")),
        (b"a" * (MAX_TEXT_BYTES + 1), (413, "too_large")),
        (b"a" * (MAX_FILE_BYTES + 1), (413, "too_large")),
        (b"%PDF-1.7\ngarbage", (422, "unreadable")),
        (a_pdf("Python")[:400], (422, "unreadable")),
        (a_pdf(""), (422, "empty")),
        (a_pdf("Python", pages=31), (413, "too_large")),
        (a_locked_pdf(), (422, "encrypted")),
    ],
    ids=str.split(
        "png docx gif nul no-code-page empty blank long-text large-file not-a-pdf "
        "cut-pdf scanned-pdf 31-pages locked-pdf"
    ),
)
def test_what_cannot_be_read_is_refused_with_its_reason(body: bytes, expected: tuple[int, str]) -> None:
    assert refusal(body) == expected


def test_a_pdf_that_unpacks_without_end_is_refused_in_bounded_time() -> None:
    before = time.monotonic()
    assert refusal(a_bomb())[0] == 422
    assert time.monotonic() - before < 15


def test_the_size_of_a_text_is_counted_in_bytes() -> None:
    text = "é" * (MAX_TEXT_BYTES // 2)
    assert check_text(text) == text
    with pytest.raises(DocumentRefused, match="262,144 bytes of text, not 262,146"):
        check_text(text + "é")

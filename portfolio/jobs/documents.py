"""Turn an uploaded job description into text, or refuse it with the status that says why.

The first bytes decide what a file is, never its name or the type that the browser claims.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final, Protocol

PDF_READER: Final = Path(__file__).with_name("pdf_text.py")
MAX_TEXT_BYTES: Final = 256 * 1024
MAX_FILE_BYTES: Final = 5 * 1024 * 1024
MAX_PDF_PAGES: Final = 30
PDF_SECONDS: Final = 10
PDF_MARK: Final = b"%PDF-"
PDF_MARK_WITHIN: Final = 1024
BYTE_ORDER_MARKS: Final = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
TEXT_CONTROLS: Final = frozenset("\t\n\r\f\v")


class DocumentRefused(Exception):
    """`message` is fit for the caller. `status`: 413 too large, 415 neither text nor PDF, 422 unreadable."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status = status
        self.code = code
        self.message = message
        super().__init__(message)


class Upload(Protocol):
    """What is needed of an uploaded file. `size` in bytes."""

    size: int | None

    def read(self, length: int = ..., /) -> bytes: ...


def read_document(upload: Upload) -> str:
    """The text of a text or PDF file; raises `DocumentRefused`."""
    if (upload.size or 0) > MAX_FILE_BYTES:
        raise _file_too_large()
    body = upload.read(MAX_FILE_BYTES + 1)
    if len(body) > MAX_FILE_BYTES:
        raise _file_too_large()
    return check_text(_pdf_text(body) if PDF_MARK in body[:PDF_MARK_WITHIN] else _plain_text(body))


def check_text(text: str) -> str:
    """The text itself; raises `DocumentRefused` when it is empty, too long or not storable."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_TEXT_BYTES:
        raise DocumentRefused(
            413, "too_large", f"The job description must have at most {MAX_TEXT_BYTES:,} bytes of text, not {size:,}."
        )
    if not text.strip():
        raise DocumentRefused(422, "empty", "The job description has no text. A scanned page must be typed or pasted.")
    return text


def _file_too_large() -> DocumentRefused:
    return DocumentRefused(413, "too_large", f"The file must have at most {MAX_FILE_BYTES // 1024 // 1024} MB.")


def _plain_text(body: bytes) -> str:
    text = _decoded(body)
    if text is None or any(char < " " and char not in TEXT_CONTROLS for char in text):
        raise DocumentRefused(415, "unsupported_file", "The file must be plain text or a PDF.")
    return text


def _decoded(body: bytes) -> str | None:
    marked = next((encoding for mark, encoding in BYTE_ORDER_MARKS.items() if body.startswith(mark)), None)
    # Text files from Windows are still often in code page 1252.
    for encoding in (marked,) if marked else ("utf-8", "cp1252"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _pdf_text(body: bytes) -> str:
    verdict = _run_reader(body)
    match verdict.get("problem"):
        case "encrypted":
            raise DocumentRefused(422, "encrypted", "The PDF is protected by a password. Remove it or paste the text.")
        case "pages":
            raise DocumentRefused(413, "too_large", f"The PDF must have at most {MAX_PDF_PAGES} pages.")
    # Fonts without a character map give NUL and lone surrogates.
    text = verdict["text"].replace("\x00", "")
    return text.encode("utf-8", "replace").decode("utf-8")


def _run_reader(body: bytes) -> dict[str, str]:
    try:
        finished = subprocess.run(  # noqa: S603  (our own file, and the sender's bytes only on stdin)
            [sys.executable, "-I", str(PDF_READER)], input=body, capture_output=True, timeout=PDF_SECONDS, check=True
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        message = "The PDF cannot be read: it is damaged or unusually complex. Paste the text instead."
        raise DocumentRefused(422, "unreadable", message) from error
    verdict: dict[str, str] = json.loads(finished.stdout)
    return verdict

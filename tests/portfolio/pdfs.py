"""PDFs as visitors send them: sound, empty, locked, damaged and hostile."""

from __future__ import annotations

import io

from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject
from reportlab.pdfgen.canvas import Canvas


def a_pdf(text: str, *, pages: int = 1) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    for _ in range(pages):
        for number, line in enumerate(text.splitlines()):
            canvas.drawString(72, 760 - 14 * number, line)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def a_locked_pdf() -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(a_pdf("Secret")))
    writer.encrypt("password", algorithm="RC4-128")
    return _written(writer)


def a_bomb(*, size: int = 400_000_000) -> bytes:
    """A page whose content unpacks to `size` bytes from some hundred kilobytes."""
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    content = DecodedStreamObject()
    content.set_data(b"(a) Tj " * (size // 7))
    page[NameObject("/Contents")] = writer._add_object(content.flate_encode(9))
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()

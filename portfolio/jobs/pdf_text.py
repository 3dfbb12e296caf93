"""Print the text of a PDF from stdin as JSON, run as a process of its own under limits of time and memory.

A PDF is a program of its sender: one that unpacks without end must cost a few seconds of a child, not the site.
Stands alone: imports nothing of the site.
"""

from __future__ import annotations

import io
import json
import logging
import resource
import sys
from typing import Final

CPU_SECONDS: Final = 6
MEMORY_BYTES: Final = 768 * 1024 * 1024
MAX_PAGES: Final = 30
MAX_CHARACTERS: Final = 1_000_000
EXIT_UNREADABLE: Final = 3


def main() -> int:
    _limit()
    # pypdf reports each oddity of a broken file; only the verdict is of use here.
    logging.disable(logging.CRITICAL)
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    body = sys.stdin.buffer.read()
    try:
        verdict = _read(PdfReader(io.BytesIO(body)))
    except (
        PyPdfError,
        ArithmeticError,
        AttributeError,
        LookupError,
        MemoryError,
        OSError,
        RuntimeError,
        TypeError,
        ValueError,
    ):
        return EXIT_UNREADABLE
    json.dump(verdict, sys.stdout)
    return 0


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _read(reader: PdfReader) -> dict[str, str]:  # type: ignore[name-defined]  # noqa: F821  (imported under the limits)
    if reader.is_encrypted and not reader.decrypt(""):
        return {"problem": "encrypted"}
    if len(reader.pages) > MAX_PAGES:
        return {"problem": "pages"}
    texts: list[str] = []
    for page in reader.pages:
        texts.append(page.extract_text())
        if sum(map(len, texts)) > MAX_CHARACTERS:
            break
    return {"text": "\n".join(texts)}


if __name__ == "__main__":
    sys.exit(main())

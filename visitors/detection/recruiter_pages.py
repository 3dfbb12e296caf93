"""Decide what a page or file of a portfolio is about, by words of several languages in its address and URL name."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

from visitors.detection.referrers import referrer_host
from visitors.detection.sources import Channel, classify_source


class PageKind(StrEnum):
    """What a visitor reads there."""

    HOME = "home"
    RESUME = "resume"
    PROJECTS = "projects"
    PROJECT = "project"
    ABOUT = "about"
    CONTACT = "contact"
    CHAT = "chat"
    JOB_ANALYSIS = "job_analysis"
    WRITING = "writing"
    OTHER = "other"


JUDGING_PAGES: Final = frozenset({PageKind.RESUME, PageKind.PROJECTS, PageKind.ABOUT, PageKind.JOB_ANALYSIS})

_WORDS: Final = {
    PageKind.JOB_ANALYSIS: "job jobs match fit vacancy jobanalysis stellenanalyse",
    PageKind.RESUME: "resume résumé cv curriculum vitae lebenslauf zyciorys currículo",
    PageKind.CHAT: "chat ask assistant",
    PageKind.CONTACT: "contact kontakt contacto contatto contato hire",
    PageKind.ABOUT: "about bio me profile ueber über sobre chi-sono experience",
    PageKind.PROJECTS: "project projects work works portfolio projekte projets proyectos progetti projetos case",
    PageKind.WRITING: "blog writing article articles post posts notes til talks news",
}
_DOCUMENT = re.compile(r"\.(?:pdf|docx?|odt|rtf)$", re.IGNORECASE)
_NOT_A_LETTER = re.compile(r"[\W_]+")


@lru_cache(maxsize=8_192)
def kind_of_page(path: str, route: str = "") -> PageKind:
    """By the first path segment; where that says nothing, by the URL name without its namespace."""
    segments = [segment for segment in path[:500].lower().split("/") if segment]
    if not segments:
        return PageKind.HOME
    kind = _by_words(segments[0]) or _by_words(route.rpartition(":")[2].lower())
    if kind is PageKind.PROJECTS and len(segments) > 1:
        return PageKind.PROJECT
    return kind or PageKind.OTHER


def is_resume_file(target: str) -> bool:
    """A document, or a file or page whose name speaks of a resume."""
    return bool(_DOCUMENT.search(target)) or _by_words(target.lower()[:500]) is PageKind.RESUME


@lru_cache(maxsize=4_096)
def is_source_code(target: str) -> bool:
    """An outbound link to a code host."""
    source = classify_source(referrer=target if "://" in target else f"https://{target}", own_hosts=())
    return bool(referrer_host(target) or "." in target) and source.channel == Channel.CODE_HOSTS


def _by_words(text: str) -> PageKind | None:
    words = set(_NOT_A_LETTER.split(text))
    return next((kind for kind, known in _known_words().items() if words & known), None)


@lru_cache(maxsize=1)
def _known_words() -> dict[PageKind, frozenset[str]]:
    return {kind: frozenset(words.split()) for kind, words in _WORDS.items()}

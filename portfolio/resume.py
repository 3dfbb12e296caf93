"""The résumé as a PDF: the owner's own file when there is one, else one page typeset from the profile."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO, Final, cast
from xml.sax.saxutils import escape

from django.core.files.storage import default_storage
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Frame, HRFlowable, KeepInFrame, Paragraph, Spacer

from portfolio.content import DegreeEntry, PositionEntry, ProfileEntry, ProjectEntry

INK, SOFT, ACCENT, LINE = (HexColor(code) for code in ("#16171d", "#555a66", "#4a49c4", "#e6e6ea"))
MARGIN: Final = 17 * mm
SIDE_WIDTH: Final = 52 * mm
GAP: Final = 8 * mm
HEAD_HEIGHT: Final = 30 * mm

BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=8.8, leading=12.2, textColor=INK)
SMALL = ParagraphStyle("small", parent=BODY, fontSize=8.2, leading=11.2, textColor=SOFT)
NAME = ParagraphStyle("name", parent=BODY, fontName="Helvetica-Bold", fontSize=23, leading=28)
HEADLINE = ParagraphStyle("headline", parent=BODY, fontSize=11, leading=15, textColor=ACCENT)
SECTION = ParagraphStyle("section", parent=BODY, fontName="Helvetica-Bold", fontSize=9.6, leading=13, textColor=ACCENT)
ROLE = ParagraphStyle("role", parent=BODY, fontName="Helvetica-Bold", fontSize=9.4, leading=12.6)
CONTACTS = ParagraphStyle("contacts", parent=SMALL, fontSize=7.7)
ITEM = ParagraphStyle("item", parent=BODY, leftIndent=11, bulletIndent=2)


@dataclass(frozen=True, slots=True)
class ResumeFile:
    name: str
    content: BinaryIO


def open_resume(profile: ProfileEntry, projects: tuple[ProjectEntry, ...]) -> ResumeFile:
    if profile.resume:
        return ResumeFile(file_name(profile), cast(BinaryIO, default_storage.open(profile.resume)))
    return ResumeFile(file_name(profile), io.BytesIO(render_resume(profile, projects)))


def file_name(profile: ProfileEntry) -> str:
    """ "Ada Lindqvist" -> "ada-lindqvist-resume.pdf"."""
    name = re.sub(r"[^a-z0-9]+", "-", profile.name.lower()).strip("-")
    return f"{name}-resume.pdf" if name else "resume.pdf"


@lru_cache(maxsize=2)
def render_resume(profile: ProfileEntry, projects: tuple[ProjectEntry, ...]) -> bytes:
    """One A4 page; content that is too long is set smaller. The same profile gives the same bytes."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    canvas.setTitle(f"{profile.name}: résumé")
    canvas.setAuthor(profile.name)
    canvas.setSubject(profile.headline)
    width, height = A4
    body_height = height - 2 * MARGIN - HEAD_HEIGHT
    main_width = width - 2 * MARGIN - SIDE_WIDTH - GAP
    _place(canvas, list(_head(profile)), MARGIN, MARGIN + body_height, width - 2 * MARGIN, HEAD_HEIGHT)
    _place(canvas, list(_main(profile, projects)), MARGIN, MARGIN, main_width, body_height)
    _place(canvas, list(_side(profile)), MARGIN + main_width + GAP, MARGIN, SIDE_WIDTH, body_height)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _place(canvas: Canvas, story: list[Flowable], x: float, y: float, width: float, height: float) -> None:
    frame = Frame(x, y, width, height, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    frame.addFromList([KeepInFrame(width, height, story, mode="shrink")], canvas)


def _head(profile: ProfileEntry) -> Iterator[Flowable]:
    yield Paragraph(escape(profile.name), NAME)
    yield Paragraph(escape(profile.headline), HEADLINE)
    yield Spacer(1, 4)
    yield Paragraph(" &nbsp;·&nbsp; ".join(_contacts(profile)), CONTACTS)
    yield Spacer(1, 6)
    yield HRFlowable(width="100%", thickness=0.8, color=LINE, spaceBefore=0, spaceAfter=0)


def _contacts(profile: ProfileEntry) -> Iterator[str]:
    if profile.location:
        yield escape(profile.location)
    if profile.email:
        yield _link(f"mailto:{profile.email}", profile.email)
    for url in filter(None, (profile.website_url, profile.github_url, profile.linkedin_url)):
        yield _link(url, re.sub(r"^https?://(?:www\.)?", "", url).rstrip("/"))


def _link(url: str, label: str) -> str:
    return f'<a href="{escape(url, {chr(34): "&quot;"})}">{escape(label)}</a>'


def _main(profile: ProfileEntry, projects: tuple[ProjectEntry, ...]) -> Iterator[Flowable]:
    if profile.paragraphs:
        yield from _section("Profile")
        yield Paragraph(escape(profile.paragraphs[0]), BODY)
    if profile.positions:
        yield from _section("Experience")
    for position in profile.positions:
        yield from _position(position)
    featured = [project for project in projects if project.is_featured]
    if featured:
        yield from _section("Selected projects")
    for project in featured:
        yield Paragraph(f"<b>{escape(project.title)}</b> &nbsp; {escape(project.summary)}", BODY)
        yield Paragraph(escape(", ".join(project.tech_stack)), SMALL)
        yield Spacer(1, 5)


def _position(position: PositionEntry) -> Iterator[Flowable]:
    end = f"{position.ended_on:%b %Y}" if position.ended_on else "now"
    place = f", {position.location}" if position.location else ""
    yield Paragraph(escape(position.title), ROLE)
    yield Paragraph(f"{escape(position.company + place)} &nbsp;·&nbsp; {position.started_on:%b %Y} – {end}", SMALL)
    if position.summary:
        yield Spacer(1, 2)
        yield Paragraph(escape(position.summary), BODY)
    for highlight in position.highlights:
        yield Paragraph(escape(highlight), ITEM, bulletText="•")
    yield Spacer(1, 8)


def _side(profile: ProfileEntry) -> Iterator[Flowable]:
    if profile.skills:
        yield from _section("Skills")
    for group, skills in profile.skill_groups.items():
        listed = ", ".join(f"{skill.name} ({skill.years:g}\u00a0y)" for skill in skills)
        yield Paragraph(f"<b>{escape(group)}</b>", BODY)
        yield Paragraph(escape(listed), SMALL)
        yield Spacer(1, 5)
    if profile.degrees:
        yield from _section("Education")
    for degree in profile.degrees:
        yield from _degree(degree)
    yield from _facts(profile)


def _degree(degree: DegreeEntry) -> Iterator[Flowable]:
    yield Paragraph(escape(degree.title), ROLE)
    period = f"{degree.started_year} – {degree.ended_year or 'now'}"
    yield Paragraph(f"{escape(degree.institution)}<br/>{period}", SMALL)
    yield Spacer(1, 6)


def _facts(profile: ProfileEntry) -> Iterator[Flowable]:
    facts = (
        ("Languages", profile.spoken_languages),
        ("Availability", profile.availability),
        ("Work permit", profile.work_permit),
        ("Remote work", profile.remote),
    )
    for title, text in facts:
        if text:
            yield from _section(title)
            yield Paragraph(escape(text), SMALL)


def _section(title: str) -> Iterator[Flowable]:
    yield Spacer(1, 6)
    yield Paragraph(escape(title.upper()), SECTION)
    yield Spacer(1, 3)

"""Keep the passages that the chat searches in step with the content: each saved row replaces its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import models
from django.db.models.signals import post_delete, post_save
from django.urls import reverse

from portfolio.content import split_lines, split_paragraphs
from portfolio.models import Degree, Passage, Position, Profile, Project

Indexed = Profile | Position | Degree | Project
INDEXED = (Profile, Position, Degree, Project)


def connect() -> None:
    """Receivers are named, so that connecting twice changes nothing."""
    for model in INDEXED:
        post_save.connect(_replace, sender=model, dispatch_uid=f"portfolio.index.{model.__name__}")
        post_delete.connect(_forget, sender=model, dispatch_uid=f"portfolio.forget.{model.__name__}")


def _replace(sender: type[models.Model], instance: Any, **_: Any) -> None:
    _forget(sender, instance)
    Passage.objects.bulk_create(list(_passages(instance)))


def _forget(sender: type[models.Model], instance: Any, **_: Any) -> None:
    Passage.objects.filter(source=sender.__name__.lower(), source_id=instance.pk).delete()


def _passages(row: Indexed) -> Iterator[Passage]:
    title, url, texts = _content(row)
    for text in texts:
        yield Passage(source=type(row).__name__.lower(), source_id=row.pk, title=title, text=text, url=url)


def _content(row: Indexed) -> tuple[str, str, tuple[str, ...]]:
    match row:
        case Project():
            return row.title, row.get_absolute_url(), _project_texts(row)
        case Position():
            text = " ".join((f"{row.title} at {row.company}.", row.summary, *split_lines(row.highlights)))
            return str(row), f"{reverse('portfolio:about')}#experience", (text,)
        case Degree():
            return (
                str(row),
                f"{reverse('portfolio:about')}#education",
                (f"{row.title}, {row.institution}. {row.summary}",),
            )
        case Profile():
            return f"About {row.name}", reverse("portfolio:about"), split_paragraphs(row.bio)


def _project_texts(project: Project) -> tuple[str, ...]:
    built_with = f"Built with {', '.join(project.tech_stack)}." if project.tech_stack else ""
    facts = " ".join(filter(None, (project.summary, built_with, f"Role: {project.role}." if project.role else "")))
    return (facts, *split_paragraphs(project.description), *split_lines(project.highlights))

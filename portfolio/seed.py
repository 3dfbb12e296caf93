"""Put a believable developer and eight projects into an empty site, or bring the ones put there up to date."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from portfolio.models import Degree, Position, Profile, Project, Skill

SITE_FILE: Final = Path(__file__).parent / "data" / "site.json"


@transaction.atomic
def seed_site() -> None:
    """Idempotent, and touches only its own rows: another profile or other projects stay as they are."""
    site = json.loads(SITE_FILE.read_text(encoding="utf-8"))
    profile, _ = Profile.objects.update_or_create(email=site["profile"]["email"], defaults=site["profile"])
    for order, skill in enumerate(site["skills"]):
        Skill.objects.update_or_create(
            profile=profile, name=skill["name"], defaults={**skill, "profile": profile, "order": order}
        )
    for position in site["positions"]:
        _put_position(profile, position)
    for degree in site["degrees"]:
        Degree.objects.update_or_create(profile=profile, title=degree["title"], defaults=degree)
    for order, project in enumerate(site["projects"]):
        Project.objects.update_or_create(slug=project["slug"], defaults={**project, "order": order})


def _put_position(profile: Profile, position: dict[str, Any]) -> None:
    ended_on = position["ended_on"] and date.fromisoformat(position["ended_on"])
    dates = {"started_on": date.fromisoformat(position["started_on"]), "ended_on": ended_on}
    Position.objects.update_or_create(profile=profile, company=position["company"], defaults={**position, **dates})

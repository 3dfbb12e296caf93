"""The seed fills an empty site with a believable developer, as often as it is asked to."""

from __future__ import annotations

from django.forms.models import model_to_dict

from portfolio.lexicon import Lexicon, known_terms
from portfolio.models import Degree, Passage, Position, Profile, Project, Skill
from portfolio.seed import seed_site


def counts() -> list[int]:
    return [model.objects.count() for model in (Profile, Skill, Position, Degree, Project, Passage)]


def test_seeding_twice_changes_nothing(site: None) -> None:
    before = (counts(), model_to_dict(Profile.objects.get()))
    seed_site()
    assert (counts(), model_to_dict(Profile.objects.get())) == before
    assert counts()[4] == 8


def test_the_seed_leaves_other_content_alone(site: None) -> None:
    Project.objects.create(title="Mine", slug="mine", summary="s", description="d", year=2026)
    seed_site()
    assert Project.objects.get(slug="mine").title == "Mine"


def test_every_seeded_row_is_valid(site: None) -> None:
    for model in (Profile, Skill, Position, Degree, Project):
        rows = list(model.objects.all())
        assert rows, f"no {model.__name__} was seeded"
        for row in rows:
            row.full_clean()


def test_every_seeded_skill_is_in_the_lexicon(site: None) -> None:
    lexicon = Lexicon.of(known_terms())
    names = {skill.name for skill in Skill.objects.all()} | {
        name for project in Project.objects.all() for name in project.tech_stack
    }
    assert {name for name in names if lexicon.canonical(name) != name} == set()

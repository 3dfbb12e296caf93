"""Name what visits can be told apart by, and where each fact keeps it. Filters and dimensions share these names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from visitors.details import DETAIL_NAME_LIMIT

DETAIL: Final = "detail:"  # and the name of a detail that an act carries
DETAIL_NAME: Final = re.compile(rf'[^"\\\x00-\x1f\x7f]{{1,{DETAIL_NAME_LIMIT}}}')


class Fact(StrEnum):
    SESSION = "session"
    PAGE_VIEW = "page view"
    INTERACTION = "interaction"


class Kind(StrEnum):
    """How a trait is kept, which decides what may be asked of it."""

    TEXT = "text"
    NUMBER = "number"
    NAMES = "names"  # a list of names
    DETAIL = "detail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """Each column is "" where that fact does not carry the trait; `most` is the largest number, from `least`."""

    name: str
    text: str
    session: str = ""
    page_view: str = ""
    interaction: str = ""
    kind: Kind = Kind.TEXT
    least: int = 0
    most: int = 0
    is_optional: bool = False  # visits without it are no row of a breakdown

    def column(self, fact: Fact) -> str:
        return {Fact.SESSION: self.session, Fact.PAGE_VIEW: self.page_view, Fact.INTERACTION: self.interaction}[fact]

    @property
    def takes_patterns(self) -> bool:
        """Whether it is a text; a number or a name is or is not."""
        return self.kind not in {Kind.NUMBER, Kind.NAMES}

    @property
    def owner(self) -> Fact:
        """The fact that a visit is asked for when it has not the trait itself."""
        return next(fact for fact in Fact if self.column(fact))


def _of_session(name: str, text: str, column: str = "", *, is_optional: bool = False) -> Trait:
    return Trait(name=name, text=text, session=column or name, is_optional=is_optional)


def _copied(name: str, text: str, column: str) -> Trait:
    return Trait(name=name, text=text, session=column, page_view=column)


TRAITS: Final[Mapping[str, Trait]] = {
    trait.name: trait
    for trait in (
        Trait(name="page", text="path of a page that was shown", page_view="path", interaction="path"),
        Trait(name="title", text="title of a page that was shown", page_view="title"),
        Trait(name="hostname", text="host of a page that was shown", page_view="host", interaction="host"),
        _of_session("entry", "path of the first page of the visit", "entry_path", is_optional=True),
        _of_session("exit", "path of the last page of the visit", "exit_path", is_optional=True),
        _of_session("entry_hostname", "host of the first page of the visit", "entry_host", is_optional=True),
        _of_session("exit_hostname", "host of the last page of the visit", "exit_host", is_optional=True),
        _copied("source", "where the visit came from, by name", "source"),
        _of_session("referrer", "address of the page that linked here, without query", is_optional=True),
        _of_session("referrer_host", "host of the page that linked here", is_optional=True),
        _copied("channel", "class of the source", "channel"),
        _of_session("utm_source", "campaign parameter `utm_source`", is_optional=True),
        _of_session("utm_medium", "campaign parameter `utm_medium`", is_optional=True),
        _of_session("campaign", "campaign parameter `utm_campaign`", "utm_campaign", is_optional=True),
        _of_session("utm_term", "campaign parameter `utm_term`", is_optional=True),
        _of_session("utm_content", "campaign parameter `utm_content`", is_optional=True),
        _copied("country", "two letters of ISO 3166", "country"),
        _of_session("region", "region of the country"),
        _of_session("city", "city"),
        _of_session("network", "name of the network"),
        _of_session("network_kind", "business, education, hosting, ..."),
        _copied("device", "desktop, mobile, tablet, ...", "device_type"),
        _of_session("browser", "name of the browser"),
        _of_session("browser_version", "version of the browser"),
        _of_session("os", "name of the operating system"),
        _of_session("os_version", "version of the operating system"),
        _of_session("language", "preferred language of the browser"),
        Trait(
            name="hour", text="0-23 of the site's clock when the visit began", session="hour", kind=Kind.NUMBER, most=23
        ),
        Trait(
            name="weekday",
            text="1 (Monday) to 7 of the day when the visit began",
            session="day",
            kind=Kind.NUMBER,
            least=1,
            most=7,
        ),
        Trait(
            name="goal",
            text="goal of `GOALS` that the visit reached",
            session="converted_goals",
            kind=Kind.NAMES,
            is_optional=True,
        ),
        Trait(name="act", text="kind of an interaction", interaction="kind"),
        Trait(name="target", text="what an interaction was about: a file, an address", interaction="target"),
        _of_session("recruiter", "band of the recruiter score", "recruiter_band"),
        Trait(name="bot_kind", text="kind of a bot; people have none", session="bot_kind", is_optional=True),
        _of_session("application", "the job application whose link was opened", is_optional=True),
        _of_session("label", "the owner's own verdict", is_optional=True),
    )
}

# Other words for the same trait: the names of columns and of other tools.
ALIASES: Final[Mapping[str, str]] = {
    "entry_page": "entry",
    "exit_page": "exit",
    "host": "hostname",
    "entry_page_hostname": "entry_hostname",
    "exit_page_hostname": "exit_hostname",
    "utm_campaign": "campaign",
    "kind": "act",
    "interaction": "act",
    "recruiter_band": "recruiter",
    "device_type": "device",
}


def trait_of(name: str) -> Trait | None:
    """By its name, another word for it, or `detail:` and the name of a detail; `None` when nobody knows it."""
    if name.startswith(DETAIL):
        is_fit = DETAIL_NAME.fullmatch(name.removeprefix(DETAIL)) is not None
        text = "a detail that an interaction carries"
        return Trait(name=name, text=text, interaction="details", kind=Kind.DETAIL) if is_fit else None
    return TRAITS.get(ALIASES.get(name, name))

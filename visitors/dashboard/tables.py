"""The lists of the dashboard: each row with its bar, its figures and the address that narrows to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from visitors import analytics_service as service
from visitors.reports.breakdown import Breakdown, BreakdownRow, Dimension
from visitors.reports.reading import ReadPage, ReadPages
from visitors.texts import count_text, country_name, duration_text, percent_text, words

from .badges import Badge, country_badge, source_badge
from .charts import bar_percent, level_of
from .question import Question

LISTED: Final = 8
LISTED_ALL: Final = 200
NO_BADGE: Final = Badge()


@dataclass(frozen=True, slots=True)
class Row:
    """`cells` are texts beside the name, the first one strong; `raw` the same for a spreadsheet."""

    name: str
    link: str
    bar: str
    cells: tuple[str, ...]
    raw: tuple[Any, ...]
    badge: Badge = NO_BADGE


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    link: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`heads` name the columns; `more` leads to all of `count` rows, "" when they are all here; `noun` names them."""

    panel: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    empty: str
    tabs: tuple[Tab, ...] = ()
    count: int = 0
    noun: str = ""
    more: str = ""
    fewer: str = ""


@dataclass(frozen=True, slots=True)
class Land:
    """A country on the map: `level` 1-5 is how dark it is."""

    code: str
    told: str
    link: str
    level: int


@dataclass(frozen=True, slots=True)
class CountriesPanel:
    table: Table
    lands: tuple[Land, ...]


TABS: Final[Mapping[str, Mapping[str, str]]] = {
    "pages": {"top": "Top", "entry": "Entry", "exit": "Exit", "missing": "Not found"},
    "sources": {"source": "Referrers", "channel": "Channels", "campaign": "Campaigns"},
    "devices": {"device": "Size", "browser": "Browser", "os": "OS"},
    "visits": {"score": "Score", "latest": "Latest", "everyone": "Everyone"},
}
NOUNS: Final[Mapping[str, str]] = {
    "top": "pages",
    "entry": "pages",
    "exit": "pages",
    "missing": "addresses",
    "source": "sources",
    "channel": "channels",
    "campaign": "campaigns",
    "country": "countries",
    "device": "devices",
    "browser": "browsers",
    "os": "systems",
}
NO_VISITS: Final = "Nobody came in this period. Choose a longer one, or take a filter away."
EMPTY: Final[Mapping[str, str]] = {
    "campaign": "No campaign yet. Add ?utm_source=…&utm_campaign=… to links that you share, in your CV for example.",
    "missing": "Every address that was asked for exists.",
}


def pages_table(question: Question) -> Table:
    tab = question.chosen["pages"]
    if tab in ("entry", "exit"):
        return _breakdown_table(question, "pages", Dimension(tab), ("Page", "Visitors", "Bounce", "Share"))
    report = service.read_pages if tab == "top" else service.pages_not_found
    pages = report(question.scope, listed=_listed(question, "pages"))
    heads = ("Page", "Visitors", "Engaged", "Scroll") if tab == "top" else ("Address", "Visitors", "Asked")
    return _table(question, "pages", heads, _page_rows(question, pages, tab), count=pages.count, kind=tab)


def sources_table(question: Question) -> Table:
    dimension = Dimension(question.chosen["sources"])
    heads = ({"source": "Source", "channel": "Channel"}.get(dimension, "Campaign"), "Visitors", "Bounce", "Recruiters")
    return _breakdown_table(question, "sources", dimension, heads)


def devices_table(question: Question) -> Table:
    dimension = Dimension(question.chosen["devices"])
    heads = ({"browser": "Browser", "os": "System"}.get(dimension, "Device"), "Visitors", "Share")
    return _breakdown_table(question, "devices", dimension, heads)


def countries_panel(question: Question) -> CountriesPanel:
    found = service.breakdown(question.scope, dimension=Dimension.COUNTRY, listed=LISTED_ALL)
    rows = tuple(_breakdown_row(question, row, found, ("Country", "Visitors", "Share")) for row in found.rows)
    shown = rows[: 5 if question.chosen["more"] != "countries" else None]
    table = _table(question, "countries", ("Country", "Visitors", "Share"), shown, count=len(rows), kind="country")
    largest = max((row.visitors for row in found.rows), default=0)
    lands = tuple(_land(question, row, largest) for row in found.rows if len(row.name) == 2)
    return CountriesPanel(table, lands)


def goals_table(question: Question) -> Table:
    reached = service.goals(question.scope)
    largest = max((goal.conversions for goal in reached.goals), default=0)
    rows = tuple(
        Row(
            goal.goal,
            question.narrowed("goal", goal.goal),
            bar_percent(goal.conversions, largest),
            (count_text(goal.conversions), percent_text(goal.conversion_rate)),
            (goal.conversions, goal.conversion_rate),
        )
        for goal in reached.goals
    )
    empty = 'No goal is set. Name what matters to you in VISITORS["GOALS"].'
    return Table(panel="goals", heads=("Goal", "Visits", "Rate"), rows=rows, empty=empty, count=len(rows))


def acts_table(question: Question) -> Table:
    acts = service.acts(question.scope)
    largest = max((act.visitors for act in acts), default=0)
    rows = tuple(
        Row(
            words(act.kind),
            question.narrowed("act", act.kind),
            bar_percent(act.visitors, largest),
            (count_text(act.visitors), count_text(act.acts)),
            (act.visitors, act.acts),
        )
        for act in acts
    )
    empty = "No chat, download or contact yet. They appear as soon as visitors act."
    return Table(panel="acts", heads=("Interaction", "Visitors", "Times"), rows=rows, empty=empty, count=len(rows))


def tabs_of(question: Question, panel: str) -> tuple[Tab, ...]:
    return tuple(
        Tab(label, question.link(**{panel: tab, "more": None}), question.chosen[panel] == tab)
        for tab, label in TABS.get(panel, {}).items()
    )


def _listed(question: Question, panel: str) -> int:
    return LISTED_ALL if question.chosen["more"] == panel else LISTED


def _table(
    question: Question, panel: str, heads: tuple[str, ...], rows: Iterable[Row], *, count: int, kind: str = ""
) -> Table:
    listed = tuple(rows)
    is_long = question.chosen["more"] == panel
    return Table(
        panel=panel,
        heads=heads,
        rows=listed,
        empty=EMPTY.get(kind, NO_VISITS),
        tabs=tabs_of(question, panel),
        count=count,
        noun=NOUNS.get(kind, "rows"),
        more=question.link(more=panel) if count > len(listed) and not is_long else "",
        fewer=question.link(more=None) if is_long else "",
    )


def _breakdown_table(question: Question, panel: str, dimension: Dimension, heads: tuple[str, ...]) -> Table:
    found = service.breakdown(question.scope, dimension=dimension, listed=_listed(question, panel))
    rows = (_breakdown_row(question, row, found, heads) for row in found.rows)
    return _table(question, panel, heads, rows, count=found.count, kind=dimension)


# Head of a column -> the text and the plain value of a row.
CELLS: Final[Mapping[str, Callable[[BreakdownRow], tuple[str, Any]]]] = {
    "Visitors": lambda row: (count_text(row.visitors), row.visitors),
    "Share": lambda row: (percent_text(row.share), row.share),
    "Bounce": lambda row: (percent_text(row.bounce_rate), row.bounce_rate),
    "Recruiters": lambda row: (count_text(row.recruiters), row.recruiters),
}


def _breakdown_row(question: Question, row: BreakdownRow, found: Breakdown, heads: tuple[str, ...]) -> Row:
    cells = [CELLS[head](row) for head in heads[1:]]
    badge = BADGES.get(found.dimension)
    return Row(
        _name_of(found.dimension, row.name),
        question.narrowed(found.dimension, row.name),
        bar_percent(row.visitors, found.rows[0].visitors),
        tuple(text for text, _ in cells),
        tuple(raw for _, raw in cells),
        badge=badge(row.name) if badge else NO_BADGE,
    )


BADGES: Final[Mapping[Dimension, Callable[[str], Badge]]] = {
    Dimension.COUNTRY: country_badge,
    Dimension.SOURCE: source_badge,
}


def _name_of(dimension: Dimension, name: str) -> str:
    if dimension is Dimension.COUNTRY:
        return country_name(name)
    return words(name) if dimension is Dimension.DEVICE else name


def _land(question: Question, row: BreakdownRow, largest: int) -> Land:
    told = f"{country_name(row.name)}: {count_text(row.visitors)} visitors"
    return Land(row.name, told, question.narrowed("country", row.name), level_of(row.visitors, largest))


def _page_rows(question: Question, pages: ReadPages, tab: str) -> Iterable[Row]:
    largest = pages.rows[0].visitors if pages.rows else 0
    for page in pages.rows:
        cells = _read_cells(page) if tab == "top" else (count_text(page.visitors), count_text(page.page_views))
        raw = (page.visitors, page.time_on_page, page.scroll_depth)
        yield Row(
            page.path,
            question.narrowed("page", page.path),
            bar_percent(page.visitors, largest),
            cells,
            raw if tab == "top" else (page.visitors, page.page_views),
        )


def _read_cells(page: ReadPage) -> tuple[str, ...]:
    depth = "–" if page.scroll_depth is None else f"{page.scroll_depth}%"
    return count_text(page.visitors), duration_text(page.time_on_page), depth

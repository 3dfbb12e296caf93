"""Count what the figures of visits do not tell: the events of a goal or page, and the money that they brought."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from visitors import analytics_service as service
from visitors.conf import conf
from visitors.exceptions import InvalidParameter, Rule
from visitors.reports.conditions import Condition, Filter, Operator
from visitors.reports.query import Query, ResultRow
from visitors.reports.query.language import MAX_LIMIT
from visitors.reports.revenue import Key, Money
from visitors.reports.wildcards import MAX_STARS

from .money import amount_of, warning_of
from .names import GOAL

if TYPE_CHECKING:
    from .question import Question

OWN_SIGNS: Final = "?[\\"  # of a goal's pattern, which the filters do not know


def goals_asked(filters: Iterable[Condition]) -> tuple[str, ...]:
    """The goals whose events are asked for: those of filters that stand alone and say `is`."""
    return tuple(
        name
        for each in filters
        if isinstance(each, Filter) and each.trait.name == "goal" and each.operator is Operator.IS
        for name in each.values
    )


def events_reader(question: Question) -> Callable[[ResultRow], int]:
    """Of the row's goal, of the goals that are asked for, or of a page or host: its views and the acts on it."""
    names, goals = _without_goal(question), question.goals
    query = question.part_of(names, metrics=("interactions",))
    if GOAL in question.dimensions:
        return _of_each_goal(question, query)
    if goals:
        found = [events_of_goal(query, goal) for goal in goals]
        return lambda row: sum(row.metrics["sessions"] if each is None else each[_key(row)] for each in found)
    acts = acts_by(query)
    return lambda row: int(row.metrics["page_views"]) + acts[_key(row)]


def money_reader(question: Question, metric: str) -> tuple[Callable[[ResultRow], Any], Mapping[str, str] | None]:
    """And why amounts are null, where they are."""
    query = question.part_of(_without_goal(question), metrics=("interactions",))
    if GOAL not in question.dimensions:
        found = revenue_of(query, question.goals or None)
        warning = warning_of(found.values())
        return (lambda row: None if warning else amount_of(metric, found.get(_key(row), ()))), warning
    by_goal = {name: revenue_of(query, [name]) for name in question.goals or conf.GOALS}
    warning = warning_of(sums for found in by_goal.values() for sums in found.values())

    def read(row: ResultRow) -> Any:
        goal, key = _divided(question, row)
        return None if warning else amount_of(metric, by_goal.get(goal, {}).get(key, ()))

    return read, warning


def _of_each_goal(question: Question, query: Query) -> Callable[[ResultRow], int]:
    by_goal = {name: events_of_goal(query, name) for name in conf.GOALS}

    def read(row: ResultRow) -> int:
        goal, key = _divided(question, row)
        found = by_goal.get(goal)
        return int(row.metrics["sessions"]) if found is None else found[key]

    return read


def _without_goal(question: Question) -> list[str]:
    return [name for name in question.dimensions if name != GOAL]


def _key(row: ResultRow) -> Key:
    return tuple(row.dimensions.values())


def _divided(question: Question, row: ResultRow) -> tuple[str, Key]:
    """The goal of a row and the rest of its key."""
    place, key = question.dimensions.index(GOAL), _key(row)
    return str(key[place]), (*key[:place], *key[place + 1 :])


def kinds_of(goals: Iterable[str]) -> tuple[str, ...]:
    """The acts that reach them."""
    rules = (conf.GOALS.get(name, {}) for name in goals)
    return tuple(dict.fromkeys(rule["interaction"] for rule in rules if "interaction" in rule))


def acts_by(query: Query) -> Counter[Key]:
    """How many acts there were, by the question's dimensions."""
    return _counted(replace(query, metrics=("interactions",), dimensions=(*query.dimensions, "act")), drops=1)


def events_of_goal(query: Query, goal: str) -> Counter[Key] | None:
    """Acts or page views that reach a goal; `None` where it is a matter of the whole visit, which reaches it once."""
    rule = conf.GOALS.get(goal, {})
    if "interaction" in rule:
        return acts_by(_narrowed(query, Filter("act", rule["interaction"])))
    page = rule.get("page", "")
    if set(rule) != {"page"} or page.count("*") > MAX_STARS or any(sign in page for sign in OWN_SIGNS):
        return None
    seen = Filter("page", page.replace("*", "**"), Operator.MATCHES)
    return _counted(replace(_narrowed(query, seen), metrics=("page_views",)), drops=0)


def revenue_of(query: Query, goals: Iterable[str] | None) -> dict[Key, tuple[Money, ...]]:
    """Of these goals' acts, or of all that brought money."""
    if goals is None:
        return service.revenue(query)
    kinds = kinds_of(goals)
    return service.revenue(_narrowed(query, Filter("act", kinds[0], more=kinds[1:]))) if kinds else {}


def _narrowed(query: Query, condition: Condition) -> Query:
    return replace(query, filters=(*query.filters, condition))


def _counted(query: Query, *, drops: int) -> Counter[Key]:
    """Without the last `drops` dimensions; raises `InvalidParameter` rather than count a part."""
    whole = replace(query, order=(), limit=MAX_LIMIT, offset=0, with_total_rows=True, with_time_labels=False)
    answer = service.query(replace(whole, fills_time=False, against=None))
    if (answer.total_rows or 0) > MAX_LIMIT:
        rule = f"such that at most {MAX_LIMIT:,} rows come of them"
        raise InvalidParameter("dimensions", rule, answer.total_rows, rule=Rule.TOGETHER)
    counts: Counter[Key] = Counter()
    for row in answer.results:
        key = tuple(row.dimensions.values())
        counts[key[: len(key) - drops]] += int(row.metrics[query.metrics[0]] or 0)
    return counts

"""Recall, false positives and speed of the bot rules on published lists that they do not contain, beside peers.

    python -m benchmarks bots [--lists FOLDER] [--missed 20]

Fetches the lists into FOLDER (a temporary one by default). An entry that crawler-user-agents holds word for word is
left out of the recall: the rules would only recite it.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import crawleruseragents
import user_agents
from is_bot import Bots

from benchmarks.parts import user_agent_lists
from visitors.detection import bots
from visitors.detection.bot_names import USER_AGENT_LENGTH

Judge = Callable[[str], bool]

# What sites do without a list: look for a few words.
WORDS = re.compile(
    "bot|crawl|spider|slurp|curl|wget|python|java|scan|fetch|archive|preview|monitor|feed|facebook|http", re.IGNORECASE
)
HEADLESS_WORDS = ("headless", "phantomjs", "selenium", "puppeteer", "playwright", "slimerjs", "splash", "htmlunit")
TIMED = 400
QUICK_PER_LIST = 1_500


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lists", type=Path, help="folder for the fetched lists")
    parser.add_argument("--missed", type=int, default=0, help="print so many wrong verdicts of each list")
    parser.add_argument("--quick", action="store_true", help=f"at most {QUICK_PER_LIST} entries a list, evenly chosen")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        try:
            folder = user_agent_lists.fetch(options.lists or Path(temporary))
        except user_agent_lists.Offline as error:
            print(error, file=sys.stderr)
            return 1
        lists = read(folder, per_list=QUICK_PER_LIST if options.quick else None)
    report(lists, missed=options.missed)
    return 0


def read(folder: Path, *, per_list: int | None) -> list[tuple[str, bool, list[str]]]:
    """Name, whether its entries are bots, and the entries, of every list."""
    recited = {instance for entry in crawleruseragents.CRAWLER_USER_AGENTS_DATA for instance in entry["instances"]}
    named = {
        name: [agent for agent in agents if agent not in recited]
        for name, agents in user_agent_lists.bots(folder).items()
    }
    every_bot = [agent for agents in named.values() for agent in agents]
    headless = [agent for agent in every_bot if any(word in agent.lower() for word in HEADLESS_WORDS)]
    rows = [(name, True, agents) for name, agents in named.items()]
    rows += [("HTTP libraries", True, user_agent_lists.libraries(folder)), ("headless by word", True, headless)]
    rows += [(name, False, agents) for name, agents in user_agent_lists.people(folder).items()]
    return [(name, is_bots, thinned(agents, per_list)) for name, is_bots, agents in rows]


def thinned(agents: list[str], at_most: int | None) -> list[str]:
    return agents if at_most is None else agents[:: max(1, len(agents) // at_most)]


def judges() -> dict[str, Judge]:
    isbot = Bots()
    return {
        "visitors": lambda agent: bots._classify.__wrapped__(agent[:USER_AGENT_LENGTH]).is_bot,
        "isbot": isbot.is_bot,
        "crawler-ua": crawleruseragents.is_crawler,
        "user_agents": lambda agent: bool(user_agents.parse(agent).is_bot),
        "16 words": lambda agent: WORDS.search(agent) is not None,
    }


def report(lists: list[tuple[str, bool, list[str]]], *, missed: int) -> None:
    peers = judges()
    print(f"{'percent called bots':26}{'entries':>9}" + "".join(f"{name:>13}" for name in peers))
    for name, is_bots, agents in lists:
        shares = [
            100 * share(judge, agents if peer != "user_agents" else thinned(agents, QUICK_PER_LIST))
            for peer, judge in peers.items()
        ]
        print(
            f"{('bots: ' if is_bots else 'people: ') + name:26.26}{len(agents):>9}"
            + "".join(f"{value:13.2f}" for value in shares)
        )
        for agent in [agent for agent in agents if peers["visitors"](agent) != is_bots][:missed]:
            print(f"    {agent[:150]}")
    people = next(agents for name, _, agents in lists if name == "current real traffic")[:TIMED]
    known = lists[0][2][:TIMED]
    print(
        f"{'median us, people':26}{len(people):>9}"
        + "".join(f"{median_us(judge, people):13.1f}" for judge in peers.values())
    )
    print(
        f"{'median us, bots':26}{len(known):>9}"
        + "".join(f"{median_us(judge, known):13.1f}" for judge in peers.values())
    )
    print(f"{'cached us':35}{cached_us(people[0]):13.2f}")


def share(judge: Judge, agents: list[str]) -> float:
    return sum(map(judge, agents)) / len(agents)


def median_us(judge: Judge, agents: list[str]) -> float:
    for agent in agents:
        judge(agent)
    took = []
    for agent in agents:
        started = time.perf_counter()
        judge(agent)
        took.append(time.perf_counter() - started)
    return statistics.median(took) * 1e6


def cached_us(agent: str, *, rounds: int = 100_000) -> float:
    classify = bots.classify_user_agent
    started = time.perf_counter()
    for _ in range(rounds):
        classify(agent)
    return (time.perf_counter() - started) / rounds * 1e6


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

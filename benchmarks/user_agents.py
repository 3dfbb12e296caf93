"""Accuracy and speed of browser, system and device type on published device fixtures, beside the peers' parsers.

    python -m benchmarks user_agents [--lists FOLDER] [--missed 20]

The fixtures are Matomo's; names that mean the same browser are written down below. Devices are counted on desktops,
phones and tablets; televisions and consoles are printed too.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import user_agents as peer

from benchmarks.parts import user_agent_lists
from benchmarks.parts.user_agent_lists import Fixture
from visitors.detection import user_agents
from visitors.detection.bot_names import USER_AGENT_LENGTH
from visitors.detection.user_agents import Device

TYPES = {
    "desktop": "desktop",
    "smartphone": "mobile",
    "phablet": "mobile",
    "feature phone": "mobile",
    "tablet": "tablet",
    "tv": "tv",
    "console": "console",
}
COUNTED = ("desktop", "smartphone", "phablet", "tablet")
SYSTEMS = {"Mac": "macOS", "GNU/Linux": "Linux", "Google TV": "Android", "Fire OS": "Android"}
BROWSERS = {
    "Samsung Browser": "Samsung Internet",
    "Microsoft Edge": "Edge",
    "HeyTapBrowser": "HeyTap Browser",
    "Mobile Silk": "Silk",
    "Sogou Mobile Browser": "Sogou Explorer",
}
PEER_BROWSERS = (" Mobile iOS", " Mobile WebView", " Mobile", "Mobile ", " UI/WKWebView", " iOS")
TIMED = 400
QUICK = 3_000


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lists", type=Path, help="folder for the fetched lists")
    parser.add_argument("--missed", type=int, default=0, help="print the most frequent wrong answers")
    parser.add_argument("--quick", action="store_true", help=f"about {QUICK} fixtures, evenly chosen")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        try:
            folder = user_agent_lists.fetch(options.lists or Path(temporary))
        except user_agent_lists.Offline as error:
            print(error, file=sys.stderr)
            return 1
        every = [fixture for fixture in user_agent_lists.fixtures(folder) if fixture.client_type == "browser"]
    every = every[:: max(1, len(every) // QUICK)] if options.quick else every
    for name, parse in (("visitors", ours), ("user_agents", theirs)):
        report(
            name, parse, every if name == "visitors" else every[:: max(1, len(every) // QUICK)], missed=options.missed
        )
    return 0


def ours(user_agent: str) -> Device:
    return user_agents._parse.__wrapped__(user_agent[:USER_AGENT_LENGTH])


def theirs(user_agent: str) -> Device:
    """The `user_agents` package by its own parser, its names brought to ours."""
    read = peer.parse(user_agent)
    kinds = (("tablet", read.is_tablet), ("mobile", read.is_mobile), ("desktop", read.is_pc))
    browser = read.browser.family
    for word in PEER_BROWSERS:
        browser = browser.replace(word, "")
    system = {"Mac OS X": "macOS", "Ubuntu": "Linux"}.get(read.os.family, read.os.family)
    return Device(next((name for name, is_so in kinds if is_so), ""), browser, "", system, "", "")


def report(name: str, parse: Callable[[str], Device], every: list[Fixture], *, missed: int) -> None:
    wrong: Counter[tuple[str, str, str]] = Counter()
    right: Counter[str] = Counter()
    counted = [fixture for fixture in every if fixture.device in COUNTED]
    for fixture in counted:
        judge(fixture, parse(fixture.user_agent), right=right, wrong=wrong)
    print(
        f"{name}: {len(counted)} fixtures, "
        + ", ".join(f"{what} {100 * right[what] / len(counted):.2f} %" for what in ("browser", "system", "device"))
    )
    for kind in dict.fromkeys(TYPES.values()):
        of_kind = [fixture for fixture in every if TYPES.get(fixture.device) == kind]
        hits = sum(parse(fixture.user_agent).device_type == kind for fixture in of_kind)
        print(f"    {kind:10}{100 * hits / max(1, len(of_kind)):8.2f} % of {len(of_kind)}")
    timed = [fixture.user_agent for fixture in counted[:: max(1, len(counted) // TIMED)]]
    print(f"    median {median_us(parse, timed):.0f} us uncached")
    for (what, expected, came), count in wrong.most_common(missed):
        print(f"    {count:6} {what}: {expected} came as {came or 'unknown'}")


def judge(fixture: Fixture, device: Device, *, right: Counter[str], wrong: Counter[tuple[str, str, str]]) -> None:
    names = {fixture.browser, fixture.browser_family, BROWSERS.get(fixture.browser, "")}
    is_browser = device.browser in names or bool(device.browser and fixture.browser.startswith(device.browser))
    system = SYSTEMS.get(fixture.system_family, fixture.system_family)
    expected = TYPES[fixture.device]
    for what, is_right, wanted, came in (
        ("browser", is_browser, fixture.browser, device.browser),
        ("system", device.os in (system, fixture.system), system, device.os),
        ("device", device.device_type == expected, expected, device.device_type),
    ):
        right[what] += is_right
        if not is_right:
            wrong[what, wanted, came] += 1


def median_us(parse: Callable[[str], Device], agents: list[str]) -> float:
    took = []
    for agent in agents:
        started = time.perf_counter()
        parse(agent)
        took.append(time.perf_counter() - started)
    return statistics.median(took) * 1e6


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

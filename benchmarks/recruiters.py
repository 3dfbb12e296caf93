"""Replay labelled sessions through the real request handler on a moved clock, and judge the recruiter score by them.

    python -m benchmarks recruiters --sessions labelled-sessions.jsonl.gz --network-kinds network-kinds.json

Prints precision and recall at 50 and 80, AUC, ECE, and how often each persona is flagged; with and without the
sessions that begin at an application link. Uses a database and a journal of its own in a temporary folder.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
DRAIN_EVERY_REQUESTS = 2_000
QUICK_SESSIONS = 600

Json = dict[str, Any]


@dataclass(slots=True)
class Labelled:
    """One labelled session, when its requests were made, and the best score of the recorded sessions that hold them."""

    record: Json
    at_ms: list[int] = field(default_factory=list)
    score: int | None = None
    is_recorded: bool = False
    is_signed_in: bool = False

    @property
    def is_person(self) -> bool:
        return not self.record["is_bot"] and not self.record["is_owner"]

    @property
    def has_application(self) -> bool:
        return str(self.record["requests"][0]["path"]).startswith("/r/")

    @property
    def asks_not_to_be_recorded(self) -> bool:
        headers = self.record["requests"][0]["headers"]
        return headers.get("Sec-GPC") == "1" or headers.get("DNT") == "1"


def main(arguments: Sequence[str] | None = None) -> None:
    options = read_options(arguments)
    with temporary_site(options):
        labelled = read_sessions(options.sessions)[: QUICK_SESSIONS if options.quick else None]
        host = own_host(labelled)
        prepare_site(labelled)
        started = time.perf_counter()
        requests = replay(labelled, host)
        print(f"{len(labelled)} sessions, {requests} requests in {time.perf_counter() - started:.0f} s")
        put_scores(labelled)
        report(labelled)


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sessions", type=Path, required=True, help="JSON lines, gzipped or plain")
    parser.add_argument("--network-kinds", type=Path, required=True, help="JSON object of CIDR to kind")
    parser.add_argument("--quick", action="store_true", help=f"replay only the first {QUICK_SESSIONS} sessions")
    return parser.parse_args(arguments)


def read_sessions(path: Path) -> list[Labelled]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        return [Labelled(json.loads(line)) for line in lines]


@contextmanager
def temporary_site(options: argparse.Namespace) -> Iterator[None]:
    """Configure Django on a fresh SQLite database; the journal is drained by this process alone."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DEBUG": "1",
            "ALLOWED_HOSTS": "*",
            "DATABASE_URL": f"sqlite:///{folder}/benchmark.sqlite3",
            "VISITORS_RECORDING": "external",
            "VISITORS_JOURNAL_DIR": f"{folder}/journal",
            "VISITORS_NETWORK_KINDS": options.network_kinds.read_text(),
            "VISITORS_PAGES_CARRY_TRACKER": "1",
        }
        sys.path.insert(0, str(ROOT))
        import django
        from django.core.management import call_command

        django.setup()
        logging.disable(logging.WARNING)
        call_command("migrate", verbosity=0)
        yield


def own_host(labelled: Sequence[Labelled]) -> str:
    """The host that the tracker's reports name."""
    for session in labelled:
        for request in session.record["requests"]:
            if request["body"] and request["path"].startswith("/api/visitors/") and "u" in request["body"]:
                return urlsplit(request["body"]["u"]).hostname or "localhost"
    return "localhost"


def prepare_site(labelled: Sequence[Labelled]) -> None:
    """The seeded site, with a project for each slug that the sessions ask for."""
    from portfolio.models import Project
    from portfolio.seed import seed_site

    seed_site()
    paths = {request["path"] for session in labelled for request in session.record["requests"]}
    for slug in sorted({path.split("/")[2] for path in paths if path.startswith("/projects/") and path.count("/") > 2}):
        title = slug.replace("-", " ").title()
        texts = {"title": title, "summary": title, "description": title, "year": 2025}
        Project.objects.get_or_create(slug=slug, defaults=texts)
    send_applications({path.split("/")[2] for path in paths if path.startswith("/r/")}, labelled)


def send_applications(slugs: Iterable[str], labelled: Sequence[Labelled]) -> None:
    """An application that was sent before the first session, for each link that the sessions ask for."""
    from visitors.applications.models import Application

    sent_at = when_sent(labelled)
    for slug in sorted(slugs):
        given = {"company": slug.rpartition("-")[0].title(), "status": "sent", "sent_at": sent_at}
        Application.objects.get_or_create(slug=slug, defaults=given)


def when_sent(labelled: Sequence[Labelled]) -> datetime:
    return min(datetime.fromisoformat(session.record["started_at"]) for session in labelled) - timedelta(days=1)


def replay(labelled: Sequence[Labelled], host: str) -> int:
    """Send every request in the order of time, each at a millisecond of its own, with its session's cookie jar."""
    import time_machine
    from django.test import Client

    from visitors import recording

    client, staff = Client(headers={"host": host}), staff_user()
    client.raise_request_exception = False
    work_at_the_desk(client, staff, labelled)
    jars: dict[str, SimpleCookie] = defaultdict(SimpleCookie)
    planned = in_order_of_time(labelled)
    with time_machine.travel(planned[0][0] / 1000, tick=False) as clock:
        for count, (at_ms, session, request) in enumerate(planned):
            clock.move_to(at_ms / 1000)
            client.cookies = jars[session.record["client_key"]]
            if request.get("owner_login") and not session.is_signed_in:
                client.force_login(staff)
                session.is_signed_in = True
            send(client, request)
            if count % DRAIN_EVERY_REQUESTS == 0:
                recording.drain()
        while not recording.catch_up(max_wait_seconds=60):
            pass
    return len(planned)


def work_at_the_desk(client: Any, staff: Any, labelled: Sequence[Labelled]) -> None:
    """Whoever sends applications was signed in: where he signs in first in these sessions."""
    import time_machine

    signed_in = (one for session in labelled for one in session.record["requests"] if one.get("owner_login"))
    first = next(signed_in, None)
    if first:
        with time_machine.travel(when_sent(labelled), tick=False):
            client.force_login(staff)
            send(client, first | {"path": "/admin/", "query": "", "method": "GET", "body": None})


def in_order_of_time(labelled: Sequence[Labelled]) -> list[tuple[int, Labelled, Json]]:
    """(Unix milliseconds, session, request); no two requests share a millisecond, which finds them again later."""
    planned = sorted(
        (round((datetime.fromisoformat(session.record["started_at"]).timestamp() + request["t"]) * 1000), index, number)
        for index, session in enumerate(labelled)
        for number, request in enumerate(session.record["requests"])
    )
    ordered = []
    last_ms = 0
    for at_ms, index, number in planned:
        last_ms = max(at_ms, last_ms + 1)
        labelled[index].at_ms.append(last_ms)
        ordered.append((last_ms, labelled[index], labelled[index].record["requests"][number]))
    return ordered


def staff_user() -> Any:
    from django.contrib.auth import get_user_model

    return get_user_model().objects.get_or_create(username="owner", defaults={"is_staff": True, "is_superuser": True})[
        0
    ]


def send(client: Any, request: Json) -> None:
    body = request["body"]
    client.generic(
        request["method"],
        request["path"] + (f"?{request['query']}" if request["query"] else ""),
        data=json.dumps(body) if body is not None else "",
        content_type="application/json" if body is not None else "",
        headers=request["headers"],
        secure=True,
        REMOTE_ADDR=request["ip"],
    )


def put_scores(labelled: Sequence[Labelled]) -> None:
    """Find the recorded sessions of each labelled one by the milliseconds of its requests."""
    from visitors.models import PageView, VisitorInteraction, VisitorSession

    session_at: dict[int, int] = {}
    for model, moment in ((PageView, "viewed_at"), (VisitorInteraction, "occurred_at")):
        for at, session_id in model.objects.values_list(moment, "session_id").iterator():
            session_at[round(at.timestamp() * 1000)] = session_id
    scores = dict(VisitorSession.objects.values_list("id", "recruiter_score"))
    for session in labelled:
        found = {session_at[at] for at in session.at_ms if at in session_at}
        session.is_recorded = bool(found)
        session.score = max((scores[one] for one in found if scores.get(one) is not None), default=None)


def report(labelled: Sequence[Labelled]) -> None:
    print(f"{'':34}     n    AUC humans    P50   R50    P80   R80    ECE humans")
    consenting = [session for session in labelled if not session.asks_not_to_be_recorded]
    print_line("all", labelled)
    print_line("without application links", [one for one in labelled if not one.has_application])
    print_line("all but opted out", consenting)
    print_line("  without application links", [one for one in consenting if not one.has_application])
    print_personas(labelled)


def print_line(title: str, sessions: Sequence[Labelled]) -> None:
    """What was not recorded or got no score counts as probability 0."""
    from visitors.detection.recruiter_calibration import area_under_curve, expected_calibration_error

    everybody, people = judged(sessions), judged([one for one in sessions if one.is_person])
    figures = [area_under_curve(everybody), area_under_curve(people)]
    figures += [*precision_and_recall(everybody, 0.5), *precision_and_recall(everybody, 0.8)]
    figures += [expected_calibration_error(everybody), expected_calibration_error(people)]
    print(f"{title:34} {len(sessions):5d} " + "  ".join(f"{figure:.3f}" for figure in figures))


def judged(sessions: Sequence[Labelled]) -> list[tuple[float, bool]]:
    return [((one.score or 0) / 100, one.record["is_recruiter"]) for one in sessions]


def precision_and_recall(pairs: Sequence[tuple[float, bool]], threshold: float) -> tuple[float, float]:
    flagged = [is_recruiter for probability, is_recruiter in pairs if probability >= threshold]
    recruiters = sum(is_recruiter for _probability, is_recruiter in pairs)
    return sum(flagged) / max(len(flagged), 1), sum(flagged) / max(recruiters, 1)


def print_personas(labelled: Sequence[Labelled]) -> None:
    by_persona: dict[str, list[Labelled]] = defaultdict(list)
    for session in labelled:
        by_persona[session.record["persona"]].append(session)
        by_persona["(bots)" if session.record["is_bot"] else "(people)"].append(session)
    print(f"\n{'persona':28}    n  recorded  scored  >=50 %  >=80 %")
    for persona, sessions in sorted(by_persona.items(), key=lambda item: -share(item[1], 50)):
        recorded = sum(one.is_recorded for one in sessions)
        scored = sum(one.score is not None for one in sessions)
        shares = f"{share(sessions, 50):7.1f} {share(sessions, 80):7.1f}"
        print(f"{persona:28} {len(sessions):4d} {recorded:9d} {scored:7d} {shares}")


def share(sessions: Sequence[Labelled], score: int) -> float:
    return 100 * sum((one.score or 0) >= score for one in sessions) / len(sessions)


if __name__ == "__main__":
    main()

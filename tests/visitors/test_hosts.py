"""Pages on two hosts of one site are told apart, from the request to the answer."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.visitors.recording.builders import CHROME
from visitors import analytics_service as service
from visitors.models import PageView
from visitors.recording import drain
from visitors.reports.conditions import Filter
from visitors.reports.periods import Period
from visitors.reports.query import Query
from visitors.rollups.build import roll_up

from .builders import NOON, local_day

pytestmark = pytest.mark.django_db

BARE, WWW = "example.com", "www.example.com"
DAY = local_day(NOON)
PERIOD = Period(DAY, DAY.fromordinal(DAY.toordinal() + 1))


@pytest.fixture
def visits(settings: Any, time_machine: Any) -> None:
    """One visit from the bare name on to the other, one of the other alone, by a browser of another kind."""
    settings.ALLOWED_HOSTS = [".example.com"]
    settings.VISITORS = settings.VISITORS | {"RECORDING": "external"}
    for number, pages in enumerate(([(BARE, "/"), (WWW, "/about/")], [(f"{WWW.upper()}:8000", "/")])):
        client = Client(headers={"User-Agent": f"{CHROME} v{number}", "Accept": "text/html"})
        for minute, (host, path) in enumerate(pages):
            time_machine.move_to(NOON.replace(minute=10 * number + minute), tick=False)
            assert client.get(path, headers={"Host": host}).status_code == 200
    time_machine.move_to(NOON.replace(hour=18), tick=False)
    drain()


def rows(*dimensions: str, metrics: tuple[str, ...], **asked: Any) -> list[tuple[Any, ...]]:
    answer = service.query(Query(metrics=metrics, dimensions=dimensions, period=PERIOD, **asked))
    return [(*row.dimensions.values(), *row.metrics.values()) for row in answer.results]


@pytest.mark.usefixtures("visits")
@pytest.mark.parametrize("is_rolled", [False, True])
def test_pages_and_visits_are_told_apart_by_host(is_rolled: bool) -> None:
    assert set(PageView.objects.values_list("host", "path")) == {(BARE, "/"), (WWW, "/about/"), (WWW, "/")}
    if is_rolled:
        assert roll_up(DAY)
    names = ("page_views", "visitors", "sessions", "bounce_rate")
    assert rows("hostname", metrics=names) == [(WWW, 2, 2, 2, 100.0), (BARE, 1, 1, 1, 0.0)]
    assert rows("entry_hostname", metrics=("sessions", "bounces")) == [(BARE, 1, 0), (WWW, 1, 1)]
    assert rows("exit_hostname", metrics=("sessions",)) == [(WWW, 2)]
    assert rows("page", "hostname", metrics=("page_views",), filters=(Filter("page", "/"),)) == [
        ("/", BARE, 1),
        ("/", WWW, 1),
    ]
    assert rows(metrics=("sessions", "page_views"), filters=(Filter("hostname", BARE),)) == [(1, 1)]
    assert rows(metrics=("sessions", "page_views"), filters=(Filter("entry_hostname", WWW),)) == [(1, 1)]

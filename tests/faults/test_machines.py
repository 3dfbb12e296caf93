"""Two web machines, each with a journal of its own, record into one database."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .running import VISITORS, Load, Site, flaws, seconds, tally

pytestmark = pytest.mark.faults
NewSite = Callable[..., Site]


def test_two_machines_record_each_view_once_and_each_visit_whole(new_site: NewSite, postgresql_url: str) -> None:
    machines = [new_site(postgresql_url, name=name) for name in ("one", "two")]
    machines[0].migrate()
    for machine in machines:
        machine.drain()  # before the first visitor, they agree on the salts
        machine.start()
    with Load(*machines) as load:
        load.run_for(seconds(3, 20))
        machines[0].kill_all()
        load.run_for(seconds(1, 10))
        machines[0].start()
        load.run_for(seconds(1, 10))
    for machine in machines:
        machine.terminate()
        machine.drain()
    result = tally("two machines, one database, one of them killed", postgresql_url, load.acknowledged)
    assert flaws(result) == []
    assert (result.visitors, result.sessions) == (VISITORS, result.needed)


def test_two_machines_that_start_together_number_their_ids_apart(new_site: NewSite, postgresql_url: str) -> None:
    machines = [new_site(postgresql_url, name=name) for name in ("one", "two")]
    machines[0].migrate()
    for machine in machines:
        machine.start()
    with Load(*machines) as load:
        load.run_for(seconds(2, 20))
    for machine in machines:
        machine.terminate()
        machine.drain()
    assert flaws(tally("two machines that start together", postgresql_url, load.acknowledged)) == []

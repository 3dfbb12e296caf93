"""The line above everything: what its axes say, and what it hands to the script."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from tests.visitors.builders import NOON, a_session
from visitors.models import Annotation

pytestmark = pytest.mark.django_db

PANEL = "/dashboard/panel/traffic/"


def axis(panel):
    drawn = panel.partition('<svg class="xs"')[2].partition("</svg>")[0]
    return re.findall(r">([^<]+)</text>", drawn)


def drawing(panel):
    return json.loads(re.search(r'id="drawing" type="application/json">(.*?)</script>', panel)[1])


@pytest.mark.parametrize(
    ("address", "labels"),
    [
        ("period=12mo", ["Dec", "Feb", "Apr", "Jun", "Aug", "Oct"]),
        ("from=2026-01-01&to=2026-11-20", ["Jan 2026", "Mar", "May", "Jul", "Sep", "Nov"]),
        ("period=7d", ["14 Nov", "15 Nov", "16 Nov", "17 Nov", "18 Nov", "19 Nov", "20 Nov"]),
        ("period=today", ["00:00", "02:00", "04:00", "06:00", "08:00", "10:00", "12:00", "14:00"]),
        (
            "from=2026-06-01&to=2026-10-31",
            ["1 Jun", "22 Jun", "13 Jul", "3 Aug", "24 Aug", "14 Sep", "5 Oct", "26 Oct"],
        ),
    ],
)
def test_the_axis_names_its_intervals_shortly(owner, address, labels):
    a_session(NOON - timedelta(days=40))
    panel = owner.get(f"{PANEL}?{address}").getvalue().decode()
    assert axis(panel) == labels
    assert set(labels) <= set(drawing(panel)["short"])


def test_each_interval_tells_its_change_unless_it_was_cut_otherwise(owner):
    for age, visits in ((1, 30), (8, 12)):
        for _ in range(visits):
            a_session(NOON - timedelta(days=age))
    panel = owner.get(f"{PANEL}?period=7d").getvalue().decode()
    *before, yesterday, today = drawing(panel)["changes"]
    assert (before, yesterday) == ([["", "no change", "flat"]] * 5, ["▲", "150%", "up"])
    assert today == ["", "no change", "flat"]  # both up to the same time
    assert '<span class="up">▲ 150%</span></td>' in panel
    panel = owner.get(f"{PANEL}?from=2026-11-19&to=2026-11-25&compare=year").getvalue().decode()
    assert drawing(panel)["changes"][0] == ["▲", "+30", "up"]


def test_notes_are_named_in_the_drawing_where_there_is_room(owner):
    for ago, text in ((25, "On the front page"), (24, "The next day"), (3, "A talk " * 8)):
        Annotation.objects.create(day=NOON.date() - timedelta(days=ago), text=text)
    panel = owner.get(PANEL).getvalue().decode()
    names = panel.partition('<svg class="names"')[2].partition("</svg>")[0]
    assert re.findall(r'text-anchor="(\w+)">([^<]*)</text>', names) == [
        ("start", ""),
        ("start", "The next day"),
        ("end", "A talk A talk A talk A talk…"),
    ]

"""The letters beside sources can be read."""

from __future__ import annotations

import pytest

from visitors.dashboard.badges import GROUNDS, OTHERS, Badge, source_badge


def luminance(colour):
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("ground", [*GROUNDS.values(), *OTHERS])
def test_white_letters_keep_their_contrast(ground):
    assert 1.05 / (luminance(ground) + 0.05) >= 4.5


def test_a_source_has_its_own_colour_and_an_unknown_one_always_the_same():
    assert source_badge("LinkedIn") == Badge("L", "#0a66c2")
    assert source_badge("example.com") == source_badge("example.com")
    assert source_badge("(unknown)").text == "U"

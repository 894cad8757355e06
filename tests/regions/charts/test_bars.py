"""Bars of a ledger: lengths add up, and the words say the same as the picture."""

from xml.etree import ElementTree

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from regions.charts.bars import EDGE, WIDTH, balance_bar, share_bar

COUNTS = st.integers(min_value=0, max_value=500)


@pytest.fixture(autouse=True)
def _dutch():
    with translation.override("nl"):
        yield


def bars(picture):
    return list(ElementTree.fromstring(picture).iter("rect"))


def bar(**changes):
    numbers = {"agreed": 65, "let": 41, "accepted": 5, "offered": 4, "largest": 65}
    return balance_bar(name="Spaarneborg", **(numbers | changes))


def test_the_words_say_what_the_picture_shows():
    said = ElementTree.fromstring(bar(low=57, likely=60, high=64)).get("aria-label")
    assert said == (
        "Spaarneborg: 41 verhuurd, 5 geaccepteerd, 4 aangeboden van 65; "
        "verwacht aan het eind van het jaar: 57 tot 64"
    )


def test_what_is_unknown_about_the_end_is_not_drawn():
    assert "g-bracket" not in bar()
    assert "g-bracket" in bar(low=57, likely=60, high=64)


def test_what_was_offered_is_hatched_because_it_does_not_count():
    assert 'fill="url(#hatch)"' in bar()
    assert 'fill="url(#hatch)"' not in bar(offered=0)


@given(COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)
def test_no_bar_leaves_the_picture(agreed, let, accepted, offered, largest):
    drawn = balance_bar(
        name="x", agreed=agreed, let=let, accepted=accepted, offered=offered, largest=largest
    )
    for each in bars(drawn):
        assert float(each.get("x")) >= EDGE
        assert float(each.get("x")) + float(each.get("width")) <= WIDTH


@given(st.integers(min_value=1, max_value=400), st.integers(min_value=1, max_value=400))
def test_twice_as_many_is_twice_as_long(part, whole):
    single = bars(share_bar(name="x", part=part, whole=whole, largest=1000))[-1]
    double = bars(share_bar(name="x", part=2 * part, whole=whole, largest=1000))[-1]
    assert float(double.get("width")) == pytest.approx(2 * float(single.get("width")), abs=0.2)


def test_nothing_agreed_and_nothing_done_is_an_empty_picture():
    assert bars(share_bar(name="x", part=0, whole=0, largest=0)) == []

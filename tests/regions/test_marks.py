"""Clocks: the bounds of the region's rules decide how heavy a term weighs."""

from datetime import date, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from regions.marks import Clock, age_clock, due_clock, waiting_clock

TODAY = date(2026, 10, 12)


@pytest.fixture(autouse=True)
def _dutch():
    with translation.override("nl"):
        yield


def waiting(since):
    return waiting_clock(since=since, today=TODAY, soon_after_months=3, late_after_months=6)


def due(on):
    return due_clock(due=on, today=TODAY, soon_within_days=7, meaning="tot antwoord")


@pytest.mark.parametrize(
    ("since", "level", "figure"),
    [
        (date(2026, 7, 13), "", "2 mnd 29 dgn"),
        (date(2026, 7, 12), "soon", "3 mnd"),
        (date(2026, 4, 13), "soon", "5 mnd 29 dgn"),
        (date(2026, 4, 12), "late", "6 mnd"),
    ],
)
def test_waiting_weighs_more_at_each_bound(since, level, figure):
    clock = waiting(since)
    assert (clock.level, clock.figure, clock.meaning) == (level, figure, "wacht")


@pytest.mark.parametrize(
    ("on", "level", "figure", "meaning"),
    [
        (date(2026, 10, 20), "", "nog 8 dgn", "tot antwoord"),
        (date(2026, 10, 14), "soon", "nog 2 dgn", "tot antwoord"),
        (date(2026, 10, 12), "soon", "vandaag", "tot antwoord"),
        (date(2026, 10, 11), "late", "1 dag", "over de termijn"),
        (date(2026, 10, 7), "late", "5 dgn", "over de termijn"),
    ],
)
def test_a_term_is_in_time_on_its_last_day_and_late_the_day_after(on, level, figure, meaning):
    assert due(on) == Clock(level, figure, meaning, (TODAY - on).days)


def test_data_is_old_only_after_its_term():
    def after(days):
        since = TODAY - timedelta(days=days)
        return age_clock(since=since, today=TODAY, old_after_days=30, meaning="ronde nodig")

    assert (after(30).level, after(31).level) == ("", "late")
    assert after(34).figure == "34 dgn oud"


@given(st.lists(st.integers(min_value=-400, max_value=400), max_size=20))
def test_the_most_urgent_comes_first(offsets):
    clocks = sorted(
        (due(TODAY + timedelta(days=offset)) for offset in offsets), key=lambda each: each.urgency
    )
    levels = ["late", "soon", ""]
    ranks = [levels.index(clock.level) for clock in clocks]
    assert ranks == sorted(ranks)
    overdue = [clock.days for clock in clocks if clock.level == "late"]
    assert overdue == sorted(overdue, reverse=True)

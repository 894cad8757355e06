"""Where a year will end: laws of the expectation, and how often it is right."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from housing.yearend import LEAST_DAYS, at_year_end
from tests.scale import n


@settings(max_examples=n(100, 3000), deadline=None)
@given(counted=st.integers(0, 300), gone=st.integers(LEAST_DAYS, 364))
def test_the_end_is_never_below_what_is_counted_and_likely_lies_within(counted, gone):
    found = at_year_end(counted, days_gone=gone, days_left=365 - gone)
    assert counted <= found.low <= found.likely <= found.high


@settings(max_examples=n(50, 1000), deadline=None)
@given(counted=st.integers(0, 200), gone=st.integers(LEAST_DAYS, 330))
def test_more_counted_never_lowers_the_expectation(counted, gone):
    less = at_year_end(counted, days_gone=gone, days_left=365 - gone)
    more = at_year_end(counted + 1, days_gone=gone, days_left=365 - gone)
    assert (less.low, less.likely, less.high) <= (more.low, more.likely, more.high)


def test_nothing_exceeds_a_maximum_but_what_is_already_there():
    assert at_year_end(40, days_gone=183, days_left=182, most=50).high == 50
    assert at_year_end(60, days_gone=183, days_left=182, most=50).low == 60


@pytest.mark.parametrize("gone", [0, LEAST_DAYS - 1])
def test_a_year_that_just_began_has_no_expectation(gone):
    assert at_year_end(5, days_gone=gone, days_left=365 - gone) is None


def test_a_year_that_is_over_is_what_was_counted():
    found = at_year_end(31, days_gone=365, days_left=0)
    assert (found.low, found.high) == (31, 31)


def test_eight_of_ten_years_end_within_the_bounds():
    """Simulated years at random paces: the bounds hold at least that often, and not always."""
    chance = random.Random(20260101)
    years = n(600, 20000)
    within = 0
    for _ in range(years):
        pace = chance.uniform(0.02, 0.6)
        days = [sum(1 for _ in range(6) if chance.random() < pace / 6) for _ in range(365)]
        gone = chance.randrange(LEAST_DAYS, 320)
        found = at_year_end(sum(days[:gone]), days_gone=gone, days_left=365 - gone)
        within += found.low <= sum(days) <= found.high
    assert 0.77 <= within / years <= 0.93

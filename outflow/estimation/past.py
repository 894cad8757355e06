"""Counts what happened in past quarters, in the measures of the contract."""

import numpy as np
from numpy.typing import NDArray

from outflow.estimation.contract import (
    ARRIVALS,
    BACKLOG,
    BACKLOG_AT_END,
    BECOMES_READY,
    ENTERS_HOUSED,
    FIRST_EXIT,
    HOUSED,
    IN_CARE,
    IN_CARE_AT_END,
    LEAVES,
    NOWHERE,
    READY,
    RETURNS,
)
from outflow.estimation.histories import Histories
from outflow.estimation.tables import OPEN

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_CARE = np.isin(np.arange(NOWHERE + 1), IN_CARE)
_WAITS = np.isin(np.arange(NOWHERE + 1), BACKLOG)


def events(histories: Histories) -> dict[int, tuple[Flags, Ints]]:
    """Return for every flow which spells count and on which day each counts."""
    h = histories
    in_care, from_care = _CARE[h.phase], _CARE[h.came_from]
    return {
        ARRIVALS: (in_care & (h.came_from == NOWHERE), h.start),
        RETURNS: (in_care & (h.came_from == HOUSED), h.start),
        BECOMES_READY: ((h.phase == READY) & ~_WAITS[h.came_from], h.start),
        ENTERS_HOUSED: ((h.phase == HOUSED) & from_care, h.start),
        LEAVES: (in_care & (h.end < OPEN) & (h.next >= FIRST_EXIT), h.end),
    }


def flow(histories: Histories, measure: int, series: Ints, count: int, days: Ints) -> Ints:
    """Return the events of a measure, shape (count, quarters).

    ``series`` numbers each spell's row, ``days`` are the first days of the quarters and of the
    one after the last.
    """
    which, day = events(histories)[measure]
    quarter = np.searchsorted(days, day[which], side="right") - 1
    inside = (quarter >= 0) & (quarter < len(days) - 1)
    code = series[which][inside] * (len(days) - 1) + quarter[inside]
    return np.bincount(code, minlength=count * (len(days) - 1)).reshape(count, len(days) - 1)


def stock(histories: Histories, measure: int, series: Ints, count: int, days: Ints) -> Ints:
    """Return who is there at the end of each quarter, shape (count, quarters)."""
    phases = {BACKLOG_AT_END: BACKLOG, IN_CARE_AT_END: IN_CARE}[measure]
    counted = np.isin(np.arange(NOWHERE + 1), phases)[histories.phase]
    found = np.zeros((count, len(days) - 1), dtype=np.int64)
    for quarter, day in enumerate(days[1:]):
        there = counted & (histories.start < day) & (histories.end >= day)
        found[:, quarter] = np.bincount(series[there], minlength=count)
    return found


def stock_now(histories: Histories, phases: tuple[int, ...], series: Ints, count: int) -> Ints:
    """Return how many are in the phases on the reference date."""
    there = np.isin(np.arange(NOWHERE + 1), phases)[histories.phase] & (histories.end >= OPEN)
    return np.bincount(series[there], minlength=count)


RECENT_DAYS, A_HALF_YEAR, A_YEAR = 30, 180, 365
MOST_BEHIND = 75
SURE_BEHIND = 3.5
"""How many standard deviations too few moves must have been written down lately."""


def days_behind(histories: Histories, register_start: int) -> int:
    """Return for how many days before the reference date the lists are not complete yet.

    Lists that are kept late show less and less towards the reference date. Zero unless the moves
    of the last month are clearly too few beside those of the half year before it and of the same
    month a year ago.
    """
    h = histories
    age = h.as_of - h.start

    def between(low: int, high: int) -> int:
        return int(((age > low) & (age <= high)).sum())

    if h.as_of - register_start < A_YEAR + RECENT_DAYS:
        return 0
    recent = between(0, RECENT_DAYS)
    parts = A_HALF_YEAR / RECENT_DAYS
    usual = between(MOST_BEHIND, MOST_BEHIND + A_HALF_YEAR) / parts
    same = between(A_YEAR, A_YEAR + RECENT_DAYS)
    clear = (usual - recent) / np.sqrt(max(usual, 1.0) * (1 + 1 / parts))
    clear_too = (same - recent) / np.sqrt(max(same, 1.0) * 2)
    if min(clear, clear_too) < SURE_BEHIND:
        return 0
    mean = np.arange(2.0, MOST_BEHIND)
    shown = 1 - mean / RECENT_DAYS * (1 - np.exp(-RECENT_DAYS / mean))
    late = float(mean[np.abs(shown - recent / usual).argmin()])
    return int(min(2 * late, MOST_BEHIND))

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
    OFFERED,
    READY,
    RETURNS,
)
from outflow.estimation.histories import Histories
from outflow.estimation.tables import OPEN

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def events(histories: Histories) -> dict[int, tuple[Flags, Ints]]:
    """Return for every flow which spells count and on which day each counts."""
    h = histories
    in_care = np.isin(h.phase, IN_CARE)
    from_care = np.isin(h.came_from, IN_CARE)
    return {
        ARRIVALS: (in_care & (h.came_from == NOWHERE), h.start),
        RETURNS: (in_care & (h.came_from == HOUSED), h.start),
        BECOMES_READY: ((h.phase == READY) & ~np.isin(h.came_from, (OFFERED, READY)), h.start),
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
    counted = np.isin(histories.phase, phases)
    found = np.zeros((count, len(days) - 1), dtype=np.int64)
    for quarter, day in enumerate(days[1:]):
        there = counted & (histories.start < day) & (histories.end >= day)
        found[:, quarter] = np.bincount(series[there], minlength=count)
    return found


def stock_now(histories: Histories, phases: tuple[int, ...], series: Ints, count: int) -> Ints:
    """Return how many are in the phases on the reference date."""
    there = np.isin(histories.phase, phases) & (histories.end >= OPEN)
    return np.bincount(series[there], minlength=count)

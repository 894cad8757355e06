"""How many people could have moved on after so many days, and how many did.

Only days inside the register count. Who was there when the register began is followed from that
day (left truncation), who is still there until the reference date (right censoring); leaving
either out would make stays look too short.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outflow.estimation.contract import HOUSED, OFFERED, PHASES, READY, STATES
from outflow.estimation.histories import Histories
from outflow.estimation.tables import OPEN

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_BINS = 16
EVENTS_PER_BIN = 20
HALF_A_DAY = 0.5
"""Who moves on day d stayed somewhere between d and d + 1 days, whatever the move."""

SURE = 0.995
"""The largest share that may leave on one day: a rate must stay finite."""


@dataclass(frozen=True)
class Exposure:
    """One phase, counted by days already stayed.

    ``edges`` are the days at which the bins begin (the last bin is open); ``moved`` has the shape
    (groups, bins, states), ``person_days`` (groups, bins). A group is region x facility type.
    """

    edges: Floats
    moved: Floats
    person_days: Floats


def destination(phase: Ints, then: Ints) -> Ints:
    """Return where a spell leads in the model: nobody but the queue hands out homes.

    An offer or a home straight from a phase before ready is an entry into ready with a home soon;
    from ready it is the work of the queue and here the end of watching.
    """
    served = (then == OFFERED) | (then == HOUSED)
    early = served & (phase != READY) & (phase != OFFERED)
    waits = served & (phase == READY)
    return np.where(early, READY, np.where(waits, -1, then))


def observed(histories: Histories, register_start: int) -> tuple[Ints, Floats, Floats, Ints]:
    """Return the spells watched, days stayed at the begin and end of watching, and where to.

    The destination is -1 for a spell of which the end was not seen.
    """
    h = histories
    which = np.flatnonzero(np.minimum(h.end, h.as_of) >= register_start)
    start = h.start[which]
    seen_until = np.minimum(h.end[which], h.as_of)
    ended = h.end[which] < OPEN
    then = np.where(ended, destination(h.phase[which], h.next[which]), -1)
    begin = np.maximum(register_start - start, 0).astype(np.float64)
    end = (seen_until - start) + np.where(ended, HALF_A_DAY, 0.0)
    return which, begin, np.maximum(end, begin), then


def groups_of(histories: Histories) -> Ints:
    """Return the group (region x facility type) of every spell."""
    return histories.region * max(len(histories.kinds), 1) + histories.kind


def exposures(histories: Histories, *, register_start: int) -> list[Exposure]:
    """Return the counts of every phase, in the order of PHASES."""
    which, begin, end, then = observed(histories, register_start)
    group = groups_of(histories)[which]
    groups = len(histories.regions) * max(len(histories.kinds), 1)
    phase = histories.phase[which]
    return [
        _exposure(begin[here], end[here], then[here], group[here], groups)
        for here in (phase == number for number in range(len(PHASES)))
    ]


def _exposure(begin: Floats, end: Floats, then: Ints, group: Ints, groups: int) -> Exposure:
    happened = then >= 0
    edges = bin_edges(np.floor(end[happened]))
    bins = len(edges)
    upper = np.append(edges[1:], np.inf)
    person_days = np.zeros((groups, bins))
    for number in range(bins):
        days = np.clip(np.minimum(end, upper[number]) - np.maximum(begin, edges[number]), 0, None)
        person_days[:, number] = np.bincount(group, weights=days, minlength=groups)
    at = np.searchsorted(edges, end[happened], side="right") - 1
    code = (group[happened] * bins + at) * len(STATES) + then[happened]
    moves = np.bincount(code, minlength=groups * bins * len(STATES)).astype(np.float64)
    moved = moves.reshape(groups, bins, len(STATES))
    one_day = upper - edges == 1
    person_days[:, one_day] = _days_of_a_spike(
        moved[:, one_day].sum(axis=2), person_days[:, one_day]
    )
    return Exposure(edges, moved, person_days)


def _days_of_a_spike(moved: Floats, person_days: Floats) -> Floats:
    """Return person-days that give a bin of one day the share that really left on it.

    With half a day for every leaver, a day on which all leave would keep one in seven.
    """
    at_risk = moved + np.maximum(person_days - HALF_A_DAY * moved, 0)
    share = np.divide(moved, at_risk, out=np.zeros_like(moved), where=at_risk > 0)
    rate = -np.log1p(-np.minimum(share, SURE))
    return np.divide(moved, rate, out=person_days.copy(), where=moved > 0)


def bin_edges(durations: Floats) -> Floats:
    """Return the days at which bins begin, so that each holds about as many departures.

    A day on which very many leave (two years of guidance to the day) gets a bin of its own.

    >>> import numpy as np
    >>> bin_edges(np.arange(1.0, 101.0)).tolist()
    [0.0, 20.0, 40.0, 60.0, 80.0]
    """
    if len(durations) < 2:
        return np.zeros(1)
    count = int(np.clip(len(durations) // EVENTS_PER_BIN, 2, MOST_BINS))
    shares = np.arange(1, count) / count
    edges = np.quantile(durations, shares, method="inverted_cdf")
    days, departures = np.unique(durations, return_counts=True)
    spikes = days[departures > max(1.5 * len(durations) / count, EVENTS_PER_BIN / 2)]
    tail = [np.quantile(durations, 0.98, method="inverted_cdf")] if len(durations) >= 200 else []
    return np.unique(np.concatenate([[0.0], edges, spikes, spikes + 1, tail])).astype(np.float64)

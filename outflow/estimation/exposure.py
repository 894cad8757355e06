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
TAIL = 0.98
"""The share of departures before the last bin, where there are enough to tell."""

HALF_A_DAY = 0.5
"""Who moves on day d stayed somewhere between d and d + 1 days, whatever the move."""

SURE = 0.995
"""The largest share that may leave on one day: a rate must stay finite."""


@dataclass(frozen=True)
class Exposure:
    """One phase, counted by days already stayed.

    ``edges`` are the days at which the bins begin (the last bin is open); ``moved`` has the shape
    (groups, bins, states), ``person_days`` (groups, bins). A group is region x facility type.
    ``weight`` is in events how much the others' pace weighs beside a region's own (None: as much
    as the regions resemble each other).
    """

    edges: Floats
    moved: Floats
    person_days: Floats
    weight: float | None = None


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


def exposures(
    histories: Histories, *, register_start: int, edges: Floats | None = None
) -> list[Exposure]:
    """Return the counts of every phase, in the order of PHASES, with given bins or their own."""
    which, begin, end, then = observed(histories, register_start)
    group = groups_of(histories)[which]
    groups = len(histories.regions) * max(len(histories.kinds), 1)
    phase = histories.phase[which].astype(np.int8)
    order = np.argsort(phase, kind="stable")
    begin, end, then, group = begin[order], end[order], then[order], group[order]
    limits = np.searchsorted(phase[order], np.arange(len(PHASES) + 1))
    return [
        _exposure(begin[here], end[here], then[here], group[here], groups, edges)
        for here in map(slice, limits[:-1].tolist(), limits[1:].tolist())
    ]


def _exposure(
    begin: Floats, end: Floats, then: Ints, group: Ints, groups: int, edges: Floats | None
) -> Exposure:
    happened = then >= 0
    edges = bin_edges(np.floor(end[happened])) if edges is None else edges
    bins = len(edges)
    upper = np.append(edges[1:], np.inf)
    late = begin > 0
    person_days = _days_until(end, group, groups, edges)
    person_days -= _days_until(begin[late], group[late], groups, edges)
    at = _bin_of(end[happened], edges)
    code = (group[happened] * bins + at) * len(STATES) + then[happened]
    moves = np.bincount(code, minlength=groups * bins * len(STATES)).astype(np.float64)
    moved = moves.reshape(groups, bins, len(STATES))
    one_day = upper - edges == 1
    person_days[:, one_day] = spike_days(moved[:, one_day].sum(axis=2), person_days[:, one_day])
    return Exposure(edges, moved, person_days)


def _bin_of(stayed: Floats, edges: Floats) -> Ints:
    """Return the bin of each number of days; bins begin on whole days."""
    width = np.diff(edges).astype(np.int64)
    of_day = np.append(np.repeat(np.arange(len(width)), width), len(width))
    return of_day[np.minimum(stayed.astype(np.int64), len(of_day) - 1)]


def _days_until(stayed: Floats, group: Ints, groups: int, edges: Floats) -> Floats:
    """Return the days of stays from their first day on, by group and bin.

    Of the bin in which a stay ends the days inside it count, of every bin before it all days.
    """
    bins = len(edges)
    last = _bin_of(stayed, edges)
    code = group * bins + last
    ended = np.bincount(code, minlength=groups * bins).reshape(groups, bins)
    inside = np.bincount(code, weights=stayed - edges[last], minlength=groups * bins)
    found = inside.astype(np.float64).reshape(groups, bins)
    passed = np.cumsum(ended[:, ::-1], axis=1)[:, ::-1] - ended
    found[:, :-1] += passed[:, :-1] * np.diff(edges)
    return found


def spike_days(moved: Floats, person_days: Floats) -> Floats:
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
    whole = len(durations)
    count = int(np.clip(whole // EVENTS_PER_BIN, 2, MOST_BINS))
    ordered = np.sort(durations)
    begins = np.flatnonzero(np.diff(ordered, prepend=ordered[0] - 1))
    days, departures = ordered[begins], np.diff(np.append(begins, whole))
    spikes = days[departures > max(1.5 * whole / count, EVENTS_PER_BIN / 2)]
    shares = np.arange(1, count) / count
    if whole >= 200:
        shares = np.append(shares, TAIL)
    # The inverted distribution: the first duration that so large a share does not exceed.
    edges = ordered[np.ceil(whole * shares - 1).astype(np.int64)]
    return np.unique(np.concatenate([[0.0], edges, spikes, spikes + 1])).astype(np.float64)

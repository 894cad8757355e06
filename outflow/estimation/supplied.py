"""How many homes came free in the past, as far as lists of people can tell.

A list of people shows homes that found somebody, never those that found nobody. While somebody
waits every home finds somebody at once, so all are seen. When nobody waits homes may wait: but if
somebody has to wait again within the time a home waits, no home was left by then, so all homes of
that stretch were seen as well. In longer stretches with nobody waiting the homes that were used
are only the least there can have been.
"""

from dataclasses import dataclass

import numpy as np

from outflow.estimation.contract import DAYS_A_DWELLING_WAITS, HOUSED, OFFERED, READY
from outflow.estimation.exposure import Floats, Ints
from outflow.estimation.histories import Histories
from outflow.estimation.levels import draw_counts
from outflow.estimation.quarters import DAYS_PER_QUARTER
from outflow.estimation.tables import OPEN

TRIES = 12

OFFERS_BORROWED = 10.0
"""Offers elsewhere that weigh beside a region's own when telling how many are accepted."""


@dataclass(frozen=True)
class Supplied:
    """Homes per region and quarter.

    ``homes`` are all that came free in the share ``watched`` of the quarter; ``least`` are homes
    that were used in the share ``unsure``, in which there may have been more.
    """

    homes: Floats
    watched: Floats
    least: Floats
    unsure: Floats


@dataclass(frozen=True)
class Idle:
    """Homes that may stand free on the reference date, because nobody waits for one.

    ``days`` is how long nobody has waited (at most as long as a home waits; 0 where somebody
    waits), ``used`` how many homes were given in those days.
    """

    days: Ints
    used: Floats
    as_of: int

    def drawn(
        self, rates: Floats, scatter: Floats, rng: np.random.Generator
    ) -> tuple[Ints, Ints, Ints]:
        """Return draw, region and day of every home that stands free, given the rates a quarter.

        ``rates`` has the shape (draws, regions), ``scatter`` is that of each draw. As many homes
        came free as were used at least; of several tries the first that says so is taken.
        """
        means = rates * self.days / DAYS_PER_QUARTER
        tries = np.stack([draw_counts(means, scatter, rng) for _ in range(TRIES)])
        fits = tries >= self.used
        first = np.take_along_axis(tries, fits.argmax(axis=0)[None], axis=0)[0]
        came = np.where(fits.any(axis=0) & (self.days > 0), first, 0)
        used = np.floor(self.used).astype(np.int64)
        left = np.maximum(came - used, 0)
        draw, region = (
            np.repeat(axis, left.ravel()) for axis in np.indices(left.shape).reshape(2, -1)
        )
        # The oldest were used: those left came in the last part of the time.
        share = left[draw, region] / np.maximum(came[draw, region], 1)
        back = rng.random(len(draw)) * share * self.days[region]
        return draw, region, self.as_of - 1 - np.floor(back).astype(np.int64)


def idle_now(h: Histories, regions: int, register_start: int) -> Idle:
    """Return for how long nobody has waited in each region, and the homes given meanwhile."""
    span = min(DAYS_A_DWELLING_WAITS, h.as_of - register_start)
    if span <= 0:
        return Idle(np.zeros(regions, dtype=np.int64), np.zeros(regions), h.as_of)
    first = h.as_of - span
    waits = _waiting(h, regions, first, span) > 0
    days = np.where(waits.any(axis=1), waits[:, ::-1].argmax(axis=1), span)
    day, region, weight = _given(h, _accepted(h, regions))
    inside = (day < h.as_of) & (day >= h.as_of - days[region])
    used = np.bincount(region[inside], weights=weight[inside], minlength=regions)
    now = (h.phase == READY) & (h.end >= OPEN)
    nobody = np.bincount(h.region[now], minlength=regions) == 0
    lived = np.bincount(region[day >= register_start], minlength=regions) > 0
    return Idle(np.where(nobody & lived, days, 0).astype(np.int64), used, h.as_of)


def homes_of_the_past(h: Histories, regions: int, days: Ints, register_start: int) -> Supplied:
    """Return the homes of every quarter between ``days``, up to the reference date.

    An offer counts on the day it is made: whole when it led to a home, for its chance of that
    while it lasts, not at all when it was refused (the home goes on to somebody else).
    """
    first, last = int(days[0]), min(int(days[-1]), h.as_of)
    span = max(last - first, 1)
    waits = _waiting(h, regions, first, span)
    seen = _soon(waits > 0, DAYS_A_DWELLING_WAITS)
    lived = np.arange(span) >= register_start - first
    seen &= lived

    day, region, weight = _given(h, _accepted(h, regions))
    inside = (day >= register_start) & (day < last) & (weight > 0)
    day, region, weight = day[inside] - first, region[inside], weight[inside]
    sure = seen[region, day]
    quarter = np.searchsorted(days, day + first, side="right") - 1
    count = len(days) - 1
    cell = region * count + quarter
    width = np.diff(days)
    begins = np.minimum(days[:-1] - first, span - 1)

    def per_quarter(flags: Floats) -> Floats:
        return np.add.reduceat(flags, begins, axis=1) / width

    def counted(which: Floats) -> Floats:
        found = np.bincount(cell, weights=weight * which, minlength=regions * count)
        return found.reshape(regions, count)

    return Supplied(
        homes=counted(sure.astype(np.float64)),
        watched=per_quarter(seen.astype(np.float64)),
        least=counted((~sure).astype(np.float64)),
        unsure=per_quarter((~seen & lived).astype(np.float64)),
    )


def _waiting(h: Histories, regions: int, first: int, span: int) -> Ints:
    """Return how many wait on each day: ready before that day, and no home before it."""
    spells = np.flatnonzero((h.phase == READY) & (np.minimum(h.end, h.as_of) > first))
    row = h.region[spells] * (span + 1)
    begin = np.clip(h.start[spells] + 1 - first, 0, span)
    end = np.clip(np.minimum(h.end[spells] + 1, h.as_of) - first, 0, span)
    size = regions * (span + 1)
    change = np.bincount(row + begin, minlength=size) - np.bincount(row + end, minlength=size)
    return np.cumsum(change.reshape(regions, span + 1), axis=1)[:, :-1]


def _soon(flags: np.ndarray, within: int) -> np.ndarray:
    """Return for each day whether a flagged day comes within so many days."""
    days = flags.shape[1]
    place = np.where(flags, np.arange(days), 10 * days + within)
    coming = np.minimum.accumulate(place[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(coming - np.arange(days) <= within)


def _given(h: Histories, accepted: Floats) -> tuple[Ints, Ints, Floats]:
    """Return day, region and weight of every home given to somebody who was ready."""
    direct = (h.phase == HOUSED) & (h.came_from == READY)
    offers = (h.phase == OFFERED) & (h.came_from == READY)
    weight = np.where(direct | (offers & (h.next == HOUSED)), 1.0, 0.0)
    weight = np.where(offers & (h.end >= OPEN), accepted[h.region], weight)
    which = np.flatnonzero(direct | offers)
    return h.start[which], h.region[which], weight[which]


def _accepted(h: Histories, regions: int) -> Floats:
    """Return the share of offers that lead to a home, in a region as far as its own tell."""
    ended = (h.phase == OFFERED) & (h.end < OPEN)
    taken = np.bincount(h.region[ended & (h.next == HOUSED)], minlength=regions)
    tried = np.bincount(h.region[ended], minlength=regions)
    usual = (taken.sum() + 1) / (tried.sum() + 1)
    return np.asarray((taken + OFFERS_BORROWED * usual) / (tried + OFFERS_BORROWED))

"""What the past says about the future: everything the simulation draws from."""

from dataclasses import dataclass

import numpy as np

from outflow.estimation.contract import (
    ARRIVALS,
    ENTERS_HOUSED,
    HOUSED,
    IN_CARE,
    INTAKE,
    NOWHERE,
    OFFERED,
    PHASES,
    PREPARING,
    READY,
    STABILISING,
)
from outflow.estimation.exposure import (
    Exposure,
    Floats,
    Ints,
    exposures,
    groups_of,
    observed,
)
from outflow.estimation.hazards import expected_rates
from outflow.estimation.histories import Histories
from outflow.estimation.levels import Levels, fit_levels
from outflow.estimation.past import events, flow, stock_now
from outflow.estimation.quarters import date_of, first_days, quarter_of
from outflow.estimation.tables import OPEN

PACED = (INTAKE, STABILISING, PREPARING)
"""Phases whose pace may change with the times."""

PACE_WEIGHT = 10.0
"""Events that the pace of one weighs before anything is seen."""

SUPPLY_WEIGHT = 4.0
"""Homes that the guess below weighs before anything is seen."""

AMPLE = 1.5
"""Homes for each that was used, where no queue shows how many there were."""

BORROWED_QUARTERS = 2.0
TOWN_WEIGHT = 2.0
ENTRY_WEIGHT = 5.0
TOWN_MEMORY = 0.97
USUAL_WAIT_DAYS = 180


@dataclass(frozen=True)
class Model:
    """The fitted past of all regions.

    ``inflow`` has a series per group (region x facility type), ``supply`` one per region,
    ``pace`` one Levels per paced phase. ``towns`` (groups, towns) and ``entry`` (groups, phases)
    weigh where who arrives comes from and which phase is first. ``direct`` is the share of homes
    per region that is given without an offer that can be refused.
    """

    histories: Histories
    register_start: int
    exposures: list[Exposure]
    inflow: Levels
    supply: Levels
    pace: dict[int, Levels]
    towns: Floats
    entry: Floats
    direct: Floats
    wait_days: float

    @property
    def kinds(self) -> int:
        return max(len(self.histories.kinds), 1)


def default_register_start(histories: Histories) -> int:
    """Return the day of the first known end of a spell, or the reference date without any."""
    ends = histories.end[histories.end < OPEN]
    return int(ends.min()) if len(ends) else histories.as_of


def fit(histories: Histories, *, register_start: int) -> Model:
    """Learn from what was watched between the start of the register and the reference date."""
    h = histories
    regions, kinds = len(h.regions), max(len(h.kinds), 1)
    group = groups_of(h)
    quarters, days, watched = _watched_quarters(register_start, h.as_of)
    counted = exposures(h, register_start=register_start)

    in_care = stock_now(h, IN_CARE, group, regions * kinds).astype(np.float64)
    arrivals = _flow(h, ARRIVALS, group, regions * kinds, days, register_start)
    return Model(
        histories=h,
        register_start=register_start,
        exposures=counted,
        inflow=_levels(arrivals, watched, in_care),
        supply=_supply(
            h, in_care.reshape(regions, kinds).sum(axis=1), days, watched, register_start
        ),
        pace=_paces(h, counted, register_start, days, quarters),
        towns=_town_weights(h, group, regions * kinds, register_start),
        entry=_entry_weights(h, group, regions * kinds, register_start),
        direct=_direct_shares(h, regions, register_start),
        wait_days=_usual_wait(h),
    )


def _watched_quarters(register_start: int, as_of: int) -> tuple[int, Ints, Floats]:
    """Return the number of quarters watched, their first days, and the share watched of each."""
    first = quarter_of(date_of(register_start))
    count = quarter_of(date_of(max(as_of - 1, register_start))) - first + 1
    days = first_days(first, count)
    seen = np.minimum(days[1:], as_of) - np.maximum(days[:-1], register_start)
    return count, days, np.clip(seen, 0, None) / np.diff(days)


def _flow(
    h: Histories, measure: int, series: Ints, count: int, days: Ints, register_start: int
) -> Floats:
    inside = days.copy()
    inside[0] = register_start
    return flow(h, measure, series, count, inside).astype(np.float64)


def _homes_while_waited_for(
    h: Histories, regions: int, days: Ints, register_start: int
) -> tuple[Floats, Floats]:
    """Return homes per region and quarter that somebody waited for, and the share of such days.

    Where nobody waits, moves say how many people became ready, not how many homes there were:
    only homes that found somebody waiting, per day with somebody waiting, tell the supply.
    """
    width = np.diff(days)
    homes = np.zeros((regions, len(width)))
    pressed = np.zeros((regions, len(width)))
    ready = _ready_spell_before(h)
    moved_in = (ready >= 0) & (h.start >= register_start)
    given = h.end[ready]
    quarter = np.searchsorted(days, h.start, side="right") - 1
    first, last = int(days[0]), int(days[-1])
    waits = h.phase == READY
    for region in range(regions):
        here = waits & (h.region == region)
        change = np.zeros(last - first + 1)
        np.add.at(change, np.clip(h.start[here], first, last) - first, 1)
        np.add.at(change, np.clip(np.minimum(h.end[here], h.as_of), first, last) - first, -1)
        somebody = np.cumsum(change[:-1]) > 0
        somebody[: max(register_start - first, 0)] = False
        pressed[region] = np.add.reduceat(somebody, days[:-1] - first) / width
        homes_here = np.flatnonzero(moved_in & (h.region == region) & (given > first))
        found = somebody[given[homes_here] - first - 1]
        np.add.at(homes[region], quarter[homes_here[found]], 1)
    return homes, pressed


def _ready_spell_before(h: Histories) -> Ints:
    """Return for who moves in the spell of waiting that ended with the home, else -1."""
    place = np.arange(len(h.phase))
    back = np.where((h.phase == HOUSED) & (h.came_from == OFFERED), place - 2, place - 1)
    fits = (h.phase == HOUSED) & (back >= 0)
    fits &= (h.came_from == READY) | ((h.came_from == OFFERED) & (h.came_from[place - 1] == READY))
    return np.where(fits, back, -1)


def _levels(counts: Floats, watched: Floats, in_care: Floats) -> Levels:
    """Fit counts per quarter; before anything is seen a series is as large as its people."""
    span = float(watched.sum())
    people = np.maximum(in_care, counts.sum(axis=1) / max(span, 1.0))
    whole = span * people.sum()
    per_person = counts.sum() / whole if whole > 0 else 0.0
    return fit_levels(
        counts,
        np.broadcast_to(watched, counts.shape),
        expected=people * per_person,
        weight=1.0,
    )


def _supply(
    h: Histories, in_care: Floats, days: Ints, watched: Floats, register_start: int
) -> Levels:
    """Fit the homes per quarter; where nobody ever waited there are more than were needed."""
    regions = len(h.regions)
    homes, pressed = _homes_while_waited_for(h, regions, days, register_start)
    moved = _flow(h, ENTERS_HOUSED, h.region, regions, days, register_start).sum(axis=1)
    span = float(watched.sum())
    whole = span * in_care.sum()
    per_person = moved.sum() / whole if whole > 0 else 0.0
    usual = (moved + BORROWED_QUARTERS * per_person * in_care) / (span + BORROWED_QUARTERS)
    return fit_levels(homes, pressed, expected=AMPLE * usual, weight=SUPPLY_WEIGHT)


def _paces(
    h: Histories, counted: list[Exposure], register_start: int, days: Ints, quarters: int
) -> dict[int, Levels]:
    """Fit for each paced phase how fast people moved on, against the rates of the whole past."""
    which, begin, _, then = observed(h, register_start)
    group = groups_of(h)[which]
    start = h.start[which]
    until = np.minimum(h.end[which], h.as_of)
    paces = {}
    for phase in PACED:
        here = h.phase[which] == phase
        causes, rates = expected_rates(counted[phase], max(len(h.kinds), 1))
        if not len(causes):
            continue
        rate = rates.sum(axis=2)
        edges = counted[phase].edges
        total = np.zeros_like(rate)
        np.cumsum(rate[:, :-1] * np.diff(edges), axis=1, out=total[:, 1:])
        came, left, of = start[here] + begin[here], until[here].astype(np.float64), group[here]
        expected = np.zeros(quarters)
        for quarter in range(quarters):
            low, high = np.maximum(came, days[quarter]), np.minimum(left, days[quarter + 1])
            there = high > low
            stay = np.stack([low[there], high[there]]) - start[here][there]
            at = np.searchsorted(edges, stay, side="right") - 1
            used = total[of[there], at] + rate[of[there], at] * (stay - edges[at])
            expected[quarter] = (used[1] - used[0]).sum()
        moved = until[here][then[here] >= 0]
        happened = np.histogram(moved, bins=days)[0].astype(np.float64)
        paces[phase] = fit_levels(
            happened[None], expected[None], expected=np.ones(1), weight=PACE_WEIGHT
        )
    return paces


def _town_weights(h: Histories, group: Ints, groups: int, register_start: int) -> Floats:
    """Return pseudo-counts (groups, towns) of where people come from, recent ones weighing more."""
    towns = len(h.municipalities)
    which, day = events(h)[ARRIVALS]
    which = which & (day >= register_start)
    age = (h.as_of - day[which]) / 91.3
    code = group[which] * towns + h.municipality[which]
    seen = np.bincount(code, weights=TOWN_MEMORY**age, minlength=groups * towns)
    counts = seen.reshape(groups, towns)
    stock = np.bincount(h.municipality, minlength=towns).astype(np.float64)
    region_of_town = np.array([region for region, _ in h.municipalities], dtype=np.int64)
    kinds = max(len(h.kinds), 1)
    ours = region_of_town[None, :] == (np.arange(groups) // kinds)[:, None]
    usual = np.where(ours, stock, 0.0)
    share = np.divide(
        usual,
        usual.sum(axis=1, keepdims=True),
        out=np.zeros_like(usual),
        where=usual.sum(axis=1, keepdims=True) > 0,
    )
    return counts + TOWN_WEIGHT * share


def _entry_weights(h: Histories, group: Ints, groups: int, register_start: int) -> Floats:
    """Return the cumulative share (groups, phases) of the first phase of who arrives."""
    which, day = events(h)[ARRIVALS]
    which = which & (day >= register_start) & (h.came_from == NOWHERE)
    code = group[which] * len(PHASES) + np.where(h.phase[which] == OFFERED, READY, h.phase[which])
    seen = np.bincount(code, minlength=groups * len(PHASES)).astype(np.float64)
    counts = seen.reshape(groups, len(PHASES))
    nation = counts.sum(axis=0)
    nation[INTAKE] += 1e-9
    mixed = counts + ENTRY_WEIGHT * nation / nation.sum()
    return np.cumsum(mixed / mixed.sum(axis=1, keepdims=True), axis=1)


def _direct_shares(h: Histories, regions: int, register_start: int) -> Floats:
    """Return the share of homes that need no offer first; all of them where none is known."""
    served = (h.start >= register_start) & (h.came_from == READY)
    direct = np.bincount(h.region[served & (h.phase == HOUSED)], minlength=regions)
    offered = np.bincount(h.region[served & (h.phase == OFFERED)], minlength=regions)
    usual = direct.sum() / (direct.sum() + offered.sum()) if served.any() else 1.0
    if not (direct.sum() + offered.sum()):
        usual = 1.0
    if usual in (0.0, 1.0):
        return np.full(regions, usual)
    return (direct + 2 * usual) / (direct + offered + 2)


def _usual_wait(h: Histories) -> float:
    """Return the usual number of days between ready and a home or an offer."""
    served = np.isin(h.phase, (OFFERED, HOUSED)) & (h.came_from == READY)
    before = np.flatnonzero(served) - 1
    before = before[before >= 0]
    waits = h.end[before] - h.waiting_since[before]
    return float(np.median(waits)) if len(waits) else float(USUAL_WAIT_DAYS)

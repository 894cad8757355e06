"""What the past says about the future: everything the simulation draws from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from outflow.estimation import national
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
from outflow.estimation.expectations import Expected, fit_expectations
from outflow.estimation.exposure import (
    Exposure,
    Floats,
    Ints,
    exposures,
    groups_of,
)
from outflow.estimation.histories import Histories
from outflow.estimation.levels import Levels, fit_levels
from outflow.estimation.paces import Paces, fit_paces
from outflow.estimation.past import days_behind, events, flow, stock_now
from outflow.estimation.quarters import date_of, first_days, quarter_of
from outflow.estimation.supplied import Idle, homes_of_the_past, idle_now
from outflow.estimation.tables import OPEN

PACED = (INTAKE, STABILISING, PREPARING)
"""Phases whose pace may change with the times."""

PACE_WEIGHT = 10.0
"""Events that the pace of one weighs before anything is seen."""

SUPPLY_WEIGHT = 4.0
"""Homes that the guess below weighs before anything is seen."""

AMPLE = 1.5
"""Homes for each that was used, where nobody waits for months and no queue tells how many."""

BORROWED_QUARTERS = 2.0
TOWN_WEIGHT = 2.0
ENTRY_WEIGHT = 5.0
TOWN_MEMORY = 0.97
USUAL_WAIT_DAYS = 180


@dataclass(frozen=True)
class Model:
    """The fitted past of all regions.

    ``inflow`` has a series per group (region x facility type), ``supply`` one per region.
    ``towns`` (groups, towns) and ``entry`` (groups, phases) weigh where who arrives comes from and
    which phase is first. ``direct`` is the share of homes per region that is given without an
    offer that can be refused. ``behind`` says for how many days the lists are not complete yet,
    ``nation`` is the number of regions leaned on (0: published figures; None: none), ``expected``
    what expected days tell.
    """

    histories: Histories
    register_start: int
    exposures: list[Exposure]
    inflow: Levels
    supply: Levels
    idle: Idle
    paces: Paces
    towns: Floats
    entry: Floats
    direct: Floats
    wait_days: float
    behind: int = 0
    nation: int | None = None
    expected: Expected | None = None

    @property
    def kinds(self) -> int:
        return max(len(self.histories.kinds), 1)


def default_register_start(histories: Histories) -> int:
    """Return the day of the first known end of a spell, or the reference date without any."""
    ends = histories.end[histories.end < OPEN]
    return int(ends.min()) if len(ends) else histories.as_of


def learned_from(histories: Histories, register_start: int | None) -> int:
    """Return the day from which moves are counted.

    A start that was given is that day. Without one the register is known by its first end of a
    spell, which must not count itself: nobody knows how long there was none before it.
    """
    if register_start is not None:
        return register_start
    return min(default_register_start(histories) + 1, histories.as_of)


def fit(
    histories: Histories,
    *,
    register_start: int,
    nation: Mapping[str, Any] | None = None,
    expectations: pd.DataFrame | None = None,
    current: pd.DataFrame | None = None,
    target_groups: Mapping[str, str] | None = None,
) -> Model:
    """Learn from what was watched between the start of the register and the reference date.

    ``nation`` are the counts of other regions (``national_counts``), on which a region leans as
    far as its own past is short. ``expectations`` are the days of readiness that were ever
    expected, ``current`` those that hold now (``fit_expectations``). ``target_groups`` names the
    target group of clients, where a list of needs knows it.
    """
    h = histories
    regions, kinds = len(h.regions), max(len(h.kinds), 1)
    group = groups_of(h)
    behind = days_behind(h, register_start)
    sure = h.known_on(h.as_of - behind) if behind else h
    days, watched = _watched_quarters(register_start, sure.as_of)
    first, now = quarter_of(date_of(int(days[0]))), quarter_of(date_of(h.as_of))
    counted = exposures(
        h, register_start=register_start, edges=None if nation is None else national.EDGES
    )
    if nation is not None:
        counted = national.with_nation(counted, nation, h.kinds)

    in_care = stock_now(h, IN_CARE, group, regions * kinds).astype(np.float64)
    arrivals = _flow(sure, ARRIVALS, groups_of(sure), regions * kinds, days, register_start)
    return Model(
        histories=h,
        register_start=register_start,
        exposures=counted,
        inflow=_levels(arrivals, watched, in_care, first, now, nation),
        supply=_supply(
            sure,
            in_care.reshape(regions, kinds).sum(axis=1),
            days,
            watched,
            register_start,
            now,
            nation,
        ),
        idle=idle_now(h, regions, register_start),
        paces=fit_paces(
            sure,
            counted,
            register_start=register_start,
            days=days,
            now=now,
            target_groups=target_groups,
        ),
        towns=_town_weights(h, group, regions * kinds, register_start),
        entry=_entry_weights(h, group, regions * kinds, register_start, nation),
        direct=_direct_shares(h, counted, regions, register_start),
        wait_days=_usual_wait(h),
        behind=behind,
        nation=None if nation is None else int(nation["regions"]),
        expected=None
        if expectations is None
        else fit_expectations(
            h, counted, register_start=register_start, told=expectations, current=current
        ),
    )


def _watched_quarters(register_start: int, as_of: int) -> tuple[Ints, Floats]:
    """Return the first days of the quarters watched and of the next, and the share watched."""
    first = quarter_of(date_of(register_start))
    count = quarter_of(date_of(max(as_of - 1, register_start))) - first + 1
    days = first_days(first, count)
    seen = np.minimum(days[1:], as_of) - np.maximum(days[:-1], register_start)
    return days, np.clip(seen, 0, None) / np.diff(days)


def _flow(
    h: Histories, measure: int, series: Ints, count: int, days: Ints, register_start: int
) -> Floats:
    inside = days.copy()
    inside[0] = register_start
    return flow(h, measure, series, count, inside).astype(np.float64)


def _levels(
    counts: Floats,
    watched: Floats,
    in_care: Floats,
    first: int,
    now: int,
    nation: Mapping[str, Any] | None,
) -> Levels:
    """Fit counts per quarter; before anything is seen a series is as large as its people."""
    span = float(watched.sum())
    people = np.maximum(in_care, counts.sum(axis=1) / max(span, 1.0))
    whole = span * people.sum() + national.care_quarters(nation)
    came = counts.sum() + national.total(nation, "arrivals")
    per_person = came / whole if whole > 0 else 0.0
    return fit_levels(
        counts,
        np.broadcast_to(watched, counts.shape),
        expected=people * per_person,
        weight=1.0,
        first=first,
        now=now,
    )


def _supply(
    h: Histories,
    in_care: Floats,
    days: Ints,
    watched: Floats,
    register_start: int,
    now: int,
    nation: Mapping[str, Any] | None,
) -> Levels:
    """Fit the homes per quarter; where nobody ever waited there are more than were needed."""
    regions = len(h.regions)
    found = homes_of_the_past(h, regions, days, register_start)
    moved = _flow(h, ENTERS_HOUSED, h.region, regions, days, register_start).sum(axis=1)
    span = float(watched.sum())
    whole = span * in_care.sum() + national.care_quarters(nation)
    given = moved.sum() + national.total(nation, "housed")
    per_person = given / whole if whole > 0 else 0.0
    usual = (moved + BORROWED_QUARTERS * per_person * in_care) / (span + BORROWED_QUARTERS)
    ample = 1 + (AMPLE - 1) * span / (span + BORROWED_QUARTERS)
    return fit_levels(
        found.homes,
        found.watched,
        expected=ample * usual,
        weight=SUPPLY_WEIGHT,
        first=quarter_of(date_of(int(days[0]))),
        now=now,
        guessed=(AMPLE * found.least, found.unsure),
    )


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


def _entry_weights(
    h: Histories, group: Ints, groups: int, register_start: int, nation: Mapping[str, Any] | None
) -> Floats:
    """Return the cumulative share (groups, phases) of the first phase of who arrives."""
    which, day = events(h)[ARRIVALS]
    which = which & (day >= register_start) & (h.came_from == NOWHERE)
    code = group[which] * len(PHASES) + np.where(h.phase[which] == OFFERED, READY, h.phase[which])
    seen = np.bincount(code, minlength=groups * len(PHASES)).astype(np.float64)
    counts = seen.reshape(groups, len(PHASES))
    usual = counts.sum(axis=0) + national.first_phases(nation)
    usual[INTAKE] += 1e-9
    mixed = counts + ENTRY_WEIGHT * usual / usual.sum()
    return np.cumsum(mixed / mixed.sum(axis=1, keepdims=True), axis=1)


def _direct_shares(
    h: Histories, counted: list[Exposure], regions: int, register_start: int
) -> Floats:
    """Return the share of homes that need no offer first.

    All of them where no offer is known, or none was ever answered: whoever got one would wait for
    an answer for ever.
    """
    if not counted[OFFERED].moved.any():
        return np.ones(regions)
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
    served = ((h.phase == OFFERED) | (h.phase == HOUSED)) & (h.came_from == READY)
    before = np.flatnonzero(served) - 1
    before = before[before >= 0]
    waits = h.end[before] - h.waiting_since[before]
    return float(np.median(waits)) if len(waits) else float(USUAL_WAIT_DAYS)

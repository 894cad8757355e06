"""What other regions know: counts of moves and person-days that can be added and handed on.

Numbers only, by phase, facility type and days stayed: nobody can be recognised in them once they
are added up. A region leans on them as far as its own past is short.

``published()`` stands in where there is no other region yet. It is worth a dozen moves a phase, so
a few quarters of own histories outweigh it. It rests on: a third of the people in sheltered
housing can move on (Commissie Dannenberg, 2015; read here as three years from intake to ready on
average); shelter stays of 8 months (Leger des Heils, 2017); yearly inflow of half the people there
(CBS, Verblijf en opvang 2020: Alkmaar, Almere, Amersfoort and Apeldoorn, 1,435 on 2,850); 70 per
cent of the homes needed delivered (Utrecht, 2023); a return of 4 to 17 per cent (two pilots, 2018
and 2023; the middle). How the time divides over the phases is published nowhere: an assumption.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from outflow.estimation.contract import (
    ARRIVALS,
    ENTERS_HOUSED,
    FACILITY_TYPES,
    IN_CARE,
    NOWHERE,
    PHASES,
    STATES,
)
from outflow.estimation.errors import EstimateError
from outflow.estimation.exposure import (
    HALF_A_DAY,
    Exposure,
    Floats,
    Ints,
    observed,
    spike_days,
)
from outflow.estimation.histories import Histories, follow
from outflow.estimation.past import events
from outflow.estimation.quarters import DAYS_PER_QUARTER, day_number
from outflow.estimation.tables import OPEN, read_spells

SCHEMA = "weerthuis/national-counts/1"
TABLES = ("moves", "days", "care_days", "arrivals", "first", "housed")

EDGES = np.array(
    [0, 14, 30, 61, 91, 122, 183, 274, 365, 548, 730, 731, 1096, 1461, 2192], dtype=np.float64
)
"""Days stayed at which the bins begin: the same everywhere, so that counts can be added. Guidance
after the move ends after two years to the day."""

REGION_WEIGHT = 30.0
"""Own moves at which a region's own pace weighs as much as the nation's: regions then differ by
about 18 per cent."""

BINS = [str(number) for number in range(len(EDGES))]
PARTS = {"moves": 4, "days": 3, "care_days": 1, "arrivals": 1, "first": 2, "housed": 1}
"""How many parts the names of a table have: facility type, phase, bin, move."""

MOST_COUNTED = 10**12
MOST_SHOWN = 200

A_DOZEN = 12
YEAR = 365


def national_counts(
    spells: pd.DataFrame, *, as_of: date, register_start: date | None = None
) -> dict[str, Any]:
    """Return the counts of a register, as JSON holds them: whole numbers by name.

    The spells are those of ``estimate``; only what happened before ``as_of`` counts.
    """
    today = day_number(as_of)
    h = follow(read_spells(spells), as_of=today)
    ends = h.end[h.end < OPEN]
    # As in `model.learned_from`: the end by which a register is known does not count itself.
    after_first_end = min(int(ends.min()) + 1, today) if len(ends) else today
    since = after_first_end if register_start is None else day_number(register_start)
    return counts_of(h, since)


def counts_of(h: Histories, register_start: int) -> dict[str, Any]:
    """Return the counts of histories, all their regions together."""
    found = _nothing(len(h.regions))
    which, begin, _, then = observed(h, register_start)
    phase, kind = h.phase[which], h.kind[which]
    came = begin.astype(np.int64)
    left = np.minimum(h.end[which], h.as_of) - h.start[which]
    names = np.array([*h.kinds, ""], dtype=object)
    for number, kind_name in enumerate(h.kinds):
        for place, phase_name in enumerate(PHASES):
            here = (phase == place) & (kind == number)
            days = _days_by_bin(came[here], left[here])
            moved = here & (then >= 0)
            at = np.searchsorted(EDGES, left[moved], side="right") - 1
            code, count = np.unique(at * len(STATES) + then[moved], return_counts=True)
            for each, many in zip(code.tolist(), count.tolist(), strict=True):
                bin_number, state = divmod(each, len(STATES))
                key = f"{kind_name}|{phase_name}|{bin_number}|{STATES[state]}"
                found["moves"][key] = many
            for bin_number in np.flatnonzero(days).tolist():
                key = f"{kind_name}|{phase_name}|{bin_number}"
                found["days"][key] = int(days[bin_number])
    care = np.isin(phase, IN_CARE)
    for number in range(len(h.kinds)):
        days_here = int((left - came)[care & (kind == number)].sum())
        found["care_days"][str(names[number])] = days_here
    for table, measure in (("arrivals", ARRIVALS), ("housed", ENTERS_HOUSED)):
        counts, day = events(h)[measure]
        counts = counts & (day >= register_start)
        for number in range(len(h.kinds)):
            found[table][str(names[number])] = int((counts & (h.kind == number)).sum())
    arrived, day = events(h)[ARRIVALS]
    arrived = arrived & (day >= register_start) & (h.came_from == NOWHERE)
    for number in range(len(h.kinds)):
        for place, phase_name in enumerate(PHASES):
            count_first = int((arrived & (h.kind == number) & (h.phase == place)).sum())
            found["first"][f"{names[number]}|{phase_name}"] = count_first
    return _without_zeros(found)


def add_national(
    parts: Iterable[Mapping[str, Any]], *, without: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the counts of several registers together, less one that is among them.

    Raises
    ------
    EstimateError
        When what is taken away was never in.
    """
    total = _nothing(0)
    for part in parts:
        total["regions"] += part["regions"]
        for table in TABLES:
            for key, count in part[table].items():
                total[table][key] = total[table].get(key, 0) + count
    if without is not None:
        total["regions"] -= without["regions"]
        for table in TABLES:
            for key, count in without[table].items():
                total[table][key] = total[table].get(key, 0) - count
        lowest = min((min(total[table].values(), default=0) for table in TABLES), default=0)
        if lowest < 0 or total["regions"] < 0:
            raise EstimateError("nation", "These national counts do not hold what is taken away.")
    return _without_zeros(total)


def published() -> dict[str, Any]:
    """Return counts as published figures let expect them, worth a dozen moves a phase."""
    found = _nothing(0)
    days = {
        "BW": {"intake": 90, "stabilising": 640, "preparing": 365, "offered": 30},
        "MO": {"intake": 30, "stabilising": 120, "preparing": 90, "offered": 30},
    }
    after = {
        "intake": "stabilising",
        "stabilising": "preparing",
        "preparing": "ready",
        "offered": "housed",
    }
    upper = np.append(EDGES[1:], EDGES[-1] + 10 * YEAR)
    for kind in FACILITY_TYPES:
        for phase, usual in days[kind].items():
            gone = 1 - np.exp(-np.append(EDGES, upper[-1]) / usual)
            moves = np.diff(np.round(A_DOZEN * gone))
            for bin_number in np.flatnonzero(moves).tolist():
                many = int(moves[bin_number])
                found["moves"][f"{kind}|{phase}|{bin_number}|{after[phase]}"] = many
            stayed = np.round(np.diff(gone) * A_DOZEN * usual)
            for bin_number in np.flatnonzero(stayed).tolist():
                found["days"][f"{kind}|{phase}|{bin_number}"] = int(stayed[bin_number])
        width = np.diff(np.minimum(EDGES, 730))
        for bin_number in np.flatnonzero(width).tolist():
            found["days"][f"{kind}|housed|{bin_number}"] = int(A_DOZEN * width[bin_number])
        found["moves"][f"{kind}|housed|{int(np.flatnonzero(EDGES == 365)[0])}|stabilising"] = 1
        spike = int(np.flatnonzero(EDGES == 730)[0])
        found["moves"][f"{kind}|housed|{spike}|end_of_aftercare"] = A_DOZEN - 1
        found["care_days"][kind] = 2 * A_DOZEN * YEAR
        found["arrivals"][kind] = A_DOZEN
        found["first"][f"{kind}|intake"] = A_DOZEN
        found["housed"][kind] = round(0.7 * 2 * A_DOZEN / 3)
    return found


def with_nation(
    counted: list[Exposure], nation: Mapping[str, Any], kinds: list[str]
) -> list[Exposure]:
    """Return the exposures (with EDGES) and behind their groups those of the nation."""
    names = kinds or [""]
    found = []
    for phase, exposure in zip(PHASES, counted, strict=True):
        moved = np.zeros((len(names), len(EDGES), len(STATES)))
        days = np.zeros((len(names), len(EDGES)))
        for row, kind in enumerate(names):
            for number in range(len(EDGES)):
                days[row, number] = nation["days"].get(f"{kind}|{phase}|{number}", 0)
                for state, state_name in enumerate(STATES):
                    key = f"{kind}|{phase}|{number}|{state_name}"
                    moved[row, number, state] = nation["moves"].get(key, 0)
        days += HALF_A_DAY * moved.sum(axis=2)
        one_day = np.diff(np.append(EDGES, np.inf)) == 1
        days[:, one_day] = spike_days(moved[:, one_day].sum(axis=2), days[:, one_day])
        found.append(
            Exposure(
                exposure.edges,
                np.concatenate([exposure.moved, moved]),
                np.concatenate([exposure.person_days, days]),
                weight=REGION_WEIGHT,
            )
        )
    return found


def care_quarters(nation: Mapping[str, Any] | None) -> float:
    """Return the quarters that people were in care, all added up."""
    return 0.0 if nation is None else sum(nation["care_days"].values()) / DAYS_PER_QUARTER


def total(nation: Mapping[str, Any] | None, table: str) -> float:
    """Return the sum of one table of the counts."""
    return 0.0 if nation is None else float(sum(nation[table].values()))


def first_phases(nation: Mapping[str, Any] | None) -> Floats:
    """Return how often each phase was the first one."""
    found = np.zeros(len(PHASES))
    for key, count in ({} if nation is None else nation["first"]).items():
        found[PHASES.index(key.split("|")[1])] += count
    return found


def check_nation(nation: Mapping[str, Any]) -> None:
    """Refuse what are not the counts of ``national_counts``."""
    if nation.get("schema") != SCHEMA:
        raise _no_counts('"schema" is not "%(schema)s"', schema=SCHEMA)
    for key in ("regions", *TABLES):
        if key not in nation:
            raise _no_counts('"%(key)s" is missing', key=key)
    for key in nation:
        if key not in ("schema", "regions", *TABLES):
            raise _no_counts('there is no "%(key)s"', key=str(key)[:MOST_SHOWN])
    regions = nation["regions"]
    if isinstance(regions, float) or not _is_count(regions):
        raise _no_counts('"regions" is not a number of regions')
    for table in TABLES:
        if not isinstance(nation[table], Mapping):
            raise _no_counts('"%(key)s" does not hold counts by name', key=table)
        for name, count in nation[table].items():
            if not _is_named(table, name):
                raise _no_counts(
                    '"%(key)s" cannot have "%(name)s"', key=table, name=str(name)[:MOST_SHOWN]
                )
            if not _is_count(count):
                raise _no_counts('"%(name)s" of "%(key)s" is not a count', key=table, name=name)


def _no_counts(why: str, **facts: object) -> EstimateError:
    return EstimateError("nation", f"nation does not hold national counts: {why}.", **facts)


def _is_count(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value <= MOST_COUNTED


def _is_named(table: str, name: object) -> bool:
    """Say whether a table can have a count of this name: a facility type, phase, bin and move."""
    known: tuple[Collection[str], ...] = (FACILITY_TYPES, PHASES, BINS, STATES)
    parts = name.split("|") if isinstance(name, str) else []
    return len(parts) == PARTS[table] and all(
        part in words for part, words in zip(parts, known, strict=False)
    )


def _days_by_bin(came: Ints, left: Ints) -> Ints:
    upper = np.append(EDGES[1:], np.inf)
    return np.array(
        [
            np.clip(np.minimum(left, high) - np.maximum(came, low), 0, None).sum()
            for low, high in zip(EDGES, upper, strict=True)
        ]
    ).astype(np.int64)


def _nothing(regions: int) -> dict[str, Any]:
    return {"schema": SCHEMA, "regions": regions} | {table: {} for table in TABLES}


def _without_zeros(found: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {key: value[key] for key in sorted(value) if value[key]} if name in TABLES else value
        for name, value in found.items()
    }

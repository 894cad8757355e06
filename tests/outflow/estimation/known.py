"""Models of which every number is known, to hold the simulation itself against what must be."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from outflow.estimation.contract import PHASES, STATES, Counts
from outflow.estimation.exposure import Exposure
from outflow.estimation.histories import Histories, follow
from outflow.estimation.homes import REGION_WIDE, Plan
from outflow.estimation.horizon import Horizon
from outflow.estimation.levels import Levels
from outflow.estimation.model import Model, fit
from outflow.estimation.quarters import day_number
from outflow.estimation.simulation import simulate_all
from outflow.estimation.tables import read_spells
from outflow.estimation.task import LONGEST_READY, Task
from tests.outflow.estimation.plain import Rates

AS_OF = date(2026, 10, 1)
TODAY = day_number(AS_OF)
SURE_DAYS = 1e12
"""Person-days behind a rate that is known: draws of it differ in the sixth digit."""


def known_model(
    spells: pd.DataFrame,
    rates: Mapping[str, Rates],
    *,
    direct: float,
    arrivals: float = 0.0,
    places: Sequence[tuple[str, str]] = (),
) -> Model:
    """Return a model of which every number is known: rates by facility type, arrivals, offers."""
    histories = follow(read_spells(spells), as_of=TODAY, places=places)
    learnt = fit(histories, register_start=TODAY)
    return replace(
        learnt,
        exposures=[_exposure(histories, rates, phase) for phase in PHASES],
        inflow=_steady(learnt.inflow, arrivals),
        paces=replace(
            learnt.paces, times={}, regions=None, of_client=np.ones(len(histories.keys)), unlike=0.0
        ),
        direct=np.full(len(histories.regions), direct),
    )


def _steady(levels: Levels, mean: float) -> Levels:
    """Return levels beyond doubt: so many a quarter in each series, with the scatter of chance."""
    return replace(
        levels,
        memory=np.ones_like(levels.memory),
        scatter=np.ones_like(levels.scatter),
        season=np.ones_like(levels.season),
        shape=np.full_like(levels.shape, SURE_DAYS if mean > 0 else 0.0),
        exposure=np.full_like(levels.shape, SURE_DAYS / mean if mean > 0 else 0.0),
    )


def _exposure(histories: Histories, rates: Mapping[str, Rates], phase: str) -> Exposure:
    """Return the counts of a phase that was watched so long that its rates are beyond doubt."""
    edges = sorted({0, *(day for kind in rates for day, _ in rates[kind].get(phase, ()))})
    groups = len(histories.regions) * len(histories.kinds)
    moved = np.zeros((groups, len(edges), len(STATES)))
    for group in range(groups):
        bins = rates[histories.kinds[group % len(histories.kinds)]].get(phase, ())
        for place, edge in enumerate(edges):
            for each in [each for day, each in bins if day <= edge][-1:]:
                for state, rate in each.items():
                    moved[group, place, STATES.index(state)] = rate * SURE_DAYS
    return Exposure(np.array(edges, float), moved, np.full((groups, len(edges)), SURE_DAYS))


def counts_of(
    model: Model,
    plan: Plan,
    *,
    quarters: int,
    days_a_quarter: int,
    draws: int,
    leads: np.ndarray | None = None,
    queue: str = LONGEST_READY,
) -> Counts:
    """Return the counts of the simulation over quarters of our own length."""
    days = TODAY + days_a_quarter * np.arange(quarters + 1)
    horizon = Horizon(days, np.ones(quarters))
    task = Task(model, horizon, seed=1, plan=plan, leads=leads, queue=queue)
    return simulate_all(task, draws=draws)[0].counts


def spell(name: str, kind: str, town: str, phase: str, since: int, region: str = "R") -> list[str]:
    begun = (AS_OF + timedelta(days=since)).isoformat()
    return [name, region, "", kind, town, phase, begun, "", ""]


def planned(histories: Histories, homes: Sequence[tuple[str, str, int]]) -> Plan:
    """Return homes as (region, municipality or "*", day from the reference date)."""
    rows = []
    for region, town, day in homes:
        place = histories.regions.index(region)
        named = REGION_WIDE if town == "*" else histories.municipalities.index((place, town))
        rows.append((TODAY + day, place, named))
    days, regions, towns = np.array(sorted(rows), dtype=np.int64).reshape(-1, 3).T
    return Plan(regions, towns, days)

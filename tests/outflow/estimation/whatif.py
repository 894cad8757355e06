"""A small invented register, and what scenarios make of it, for the tests of scenarios."""

from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from outflow.estimation import Scenario
from outflow.estimation.contract import IN_CARE, MEASURES
from outflow.estimation.histories import follow
from outflow.estimation.homes import plan
from outflow.estimation.knobs import resolved
from outflow.estimation.model import fit
from outflow.estimation.past import stock_now
from outflow.estimation.quarters import day_number, first_days, quarter_of
from outflow.estimation.simulation import Horizon, simulate_all
from outflow.estimation.tables import read_spells, read_supply
from outflow.estimation.task import Task
from tests.outflow.estimation.truths import Truth, World

AS_OF = date(2026, 10, 1)
QUARTERS = 6
DRAWS = 25
FIRST = quarter_of(AS_OF)
SMALL = Truth(regions=2, arrivals_per_quarter=10, homes_per_quarter=6, years=4, years_before=3)
OPTIONS: dict[str, Any] = {"as_of": AS_OF, "quarters": QUARTERS, "draws": DRAWS, "seed": 3}


@cache
def register(seed: int = 1) -> pd.DataFrame:
    return World(SMALL, seed).spells()


@cache
def model_of(seed: int = 1):
    histories = follow(read_spells(register(seed)), as_of=day_number(AS_OF))
    return fit(histories, register_start=day_number(World(SMALL, seed).start))


def what_if(*changes: dict[str, Any], name: str = "what if") -> Scenario:
    return Scenario.from_dict({"name": name, "changes": list(changes)})


def in_care_now(model) -> np.ndarray:
    h = model.histories
    kinds = len(h.kinds)
    return stock_now(h, IN_CARE, h.municipality * kinds + h.kind, len(h.municipalities) * kinds)


def counts_of(
    *scenarios: Scenario, seed: int = 1, supply: pd.DataFrame | None = None
) -> list[np.ndarray]:
    """Return counts (draws, cells, measures, quarters) of the estimate and of each scenario."""
    model = model_of(seed)
    h = model.histories
    days = first_days(FIRST, QUARTERS)
    futures = tuple(
        resolved(each, h, first_quarter=FIRST, quarters=QUARTERS, in_care=in_care_now(model))
        for each in (None, *scenarios)
    )
    task = Task(
        model,
        Horizon(days, np.ones(QUARTERS)),
        seed=seed,
        futures=futures,
        plan=None
        if supply is None
        else plan(
            read_supply(supply),
            regions=h.regions,
            towns=h.municipalities,
            first_quarter=FIRST,
            days=days,
            as_of=day_number(AS_OF),
        ),
    )
    return [outcome.counts for outcome in simulate_all(task, draws=DRAWS)]


def total(counts: np.ndarray, name: str) -> np.ndarray:
    """Return a measure of everybody: (draws, quarters)."""
    return counts[:, :, MEASURES.index(name)].sum(axis=1)


EVERY_KIND = (
    {"what": "inflow", "how": "times", "value": 1.6},
    {"what": "inflow", "how": "times", "value": 0.4, "from": "2027Q2"},
    {"what": "inflow", "how": "set", "value": 14, "until": "2027Q3"},
    {"what": "inflow", "how": "set", "value": 3, "facility_type": "MO", "municipality": "Elmstede"},
    {"what": "readiness", "how": "times", "value": 1.5, "from": "2027Q1", "until": "2027Q3"},
    {"what": "readiness", "how": "times", "value": 0.5, "facility_type": "BW"},
    {"what": "relapse", "how": "times", "value": 2.5},
    {"what": "relapse", "how": "times", "value": 0},
    {"what": "places", "how": "set", "value": 40},
    {"what": "places", "how": "times", "value": 0.9, "facility_type": "BW"},
    {"what": "contingent", "how": "times", "value": 1.7},
    {"what": "contingent", "how": "set", "value": 2, "from": "2027Q1"},
    {"what": "contingent", "how": "set", "value": 3, "municipality": "Elmstede"},
    {"what": "policy_share", "share": 0.5, "by": "2027Q3"},
)

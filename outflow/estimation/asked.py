"""What an estimate is asked: options and tables, checked, and what follows before any fitting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from outflow.estimation.contract import (
    IN_CARE,
    MAX_DRAWS,
    MAX_QUARTERS,
    NEED_COLUMNS,
)
from outflow.estimation.errors import EstimateError
from outflow.estimation.histories import Histories, follow
from outflow.estimation.homes import Plan, plan
from outflow.estimation.horizon import Horizon
from outflow.estimation.households import household_of, joins, leads
from outflow.estimation.knobs import Knobs, resolved
from outflow.estimation.model import Model, default_register_start
from outflow.estimation.past import stock_now
from outflow.estimation.profiles import profiles
from outflow.estimation.quarters import day_number, first_days, quarter_of
from outflow.estimation.report import (
    fingerprint,
)
from outflow.estimation.scenarios import Scenario, check
from outflow.estimation.tables import (
    Supply,
    read_expectations,
    read_needs,
    read_places,
    read_spells,
    read_supply,
)
from outflow.estimation.task import QUEUES, Task

MOST_PROCESSES = 64
YEARS = (1900, 2200)


@dataclass(frozen=True)
class Asked:
    """The tables as read, and what follows from them before anything is fitted."""

    read: pd.DataFrame
    planned: Supply | None
    needs: pd.DataFrame | None
    expectations: pd.DataFrame | None
    current: pd.DataFrame | None
    places: dict[tuple[str, str], int]
    histories: Histories
    since: int
    first_quarter: int
    horizon: Horizon
    homes: Plan | None


def read_all(
    spells: pd.DataFrame,
    supply: pd.DataFrame | None,
    needs: pd.DataFrame | None,
    expectations: pd.DataFrame | None,
    places: pd.DataFrame | None,
    as_of: date,
    quarters: int,
    register_start: date | None,
) -> Asked:
    """Return the tables read and checked, histories mended; options are those of ``estimate``."""
    today = day_number(as_of)
    read = read_spells(spells)
    planned = None if supply is None else read_supply(supply)
    clients = [] if needs is None and expectations is None else sorted(set(read["client"]))
    more = [] if planned is None else zip(planned.regions, planned.municipalities, strict=True)
    first_quarter = quarter_of(as_of)
    whole = first_days(first_quarter, quarters)
    days = np.maximum(whole, today)
    known = None if needs is None else read_needs(needs, clients)
    dates = None if expectations is None else read_expectations(expectations, clients)
    histories = follow(read, as_of=today, places=more, told=_told(known, dates))
    dated = needs is not None and "expected_ready" in needs.columns
    return Asked(
        read=read,
        planned=planned,
        needs=known,
        current=known[["client", "expected_ready"]] if known is not None and dated else None,
        expectations=dates,
        places={} if places is None else read_places(places, histories.regions),
        histories=histories,
        since=(
            default_register_start(histories)
            if register_start is None
            else day_number(register_start)
        ),
        first_quarter=first_quarter,
        horizon=Horizon(days, np.diff(days) / np.diff(whole)),
        homes=None
        if planned is None
        else plan(
            planned,
            regions=histories.regions,
            towns=histories.municipalities,
            first_quarter=first_quarter,
            days=whole,
            as_of=today,
        ),
    )


def _told(needs: pd.DataFrame | None, dates: pd.DataFrame | None) -> dict[str, str]:
    """Return all that is known of clients beside their histories, one text each."""
    found: dict[str, str] = {}
    if needs is not None:
        # The household last: of all a client has it is the nearest to a name.
        columns = [*sorted(set(NEED_COLUMNS) - {"client", "household"}), "household"]
        texts = zip(*(needs[name].map(str) for name in columns), strict=True)
        found = dict(zip(needs["client"], map("\x1f".join, texts), strict=True))
    if dates is not None:
        columns = ["client", "recorded_on", "expected_ready"]
        for client, *days in dates[columns].sort_values(columns).itertuples(index=False):
            found[client] = f"{found.get(client, '')}\x1f{days}"
    return found


def futures_of(asked: Asked, scenarios: Sequence[Scenario], quarters: int) -> list[Knobs]:
    """Return the estimate's own future and that of each scenario, or refuse what cannot be."""
    h = asked.histories
    kinds = max(len(h.kinds), 1)
    cell = h.municipality * kinds + h.kind
    in_care = stock_now(h, IN_CARE, cell, len(h.municipalities) * kinds)
    check(
        scenarios,
        first_quarter=asked.first_quarter,
        quarters=quarters,
        municipalities=sorted({name for _, name in h.municipalities}),
        facility_types=h.kinds,
        planned=None if asked.planned is None else asked.planned.municipalities,
        in_care=int(in_care.sum()),
        regions=len(h.regions),
    )
    return [
        resolved(
            scenario,
            h,
            first_quarter=asked.first_quarter,
            quarters=quarters,
            in_care=in_care,
            places=asked.places,
        )
        for scenario in (None, *scenarios)
    ]


def task_of(asked: Asked, model: Model, *, seed: int, queue: str) -> Task:
    """Return what is to be simulated: the estimate's own future; scenarios replace ``futures``."""
    h, needs = asked.histories, asked.needs
    shared = None if needs is None else leads(h, household_of(needs))
    return Task(
        model,
        asked.horizon,
        seed=seed,
        plan=asked.homes,
        leads=shared,
        joins=None if needs is None else joins(h, needs, shared),
        queue=queue,
        profiles=None if needs is None else profiles(h, needs),
        by_need=needs is not None,
        waits=True,
    )


def fingerprint_of(
    asked: Asked, task: Task, options: list[object], nation: Mapping[str, Any] | None
) -> str:
    """Return the fingerprint: equal for equal questions, whatever the order of rows."""
    h, known, told_before = asked.histories, task.profiles, asked.expectations
    places = [[*place, most] for place, most in sorted(asked.places.items())]
    rows = [] if known is None else [repr(need) for need in known.rows]
    dates = None
    if told_before is not None:
        number = {name: client for client, name in enumerate(h.names)}
        dates = sorted(
            (number[str(client)], int(told_on), int(day))
            for client, told_on, day in zip(
                told_before["client"],
                told_before["recorded_on"],
                told_before["expected_ready"],
                strict=True,
            )
            if client in number
        )
    return fingerprint(
        h,
        asked.planned,
        [task.leads, None if known is None else known.of_client],
        [*options, asked.since, task.queue, places, rows, dates, nation],
    )


def check_options(
    as_of: object,
    quarters: object,
    draws: object,
    seed: object,
    register_start: object,
    queue: object,
    processes: object,
) -> None:
    """Refuse options that cannot be, naming the option."""
    for name, day in (("as_of", as_of), ("register_start", register_start)):
        if day is None and name == "register_start":
            continue
        if not isinstance(day, date) or isinstance(day, datetime):
            raise EstimateError("option", "%(name)s must be a date.", name=name)
        if not YEARS[0] <= day.year <= YEARS[1]:
            raise EstimateError(
                "option",
                "%(name)s must lie between the years %(least)d and %(most)d.",
                name=name,
                least=YEARS[0],
                most=YEARS[1],
            )
    for name, value, least, most in (
        ("quarters", quarters, 1, MAX_QUARTERS),
        ("draws", draws, 1, MAX_DRAWS),
        ("seed", seed, 0, 2**63 - 1),
        ("processes", processes, 1, MOST_PROCESSES),
    ):
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise EstimateError(
                "option",
                "%(name)s must be a whole number from %(least)d to %(most)d.",
                name=name,
                least=least,
                most=most,
            )
    if queue not in QUEUES:
        raise EstimateError(
            "option",
            "queue must be %(known)s.",
            known=" or ".join(QUEUES),
        )
    if isinstance(as_of, date) and isinstance(register_start, date) and register_start > as_of:
        raise EstimateError("option", "register_start must not lie after as_of.")

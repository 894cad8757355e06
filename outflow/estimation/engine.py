"""The estimate as a whole: tables in, the result of the contract out."""

import hashlib
import json
import platform
import time
from collections.abc import Callable
from datetime import date, datetime

import numpy as np
import pandas as pd

from outflow.estimation.backtest import backtest
from outflow.estimation.contract import (
    CORE_VERSION,
    DAYS_A_DWELLING_WAITS,
    MAX_DRAWS,
    MAX_QUARTERS,
    SCHEMA,
)
from outflow.estimation.counting import series
from outflow.estimation.errors import EstimateError
from outflow.estimation.exposure import Ints
from outflow.estimation.histories import Histories, Warned, follow
from outflow.estimation.homes import Plan, plan
from outflow.estimation.households import leads
from outflow.estimation.model import Model, default_register_start, fit
from outflow.estimation.quarters import date_of, day_number, first_days, label, quarter_of
from outflow.estimation.simulation import Horizon, simulate
from outflow.estimation.tables import FIRST_ROW, Supply, read_needs, read_spells, read_supply

Progress = Callable[[str, int, int], None]


def estimate(
    spells: pd.DataFrame,
    supply: pd.DataFrame | None,
    *,
    as_of: date,
    quarters: int,
    draws: int,
    seed: int,
    register_start: date | None = None,
    needs: pd.DataFrame | None = None,
    progress: Progress | None = None,
) -> dict[str, object]:
    """Estimate how many people become ready, are housed and wait, quarter by quarter.

    Parameters
    ----------
    spells, supply, needs
        Tables as the contract has them (docs/estimator.md); days as dates or ISO text. Without
        ``supply`` the homes are estimated from the past.
    as_of
        The reference date: only what happened before it counts.
    quarters
        How many quarters to look ahead, beginning with what is left of the one that holds
        ``as_of``.
    draws
        How many possible futures to draw, at least 1.
    seed
        Equal input and seed give an equal result, whatever the order of rows.
    register_start
        The day from which the lists are complete (default: the first end of a spell).
    progress
        Called with a word for the stage, parts done, parts in all.

    Raises
    ------
    EstimateError
        For an input that is not valid, with one sentence that names row and column.
    """
    began = time.perf_counter()
    _check_options(as_of, quarters, draws, seed, register_start)
    tell = progress or (lambda stage, done, total: None)
    tell("reading", 0, 1)
    today = day_number(as_of)
    read = read_spells(spells)
    planned = None if supply is None else read_supply(supply)
    homes = {} if needs is None else read_needs(needs, sorted(set(read["client"])))
    places = [] if planned is None else zip(planned.regions, planned.municipalities, strict=True)
    histories = follow(read, as_of=today, places=places)
    since = (
        default_register_start(histories) if register_start is None else day_number(register_start)
    )

    tell("fitting", 0, 1)
    model = fit(histories, register_start=since)
    first_quarter = quarter_of(as_of)
    whole = first_days(first_quarter, quarters)
    days = np.maximum(whole, today)
    horizon = Horizon(days, np.diff(days) / np.diff(whole))
    shared = leads(histories, homes)
    counts = simulate(
        model,
        horizon,
        plan=_plan(planned, histories, first_quarter, whole, today),
        leads=shared,
        draws=draws,
        seed=seed,
        progress=lambda done, total: tell("simulating", done, total),
    )
    tested = backtest(
        histories,
        register_start=since,
        seed=seed,
        progress=lambda done, total: tell("checking", done, total),
    )
    warnings = histories.warnings + _about_data(histories, since, bool(tested))
    warnings += _about_supply(planned, read)
    return {
        "schema": SCHEMA,
        "as_of": as_of.isoformat(),
        "seed": seed,
        "draws": draws,
        "core_version": CORE_VERSION,
        "fingerprint": _fingerprint(
            histories, planned, shared, [as_of.isoformat(), quarters, draws, seed, since]
        ),
        "assumptions": _assumptions(model, planned, register_start),
        "warnings": [warned.as_dict() for warned in sorted(warnings, key=lambda w: w.code)],
        "series": series(counts, histories, first_quarter=first_quarter),
        "backtest": tested,
        "run": {
            "seconds": round(time.perf_counter() - began, 3),
            "versions": {
                "python": platform.python_version(),
                "numpy": np.__version__,
                "pandas": pd.__version__,
            },
        },
    }


def _check_options(
    as_of: object, quarters: object, draws: object, seed: object, register_start: object
) -> None:
    for name, day in (("as_of", as_of), ("register_start", register_start)):
        if day is None and name == "register_start":
            continue
        if not isinstance(day, date) or isinstance(day, datetime):
            raise EstimateError("option", "%(name)s must be a date.", name=name)
    for name, value, least, most in (
        ("quarters", quarters, 1, MAX_QUARTERS),
        ("draws", draws, 1, MAX_DRAWS),
        ("seed", seed, 0, 2**63 - 1),
    ):
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise EstimateError(
                "option",
                "%(name)s must be a whole number from %(least)d to %(most)d.",
                name=name,
                least=least,
                most=most,
            )
    if isinstance(as_of, date) and isinstance(register_start, date) and register_start > as_of:
        raise EstimateError("option", "register_start must not lie after as_of.")


def _plan(
    planned: Supply | None, h: Histories, first_quarter: int, days: Ints, today: int
) -> Plan | None:
    if planned is None:
        return None
    return plan(
        planned,
        regions=h.regions,
        towns=h.municipalities,
        first_quarter=first_quarter,
        days=days,
        as_of=today,
    )


def _about_data(h: Histories, since: int, tested: bool) -> list[Warned]:
    found = []
    if since >= h.as_of:
        found.append(
            Warned(
                "no_history",
                (),
                "Nothing that ended before the reference date: nobody is expected to move on.",
                count=0,
            )
        )
    if not tested:
        found.append(
            Warned(
                "no_backtest",
                (),
                "The history is too short to try the estimate on its own past: three years are "
                "needed.",
                count=0,
            )
        )
    return found


def _about_supply(planned: Supply | None, read: pd.DataFrame) -> list[Warned]:
    if planned is None:
        return []
    lived = set(read["region"])
    strange = [row for row, name in enumerate(planned.regions, FIRST_ROW) if name not in lived]
    left_out = read.loc[~read["region"].isin(planned.regions), "row"]
    return [
        Warned(code, tuple(int(row) for row in rows), message)
        for code, rows, message in (
            (
                "region_only_in_supply",
                strange,
                "Rows of supply whose region has no spells: zeros.",
            ),
            (
                "region_without_supply",
                list(left_out),
                "Spells of regions that the supply does not name: no homes are expected there.",
            ),
        )
        if len(rows)
    ]


def _assumptions(
    model: Model, planned: Supply | None, register_start: date | None
) -> list[dict[str, object]]:
    """Return what the estimate takes for granted, with where each comes from."""
    h = model.histories
    kinds = model.kinds
    inflow = model.inflow.mean().reshape(-1, kinds).sum(axis=1)
    supply = model.supply.mean()
    rows: list[tuple[str, object, str]] = [
        (
            "register_start",
            date_of(model.register_start).isoformat(),
            "the first end of a spell" if register_start is None else "given",
        ),
        ("days_a_dwelling_waits", DAYS_A_DWELLING_WAITS, "contract"),
        ("queue", "longest ready first, own municipality first", "contract"),
    ]
    for number, region in enumerate(h.regions):
        rows.append((f"arrivals_per_quarter:{region}", round(float(inflow[number]), 2), "spells"))
        if planned is None:
            rows.append(
                (
                    f"dwellings_per_quarter:{region}",
                    round(float(supply[number]), 2),
                    "homes moved into in the past",
                )
            )
    if planned is not None:
        rows.append(("dwellings", "as planned, certain", "supply"))
        if len(planned.quarters):
            rows.append(("dwellings_planned_until", label(int(planned.quarters.max())), "supply"))
    return [{"name": name, "value": value, "source": source} for name, value, source in rows]


def _fingerprint(
    h: Histories, planned: Supply | None, shared: Ints | None, options: list[object]
) -> str:
    """Return a digest of what the estimate used, free of row order and of client refs."""
    homes = (
        None
        if planned is None
        else sorted(
            zip(
                planned.regions,
                planned.municipalities,
                planned.quarters.tolist(),
                planned.dwellings.tolist(),
                strict=True,
            )
        )
    )
    digest = hashlib.sha256(h.keys.tobytes())
    digest.update(b"" if shared is None else shared.tobytes())
    digest.update(json.dumps([CORE_VERSION, homes, options]).encode())
    return digest.hexdigest()

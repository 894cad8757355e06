"""Answers one question with the work of others; runs in the environment of requirements.lock.

python run.py QUESTION IN.csv OUT.csv OPTIONS.json

Knows nothing of the project: tables go in and out as CSV (bench/oracle_exchange.py asks).
"""

import json
import logging
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import scoringrules
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching
from sksurv.datasets import load_bmt, load_cgvhd
from sksurv.nonparametric import cumulative_incidence_competing_risks, kaplan_meier_estimator
from statsforecast import StatsForecast
from statsforecast.models import AutoETS, HistoricAverage

PACKAGES = ("statsforecast", "scikit-survival", "scoringrules", "scipy", "numpy", "pandas")
POINTS = 100
"""Quantiles of a forecast, in the middle of as many equal parts."""

A_YEAR = 4
LEAST_QUARTERS = 2 * A_YEAR
"""With fewer quarters a season is not asked for: there would be one of each to learn from."""

ROWS_FOR_ONE_PROCESS = 5_000


def versions(_table: pd.DataFrame) -> pd.DataFrame:
    """Return the version of every oracle."""
    return pd.DataFrame({"package": PACKAGES, "version": [version(name) for name in PACKAGES]})


def autoets(table: pd.DataFrame, horizon: int) -> pd.DataFrame:
    """Return for every series and quarter ahead the quantiles of AutoETS's forecast.

    In: series, turn (0, 1, ...), value. Out: series, ahead (1, 2, ...), q0 to q99. A series too
    short or too odd for any form of AutoETS gets its average with its own spread.
    """
    levels = [round(100 - (2 * point + 1) * 100 / POINTS, 6) for point in range(POINTS // 2)]
    length = table.groupby("series")["turn"].transform("size")
    days = pd.Timestamp("2000-01-01") + pd.to_timedelta(table["turn"], unit="D")
    long = pd.DataFrame(
        {"unique_id": table["series"], "ds": days, "y": table["value"].astype(np.float64)}
    )
    found = []
    for season, chosen in ((A_YEAR, length >= LEAST_QUARTERS), (1, length < LEAST_QUARTERS)):
        if not chosen.any():
            continue
        told = StatsForecast(
            models=[AutoETS(season_length=season, alias="ets")],
            freq="D",
            n_jobs=-1 if int(chosen.sum()) > ROWS_FOR_ONE_PROCESS else 1,
            fallback_model=HistoricAverage(alias="ets"),
        ).forecast(df=long[chosen], h=horizon, level=levels)
        names = [f"ets-lo-{level}" for level in levels]
        names += [f"ets-hi-{level}" for level in reversed(levels)]
        answer = told[names].set_axis([f"q{point}" for point in range(POINTS)], axis=1)
        answer = answer.where(np.isfinite(answer), told["ets"], axis=0)
        answer.insert(0, "ahead", told.groupby("unique_id").cumcount() + 1)
        answer.insert(0, "series", told["unique_id"])
        found.append(answer)
    return pd.concat(found, ignore_index=True)


def incidence(table: pd.DataFrame) -> pd.DataFrame:
    """Return the share gone by each cause: everybody watched from the begin (no late entry).

    In: time, cause (0: not seen to leave; causes are 1, 2, ...). Out: time, cause, share.
    """
    times, shares = cumulative_incidence_competing_risks(
        table["cause"].to_numpy(), table["time"].to_numpy(dtype=np.float64)
    )
    return pd.concat(
        [
            pd.DataFrame({"time": times, "cause": cause, "share": shares[cause]})
            for cause in range(1, len(shares))
        ],
        ignore_index=True,
    )


def shipped(_table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a data set that scikit-survival ships ("bmt" or "cgvhd"): time, cause."""
    _features, outcome = {"bmt": load_bmt, "cgvhd": load_cgvhd}[name]()
    cause, time = (outcome[field] for field in outcome.dtype.names)
    return pd.DataFrame({"time": time, "cause": cause.astype(int)})


def staying(table: pd.DataFrame) -> pd.DataFrame:
    """Return Kaplan-Meier's share still there, late entry allowed, per cause and for all (0).

    In: enter, time, cause. Out: cause, time, share: for a cause the others are censored.
    """
    found = []
    for cause in range(int(table["cause"].max()) + 1):
        event = table["cause"] > 0 if cause == 0 else table["cause"] == cause
        times, shares = kaplan_meier_estimator(
            event.to_numpy(),
            table["time"].to_numpy(dtype=np.float64),
            time_enter=table["enter"].to_numpy(dtype=np.float64),
        )
        found.append(pd.DataFrame({"cause": cause, "time": times, "share": shares}))
    return pd.concat(found, ignore_index=True)


def scores(table: pd.DataFrame) -> pd.DataFrame:
    """Return the ranked probability score of every forecast.

    In: forecast, truth, and what the forecast needs: "draws" the numbers in ``draws`` (spaces
    between), "poisson" the mean in ``a``, "negbinom" size and mean in ``a`` and ``b``, "normal"
    mean and deviation in them. Out: the same rows with ``score``.
    """
    found = []
    for row in table.itertuples(index=False):
        if row.forecast == "draws":
            draws = np.array(str(row.draws).split(), dtype=np.float64)
            score = scoringrules.crps_ensemble(float(row.truth), draws, estimator="nrg")
        elif row.forecast == "poisson":
            score = scoringrules.crps_poisson(float(row.truth), float(row.a))
        elif row.forecast == "normal":
            score = scoringrules.crps_normal(float(row.truth), float(row.a), float(row.b))
        else:
            score = scoringrules.crps_negbinom(float(row.truth), float(row.a), mu=float(row.b))
        found.append(float(score))
    return table.assign(score=found)


def assignment(table: pd.DataFrame, clients: int, dwellings: int, times: int) -> pd.DataFrame:
    """Return the processor seconds of ``times`` warm runs of the sparse assignment.

    In: client, dwelling, worth (at least 0). Everybody also fits a place of their own that is
    worth less than any dwelling. Out: run, seconds, placed.
    """
    dearest = float(table["worth"].max()) + 1.0
    everybody = np.arange(clients)
    pairs = csr_array(
        (
            np.concatenate([dearest - table["worth"], np.full(clients, 2.0 * dearest)]),
            (
                np.concatenate([table["client"], everybody]),
                np.concatenate([table["dwelling"], dwellings + everybody]),
            ),
        ),
        shape=(clients, dwellings + clients),
    )
    found = []
    for run in range(times + 1):
        begun = time.process_time()
        _, given = min_weight_full_bipartite_matching(pairs)
        seconds = time.process_time() - begun
        found.append({"run": run, "seconds": seconds, "placed": int((given < dwellings).sum())})
    return pd.DataFrame(found[1:])


def levels(
    table: pd.DataFrame, limits: list[int], soft: list[int], above_soft: int
) -> pd.DataFrame:
    """Return the best placements, priority and fit, strictly in this order, by scipy's milp.

    In: client, dwelling, priority, points, place (-1: no spread) and uses ("row:load ..."), a
    row for each pair. ``soft`` is what each place carries before a placement costs
    ``above_soft``. Out: one row.
    """
    pairs, places = len(table), len(soft)
    rows: list[tuple[int, int, float]] = []
    upper: list[float] = []
    for side in ("client", "dwelling"):
        which, _ = pd.factorize(table[side])
        rows += [(len(upper) + int(row), column, 1.0) for column, row in enumerate(which)]
        upper += [1.0] * (int(which.max()) + 1)
    for column, uses in enumerate(table["uses"].fillna("").astype(str)):
        for use in uses.split():
            row, load = use.split(":")
            rows.append((len(upper) + int(row), column, float(load)))
    upper += [float(limit) for limit in limits]
    for column, place in enumerate(table["place"]):
        if place >= 0:
            rows.append((len(upper) + int(place), column, 1.0))
    rows += [(len(upper) + place, pairs + place, -1.0) for place in range(places)]
    upper += [float(left) for left in soft]
    row, column, value = (np.array(part) for part in zip(*rows, strict=True))
    matrix = csr_array((value, (row, column)), shape=(len(upper), pairs + places))
    constraints = [LinearConstraint(matrix, -np.inf, np.array(upper))]
    whole = np.concatenate([np.ones(pairs), np.zeros(places)])
    bounds = Bounds(0, np.concatenate([np.ones(pairs), np.full(places, np.inf)]))
    reached = []
    for costs in (
        np.concatenate([np.ones(pairs), np.zeros(places)]),
        np.concatenate([table["priority"].to_numpy(float), np.zeros(places)]),
        np.concatenate([table["points"].to_numpy(float), np.full(places, float(above_soft))]),
    ):
        answer = milp(
            -costs,
            integrality=whole,
            bounds=bounds,
            constraints=constraints,
            options={"mip_rel_gap": 0.0},
        )
        if answer.status != 0:
            raise ArithmeticError(answer.message)
        reached.append(round(-answer.fun))
        constraints.append(LinearConstraint(costs[None, :], reached[-1] - 1e-6, np.inf))
    return pd.DataFrame([dict(zip(("placements", "priority", "fit"), reached, strict=True))])


QUESTIONS = {
    "assignment": assignment,
    "levels": levels,
    "versions": versions,
    "autoets": autoets,
    "incidence": incidence,
    "shipped": shipped,
    "staying": staying,
    "scores": scores,
}


def main() -> None:
    question, given, answer, options = sys.argv[1:]
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    table = pd.read_csv(given, dtype={"series": str, "draws": str})
    told = QUESTIONS[question](table, **json.loads(Path(options).read_text()))
    told.to_csv(answer, index=False, float_format="%.17g")


if __name__ == "__main__":
    main()

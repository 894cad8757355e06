"""The estimate as a whole: tables in, the result of the contract out."""

import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from outflow.estimation.asked import (
    check_options,
    fingerprint_of,
    futures_of,
    read_all,
    task_of,
)
from outflow.estimation.backtest import backtest
from outflow.estimation.contract import (
    CORE_VERSION,
    MEASURES,
    SCHEMA,
)
from outflow.estimation.counting import Row, less, rows_of
from outflow.estimation.effects import EFFECT_DRAWS, kinds_worth_asking, told
from outflow.estimation.knobs import Knobs
from outflow.estimation.model import fit, learned_from
from outflow.estimation.national import check_nation
from outflow.estimation.quarters import label
from outflow.estimation.report import (
    about_data,
    about_nation,
    about_supply,
    assumptions,
)
from outflow.estimation.scenarios import Scenario
from outflow.estimation.simulation import simulate_all
from outflow.estimation.task import LONGEST_READY, Outcome

Heard = Callable[[int, int], None]
Progress = Callable[[str, int, int], None]
Result = dict[str, Any]


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
    expectations: pd.DataFrame | None = None,
    nation: Mapping[str, Any] | None = None,
    queue: str = LONGEST_READY,
    places: pd.DataFrame | None = None,
    progress: Progress | None = None,
    processes: int = 1,
    backtested: bool = True,
) -> Result:
    """Estimate how many people become ready, are housed and wait, quarter by quarter.

    Parameters
    ----------
    spells, supply, needs
        Tables as the contract has them (docs/estimator.md); days as dates or ISO text. Without
        ``supply`` the homes are estimated from the past; ``needs`` adds rows ``by`` need.
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
    expectations
        Every expected-ready date ever recorded: client, recorded_on, expected_ready. Dates count
        as far as they were right before; without this table those of ``needs`` do not count.
    nation
        Counts of other regions (``national_counts``, ``add_national``, or ``published``), on which
        a region leans as far as its own past is short.
    queue
        "longest_ready" or "longest_in_care": whose turn it is for a home.
    places
        Places in care by region and facility_type (empty: all types together). Without them
        there is always a place.
    progress
        Called with a word for the stage, parts done, parts in all: "reading", "fitting",
        "simulating", "checking" (and "scenarios", "effects" where asked for).
    processes
        How many processes share the draws; the result is the same for any number.
    backtested
        False leaves out how good the estimate was before, for first figures at once.

    Raises
    ------
    EstimateError
        For an input that is not valid, with one sentence that names row and column.
    """
    found: Result = run_all(
        spells,
        supply,
        as_of=as_of,
        quarters=quarters,
        draws=draws,
        seed=seed,
        register_start=register_start,
        needs=needs,
        expectations=expectations,
        nation=nation,
        queue=queue,
        places=places,
        progress=progress,
        processes=processes,
        backtested=backtested,
    )["base"]
    return found


def compare(
    spells: pd.DataFrame,
    supply: pd.DataFrame | None,
    *,
    scenarios: Sequence[Scenario],
    **options: Any,
) -> Result:
    """Return the estimate and, with the same random numbers, what each scenario makes of it.

    ``{"base": ..., "scenarios": [{"name", "changes", "series", "difference"}]}``: rows of
    ``difference`` are like those of ``series``, scenario less estimate, subtracted draw by draw.
    ``options`` are those of ``estimate``.
    """
    found = run_all(spells, supply, scenarios=scenarios, **options)
    return {"base": found["base"], "scenarios": found["scenarios"]}


def effects(spells: pd.DataFrame, supply: pd.DataFrame | None, **options: Any) -> list[Row]:
    """Return what one more dwelling a quarter does to housed, backlog and waiting, by kind.

    ``[{"region", "kind": {} | {"form": ...} | {"accessible": ...}, "extra_per_quarter": 1,
    "measures": [{"measure", "by"?, "quarter", "mean", "quantiles"}]}]``: found by simulating each
    with the random numbers of the estimate. ``options`` are those of ``estimate``.
    """
    found: list[Row] = run_all(spells, supply, with_effects=True, **options)["effects"]
    return found


def run_all(
    spells: pd.DataFrame,
    supply: pd.DataFrame | None,
    *,
    as_of: date,
    quarters: int,
    draws: int,
    seed: int,
    register_start: date | None = None,
    needs: pd.DataFrame | None = None,
    expectations: pd.DataFrame | None = None,
    nation: Mapping[str, Any] | None = None,
    queue: str = LONGEST_READY,
    places: pd.DataFrame | None = None,
    progress: Progress | None = None,
    processes: int = 1,
    backtested: bool = True,
    scenarios: Sequence[Scenario] = (),
    with_effects: bool = False,
) -> Result:
    """Return estimate, scenarios and effects of one run, and its draws.

    ``{"base": as of estimate, "scenarios": as of compare, "effects": as of effects, "draws":
    {"first_quarter", "measures", "counts"}}``; ``counts`` are whole numbers of shape (draws,
    measures, quarters), of everybody in the run. A scenario that cannot be is refused before
    anything is drawn: the error's params hold its name as ``scenario``.
    """
    began = time.perf_counter()
    check_options(as_of, quarters, draws, seed, register_start, queue, processes)
    if nation is not None:
        check_nation(nation if isinstance(nation, Mapping) else {})
    tell = progress or (lambda stage, done, total: None)
    tell("reading", 0, 1)
    asked = read_all(spells, supply, needs, expectations, places, as_of, quarters, register_start)
    h, first_quarter = asked.histories, asked.first_quarter
    futures = futures_of(asked, scenarios, quarters)

    tell("fitting", 0, 1)
    since = learned_from(h, None if register_start is None else asked.since)
    model = fit(
        h,
        register_start=since,
        nation=nation,
        expectations=asked.expectations,
        current=asked.current,
        target_groups=None
        if asked.needs is None
        else dict(zip(asked.needs["client"], asked.needs["target_group"], strict=True)),
    )
    task = task_of(asked, model, seed=seed, queue=queue)
    labels = [] if task.profiles is None else task.profiles.labels

    def drawn(knobs: Knobs, heard: Heard | None = None) -> Outcome:
        one = replace(task, futures=(knobs,), by_need=True)
        return simulate_all(one, draws=draws, processes=processes, progress=heard)[0]

    def rows(outcome: Outcome) -> list[Row]:
        return rows_of(outcome, h, first_quarter=first_quarter, labels=labels)

    base = drawn(futures[0], heard=lambda done, total: tell("simulating", done, total))
    tested = (
        backtest(
            h,
            register_start=since,
            seed=seed,
            progress=lambda done, total: tell("checking", done, total),
        )
        if backtested
        else []
    )
    compared = []
    for number, (scenario, knobs) in enumerate(zip(scenarios, futures[1:], strict=True)):
        tell("scenarios", number, len(scenarios))
        outcome = drawn(knobs)
        compared.append(
            scenario.as_dict() | {"series": rows(outcome), "difference": rows(less(outcome, base))}
        )
    effects_found: list[Row] = []
    kinds = kinds_worth_asking(task.profiles) if with_effects else []
    if kinds:
        # Paired draw by draw a difference needs fewer draws; all kinds share what is drawn.
        extra = [
            replace(
                futures[0],
                extra=np.ones(1, bool) if task.profiles is None else task.profiles.flags(kind),
            )
            for kind in kinds
        ]
        without, *more = simulate_all(
            replace(task, futures=(futures[0], *extra), by_need=False),
            draws=min(draws, EFFECT_DRAWS),
            processes=processes,
            progress=lambda done, total: tell("effects", done, total),
        )
        for kind, outcome in zip(kinds, more, strict=True):
            effects_found += told(rows(less(outcome, without)), kind)

    warnings = h.warnings + about_data(h, asked.since, bool(tested) or not backtested)
    warnings += about_supply(asked.planned, asked.read) + about_nation(model)
    return {
        "base": {
            "schema": SCHEMA,
            "as_of": as_of.isoformat(),
            "seed": seed,
            "draws": draws,
            "core_version": CORE_VERSION,
            "fingerprint": fingerprint_of(
                asked, task, [as_of.isoformat(), quarters, draws, seed], nation
            ),
            "assumptions": assumptions(
                model,
                asked.planned,
                register_start,
                since=asked.since,
                queue=queue,
                needs=asked.needs,
                joins=task.joins,
                places=asked.places,
            ),
            "warnings": [warned.as_dict() for warned in sorted(warnings, key=lambda w: w.code)],
            "series": rows(base),
            "backtest": tested,
            "run": {
                "seconds": round(time.perf_counter() - began, 3),
                "versions": {
                    "python": platform.python_version(),
                    "numpy": np.__version__,
                    "pandas": pd.__version__,
                },
            },
        },
        "scenarios": compared,
        "effects": effects_found,
        "draws": {
            "first_quarter": label(first_quarter),
            "measures": list(MEASURES),
            "counts": base.counts.sum(axis=1, dtype=np.int64),
        },
    }

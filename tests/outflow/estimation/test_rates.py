"""Faster, slower, more often: changed rates against what probability says they must give.

Everybody here has been in a phase for the same number of days, so that of a share s that stays on
in the estimate s ** f stays when the rates are f times as high.
"""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd
import pytest

from outflow.estimation import Scenario
from outflow.estimation.contract import BECOMES_READY, MEASURES, PREPARING
from outflow.estimation.expectations import Expected
from outflow.estimation.histories import follow
from outflow.estimation.knobs import resolved
from outflow.estimation.model import fit
from outflow.estimation.profiles import COUNTED, Need, Profiles
from outflow.estimation.quarters import day_number, first_days, label, quarter_of
from outflow.estimation.simulation import Horizon, simulate_all
from outflow.estimation.tables import OPEN, read_spells
from outflow.estimation.task import Task
from tests.outflow.estimation.tools import spells_of

AS_OF = date(2026, 10, 1)
FIRST = quarter_of(AS_OF)
PEOPLE, DRAWS, QUARTERS = 3000, 12, 4


@cache
def _model(phase: str, after: str):
    """Return a register in which many have been in a phase for four months, and what came before.

    Of those before them half moved on, after one to forty months, and the others left.
    """
    rng = np.random.default_rng(1)
    rows, clients = [], []
    for k in range(400):
        begin = date(2021, 1, 1) + timedelta(days=int(rng.integers(0, 900)))
        end = begin + timedelta(days=int(rng.integers(30, 1200)))
        then = after if k % 2 else "left_other" if phase != "housed" else "end_of_aftercare"
        rows.append((phase, begin.isoformat(), end.isoformat(), then))
        clients.append(f"old{k}")
    rows += [(phase, "2026-06-01", "", "")] * PEOPLE
    clients += [f"new{k}" for k in range(PEOPLE)]
    known = follow(read_spells(spells_of(*rows, clients=clients)), as_of=day_number(AS_OF))
    return fit(known, register_start=day_number(date(2021, 1, 1)))


def _moved(phase: str, after: str, measure: str, **change: object) -> tuple[np.ndarray, np.ndarray]:
    """Return how many moved on so far by the end of each quarter: estimate and scenario."""
    model = _model(phase, after)
    still = {"what": "inflow", "how": "times", "value": 0}
    futures = tuple(
        resolved(
            Scenario.from_dict({"name": "x", "changes": changes}),
            model.histories,
            first_quarter=FIRST,
            quarters=QUARTERS,
            in_care=np.zeros(len(model.histories.municipalities), dtype=np.int64),
        )
        for changes in ([still], [still, change])
    )
    horizon = Horizon(first_days(FIRST, QUARTERS), np.ones(QUARTERS))
    found = simulate_all(Task(model, horizon, seed=2, futures=futures), draws=DRAWS)
    base, other = (
        np.cumsum(each.counts[:, :, MEASURES.index(measure)].sum(axis=1), axis=1) for each in found
    )
    return base, other


def _left(**change: object) -> tuple[np.ndarray, np.ndarray]:
    """Return the shares who are no longer preparing, by ready or by leaving."""
    ready, exits = (
        _moved("preparing", "ready", name, what="readiness", how="times", **change)
        for name in ("becomes_ready", "exits")
    )
    return (ready[0] + exits[0]) / PEOPLE, (ready[1] + exits[1]) / PEOPLE


@pytest.mark.parametrize("value", [0.5, 2.0, 4.0])
def test_a_pace_of_so_many_times_leaves_the_share_that_stays_to_that_power(value):
    base, other = _left(value=value)
    expected = 1 - (1 - base) ** value
    assert other.mean(axis=0) == pytest.approx(expected.mean(axis=0), abs=0.02)


def test_a_pace_that_changes_later_works_on_who_is_there_already():
    second = label(FIRST + 1)
    base, other = _left(value=3.0, **{"from": second})
    np.testing.assert_array_equal(base[:, 0], other[:, 0])
    stays = (1 - base[:, 1]) / (1 - base[:, 0])
    expected = 1 - (1 - base[:, 0]) * stays**3
    assert other[:, 1].mean() == pytest.approx(expected.mean(), abs=0.025)
    assert other[:, 1].mean() > base[:, 1].mean() + 0.05


def _dated(factor: float | None) -> np.ndarray:
    """Return who became ready by quarter, of people with dates that are believed wholly."""
    model = _model("preparing", "ready")
    h = model.histories
    here = np.unique(h.client[(h.end >= OPEN) & (h.phase == PREPARING)])[:200]
    centre = np.array([day_number(date(2027, 2, 15)), day_number(date(2027, 8, 15))] * 100)
    expected = Expected(
        here, np.ones(200), np.zeros(200), centre.astype(float), 0.5, day_number(AS_OF), []
    )
    changes = [{"what": "inflow", "how": "times", "value": 0}]
    if factor is not None:
        changes.append({"what": "readiness", "how": "times", "value": factor})
    future = resolved(
        Scenario.from_dict({"name": "x", "changes": changes}),
        h,
        first_quarter=FIRST,
        quarters=QUARTERS,
        in_care=np.zeros(len(h.municipalities), dtype=np.int64),
    )
    horizon = Horizon(first_days(FIRST, QUARTERS), np.ones(QUARTERS))
    known = Profiles(
        [Need(), Need(form="dated")],
        np.where(np.isin(np.arange(len(h.keys)), here), 1, 0),
        np.zeros(0, dtype=np.int64),
        np.zeros(len(h.regions), dtype=np.int64),
        np.zeros(len(h.regions), dtype=np.int64),
        [{"form": "dated"}],
        np.array([[0], [1]]),
    )
    task = Task(
        replace(model, expected=expected),
        horizon,
        2,
        futures=(future,),
        profiles=known,
        by_need=True,
    )
    [outcome] = simulate_all(task, draws=DRAWS)
    return outcome.needs[:, 0, 0, COUNTED.index(BECOMES_READY)]


def test_who_has_a_date_that_is_believed_becomes_ready_around_it():
    assert (_dated(None)[:, :2] == [0, 100]).all()
    assert _dated(None)[:, 3].min() >= 100  # August 2027


def test_at_twice_the_pace_a_date_comes_twice_as_soon():
    ready = _dated(2.0)
    assert (ready[:, :2].sum(axis=1) >= 200).all()
    assert (ready[:, 0] == 100).all()  # 8 December 2026, and 9 March 2027


@pytest.mark.parametrize("value", [0.0, 0.4, 2.5, 6.0])
def test_relapses_come_so_many_times_as_often_per_day_in_a_home(value):
    base, other = _moved(
        "housed", "stabilising", "returns", what="relapse", how="times", value=value
    )
    usual = base[:, 0].mean() / PEOPLE
    assert usual > 0.01
    expected = (1 - (1 - usual) ** value) * PEOPLE
    assert other[:, 0].mean() == pytest.approx(expected, rel=0.12, abs=2)


def test_relapses_change_only_in_the_quarters_named():
    base, other = _moved(
        "housed",
        "stabilising",
        "returns",
        what="relapse",
        how="times",
        value=5.0,
        **{"from": label(FIRST + 1), "until": label(FIRST + 1)},
    )
    np.testing.assert_array_equal(base[:, 0], other[:, 0])
    more = np.diff(other, axis=1) / np.diff(base, axis=1)
    assert more[:, 0].mean() == pytest.approx(4.6, rel=0.25)
    assert more[:, 1].mean() == pytest.approx(0.8, abs=0.25)


def test_the_same_rates_give_the_same_table():
    """The negative control: times one is no change at all."""
    frame = pd.DataFrame(_left(value=1.0)[0] - _left(value=1.0)[1])
    assert (frame == 0).all().all()

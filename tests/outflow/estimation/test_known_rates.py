"""What the simulation must show when every rate is known: laws with an answer on paper."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from outflow.estimation.contract import MEASURES, Counts
from outflow.estimation.homes import Plan
from tests.outflow.estimation.known import counts_of, known_model, planned, spell
from tests.outflow.estimation.plain import Rates
from tests.outflow.estimation.truths import COLUMNS
from tests.scale import n

DAYS = 91
INTAKE = [(0, {"preparing": 0.05, "left_other": 0.01}), (30, {"preparing": 0.02})]
PREPARING = [(0, {"ready": 0.04, "relapse": 0.01})]
RELAPSE = [(0, {"left_other": 0.1})]
READY = [(0, {"self_housed": 0.002})]
CARE: Rates = {"intake": INTAKE, "preparing": PREPARING, "relapse": RELAPSE, "ready": READY}
NO_HOMES = Plan(*(np.zeros(0, dtype=np.int64) for _ in range(3)))


def counts(
    rates: Rates,
    *,
    arrivals: float,
    quarters: int,
    draws: int,
    homes: Sequence[tuple[str, str, int]] = (),
    people: Sequence[list[str]] = (),
) -> Counts:
    """Return the counts of a region where one person lives in a home for good."""
    rows = [spell("c0", "BW", "Elmstede", "housed", -900), *people]
    table = pd.DataFrame(rows, columns=COLUMNS, dtype=object)
    model = known_model(table, {"BW": rates}, direct=1.0, arrivals=arrivals)
    plan = planned(model.histories, homes) if homes else NO_HOMES
    return counts_of(model, plan, quarters=quarters, days_a_quarter=DAYS, draws=draws)[:, 0]


def of(found: Counts, measure: str) -> np.ndarray:
    return found[:, MEASURES.index(measure)]


def staying(bins: Sequence[tuple[int, dict[str, float]]]) -> tuple[float, dict[str, float]]:
    """Return the mean whole days in a phase, and the share that leaves it to each state."""
    there, days, shares = 1.0, 0.0, dict.fromkeys(bins[0][1], 0.0)
    for day in range(20_000):
        rates = [each for begin, each in bins if begin <= day][-1]
        total = sum(rates.values())
        leaves = there * (1 - math.exp(-total))
        for state, rate in rates.items():
            shares[state] += leaves * rate / total
        there -= leaves
        days += there
    return days, shares


def test_people_in_care_are_those_who_arrive_in_a_mean_stay():
    """Little's law, once the first quarters are forgotten."""
    arrivals, draws = 40.0, n(600, 10_000)
    without_homes: Rates = {**CARE, "ready": [(0, {"self_housed": 0.02})]}
    found = counts(without_homes, arrivals=arrivals, quarters=12, draws=draws)
    intake, after_intake = staying(INTAKE)
    preparing, after_preparing = staying(PREPARING)
    relapse, _ = staying(RELAPSE)
    ready, _ = staying(without_homes["ready"])
    mean = intake + after_intake["preparing"] * (
        preparing + after_preparing["ready"] * ready + after_preparing["relapse"] * relapse
    )
    expected = arrivals / DAYS * mean
    in_care = of(found, "in_care")[:, -1]
    assert abs(in_care.mean() - expected) < 4.5 * math.sqrt(expected / draws)
    assert in_care.var() / expected == pytest.approx(1, abs=4.5 * math.sqrt(2 / draws))


def test_of_two_ways_out_each_is_taken_as_its_rate_says():
    draws = n(300, 5_000)
    found = counts(CARE, arrivals=40.0, quarters=12, draws=draws)
    _, after_intake = staying(INTAKE)
    _, after_preparing = staying(PREPARING)
    expected = 40.0 * after_intake["preparing"] * after_preparing["ready"]
    ready = of(found, "becomes_ready")[:, -3:].sum(axis=1)
    assert abs(ready.mean() - 3 * expected) < 4.5 * math.sqrt(3 * expected / draws)


def test_a_queue_that_is_never_empty_houses_as_many_as_there_are_homes():
    homes = [("R", "*", day) for day in range(40, 8 * DAYS, 13)]
    crowd = [spell(f"w{k}", "BW", "Elmstede", "ready", -k - 1) for k in range(200)]
    stay: Rates = {**CARE, "ready": []}
    found = counts(stay, arrivals=20.0, quarters=8, draws=40, homes=homes, people=crowd)
    by_quarter = np.histogram([day for _, _, day in homes], bins=DAYS * np.arange(9))[0]
    assert (of(found, "housed") == by_quarter).all()
    backlog = of(found, "backlog")
    grown = np.diff(backlog, axis=1, prepend=200)
    assert (grown == of(found, "becomes_ready") - of(found, "housed")).all()


def test_homes_without_end_leave_nobody_waiting():
    homes = [("R", "*", day) for day in range(0, 6 * DAYS) for _ in range(4)]
    found = counts(CARE, arrivals=25.0, quarters=6, draws=60, homes=homes)
    ready, housed = of(found, "becomes_ready"), of(found, "housed")
    assert ready.sum() > 0
    assert (housed.sum(axis=1) <= ready.sum(axis=1)).all()
    # On a day of many the four homes of that day are not always enough at once.
    assert of(found, "backlog").mean() < 0.2


@pytest.mark.parametrize("seed", range(n(6, 60)))
def test_one_more_home_never_leaves_more_people_waiting_in_any_draw(seed):
    """Where nobody comes back: who has a home is out of the queue for good."""
    luck = np.random.default_rng(seed)
    homes = [("R", "*", int(day)) for day in luck.integers(0, 6 * DAYS, 12)]
    more = ("R", "*", int(luck.integers(0, 6 * DAYS)))
    people = [spell(f"w{k}", "BW", "Elmstede", "ready", -k - 1) for k in range(8)]
    few = counts(CARE, arrivals=9.0, quarters=6, draws=60, homes=homes, people=people)
    many = counts(CARE, arrivals=9.0, quarters=6, draws=60, homes=[*homes, more], people=people)
    assert (of(few, "becomes_ready") == of(many, "becomes_ready")).all()
    assert (of(many, "backlog") <= of(few, "backlog")).all()
    assert of(many, "housed").sum() > of(few, "housed").sum()
    before = more[2] // DAYS
    # A home is counted as needed by looking back from the end, so that one measure may differ.
    for measure in set(MEASURES) - {"needs_dwelling"}:
        assert (of(few, measure)[:, :before] == of(many, measure)[:, :before]).all()

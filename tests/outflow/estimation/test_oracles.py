"""Rates and scores against the work of others, by the numbers they once gave.

How the numbers were made, and how to make them again, stands in oracle_cases.py.
"""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd
import pytest

from outflow.estimation import exposure
from outflow.estimation.scores import crps_of_counts, crps_of_draws, crps_of_normal, crps_of_poisson
from tests.outflow.estimation import oracle_cases
from tests.outflow.estimation.oracle_cases import LONGEST_BEFORE, fitted, gone
from tools import lock

EARLIER = date(2023, 7, 1)

EXACT = 1e-7
"""A bin is a day, and everybody counts a million times: what the fit adds to a bin (one event,
borrowed from the whole phase) is then one in millions. What is left is that one, and rounding."""

ONE_EVENT_A_DAY = 0.005
"""A bin is a day, and everybody counts once: a day on which thirty leave is drawn to the average
by one in thirty."""

SIXTEEN_BINS = 0.008
"""As the estimator counts. Inside a bin of some days the rate is constant; the oracle's is not."""


def oracle_of_all_watched() -> pd.DataFrame:
    """Return the same from scikit-survival's competing-risks incidence."""
    _told, answer = oracle_cases.stored("incidence")
    return answer.pivot(index="time", columns="cause", values="share")


def oracle_of_late_entry() -> pd.DataFrame:
    """Return the same put together from scikit-survival's Kaplan-Meier estimates.

    Its incidence knows no late entry, its Kaplan-Meier does: of those there on a day, the
    estimate with the other cause censored says which share leaves by this one.
    """
    _told, answer = oracle_cases.stored("staying")
    staying = answer.pivot(index="time", columns="cause", values="share")
    before = staying.shift(fill_value=1.0)
    leaves = 1 - staying / before
    return leaves[[1, 2]].mul(before[0], axis=0).cumsum()


def furthest(ours: pd.DataFrame, theirs: pd.DataFrame) -> float:
    return float(np.abs(ours.to_numpy() - theirs.to_numpy()).max())


@pytest.fixture
def a_bin_a_day() -> Iterator[None]:
    with oracle_cases.a_bin_a_day():
        yield


@pytest.fixture(params=["all watched", "late entry"])
def case(request: pytest.FixtureRequest) -> tuple[list[oracle_cases.Stay], pd.DataFrame]:
    """Stays seen from their first day, and stays of which many had begun before the register."""
    if request.param == "all watched":
        return oracle_cases.stays(before=0), oracle_of_all_watched()
    return oracle_cases.stays(before=LONGEST_BEFORE), oracle_of_late_entry()


def test_with_a_bin_a_day_the_incidence_is_that_of_the_oracle(case, a_bin_a_day):
    people, theirs = case
    assert theirs.to_numpy().sum(axis=1).max() > 0.95
    assert furthest(gone(fitted(people, times=1e6)), theirs) < EXACT


def test_what_bins_borrow_moves_the_incidence_by_less_than_half_a_percent(case, a_bin_a_day):
    people, theirs = case
    assert furthest(gone(fitted(people)), theirs) < ONE_EVENT_A_DAY


def test_with_the_bins_of_every_day_the_incidence_is_near_the_oracle(case):
    people, theirs = case
    assert furthest(gone(fitted(people)), theirs) < SIXTEEN_BINS


def test_the_finer_the_bins_the_nearer_the_oracle(case, monkeypatch):
    people, theirs = case
    apart = []
    for bins in (2, 5, 16, 100):
        monkeypatch.setattr(exposure, "MOST_BINS", bins)
        apart.append(furthest(gone(fitted(people, times=1e6)), theirs))
    assert apart == sorted(apart, reverse=True)
    assert apart[-1] < apart[0] / 4


def test_forgetting_late_entry_would_be_noticed(a_bin_a_day):
    """The negative control: who was there already counts as if watched from the first day."""
    people = oracle_cases.stays(before=LONGEST_BEFORE)
    forgotten = fitted(people, register_start=EARLIER, times=1e6)
    assert furthest(gone(forgotten), oracle_of_late_entry()) > 3 * SIXTEEN_BINS


def test_forgetting_who_is_still_there_would_be_noticed(a_bin_a_day):
    """The negative control: only finished stays, as in a list of departures."""
    people = [stay for stay in oracle_cases.stays(before=0) if stay.ended]
    assert furthest(gone(fitted(people, times=1e6)), oracle_of_all_watched()) > 3 * SIXTEEN_BINS


def score_of(row: pd.Series) -> float:
    """Return our score of a forecast that the oracle scored."""
    truth = np.array([row["truth"]])
    if row["forecast"] == "draws":
        draws = np.array([[int(draw)] for draw in row["draws"].split()])
        return float(crps_of_draws(draws, truth)[0])
    if row["forecast"] == "poisson":
        return crps_of_poisson(float(row["a"]), int(row["truth"]))
    if row["forecast"] == "normal":
        return float(crps_of_normal(np.array([row["a"]]), np.array([row["b"]]), truth)[0])
    size, mean = float(row["a"]), float(row["b"])
    return float(crps_of_counts(np.array([mean]), np.array([mean + mean**2 / size]), truth)[0])


@pytest.mark.parametrize(
    ("forecast", "relative"),
    # Ours is the normal forecast rounded to whole people: not quite the oracle's.
    [("draws", 1e-9), ("poisson", 1e-9), ("negbinom", 1e-7), ("normal", 1e-4)],
)
def test_scores_are_those_of_the_oracle(forecast, relative):
    _told, answer = oracle_cases.stored("scores")
    rows = answer[answer["forecast"] == forecast]
    assert len(rows) >= 8
    ours = rows.apply(score_of, axis=1).to_numpy(dtype=float)
    np.testing.assert_allclose(ours, rows["score"], rtol=relative, atol=1e-9)


def test_a_score_that_forgets_how_far_draws_lie_apart_would_be_noticed():
    """The negative control: the mean distance alone is no proper score."""
    _told, answer = oracle_cases.stored("scores")
    wide = answer[(answer["forecast"] == "draws") & (answer["draws"].fillna("").str.len() > 20)]
    for row in wide.itertuples():
        draws = np.array(row.draws.split(), dtype=float)
        assert np.abs(draws - row.truth).mean() - row.score > 0.1


@pytest.mark.parametrize("name", oracle_cases.QUESTIONS)
def test_stored_numbers_answer_this_question_and_come_from_the_locked_oracle(name):
    told, _answer = oracle_cases.stored(name)
    again = f"run {oracle_cases.COMMAND}"
    assert told["input"] == oracle_cases.digest(name), f"the question changed: {again}"
    package, version = told["oracle"].split()
    pins = lock.pins(lock.ORACLES)
    assert pins[package] == {version}, f"the oracle changed: {again}"
    assert pins["numpy"] == {told["with numpy"]}, f"the oracle changed: {again}"


def test_another_question_has_another_digest(monkeypatch):
    before = oracle_cases.digest("incidence")
    monkeypatch.setattr(oracle_cases, "WATCHED_DAYS", oracle_cases.WATCHED_DAYS - 1)
    assert oracle_cases.digest("incidence") != before

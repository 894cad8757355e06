"""The questions that the oracles were asked, and how their answers are stored.

python -m tests.outflow.estimation.oracle_cases          asks again and stores the answers
python -m tests.outflow.estimation.oracle_cases check    asks again and compares

The oracles (scikit-survival, scoringrules) live in an environment of their own, bench/oracles;
`make test` needs only the numbers stored here, in oracles/*.csv. The people are invented, with
random numbers that are the same in every version of Python.
"""

import hashlib
import math
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd

from bench import oracle_exchange
from outflow.estimation import exposure
from outflow.estimation.exposure import Exposure, exposures
from outflow.estimation.hazards import incidence
from outflow.estimation.histories import follow
from outflow.estimation.quarters import day_number
from outflow.estimation.tables import read_spells
from tests.outflow.estimation.truths import COLUMNS
from tools.processes import Stop

STORED = Path(__file__).parent / "oracles"
COMMAND = "python -m tests.outflow.estimation.oracle_cases"
REGISTER_START = date(2024, 1, 1)
AS_OF = date(2024, 6, 29)
WATCHED_DAYS = (AS_OF - REGISTER_START).days
LONGEST_BEFORE = 120
LAST_DAY = 150
"""Nearly all have left by then; beyond it a handful of people is all there is."""

CAUSES = {1: "stabilising", 2: "left_other", 3: "long_term_care"}
CLOSE = 1e-9
LIKE = 1e-6


@dataclass(frozen=True)
class Stay:
    """One stay: the day it began, counted from the start of the register, and how it ends."""

    began: int
    days: int
    cause: int

    @property
    def ended(self) -> bool:
        return self.began + self.days < WATCHED_DAYS


def stays(count: int = 6000, *, before: int, seed: int = 5) -> list[Stay]:
    """Return stays as the register shows them, begun up to ``before`` days before it was kept.

    Short and long stays are mixed, and the second cause takes mostly the short ones. Who had
    gone when the register began is not in it.
    """
    luck = random.Random(seed)
    found = []
    while len(found) < count:
        began = math.floor(luck.random() * (WATCHED_DAYS + before)) - before
        cause = 1 if luck.random() < 0.65 else 2
        usual, steep = (45.0, 1.8) if cause == 1 else (25.0, 0.9)
        days = math.floor(usual * (-math.log(1.0 - luck.random())) ** (1 / steep))
        if began + days >= 0:
            found.append(Stay(began, days, cause))
    return found


def spells(people: list[Stay]) -> pd.DataFrame:
    """Return the stays as the estimator reads them."""
    rows = []
    for number, stay in enumerate(people):
        begin = REGISTER_START + timedelta(days=stay.began)
        end = (begin + timedelta(days=stay.days)).isoformat() if stay.ended else ""
        then = CAUSES[stay.cause] if stay.ended else ""
        rows.append([f"c{number}", "Elmrand", "", "BW", "", "intake", begin.isoformat(), end, then])
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object)


def watched(people: list[Stay]) -> pd.DataFrame:
    """Return the stays as survival analysis reads them.

    Who leaves on day d of the stay has time d + 1. Who is there until the reference date was not
    watched on that day, and who was there when the register began was watched on its first day:
    half a day less than the next day's time says both without doubt about ties.
    """
    return pd.DataFrame(
        {
            "enter": [max(-stay.began, 0) + 0.5 for stay in people],
            "time": [
                stay.days + 1.0 if stay.ended else WATCHED_DAYS - stay.began + 0.5
                for stay in people
            ],
            "cause": [stay.cause if stay.ended else 0 for stay in people],
        }
    )


@contextmanager
def a_bin_a_day() -> Iterator[None]:
    """Let the rate differ from day to day."""
    edges = np.arange(float(LAST_DAY + 51))
    with mock.patch.object(exposure, "bin_edges", return_value=edges):
        yield


def fitted(
    people: list[Stay],
    *,
    register_start: date = REGISTER_START,
    as_of: date = AS_OF,
    times: float = 1.0,
) -> Exposure:
    """Return the counts of the phase, every person ``times`` times."""
    table = read_spells(spells(people))
    counted = exposures(
        follow(table, as_of=day_number(as_of)), register_start=day_number(register_start)
    )[0]
    return Exposure(counted.edges, times * counted.moved, times * counted.person_days)


def gone(counted: Exposure, until: int = LAST_DAY) -> pd.DataFrame:
    """Return the share gone by each cause after 1, 2, ... ``until`` days."""
    days = np.arange(1.0, until + 1)
    curves = incidence(counted, 1, 0, days)
    seen = {cause: curves[name] for cause, name in CAUSES.items() if name in curves}
    return pd.DataFrame(seen, index=days)


def forecasts() -> pd.DataFrame:
    """Return forecasts of every kind, with truths inside and far outside."""
    luck = random.Random(9)
    rows: list[dict[str, object]] = []
    for size in (1, 2, 3, 10, 101):
        for spread in (1, 4, 60):
            draws = [math.floor(20 + spread * (luck.random() - 0.5) * 4) for _ in range(size)]
            for truth in (0, draws[0], 23, 140):
                rows.append(
                    {"forecast": "draws", "truth": truth, "draws": " ".join(map(str, draws))}
                )
    for mean in (0.05, 0.7, 3.0, 12.5, 60.0):
        for truth in (0, 1, round(mean), round(2 * mean) + 3):
            rows.append({"forecast": "poisson", "truth": truth, "a": mean})
            for size in (0.8, 4.0, 30.0):
                rows.append({"forecast": "negbinom", "truth": truth, "a": size, "b": mean})
    for mean, deviation in ((400.0, 40.0), (2500.0, 300.0)):
        for truth in (0, 390, 2500, 4000):
            rows.append({"forecast": "normal", "truth": truth, "a": mean, "b": deviation})
    return pd.DataFrame(rows, columns=["forecast", "truth", "a", "b", "draws"])


def _days(told: pd.DataFrame, at_first: float) -> pd.DataFrame:
    """Return the answer on the days 1 to LAST_DAY: a step function keeps its last value."""
    steps = told.pivot(index="time", columns="cause", values="share")
    days = pd.Index(np.arange(1, LAST_DAY + 1), name="time")
    steps = steps.reindex(steps.index.union(days)).ffill().fillna(at_first).loc[days]
    return steps.reset_index().melt(id_vars="time", var_name="cause", value_name="share")


def _incidence() -> pd.DataFrame:
    people = watched(stays(before=0))
    return _days(oracle_exchange.ask("incidence", people[["time", "cause"]]), at_first=0.0)


def _staying() -> pd.DataFrame:
    return _days(
        oracle_exchange.ask("staying", watched(stays(before=LONGEST_BEFORE))), at_first=1.0
    )


def _scores() -> pd.DataFrame:
    answer = oracle_exchange.ask("scores", forecasts())
    if not np.isfinite(answer["score"]).all():
        raise Stop("The oracle has no score for some forecast: its numbers overflow.")
    return answer


@dataclass(frozen=True)
class Question:
    """What is asked (its input decides the digest), of whom."""

    asked: Callable[[], pd.DataFrame]
    answer: Callable[[], pd.DataFrame]
    oracle: str


QUESTIONS = {
    "incidence": Question(lambda: watched(stays(before=0)), _incidence, "scikit-survival"),
    "staying": Question(lambda: watched(stays(before=LONGEST_BEFORE)), _staying, "scikit-survival"),
    "scores": Question(forecasts, _scores, "scoringrules"),
}


def digest(name: str) -> str:
    """Return a short digest of the input: an answer to another question is noticed."""
    text = QUESTIONS[name].asked().round(9).to_csv(index=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def stored(name: str) -> tuple[dict[str, str], pd.DataFrame]:
    """Return what the stored answer says about itself, and the answer."""
    path = STORED / f"{name}.csv"
    with path.open() as file:
        told = dict(
            line.removeprefix("# ").strip().split(": ", 1) for line in file if line.startswith("# ")
        )
    return told, pd.read_csv(path, comment="#", dtype={"draws": str})


def store(name: str, versions: dict[str, str]) -> None:
    """Ask the oracle and write its answer, with what made it."""
    question = QUESTIONS[name]
    told = {
        "made by": COMMAND,
        "oracle": f"{question.oracle} {versions[question.oracle]}",
        "with numpy": versions["numpy"],
        "input": digest(name),
    }
    lines = "".join(f"# {key}: {value}\n" for key, value in told.items())
    answer = question.answer().to_csv(index=False, float_format="%.12g")
    (STORED / f"{name}.csv").write_text(lines + answer)


def differs(name: str) -> bool:
    """Ask the oracle again and tell whether it says something else now."""
    _told, before = stored(name)
    now = QUESTIONS[name].answer()
    same = list(now.columns) == list(before.columns) and len(now) == len(before)
    for column in before.columns if same else ():
        if pd.api.types.is_numeric_dtype(before[column]):
            apart = (now[column] - before[column]).abs().max()
            same = same and not apart > CLOSE * max(1.0, before[column].abs().max())
    return not same


def apart_on_shipped_data(name: str) -> float:
    """Return how far we are from the oracle on data of real patients that it ships.

    Nothing of them is kept here. Time is replaced by its rank, which the incidence does not mind.
    """
    data = oracle_exchange.ask("shipped", pd.DataFrame({"nothing": [0]}), name=name)
    data["time"] = data["time"].rank(method="dense").astype(int)
    theirs = _days(oracle_exchange.ask("incidence", data), at_first=0.0)
    theirs = theirs.pivot(index="time", columns="cause", values="share")
    last = int(data["time"].max())
    people = [
        # Who is lost on a day was still watched on it: a departure on that day counts first.
        Stay(0, time - 1, cause) if cause else Stay(WATCHED_DAYS - time, LAST_DAY * 9, 1)
        for time, cause in data[["time", "cause"]].itertuples(index=False)
    ]
    with a_bin_a_day():
        ours = gone(fitted(people, times=1e6), last)
    return float(np.abs(ours - theirs.loc[:last]).to_numpy().max())


def run(*, short: bool = False) -> bool:
    """Compare what the oracles say now with what is stored (`make bench`)."""
    print("\noracles", flush=True)
    versions = oracle_exchange.versions()
    print("  " + ", ".join(f"{name} {number}" for name, number in versions.items()))
    missed = [name for name in QUESTIONS if differs(name)]
    print(f"  other answers than stored: {', '.join(missed) or 'none'}", flush=True)
    furthest = {name: apart_on_shipped_data(name) for name in ("bmt", "cgvhd")}
    for name, distance in furthest.items():
        print(f"  incidence on {name}: {distance:.1e} from scikit-survival's (goal {LIKE:.0e})")
    return not missed and max(furthest.values()) <= LIKE


def main() -> int:
    if sys.argv[1:] == ["check"]:
        return 0 if run() else 1
    versions = oracle_exchange.versions()
    for name in QUESTIONS:
        store(name, versions)
    return 0


if __name__ == "__main__":
    sys.exit(main())

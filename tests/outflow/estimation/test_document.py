"""docs/estimator.md: its example is run, and what it lists is what there is."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from outflow.estimation import Scenario, compare
from outflow.estimation.contract import MEASURES
from outflow.estimation.histories import MESSAGES
from outflow.estimation.scenarios import CHANGED
from tests.outflow.estimation.tools import measure, spells_of, supply_of

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "estimator.md").read_text(encoding="utf-8")


def told(name: str) -> list[int]:
    """The three numbers of a row of the worked example."""
    found = re.findall(rf"^\| {name} \| (\d+) \| (\d+) \| (\d+) \|$", DOCUMENT, re.MULTILINE)
    assert len(found) == 1, name
    return [int(number) for number in found[0]]


def first_cells(heading: str) -> set[str]:
    """The codes in the first cells of the table under a heading row."""
    table = DOCUMENT[DOCUMENT.index(f"| {heading} |") :].split("\n\n")[0]
    return set(re.findall(r"`(\w+)`", " ".join(row.split("|")[1] for row in table.splitlines())))


@pytest.fixture(scope="module")
def lived() -> dict[str, Any]:
    """The queue of the document, and two homes each quarter as the document writes it."""
    waiting = spells_of(
        *[("ready", f"2026-0{month}-01", "", "") for month in (5, 6, 7)], clients=["a", "b", "c"]
    )
    plan = supply_of(("2026Q4", 1), ("2027Q1", 1), ("2027Q2", 1))
    change = {"what": "contingent", "how": "set", "value": 2}
    assert '`{"what": "contingent", "how": "set", "value": 2}`' in DOCUMENT
    two = Scenario.from_dict({"name": "two homes", "changes": [change]})
    return compare(
        waiting, plan, scenarios=[two], as_of=date(2026, 10, 1), quarters=3, draws=5, seed=1
    )


def test_the_queue_of_the_document_is_what_the_estimate_says(lived):
    assert told("housed") == measure(lived["base"], "housed")
    assert told("backlog") == measure(lived["base"], "backlog")


def test_the_waiting_times_of_the_document_are_what_the_estimate_says(lived):
    days = measure(lived["base"], "waiting", by={"waiting": "median_days"})
    assert told("days waited") == days
    assert days[0] == (date(2026, 11, 16) - date(2026, 5, 1)).days
    assert measure(lived["base"], "waiting", by={"waiting": "within_3_months"}) == [0, 0, 0]


def test_the_scenario_of_the_document_is_what_the_comparison_says(lived):
    [two] = lived["scenarios"]
    assert told("moved in") == measure(two, "housed")
    assert told("still wait") == measure(two, "backlog")
    fewer = [-number for number in measure({"series": two["difference"]}, "backlog")]
    assert told("fewer wait than without") == fewer


def test_the_document_names_every_module():
    table = DOCUMENT[DOCUMENT.index("| step | module") :].split("\n\n")[0]
    named = set(re.findall(r"`(\w+)`", table))
    there = {path.stem for path in (ROOT / "outflow" / "estimation").glob("*.py")}
    # Small words that the others are written in.
    there -= {"__init__", "errors", "quarters", "past", "task", "horizon"}
    assert there <= named
    assert named <= there


def test_the_document_lists_measures_changes_and_warnings():
    assert first_cells("measure") == {*MEASURES, "waiting"}
    assert first_cells("what") == set(CHANGED)
    of_data = {"no_history", "no_backtest", "from_national_priors"}
    of_supply = {"region_only_in_supply", "region_without_supply"}
    assert first_cells("warning") == set(MESSAGES) | of_data | of_supply

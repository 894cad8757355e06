"""Everything the estimator can say has words of its own on screen: none of its own English."""

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from django.utils import translation

from outflow.estimates.results import Band
from outflow.estimates.words import (
    ASSUMPTIONS,
    NEEDS,
    SOURCES,
    SUPPORT,
    WARNINGS,
    assumption,
    dwelling_kind,
    need_value,
    wait_span,
    waiting_time,
    warning,
)
from outflow.estimation import estimate, published
from outflow.estimation.histories import MESSAGES
from outflow.lifecycle import HousingForm, SupportKind
from tests.outflow.estimation.truths import Truth, World

CORE = Path(__file__).parents[2] / "outflow" / "estimation"
# Where rows (name, value, source) of the assumptions are written.
WRITTEN_IN = {
    "report.py": {"assumptions"},
    "learned.py": {"learned"},
    "expectations.py": {"fit_expectations"},
}
AS_OF = date(2026, 10, 1)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def beginning(node: ast.expr) -> str | None:
    """A text, or the fixed beginning of one that is put together."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return beginning(node.values[0])
    return None


def rows_written() -> Iterator[tuple[str, str | None]]:
    """(name, source where it is a fixed text) of every assumption in the source of the core."""
    for name, functions in WRITTEN_IN.items():
        tree = ast.parse((CORE / name).read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef) or function.name not in functions:
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.Tuple) and len(node.elts) == 3:
                    begins = beginning(node.elts[0])
                    if begins:
                        yield begins, beginning(node.elts[2])


def codes_written() -> set[str]:
    """Every code of a warning in the source of the core."""
    tree = ast.parse((CORE / "report.py").read_text(encoding="utf-8"))
    found = set(MESSAGES)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Warned":
            found |= {beginning(node.args[0])} - {None}
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and function.name == "about_supply":
            found |= {
                node.elts[0].value
                for node in ast.walk(function)
                if isinstance(node, ast.Tuple) and isinstance(node.elts[0], ast.Constant)
            }
    return found


def has_words(name: str) -> bool:
    return name.rstrip(":") in ASSUMPTIONS or name.partition(":")[0] in ASSUMPTIONS


def test_every_assumption_in_the_source_of_the_core_has_words():
    names = {name for name, _source in rows_written()}
    assert {"register_start", "arrivals_per_quarter:", "expected_ready:weight"} <= names
    assert {name for name in names if not has_words(name)} == set()
    assert not has_words("something_new:")


def test_every_fixed_source_in_the_core_has_words():
    sources = {source for _name, source in rows_written() if source}
    assert "spells" in sources or "contract" in sources
    assert sources - set(SOURCES) == set()


def test_every_warning_in_the_source_of_the_core_has_words():
    assert "from_national_priors" in codes_written()
    assert codes_written() == set(WARNINGS)


def some_needs(spells: pd.DataFrame) -> pd.DataFrame:
    clients = sorted(set(spells["client"]))
    return pd.DataFrame(
        {
            "client": clients,
            "household": ["h1" if n < 2 else "" for n in range(len(clients))],
            "persons": 1,
            "form": ["independent", "independent;flex", ""] * (len(clients) // 3)
            + ["room"] * (len(clients) % 3),
            "rent_class": "712.50",
            "bedrooms": 1,
            "accessible": "",
            "support": "buddy",
            "hours": 2.5,
            "expected_ready": "",
            "target_group": "BW",
        },
        dtype=object,
    )


def some_dates(spells: pd.DataFrame) -> pd.DataFrame:
    ready = spells[(spells["phase"] == "preparing") & (spells["from"] > "2024")].head(60)
    return pd.DataFrame(
        {
            "client": ready["client"],
            "recorded_on": ready["from"],
            "expected_ready": [str(date.fromisoformat(d).replace(day=28)) for d in ready["from"]],
        },
        dtype=object,
    )


SMALL = Truth(arrivals_per_quarter=12, homes_per_quarter=7, years=4, years_before=2, providers=3)


@pytest.mark.parametrize("leans", [False, True])
def test_a_real_estimate_shows_no_word_of_the_core(leans):
    """Every label, source and warning of estimates with all there is, and with nothing."""
    world = World(SMALL, seed=3).spells()
    options: dict[str, Any] = {"as_of": AS_OF, "quarters": 2, "draws": 4, "seed": 1}
    if leans:
        few = world.tail(3)
        results = [estimate(few, None, **options, nation=published(), backtested=False)]
    else:
        plan = pd.DataFrame(
            [["Region 1", "", "2026Q4", 5], ["Elsewhere", "", "2026Q4", 2]],
            columns=["region", "municipality", "quarter", "dwellings"],
            dtype=object,
        )
        places = pd.DataFrame(
            [["Region 1", "BW", 200]], columns=["region", "facility_type", "places"], dtype=object
        )
        results = [
            estimate(
                world,
                plan,
                needs=some_needs(world),
                expectations=some_dates(world),
                queue="longest_in_care",
                places=places,
                **options,
            )
        ]
    for result in results:
        for row in result["assumptions"]:
            label, value, source = assumption(row)
            assert label != row["name"], row
            assert "_" not in label + value + source, row
            assert source != row["source"] or row["source"] in map(str, SOURCES.values()), row
        for row in result["warnings"]:
            assert warning(row)[0] != row["message"], row


def test_values_are_written_by_what_they_mean():
    said = {
        "pace:r": (97, "97 % of what is usual"),
        "season": (0, "none seen"),
        "provider_effects": (35, "about 35 %"),
        "municipality_effects": (35, "about 35 %"),
        "nation_weight:r": (25, "25 %"),
        "share_who_join_a_household:r": (0.012, "1.2 %"),
        "expected_ready:bias": (14, "14 days later"),
        "register_start": ("2018-01-02", "2 Jan 2018"),
        "queue": ("longest in care first, own municipality first", "who is in care longest"),
    }
    for name, (value, words) in said.items():
        written = assumption({"name": name, "value": value, "source": "spells"})[1]
        assert written.replace("\u00a0", " ").startswith(words), name
    early = {"name": "expected_ready:bias", "value": -1, "source": "x"}
    assert assumption(early)[1] == "1 day earlier"


@pytest.mark.parametrize("value", ["none", [1.0, 0.9], None, {"a": 1}])
def test_a_value_of_an_earlier_version_is_shown_as_it_was_kept(value):
    for name in ASSUMPTIONS:
        _label, written, _source = assumption({"name": name, "value": value, "source": "spells"})
        assert isinstance(written, str)


def test_every_value_of_a_need_has_words():
    for form in HousingForm:
        assert need_value("form", form.value) == form.label
    assert need_value("form", "independent;flex") == "independent home or flex home"
    for kind in SupportKind:
        assert need_value("support", kind.value) == kind.label
    assert set(SUPPORT) == {*SupportKind.values, "none"}
    for what in NEEDS:
        assert need_value(what, "") == "not known"
    assert need_value("rent_class", "750").replace("\u00a0", " ") == "up to EUR 750.00 a month"
    assert dwelling_kind({}) == "any dwelling that suits"
    assert dwelling_kind({"accessible": "wheelchair"}) == "fit for a wheelchair"


def test_a_waiting_time_is_said_in_the_unit_one_says_it_in():
    assert [waiting_time(days) for days in (0, 1, 13, 14, 62, 63, 213)] == [
        "0 days",
        "1 day",
        "13 days",
        "2 weeks",
        "9 weeks",
        "2 months",
        "7 months",
    ]
    assert wait_span(Band(AS_OF, 213, 150, 280, 100, 300, 213.0)) == "5 to 9 months"
    assert wait_span(Band(AS_OF, 10, 3, 16, 0, 30, 10.0)) == "3 to 16 days"

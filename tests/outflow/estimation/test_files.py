"""The optional files of the command: what they add, and how a mistake in one is told."""

import json
from datetime import date
from pathlib import Path

import pytest

from outflow.estimation import EstimateError, estimate
from outflow.estimation.files import run_file
from tests.outflow.estimation.tools import measure, spells_of

NEEDS = "client,household,persons,form,rent_class,bedrooms,accessible,support,hours\n"
SPELLS = (
    "client,region,provider,facility_type,municipality,phase,from,to,next\n"
    "a,Elmrand,House,BW,,ready,2026-01-01,,\n"
    "b,Elmrand,House,BW,,ready,2026-02-01,,\n"
)
MORE_HOMES = {"what": "contingent", "how": "set", "value": 2}


def _with_files(folder: Path, **texts: str) -> tuple[int, list[str], Path]:
    """Run on a register of two people who wait, with more files by option name."""
    said: list[str] = []
    paths = {}
    for name, text in ({"spells": SPELLS} | texts).items():
        ending = "json" if name in ("scenarios", "nation") else "csv"
        paths[name] = folder / f"{name}.{ending}"
        paths[name].write_text(text, encoding="utf-8")
    out = folder / "out.json"
    code = run_file(
        **paths, out=out, as_of="2026-10-01", quarters=2, draws=3, seed=1, complain=said.append
    )
    return code, said, out


def _scenarios(*changes: object, **more: object) -> str:
    data = {
        "schema": "weerthuis/outflow-scenarios/1",
        "scenarios": [{"name": "more homes", "changes": list(changes)}],
    }
    return json.dumps(data | more)


def test_scenarios_of_a_file_stand_beside_the_estimate(tmp_path):
    supply = "region,municipality,quarter,dwellings\nElmrand,,2026Q4,1\n"
    code, said, out = _with_files(
        tmp_path,
        supply=supply,
        scenarios=_scenarios(MORE_HOMES),
        needs=NEEDS + "a,,1,studio,700,1,,debts,2.5\n",
        expectations="client,recorded_on,expected_ready\na,2026-01-01,2026-08-01\n",
        places="region,facility_type,places\nElmrand,,30\n",
    )
    assert (code, said) == (0, [])
    result = json.loads(out.read_text(encoding="utf-8"))
    assert measure(result, "housed") == [1, 0]
    [scenario] = result["scenarios"]
    assert measure(scenario, "housed") == [2, 0]
    assert scenario["changes"] == [MORE_HOMES]
    assert measure({"series": scenario["difference"]}, "backlog") == [-1, -1]
    # The one known need is everybody's, and the first to be housed.
    assert measure(result, "housed", by={"form": "studio"}) == [1, 0]
    assert measure(result, "housed", by={"hours": "total"}) == [2.5, 0]


@pytest.mark.parametrize(
    ("option", "text", "part"),
    [
        ("scenarios", "{", "scenarios.json is not JSON: row 1, column 2"),
        ("scenarios", '{"schema": 1,\n "a": }', "scenarios.json is not JSON: row 2, column 7"),
        ("scenarios", "[]", "scenarios.json must hold"),
        ("scenarios", _scenarios(colour="red"), "scenarios.json must hold"),
        ("scenarios", _scenarios(schema="other"), "scenarios.json must hold"),
        ("scenarios", _scenarios(scenarios={}), "is not a list"),
        ("scenarios", '{"schema": 1, "schema": 2}', 'scenarios.json names "schema" twice'),
        ("scenarios", _scenarios(MORE_HOMES | {"value": float("nan")}), "NaN, not a number"),
        (
            "scenarios",
            _scenarios(MORE_HOMES | {"value": -1}),
            'scenarios.json, scenario 1: Change 1 (contingent): "value" must lie between 0',
        ),
        (
            "scenarios",
            _scenarios(MORE_HOMES | {"municipality": "Nowhere"}),
            'Scenario "more homes", change 1 (contingent): municipality "Nowhere"',
        ),
        ("needs", NEEDS + "a,,,,,two,,,\n", 'Row 2 of needs.csv, column bedrooms: "two"'),
        ("needs", NEEDS + "x,,,,,,,,\n", 'Row 2 of needs.csv names client "x"'),
        ("needs", NEEDS + "a,,,,,,,,\na,,,,,,,,\n", "Row 3 of needs.csv names client"),
        ("expectations", "client,recorded_on\na,2026-01-01\n", "missing from expectations.csv"),
        (
            "expectations",
            "client,recorded_on,expected_ready\na,1-1-2026,\n",
            "Row 2 of expectations.csv, column recorded_on",
        ),
        (
            "expectations",
            "client,recorded_on,expected_ready\nx,2026-01-01,\n",
            'Row 2 of expectations.csv names client "x"',
        ),
        ("places", "region,facility_type,places\nElmrand,,-1\n", "column places: -1 is less"),
        ("places", "region,facility_type,places\nNowhere,,1\n", 'column region: "Nowhere"'),
        (
            "places",
            "region,facility_type,places\nElmrand,BW,1\nElmrand,,1\n",
            "Row 3 of places.csv names places that an earlier row names too",
        ),
        ("supply", "region,municipality,quarter,dwellings\nE,,soon,1\n", "Row 2 of supply.csv"),
        ("nation", '{"a": ', "nation.json is not JSON"),
        ("nation", "[]", "nation does not hold national counts"),
        ("nation", "null", "nation does not hold national counts"),
        ("nation", '{"schema": "other"}', "nation does not hold national counts"),
    ],
)
def test_an_optional_file_that_is_not_valid_gives_one_sentence_and_code_2(
    tmp_path, option, text, part
):
    code, said, out = _with_files(tmp_path, **{option: text})
    assert code == 2
    assert len(said) == 1
    assert part in said[0]
    assert "\n" not in said[0]
    assert not out.exists()


@pytest.mark.parametrize("out", ["", "no/such/folder"])
def test_a_result_that_cannot_be_kept_is_refused_before_anything_is_read(tmp_path, out):
    said: list[str] = []
    code = run_file(
        spells=tmp_path / "none.csv",
        out=tmp_path / out,
        as_of="2026-10-01",
        quarters=1,
        draws=1,
        seed=1,
        complain=said.append,
    )
    assert code == 2
    assert said[0].startswith(f"{tmp_path / out} cannot be written: ")


def test_a_result_of_before_stays_where_the_input_is_refused(tmp_path):
    (tmp_path / "out.json").write_text("of before")
    code, _, out = _with_files(tmp_path, nation="[]")
    assert (code, out.read_text()) == (2, "of before")


def test_places_given_for_other_people_than_a_change_names_are_refused(tmp_path):
    change = {"what": "places", "how": "times", "value": 0.5, "facility_type": "BW"}
    code, said, _ = _with_files(
        tmp_path,
        places="region,facility_type,places\nElmrand,,30\n",
        scenarios=_scenarios(change),
    )
    assert code == 2
    assert said[0].startswith('Scenario "more homes", change 1 (places): the places of region')


def test_the_queue_is_one_of_two():
    with pytest.raises(EstimateError, match="longest_ready or longest_in_care"):
        estimate(
            spells_of(("ready", "2026-01-01", "", "")),
            None,
            as_of=date(2026, 10, 1),
            quarters=1,
            draws=1,
            seed=1,
            queue="luck",
        )

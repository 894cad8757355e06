"""The command on files: thin, without a database."""

import doctest
import importlib
import io
import json
from datetime import date

import pytest
from django.core.management import call_command

from outflow.estimation import estimate, published
from outflow.management.commands.estimate import Command
from tests.outflow.estimation.tools import spells_of


def test_the_command_writes_what_the_function_returns(tmp_path):
    spells = spells_of(("ready", "2026-01-01", "", ""))
    spells.to_csv(tmp_path / "spells.csv", index=False)
    options = {"quarters": 2, "draws": 3, "seed": 1}
    call_command(
        Command(),
        spells=tmp_path / "spells.csv",
        out=tmp_path / "out.json",
        as_of="2026-10-01",
        **options,
    )
    written = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    told = estimate(spells, None, as_of=date(2026, 10, 1), **options)
    assert written.pop("run")
    assert told.pop("run")
    assert written == told


def test_every_optional_file_and_option_reaches_the_estimate(tmp_path):
    spells = spells_of(("ready", "2026-01-01", "", ""))
    spells.to_csv(tmp_path / "spells.csv", index=False)
    (tmp_path / "needs.csv").write_text("client,household,form\nc1,,studio\n")
    (tmp_path / "expectations.csv").write_text("client,recorded_on,expected_ready\n")
    (tmp_path / "places.csv").write_text("region,facility_type,places\nElmrand,BW,9\n")
    (tmp_path / "nation.json").write_text(json.dumps(published()))
    (tmp_path / "scenarios.json").write_text(
        json.dumps(
            {
                "schema": "weerthuis/outflow-scenarios/1",
                "scenarios": [{"name": "as it is", "changes": []}],
            }
        )
    )
    files = {name: tmp_path / f"{name}.csv" for name in ("needs", "expectations", "places")}
    files |= {name: tmp_path / f"{name}.json" for name in ("nation", "scenarios")}
    call_command(
        Command(),
        spells=tmp_path / "spells.csv",
        out=tmp_path / "out.json",
        as_of="2026-10-01",
        quarters=2,
        draws=3,
        queue="longest_in_care",
        effects=True,
        processes=2,
        **files,
    )
    written = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    names = {row["name"].partition(":")[0] for row in written["assumptions"]}
    assert {"places", "needs_known", "nation_weight", "expected_ready"} <= names
    assert "from_national_priors" in {warned["code"] for warned in written["warnings"]}
    assert any(row.get("by") == {"form": "studio"} for row in written["series"])
    assert [each["kind"] for each in written["effects"]] == [{}, {"form": "studio"}]
    [scenario] = written["scenarios"]
    assert {row["mean"] for row in scenario["difference"]} == {0}


def test_the_command_ends_with_2_and_a_sentence(tmp_path):
    said = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command(
            Command(stderr=said),
            spells=tmp_path / "none.csv",
            out=tmp_path / "out.json",
            as_of="2026-10-01",
        )
    assert ended.value.code == 2
    assert said.getvalue().count("\n") == 1
    assert "cannot be read" in said.getvalue()


@pytest.mark.parametrize(
    "name",
    [
        "chance",
        "counting",
        "exposure",
        "forward",
        "homes",
        "lots",
        "profiles",
        "quarters",
        "scores",
        "waits",
    ],
)
def test_the_examples_in_the_code_are_true(name):
    module = importlib.import_module(f"outflow.estimation.{name}")
    tested = doctest.testmod(module)
    assert tested.attempted > 0
    assert tested.failed == 0

"""What is refused, with which sentence, and what is mended and counted in a warning."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from outflow.estimation import EstimateError, estimate
from outflow.estimation.files import run_file
from outflow.estimation.histories import follow
from outflow.estimation.quarters import day_number
from outflow.estimation.tables import read_spells
from tests.outflow.estimation.tools import measure, spells_of, supply_of

GOOD = spells_of(
    ("intake", "2025-01-01", "2025-03-01", "stabilising"),
    ("stabilising", "2025-03-01", "", ""),
)
OPTIONS: dict[str, Any] = {"as_of": date(2026, 10, 1), "quarters": 2, "draws": 3, "seed": 1}


def _refusal(spells: pd.DataFrame, supply: pd.DataFrame | None = None, **more: Any) -> str:
    with pytest.raises(EstimateError) as refused:
        estimate(spells, supply, **(OPTIONS | more))
    assert refused.value.code
    return str(refused.value)


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("client", "", "column client: a value is needed."),
        ("region", " ", "column region: a value is needed."),
        ("facility_type", "GGZ", 'column facility_type: "GGZ" is not a facility type.'),
        ("facility_type", "", "column facility_type: a facility type is needed."),
        ("phase", "gereed", 'column phase: "gereed" is not a phase.'),
        ("phase", "left_other", 'column phase: "left_other" is not a phase.'),
        ("from", "", "column from: a date is needed."),
        ("from", "2025-02-30", 'column from: "2025-02-30" does not exist in the calendar.'),
        ("to", "1-3-2025", 'column to: "1-3-2025" is not a date such as 2026-10-01.'),
        ("to", 20250301, 'column to: "20250301" is not a date such as 2026-10-01.'),
        ("from", datetime(2025, 1, 1, 9, 30), 'column from: "2025-01-01 09:30:00" has a '
         "time of day."),
        ("next", "moved", 'column next: "moved" is not a phase or exit.'),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_is_named_by_row_and_column(column, value, sentence):
    table = GOOD.copy()
    table.loc[1, column] = value
    assert _refusal(table) == f"Row 3 of spells, {sentence}"


def test_the_first_wrong_row_is_named_whatever_the_order_of_values():
    table = pd.concat([GOOD, GOOD, GOOD], ignore_index=True)
    table.loc[5, "phase"] = "first"
    table.loc[3, "phase"] = "second"
    assert _refusal(table).startswith("Row 5 of spells,")


def test_empty_rows_count_but_hold_nothing():
    table = pd.concat([GOOD, GOOD.iloc[:1].assign(client="z", phase="x")], ignore_index=True)
    table.loc[0] = [""] * 9
    assert _refusal(table).startswith("Row 4 of spells, column phase")


def test_missing_unknown_and_double_columns_are_refused():
    assert _refusal(GOOD.drop(columns="to")) == 'Column "to" is missing from spells.'
    assert _refusal(GOOD.assign(age=3)) == 'Column "age" of spells is not known.'
    twice = pd.concat([GOOD, GOOD[["to"]]], axis=1)
    assert _refusal(twice) == 'Column "to" occurs twice in spells.'


@pytest.mark.parametrize(
    ("quarter", "dwellings", "part"),
    [
        ("2026Q5", 1, "column quarter"),
        ("2026", 1, "column quarter"),
        ("2026Q4", -1, "-1 is less than zero"),
        ("2026Q4", 1.5, "1.5 is not a whole number"),
        ("2026Q4", np.nan, '"" is not a number'),
        ("2026Q4", "inf", '"inf" is not a number'),
        ("2026Q4", "nan", '"nan" is not a number'),
        ("2026Q4", "many", '"many" is not a number'),
        ("2026Q4", 10**9, "more than can be meant"),
        ("2026Q4", 20_001, "with it more than 20000 are planned in 2026Q4"),
        ("2026Q3", 20_000, "with it more than 20000 are planned in 2026Q3"),
        ("2026Q4", "1_000", '"1_000" is not a number'),
        ("2026Q4", "\N{ARABIC-INDIC DIGIT TWO}", "is not a number"),
        ("2026Q4", "9" * 400, "is not a number"),
        ("\N{ARABIC-INDIC DIGIT TWO}026Q4", 1, "column quarter"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(quarter, dwellings, part):
    plan = pd.concat(
        [supply_of(("2026Q3", 1)), supply_of((quarter, dwellings), town="Elmstede")],
        ignore_index=True,
    )
    sentence = _refusal(GOOD, plan)
    assert sentence.startswith("Row 3 of supply, column ")
    assert part in sentence


def test_a_quarter_planned_twice_is_refused_however_it_is_written():
    plan = supply_of(("2026Q4", 1), ("2026-Q4", 1))
    assert _refusal(GOOD, plan).startswith("Row 3 of supply")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("quarters", 0),
        ("quarters", 2.0),
        ("quarters", True),
        ("quarters", 1000),
        ("draws", 0),
        ("draws", -1),
        ("seed", -1),
        ("seed", "1"),
        ("as_of", "2026-10-01"),
        ("as_of", datetime(2026, 10, 1)),
        ("register_start", "2020-01-01"),
        ("register_start", date(2026, 10, 2)),
        ("register_start", date(1, 1, 1)),
        ("as_of", date(9999, 10, 1)),
        ("as_of", date(1, 1, 1)),
    ],
)
def test_an_option_that_cannot_be_is_refused_by_name(option, value):
    assert option in _refusal(GOOD, **{option: value})


def test_needs_are_checked():
    needs = pd.DataFrame({"client": ["c1"], "household": ["h"], "persons": ["2"]})
    estimate(GOOD, None, needs=needs, **OPTIONS)
    assert "persons" in _refusal(GOOD, needs=needs.assign(persons="two"))
    assert "who has no spell" in _refusal(GOOD, needs=needs.assign(client="stranger"))
    assert "second time" in _refusal(GOOD, needs=pd.concat([needs, needs]))
    assert "income" in _refusal(GOOD, needs=needs.assign(income=1))
    assert "missing" in _refusal(GOOD, needs=needs.drop(columns="household"))


@pytest.mark.parametrize(
    ("column", "value", "part"),
    [
        ("hours", 1e300, "1e+300 is more than can be meant"),
        ("hours", 168.5, "168.5 is more than can be meant"),
        ("hours", -1, "-1 is less than zero"),
        ("persons", -1, "-1 is less than zero"),
        ("bedrooms", -1, "-1 is less than zero"),
        ("rent_class", "9" * 400, "is not a number"),
        ("rent_class", "12345678,50", "is more than can be meant"),
        ("rent_class", "-1", "is less than zero"),
        ("form", "\ud800", "a character that cannot be written"),
    ],
)
def test_a_need_that_cannot_be_is_refused_by_row_and_column(column, value, part):
    needs = pd.DataFrame({"client": ["c1"], "household": ["h"], column: [value]}, dtype=object)
    sentence = _refusal(GOOD, needs=needs)
    assert sentence.startswith(f"Row 2 of needs, column {column}: ")
    assert part in sentence


def test_a_week_of_hours_is_accepted():
    needs = pd.DataFrame({"client": ["c1"], "household": "", "hours": 168})
    estimate(GOOD, None, needs=needs, **OPTIONS)


def test_dates_may_be_dates_and_nothing_may_be_missing():
    plain = read_spells(GOOD)
    other = GOOD.assign(
        **{
            "from": pd.to_datetime(GOOD["from"]),
            "to": [date(2025, 3, 1), None],
            "next": ["stabilising", np.nan],
            "municipality": ["Elmstede", "Elmstede"],
        }
    )
    pd.testing.assert_frame_equal(read_spells(other), plain)


def _mended(*rows: tuple[str, str, str, str], clients: list[str] | None = None) -> Any:
    table = spells_of(*rows, clients=clients)
    known = follow(read_spells(table), as_of=day_number(date(2026, 10, 1)))
    warnings = {warned.code: warned.as_dict()["rows"] for warned in known.warnings}
    return known, warnings


@pytest.mark.parametrize(
    ("code", "rows", "wrong", "left"),
    [
        ("after_as_of", [("intake", "2026-10-01", "", "")], [2], 0),
        ("ends_before_begin", [("intake", "2025-02-01", "2025-01-01", "preparing")], [2], 0),
        ("duplicate_row", [("intake", "2025-01-01", "", "")] * 2, [3], 1),
        (
            "overlap",
            [
                ("intake", "2025-01-01", "2025-06-01", "left_other"),
                ("preparing", "2025-03-01", "2025-07-01", "left_other"),
            ],
            [3],
            1,
        ),
        (
            "open_but_followed",
            [("intake", "2025-01-01", "", ""), ("stabilising", "2025-03-01", "", "")],
            [2],
            2,
        ),
        ("next_without_end", [("intake", "2025-01-01", "", "stabilising")], [2], 1),
        (
            "next_missing",
            [("intake", "2025-01-01", "2025-03-01", ""), ("stabilising", "2025-03-01", "", "")],
            [2],
            2,
        ),
        (
            "next_differs",
            [
                ("intake", "2025-01-01", "2025-03-01", "ready"),
                ("stabilising", "2025-03-01", "", ""),
            ],
            [2],
            2,
        ),
        (
            "gap",
            [
                ("intake", "2025-01-01", "2025-03-01", "stabilising"),
                ("stabilising", "2025-03-11", "", ""),
            ],
            [2],
            2,
        ),
        (
            "after_exit",
            [
                ("intake", "2025-01-01", "2025-03-01", "left_other"),
                ("intake", "2025-09-01", "", ""),
            ],
            [3],
            2,
        ),
        ("outcome_unknown", [("intake", "2025-01-01", "2025-03-01", "")], [2], 1),
        ("successor_missing", [("intake", "2025-01-01", "2025-03-01", "preparing")], [2], 2),
    ],
)
def test_a_questionable_row_is_counted_under_its_own_code(code, rows, wrong, left):
    known, warnings = _mended(*rows)
    assert warnings == {code: wrong}
    assert len(known.phase) == left


def test_good_rows_give_no_warning():
    known, warnings = _mended(
        ("intake", "2025-01-01", "2025-03-01", "stabilising"),
        ("stabilising", "2025-03-01", "2025-04-01", "stabilising"),
        ("stabilising", "2025-04-01", "2026-01-01", "ready"),
        ("ready", "2026-01-01", "2026-02-01", "offered"),
        ("offered", "2026-02-01", "2026-02-01", "ready"),
        ("ready", "2026-02-01", "2026-03-01", "offered"),
        ("offered", "2026-03-01", "2026-03-05", "housed"),
        ("housed", "2026-03-05", "2026-06-01", "relapse"),
        ("relapse", "2026-06-01", "", ""),
    )
    assert warnings == {}
    assert len(known.phase) == 8  # the two stays in one phase are one
    assert len(set(known.waiting_since[2:6].tolist())) == 1


def test_a_warning_lists_the_first_twenty_rows_and_counts_all():
    rows = [("intake", "2025-02-01", "2025-01-01", "preparing")] * 30
    result = estimate(spells_of(*rows, clients=[f"c{k}" for k in range(30)]), None, **OPTIONS)
    (warned,) = (w for w in result["warnings"] if w["code"] == "ends_before_begin")
    assert warned["count"] == 30
    assert warned["rows"] == list(range(2, 22))


def test_a_warning_about_the_plan_counts_empty_rows():
    plan = supply_of(("2026Q4", 1), ("2026Q4", 1), ("2026Q4", 1))
    plan.loc[0] = plan.loc[1] = [""] * 4
    plan.loc[2, "region"] = "Nowhere"
    result = estimate(GOOD, plan, **OPTIONS)
    (warned,) = (w for w in result["warnings"] if w["code"] == "region_only_in_supply")
    assert warned["rows"] == [4]


def test_a_plan_of_many_homes_is_drawn_in_small_parts():
    parts = []

    def tell(stage: str, done: int, total: int) -> None:
        if stage == "simulating":
            parts.append(done)

    many = OPTIONS | {"draws": 30, "backtested": False, "progress": tell}
    estimate(GOOD, supply_of(("2026Q4", 20_000), ("2027Q1", 20_000)), **many)
    assert parts == [24, 30]
    parts.clear()
    estimate(GOOD, supply_of(("2026Q4", 20)), **many)
    assert parts == [30]


def test_names_do_not_decide_between_equal_histories_with_other_needs():
    row = ("ready", "2026-01-01", "", "")

    def housed(names: list[str]) -> list[list[float]]:
        needs = pd.DataFrame({"client": names, "household": "", "form": ["studio", "house"]})
        plan = supply_of(("2026Q4", 1), ("2027Q1", 0))
        options = OPTIONS | {"draws": 1, "backtested": False}
        result = estimate(spells_of(row, row, clients=names), plan, needs=needs, **options)
        return [measure(result, "housed", by={"form": form}) for form in ("studio", "house")]

    assert housed(["a", "b"]) == housed(["b", "a"])
    assert sorted(housed(["a", "b"])) == [[0, 0], [1, 0]]


def _files(tmp_path: Path, spells: str, supply: str | None = None) -> tuple[int, list[str], Path]:
    said: list[str] = []
    out = tmp_path / "estimate.json"
    (tmp_path / "spells.csv").write_text(spells, encoding="utf-8")
    if supply is not None:
        (tmp_path / "supply.csv").write_text(supply, encoding="utf-8")
    code = run_file(
        spells=tmp_path / "spells.csv",
        supply=None if supply is None else tmp_path / "supply.csv",
        out=out,
        as_of="2026-10-01",
        quarters=2,
        draws=5,
        seed=1,
        complain=said.append,
    )
    return code, said, out


HEADER = "client,region,provider,facility_type,municipality,phase,from,to,next\n"
READY = 'a,Elmrand,"Huis, en meer",BW,,ready,2026-01-01,,\n'


def test_files_in_give_a_file_out(tmp_path):
    supply = "region,municipality,quarter,dwellings\nElmrand,,2026-Q4,1\n"
    code, said, out = _files(tmp_path, "\ufeff" + HEADER + READY, supply)
    assert (code, said) == (0, [])
    result = json.loads(out.read_text(encoding="utf-8"))
    assert result["schema"] == "weerthuis/outflow-estimate/1"
    assert measure(result, "housed") == [1, 0]
    assert measure(result, "housed", town="") == [1, 0]
    assert set(result) == {
        "schema",
        "as_of",
        "seed",
        "draws",
        "core_version",
        "fingerprint",
        "assumptions",
        "warnings",
        "series",
        "backtest",
        "run",
    }


@pytest.mark.parametrize(
    ("spells", "part"),
    [
        ("", 'Column "client" is missing'),
        (HEADER + READY + "\n" + "a,b\n", "Row 4 of spells.csv has 2 cells"),
        (HEADER + 'a,"b', "is not a CSV file"),
        (HEADER.replace(",", ";"), 'Column "client" is missing'),
        (HEADER + READY.replace("ready", "klaar"), 'Row 2 of spells.csv, column phase: "klaar"'),
    ],
)
def test_a_file_that_is_not_valid_gives_one_sentence_and_code_2(tmp_path, spells, part):
    code, said, out = _files(tmp_path, spells)
    assert code == 2
    assert len(said) == 1
    assert part in said[0]
    assert "\n" not in said[0]
    assert not out.exists()


def test_a_file_that_is_not_there_or_not_text_gives_code_2(tmp_path):
    said: list[str] = []
    options = {"quarters": 1, "draws": 1, "seed": 1, "complain": said.append}
    out = tmp_path / "out.json"
    missing = run_file(spells=tmp_path / "none.csv", out=out, as_of="2026-10-01", **options)
    (tmp_path / "latin.csv").write_bytes((HEADER + "caf\xe9").encode("latin-1"))
    latin = run_file(spells=tmp_path / "latin.csv", out=out, as_of="2026-10-01", **options)
    (tmp_path / "good.csv").write_text(HEADER + READY)
    late = run_file(spells=tmp_path / "good.csv", out=out, as_of="1-10-2026", **options)
    short = run_file(spells=tmp_path / "good.csv", out=out, as_of="20261001", **options)
    nowhere = run_file(
        spells=tmp_path / "good.csv", out=tmp_path / "no" / "out", as_of="2026-10-01", **options
    )
    assert [missing, latin, late, short, nowhere] == [2] * 5
    assert len(said) == 5

"""The estimate on files: CSV and JSON in, JSON out, and a sentence instead of a traceback."""

import csv
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd

from outflow.estimation.engine import Progress, run_all
from outflow.estimation.errors import EstimateError
from outflow.estimation.quarters import ISO_DATE
from outflow.estimation.scenarios import Scenario
from outflow.estimation.task import LONGEST_READY

SUCCESS = 0
NOT_VALID = 2

SCENARIOS_SCHEMA = "weerthuis/outflow-scenarios/1"


def read_csv(path: Path) -> pd.DataFrame:
    """Return the cells of a CSV file as text, empty rows included so that rows can be counted."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines, strict=True)
            header = next(reader, [])
            # Every text once, however many cells hold it: registers repeat themselves.
            known: dict[str, str] = {}
            records = [[known.setdefault(cell, cell) for cell in record] for record in reader]
    except OSError as trouble:
        raise _unreadable(path, trouble) from None
    except (UnicodeDecodeError, csv.Error) as trouble:
        raise EstimateError(
            "file", "%(path)s is not a CSV file in UTF-8: %(why)s.", path=str(path), why=trouble
        ) from None
    names = [name.strip() for name in header]
    for row, record in enumerate(records, 2):
        if record and len(record) != len(names):
            raise EstimateError(
                "cells",
                "Row %(row)d of %(path)s has %(found)d cells; the header has %(wanted)d.",
                row=row,
                path=path.name,
                found=len(record),
                wanted=len(names),
            )
    cells = [record or [""] * len(names) for record in records]
    return pd.DataFrame(cells, columns=names, dtype=object)


def read_json(path: Path) -> Any:
    """Return what a JSON file holds; a key that stands twice and NaN are refused."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for number, (key, _) in enumerate(pairs):
            if any(key == earlier for earlier, _ in pairs[:number]):
                raise EstimateError(
                    "json_twice", '%(path)s names "%(key)s" twice.', path=path.name, key=key[:200]
                )
        return dict(pairs)

    def refuse(word: str) -> NoReturn:
        raise EstimateError(
            "json_number", "%(path)s holds %(word)s, not a number.", path=path.name, word=word
        )

    try:
        text = path.read_text(encoding="utf-8-sig")
        return json.loads(text, object_pairs_hook=once, parse_constant=refuse)
    except OSError as trouble:
        raise _unreadable(path, trouble) from None
    except json.JSONDecodeError as trouble:
        raise EstimateError(
            "json",
            "%(path)s is not JSON: row %(row)d, column %(column)d.",
            path=path.name,
            row=trouble.lineno,
            column=trouble.colno,
        ) from None
    except (UnicodeDecodeError, RecursionError, ValueError) as trouble:
        if isinstance(trouble, EstimateError):
            raise
        raise EstimateError(
            "file", "%(path)s is not JSON in UTF-8: %(why)s.", path=path.name, why=trouble
        ) from None


def read_scenarios(path: Path) -> list[Scenario]:
    """Return the scenarios of a file: ``{"schema": ..., "scenarios": [{"name", "changes"}]}``."""
    data = read_json(path)
    keys = set(data) if isinstance(data, dict) else set()
    if keys != {"schema", "scenarios"} or data["schema"] != SCENARIOS_SCHEMA:
        raise EstimateError(
            "scenarios_file",
            '%(path)s must hold "schema": "%(schema)s" and "scenarios", and nothing else.',
            path=path.name,
            schema=SCENARIOS_SCHEMA,
        )
    if not isinstance(data["scenarios"], list):
        raise EstimateError(
            "scenarios_file", '"scenarios" of %(path)s is not a list.', path=path.name
        )
    found = []
    for number, each in enumerate(data["scenarios"], 1):
        try:
            found.append(Scenario.from_dict(each))
        except EstimateError as trouble:
            raise EstimateError(
                trouble.code,
                f"%(path)s, scenario %(number)d: {trouble.sentence}",
                **{"path": path.name, "number": number, **trouble.params},
            ) from None
    return found


def run_file(
    *,
    spells: Path,
    out: Path,
    as_of: str,
    quarters: int,
    draws: int,
    seed: int,
    supply: Path | None = None,
    needs: Path | None = None,
    expectations: Path | None = None,
    nation: Path | None = None,
    places: Path | None = None,
    scenarios: Path | None = None,
    effects: bool = False,
    queue: str = LONGEST_READY,
    register_start: str | None = None,
    processes: int = 1,
    complain: Callable[[str], object],
    progress: Progress | None = None,
) -> int:
    """Write the estimate of files to ``out`` and return 0, or complain in a sentence: 2.

    With ``scenarios`` the result has a key of that name too, with ``effects`` that one.
    """
    tables = {
        "spells": spells,
        "supply": supply,
        "needs": needs,
        "expectations": expectations,
        "places": places,
    }

    def table(path: Path | None) -> pd.DataFrame | None:
        return None if path is None else read_csv(path)

    try:
        _check_writable(out)
        asked = [] if scenarios is None else read_scenarios(scenarios)
        found = run_all(
            read_csv(spells),
            table(supply),
            as_of=_date("as-of", as_of),
            quarters=quarters,
            draws=draws,
            seed=seed,
            register_start=(
                None if register_start is None else _date("register-start", register_start)
            ),
            needs=table(needs),
            expectations=table(expectations),
            nation=None if nation is None else read_json(nation) or {},
            queue=queue,
            places=table(places),
            progress=progress,
            processes=processes,
            scenarios=asked,
            with_effects=effects,
        )
        result = dict(found["base"])
        if scenarios is not None:
            result["scenarios"] = found["scenarios"]
        if effects:
            result["effects"] = found["effects"]
        _write(out, result)
    except EstimateError as trouble:
        named = tables.get(str(trouble.params.get("table")))
        params = trouble.params | ({} if named is None else {"table": named.name})
        complain(trouble.sentence % params if params else trouble.sentence)
        return NOT_VALID
    return SUCCESS


def _unreadable(path: Path, trouble: OSError) -> EstimateError:
    return EstimateError(
        "file", "%(path)s cannot be read: %(why)s.", path=str(path), why=trouble.strerror
    )


def _date(name: str, text: str) -> date:
    try:
        if ISO_DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise EstimateError(
        "option", '--%(name)s "%(text)s" is not a date such as 2026-10-01.', name=name, text=text
    )


def _check_writable(path: Path) -> None:
    """Refuse a place where the result cannot be kept before minutes are spent on it."""
    existed = path.exists()
    if existed and not path.is_file() and not path.is_dir():
        return
    try:
        with path.open("a", encoding="utf-8"):
            pass
        if not existed:
            path.unlink()
    except OSError as trouble:
        raise _unwritable(path, trouble) from None


def _write(path: Path, result: dict[str, Any]) -> None:
    try:
        path.write_text(
            json.dumps(result, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
        )
    except OSError as trouble:
        raise _unwritable(path, trouble) from None


def _unwritable(path: Path, trouble: OSError) -> EstimateError:
    return EstimateError(
        "file", "%(path)s cannot be written: %(why)s.", path=str(path), why=trouble.strerror
    )

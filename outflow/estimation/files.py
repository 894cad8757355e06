"""The estimate on files: CSV in, JSON out, and a sentence instead of a traceback."""

import csv
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd

from outflow.estimation.engine import Progress, estimate
from outflow.estimation.errors import EstimateError

SUCCESS = 0
NOT_VALID = 2


def read_csv(path: Path) -> pd.DataFrame:
    """Return the cells of a CSV file as text, empty rows included so that rows can be counted."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            header, *records = list(csv.reader(lines, strict=True)) or [[]]
    except OSError as trouble:
        raise EstimateError(
            "file", "%(path)s cannot be read: %(why)s.", path=str(path), why=trouble.strerror
        ) from None
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
    return pd.DataFrame([record or [""] * len(names) for record in records], columns=names)


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
    register_start: str | None = None,
    complain: Callable[[str], object],
    progress: Progress | None = None,
) -> int:
    """Write the estimate of files to ``out`` and return 0, or complain in a sentence: 2."""
    try:
        result = estimate(
            read_csv(spells),
            None if supply is None else read_csv(supply),
            as_of=_date("as-of", as_of),
            quarters=quarters,
            draws=draws,
            seed=seed,
            register_start=(
                None if register_start is None else _date("register-start", register_start)
            ),
            needs=None if needs is None else read_csv(needs),
            progress=progress,
        )
        _write(out, result)
    except EstimateError as trouble:
        complain(str(trouble))
        return NOT_VALID
    return SUCCESS


def _date(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise EstimateError(
            "option",
            '--%(name)s "%(text)s" is not a date such as 2026-10-01.',
            name=name,
            text=text,
        ) from None


def _write(path: Path, result: dict[str, object]) -> None:
    try:
        path.write_text(
            json.dumps(result, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
        )
    except OSError as trouble:
        raise EstimateError(
            "file", "%(path)s cannot be written: %(why)s.", path=str(path), why=trouble.strerror
        ) from None

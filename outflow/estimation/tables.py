"""Reads the three tables of the contract and refuses what is not valid, naming row and column.

Rows are counted as a spreadsheet user counts them: the header is row 1, so the first row of a
frame is row 2. Wholly empty rows count, but hold nothing.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outflow.estimation.contract import (
    FACILITY_TYPES,
    NEED_COLUMNS,
    PHASES,
    SPELL_COLUMNS,
    STATES,
    SUPPLY_COLUMNS,
)
from outflow.estimation.errors import EstimateError
from outflow.estimation.quarters import day_number, parse_quarter

OPEN = 4_000_000
"""The end of a spell that still lasts: a day beyond every calendar."""

UNKNOWN = -1
"""The next phase of a spell that still lasts, or whose next phase nobody wrote down."""

FIRST_ROW = 2

type Cells = pd.Series[Any]

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Supply:
    """Planned dwellings: one entry per region, municipality ("" for the region's) and quarter."""

    regions: list[str]
    municipalities: list[str]
    quarters: NDArray[np.int64]
    dwellings: NDArray[np.int64]


def read_spells(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the spells with whole numbers for days and phases, one row per spell.

    Parameters
    ----------
    frame
        The columns of the contract; dates as ISO text or as dates, nothing as "" or missing.

    Returns
    -------
    DataFrame
        ``row`` (spreadsheet row), ``client``, ``region``, ``provider``, ``facility_type``,
        ``municipality``, ``phase`` (index into PHASES), ``start`` and ``end`` (day numbers, OPEN
        while it lasts), ``next`` (index into STATES, or UNKNOWN).

    Raises
    ------
    EstimateError
        For a missing or unknown column, or a cell that cannot be what its column holds.
    """
    _check_columns(frame, SPELL_COLUMNS, SPELL_COLUMNS, table="spells")
    rows, cells = _filled(frame, SPELL_COLUMNS)
    states = {name: number for number, name in enumerate(STATES)}
    phases = {name: number for number, name in enumerate(PHASES)}
    kinds = {name: name for name in FACILITY_TYPES}
    read = pd.DataFrame({"row": rows})
    for name in ("client", "region"):
        read[name] = _column(cells[name], rows, name, _required)
    read["provider"] = _column(cells["provider"], rows, "provider", _as_is)
    read["facility_type"] = _column(
        cells["facility_type"], rows, "facility_type", _one_of(kinds, "facility type")
    )
    read["municipality"] = _column(cells["municipality"], rows, "municipality", _as_is)
    read["phase"] = _column(cells["phase"], rows, "phase", _one_of(phases, "phase")).astype(int)
    read["start"] = _column(cells["from"], rows, "from", _day).astype(int)
    read["end"] = _column(cells["to"], rows, "to", _day_or_open).astype(int)
    read["next"] = _column(
        cells["next"], rows, "next", _one_of(states | {"": UNKNOWN}, "phase or exit")
    ).astype(int)
    return read


def read_supply(frame: pd.DataFrame) -> Supply:
    """Return the planned dwellings, or raise for a row that is not valid or occurs twice."""
    _check_columns(frame, SUPPLY_COLUMNS, SUPPLY_COLUMNS, table="supply")
    rows, cells = _filled(frame, SUPPLY_COLUMNS)
    read = pd.DataFrame(
        {
            "region": _column(cells["region"], rows, "region", _required),
            "municipality": _column(cells["municipality"], rows, "municipality", _as_is),
            "quarter": _column(cells["quarter"], rows, "quarter", _quarter),
            "dwellings": _column(cells["dwellings"], rows, "dwellings", _whole_number),
        }
    )
    twice = read.duplicated(["region", "municipality", "quarter"]).to_numpy()
    if twice.any():
        raise EstimateError(
            "supply_twice",
            "Row %(row)d of supply names a region, municipality and quarter that an earlier row "
            "names too.",
            row=int(rows[twice][0]),
        )
    return Supply(
        regions=[str(name) for name in read["region"]],
        municipalities=[str(name) for name in read["municipality"]],
        quarters=read["quarter"].to_numpy(dtype=np.int64),
        dwellings=read["dwellings"].to_numpy(dtype=np.int64),
    )


def read_needs(frame: pd.DataFrame, clients: Sequence[str]) -> dict[str, str]:
    """Return the household of every client who has one; the other columns are only checked.

    ``clients`` are the clients of the spells: a need of anybody else is refused.
    """
    _check_columns(frame, NEED_COLUMNS, ("client", "household"), table="needs")
    present = [name for name in NEED_COLUMNS if name in frame.columns]
    rows, cells = _filled(frame, present)
    client = _column(cells["client"], rows, "client", _required)
    household = _column(cells["household"], rows, "household", _as_is)
    checks: dict[str, Callable[[object], object]] = {
        "persons": _optional(_whole_number),
        "bedrooms": _optional(_whole_number),
        "hours": _optional(_not_negative),
        "expected_ready": _day_or_open,
    }
    for name in present:
        if name in checks:
            _column(cells[name], rows, name, checks[name])
    known = set(clients)
    for row, name in zip(rows, client, strict=True):
        if name not in known:
            raise EstimateError(
                "needs_stranger",
                'Row %(row)d of needs names client "%(client)s", who has no spell.',
                row=int(row),
                client=name,
            )
    twice = client.duplicated().to_numpy()
    if twice.any():
        raise EstimateError(
            "needs_twice",
            'Row %(row)d of needs names client "%(client)s" a second time.',
            row=int(rows[twice][0]),
            client=client[twice].iloc[0],
        )
    return {str(name): str(home) for name, home in zip(client, household, strict=True) if home}


def _check_columns(
    frame: pd.DataFrame, allowed: Sequence[str], needed: Sequence[str], *, table: str
) -> None:
    names = [str(name) for name in frame.columns]
    for name in needed:
        if name not in names:
            raise EstimateError(
                "column_missing",
                'Column "%(column)s" is missing from %(table)s.',
                column=name,
                table=table,
            )
    for name in names:
        if name not in allowed:
            raise EstimateError(
                "column_unknown",
                'Column "%(column)s" of %(table)s is not known.',
                column=name,
                table=table,
            )
        if names.count(name) > 1:
            raise EstimateError(
                "column_twice",
                'Column "%(column)s" occurs twice in %(table)s.',
                column=name,
                table=table,
            )


def _filled(
    frame: pd.DataFrame, columns: Sequence[str]
) -> tuple[NDArray[np.int64], dict[str, Cells]]:
    """Return the rows that hold anything: their spreadsheet numbers and their cells as objects."""
    cells = {name: frame[name].astype(object).reset_index(drop=True) for name in columns}
    empty = np.ones(len(frame), dtype=bool)
    for column in cells.values():
        empty &= (column.isna() | (column == "")).to_numpy(dtype=bool)
    kept = np.flatnonzero(~empty)
    return kept + FIRST_ROW, {
        name: column.iloc[kept].reset_index(drop=True) for name, column in cells.items()
    }


def _column(
    cells: Cells,
    rows: NDArray[np.int64],
    name: str,
    read: Callable[[object], object],
) -> Cells:
    """Read every distinct value once; name the first row whose value cannot be read."""
    codes, values = pd.factorize(cells, use_na_sentinel=False)
    found: list[object] = []
    worst: tuple[int, str, object] | None = None
    for code, value in enumerate(values):
        plain: object = "" if value is None or value is pd.NA or _is_nan(value) else value
        if isinstance(plain, str):
            plain = plain.strip()
        try:
            found.append(read(plain))
        except ValueError as trouble:
            found.append(None)
            where = int(rows[np.flatnonzero(codes == code)[0]])
            if worst is None or where < worst[0]:
                worst = (where, str(trouble), plain)
    if worst is not None:
        raise EstimateError(
            "cell",
            "Row %(row)d, column %(column)s: %(trouble)s.",
            row=worst[0],
            column=name,
            trouble=worst[1],
            value=str(worst[2]),
        )
    taken = np.empty(len(found), dtype=object)
    taken[:] = found
    return pd.Series(taken[codes] if len(found) else taken, dtype=object)


def _is_nan(value: object) -> bool:
    return value is pd.NaT or (isinstance(value, float | np.floating) and math.isnan(value))


def _as_is(value: object) -> str:
    return str(value)


def _required(value: object) -> str:
    if value == "":
        raise ValueError("a value is needed")
    return str(value)


def _one_of(
    known: dict[str, object] | dict[str, int] | dict[str, str], what: str
) -> Callable[[object], object]:
    def read(value: object) -> object:
        if str(value) not in known:
            raise ValueError(f'"{value}" is not a {what}' if value != "" else f"a {what} is needed")
        return known[str(value)]

    return read


def _optional(read: Callable[[object], object]) -> Callable[[object], object]:
    return lambda value: "" if value == "" else read(value)


def _day(value: object) -> int:
    if isinstance(value, datetime):
        if (value.hour, value.minute, value.second, value.microsecond) != (0, 0, 0, 0):
            raise ValueError(f'"{value}" has a time of day')
        return day_number(value.date())
    if isinstance(value, date):
        return day_number(value)
    if value == "":
        raise ValueError("a date is needed")
    if not _ISO_DATE.fullmatch(str(value)):
        raise ValueError(f'"{value}" is not a date such as 2026-10-01')
    try:
        return day_number(date.fromisoformat(str(value)))
    except ValueError:
        raise ValueError(f'"{value}" does not exist in the calendar') from None


def _day_or_open(value: object) -> int:
    return OPEN if value == "" else _day(value)


def _quarter(value: object) -> int:
    try:
        return parse_quarter(str(value))
    except EstimateError as trouble:
        raise ValueError(str(trouble).rstrip(".")) from None


def _not_negative(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        raise ValueError(f'"{value}" is not a number') from None
    if not math.isfinite(number):
        raise ValueError(f'"{value}" is not a number')
    if number < 0:
        raise ValueError(f"{value} is less than zero")
    return number


def _whole_number(value: object) -> int:
    number = _not_negative(value)
    if number != int(number):
        raise ValueError(f"{value} is not a whole number")
    if number > 1_000_000:
        raise ValueError(f"{value} is more than can be meant")
    return int(number)

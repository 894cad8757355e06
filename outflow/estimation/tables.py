"""Reads the three tables of the contract and refuses what is not valid, naming row and column.

Rows are counted as a spreadsheet user counts them: the header is row 1, so the first row of a
frame is row 2. Wholly empty rows count, but hold nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outflow.estimation.cells import (
    a_day,
    a_quarter,
    a_rent,
    as_is,
    one_of,
    optional,
    required,
    week_hours,
    whole_number,
)
from outflow.estimation.contract import (
    EXPECTATION_COLUMNS,
    FACILITY_TYPES,
    NEED_COLUMNS,
    PHASES,
    PLACE_COLUMNS,
    SPELL_COLUMNS,
    STATES,
    SUPPLY_COLUMNS,
)
from outflow.estimation.errors import EstimateError
from outflow.estimation.quarters import label

OPEN = 4_000_000
"""The end of a spell that still lasts: a day beyond every calendar."""

UNKNOWN = -1
"""The next phase of a spell that still lasts, or whose next phase nobody wrote down."""

FIRST_ROW = 2

type Cells = pd.Series[Any]

MOST_DWELLINGS = 20_000
"""Planned dwellings of all regions together in one quarter: beyond any plan there can be."""


@dataclass(frozen=True)
class Supply:
    """Planned dwellings: one entry per region, municipality ("" for the region's) and quarter.

    ``rows`` are those of the spreadsheet.
    """

    rows: NDArray[np.int64]
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
        ``municipality`` (categories: every name once), ``phase`` (index into PHASES), ``start``
        and ``end`` (day numbers, OPEN while it lasts), ``next`` (index into STATES, or UNKNOWN).

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
    return pd.DataFrame(
        {
            "row": rows,
            "client": _words(cells["client"], rows, "client", required),
            "region": _words(cells["region"], rows, "region", required),
            "provider": _words(cells["provider"], rows, "provider", as_is),
            "facility_type": _words(
                cells["facility_type"], rows, "facility_type", one_of(kinds, "facility type")
            ),
            "municipality": _words(cells["municipality"], rows, "municipality", as_is),
            "phase": _numbers(cells["phase"], rows, "phase", one_of(phases, "phase")),
            "start": _numbers(cells["from"], rows, "from", a_day),
            "end": _numbers(cells["to"], rows, "to", _day_or_open),
            "next": _numbers(
                cells["next"], rows, "next", one_of(states | {"": UNKNOWN}, "phase or exit")
            ),
        }
    )


def read_supply(frame: pd.DataFrame) -> Supply:
    """Return the planned dwellings, or raise for a row that is not valid or occurs twice."""
    _check_columns(frame, SUPPLY_COLUMNS, SUPPLY_COLUMNS, table="supply")
    rows, cells = _filled(frame, SUPPLY_COLUMNS)
    read = pd.DataFrame(
        {
            "region": _column(cells["region"], rows, "region", required, table="supply"),
            "municipality": _column(
                cells["municipality"], rows, "municipality", as_is, table="supply"
            ),
            "quarter": _column(cells["quarter"], rows, "quarter", a_quarter, table="supply"),
            "dwellings": _column(
                cells["dwellings"], rows, "dwellings", whole_number, table="supply"
            ),
        }
    )
    twice = read.duplicated(["region", "municipality", "quarter"]).to_numpy()
    if twice.any():
        raise EstimateError(
            "supply_twice",
            "Row %(row)d of %(table)s names a region, municipality and quarter that an earlier "
            "row names too.",
            table="supply",
            row=int(rows[twice][0]),
        )
    _refuse_too_many(read, rows)
    return Supply(
        rows=rows,
        regions=[str(name) for name in read["region"]],
        municipalities=[str(name) for name in read["municipality"]],
        quarters=read["quarter"].to_numpy(dtype=np.int64),
        dwellings=read["dwellings"].to_numpy(dtype=np.int64),
    )


def _refuse_too_many(read: pd.DataFrame, rows: NDArray[np.int64]) -> None:
    """Refuse more dwellings in a quarter than can be meant, naming the row that goes beyond."""
    together = read["dwellings"].astype(np.int64).groupby(read["quarter"]).cumsum().to_numpy()
    beyond = together > MOST_DWELLINGS
    if beyond.any():
        raise EstimateError(
            "supply_many",
            "Row %(row)d of %(table)s, column dwellings: with it more than %(most)d are planned in "
            "%(quarter)s, more than can be meant.",
            table="supply",
            row=int(rows[beyond][0]),
            most=MOST_DWELLINGS,
            quarter=label(int(read["quarter"][beyond].iloc[0])),
        )


def read_needs(frame: pd.DataFrame, clients: Sequence[str]) -> pd.DataFrame:
    """Return what clients need, one row for each client named.

    ``clients`` are the clients of the spells: a need of anybody else is refused.

    Returns
    -------
    DataFrame
        All columns of NEED_COLUMNS: text, "" where nothing is known (whole numbers of persons and
        bedrooms, hours as they stand), and ``expected_ready`` as a day number, OPEN without one.
    """
    _check_columns(frame, NEED_COLUMNS, ("client", "household"), table="needs")
    present = [name for name in NEED_COLUMNS if name in frame.columns]
    rows, cells = _filled(frame, present)
    readers: dict[str, Callable[[object], object]] = {
        "client": required,
        "persons": optional(whole_number),
        "bedrooms": optional(whole_number),
        "rent_class": a_rent,
        "hours": optional(week_hours),
        "expected_ready": _day_or_open,
    }
    read = pd.DataFrame({"row": rows})
    for name in NEED_COLUMNS:
        if name in present:
            values = _column(cells[name], rows, name, readers.get(name, as_is), table="needs")
            read[name] = values if name == "expected_ready" else values.map(str)
        else:
            read[name] = OPEN if name == "expected_ready" else ""
    _refuse_strangers(read, clients, table="needs")
    twice = read["client"].duplicated().to_numpy()
    if twice.any():
        raise EstimateError(
            "needs_twice",
            'Row %(row)d of %(table)s names client "%(client)s" a second time.',
            table="needs",
            row=int(rows[twice][0]),
            client=read["client"][twice].iloc[0],
        )
    return read


def read_expectations(frame: pd.DataFrame, clients: Sequence[str]) -> pd.DataFrame:
    """Return every expected-ready date ever recorded: client, recorded_on, expected_ready.

    Days are numbers; ``expected_ready`` is OPEN where the record took an expectation back.
    """
    _check_columns(frame, EXPECTATION_COLUMNS, EXPECTATION_COLUMNS, table="expectations")
    rows, cells = _filled(frame, EXPECTATION_COLUMNS)
    read = pd.DataFrame({"row": rows})
    read["client"] = _column(cells["client"], rows, "client", required, table="expectations")
    read["recorded_on"] = _column(
        cells["recorded_on"], rows, "recorded_on", a_day, table="expectations"
    ).astype(int)
    read["expected_ready"] = _column(
        cells["expected_ready"], rows, "expected_ready", _day_or_open, table="expectations"
    ).astype(int)
    _refuse_strangers(read, clients, table="expectations")
    return read


def read_places(frame: pd.DataFrame, regions: Sequence[str]) -> dict[tuple[str, str], int]:
    """Return the places in care by region and facility type ("": of all types together)."""
    _check_columns(frame, PLACE_COLUMNS, PLACE_COLUMNS, table="places")
    rows, cells = _filled(frame, PLACE_COLUMNS)
    kinds = {name: name for name in ("", *FACILITY_TYPES)}
    region = _column(
        cells["region"], rows, "region", one_of({r: r for r in regions}, "region"), table="places"
    )
    kind = _column(
        cells["facility_type"],
        rows,
        "facility_type",
        one_of(kinds, "facility type"),
        table="places",
    )
    places = _column(cells["places"], rows, "places", whole_number, table="places")
    found: dict[tuple[str, str], int] = {}
    for row, of_region, of_kind, count in zip(rows, region, kind, places, strict=True):
        if any(
            other == of_region and (of_kind in ("", theirs) or theirs == "")
            for other, theirs in found
        ):
            raise EstimateError(
                "places_twice",
                "Row %(row)d of %(table)s names places that an earlier row names too.",
                table="places",
                row=int(row),
            )
        found[(str(of_region), str(of_kind))] = int(count)
    return found


def _refuse_strangers(read: pd.DataFrame, clients: Sequence[str], *, table: str) -> None:
    strange = ~read["client"].isin(list(clients)).to_numpy(dtype=bool)
    if strange.any():
        raise EstimateError(
            f"{table}_stranger",
            'Row %(row)d of %(table)s names client "%(client)s", who has no spell.',
            row=int(read["row"][strange].iloc[0]),
            table=table,
            client=read["client"][strange].iloc[0],
        )


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
    empty = np.arange(len(frame))
    for column in cells.values():
        left = column.iloc[empty]
        empty = empty[(left.isna() | (left == "")).to_numpy(dtype=bool)]
    if not len(empty):
        return np.arange(len(frame)) + FIRST_ROW, cells
    kept = np.delete(np.arange(len(frame)), empty)
    return kept + FIRST_ROW, {
        name: column.iloc[kept].reset_index(drop=True) for name, column in cells.items()
    }


def _column(
    cells: Cells,
    rows: NDArray[np.int64],
    name: str,
    read: Callable[[object], object],
    *,
    table: str,
) -> Cells:
    """Return what every cell holds."""
    codes, found = _read(cells, rows, name, read, table=table)
    taken = np.empty(len(found), dtype=object)
    taken[:] = found
    return pd.Series(taken[codes] if len(found) else taken, dtype=object)


def _numbers(
    cells: Cells, rows: NDArray[np.int64], name: str, read: Callable[[object], object]
) -> NDArray[np.int64]:
    """Return a column of whole numbers."""
    codes, found = _read(cells, rows, name, read)
    return np.array(found, dtype=np.int64)[codes]


def _words(
    cells: Cells, rows: NDArray[np.int64], name: str, read: Callable[[object], object]
) -> pd.Categorical:
    """Return a column of texts, every text stored once."""
    codes, found = _read(cells, rows, name, read)
    texts = list(dict.fromkeys(str(text) for text in found))
    if len(texts) < len(found):
        place = {text: number for number, text in enumerate(texts)}
        codes = np.array([place[str(text)] for text in found], dtype=np.int64)[codes]
    return pd.Categorical.from_codes(codes, categories=pd.Index(texts, dtype=object))


def _read(
    cells: Cells,
    rows: NDArray[np.int64],
    name: str,
    read: Callable[[object], object],
    *,
    table: str = "spells",
) -> tuple[NDArray[np.int64], list[object]]:
    """Read every distinct value once; name the first row whose value cannot be read.

    Returns for each cell which of the values read it holds, and those values.
    """
    codes, distinct = pd.factorize(cells.to_numpy(dtype=object))
    values: list[object] = distinct.tolist()
    if (codes < 0).any():
        codes = np.where(codes < 0, len(values), codes)
        values.append("")
    found: list[object] = []
    worst: tuple[int, str, object] | None = None
    for code, value in enumerate(values):
        plain = value.strip() if isinstance(value, str) else value
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
            "Row %(row)d of %(table)s, column %(column)s: %(trouble)s.",
            row=worst[0],
            table=table,
            column=name,
            trouble=worst[1],
            value=str(worst[2]),
        )
    return codes, found


def _day_or_open(value: object) -> int:
    return OPEN if value == "" else a_day(value)

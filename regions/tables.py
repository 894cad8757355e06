"""A table of figures as data, for the component that draws it on screen, phone and paper."""

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from regions import formats

ColumnKind = Literal["text", "number", "wide", "picture"]


@dataclass(frozen=True)
class Column:
    """What stands in the heading, and how the cells under it are set."""

    label: str
    kind: ColumnKind = "text"
    sub: str = ""


@dataclass(frozen=True)
class Cell:
    """One value as it is written; `state` adds the shape and colour of a state word.

    `value` is what a downloaded list holds instead of the text: it never tells more than that.
    """

    text: str = ""
    sub: str = ""
    url: str = ""
    state: str = ""
    picture: str = ""
    value: int | float | Decimal | date | None = None


def numeric(
    value: int | float | Decimal | None, *, decimals: int = 0, sub: str = "", url: str = ""
) -> Cell:
    """A number as it is written, which stays a number in a downloaded list; None is empty."""
    if value is None:
        return Cell(sub=sub, url=url)
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    exact = float(rounded) if decimals else int(rounded)
    return Cell(formats.number(value, decimals=decimals), sub=sub, url=url, value=exact)


def dated(value: date | None, *, sub: str = "", url: str = "") -> Cell:
    """A day as it is written, which stays a day in a downloaded list."""
    return Cell(formats.day(value), sub=sub, url=url, value=value)


@dataclass(frozen=True)
class Table:
    """Rows of cells under columns; the first cell of a row is its heading."""

    caption: str
    columns: list[Column]
    rows: list[list[Cell]]
    totals: list[Cell] = field(default_factory=list)

    def __post_init__(self) -> None:
        for row in [*self.rows, *([self.totals] if self.totals else [])]:
            if len(row) != len(self.columns):
                raise ValueError(f"{self.caption}: a row of {len(row)} in {len(self.columns)}")

    @property
    def pairs(self) -> list[list[tuple[Column, Cell]]]:
        """Each row as (column, cell), so that a cell can carry its column's name on a phone."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]

    @property
    def total_pairs(self) -> list[tuple[Column, Cell]]:
        return list(zip(self.columns, self.totals, strict=True)) if self.totals else []

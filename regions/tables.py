"""A table of figures as data, for the component that draws it on screen, phone and paper."""

from dataclasses import dataclass, field
from typing import Literal

ColumnKind = Literal["text", "number", "wide", "picture"]


@dataclass(frozen=True)
class Column:
    """What stands in the heading, and how the cells under it are set."""

    label: str
    kind: ColumnKind = "text"
    sub: str = ""


@dataclass(frozen=True)
class Cell:
    """One value as it is written; `state` adds the shape and colour of a state word."""

    text: str = ""
    sub: str = ""
    url: str = ""
    state: str = ""
    picture: str = ""


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

"""A list as a party keeps it: rows with planted defects, and what a correct import finds.

The truth of every row is kept beside its cells, so that what is expected of an import is told by
the same object that wrote the file. The words of `expected.json` are Dutch: it is a format.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from example.chance import Chance

SAMPLED_ROWS = 25
LONG_TEXT = "Overgenomen uit het zorgdossier: gesprek gevoerd en doelen besproken. "
INJECTION = "=cmd|' /C calc'!A0"


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula in a cell with the result that the office suite stored beside it."""

    text: str
    result: int | float | None = None


type Cell = str | int | float | date | Formula | None
type Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, the fields its content is, and how a row's facts are written."""

    header: str
    fields: tuple[str, ...]
    write: Callable[[Facts, Chance], Cell]
    group: str | None = None


@dataclass(eq=False, slots=True)
class Row:
    """A row of a list: a record, an empty row or the header once more."""

    kind: str
    cells: list[Cell]
    facts: Facts = field(default_factory=dict)
    key: str = ""
    defect: dict[str, Any] | None = None
    copy_of: "Row | None" = None


def letter(index: int) -> str:
    """The letters that a spreadsheet gives to a column; 0 is A."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def as_it_stands(cell: Cell) -> Any:
    """A cell in JSON the way it stands in the file."""
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, Formula):
        return cell.text
    return cell


class Table:
    """One sheet, or one CSV file, with its rows and its defects."""

    def __init__(
        self,
        columns: list[Column],
        chance: Chance,
        *,
        name: str | None = None,
        header_rows: tuple[int, ...] = (1,),
    ) -> None:
        self.columns = columns
        self.chance = chance
        self.name = name
        self.header_rows = header_rows
        self.first_row = header_rows[-1] + 1
        self.rows: list[Row] = []
        self.swapped: tuple[int, int] | None = None

    def add(self, facts: Facts, *, key: str = "") -> None:
        """Write one record."""
        cells = [column.write(facts, self.chance) for column in self.columns]
        self.rows.append(Row("data", cells, facts, key))

    @property
    def records(self) -> list[Row]:
        """The rows with a record, defects and copies included."""
        return [row for row in self.rows if row.kind == "data"]

    @property
    def valid(self) -> list[Row]:
        """The records without any defect."""
        return [row for row in self.records if row.defect is None]

    @property
    def originals(self) -> list[Row]:
        """Every record once: those with a defect count, exact copies do not."""
        return [row for row in self.records if row.copy_of is None]

    def at(self, field_name: str) -> int:
        """The place of the column that holds this field."""
        return next(i for i, c in enumerate(self.columns) if field_name in c.fields)

    def header(self, index: int) -> str:
        """The header as it stands in the file, after two were swapped."""
        if self.swapped and index in self.swapped:
            index = sum(self.swapped) - index
        return self.columns[index].header

    def spoil(
        self,
        kind: str,
        field_name: str,
        cell: Cell | Callable[[Facts], Cell],
        *,
        where: Callable[[Facts], bool] = lambda facts: True,
        **more: Any,
    ) -> None:
        """Put a wrong value in one valid row and remember what it is."""
        index = self.at(field_name)
        candidates = [
            row for row in self.valid if where(row.facts) and row.cells[index] not in (None, "")
        ]
        row = self.chance.choice(candidates)
        value = cell(row.facts) if callable(cell) else cell
        row.cells[index] = value
        stands = as_it_stands(value)
        if isinstance(stands, str) and len(stands) > 200:
            more, stands = {"lengte": len(stands), **more}, stands[:60]
        if isinstance(value, Formula) and value.result is not None:
            more = {"opgeslagen_uitkomst": value.result, **more}
        row.defect = {
            "kolom": self.header(index),
            "kolomletter": letter(index),
            "soort": kind,
            "waarde": stands,
            **more,
        }

    def swap_headers(self, first: str, second: str) -> None:
        """Let two header texts stand above each other's column; plant this before the rest."""
        self.swapped = (self.at(first), self.at(second))

    def _loose(self, kind: str) -> dict[str, Any]:
        return {"kolom": None, "kolomletter": None, "soort": kind, "waarde": None}

    def copy_a_row(self) -> None:
        """Repeat a valid row somewhere below itself."""
        unique = [row for row in self.valid if not any(r.copy_of is row for r in self.rows)]
        original = self.chance.choice(unique[: max(1, len(unique) * 3 // 4)])
        copy = Row("data", list(original.cells), original.facts, original.key, copy_of=original)
        copy.defect = self._loose("dubbele_rij")
        after = self.rows.index(original) + 1
        self.rows.insert(self.chance.randint(after, len(self.rows)), copy)

    def leave_a_gap(self) -> None:
        """Insert an empty row."""
        row = Row("empty", [None] * len(self.columns), defect=self._loose("lege_rij"))
        self.rows.insert(self.chance.randint(3, len(self.rows) - 2), row)

    def repeat_the_header(self) -> None:
        """Insert the header once more, as printed pages have it."""
        cells: list[Cell] = [self.header(i) for i in range(len(self.columns))]
        row = Row("header", cells, defect=self._loose("kop_herhaald"))
        self.rows.insert(self.chance.randint(5, len(self.rows) - 5), row)

    def row_number(self, row: Row) -> int:
        """The number that the spreadsheet shows for a row."""
        return self.first_row + self.rows.index(row)

    @property
    def last_row(self) -> int:
        """The number of the last row that belongs to the list itself."""
        return self.first_row + len(self.rows) - 1

    def defects(self) -> list[dict[str, Any]]:
        """Every defect in the order of the rows."""
        found = []
        if self.swapped:
            low, high = sorted(self.swapped)
            found.append(
                {
                    "rij": self.header_rows[-1],
                    "kolom": self.header(high),
                    "kolomletter": letter(high),
                    "soort": "koppen_verwisseld",
                    "waarde": self.header(high),
                    "hoort_te_zijn": self.columns[high].header,
                    "ook_kolom": self.header(low),
                    "ook_kolomletter": letter(low),
                }
            )
        for number, row in enumerate(self.rows, self.first_row):
            if row.defect is not None:
                defect = {"rij": number, **row.defect}
                if row.copy_of is not None:
                    defect["zelfde_als_rij"] = self.row_number(row.copy_of)
                found.append(defect)
        return found

    def normal(self, facts: Facts) -> Facts:
        """The fields of this list in normal form, in the order of its columns."""
        seen: Facts = {}
        for name in (name for column in self.columns for name in column.fields):
            outer, _, inner = name.partition(".")
            if inner:
                seen.setdefault(outer, {})[inner] = facts[outer][inner]
            else:
                seen[outer] = facts[outer]
        return seen

    def described(self) -> dict[str, Any]:
        """What a correct import finds on this sheet, as `expected.json` writes it."""
        valid = self.valid
        sampled = {id(r) for r in self.chance.sample(valid, min(SAMPLED_ROWS, len(valid)))}
        defects = self.defects()
        return {
            "blad": self.name,
            "kop_rijen": list(self.header_rows),
            "eerste_rij": self.first_row,
            "laatste_rij": self.last_row,
            "kolommen": [
                {
                    "kolomletter": letter(index),
                    "groep": column.group,
                    "kop": self.header(index),
                    "velden": list(column.fields),
                }
                for index, column in enumerate(self.columns)
            ],
            "aantal_rijen": len(self.records),
            "aantal_geldig": len(valid),
            "aantal_gebreken": len(defects),
            "gebreken": defects,
            "normaal": [
                {"rij": number, "velden": self.normal(row.facts)}
                for number, row in enumerate(self.rows, self.first_row)
                if id(row) in sampled
            ],
        }

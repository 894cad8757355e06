"""From the rows of a list to records and defects: every row ends in exactly one place."""

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from lists.cells import days, numbers
from lists.cells.reader import Ask, Fault, Read, Scope
from lists.cells.texts import is_empty, plain, shown
from lists.context import Context
from lists.kinds import ListKind, SideRows
from lists.mapping import Mapping
from lists.reading import Cell, Sheet, column_letter
from lists.recognising.blocks import Block, is_repeated_header
from lists.recognising.columns import Column, Columns
from lists.sentences import NOTES, sentence

TOTALS = ("totaal", "total", "subtotaal", "eindtotaal", "som", "gemiddeld", "gemiddelde", "aantal")
REMARKS = ("bron", "nb", "n.b.", "let op", "toelichting", "peildatum", "*", "opmerking:")


class Outcome(StrEnum):
    """What a row is worth before it is laid beside what the database holds."""

    READY = "ready"
    DUPLICATE = "duplicate"
    SET_ASIDE = "set_aside"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Defect:
    """Something wrong at a row: the column as it stands in the file, and its value as it stands."""

    kind: str
    field_name: str | None = None
    header: str | None = None
    letter: str | None = None
    value: Any = None
    suggestion: Any = None
    facts: AnyMapping[str, Any] = field(default_factory=dict)
    is_note: bool = False

    def sentence(self, kind: ListKind | None) -> str:
        return sentence(kind, self.kind, value=shown(self.value), facts=self.facts)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "field": self.field_name,
            "header": self.header,
            "letter": self.letter,
            "suggestion": json_value(self.suggestion),
            "facts": {name: json_value(fact) for name, fact in self.facts.items()},
            "is_note": self.is_note,
        }


@dataclass(frozen=True, slots=True)
class Row:
    """One record of the list, with everything that is wrong with it."""

    number: int
    sheet: str | None
    values: AnyMapping[str, Any]
    cells: tuple[Cell, ...]
    defects: tuple[Defect, ...] = ()
    duplicate_of: int | None = None
    asks: tuple[Ask, ...] = ()
    # The side rows this belongs to (weights under a basis), else the list itself.
    part: str = ""

    @property
    def outcome(self) -> Outcome:
        if self.duplicate_of is not None:
            return Outcome.DUPLICATE
        if any(defect.kind == "key_missing" for defect in self.defects):
            return Outcome.REJECTED
        if any(not defect.is_note for defect in self.defects):
            return Outcome.SET_ASIDE
        return Outcome.READY


@dataclass(frozen=True, slots=True)
class Structure:
    """A row that is no record: empty, a repeated header, totals, a remark."""

    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class Settled:
    """What holds for all rows of a list: year, organisation, the day, the person's readings."""

    context: Context
    mapping: Mapping
    year: int | None = None
    organisation: str = ""


def read_rows(
    sheet: Sheet, block: Block, columns: Columns, settled: Settled
) -> Iterator[Row | Structure]:
    """Yield every row of the list in order, as a record or as a row that is none."""
    reading = _Reading(sheet, block, columns, settled)
    for number in range(block.first, block.last + 1):
        yield reading.row(number)


class _Reading:
    """One pass over the rows of one list."""

    def __init__(self, sheet: Sheet, block: Block, columns: Columns, settled: Settled) -> None:
        self.sheet = sheet
        self.block = block
        self.kind: ListKind = block.kind
        self.settled = settled
        self._seen: dict[tuple[str, ...], int] = {}
        self._keys: dict[tuple[Any, ...], int] = {}
        by_name = {c.field.name: c for c in columns.columns if c.field is not None}
        # In the order of the declaration: a neighbourhood is read after its municipality.
        self._columns = [by_name[d.name] for d in self.kind.fields if d.name in by_name]
        self._produced = {name for c in self._columns if c.field for name in c.field.produces}
        self._styles = {column.index: self._styles_of(column) for column in self._columns}
        self._every = {column.index: column for column in columns.columns}

    def row(self, number: int) -> Row | Structure:
        cells = self.sheet.rows[number - 1]
        filled = [(index, cell) for index, cell in enumerate(cells) if not is_empty(cell)]
        if not filled:
            return Structure("empty_row", number)
        if side := self._side(filled):
            return self._side_row(number, cells, side)
        if is_repeated_header(cells, self.block.headers):
            return Structure("header_repeated", number)
        if self._is_total(number, filled):
            return Structure("total_row", number)
        if self._is_remark(filled):
            return Structure("note_row", number)
        content = tuple(shown(cell) for cell in cells)
        while content and not content[-1]:
            content = content[:-1]
        first = self._seen.setdefault(content, number)
        if first != number:
            defect = Defect("duplicate_row", facts={"row": first})
            return Row(number, self.sheet.name, {}, cells, (defect,), duplicate_of=first)
        return self._record(number, cells)

    def _record(self, number: int, cells: tuple[Cell, ...]) -> Row:
        values: dict[str, Any] = {}
        if self.settled.year is not None:
            values["year"] = self.settled.year
        if self.kind.organisation_field and self.kind.organisation_field not in self._produced:
            values[self.kind.organisation_field] = self.settled.organisation
        defects: list[Defect] = []
        asks: list[Ask] = []
        faulty: set[str] = set()
        for column in self._columns:
            self._read_cell(number, cells, column, values, defects, asks, faulty)
        for check in self.kind.checks:
            for fault in check(values, self.settled.context):
                if fault.field_name not in faulty:
                    found = Fault(fault.kind, fault.suggestion, fault.facts)
                    defects.append(
                        self._defect(found, self._column_of(fault.field_name), cells, number)
                    )
        if self.kind.tells_apart and not faulty.intersection(self.kind.tells_apart):
            defects.extend(self._key_clash(number, values))
        if self.kind.derive is not None:
            self.kind.derive(values, self.settled.context)
        return Row(
            number, self.sheet.name, _nested(values), cells, tuple(defects), asks=tuple(asks)
        )

    def _read_cell(
        self,
        number: int,
        cells: tuple[Cell, ...],
        column: Column,
        values: dict[str, Any],
        defects: list[Defect],
        asks: list[Ask],
        faulty: set[str],
    ) -> None:
        declared = column.field
        assert declared is not None
        cell = cells[column.index] if column.index < len(cells) else ""
        if (number, column.index) in self.sheet.formulas and not declared.may_be_formula:
            fault = Fault("formula_cell", suggestion=cell or None)
            defects.append(self._defect(fault, column, cells, number))
            faulty.update(declared.produces)
            values.setdefault(declared.name, None)
            return
        if is_empty(cell):
            for name in declared.produces:
                values.setdefault(name, declared.reader.absent)
            if declared.name in self.kind.key:
                defects.append(self._defect(Fault("key_missing"), column, cells, number))
                faulty.update(declared.produces)
            elif declared.required:
                defects.append(self._defect(Fault(declared.missing), column, cells, number))
                faulty.update(declared.produces)
            return
        style = self._styles[column.index]
        scope = Scope(
            context=self.settled.context,
            mapping=self.settled.mapping,
            field_name=declared.name,
            numbers=style[0],
            days=style[1],
            values=values,
            with_help=True,
        )
        read: Read = declared.reader.read(cell, scope)
        if declared.produces == (declared.name,):
            values[declared.name] = read.value
        values.update(read.also)
        if read.ask is not None:
            asks.append(read.ask)
        if read.note is not None:
            defects.append(self._defect(read.note, column, cells, number))
        if read.fault is not None:
            defects.append(self._defect(read.fault, column, cells, number))
            faulty.update(declared.produces)

    def _defect(
        self, fault: Fault, column: Column | None, cells: tuple[Cell, ...], number: int
    ) -> Defect:
        value: Cell = None
        if column is not None and column.index < len(cells):
            cell = cells[column.index]
            value = None if is_empty(cell) else cell
            value = self.sheet.formulas.get((number, column.index), value)
        return Defect(
            kind=fault.kind,
            field_name=column.field.name if column and column.field else None,
            header=column.header.text if column else None,
            letter=column.letter if column else None,
            value=value,
            suggestion=fault.suggestion,
            facts=fault.facts,
            is_note=fault.kind in NOTES or fault.kind in self.kind.notes,
        )

    def _column_of(self, name: str) -> Column | None:
        for column in self._columns:
            if column.field and (column.field.name == name or name in column.field.produces):
                return column
        return None

    def _key_clash(self, number: int, values: AnyMapping[str, Any]) -> Iterator[Defect]:
        key = tuple(plain(shown_key(values.get(name))) for name in self.kind.tells_apart)
        if not all(key):
            return
        first = self._keys.setdefault(key, number)
        if first != number:
            column = self._column_of(self.kind.tells_apart[0])
            yield Defect(
                "same_key_differs",
                field_name=self.kind.tells_apart[0],
                header=column.header.text if column else None,
                letter=column.letter if column else None,
                facts={"row": first},
            )

    def _styles_of(self, column: Column) -> tuple[numbers.NumberStyle, days.DayStyle]:
        reader = column.field.reader if column.field else None
        if reader is None or not (reader.has_numbers or reader.has_days):
            return numbers.NumberStyle(), days.DayStyle()
        cells = [
            line[column.index]
            for line in self.sheet.rows[self.block.first - 1 : self.block.last]
            if column.index < len(line)
        ]
        return numbers.style_of(cells), days.style_of(cells)

    def _is_total(self, number: int, filled: Sequence[tuple[int, Cell]]) -> bool:
        """A word for totals, wherever it stands, and beside it nothing but numbers."""
        words = [
            (index, cell)
            for index, cell in filled
            if (number, index) not in self.sheet.formulas
            and numbers.number(cell, numbers.NumberStyle()) is None
        ]
        return len(words) == 1 and isinstance(words[0][1], str) and says_total(words[0][1])

    def _is_remark(self, filled: Sequence[tuple[int, Cell]]) -> bool:
        """A text alone in its row, at the left: a remark or a heading between rows."""
        if len(filled) != 1 or len(self._every) < 4:
            return False
        index, cell = filled[0]
        if not isinstance(cell, str) or index > 1:
            return False
        return " " in cell.strip() or plain(cell).startswith(REMARKS)

    def _side(self, filled: Sequence[tuple[int, Cell]]) -> SideRows | None:
        text = shown(filled[0][1])
        for side in self.kind.side_rows:
            if side.pattern.search(plain(text)):
                return side
        return None

    def _side_row(self, number: int, cells: tuple[Cell, ...], side: SideRows) -> Row:
        first = next(cell for cell in cells if not is_empty(cell))
        match = side.pattern.search(plain(shown(first)))
        values: dict[str, Any] = {
            name: int(found) if found and found.isdigit() else found
            for name, found in (match.groupdict() if match else {}).items()
        }
        defects = []
        for column in self._columns:
            if column.field is None or column.field.name not in side.fields:
                continue
            cell = cells[column.index] if column.index < len(cells) else ""
            if is_empty(cell):
                values[column.field.name] = None
                continue
            scope = Scope(context=self.settled.context, mapping=self.settled.mapping)
            read = side.reader.read(cell, scope)
            values[column.field.name] = read.value
            if read.fault is not None:
                defects.append(self._defect(read.fault, column, cells, number))
        return Row(number, self.sheet.name, values, cells, tuple(defects), part=side.name)


def says_total(text: str) -> bool:
    first = plain(text).split()[:1]
    return bool(first) and first[0].rstrip(":") in TOTALS


def shown_key(value: Any) -> str:
    return "" if value is None else str(value)


def json_value(value: Any) -> Any:
    """A value as JSON keeps it: days as ISO, amounts as text."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple | list | frozenset):
        return [json_value(each) for each in value]
    return value


def _nested(values: AnyMapping[str, Any]) -> dict[str, Any]:
    """Names with a dot become groups: `zrm.finances` -> values["zrm"]["finances"]."""
    nested: dict[str, Any] = {}
    for name, value in values.items():
        group, _, rest = name.partition(".")
        if rest:
            nested.setdefault(group, {})[rest] = value
        else:
            nested[name] = value
    return nested


def letters_of(cells: Sequence[Cell]) -> dict[str, Any]:
    """The raw cells of a row by their letter, as a row set aside keeps them."""
    return {
        column_letter(index): json_value(cell)
        for index, cell in enumerate(cells)
        if not is_empty(cell)
    }

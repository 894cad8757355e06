"""Lists in two directions: one record per line, with a number for each name across."""

from collections.abc import Iterator
from typing import Any

from lists.cells import numbers
from lists.cells.reader import Ask, Scope
from lists.cells.texts import is_empty, shown
from lists.kinds import Matrix
from lists.reading import Sheet, column_letter
from lists.recognising.blocks import Block
from lists.rows import Defect, Row, Settled, Structure, says_total


def read_matrix(sheet: Sheet, block: Block, settled: Settled) -> Iterator[Row | Structure]:
    """Yield a record per line; its numbers are triples (name down, name across, number).

    The triples are the same for a list that runs the other way.
    """
    matrix = block.kind.matrix
    assert matrix is not None
    across, totals, faults, asks = _names_across(block, matrix, settled)
    is_first = True
    for number in range(block.first, block.last + 1):
        cells = sheet.rows[number - 1]
        filled = [cell for cell in cells if not is_empty(cell)]
        if not filled:
            yield Structure("empty_row", number)
            continue
        name = shown(cells[0])
        if says_total(name):
            yield Structure("total_row", number)
            continue
        if len(filled) == 1 and " " in name and not settled.context.municipality(name):
            yield Structure("note_row", number)
            continue
        row = _line(sheet, block, matrix, settled, number, across, totals)
        if is_first:
            # What is wrong with the names across belongs to no line; the first one carries it.
            row = Row(
                row.number,
                row.sheet,
                row.values,
                row.cells,
                (*faults, *row.defects),
                asks=(*asks, *row.asks),
            )
            is_first = False
        yield row


def _names_across(
    block: Block, matrix: Matrix, settled: Settled
) -> tuple[dict[int, str], set[int], list[Defect], list[Ask]]:
    declared = matrix.down if block.is_turned else matrix.across
    across: dict[int, str] = {}
    totals: set[int] = set()
    faults: list[Defect] = []
    asks: list[Ask] = []
    for index, header in enumerate(block.headers):
        if header is None or index == 0:
            continue
        if says_total(header.text):
            totals.add(index)
            continue
        scope = Scope(settled.context, settled.mapping, field_name=declared.name, with_help=True)
        read = declared.reader.read(header.text, scope)
        if read.ask is not None:
            asks.append(read.ask)
        if read.fault is not None:
            faults.append(
                Defect(
                    read.fault.kind,
                    field_name=declared.name,
                    header=header.text,
                    letter=column_letter(index),
                    value=header.text,
                    suggestion=read.fault.suggestion,
                    facts=read.fault.facts,
                )
            )
            continue
        across[index] = read.value
    return across, totals, faults, asks


def _line(
    sheet: Sheet,
    block: Block,
    matrix: Matrix,
    settled: Settled,
    number: int,
    across: dict[int, str],
    totals: set[int],
) -> Row:
    cells = sheet.rows[number - 1]
    declared = matrix.across if block.is_turned else matrix.down
    scope = Scope(settled.context, settled.mapping, field_name=declared.name, with_help=True)
    defects: list[Defect] = []
    asks: list[Ask] = []
    counts: dict[str, Any] = {}
    values: dict[str, Any] = {}
    if settled.year is not None:
        values["year"] = settled.year

    def found(kind: str, index: int, **more: Any) -> Defect:
        header = block.headers[index]
        formula = sheet.formulas.get((number, index))
        return Defect(
            kind,
            header=header.text if header else None,
            letter=column_letter(index),
            value=formula or sheet.cell(number, index),
            is_note=kind == "total_differs",
            **more,
        )

    if is_empty(cells[0]):
        defects.append(found("key_missing", 0))
    else:
        read = declared.reader.read(cells[0], scope)
        values[declared.name] = read.value
        if read.ask is not None:
            asks.append(read.ask)
        if read.fault is not None:
            defects.append(
                found(read.fault.kind, 0, suggestion=read.fault.suggestion, facts=read.fault.facts)
            )
    for index, name in across.items():
        cell = sheet.cell(number, index)
        if (number, index) in sheet.formulas:
            defects.append(found("formula_cell", index, suggestion=cell or None))
            continue
        if is_empty(cell) or cell == "-":
            continue
        read = matrix.reader.read(cell, scope)
        if read.fault is not None:
            defects.append(found(read.fault.kind, index))
            continue
        counts[name] = counts.get(name, 0) + read.value
    own = values.get(declared.name)
    values[matrix.value] = tuple(
        (name, own, count) if block.is_turned else (own, name, count)
        for name, count in counts.items()
    )
    if not defects:
        for index in totals:
            total = numbers.number(sheet.cell(number, index), numbers.NumberStyle())
            if total is not None and total != sum(counts.values()):
                defects.append(found("total_differs", index))
    return Row(number, sheet.name, values, cells, tuple(defects), asks=tuple(asks))

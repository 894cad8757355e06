"""One list in a file: its rows, what one pass over them counts, and what it must ask."""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, replace
from typing import Any

from lists.cells.places import Neighbourhood, Town
from lists.cells.texts import plain, shown
from lists.context import Context
from lists.kinds import ListKind
from lists.questions import Gathered, Question
from lists.reading import Sheet
from lists.recognising.blocks import Block
from lists.recognising.columns import Columns, Known, recognise_columns
from lists.recognising.matrix import read_matrix
from lists.rows import Defect, Outcome, Row, Settled, Structure, read_rows


@dataclass(frozen=True)
class Part:
    """One list in the file: a sheet, or one of the lists below each other in a sheet."""

    sheet: Sheet
    block: Block
    columns: Columns
    settled: Settled
    facts: "PartFacts"

    @property
    def kind(self) -> ListKind:
        return self.block.kind

    @property
    def name(self) -> str | None:
        return self.sheet.name

    def everything(self) -> Iterator[Row | Structure]:
        """Every row in order; read anew each time, so that a long list needs little memory."""
        if self.block.is_matrix:
            return read_matrix(self.sheet, self.block, self.settled)
        return read_rows(self.sheet, self.block, self.columns, self.settled)

    def rows(self) -> Iterator[Row]:
        return (row for row in self.everything() if isinstance(row, Row))


@dataclass(frozen=True)
class PartFacts:
    """What one pass over a part counted."""

    first_row: int
    last_row: int
    outcomes: AnyMapping[Outcome, int]
    valid: int
    defects: AnyMapping[str, int]
    structure: tuple[Structure, ...]
    total_rows: tuple[int, ...]
    hidden_rows: tuple[int, ...]
    tallies: AnyMapping[str, AnyMapping[str, int]]
    new_neighbourhoods: tuple[Neighbourhood, ...]
    swapped: tuple[Defect, ...]

    @property
    def rows_in(self) -> int:
        return sum(self.outcomes.values())


def read_part(sheet: Sheet, block: Block, settled: Settled) -> tuple[Part, list[Question]]:
    columns = (
        Columns(())
        if block.is_matrix
        else recognise_columns(sheet, block, settled.context, settled.mapping)
    )
    gathered = Gathered()
    outcomes: Counter[Outcome] = Counter()
    defects: Counter[str] = Counter()
    tallies: dict[str, Counter[str]] = {name: Counter() for name in block.kind.tallies}
    structure: list[Structure] = []
    numbers: list[int] = []
    valid = 0
    evidence = _Towns(block)
    introduced: dict[Neighbourhood, None] = {}
    bare = Part(sheet, block, columns, settled, facts=_NOTHING_YET)
    for row in bare.everything():
        if isinstance(row, Structure):
            structure.append(row)
            continue
        numbers.append(row.number)
        outcomes[row.outcome] += 1
        gathered.add(row.asks, row.number)
        for defect in row.defects:
            defects[defect.kind] += 1
        if not row.defects:
            valid += 1
            for name, tally in tallies.items():
                tally[str(row.values.get(name))] += 1
        evidence.add(row)
        introduced |= dict.fromkeys(_introduced(row, settled.context))
    first, last = (numbers[0], numbers[-1]) if numbers else (block.first, block.last)
    # What stands below the last record is an end, not a gap.
    gaps = [s for s in structure if s.kind == "total_row" or s.number <= last]
    facts = PartFacts(
        first_row=first,
        last_row=last,
        outcomes=outcomes,
        valid=valid,
        defects=defects,
        structure=tuple(gaps),
        total_rows=tuple(s.number for s in structure if s.kind == "total_row"),
        hidden_rows=tuple(sorted(n for n in sheet.hidden_rows if first <= n <= last)),
        tallies=tallies,
        new_neighbourhoods=tuple(introduced),
        swapped=tuple(_swapped(block, columns)),
    )
    questions = gathered.questions(evidence.options(settled.context))
    # Words of two columns that may be swapped make no sense before that is settled.
    unsettled = {
        f"words.{column.field.name}"
        for swap in columns.swaps
        if swap.answer is None
        for column in (swap.left, swap.right)
        if column.field
    }
    questions = [question for question in questions if question.topic not in unsettled]
    questions = [_with_new_neighbourhood(question, settled.context) for question in questions]
    questions += _about_columns(sheet, block, columns)
    if block.kind.needs_year and settled.year is None:
        questions.append(Question("years", year_key(sheet), sheet.name or "", is_needed=True))
    if block.rival:
        questions.append(
            Question(
                topic="kinds",
                key=plain(sheet.name or ""),
                text=sheet.name or "",
                options=(block.kind.name, block.rival),
            )
        )
    return replace(bare, facts=facts), questions


_NOTHING_YET = PartFacts(0, 0, {}, 0, {}, (), (), (), {}, (), ())


def _swapped(block: Block, columns: Columns) -> Iterator[Defect]:
    for swap in columns.swaps:
        if swap.answer is False:
            continue
        yield Defect(
            "headers_swapped",
            header=swap.right.header.text,
            letter=swap.right.letter,
            value=swap.right.header.text,
            suggestion=swap.left.header.text,
            facts={
                "row": block.header_rows[-1],
                "other": f"‘{swap.left.header.text}’",
                "other_letter": swap.left.letter,
            },
        )


def _about_columns(sheet: Sheet, block: Block, columns: Columns) -> list[Question]:
    questions = []
    present = {column.field.name for column in columns.columns if column.field}
    produced = {
        name for column in columns.columns if column.field for name in column.field.produces
    }
    missing = [
        declared.name
        for declared in block.kind.fields
        if (declared.required or declared.defining or declared.name in block.kind.key)
        and declared.name not in present
        and not set(declared.produces) <= produced
    ]
    for column in columns.columns:
        if column.known is not Known.UNKNOWN:
            continue
        options = tuple(dict.fromkeys((*column.suggestions, *missing)))
        questions.append(
            Question(
                topic="columns",
                key=column.key,
                text=column.header.text,
                options=options,
                facts={"letter": column.letter, "sheet": sheet.name or ""},
                is_needed=False,
            )
        )
    for swap in columns.swaps:
        if swap.answer is None:
            questions.append(
                Question(
                    topic="swaps",
                    key=swap.key,
                    text=f"{swap.left.header.text}, {swap.right.header.text}",
                    options=("yes", "no"),
                    facts={"sheet": sheet.name or ""},
                    is_needed=True,
                )
            )
    return questions


def year_key(sheet: Sheet) -> str:
    return plain(sheet.name or "")


def _introduced(row: Row, context: Context) -> Iterator[Neighbourhood]:
    """Neighbourhoods that a person confirmed for this list and that are not known yet."""
    for value in row.values.values():
        for each in (
            value if isinstance(value, tuple) and not hasattr(value, "_fields") else (value,)
        ):
            if isinstance(each, Neighbourhood) and (
                context.neighbourhood(each.municipality, each.name) is None
            ):
                yield each


def _with_new_neighbourhood(question: Question, context: Context) -> Question:
    """A name nobody knows may be misspelt, lie elsewhere, or be new: all three are offered."""
    if question.topic != "neighbourhoods":
        return question
    home = question.facts.get("municipality") or ""
    homes = [home] if home else sorted(context.region_municipalities)
    new = [f"{municipality}|{question.text}" for municipality in homes]
    return replace(question, options=tuple(dict.fromkeys((*question.options, *new))))


class _Towns:
    """Learns from the rows themselves in which municipality a town may lie: only to suggest."""

    def __init__(self, block: Block) -> None:
        self._town = next((d.name for d in block.kind.fields if isinstance(d.reader, Town)), "")
        self._by_town: dict[str, Counter[str]] = {}
        self._by_postcode: dict[int, Counter[str]] = {}
        self._asked: dict[str, list[int]] = {}

    def add(self, row: Row) -> None:
        if not self._town:
            return
        town = plain(str(row.values.get(self._town) or ""))
        municipality = row.values.get("municipality")
        postcode = str(row.values.get("postcode") or "")[:4]
        if municipality:
            self._by_town.setdefault(town, Counter())[municipality] += 1
            if postcode.isdigit():
                self._by_postcode.setdefault(int(postcode), Counter())[municipality] += 1
        elif town and postcode.isdigit():
            self._asked.setdefault(town, []).append(int(postcode))

    def options(self, context: Context) -> dict[tuple[str, str], tuple[str, ...]]:
        found = {}
        region = sorted(context.region_municipalities)
        for town in {*self._by_town, *self._asked}:
            same = [name for name, _ in self._by_town.get(town, Counter()).most_common()]
            near = [
                name
                for postcode in self._asked.get(town, ())[:5]
                for name in self._nearest(postcode)
            ]
            found["places", town] = (*same, *near, *region)
        return found

    def _nearest(self, postcode: int) -> list[str]:
        if not self._by_postcode:
            return []
        closest = min(self._by_postcode, key=lambda known: abs(known - postcode))
        return [name for name, _ in self._by_postcode[closest].most_common(1)]


def columns_as_table(part: Part) -> list[dict[str, Any]]:
    """The recognised columns for a screen: letter, header, example, field, how."""
    return [
        {
            "letter": column.letter,
            "group": column.header.group,
            "header": column.header.text,
            "key": column.key,
            "field": column.field.name if column.field else "",
            "known": str(column.known),
            "sample": [shown(cell) for cell in column.sample],
        }
        for column in part.columns.columns
    ]

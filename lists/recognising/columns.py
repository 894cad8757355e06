"""Which column holds which fact: by its header, by its values, and by what a person said."""

from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from enum import StrEnum

from lists.cells import days, numbers
from lists.cells.days import DayStyle
from lists.cells.numbers import NumberStyle
from lists.cells.reader import Scope
from lists.cells.texts import is_empty
from lists.context import Context
from lists.kinds import Field, ListKind
from lists.mapping import Mapping
from lists.reading import Cell, Sheet, column_letter
from lists.recognising.blocks import Block
from lists.recognising.headers import ACCEPTED, Header, synonyms_of

SAMPLE = 400
PROPOSED = 52.0
# Two headers stand above each other's column if changing places makes the values fit this
# much better, of at most 2.
SWAPPED = 0.8
FITS = 0.9


class Known(StrEnum):
    """How a column was recognised."""

    SAID = "said"
    HEADER = "header"
    VALUES = "values"
    UNKNOWN = "unknown"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its header as it stands, and the field it was recognised as."""

    index: int
    header: Header
    key: str
    field: Field | None
    known: Known
    sample: tuple[Cell, ...] = ()
    suggestions: tuple[str, ...] = ()

    @property
    def letter(self) -> str:
        return column_letter(self.index)


@dataclass(frozen=True, slots=True)
class Swap:
    """Two headers that seem to stand above each other's column."""

    left: Column
    right: Column
    answer: bool | None = None

    @property
    def key(self) -> str:
        return f"{self.left.letter},{self.right.letter}"


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a list, and the pairs that seem swapped."""

    columns: tuple[Column, ...]
    swaps: tuple[Swap, ...] = ()

    def of(self, name: str) -> Column | None:
        return next((c for c in self.columns if c.field and c.field.name == name), None)


def recognise_columns(sheet: Sheet, block: Block, context: Context, mapping: Mapping) -> Columns:
    """Assign fields to columns; what stays unknown is reported, never guessed at."""
    samples = _samples(sheet, block)
    scope = Scope(context=context, mapping=mapping)
    keys = _keys(block.headers)
    fields: dict[int, tuple[Field, Known]] = {}
    left_out: set[int] = set()
    for index, key in keys.items():
        said = mapping.columns.get(key)
        if said is None:
            continue
        declared = block.kind.field_of(said)
        if declared is None:
            left_out.add(index)
        else:
            fields[index] = (declared, Known.SAID)
    open_columns = [index for index in keys if index not in fields and index not in left_out]
    fields |= _by_header(block, open_columns, fields, samples, scope)
    open_columns = [index for index in open_columns if index not in fields]
    fields |= _by_values(block.kind, open_columns, fields, samples, scope)
    columns = []
    for index, key in keys.items():
        header = block.headers[index]
        assert header is not None
        declared, known = fields.get(index, (None, Known.UNKNOWN))
        if index in left_out:
            known = Known.LEFT_OUT
        suggestions: tuple[str, ...] = ()
        if known is Known.UNKNOWN:
            taken = {taken_field.name for taken_field, _ in fields.values()}
            suggestions = _suggestions(header, block.kind, taken, samples.get(index, ()), scope)
        columns.append(
            Column(
                index=index,
                header=header,
                key=key,
                field=declared,
                known=known,
                sample=tuple(samples.get(index, ())[:3]),
                suggestions=suggestions,
            )
        )
    swaps = _swaps(columns, samples, scope, mapping)
    return Columns(_exchanged(columns, swaps), swaps)


def _keys(headers: Sequence[Header | None]) -> dict[int, str]:
    """Column index -> what it is remembered by; a header that returns gets a number."""
    seen: Counter[str] = Counter()
    keys = {}
    for index, header in enumerate(headers):
        if header is None:
            continue
        seen[header.key] += 1
        times = seen[header.key]
        keys[index] = header.key if times == 1 else f"{header.key} #{times}"
    return keys


def _samples(sheet: Sheet, block: Block) -> dict[int, list[Cell]]:
    """Values spread over the whole column; text from a formula is no example."""
    rows = range(block.first, block.last + 1)
    step = max(1, len(rows) // SAMPLE)
    samples: dict[int, list[Cell]] = {}
    for number in rows[::step]:
        for index, cell in enumerate(sheet.rows[number - 1]):
            if not is_empty(cell) and (number, index) not in sheet.formulas:
                samples.setdefault(index, []).append(cell)
    return samples


def _fit(declared: Field, cells: Sequence[Cell], scope: Scope) -> float | None:
    scope = Scope(
        context=scope.context,
        mapping=scope.mapping,
        field_name=declared.name,
        numbers=numbers.style_of(cells) if declared.reader.has_numbers else NumberStyle(),
        days=days.style_of(cells) if declared.reader.has_days else DayStyle(),
    )
    return declared.reader.fit(cells, scope)


def _by_header(
    block: Block,
    indexes: Iterable[int],
    taken: AnyMapping[int, tuple[Field, Known]],
    samples: AnyMapping[int, Sequence[Cell]],
    scope: Scope,
) -> dict[int, tuple[Field, Known]]:
    used = {declared.name for declared, _ in taken.values()}
    scores: list[tuple[float, int, int]] = []
    for index in indexes:
        header = block.headers[index]
        assert header is not None
        nearest = synonyms_of(block.kind.fields).near(header)
        for position, declared in enumerate(block.kind.fields):
            near = nearest.get(declared.name, 0.0)
            if near < ACCEPTED or declared.name in used:
                continue
            fit = _fit(declared, samples.get(index, ()), scope)
            weighed = near * (1.0 if fit is None else 0.75 + 0.25 * fit)
            if near < 95 and fit is not None and fit < 0.3:
                continue
            scores.append((weighed, -index, -position))
    found: dict[int, tuple[Field, Known]] = {}
    for _, minus_index, minus_position in sorted(scores, reverse=True):
        index, declared = -minus_index, block.kind.fields[-minus_position]
        if index in found or declared.name in used:
            continue
        found[index] = (declared, Known.HEADER)
        used.add(declared.name)
    return found


def _by_values(
    kind: ListKind,
    indexes: Sequence[int],
    taken: AnyMapping[int, tuple[Field, Known]],
    samples: AnyMapping[int, Sequence[Cell]],
    scope: Scope,
) -> dict[int, tuple[Field, Known]]:
    """Give a column to the one field its values fit, if that field fits no other column."""
    used = {declared.name for declared, _ in taken.values()}
    open_fields = [declared for declared in kind.fields if declared.name not in used]
    free = [
        declared
        for declared in open_fields
        if declared.reader.is_telling
        and not any(
            isinstance(other.reader, declared.reader.looks_like)
            for other in open_fields
            if other is not declared
        )
    ]
    fitting: dict[int, list[Field]] = {}
    for index in indexes:
        cells = samples.get(index, ())
        if len(cells) < 5 or len(set(map(str, cells))) < 2:
            continue
        fits = [declared for declared in free if (_fit(declared, cells, scope) or 0) >= FITS]
        if fits:
            fitting[index] = fits
    times = Counter(declared.name for fits in fitting.values() for declared in fits)
    return {
        index: (fits[0], Known.VALUES)
        for index, fits in fitting.items()
        if len(fits) == 1 and times[fits[0].name] == 1
    }


def _suggestions(
    header: Header,
    kind: ListKind,
    taken: set[str],
    cells: Sequence[Cell],
    scope: Scope,
) -> tuple[str, ...]:
    found = []
    nearest = synonyms_of(kind.fields).near(header)
    for declared in kind.fields:
        if declared.name in taken:
            continue
        near = nearest.get(declared.name, 0.0)
        fit = _fit(declared, cells, scope)
        telling = declared.reader.is_telling and (fit or 0) >= FITS
        if near >= PROPOSED and (fit is None or fit >= 0.5):
            found.append((near + (20 if telling else 0), declared.name))
        elif telling:
            found.append((50.0 * (fit or 0), declared.name))
    return tuple(name for _, name in sorted(found, reverse=True)[:5])


def _swaps(
    columns: Sequence[Column],
    samples: AnyMapping[int, Sequence[Cell]],
    scope: Scope,
    mapping: Mapping,
) -> tuple[Swap, ...]:
    known = [c for c in columns if c.field is not None and len(samples.get(c.index, ())) >= 5]
    swaps = []
    for position, left in enumerate(known):
        assert left.field is not None
        at_home = _fit(left.field, samples[left.index], scope)
        if at_home is None or at_home >= 0.6:
            continue
        for right in known[:position] + known[position + 1 :]:
            assert right.field is not None
            home = _fit(right.field, samples[right.index], scope)
            there = _fit(left.field, samples[right.index], scope)
            here = _fit(right.field, samples[left.index], scope)
            if home is None or there is None or here is None or there < FITS or here < FITS:
                continue
            if there + here - at_home - home >= SWAPPED:
                first, second = sorted((left, right), key=lambda column: column.index)
                swap = Swap(first, second)
                swap = Swap(first, second, mapping.swaps.get(swap.key))
                if swap not in swaps:
                    swaps.append(swap)
    return tuple(swaps)


def _exchanged(columns: Sequence[Column], swaps: Iterable[Swap]) -> tuple[Column, ...]:
    """The columns with the fields of confirmed swaps put right; the headers stay as they are."""
    fields = {column.index: column.field for column in columns}
    for swap in swaps:
        if swap.answer:
            left, right = swap.left, swap.right
            fields[left.index], fields[right.index] = right.field, left.field
    return tuple(
        Column(
            index=column.index,
            header=column.header,
            key=column.key,
            field=fields[column.index],
            known=column.known,
            sample=column.sample,
            suggestions=column.suggestions,
        )
        for column in columns
    )

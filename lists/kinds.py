"""What a kind of list declares: its fields, its words for headers, and its checks of a row.

The package that owns a record declares the kinds (outflow/listkinds.py, housing/listkinds.py);
recognising, previewing and reporting know only these declarations.
"""

import re
from collections.abc import Callable, Iterable
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.functional import Promise

from lists.cells.reader import Reader
from lists.context import Context

type Label = str | Promise


@dataclass(frozen=True)
class Field:
    """A fact that a column may hold, with the headers under which lists keep it.

    A dot in a name makes a group: `zrm.finances` ends up in values["zrm"]["finances"].
    """

    name: str
    label: Label
    reader: Reader
    synonyms: tuple[str, ...]
    # Without it a row cannot become a record; the defect that says so.
    required: bool = False
    missing: str = "value_missing"
    # Without this column the sheet is not a list of this kind.
    defining: bool = False
    # A sum or another outcome of the list itself: its formula is in its place.
    may_be_formula: bool = False
    # The fields a column of this sort fills, if not just its own.
    fills: tuple[str, ...] = ()

    @property
    def produces(self) -> tuple[str, ...]:
        return self.fills or (self.name,)


@dataclass(frozen=True)
class RowFault:
    """Something wrong between the cells of a row; shown at one field."""

    kind: str
    field_name: str
    suggestion: Any = None
    facts: AnyMapping[str, Any] = field(default_factory=dict)


type Check = Callable[[AnyMapping[str, Any], Context], Iterable[RowFault]]
type Derive = Callable[[dict[str, Any], Context], None]


@dataclass(frozen=True)
class SideRows:
    """Rows of another sort at the foot of a list, such as the weights under a basis."""

    name: str
    label: Label
    pattern: re.Pattern[str]
    fields: tuple[str, ...]
    reader: Reader


@dataclass(frozen=True)
class Matrix:
    """A list in two directions: names down, names across, a number where they cross."""

    down: Field
    across: Field
    value: str
    reader: Reader


@dataclass(frozen=True)
class ListKind:
    """One kind of list, as its owner declares it."""

    name: str
    label: Label
    fields: tuple[Field, ...]
    # Without one of these a row cannot become a record and is rejected.
    key: tuple[str, ...] = ()
    # Two rows that agree on these and differ elsewhere are about the same: a person chooses.
    tells_apart: tuple[str, ...] = ()
    # Words in a file name, sheet name or title that point to this kind.
    hints: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    derive: Derive | None = None
    # Sentences for the defects that only this kind knows: kind -> sentence with %(...)s.
    sentences: AnyMapping[str, Label] = field(default_factory=dict)
    # Defects that say so and change nothing.
    notes: frozenset[str] = frozenset()
    # Fields whose values are counted in the report.
    tallies: tuple[str, ...] = ()
    # Values that hold for a whole sheet and may stand in its name or title.
    needs_year: bool = False
    # Field that the file's own organisation fills where no column does.
    organisation_field: str = ""
    organisation_kinds: tuple[str, ...] = ()
    matrix: Matrix | None = None
    side_rows: tuple[SideRows, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {declared.name: declared for declared in self.fields}

    def field_of(self, name: str) -> Field | None:
        return self.by_name.get(name)

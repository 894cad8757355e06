"""How a cell becomes a value: the shape every reader has, and the simple readers."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from lists.cells import days, numbers
from lists.cells.days import DayStyle
from lists.cells.numbers import NumberStyle
from lists.cells.texts import UNKNOWN, is_empty, looks_like_formula, plain, shown
from lists.context import Context
from lists.mapping import Mapping
from lists.reading import Cell

LONG_TEXT = 2000
EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]{2,}")
DUTCH_POSTCODE = re.compile(r"([1-9]\d{3})\s?-?([A-Za-z]{2})")
HOUSE_NUMBER = re.compile(
    r"(?P<street>.*?\D)[\s,]+(?P<number>\d{1,5}(?:[\s/-]?[A-Za-z]{1,4}\b\.?|[\s/-]{1,3}\d{1,4}[A-Za-z]?)*)$"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with one cell; `suggestion` is what may have been meant."""

    kind: str
    suggestion: Any = None
    facts: AnyMapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """Something only a person can say: `topic` and `key` name the answer in the mapping."""

    topic: str
    key: str
    text: str
    suggestions: tuple[str, ...] = ()
    facts: AnyMapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Read:
    """What a reader made of a cell."""

    value: Any = None
    fault: Fault | None = None
    ask: Ask | None = None
    # The reading stands, and somebody should know: a text that looks like a formula.
    note: Fault | None = None
    # More fields that follow from this cell.
    also: AnyMapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a reader may look at beside the cell."""

    context: Context
    mapping: Mapping
    field_name: str = ""
    numbers: NumberStyle = NumberStyle()
    days: DayStyle = DayStyle()
    # Whether to look for what may have been meant; looking takes time and judging fits needs none.
    with_help: bool = False
    # Values of the row that were read before this cell.
    values: AnyMapping[str, Any] = field(default_factory=dict)


class Reader(ABC):
    """Reads cells of one sort; `absent` is what an empty cell means."""

    absent: Any = None
    # Whether the values alone tell this sort from others, so that a column may be proposed.
    is_telling = False
    # Readers of other sorts whose columns look the same.
    looks_like: "tuple[type[Reader], ...]" = ()
    # Whether the column as a whole decides how its numbers or days are written.
    has_numbers = False
    has_days = False

    @abstractmethod
    def read(self, cell: Cell, scope: Scope) -> Read:
        """Return what a cell that is not empty says."""

    def fit(self, cells: Sequence[Cell], scope: Scope) -> float | None:
        """Return which part of the cells reads well, or None if every text would."""
        if not cells:
            return None
        good = sum(1 for cell in cells if self.read(cell, scope).fault is None)
        return good / len(cells)

    def meanings(self) -> tuple[str, ...]:
        """The closed list of values, if there is one."""
        return ()


class Text(Reader):
    """Free text; it stays text, also when it begins like a formula."""

    absent = ""

    def __init__(self, *, most: int | None = None) -> None:
        self.most = most

    def read(self, cell: Cell, scope: Scope) -> Read:
        text = shown(cell)
        if looks_like_formula(text):
            return Read(text, note=Fault("formula_like_text"))
        if len(text) > (self.most or LONG_TEXT):
            return Read(text, note=Fault("long_text", facts={"length": len(text)}))
        return Read(text)

    def fit(self, cells: Sequence[Cell], scope: Scope) -> float | None:
        return None


class Name(Text):
    """A name of a person: letters, and not one of the words that stand between names."""

    def __init__(self) -> None:
        super().__init__(most=120)

    def read(self, cell: Cell, scope: Scope) -> Read:
        """Nobody is called by a formula: somebody says what the name is."""
        if shown(cell).startswith("="):
            return Read(None, fault=Fault("name_is_formula"))
        return super().read(cell, scope)

    def fit(self, cells: Sequence[Cell], scope: Scope) -> float | None:
        if not cells:
            return None
        good = sum(
            1
            for cell in cells
            if isinstance(cell, str)
            and not any(letter.isdigit() for letter in cell)
            and not is_prefix(cell)
        )
        return good / len(cells)


PREFIXES = frozenset(
    [
        "van",
        "de",
        "der",
        "den",
        "het",
        "'t",
        "t",
        "ten",
        "ter",
        "te",
        "te de",
        "van de",
        "van der",
        "van den",
        "van het",
        "van 't",
        "in 't",
        "in het",
        "op",
        "op de",
        "op den",
        "op der",
        "aan de",
        "aan den",
        "aan het",
        "bij de",
        "uit de",
        "uit den",
        "uit het",
        "over de",
        "onder de",
        "voor de",
        "la",
        "le",
        "les",
        "du",
        "des",
        "el",
        "al",
        "da",
        "dos",
        "de la",
        "della",
        "di",
        "do",
        "von",
        "von der",
        "zu",
        "v d",
        "vd",
        "v",
        "d",
        "bin",
        "ben",
        "ibn",
        "ould",
        "abu",
        "am",
        "zum",
        "zur",
        "'s",
        "van 's",
        "de la",
        "der den",
        "in de",
        "in den",
        "in der",
        "v/d",
        "v/der",
        "v/den",
    ]
)


def is_prefix(cell: Cell) -> bool:
    text = plain(cell) if isinstance(cell, str) else ""
    return (
        text in PREFIXES
        or text.replace(".", " ").strip() in PREFIXES
        or (" ".join(text.replace(".", " ").split()) in PREFIXES)
    )


class NamePrefix(Text):
    """The words between given name and family name: van, de, van der."""

    is_telling = True

    def __init__(self) -> None:
        super().__init__(most=40)

    def fit(self, cells: Sequence[Cell], scope: Scope) -> float | None:
        return sum(map(is_prefix, cells)) / len(cells) if cells else None


class Identifier(Reader):
    """A number that is a name: zeros in front stay, nothing is counted with it."""

    absent = ""

    def read(self, cell: Cell, scope: Scope) -> Read:
        text = shown(cell)
        if looks_like_formula(text):
            return Read(text, fault=Fault("formula_cell"))
        return Read(text)

    def fit(self, cells: Sequence[Cell], scope: Scope) -> float | None:
        """An identifier is short, one word, and does not return on other rows."""
        texts = [shown(cell) for cell in cells]
        if not texts:
            return None
        short = sum(1 for text in texts if len(text) <= 24 and len(text.split()) <= 2)
        return short / len(texts)


class Amount(Reader):
    """A number with decimals."""

    has_numbers = True

    def __init__(self, *, least: Decimal | int | None = None, too_low: str = "too_low") -> None:
        self.least = least
        self.too_low = too_low

    def read(self, cell: Cell, scope: Scope) -> Read:
        if isinstance(cell, str) and cell.lstrip().startswith("="):
            return Read(fault=Fault("formula_cell"))
        value = numbers.number(cell, scope.numbers)
        if value is None:
            return Read(fault=Fault("not_a_number"))
        if self.least is not None and value < self.least:
            return Read(value, fault=Fault(self.too_low))
        return Read(self.made(value))

    def made(self, value: Decimal) -> Any:
        return value


class Whole(Amount):
    """A count."""

    def __init__(self, *, least: int = 0, most: int | None = None, outside: str = "out_of_range"):
        super().__init__(least=least, too_low=outside)
        self.most = most
        self.outside = outside

    def read(self, cell: Cell, scope: Scope) -> Read:
        found = super().read(cell, scope)
        if found.fault is not None:
            return found
        if found.value != int(found.value):
            return Read(fault=Fault("not_a_whole_number"))
        if self.most is not None and found.value > self.most:
            return Read(fault=Fault(self.outside, facts={"least": self.least, "most": self.most}))
        return Read(int(found.value))


class Floor(Whole):
    """A floor: a number, or words for the ground floor."""

    GROUND = frozenset(
        {"bg", "begane grond", "bgg", "parterre", "beg grond", "begane gr", "gelijkvloers"}
    )

    def __init__(self) -> None:
        super().__init__(least=-3, most=60)

    def read(self, cell: Cell, scope: Scope) -> Read:
        if isinstance(cell, str):
            text = plain(cell).replace(".", " ").strip()
            if text in self.GROUND:
                return Read(0)
            if match := re.fullmatch(
                r"(\d{1,2})(?:e|ste|de)?(?: (?:verdieping|etage|woonlaag|verd))?", text
            ):
                return Read(int(match[1]))
        return super().read(cell, scope)


class Day(Reader):
    """A day; a day number of Excel in a text is a fault with the day as suggestion."""

    has_days = True

    def __init__(self, *, is_birth: bool = False) -> None:
        self.is_birth = is_birth

    def read(self, cell: Cell, scope: Scope) -> Read:
        if isinstance(cell, str) and cell.lstrip().startswith("="):
            return Read(fault=Fault("formula_cell"))
        pivot = scope.context.reference_date
        value = days.day(cell, scope.days, pivot=pivot, is_birth=self.is_birth)
        if value is not None:
            return Read(value)
        if (meant := days.day_number(cell)) is not None:
            return Read(fault=Fault("serial_number_in_text", suggestion=meant))
        return Read(fault=Fault("impossible_date"))

    def fit(self, cells: Sequence[Cell], scope: Scope) -> float | None:
        if not cells:
            return None
        read = [self.read(cell, scope).value for cell in cells]
        good = sum(1 for value in read if value is not None and self._likely(value, scope))
        return good / len(cells)

    def _likely(self, value: date, scope: Scope) -> bool:
        years = scope.context.reference_date.year - value.year
        return 15 <= years <= 105 if self.is_birth else -25 <= years <= 45


class Postcode(Reader):
    """A Dutch postcode, as 1234 AB."""

    absent = ""
    is_telling = True

    def read(self, cell: Cell, scope: Scope) -> Read:
        match = DUTCH_POSTCODE.fullmatch(shown(cell))
        if match is None:
            return Read(fault=Fault("postcode_wrong"))
        return Read(f"{match[1]} {match[2].upper()}")


class Address(Reader):
    """Street and house number in one cell."""

    def read(self, cell: Cell, scope: Scope) -> Read:
        match = HOUSE_NUMBER.fullmatch(shown(cell))
        if match is None:
            return Read(fault=Fault("house_number_missing"))
        return Read(also={"street": match["street"].strip(" ,"), "house_number": match["number"]})


class Email(Reader):
    """An e-mail address."""

    absent = ""
    is_telling = True

    def read(self, cell: Cell, scope: Scope) -> Read:
        text = shown(cell)
        if not EMAIL.fullmatch(text):
            return Read(fault=Fault("email_wrong"))
        return Read(text.lower())


def is_unknown(cell: Cell) -> bool:
    return is_empty(cell) or (isinstance(cell, str) and plain(cell) in UNKNOWN)

"""Numbers and amounts as people type them: `€ 1.234,56`, `1,234.56`, `2,5`, `60%`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lists.cells.texts import UNKNOWN, is_empty, plain
from lists.reading import Cell

AROUND = re.compile(
    r"(?i)\s|€|eur(?:o)?s?|\u00a0|(?:m2|m²|uur|uren|u|st\.?|stuks|personen|kamers?|p/w|p/m|p\.m\.)$"
)
NUMBER = re.compile(r"[+-]?\d[\d.,']*")
TRAILING = re.compile(r",[-–=]{1,2}$|,--$")


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """Which mark a column uses for decimals; None when its cells do not tell."""

    decimal: str | None = None


def style_of(cells: Iterable[Cell]) -> NumberStyle:
    """Learn the decimal mark from the cells that leave no doubt."""
    votes = {",": 0, ".": 0}
    for cell in cells:
        if isinstance(cell, str) and (mark := _decimal_mark(_bare(cell))):
            votes[mark] += 1
    if votes[","] == votes["."]:
        return NumberStyle()
    return NumberStyle("," if votes[","] > votes["."] else ".")


def number(cell: Cell, style: NumberStyle) -> Decimal | None:
    """Return the number in a cell, or None when there is no number in it."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int):
        return Decimal(cell)
    if isinstance(cell, float):
        # The shortest digits that give this float, not its binary tail.
        return Decimal(repr(cell)) if cell == cell and abs(cell) < 1e15 else None
    if not isinstance(cell, str) or is_empty(cell) or plain(cell) in UNKNOWN:
        return None
    bare = _bare(cell)
    percent = bare.endswith("%")
    bare = bare.removesuffix("%")
    if not NUMBER.fullmatch(bare):
        return None
    mark = _decimal_mark(bare) or _doubtful(bare, style)
    thousands = "." if mark == "," else ","
    digits = bare.replace("'", "").replace(thousands, "")
    if mark:
        digits = digits.replace(mark, ".")
    try:
        value = Decimal(digits)
    except InvalidOperation:
        return None
    return value / 100 if percent else value


def _bare(text: str) -> str:
    text = TRAILING.sub("", text.strip().replace("−", "-"))
    bare = AROUND.sub("", text)
    return AROUND.sub("", bare)


def _decimal_mark(bare: str) -> str | None:
    """The decimal mark if the text itself leaves no doubt, else None."""
    points, commas = bare.count("."), bare.count(",")
    if points and commas:
        return "," if bare.rfind(",") > bare.rfind(".") else "."
    mark = "," if commas else "." if points else None
    if mark is None:
        return None
    if points + commas > 1:
        # 1.234.567: marks between thousands, so the other one is for decimals.
        return "." if mark == "," else ","
    after = len(bare) - bare.rfind(mark) - 1
    return None if after == 3 else mark


def _doubtful(bare: str, style: NumberStyle) -> str | None:
    """`1.250` may be twelve hundred or one and a quarter: the column decides, else Dutch."""
    if style.decimal is not None:
        return style.decimal
    return "," if "." in bare else "." if "," in bare else None

"""Texts compared the way people mean them: without case, accents, or stray spaces."""

import re
import unicodedata
from functools import lru_cache

from lists.reading import Cell

SPACES = re.compile(r"\s+")
NUMBERING = re.compile(
    r"^(?:\d{1,2}|[a-z])\s?[.):]\s*|^\d{1,2}\s?-\s*(?=[a-z])|^\d{1,2}\s+(?=[a-z])"
    r"|^(?:fase|stap|trede)\s+\d{1,2}\s*[:.)-]?\s*"
)
NOT_WORDS = re.compile(r"[^a-z0-9]+")
FORMULA_START = re.compile(r"^(?:=|@\w|[+\-](?=.*[|(!]))")
# What people type to say that they do not know; it is not a value and not an empty cell.
UNKNOWN = frozenset(
    {"?", "??", "???", "n.v.t.", "nvt", "n.b.", "nnb", "onbekend", "-", "pm", "p.m."}
)


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """Return text for comparing: small letters, no accents, single spaces, plain dashes."""
    text = text.replace("\u2013", "-").replace("\u2014", "-").replace("\u2019", "'")
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return SPACES.sub(" ", bare).strip()


def squashed(text: str) -> str:
    """Return text for comparing names: only letters and digits."""
    return NOT_WORDS.sub("", plain(text))


def without_numbering(text: str) -> str:
    """Return a word without the number in front of it: `2. stabilisatie`, `fase 3: gereed`."""
    shorter = NUMBERING.sub("", plain(text)).strip()
    return shorter or plain(text)


def is_empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def shown(cell: Cell) -> str:
    """Return a cell as text: whole numbers without a point, days as ISO."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "ja" if cell else "nee"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if hasattr(cell, "isoformat"):
        return cell.isoformat()
    return str(cell)


def looks_like_formula(text: str) -> bool:
    return bool(FORMULA_START.match(text.lstrip()))

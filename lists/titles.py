"""What file names, sheet names and title rows say: whose list, which day, which year."""

import re
from collections.abc import Iterable

from lists.cells.days import day_in
from lists.cells.texts import plain, squashed
from lists.context import Context

YEAR = re.compile(r"(?<!\d)(20[0-4]\d)(?!\d)")
STATES_A_DAY = re.compile(r"peildatum|\bstand\b|\bper\b|\bdatum\b|\bd\.?d\.?\b")
LONG_WORD = 5
PIECES = re.compile(r"[^A-Za-z0-9]+")


def reference_day(texts: Iterable[str]):
    """The day a title gives as the list's own: `peildatum 1 oktober 2026`."""
    for text in texts:
        if STATES_A_DAY.search(plain(text)):
            found = day_in(text)
            if found is not None:
                return found
    return None


def year_in(*texts: str) -> int | None:
    """The one year in the nearest text that names one."""
    for text in texts:
        years = set(YEAR.findall(text))
        if len(years) == 1:
            return int(years.pop())
    return None


def organisation_in(texts: Iterable[str], context: Context, *kinds: str) -> str | None:
    """The one organisation that a file name or a title names, by name or by its initials."""
    texts = list(texts)
    joined = [squashed(text) for text in texts]
    pieces = {piece.casefold() for text in texts for piece in PIECES.split(text)}
    found: dict[str, int] = {}
    others = context.organisations_of(*kinds)
    for name in others:
        form = squashed(name)
        initials = "".join(word[0] for word in PIECES.split(name) if word).casefold()
        if len(form) >= 4 and any(form in text for text in joined):
            found[name] = len(form)
        elif len(initials) >= 3 and initials in pieces:
            found[name] = len(initials)
        elif telling := _own_words(name, others) & pieces:
            found[name] = max(map(len, telling))
    longest = max(found.values(), default=0)
    best = [name for name, length in found.items() if length == longest]
    return best[0] if len(best) == 1 else None


def _own_words(name: str, others: Iterable[str]) -> set[str]:
    """Long words of a name that no other organisation has in its name."""

    def words(text: str) -> set[str]:
        return {word.casefold() for word in PIECES.split(text) if len(word) >= LONG_WORD}

    return words(name).difference(*(words(other) for other in others if other != name))

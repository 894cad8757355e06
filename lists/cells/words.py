"""Readers of words from a closed list, learnt from a person where they are not known."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from lists.cells.reader import Ask, Fault, Read, Reader, Scope
from lists.cells.texts import looks_like_formula, plain, shown
from lists.cells.vocabulary import YES_NO, Vocabulary
from lists.reading import Cell

STRONG = re.compile(r"[\n\r|;]+|\s\+\s|,\s*|\s/\s")
WEAK = re.compile(r"\s*(?:/|\+|&|\ben\b)\s*")
BULLET = re.compile(r"^(?:[-–•*·]|\d{1,2}[.)])\s+")


class Word(Reader):
    """One meaning out of a closed list; an unknown word is asked, never guessed."""

    is_telling = True

    def __init__(self, vocabulary: Vocabulary, *, unknown: str = "word_unknown") -> None:
        self.vocabulary = vocabulary
        self.unknown = unknown

    def read(self, cell: Cell, scope: Scope) -> Read:
        return self.read_word(shown(cell), scope)

    def read_word(self, text: str, scope: Scope) -> Read:
        meaning = scope.mapping.word(scope.field_name, text) or self.vocabulary.find(text)
        if meaning:
            return Read(meaning)
        suggestions = tuple(self.vocabulary.suggest(text)) if scope.with_help else ()
        ask = Ask(f"words.{scope.field_name}", plain(text), text, suggestions)
        if looks_like_formula(text):
            return Read(fault=Fault("formula_cell"))
        return Read(
            fault=Fault(self.unknown, suggestion=suggestions[0] if suggestions else None), ask=ask
        )

    def meanings(self) -> tuple[str, ...]:
        return self.vocabulary.meanings


class YesNo(Reader):
    """Yes or no in any of the ways people write it; an empty cell means no."""

    absent = False

    def read(self, cell: Cell, scope: Scope) -> Read:
        if isinstance(cell, bool):
            return Read(cell)
        text = shown(cell)
        meaning = scope.mapping.word(scope.field_name, text) or YES_NO.find(text)
        if meaning:
            return Read(meaning == "yes")
        if looks_like_formula(text):
            return Read(fault=Fault("formula_cell"))
        return Read(
            fault=Fault("yes_no_unknown"), ask=Ask(f"words.{scope.field_name}", plain(text), text)
        )

    def meanings(self) -> tuple[str, ...]:
        return YES_NO.meanings


class WordList(Word):
    """Several meanings in one cell, whatever stands between them."""

    absent: tuple[str, ...] = ()

    def read(self, cell: Cell, scope: Scope) -> Read:
        found: dict[str, None] = {}

        def is_known(text: str) -> bool:
            return bool(scope.mapping.word(scope.field_name, text) or self.vocabulary.find(text))

        pieces = pieces_of(shown(cell), is_known)
        for piece in pieces:
            read = self.read_word(piece, scope)
            if read.fault is not None:
                return replace(read, value=tuple(found))
            found[read.value] = None
        return Read(tuple(found))

    def fit(self, cells: Sequence[Cell], scope: Scope) -> float | None:
        if not cells:
            return None
        good = total = 0
        for cell in cells:
            for piece in pieces_of(shown(cell), lambda text: text in self.vocabulary):
                total += 1
                good += self.read_word(piece, scope).fault is None
        return good / total if total else None


class TextList(Reader):
    """Several texts in one cell, kept as they are."""

    absent: tuple[str, ...] = ()

    def read(self, cell: Cell, scope: Scope) -> Read:
        return Read(tuple(pieces_of(shown(cell), lambda _: False)))

    def fit(self, cells: Sequence[Cell], scope: Scope) -> float | None:
        return None


def pieces_of(text: str, is_known: Callable[[str], bool]) -> list[str]:
    """Split a cell that holds several things, without cutting through a known name.

    `Zee- en Duinwijk` and `buurtman/-vrouw` stay whole; `Haarlem en Velsen` is cut because
    both parts are known.
    """
    if is_known(text.strip()):
        return [text.strip()]
    pieces: list[str] = []
    for part in STRONG.split(text):
        piece = BULLET.sub("", part.strip()).strip()
        if not piece:
            continue
        smaller = [word for word in WEAK.split(piece) if word]
        if len(smaller) > 1 and not is_known(piece) and all(map(is_known, smaller)):
            pieces.extend(smaller)
        else:
            pieces.append(piece)
    return pieces

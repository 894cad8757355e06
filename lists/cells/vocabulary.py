"""Closed lists of words: what people write for one meaning, and what comes close."""

import re
from collections.abc import Mapping

from rapidfuzz import fuzz, process

from lists.cells.texts import plain, squashed, without_numbering

NOT_LETTERS = re.compile(r"[^a-z0-9]+")
SHORTEST_ABBREVIATION = 3
CLOSE = 70


def words(text: str) -> tuple[str, ...]:
    """Words written after each other with commas: easier to read and to add to."""
    return tuple(word.strip() for word in text.split(","))


class Vocabulary:
    """Meanings with the words for them; a word is recognised exactly or not at all.

    An abbreviation counts if it begins the words of one meaning only. What merely comes close
    is a suggestion for a person, never a reading.
    """

    def __init__(self, words: Mapping[str, tuple[str, ...]], *, abbreviated: bool = False) -> None:
        self.meanings = tuple(words)
        self.words = {meaning: tuple(ways) for meaning, ways in words.items()}
        self._exact: dict[str, str] = {}
        for meaning, ways in words.items():
            for way in (meaning, *ways):
                for form in (plain(way), squashed(way)):
                    if self._exact.setdefault(form, meaning) != meaning:
                        raise ValueError(f"{way!r} stands for two meanings")
        self._turned = {_in_order(word): meaning for word, meaning in self._exact.items()}
        self._usual = {squashed(ways[0]): meaning for meaning, ways in words.items() if ways}
        self._abbreviated = abbreviated

    def __contains__(self, text: str) -> bool:
        return self.find(text) is not None

    def find(self, text: str) -> str | None:
        """Return the meaning of a word, or None."""
        for form in (plain(text), without_numbering(text), squashed(without_numbering(text))):
            if form and form in self._exact:
                return self._exact[form]
        # `vertrokken, overig` is `overig vertrokken`.
        turned = self._turned.get(_in_order(without_numbering(text)))
        return turned or self._by_beginning(squashed(without_numbering(text)))

    def suggest(self, text: str) -> list[str]:
        """Return the meanings whose words come close, closest first."""
        shorter = without_numbering(text)
        found = process.extract(
            shorter, list(self._exact), scorer=fuzz.WRatio, score_cutoff=CLOSE, limit=9
        )
        close = [self._exact[word] for word, _, _ in found if len(shorter) > 3]
        return list(dict.fromkeys([*self._by_letters(squashed(shorter)), *close]))[:3]

    def _by_beginning(self, form: str) -> str | None:
        """The meaning of which the usual word begins so, else of which any word does."""
        if not self._abbreviated or len(form) < SHORTEST_ABBREVIATION:
            return None
        for words in (self._usual, self._exact):
            meanings = {meaning for word, meaning in words.items() if word.startswith(form)}
            if meanings:
                return meanings.pop() if len(meanings) == 1 else None
        return None

    def _by_letters(self, form: str) -> list[str]:
        """Meanings whose usual word holds the letters in order: VRB for voorbereiding."""
        if not 2 <= len(form) <= 5:
            return []
        return [
            meaning
            for word, meaning in self._usual.items()
            if word[0] == form[0] and _holds_in_order(word, form)
        ]


def _in_order(text: str) -> str:
    return " ".join(sorted(NOT_LETTERS.split(text)))


def _holds_in_order(word: str, letters: str) -> bool:
    rest = iter(word)
    return all(letter in rest for letter in letters)


YES_NO = Vocabulary(
    {
        "yes": ("ja", "j", "y", "x", "true", "waar", "1", "wel", "v", "✓", "✔", "√", "aanwezig"),
        "no": ("nee", "n", "no", "false", "onwaar", "0", "niet", "geen", "neen", "afwezig"),
    }
)

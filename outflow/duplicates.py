"""Registrations that may be one person: found by tokens, decided by people.

Identity is encrypted; what can be compared are tokens of the birth date, the sound of the
family name and the initial. This module knows how a name becomes comparable and which
agreement is worth a look. It merges nothing.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from itertools import combinations

BETWEEN = frozenset(
    [
        "van",
        "de",
        "der",
        "den",
        "het",
        "'t",
        "'s",
        "ten",
        "ter",
        "te",
        "v",
        "d",
        "vd",
        "in",
        "op",
        "aan",
        "bij",
        "uit",
        "la",
        "le",
        "el",
        "al",
        "da",
        "di",
        "do",
        "von",
    ]
)
NOT_LETTERS = re.compile(r"[^a-z' -]+")
# Letters without a combining form keep their nearest plain letter.
PLAIN = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe"})
# Letters that sound alike, one by one: a pair such as ch or ij would not survive two letters
# that changed places.
ALIKE = str.maketrans({"c": "k", "q": "k", "g": "k", "x": "ks", "d": "t", "v": "f", "z": "s"})
UNHEARD = frozenset("aeiouyhj")


def phonetic(surname: str) -> str:
    """Return what remains of a family name when spelling does not count.

    Its consonants, once each, in the order of the alphabet: so vowels, double letters,
    capitals, accents and two letters that changed places do not matter. `Janssen` and
    `Jansen` give the same, and so do `Vermeulen` and `Vemreulen`. Alone it says little;
    together with a birth date and an initial it says enough to look.

    >>> phonetic("Vermeulen") == phonetic("VEMREULEN ")
    True
    >>> phonetic("Vermeulen") == phonetic("Vermaas")
    False
    """
    words = [word for word in re.split(r"[ -]+", _plain(surname)) if word]
    while len(words) > 1 and words[0] in BETWEEN:
        words.pop(0)
    if not words:
        return ""
    sound = words[0].replace("'", "")
    heard = {letter for letter in sound.translate(ALIKE) if letter not in UNHEARD}
    return "".join(sorted(heard or sound))


def initial(given_name: str) -> str:
    """Return the first letter of a given name, plain and small; empty if there is none."""
    letters = [letter for letter in _plain(given_name) if letter.isalpha()]
    return letters[0] if letters else ""


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name.casefold().translate(PLAIN))
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return NOT_LETTERS.sub(" ", bare.replace(".", " ")).strip()


@dataclass(frozen=True, slots=True)
class Tokens:
    """What may be compared of one registration; a token that is not known is None."""

    ref: Hashable
    provider: Hashable
    born_on: Hashable | None
    surname: Hashable | None
    initial: Hashable | None


@dataclass(frozen=True, slots=True)
class LikelyDuplicate:
    """Two registrations at two providers that agree, and on what."""

    first: Hashable
    second: Hashable
    agree: tuple[str, ...] = ("born_on", "surname", "initial")


def likely_duplicates(registrations: Iterable[Tokens]) -> list[LikelyDuplicate]:
    """Return the pairs across providers that agree on birth date, family name and initial.

    Twins differ in the initial and namesakes in the birth date; neither is proposed.
    """
    alike: dict[tuple[Hashable, Hashable, Hashable], list[Tokens]] = defaultdict(list)
    for each in registrations:
        if each.born_on and each.surname and each.initial:
            alike[each.born_on, each.surname, each.initial].append(each)
    return [
        LikelyDuplicate(left.ref, right.ref)
        for group in alike.values()
        for left, right in combinations(group, 2)
        if left.provider != right.provider
    ]

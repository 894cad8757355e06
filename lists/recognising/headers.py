"""How near a header comes to a field: words, abbreviations, joined words and typing errors."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from lists.cells.texts import plain
from lists.kinds import Field

ACCEPTED = 75.0
TYPING_ERROR = 84.0
MOST_KEPT = 20_000
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
SHORTHAND = (
    (re.compile(r"\bp\s?[./]\s?m\b\.?|\bp\.?mnd\b\.?|\bpm\b"), " per maand "),
    (re.compile(r"\bp\s?[./]\s?w\b\.?|\bpw\b|\bp\.?wk\b\.?"), " per week "),
    (re.compile(r"\bp\s?[./]\s?j\b\.?|\bpj\b|\bp\.?jr\b\.?"), " per jaar "),
    (re.compile(r"\b24\s?[/-]?\s?7\b|\b24\s?[-_ ]?(?:uurs?|uren|u|h)\b|\b24_7\b"), " 24uur "),
    (re.compile(r"\bm²|\bm\s?2\b"), " m2 "),
    (re.compile(r"\b[jy]\s?/\s?n\b|\bja\s?/\s?nee\b"), " janee "),
    (re.compile(r"\bm\s?/\s?v(?:\s?/\s?x)?\b"), " manvrouw "),
    (re.compile(r"\bv\s?/\s?b\b"), " verwachtbereikt "),
    (re.compile(r"\b1\s?[-t]/?m?\s?5\b"), " "),
)
NOT_WORDS = re.compile(r"[^a-z0-9]+")
LONGER = {
    "nr": "nummer",
    "nrs": "nummer",
    "num": "nummer",
    "no": "nummer",
    "cl": "client",
    "clt": "client",
    "clientnr": "clientnummer",
    "dossiernr": "dossiernummer",
    "geb": "geboorte",
    "gebdat": "geboortedatum",
    "gebdatum": "geboortedatum",
    "dat": "datum",
    "dd": "datum",
    "dtm": "datum",
    "gem": "gemeente",
    "verw": "verwacht",
    "slpk": "slaapkamers",
    "slk": "slaapkamers",
    "aant": "aantal",
    "opp": "oppervlakte",
    "verd": "verdieping",
    "pc": "postcode",
    "opm": "opmerkingen",
    "hh": "huishouden",
    "ink": "inkomen",
    "mnd": "maand",
    "jr": "jaar",
    "wk": "week",
    "adr": "adres",
    "corp": "corporatie",
    "kw": "kwartaal",
    "kwart": "kwartaal",
    "gesl": "geslacht",
    "slaapk": "slaapkamers",
    "vkr": "voorkeur",
    "pers": "personen",
    "org": "organisatie",
    "tm": "totenmet",
}
# Words that hardly tell one column from another.
LIGHT = frozenset(
    [
        "datum",
        "dat",
        "aantal",
        "soort",
        "type",
        "naam",
        "code",
        "maand",
        "jaar",
        "week",
        "is",
        "per",
        "nodig",
        "client",
        "clienten",
        "bedrag",
        "totaal",
        "nummer",
        "id",
        "min",
        "minimaal",
        "huidige",
        "actuele",
        "nieuwe",
    ]
)
SKIPPED = frozenset(
    [
        "de",
        "het",
        "een",
        "van",
        "der",
        "den",
        "in",
        "op",
        "voor",
        "te",
        "ter",
        "tot",
        "met",
        "of",
        "en",
        "aan",
        "janee",
        "euro",
        "eur",
        "ca",
        "evt",
        "indicatief",
        "per",
        "s",
        "x",
    ]
)


@dataclass(frozen=True, slots=True)
class Header:
    """The text above a column, and the text that stands above several columns."""

    text: str
    group: str | None = None

    @property
    def key(self) -> str:
        """What this header is remembered by."""
        return f"{plain(self.group)} > {plain(self.text)}" if self.group else plain(self.text)


@lru_cache(maxsize=16384)
def words_of(text: str) -> tuple[str, ...]:
    """The telling words of a header, abbreviations written out."""
    text = plain(CAMEL.sub(" ", text)).replace("€", " ")
    for pattern, longer in SHORTHAND:
        text = pattern.sub(longer, text)
    words = [LONGER.get(word, word) for word in NOT_WORDS.split(text) if word]
    kept = [word for word in words if word not in SKIPPED]
    return tuple(kept or words)


@lru_cache(maxsize=65536)
def nearness(header: Header, synonym: str) -> float:
    """Return 0 to 100: how sure it is that the header means the synonym."""
    wanted = words_of(synonym)
    own = words_of(header.text) if header.text else ()
    best = _nearness(own, (), wanted) if own else 0.0
    if header.group:
        above = words_of(header.group)
        # Under `Schulden` a `J/N` says nothing of itself.
        telling = tuple(word for word in own if word not in SKIPPED)
        together = _nearness(telling, above, wanted)
        # Under a heading the two lines belong together; the line below alone says less.
        best = max(best * 0.94, together)
    return best


def _nearness(own: tuple[str, ...], above: tuple[str, ...], wanted: tuple[str, ...]) -> float:
    heads = (*above, *own)
    if not heads or not wanted:
        return 0.0
    if heads == wanted or "".join(heads) == "".join(wanted):
        return 100.0
    if above and own == wanted:
        return 94.0
    head_weights = [_weight(word) * 0.4 for word in above] + [_weight(word) for word in own]
    want_weights = [_weight(word) for word in wanted]
    got_head = [0.0] * len(heads)
    got_want = 0.0
    for position, want in enumerate(wanted):
        likeness, at = max((_alike(head, want), i) for i, head in enumerate(heads))
        got_want += want_weights[position] * likeness
        got_head[at] = max(got_head[at], likeness)
    covered = sum(w * g for w, g in zip(head_weights, got_head, strict=True))
    share = (covered + got_want) / (sum(head_weights) + sum(want_weights))
    joined = fuzz.ratio("".join(heads), "".join(wanted))
    return max(99.0 * share, joined * 0.97 if joined >= TYPING_ERROR else 0.0)


def _weight(word: str) -> float:
    return 0.35 if word in LIGHT else 1.0


@lru_cache(maxsize=65536)
def _alike(head: str, want: str) -> float:
    if head == want:
        return 1.0
    short, long = sorted((head, want), key=len)
    if len(short) >= 4 and long.startswith(short):
        return 0.95
    if len(short) == 3 and long.startswith(short) and short not in LIGHT:
        return 0.85
    if len(short) >= 5 and long.endswith(short):
        return 0.85
    ratio = fuzz.ratio(head, want)
    return ratio / 100 if ratio >= TYPING_ERROR and len(short) >= 4 else 0.0


class Synonyms:
    """All headers that the fields of one kind go by, looked up by the words in them.

    Only synonyms that share a word with the header, or look like it as a whole, are weighed.
    """

    def __init__(self, fields: Iterable[Field]) -> None:
        self._forms: list[tuple[str, str]] = []
        self._with_word: dict[str, set[int]] = {}
        self._joined: list[str] = []
        for declared in fields:
            for synonym in declared.synonyms:
                number = len(self._forms)
                self._forms.append((declared.name, synonym))
                words = words_of(synonym)
                self._joined.append("".join(words))
                for word in words:
                    self._with_word.setdefault(word, set()).add(number)
        self._like: dict[str, set[int]] = {}
        self._near: dict[Header, dict[str, float]] = {}

    def near(self, header: Header) -> Mapping[str, float]:
        """Field -> nearness, for every field that the header comes near at all."""
        known = self._near.get(header)
        if known is None:
            known = self._near[header] = self._weigh(header)
            if len(self._near) > MOST_KEPT:
                self._near.clear()
        return known

    def _weigh(self, header: Header) -> dict[str, float]:
        own = words_of(header.text) if header.text else ()
        above = words_of(header.group) if header.group else ()
        candidates: set[int] = set()
        for word in (*own, *above):
            candidates |= self._alike(word)
        for words in (own, (*above, *own)):
            found = process.extract(
                "".join(words), self._joined, scorer=fuzz.ratio, score_cutoff=TYPING_ERROR
            )
            candidates.update(number for _, _, number in found)
        near: dict[str, float] = {}
        for number in candidates:
            name, synonym = self._forms[number]
            score = nearness(header, synonym)
            if score > near.get(name, 0.0):
                near[name] = score
        return near

    def _alike(self, word: str) -> set[int]:
        known = self._like.get(word)
        if known is None:
            known = self._like[word] = {
                number
                for other, numbers in self._with_word.items()
                if _alike(word, other)
                for number in numbers
            }
        return known


@lru_cache(maxsize=64)
def synonyms_of(fields: tuple[Field, ...]) -> Synonyms:
    return Synonyms(fields)

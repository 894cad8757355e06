"""What is known before a list is read: the day, the places, the organisations."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from rapidfuzz import fuzz, process

from lists.cells.texts import plain, squashed
from lists.facts import FORMER_MUNICIPALITIES, OTHER_NAMES

CLOSE_NAME = 80
IN_BRACKETS = re.compile(r"\s*\((?:gemeente|[a-z]{1,3}\.?)\)$")
CALLED_MUNICIPALITY = re.compile(r"^(?:gemeente|gem\.?)\s+")


@dataclass(frozen=True)
class Context:
    """The facts a reading may use; rules read the reference date, never the clock."""

    reference_date: date
    # Every municipality of the country, and those of the region.
    municipalities: frozenset[str]
    region_municipalities: frozenset[str]
    # municipality -> its neighbourhoods by name; (municipality, other name) -> name.
    neighbourhoods: Mapping[str, frozenset[str]] = field(default_factory=dict)
    aliases: Mapping[tuple[str, str], str] = field(default_factory=dict)
    # Former municipality -> what it became, beside the facts that every region shares.
    former: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # A town that is not a municipality -> the municipality it lies in.
    places: Mapping[str, str] = field(default_factory=dict)
    # Organisation -> its kind: corporation, care_provider, welfare, municipality, ...
    organisations: Mapping[str, str] = field(default_factory=dict)
    # The organisation whose list this is, when it is known beforehand.
    uploader: str = ""

    @cached_property
    def _municipality_by_plain(self) -> dict[str, str]:
        known = {IN_BRACKETS.sub("", plain(name)): name for name in self.municipalities}
        known |= {plain(name): name for name in self.municipalities}
        for other, official in OTHER_NAMES.items():
            if plain(official) in known:
                known[other] = known[plain(official)]
            elif other in known:
                known[plain(official)] = known[other]
        return known

    @cached_property
    def _neighbourhood_by_plain(self) -> dict[str, dict[str, str]]:
        known = {
            municipality: {plain(name): name for name in names}
            for municipality, names in self.neighbourhoods.items()
        }
        for (municipality, other), name in self.aliases.items():
            known.setdefault(municipality, {})[plain(other)] = name
        return known

    @cached_property
    def _municipalities_of_neighbourhood(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for municipality, names in self._neighbourhood_by_plain.items():
            for name in names:
                found[name] = (*found.get(name, ()), municipality)
        return found

    @cached_property
    def _organisation_by_squashed(self) -> dict[str, str]:
        return {squashed(name): name for name in self.organisations}

    def municipality(self, text: str) -> str | None:
        """The official name of a municipality that exists today, or None."""
        bare = CALLED_MUNICIPALITY.sub("", plain(text))
        return self._municipality_by_plain.get(bare)

    def former_municipality(self, text: str) -> tuple[int | None, tuple[str, ...]] | None:
        """Since when a municipality is gone, if known, and what it became; or None."""
        bare = CALLED_MUNICIPALITY.sub("", plain(text))
        if bare in self._former:
            return None, self._former[bare]
        return FORMER_MUNICIPALITIES.get(bare)

    @cached_property
    def _former(self) -> dict[str, tuple[str, ...]]:
        return {plain(name): successors for name, successors in self.former.items()}

    def neighbourhood(self, municipality: str, text: str) -> str | None:
        """The name of a neighbourhood of a municipality, or None."""
        return self._neighbourhood_by_plain.get(municipality, {}).get(plain(text))

    def municipalities_with(self, text: str) -> tuple[str, ...]:
        """The municipalities that have a neighbourhood of this name."""
        return self._municipalities_of_neighbourhood.get(plain(text), ())

    def place(self, text: str) -> str | None:
        """The municipality in which a town lies, as far as somebody has said so."""
        return self._places.get(plain(text))

    @cached_property
    def _places(self) -> dict[str, str]:
        return {plain(place): municipality for place, municipality in self.places.items()}

    def organisation(self, text: str, *kinds: str) -> str | None:
        """The organisation of this name, of one of these kinds if any are given."""
        name = self._organisation_by_squashed.get(squashed(text))
        if name is not None and (not kinds or self.organisations[name] in kinds):
            return name
        return None

    def organisations_of(self, *kinds: str) -> list[str]:
        return [name for name, kind in self.organisations.items() if not kinds or kind in kinds]

    def close_municipalities(self, text: str) -> list[str]:
        """Municipalities spelled nearly so, those of the region first."""
        near = _close(text, self.region_municipalities)
        return near or _close(text, self.municipalities)

    def close_neighbourhoods(self, municipality: str, text: str) -> list[str]:
        return _close(text, self.neighbourhoods.get(municipality, frozenset()))


def _close(text: str, names: frozenset[str]) -> list[str]:
    by_plain = {plain(name): name for name in sorted(names)}
    found = process.extract(
        plain(text), list(by_plain), scorer=fuzz.ratio, score_cutoff=CLOSE_NAME, limit=3
    )
    return [by_plain[name] for name, _, _ in found]

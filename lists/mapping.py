"""How a list is to be read: what was remembered from last time, and what a person answered."""

from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from lists.cells.texts import plain

NOT_USED = ""
NOT_A_NEIGHBOURHOOD = ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """Readings that a person gave; each wins over what would be recognised.

    `columns`: column key -> field, or "" for not used. `words`: field -> plain word -> meaning.
    `neighbourhoods`: "municipality|plain name" -> "municipality|name", or "" for none.
    `places`: plain town -> municipality. `organisations`: plain text -> organisation.
    `swaps`: "C,D" -> whether the two headers were swapped; about one file, not remembered.
    """

    kinds: AnyMapping[str, str] = field(default_factory=dict)
    columns: AnyMapping[str, str] = field(default_factory=dict)
    words: AnyMapping[str, AnyMapping[str, str]] = field(default_factory=dict)
    neighbourhoods: AnyMapping[str, str] = field(default_factory=dict)
    places: AnyMapping[str, str] = field(default_factory=dict)
    organisations: AnyMapping[str, str] = field(default_factory=dict)
    swaps: AnyMapping[str, bool] = field(default_factory=dict)
    years: AnyMapping[str, int] = field(default_factory=dict)
    organisation: str = ""
    reference_date: date | None = None

    def under(self, answers: "Mapping") -> "Mapping":
        """This mapping with answers laid over it."""
        words = {name: dict(known) for name, known in self.words.items()}
        for name, known in answers.words.items():
            words[name] = {**words.get(name, {}), **known}
        return Mapping(
            kinds={**self.kinds, **answers.kinds},
            columns={**self.columns, **answers.columns},
            words=words,
            neighbourhoods={**self.neighbourhoods, **answers.neighbourhoods},
            places={**self.places, **answers.places},
            organisations={**self.organisations, **answers.organisations},
            swaps={**self.swaps, **answers.swaps},
            years={**self.years, **answers.years},
            organisation=answers.organisation or self.organisation,
            reference_date=answers.reference_date or self.reference_date,
        )

    def word(self, field_name: str, text: str) -> str | None:
        return self.words.get(field_name, {}).get(plain(text))

    def neighbourhood(self, municipality: str, text: str) -> str | None:
        return self.neighbourhoods.get(neighbourhood_key(municipality, text))

    def to_remember(self) -> "Mapping":
        """What still holds for the next file: not the day, the year, or this file's mistakes."""
        return replace(self, swaps={}, years={}, reference_date=None)

    def to_json(self) -> dict[str, Any]:
        return {
            "kinds": dict(self.kinds),
            "columns": dict(self.columns),
            "words": {name: dict(known) for name, known in self.words.items()},
            "neighbourhoods": dict(self.neighbourhoods),
            "places": dict(self.places),
            "organisations": dict(self.organisations),
            "swaps": dict(self.swaps),
            "years": dict(self.years),
            "organisation": self.organisation,
            "reference_date": self.reference_date.isoformat() if self.reference_date else None,
        }

    @classmethod
    def from_json(cls, stored: AnyMapping[str, Any]) -> "Mapping":
        day = stored.get("reference_date")
        return cls(
            kinds=stored.get("kinds", {}),
            columns=stored.get("columns", {}),
            words=stored.get("words", {}),
            neighbourhoods=stored.get("neighbourhoods", {}),
            places=stored.get("places", {}),
            organisations=stored.get("organisations", {}),
            swaps=stored.get("swaps", {}),
            years=stored.get("years", {}),
            organisation=stored.get("organisation", ""),
            reference_date=date.fromisoformat(day) if day else None,
        )


def neighbourhood_key(municipality: str, text: str) -> str:
    return f"{municipality}|{plain(text)}"

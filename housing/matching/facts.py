"""The facts for the third level of the objective: what is known, checked and in one form.

``clients[].fit`` and ``dwellings[].fit`` are free-form. The keys below have a meaning and are
checked; any other key is accepted and only counts in the fingerprint.
"""

import json
from dataclasses import dataclass
from typing import Any

from housing.matching.reading import Row

Place = tuple[float, float]  # latitude, longitude in degrees


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """What a person's life asks of a place; empty and None mean: not known, no points."""

    network: tuple[Place, ...] = ()
    day_activity: tuple[Place, ...] = ()
    contract_forms: tuple[str, ...] = ()
    persons: int | None = None
    appropriate_rent: float | None = None


@dataclass(frozen=True, slots=True)
class DwellingFacts:
    """What a home is beside what the rules ask."""

    at: Place | None = None
    contract_form: str | None = None
    rooms: int | None = None
    most_persons: int | None = None


def client_facts(row: Row) -> dict[str, Any]:
    """Return the free-form facts of a client with the known ones checked and normalised."""
    facts = row.facts("fit")
    known = Row(facts, f"{row.where}, fit", (), facts)
    found = dict(facts)
    for key in ("network", "day_activity"):
        if key in facts:
            found[key] = [list(place) for place in known.places(key)]
    if "contract_forms" in facts:
        found["contract_forms"] = known.texts("contract_forms")
    if "persons" in facts:
        found["persons"] = known.whole("persons")
    if "appropriate_rent" in facts:
        found["appropriate_rent"] = known.number_or_null("appropriate_rent")
    return found


def dwelling_facts(row: Row) -> dict[str, Any]:
    """Return the free-form facts of a dwelling with the known ones checked and normalised."""
    facts = row.facts("fit")
    known = Row(facts, f"{row.where}, fit", (), facts)
    found = dict(facts)
    if "at" in facts:
        found["at"] = list(known.place("at"))
    if "contract_form" in facts:
        found["contract_form"] = known.text("contract_form")
    for key in ("rooms", "most_persons"):
        if key in facts:
            found[key] = known.whole_or_null(key)
    return found


def parse_client_facts(fit: str) -> ClientFacts:
    """Return the known facts of the canonical text that an instance keeps."""
    facts = json.loads(fit)
    return ClientFacts(
        network=_places(facts.get("network", [])),
        day_activity=_places(facts.get("day_activity", [])),
        contract_forms=tuple(facts.get("contract_forms", [])),
        persons=facts.get("persons"),
        appropriate_rent=facts.get("appropriate_rent"),
    )


def parse_dwelling_facts(fit: str) -> DwellingFacts:
    facts = json.loads(fit)
    return DwellingFacts(
        at=_places([facts["at"]])[0] if "at" in facts else None,
        contract_form=facts.get("contract_form"),
        rooms=facts.get("rooms"),
        most_persons=facts.get("most_persons"),
    )


def _places(places: list[list[float]]) -> tuple[Place, ...]:
    return tuple((latitude, longitude) for latitude, longitude in places)

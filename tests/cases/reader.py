"""Reads all files of a case in the order a region would, learning as it goes."""

import json
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from housing.listkinds import LIST_KINDS as HOUSING_KINDS
from lists.context import Context
from lists.mapping import Mapping
from lists.pipeline import Reading, read_list
from lists.questions import Question
from lists.reading import open_list
from outflow.listkinds import LIST_KINDS as OUTFLOW_KINDS
from tests.cases.person import Person

ALL_KINDS = (*OUTFLOW_KINDS, *HOUSING_KINDS)
# Support and dwellings bring the neighbourhoods; the history comes last.
ORDER = ("wijkondersteuning", "woningen", "clienten", "fasehistorie")
MOST_ROUNDS = 5


@dataclass
class Case:
    """A case folder, read."""

    folder: Path
    expected: dict[str, Any]
    context: Context
    readings: dict[str, Reading] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    asked: dict[str, list[Question]] = field(default_factory=dict)

    def file(self, name: str) -> dict[str, Any]:
        return next(file for file in self.expected["bestanden"] if file["bestand"] == name)

    @property
    def files(self) -> list[dict[str, Any]]:
        return sorted(self.expected["bestanden"], key=lambda file: ORDER.index(file["soort"]))


def case_of(folder: Path, *, former: AnyMapping[str, tuple[str, ...]] | None = None) -> Case:
    """The case with what a region knows before the first list: places and organisations."""
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    contingent = expected.get("contingent", {})
    organisations = {
        name: "corporation"
        for year in contingent.get("jaren", {}).values()
        for per_municipality in year["matrix"].values()
        for name in per_municipality
    }
    for file in expected["bestanden"]:
        if file.get("corporatie"):
            organisations[file["corporatie"]] = "corporation"
        if file.get("aanbieder"):
            organisations[file["aanbieder"]] = "care_provider"
    region = frozenset(contingent.get("grondslag", {})) or frozenset(expected["gemeenten"])
    context = Context(
        reference_date=date.fromisoformat(expected["peildatum"]),
        municipalities=frozenset(expected["gemeenten"]) | region,
        region_municipalities=region,
        organisations=organisations,
        former=former or {},
    )
    return Case(folder, expected, context)


def read_case(folder: Path, *, former: AnyMapping[str, tuple[str, ...]] | None = None) -> Case:
    """Read every file; a neighbourhood confirmed for one list is known to the next."""
    case = case_of(folder, former=former)
    for file in case.files:
        data = (folder / file["bestand"]).read_bytes()
        read_file(case, file, data, file["bestand"], Person(file, case.expected))
    contingent = case.expected.get("contingent", {}).get("bestand")
    if contingent:
        workbook = open_list((folder / contingent).read_bytes(), contingent)
        case.readings[contingent] = read_list(workbook, kinds=ALL_KINDS, context=case.context)
    return case


def read_file(case: Case, file: dict[str, Any], data: bytes, name: str, person: Person) -> None:
    """Read one file in rounds: ask, answer, read again, until nothing is answered any more."""
    workbook = open_list(data, name)
    answers = Mapping()
    reading = read_list(workbook, kinds=ALL_KINDS, context=case.context)
    asked = list(reading.questions)
    for _ in range(MOST_ROUNDS):
        more = person.answer(reading)
        if answers.under(more) == answers:
            break
        answers = answers.under(more)
        reading = read_list(workbook, kinds=ALL_KINDS, context=case.context, answers=answers)
    case.readings[file["bestand"]] = reading
    case.people[file["bestand"]] = person
    case.asked[file["bestand"]] = asked
    known = {name: set(names) for name, names in case.context.neighbourhoods.items()}
    for part in reading.parts:
        for new in part.facts.new_neighbourhoods:
            known.setdefault(new.municipality, set()).add(new.name)
    case.context = replace(
        case.context,
        neighbourhoods={name: frozenset(names) for name, names in known.items()},
        places={**case.context.places, **answers.places},
    )

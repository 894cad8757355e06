"""A region as it is before its first list, and the people who bring lists to it."""

import json
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from accounts.access import OrganisationKind, Role, Viewer
from accounts.context import acting_as
from accounts.middleware import viewer_of
from accounts.models import Membership, Organisation, User
from lists import runs
from lists.forms import question_of
from lists.lifecycle import ImportStage
from lists.mapping import Mapping
from lists.models import ImportRow, ImportRun
from lists.operations import answer_list, bring_list, confirm_list
from lists.pipeline import Reading
from regions.clock import today
from regions.models import Municipality, MunicipalityName, Region
from tests.cases.person import Person
from tests.databases import Database

MOST_ROUNDS = 6
# Support and dwellings bring the neighbourhoods; the history comes last.
ORDER = ("wijkondersteuning", "contingent", "woningen", "clienten", "fasehistorie")


@dataclass
class Brought:
    """One list that came in: its run, and what the person had to say."""

    run: ImportRun
    by: Viewer
    person: Person | None = None

    @property
    def counts(self) -> dict[str, int]:
        return dict(self.run.report["counts"])

    def rows(self) -> list[ImportRow]:
        with acting_as(self.by):
            return list(ImportRow.objects.filter(run=self.run))


@dataclass
class CaseRegion:
    """The region of a case folder in the database, and everything that was brought."""

    folder: Path
    expected: dict[str, Any]
    region: Region
    viewers: dict[str, Viewer] = field(default_factory=dict)
    lists: dict[str, Brought] = field(default_factory=dict)
    database: Database | None = None

    @property
    def day(self) -> date:
        return date.fromisoformat(self.expected["peildatum"])

    @property
    def files(self) -> list[dict[str, Any]]:
        files = [*self.expected["bestanden"]]
        if "contingent" in self.expected:
            files.append({"bestand": self.expected["contingent"]["bestand"], "soort": "contingent"})
        return sorted(files, key=lambda file: ORDER.index(file["soort"]))

    def of_sort(self, soort: str) -> list[dict[str, Any]]:
        return [file for file in self.files if file["soort"] == soort]

    def bringer(self, file: dict[str, Any]) -> Viewer:
        """Whoever has the list: its own party, else the coordinator."""
        return self.viewers[file.get("aanbieder") or file.get("corporatie") or "coordinator"]

    def bring(self, file: dict[str, Any], *, confirm: bool = True) -> Brought:
        data = (self.folder / file["bestand"]).read_bytes()
        person = Person(file, self.expected) if "bladen" in file else None
        by = self.bringer(file)
        return bring(file["bestand"], data, by=by, person=person, day=self.day, confirm=confirm)

    def reading(self, file: dict[str, Any]) -> Reading:
        """The file as the worker reads it now."""
        brought = self.lists[file["bestand"]]
        with acting_as(brought.by):
            return runs.read_again(brought.run, brought.by)

    def bring_all(self) -> None:
        for file in self.files:
            self.lists[file["bestand"]] = self.bring(file)


def bring(
    name: str,
    data: bytes,
    *,
    by: Viewer,
    day: date,
    person: Person | None = None,
    confirm: bool = True,
) -> Brought:
    """Upload, read, answer what is asked, put in; as the screens do it."""
    with acting_as(by):
        run = bring_list(name=name, data=data, by=by)
    run = carry_out(run)
    for _round in range(MOST_ROUNDS):
        if run.stage != ImportStage.CHECKING:
            return Brought(run, by, person)
        answers = _answers(run, person, day)
        if Mapping.from_json(run.answers).under(answers).to_json() == {
            **Mapping().to_json(),
            **run.answers,
        }:
            break
        with acting_as(by):
            answer_list(run=run, answers=answers, by=by)
        run = carry_out(run)
    if confirm:
        run = put_in(run, by=by)
    return Brought(run, by, person)


def put_in(run: ImportRun, *, by: Viewer) -> ImportRun:
    about_people = run.recognised["is_about_people"]
    with acting_as(by):
        confirm_list(
            run=run,
            by=by,
            sharing_ground="public_task" if about_people else "",
            ready_counts_as_granted=True if about_people else None,
        )
    return carry_out(run)


def carry_out(run: ImportRun) -> ImportRun:
    """What the worker does, in this process; returns the run as it is afterwards."""
    runs.carry_out(ImportRun.objects.get(pk=run.pk))
    return ImportRun.objects.get(pk=run.pk)


def _answers(run: ImportRun, person: Person | None, day: date) -> Mapping:
    """Answers to what the list asks, and the reference date where the list does not say it."""
    questions = [question_of(stored) for stored in run.recognised["questions"]]
    answers = Mapping()
    if not run.recognised["reference_date_was_found"]:
        answers = answers.under(Mapping(reference_date=day))
        if person and run.reference_date != day:
            person.answers["reference_date"] += 1
    if person:
        answers = answers.under(person.answer(SimpleNamespace(questions=questions)))  # type: ignore[arg-type]
    return answers


def region_of(
    folder: Path, *, former: AnyMapping[str, tuple[str, ...]] | None = None
) -> CaseRegion:
    """Places and parties of a case: what somebody fills in before the first list."""
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    contingent = expected.get("contingent", {})
    inside = frozenset(contingent.get("grondslag", {})) or frozenset(expected["gemeenten"])
    region = Region.objects.create(name=f"Regio van {folder.name}")
    codes = {**expected["gemeenten"]}
    codes |= {name: place["code"] for name, place in contingent.get("grondslag", {}).items()}
    Municipality.objects.bulk_create(
        Municipality(code=code, name=name, region=region if name in inside else None)
        for name, code in codes.items()
    )
    for old, successors in (former or {}).items():
        for name in successors:
            place = Municipality.objects.get(name=name)
            MunicipalityName.objects.create(municipality=place, name=old)
    made = CaseRegion(folder, expected, region)
    corporations = {
        name
        for year in contingent.get("jaren", {}).values()
        for row in year["matrix"].values()
        for name in row
    } | {file["corporatie"] for file in expected["bestanden"] if file.get("corporatie")}
    providers = {file["aanbieder"] for file in expected["bestanden"] if file.get("aanbieder")}
    for name in sorted(corporations):
        made.viewers[name] = _member(name, OrganisationKind.CORPORATION, Role.ALLOCATOR, region)
    for name in sorted(providers):
        made.viewers[name] = _member(name, OrganisationKind.CARE_PROVIDER, Role.TEAM_LEADER, region)
    made.viewers["coordinator"] = _member(
        "Regiobureau", OrganisationKind.REGIONAL_BUREAU, Role.COORDINATOR, region
    )
    return made


def _member(name: str, kind: OrganisationKind, role: Role, region: Region) -> Viewer:
    organisation = Organisation.objects.create(name=name, kind=kind)
    organisation.regions.add(region)
    user = User.objects.create(email=f"{organisation.ref}@voorbeeld.nl", name=name)
    membership = Membership.objects.create(
        user=user,
        organisation=organisation,
        region=region,
        role=role,
        from_on=today() - timedelta(days=30),
    )
    viewer = viewer_of(Membership.objects.select_related("organisation").get(pk=membership.pk))
    assert viewer is not None
    return viewer

"""The population inventory: who is in care on a day, ready when, from where, to what home.

People are counted, not registrations: whoever is registered with more providers counts once, and
is ready when ready with one of them. Homes are counted by household. What is not known is counted
as not known and never spread over what is. Counts run under a database role that reaches no names
and no care profiles.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from accounts.context import reading_for
from outflow.inventories.definitions import Definitions
from outflow.lifecycle import Phase, SupportKind
from outflow.models import LikelyDuplicate, Spell, WishedMunicipality
from regions.clock import today
from regions.formats import months_after

MOST_REFERENCE_DAYS = 20
PROFILE = "client__functional_profile__"
NEED_FIELDS = (
    "persons",
    "bedrooms",
    "step_free",
    "wheelchair",
    "low_stimulus",
    "forms",
    "max_rent",
    "guidance_hours",
    "support",
    "reachable_24h",
)
# What stands in a housing need before anybody filled anything in.
UNTOUCHED = {"persons": 1, "bedrooms": 1, "step_free": False, "wheelchair": False}
UNTOUCHED |= {"low_stimulus": False, "guidance_hours": 0, "reachable_24h": False}


@dataclass(frozen=True, slots=True)
class Need:
    """What a home must offer and which support must be near, as recorded."""

    persons: int
    bedrooms: int
    step_free: bool
    wheelchair: bool
    low_stimulus: bool
    forms: tuple[str, ...]
    max_rent: Decimal | None
    guidance_hours: Decimal
    support: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Registration:
    """One registration that was in care on the day, at one provider."""

    client: int
    person: int
    provider: int
    household: int | None
    kind: str
    is_ready: bool
    phase_from: date
    expected_on: date | None
    origin: int | None
    wish: int | None
    need: Need | None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in care on the day, put together from one or more registrations."""

    key: int
    household: int | None
    kind: str
    is_ready: bool
    expected_on: date | None
    origin: int | None
    wish: int | None
    need: Need | None


@dataclass(frozen=True, slots=True)
class Home:
    """A home that people who live together need; ready when one of them is."""

    is_ready: bool
    need: Need | None


@dataclass(frozen=True, slots=True)
class Terms:
    """People by when they are ready: each stands in exactly one of these."""

    ready: int
    overdue: int
    bands: tuple[int, ...]
    not_known: int

    @property
    def people(self) -> int:
        return self.ready + self.overdue + sum(self.bands) + self.not_known


@dataclass(frozen=True)
class Inventory:
    """Everybody in care on a day, counted once."""

    on: date
    definitions: Definitions
    people: Sequence[Person]
    registrations: int
    undecided: int = 0

    @cached_property
    def homes(self) -> list[Home]:
        """The homes that these people need together."""
        return homes_of(self.people)

    @property
    def doubles(self) -> int:
        """Registrations of somebody who is counted at another provider already."""
        return self.registrations - len(self.people)

    @property
    def is_past(self) -> bool:
        return self.on < today()

    @property
    def ready(self) -> list[Person]:
        return [person for person in self.people if person.is_ready]

    @property
    def homes_of_ready(self) -> list[Home]:
        return [home for home in self.homes if home.is_ready]

    def of_kind(self, kind: str) -> "Inventory":
        """The people of one kind of care; a household counts with each kind it has people in."""
        people = [person for person in self.people if person.kind == kind]
        return replace(self, people=people, registrations=len(people))

    def terms(self) -> Terms:
        """How many people are ready now, in each term band, too late, or at a day unknown."""
        edges = [months_after(self.on, months) for months in self.definitions.term_months]
        bands = [0] * (len(edges) + 1)
        overdue = not_known = 0
        for person in self.people:
            if person.is_ready:
                continue
            if person.expected_on is None:
                not_known += 1
            elif person.expected_on < self.on:
                overdue += 1
            else:
                bands[sum(person.expected_on >= edge for edge in edges)] += 1
        return Terms(len(self.ready), overdue, tuple(bands), not_known)

    def becoming_ready(self, years: int) -> list[int]:
        """People who are expected to be ready in each of the years that begin on the day."""
        edges = [months_after(self.on, 12 * year) for year in range(years + 1)]
        days = [p.expected_on for p in self.people if not p.is_ready and p.expected_on]
        return [
            sum(first <= day < last for day in days)
            for first, last in zip(edges, edges[1:], strict=False)
        ]


def take_inventory(
    region_id: int, *, on: date, definitions: Definitions, provider: int | None = None
) -> Inventory:
    """Count a region on a day; with `provider`, only that provider's own registrations."""
    with reading_for(region_id, job="figures"):
        found = _registrations(region_id, on, definitions, provider)
        undecided = _undecided(region_id, {one.client: one.person for one in found})
        became_ready = _became_ready(region_id, on, definitions, provider)
    by_person = sorted(found, key=attrgetter("person"))
    groups = (list(group) for _key, group in groupby(by_person, attrgetter("person")))
    people = [_person(group, became_ready) for group in groups]
    return Inventory(on, definitions, people, len(found), undecided)


def reference_days(region_id: int) -> list[date]:
    """The first days of quarters that have passed, newest first, as far as the histories go."""
    with reading_for(region_id, job="figures"):
        spells = Spell.objects.filter(client__region_id=region_id)
        first = spells.order_by().aggregate(first=Min("from_on"))["first"]
    quarter = date(today().year, 3 * ((today().month - 1) // 3) + 1, 1)
    days = (months_after(quarter, -3 * back) for back in range(MOST_REFERENCE_DAYS + 1))
    passed = [day for day in days if first and first <= day < today()]
    return passed[:MOST_REFERENCE_DAYS]


def moved_in_years(
    region_id: int, *, before: date, years: int, provider: int | None = None
) -> list[int]:
    """People who moved into a home in each of the years up to a day, the earliest first."""
    edges = [months_after(before, -12 * year) for year in range(years, -1, -1)]
    with reading_for(region_id, job="figures"):
        moves = set(
            _spells(region_id, provider)
            .filter(
                phase=Phase.HOUSED,
                from_on__gte=edges[0],
                from_on__lt=before,
            )
            .values_list("client__person_id", "from_on")
        )
    return [
        len({person for person, day in moves if first <= day < last})
        for first, last in zip(edges, edges[1:], strict=False)
    ]


def homes_of(people: Iterable[Person]) -> list[Home]:
    """One home for people who live together, one for everybody else.

    A household is ready when one of its people is; the need is that person's, else of whoever has
    one on record.
    """
    together: dict[tuple[str, int], list[Person]] = {}
    for person in people:
        key = ("person", person.key) if person.household is None else ("home", person.household)
        together.setdefault(key, []).append(person)
    homes = []
    for members in together.values():
        members.sort(key=lambda member: (not member.is_ready, member.need is None, member.key))
        need = next((member.need for member in members if member.need), None)
        homes.append(Home(any(member.is_ready for member in members), need))
    return homes


def per_place(people: Iterable[Person], field_name: str) -> Counter[int | None]:
    """People by municipality of origin or wish; None is not known."""
    return Counter(getattr(person, field_name) for person in people)


# Reading -----------------------------------------------------------------------------------------


def _registrations(
    region_id: int, on: date, definitions: Definitions, provider: int | None
) -> list[Registration]:
    spells = _spells(region_id, provider).filter(
        Q(until_on__isnull=True) | Q(until_on__gt=on),
        phase__in=definitions.phases,
        from_on__lte=on,
    )
    rows = spells.values(
        "client_id",
        "phase",
        "from_on",
        "client__person_id",
        "client__provider_id",
        "client__household_id",
        "client__facility_type",
        "client__expected_ready_on",
        "client__origin_municipality_id",
        "client__financing_municipality_id",
        *(PROFILE + name for name in NEED_FIELDS),
    )
    wishes = dict(
        WishedMunicipality.objects.filter(Exists(spells.filter(client=OuterRef("profile_id"))))
        .order_by("-rank")
        .values_list("profile_id", "municipality_id")
    )
    return [
        Registration(
            client=row["client_id"],
            person=row["client__person_id"],
            provider=row["client__provider_id"],
            household=row["client__household_id"],
            kind=row["client__facility_type"],
            is_ready=definitions.is_ready(row["phase"]),
            phase_from=row["from_on"],
            expected_on=row["client__expected_ready_on"],
            origin=row["client__origin_municipality_id"]
            or row["client__financing_municipality_id"],
            wish=wishes.get(row["client_id"]),
            need=_need(row),
        )
        for row in rows
        if definitions.counts(row["client__facility_type"], row["phase"])
    ]


def _spells(region_id: int, provider: int | None) -> QuerySet[Spell]:
    spells = Spell.objects.filter(client__region_id=region_id)
    return spells if provider is None else spells.filter(client__provider_id=provider)


def _undecided(region_id: int, person_of: dict[int, int]) -> int:
    """Pairs counted as two people that may be one, as long as nobody decided."""
    pairs = LikelyDuplicate.objects.filter(region_id=region_id).undecided()
    return sum(
        first in person_of and second in person_of and person_of[first] != person_of[second]
        for first, second in pairs.values_list("first_id", "second_id")
    )


def _need(row: dict[str, Any]) -> Need | None:
    """The need on record; None where nobody filled anything in yet."""
    values = {name: row[PROFILE + name] for name in NEED_FIELDS}
    if values["persons"] is None:
        return None
    if not (values["forms"] or values["support"] or values["max_rent"]) and all(
        values[name] == untouched for name, untouched in UNTOUCHED.items()
    ):
        return None
    support = set(values["support"])
    if values.pop("reachable_24h"):
        support.add(SupportKind.REACHABLE_24H)
    return Need(**values | {"forms": tuple(values["forms"]), "support": tuple(sorted(support))})


def _became_ready(
    region_id: int, on: date, definitions: Definitions, provider: int | None
) -> dict[int, date]:
    """For a day that has passed: when each person became ready after it, as it really went."""
    if on >= today():
        return {}
    spells = _spells(region_id, provider).filter(
        phase__in=definitions.phases_of_ready, from_on__gt=on
    )
    first = spells.order_by().values("client__person_id").annotate(first=Min("from_on"))
    return dict(first.values_list("client__person_id", "first"))


def _person(registrations: list[Registration], became_ready: dict[int, date]) -> Person:
    """One person from all registrations: the ready one leads, else where the last step was set."""
    registrations.sort(
        key=lambda one: (one.is_ready, one.phase_from, one.client),
        reverse=True,
    )
    leading = registrations[0]

    def known(name: str) -> Any:
        return next(
            (value for one in registrations if (value := getattr(one, name)) is not None), None
        )

    return Person(
        key=leading.person,
        household=known("household"),
        kind=leading.kind,
        is_ready=leading.is_ready,
        expected_on=became_ready.get(leading.person) or known("expected_on"),
        origin=known("origin"),
        wish=known("wish"),
        need=known("need"),
    )

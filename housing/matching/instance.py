"""One instance of the matching problem: read, refused if it breaks the contract, normalised.

Normalised means that order no longer matters: everything is sorted by its key, lists that are
sets are sorted and free of doubles, numbers have one form. Equal input gives an equal instance.
"""

import datetime
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from housing.matching.arrays import Wholes, wholes
from housing.matching.errors import InstanceError
from housing.matching.facts import client_facts, dwelling_facts
from housing.matching.policy import Policy, read_policy
from housing.matching.reading import Row

SCHEMA = "weerthuis/match-instance/1"
DEFAULT_VACANCY_DAYS = 30
LONGEST_VACANCY_DAYS = 3650
HIGHEST_URGENCY = 3

PARTS = {
    "clients": [
        "ref",
        "target_group",
        "provider",
        "max_rent",
        "bedrooms",
        "step_free",
        "wheelchair",
        "low_stimulus",
        "forms",
        "municipalities",
        "excluded_neighbourhoods",
        "preferred_neighbourhoods",
        "ready_on",
        "waiting_since",
        "urgency",
        "guidance_hours",
        "support",
        "refused_dwellings",
    ],
    "dwellings": [
        "ref",
        "corporation",
        "municipality",
        "neighbourhood",
        "rent",
        "bedrooms",
        "ground_floor",
        "lift",
        "wheelchair",
        "low_stimulus",
        "form",
        "available_on",
    ],
    "neighbourhoods": ["ref", "municipality", "max_placements", "soft_placements"],
    "quotas": ["corporation", "municipality", "target_group", "remaining"],
    "support": ["neighbourhood", "kind", "free_places"],
    "guidance": ["provider", "municipality", "free_hours"],
    "locked": ["client", "dwelling"],
}


@dataclass(frozen=True, slots=True)
class Client:
    """Someone looking for a home; hours are in halves."""

    ref: str
    target_group: str
    provider: str
    max_rent: float | None
    bedrooms: int
    step_free: bool
    wheelchair: bool
    low_stimulus: bool
    forms: tuple[str, ...]
    municipalities: tuple[str, ...]
    excluded_neighbourhoods: tuple[str, ...]
    preferred_neighbourhoods: tuple[str, ...]
    ready_on: datetime.date
    waiting_since: datetime.date
    urgency: int
    half_hours: int
    support: tuple[str, ...]
    refused_dwellings: tuple[str, ...]
    fit: str  # canonical JSON, so that equal people compare equal; read by housing.matching.fit


@dataclass(frozen=True, slots=True)
class Dwelling:
    """A home that waits for somebody."""

    ref: str
    corporation: str
    municipality: str
    neighbourhood: str
    rent: float
    bedrooms: int
    ground_floor: bool
    lift: bool
    wheelchair: bool
    low_stimulus: bool
    form: str
    available_on: datetime.date
    fit: str

    @property
    def step_free(self) -> bool:
        return self.ground_floor or self.lift


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A place that can carry so many placements, and would rather carry fewer."""

    ref: str
    municipality: str
    max_placements: int | None
    soft_placements: int | None


@dataclass(frozen=True, slots=True)
class Quota:
    """How many homes of a corporation in a municipality are still promised to a target group."""

    corporation: str
    municipality: str
    target_group: str | None
    remaining: int

    @property
    def key(self) -> tuple[str, str, str | None]:
        return (self.corporation, self.municipality, self.target_group)


@dataclass(frozen=True, slots=True)
class Support:
    """Free places of one kind of support in a neighbourhood."""

    neighbourhood: str
    kind: str
    free_places: int

    @property
    def key(self) -> tuple[str, str]:
        return (self.neighbourhood, self.kind)


@dataclass(frozen=True, slots=True)
class Guidance:
    """Free hours a week of a provider in a municipality, in halves."""

    provider: str
    municipality: str
    free_half_hours: int

    @property
    def key(self) -> tuple[str, str]:
        return (self.provider, self.municipality)


@dataclass(frozen=True)
class Instance:
    """Everything the matcher knows; lists are sorted by their keys."""

    as_of: datetime.date
    vacancy_days: int
    clients: tuple[Client, ...]
    dwellings: tuple[Dwelling, ...]
    neighbourhoods: tuple[Neighbourhood, ...]
    quotas: tuple[Quota, ...]
    support: tuple[Support, ...]
    guidance: tuple[Guidance, ...]
    locked: tuple[tuple[str, str], ...]
    policy: Policy = Policy()

    def days_waited(self) -> Wholes:
        """Return the days that every client waited, 0 for a date that has not come yet."""
        since = wholes(c.waiting_since.toordinal() for c in self.clients)
        return np.maximum(0, self.as_of.toordinal() - since)

    def priorities(self) -> Wholes:
        """Return the priority of every client: what the second level of the objective adds up."""
        urgency = np.array(self.policy.urgency_points)[wholes(c.urgency for c in self.clients)]
        counted: Wholes = np.minimum(self.days_waited(), self.policy.longest_counted_wait_days)
        return urgency + counted

    def days_beyond_guard(self) -> Wholes:
        """Return the days that every client waited beyond the guard; without one nobody did."""
        if self.policy.guard_days is None:
            return np.zeros(len(self.clients), dtype=np.int64)
        return np.maximum(0, self.days_waited() - self.policy.guard_days)

    def fingerprint(self) -> str:
        """SHA-256 of the normalised input: equal for equal input in any order."""
        content = [
            self.as_of,
            self.vacancy_days,
            *(
                [_values(row) for row in rows]
                for rows in (
                    self.clients,
                    self.dwellings,
                    self.neighbourhoods,
                    self.quotas,
                    self.support,
                    self.guidance,
                )
            ),
            self.locked,
        ]
        if self.policy != Policy():  # what says nothing new leaves the fingerprint as it was
            content.append(self.policy.as_json())
        return hashlib.sha256(canonical(content).encode()).hexdigest()


def canonical(value: Any) -> str:
    """One text for one value: sorted keys, dates in ISO, no spaces, plain ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)


def _values(row: Any) -> list[Any]:
    return [getattr(row, name) for name in row.__slots__]


def read(value: Any) -> Instance:
    """Return the instance that ``value`` (parsed JSON) describes, or raise InstanceError."""
    whole = Row(value, "The instance", ["schema", "as_of", "options", *PARTS])
    if whole.value["schema"] != SCHEMA:
        raise InstanceError("unknown_schema", expected=SCHEMA)
    options = Row(whole.value["options"], "options", [], ["vacancy_days", "policy"])
    vacancy_days = DEFAULT_VACANCY_DAYS
    if "vacancy_days" in options.value:
        vacancy_days = options.whole("vacancy_days")
        if vacancy_days > LONGEST_VACANCY_DAYS:
            raise InstanceError(
                "out_of_range",
                where="options",
                key="vacancy_days",
                least="0",
                most=str(LONGEST_VACANCY_DAYS),
            )
    clients = [_client(r) for r in whole.rows("clients", "Client", PARTS["clients"], ["fit"])]
    dwellings = [
        _dwelling(r) for r in whole.rows("dwellings", "Dwelling", PARTS["dwellings"], ["fit"])
    ]
    neighbourhoods = [
        Neighbourhood(
            r.text("ref"),
            r.text("municipality"),
            r.whole_or_null("max_placements"),
            r.whole_or_null("soft_placements"),
        )
        for r in whole.rows("neighbourhoods", "Neighbourhood", PARTS["neighbourhoods"])
    ]
    quotas = [
        Quota(
            r.text("corporation"),
            r.text("municipality"),
            r.text_or_null("target_group"),
            r.whole("remaining"),
        )
        for r in whole.rows("quotas", "Quota", PARTS["quotas"])
    ]
    support_rows = whole.rows("support", "Support row", PARTS["support"])
    support = [
        Support(r.text("neighbourhood"), r.text("kind"), r.whole("free_places"))
        for r in support_rows
    ]
    guidance = [
        Guidance(r.text("provider"), r.text("municipality"), r.half_hours("free_hours"))
        for r in whole.rows("guidance", "Guidance row", PARTS["guidance"])
    ]
    locked_rows = whole.rows("locked", "Promise", PARTS["locked"])
    locked = [(r.text("client"), r.text("dwelling")) for r in locked_rows]

    _refuse_doubles("Client", (c.ref for c in clients))
    _refuse_doubles("Dwelling", (d.ref for d in dwellings))
    _refuse_doubles("Neighbourhood", (n.ref for n in neighbourhoods))
    _refuse_doubles("The quota", (q.key for q in quotas))
    _refuse_doubles("The support row", (s.key for s in support))
    _refuse_doubles("The guidance row", (g.key for g in guidance))

    municipality_of = {n.ref: n.municipality for n in neighbourhoods}
    for home in dwellings:
        _refuse_dangling(
            f"Dwelling {home.ref}", "neighbourhood", home.neighbourhood, municipality_of
        )
        if municipality_of[home.neighbourhood] != home.municipality:
            raise InstanceError(
                "municipality_differs",
                where=f"Dwelling {home.ref}",
                municipality=home.municipality,
                neighbourhood=home.neighbourhood,
                other=municipality_of[home.neighbourhood],
            )
    for support_row, row in zip(support, support_rows, strict=True):
        _refuse_dangling(row.where, "neighbourhood", support_row.neighbourhood, municipality_of)
    people, homes = {c.ref for c in clients}, {d.ref for d in dwellings}
    for (client, dwelling), row in zip(locked, locked_rows, strict=True):
        _refuse_dangling(row.where, "client", client, people)
        _refuse_dangling(row.where, "dwelling", dwelling, homes)
    _refuse_doubles("Client", (client for client, _ in locked), code="promised_twice")
    _refuse_doubles("Dwelling", (dwelling for _, dwelling in locked), code="promised_twice")

    return Instance(
        as_of=whole.date("as_of"),
        vacancy_days=vacancy_days,
        clients=tuple(sorted(clients, key=lambda c: c.ref)),
        dwellings=tuple(sorted(dwellings, key=lambda d: d.ref)),
        neighbourhoods=tuple(sorted(neighbourhoods, key=lambda n: n.ref)),
        # null sorts before every target group
        quotas=tuple(
            sorted(
                quotas,
                key=lambda q: (
                    q.corporation,
                    q.municipality,
                    q.target_group is not None,
                    q.target_group or "",
                ),
            )
        ),
        support=tuple(sorted(support, key=lambda s: s.key)),
        guidance=tuple(sorted(guidance, key=lambda g: g.key)),
        locked=tuple(sorted(locked)),
        policy=read_policy(options.value["policy"]) if "policy" in options.value else Policy(),
    )


def _client(row: Row) -> Client:
    urgency = row.whole("urgency")
    if urgency > HIGHEST_URGENCY:
        raise InstanceError(
            "out_of_range", where=row.where, key="urgency", least="0", most=str(HIGHEST_URGENCY)
        )
    return Client(
        ref=row.text("ref"),
        target_group=row.text("target_group"),
        provider=row.text("provider"),
        max_rent=row.number_or_null("max_rent"),
        bedrooms=row.whole("bedrooms"),
        step_free=row.truth("step_free"),
        wheelchair=row.truth("wheelchair"),
        low_stimulus=row.truth("low_stimulus"),
        forms=row.texts("forms"),
        municipalities=row.texts("municipalities"),
        excluded_neighbourhoods=row.texts("excluded_neighbourhoods"),
        preferred_neighbourhoods=row.texts("preferred_neighbourhoods"),
        ready_on=row.date("ready_on"),
        waiting_since=row.date("waiting_since"),
        urgency=urgency,
        half_hours=row.half_hours("guidance_hours"),
        support=row.texts("support"),
        refused_dwellings=row.texts("refused_dwellings"),
        fit=canonical(client_facts(row)),
    )


def _dwelling(row: Row) -> Dwelling:
    return Dwelling(
        ref=row.text("ref"),
        corporation=row.text("corporation"),
        municipality=row.text("municipality"),
        neighbourhood=row.text("neighbourhood"),
        rent=row.number("rent"),
        bedrooms=row.whole("bedrooms"),
        ground_floor=row.truth("ground_floor"),
        lift=row.truth("lift"),
        wheelchair=row.truth("wheelchair"),
        low_stimulus=row.truth("low_stimulus"),
        form=row.text("form"),
        available_on=row.date("available_on"),
        fit=canonical(dwelling_facts(row)),
    )


def _refuse_doubles(name: str, keys: Iterable[Any], code: str = "duplicate") -> None:
    seen = set()
    for key in keys:
        if key in seen:
            shown = key if isinstance(key, str) else " / ".join(part or "any" for part in key)
            raise InstanceError(code, where=f"{name} {shown}")
        seen.add(key)


def _refuse_dangling(where: str, key: str, value: str, known: Iterable[str]) -> None:
    if value not in known:
        raise InstanceError("dangling_reference", where=where, key=key, value=value)

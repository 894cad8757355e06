"""The only door from the database to the estimator: people and promises as plain tables."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

import pandas as pd

from accounts.context import working_for
from outflow.estimation.contract import (
    EXPECTATION_COLUMNS,
    NEED_COLUMNS,
    SPELL_COLUMNS,
    SUPPLY_COLUMNS,
)
from outflow.lifecycle import BEFORE_GATE
from outflow.models import Client, FunctionalProfile, PlannedSupply, ReadinessRecord, Spell
from regions.models import Region
from regions.picture import one_moment
from regions.rules import rule

Row = dict[str, Any]

# What the core reads as "needs none of it", apart from "nobody knows".
NOTHING = "none"


@dataclass(frozen=True)
class Picture:
    """What an estimate starts from: the tables of the contract, and who is first in line."""

    spells: pd.DataFrame
    supply: pd.DataFrame | None
    needs: pd.DataFrame
    expectations: pd.DataFrame
    queue: str

    def as_dict(self) -> Row:
        """Plain data for a file, without loss."""
        tables: Row = {
            name: None if table is None else table.to_dict("split", index=False)
            for name, table in (
                ("spells", self.spells),
                ("supply", self.supply),
                ("needs", self.needs),
                ("expectations", self.expectations),
            )
        }
        return {**tables, "queue": self.queue}

    @classmethod
    def from_dict(cls, kept: Row) -> "Picture":
        """What `as_dict` was made from."""
        return cls(
            spells=_read(kept["spells"]),
            supply=None if kept["supply"] is None else _read(kept["supply"]),
            needs=_read(kept["needs"]),
            expectations=_read(kept["expectations"]),
            queue=kept["queue"],
        )


def _read(table: Row) -> pd.DataFrame:
    return pd.DataFrame(table["data"], columns=table["columns"], dtype=object)


def _table(rows: list[Row], columns: Iterable[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns), dtype=object)


def take(region: Region, *, as_of: date) -> Picture:
    """The people and promises of a region, as known now, for an estimate as of a day.

    A person is one line of spells, however many providers have them: see `one_line`. People are
    named by the ref of their `Person`, regions by ref, municipalities by CBS code.
    """
    with one_moment(), working_for(region.pk, job="estimate"):
        clients = _clients(region)
        spells = _spells(region, clients)
        supply = _supply(region, as_of)
        among = {spell["client"] for spell in spells}
        needs = _needs(region, clients, among=among)
        expectations = _expectations(region, clients, among=among)
        queue = rule(region, "estimate_queue", on=as_of)
    return Picture(
        spells=_table(spells, SPELL_COLUMNS),
        supply=_table(supply, SUPPLY_COLUMNS) if supply else None,
        needs=_table(needs, NEED_COLUMNS),
        expectations=_table(expectations, EXPECTATION_COLUMNS),
        queue=queue,
    )


# People ------------------------------------------------------------------------------------------


def _clients(region: Region) -> dict[int, Row]:
    """What every spell of a client says about the client, by key."""
    rows = Client.objects.filter(region=region).values(
        "pk",
        "person__ref",
        "household__ref",
        "provider__ref",
        "facility_type",
        "origin_municipality__code",
        "financing_municipality__code",
        "expected_ready_on",
        "checked_on",
    )
    return {row["pk"]: dict(row) for row in rows.order_by("pk")}


def _spells(region: Region, clients: dict[int, Row]) -> list[Row]:
    stays = (
        Spell.objects.filter(client__region=region)
        .order_by("client_id", "from_on", "pk")
        .values_list("client_id", "phase", "from_on", "until_on", "exit")
    )
    files: dict[Any, list[list[Row]]] = {}
    for client_id, group in groupby(stays, key=itemgetter(0)):
        about = clients[client_id]
        file = _file(str(region.ref), about, list(group))
        if file:
            files.setdefault(about["person__ref"], []).append(file)
    return [spell for file in files.values() for spell in one_line(file)]


def _file(region: str, about: Row, stays: list[tuple[Any, ...]]) -> list[Row]:
    """The spells of one registration; a phase of no days at all tells nothing and is left out."""
    lasting = [stay for stay in stays if stay[3] is None or stay[3] > stay[2] or stay[4]]
    follows: list[tuple[Any, ...] | None] = [*lasting[1:], None]
    return [
        {
            "client": str(about["person__ref"]),
            "region": region,
            "provider": str(about["provider__ref"]),
            "facility_type": about["facility_type"],
            "municipality": about["origin_municipality__code"]
            or about["financing_municipality__code"]
            or "",
            "phase": phase,
            "from": from_on.isoformat(),
            "to": until_on.isoformat() if until_on else "",
            "next": exit_ or (then[1] if then and then[2] == until_on else ""),
        }
        for (_client, phase, from_on, until_on, exit_), then in zip(lasting, follows, strict=True)
    ]


def one_line(files: Iterable[list[Row]]) -> Iterator[Row]:
    """The spells of one person without overlap, from the spells of each registration.

    The registration that still runs leads, else the one that ended last; of the others only what
    lies before it counts, and what they say about the days after is left out.

    >>> stay = {"phase": "intake", "from": "2024-01-01", "to": "", "next": ""}
    >>> later = {"phase": "ready", "from": "2025-01-01", "to": "", "next": ""}
    >>> [(s["phase"], s["to"], s["next"]) for s in one_line([[later], [stay]])]
    [('intake', '2025-01-01', 'ready'), ('ready', '', '')]
    """
    line: list[Row] = []
    for file in sorted(files, key=_leading, reverse=True):
        if not line:
            line = list(file)
            continue
        first = line[0]
        before = [spell for spell in file if spell["from"] < first["from"]]
        if before and (not before[-1]["to"] or before[-1]["to"] >= first["from"]):
            before[-1] = {**before[-1], "to": first["from"], "next": first["phase"]}
        line = before + line
    yield from line


def _leading(file: list[Row]) -> tuple[bool, str, str]:
    return (not file[-1]["to"], file[-1]["to"], file[0]["from"])


# Promises, needs and expectations -----------------------------------------------------------------


def _supply(region: Region, as_of: date) -> list[Row]:
    """Planned dwellings from the year of the reference date on; the estimator repeats the last."""
    planned = list(
        PlannedSupply.objects.filter(region=region, quarter_from__year__gte=as_of.year)
        .order_by("quarter_from", "municipality__code")
        .values_list("municipality__code", "quarter_from", "dwellings")
    )
    this_quarter = date(as_of.year, (as_of.month - 1) // 3 * 3 + 1, 1)
    if all(quarter_from < this_quarter for _code, quarter_from, _dwellings in planned):
        return []
    return [
        {
            "region": str(region.ref),
            "municipality": code or "",
            "quarter": f"{quarter_from.year}Q{(quarter_from.month + 2) // 3}",
            "dwellings": dwellings,
        }
        for code, quarter_from, dwellings in planned
    ]


def _needs(region: Region, clients: dict[int, Row], *, among: set[str]) -> list[Row]:
    """What a home must offer, one row for a person with spells: the latest registration's."""
    profiles = (
        FunctionalProfile.objects.filter(client__region=region)
        .order_by("client_id")
        .values(
            "client_id",
            "persons",
            "forms",
            "max_rent",
            "bedrooms",
            "step_free",
            "wheelchair",
            "support",
            "guidance_hours",
        )
    )
    found: dict[str, Row] = {}
    for profile in profiles:
        about = clients[profile["client_id"]]
        person = str(about["person__ref"])
        if person not in among:
            continue
        expected = about["expected_ready_on"]
        found[person] = {
            "client": person,
            "household": str(about["household__ref"] or ""),
            "persons": profile["persons"],
            "form": ";".join(profile["forms"]),
            "rent_class": "" if profile["max_rent"] is None else str(profile["max_rent"]),
            "bedrooms": profile["bedrooms"],
            "accessible": _accessible(profile["wheelchair"], profile["step_free"]),
            "support": ";".join(profile["support"]) or NOTHING,
            "hours": float(profile["guidance_hours"]),
            "expected_ready": expected.isoformat() if expected else "",
            "target_group": about["facility_type"],
        }
    return list(found.values())


def _expectations(region: Region, clients: dict[int, Row], *, among: set[str]) -> list[Row]:
    """Every day that was ever expected for a person, with the day on which it was said.

    That is the day of checking, which a list states for all its rows, not the day of typing; of
    several on one day the last counts. The first record of a client also tells what stood there
    before it. An empty day takes back what was expected; what was undone was a mistake and is
    left out.
    """
    said: dict[tuple[str, str], str] = {}

    def note(client_id: int, checked: str | None, expected: str | None) -> None:
        person = str(clients[client_id]["person__ref"])
        if checked and expected is not None and person in among:
            said[person, checked] = expected

    records = (
        ReadinessRecord.objects.filter(client__region=region, undone_at=None)
        .order_by("client_id", "recorded_at", "pk")
        .values_list("client_id", "before", "after")
    )
    stands: dict[int, str | None] = {}
    for client_id, before, after in records:
        if client_id not in stands:
            stands[client_id] = before.get("expected_ready_on")
            note(client_id, before.get("checked_on"), stands[client_id])
        expected = after.get("expected_ready_on")
        is_taken_back = stands[client_id] and not expected and after.get("phase") in BEFORE_GATE
        note(client_id, after.get("checked_on"), "" if is_taken_back else expected)
        stands[client_id] = expected
    for pk, about in clients.items():
        if about["expected_ready_on"] and about["checked_on"]:
            note(pk, about["checked_on"].isoformat(), about["expected_ready_on"].isoformat())
    return [dict(zip(EXPECTATION_COLUMNS, (*key, said[key]), strict=True)) for key in sorted(said)]


def _accessible(wheelchair: bool, step_free: bool) -> str:
    if wheelchair:
        return "wheelchair"
    return "step_free" if step_free else NOTHING

"""Rows of client lists, met with the clients that are known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.access import Permission, Role, Viewer
from accounts.models import Membership
from lists.importing import Difference, Given, Importer, Judged
from lists.lifecycle import RowOutcome
from lists.rows import Row
from lists.words import field_words, meaning_words
from outflow import operations
from outflow.clientlists import CLIENTS
from outflow.facts import (
    CareFacts,
    ClientFacts,
    IdentityFacts,
    NeedFacts,
    Readiness,
    ZrmFacts,
)
from outflow.lifecycle import WAITING, FacilityType, Phase, Route, is_allowed
from outflow.models import Client, SharingGround
from regions.formats import and_list, money
from regions.formats import day as day_words
from regions.models import Municipality, Neighbourhood


class Places:
    """Names of places to their keys, for one region."""

    def __init__(self, region_id: int) -> None:
        self.municipalities: dict[str, int] = dict(Municipality.objects.values_list("name", "pk"))
        self.names = {pk: name for name, pk in self.municipalities.items()}
        self.neighbourhoods: dict[tuple[str, str], int] = {
            (municipality, name): pk
            for pk, name, municipality in Neighbourhood.objects.filter(
                municipality__region_id=region_id
            ).values_list("pk", "name", "municipality__name")
        }
        self.parts_by_key = {pk: name for (_town, name), pk in self.neighbourhoods.items()}
        self._rents: dict[tuple[int, Decimal | None, date], Decimal | None] = {}

    def rent(self, *, persons: int, income: Decimal | None, on: date) -> Decimal | None:
        """The rent limit to suggest, asked of the law once per kind of household."""
        key = (persons, income, on)
        if key not in self._rents:
            found = operations.suggest_max_rent(persons=persons, on=on, yearly_income=income)
            self._rents[key] = found.amount if found else None
        return self._rents[key]

    def municipality(self, name: str | None) -> int | None:
        return self.municipalities.get(name or "")

    def many(self, names: Iterable[str] | None) -> tuple[int, ...]:
        keys = (self.municipalities.get(name) for name in names or ())
        return tuple(dict.fromkeys(key for key in keys if key is not None))

    def parts(self, values: Iterable[Any] | None) -> frozenset[int]:
        found = set()
        for value in values or ():
            key = self.neighbourhoods.get((value.municipality, value.name))
            if key is not None:
                found.add(key)
        return frozenset(found)


class ClientImporter(Importer):
    """A provider's client list: registers, updates, and never overwrites what a row lacks."""

    kind = CLIENTS
    permission = Permission.IMPORT_CLIENTS
    is_about_people = True

    def subject(self, row: Row) -> str:
        name = " ".join(
            str(row.values.get(part) or "") for part in ("given_name", "prefix", "family_name")
        )
        return " ".join(f"{row.values.get('client_number') or ''} {name}".split())

    def judge(self, rows: Sequence[Row], *, by: Viewer, given: Given) -> list[Judged]:
        places = Places(by.region_id)
        workers = _workers(by)
        numbers = [str(row.values["client_number"]) for row in rows]
        clients = {
            client.client_number: client
            for client in Client.objects.filter(
                region_id=by.region_id,
                provider_id=by.organisation_id,
                client_number__in=numbers,
            )
        }
        known = operations.facts_of(list(clients.values()))
        found = []
        for row, number in zip(rows, numbers, strict=True):
            client = clients.get(number)
            before = known[client.pk] if client else None
            facts = client_facts(row.values, before, places, given, workers)
            judged = Judged(
                row,
                RowOutcome.NEW,
                self.subject(row),
                defects=row.defects,
                facts=facts,
                thing=client,
                extra={"told_on": given.reference_date},
            )
            if before is not None:
                _compare(judged, before, places)
            found.append(judged)
        return found

    def write(self, judged: Sequence[Judged], *, by: Viewer, given: Given) -> None:
        new = [j for j in judged if j.thing is None]
        made = operations.register_clients(
            [j.facts for j in new], by=by, checked_on=given.reference_date
        )
        for j, client in zip(new, made, strict=True):
            j.extra["client"] = client
        operations.update_clients(
            [(j.thing, j.facts) for j in judged if j.thing is not None],
            by=by,
            checked_on=given.reference_date,
        )
        if given.sharing_ground:
            operations.record_sharing_ground(
                clients=[j.extra.get("client") or j.thing for j in judged],
                ground=SharingGround.Ground(given.sharing_ground),
                on=given.reference_date,
                by=by,
            )

    def afterwards(self, judged: Sequence[Judged], *, by: Viewer, given: Given) -> None:
        written = [j.extra.get("client") or j.thing for j in judged]
        keys = [client.pk for client in written if client is not None]
        if keys:
            operations.find_likely_duplicates(region_id=by.region_id, among=keys)


def client_facts(
    values: Mapping[str, Any],
    before: ClientFacts | None,
    places: Places,
    given: Given,
    workers: Mapping[str, int],
) -> ClientFacts:
    """What a row says, laid over what is known: a column the list does not have changes nothing."""
    known = before or ClientFacts(client_number="", facility_type=FacilityType.BW)
    base = _only(
        values,
        client_number=str(values.get("client_number")),
        facility_type=values.get("facility_type") or known.facility_type,
        location=values.get("location") or "",
        in_care_since=values.get("in_care_since"),
        origin_municipality=places.municipality(values.get("origin_municipality")),
    )
    return replace(
        known,
        **base,
        identity=_identity(values, known.identity),
        care=_care(values, known.care),
        need=_need(values, known.need, places, given),
        readiness=_readiness(values, known.readiness, given),
        zrm=_zrm(values, known.zrm, given),
        assigned_to=workers.get(str(values.get("worker_email") or "").lower()),
    )


def _only(values: Mapping[str, Any], **facts: Any) -> dict[str, Any]:
    """The facts whose column the list has."""
    return {name: fact for name, fact in facts.items() if name in values}


def _identity(values: Mapping[str, Any], known: IdentityFacts | None) -> IdentityFacts:
    own = _only(
        values,
        family_name=values.get("family_name") or "",
        prefix=values.get("prefix") or "",
        given_name=values.get("given_name") or "",
        born_on=values.get("born_on"),
        sex=values.get("sex") or "",
    )
    return replace(known or IdentityFacts(family_name=""), **own)


def _care(values: Mapping[str, Any], known: CareFacts | None) -> CareFacts:
    own = _only(
        values,
        monthly_income=_cents(values.get("monthly_income")),
        yearly_income=_cents(values.get("yearly_income")),
        income_source=values.get("income_source") or "",
        debt_amount=_cents(values.get("debt_amount")),
        administration=values.get("administration") or "",
        remarks=values.get("remarks") or "",
    )
    if "debts" in values:
        own["has_debts"] = values["debts"]
    return replace(known or CareFacts(), **own)


def _need(
    values: Mapping[str, Any], known: NeedFacts | None, places: Places, given: Given
) -> NeedFacts:
    own = _only(
        values,
        persons=values.get("persons") or 1,
        children=values.get("children") or 0,
        bedrooms=values.get("bedrooms") if values.get("bedrooms") is not None else 1,
        wheelchair=bool(values.get("wheelchair")),
        low_stimulus=bool(values.get("low_stimulus")),
        guidance_hours=_halves(values.get("guidance_hours")),
        reachable_24h=bool(values.get("reachable_24h")),
        support=tuple(sorted(values.get("support") or ())),
        preferred_neighbourhoods=places.parts(values.get("preferred_neighbourhoods")),
        network=places.parts(values.get("network")),
        day_activity=places.parts(values.get("day_activity")),
        contract_forms=tuple(sorted(values.get("contract_forms") or ())),
    )
    if "form" in values:
        own["forms"] = tuple(sorted(values["form"] or ()))
    if "step_free" in values or "lift" in values:
        own["step_free"] = bool(values.get("step_free") or values.get("lift"))
    if "preferred_municipalities" in values:
        own["municipalities"] = places.many(values["preferred_municipalities"])
    if "avoided" in values:
        own["excluded_neighbourhoods"] = places.parts(values["avoided"])
    need = replace(known or NeedFacts(), **own)
    if known is None or (need.max_rent_is_assumed and need.persons != known.persons):
        rent = places.rent(
            persons=need.persons,
            income=_cents(values.get("yearly_income")),
            on=given.reference_date,
        )
        need = replace(need, max_rent=rent)
    return need


def _readiness(
    values: Mapping[str, Any], known: Readiness | None, given: Given
) -> Readiness | None:
    phase = values.get("phase")
    if not phase:
        return known
    ready_on, expected = _ready_days(values)
    waits = phase in WAITING
    before = known or Readiness()
    own_phase = known is not None and known.phase == phase
    return Readiness(
        phase=phase,
        ready_on=(ready_on or (before.ready_on if own_phase else None)) if waits else ready_on,
        expected_ready_on=expected if ready_on is None else None,
        blockers=before.blockers,
        from_on=before.from_on if own_phase else _begins(values, phase, ready_on, given),
    )


def _ready_days(values: Mapping[str, Any]) -> tuple[date | None, date | None]:
    """(reached, expected) from one column with a kind, or from two columns."""
    if "ready_on" in values:
        day = values["ready_on"]
        return (day, None) if values.get("ready_kind") == "reached" else (None, day)
    return values.get("ready_reached_on"), values.get("ready_expected_on")


def _begins(values: Mapping[str, Any], phase: str, ready_on: date | None, given: Given) -> date:
    """The day the phase began, as far as a list without a history tells."""
    if phase == Phase.READY and ready_on is not None:
        return min(ready_on, given.reference_date)
    if phase == Phase.INTAKE and values.get("in_care_since"):
        return min(values["in_care_since"], given.reference_date)
    return given.reference_date


def _zrm(
    values: Mapping[str, Any], known: tuple[ZrmFacts, ...], given: Given
) -> tuple[ZrmFacts, ...]:
    """Levels of the list, on its reference date, where they differ from the latest known."""
    latest: dict[str, ZrmFacts] = {}
    for score in sorted(known, key=lambda score: score.assessed_on):
        latest[score.domain] = score
    new = tuple(
        ZrmFacts(domain=str(domain), level=level, assessed_on=given.reference_date)
        for domain, level in (values.get("zrm") or {}).items()
        if level is not None and (str(domain) not in latest or latest[str(domain)].level != level)
    )
    return (*known, *new) if new else known


def _cents(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.01"))


def _halves(value: Any) -> Decimal:
    return Decimal(str(value or 0)).quantize(Decimal("0.1"))


def _workers(by: Viewer) -> dict[str, int]:
    """Work e-mail addresses of the provider's own care workers."""
    rows = (
        Membership.objects.live()
        .filter(organisation_id=by.organisation_id, region_id=by.region_id, role=Role.CARE_WORKER)
        .values_list("user__email", "pk")
    )
    return {email.lower(): pk for email, pk in rows}


PARTS = ("identity", "care", "need", "readiness")
MONEY = frozenset({"monthly_income", "yearly_income", "debt_amount", "max_rent"})


def _compare(judged: Judged, before: ClientFacts, places: Places) -> None:
    """Changed or not, and what changes in words; a step that care may not take is set aside."""
    facts: ClientFacts = judged.facts
    now, then = facts.readiness, before.readiness
    if now and then and now.phase != then.phase:
        route = Route(before.route)
        if not is_allowed(Phase(then.phase), Phase(now.phase), route=route):
            judged.set_aside(
                "step_not_allowed",
                field_name="phase",
                before=str(Phase(then.phase).label),
                after=str(Phase(now.phase).label),
            )
            return
    checked_on = judged.thing.checked_on
    is_newer = checked_on is not None and checked_on > judged.extra["told_on"]
    if now and then and now.mark != then.mark and is_newer:
        judged.set_aside("older_than_known", field_name="phase", on=day_words(checked_on))
        return
    differences = []
    for field in fields(ClientFacts):
        if field.name in {*PARTS, "zrm", "assigned_to", "provider"}:
            continue
        differences += _difference(
            field.name, getattr(before, field.name), getattr(facts, field.name), places
        )
    for part in PARTS:
        old, new = getattr(before, part), getattr(facts, part)
        if new is None or old == new:
            continue
        for field in fields(new):
            was = getattr(old, field.name) if old is not None else None
            if part == "readiness" and field.name == "from_on":
                continue
            differences += _difference(field.name, was, getattr(new, field.name), places)
    differences += _new_levels(before.zrm, facts.zrm)
    judged.differences = tuple(differences)
    judged.outcome = RowOutcome.CHANGED if differences else RowOutcome.UNCHANGED


def _new_levels(was: tuple[ZrmFacts, ...], becomes: tuple[ZrmFacts, ...]) -> list[Difference]:
    latest = {score.domain: str(score.level) for score in sorted(was, key=_assessed)}
    return [
        Difference(field_words(CLIENTS, f"zrm.{score.domain}"), latest.get(score.domain, ""), level)
        for score in becomes
        if score not in was and (level := str(score.level))
    ]


def _assessed(score: ZrmFacts) -> date:
    return score.assessed_on


# Facts that a column of another name holds.
COLUMN_OF = {
    "has_debts": "debts",
    "forms": "form",
    "municipalities": "preferred_municipalities",
    "excluded_neighbourhoods": "avoided",
    "expected_ready_on": "ready_expected_on",
}
LABELS = {"max_rent": _lazy("rent limit"), "blockers": _lazy("still open")}


def _difference(name: str, was: Any, becomes: Any, places: Places) -> list[Difference]:
    if was == becomes:
        return []
    label = str(LABELS.get(name) or field_words(CLIENTS, COLUMN_OF.get(name, name)))
    return [Difference(label, _words(name, was, places), _words(name, becomes, places))]


def _words(name: str, value: Any, places: Places) -> str:
    if value is None or value in {"", ()}:
        return ""
    if name in MONEY:
        return money(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return day_words(value)
    if name in {"origin_municipality", "financing_municipality"}:
        return places.names.get(value, "")
    if name == "municipalities":
        return ", ".join(places.names.get(key, "") for key in value)
    if isinstance(value, frozenset):
        return and_list(sorted(places.parts_by_key.get(key, "") for key in value))
    column = COLUMN_OF.get(name, name)
    if isinstance(value, tuple):
        return and_list(meaning_words([CLIENTS], column, each) for each in value)
    return meaning_words([CLIENTS], column, value)

"""Rows of lists about homes, promises and support, met with what is known of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.access import OrganisationKind, Permission, Relation, Role, Viewer, grants_for
from accounts.models import Organisation
from housing import operations
from housing.dwellinglists import DWELLINGS
from housing.models import Dwelling, Placement, Proposal, SupportOffer
from housing.operations import DwellingFacts, SupportFacts
from housing.supportlists import SUPPORT
from lists.importing import Difference, Given, Importer, Judged
from lists.kinds import ListKind
from lists.lifecycle import RowOutcome
from lists.rows import Row
from lists.words import field_words, meaning_words
from outflow.lifecycle import ContractForm, HousingForm
from regions.formats import day as day_words
from regions.formats import money
from regions.models import Municipality, Neighbourhood

SOURCE = "list"
# Facts that a column of another name holds.
LABELS = {"has_lift": "lift", "provider_name": "provider"}


@dataclass(frozen=True)
class Region:
    """Places and organisations of one region by name, read once per list."""

    municipalities: Mapping[str, Municipality]
    neighbourhoods: Mapping[tuple[str, str], Neighbourhood]
    organisations: Mapping[str, Organisation]

    @classmethod
    def of(cls, by: Viewer) -> "Region":
        municipalities = {m.name: m for m in Municipality.objects.filter(region_id=by.region_id)}
        neighbourhoods = {
            (n.municipality.name, n.name): n
            for n in Neighbourhood.objects.filter(
                municipality__region_id=by.region_id
            ).select_related("municipality")
        }
        organisations = {o.name: o for o in Organisation.objects.filter(regions=by.region_id)}
        return cls(municipalities, neighbourhoods, organisations)

    def neighbourhood(self, value: Any) -> Neighbourhood | None:
        return self.neighbourhoods.get((value.municipality, value.name)) if value else None

    def corporation(self, name: Any) -> Organisation | None:
        found = self.organisations.get(str(name or ""))
        return found if found and found.kind == OrganisationKind.CORPORATION else None


def differences_between(kind: ListKind, was: Any, becomes: Any) -> tuple[Difference, ...]:
    """Which facts change, each in words."""
    return tuple(
        Difference(
            field_words(kind, LABELS.get(field.name, field.name)),
            in_words(getattr(was, field.name)),
            in_words(getattr(becomes, field.name)),
        )
        for field in fields(becomes)
        if getattr(was, field.name) != getattr(becomes, field.name)
    )


def in_words(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return day_words(value)
    if isinstance(value, Decimal):
        return money(value)
    for choices in (HousingForm, ContractForm):
        if value in choices.values:
            return str(choices(value).label)
    return str(value)


class DwellingImporter(Importer):
    """Dwellings on offer; an allocator brings those of the own corporation only."""

    kind = DWELLINGS
    permission = Permission.IMPORT_DWELLINGS

    def judge(self, rows: Sequence[Row], *, by: Viewer, given: Given) -> list[Judged]:
        region = Region.of(by)
        known = _KnownDwellings(by, rows)
        return [self._judge(row, by, region, known) for row in rows]

    def _judge(self, row: Row, by: Viewer, region: Region, known: "_KnownDwellings") -> Judged:
        values = row.values
        judged = Judged(row, RowOutcome.NEW, self.subject(row), defects=row.defects)
        corporation = region.corporation(values.get("corporation"))
        municipality = region.municipalities.get(str(values.get("municipality") or ""))
        if corporation is None:
            judged.set_aside("organisation_unknown", field_name="corporation")
        elif by.role == Role.ALLOCATOR and corporation.pk != by.organisation_id:
            judged.reject("of_another_corporation", corporation=corporation.name)
        elif municipality is None:
            judged.set_aside("outside_region", field_name="municipality")
        elif values.get("basic_rent") is None:
            judged.set_aside("value_missing", field_name="basic_rent")
        elif values["basic_rent"] <= 0:
            judged.set_aside("rent_negative", field_name="basic_rent")
        else:
            before = known.find(corporation, values)
            if before is None:
                judged.facts = dwelling_facts(values, None, corporation, municipality, region)
                return judged
            if before.withdrawn_on is not None:
                judged.set_aside("dwelling_withdrawn", on=day_words(before.withdrawn_on))
                return judged
            if known.is_let(before) and before.available_on != values.get("available_on"):
                judged.set_aside("dwelling_taken", field_name="available_on")
                return judged
            if before.municipality_id != municipality.pk:
                judged.set_aside("dwelling_moved", field_name="municipality")
                return judged
            judged.thing = before
            was = _facts_of(before)
            judged.facts = dwelling_facts(values, was, corporation, municipality, region)
            judged.differences = differences_between(DWELLINGS, was, judged.facts)
            judged.outcome = RowOutcome.CHANGED if judged.differences else RowOutcome.UNCHANGED
        return judged

    def write(self, judged: Sequence[Judged], *, by: Viewer, given: Given) -> None:
        new = [j.facts for j in judged if j.thing is None]
        if new:
            operations.enter_dwellings(rows=new, by=by, source=SOURCE, on=given.reference_date)
        changes = [(j.thing, j.facts) for j in judged if j.thing is not None]
        if changes:
            operations.change_dwellings(changes=changes, by=by, source=SOURCE)


class _KnownDwellings:
    """Which dwelling a row is about: the one that stands there, or the same from the same day."""

    def __init__(self, by: Viewer, rows: Sequence[Row]) -> None:
        self._offered: dict[tuple[Any, ...], Dwelling] = {}
        self._open: dict[tuple[Any, ...], Dwelling] = {}
        postcodes = {row.values.get("postcode") for row in rows}
        dwellings = list(
            Dwelling.objects.filter(region_id=by.region_id, postcode__in=postcodes)
            .select_related("corporation", "municipality", "neighbourhood")
            .order_by("available_on", "pk")
        )
        keys = [dwelling.pk for dwelling in dwellings]
        self._let = set(
            Placement.objects.filter(dwelling__in=keys).values_list("dwelling_id", flat=True)
        ) | set(
            Proposal.objects.live().filter(dwelling__in=keys).values_list("dwelling_id", flat=True)
        )
        for dwelling in dwellings:
            address = (
                dwelling.corporation_id,
                dwelling.postcode,
                dwelling.house_number.casefold(),
            )
            self._offered[(*address, dwelling.available_on)] = dwelling
            if dwelling.withdrawn_on is None:
                self._open[address] = dwelling

    def find(self, corporation: Organisation, values: Mapping[str, Any]) -> Dwelling | None:
        address = (corporation.pk, values.get("postcode"), house_number(values).casefold())
        same_day = self._offered.get((*address, values.get("available_on")))
        return self._open.get(address) or same_day

    def is_let(self, dwelling: Dwelling) -> bool:
        """Proposed to somebody or lived in: a row with another day is about a later offer."""
        return dwelling.pk in self._let


def house_number(values: Mapping[str, Any]) -> str:
    parts = (values.get("house_number"), values.get("house_number_addition"))
    return " ".join(str(part).strip() for part in parts if part)


def dwelling_facts(
    values: Mapping[str, Any],
    before: DwellingFacts | None,
    corporation: Organisation,
    municipality: Municipality,
    region: Region,
) -> DwellingFacts:
    """What a row says, laid over what is known: a column the list does not have changes nothing."""
    own: dict[str, Any] = {
        "corporation": corporation,
        "municipality": municipality,
        "street": values["street"],
        "house_number": house_number(values),
        "postcode": values["postcode"],
        "basic_rent": _cents(values["basic_rent"]),
        "available_on": values["available_on"],
    }
    plain: dict[str, Callable[[Any], Any]] = {
        "place": lambda value: value or "",
        "service_costs": lambda value: _cents(value or 0),
        "rooms": lambda value: value,
        "most_persons": lambda value: value,
        "surface": lambda value: None if value is None else int(value),
        "floor": lambda value: value,
        "wheelchair": bool,
        "low_stimulus": bool,
        "dwelling_type": lambda value: value or "",
        "neighbourhood": region.neighbourhood,
    }
    own |= {name: read(values[name]) for name, read in plain.items() if name in values}
    if "lift" in values:
        own["has_lift"] = bool(values["lift"])
    # What is usual stands where the list is silent.
    own |= {name: values[name] for name in ("form", "contract_form") if values.get(name)}
    if values.get("bedrooms") is not None:
        own["bedrooms"] = values["bedrooms"]
    elif values.get("rooms") and (before is None or before.rooms != values["rooms"]):
        # One room to live in, the others to sleep in; a single room is for both.
        own["bedrooms"] = max(values["rooms"] - 1, 1)
    return replace(before, **own) if before else DwellingFacts(**own)


def _facts_of(dwelling: Dwelling) -> DwellingFacts:
    return DwellingFacts(
        **{field.name: getattr(dwelling, field.name) for field in fields(DwellingFacts)}
    )


def _cents(value: Any) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.01"))


class SupportImporter(Importer):
    """Support in neighbourhoods, with the places that are in use."""

    kind = SUPPORT
    permission = Permission.IMPORT_SUPPORT

    def judge(self, rows: Sequence[Row], *, by: Viewer, given: Given) -> list[Judged]:
        region = Region.of(by)
        parts = [n.pk for n in region.neighbourhoods.values()]
        known = {
            (o.neighbourhood_id, o.kind, o.provider_name.casefold(), o.from_on): o
            for o in SupportOffer.objects.filter(neighbourhood__in=parts).select_related(
                "neighbourhood", "organisation"
            )
        }
        return [self._judge(row, by, region, known) for row in rows]

    def _judge(
        self,
        row: Row,
        by: Viewer,
        region: Region,
        known: Mapping[tuple[Any, ...], SupportOffer],
    ) -> Judged:
        values = row.values
        judged = Judged(row, RowOutcome.NEW, self.subject(row), defects=row.defects)
        if values.get("municipality") not in region.municipalities:
            judged.set_aside("outside_region", field_name="municipality")
            return judged
        if values.get("places") is None:
            judged.set_aside("value_missing", field_name="places")
            return judged
        place = region.neighbourhood(values.get("neighbourhood"))
        provider = str(values.get("provider") or "")
        before = known.get(
            (
                place.pk if place else None,
                values["kind"],
                provider.casefold(),
                values.get("from_on"),
            )
        )
        was = _support_of(before) if before else None
        # A neighbourhood that comes with this very list exists once the list is put in.
        judged.facts = support_facts(values, was, place, region, by) if place else None
        if was is not None:
            judged.thing = before
            judged.differences = differences_between(SUPPORT, was, judged.facts)
            judged.outcome = RowOutcome.CHANGED if judged.differences else RowOutcome.UNCHANGED
        return judged

    def write(self, judged: Sequence[Judged], *, by: Viewer, given: Given) -> None:
        new = [j.facts for j in judged if j.thing is None]
        if new:
            operations.enter_support_offers(rows=new, by=by, source=SOURCE, on=given.reference_date)
        changes = [(j.thing, j.facts) for j in judged if j.thing is not None]
        if changes:
            operations.change_support_offers(
                changes=changes, by=by, source=SOURCE, on=given.reference_date
            )

    def still_right(self, judged: Sequence[Judged], *, by: Viewer, given: Given) -> None:
        """What the list says again is as fresh as the list."""
        older = [
            (j.thing, j.facts)
            for j in judged
            if j.thing.updated_on is None or j.thing.updated_on < given.reference_date
        ]
        if older:
            operations.change_support_offers(
                changes=older, by=by, source=SOURCE, on=given.reference_date
            )

    def subject(self, row: Row) -> str:
        place = row.values.get("neighbourhood")
        words = (
            meaning_words([SUPPORT], "kind", row.values.get("kind")),
            str(row.values.get("provider") or ""),
            place.name if place else "",
        )
        return ", ".join(word for word in words if word)


def support_facts(
    values: Mapping[str, Any],
    before: SupportFacts | None,
    place: Neighbourhood,
    region: Region,
    by: Viewer,
) -> SupportFacts:
    provider = str(values.get("provider") or "")
    own: dict[str, Any] = {
        "neighbourhood": place,
        "kind": values["kind"],
        "provider_name": before.provider_name if before else provider,
        "places": values["places"],
        "from_on": values.get("from_on"),
    }
    if before is None:
        own["organisation"] = region.organisations.get(provider)
        relations = {grant.relation for grant in grants_for(by.role, Permission.ENTER_SUPPORT)}
        if relations == {Relation.OWN_ORGANISATION}:
            own["organisation"] = Organisation.objects.get(pk=by.organisation_id)
    if "in_use" in values:
        own["in_use"] = values["in_use"] or 0
    if "until_on" in values:
        own["until_on"] = values["until_on"]
    own |= {name: values[name] or "" for name in ("times", "contact") if name in values}
    return replace(before, **own) if before else SupportFacts(**own)


def _support_of(offer: SupportOffer) -> SupportFacts:
    return SupportFacts(**{f.name: getattr(offer, f.name) for f in fields(SupportFacts)})

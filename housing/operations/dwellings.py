"""Dwellings on offer: entered, changed and withdrawn, one or a list of them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import Permission, Role, Viewer
from accounts.models import AuditEntry, Organisation
from housing.errors import NotAllowed, Refused
from housing.lifecycle import LIVE
from housing.models import Dwelling, Placement, Proposal
from housing.operations import ledger
from housing.operations.doing import must_be_allowed, must_be_in_region, operation
from outflow.lifecycle import ContractForm, HousingForm
from regions.clock import today
from regions.models import Municipality, Neighbourhood


@dataclass(frozen=True)
class DwellingFacts:
    """What a corporation tells of a dwelling it offers."""

    corporation: Organisation
    municipality: Municipality
    street: str
    house_number: str
    postcode: str
    basic_rent: Decimal
    available_on: date
    neighbourhood: Neighbourhood | None = None
    place: str = ""
    service_costs: Decimal = Decimal(0)
    rooms: int | None = None
    bedrooms: int = 1
    most_persons: int | None = None
    surface: int | None = None
    floor: int | None = None
    has_lift: bool = False
    wheelchair: bool = False
    low_stimulus: bool = False
    dwelling_type: str = ""
    form: str = HousingForm.INDEPENDENT
    contract_form: str = ContractForm.REGULAR
    has_nuisance_file: bool = False


FIELDS = tuple(field.name for field in fields(DwellingFacts))
# Where it stands and whose it is made its line in the ledger; these never change afterwards.
FIXED = ("corporation", "municipality")


@operation
def enter_dwellings(
    *,
    rows: Sequence[DwellingFacts],
    by: Viewer,
    source: str = "screen",
    on: date | None = None,
) -> list[Dwelling]:
    """Put dwellings on offer, and in the ledger of the contingent that they fit."""
    must_be_allowed(by, Permission.ENTER_DWELLING, Permission.IMPORT_DWELLINGS)
    for row in rows:
        _check(row, by)
    dwellings = Dwelling.objects.bulk_create(
        [
            Dwelling(region_id=by.region_id, **{name: getattr(row, name) for name in FIELDS})
            for row in rows
        ]
    )
    ledger.book_offered(dwellings, on=on or today(), by=by, source=source)
    AuditEntry.objects.bulk_create(
        audit.entry("dwelling.entered", dwelling, by=by, source=source) for dwelling in dwellings
    )
    return dwellings


@operation
def change_dwellings(
    *, changes: Sequence[tuple[Dwelling, DwellingFacts]], by: Viewer, source: str = "screen"
) -> list[Dwelling]:
    """Correct dwellings; returns the ones that are different now."""
    must_be_allowed(by, Permission.ENTER_DWELLING, Permission.IMPORT_DWELLINGS)
    facts = {dwelling.pk: row for dwelling, row in changes}
    locked = Dwelling.objects.select_for_update().filter(pk__in=facts).order_by("pk")
    changed = []
    for dwelling in locked:
        row = facts[dwelling.pk]
        must_be_in_region(by, dwelling)
        _check(row, by)
        differing = [name for name in FIELDS if getattr(dwelling, name) != getattr(row, name)]
        if not differing:
            continue
        if not set(differing).isdisjoint(FIXED):
            raise Refused(
                _(
                    "A dwelling keeps its corporation and its municipality. Withdraw it and enter"
                    " it anew."
                )
            )
        for name in differing:
            setattr(dwelling, name, getattr(row, name))
        dwelling.save(update_fields=differing)
        audit.record("dwelling.changed", dwelling, by=by, fields=differing, source=source)
        changed.append(dwelling)
    return changed


@operation
def withdraw_dwelling(*, dwelling: Dwelling, by: Viewer, on: date | None = None) -> Dwelling:
    """Take a dwelling off offer; not while it is proposed to somebody or lived in."""
    must_be_allowed(by, Permission.ENTER_DWELLING)
    dwelling = Dwelling.objects.select_for_update().get(pk=dwelling.pk)
    must_be_in_region(by, dwelling)
    _must_be_own(dwelling.corporation_id, by)
    if dwelling.withdrawn_on is not None:
        raise Refused(_("This dwelling was withdrawn already."))
    if Proposal.objects.filter(dwelling=dwelling, state__in=LIVE).exists():
        raise Refused(
            _(
                "This dwelling is proposed to somebody. Answer that proposal with no first:"
                " the dwelling is no longer free."
            )
        )
    if Placement.objects.filter(dwelling=dwelling).running().exists():
        raise Refused(_("Somebody lives in this dwelling."))
    dwelling.withdrawn_on = on or today()
    dwelling.save(update_fields=["withdrawn_on"])
    audit.record("dwelling.withdrawn", dwelling, by=by)
    return dwelling


def _check(row: DwellingFacts, by: Viewer) -> None:
    _must_be_own(row.corporation.pk, by)
    if row.municipality.region_id != by.region_id:
        raise Refused(_("This municipality lies outside the region."))
    part = row.neighbourhood
    if part is not None and part.municipality_id != row.municipality.pk:
        raise Refused(
            _("%(neighbourhood)s does not lie in %(municipality)s.")
            % {"neighbourhood": part.name, "municipality": row.municipality.name}
        )
    if row.has_nuisance_file:
        raise Refused(_("A dwelling with a nuisance file is not offered to these clients."))


def _must_be_own(corporation_id: int, by: Viewer) -> None:
    if by.role == Role.ALLOCATOR and corporation_id != by.organisation_id:
        raise NotAllowed(_("This dwelling belongs to another corporation."))

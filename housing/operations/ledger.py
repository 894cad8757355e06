"""The lines that what happens to a dwelling leaves in the ledger of a contingent.

Entries are the truth. The database keeps `booked` and `ceiling` from them and refuses what goes
over a maximum; here we only choose the contingent and write the line.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import F, Q

from accounts.access import Viewer
from housing.lifecycle import ContingentKind, EntryKind
from housing.models import Contingent, ContingentEntry, Dwelling, Proposal, RegionYear
from regions.rules import rule


def contingent_for(proposal: Proposal, *, on: date) -> Contingent | None:
    """The promise that a dwelling for this client counts under; its target group goes first."""
    return (
        Contingent.objects.filter(
            region_id=proposal.region_id,
            corporation_id=proposal.dwelling.corporation_id,
            municipality_id=proposal.dwelling.municipality_id,
            year=on.year,
            target_group__in=["", proposal.client.facility_type],
        )
        .order_by("-target_group")
        .first()
    )


def book_offered(
    dwellings: Sequence[Dwelling], *, on: date, by: Viewer, source: str
) -> list[ContingentEntry]:
    """Note each dwelling in the promise it is offered under; without a promise there is no line.

    A promise per target group is left out here: for whom a dwelling is shows when it is accepted.
    """
    promises = _open_promises(dwellings)
    entries = [
        ContingentEntry(
            contingent=promise,
            kind=EntryKind.OFFERED,
            dwellings=1,
            on=on,
            dwelling=dwelling,
            source=source,
            recorded_by_id=by.user_id,
        )
        for dwelling in dwellings
        if (promise := promises.get(_place_of(dwelling))) is not None
    ]
    return ContingentEntry.objects.bulk_create(entries)


def counts_now(proposal: Proposal, *, moment: str, on: date) -> bool:
    """Whether a dwelling counts from this moment on, by the region's rule."""
    return bool(rule(proposal.region_id, "booking_moment", on=on) == moment)


def book_accepted(proposal: Proposal, *, on: date, by: Viewer) -> None:
    """Count the dwelling under its contingent; full and a maximum: the database refuses."""
    promise = contingent_for(proposal, on=on)
    if promise is None or _has(proposal, EntryKind.ACCEPTED):
        return
    proposal.contingent = promise
    proposal.save(update_fields=["contingent"])
    _book(proposal, EntryKind.ACCEPTED, on=on, by=by)


def book_returned(proposal: Proposal, *, on: date, by: Viewer) -> None:
    """Give back what was counted, if it was."""
    if _has(proposal, EntryKind.ACCEPTED):
        _book(proposal, EntryKind.RETURNED, on=on, by=by)


def book_let(proposal: Proposal, *, on: date, by: Viewer) -> None:
    """Note that somebody moved in, if the dwelling counted."""
    if _has(proposal, EntryKind.ACCEPTED):
        _book(proposal, EntryKind.LET, on=on, by=by)


def is_full(proposal: Proposal, *, on: date) -> bool:
    """Whether accepting would go over a maximum: for a warning in time, not for certainty."""
    promise = contingent_for(proposal, on=on)
    if promise is None:
        return False
    if promise.kind == ContingentKind.MAXIMUM and promise.booked >= promise.ceiling:
        return True
    return RegionYear.objects.filter(
        Q(agreed__isnull=False) & Q(booked__gte=F("agreed") + F("raised")),
        region_id=proposal.region_id,
        year=promise.year,
        kind=ContingentKind.MAXIMUM,
    ).exists()


def _book(proposal: Proposal, kind: EntryKind, *, on: date, by: Viewer) -> None:
    assert proposal.contingent_id is not None, "only what has a contingent is booked"
    ContingentEntry.objects.create(
        contingent_id=proposal.contingent_id,
        kind=kind,
        dwellings=1,
        on=on,
        proposal=proposal,
        dwelling_id=proposal.dwelling_id,
        recorded_by_id=by.user_id,
    )


def _has(proposal: Proposal, kind: EntryKind) -> bool:
    return ContingentEntry.objects.filter(proposal=proposal, kind=kind).exists()


def _place_of(dwelling: Dwelling) -> tuple[int, int, int]:
    return (dwelling.corporation_id, dwelling.municipality_id, dwelling.available_on.year)


def _open_promises(dwellings: Iterable[Dwelling]) -> dict[tuple[int, int, int], Contingent]:
    places = {_place_of(dwelling) for dwelling in dwellings}
    regions = {dwelling.region_id for dwelling in dwellings}
    found = Contingent.objects.filter(
        region_id__in=regions,
        corporation_id__in={place[0] for place in places},
        municipality_id__in={place[1] for place in places},
        year__in={place[2] for place in places},
        target_group="",
    )
    return {(c.corporation_id, c.municipality_id, c.year): c for c in found}

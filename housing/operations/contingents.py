"""What corporations promise for a year: agreed, delivered, raised and corrected, as entries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import Permission, Viewer
from accounts.models import Organisation
from housing.distribution import Key, as_data
from housing.errors import Refused
from housing.lifecycle import ContingentKind, EntryKind
from housing.models import Contingent, ContingentEntry, RegionYear
from housing.operations.doing import must_be_allowed, must_be_in_region, operation
from regions.clock import today
from regions.models import Municipality


@dataclass(frozen=True)
class Delivered:
    """So many dwellings were let in the quarter of this day, as a list tells."""

    on: date
    dwellings: int


@dataclass(frozen=True)
class AgreedNumber:
    """One cell of the matrix: a corporation promises dwellings in a municipality for a year."""

    corporation: Organisation
    municipality: Municipality
    year: int
    agreed: int
    target_group: str = ""
    kind: str = ContingentKind.TASK
    moved_over: int = 0
    delivered: tuple[Delivered, ...] = ()

    @property
    def key(self) -> tuple[int, int, int, str]:
        return (self.corporation.pk, self.municipality.pk, self.year, self.target_group)


@operation
def agree_contingents(
    *, rows: Sequence[AgreedNumber], by: Viewer, source: str = "screen", on: date | None = None
) -> list[Contingent]:
    """Bring the ledger to the agreed numbers; what it says already gets no new entry."""
    must_be_allowed(by, Permission.AGREE_CONTINGENT, Permission.IMPORT_CONTINGENT)
    day = on or today()
    for row in rows:
        if row.municipality.region_id != by.region_id:
            raise Refused(_("This municipality lies outside the region."))
        if row.agreed < 0 or row.moved_over < 0:
            raise Refused(_("An agreed number is zero or more."))
    contingents = _found_or_made(rows, by)
    sums = _sums(contingents.values())
    entries: list[ContingentEntry] = []
    for row in rows:
        contingent = contingents[row.key]
        _change_kind(contingent, row.kind)
        entries += _entries(contingent, row, sums, day=day, by=by, source=source)
    ContingentEntry.objects.bulk_create(entries)
    agreed = {entry.contingent_id for entry in entries}
    for contingent in contingents.values():
        if contingent.pk in agreed:
            contingent.refresh_from_db()
            audit.record(
                "contingent.agreed",
                contingent,
                by=by,
                source=source,
                ceiling=contingent.ceiling,
                booked=contingent.booked,
            )
    return list(contingents.values())


@operation
def raise_contingent(
    *, contingent: Contingent, dwellings: int, reason: str, authority: str, by: Viewer
) -> Contingent:
    """Let more be booked than was agreed: with a reason, and who allows it."""
    must_be_allowed(by, Permission.AGREE_CONTINGENT)
    contingent = Contingent.objects.select_for_update().get(pk=contingent.pk)
    must_be_in_region(by, contingent)
    ContingentEntry.objects.create(
        contingent=contingent,
        kind=EntryKind.OVERRIDE,
        dwellings=dwellings,
        on=today(),
        reason=reason.strip(),
        authority=authority.strip(),
        source="screen",
        recorded_by_id=by.user_id,
    )
    contingent.refresh_from_db()
    audit.record("contingent.raised", contingent, by=by, dwellings=dwellings, authority=authority)
    return contingent


@operation
def correct_contingent(
    *, contingent: Contingent, dwellings: int, reason: str, by: Viewer
) -> Contingent:
    """Put right how many were let outside the system; up or down, with a reason."""
    must_be_allowed(by, Permission.AGREE_CONTINGENT)
    if dwellings == 0:
        raise Refused(_("A correction of zero changes nothing."))
    contingent = Contingent.objects.select_for_update().get(pk=contingent.pk)
    must_be_in_region(by, contingent)
    ContingentEntry.objects.create(
        contingent=contingent,
        kind=EntryKind.CORRECTED,
        dwellings=dwellings,
        on=today(),
        reason=reason.strip(),
        source="screen",
        recorded_by_id=by.user_id,
    )
    contingent.refresh_from_db()
    audit.record("contingent.corrected", contingent, by=by, dwellings=dwellings)
    return contingent


@operation
def set_region_year(
    *, year: int, kind: str, agreed: int | None, by: Viewer, basis: Key | None = None
) -> RegionYear:
    """What the region promised together for a year, and the key that divides it."""
    must_be_allowed(by, Permission.AGREE_CONTINGENT, Permission.IMPORT_CONTINGENT)
    RegionYear.objects.get_or_create(region_id=by.region_id, year=year)
    found = RegionYear.objects.select_for_update().get(region_id=by.region_id, year=year)
    before = (found.kind, found.agreed, found.basis)
    found.kind, found.agreed = kind, agreed
    if basis is not None:
        found.basis = as_data(basis)
    if before != (found.kind, found.agreed, found.basis):
        found.save(update_fields=["kind", "agreed", "basis"])
        audit.record("region_year.agreed", found, by=by, year=year, kind=kind, agreed=agreed)
    return found


def _found_or_made(
    rows: Sequence[AgreedNumber], by: Viewer
) -> dict[tuple[int, int, int, str], Contingent]:
    """The contingent of each row, locked in one order; made where there was none."""
    wanted = {row.key: row for row in rows}
    Contingent.objects.bulk_create(
        (
            Contingent(
                region_id=by.region_id,
                corporation=row.corporation,
                municipality=row.municipality,
                year=row.year,
                target_group=row.target_group,
                kind=ContingentKind.TASK,
            )
            for _key, row in sorted(wanted.items())
        ),
        ignore_conflicts=True,
    )
    locked = (
        Contingent.objects.select_for_update()
        .filter(
            region_id=by.region_id,
            year__in={key[2] for key in wanted},
            corporation_id__in={key[0] for key in wanted},
            municipality_id__in={key[1] for key in wanted},
        )
        .order_by("pk")
    )
    found = {(c.corporation_id, c.municipality_id, c.year, c.target_group): c for c in locked}
    return {key: found[key] for key in wanted}


def _change_kind(contingent: Contingent, kind: str) -> None:
    if contingent.kind != kind:
        contingent.kind = kind
        contingent.save(update_fields=["kind"])


@dataclass
class _Sums:
    """What the entries of the rows' contingents add up to before anything is written."""

    by_kind: dict[tuple[int, str], int]
    let_by_quarter: dict[tuple[int, int, int], int]


def _sums(contingents: Iterable[Contingent]) -> _Sums:
    ids = [contingent.pk for contingent in contingents]
    entries = ContingentEntry.objects.filter(contingent_id__in=ids)
    by_kind = {
        (row["contingent_id"], row["kind"]): row["total"]
        for row in entries.order_by()
        .values("contingent_id", "kind")
        .annotate(total=Sum("dwellings"))
    }
    let: dict[tuple[int, int, int], int] = {}
    rows = (
        entries.filter(Q(kind=EntryKind.LET) | Q(kind=EntryKind.CORRECTED))
        .order_by()
        .values_list("contingent_id", "on", "dwellings")
    )
    for contingent_id, on, dwellings in rows:
        place = (contingent_id, on.year, _quarter(on))
        let[place] = let.get(place, 0) + dwellings
    return _Sums(by_kind, let)


def _entries(
    contingent: Contingent,
    row: AgreedNumber,
    sums: _Sums,
    *,
    day: date,
    by: Viewer,
    source: str,
) -> list[ContingentEntry]:
    def line(kind: EntryKind, dwellings: int, on: date, reason: str = "") -> ContingentEntry:
        return ContingentEntry(
            contingent=contingent,
            kind=kind,
            dwellings=dwellings,
            on=on,
            reason=reason,
            source=source,
            recorded_by_id=by.user_id,
        )

    made = []
    more = row.agreed - sums.by_kind.get((contingent.pk, EntryKind.AGREED), 0)
    if more:
        made.append(line(EntryKind.AGREED, more, day))
    moved = row.moved_over - sums.by_kind.get((contingent.pk, EntryKind.MOVED_OVER), 0)
    if moved > 0:
        made.append(line(EntryKind.MOVED_OVER, moved, day))
    for delivery in row.delivered:
        place = (contingent.pk, delivery.on.year, _quarter(delivery.on))
        extra = delivery.dwellings - sums.let_by_quarter.get(place, 0)
        if extra > 0:
            made.append(line(EntryKind.ACCEPTED, extra, delivery.on))
            made.append(line(EntryKind.LET, extra, delivery.on))
        elif extra < 0:
            reason = _("The list tells of fewer dwellings in this quarter.")
            made.append(line(EntryKind.CORRECTED, extra, delivery.on, reason))
    return made


def _quarter(day: date) -> int:
    return (day.month - 1) // 3 + 1

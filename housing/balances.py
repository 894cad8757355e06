"""The ledger as people read it: per contingent what was agreed, let, accepted, offered, to go.

Entries are the truth. What is offered and does not count yet is a fact about dwellings: offered,
not withdrawn, and not counted meanwhile.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from django.db.models import Case, F, Q, QuerySet, Sum, When

from accounts.access import Permission, Relation, Viewer, grants_for
from housing.lifecycle import ContingentKind, EntryKind
from housing.models import Contingent, ContingentEntry, RegionYear
from housing.yearend import YearEnd, at_year_end
from regions.clock import today


@dataclass(frozen=True, slots=True)
class Balance:
    """Numbers of dwellings; `counted` is what was accepted or let and not given back."""

    agreed: int = 0
    moved: int = 0
    accepted: int = 0
    returned: int = 0
    corrected: int = 0
    let_out: int = 0
    offered: int = 0

    @property
    def to_deliver(self) -> int:
        return self.agreed + self.moved

    @property
    def counted(self) -> int:
        return self.accepted - self.returned + self.corrected

    @property
    def let(self) -> int:
        return self.let_out + self.corrected

    @property
    def waiting(self) -> int:
        """Accepted and not yet let."""
        return self.accepted - self.returned - self.let_out

    @property
    def to_go(self) -> int:
        return max(self.to_deliver - self.counted, 0)

    def __add__(self, other: "Balance") -> "Balance":
        return Balance(
            **{name: getattr(self, name) + getattr(other, name) for name in self.__slots__}
        )


_SLOT = {
    EntryKind.AGREED: "agreed",
    EntryKind.MOVED_OVER: "moved",
    EntryKind.OVERRIDE: "moved",
    EntryKind.ACCEPTED: "accepted",
    EntryKind.RETURNED: "returned",
    EntryKind.CORRECTED: "corrected",
    EntryKind.LET: "let_out",
}


@dataclass(frozen=True)
class YearLedger:
    """The contingents of a year that a viewer may see, their balances, and the region's promise.

    `others` is the sum of what the viewer may not see one by one; None where they see all.
    """

    year: int
    contingents: list[Contingent]
    balances: Mapping[int, Balance]
    others: Balance | None
    region: RegionYear | None
    years: list[int] = field(default_factory=list)

    @property
    def total(self) -> Balance:
        """What the viewer sees, the others included."""
        return sum(self.balances.values(), self.others or Balance())

    def balance_of(self, contingents: Iterable[Contingent]) -> Balance:
        return sum((self.balances[c.pk] for c in contingents), Balance())


def year_ledger(viewer: Viewer, year: int) -> YearLedger:
    """Read the ledger of a year in a fixed number of queries."""
    region = Contingent.objects.filter(region_id=viewer.region_id)
    seen = list(
        Contingent.objects.visible_to(viewer, Permission.SEE_CONTINGENT)
        .filter(year=year)
        .select_related("corporation", "municipality")
        .order_by("corporation__name", "municipality__name", "target_group")
    )
    balances = balances_of(region.filter(year=year))
    own = {contingent.pk for contingent in seen}
    hidden = [balance for pk, balance in balances.items() if pk not in own]
    sees_all = Relation.REGION in {
        grant.relation for grant in grants_for(viewer.role, Permission.SEE_CONTINGENT)
    }
    return YearLedger(
        year=year,
        contingents=seen,
        balances={pk: balances.get(pk, Balance()) for pk in own},
        others=None if sees_all else sum(hidden, Balance()),
        region=RegionYear.objects.filter(region_id=viewer.region_id, year=year).first(),
        years=sorted({*region.order_by().values_list("year", flat=True), year}),
    )


def balances_of(contingents: QuerySet[Contingent]) -> dict[int, Balance]:
    """The balance of each contingent by its key; two queries however many there are."""
    numbers: dict[int, dict[str, int]] = {
        pk: {} for pk in contingents.order_by().values_list("pk", flat=True)
    }
    totals = (
        ContingentEntry.objects.filter(contingent__in=contingents)
        .exclude(kind=EntryKind.OFFERED)
        .order_by()
        .values_list("contingent_id", "kind")
        .annotate(total=Sum("dwellings"))
    )
    for contingent_id, kind, total in totals:
        slot = _SLOT[EntryKind(kind)]
        numbers[contingent_id][slot] = numbers[contingent_id].get(slot, 0) + total
    for contingent_id, offered in _open_offers(contingents):
        numbers[contingent_id]["offered"] = numbers[contingent_id].get("offered", 0) + offered
    return {pk: replace(Balance(), **found) for pk, found in numbers.items()}


def agreed_per_municipality(region_id: int, year: int) -> dict[str, int]:
    """What corporations agreed for a year, moved numbers left out, by municipality code."""
    totals = (
        ContingentEntry.objects.filter(
            contingent__region_id=region_id, contingent__year=year, kind=EntryKind.AGREED
        )
        .order_by()
        .values_list("contingent__municipality__code")
        .annotate(total=Sum("dwellings"))
    )
    return dict(totals)


def expected_at_end(
    balance: Balance, *, year: int, most: int | None = None, on: date | None = None
) -> YearEnd | None:
    """Where a balance of a running year will end; other years have ended or not begun."""
    day = on or today()
    if day.year != year:
        return None
    first, last = date(year, 1, 1), date(year, 12, 31)
    return at_year_end(
        balance.counted, days_gone=(day - first).days + 1, days_left=(last - day).days, most=most
    )


def most_of(contingent: Contingent, balance: Balance) -> int | None:
    return balance.to_deliver if contingent.kind == ContingentKind.MAXIMUM else None


def _open_offers(contingents: QuerySet[Contingent]) -> Iterable[tuple[int, int]]:
    """Dwellings offered under a contingent that are neither withdrawn nor counted anywhere."""
    signed = Sum(
        Case(
            When(
                dwelling__entries__kind=EntryKind.ACCEPTED, then=F("dwelling__entries__dwellings")
            ),
            When(
                dwelling__entries__kind=EntryKind.RETURNED, then=-F("dwelling__entries__dwellings")
            ),
            default=0,
        )
    )
    open_entries = (
        ContingentEntry.objects.filter(
            Q(dwelling__isnull=True) | Q(dwelling__withdrawn_on__isnull=True),
            contingent__in=contingents,
            kind=EntryKind.OFFERED,
        )
        .order_by()
        .values("pk", "contingent_id", "dwellings")
        .annotate(counted=signed)
        .filter(Q(counted=0) | Q(counted__isnull=True))
    )
    return open_entries.values_list("contingent_id", "dwellings")

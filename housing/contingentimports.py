"""Rows of lists about promises: agreed numbers, what was delivered, and the key behind them."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.access import Permission, Viewer
from accounts.models import Organisation
from housing import operations
from housing.contingentlists import CONTINGENTS, DELIVERIES, DISTRIBUTION_KEY
from housing.distribution import Key, Place, as_data
from housing.errors import Refused
from housing.imports import SOURCE, Region
from housing.lifecycle import ContingentKind, EntryKind
from housing.models import Contingent, ContingentEntry, RegionYear
from housing.operations import AgreedNumber, Delivered
from lists.importing import Difference, Given, Importer, Judged
from lists.lifecycle import RowOutcome
from lists.rows import Row
from lists.words import field_words
from regions.division import CannotDivide
from regions.models import Municipality

type Place3 = tuple[int, int, int]  # corporation, municipality, year


class _Promises:
    """What the ledger says now for the region: agreed and delivered per promise."""

    def __init__(self, by: Viewer, years: set[int]) -> None:
        self.kinds: dict[Place3, str] = {}
        self.agreed: dict[Place3, int] = {}
        self.delivered: dict[tuple[Place3, int], int] = {}
        places: dict[int, Place3] = {}
        for contingent in Contingent.objects.filter(
            region_id=by.region_id, year__in=years, target_group=""
        ):
            place = (contingent.corporation_id, contingent.municipality_id, contingent.year)
            places[contingent.pk] = place
            self.kinds[place] = contingent.kind
            self.agreed[place] = 0
        entries = ContingentEntry.objects.filter(contingent__in=places).order_by()
        for row in (
            entries.filter(kind=EntryKind.AGREED)
            .values("contingent_id")
            .annotate(total=Sum("dwellings"))
        ):
            self.agreed[places[row["contingent_id"]]] = row["total"]
        let = entries.filter(kind__in=[EntryKind.LET, EntryKind.CORRECTED])
        for contingent_id, on, dwellings in let.values_list("contingent_id", "on", "dwellings"):
            place = places[contingent_id]
            if on.year == place[2]:
                key = (place, (on.month + 2) // 3)
                self.delivered[key] = self.delivered.get(key, 0) + dwellings


def _years(rows: Sequence[Row]) -> set[int]:
    return {year for row in rows if (year := row.values.get("year"))}


def _names(
    municipality: Any, corporation: Any, region: Region
) -> tuple[Municipality, Organisation] | None:
    place = region.municipalities.get(str(municipality or ""))
    owner = region.corporation(corporation)
    return (place, owner) if place and owner else None


class ContingentImporter(Importer):
    """Agreed numbers per corporation and municipality; one row may hold several."""

    kind = CONTINGENTS
    permission = Permission.IMPORT_CONTINGENT

    def judge(self, rows: Sequence[Row], *, by: Viewer, given: Given) -> list[Judged]:
        region, promises = Region.of(by), _Promises(by, _years(rows))
        found = []
        for row in rows:
            judged = Judged(row, RowOutcome.UNCHANGED, self.subject(row), defects=row.defects)
            found.append(judged)
            numbers: list[AgreedNumber] = []
            differences = []
            for municipality, corporation, agreed in row.values.get("agreed") or ():
                names = _names(municipality, corporation, region)
                if names is None:
                    judged.set_aside("outside_region")
                    break
                place, owner = names
                key = (owner.pk, place.pk, row.values["year"])
                kind = promises.kinds.get(key, ContingentKind.TASK)
                numbers.append(AgreedNumber(owner, place, row.values["year"], agreed, kind=kind))
                before = promises.agreed.get(key)
                if before is None:
                    judged.outcome = RowOutcome.NEW
                elif before != agreed:
                    label = f"{place.name}, {owner.name}"
                    differences.append(Difference(label, str(before), str(agreed)))
            else:
                judged.facts = numbers
                judged.differences = tuple(differences)
                if differences and judged.outcome == RowOutcome.UNCHANGED:
                    judged.outcome = RowOutcome.CHANGED
        return found

    def write(self, judged: Sequence[Judged], *, by: Viewer, given: Given) -> None:
        numbers = [number for j in judged for number in j.facts]
        operations.agree_contingents(rows=numbers, by=by, source=SOURCE, on=given.reference_date)

    def subject(self, row: Row) -> str:
        names = (row.values.get(name) for name in ("municipality", "corporation", "year"))
        return " ".join(str(name) for name in names if name)


class DeliveryImporter(Importer):
    """What was delivered per quarter, brought to what the list says."""

    kind = DELIVERIES
    turn = 1
    permission = Permission.IMPORT_CONTINGENT

    def judge(self, rows: Sequence[Row], *, by: Viewer, given: Given) -> list[Judged]:
        region, promises = Region.of(by), _Promises(by, _years(rows))
        return [self._judge(row, region, promises, given) for row in rows]

    def _judge(self, row: Row, region: Region, promises: _Promises, given: Given) -> Judged:
        judged = Judged(row, RowOutcome.UNCHANGED, self.subject(row), defects=row.defects)
        values = row.values
        names = _names(values.get("municipality"), values.get("corporation"), region)
        if names is None:
            judged.set_aside("outside_region")
            return judged
        place, owner = names
        year = values["year"]
        key = (owner.pk, place.pk, year)
        deliveries, differences = [], []
        for quarter in (1, 2, 3, 4):
            told = (values.get("delivered") or {}).get(str(quarter))
            before = promises.delivered.get((key, quarter), 0)
            if told is None or told == before:
                continue
            on = _day_in(year, quarter, given.reference_date)
            if on is None:
                judged.set_aside("quarter_in_future", field_name=f"delivered.{quarter}")
                return judged
            deliveries.append(Delivered(on, told))
            label = field_words(DELIVERIES, f"delivered.{quarter}")
            differences.append(Difference(label, str(before), str(told)))
        if key not in promises.kinds:
            judged.outcome = RowOutcome.NEW
        elif deliveries:
            judged.outcome = RowOutcome.CHANGED
        judged.differences = tuple(differences)
        judged.facts = (owner, place, year, tuple(deliveries))
        return judged

    def write(self, judged: Sequence[Judged], *, by: Viewer, given: Given) -> None:
        # The agreed numbers may have come in with the same file: as they are now.
        promises = _Promises(by, {j.facts[2] for j in judged})
        numbers = []
        for owner, place, year, deliveries in (j.facts for j in judged):
            key = (owner.pk, place.pk, year)
            numbers.append(
                AgreedNumber(
                    owner,
                    place,
                    year,
                    promises.agreed.get(key, 0),
                    kind=promises.kinds.get(key, ContingentKind.TASK),
                    delivered=deliveries,
                )
            )
        operations.agree_contingents(rows=numbers, by=by, source=SOURCE, on=given.reference_date)

    def subject(self, row: Row) -> str:
        names = (row.values.get(name) for name in ("municipality", "corporation", "year"))
        return " ".join(str(name) for name in names if name)


def _day_in(year: int, quarter: int, reference_date: date) -> date | None:
    """The last day of a quarter that has passed; None for a quarter that has not begun."""
    month = 3 * quarter
    last = date(year, month, monthrange(year, month)[1])
    first = date(year, month - 2, 1)
    return min(last, reference_date) if first <= reference_date else None


class KeyImporter(Importer):
    """The distribution key: the basis per municipality, and the weights of each year."""

    kind = DISTRIBUTION_KEY
    # It divides what the agreed numbers add up to.
    turn = 2
    permission = Permission.IMPORT_CONTINGENT

    def judge(self, rows: Sequence[Row], *, by: Viewer, given: Given) -> list[Judged]:
        region = Region.of(by)
        basis = [row for row in rows if not row.part]
        weights = {row.values.get("year"): row for row in rows if row.part}
        known = {
            year.year: year.basis
            for year in RegionYear.objects.filter(region_id=by.region_id, year__in=_years(rows))
        }
        found: list[Judged] = []
        places = []
        for row in basis:
            judged = Judged(row, RowOutcome.NEW, self.subject(row), defects=row.defects)
            found.append(judged)
            place = region.municipalities.get(str(row.values.get("municipality") or ""))
            numbers = [row.values.get(name) for name in ("households", "social_dwellings")]
            if place is None:
                judged.set_aside("outside_region", field_name="municipality")
            elif None in numbers:
                name = "households" if numbers[0] is None else "social_dwellings"
                judged.set_aside("value_missing", field_name=name)
            else:
                households, social = (int(number or 0) for number in numbers)
                places.append(Place(place.code, place.name, households, social))
                judged.extra["place"] = places[-1]
        for year, row in weights.items():
            judged = Judged(row, RowOutcome.NEW, self.subject(row), defects=row.defects)
            found.append(judged)
            if not isinstance(year, int):
                judged.set_aside("year_missing")
            elif any(row.values.get(n) is None for n in ("households", "social_dwellings")):
                judged.set_aside("value_missing")
            else:
                judged.extra["weights"] = (
                    year,
                    Fraction(row.values["households"]),
                    Fraction(row.values["social_dwellings"]),
                )
        good = [j for j in found if j.outcome == RowOutcome.NEW]
        keys = [j.extra["weights"] for j in good if "weights" in j.extra]
        for judged in good:
            judged.facts = (keys, places)
            _compare(judged, known, keys)
        return found

    def write(self, judged: Sequence[Judged], *, by: Viewer, given: Given) -> None:
        keys, places = judged[0].facts
        for year, households, social in keys:
            now = RegionYear.objects.filter(region_id=by.region_id, year=year).first()
            total = now.agreed if now and now.agreed is not None else _total(by, year)
            if not total:
                raise Refused(
                    _("Nothing is agreed for %(year)s yet. Bring the agreed numbers first.")
                    % {"year": year}
                )
            basis = Key(total, places, households, social, _fixed(now, places))
            try:
                as_data(basis)
            except CannotDivide as fault:
                raise Refused(_("These numbers cannot be divided. Check the basis.")) from fault
            operations.set_region_year(
                year=year,
                kind=now.kind if now else ContingentKind.TASK,
                agreed=total,
                by=by,
                basis=basis,
            )

    def subject(self, row: Row) -> str:
        if row.part:
            return " ".join(str(x) for x in (_("weights"), row.values.get("year") or "") if x)
        return str(row.values.get("municipality") or "")


def _compare(
    judged: Judged,
    known: Mapping[int, Mapping[str, Any]],
    keys: Sequence[tuple[int, Fraction, Fraction]],
) -> None:
    """Whether the key of every year of the list holds this row already."""
    differences: tuple[Difference, ...]
    if "weights" in judged.extra:
        year, households, social = judged.extra["weights"]
        before = known.get(year) or {}
        if not before:
            return
        was = tuple(Fraction(before[n]) for n in ("weight_households", "weight_social"))
        same = was == (households, social)
        differences = (Difference(_("weights"), _shares(was), _shares((households, social))),)
    else:
        place = judged.extra["place"]
        held = [
            Place(**each)
            for year, *_rest in keys
            for each in (known.get(year) or {}).get("places", [])
            if each["code"] == place.code
        ]
        if len(held) < len(keys) or not keys:
            return
        same = all(each == place for each in held)
        differences = tuple(
            Difference(
                field_words(DISTRIBUTION_KEY, name),
                str(getattr(held[-1], name)),
                str(getattr(place, name)),
            )
            for name in ("households", "social_dwellings")
            if getattr(held[-1], name) != getattr(place, name)
        )
    judged.outcome = RowOutcome.UNCHANGED if same else RowOutcome.CHANGED
    judged.differences = () if same else differences


def _shares(weights: Sequence[Fraction]) -> str:
    return " / ".join(f"{round(float(weight) * 100)} %" for weight in weights)


def _total(by: Viewer, year: int) -> int:
    """What the corporations promised together."""
    found = ContingentEntry.objects.filter(
        contingent__region_id=by.region_id, contingent__year=year, kind=EntryKind.AGREED
    ).aggregate(total=Sum("dwellings"))["total"]
    return found or 0


def _fixed(now: RegionYear | None, places: Sequence[Place]) -> dict[str, int]:
    """Numbers that were agreed apart stay agreed apart."""
    before = (now.basis or {}).get("fixed", {}) if now else {}
    codes = {place.code for place in places}
    return {code: number for code, number in before.items() if code in codes}

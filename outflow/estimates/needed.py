"""Which homes and support the coming year asks for, and what one more dwelling a quarter brings."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from outflow.estimates.results import Band, Outlook, band_of
from outflow.models import EstimateRun
from regions.formats import SMALLEST_COUNT_SHOWN

What = Literal["form", "rent_class", "bedrooms", "accessible", "support", "hours"]

# Several forms may suit one person; beyond the most wanted they are taken together.
MOST_WANTED = 6
OTHER = "*"
UNKNOWN = ""
IN_ORDER = frozenset({"rent_class", "bedrooms"})


@dataclass(frozen=True, slots=True)
class Needed:
    """How many need a thing in the four whole quarters to come; None is fewer than can be named."""

    value: str
    becomes_ready: int | None
    needs_dwelling: int | None
    housed: int | None
    backlog: int | None

    @property
    def is_told(self) -> bool:
        """Whether any of the numbers is large enough to be named."""
        numbers = (self.becomes_ready, self.needs_dwelling, self.housed, self.backlog)
        return any(number is not None for number in numbers)


@dataclass(frozen=True, slots=True)
class Effect:
    """What one more dwelling a quarter of a kind changes, at the end of a quarter."""

    kind: dict[str, str]
    quarter_from: date
    backlog: Band | None
    housed: Band | None
    expected_days: Band | None

    @property
    def brings_nothing(self) -> bool:
        """Whether nobody is housed sooner in nine of ten futures."""
        changes = (self.backlog, self.housed)
        return all(band is None or not (band.low or band.high or band.likely) for band in changes)


def needed(outlook: Outlook, what: What) -> list[Needed]:
    """The coming year of the region per value, the most wanted first; rents and bedrooms rise."""
    found = {
        measure: _folded(
            {value: _year(outlook, measure, bands) for value, bands in by.items()}, what
        )
        for measure in ("becomes_ready", "needs_dwelling", "housed", "backlog")
        if (by := outlook.by(measure, what))
    }
    values = {value for by in found.values() for value in by}
    by_size = found.get("needs_dwelling") or found.get("becomes_ready") or {}
    return [
        Needed(
            value,
            *(
                _named(found.get(measure, {}).get(value))
                for measure in ("becomes_ready", "needs_dwelling", "housed", "backlog")
            ),
        )
        for value in sorted(values, key=lambda value: _place(value, what, by_size))
    ]


def hours_a_week(outlook: Outlook) -> int | None:
    """Guidance a week for everybody who becomes ready in the coming year, all together."""
    by = outlook.by("becomes_ready", "hours")
    return round(outlook.year_of(by["total"])) if "total" in by else None


def effects(run: EstimateRun, *, at: Iterable[date]) -> list[Effect]:
    """What one more dwelling a quarter brings, per kind, at the ends of these quarters."""
    kept: list[dict[str, Any]] = (
        EstimateRun.objects.filter(pk=run.pk).values_list("effects", flat=True).first() or []
    )
    found = []
    for row in kept:
        bands = _by_measure(row["measures"])
        for quarter in at:
            of = {measure: by.get(quarter) for measure, by in bands.items()}
            if any(of.values()):
                found.append(
                    Effect(
                        kind=row["kind"],
                        quarter_from=quarter,
                        backlog=of.get("backlog"),
                        housed=of.get("housed"),
                        expected_days=of.get("expected_days"),
                    )
                )
    return found


def _by_measure(rows: list[dict[str, Any]]) -> dict[str, dict[date, Band]]:
    found: dict[str, dict[date, Band]] = {}
    for row in rows:
        name = row.get("by", {}).get("waiting", row["measure"])
        band = band_of(row)
        if band is not None:
            found.setdefault(name, {})[band.quarter_from] = band
    return found


def _year(outlook: Outlook, measure: str, bands: list[Band]) -> float:
    """Of people who wait the end of the year counts, of everything else the whole year."""
    if measure != "backlog":
        return outlook.year_of(bands)
    last = [band.mean for band in bands if band.quarter_from == outlook.coming_year[-1]]
    return last[0] if last else 0.0


def _folded(found: dict[str, float], what: What) -> dict[str, float]:
    if what != "form" or len(found) <= MOST_WANTED + 1:
        return found
    by_size = sorted(found.items(), key=lambda item: (item[0] == UNKNOWN, -item[1], item[0]))
    kept = dict(by_size[:MOST_WANTED])
    rest = dict(by_size[MOST_WANTED:])
    if UNKNOWN in rest:
        kept[UNKNOWN] = rest.pop(UNKNOWN)
    return kept | {OTHER: sum(rest.values())}


def _place(value: str, what: What, by_size: dict[str, float]) -> tuple[bool, float, str]:
    if what in IN_ORDER:
        return (value == UNKNOWN, float(value) if value.isdecimal() else 0.0, value)
    return (value in (UNKNOWN, OTHER), -by_size.get(value, 0.0), value)


def _named(people: float | None) -> int | None:
    if people is None or round(people) < SMALLEST_COUNT_SHOWN:
        return None
    return round(people)

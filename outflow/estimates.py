"""Reads an estimate for a page: what was counted, what is expected, and how sure that is.

Forecasts are whole numbers; below the region a forecast of fewer than 10 people is not shown.
What was counted is rounded to 5, and a number below 10 stays unsaid, in the picture too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import TruncQuarter

from accounts.access import Permission, Viewer
from accounts.context import reading_for
from outflow.lifecycle import WAITING, FacilityType, Phase
from outflow.models import EstimateRun, Spell
from regions.formats import COUNTS_ROUND_TO, SMALLEST_COUNT_SHOWN
from regions.models import Municipality, RunState

QUARTERS_COUNTED = 8
QUARTERS_OF_A_YEAR = 4
STOCKS = frozenset({"backlog", "in_care"})
# What a page can show as a picture; the first is what it opens with.
SHOWN = ("becomes_ready", "housed", "backlog", "needs_dwelling")
COUNTABLE = frozenset({"becomes_ready", "housed", "backlog"})


@dataclass(frozen=True, slots=True)
class Band:
    """What is expected in a quarter; `mean` may be added up, the bounds may not."""

    quarter_from: date
    likely: int
    low: int
    high: int
    lowest: int
    highest: int
    mean: float


@dataclass(frozen=True, slots=True)
class Past:
    """People counted in a quarter; None where too few are there to be named."""

    quarter_from: date
    people: int | None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the region in the four whole quarters to come; None is fewer than can be named."""

    name: str
    becomes_ready: int | None
    needs_dwelling: int | None
    housed: int | None
    backlog: int | None


@dataclass(frozen=True, slots=True)
class Year:
    """A calendar year, or what the estimate holds of it, for the whole region."""

    from_on: date
    until_on: date
    becomes_ready: int
    needs_dwelling: int
    housed: int
    backlog: Band


@dataclass(frozen=True, slots=True)
class Trial:
    """How often the truth lay in the band when the estimate was made again at earlier days."""

    measure: str
    horizon: int
    in_band80: int
    in_band95: int
    trials: int
    off_by: float
    off_by_usual: float


class Outlook:
    """One estimate, found by measure and part of the region."""

    def __init__(self, run: EstimateRun) -> None:
        self.run = run
        self.as_of: date = run.as_of
        self.result: dict[str, Any] = run.result or {}
        self._bands: dict[tuple[str, str | None, str | None], list[Band]] = {}
        for row in self.result.get("series", ()):
            key = (row["measure"], row["municipality"], row["facility_type"])
            self._bands.setdefault(key, []).append(_band(row))
        for bands in self._bands.values():
            bands.sort(key=lambda band: band.quarter_from)

    @property
    def is_empty(self) -> bool:
        return not self._bands

    def bands(
        self, measure: str, *, municipality: str | None = None, facility_type: str | None = None
    ) -> list[Band]:
        """The quarters to come, of the whole region unless a part is named."""
        return self._bands.get((measure, municipality, facility_type), [])

    @property
    def whole_quarters(self) -> list[int]:
        """Positions of the next four quarters of which no day has passed."""
        first = [band.quarter_from for band in self.bands("becomes_ready")]
        whole = [number for number, start in enumerate(first) if start >= self.as_of]
        return whole[:QUARTERS_OF_A_YEAR]

    def years(self) -> list[Year]:
        """The region per calendar year."""
        waiting = self.bands("backlog")
        ready, needed, housed = (
            self.bands(measure) for measure in ("becomes_ready", "needs_dwelling", "housed")
        )
        found = []
        for year in sorted({band.quarter_from.year for band in waiting}):
            of_year = [n for n, band in enumerate(waiting) if band.quarter_from.year == year]
            first, last = waiting[of_year[0]], waiting[of_year[-1]]
            found.append(
                Year(
                    from_on=max(first.quarter_from, self.as_of),
                    until_on=quarter_after(last.quarter_from) - timedelta(days=1),
                    becomes_ready=round(sum(ready[n].mean for n in of_year)),
                    needs_dwelling=round(sum(needed[n].mean for n in of_year)),
                    housed=round(sum(housed[n].mean for n in of_year)),
                    backlog=last,
                )
            )
        return found

    def municipalities(self, unknown: str) -> list[Part]:
        """The coming year per municipality, by name; `unknown` is how no municipality is called."""
        codes = sorted({place for _m, place, kind in self._bands if place is not None and not kind})
        names = dict(Municipality.objects.filter(code__in=codes).values_list("code", "name"))
        parts = [self._part(names.get(code, code), code, None) for code in codes if code]
        parts.sort(key=lambda part: part.name)
        return parts + ([self._part(unknown, "", None)] if "" in codes else [])

    def facility_types(self) -> list[Part]:
        """The coming year per kind of care."""
        kinds = [kind for kind in FacilityType if self.bands("backlog", facility_type=kind.value)]
        return [self._part(str(kind.label), None, kind.value) for kind in kinds]

    def whole(self, name: str) -> Part:
        """The coming year of the region: not protected, as the other forecasts of a region."""
        return self._part(name, None, None, least=0)

    def _part(
        self, name: str, place: str | None, kind: str | None, *, least: int = SMALLEST_COUNT_SHOWN
    ) -> Part:
        def named(people: float) -> int | None:
            return round(people) if round(people) >= least else None

        def year_of(measure: str) -> int | None:
            bands = self.bands(measure, municipality=place, facility_type=kind)
            return named(sum(bands[n].mean for n in self.whole_quarters))

        waiting = self.bands("backlog", municipality=place, facility_type=kind)
        ends = self.whole_quarters
        return Part(
            name=name,
            becomes_ready=year_of("becomes_ready"),
            needs_dwelling=year_of("needs_dwelling"),
            housed=year_of("housed"),
            backlog=named(waiting[ends[-1]].likely) if waiting and ends else None,
        )

    def tested(self, measure: str) -> list[Trial]:
        """The trials on the past of one measure, the nearest quarter first."""
        return [
            Trial(
                measure=measure,
                horizon=row["horizon"],
                in_band80=round(row["coverage_80"] * row["n"]),
                in_band95=round(row["coverage_95"] * row["n"]),
                trials=row["n"],
                off_by=row["crps"],
                off_by_usual=row["crps_naive"],
            )
            for row in sorted(self.result.get("backtest", ()), key=lambda row: row["horizon"])
            if row["measure"] == measure
        ]


def last_done(viewer: Viewer) -> EstimateRun | None:
    """The estimate that counts now: the last one that succeeded."""
    return _runs(viewer).filter(state=RunState.DONE).order_by("-finished_at", "-pk").first()


def newest(viewer: Viewer) -> EstimateRun | None:
    """The run that was asked for last, whatever became of it; without its result."""
    runs = _runs(viewer).exclude(state=RunState.SUPERSEDED)
    return runs.defer("result").order_by("-requested_at", "-pk").first()


def counts(
    viewer: Viewer, measure: str, *, among: Iterable[str], as_of: date
) -> tuple[list[Past], dict[str, int]]:
    """What was counted: of one measure the eight quarters before the one that holds the day, and
    per measure `among` the people of that quarter before the day.
    """
    this_quarter = quarter_of(as_of)
    starts = quarters_before(this_quarter, QUARTERS_COUNTED)
    so_far: dict[str, int] = {}
    people: dict[date, int] = {}
    with reading_for(viewer.region_id, job="figures"):
        for each in sorted(COUNTABLE.intersection({measure, *among})):
            if each in STOCKS:
                people = _stocks(viewer.region_id, starts)
                continue
            found = _flows(viewer.region_id, each, starts[0], as_of)
            so_far[each] = found.get(this_quarter, 0)
            if each == measure:
                people = found
    if measure not in COUNTABLE:
        return [], so_far
    return [Past(start, shown_people(people.get(start, 0))) for start in starts], so_far


def with_so_far(bands: list[Band], counted: int) -> list[Band]:
    """The first quarter as a whole: what was counted of it already, and what is expected still."""
    if not bands or not counted:
        return bands
    first = bands[0]
    whole = Band(
        quarter_from=first.quarter_from,
        likely=first.likely + counted,
        low=first.low + counted,
        high=first.high + counted,
        lowest=first.lowest + counted,
        highest=first.highest + counted,
        mean=first.mean + counted,
    )
    return [whole, *bands[1:]]


def shown_people(count: int) -> int | None:
    """A count outside the own organisation: rounded to 5, and None below 10."""
    if count < SMALLEST_COUNT_SHOWN:
        return None
    return COUNTS_ROUND_TO * round(count / COUNTS_ROUND_TO)


def quarter_of(day: date) -> date:
    """The first day of the quarter that holds a day."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def quarter_after(start: date) -> date:
    """The first day of the next quarter."""
    return date(start.year + start.month // 10, (start.month + 2) % 12 + 1, 1)


def quarters_before(start: date, count: int) -> list[date]:
    """The first days of so many quarters before a quarter, the earliest first.

    >>> quarters_before(date(2026, 10, 1), 2)
    [datetime.date(2026, 4, 1), datetime.date(2026, 7, 1)]
    """
    found: list[date] = []
    while len(found) < count:
        start = quarter_of(start - timedelta(days=1))
        found.insert(0, start)
    return found


def _runs(viewer: Viewer) -> Any:
    return EstimateRun.objects.visible_to(viewer, Permission.SEE_ESTIMATE)


def _band(row: dict[str, Any]) -> Band:
    year, quarter = row["quarter"].split("Q")
    of = row["quantiles"]
    return Band(
        quarter_from=date(int(year), 3 * int(quarter) - 2, 1),
        likely=round(of["0.5"]),
        low=round(of["0.1"]),
        high=round(of["0.9"]),
        lowest=round(of["0.025"]),
        highest=round(of["0.975"]),
        mean=row["mean"],
    )


def _flows(region_id: int, measure: str, first: date, before: date) -> dict[date, int]:
    """People per quarter who became ready, or were housed, in [first, before)."""
    begun = Spell.objects.filter(
        client__region_id=region_id, from_on__gte=first, from_on__lt=before
    )
    if measure == "housed":
        begun = begun.filter(phase=Phase.HOUSED)
    else:
        # Back from an offer is not ready anew.
        waited = Spell.objects.filter(
            client=OuterRef("client"), phase__in=WAITING, until_on=OuterRef("from_on")
        )
        begun = begun.filter(~Exists(waited), phase=Phase.READY)
    counted = (
        begun.annotate(quarter=TruncQuarter("from_on"))
        .order_by()
        .values("quarter")
        .annotate(people=Count("client__person_id", distinct=True))
    )
    return {row["quarter"]: row["people"] for row in counted}


def _stocks(region_id: int, starts: Iterable[date]) -> dict[date, int]:
    """People who were ready or had an offer on the last day of each quarter."""
    ends = {f"q{number}": start for number, start in enumerate(starts)}

    def there(end: date) -> Count:
        lasted = Q(until_on__isnull=True) | Q(until_on__gte=end)
        return Count("client__person_id", distinct=True, filter=lasted & Q(from_on__lt=end))

    counted = Spell.objects.filter(client__region_id=region_id, phase__in=WAITING).aggregate(
        **{name: there(quarter_after(start)) for name, start in ends.items()}
    )
    return {start: counted[name] for name, start in ends.items()}

"""Reads an estimate for a page: what is expected, of which part of the region, how sure that is.

A result has tens of thousands of rows: the database picks the few that a page shows. Forecasts are
whole numbers; below the region one of fewer than 10 is not told.
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db.models import F, Field, Func, JSONField, Q, QuerySet, Value
from django.db.models.functions import Cast

from accounts.access import Permission, Viewer
from outflow.estimates.quarters import name_of, quarter_after, quarter_named, quarter_of
from outflow.lifecycle import FacilityType
from outflow.models import EstimateRun, NationalPicture
from regions.formats import SMALLEST_COUNT_SHOWN
from regions.models import Municipality, RunState

QUARTERS_OF_A_YEAR = 4
STOCKS = frozenset({"backlog", "in_care"})
MEASURES = ("becomes_ready", "housed", "backlog", "needs_dwelling")
# What lies further ahead is told per year.
QUARTERS_TOLD_APART = 8

# The part that is looked at, quarter by quarter; every other part in the coming year; and of the
# whole region what is needed and how long people wait.
ROWS = """$.series[*] ? (
    (!exists(@.by) && @.measure == $measures[*] && (
        (@.municipality == $place && @.facility_type == $kind)
        || (@.quarter == $year[*] && (@.facility_type == $kind || @.municipality == $place))))
    || (exists(@.by) && @.municipality == null && @.facility_type == $kind
        && (@.quarter == $year[*] || @.measure == "waiting")))"""


WHOLE_ROWS = """$.series[*] ? (@.measure == $measures[*]
    && @.municipality == null && @.facility_type == null && !exists(@.by))"""
ONE_ROW = """$.series[*] ? (@.measure == $measure && @.quarter == $quarter
    && @.municipality == null && @.facility_type == null && !exists(@.by))"""
ONE_OF_ALL = "$[*] ? (@.measure == $measure && @.quarter == $quarter)"

# The source of an assumption that no region has shown yet.
PUBLISHED = "published figures"

YEAR = 365
HALF_A_YEAR = 182
# Of fewer, one region could take its own numbers off and see another's.
FEWEST_REGIONS = 3


@dataclass(frozen=True, slots=True)
class Focus:
    """A part of the region: a municipality by its code, a kind of care, or both."""

    place: str | None = None
    kind: str | None = None

    @property
    def is_whole(self) -> bool:
        return self.place is None and self.kind is None


WHOLE_REGION = Focus()


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
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the region in the four whole quarters to come; None is fewer than can be named."""

    name: str
    focus: Focus
    becomes_ready: int | None
    needs_dwelling: int | None
    housed: int | None
    backlog: int | None


@dataclass(frozen=True, slots=True)
class Year:
    """A calendar year, or what the estimate holds of it; None is fewer than can be named."""

    from_on: date
    until_on: date
    becomes_ready: int | None
    needs_dwelling: int | None
    housed: int | None
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


@dataclass(frozen=True, slots=True)
class Said:
    """What an earlier estimate said."""

    as_of: date
    band: Band


@dataclass(frozen=True, slots=True)
class Together:
    """What so many regions together expect."""

    made_on: date
    regions: int
    band: Band


class Outlook:
    """One estimate, found by measure and part of the region.

    Parameters
    ----------
    run
        The run; its result is not read but asked for in parts.
    focus
        The part of the region that is looked at quarter by quarter.
    is_first
        Whether the first figures are meant, of few draws, while the whole is being made.
    """

    def __init__(
        self, run: EstimateRun, *, focus: Focus = WHOLE_REGION, is_first: bool = False
    ) -> None:
        self.run = run
        self.focus = focus
        self.is_first = is_first
        self.as_of: date = run.as_of
        self.coming_year = _whole_quarters(run.as_of)
        rows, self.facts = _read(run, focus, self.coming_year, is_first=is_first)
        self._bands: dict[tuple[str, str | None, str | None], list[Band]] = {}
        self._profiles: dict[tuple[str, str], dict[str, list[Band]]] = {}
        for row in rows:
            band = band_of(row)
            if band is None:
                continue
            if "by" in row:
                [(what, value)] = row["by"].items()
                of = self._profiles.setdefault((row["measure"], what), {})
                of.setdefault(str(value), []).append(band)
            else:
                key = (row["measure"], row["municipality"], row["facility_type"])
                self._bands.setdefault(key, []).append(band)
        by_need = [bands for of in self._profiles.values() for bands in of.values()]
        for bands in [*self._bands.values(), *by_need]:
            bands.sort(key=lambda band: band.quarter_from)

    @property
    def is_empty(self) -> bool:
        return not self.bands("becomes_ready")

    @property
    def leans_on(self) -> str:
        """What weighs more than the region's own past: "regions", "publications" or nothing."""
        codes = {row["code"] for row in self.facts.get("warnings", ())}
        if "from_national_priors" not in codes:
            return ""
        sources = {row["source"] for row in self.facts.get("assumptions", ())}
        return "publications" if PUBLISHED in sources else "regions"

    @property
    def trusts_a_plan(self) -> bool:
        """Whether the homes to come are those that were planned, taken as certain."""
        return any(row["name"] == "dwellings" for row in self.facts.get("assumptions", ()))

    def bands(self, measure: str, focus: Focus | None = None) -> list[Band]:
        """The quarters to come of the part in focus; of other parts the coming year only."""
        of = focus or self.focus
        return self._bands.get((measure, of.place, of.kind), [])

    def by(self, measure: str, what: str) -> dict[str, list[Band]]:
        """The coming year of the region per value of a need, such as a form or a support kind."""
        return self._profiles.get((measure, what), {})

    def waiting(self, what: str) -> list[Band]:
        """How long people wait, per quarter: a share or days, of the region."""
        return self.by("waiting", "waiting").get(what, [])

    def may_tell(self, people: float) -> bool:
        """Whether a forecast of the part in focus may be told: of a region always."""
        return self.focus.is_whole or round(people) >= SMALLEST_COUNT_SHOWN

    def years(self) -> list[Year]:
        """The part in focus per calendar year."""
        waiting = self.bands("backlog")
        found = []
        for year in sorted({band.quarter_from.year for band in waiting}):
            of_year = [n for n, band in enumerate(waiting) if band.quarter_from.year == year]
            first, last = waiting[of_year[0]], waiting[of_year[-1]]
            becomes_ready, needs_dwelling, housed = (
                self._told(sum(self.bands(measure)[n].mean for n in of_year))
                for measure in ("becomes_ready", "needs_dwelling", "housed")
            )
            found.append(
                Year(
                    from_on=max(first.quarter_from, self.as_of),
                    until_on=quarter_after(last.quarter_from) - timedelta(days=1),
                    becomes_ready=becomes_ready,
                    needs_dwelling=needs_dwelling,
                    housed=housed,
                    backlog=last,
                )
            )
        return found

    def municipalities(self, unknown: str) -> list[Part]:
        """The coming year per municipality, by name; `unknown` is how no municipality is called."""
        kind, names = self.focus.kind, self._names
        parts = [self.part(names[code], Focus(code, kind)) for code in names if code]
        parts.sort(key=lambda part: part.name)
        return parts + ([self.part(unknown, Focus("", kind))] if "" in names else [])

    @cached_property
    def _names(self) -> dict[str, str]:
        kind = self.focus.kind
        codes = {place for _m, place, of in self._bands if place is not None and of == kind}
        names = dict(Municipality.objects.filter(code__in=codes).values_list("code", "name"))
        return {code: names.get(code, code) for code in codes}

    def facility_types(self) -> list[Part]:
        """The coming year per kind of care."""
        return [
            self.part(str(kind.label), focus)
            for kind in FacilityType
            if self.bands("backlog", focus := Focus(self.focus.place, kind.value))
        ]

    def part(self, name: str, focus: Focus) -> Part:
        """The coming year of a part; of the whole region nothing is protected."""
        least = 0 if focus.is_whole else SMALLEST_COUNT_SHOWN

        def named(people: float) -> int | None:
            return round(people) if round(people) >= least else None

        def year_of(measure: str) -> int | None:
            return named(self.year_of(self.bands(measure, focus)))

        last = self.coming_year[-1]
        waiting = [b for b in self.bands("backlog", focus) if b.quarter_from == last]
        return Part(
            name=name,
            focus=focus,
            becomes_ready=year_of("becomes_ready"),
            needs_dwelling=year_of("needs_dwelling"),
            housed=year_of("housed"),
            backlog=named(waiting[0].likely) if waiting else None,
        )

    def year_of(self, bands: list[Band]) -> float:
        """What is expected on average in the four whole quarters to come."""
        return sum(band.mean for band in bands if band.quarter_from in self.coming_year)

    def _told(self, people: float) -> int | None:
        return round(people) if self.may_tell(people) else None

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
            for row in sorted(self.facts.get("backtest", ()), key=lambda row: row["horizon"])
            if row["measure"] == measure
        ]


def runs_of(viewer: Viewer) -> Any:
    """The runs of the viewer's region, without what they found: that is asked for in parts."""
    runs = EstimateRun.objects.visible_to(viewer, Permission.SEE_ESTIMATE)
    unread = runs.defer("result", "first_result", "effects")
    return unread.annotate(has_first=Q(first_result__isnull=False))


def last_done(viewer: Viewer) -> EstimateRun | None:
    """The estimate that counts now: the last one that succeeded; without its result."""
    return runs_of(viewer).filter(state=RunState.DONE).order_by("-finished_at", "-pk").first()


def newest(viewer: Viewer) -> EstimateRun | None:
    """The run that was asked for last, whatever became of it; without its result.

    `has_first` tells whether first figures stand ready while the whole is being made.
    """
    runs = runs_of(viewer).exclude(state=RunState.SUPERSEDED)
    return runs.order_by("-requested_at", "-pk").first()


def of_region(run: EstimateRun, *measures: str) -> dict[str, list[Band]]:
    """What a run says of these measures for the whole region, every quarter."""
    rows = _picked(
        EstimateRun.objects.filter(pk=run.pk), "result", WHOLE_ROWS, {"measures": measures}
    )
    found: dict[str, list[Band]] = {measure: [] for measure in measures}
    for row in rows:
        band = band_of(row)
        if band is not None:
            found[row["measure"]].append(band)
    for bands in found.values():
        bands.sort(key=lambda band: band.quarter_from)
    return found


def year_ago(viewer: Viewer, measure: str, *, quarter: date, as_of: date) -> Said | None:
    """What the estimate nearest to a year before a day said of a quarter of the whole region."""
    earlier = runs_of(viewer).filter(
        state=RunState.DONE,
        as_of__gt=as_of - timedelta(days=YEAR + HALF_A_YEAR),
        as_of__lt=as_of - timedelta(days=HALF_A_YEAR),
    )
    days = dict(earlier.values_list("pk", "as_of"))
    if not days:
        return None
    nearest = min(days, key=lambda pk: (abs((as_of - days[pk]).days - YEAR), -pk))
    rows = _picked(
        EstimateRun.objects.filter(pk=nearest),
        "result",
        ONE_ROW,
        {"measure": measure, "quarter": name_of(quarter)},
    )
    band = band_of(rows[0]) if rows else None
    return Said(days[nearest], band) if band else None


def nation(measure: str, *, quarter: date) -> Together | None:
    """What the regions together expect of a quarter; None when too few are in it."""
    picture = NationalPicture.objects.filter(regions__gte=FEWEST_REGIONS).defer("counts", "series")
    newest_one = picture.order_by("-made_on").first()
    if newest_one is None:
        return None
    rows = _picked(
        NationalPicture.objects.filter(pk=newest_one.pk),
        "series",
        ONE_OF_ALL,
        {"measure": measure, "quarter": name_of(quarter)},
    )
    band = band_of(rows[0]) if rows else None
    return Together(newest_one.made_on, newest_one.regions, band) if band else None


def band_of(row: dict[str, Any]) -> Band | None:
    """One row of a result as a band; None where no draw had anybody to tell it of."""
    of = row["quantiles"]
    if of["0.5"] is None:
        return None
    return Band(
        quarter_from=quarter_named(row["quarter"]),
        likely=round(of["0.5"]),
        low=round(of["0.1"]),
        high=round(of["0.9"]),
        lowest=round(of["0.025"]),
        highest=round(of["0.975"]),
        mean=row["mean"],
        at_least=bool(row.get("at_least", False)),
    )


class _JsonPath(Field):
    def db_type(self, connection: Any) -> str:
        return "jsonpath"


def _whole_quarters(as_of: date) -> list[date]:
    """The next four quarters of which no day has passed."""
    start = quarter_of(as_of)
    quarters = [start if start == as_of else quarter_after(start)]
    while len(quarters) < QUARTERS_OF_A_YEAR:
        quarters.append(quarter_after(quarters[-1]))
    return quarters


def _read(
    run: EstimateRun, focus: Focus, year: list[date], *, is_first: bool
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The rows that a page shows, and everything of a result that is no row."""
    field = "first_result" if is_first else "result"
    runs = EstimateRun.objects.filter(pk=run.pk)
    rest = Func(F(field), template="%(expressions)s - 'series'", output_field=JSONField())
    asked = {
        "measures": MEASURES,
        "place": focus.place,
        "kind": focus.kind,
        "year": [name_of(start) for start in year],
    }
    facts = runs.annotate(facts=rest).values_list("facts", flat=True).first()
    return _picked(runs, field, ROWS, asked), facts or {}


def _picked(
    records: QuerySet[Any], field: str, path: str, asked: dict[str, Any]
) -> list[dict[str, Any]]:
    """The parts of a JSON field of the one record that answer a path."""
    picked = Func(
        F(field),
        Cast(Value(path), _JsonPath()),
        Cast(Value(json.dumps(asked)), JSONField()),
        function="jsonb_path_query_array",
        output_field=JSONField(),
    )
    return records.annotate(picked=picked).values_list("picked", flat=True).first() or []

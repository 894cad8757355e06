"""The figures of the steering group, with the definition of each; people are protected by number.

Counts run under a database role that reaches no names and no care profiles. A person registered
twice counts once. Outside an organisation people are shown as "fewer than 10" or rounded to 5.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, Max, Min, Q, Sum

from accounts.access import Viewer
from accounts.context import reading_for
from housing.lifecycle import EntryKind
from housing.models import ContingentEntry, RegionYear
from outflow.estimates.results import Band as Forecast
from outflow.estimates.results import of_region
from outflow.lifecycle import IN_CARE, FacilityType, Phase
from outflow.models import Client, EstimateRun, Spell
from regions.clock import today
from regions.models import RunState
from regions.rules import rule

DAYS_IN_TIME = 91  # I3: housed within three months after becoming ready
LEAST_FOR_A_SHARE = 50
QUARTERS_AHEAD = 4


@dataclass(frozen=True, slots=True)
class Band:
    """People who wait between two numbers of months; `until` None is without an end."""

    from_months: int
    until_months: int | None
    people: int


@dataclass(frozen=True, slots=True)
class Promise:
    """What was agreed for a year and what became of it, in dwellings."""

    name: str
    agreed: int
    offered: int
    accepted: int
    let: int

    @property
    def to_go(self) -> int:
        return max(self.agreed - self.accepted, 0)


@dataclass(frozen=True, slots=True)
class Expected:
    """One quarter of the estimate."""

    first_day: date
    likely: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All that the overview shows, counted on one day."""

    on: date
    in_care: dict[str, int]
    waiting: list[Band]
    waiting_by_type: dict[str, int]
    housed_this_year: int
    housed_by_quarter: list[tuple[date, int]]
    in_time_percent: int | None
    promises: list[Promise]
    year_agreed: int | None
    year_raised: int
    year_kind: str
    estimate_as_of: date | None
    becomes_ready: list[Expected]
    will_be_housed: list[Expected]

    @property
    def people_waiting(self) -> int:
        return sum(band.people for band in self.waiting)

    @property
    def promised(self) -> int:
        return sum(promise.agreed for promise in self.promises)

    @property
    def booked(self) -> int:
        return sum(promise.accepted for promise in self.promises)


def count(viewer: Viewer) -> Figures:
    """Count the region's figures for whoever may see the overview."""
    day = today()
    bounds = rule(viewer.region_id, "waiting_bands_months", on=day)
    with reading_for(viewer.region_id, job="figures"):
        stock = _stock(viewer.region_id)
        waiting, by_type = _waiting(viewer.region_id, bounds, day)
        housed = _housed(viewer.region_id, day)
        in_time = _in_time_percent(viewer.region_id, day)
    promises, year = _promises(viewer.region_id, day.year)
    run = _last_estimate(viewer.region_id)
    expected = of_region(run, "becomes_ready", "housed") if run else {}
    return Figures(
        on=day,
        in_care=stock,
        waiting=waiting,
        waiting_by_type=by_type,
        housed_this_year=sum(n for first, n in housed if first.year == day.year),
        housed_by_quarter=housed,
        in_time_percent=in_time,
        promises=promises,
        year_agreed=year.agreed if year else None,
        year_raised=year.raised if year else 0,
        year_kind=year.get_kind_display() if year else "",
        estimate_as_of=run.as_of if run else None,
        becomes_ready=_expected(expected.get("becomes_ready", [])),
        will_be_housed=_expected(expected.get("housed", [])),
    )


def _stock(region_id: int) -> dict[str, int]:
    """I1: people in care per kind, each once."""
    rows = (
        Client.objects.filter(region_id=region_id)
        .with_phase()
        .filter(phase__in=[*IN_CARE, Phase.RELAPSE])
        .values_list("facility_type", "person_id")
        .distinct()
    )
    counted = Counter(kind for kind, _person in rows)
    return {str(kind.label): counted[kind.value] for kind in FacilityType}


def _waiting(region_id: int, bounds: list[int], day: date) -> tuple[list[Band], dict[str, int]]:
    """I2: people who are ready and not housed, by how long they wait."""
    rows = (
        Client.objects.filter(region_id=region_id)
        .waiting()
        .values("person_id", "facility_type")
        .annotate(since=Min("ready_on"))
    )
    longest: dict[int, int] = {}
    kinds: dict[int, str] = {}
    for row in rows:
        days = (day - row["since"]).days if row["since"] else 0
        longest[row["person_id"]] = max(longest.get(row["person_id"], 0), days)
        kinds[row["person_id"]] = row["facility_type"]
    edges = [0, *bounds]
    bands = []
    for index, start in enumerate(edges):
        end = edges[index + 1] if index + 1 < len(edges) else None
        people = sum(
            1
            for days in longest.values()
            if days >= start * 30.4375 and (end is None or days < end * 30.4375)
        )
        bands.append(Band(start, end, people))
    by_kind = Counter(kinds.values())
    return bands, {str(kind.label): by_kind[kind.value] for kind in FacilityType}


def _housed(region_id: int, day: date) -> list[tuple[date, int]]:
    """People housed per quarter, the last eight quarters up to now."""
    quarters = [_quarter_start(day)]
    while len(quarters) < 8:
        quarters.insert(0, _quarter_start(quarters[0] - timedelta(days=1)))
    starts = (
        Spell.objects.filter(
            client__region_id=region_id,
            phase=Phase.HOUSED,
            from_on__gte=quarters[0],
            from_on__lte=day,
        )
        .values_list("client__person_id", "from_on")
        .distinct()
    )
    counted = Counter(_quarter_start(from_on) for _person, from_on in set(starts))
    return [(first, counted[first]) for first in quarters]


def _in_time_percent(region_id: int, day: date) -> int | None:
    """I3: share of those housed in twelve months who waited at most three months."""
    housed = (
        Spell.objects.filter(
            client__region_id=region_id,
            phase=Phase.HOUSED,
            from_on__gt=day - timedelta(days=365),
            from_on__lte=day,
        )
        .annotate(
            ready=Max(
                "client__spells__from_on",
                filter=Q(
                    client__spells__phase__in=[Phase.READY],
                    client__spells__from_on__lte=F("from_on"),
                ),
            )
        )
        .values_list("from_on", "ready")
    )
    waits = [(moved - ready).days for moved, ready in housed if ready is not None]
    if len(waits) < LEAST_FOR_A_SHARE:
        return None
    return round(100 * sum(1 for days in waits if days <= DAYS_IN_TIME) / len(waits))


def _promises(region_id: int, year: int) -> tuple[list[Promise], RegionYear | None]:
    """I4: agreed, offered, accepted and let per corporation; dwellings are exact."""

    def of(*kinds: EntryKind) -> Sum:
        return Sum("dwellings", filter=Q(kind__in=kinds), default=0)

    rows = (
        ContingentEntry.objects.filter(contingent__region_id=region_id, contingent__year=year)
        .values(name=F("contingent__corporation__name"))
        .annotate(
            agreed=of(EntryKind.AGREED, EntryKind.MOVED_OVER, EntryKind.OVERRIDE),
            offered=of(EntryKind.OFFERED),
            accepted=of(EntryKind.ACCEPTED, EntryKind.CORRECTED) - of(EntryKind.RETURNED),
            let=of(EntryKind.LET),
        )
        .order_by("name")
    )
    return [Promise(**row) for row in rows], RegionYear.objects.filter(
        region_id=region_id, year=year
    ).first()


def _last_estimate(region_id: int) -> EstimateRun | None:
    """The last estimate of the region; its result is asked for in parts."""
    return (
        EstimateRun.objects.filter(region_id=region_id, state=RunState.DONE)
        .defer("result", "first_result", "effects")
        .order_by("-finished_at")
        .first()
    )


def _expected(bands: list[Forecast]) -> list[Expected]:
    """The next four quarters of the last estimate, for the whole region."""
    return [
        Expected(first_day=band.quarter_from, likely=band.likely, low=band.low, high=band.high)
        for band in bands[:QUARTERS_AHEAD]
    ]


def _quarter_start(day: date) -> date:
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)

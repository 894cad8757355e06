"""Reads scenarios for a page: what they change, and what that does beside the base.

The difference is worked out draw by draw, with the same people and the same luck, so it comes from
the changes alone. Below the region a number of people is not told under 10, nor a difference from
which it could be worked out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Func, JSONField, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTransform

from accounts.access import Permission, Viewer, may
from accounts.models import Organisation
from outflow.estimates.quarters import quarter_after
from outflow.estimates.results import QUARTERS_OF_A_YEAR, Band, band_of
from outflow.models import EstimateRun, Scenario, ScenarioResult
from outflow.querysets import ScenarioQuerySet
from outflow.scenarios.words import changes_in_words
from regions.formats import SMALLEST_COUNT_SHOWN
from regions.models import Municipality, RunState

Row = dict[str, Any]
WITHIN_3_MONTHS = ("waiting", "within_3_months")
# Of the long list of a result: the region as a whole, or each municipality beside it.
WITH_WAITING = '@.facility_type == null && (!exists(@.by) || @.measure == "waiting")'
OF_REGION = f"$.%s[*] ? ({WITH_WAITING} && @.municipality == null)"
OF_PLACES = f"$.%s[*] ? ({WITH_WAITING})"
RESULTS_NOT_READ = ("run__result", "run__first_result", "run__effects")


@dataclass(frozen=True, slots=True)
class Seen:
    """A scenario as its own organisation, or one it was shared with, sees it."""

    ref: UUID
    url: str
    name: str
    changes: list[str]
    owner: str
    is_own: bool
    may_change: bool
    shared_with: list[str]
    made_at: datetime
    is_archived: bool


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter without the changes, with them, and how much that differs."""

    quarter_from: date
    without: Band
    changed: Band
    difference: Band


@dataclass(frozen=True, slots=True)
class YearOf:
    """A calendar year, or what the estimate holds of it; `within_3_months` is a percentage."""

    from_on: date
    until_on: date
    becomes_ready: int
    housed: int
    backlog: Band
    within_3_months: int | None


@dataclass(frozen=True, slots=True)
class Pair:
    """A number of people without and with the changes; None is fewer than can be named."""

    without: int | None
    changed: int | None

    @property
    def difference(self) -> int | None:
        if self.without is None or self.changed is None:
            return None
        return self.changed - self.without


@dataclass(frozen=True, slots=True)
class Place:
    """What a scenario does in one municipality in the coming year."""

    name: str
    housed: Pair
    backlog: Pair


class Lines:
    """Rows of a result, found by measure and part of the region."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._bands: dict[tuple[str, str | None, tuple[str, str] | None], list[Band]] = {}
        for row in rows:
            by = next(iter((row.get("by") or {}).items()), None)
            key = (row["measure"], row["municipality"], by)
            band = band_of(row)
            if band is not None:
                self._bands.setdefault(key, []).append(band)
        for bands in self._bands.values():
            bands.sort(key=lambda band: band.quarter_from)

    def __bool__(self) -> bool:
        return bool(self._bands)

    def bands(
        self, measure: str, place: str | None = None, *, by: tuple[str, str] | None = None
    ) -> list[Band]:
        """The quarters to come, of the whole region unless a municipality is named."""
        return self._bands.get((measure, place, by), [])

    def places(self) -> set[str]:
        """The codes of the municipalities; "" where it is not known."""
        return {place for _measure, place, _by in self._bands if place is not None}

    def years(self, as_of: date) -> list[YearOf]:
        """The region per calendar year."""
        waiting = self.bands("backlog")
        ready, housed = self.bands("becomes_ready"), self.bands("housed")
        soon = self.bands("waiting", by=WITHIN_3_MONTHS)
        found = []
        for year in sorted({band.quarter_from.year for band in waiting}):
            of_year = [n for n, band in enumerate(waiting) if band.quarter_from.year == year]
            last = waiting[of_year[-1]]
            found.append(
                YearOf(
                    from_on=max(waiting[of_year[0]].quarter_from, as_of),
                    until_on=quarter_after(last.quarter_from) - timedelta(days=1),
                    becomes_ready=round(sum(ready[n].mean for n in of_year)),
                    housed=round(sum(housed[n].mean for n in of_year)),
                    backlog=last,
                    within_3_months=_share(
                        [band for band in soon if band.quarter_from.year == year], housed
                    ),
                )
            )
        return found


@dataclass(frozen=True)
class Answer:
    """What a run says about a scenario, beside the base of that same run."""

    run_ref: UUID
    as_of: date
    finished_at: datetime | None
    changes: list[dict[str, Any]]
    is_of_now: bool
    refused: dict[str, Any] | None
    base: Lines
    changed: Lines
    difference: Lines

    @property
    def coming_year(self) -> list[int]:
        """Positions of the next four quarters of which no day has passed."""
        quarters = self.difference.bands("backlog")
        whole = [n for n, band in enumerate(quarters) if band.quarter_from >= self.as_of]
        return whole[:QUARTERS_OF_A_YEAR]

    @property
    def waiting(self) -> Band | None:
        """How many more wait at the end of the coming year."""
        quarters = self.difference.bands("backlog")
        return quarters[self.coming_year[-1]] if self.coming_year else None

    @property
    def housed(self) -> int:
        """How many more move into a home in the coming year, on average."""
        quarters = self.difference.bands("housed")
        return round(sum(quarters[n].mean for n in self.coming_year))

    def quarters(self, measure: str) -> list[Quarter]:
        """Each quarter of the region, without and with the changes."""
        three = (lines.bands(measure) for lines in (self.base, self.changed, self.difference))
        return [
            Quarter(without.quarter_from, without, changed, difference)
            for without, changed, difference in zip(*three, strict=True)
        ]

    def years(self) -> list[tuple[YearOf, YearOf]]:
        """Each calendar year without and with the changes."""
        return list(zip(self.base.years(self.as_of), self.changed.years(self.as_of), strict=True))

    @property
    def makes_no_difference(self) -> bool:
        """Whether what the changes ask comes about anyway, in every future that was drawn."""
        return not any(
            band.lowest or band.highest or band.mean
            for measure in ("becomes_ready", "housed", "backlog")
            for band in self.difference.bands(measure)
        )

    def municipalities(self, unknown: str) -> list[Place]:
        """The coming year per municipality, by name; `unknown` is how no municipality is called."""
        codes = self.base.places() & self.changed.places()
        names = names_of(codes)
        found = [self._place(names.get(code, code), code) for code in codes if code]
        found.sort(key=lambda place: place.name)
        return found + ([self._place(unknown, "")] if "" in codes else [])

    def _place(self, name: str, code: str) -> Place:
        both = (self.base, self.changed)
        year = self.coming_year
        waiting = [lines.bands("backlog", code) for lines in both]
        homes = [lines.bands("housed", code) for lines in both]
        return Place(
            name=name,
            housed=Pair(*(_named(sum(bands[n].mean for n in year)) for bands in homes)),
            backlog=Pair(*(_named(bands[year[-1]].likely) if year else None for bands in waiting)),
        )


@dataclass(frozen=True)
class Comparison:
    """The base and several scenarios of one and the same run."""

    as_of: date
    finished_at: datetime | None
    base: Lines
    answers: list[tuple[Scenario, Answer]]
    refused: list[tuple[Scenario, Answer]]
    missing: list[Scenario]


def visible(viewer: Viewer) -> ScenarioQuerySet:
    """The scenarios of the own organisation and those that others share with it."""
    seen = Scenario.objects.visible_to(viewer, Permission.SEE_SCENARIOS)
    return seen.select_related("owner").prefetch_related("shared_with")


def see(scenarios: Iterable[Scenario], viewer: Viewer, names: dict[str, str]) -> list[Seen]:
    """Only its own organisation is told who else sees a scenario, and may change it."""
    found = []
    for scenario in scenarios:
        is_own = scenario.owner_id == viewer.organisation_id
        found.append(
            Seen(
                ref=scenario.ref,
                url=scenario.get_absolute_url(),
                name=scenario.name,
                changes=changes_in_words(scenario.changes, names),
                owner=scenario.owner.name,
                is_own=is_own,
                may_change=is_own and may(viewer, Permission.MAKE_SCENARIO),
                shared_with=[party.name for party in _parties(scenario)] if is_own else [],
                made_at=scenario.made_at,
                is_archived=scenario.archived_at is not None,
            )
        )
    return found


def place_names(region_id: int) -> dict[str, str]:
    """The names of the region's municipalities by code."""
    return dict(Municipality.objects.filter(region=region_id).values_list("code", "name"))


def names_of(codes: Iterable[str]) -> dict[str, str]:
    """The names of municipalities by code: people of a region may come from outside it."""
    return dict(Municipality.objects.filter(code__in=codes).values_list("code", "name"))


def runs_under_way(viewer: Viewer) -> list[EstimateRun]:
    """The runs of the region that wait or compute, the first that was asked for first."""
    unfinished = _runs(viewer).filter(state__in=[RunState.QUEUED, RunState.RUNNING])
    return list(unfinished.order_by("requested_at", "pk"))


def asks_for(run: EstimateRun, scenario: Scenario) -> bool:
    """Whether a run computes a scenario with the changes as they are now."""
    return _question(scenario) in run.parameters.get("scenarios", [])


def run_of(scenario: Scenario, viewer: Viewer) -> EstimateRun | None:
    """The run that computes a scenario as it is now, or the last one that did or failed to."""
    for run in runs_under_way(viewer):
        if asks_for(run, scenario):
            return run
    asked = _runs(viewer).filter(parameters__scenarios__contains=[_question(scenario)])
    finished = asked.filter(state__in=[RunState.DONE, RunState.FAILED])
    return finished.order_by("-finished_at", "-pk").first()


def short_answers(scenarios: Sequence[Scenario]) -> dict[int, Answer]:
    """For a list: the last answer to each scenario, by key, with the difference only."""
    results = _last_results(scenarios).annotate(difference=_picked("result", "difference"))
    by_key = {scenario.pk: scenario for scenario in scenarios}
    return {
        result.scenario_id: _answer(by_key[result.scenario_id], result, [], [], result.difference)
        for result in results
    }


def answer(scenario: Scenario) -> Answer | None:
    """For its page: the last answer to a scenario, beside the base, with the municipalities."""
    result = _with_rows(_last_results([scenario]), OF_PLACES).first()
    return None if result is None else _whole(scenario, result)


def compare(scenarios: Sequence[Scenario]) -> Comparison | None:
    """Answers of one run: the last one that answered most of these scenarios."""
    done = ScenarioResult.objects.filter(scenario__in=scenarios, run__state=RunState.DONE)
    per_run = done.values("run_id", "run__finished_at").annotate(answered=Count("scenario"))
    best = per_run.order_by("-answered", "-run__finished_at", "-run_id").first()
    if best is None:
        return None
    results = _with_rows(_lean(done.filter(run=best["run_id"])), OF_REGION)
    found = {result.scenario_id: result for result in results}
    answers = [(each, _whole(each, found[each.pk])) for each in scenarios if each.pk in found]
    first = answers[0][1]
    return Comparison(
        as_of=first.as_of,
        finished_at=first.finished_at,
        base=first.base,
        answers=[(each, answer) for each, answer in answers if answer.waiting is not None],
        refused=[(each, answer) for each, answer in answers if answer.waiting is None],
        missing=[each for each in scenarios if each.pk not in found],
    )


def _runs(viewer: Viewer) -> Any:
    runs = EstimateRun.objects.visible_to(viewer, Permission.SEE_ESTIMATE)
    return runs.defer("result", "first_result", "effects")


def _question(scenario: Scenario) -> dict[str, Any]:
    """A scenario as a run is asked it."""
    return {"ref": str(scenario.ref), "changes": scenario.changes}


def _parties(scenario: Scenario) -> list[Organisation]:
    return sorted(scenario.shared_with.all(), key=lambda party: party.name)


def _last_results(scenarios: Sequence[Scenario]) -> Any:
    """The newest answer to each scenario; the long lists are picked from these rows only."""
    newest = (
        ScenarioResult.objects.filter(scenario__in=scenarios, run__state=RunState.DONE)
        .order_by("scenario_id", "-run__finished_at", "-run_id")
        .distinct("scenario_id")
        .values("pk")
    )
    return _lean(ScenarioResult.objects.filter(pk__in=list(newest.values_list("pk", flat=True))))


def _lean(results: Any) -> Any:
    """Without the long lists of the run and of the scenario, with the reason of a refusal."""
    lean = results.select_related("run").defer("result", *RESULTS_NOT_READ)
    return lean.annotate(refused=KeyTransform("refused", "result"))


def _with_rows(results: Any, path: str) -> Any:
    return results.annotate(
        base=_picked("run__result", "series", path),
        changed=_picked("result", "series", path),
        difference=_picked("result", "difference", path),
    )


def _picked(field: str, part: str, path: str = OF_REGION) -> Combinable:
    """The rows that a page needs, picked by the database from thousands."""
    return Func(
        F(field),
        Value(path % part),
        template="jsonb_path_query_array(%(expressions)s::jsonpath)",
        output_field=JSONField(),
    )


def _whole(scenario: Scenario, result: Any) -> Answer:
    return _answer(scenario, result, result.base, result.changed, result.difference)


def _answer(
    scenario: Scenario,
    result: Any,
    base: Iterable[Row],
    changed: Iterable[Row],
    difference: Iterable[Row],
) -> Answer:
    return Answer(
        run_ref=result.run.ref,
        as_of=result.run.as_of,
        finished_at=result.run.finished_at,
        changes=result.changes,
        is_of_now=result.changes == scenario.changes,
        refused=result.refused,
        base=Lines(base),
        changed=Lines(changed),
        difference=Lines(difference),
    )


def _named(people: float) -> int | None:
    return round(people) if round(people) >= SMALLEST_COUNT_SHOWN else None


def _share(shares: list[Band], housed: list[Band]) -> int | None:
    """The share of a year: a quarter counts for as many as move in it."""
    movers = {band.quarter_from: band.mean for band in housed}
    people = sum(movers[band.quarter_from] for band in shares)
    if not people:
        return None
    return round(sum(band.mean * movers[band.quarter_from] for band in shares) / people)

"""Scenarios and runs that answered them, for the tests of scenarios."""

import re
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.access import Viewer
from accounts.context import acting_as
from outflow.models import EstimateRun, Scenario, ScenarioResult
from outflow.operations.scenarios import make_scenario
from regions.models import RunState

AS_OF = date(2026, 11, 22)
QUANTILES = ("0.025", "0.1", "0.25", "0.5", "0.75", "0.9", "0.975")
MORE_HOMES = [{"what": "contingent", "how": "times", "value": 1.2}]
FASTER = [{"what": "readiness", "how": "times", "value": 1.2, "from": "2027Q1"}]


def make(viewer: Viewer, name: str = "More homes", changes: Any = None) -> Scenario:
    with acting_as(viewer):
        return make_scenario(name=name, changes=changes or MORE_HOMES, by=viewer)


def page(name: str, *scenario: Scenario) -> str:
    return reverse(f"outflow:{name}", args=[each.ref for each in scenario])


def text_of(response: Any) -> str:
    html = response.content.decode().replace('<span class="wt-sub">', " ")
    plain = re.sub(r"<[^>]+>", "", html)
    return re.sub(r"\s+", " ", plain.replace("\N{NO-BREAK SPACE}", " "))


def quarters(count: int = 9) -> list[str]:
    """From the last of 2026 on."""
    return [f"{2026 + (3 + n) // 4}Q{(3 + n) % 4 + 1}" for n in range(count)]


def row(measure: str, quarter: str, likely: int, spread: int = 0, **part: Any) -> dict[str, Any]:
    by = dict(zip(QUANTILES, (-1.2, -1, -0.5, 0, 0.5, 1, 1.2), strict=True))
    return {
        "region": "r",
        "municipality": part.pop("municipality", None),
        "facility_type": None,
        "measure": measure,
        "quarter": quarter,
        "mean": float(likely),
        "quantiles": {name: round(likely + spread * at) for name, at in by.items()},
        **part,
    }


def rows(numbers: dict[str, int], spread: int = 0, **part: Any) -> list[dict[str, Any]]:
    return [
        row(measure, quarter, likely, spread, **part)
        for measure, likely in numbers.items()
        for quarter in quarters()
    ]


NOW = {"becomes_ready": 30, "housed": 25, "backlog": 120}
CHANGED = {"becomes_ready": 30, "housed": 28, "backlog": 108}
DIFFERENCE = {"becomes_ready": 0, "housed": 3, "backlog": -12}


def computed(
    scenario: Scenario,
    *,
    run: EstimateRun | None = None,
    changed: dict[str, int] = CHANGED,
    difference: dict[str, int] = DIFFERENCE,
    places: dict[str, tuple[int, int]] | None = None,
    changes: Any = None,
) -> EstimateRun:
    """A run that answered the scenario; `places` gives who waits now and with it, by code."""
    base, series = rows(NOW, 20), rows(changed, 20)
    for code, (without, with_it) in (places or {}).items():
        base += rows({"housed": 3, "backlog": without}, municipality=code)
        series += rows({"housed": 4, "backlog": with_it}, municipality=code)
    if run is None:
        run = EstimateRun.objects.create(
            region=scenario.region,
            state=RunState.DONE,
            as_of=AS_OF,
            finished_at=timezone.now(),
            result={"series": base},
            core_version="2.0.0",
        )
    ScenarioResult.objects.create(
        run=run,
        scenario=scenario,
        changes=scenario.changes if changes is None else changes,
        result={"series": series, "difference": rows(difference, 7)},
    )
    return run

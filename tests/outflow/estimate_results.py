"""Results of the estimator as a page reads them, small and with numbers one can follow."""

import re
from datetime import date
from typing import Any

from django.utils import timezone

from outflow.models import EstimateRun
from regions.models import RunState

AS_OF = date(2026, 10, 1)
QUANTILES = ("0.025", "0.1", "0.25", "0.5", "0.75", "0.9", "0.975")
SPREAD = (-9, -6, -3, 0, 3, 7, 10)
MEASURES = ("becomes_ready", "housed", "backlog", "needs_dwelling")


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode()))


def quarters(count: int = 8) -> list[str]:
    """Quarters from the last of 2026 on."""
    return [f"{2026 + (3 + n) // 4}Q{(3 + n) % 4 + 1}" for n in range(count)]


def quantiles(likely: int, spread: tuple[int, ...] = SPREAD, least: int = 0) -> dict[str, int]:
    return {name: max(likely + by, least) for name, by in zip(QUANTILES, spread, strict=True)}


def row(measure: str, quarter: str, likely: int, **part: Any) -> dict[str, Any]:
    made = {
        "region": "r",
        "municipality": part.get("municipality"),
        "facility_type": part.get("facility_type"),
        "measure": measure,
        "quarter": quarter,
        "mean": likely + 0.4,
        "quantiles": quantiles(likely),
    }
    if "by" in part:
        made["by"] = part["by"]
    if part.get("at_least"):
        made["at_least"] = True
    return made


def rows_of(likely: int, *, ahead: int = 8, **part: Any) -> list[dict[str, Any]]:
    """Every measure and quarter of one part."""
    return [row(m, q, likely, **part) for m in MEASURES for q in quarters(ahead)]


def rows_by(what: str, **numbers: int) -> list[dict[str, Any]]:
    """Every measure and quarter of the region for values of a need; `_` stands for unknown."""
    return [
        made
        for value, likely in numbers.items()
        for made in rows_of(likely, by={what: "" if value == "_" else value.lstrip("n")})
    ]


def rows_of_waits(
    days: int, *, open_from: int = 99, ahead: int = 8, share: int = 40, **part: Any
) -> list[dict[str, Any]]:
    """Waiting times; from quarter `open_from` on more than half are not housed in the estimate."""
    found = []
    for number, quarter in enumerate(quarters(ahead)):
        is_open = number >= open_from
        for name, likely in (
            ("expected_days", days),
            ("median_days", days - 30),
            ("within_3_months", share),
        ):
            at_least = is_open and name == "expected_days"
            by = {"waiting": name}
            found.append(row("waiting", quarter, likely, by=by, at_least=at_least, **part))
    return found


def an_effect(kind: dict[str, str], fewer: int, days: int = 0) -> dict[str, Any]:
    """One more dwelling a quarter of a kind takes so many from the backlog, in every quarter."""
    spread = (-3, -2, -1, 0, 1, 2, 3) if fewer else (0,) * 7
    measures = [
        {
            "measure": measure,
            "quarter": quarter,
            "mean": float(likely),
            "quantiles": quantiles(likely, spread, least=-99),
            **({"by": by} if by else {}),
        }
        for quarter in quarters()
        for measure, likely, by in (
            ("backlog", -fewer, None),
            ("housed", 1 if fewer else 0, None),
            ("waiting", -days, {"waiting": "expected_days"}),
        )
    ]
    return {"region": "r", "kind": kind, "extra_per_quarter": 1, "measures": measures}


def a_result(likely: int = 37, *, more: Any = (), ahead: int = 8, **parts: int) -> dict[str, Any]:
    """A region with `likely` everywhere; `parts` are CBS codes with their own number."""
    series = rows_of(likely, ahead=ahead)
    for code, number in parts.items():
        series += rows_of(number, ahead=ahead, municipality=code)
    return {
        "series": [*series, *more],
        "draws": 500,
        "assumptions": [
            {"name": "register_start", "value": "2018-01-02", "source": "the first end of a spell"},
            {"name": "arrivals_per_quarter:r", "value": 60.49, "source": "spells"},
            {"name": "dwellings_planned_until", "value": "2028Q3", "source": "supply"},
        ],
        "warnings": [{"code": "gap", "count": 4, "rows": [2], "message": "x"}],
        "backtest": [
            {
                "measure": "becomes_ready",
                "horizon": 1,
                "coverage_80": 0.875,
                "coverage_95": 1.0,
                "crps": 2.0,
                "crps_naive": 2.5,
                "n": 8,
            }
        ],
    }


def make_run(world, **facts: Any) -> EstimateRun:
    values = {
        "region": world.region,
        "state": RunState.DONE,
        "as_of": AS_OF,
        "finished_at": timezone.now(),
        "result": a_result(),
        "core_version": "1.0.0",
        **facts,
    }
    return EstimateRun.objects.create(**values)

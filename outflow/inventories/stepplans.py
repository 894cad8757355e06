"""The step plan of a region: its inventory and promises put into the step plan's own arithmetic.

The sum starts from the numbers as the page tells them (rounded to 5, fewer than 10 taken as 5): so
anybody can do it again with a pencil, and nobody can be recognised in what comes out.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db.models import Sum

from outflow.estimation.stepplan import (
    YEARS_OF_RELAPSE,
    Assumptions,
    Year,
    part_of_stock,
    step_plan,
)
from outflow.inventories.counts import Inventory, moved_in_years
from outflow.inventories.definitions import Definitions
from outflow.models import PlannedSupply
from regions.clock import today
from regions.division import largest_remainder
from regions.formats import SMALLEST_COUNT_SHOWN, months_after, to_five
from regions.models import Municipality

QUARTERS = 4
FEWEST_YEARS, MOST_YEARS = 2, 5
TAKEN_FOR_FEWER = SMALLEST_COUNT_SHOWN // 2


@dataclass(frozen=True, slots=True)
class Shares:
    """The share of each municipality in the homes of a year, as a fraction of 1, by CBS code.

    `are_agreed` tells the region's own agreement from the dwellings that were planned in the four
    quarters that begin on `first`.
    """

    first: date
    are_agreed: bool
    by_code: Mapping[str, Fraction]
    planned: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the step plan counts for a region, and what it was counted from."""

    years: list[Year]
    first_days: list[date]
    first_quarters: list[date]
    backlog_before: int
    maximum: list[int]
    is_promised: bool
    moved_before: tuple[int, int]
    people_per_dwelling: Fraction
    in_care: int
    one_third: int
    shares: Shares
    # One mapping a year: CBS code -> its part of the year's task.
    parts: list[Mapping[str, int]]


def told(count: int) -> int:
    """The number as the page tells it, for a sum that others can do again."""
    if count < SMALLEST_COUNT_SHOWN:
        return TAKEN_FOR_FEWER
    return to_five(count)


def plan_of(region_id: int, inventory: Inventory) -> Plan:
    """Count the years to come for everybody in the inventory."""
    definitions = inventory.definitions
    years = _years(definitions)
    first_days = [months_after(inventory.on, 12 * number) for number in range(years)]
    promised = _promised(region_id, inventory.on, years)
    backlog = told(len(inventory.homes_of_ready))
    moved = moved_in_years(region_id, before=inventory.on, years=YEARS_OF_RELAPSE)
    moved_before = (told(moved[0]), told(moved[1]))
    together = _people_per_dwelling(inventory)
    counted = step_plan(
        [told(people) for people in inventory.becoming_ready(years)],
        promised or [0] * years,
        backlog=backlog,
        moved_before=moved_before,
        assume=Assumptions(
            own_home=definitions.own_home.share,
            other_care=definitions.other_care.share,
            relapse=definitions.relapse.share,
            people_per_dwelling=together,
        ),
    )
    in_care = told(len(inventory.people))
    shares = shares_of(region_id, definitions, on=inventory.on)
    first = _quarter(inventory.on) + 1
    return Plan(
        years=counted,
        first_days=first_days,
        first_quarters=[_first_day(first + QUARTERS * number) for number in range(years)],
        backlog_before=backlog,
        maximum=promised,
        is_promised=bool(promised),
        moved_before=moved_before,
        people_per_dwelling=together,
        in_care=in_care,
        one_third=part_of_stock(in_care),
        shares=shares,
        parts=[
            largest_remainder(year.task, shares.by_code) if shares.by_code else {}
            for year in counted
        ],
    )


def shares_of(region_id: int, definitions: Definitions, *, on: date) -> Shares:
    """The agreed share of each municipality, else its share of the dwellings planned next.

    Those are planned in the four whole quarters after the one that holds the day. Where the plan
    of today cannot tell them, they are the first four that it can.
    """
    rows = (
        PlannedSupply.objects.filter(region_id=region_id, municipality__isnull=False)
        .order_by()
        .values_list("municipality__code", "quarter_from", "dwellings")
    )
    by_place: dict[str, dict[int, int]] = {}
    for code, quarter, dwellings in rows:
        by_place.setdefault(code, {})[_quarter(quarter)] = dwellings
    known = {quarter for plan in by_place.values() for quarter in plan}
    first = _quarter(on) + 1
    if _running() in (quarters := _told_by(known, first, QUARTERS)):
        first = _running() + 1
        quarters = _told_by(known, first, QUARTERS)
    if _running() in quarters:
        quarters = []
    counted = {code: sum(plan.get(each, 0) for each in quarters) for code, plan in by_place.items()}
    planned = counted if quarters else {}
    inside = set(Municipality.objects.filter(region_id=region_id).values_list("code", flat=True))
    agreed = {
        code: Fraction(part) for code, part in definitions.agreed_shares.items() if code in inside
    }
    weights = agreed or {code: Fraction(number) for code, number in planned.items()}
    whole = sum(weights.values(), Fraction())
    by_code = {code: weight / whole for code, weight in weights.items()} if whole else {}
    return Shares(_first_day(first), bool(agreed), by_code, planned)


def _years(definitions: Definitions) -> int:
    """As many years as the term bands look ahead."""
    last = max(definitions.term_months, default=0)
    return min(max(-(-last // 12), FEWEST_YEARS), MOST_YEARS)


def _promised(region_id: int, on: date, years: int) -> list[int]:
    """Dwellings planned for each year: four whole quarters after the one that holds the day.

    Empty when the plan cannot tell all of these quarters.
    """
    rows = (
        PlannedSupply.objects.filter(region_id=region_id)
        .order_by()
        .values("quarter_from")
        .annotate(number=Sum("dwellings"))
    )
    planned = {_quarter(row["quarter_from"]): row["number"] for row in rows}
    quarters = _told_by(planned, _quarter(on) + 1, QUARTERS * years)
    if _running() in quarters:
        return []
    numbers = [planned.get(each, 0) for each in quarters]
    return [sum(numbers[start : start + QUARTERS]) for start in range(0, len(numbers), QUARTERS)]


def _told_by(planned: Collection[int], first: int, many: int) -> list[int]:
    """The quarters of the plan that tell what comes in so many quarters.

    After its last quarter the last year goes on, as in the estimate. None when the plan says
    nothing about the first.
    """
    if not planned or not min(planned) <= first <= max(planned):
        return []
    last = max(planned)
    return [
        each - max(-(-(each - last) // QUARTERS) * QUARTERS, 0)
        for each in range(first, first + many)
    ]


def _running() -> int:
    """The quarter of today.

    For the estimate the plan holds a whole quarter's worth of what is left of it, and so more
    homes than there are: it is never counted here.
    """
    return _quarter(today())


def _quarter(day: date) -> int:
    """Quarters counted on from the year 0."""
    return QUARTERS * day.year + (day.month - 1) // 3


def _first_day(quarter: int) -> date:
    year, number = divmod(quarter, QUARTERS)
    return date(year, 3 * number + 1, 1)


def _people_per_dwelling(inventory: Inventory) -> Fraction:
    """How many of the people counted share a home, in hundredths; one where nobody is counted."""
    if not inventory.homes:
        return Fraction(1)
    return Fraction(round(100 * len(inventory.people) / len(inventory.homes)), 100)

"""Promised dwellings per municipality and quarter, from the ledger, for the estimate.

A year's promise is thought to come evenly. Of this year what is still to come is spread over what
is left of it: dwellings already counted, or proposed to somebody, do not come again. A next year
that nobody signed yet is thought to be promised like this one.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date

from django.db.models import Sum

from accounts.context import reading_for
from housing.lifecycle import EntryKind
from housing.models import Contingent, ContingentEntry, Proposal
from outflow.operations import plan_supply
from regions.clock import today
from regions.models import Region

QUARTERS = 4
# At the end of a year what is left of the promise does not all come in the last days.
LEAST_QUARTERS_LEFT = 1 / 3


def plan_from_contingents(*, region: Region, on: date | None = None) -> int:
    """Write what is promised as planned supply; returns how many numbers changed. A job."""
    day = on or today()
    with reading_for(region.pk, job="match"):
        agreed = _agreed(region, day.year)
        next_year = _agreed(region, day.year + 1) or agreed
        to_come = _to_come(region, day, agreed)
    numbers = {
        (municipality, first): dwellings
        for year, promised in ((day.year, agreed), (day.year + 1, next_year))
        for municipality in {*agreed, *next_year}
        for first, dwellings in zip(
            _firsts(year), _evenly(promised.get(municipality, 0)), strict=True
        )
    }
    numbers |= {
        (municipality, first): dwellings
        for municipality, left in to_come.items()
        for first, dwellings in _rest_of_year(left, day).items()
    }
    return plan_supply(region=region, numbers=numbers, by=None) if numbers else 0


def _agreed(region: Region, year: int) -> dict[int | None, int]:
    rows = (
        Contingent.objects.filter(region=region, year=year)
        .order_by()
        .values_list("municipality_id")
        .annotate(total=Sum("ceiling"))
    )
    return dict(rows)


def _to_come(region: Region, day: date, agreed: Mapping[int | None, int]) -> dict[int | None, int]:
    booked: dict[int | None, int] = defaultdict(int)
    contingents = Contingent.objects.filter(region=region, year=day.year)
    for municipality, number in contingents.order_by().values_list("municipality_id", "booked"):
        booked[municipality] += number
    counted = ContingentEntry.objects.filter(kind=EntryKind.ACCEPTED, proposal__isnull=False)
    proposed = Counter(
        Proposal.objects.live()
        .filter(region=region, contingent__in=contingents)
        .exclude(pk__in=counted.values("proposal"))
        .values_list("contingent__municipality_id", flat=True)
    )
    return {
        municipality: max(promised - booked[municipality] - proposed[municipality], 0)
        for municipality, promised in agreed.items()
    }


def _firsts(year: int) -> list[date]:
    return [date(year, month, 1) for month in (1, 4, 7, 10)]


def _evenly(dwellings: int, quarters: int = QUARTERS) -> list[int]:
    """Whole dwellings per quarter that differ by one at most, the later quarters first."""
    return [
        dwellings * (number + 1) // quarters - dwellings * number // quarters
        for number in range(quarters)
    ]


def _rest_of_year(left: int, day: date) -> dict[date, int]:
    """Numbers for whole quarters such that about `left` come after the day.

    The estimate spreads a quarter's number over its days and leaves out the days that have passed.
    """
    firsts = [first for first in _firsts(day.year) if _end(first) > day]
    days = (_end(firsts[0]) - firsts[0]).days
    share_left = (_end(firsts[0]) - day).days / days
    quarters_left = max(len(firsts) - 1 + share_left, LEAST_QUARTERS_LEFT)
    whole_quarters = round(left / quarters_left * len(firsts))
    return dict(zip(firsts, _evenly(whole_quarters, len(firsts)), strict=True))


def _end(first: date) -> date:
    return date(first.year + first.month // 10, (first.month + 2) % 12 + 1, 1)

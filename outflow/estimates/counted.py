"""What was counted of people who became ready, were housed or waited: the past of an estimate.

Counts of people are rounded to 5, and one below 10 stays unsaid, in the picture too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, TruncQuarter

from accounts.access import Viewer
from accounts.context import reading_for
from outflow.estimates.quarters import quarter_after, quarter_of, quarters_before
from outflow.estimates.results import STOCKS, WHOLE_REGION, Band, Focus
from outflow.lifecycle import WAITING, Phase
from outflow.models import Spell
from regions.formats import COUNTS_ROUND_TO, SMALLEST_COUNT_SHOWN

QUARTERS_COUNTED = 8
COUNTABLE = frozenset({"becomes_ready", "housed", "backlog"})


@dataclass(frozen=True, slots=True)
class Past:
    """People counted in a quarter; None where too few are there to be named."""

    quarter_from: date
    people: int | None


def counts(
    viewer: Viewer,
    measure: str,
    *,
    among: Iterable[str],
    as_of: date,
    focus: Focus = WHOLE_REGION,
) -> tuple[list[Past], dict[str, int]]:
    """What was counted: of one measure the eight quarters before the one that holds the day, and
    per measure `among` the people of that quarter before the day.
    """
    this_quarter = quarter_of(as_of)
    starts = quarters_before(this_quarter, QUARTERS_COUNTED)
    so_far: dict[str, int] = {}
    people: dict[date, int] = {}
    with reading_for(viewer.region_id, job="figures"):
        stays = _stays(viewer.region_id, focus)
        for each in sorted(COUNTABLE.intersection({measure, *among})):
            if each in STOCKS:
                if each == measure:
                    people = _stocks(stays, starts)
                continue
            found = _flows(stays, each, starts[0], as_of)
            so_far[each] = found.get(this_quarter, 0)
            if each == measure:
                people = found
    if measure not in COUNTABLE:
        return [], so_far
    return [Past(start, shown_people(people.get(start, 0))) for start in starts], so_far


def with_so_far(bands: list[Band], counted: int) -> list[Band]:
    """The first quarter as a whole: what was counted of it already, and what is expected still.

    What was counted is rounded as wherever it is told: other pages tell what is expected still,
    and the difference must not tell more. Fewer than ten count as five.
    """
    if not bands or not counted:
        return bands
    first = bands[0]
    counted = shown_people(counted) or COUNTS_ROUND_TO
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


def _stays(region_id: int, focus: Focus) -> QuerySet[Spell]:
    """The stays of a part of the region; a municipality's are those it has a task for."""
    stays = Spell.objects.filter(client__region_id=region_id)
    if focus.kind is not None:
        stays = stays.filter(client__facility_type=focus.kind)
    if focus.place is not None:
        of_whom = Coalesce(
            F("client__origin_municipality__code"),
            F("client__financing_municipality__code"),
        )
        stays = stays.annotate(of_place=of_whom).filter(of_place=focus.place)
    return stays


def _flows(stays: Any, measure: str, first: date, before: date) -> dict[date, int]:
    """People per quarter who became ready, or were housed, in [first, before)."""
    begun = stays.filter(from_on__gte=first, from_on__lt=before)
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


def _stocks(stays: Any, starts: Iterable[date]) -> dict[date, int]:
    """People who were ready or had an offer on the last day of each quarter."""
    ends = {f"q{number}": start for number, start in enumerate(starts)}

    def there(end: date) -> Count:
        lasted = Q(until_on__isnull=True) | Q(until_on__gte=end)
        return Count("client__person_id", distinct=True, filter=lasted & Q(from_on__lt=end))

    counted = stays.filter(phase__in=WAITING).aggregate(
        **{name: there(quarter_after(start)) for name, start in ends.items()}
    )
    return {start: counted[name] for name, start in ends.items()}

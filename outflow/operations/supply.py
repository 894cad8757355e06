"""Dwellings promised per quarter, for the estimate; the housing side writes them."""

from collections.abc import Mapping
from datetime import date

from django.db import transaction

from accounts import audit
from accounts.access import Viewer
from outflow.models import PlannedSupply
from regions.models import Region


@transaction.atomic
def plan_supply(
    *, region: Region, numbers: Mapping[tuple[int | None, date], int], by: Viewer | None
) -> int:
    """Make the promised dwellings of these (municipality, first day of quarter) what is given.

    Municipality None is the region as a whole. Returns how many numbers changed.
    """
    Region.objects.select_for_update().get(pk=region.pk)
    known = {
        (row.municipality_id, row.quarter_from): row
        for row in PlannedSupply.objects.filter(region=region)
    }
    new = []
    changed = []
    for (municipality_id, quarter_from), dwellings in numbers.items():
        row = known.get((municipality_id, quarter_from))
        if row is None:
            new.append(
                PlannedSupply(
                    region=region,
                    municipality_id=municipality_id,
                    quarter_from=quarter_from,
                    dwellings=dwellings,
                )
            )
        elif row.dwellings != dwellings:
            row.dwellings = dwellings
            changed.append(row)
    PlannedSupply.objects.bulk_create(new)
    PlannedSupply.objects.bulk_update(changed, ["dwellings"])
    if new or changed:
        audit.record("supply.planned", region, by=by, numbers=len(new) + len(changed))
    return len(new) + len(changed)

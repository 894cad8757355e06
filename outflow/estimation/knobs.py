"""A scenario in the numbers of one model: which people, which quarters, how much."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outflow.estimation.errors import EstimateError
from outflow.estimation.exposure import Floats, Ints
from outflow.estimation.histories import Histories
from outflow.estimation.scenarios import Change, Scenario

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Amount:
    """So many times, or set to so many a quarter, for some cells in some quarters.

    ``cells`` and ``quarters`` are flags; ``town`` is the name of the municipality named, if any.
    """

    how: str
    value: float
    cells: Flags
    quarters: Flags
    town: str | None = None


@dataclass(frozen=True)
class Cap:
    """At most ``most`` people in care at once in the cells of one region, in some quarters."""

    most: int
    cells: Flags
    quarters: Flags


@dataclass(frozen=True)
class Share:
    """A share of the people of some cells of one region who are ready before the end of ``by``."""

    share: float
    cells: Flags
    by: int


@dataclass(frozen=True)
class Knobs:
    """What one future changes. The empty one is the estimate itself.

    ``pace`` and ``relapse`` are factors of shape (cells, quarters), None where nothing changes.
    ``extra`` flags the profiles (axis of ``Profiles.rows``) for which one more dwelling a quarter
    is kept in every region; None: no such dwelling.
    """

    pace: Floats | None = None
    relapse: Floats | None = None
    inflow: tuple[Amount, ...] = ()
    homes: tuple[Amount, ...] = ()
    caps: tuple[Cap, ...] = ()
    shares: tuple[Share, ...] = ()
    extra: Flags | None = None


AS_IT_IS = Knobs()

Places = Mapping[tuple[str, str], int]
"""Places in care by region and facility type ("": of all types together)."""


def resolved(
    scenario: Scenario | None,
    histories: Histories,
    *,
    first_quarter: int,
    quarters: int,
    in_care: Ints,
    places: Places | None = None,
) -> Knobs:
    """Return a scenario (None: the estimate itself) in the cells and quarters of a model.

    ``in_care`` counts the people in care on the reference date, by cell; ``places`` are those
    that hold without any scenario.
    """
    h = histories
    asked = Scenario("", ()) if scenario is None else scenario
    changes = asked.changes

    def when(change: Change) -> Flags:
        return np.array([change.lasts(first_quarter + ahead) for ahead in range(quarters)])

    def amounts(what: str) -> tuple[Amount, ...]:
        return tuple(
            Amount(
                change.how or "",
                change.value or 0.0,
                cells_of(h, change.facility_type, change.municipality),
                when(change),
                change.municipality,
            )
            for change in changes
            if change.what == what
        )

    def factors(what: str) -> Floats | None:
        found = [amount for amount in amounts(what) if amount.value != 1.0]
        if not found:
            return None
        factor = np.ones((len(in_care), quarters))
        for amount in found:
            factor[np.ix_(amount.cells, amount.quarters)] = amount.value
        return factor

    return Knobs(
        pace=factors("readiness"),
        relapse=factors("relapse"),
        inflow=amounts("inflow"),
        homes=amounts("contingent"),
        caps=_caps(asked, h, quarters, when=when, in_care=in_care, places=places or {}),
        shares=tuple(
            Share(change.share or 0.0, cells, (change.by or first_quarter) - first_quarter)
            for change in changes
            if change.what == "policy_share"
            for cells in _by_region(h, cells_of(h, change.facility_type, change.municipality))
        ),
    )


def cells_of(h: Histories, kind: str | None, town: str | None, region: str | None = None) -> Flags:
    """Flag the cells (municipality x facility type) of a kind, municipality and region, or all."""
    kinds = h.kinds or [""]
    return np.array(
        [
            (kind in (None, of_kind))
            and (town in (None, name))
            and (region in (None, h.regions[number]))
            for number, name in h.municipalities
            for of_kind in kinds
        ],
        dtype=bool,
    )


def _by_region(h: Histories, cells: Flags) -> list[Flags]:
    """Return the flags split by region, without regions that have none."""
    region = regions_of(h)
    split = [cells & (region == number) for number in range(len(h.regions))]
    return [each for each in split if each.any()]


def _caps(
    scenario: Scenario,
    h: Histories,
    quarters: int,
    *,
    when: Callable[[Change], Flags],
    in_care: Ints,
    places: Places,
) -> tuple[Cap, ...]:
    """Return the caps of a scenario, and those given where it changes nothing."""
    found = []
    given = {place: np.ones(quarters, dtype=bool) for place in places}
    for number, change in enumerate(scenario.changes, 1):
        if change.what != "places":
            continue
        for cells in _by_region(h, cells_of(h, change.facility_type, change.municipality)):
            region = h.regions[regions_of(h)[cells][0]]
            scope = (region, change.facility_type or "")
            for other in places:
                overlaps = (cells & cells_of(h, other[1] or None, None, region)).any()
                if other[0] == region and overlaps:
                    if other != scope or change.municipality is not None:
                        raise EstimateError(
                            "change_places",
                            'Scenario "%(scenario)s", change %(change)d (places): the places of '
                            'region "%(region)s" are given for other people than the change names.',
                            scenario=scenario.name,
                            change=number,
                            region=region,
                        )
                    given[other] = given[other] & ~when(change)
            now = places.get(scope, int(in_care[cells].sum()))
            value = change.value or 0.0
            most = value if change.how == "set" else np.floor(value * now + 0.5)
            found.append(Cap(int(most), cells, when(change)))
    for (region, kind), most in sorted(places.items()):
        found.append(Cap(most, cells_of(h, kind or None, None, region), given[(region, kind)]))
    return tuple(found)


def regions_of(h: Histories) -> Ints:
    """Return the region of every cell."""
    kinds = max(len(h.kinds), 1)
    return np.repeat(np.array([number for number, _ in h.municipalities], dtype=np.int64), kinds)

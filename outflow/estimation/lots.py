"""Which of the possible arrivals and homes a future takes."""

import numpy as np
from numpy.typing import NDArray

from outflow.estimation.chance import mixed, of_text, pick, uniform
from outflow.estimation.crowd import Crowd
from outflow.estimation.exposure import Floats, Ints
from outflow.estimation.fate import Fate
from outflow.estimation.homes import REGION_WIDE, Homes
from outflow.estimation.knobs import Amount, Knobs, regions_of

Flags = NDArray[np.bool_]

CELL_STEP = -7


def spread(per_quarter: Floats | float, quarters: Flags, share_left: Floats) -> Ints:
    """Return whole numbers that add up, from quarter to quarter, to so many a quarter.

    >>> import numpy as np
    >>> spread(2.5, np.array([True, True, True, False]), np.ones(4)).tolist()
    [3, 2, 3, 0]
    """
    whole = np.floor(np.cumsum(per_quarter * quarters * share_left) + 0.5 + 1e-9)
    return np.diff(whole, prepend=0).astype(np.int64)


def people(fate: Fate, knobs: Knobs) -> Crowd:
    """Return everybody of one future: who is there and who comes, ready to be simulated."""
    coming = fate.coming
    keep = coming.layer == 0
    crowd = coming.crowd
    made = []
    for amount in knobs.inflow:
        ours = amount.cells[crowd.cell] & amount.quarters[coming.quarter]
        if amount.how == "times":
            keep = np.where(ours, coming.layer + coming.luck < amount.value, keep)
            continue
        targets = spread(amount.value, amount.quarters, fate.horizon.share_left)
        candidates = np.flatnonzero(ours & (coming.layer == 0))
        regions = len(fate.model.histories.regions)
        cohort = (
            crowd.draw[candidates] * regions + crowd.region[candidates]
        ) * fate.horizon.quarters + coming.quarter[candidates]
        rank = ranks(coming.luck[candidates], cohort)
        keep &= ~ours
        keep[candidates] = rank < targets[coming.quarter[candidates]]
        there = np.bincount(
            cohort[keep[candidates]], minlength=fate.draws * regions * fate.horizon.quarters
        ).reshape(fate.draws, regions, -1)
        wanted = np.zeros_like(there)
        wanted[:, np.unique(regions_of(fate.model.histories)[amount.cells])] = targets
        made.append(_further(fate, amount, wanted - there))
    found = fate.present.joined(crowd.picked(np.flatnonzero(keep)))
    for each in made:
        found = found.joined(each)
    return found


def _further(fate: Fate, amount: Amount, missing: Ints) -> Crowd:
    """Return people beyond those of the estimate: (draws, regions, quarters) of them."""
    model, h = fate.model, fate.model.histories
    draw, region, quarter = (
        np.repeat(axis, missing.ravel()) for axis in np.indices(missing.shape).reshape(3, -1)
    )
    turn = np.arange(len(draw)) - np.repeat(
        np.cumsum(missing.ravel()) - missing.ravel(), missing.ravel()
    )
    names = np.array([of_text(f"further {name}") for name in h.regions], dtype=np.uint64)
    key = mixed(
        mixed(names[region] + fate.own[draw]) ^ (quarter * 1_000_003 + turn).astype(np.uint64)
    )
    kinds = model.kinds
    usual = model.inflow.mean().reshape(-1, 1) * model.towns
    whole = model.towns.sum(axis=1, keepdims=True)
    usual = np.divide(usual, whole, out=np.zeros_like(usual), where=whole > 0)
    by_region = usual.reshape(len(h.regions), kinds, -1).transpose(0, 2, 1)
    weight = by_region.reshape(len(h.regions), -1) * amount.cells
    own = (regions_of(h)[None] == np.arange(len(h.regions))[:, None]) & amount.cells
    weight = np.where(weight.sum(axis=1, keepdims=True) > 0, weight, own)
    cell = pick(weight, region, uniform(key, CELL_STEP))
    town, kind = cell // kinds, cell % kinds
    return fate.arriving(draw, region * kinds + kind, town, quarter, key)


def ranks(luck: Floats, cohort: Ints) -> Ints:
    """Return each row's place, from 0, among its cohort by luck.

    >>> import numpy as np
    >>> ranks(np.array([0.9, 0.1, 0.5]), np.array([4, 4, 7])).tolist()
    [1, 0, 0]
    """
    order = np.lexsort((luck, cohort))
    position = np.arange(len(order))
    begins = np.ones(len(order), dtype=bool)
    begins[1:] = cohort[order][1:] != cohort[order][:-1]
    found = np.empty(len(order), dtype=np.int64)
    found[order] = position - np.maximum.accumulate(np.where(begins, position, 0))
    return found


def homes(fate: Fate, knobs: Knobs) -> tuple[Homes, int]:
    """Return the homes of one future; those from the number returned on are kept for a kind."""
    possible = fate.homes
    all_of_them, quarter = possible.homes, possible.quarter
    keep = possible.layer == 0
    made = []
    for amount in knobs.homes:
        ours = (quarter >= 0) & amount.quarters[quarter] & _of_scope(fate, amount)
        if amount.how == "times" and fate.task.plan is None:
            keep = np.where(ours, possible.layer + possible.luck < amount.value, keep)
            continue
        candidates = np.flatnonzero(ours & keep)
        series, place = _series(fate, amount)
        of = place[candidates]
        there = np.bincount(
            (all_of_them.draw[candidates] * len(series) + of) * fate.horizon.quarters
            + quarter[candidates],
            minlength=fate.draws * len(series) * fate.horizon.quarters,
        ).reshape(fate.draws, len(series), fate.horizon.quarters)
        targets = np.array(
            [
                spread(amount.value * there[0, number], amount.quarters, np.ones(len(there[0, 0])))
                if amount.how == "times"
                else spread(amount.value, amount.quarters, fate.horizon.share_left)
                for number in range(len(series))
            ],
            dtype=np.int64,
        ).reshape(len(series), fate.horizon.quarters)
        cohort = (all_of_them.draw[candidates] * len(series) + of) * fate.horizon.quarters
        rank = ranks(possible.luck[candidates], cohort + quarter[candidates])
        keep = keep & ~ours
        keep[candidates] = rank < targets[of, quarter[candidates]]
        made.append((series, np.maximum(targets[None] - there, 0)))
    which = np.flatnonzero(keep)
    parts = [
        (all_of_them.draw[which], all_of_them.region[which], all_of_them.town[which])
        + (all_of_them.day[which],)
    ]
    parts += [_built(fate, series, missing) for series, missing in made]
    free = sum(len(part[0]) for part in parts)
    if knobs.extra is not None:
        series = [(region, REGION_WIDE) for region in range(len(fate.model.histories.regions))]
        one = spread(1.0, np.ones(fate.horizon.quarters, dtype=bool), fate.horizon.share_left)
        parts.append(
            _built(fate, series, np.broadcast_to(one, (fate.draws, len(series), len(one))))
        )
    draw, region, town, day = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Homes(draw, region, town, day, np.zeros(len(draw), dtype=bool)), free


def _of_scope(fate: Fate, amount: Amount) -> Flags:
    """Flag the possible homes that a change is about: all, or one municipality's own."""
    homes = fate.homes.homes
    if amount.town is None:
        return np.ones(len(homes.day), dtype=bool)
    named = np.array([name == amount.town for _, name in fate.model.histories.municipalities])
    own: Flags = (homes.town != REGION_WIDE) & named[homes.town]
    return own


def _series(fate: Fate, amount: Amount) -> tuple[list[tuple[int, int]], Ints]:
    """Return the (region, municipality) series that a change counts, and each home's series.

    A number that is set holds for the region's homes together; a plan that is multiplied keeps
    its municipalities apart.
    """
    h, homes = fate.model.histories, fate.homes.homes
    if amount.town is not None:
        towns = [n for n, (_, name) in enumerate(h.municipalities) if name == amount.town]
        series = [(h.municipalities[town][0], town) for town in towns]
        number = np.full(len(h.municipalities) + 1, -1)
        number[towns] = np.arange(len(towns))
        return series, number[homes.town]
    if amount.how == "set":
        return [(region, REGION_WIDE) for region in range(len(h.regions))], homes.region
    code = homes.region * (len(h.municipalities) + 1) + homes.town + 1
    found, place = np.unique(code, return_inverse=True)
    width = len(h.municipalities) + 1
    return [(int(each) // width, int(each) % width - 1) for each in found], place


def _built(
    fate: Fate, series: list[tuple[int, int]], missing: Ints
) -> tuple[Ints, Ints, Ints, Ints]:
    """Return homes beyond those of the estimate, spread evenly over their quarter."""
    each = missing.ravel()
    draw, of, quarter = (np.repeat(axis, each) for axis in np.indices(missing.shape).reshape(3, -1))
    turn = np.arange(len(draw)) - np.repeat(np.cumsum(each) - each, each)
    days = fate.horizon.days
    width = days[quarter + 1] - days[quarter]
    day = days[quarter] + ((2 * turn + 1) * width) // (2 * np.repeat(each, each))
    region, town = (
        np.array([place[axis] for place in series], dtype=np.int64)[of] for axis in (0, 1)
    )
    return draw.astype(np.int64), region, town, day.astype(np.int64)

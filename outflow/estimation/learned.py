"""What was learned from the past, as rows for the assumptions: name, value and source."""

import numpy as np

from outflow.estimation.exposure import Floats
from outflow.estimation.levels import Levels
from outflow.estimation.model import Model
from outflow.estimation.national import REGION_WEIGHT
from outflow.estimation.paces import PACED

Row = tuple[str, object, str]

CERTAIN_ENOUGH = 0.5
"""From which probability on a season is said to be there."""

WIDE_LOW, WIDE_HIGH = 0.1, 0.9

SPELLS, PICTURE, PUBLISHED = "spells", "national picture", "published figures"


def learned(model: Model) -> list[Row]:
    """Return what the spells taught, in per cent where nothing else is said.

    ``pace:<region>``: how fast people move on now, 100 as over the whole past; ``season``: how
    much the strongest quarter of the year differs; ``provider_effects``, ``municipality_effects``,
    ``target_group_effects`` and ``person_effects``: how much these differ;
    ``lists_behind``: days that are not all written down yet; ``nation_weight:<region>``: how much
    of the pace comes from elsewhere; ``expected_ready:...``: how good expected dates were.
    """
    h = model.histories
    rows: list[Row] = [
        (f"pace:{region}", _percent(pace_now(model, number)), SPELLS)
        for number, region in enumerate(h.regions)
    ]
    levels = [model.inflow, model.supply, *model.paces.times.values()]
    rows.append(("season", _percent(max(season(each) for each in levels)), SPELLS))
    if len(model.paces.of_provider) > 1:
        rows.append(("provider_effects", _apart(model.paces.of_provider), SPELLS))
    if len(model.paces.of_town) > 1:
        rows.append(("municipality_effects", _apart(model.paces.of_town), SPELLS))
    if len(model.paces.of_target) > 1:
        of_target = np.array(list(model.paces.of_target.values()))
        rows.append(("target_group_effects", _apart(of_target), SPELLS))
    rows.append(("person_effects", _percent(model.paces.unlike**0.5), SPELLS))
    if model.behind:
        rows.append(("lists_behind", model.behind, SPELLS))
    if model.nation is not None:
        source = PUBLISHED if model.nation == 0 else PICTURE
        rows += [
            (f"nation_weight:{region}", _percent(nation_weight(model, number)), source)
            for number, region in enumerate(h.regions)
        ]
    if model.expected is not None:
        rows += model.expected.rows
    return rows


def _apart(factors: Floats) -> int:
    """Return by how many per cent the fast are faster than the slow, the extremes left out."""
    low, high = np.quantile(factors, [WIDE_LOW, WIDE_HIGH])
    return _percent(float(high / low) - 1)


def pace_now(model: Model, region: int) -> float:
    """Return how fast people move on now in a region, 1 as over the whole past."""
    paces = model.paces
    usual = {phase: float(paces.usual[phase, region]) for phase in paces.times}
    whole = sum(usual.values())
    if whole <= 0:
        return 1.0
    times = sum(usual[phase] * float(paces.times[phase].mean()[0]) for phase in usual) / whole
    return times * (1.0 if paces.regions is None else float(paces.regions.mean()[region]))


def season(levels: Levels) -> float:
    """Return how much the strongest quarter of the year differs from the average, or 0."""
    if levels.seasonal() < CERTAIN_ENOUGH:
        return 0.0
    return float(np.abs(levels.mean_season() - 1).max())


def own_moves(model: Model, region: int) -> float:
    """Return how many moves towards ready a region's own past shows."""
    groups = slice(region * model.kinds, (region + 1) * model.kinds)
    return float(sum(model.exposures[phase].moved[groups].sum() for phase in PACED))


def nation_weight(model: Model, region: int) -> float:
    """Return how much of a region's pace comes from the nation, from 0 to 1."""
    return REGION_WEIGHT / (REGION_WEIGHT + own_moves(model, region))


def leans_on_nation(model: Model) -> list[str]:
    """Return the regions whose own past weighs less than the nation's."""
    if model.nation is None:
        return []
    return [
        name
        for number, name in enumerate(model.histories.regions)
        if own_moves(model, number) < REGION_WEIGHT
    ]


def _percent(share: float) -> int:
    return round(100 * share)

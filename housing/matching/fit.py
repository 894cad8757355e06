"""The third level of the objective: how well a home fits, as whole points.

The weights are documented in docs/matcher.md. They never outweigh a person housed or priority:
fit chooses only among answers that are equally good in both.
"""

from housing.matching.instance import Client, Dwelling

PREFERRED_NEIGHBOURHOOD = 100
WASTED_WHEELCHAIR = -60
WASTED_LOW_STIMULUS = -30
WASTED_STEP_FREE = -10
SPARE_BEDROOM = -10
ABOVE_SOFT_PLACEMENTS = -40


def wasted_features(client: Client, dwelling: Dwelling) -> list[str]:
    """Return the scarce features of the home that this person does not need.

    A wheelchair home counts once: it is step-free by its nature.
    """
    wasted = []
    if dwelling.wheelchair and not client.wheelchair:
        wasted.append("wheelchair")
    elif dwelling.step_free and not (client.step_free or client.wheelchair):
        wasted.append("step_free")
    if dwelling.low_stimulus and not client.low_stimulus:
        wasted.append("low_stimulus")
    return wasted


POINTS_OF_WASTE = {
    "wheelchair": WASTED_WHEELCHAIR,
    "step_free": WASTED_STEP_FREE,
    "low_stimulus": WASTED_LOW_STIMULUS,
}


def pair_points(client: Client, dwelling: Dwelling) -> int:
    """Return the points of one pair; the spread over neighbourhoods is counted apart."""
    points = sum(POINTS_OF_WASTE[feature] for feature in wasted_features(client, dwelling))
    points += SPARE_BEDROOM * max(0, dwelling.bedrooms - max(1, client.bedrooms))
    if dwelling.neighbourhood in client.preferred_neighbourhoods:
        points += PREFERRED_NEIGHBOURHOOD
    return points

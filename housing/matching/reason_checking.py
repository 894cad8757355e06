"""Every reason of a pair once more, in plain Python and sharing nothing with who told it."""

import json
import math
from collections.abc import Sequence
from typing import Any

from housing.matching.instance import Client, Dwelling, Instance

EARTH_RADIUS_KM = 6371.0088
# A distance is told in tenths of a kilometre; a hair's breadth between two ways to compute it.
HALF_A_TENTH = 0.05 + 1e-6

Fact = tuple[tuple[str, Any], ...]


def reasons_are_true(told: list[dict[str, Any]], true: list[dict[str, Any]]) -> bool:
    """Are these the same reasons in any order, distances to within rounding?"""
    if len(told) != len(true):
        return False
    left = list(told)
    for reason in true:
        found = next((one for one in left if _same(one, reason)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def _same(told: dict[str, Any], true: dict[str, Any]) -> bool:
    if set(told) != set(true):
        return False
    exact = all(told[key] == true[key] for key in true if key != "km")
    return exact and ("km" not in true or abs(told["km"] - true["km"]) <= HALF_A_TENTH)


def true_reasons(
    instance: Instance,
    client: Client,
    home: Dwelling,
    failed: Sequence[str],
    *,
    promised: bool,
    others: Sequence[Client],
    placed_there: int,
) -> list[dict[str, Any]]:
    """Return what must be told of this pair; ``others`` are all other people the home fits."""
    found: list[dict[str, Any]] = []

    def tell(when: bool, code: str, **facts: Any) -> None:
        if when:
            found.append({"code": code} | facts)

    def rule(name: str, when: bool, code: str, **facts: Any) -> None:
        tell(when and name not in failed, code, **facts)

    tell(promised, "promised")
    tell(promised and bool(failed), "promise_breaks_rule", failed=list(failed))
    limit, rent = client.max_rent, home.rent
    rule("rent", limit is None, "no_rent_limit", rent=rent)
    rule("rent", limit is not None, "rent_fits", rent=rent, max_rent=limit)
    rule("bedrooms", True, "bedrooms_fit", bedrooms=home.bedrooms, needed=client.bedrooms)
    rule(
        "step_free",
        client.step_free,
        "step_free_fits",
        ground_floor=home.ground_floor,
        lift=home.lift,
    )
    rule("wheelchair", client.wheelchair, "wheelchair_fits")
    rule("low_stimulus", client.low_stimulus, "low_stimulus_fits")
    rule("form", True, "form_fits", form=home.form)
    town, place = home.municipality, home.neighbourhood
    named = bool(client.municipalities)
    rule("municipality", named, "municipality_wished", municipality=town)
    dates = {"ready_on": str(client.ready_on), "available_on": str(home.available_on)}
    rule("dates", True, "ready_in_time", **dates)
    kinds = list(client.support)
    rule("support", bool(kinds), "support_available", neighbourhood=place, kinds=kinds)
    guided = {"provider": client.provider, "municipality": town, "hours": client.half_hours / 2}
    rule("guidance", client.half_hours > 0, "guidance_fits", **guided)

    preferred = client.preferred_neighbourhoods
    wished = place in preferred
    tell(wished, "preferred_neighbourhood", neighbourhood=place)
    tell(
        bool(preferred) and not wished,
        "not_preferred_neighbourhood",
        neighbourhood=place,
        preferred=list(preferred),
    )
    days = max(0, (instance.as_of - client.waiting_since).days)
    tell(client.urgency > 0, "urgent", urgency=client.urgency)
    tell(True, "waited", days=days, waiting_since=str(client.waiting_since))
    longest = days > 0 and bool(others)
    longest = longest and all(client.waiting_since < other.waiting_since for other in others)
    tell(longest, "longest_waiting", days=days, others=len(others))

    needless = home.wheelchair and not client.wheelchair
    tell(needless, "feature_not_needed", feature="wheelchair")
    reachable = (home.ground_floor or home.lift) and not home.wheelchair
    tell(
        reachable and not client.step_free and not client.wheelchair,
        "feature_not_needed",
        feature="step_free",
    )
    quiet = home.low_stimulus and not client.low_stimulus
    tell(quiet, "feature_not_needed", feature="low_stimulus")
    spare = home.bedrooms - max(1, client.bedrooms)
    tell(spare > 0, "spare_bedrooms", spare=spare)
    soft = next(n.soft_placements for n in instance.neighbourhoods if n.ref == place)
    tell(
        soft is not None and placed_there > soft,
        "above_soft_placements",
        neighbourhood=place,
        placements=placed_there,
        soft_placements=soft,
    )
    return found + _from_facts(instance, client, home)


def _from_facts(instance: Instance, client: Client, home: Dwelling) -> list[dict[str, Any]]:
    person, dwelling = json.loads(client.fit), json.loads(home.fit)
    found: list[dict[str, Any]] = []
    at = dwelling.get("at")
    for what in ("network", "day_activity"):
        if at and person.get(what):
            km = min(haversine(place, at) for place in person[what])
            near = math.floor(km * 10 + 0.5) < 30 * instance.policy.fit.near_km
            found.append({"code": f"near_{what}" if near else f"far_from_{what}", "km": km})
    wished, form = person.get("contract_forms"), dwelling.get("contract_form")
    if wished and form is not None:
        code = "contract_form_wished" if form in wished else "contract_form_not_wished"
        found.append({"code": code, "contract_form": form})
    persons = person.get("persons")
    most = [dwelling[key] for key in ("most_persons", "rooms") if dwelling.get(key) is not None]
    if persons is not None and most and persons > min(most):
        found.append({"code": "many_persons", "persons": persons, "most": min(most)})
    limit = person.get("appropriate_rent")
    if limit is not None and home.rent > limit:
        found.append({"code": "above_appropriate_rent", "rent": home.rent, "limit": limit})
    return found


def haversine(one: Sequence[float], other: Sequence[float]) -> float:
    """Return kilometres over the earth between two places in degrees."""
    lat, lon = math.radians(one[0]), math.radians(one[1])
    other_lat, other_lon = math.radians(other[0]), math.radians(other[1])
    half = (
        math.sin((other_lat - lat) / 2) ** 2
        + math.cos(lat) * math.cos(other_lat) * math.sin((other_lon - lon) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, half)))

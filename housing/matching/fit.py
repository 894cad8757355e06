"""The third level of the objective: how well a home fits, as whole points.

The weights stand in housing/matching/policy.py. Fit never outweighs a person housed or priority:
it chooses only among answers that are equally good in both. The same points are told twice, on
purpose: ``Fit.points`` for all pairs at once, ``points_of`` from the reasons of one pair. A test
holds them together, so that the explanation reproduces the score.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from housing.matching.arrays import (
    Flags,
    Floats,
    Positions,
    Wholes,
    codes,
    flags,
    members,
    positions,
    wholes,
)
from housing.matching.facts import Place, parse_client_facts, parse_dwelling_facts
from housing.matching.instance import Client, Dwelling, Instance
from housing.matching.policy import FitWeights, Policy

EARTH_RADIUS_KM = 6371.0088
TENTHS = 10  # distances are counted in tenths of a kilometre: whole, and the same everywhere
NEAR_TIMES = 3  # at so many times near_km no points are left

NOT_KNOWN = -1


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


class Fit:
    """The points of the pairs of one instance; positions are those of the instance."""

    def __init__(self, instance: Instance) -> None:
        clients, dwellings = instance.clients, instance.dwellings
        self.weights = instance.policy.fit
        self.above_soft: int = self.weights.above_soft_placements
        self._set_needs(clients, dwellings)
        self._set_preferences(clients, dwellings)
        known = {fit: parse_client_facts(fit) for fit in {c.fit for c in clients}}
        self.client_facts = [known[c.fit] for c in clients]
        homes = {fit: parse_dwelling_facts(fit) for fit in {d.fit for d in dwellings}}
        self.dwelling_facts = [homes[d.fit] for d in dwellings]
        self._at = _vectors([facts.at for facts in self.dwelling_facts])
        self._network = _Places([facts.network for facts in self.client_facts])
        self._day_activity = _Places([facts.day_activity for facts in self.client_facts])
        self._set_contract_forms()
        self._persons = _numbers([facts.persons for facts in self.client_facts], NOT_KNOWN)
        no_limit = np.iinfo(np.int64).max
        self._most_persons = np.minimum(
            _numbers([facts.most_persons for facts in self.dwelling_facts], no_limit),
            _numbers([facts.rooms for facts in self.dwelling_facts], no_limit),
        )
        self._rent = np.array([d.rent for d in dwellings], dtype=float)
        limits = [facts.appropriate_rent for facts in self.client_facts]
        self._appropriate = np.array([np.inf if x is None else x for x in limits], dtype=float)

    def _set_needs(self, clients: Sequence[Client], dwellings: Sequence[Dwelling]) -> None:
        needs_wheelchair = flags(c.wheelchair for c in clients)
        self._no_wheelchair = ~needs_wheelchair
        self._no_step_free = ~needs_wheelchair & ~flags(c.step_free for c in clients)
        self._no_low_stimulus = ~flags(c.low_stimulus for c in clients)
        self._wheelchair = flags(d.wheelchair for d in dwellings)
        self._step_free = ~self._wheelchair & flags(d.step_free for d in dwellings)
        self._low_stimulus = flags(d.low_stimulus for d in dwellings)
        self._least_bedrooms = wholes(max(1, c.bedrooms) for c in clients)
        self._bedrooms = wholes(d.bedrooms for d in dwellings)

    def _set_preferences(self, clients: Sequence[Client], dwellings: Sequence[Dwelling]) -> None:
        place_of = positions(d.neighbourhood for d in dwellings)
        self._place = codes((d.neighbourhood for d in dwellings), place_of)
        self._prefers = members((c.preferred_neighbourhoods for c in clients), place_of)

    def _set_contract_forms(self) -> None:
        offered = [facts.contract_form for facts in self.dwelling_facts]
        form_of = positions(form for form in offered if form is not None)
        self._contract_form = wholes(NOT_KNOWN if f is None else form_of[f] for f in offered)
        wished = (facts.contract_forms for facts in self.client_facts)
        self._wishes_form = members(wished, form_of)

    def points(self, clients: Positions, dwellings: Positions) -> Wholes:
        """Return the points of the pairs (clients[i], dwellings[i]), without the spread."""
        weights = self.weights
        points = np.zeros(len(clients), dtype=np.int64)

        def add(weight: int, where: Flags) -> None:
            points[where] += weight

        add(weights.preferred_neighbourhood, self._prefers[clients, self._place[dwellings]])
        add(weights.wasted_wheelchair, self._wheelchair[dwellings] & self._no_wheelchair[clients])
        add(weights.wasted_step_free, self._step_free[dwellings] & self._no_step_free[clients])
        add(
            weights.wasted_low_stimulus,
            self._low_stimulus[dwellings] & self._no_low_stimulus[clients],
        )
        spare = np.maximum(0, self._bedrooms[dwellings] - self._least_bedrooms[clients])
        points += weights.spare_bedroom * spare
        for weight, places in (
            (weights.near_network, self._network),
            (weights.near_day_activity, self._day_activity),
        ):
            if places:
                tenths = places.tenths(self._at, clients, dwellings)
                points += _near_points(tenths, weight, weights.near_km)
        if self._wishes_form.size:
            form = self._contract_form[dwellings]
            add(weights.contract_form, (form != NOT_KNOWN) & self._wishes_form[clients, form])
        if self._persons.size and self._persons.max() != NOT_KNOWN:
            over = self._persons[clients] - self._most_persons[dwellings]
            points += weights.person_too_many * np.maximum(0, over)
        if np.isfinite(self._appropriate).any():
            add(weights.above_appropriate_rent, self._rent[dwellings] > self._appropriate[clients])
        return points

    def reasons(self, c: int, d: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return what the facts say for one pair, and what is given up, with the facts."""
        person, home = self.client_facts[c], self.dwelling_facts[d]
        speaks: list[dict[str, Any]] = []
        given_up: list[dict[str, Any]] = []
        for name, places in (("network", self._network), ("day_activity", self._day_activity)):
            tenths = int(places.tenths(self._at, np.array([c]), np.array([d]))[0])
            if tenths != NOT_KNOWN:
                near = tenths < NEAR_TIMES * TENTHS * self.weights.near_km
                told = {"code": f"{'near' if near else 'far_from'}_{name}", "km": tenths / TENTHS}
                (speaks if near else given_up).append(told)
        form = home.contract_form
        if person.contract_forms and form is not None:
            wished = form in person.contract_forms
            code = "contract_form_wished" if wished else "contract_form_not_wished"
            (speaks if wished else given_up).append({"code": code, "contract_form": form})
        limits = [limit for limit in (home.most_persons, home.rooms) if limit is not None]
        if person.persons is not None and limits and person.persons > min(limits):
            facts = {"persons": person.persons, "most": min(limits)}
            given_up.append({"code": "many_persons"} | facts)
        rent, limit = float(self._rent[d]), person.appropriate_rent
        if limit is not None and rent > limit:
            given_up.append({"code": "above_appropriate_rent", "rent": rent, "limit": limit})
        return speaks, given_up


# From reasons to points --------------------------------------------------------------------------


def points_of(reasons: Iterable[dict[str, Any]], policy: Policy) -> int:
    """Return the points of one pair from its reasons alone.

    The spread over neighbourhoods belongs to no pair: see ``spread_points``.
    """
    return sum(point_of(reason, policy) for reason in reasons)


def point_of(reason: dict[str, Any], policy: Policy) -> int:
    """Return what one reason adds to the fit; most add nothing."""
    count = _POINTS.get(reason["code"])
    return count(reason, policy.fit) if count else 0


def spread_points(pairs: Iterable[dict[str, Any]], policy: Policy) -> int:
    """Return the points lost by neighbourhoods above what they carry with ease, each once."""
    over: dict[str, int] = {
        reason["neighbourhood"]: reason["placements"] - reason["soft_placements"]
        for pair in pairs
        for reason in pair["reasons"]
        if reason["code"] == "above_soft_placements"
    }
    return policy.fit.above_soft_placements * sum(over.values())


def fit_of(pairs: Sequence[dict[str, Any]], policy: Policy) -> int:
    """Return the fit of a whole answer from the reasons it gives."""
    return sum(points_of(pair["reasons"], policy) for pair in pairs) + spread_points(pairs, policy)


def _near(reason: dict[str, Any], weight: int, weights: FitWeights) -> int:
    tenths = np.array([round(reason["km"] * TENTHS)])
    return int(_near_points(tenths, weight, weights.near_km)[0])


def _wasted(reason: dict[str, Any], weights: FitWeights) -> int:
    return {
        "wheelchair": weights.wasted_wheelchair,
        "step_free": weights.wasted_step_free,
        "low_stimulus": weights.wasted_low_stimulus,
    }[reason["feature"]]


_POINTS: dict[str, Callable[[dict[str, Any], FitWeights], int]] = {
    "preferred_neighbourhood": lambda reason, weights: weights.preferred_neighbourhood,
    "near_network": lambda reason, weights: _near(reason, weights.near_network, weights),
    "near_day_activity": lambda reason, weights: _near(reason, weights.near_day_activity, weights),
    "contract_form_wished": lambda reason, weights: weights.contract_form,
    "feature_not_needed": _wasted,
    "spare_bedrooms": lambda reason, weights: weights.spare_bedroom * reason["spare"],
    "many_persons": lambda reason, weights: (
        weights.person_too_many * (reason["persons"] - reason["most"])
    ),
    "above_appropriate_rent": lambda reason, weights: weights.above_appropriate_rent,
}


def _near_points(tenths: Wholes, weight: int, near_km: int) -> Wholes:
    """Full points up to near_km, then evenly less, none at three times as far; whole, downward."""
    near = TENTHS * near_km
    far = NEAR_TIMES * near
    left = weight * np.clip(far - tenths, 0, far - near) // (far - near)
    return np.where(tenths == NOT_KNOWN, 0, left)


# Places on earth ---------------------------------------------------------------------------------


class _Places:
    """The places in the lives of all clients, as vectors from the middle of the earth."""

    def __init__(self, places: Sequence[Sequence[Place]]) -> None:
        self._many = np.array([len(of_client) for of_client in places], dtype=np.int64)
        self._first = np.cumsum(self._many) - self._many
        self._vectors = _vectors([place for of_client in places for place in of_client])

    def __bool__(self) -> bool:
        return len(self._vectors) > 0

    def tenths(self, at: Floats, clients: Positions, dwellings: Positions) -> Wholes:
        """Return tenths of a kilometre to the nearest place, NOT_KNOWN where nothing is known."""
        found = np.full(len(clients), NOT_KNOWN, dtype=np.int64)
        known = np.flatnonzero((self._many[clients] > 0) & ~np.isnan(at[dwellings, 0]))
        if not known.size:
            return found
        home, person = at[dwellings[known]], clients[known]
        nearest = np.full(len(known), np.inf)
        for number in range(int(self._many[person].max())):
            has = np.flatnonzero(self._many[person] > number)
            there = self._vectors[self._first[person[has]] + number]
            apart = there - home[has]
            squared = apart[:, 0] ** 2 + apart[:, 1] ** 2 + apart[:, 2] ** 2
            nearest[has] = np.minimum(nearest[has], squared)
        # The haversine: half the straight line through the earth is the sine of half the angle.
        angle = 2 * np.arcsin(np.minimum(1.0, np.sqrt(nearest) / 2))
        found[known] = np.floor(EARTH_RADIUS_KM * angle * TENTHS + 0.5).astype(np.int64)
        return found


def _vectors(places: Sequence[Place | None]) -> Floats:
    """Return one row per place on the unit sphere, NaN where there is no place."""
    degrees = np.array(
        [(np.nan, np.nan) if place is None else place for place in places], dtype=float
    ).reshape(-1, 2)
    latitude, longitude = np.radians(degrees[:, 0]), np.radians(degrees[:, 1])
    return np.column_stack(
        (
            np.cos(latitude) * np.cos(longitude),
            np.cos(latitude) * np.sin(longitude),
            np.sin(latitude),
        )
    )


def _numbers(values: Iterable[int | None], when_unknown: int) -> Wholes:
    return wholes(when_unknown if value is None else value for value in values)

"""The distribution key: weighted basis, numbers fixed beforehand, and the largest remainder.

A key is kept whole with its result, so that it can be run again and shown.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from regions.division import CannotDivide, largest_remainder

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Place:
    """A municipality with what the key looks at."""

    code: str
    name: str
    households: int
    social_dwellings: int


@dataclass(frozen=True)
class Key:
    """Dwellings to divide, over whom, by which weights, and which numbers stand beforehand."""

    total: int
    places: Sequence[Place]
    weight_households: Fraction = HALF
    weight_social: Fraction = HALF
    # Code of a municipality -> its number, agreed apart and part of the total.
    fixed: Mapping[str, int] = field(default_factory=dict)


def distribute(key: Key) -> dict[str, int]:
    """Return code -> dwellings, in the order of the places; the numbers add up to the total."""
    codes = [place.code for place in key.places]
    if any(times > 1 for times in Counter(codes).values()):
        raise CannotDivide("a municipality occurs twice")
    if not set(key.fixed) <= set(codes):
        raise CannotDivide("a fixed number for a municipality that takes no part")
    rest = key.total - sum(key.fixed.values())
    if key.total < 0 or rest < 0 or any(number < 0 for number in key.fixed.values()):
        raise CannotDivide("more is fixed than there is")
    sharing = [place for place in key.places if place.code not in key.fixed]
    parts = dict(key.fixed)
    if sharing:
        by_code = {place.code: place for place in sharing}
        weights = _weights(key, sharing)
        # Ties are settled by name, and a code says which name it is.
        named = {f"{by_code[code].name}\0{code}": weight for code, weight in weights.items()}
        divided = largest_remainder(rest, named)
        parts |= {name.rpartition("\0")[2]: number for name, number in divided.items()}
    elif rest:
        raise CannotDivide("less is fixed than there is, and nobody is left to share")
    return {code: parts[code] for code in codes}


def shares(key: Key) -> dict[str, Fraction]:
    """The share of each place without a number beforehand, by code; together they are 1."""
    weights = _weights(key, [place for place in key.places if place.code not in key.fixed])
    whole = sum(weights.values(), Fraction())
    return {code: weight / whole for code, weight in weights.items()} if whole else weights


def _weights(key: Key, places: Sequence[Place]) -> dict[str, Fraction]:
    """Each place's part of the households and of the social dwellings, weighed together."""
    weights = {place.code: Fraction() for place in places}
    for weight, numbers in (
        (key.weight_households, {place.code: place.households for place in places}),
        (key.weight_social, {place.code: place.social_dwellings for place in places}),
    ):
        whole = sum(numbers.values())
        if weight and whole:
            for code, number in numbers.items():
                weights[code] += weight * Fraction(number, whole)
    return weights


def as_data(key: Key) -> dict[str, Any]:
    """The key with its result, as the database keeps it."""
    return {
        "total": key.total,
        "weight_households": str(key.weight_households),
        "weight_social": str(key.weight_social),
        "places": [
            {
                "code": place.code,
                "name": place.name,
                "households": place.households,
                "social_dwellings": place.social_dwellings,
            }
            for place in key.places
        ],
        "fixed": dict(key.fixed),
        "result": distribute(key),
    }


def from_data(data: Mapping[str, Any]) -> Key:
    """The key as it was kept."""
    return Key(
        total=data["total"],
        places=[Place(**place) for place in data["places"]],
        weight_households=Fraction(data["weight_households"]),
        weight_social=Fraction(data["weight_social"]),
        fixed=data["fixed"],
    )

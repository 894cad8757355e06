"""What a region may decide about the order and the fit: names, defaults, bounds and meanings.

This is the one place. The reader refuses what is out of bounds, the solver and the explanation
take the numbers from here, and the application makes its form and the algorithm register of
``POLICY_FIELDS``. The defaults are those of the contract.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from housing.matching.errors import InstanceError
from housing.matching.reading import Row

URGENCY_LEVELS = 4
LARGEST_POINTS = 1_000


@dataclass(frozen=True, slots=True)
class PolicyField:
    """One number of the policy; ``part`` is the object in which a file gives it."""

    part: str  # "policy" or "fit"
    name: str
    default: Any
    least: int
    most: int
    unit: str  # points, days or kilometres
    meaning: str
    may_be_null: bool = False


def _number(default: Any, least: int, most: int, unit: str, meaning: str) -> Any:
    bounds = {"least": least, "most": most, "unit": unit, "meaning": meaning}
    return field(default=default, metadata=bounds)


def _reward(default: int, meaning: str) -> Any:
    return _number(default, 0, LARGEST_POINTS, "points", meaning)


def _loss(default: int, meaning: str) -> Any:
    return _number(default, -LARGEST_POINTS, 0, "points", meaning)


@dataclass(frozen=True, slots=True)
class FitWeights:
    """Points of the third level; a reward is never below 0 and a loss never above it."""

    preferred_neighbourhood: int = _reward(100, "The home is in a neighbourhood the person prefers")
    near_network: int = _reward(60, "The home is near family or friends")
    near_day_activity: int = _reward(40, "The home is near work or day activity")
    near_km: int = _number(
        3,
        1,
        50,
        "kilometres",
        "Up to this distance counts as near; at three times as far no points are left",
    )
    contract_form: int = _reward(40, "The home comes with a contract form the person named")
    wasted_wheelchair: int = _loss(-60, "A wheelchair home for somebody who does not need one")
    wasted_step_free: int = _loss(-10, "A step-free home for somebody who does not need one")
    wasted_low_stimulus: int = _loss(-30, "A low-stimulus home for somebody who does not need one")
    spare_bedroom: int = _loss(-10, "Every bedroom above what is needed")
    person_too_many: int = _loss(-50, "Every person above what the home is meant for")
    above_appropriate_rent: int = _loss(
        -50, "The rent is above what the law calls appropriate for this household"
    )
    above_soft_placements: int = _loss(
        -40, "Every placement above what a neighbourhood carries with ease"
    )


@dataclass(frozen=True, slots=True)
class Policy:
    """The region's choices; without any it is the contract as it stands."""

    urgency_points: tuple[int, ...] = _number(
        (0, 1_000, 2_000, 3_000),
        0,
        10_000,
        "points",
        "Priority for urgency 0, 1, 2 and 3, beside one point for every day waited",
    )
    longest_counted_wait_days: int = _number(
        730, 0, 3_650, "days", "Days waited count for priority up to this many"
    )
    guard_days: int | None = _number(
        None,
        0,
        3_650,
        "days",
        "Who waits longer than this goes before later comers of equal priority",
    )
    fit: FitWeights = FitWeights()

    def as_json(self) -> dict[str, Any]:
        """Return the whole policy as a file gives it."""
        return asdict(self) | {"urgency_points": list(self.urgency_points)}


def _described(part: str, owner: type) -> Iterator[PolicyField]:
    for one in fields(owner):
        if one.metadata:
            null = one.default is None
            yield PolicyField(part, one.name, one.default, **one.metadata, may_be_null=null)


POLICY_FIELDS: tuple[PolicyField, ...] = (
    *_described("policy", Policy),
    *_described("fit", FitWeights),
)
FIELD = {one.name: one for one in POLICY_FIELDS}


def read_policy(value: Any) -> Policy:
    """Return the policy of ``options.policy``; every key may be absent."""
    row = Row(value, "options, policy", (), [one.name for one in fields(Policy)])
    given: dict[str, Any] = {}
    if "urgency_points" in row.value:
        given["urgency_points"] = _urgency_points(row)
    if "longest_counted_wait_days" in row.value:
        given["longest_counted_wait_days"] = _within(row, "longest_counted_wait_days")
    if row.value.get("guard_days") is not None:
        given["guard_days"] = _within(row, "guard_days", "a whole number or null")
    if "fit" in row.value:
        weights = Row(
            row.value["fit"], "options, policy, fit", (), [one.name for one in fields(FitWeights)]
        )
        given["fit"] = FitWeights(**{name: _within(weights, name) for name in weights.value})
    return Policy(**given)


def _within(row: Row, key: str, expected: str = "a whole number") -> int:
    return row.whole_between(key, FIELD[key].least, FIELD[key].most, expected)


def _urgency_points(row: Row) -> tuple[int, ...]:
    bounds = FIELD["urgency_points"]
    points = row.wholes_between("urgency_points", bounds.least, bounds.most)
    if len(points) != URGENCY_LEVELS or points[0] != 0 or list(points) != sorted(points):
        raise InstanceError(
            "wrong_type",
            where=row.where,
            key="urgency_points",
            expected="four whole numbers that begin with 0 and never fall",
        )
    return points

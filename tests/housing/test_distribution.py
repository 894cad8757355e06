"""The key that divides dwellings: published examples, laws, and what it refuses."""

from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from housing.distribution import (
    Key,
    Place,
    as_data,
    distribute,
    from_data,
)
from regions.division import CannotDivide, largest_remainder
from tests.scale import n

# Households and social dwellings of the seven municipalities, rounded and indicative.
KENNEMERLAND = [
    Place("GM0375", "Beverwijk", 19500, 7300),
    Place("GM0377", "Bloemendaal", 9900, 1500),
    Place("GM0392", "Haarlem", 78000, 24500),
    Place("GM0396", "Heemskerk", 17800, 5700),
    Place("GM0397", "Heemstede", 12200, 2300),
    Place("GM0453", "Velsen", 31500, 10500),
    Place("GM0473", "Zandvoort", 8700, 2600),
]


def whole(weights: dict[str, int]) -> dict[str, Fraction]:
    return {name: Fraction(weight) for name, weight in weights.items()}


def test_seven_dwellings_by_fifty_thirty_twenty_are_four_two_one():
    assert largest_remainder(7, whole({"a": 50, "b": 30, "c": 20})) == {"a": 4, "b": 2, "c": 1}


@pytest.mark.parametrize(
    ("households", "social", "expected"),
    [
        (Fraction(3, 5), Fraction(2, 5), [21, 8, 79, 18, 10, 33, 9]),
        (Fraction(1, 2), Fraction(1, 2), [22, 7, 79, 18, 10, 33, 9]),
    ],
)
def test_the_maximum_of_178_is_divided_by_households_and_social_stock(households, social, expected):
    key = Key(178, KENNEMERLAND, households, social)
    assert list(distribute(key).values()) == expected


def test_forty_with_fifteen_fixed_leaves_twenty_five_for_the_other_four():
    places = [Place(f"GM{i}", f"P{i}", 10_000 * i, 3_000 * i) for i in range(1, 6)]
    found = distribute(Key(40, places, fixed={"GM5": 15}))
    assert found["GM5"] == 15
    assert sum(number for code, number in found.items() if code != "GM5") == 25


def test_sixty_percent_of_283_is_170_and_leaves_113():
    assert largest_remainder(283, whole({"a": 60, "b": 40})) == {"a": 170, "b": 113}


def test_equal_remainders_go_to_the_larger_then_to_the_first_name():
    assert largest_remainder(1, whole({"b": 1, "a": 1})) == {"b": 0, "a": 1}
    assert largest_remainder(3, whole({"small": 1, "large": 3})) == {"small": 1, "large": 2}


WEIGHTS = st.dictionaries(
    st.sampled_from("abcdefgh"), st.integers(0, 50).map(Fraction), min_size=1, max_size=6
).filter(lambda weights: sum(weights.values()) > 0)


@settings(max_examples=n(100, 5000), deadline=None)
@given(total=st.integers(0, 400), weights=WEIGHTS)
def test_parts_are_whole_add_up_and_stay_within_one_of_the_exact_share(total, weights):
    parts = largest_remainder(total, weights)
    sum_of_weights = sum(weights.values())
    assert sum(parts.values()) == total
    for name, weight in weights.items():
        assert abs(parts[name] - total * weight / sum_of_weights) < 1


@settings(max_examples=n(40, 1000), deadline=None)
@given(total=st.integers(0, 12), weights=WEIGHTS.filter(lambda weights: len(weights) <= 3))
def test_no_other_division_lies_closer_to_the_exact_shares(total, weights):
    """Brute force: largest remainder is the whole division with the smallest squared distance."""
    names, sum_of_weights = list(weights), sum(weights.values())
    exact = [total * weights[name] / sum_of_weights for name in names]

    def distance(parts):
        return sum((part - share) ** 2 for part, share in zip(parts, exact, strict=True))

    parts = largest_remainder(total, weights)
    others = (
        candidate for candidate in _compositions(total, len(names)) if sum(candidate) == total
    )
    assert distance([parts[name] for name in names]) == min(map(distance, others))


def _compositions(total, length):
    if length == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in _compositions(total - first, length - 1):
            yield (first, *rest)


def test_the_order_of_the_places_changes_nothing():
    found = {
        tuple(sorted(distribute(Key(11, list(order))).items()))
        for order in permutations(KENNEMERLAND[:4])
    }
    assert len(found) == 1


@pytest.mark.parametrize(
    "key",
    [
        Key(-1, KENNEMERLAND),
        Key(10, KENNEMERLAND, fixed={"GM0375": 11}),
        Key(10, KENNEMERLAND, fixed={"GM9999": 1}),
        Key(10, [Place("a", "A", 0, 0)]),
        Key(10, KENNEMERLAND, Fraction(0), Fraction(0)),
        Key(10, KENNEMERLAND + KENNEMERLAND[:1]),
        Key(10, KENNEMERLAND[:1], fixed={"GM0375": 9}),
    ],
    ids=["negative", "too much", "unknown", "no basis", "no weight", "twice", "left over"],
)
def test_a_key_that_cannot_divide_is_refused(key):
    with pytest.raises(CannotDivide):
        distribute(key)


def test_a_kept_key_gives_the_same_numbers_again():
    key = Key(178, KENNEMERLAND, Fraction(3, 5), Fraction(2, 5), fixed={"GM0392": 70})
    kept = as_data(key)
    assert distribute(from_data(kept)) == kept["result"] == distribute(key)

"""Attacks on the numbers of equal chances: subtracting, two months, pairs of rows; and chance."""

from collections.abc import Callable
from itertools import combinations
from math import comb
from random import Random
from typing import Any

import highspy
import pytest

from housing.exact_test import stand_out, two_sided
from housing.fairness_audit import LEAST_ROOM, columns_told, hidden_cells, told_range
from regions.formats import SMALLEST_COUNT_SHOWN
from tests.scale import n

FEW = SMALLEST_COUNT_SHOWN - 1
NAMES = ("waited", "placed", "looked", "matched")
Hidden = set[tuple[str, int]]


def a_region(chance: Random) -> list[dict[str, int | None]]:
    """Rows of one division with groups of any size, small ones often."""
    rows: list[dict[str, int | None]] = []
    for _ in range(chance.randint(2, 7)):
        waited = chance.randint(0, chance.choice((12, 40, 300)))
        placed = chance.choice((chance.randint(0, waited), waited, min(waited, 9)))
        looked = chance.choice((chance.randint(0, waited), waited))
        matched = chance.choice((chance.randint(0, looked), looked, 0))
        waiting = chance.randint(0, waited - placed)
        numbers = (waited, placed, looked, matched, waiting)
        rows.append(dict(zip((*NAMES, "waiting"), numbers, strict=True)))
    return rows


def sums(rows: list[dict[str, int | None]]) -> dict[str, int | None]:
    return {name: sum(row[name] or 0 for row in rows) for name in (*NAMES, "waiting")}


def naively(rows: list[Any], _whole: Any) -> tuple[list[str], Hidden]:
    """The control: small numbers in words, nothing else kept back."""
    return list(NAMES), set()


def as_on_the_page(rows: list[Any], whole: Any) -> tuple[list[str], Hidden]:
    return columns_told(whole), hidden_cells(rows, whole)


class Attacker:
    """Everything that is told as a linear program; asks what a number can still be.

    Written apart from the one that decides what is told, so that both would have to be wrong.
    """

    def __init__(self, rows: list[Any], whole: Any, columns: list[str], hidden: Hidden) -> None:
        self.rows = rows
        self.solver = highspy.Highs()
        self.solver.setOptionValue("output_flag", False)
        self.of: dict[tuple[str, int], Any] = {}
        for at, row in enumerate(rows):
            for name in NAMES:
                told = name in columns and (name, at) not in hidden
                low, high = told_range(row[name]) if told else (0, 10_000)
                self.of[name, at] = self.solver.addVariable(lb=low, ub=high)
            many = "waiting" in columns and ("waiting", at) not in hidden and row["waiting"] > FEW
            waits = self.solver.addVariable(lb=FEW + 1 if many else 0, ub=10_000)
            self.solver.addConstr(waits + self.of["placed", at] - self.of["waited", at] <= 0)
            for part, of in (("placed", "waited"), ("looked", "waited"), ("matched", "looked")):
                self.solver.addConstr(self.of[part, at] - self.of[of, at] <= 0)
        for name in (name for name in NAMES if name in columns):
            low, high = told_range(whole[name])
            total = sum(self.of[name, at] for at in range(len(rows)))
            self.solver.addConstr(total >= low)
            self.solver.addConstr(total <= high)

    def room(self, expression: Any) -> float:
        """How far apart the least and the most are, of values below ten."""
        self.solver.minimize(expression)
        least = self.solver.getObjectiveValue()
        self.solver.maximize(expression)
        return min(FEW, self.solver.getObjectiveValue()) - max(0, least)

    def nearly_known(self) -> list[str]:
        """Small numbers, and small differences between two, that are narrowed down."""
        found = []
        for at, row in enumerate(self.rows):
            for name in NAMES:
                if row[name] <= FEW and self.room(self.of[name, at]) < LEAST_ROOM:
                    found.append(f"{name} {at}")
            for part, of in (("placed", "waited"), ("looked", "waited"), ("matched", "looked")):
                rest = self.of[of, at] - self.of[part, at]
                if row[of] - row[part] <= FEW and self.room(rest) < LEAST_ROOM:
                    found.append(f"{of} less {part} {at}")
        return found


def attacked(tell: Callable[..., tuple[list[str], Hidden]], rows: list[Any]) -> list[str]:
    whole = sums(rows)
    return Attacker(rows, whole, *tell(rows, whole)).nearly_known()


def worlds(number: int) -> list[list[dict[str, int | None]]]:
    return [a_region(Random(seed)) for seed in range(number)]


def test_no_small_number_follows_from_totals_and_the_other_numbers():
    found = [attacked(as_on_the_page, rows) for rows in worlds(n(60, 2000))]
    assert [each for each in found if each] == []


def test_the_attack_finds_something_where_only_small_numbers_are_hidden():
    assert any(attacked(naively, rows) for rows in worlds(n(60, 2000)))


def test_most_is_still_told_of_groups_of_an_ordinary_size():
    chance = Random(3)
    told = 0
    for _ in range(20):
        rows: list[dict[str, int | None]] = []
        for _group in range(5):
            waited = chance.randint(40, 200)
            looked, placed = round(waited * 0.6), round(waited * 0.4)
            rows.append(
                {
                    "waited": waited,
                    "placed": placed,
                    "looked": looked,
                    "matched": round(looked * 0.4),
                    "waiting": round(waited * 0.3),
                }
            )
        told += 5 * len(rows) - len(hidden_cells(rows, sums(rows)))
    assert told == 20 * 25


def small_pairs(rows: list[Any]) -> list[tuple[int, int]]:
    sizes = [row["waited"] for row in rows]
    pairs = combinations(range(len(rows)), 2)
    return [(one, two) for one, two in pairs if sizes[one] + sizes[two] <= FEW]


def room_of_pairs(tell: Callable[..., tuple[list[str], Hidden]], rows: list[Any]) -> list[float]:
    whole = sums(rows)
    attacker = Attacker(rows, whole, *tell(rows, whole))
    of = attacker.of
    return [attacker.room(of["waited", one] + of["waited", two]) for one, two in small_pairs(rows)]


def test_any_two_rows_together_tell_no_more_than_each():
    rooms = [room for rows in worlds(n(60, 2000)) for room in room_of_pairs(as_on_the_page, rows)]
    assert rooms
    assert min(rooms) >= LEAST_ROOM


def test_two_rows_together_would_tell_it_where_only_small_numbers_are_hidden():
    rooms = [room for rows in worlds(n(200, 2000)) for room in room_of_pairs(naively, rows)]
    assert min(rooms) < LEAST_ROOM


def group(waited: int, placed: int = 0) -> dict[str, int | None]:
    return {"waited": waited, "placed": placed, "looked": None, "matched": None, "waiting": 0}


def hidden_waited(*waited: int) -> set[int]:
    rows = [group(each) for each in waited]
    return {at for column, at in hidden_cells(rows, sums(rows)) if column == "waited"}


def test_a_small_group_takes_another_along_only_where_it_must():
    # 3 of 203 and the others are told: anything from 0 to 9 is possible already.
    assert hidden_waited(100, 100, 3) == set()
    # 9 of 24 beside one of 15: the total would tell it.
    assert 0 in hidden_waited(15, 9)
    assert hidden_waited(9, 9) == {0, 1}


def change_told(before: int, after: int) -> tuple[int, int]:
    """The least and the most that a number may have changed by what is told of two months."""
    (least, most), (then_least, then_most) = told_range(before), told_range(after)
    return then_least - most, then_most - least


def test_two_months_never_tell_that_one_person_came_or_went():
    for before in range(400):
        for change in range(-FEW, FEW + 1):
            if change and before + change >= 0:
                low, high = change_told(before, before + change)
                # What is told fits at least as many changes as a small number keeps values.
                assert high - low >= 4, (before, change)
                assert low <= change <= high


def test_exact_months_would_tell_it():
    assert all(after - before == 1 for before, after in ((41, 42), (9, 10)))
    assert change_told(41, 42)[0] < 1 <= change_told(41, 42)[1]
    assert change_told(41, 42) != (1, 1)


# Chance ------------------------------------------------------------------------------------------


def by_counting(part: int, whole: int, all_part: int, all_whole: int) -> float:
    """The same test with whole numbers alone."""
    ways = {
        k: comb(all_part, k) * comb(all_whole - all_part, whole - k)
        for k in range(max(0, whole + all_part - all_whole), min(whole, all_part) + 1)
    }
    return sum(w for w in ways.values() if w <= ways[part]) / sum(ways.values())


def test_the_chance_is_that_of_counting_every_way():
    chance = Random(7)
    for _ in range(n(200, 2000)):
        all_whole = chance.randint(1, 60)
        all_part, whole = chance.randint(0, all_whole), chance.randint(0, all_whole)
        least, most = max(0, whole + all_part - all_whole), min(whole, all_part)
        part = chance.randint(least, most)
        expected = by_counting(part, whole, all_part, all_whole)
        assert two_sided(part, whole, all_part, all_whole) == pytest.approx(expected, rel=1e-6)


def test_a_published_example_of_the_exact_test():
    # Fisher's tea with milk: 3 of 4 guessed right.
    assert two_sided(3, 4, 4, 8) == pytest.approx(0.4857, abs=1e-4)


def test_a_part_larger_than_its_whole_is_refused():
    with pytest.raises(ValueError, match="larger than its whole"):
        two_sided(5, 4, 4, 8)


def test_looking_at_many_groups_raises_no_false_alarm():
    """Where everybody has the same chance, fewer than one page in twenty says otherwise."""
    chance, pages, alarms = Random(11), n(300, 2000), 0
    for _ in range(pages):
        groups = [(60, sum(chance.random() < 0.4 for _ in range(60))) for _ in range(6)]
        everybody, home = sum(g for g, _h in groups), sum(h for _g, h in groups)
        alarms += any(stand_out([two_sided(h, g, home, everybody) for g, h in groups]))
    assert alarms <= 0.05 * pages + 3 * (0.05 * 0.95 * pages) ** 0.5
    # The control: each group by itself at one in twenty would cry far more often.
    assert not any(stand_out([0.04] * 20))
    assert stand_out([0.04]) == [True]


def test_holm_looks_at_the_smallest_first():
    assert stand_out([0.03, 0.001, 0.04]) == [False, True, False]
    assert stand_out([0.02, 0.001, 0.024]) == [True, True, True]

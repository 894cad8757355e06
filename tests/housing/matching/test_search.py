"""The pieces of the search, each against what must hold of it."""

import random
from dataclasses import replace

import numpy as np
import pytest

from housing.matching import InstanceError, check, match, program, sifting, solving
from housing.matching.components import components
from housing.matching.greedy import by_priority, by_scarcity, fill
from housing.matching.instance import Instance, read
from housing.matching.problem import Problem
from housing.matching.program import Program, program_of
from housing.matching.relaxation import Relaxation, certified_bound
from housing.matching.solving import Answer, priority_bound, solve
from housing.matching.swaps import swapped
from tests.housing.matching import oracle
from tests.housing.matching.instances import region, tiny
from tests.scale import n


def largest(given):
    problem = Problem(read(given))
    programs = [program_of(problem, numbers) for numbers in components(problem)]
    return max(programs, key=lambda part: part.size)


def step():
    pass


@pytest.fixture(scope="module")
def part():
    return largest(region(90, 40, seed=6))


@pytest.fixture(scope="module")
def best(part):
    return solve(part, step)


def test_a_program_is_the_same_after_json(part):
    again = Program.from_json(part.to_json())
    assert again.key == part.key
    assert again.placements_key == part.placements_key


def test_placements_do_not_depend_on_who_is_placed(part):
    other = replace(part, priority=part.priority + 1, points=part.points + 1)
    assert other.key != part.key
    assert other.placements_key == part.placements_key
    fewer = replace(part, limits=part.limits - 1)
    assert fewer.placements_key != part.placements_key


def test_an_answer_that_breaks_a_row_never_gets_out(part):
    with pytest.raises(ArithmeticError):
        part.verify(part.uppers)


@pytest.mark.parametrize("seed", range(n(20, 300)))
def test_any_prices_prove_a_bound(part, best, seed):
    draw = np.random.default_rng(seed)
    rows = len(part.people) + len(part.homes) + len(part.limits) + 1
    prices = draw.uniform(-200, 1500, rows) * draw.integers(0, 2, rows)
    placements = int(best.values.sum())
    bound = certified_bound(part, part.priority, prices, placements)
    assert bound >= int(part.priority @ best.values)


def test_good_prices_prove_nearly_what_is_relaxed(part):
    relaxation = Relaxation(part)
    relaxation.set_costs(np.ones(part.size, dtype=np.int64))
    relaxed = relaxation.model.relax()
    ones = np.ones(part.size, dtype=np.int64)
    assert certified_bound(part, ones, relaxed.prices, 0) == int(relaxed.value + 1e-6)


def test_sifting_finds_what_relaxing_all_columns_finds(part, monkeypatch):
    whole = sifting.Sifting(part, step)
    assert len(whole.columns) == part.size
    monkeypatch.setattr(sifting, "PROVE_UP_TO", 0)
    for name in ("OF_EACH_PERSON", "OF_EACH_HOME"):
        monkeypatch.setattr(sifting, name, 1)
    few = sifting.Sifting(part, step)
    assert len(few.columns) < part.size / 3
    for costs, total in (
        (np.ones(part.size, dtype=np.int64), (0, float("inf"))),
        (part.priority, (20, 20)),
    ):
        (all_at_once, bound), (sifted, same) = (s.relaxed(costs, total) for s in (whole, few))
        assert sifted.value == pytest.approx(all_at_once.value)
        assert abs(same - bound) <= 1
    assert len(few.columns) < part.size


@pytest.mark.parametrize("gap", [program.CLOSE_GAP, program.QUICK_GAP])
@pytest.mark.parametrize("sifted", [False, True])
def test_less_effort_stays_valid_and_its_bounds_hold(part, best, gap, sifted, monkeypatch):
    if sifted:
        monkeypatch.setattr(sifting, "PROVE_UP_TO", 0)
        monkeypatch.setattr(solving, "EXCHANGE_UP_TO", 0)
    found = solve(replace(part, gap=gap), step)
    part.verify(found.values)
    placements, priority = int(found.values.sum()), int(part.priority @ found.values)
    assert placements <= best.values.sum() <= found.placements_bound
    if placements == best.values.sum():
        assert priority <= int(part.priority @ best.values) <= found.priority_bound
    for order in (by_priority(part), by_scarcity(part)):
        assert placements >= fill(part, order).sum()


def test_the_same_program_gets_the_same_answer_twice(part, best):
    assert np.array_equal(solve(part, step).values, best.values)


def test_swaps_keep_the_number_and_never_lose_priority(part):
    first = fill(part, by_scarcity(part))
    better = swapped(part, first)
    part.verify(better)
    assert better.sum() == first.sum()
    assert part.priority @ better > part.priority @ first


def test_unproven_placements_may_move_between_components():
    def one(placed, most, limit, slope):
        return Answer(np.array([placed]), most, limit, limit, slope, False)

    proven = [one(3, 3, 100, 10), one(2, 2, 50, 30)]
    assert priority_bound(proven) == 150
    # One more in the second costs the first at least nine.
    assert priority_bound([one(3, 3, 100, 10), one(2, 3, 50, 30)]) == 150 + 30 - 9
    assert priority_bound([one(2, 3, 50, 30)]) == 50


@pytest.mark.parametrize("seed", range(n(25, 300)))
def test_who_waited_beyond_the_limit_comes_after_priority_and_before_fit(seed, monkeypatch):
    given = tiny(seed)
    draw = random.Random(seed)
    days = {c["ref"]: draw.choice([0, 0, 10, 40]) for c in given["clients"]}
    for person in given["clients"]:  # equal priority, so that the limit decides
        person |= {"urgency": 0, "waiting_since": "2026-05-01"}
    monkeypatch.setattr(
        Instance,
        "days_beyond_guard",
        lambda self: np.array([days[c.ref] for c in self.clients], dtype=np.int64),
    )
    monkeypatch.setattr("housing.matching.problem.content_hashes", _own_hashes)
    try:
        result = match(given)
    except InstanceError:
        given["locked"] = []
        result = match(given)
    check(given, result)

    def reached(pairs):
        return (
            len(pairs),
            sum(oracle.priority(c, given) for c, _ in pairs),
            sum(days[c["ref"]] for c, _ in pairs),
            oracle.fit(pairs, given),
        )

    chosen = reached(oracle.chosen(result, given))
    assert chosen == max(reached(pairs) for pairs in oracle.answers(given))
    assert result["status"] == "optimal"


def _own_hashes(instance):
    """Nobody is anybody's twin: here the limit is no part of the content."""
    return [c.ref for c in instance.clients], [d.ref for d in instance.dwellings]

"""A memory saves work and changes nothing; parts can be solved anywhere."""

import copy
import json
import random

import pytest

from housing.matching import highs, match, memory, parts, solve_part
from housing.matching.instance import read
from housing.matching.memory import answer_key
from housing.matching.problem import Problem
from housing.matching.resolving import Resolver
from tests.housing.matching.instances import dwelling, nation, region, tiny
from tests.housing.matching.test_laws import answer, renamed, untimed
from tests.scale import n

TWO = nation(2, 40, 16)


class Kept(dict):
    """A memory whose values went through JSON, as in a table."""

    def put(self, key, value):
        self[key] = json.loads(json.dumps(value))


@pytest.fixture
def solved(monkeypatch):
    """The keys of all programs that are really solved for an answer."""
    keys = []
    once = memory.solve

    def counted(program, step):
        keys.append(answer_key(program))
        return once(program, step)

    monkeypatch.setattr(memory, "solve", counted)
    return keys


@pytest.mark.parametrize("seed", range(n(20, 200)))
def test_the_result_is_the_same_with_and_without_a_memory(seed):
    given, kept = tiny(seed), Kept()
    without = json.dumps(untimed(answer(given)))
    assert json.dumps(untimed(match(given, memory=kept))) == without
    assert json.dumps(untimed(match(given, memory=kept))) == without


def test_what_is_remembered_is_not_solved_again_bottlenecks_included(solved, monkeypatch):
    kept = Kept()
    first = match(TWO, memory=kept)
    assert len(solved) == len(parts(TWO)) >= 2
    assert {key.partition("-")[0] for key in kept} == {"answer", "placements"}
    size = len(kept)
    assert untimed(match(TWO, memory=kept)) == untimed(first)
    assert len(solved) == len(parts(TWO))
    assert len(kept) == size


def test_a_change_in_one_place_solves_only_what_changed(solved):
    kept = Kept()
    match(TWO, memory=kept)
    before = set(solved)
    changed = copy.deepcopy(TWO)
    housed = match(TWO)["pairs"][0]["client"]
    person = next(c for c in changed["clients"] if c["ref"] == housed)
    person["urgency"] = (person["urgency"] + 1) % 4
    solved.clear()
    match(changed, memory=kept)
    assert len(solved) == 1
    assert not before & set(solved)


def test_parts_solved_elsewhere_are_all_that_a_run_needs(solved):
    kept = Kept()
    for key, size, program in parts(TWO):
        assert size == len(program["client"])
        kept.put(key, solve_part(json.loads(json.dumps(program))))
    assert untimed(match(TWO, memory=kept)) == untimed(match(TWO))
    assert len(solved) == len(parts(TWO))  # those of the run without a memory


def test_keys_tell_nothing_of_names():
    given = region(40, 20, seed=4)
    refs = [item["ref"] for item in [*given["clients"], *given["dwellings"]]]
    new = [f"N{number}" for number in range(len(refs))]
    random.Random(4).shuffle(new)
    other = renamed(given, dict(zip(refs, new, strict=True)))
    assert [key for key, _, _ in parts(other)] == [key for key, _, _ in parts(given)]


def test_an_answer_that_does_not_fit_its_program_is_refused():
    kept = Kept()
    match(TWO, memory=kept)
    for key in kept:
        if key.startswith("answer"):
            kept[key]["counts"] = [99 for _ in kept[key]["counts"]]
    with pytest.raises(ArithmeticError):
        match(TWO, memory=kept)


@pytest.mark.parametrize("seed", range(n(30, 300)))
def test_the_gain_of_any_change_is_what_solving_again_gives(seed):
    given = tiny(seed)
    before = answer(given)
    problem = Problem(read(given))
    people = {c.ref: k for k, c in enumerate(problem.instance.clients)}
    homes = {d.ref: k for k, d in enumerate(problem.instance.dwellings)}
    placed = [(people[p["client"]], homes[p["dwelling"]]) for p in before["pairs"]]
    resolver = Resolver(problem, placed, Kept())
    changed = copy.deepcopy(given)
    match_ = random.Random(seed)
    promised = {p["dwelling"] for p in given["locked"]}
    if match_.random() < 0.5:
        changed["dwellings"].append(dwelling("new"))
    else:
        changed["dwellings"] = [
            d for d in changed["dwellings"] if d["ref"] in promised or match_.random() < 0.7
        ]
        for row in changed["guidance"]:
            row["free_hours"] += match_.choice([0, 0.5, 2])
    gain = resolver.gain(read(changed))
    assert gain == match(changed)["placements"] - before["placements"]
    assert resolver.gain(problem.instance) == 0


def test_a_run_can_be_cancelled_at_every_step_also_inside_the_solver(monkeypatch):
    monkeypatch.setattr(highs, "LONG_FROM", 0)
    given = region(60, 24, seed=2)
    stages = []
    match(given, progress=lambda stage, done, total: stages.append(stage))
    assert set(stages) == {"solving", "bottlenecks"}
    assert stages.count("solving") > 10

    class Cancelled(Exception):
        pass

    for at in (1, len(stages) // 3, len(stages) - 1):
        told = []

        def cancel(stage, done, total, told=told, at=at):
            told.append(stage)
            if len(told) == at:
                raise Cancelled

        with pytest.raises(Cancelled):
            match(given, progress=cancel)
        assert len(told) == at

"""What was made fast says the same as a plain way to say it."""

import os
from concurrent.futures.process import BrokenProcessPool
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from outflow.estimation.chance import pick
from outflow.estimation.exposure import bin_edges, exposures, groups_of, observed
from outflow.estimation.files import read_csv
from outflow.estimation.hazards import FAR, PhaseHazards
from outflow.estimation.histories import follow
from outflow.estimation.homes import REGION_WIDE, Homes, Queue
from outflow.estimation.processes import in_order
from outflow.estimation.quarters import day_number
from outflow.estimation.stays import Stays
from outflow.estimation.tables import read_spells
from tests.outflow.estimation.truths import Truth, World
from tests.scale import n


def _hazards(rng: np.random.Generator, *, draws: int, groups: int) -> list[PhaseHazards]:
    found = []
    for causes in ((7, 1), (2,), (), (3, 6, 8, 9)):
        edges = np.unique(np.append(0.0, rng.integers(1, 300, rng.integers(0, 6)))).astype(float)
        rates = rng.gamma(0.5, 0.02, (draws, groups, len(edges), len(causes)))
        rates[rng.random(rates.shape) < 0.2] = 0.0
        rate = rates.sum(axis=3)
        total = np.zeros_like(rate)
        np.cumsum(rate[:, :, :-1] * np.diff(edges), axis=2, out=total[:, :, 1:])
        share = np.cumsum(rates, axis=3)
        np.divide(share, rate[..., None], out=share, where=rate[..., None] > 0)
        found.append(PhaseHazards(edges, rate, total, np.array(causes, dtype=np.int64), share))
    return found


def _one_stay(
    phase: PhaseHazards, draw: int, group: int, stayed: int, luck: float, choice: float, pace: float
) -> tuple[int, int]:
    """Spend the luck of one person bin by bin."""
    left = -np.log(luck) / pace
    begins = [*phase.edges.tolist(), np.inf]
    for number, (low, high) in enumerate(pairwise(begins)):
        rate = phase.rate[draw, group, number]
        if high <= stayed or rate == 0:
            continue
        begin = max(low, stayed)
        if left < rate * (high - begin):
            shares = phase.share[draw, group, number]
            cause = int(np.argmax(shares > choice))
            return max(int(np.floor(begin + left / rate)), stayed), int(phase.causes[cause])
        left -= rate * (high - begin)
    return FAR, -1


@pytest.mark.parametrize("seed", range(n(8, 200)))
def test_a_stay_looked_up_is_the_stay_spent_bin_by_bin(seed):
    rng = np.random.default_rng(seed)
    hazards = _hazards(rng, draws=3, groups=4)
    people = 200
    phase, draw, group = (rng.integers(0, most, people) for most in (4, 3, 4))
    stayed = rng.integers(0, 400, people) * (rng.random(people) < 0.5)
    luck, choice = rng.random(people), rng.random(people)
    pace = rng.choice([0.5, 1.0, 2.5], people)
    days, then = Stays.of(hazards).draw(
        phase, draw, group, luck=luck, choice=choice, pace=pace, stayed=stayed
    )
    for person in range(people):
        told = _one_stay(
            hazards[phase[person]],
            draw[person],
            group[person],
            stayed[person],
            luck[person],
            choice[person],
            pace[person],
        )
        assert (days[person], then[person]) == told
    assert (days < FAR).any()
    assert (days == FAR).any()


def test_somebody_who_just_came_has_stayed_no_day():
    rng = np.random.default_rng(4)
    stays = Stays.of(_hazards(rng, draws=2, groups=2))
    phase, draw, group = (rng.integers(0, most, 300) for most in (4, 2, 2))
    chances = {"luck": rng.random(300), "choice": rng.random(300), "pace": np.ones(300)}
    plain = stays.draw(phase, draw, group, **chances)
    zero = stays.draw(phase, draw, group, stayed=np.zeros(300, dtype=np.int64), **chances)
    np.testing.assert_array_equal(plain, zero)


def test_options_are_picked_by_their_weight_and_never_without():
    rng = np.random.default_rng(1)
    weights = rng.gamma(0.3, 1.0, (50, 7)) * (rng.random((50, 7)) < 0.6)
    weights[:, 3] += 0.01
    row = rng.integers(0, 50, 20_000)
    found = pick(weights, row, rng.random(20_000))
    assert (weights[row, found] > 0).all()
    of_first = np.bincount(found[row == 0], minlength=7) / (row == 0).sum()
    np.testing.assert_allclose(of_first, weights[0] / weights[0].sum(), atol=0.09)


def test_luck_of_almost_one_stays_in_its_row():
    weights = np.array([[1.0, 0.0], [2.0, 1.0]])
    found = pick(weights, np.array([0, 1]), np.array([1 - 2**-53, 1 - 2**-53]))
    assert found.tolist() == [0, 1]


@pytest.mark.parametrize("seed", range(n(5, 100)))
def test_the_queue_serves_as_if_it_were_sorted_anew_each_time(seed):
    rng = np.random.default_rng(seed)
    people = 120
    group, town = rng.integers(0, 4, people), rng.integers(0, 6, people)
    since = rng.integers(-40_000, 20_000, people)
    key = rng.integers(0, 2**64, people, dtype=np.uint64)
    queue, waiting = Queue(people), np.zeros(people, dtype=bool)
    served = 0
    for step in range(40):
        moved = rng.random(people) < 0.1
        queue.leave(np.flatnonzero(moved & waiting))
        waiting ^= moved
        back = np.flatnonzero(moved & waiting)
        since[back] = rng.integers(0, 20_000, len(back))
        new = queue.outside(waiting)
        queue.join(new, queue=group[new], since=since[new], tie=key[new])
        in_turn = np.lexsort((key, since, group))
        in_turn = in_turn[waiting[in_turn]]
        assert queue.who.tolist() == in_turn.tolist()

        wanted, place = (group, 4) if step % 2 else (town, 6)
        homes = np.sort(rng.integers(0, place, 5))
        if step % 2:
            who, what = queue.first(homes)
        else:
            which = np.isin(town[queue.who], homes)
            who, what = queue.first_of(which, town[queue.who][which], homes)
        left = sorted(in_turn.tolist(), key=lambda person: (since[person], key[person]))
        expected = []
        for number, home in enumerate(homes.tolist()):
            fits = [person for person in left if wanted[person] == home]
            if step % 2 == 0:
                fits = [person for person in in_turn.tolist() if person in fits]
            if fits:
                expected.append((fits[0], number))
                left.remove(fits[0])
        assert list(zip(who.tolist(), what.tolist(), strict=True)) == expected
        queue.leave(who)
        waiting[who] = False
        served += len(who)
    assert served > 0


@pytest.mark.parametrize("seed", range(n(5, 100)))
def test_homes_on_offer_are_those_that_came_and_are_not_given_or_lost(seed):
    rng = np.random.default_rng(seed)
    count = 80
    day = rng.integers(0, 400, count)
    nowhere = np.zeros(count, dtype=np.int64)
    homes = Homes(
        nowhere, nowhere.copy(), np.full(count, REGION_WIDE), day.copy(), np.zeros(count, bool)
    )
    taken: dict[int, bool] = {}
    for begin, until in pairwise(range(0, 420, 15)):
        offered = homes.on_offer(begin, until)
        expected = [
            home
            for home in range(count)
            if not taken.get(home) and day[home] < until and day[home] + 60 >= begin
        ]
        assert offered.tolist() == expected
        given = offered[rng.random(len(offered)) < 0.5]
        homes.taken[given] = True
        taken |= dict.fromkeys(given.tolist(), True)
        refused = np.array([home for home in taken if taken[home] and rng.random() < 0.1], int)
        day[refused] = rng.integers(until, until + 40, len(refused))
        homes.give_back(refused, day[refused])
        taken |= dict.fromkeys(refused.tolist(), False)


def test_person_days_are_those_counted_day_by_day():
    world = World(Truth(regions=2, arrivals_per_quarter=4, homes_per_quarter=3, years=2), 1)
    known = follow(read_spells(world.spells()), as_of=day_number(Truth().as_of))
    since = day_number(world.start)
    which, begin, end, _then = observed(known, since)
    group = groups_of(known)[which]
    assert (begin > 0).any()
    for phase, found in enumerate(exposures(known, register_start=since)):
        expected = np.zeros_like(found.person_days)
        for person in np.flatnonzero(known.phase[which] == phase).tolist():
            half_days = np.arange(begin[person], end[person], 0.5)
            at = np.searchsorted(found.edges, half_days, side="right") - 1
            np.add.at(expected[group[person]], at, 0.5)
        wide = np.append(np.diff(found.edges) > 1, True)
        np.testing.assert_allclose(found.person_days[:, wide], expected[:, wide])


def test_bins_begin_at_quantiles_of_the_departures():
    rng = np.random.default_rng(5)
    for size in (2, 39, 199, 200, 1000):
        durations = np.floor(rng.gamma(1.5, 100, size))
        edges = bin_edges(durations)
        count = int(np.clip(size // 20, 2, 16))
        shares = [number / count for number in range(1, count)] + ([0.98] if size >= 200 else [])
        for share in shares:
            assert np.quantile(durations, share, method="inverted_cdf") in edges


def _cubed(part: int) -> int:
    return part**3


def _fails(part: int) -> int:
    raise ValueError(f"part {part}")


def _dies(part: int) -> int:
    os._exit(3)


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_answers_come_in_the_order_of_the_parts(processes):
    told = list(in_order(_cubed, 11, processes=processes))
    assert told == [part**3 for part in range(11)]
    assert list(in_order(_cubed, 0, processes=processes)) == []


def test_what_goes_wrong_in_another_process_is_told_here():
    with pytest.raises(ValueError, match="part 0"):
        list(in_order(_fails, 4, processes=2))


def test_a_process_that_dies_does_not_keep_the_others_waiting():

    with pytest.raises(BrokenProcessPool):
        list(in_order(_dies, 4, processes=2))


def test_tables_of_categories_texts_and_files_say_the_same(tmp_path):
    spells = World(Truth(arrivals_per_quarter=4, homes_per_quarter=2, years=2), 1).spells()
    spells.to_csv(tmp_path / "spells.csv", index=False)
    day = day_number(Truth().as_of)
    plain = follow(read_spells(spells), as_of=day)
    for other in (
        read_spells(read_csv(tmp_path / "spells.csv")),
        read_spells(spells.astype("str")),
        read_spells(spells.astype("category")),
        read_spells(spells).astype({"client": object, "region": object, "municipality": object}),
    ):
        found = follow(other, as_of=day)
        assert found.names == plain.names
        for name in ("client", "region", "municipality", "kind", "phase", "start", "end", "next"):
            np.testing.assert_array_equal(getattr(found, name), getattr(plain, name))


def test_names_decide_only_between_clients_with_the_same_history():
    row = ["Elmrand", "Provider", "BW", "Elmstede", "intake", "2025-01-01", "", ""]
    columns = ["client", "region", "provider", "facility_type", "municipality", "phase"]
    columns += ["from", "to", "next"]
    tables = [
        pd.DataFrame([[name, *row] for name in names], columns=columns, dtype=object)
        for names in (("b", "a", "c"), ("c", "b", "a"))
    ]
    first, other = (follow(read_spells(table), as_of=day_number(Truth().as_of)) for table in tables)
    assert first.names == other.names == ["a", "b", "c"]
    assert len(set(first.keys.tolist())) == 3
    np.testing.assert_array_equal(first.keys, other.keys)

"""The choices that are left: classes of identical people and homes, and what they share.

Identical people (and identical homes) form one class with a multiplicity. The classes are
ordered by content, never by ref, so the problem reads the same under any names.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from housing.matching.arrays import Flags, Positions, Wholes, codes, wholes
from housing.matching.capacities import Capacities, Uses, refuse_broken_promises
from housing.matching.eligibility import Eligibility, Pairs
from housing.matching.fit import Fit
from housing.matching.identity import content_hashes
from housing.matching.instance import Instance


@dataclass(frozen=True)
class Choices:
    """So many people of one class may get a home of one class: one position per choice.

    Sorted by client class, then dwelling class. ``uses`` holds every row; ``binding`` only those
    that can become full.
    """

    client_class: Positions
    dwelling_class: Positions
    priority: Wholes
    guard: Wholes
    points: Wholes
    place: Positions  # among the instance's neighbourhoods
    uses: Uses
    binding: Uses

    def __len__(self) -> int:
        return len(self.client_class)


@dataclass(frozen=True)
class Classes:
    """Groups of identical people or homes: who is in each, and the class of every position."""

    members: list[list[int]]
    of: Positions  # -1 for who is in no class

    @cached_property
    def sizes(self) -> Wholes:
        return wholes(len(members) for members in self.members)

    @cached_property
    def first(self) -> Positions:
        return wholes(members[0] for members in self.members)


class Problem:
    """Everything that is still open after the promises; positions are those of the instance."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.capacities = Capacities(instance)
        self.eligibility = Eligibility(instance)
        self.pairs: Pairs = self.eligibility.pairs()  # all eligible ones, promises included
        client_at = {c.ref: i for i, c in enumerate(instance.clients)}
        dwelling_at = {d.ref: i for i, d in enumerate(instance.dwellings)}
        self.locked = [(client_at[c], dwelling_at[d]) for c, d in instance.locked]
        promised = [(instance.clients[c], instance.dwellings[d]) for c, d in self.locked]
        used = self.capacities.used_by(promised)
        refuse_broken_promises(self.capacities, used)
        self.free = wholes(row.size for row in self.capacities.rows) - wholes(used)
        self.priorities = instance.priorities()
        self.fit = Fit(instance)
        self.above_soft = self.fit.above_soft
        self.soft_left, self.spreads = self._soft_left()
        open_pairs, uses = self._open_pairs()
        client_hash, dwelling_hash = content_hashes(instance)
        self.clients = _classes(client_hash, open_pairs.client, open_pairs.dwelling)
        self.dwellings = _classes(dwelling_hash, open_pairs.dwelling, open_pairs.client)
        self.guard = instance.days_beyond_guard()[self.clients.first]  # of every client class
        self.choices = self._choices(open_pairs, uses)
        self.spreads &= self._most_placements_per_place() > self.soft_left

    def rows_that_close_pairs(self) -> set[int]:
        """Return the rows of which a little more opens pairs that are no choice now."""
        instance, free = self.instance, self.free
        needed = {kind for c in instance.clients for kind in c.support}
        most_hours: dict[str, int] = {}
        for c in instance.clients:
            most_hours[c.provider] = max(most_hours.get(c.provider, 0), c.half_hours)
        found = set()
        for number, row in enumerate(self.capacities.rows):
            match row.kind:
                case "support":
                    closes = free[number] == 0 and row.key[1] in needed
                case "guidance":
                    closes = free[number] < most_hours.get(row.key[0] or "", 0)
                case _:
                    closes = free[number] == 0
            if closes:
                found.add(number)
        return found

    def _open_pairs(self) -> tuple[Pairs, Uses]:
        """The eligible pairs that no promise rules out and whose own load fits everywhere."""
        open_clients = np.ones(len(self.instance.clients), dtype=bool)
        open_dwellings = np.ones(len(self.instance.dwellings), dtype=bool)
        for c, d in self.locked:
            open_clients[c] = open_dwellings[d] = False
        client, dwelling = self.pairs.client, self.pairs.dwelling
        uses = self.capacities.of_pairs(client, dwelling)
        fits = open_clients[client] & open_dwellings[dwelling]
        fits[uses.pair[uses.load > self.free[uses.row]]] = False
        return Pairs(client[fits], dwelling[fits]), _restricted(uses, fits)

    def _choices(self, pairs: Pairs, uses: Uses) -> Choices:
        """One choice for each class of people and class of homes: the pair of their first ones."""
        people, homes = self.clients, self.dwellings
        i, j = people.of[pairs.client], homes.of[pairs.dwelling]
        stands_for_all = (people.first[i] == pairs.client) & (homes.first[j] == pairs.dwelling)
        kept = np.flatnonzero(stands_for_all)
        order = kept[np.lexsort((j[kept], i[kept]))]
        client, dwelling = pairs.client[order], pairs.dwelling[order]
        uses = _reordered(uses, order, len(pairs.client))
        place_of = {n.ref: k for k, n in enumerate(self.instance.neighbourhoods)}
        place = codes((d.neighbourhood for d in self.instance.dwellings), place_of)
        i, j = i[order], j[order]
        return Choices(
            client_class=i,
            dwelling_class=j,
            priority=self.priorities[client],
            guard=self.guard[i],
            points=self.fit.points(client, dwelling),
            place=place[dwelling],
            uses=uses,
            binding=self._binding(uses, i, j),
        )

    def _binding(self, uses: Uses, i: Positions, j: Positions) -> Uses:
        """Leave out the rows that everybody together cannot overfill: they limit nothing."""
        rows = len(self.free)
        by_people = np.zeros(rows, dtype=np.int64)
        by_homes = np.zeros(rows, dtype=np.int64)
        heaviest = np.zeros(rows, dtype=np.int64)
        np.maximum.at(heaviest, uses.row, uses.load)
        row, person, first = _once(uses.row, i[uses.pair], len(self.clients.members))
        np.add.at(by_people, row, uses.load[first] * self.clients.sizes[person])
        row, home, _ = _once(uses.row, j[uses.pair], len(self.dwellings.members))
        np.add.at(by_homes, row, heaviest[row] * self.dwellings.sizes[home])
        binding = np.minimum(by_people, by_homes) > self.free
        kept = binding[uses.row]
        return Uses(uses.pair[kept], uses.row[kept], uses.load[kept])

    def _most_placements_per_place(self) -> Wholes:
        choices = self.choices
        places = len(self.spreads)
        by_people = np.zeros(places, dtype=np.int64)
        by_homes = np.zeros(places, dtype=np.int64)
        place, person, _ = _once(choices.place, choices.client_class, len(self.clients.members))
        np.add.at(by_people, place, self.clients.sizes[person])
        place, home, _ = _once(choices.place, choices.dwelling_class, len(self.dwellings.members))
        np.add.at(by_homes, place, self.dwellings.sizes[home])
        return np.minimum(by_people, by_homes)

    def _soft_left(self) -> tuple[Wholes, Flags]:
        """How many more placements each neighbourhood would rather carry (may be negative)."""
        places = self.instance.neighbourhoods
        number_of = {n.ref: k for k, n in enumerate(places)}
        left = wholes(n.soft_placements or 0 for n in places)
        for _, d in self.locked:
            left[number_of[self.instance.dwellings[d].neighbourhood]] -= 1
        return left, np.array([n.soft_placements is not None for n in places], dtype=bool)

    def hand_out(self, counts: Mapping[int, int]) -> list[tuple[int, int]]:
        """Turn numbers per choice into pairs of positions: within a class in order of ref."""
        people = [iter(members) for members in self.clients.members]
        homes = [iter(members) for members in self.dwellings.members]
        i, j = self.choices.client_class, self.choices.dwelling_class
        return sorted(
            (next(people[i[number]]), next(homes[j[number]]))
            for number in sorted(counts)
            for _ in range(counts[number])
        )


def _restricted(uses: Uses, kept: Flags) -> Uses:
    """Return the uses of the pairs that are kept, numbered anew."""
    number = np.cumsum(kept) - 1
    stays = kept[uses.pair]
    return Uses(number[uses.pair[stays]], uses.row[stays], uses.load[stays])


def _reordered(uses: Uses, order: Positions, pairs: int) -> Uses:
    """Return the uses of the pairs in ``order``, numbered by their place in it."""
    place = np.full(pairs, -1, dtype=np.int64)
    place[order] = np.arange(len(order))
    pair = place[uses.pair]
    found = np.flatnonzero(pair >= 0)
    found = found[np.argsort(pair[found], kind="stable")]
    return Uses(pair[found], uses.row[found], uses.load[found])


def _once(
    row: Positions, of_class: Positions, classes: int
) -> tuple[Positions, Positions, Positions]:
    """Return every (row, class) that occurs once, with where it occurs first."""
    found, first = np.unique(row * max(1, classes) + of_class, return_index=True)
    return found // max(1, classes), found % max(1, classes), first


def _classes(hashes: list[str], side: Positions, partners: Positions) -> Classes:
    """Group positions that are identical and fit the same partners, ordered by content.

    ``side`` and ``partners`` are the two ends of all open pairs.
    """
    order = np.lexsort((partners, side))
    present, begins = np.unique(side[order], return_index=True)
    ends = np.append(begins, len(side))[1:].tolist()
    groups: dict[tuple[str, bytes], list[int]] = defaultdict(list)
    fits = partners[order]
    for position, begin, end in zip(present.tolist(), begins.tolist(), ends, strict=True):
        groups[hashes[position], fits[begin:end].tobytes()].append(position)
    # Two groups of one content can only differ in which of some identical partners they refused.
    members = sorted(groups.values(), key=lambda group: (hashes[group[0]], group[0]))
    of = np.full(len(hashes), -1, dtype=np.int64)
    for number, group in enumerate(members):
        of[group] = number
    return Classes(members, of)

"""The choices that are left: classes of identical people and homes, and what they share.

Identical people (and identical homes) form one class with a multiplicity. The classes are
ordered by content, never by ref, so the problem reads the same under any names.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from housing.matching.capacities import Capacities, demand_of, place_of, refuse_broken_promises
from housing.matching.eligibility import Eligibility, Pairs
from housing.matching.fit import pair_points
from housing.matching.identity import content_hashes
from housing.matching.instance import Instance


@dataclass(frozen=True)
class Choice:
    """So many people of one class may get a home of one class."""

    client_class: int
    dwelling_class: int
    priority: int
    points: int
    neighbourhood: str
    uses: tuple[tuple[int, int], ...]  # (row, load), only rows that can become full


@dataclass
class Problem:
    """Everything that is still open after the promises; positions are those of the instance."""

    instance: Instance
    capacities: Capacities
    eligibility: Eligibility
    pairs: Pairs  # all eligible ones, promises included
    locked: list[tuple[int, int]]
    free: list[int]  # of every row, after the promises
    client_classes: list[list[int]]
    dwelling_classes: list[list[int]]
    choices: list[Choice]
    soft_left: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, instance: Instance) -> "Problem":
        capacities, eligibility = Capacities(instance), Eligibility(instance)
        pairs = eligibility.pairs()
        client_at = {c.ref: i for i, c in enumerate(instance.clients)}
        dwelling_at = {d.ref: i for i, d in enumerate(instance.dwellings)}
        locked = [(client_at[c], dwelling_at[d]) for c, d in instance.locked]
        used = capacities.used_by((instance.clients[c], instance.dwellings[d]) for c, d in locked)
        refuse_broken_promises(capacities, used)
        free = [row.size - amount for row, amount in zip(capacities.rows, used, strict=True)]
        problem = cls(instance, capacities, eligibility, pairs, locked, free, [], [], [])
        problem._classify(problem._open_pairs())
        return problem

    def uses(self, choice: Choice) -> tuple[tuple[int, int], ...]:
        """Return every (row, load) of a choice, also of rows that cannot become full."""
        client = self.instance.clients[self.client_classes[choice.client_class][0]]
        dwelling = self.instance.dwellings[self.dwelling_classes[choice.dwelling_class][0]]
        return self.capacities.uses(demand_of(client), place_of(dwelling))

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

    def _open_pairs(self) -> list[tuple[int, int]]:
        """The eligible pairs that no promise rules out and whose own load fits everywhere."""
        taken_clients = {c for c, _ in self.locked}
        taken_dwellings = {d for _, d in self.locked}
        demand = [demand_of(c) for c in self.instance.clients]
        place = [place_of(d) for d in self.instance.dwellings]
        uses, free = self.capacities.uses, self.free
        return [
            (c, d)
            for c, d in zip(self.pairs.client.tolist(), self.pairs.dwelling.tolist(), strict=True)
            if c not in taken_clients
            and d not in taken_dwellings
            and all(load <= free[row] for row, load in uses(demand[c], place[d]))
        ]

    def _classify(self, open_pairs: list[tuple[int, int]]) -> None:
        client_hash, dwelling_hash = content_hashes(self.instance)
        homes_of: dict[int, list[int]] = defaultdict(list)
        people_of: dict[int, list[int]] = defaultdict(list)
        for c, d in open_pairs:
            homes_of[c].append(d)
            people_of[d].append(c)
        self.client_classes = _classes(client_hash, homes_of)
        self.dwelling_classes = _classes(dwelling_hash, people_of)
        class_of = {d: j for j, members in enumerate(self.dwelling_classes) for d in members}
        clients, dwellings = self.instance.clients, self.instance.dwellings
        choices = []
        for i, members in enumerate(self.client_classes):
            client = clients[members[0]]
            priority = client.priority(self.instance.as_of)
            for j in sorted({class_of[d] for d in homes_of[members[0]]}):
                dwelling = dwellings[self.dwelling_classes[j][0]]
                uses = self.capacities.uses(demand_of(client), place_of(dwelling))
                points = pair_points(client, dwelling)
                choices.append(Choice(i, j, priority, points, dwelling.neighbourhood, uses))
        binding = self._rows_that_can_fill(choices)
        self.choices = [
            Choice(
                c.client_class,
                c.dwelling_class,
                c.priority,
                c.points,
                c.neighbourhood,
                tuple(use for use in c.uses if use[0] in binding),
            )
            for c in choices
        ]
        self._set_soft_left()

    def _rows_that_can_fill(self, choices: list[Choice]) -> set[int]:
        """Rows that everybody together could overfill; the others limit nothing."""
        most: dict[int, int] = defaultdict(int)
        seen: set[tuple[int, int]] = set()
        for choice in choices:
            for row, load in choice.uses:
                if (row, choice.client_class) not in seen:
                    seen.add((row, choice.client_class))
                    most[row] += load * len(self.client_classes[choice.client_class])
        return {row for row, load in most.items() if load > self.free[row]}

    def _set_soft_left(self) -> None:
        """How many more placements each neighbourhood would rather carry (may be negative)."""
        placed: dict[str, int] = defaultdict(int)
        for _, d in self.locked:
            placed[self.instance.dwellings[d].neighbourhood] += 1
        self.soft_left = {
            n.ref: n.soft_placements - placed[n.ref]
            for n in self.instance.neighbourhoods
            if n.soft_placements is not None
        }

    def hand_out(self, counts: dict[int, int]) -> list[tuple[int, int]]:
        """Turn numbers per choice into pairs of positions: within a class in order of ref."""
        people = [iter(members) for members in self.client_classes]
        homes = [iter(members) for members in self.dwelling_classes]
        return sorted(
            (next(people[choice.client_class]), next(homes[choice.dwelling_class]))
            for number, choice in enumerate(self.choices)
            for _ in range(counts.get(number, 0))
        )


def _classes(hashes: list[str], partners: dict[int, list[int]]) -> list[list[int]]:
    """Group positions that are identical and fit the same partners, ordered by content."""
    groups: dict[tuple[str, tuple[int, ...]], list[int]] = defaultdict(list)
    for position in sorted(partners):
        groups[hashes[position], tuple(partners[position])].append(position)
    # Two groups of one content can only differ in which of some identical partners they refused.
    return sorted(groups.values(), key=lambda members: (hashes[members[0]], members[0]))

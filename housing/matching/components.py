"""Splits a problem into parts that have nothing in common, so that each is solved alone.

People and homes belong together when a choice connects them, and also when they share a row that
can become full or a neighbourhood whose spread is counted.
"""

from collections import defaultdict
from collections.abc import Hashable

from housing.matching.problem import Problem


def components(problem: Problem) -> list[list[int]]:
    """Return lists of positions in ``problem.choices``, ordered by their first choice."""
    parent: dict[Hashable, Hashable] = {}

    def root(node: Hashable) -> Hashable:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def join(one: Hashable, other: Hashable) -> None:
        parent[root(one)] = root(other)

    for choice in problem.choices:
        client = ("client", choice.client_class)
        join(client, ("dwelling", choice.dwelling_class))
        for row, _ in choice.uses:
            join(client, ("row", row))
        if choice.neighbourhood in problem.soft_left:
            join(client, ("spread", choice.neighbourhood))
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for number, choice in enumerate(problem.choices):
        groups[root(("client", choice.client_class))].append(number)
    return sorted(groups.values())

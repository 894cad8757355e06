"""Two simple answers, as people make them by hand: no better answer may house fewer than these."""

import numpy as np

from housing.matching.arrays import Positions, Wholes
from housing.matching.program import Program, count


def greedy(program: Program) -> Wholes:
    """Return the better of two answers: by priority, and by the scarcest home."""
    orders = (by_priority(program), by_scarcity(program))
    answers = [fill(program, order) for order in orders]
    return max(answers, key=lambda values: (int(values.sum()), int(program.priority @ values)))


def by_priority(program: Program) -> Positions:
    """Highest priority first, each to the home that fits fewest."""
    return np.lexsort((_candidates(program), -program.priority))


def by_scarcity(program: Program) -> Positions:
    """The home that fits fewest first, each to the person who has fewest homes."""
    offers = np.zeros(len(program.people), dtype=np.int64)
    np.add.at(offers, program.client, program.homes[program.dwelling])
    return np.lexsort((offers[program.client], program.dwelling, _candidates(program)))


def _candidates(program: Program) -> Wholes:
    """How many people the home of every column fits."""
    scarcity = np.zeros(len(program.homes), dtype=np.int64)
    np.add.at(scarcity, program.dwelling, program.people[program.client])
    return scarcity[program.dwelling]


def fill(program: Program, order: Positions, values: Wholes | None = None) -> Wholes:
    """Give as much as still fits to one column after the other, on top of ``values``."""
    filled = np.zeros(program.size, dtype=np.int64) if values is None else values.copy()
    people = program.people - count(program.client, filled, len(program.people))
    homes = program.homes - count(program.dwelling, filled, len(program.homes))
    people_left, homes_left = people.tolist(), homes.tolist()
    left = (program.limits - program.used(filled)).tolist()
    begins = program.begins.tolist()
    rows, loads = program.entry_row.tolist(), program.entry_load.tolist()
    client, dwelling = program.client.tolist(), program.dwelling.tolist()
    for column in order.tolist():
        i, j = client[column], dwelling[column]
        room = min(people_left[i], homes_left[j])
        if room <= 0:
            continue
        entries = range(begins[column], begins[column + 1])
        for entry in entries:
            room = min(room, left[rows[entry]] // loads[entry])
        if room <= 0:
            continue
        filled[column] += room
        people_left[i] -= room
        homes_left[j] -= room
        for entry in entries:
            left[rows[entry]] -= loads[entry] * room
    return filled

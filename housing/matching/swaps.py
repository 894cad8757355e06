"""Makes an answer better one person at a time: somebody makes room for a higher priority."""

import numpy as np

from housing.matching.arrays import Wholes
from housing.matching.program import Program, count


def swapped(program: Program, values: Wholes) -> Wholes:
    """Return an answer with as many placements where no single swap raises priority.

    A swap takes one placement out and puts one in: at the same home, or at a free one when the
    rows that were full have room now.
    """
    values = values.copy()
    people = program.people - count(program.client, values, len(program.people))
    homes = program.homes - count(program.dwelling, values, len(program.homes))
    left = program.limits - program.used(values)

    def put(column: int, number: int) -> None:
        entries = slice(program.begins[column], program.begins[column + 1])
        values[column] += number
        people[program.client[column]] -= number
        homes[program.dwelling[column]] -= number
        left[program.entry_row[entries]] -= number * program.entry_load[entries]

    improving = True
    while improving:
        improving = False
        placed = np.flatnonzero(values)
        for out in placed[np.argsort(program.priority[placed], kind="stable")].tolist():
            put(out, -1)
            fits = (people[program.client] > 0) & (homes[program.dwelling] > 0)
            fits[program.entry_column[program.entry_load > left[program.entry_row]]] = False
            better = np.flatnonzero(fits & (program.priority > program.priority[out]))
            if len(better):
                put(int(better[np.argmax(program.priority[better])]), 1)
                improving = True
            else:
                put(out, 1)
    return values

"""Which numbers of equal chances are not told, so that no small one follows from the others. Pure.

The numbers of one division of the region hang together: groups add up to the region, who got a
home is a part of who waited. Whoever adds and subtracts what is told (rounded to 5, below 10 in
words) can narrow down what is not. Here a linear program plays that part: for every number below
10, and every difference below 10 between a number and the one it is a part of, it asks the least
and the most it can still be. Where that leaves too little room a neighbour is not told either, the
smallest first, until nothing is narrowed down.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import highspy
import numpy as np

from regions.formats import COUNTS_ROUND_TO, SMALLEST_COUNT_SHOWN, to_five

FEW = SMALLEST_COUNT_SHOWN - 1
# A small number that can still be this far apart is protected.
LEAST_ROOM = 5
WAITED, PLACED, LOOKED, MATCHED, WAITING = "waited", "placed", "looked", "matched", "waiting"
# Each number and what it is a part of, in the order in which they stand on the page.
PART_OF = {PLACED: WAITED, LOOKED: WAITED, MATCHED: LOOKED}
COLUMNS = (WAITED, PLACED, LOOKED, MATCHED, WAITING)

Counts = Mapping[str, int | None]
Cell = tuple[str, int]


@dataclass(frozen=True)
class Item:
    """Something small: a number of groups together, or how many of one are not in a part of it."""

    places: tuple[int, ...]
    column: str
    less: str = ""


def told_range(count: int) -> tuple[int, int]:
    """All numbers that are told in the same way as this one."""
    if count <= FEW:
        return 0, FEW
    told, half = to_five(count), COUNTS_ROUND_TO // 2
    return max(told - half, SMALLEST_COUNT_SHOWN), told + half


def columns_told(whole: Counts) -> list[str]:
    """The columns of which the number of the region itself may be told."""
    told = [WAITED]
    for part, of in PART_OF.items():
        if of in told and whole[part] is not None and not _is_close(whole[of], whole[part]):
            told.append(part)
    return [*told, WAITING]


def hidden_cells(rows: Sequence[Counts], whole: Counts) -> set[Cell]:
    """Which cells of a division are not told; that of WAITING is only whether it is ten or more."""
    columns, places = columns_told(whole), range(len(rows))
    hidden = {(column, at) for column in COLUMNS for at in places if column not in columns}
    for at, row in enumerate(rows):
        for column in COLUMNS[1:]:
            # Of a small group nothing more is told, and of nobody that ten or more wait.
            of = PART_OF.get(column, WAITED)
            if _is_hidden_or_small(rows, of, at, hidden) or (
                column == WAITING and _number(row, WAITING) <= FEW
            ):
                hidden.add((column, at))
    company: set[Cell] = set()
    while (item := _first_narrowed(rows, whole, columns, hidden, company)) is not None:
        cell = _neighbour(item, rows, columns, hidden)
        if cell is None:
            return {(column, at) for column in COLUMNS for at in places}
        hidden.add(cell)
        company.add(cell)
        for part, of in [*PART_OF.items(), (WAITING, WAITED)]:
            if of == cell[0]:
                hidden.add((part, cell[1]))
    return hidden


def small_items(rows: Sequence[Counts], columns: Sequence[str]) -> Iterator[Item]:
    """Everything below ten that must stay unknown."""
    for column in columns:
        if column == WAITING:
            continue
        small = [at for at, row in enumerate(rows) if _number(row, column) <= FEW]
        yield from (Item((at,), column) for at in small)
        for places in [*combinations(small, 2), tuple(small)]:
            if len(places) > 1 and sum(_number(rows[at], column) for at in places) <= FEW:
                yield Item(places, column)
        if (of := PART_OF.get(column)) is not None:
            for at, row in enumerate(rows):
                if _number(row, of) - _number(row, column) <= FEW:
                    yield Item((at,), of, column)


def _neighbour(
    item: Item, rows: Sequence[Counts], columns: Sequence[str], hidden: set[Cell]
) -> Cell | None:
    """What is not told next to keep an item unknown; None when nothing is left."""
    for at in item.places:
        for column in (WAITING, item.less):
            if column and (column, at) not in hidden:
                return column, at
    column = item.less or item.column
    while column:
        told = [at for at in range(len(rows)) if (column, at) not in hidden]
        others = [at for at in told if column != item.column or at not in item.places]
        if others or told:
            # Numbers before words: "fewer than 10" tells little already.
            return column, min(others or told, key=lambda at: _order(rows[at], column, at))
        column = PART_OF.get(column, "")
    return None


def _order(row: Counts, column: str, at: int) -> tuple[bool, int, int]:
    number = _number(row, column)
    return number <= FEW, number, at


def _first_narrowed(
    rows: Sequence[Counts],
    whole: Counts,
    columns: Sequence[str],
    hidden: set[Cell],
    company: set[Cell],
) -> Item | None:
    # Who knows how this is done knows that a neighbour is no small number itself, unless small
    # ones of the same column are not told for the same reason.
    mixed = {column for column, at in company if _number(rows[at], column) <= FEW}
    large = {(column, at) for column, at in company if column not in {*mixed, WAITING}}
    attack = Attack(rows, whole, columns, hidden, large)
    for item in small_items(rows, columns):
        if attack.room(item) < LEAST_ROOM:
            return item
    return None


class Attack:
    """All that is told of one division as a linear program, to ask what a number can be."""

    def __init__(
        self,
        rows: Sequence[Counts],
        whole: Counts,
        columns: Sequence[str],
        hidden: set[Cell],
        large: set[Cell],
    ) -> None:
        self.columns = [column for column in columns if column != WAITING] + [WAITING]
        self.groups = len(rows)
        self.solver = highspy.Highs()
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("presolve", "off")
        most = float(sum(_number(row, WAITED) for row in rows) + SMALLEST_COUNT_SHOWN * self.groups)
        for column in self.columns:
            for at, row in enumerate(rows):
                low, high = (float(SMALLEST_COUNT_SHOWN * ((column, at) in large)), most)
                if (column, at) not in hidden:
                    told = told_range(_number(row, column))
                    many = (float(SMALLEST_COUNT_SHOWN), most)
                    low, high = many if column == WAITING else (float(told[0]), float(told[1]))
                self.solver.addVar(low, high)
        for part, of in PART_OF.items():
            if part in self.columns:
                for at in range(self.groups):
                    self._row({self._at(of, at): 1.0, self._at(part, at): -1.0}, 0.0, most)
        for at in range(self.groups):
            # Who still waits has no home yet.
            taken = {self._at(WAITING, at): -1.0, self._at(WAITED, at): 1.0}
            if PLACED in self.columns:
                taken[self._at(PLACED, at)] = -1.0
            self._row(taken, 0.0, most)
        for column in self.columns[:-1]:
            low, high = told_range(_number(whole, column))
            everybody = {self._at(column, at): 1.0 for at in range(self.groups)}
            self._row(everybody, float(low), float(high))
        self.indices = np.arange(len(self.columns) * self.groups, dtype=np.int32)

    def room(self, item: Item) -> float:
        """How far apart the least and the most are, of what is below ten."""
        costs = np.zeros(len(self.indices))
        for at in item.places:
            costs[self._at(item.column, at)] = 1.0
            if item.less:
                costs[self._at(item.less, at)] = -1.0
        least, most = self._best(costs), -self._best(-costs)
        return min(float(FEW), most) - max(0.0, least)

    def _best(self, costs: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> float:
        self.solver.changeColsCost(len(costs), self.indices, costs)
        self.solver.run()
        return float(self.solver.getObjectiveValue())

    def _at(self, column: str, at: int) -> int:
        return self.columns.index(column) * self.groups + at

    def _row(self, terms: dict[int, float], low: float, high: float) -> None:
        self.solver.addRow(
            low,
            high,
            len(terms),
            np.array(list(terms), dtype=np.int32),
            np.array(list(terms.values())),
        )


def _is_close(whole: int | None, part: int | None) -> bool:
    """Whether two numbers as they are told narrow down the few who are in one alone."""
    whole, part = whole or 0, part or 0
    if whole - part > FEW:
        return False
    (least, most), (part_least, part_most) = told_range(whole), told_range(part)
    return min(FEW, most - part_least) - max(0, least - part_most) < LEAST_ROOM


def _is_hidden_or_small(rows: Sequence[Counts], column: str, at: int, hidden: set[Cell]) -> bool:
    return (column, at) in hidden or _number(rows[at], column) <= FEW


def _number(row: Counts, column: str) -> int:
    return row[column] or 0

"""The exact answer for one component: most people, then priority, then fit."""

from collections import defaultdict
from dataclasses import dataclass

from housing.matching.fit import ABOVE_SOFT_PLACEMENTS
from housing.matching.problem import Problem
from housing.matching.program import Answer, Program

# Up to this many choices every level is proven; above it priority stops at GAP.
PROVE_UP_TO = 5_000
# Above this many only a greedy answer and the relaxed bounds are affordable.
INTEGER_UP_TO = 60_000
GAP = 0.001
MOST_NODES = 20_000


@dataclass(frozen=True)
class Solution:
    """Numbers per choice, with what each level reached and what it can at most be."""

    counts: dict[int, int]
    placements: int
    placements_bound: int
    priority: int
    priority_bound: int
    fit_proven: bool


class Component:
    """One component as an integer program; columns are its choices in the problem's order."""

    def __init__(self, problem: Problem, choices: list[int]) -> None:
        self.problem = problem
        self.numbers = choices
        self.choices = [problem.choices[number] for number in choices]
        self.uppers = [
            min(
                len(problem.client_classes[c.client_class]),
                len(problem.dwelling_classes[c.dwelling_class]),
            )
            for c in self.choices
        ]
        people: dict[int, dict[int, int]] = defaultdict(dict)
        homes: dict[int, dict[int, int]] = defaultdict(dict)
        shared: dict[int, dict[int, int]] = defaultdict(dict)
        places: dict[str, dict[int, int]] = defaultdict(dict)
        for column, choice in enumerate(self.choices):
            people[choice.client_class][column] = 1
            homes[choice.dwelling_class][column] = 1
            for row, load in choice.uses:
                shared[row][column] = load
            if choice.neighbourhood in problem.soft_left:
                places[choice.neighbourhood][column] = 1
        # Rows in the order in which the choices meet them: names play no part.
        self.rows = [
            *((row, len(problem.client_classes[i])) for i, row in people.items()),
            *((row, len(problem.dwelling_classes[j])) for j, row in homes.items()),
            *((row, problem.free[number]) for number, row in shared.items()),
        ]
        self.shared_rows = list(shared)
        self.spread = [(row, problem.soft_left[place]) for place, row in places.items()]
        self.all = dict.fromkeys(range(len(self.choices)), 1)
        self.priorities = [c.priority for c in self.choices]

    def program(self, extra: int = 0) -> Program:
        program = Program(self.uppers, extra)
        for row, limit in self.rows:
            program.at_most(row, limit)
        return program

    def greedy(self) -> list[int]:
        """Return the better of two simple answers: by priority, and by the scarcest home."""
        scarcity: dict[int, int] = defaultdict(int)
        offers: dict[int, int] = defaultdict(int)
        for c in self.choices:
            scarcity[c.dwelling_class] += len(self.problem.client_classes[c.client_class])
            offers[c.client_class] += len(self.problem.dwelling_classes[c.dwelling_class])
        columns = range(len(self.choices))
        orders = (
            sorted(
                columns,
                key=lambda k: (-self.priorities[k], scarcity[self.choices[k].dwelling_class]),
            ),
            sorted(
                columns,
                key=lambda k: (
                    scarcity[self.choices[k].dwelling_class],
                    self.choices[k].dwelling_class,
                    offers[self.choices[k].client_class],
                ),
            ),
        )
        answers = [self._fill(order) for order in orders]
        return max(answers, key=lambda answer: (sum(answer), self.priority_of(answer)))

    def _fill(self, order: list[int]) -> list[int]:
        rows_of: dict[int, list[tuple[int, int]]] = defaultdict(list)
        left = [limit for _, limit in self.rows]
        for number, (row, _) in enumerate(self.rows):
            for column, load in row.items():
                rows_of[column].append((number, load))
        values = [0] * len(self.choices)
        for column in order:
            room = min(left[number] // load for number, load in rows_of[column])
            values[column] = min(room, self.uppers[column])
            for number, load in rows_of[column]:
                left[number] -= load * values[column]
        return values

    def priority_of(self, values: list[int]) -> int:
        return sum(p * v for p, v in zip(self.priorities, values, strict=True))

    def most_placements(self, start: list[int], ceiling: int | None = None) -> Answer:
        """Level one; nobody looks for more than ``ceiling`` when it is given."""
        program = self.program()
        if ceiling is not None:
            program.at_most(self.all, max(ceiling, sum(start)))
        costs = [1] * len(self.choices)
        if len(self.choices) > INTEGER_UP_TO:
            bound = program.relaxed_bound(costs)
            return Answer(start, bound, bound == sum(start))
        return program.maximise(costs, start, gap=0.0, most_nodes=MOST_NODES)

    def best_priority(self, start: list[int]) -> Answer:
        """Level two, at the number of placements that ``start`` reaches."""
        placements = sum(start)
        program = self.program()
        program.at_least(self.all, placements)
        program.at_most(self.all, placements)
        if len(self.choices) > INTEGER_UP_TO:
            bound = program.relaxed_bound(self.priorities)
            return Answer(start, bound, bound == self.priority_of(start))
        gap = 0.0 if len(self.choices) <= PROVE_UP_TO else GAP
        return program.maximise(self.priorities, start, gap=gap, most_nodes=MOST_NODES)

    def priority_limit(self) -> int:
        """Return what priority can at most be, whatever the number of placements."""
        return self.program().relaxed_bound(self.priorities)

    def relaxed_placements(self) -> tuple[float, list[float]]:
        """Return level one without whole numbers, and the prices of ``shared_rows``."""
        bound, prices = self.program().relaxed([1] * len(self.choices))
        return bound, prices[len(self.rows) - len(self.shared_rows) :]

    def counted(self, placed: list[tuple[int, int]]) -> int:
        """Return how many of these pairs belong to this component."""
        classes = {choice.client_class for choice in self.choices}
        members = {c for number in classes for c in self.problem.client_classes[number]}
        return sum(client in members for client, _ in placed)

    def best_fit(self, start: list[int]) -> Answer:
        """Level three: keeps placements and priority; large components keep who is housed too."""
        size = len(self.choices)
        program = self.program(extra=len(self.spread))
        program.at_least(self.all, sum(start))
        program.at_least(dict(enumerate(self.priorities)), self.priority_of(start))
        if size > PROVE_UP_TO:
            for row, placed in self._placed_per_class(start):
                program.at_most(row, placed)
        above = []
        for number, (row, left) in enumerate(self.spread):
            program.at_most(row | {size + number: -1}, left)
            above.append(max(0, sum(start[column] for column in row) - left))
        costs = [c.points for c in self.choices] + [ABOVE_SOFT_PLACEMENTS] * len(self.spread)
        if size > INTEGER_UP_TO:
            return Answer(start, 0, False)
        answer = program.maximise(costs, start + above, gap=0.0, most_nodes=MOST_NODES)
        proven = answer.proven and size <= PROVE_UP_TO
        return Answer(answer.values[:size], answer.bound, proven)

    def _placed_per_class(self, values: list[int]) -> list[tuple[dict[int, int], int]]:
        rows: dict[int, dict[int, int]] = defaultdict(dict)
        for column, choice in enumerate(self.choices):
            rows[choice.client_class][column] = 1
        return [(row, sum(values[column] for column in row)) for row in rows.values()]

    def solve(self) -> Solution:
        """Solve the three levels strictly in their order."""
        placed = self.most_placements(self.greedy())
        ranked = self.best_priority(placed.values)
        fitted = self.best_fit(ranked.values)
        priority = self.priority_of(fitted.values)
        return Solution(
            counts={self.numbers[k]: value for k, value in enumerate(fitted.values) if value},
            placements=sum(fitted.values),
            placements_bound=placed.bound,
            priority=priority,
            priority_bound=max(ranked.bound, priority),
            fit_proven=fitted.proven,
        )

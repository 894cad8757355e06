"""A small integer program for HiGHS: one thread, no clock, the same answer every time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

SOLVER = "HiGHS"
# The solver's annotations end at its own class.
_new_solver: Any = highspy.Highs

# A bound is a float of the solver; whole objectives are read from it with this margin.
MARGIN = 1e-8


@dataclass(frozen=True)
class Answer:
    """Whole values for the columns, and a bound that no answer can exceed."""

    values: list[int]
    bound: int
    proven: bool


class Program:
    """Columns with whole values in [0, upper], rows sum(value * column) <= limit."""

    def __init__(self, uppers: Sequence[int], extra: int = 0) -> None:
        """``extra`` columns follow the given ones: not whole by demand, without a limit."""
        self.whole = len(uppers)
        self.columns = self.whole + extra
        self.uppers = [*map(float, uppers), *[highspy.kHighsInf] * extra]
        self.rows: list[tuple[dict[int, int], float, float]] = []

    def at_most(self, row: dict[int, int], limit: int) -> None:
        self.rows.append((row, -highspy.kHighsInf, float(limit)))

    def at_least(self, row: dict[int, int], limit: int) -> None:
        self.rows.append((row, float(limit), highspy.kHighsInf))

    def relaxed_bound(self, costs: Sequence[int]) -> int:
        """Return a whole bound on the best objective."""
        return _whole_bound(self.relaxed(costs)[0])

    def relaxed(self, costs: Sequence[int]) -> tuple[float, list[float]]:
        """Return the relaxed program's value and its price of every row."""
        highs = self._load(costs, relaxed=True)
        highs.run()
        _demand_optimal(highs)
        prices = [abs(float(price)) for price in highs.getSolution().row_dual]
        return float(highs.getInfo().objective_function_value), prices

    def maximise(
        self, costs: Sequence[int], start: Sequence[int], gap: float, most_nodes: int
    ) -> Answer:
        """Return the best answer found; never a worse one than ``start``, which must be valid."""
        self._verify(start)
        highs = self._load(costs, relaxed=False)
        highs.setOptionValue("mip_rel_gap", gap)
        highs.setOptionValue("mip_abs_gap", 0.9)  # objectives are whole: less is no difference
        highs.setOptionValue("mip_max_nodes", most_nodes)
        # Measured on regions of 200 x 80: restarts repeat the root's work without a better bound.
        highs.setOptionValue("mip_allow_restart", False)
        solution = highspy.HighsSolution()
        solution.col_value = [float(value) for value in start]
        highs.setSolution(solution)
        highs.run()
        value = _dot(costs, start)
        best = list(start)
        if highs.getInfo().primal_solution_status == highspy.kSolutionStatusFeasible:
            found = [round(v) for v in highs.getSolution().col_value]
            self._verify(found)
            if _dot(costs, found) > value:
                best, value = found, _dot(costs, found)
        bound = max(value, _whole_bound(highs.getInfo().mip_dual_bound))
        return Answer(best, bound, bound == value)

    def _load(self, costs: Sequence[int], *, relaxed: bool) -> highspy.Highs:
        entries = sorted(
            (column, number, value)
            for number, (row, _, _) in enumerate(self.rows)
            for column, value in row.items()
        )
        lp = highspy.HighsLp()
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.num_col_, lp.num_row_ = self.columns, len(self.rows)
        lp.col_cost_ = np.array(costs, dtype=float)
        lp.col_lower_ = np.zeros(self.columns)
        lp.col_upper_ = np.array(self.uppers)
        lp.row_lower_ = np.array([lower for _, lower, _ in self.rows])
        lp.row_upper_ = np.array([upper for _, _, upper in self.rows])
        columns = np.array([column for column, _, _ in entries], dtype=np.int64)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = np.searchsorted(columns, np.arange(self.columns + 1)).astype(np.int32)
        lp.a_matrix_.index_ = np.array([row for _, row, _ in entries], dtype=np.int32)
        lp.a_matrix_.value_ = np.array([value for _, _, value in entries], dtype=float)
        if not relaxed:
            whole, free = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
            extra = self.columns - self.whole
            lp.integrality_ = [whole] * self.whole + [free] * extra
        highs: highspy.Highs = _new_solver()
        highs.setOptionValue("output_flag", False)
        highs.setOptionValue("threads", 1)
        highs.setOptionValue("parallel", "off")
        highs.setOptionValue("random_seed", 0)
        highs.passModel(lp)
        return highs

    def _verify(self, values: Sequence[int]) -> None:
        """The solver works within tolerances; the answer must hold in whole numbers."""
        for row, lower, upper in self.rows:
            if not lower <= sum(values[column] * value for column, value in row.items()) <= upper:
                raise ArithmeticError("The solver's answer breaks a row.")


def solver_version() -> str:
    return str(_new_solver().version())


def _dot(costs: Sequence[int], values: Sequence[int]) -> int:
    return sum(cost * value for cost, value in zip(costs, values, strict=True))


def _whole_bound(bound: float) -> int:
    if not math.isfinite(bound):
        raise ArithmeticError("The solver gave no bound.")
    return math.floor(bound + max(1e-4, abs(bound) * MARGIN))


def _demand_optimal(highs: highspy.Highs) -> None:
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        status = highs.modelStatusToString(highs.getModelStatus())
        raise ArithmeticError(f"The solver ended with status {status}.")

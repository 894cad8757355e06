"""HiGHS, one thread and no clock: the same answer every time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from housing.matching.arrays import Floats, Positions, Wholes

SOLVER = "HiGHS"
# The solver's annotations end at its own class.
_new_solver: Any = highspy.Highs
INFINITE = highspy.kHighsInf
# A model with fewer columns takes no longer than a second, so nobody waits for it to be cancelled.
LONG_FROM = 300


@dataclass(frozen=True)
class Relaxed:
    """The best answer without whole numbers."""

    value: float
    columns: Floats
    prices: Floats  # of every row; 0 or more where the row is an upper limit
    basis: Any


@dataclass(frozen=True)
class Whole:
    """The best whole answer found, if any, and the solver's bound on every whole answer."""

    columns: Wholes | None
    bound: float
    finished: bool


class Model:
    """Columns between 0 and ``uppers``, rows between two limits; maximised."""

    def __init__(
        self,
        uppers: Wholes | Floats,
        lower_limits: Floats,
        upper_limits: Floats,
        entries: tuple[Positions, Positions, Wholes],
        step: Callable[[], None],
    ) -> None:
        """``entries`` are (column, row, value), in any order; ``step`` may raise to stop."""
        self.columns, self.rows = len(uppers), len(upper_limits)
        column, row, value = entries
        order = np.lexsort((row, column))
        lp = highspy.HighsLp()
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.num_col_, lp.num_row_ = self.columns, self.rows
        lp.col_cost_ = np.zeros(self.columns)
        lp.col_lower_ = np.zeros(self.columns)
        lp.col_upper_ = np.asarray(uppers, dtype=float)
        lp.row_lower_, lp.row_upper_ = lower_limits, upper_limits
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        starts = np.searchsorted(column[order], np.arange(self.columns + 1))
        lp.a_matrix_.start_ = starts.astype(np.int32)
        lp.a_matrix_.index_ = row[order].astype(np.int32)
        lp.a_matrix_.value_ = value[order].astype(float)
        self.highs = _new_solver()
        for name, setting in (
            ("output_flag", False),
            ("threads", 1),
            ("parallel", "off"),
            ("random_seed", 0),
        ):
            self.highs.setOptionValue(name, setting)
        self.highs.passModel(lp)
        self._step = step
        self._stopped: BaseException | None = None
        if self.columns > LONG_FROM:
            for event in (self.highs.cbSimplexInterrupt, self.highs.cbMipInterrupt):
                event.subscribe(self._asked)

    def _asked(self, event: Any) -> None:
        """HiGHS asks now and then whether to go on; what ``step`` raises is raised after it."""
        try:
            self._step()
        except BaseException as reason:
            self._stopped = reason
            event.interrupt()

    def _run(self) -> None:
        self._step()
        self.highs.run()
        if self._stopped is not None:
            raise self._stopped

    def add_columns(self, uppers: Wholes, entries: tuple[Positions, Positions, Wholes]) -> None:
        """Columns behind those there are, numbered from 0 in their entries."""
        column, row, value = entries
        order = np.lexsort((row, column))
        starts = np.searchsorted(column[order], np.arange(len(uppers)))
        nothing = np.zeros(len(uppers))
        self.highs.addCols(
            len(uppers),
            nothing,
            nothing,
            uppers.astype(float),
            len(order),
            starts.astype(np.int32),
            row[order].astype(np.int32),
            value[order].astype(float),
        )
        self.columns += len(uppers)

    def set_costs(self, costs: Wholes | Floats) -> None:
        numbers = np.arange(self.columns, dtype=np.int32)
        self.highs.changeColsCost(self.columns, numbers, np.asarray(costs, dtype=float))

    def set_bounds(self, lowers: Wholes, uppers: Wholes) -> None:
        """Bound the first columns, as many as there are bounds."""
        numbers = np.arange(len(lowers), dtype=np.int32)
        self.highs.changeColsBounds(
            len(lowers), numbers, lowers.astype(float), uppers.astype(float)
        )

    def set_whole(self, columns: Positions) -> None:
        kinds = np.full(len(columns), int(highspy.HighsVarType.kInteger), dtype=np.uint8)
        self.highs.changeColsIntegrality(len(columns), columns.astype(np.int32), kinds)

    def add_row(self, columns: Positions, values: Wholes, lower: float, upper: float) -> None:
        self.highs.addRow(
            lower, upper, len(columns), columns.astype(np.int32), values.astype(float)
        )
        self.rows += 1

    def set_limits(self, row: int, lower: float, upper: float) -> None:
        self.highs.changeRowBounds(row, lower, upper)

    def relax(self) -> Relaxed:
        """Solve without whole numbers, from the last basis if there is one."""
        self.highs.setOptionValue("solve_relaxation", True)
        self._run()
        self.highs.setOptionValue("solve_relaxation", False)
        status = self.highs.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            name = self.highs.modelStatusToString(status)
            raise ArithmeticError(f"The solver ended with status {name}.")
        solution = self.highs.getSolution()
        return Relaxed(
            value=float(self.highs.getInfo().objective_function_value),
            columns=np.array(solution.col_value),
            prices=np.array(solution.row_dual),
            basis=self.highs.getBasis(),
        )

    def solve(self, start: Wholes, *, gap: float, most_nodes: int) -> Whole:
        """Look for the best whole answer, from ``start`` on."""
        highs = self.highs
        highs.setOptionValue("mip_rel_gap", gap)
        highs.setOptionValue("mip_abs_gap", 0.9)  # objectives are whole: less is no difference
        highs.setOptionValue("mip_max_nodes", most_nodes)
        # Measured on regions of 200 x 80: restarts repeat the root's work without a better bound.
        highs.setOptionValue("mip_allow_restart", False)
        solution = highspy.HighsSolution()
        solution.col_value = start.astype(float).tolist()
        highs.setSolution(solution)
        self._run()
        info = highs.getInfo()
        found = None
        if info.primal_solution_status == highspy.kSolutionStatusFeasible:
            found = np.rint(np.array(highs.getSolution().col_value)).astype(np.int64)
        finished = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return Whole(found, float(info.mip_dual_bound), finished)


def solver_version() -> str:
    return str(_new_solver().version())

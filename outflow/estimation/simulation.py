"""Simulates every draw of a model, in chunks that depend on nothing but their own number."""

from collections.abc import Callable
from functools import partial

import numpy as np

from outflow.estimation.chunk import Chunk
from outflow.estimation.contract import MEASURES, Counts
from outflow.estimation.exposure import Ints
from outflow.estimation.fate import Fate
from outflow.estimation.homes import Plan
from outflow.estimation.horizon import Horizon
from outflow.estimation.model import Model
from outflow.estimation.processes import in_order
from outflow.estimation.tables import OPEN
from outflow.estimation.task import Outcome, Task

__all__ = ["Horizon", "simulate", "simulate_all"]

ROWS_PER_CHUNK = 120_000
"""People times draws at a time: more is little faster and takes more memory."""

LEAST_PEOPLE = 50
"""As if at least so many were there: a scenario may add people to a small region."""

HOMES_PER_CHUNK = 1_000_000
"""Planned homes times draws at a time."""


def simulate(
    model: Model,
    horizon: Horizon,
    *,
    plan: Plan | None,
    leads: Ints | None = None,
    draws: int,
    seed: int,
    processes: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Counts:
    """Return counts of shape (draws, cells, measures, quarters).

    A cell is municipality x facility type. Without a ``plan`` the homes are drawn from the past.
    ``leads`` names for each client the client of the same household whose home it is, or ALONE.
    """
    task = Task(model, horizon, seed=seed, plan=plan, leads=leads)
    return simulate_all(task, draws=draws, processes=processes, progress=progress)[0].counts


def simulate_all(
    task: Task,
    *,
    draws: int,
    processes: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> list[Outcome]:
    """Return what comes of each future of a task, with the same random numbers in all.

    The answer is the same for any number of processes: how draws are cut into chunks depends on
    the model and the plan only.
    """
    model, horizon = task.model, task.horizon
    if not model.histories.municipalities:
        nothing = np.zeros((draws, 0, len(MEASURES), horizon.quarters), dtype=np.int32)
        return [Outcome(nothing) for _ in task.futures]
    present = int((model.histories.end >= OPEN).sum())
    coming = model.inflow.mean().sum() * horizon.share_left.sum()
    size = ROWS_PER_CHUNK // max(present + coming + 1, LEAST_PEOPLE)
    if task.plan is not None:
        size = min(size, HOMES_PER_CHUNK // (len(task.plan.day) + 1))
    size = int(np.clip(size, 1, draws))
    work = partial(_part, task, draws, size)
    whole: list[Outcome] = []
    for number, part in enumerate(in_order(work, -(-draws // size), processes=processes)):
        whole = whole or [outcome.of_size(draws) for outcome in part]
        for outcome, found in zip(whole, part, strict=True):
            outcome.put(number * size, found)
        if progress is not None:
            progress(min((number + 1) * size, draws), draws)
    return whole


def _part(task: Task, draws: int, size: int, number: int) -> list[Outcome]:
    """Return what comes of the futures in one chunk of draws, which depends on no other."""
    begin = number * size
    fate = Fate(task, first_draw=begin, draws=min(size, draws - begin), number=number)
    return [Chunk(fate, knobs).run() for knobs in task.futures]

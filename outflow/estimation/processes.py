"""Work in parts over several processes, with the answers in the order of the parts."""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any

PARTS_AHEAD = 2
"""Parts for each process that are asked for before the first answer is used."""

_work: list[Callable[[int], Any]] = []


def in_order[Answer](
    work: Callable[[int], Answer], parts: int, *, processes: int
) -> Iterator[Answer]:
    """Yield ``work(0)``, ``work(1)`` and so on, computed by so many processes.

    A process that must not have children computes everything itself. ``work`` goes to the others
    once, when they begin; few answers wait at a time, so that memory stays flat.
    """
    if min(processes, parts) < 2 or multiprocessing.current_process().daemon:
        for part in range(parts):
            yield work(part)
        return
    usual = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    with ProcessPoolExecutor(
        min(processes, parts),
        mp_context=multiprocessing.get_context(usual),
        initializer=_remember,
        initargs=(work,),
    ) as pool:
        asked: deque[Future[Answer]] = deque()
        for part in range(parts):
            asked.append(pool.submit(_part, part))
            if len(asked) >= PARTS_AHEAD * processes:
                yield asked.popleft().result()
        while asked:
            yield asked.popleft().result()


def _remember(work: Callable[[int], Any]) -> None:
    _work[:] = [work]


def _part(part: int) -> Any:
    return _work[0](part)

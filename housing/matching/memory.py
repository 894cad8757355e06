"""What was solved before need not be solved again: answers by the program they belong to."""

import hashlib
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from housing.matching.arrays import Wholes
from housing.matching.program import Program
from housing.matching.solving import Answer, solve


class Memory(Protocol):
    """Keeps JSON values under keys, for example in a table; it may forget at any time."""

    def get(self, key: str) -> dict[str, Any] | None: ...

    def put(self, key: str, value: dict[str, Any]) -> None: ...


class Nothing:
    """Remembers nothing."""

    def get(self, key: str) -> dict[str, Any] | None:
        return None

    def put(self, key: str, value: dict[str, Any]) -> None:
        pass


def answer_key(program: Program) -> str:
    return f"answer-{program.key}"


def placements_key(program: Program, start: Wholes, ceiling: int) -> str:
    """The key of a search for placements: what it finds may depend on where it starts."""
    began = hashlib.sha256(np.ascontiguousarray(start, dtype="<i8").tobytes()).hexdigest()
    return f"placements-{program.placements_key}-{began[:16]}-{ceiling}"


def remembered(program: Program, memory: Memory, step: Callable[[], None]) -> Answer:
    """Return the answer of a program: the one that is remembered, or a new one to remember."""
    key = answer_key(program)
    known = memory.get(key)
    if known is not None:
        answer = Answer.from_json(known, program.size)
        program.verify(answer.values)
        return answer
    answer = solve(program, step)
    memory.put(key, answer.to_json())
    return answer

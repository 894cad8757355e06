"""Solves the parts of an instance apart from the run that needs them, for example as jobs.

    for key, size, program in parts(instance):
        memory.put(key, solve_part(program))     # anywhere, in any order

A run with that memory solves nothing that is in it.
"""

from typing import Any

from housing.matching.components import components
from housing.matching.instance import read
from housing.matching.memory import answer_key
from housing.matching.problem import Problem
from housing.matching.program import Program, program_of
from housing.matching.solving import Step, solve

Part = tuple[str, int, dict[str, Any]]


def parts(instance: dict[str, Any]) -> list[Part]:
    """Return the key, the number of choices and the program (as JSON) of every component.

    Parameters
    ----------
    instance
        Parsed JSON of schema ``weerthuis/match-instance/1``.

    Raises
    ------
    InstanceError
        The instance is not valid; the message is one sentence.
    """
    problem = Problem(read(instance))
    programs = [program_of(problem, numbers) for numbers in components(problem)]
    return [(answer_key(program), program.size, program.to_json()) for program in programs]


def solve_part(program: dict[str, Any], *, step: Step | None = None) -> dict[str, Any]:
    """Return what a memory should hold under the key of this program.

    ``step`` is called all the time; what it raises ends the work within seconds.
    """
    return solve(Program.from_json(program), step or _go_on).to_json()


def _go_on() -> None:
    """Nobody stops this one but by ending its process."""

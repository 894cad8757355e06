"""The matching core: from an instance to who goes to which home, without a database."""

from housing.matching.advice_checking import check_advice
from housing.matching.advising import advise
from housing.matching.checking import check
from housing.matching.core import match
from housing.matching.errors import CheckFailed, InstanceError
from housing.matching.files import run_file
from housing.matching.memory import Memory
from housing.matching.parts import parts, solve_part
from housing.matching.version import CORE_VERSION

__all__ = [
    "CORE_VERSION",
    "CheckFailed",
    "InstanceError",
    "Memory",
    "advise",
    "check",
    "check_advice",
    "match",
    "parts",
    "run_file",
    "solve_part",
]

"""The matching core: from an instance to who goes to which home, without a database."""

from housing.matching.advice_checking import check_advice
from housing.matching.advising import advise
from housing.matching.checking import check
from housing.matching.core import match
from housing.matching.errors import CheckFailed, InstanceError
from housing.matching.files import run_file
from housing.matching.version import CORE_VERSION

__all__ = [
    "CORE_VERSION",
    "CheckFailed",
    "InstanceError",
    "advise",
    "check",
    "check_advice",
    "match",
    "run_file",
]

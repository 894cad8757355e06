"""Estimates outflow from phase histories: pure functions, no database, no clock in the answer."""

from outflow.estimation.contract import CORE_VERSION
from outflow.estimation.engine import compare, effects, estimate, run_all
from outflow.estimation.errors import EstimateError
from outflow.estimation.national import add_national, national_counts, published
from outflow.estimation.scenarios import Change, Scenario

__all__ = [
    "CORE_VERSION",
    "Change",
    "EstimateError",
    "Scenario",
    "add_national",
    "compare",
    "effects",
    "estimate",
    "national_counts",
    "published",
    "run_all",
]

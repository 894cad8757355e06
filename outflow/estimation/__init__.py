"""Estimates outflow from phase histories: pure functions, no database, no clock in the answer."""

from outflow.estimation.contract import CORE_VERSION
from outflow.estimation.engine import estimate
from outflow.estimation.errors import EstimateError

__all__ = ["CORE_VERSION", "EstimateError", "estimate"]

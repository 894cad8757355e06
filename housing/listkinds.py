"""Lists about homes that can be put in."""

from housing.contingentlists import CONTINGENTS, DELIVERIES, DISTRIBUTION_KEY
from housing.dwellinglists import DWELLINGS
from housing.supportlists import SUPPORT

LIST_KINDS = (DWELLINGS, CONTINGENTS, DELIVERIES, DISTRIBUTION_KEY, SUPPORT)

__all__ = ["CONTINGENTS", "DELIVERIES", "DISTRIBUTION_KEY", "DWELLINGS", "LIST_KINDS", "SUPPORT"]

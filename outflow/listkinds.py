"""Lists about people that can be put in."""

from outflow.clientlists import CLIENTS
from outflow.historylists import PHASE_HISTORY

LIST_KINDS = (CLIENTS, PHASE_HISTORY)

__all__ = ["CLIENTS", "LIST_KINDS", "PHASE_HISTORY"]

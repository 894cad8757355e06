"""The words of the contract: columns, phases, exits, measures and quantiles."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

SCHEMA: Final = "weerthuis/outflow-estimate/1"
CORE_VERSION: Final = "2.0.0"

SPELL_COLUMNS: Final = (
    "client",
    "region",
    "provider",
    "facility_type",
    "municipality",
    "phase",
    "from",
    "to",
    "next",
)
SUPPLY_COLUMNS: Final = ("region", "municipality", "quarter", "dwellings")
NEED_COLUMNS: Final = (
    "client",
    "household",
    "persons",
    "form",
    "rent_class",
    "bedrooms",
    "accessible",
    "support",
    "hours",
    "expected_ready",
    "target_group",
)

EXPECTATION_COLUMNS: Final = ("client", "recorded_on", "expected_ready")
PLACE_COLUMNS: Final = ("region", "facility_type", "places")

FACILITY_TYPES: Final = ("BW", "MO")
PHASES: Final = (
    "intake",
    "stabilising",
    "preparing",
    "ready",
    "offered",
    "housed",
    "relapse",
)
EXITS: Final = (
    "self_housed",
    "long_term_care",
    "left_other",
    "deceased",
    "end_of_aftercare",
)
STATES: Final = PHASES + EXITS

INTAKE, STABILISING, PREPARING, READY, OFFERED, HOUSED, RELAPSE = range(len(PHASES))
FIRST_EXIT: Final = len(PHASES)
NOWHERE: Final = len(STATES)
"""The state before the first spell of somebody who still has to arrive."""

IN_CARE: Final = (INTAKE, STABILISING, PREPARING, READY, OFFERED, RELAPSE)
BACKLOG: Final = (READY, OFFERED)

MEASURES: Final = (
    "arrivals",
    "returns",
    "becomes_ready",
    "needs_dwelling",
    "housed",
    "exits",
    "backlog",
    "in_care",
)
(
    ARRIVALS,
    RETURNS,
    BECOMES_READY,
    NEEDS_DWELLING,
    ENTERS_HOUSED,
    LEAVES,
    BACKLOG_AT_END,
    IN_CARE_AT_END,
) = range(len(MEASURES))

QUANTILES: Final = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)

Counts = NDArray[np.int32]
"""Whole numbers of shape (draws, cells, measures, quarters); a cell is municipality x type."""

DAYS_A_DWELLING_WAITS: Final = 60
MAX_QUARTERS: Final = 80
MAX_DRAWS: Final = 100_000

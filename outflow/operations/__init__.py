"""What can be done about people on their way home; one file per promise."""

from outflow.facts import (
    CareFacts,
    ClientFacts,
    IdentityFacts,
    NeedFacts,
    Readiness,
    SpellFacts,
    ZrmFacts,
)
from outflow.operations.arrangements import arrange, arrangers, set_item_state
from outflow.operations.assessments import record_zrm
from outflow.operations.assignments import assign_clients, cover, hand_over, own_workers
from outflow.operations.grounds import record_sharing_ground, withdraw_sharing_ground
from outflow.operations.households import group_household, leave_household
from outflow.operations.merging import (
    confirm_duplicate,
    find_likely_duplicates,
    keep_apart,
    merge,
    undo_decision,
)
from outflow.operations.needs import RentSuggestion, needs_of, record_need, suggest_max_rent
from outflow.operations.phases import (
    end_guidance,
    housed,
    offer_ended,
    offer_made,
    record_exit,
    record_history,
    record_relapse,
)
from outflow.operations.readiness import (
    UNDO_WITHIN,
    readiness_of,
    record_readiness,
    recorders_of_readiness,
    undo_readiness,
)
from outflow.operations.registration import facts_of, register_clients, update_clients
from outflow.operations.supply import plan_supply

__all__ = [
    "UNDO_WITHIN",
    "CareFacts",
    "ClientFacts",
    "IdentityFacts",
    "NeedFacts",
    "Readiness",
    "RentSuggestion",
    "SpellFacts",
    "ZrmFacts",
    "arrange",
    "arrangers",
    "assign_clients",
    "confirm_duplicate",
    "cover",
    "end_guidance",
    "facts_of",
    "find_likely_duplicates",
    "group_household",
    "hand_over",
    "housed",
    "keep_apart",
    "leave_household",
    "merge",
    "needs_of",
    "offer_ended",
    "offer_made",
    "own_workers",
    "plan_supply",
    "readiness_of",
    "record_exit",
    "record_history",
    "record_need",
    "record_readiness",
    "record_relapse",
    "record_sharing_ground",
    "record_zrm",
    "recorders_of_readiness",
    "register_clients",
    "set_item_state",
    "suggest_max_rent",
    "undo_decision",
    "undo_readiness",
    "update_clients",
    "withdraw_sharing_ground",
]

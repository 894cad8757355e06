"""What can be done about homes, promises, support and proposals; one file per promise."""

from housing.operations.contingents import (
    AgreedNumber,
    Delivered,
    agree_contingents,
    correct_contingent,
    raise_contingent,
    set_region_year,
)
from housing.operations.dwellings import (
    DwellingFacts,
    change_dwellings,
    enter_dwellings,
    withdraw_dwelling,
)
from housing.operations.policies import (
    adopt_policy,
    change_draft,
    draft_policy,
    drop_draft,
    previews,
)
from housing.operations.proposals import (
    GroundGiven,
    answer_for_client,
    answer_for_corporation,
    expire_proposal,
    lacks_sharing_ground,
    propose,
    withdraw_proposal,
)
from housing.operations.readmitting import readmit
from housing.operations.support import (
    GuidanceFacts,
    SupportFacts,
    change_support_offers,
    enter_support_offers,
    set_capacity,
    set_guidance_hours,
)
from housing.operations.tenancies import (
    follow_up,
    hand_over_key,
    plan_viewing,
    recorder_of,
    sign_contract,
    steps_for,
)
from housing.operations.trying import drop_try_out, request_try_out

__all__ = [
    "AgreedNumber",
    "Delivered",
    "DwellingFacts",
    "GroundGiven",
    "GuidanceFacts",
    "SupportFacts",
    "adopt_policy",
    "agree_contingents",
    "answer_for_client",
    "answer_for_corporation",
    "change_draft",
    "change_dwellings",
    "change_support_offers",
    "correct_contingent",
    "draft_policy",
    "drop_draft",
    "drop_try_out",
    "enter_dwellings",
    "enter_support_offers",
    "expire_proposal",
    "follow_up",
    "hand_over_key",
    "lacks_sharing_ground",
    "plan_viewing",
    "previews",
    "propose",
    "raise_contingent",
    "readmit",
    "recorder_of",
    "request_try_out",
    "set_capacity",
    "set_guidance_hours",
    "set_region_year",
    "sign_contract",
    "steps_for",
    "withdraw_dwelling",
    "withdraw_proposal",
]

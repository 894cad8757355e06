"""The people on their way home, and what is estimated about them."""

from outflow.models.agreements import ArrangementItem, LikelyDuplicate, SharingGround
from outflow.models.estimates import (
    EstimateRecord,
    EstimateRun,
    NationalPicture,
    PlannedSupply,
    Scenario,
    ScenarioResult,
)
from outflow.models.people import (
    CareProfile,
    Client,
    ExcludedNeighbourhood,
    FunctionalProfile,
    Household,
    Identity,
    Person,
    PlaceToBeNear,
    WishedMunicipality,
    ZrmScore,
)
from outflow.models.stays import Assignment, ReadinessRecord, Spell

__all__ = [
    "ArrangementItem",
    "Assignment",
    "CareProfile",
    "Client",
    "EstimateRecord",
    "EstimateRun",
    "ExcludedNeighbourhood",
    "FunctionalProfile",
    "Household",
    "Identity",
    "LikelyDuplicate",
    "NationalPicture",
    "Person",
    "PlaceToBeNear",
    "PlannedSupply",
    "ReadinessRecord",
    "Scenario",
    "ScenarioResult",
    "SharingGround",
    "Spell",
    "WishedMunicipality",
    "ZrmScore",
]

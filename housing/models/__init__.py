"""Homes, the promises about homes, the support around them, and who goes where."""

from housing.models.homes import Dwelling, GuidanceCapacity, SupportOffer
from housing.models.matching import (
    FairnessPicture,
    MatchPair,
    MatchPart,
    MatchPolicy,
    MatchRecord,
    MatchRun,
    NationalMatching,
    TryOut,
    TryOutRecord,
    UnmatchedClient,
)
from housing.models.promises import Contingent, ContingentEntry, RegionYear
from housing.models.proposals import (
    Placement,
    Proposal,
    ProposalStep,
    Readmission,
    RefusalNote,
    proposal_code,
)

__all__ = [
    "Contingent",
    "ContingentEntry",
    "Dwelling",
    "FairnessPicture",
    "GuidanceCapacity",
    "MatchPair",
    "MatchPart",
    "MatchPolicy",
    "MatchRecord",
    "MatchRun",
    "NationalMatching",
    "Placement",
    "Proposal",
    "ProposalStep",
    "Readmission",
    "RefusalNote",
    "RegionYear",
    "SupportOffer",
    "TryOut",
    "TryOutRecord",
    "UnmatchedClient",
    "proposal_code",
]

"""What a matching depends on, and whether any of it changed."""

from datetime import datetime

from accounts import audit

# Operations that touch none of it start nothing.
PROMISES = ("contingent", "proposal", "region_year")
NOUNS = (
    *PROMISES,
    "client",
    "duplicate",
    "dwelling",
    "guidance",
    "neighbourhood",
    "placement",
    "policy",
    "rule",
    "support",
)
WITHOUT_EFFECT = frozenset(
    {
        "client.arranged",
        "client.assigned",
        "client.covered",
        "client.readiness_confirmed",
        "client.sharing_ground_recorded",
        "client.sharing_recorded",
        "client.sharing_withdrawn",
        "client.zrm_recorded",
        # A draft counts for nothing.
        "policy.changed",
        "policy.drafted",
        "policy.dropped",
    }
)


def changed_since(region_id: int, moment: datetime | None) -> bool:
    """Whether anything that a matching depends on was done in the region since then."""
    return audit.happened(region_id=region_id, after=moment, nouns=NOUNS, without=WITHOUT_EFFECT)


def promised_since(region_id: int, moment: datetime | None) -> bool:
    """Whether a promise or what limits promises changed since then."""
    return audit.happened(region_id=region_id, after=moment, nouns=PROMISES)

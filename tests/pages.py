"""Every page of the site and who may open it, from the access matrix, so that none is forgotten."""

from tests.factories import VIEWERS
from tests.test_access import MATRIX

# Addresses that are no page: they only take what is sent, or answer with a part or a file.
NO_PAGE = {
    "healthz",
    "readyz",
    "accounts:sign_out",
    "accounts:set_language",
    "housing:match_start",
    "housing:match_cancel",
    "housing:match_progress",
    "housing:match_policy_new",
    "housing:match_policy_preview",
    "housing:proposal_calendar",
    "housing:try_out_progress",
    "lists:answer",
    "lists:confirm",
    "lists:progress",
    "outflow:decide_duplicate",
    "outflow:estimate_start",
    "outflow:estimate_progress",
    "outflow:put_back",
}
# Each role has a page of its own here, also when few pages are looked at.
ROLE_PAGES = {"steering:today", "steering:client", "housing:proposal", "housing:proposals"}

# The step after the key that stands in the matrix is the provider's; the landlord's comes later.
NOT_THEIR_TURN = {("housing:proposal_follow_up", "allocator")}


def one_per_role(viewers: frozenset[str]) -> list[str]:
    """For each role that may open a page one viewer, of the world's own organisations if any."""
    found: dict[str, str] = {}
    for key in sorted(viewers):
        role = str(VIEWERS[key][0])
        found[role] = role if role in viewers else found.get(role, key)
    return list(found.values())


def visits(*, every_role: bool) -> list[tuple[str, str]]:
    """Each page with each role that may open it; mostly with one of them when few are tried."""
    found = []
    for name, (allowed, _kind) in MATRIX.items():
        if name not in NO_PAGE:
            who = [key for key in one_per_role(allowed) if (name, key) not in NOT_THEIR_TURN]
            found += [(name, key) for key in (who if every_role or name in ROLE_PAGES else who[:1])]
    return found

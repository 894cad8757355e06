"""Where an example region may be, since when it is there, and who can sign in to it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from accounts.access import Role
from accounts.models import AuditEntry, Membership
from regions.models import Region

# No secret: the example exists only beside a demo or a development server on this machine.
EXAMPLE_PASSWORD = "een-thuis-voor-iedereen"  # noqa: S105
LOADED = "example.loaded"


class NotHere(Exception):
    """An example with a password that everybody knows does not belong in this database."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody of the example who can sign in, in one role."""

    role: Role
    email: str
    name: str
    organisation: str


def refuse_elsewhere() -> None:
    """Stop unless this is a demo or a development server."""
    if not (settings.DEMO or settings.DEBUG):
        raise NotHere(
            "The example has one password that everybody knows. It is only loaded in the demo"
            " ('make demo') or with DEBUG on."
        )


def example_as_of(region: Region) -> date | None:
    """The day on which the example region was invented."""
    entry = AuditEntry.objects.filter(operation=LOADED, object_ref=region.ref).first()
    return date.fromisoformat(entry.facts["as_of"]) if entry else None


def sign_ins(region: Region) -> list[SignIn]:
    """One sign-in per role, in the order of the roles; rather somebody with one role only."""
    memberships = list(
        Membership.objects.live()
        .filter(region=region, user__is_active=True)
        .select_related("user", "organisation")
        .order_by("pk")
    )
    roles_of = Counter(membership.user_id for membership in memberships)
    first: dict[str, Membership] = {}
    for membership in sorted(memberships, key=lambda m: roles_of[m.user_id]):
        first.setdefault(membership.role, membership)
    return [
        SignIn(role, first[role].user.email, first[role].user.name, first[role].organisation.name)
        for role in Role
        if role in first
    ]

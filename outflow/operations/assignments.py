"""Whose client somebody is: assigning, handing over and covering, many at once."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import Permission, Role, Viewer
from accounts.models import Membership
from outflow.errors import NotAllowed, Refused, RefusedAt
from outflow.models import Assignment, Client
from outflow.operations.locking import locked
from regions.clock import today

CARE_ROLES = (Role.CARE_WORKER, Role.TEAM_LEADER)


def own_workers(viewer: Viewer) -> list[Membership]:
    """Whom the viewer can give clients to: who works at the same provider today."""
    return list(
        Membership.objects.live()
        .filter(
            organisation_id=viewer.organisation_id,
            region_id=viewer.region_id,
            role__in=CARE_ROLES,
        )
        .select_related("user")
        .order_by("user__name", "pk")
    )


@transaction.atomic
def assign_clients(*, clients: Sequence[Client], to: Membership, by: Viewer) -> int:
    """Let these clients be `to`'s from today, in one step; whose they were, they are no longer."""
    _refuse_stranger(to, by)
    found = locked(clients, by, Permission.ASSIGN_CLIENTS)
    if not found:
        raise Refused(_("Choose at least one client."))
    return _hand(found, to, by=by)


@transaction.atomic
def hand_over(*, away: Membership, to: Membership, by: Viewer) -> int:
    """Let all clients of one worker be another's, in one step."""
    _refuse_stranger(to, by)
    if away.pk == to.pk:
        raise Refused(_("Choose somebody else to hand the clients to."))
    mine = Client.objects.visible_to(by, Permission.ASSIGN_CLIENTS).filter(
        pk__in=_running().filter(membership=away).values("client_id")
    )
    found = locked(list(mine), by, Permission.ASSIGN_CLIENTS)
    if not found:
        raise Refused(_("This worker has no clients to hand over."))
    return _hand(found, to, by=by)


@transaction.atomic
def cover(*, away: Membership, to: Membership, from_on: date, until_on: date, by: Viewer) -> int:
    """Let one worker look after another's clients for some time; they stay the other's."""
    _refuse_stranger(to, by)
    if away.pk == to.pk:
        raise Refused(_("Choose somebody else to cover."))
    if until_on <= from_on:
        raise RefusedAt("until_on", _("The last day lies after the first."))
    mine = Client.objects.visible_to(by, Permission.ASSIGN_CLIENTS).filter(
        pk__in=_running().filter(membership=away, is_cover=False).values("client_id")
    )
    found = locked(list(mine), by, Permission.ASSIGN_CLIENTS)
    if not found:
        raise Refused(_("This worker has no clients to look after."))
    Assignment.objects.bulk_create(
        Assignment(client=client, membership=to, from_on=from_on, until_on=until_on, is_cover=True)
        for client in found.values()
    )
    audit.record_many(
        [
            audit.entry("client.covered", client, by=by, until_on=until_on.isoformat())
            for client in found.values()
        ]
    )
    return len(found)


def write_assignments(pairs: Sequence[tuple[Client, int]]) -> None:
    """First assignments of new clients; the caller has checked whose they are."""
    Assignment.objects.bulk_create(
        (
            Assignment(client=client, membership_id=membership_id, from_on=today())
            for client, membership_id in pairs
        ),
        batch_size=2000,
    )


def _hand(found: dict[int, Client], to: Membership, *, by: Viewer) -> int:
    running = _running().filter(client__in=found, is_cover=False)
    already = set(running.filter(membership=to).values_list("client_id", flat=True))
    running.exclude(membership=to).update(until_on=today())
    new = [client for client in found.values() if client.pk not in already]
    write_assignments([(client, to.pk) for client in new])
    audit.record_many([audit.entry("client.assigned", client, by=by) for client in new])
    return len(new)


def _running() -> QuerySet[Assignment]:
    return Assignment.objects.filter(Q(until_on__isnull=True) | Q(until_on__gt=today()))


def _refuse_stranger(to: Membership, by: Viewer) -> None:
    if to.pk not in {membership.pk for membership in own_workers(by)}:
        raise NotAllowed(_("This is for somebody else to do. Nothing was changed."))

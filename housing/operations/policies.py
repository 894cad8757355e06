"""A region's policy for the matching: drafted, changed, tried, and only then adopted.

An adopted version is never changed again, the database sees to that; whoever wants something else
makes a new one.
"""

from datetime import date
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import Permission, Viewer
from housing import policies
from housing.errors import Refused
from housing.models import MatchPolicy, MatchRun, TryOut
from housing.operations.doing import must_be_allowed, must_be_in_region, operation
from housing.operations.matching import request_match
from housing.policies import RegionPolicy
from regions.clock import today
from regions.models import Region, RunCause, RunState


@operation
def draft_policy(*, region: Region, reason: str, by: Viewer) -> MatchPolicy:
    """Begin a new version from the one that counts, or from the defaults where none does."""
    must_be_allowed(by, Permission.SET_POLICY)
    region = Region.objects.select_for_update().get(pk=region.pk)
    version = MatchPolicy(
        region=region,
        number=1 + (_of(region).aggregate(last=Max("number"))["last"] or 0),
        values=policies.policy_of(policies.counting(region, on=today())).as_values(),
        reason=reason.strip(),
        made_by_id=by.user_id,
    )
    must_be_in_region(by, version)
    version.save()
    audit.record("policy.drafted", version, by=by, number=version.number)
    return version


@operation
def change_draft(
    *, version: MatchPolicy, policy: RegionPolicy, reason: str, by: Viewer
) -> MatchPolicy:
    """Write down what the draft says; what was tried before is no preview of it any more."""
    draft = _draft(version, by)
    try:
        policies.read(policy.as_values())
    except ValueError as wrong:
        raise Refused(
            _("One of the values is outside what can be chosen. Nothing was changed.")
        ) from wrong
    if draft.values == policy.as_values() and draft.reason == reason.strip():
        return draft
    if draft.values != policy.as_values():
        draft.values, draft.made_at = policy.as_values(), timezone.now()
    draft.reason = reason.strip()
    draft.save(update_fields=["values", "made_at", "reason"])
    audit.record("policy.changed", draft, by=by, number=draft.number)
    return draft


@operation
def drop_draft(*, version: MatchPolicy, by: Viewer) -> MatchPolicy:
    """Put a draft away; its number is not used again."""
    draft = _draft(version, by)
    draft.dropped_at = timezone.now()
    draft.save(update_fields=["dropped_at"])
    audit.record("policy.dropped", draft, by=by, number=draft.number)
    return draft


@operation
def adopt_policy(
    *, version: MatchPolicy, valid_from: date, owner: str, reason: str, by: Viewer
) -> MatchRun | None:
    """Let a draft count from a day, decided by somebody for a reason; returns the run it asks for.

    Nobody decides blindly: what the draft changes was tried after its last change.
    """
    draft = _draft(version, by)
    if previews(draft).filter(state=RunState.DONE).first() is None:
        raise Refused(
            _(
                "What this version changes has not been tried since its last change. Try it first,"
                " look at the outcome, and decide then."
            )
        )
    if valid_from < today():
        raise Refused(_("A version counts from today at the earliest: what was matched, stays."))
    if not owner.strip() or not reason.strip():
        raise Refused(_("Write down who decided and why."))
    draft.valid_from, draft.owner, draft.reason = valid_from, owner.strip(), reason.strip()
    draft.adopted_at, draft.adopted_by_id = timezone.now(), by.user_id
    draft.save(update_fields=["valid_from", "owner", "reason", "adopted_at", "adopted_by"])
    audit.record(
        "policy.adopted",
        draft,
        by=by,
        number=draft.number,
        valid_from=valid_from.isoformat(),
        owner=draft.owner,
    )
    if valid_from > today():
        return None
    return request_match(region=draft.region, cause=RunCause.CHANGED, by=None)


def previews(version: MatchPolicy) -> Any:
    """Try-outs of exactly this version as it stands now, the newest first."""
    return TryOut.objects.filter(
        policy=version, changes=[], requested_at__gte=version.made_at
    ).order_by("-requested_at", "-pk")


def _of(region: Region) -> Any:
    return MatchPolicy.objects.filter(region=region)


def _draft(version: MatchPolicy, by: Viewer) -> MatchPolicy:
    """The draft, locked; refused for what counts or was put away."""
    must_be_allowed(by, Permission.SET_POLICY)
    draft = (
        MatchPolicy.objects.select_for_update(of=("self",))
        .select_related("region")
        .get(pk=version.pk)
    )
    must_be_in_region(by, draft)
    if draft.adopted_at is not None:
        raise Refused(_("This version counts and stays as it is. Make a new one to change it."))
    if draft.dropped_at is not None:
        raise Refused(_("This draft was put away. Make a new one."))
    return draft

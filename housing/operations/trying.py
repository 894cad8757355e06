"""Asking what if, and putting the answer away; neither changes anything of the region itself."""

from collections.abc import Sequence

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import Permission, Viewer
from housing.errors import Refused
from housing.models import MatchPolicy, TryOut
from housing.operations.doing import must_be_allowed, must_be_in_region, operation
from housing.trying import KINDS, MOST_CHANGES, Change
from regions import runs
from regions.clock import today
from regions.models import UNFINISHED, Region, RunCause

MOST_WAITING = 10


@operation
def request_try_out(
    *, region: Region, changes: Sequence[Change], policy: MatchPolicy | None = None, by: Viewer
) -> TryOut:
    """Return the run that will answer it; several may wait, one of a region runs at a time."""
    must_be_allowed(by, Permission.TRY_OUT)
    region = Region.objects.select_for_update().get(pk=region.pk)
    if region.pk != by.region_id:
        must_be_in_region(by, TryOut(region=region))
    if policy is not None:
        must_be_in_region(by, policy)
    if not changes and policy is None:
        raise Refused(_("Nothing was changed yet, so there is nothing to try. Add a change first."))
    if len(changes) > MOST_CHANGES:
        raise Refused(
            _("At most %(count)s changes can be tried together. Leave one out.")
            % {"count": MOST_CHANGES}
        )
    if any(change.get("kind") not in KINDS for change in changes):
        raise Refused(_("One of the changes is of a kind that cannot be tried. Choose it again."))
    waiting = TryOut.objects.filter(region=region, state__in=UNFINISHED).count()
    if waiting >= MOST_WAITING:
        raise Refused(
            _("%(count)s try-outs wait already. Stop one of them, or wait until one is ready.")
            % {"count": waiting}
        )
    made = TryOut.objects.create(
        region=region,
        as_of=today(),
        asked_by_id=by.user_id,
        changes=list(changes),
        policy=policy,
        cause=RunCause.ASKED,
        # Whoever asks also sends the message.
        offered_at=Now(),
    )
    made.refresh_from_db()
    audit.record("try_out.requested", made, by=by, kinds=[change["kind"] for change in changes])
    return made


@operation
def drop_try_out(*, try_out: TryOut, by: Viewer) -> bool:
    """Stop a try-out that waits or runs, or put one away that is finished; True when stopped.

    The worker of a run that was stopped finds that it is no longer its own, and writes nothing.
    """
    must_be_allowed(by, Permission.TRY_OUT)
    found = TryOut.objects.select_for_update(of=("self",)).get(pk=try_out.pk)
    must_be_in_region(by, found)
    if runs.cancel(found):
        audit.record("try_out.stopped", found, by=by)
        return True
    audit.record("try_out.put_away", found, by=by)
    found.delete()
    return False

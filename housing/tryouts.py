"""Try-outs: one picture of a region, matched as it is and as it would be, checked and kept apart.

Nothing of it becomes a pair of a matching, so nothing can be decided about it. What was found goes
after `DAYS_KEPT`.
"""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.context import working_for
from housing import snapshots, trying
from housing.matching import CheckFailed, InstanceError, check, match
from housing.models import TryOut, TryOutRecord
from housing.parts import PartMemory
from housing.snapshots import Picture
from regions.errors import Refused
from regions.models import Region, RunFailure, RunState, RunStep
from regions.runs import Claim, NotClaimed, claimed

DAYS_KEPT = timedelta(days=30)
# How the reason of a failure begins when a change cannot be; housing.trying_words has its words.
CANNOT_BE = "cannot_be"


def carry_out(run: TryOut) -> bool:
    """Match one region as it is and as it would be; False when it is not ours to do."""
    try:
        with claimed(run) as held:
            held.step(RunStep.READING)
            picture, other = _pictures(run)
            try:
                changed = trying.applied(other.instance, run.changes)
            except trying.CannotBe as wrong:
                raise Refused(f"{CANNOT_BE}:{wrong}") from wrong
            before = _answer(picture.instance, held)
            after = _answer(changed, held)
            with working_for(run.region_id, job="match"):
                held.finish(
                    fingerprint=after["fingerprint"],
                    core_version=after["core_version"],
                    summary=trying.summary(before, after),
                )
                TryOutRecord.objects.create(
                    run=run, instance=picture.instance, before=before, after=after
                )
    except NotClaimed:
        return False
    return True


def _pictures(run: TryOut) -> tuple[Picture, Picture]:
    """The region as it is, and by the policy that is tried; the same where none is."""
    if run.policy is None:
        picture = snapshots.take(run.region, as_of=run.as_of)
        return picture, picture
    return snapshots.take_both(run.region, as_of=run.as_of, policy=run.policy)


def _answer(instance: dict[str, Any], held: Claim) -> dict[str, Any]:
    """The matching of one instance, checked."""
    try:
        result = match(instance, progress=held.step, memory=PartMemory(held.run.region_id))
    except InstanceError as wrong:
        raise Refused(f"{RunFailure.INPUT}:{wrong}") from wrong
    try:
        check(instance, result)
    except CheckFailed as wrong:
        raise Refused(f"{RunFailure.WRONG_ANSWER}:{wrong}") from wrong
    return result


def prune_try_outs() -> int:
    """Let go of what was tried long ago; returns how many."""
    removed = 0
    for region in Region.objects.order_by("pk"):
        with working_for(region.pk, job="match"):
            old = TryOut.objects.filter(
                region=region, requested_at__lt=timezone.now() - DAYS_KEPT
            ).exclude(state__in=(RunState.QUEUED, RunState.RUNNING))
            removed += old.delete()[1].get("housing.TryOut", 0)
    return removed

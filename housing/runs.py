"""Match runs: one picture of a region, the pure core, checked, kept; and when to make one.

What stays: the newest `RUNS_KEPT` of a region, everything of the last `DAYS_KEPT`, and every run
from which a proposal came, so that a proposal can always be explained.
"""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.utils import timezone

from accounts.context import working_for
from housing import parts, replays, snapshots
from housing.inputs import changed_since, promised_since
from housing.lifecycle import WAITS_FOR_TABLE
from housing.matching import CheckFailed, InstanceError, advise, check, check_advice, match
from housing.models import MatchPair, MatchRecord, MatchRun, Proposal, UnmatchedClient
from housing.operations.matching import request_match
from housing.operations.planning import plan_from_contingents
from housing.parts import PartMemory, Wake, solve_large_ones
from housing.snapshots import Picture
from outflow.models import Client
from regions.clock import today
from regions.errors import Refused
from regions.models import Region, RunCause, RunFailure, RunState, RunStep
from regions.replays import NothingKept
from regions.runs import Claim, NotClaimed, began_last, claimed, following_up, make_way

log = structlog.get_logger(__name__)

# So long more changes may come along before a region is matched again.
DEBOUNCE = timedelta(minutes=1)
RUNS_KEPT = 30
# A month, and some days in which it is counted (housing.fairness).
DAYS_KEPT = timedelta(days=45)


def carry_out(run: MatchRun, *, wake: Wake | None = None) -> bool:
    """Match one region from one frozen picture of it; False when it is not ours to do.

    The result is shown at once; of a run that is done the advice is what is left to carry out.
    What the region computes already makes way when it read facts that have changed. The core
    computes outside any transaction; what it found is checked, then written in one. `wake` calls a
    helper for a large part; without it the run solves everything itself.
    """
    if run.has_follow_up:
        return _advise(run)
    make_way(run, changed_since=partial(changed_since, run.region_id))
    try:
        with claimed(run) as held:
            held.step(RunStep.READING)
            picture = snapshots.take(run.region, as_of=run.as_of)
            # A night trusts nothing that was computed before it.
            memory = PartMemory(run.region_id, from_nothing=run.is_nightly)
            result = _answer(picture.instance, memory, held, wake)
            doubt = _doubt(run, result, held) if run.is_nightly else None
            held.step(RunStep.WRITING)
            with working_for(run.region_id, job="match"):
                held.finish(
                    fingerprint=result["fingerprint"],
                    core_version=result["core_version"],
                    policy=picture.policy_id,
                    summary=summary(picture, result) | {"parts": memory.counts, "doubt": doubt},
                )
                _keep(run, picture, result)
    except NotClaimed:
        return False
    return True


def _answer(
    instance: dict[str, Any], memory: PartMemory, held: Claim, wake: Wake | None
) -> dict[str, Any]:
    try:
        solve_large_ones(memory, instance, step=partial(held.step, RunStep.SOLVING), wake=wake)
        result = match(instance, progress=held.step, memory=memory)
    except InstanceError as wrong:
        raise Refused(f"{RunFailure.INPUT}:{wrong}") from wrong
    try:
        check(instance, result)
    except CheckFailed as wrong:
        raise Refused(f"{RunFailure.WRONG_ANSWER}:{wrong}") from wrong
    return result


def _doubt(run: MatchRun, result: dict[str, Any], held: Claim) -> dict[str, str] | None:
    """Which matching of the day had another answer than it gets from nothing, and where; or None.

    The last answer to the very same question is compared with this one. Where there is none, the
    last that leaned on remembered parts is made again: the days that people wait are in a question,
    so tomorrow's is another one.
    """
    done = MatchRun.objects.filter(
        region=run.region_id, state=RunState.DONE, core_version=result["core_version"]
    ).order_by("-finished_at", "-pk")
    alike = done.filter(fingerprint=result["fingerprint"]).first()
    last = done.first()
    try:
        if alike is not None:
            earlier, place = alike, replays.between(replays.kept(alike), result)
        elif last is not None and last.leaned_on_memory:
            earlier, place = last, replays.difference(last, progress=held.step)
        else:
            return None
    except NothingKept:
        return None
    if place is None:
        return None
    log.error("match.wrong_answer", run=str(earlier.ref), place=place, found_by=str(run.ref))
    wrong = f"{RunFailure.WRONG_ANSWER}:{place}"
    MatchRun.objects.filter(pk=earlier.pk).update(failure=wrong)
    return {"run": str(earlier.ref), "failure": wrong}


def _advise(run: MatchRun) -> bool:
    """Work out on what ground others went first and what would help whom; pairs are there already.

    Only the newest matching of a region is advised on.
    """
    try:
        with following_up(run) as held:
            with working_for(run.region_id, job="match"):
                record = MatchRecord.objects.get(run=run)
            advice = advise(
                record.instance,
                record.result,
                progress=lambda _stage, done, total: held.step(MatchRun.FOLLOW_UP, done, total),
            )
            # Each change was found by solving again; to do that all over would cost a run each.
            check_advice(record.instance, record.result, advice, solve_again=False)
            with working_for(run.region_id, job="match"):
                held.followed_up()
                _keep_advice(run, advice)
    except NotClaimed:
        return False
    return True


def _keep_advice(run: MatchRun, advice: dict[str, Any]) -> None:
    MatchRecord.objects.filter(run=run).update(advice=advice)
    of_client = {row["client"]: row for row in advice["unmatched"]}
    # Whoever waits for the table took no part, so nothing can be advised.
    took_part = UnmatchedClient.objects.filter(run=run).exclude(why=WAITS_FOR_TABLE)
    rows = list(took_part.select_related("client"))
    for row in rows:
        row.advice = of_client[str(row.client.ref)]
    UnmatchedClient.objects.bulk_update(rows, ["advice"], batch_size=2000)


def _keep(run: MatchRun, picture: Picture, result: dict[str, Any]) -> None:
    older = MatchRun.objects.filter(region=run.region_id, step=MatchRun.FOLLOW_UP)
    older.filter(state=RunState.DONE).exclude(pk=run.pk).update(step="")
    MatchRecord.objects.create(run=run, instance=picture.instance, result=result)
    ahead = _order(picture)
    pairs = sorted(result["pairs"], key=lambda pair: (not pair["locked"], ahead[pair["client"]]))
    MatchPair.objects.bulk_create(
        (
            MatchPair(
                run=run,
                client_id=picture.clients[pair["client"]],
                dwelling_id=picture.dwellings[pair["dwelling"]],
                is_locked=pair["locked"],
                reasons=pair["reasons"],
                rank=rank,
            )
            for rank, pair in enumerate(pairs, start=1)
        ),
        batch_size=2000,
    )
    UnmatchedClient.objects.bulk_create(
        (
            UnmatchedClient(
                run=run,
                client_id=picture.clients[left["client"]],
                why=left["why"],
                eligible_dwellings=left["eligible_dwellings"],
                nearest=left["nearest"],
                blocked_by=left["blocked_by"],
            )
            for left in sorted(result["unmatched"], key=lambda left: ahead[left["client"]])
        ),
        batch_size=2000,
    )
    # Nobody vanishes: whoever is left to the table stands with those for whom nothing was found.
    UnmatchedClient.objects.bulk_create(
        (
            UnmatchedClient(run=run, client_id=client, why=WAITS_FOR_TABLE)
            for client in picture.waiting_for_table
        ),
        batch_size=2000,
    )


def _order(picture: Picture) -> dict[str, tuple[int, str, str]]:
    """Who comes first on a page: most urgent, longest waiting; the ref only makes it definite."""
    return {
        client["ref"]: (-client["urgency"], client["waiting_since"], client["ref"])
        for client in picture.instance["clients"]
    }


def summary(picture: Picture, result: dict[str, Any]) -> dict[str, Any]:
    """Counts and what is short: refs of parties and places, never of a person."""
    why = [left["why"] for left in result["unmatched"]]
    promised = sum(pair["locked"] for pair in result["pairs"])
    return {
        "status": result["status"],
        "gap": result["gap"],
        "bound": result["bound"],
        "placements": result["placements"],
        "priority": result["priority"],
        "clients": len(picture.instance["clients"]),
        "dwellings": len(picture.instance["dwellings"]),
        "promised": promised,
        "proposed": len(result["pairs"]) - promised,
        "unmatched": {reason: why.count(reason) for reason in sorted(set(why))},
        "unused": len(result["unused"]),
        "bottlenecks": result["bottlenecks"],
        "without_need": picture.without_need,
        "waiting_for_table": len(picture.waiting_for_table),
        "left_in_region": picture.left_in_region,
        "seconds": result["solver"]["seconds"],
    }


def notice_changes() -> list[MatchRun]:
    """Ask for a matching of each region where something changed since the last one began.

    What was promised is planned anew first, for the estimate that follows from the same change.
    """
    asked = []
    for region in Region.objects.order_by("pk"):
        after = began_last(MatchRun, region_id=region.pk)
        if promised_since(region.pk, after):
            plan_from_contingents(region=region)
        if _is_out_of_date(region, after):
            asked.append(
                request_match(region=region, cause=RunCause.CHANGED, by=None, wait=DEBOUNCE)
            )
    return asked


def _is_out_of_date(region: Region, after: datetime | None) -> bool:
    if after is None:
        return _has_people(region)
    return changed_since(region.pk, after)


def request_nightly(night: date | None = None) -> list[MatchRun]:
    """Ask for one matching of each region for this night; whoever asks again gets the same ones."""
    asked = []
    for region in Region.objects.order_by("pk"):
        plan_from_contingents(region=region)
        if _has_people(region):
            asked.append(
                request_match(
                    region=region, cause=RunCause.NIGHTLY, by=None, night=night or today()
                )
            )
    return asked


def request_together() -> list[MatchRun]:
    """Ask for a matching of each region now, to be added up when the last is finished."""
    return [
        request_match(region=region, cause=RunCause.NATION, by=None)
        for region in Region.objects.order_by("pk")
        if _has_people(region)
    ]


def _has_people(region: Region) -> bool:
    with working_for(region.pk, job="match"):
        return Client.objects.filter(region=region).exists()


def prune() -> int:
    """Let go of what nobody will ask for any more (see the first lines); returns how many runs."""
    removed = 0
    for region in Region.objects.order_by("pk"):
        parts.prune(region)
        finished = MatchRun.objects.filter(region=region).exclude(
            state__in=(RunState.QUEUED, RunState.RUNNING)
        )
        newest = list(
            finished.filter(state=RunState.DONE)
            .order_by("-finished_at", "-pk")
            .values_list("pk", flat=True)[:RUNS_KEPT]
        )
        with working_for(region.pk, job="match"):
            explaining = set(
                Proposal.objects.filter(region=region, pair__isnull=False).values_list(
                    "pair__run_id", flat=True
                )
            )
            old = finished.exclude(pk__in=[*newest, *explaining]).filter(
                requested_at__lt=timezone.now() - DAYS_KEPT
            )
            removed += old.delete()[1].get("housing.MatchRun", 0)
    return removed

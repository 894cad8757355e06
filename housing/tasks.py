"""Three lines each: what there is to do stands in the run's row."""

from celery import shared_task

from housing import fairness, nation, parts, runs, tryouts
from housing.models import MatchRun, TryOut
from regions.runs import IMMEDIATELY, offer


@shared_task
def carry_out_match(run_id: int) -> None:
    """Carry out one run, then wake a worker for what waited for its region."""
    run = MatchRun.objects.get(pk=run_id)
    runs.carry_out(run, wake=solve_part.wake)
    for waiting in offer(MatchRun, region_id=run.region_id, patience=IMMEDIATELY):
        carry_out_match.wake(waiting)
    if nation.due():
        add_regions_up.wake()


@shared_task
def solve_part(region_id: int, part_id: int) -> None:
    """Help a run of the region with one of its parts; too late or twice does no harm."""
    parts.help_with(region_id, part_id)


@shared_task
def add_regions_up() -> None:
    """After the last run of a night; whoever comes too early or again does no harm."""
    nation.make_what_is_due()


@shared_task
def carry_out_try_out(run_id: int) -> None:
    """Try one thing out, then wake a worker for the next that waits in its region."""
    run = TryOut.objects.get(pk=run_id)
    tryouts.carry_out(run)
    for waiting in offer(TryOut, region_id=run.region_id, patience=IMMEDIATELY):
        carry_out_try_out.wake(waiting)


@shared_task
def notice_changes() -> None:
    """Every minute: what changed is matched anew after a while of quiet; what is due is added."""
    runs.notice_changes()
    nation.make_what_is_due()


@shared_task
def match_every_region() -> None:
    """Every night, once however many beats ask: the nation is these runs over all workers."""
    for run in runs.request_nightly():
        carry_out_match.wake(run.pk)
    runs.prune()
    tryouts.prune_try_outs()


@shared_task
def make_fairness() -> None:
    """Every night: the month that is over is counted once, however often this is asked."""
    fairness.make_due()

"""Three lines each: what there is to do stands in the run's row."""

from celery import shared_task

from outflow import nation, runs
from outflow.models import EstimateRun
from regions.runs import IMMEDIATELY, offer


@shared_task
def carry_out_estimate(run_id: int) -> None:
    """Carry out one run, then wake a worker for what waited for its region."""
    run = EstimateRun.objects.get(pk=run_id)
    runs.carry_out(run)
    for waiting in offer(EstimateRun, region_id=run.region_id, patience=IMMEDIATELY):
        carry_out_estimate.wake(waiting)
    if nation.due():
        add_regions_up.wake()


@shared_task
def add_regions_up() -> None:
    """After the last run of a night; whoever comes too early or again does no harm."""
    nation.make_what_is_due()


@shared_task
def notice_changes() -> None:
    """Every minute: what changed is estimated anew after a while of quiet; what is due is added."""
    runs.notice_changes()
    nation.make_what_is_due()


@shared_task
def estimate_every_region() -> None:
    """Every night, once however many beats ask: the nation is these runs over all workers."""
    for run in runs.request_nightly():
        carry_out_estimate.wake(run.pk)
    runs.prune()


@shared_task
def look_for_duplicates() -> None:
    """Every night: people who may be registered twice."""
    runs.look_for_duplicates()

"""Wakes a worker for a list; the run's row says what there is to do."""

from celery import shared_task

from lists import operations, runs
from lists.models import ImportRun
from regions.clock import today


@shared_task
def read_or_put_in(run_id: int) -> None:
    runs.carry_out(ImportRun.objects.get(pk=run_id))


@shared_task
def forget_expired() -> None:
    """Every night: files and cells whose month is over."""
    operations.forget_expired(on=today())

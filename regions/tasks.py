"""Finds runs whose message was lost or whose worker died, whatever package they belong to."""

from celery import current_app, shared_task

from regions import runs


@shared_task
def offer_again() -> None:
    """Wake a worker for every run that waits unheard; beat asks this every half minute."""
    for model in runs.models():
        runs.give_up(model)
        for run_id in runs.offer(model):
            current_app.tasks[model.TASK].wake(run_id)

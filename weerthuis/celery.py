"""Celery wakes up and wires; what there is to do stands in PostgreSQL."""

import os
from functools import partial
from typing import Any

import structlog
from celery import Celery, signals
from celery.contrib.django.task import DjangoTask
from django.db import transaction
from kombu.exceptions import OperationalError

from weerthuis import pulse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weerthuis.settings")

log = structlog.get_logger(__name__)


class WakingTask(DjangoTask):
    """A task whose message may get lost: the run's row is the truth and is offered again."""

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> None:
        """Wake the worker after the commit; without a broker the run waits in its row."""
        transaction.on_commit(partial(self.wake, *args, **kwargs))

    def wake(self, *args: Any, **kwargs: Any) -> bool:
        """Send the message; False when the broker is gone, which is no reason to fail."""
        try:
            self.delay(*args, **kwargs)
        except (OperationalError, OSError) as gone:
            log.warning("broker.gone", task=self.name, fault=type(gone).__name__)
            return False
        return True


app = Celery("weerthuis", task_cls=WakingTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def _keep_the_projects_logs(**_about: Any) -> None:
    """Celery sets up no logs of its own: settings did."""


@signals.worker_ready.connect
@signals.heartbeat_sent.connect
def _worker_lives(**_about: Any) -> None:
    pulse.beat()

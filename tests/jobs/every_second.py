"""Settings for a beat that does not wait for the night: everything it asks, it asks each second."""

from weerthuis.settings import *  # noqa: F403
from weerthuis.settings import CELERY_BEAT_SCHEDULE as AS_SET

CELERY_BEAT_SCHEDULE = {name: entry | {"schedule": 1} for name, entry in AS_SET.items()}

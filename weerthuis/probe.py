"""Health checks of the containers: `python -m weerthuis.probe web|worker|beat`.

Exit code 0 when that part lives. The web probe asks the process itself, past any proxy.
"""

import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from django.conf import settings

from weerthuis import pulse

BEAT_SECONDS = 10 * 60  # beat writes its schedule every three minutes


def web() -> bool:
    """The process answers on the port that it was told to listen on."""
    port = os.environ.get("PORT", "8000")
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/healthz",
        headers={"Host": settings.ALLOWED_HOSTS[0].lstrip(".")},
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - this machine
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def worker() -> bool:
    """A worker left its mark lately."""
    return pulse.worker_seen_lately()


def beat() -> bool:
    """Beat wrote its schedule lately."""
    schedule = Path(os.environ.get("BEAT_SCHEDULE", "/data/beat-schedule"))
    written = [path.stat().st_mtime for path in schedule.parent.glob(f"{schedule.name}*")]
    return bool(written) and time.time() - max(written) < BEAT_SECONDS


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weerthuis.settings")
    sys.exit(0 if {"web": web, "worker": worker, "beat": beat}[sys.argv[1]]() else 1)

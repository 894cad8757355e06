"""A helper that claims a part and never gets further, as a process to be killed.

python -m tests.jobs.stuck_helper REGION PART
"""

import sys
import time
from collections.abc import Callable
from typing import Any

import django

django.setup()

from housing import parts  # noqa: E402 - settings first


def _never(program: dict[str, Any], *, step: Callable[[], None]) -> dict[str, Any]:
    while True:
        step()
        time.sleep(0.1)


if __name__ == "__main__":
    parts.solve_part = _never
    parts.help_with(int(sys.argv[1]), int(sys.argv[2]))

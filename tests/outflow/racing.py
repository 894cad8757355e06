"""Lets several threads, each with its own connection, act at the same moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from regions.errors import Refused


def at_the_same_time(*deeds: Callable[[], object], times: int = 1) -> list[object]:
    """Do all deeds at once; a deed's result is what it returned, or what it was refused with."""
    everybody = list(deeds) * times
    gate = threading.Barrier(len(everybody))

    def act(deed: Callable[[], object]) -> object:
        try:
            gate.wait(timeout=10)
            return deed()
        except Refused as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(everybody)) as pool:
        return list(pool.map(act, everybody))

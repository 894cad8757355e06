"""Makes an estimate again from what it was asked, and says whether it is the same."""

import sys
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand

from outflow.estimation import CORE_VERSION
from outflow.models import EstimateRun
from outflow.replays import NothingKept, first_difference
from regions.models import RunState

DIFFERS, CANNOT = 1, 2


class Command(BaseCommand):
    help = (
        "Make an estimate again from what was kept of it. Says "
        '"equal" (exit code 0) or the first difference (1); 2 when it cannot be made again.'
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ref", type=UUID, help="of the run, as in the address of its page")

    def handle(self, *args: Any, ref: UUID, **options: Any) -> None:
        run = EstimateRun.objects.filter(ref=ref).first()
        if run is None:
            self._end(CANNOT, "There is no estimate with this ref.")
        elif run.state != RunState.DONE:
            self._end(CANNOT, f"This estimate is {run.state}: it has no result.")
        elif run.core_version != CORE_VERSION:
            self._end(
                CANNOT,
                f"Core {run.core_version} made this estimate and this is {CORE_VERSION}: "
                "replay it with the version of Weerthuis that made it.",
            )
        else:
            self._replay(run)

    def _replay(self, run: EstimateRun) -> None:
        try:
            difference = first_difference(run)
        except NothingKept:
            self._end(CANNOT, "What this estimate was asked is not kept any more.")
        if difference is not None:
            self._end(DIFFERS, f"different: {difference}")
        self.stdout.write("equal")

    def _end(self, code: int, sentence: str) -> None:
        self.stderr.write(sentence)
        sys.exit(code)

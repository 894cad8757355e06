"""What all regions compute together, a run each over all workers: which, how far, and all done?"""

import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q, QuerySet

from regions.clock import today
from regions.models import UNFINISHED, Region, Run, RunCause, RunState

# An answer older than this says too little about now to be added.
STALE_AFTER = timedelta(days=31)
# Runs asked for longer ago belong to a night that is over, whatever became of them.
NIGHTS_BACK = timedelta(days=2)


def asked_together(model: Any) -> QuerySet[Any]:
    """Runs of a night, or asked for all regions at once, of these days.

    `model` is a kind of run that is made for a night: it has a `night` and an `as_of`.
    """
    of_night = Q(night__isnull=False) | Q(cause__contains=RunCause.NATION)
    found: QuerySet[Any] = model.objects.filter(of_night, as_of__gt=today() - NIGHTS_BACK)
    return found


def due(model: type[Run], *, core_version: str, held: Mapping[str, datetime]) -> date | None:
    """The day of the picture of all regions that is to be made now; None when there is none.

    `held` says when the answers of the last picture were finished, by the ref of the region. What
    is in it already makes no new one, and while a run of the night is unfinished none is made.
    """
    together = asked_together(model)
    if together.filter(state__in=UNFINISHED).exists():
        return None
    done = together.filter(state=RunState.DONE, core_version=core_version)
    finished = list(done.values_list("region__ref", "finished_at", "night", "as_of"))
    if all(
        str(region) in held and held[str(region)] >= at for region, at, _night, _as_of in finished
    ):
        return None
    return max(night or as_of for _region, _at, night, as_of in finished)


def finished_at(model: type[Run], refs: Iterable[str]) -> dict[str, datetime]:
    """When these runs were finished, by the ref of their region."""
    found = model._default_manager.filter(ref__in=refs).values_list("region__ref", "finished_at")
    return {str(region): at for region, at in found if at is not None}


class TogetherCommand(BaseCommand):
    """Asks for a run of every region; the workers make them, the last one adds them up."""

    LOOK_EVERY_SECONDS = 1.0
    model: ClassVar[type[Run]]
    # What there is to do for whom, when no region has clients.
    nothing: ClassVar[str]

    def ask(self) -> list[Any]:
        """Ask for a run of each region with people."""
        raise NotImplementedError

    def wake(self, run_id: int) -> bool:
        """Send the message for one run; False when the broker is gone."""
        raise NotImplementedError

    def table(self) -> Iterable[str]:
        """Add up what is due and return the lines that say what the regions show together."""
        raise NotImplementedError

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--wait", action="store_true", help="show progress, then the table of all regions"
        )
        parser.add_argument(
            "--minutes", type=float, default=60, help="how long to wait at most (default 60)"
        )

    def handle(self, *args: Any, wait: bool, minutes: float, **options: Any) -> None:
        asked = self.ask()
        if not asked:
            raise CommandError(f"No region has clients yet, so there is nothing to {self.nothing}.")
        heard = [self.wake(run.pk) for run in asked]
        self.stdout.write(f"Asked for {regions_in_words(len(asked))}.")
        if not all(heard):
            self.stdout.write("The broker is gone; the runs wait and start when it is back.")
        if wait:
            regions = [run.region_id for run in asked]
            self._wait(regions, until=time.monotonic() + minutes * 60)
            self._show(regions)

    def _wait(self, regions: list[int], *, until: float) -> None:
        told = ""
        while True:
            latest = self._latest(regions)
            line = _progress(latest)
            if line != told:
                self.stdout.write(line)
                told = line
            if all(run.is_finished for run in latest):
                return
            if time.monotonic() > until:
                raise CommandError("Not finished in time; the runs go on. Ask again with --wait.")
            time.sleep(self.LOOK_EVERY_SECONDS)

    def _show(self, regions: list[int]) -> None:
        lines = list(self.table())
        names = dict(Region.objects.filter(pk__in=regions).values_list("pk", "name"))
        for run in self._latest(regions):
            if run.state != RunState.DONE:
                reason = f" ({run.failure})" if run.failure else ""
                self.stdout.write(f"{names[run.region_id]}: {run.state}{reason}")
        for line in lines:
            self.stdout.write(line)

    def _latest(self, regions: list[int]) -> list[Run]:
        """The run of each region that answers: a question may have been superseded meanwhile."""
        asked = asked_together(self.model).filter(region_id__in=regions)
        newest = asked.order_by("region_id", "-pk").distinct("region_id")
        return list(newest.only("region_id", "state", "step", "failure"))


def _progress(latest: Iterable[Run]) -> str:
    states = Counter(run.state for run in latest)
    steps = Counter(run.step for run in latest if run.state == RunState.RUNNING)
    line = ", ".join(f"{states[state]} {state.value}" for state in RunState if states[state])
    doing = ", ".join(f"{step} {count}" for step, count in sorted(steps.items()) if step)
    return f"{line} ({doing})" if doing else line


def regions_in_words(count: int) -> str:
    return "1 region" if count == 1 else f"{count} regions"

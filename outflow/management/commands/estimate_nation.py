"""Asks for an estimate of every region, and adds the regions up."""

import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from outflow import nation, runs
from outflow.models import EstimateRun, NationalPicture
from outflow.tasks import carry_out_estimate
from regions.models import Region, RunState

UNFINISHED = (RunState.QUEUED, RunState.RUNNING)
LOOK_EVERY_SECONDS = 1.0
TOLD = ("becomes_ready", "needs_dwelling", "housed", "backlog", "in_care")


class Command(BaseCommand):
    help = "Ask for an estimate of every region; the workers make them, the last one adds them up."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--wait", action="store_true", help="show progress, then the table of all regions"
        )
        parser.add_argument(
            "--minutes", type=float, default=60, help="how long to wait at most (default 60)"
        )

    def handle(self, *args: Any, wait: bool, minutes: float, **options: Any) -> None:
        asked = runs.request_together()
        if not asked:
            raise CommandError("No region has clients yet, so there is nothing to estimate.")
        heard = [carry_out_estimate.wake(run.pk) for run in asked]
        self.stdout.write(f"Asked for {_regions(len(asked))}.")
        if not all(heard):
            self.stdout.write("The broker is gone; the runs wait and start when it is back.")
        if wait:
            regions = [run.region_id for run in asked]
            self._wait(regions, until=time.monotonic() + minutes * 60)
            self._show(regions)

    def _wait(self, regions: list[int], *, until: float) -> None:
        told = ""
        while True:
            latest = _latest(regions)
            line = _progress(latest)
            if line != told:
                self.stdout.write(line)
                told = line
            if all(run.state not in UNFINISHED for run in latest):
                return
            if time.monotonic() > until:
                raise CommandError("Not finished in time; the runs go on. Ask again with --wait.")
            time.sleep(LOOK_EVERY_SECONDS)

    def _show(self, regions: list[int]) -> None:
        nation.make_what_is_due()
        names = dict(Region.objects.filter(pk__in=regions).values_list("pk", "name"))
        for run in _latest(regions):
            if run.state == RunState.FAILED:
                self.stdout.write(f"{names[run.region_id]}: failed ({run.failure})")
        picture = nation.newest()
        if picture is None:
            raise CommandError("No region has an estimate, so there is nothing to add up.")
        for line in _table(picture):
            self.stdout.write(line)


def _latest(regions: list[int]) -> list[EstimateRun]:
    """The run of each region that answers: a question may have been superseded meanwhile."""
    asked = nation.asked_together().filter(region_id__in=regions)
    newest = asked.order_by("region_id", "-pk").distinct("region_id")
    return list(newest.defer("result", "first_result", "effects"))


def _progress(latest: Iterable[EstimateRun]) -> str:
    states = Counter(run.state for run in latest)
    steps = Counter(run.step for run in latest if run.state == RunState.RUNNING)
    line = ", ".join(f"{states[state]} {state.value}" for state in RunState if states[state])
    doing = ", ".join(f"{step} {count}" for step, count in sorted(steps.items()) if step)
    return f"{line} ({doing})" if doing else line


def _table(picture: NationalPicture) -> Iterable[str]:
    """One line per quarter: the middle of each measure and the band that holds 80 per cent."""
    cells = {(row["quarter"], row["measure"]): _band(row["quantiles"]) for row in picture.series}
    yield ""
    yield (
        f"{_regions(picture.regions)} together, {picture.made_on}: the middle, and between "
        "brackets where 80 per cent of the draws lie"
    )
    yield "quarter  " + "".join(f"{name:>20}" for name in TOLD)
    for quarter in dict.fromkeys(row["quarter"] for row in picture.series):
        yield f"{quarter:<9}" + "".join(f"{cells[quarter, name]:>20}" for name in TOLD)


def _band(quantiles: dict[str, int]) -> str:
    return f"{quantiles['0.5']} ({quantiles['0.1']}-{quantiles['0.9']})"


def _regions(count: int) -> str:
    return "1 region" if count == 1 else f"{count} regions"

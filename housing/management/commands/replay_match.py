"""Makes a matching again from what it was asked, and says whether it is the same."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from housing.matching import CORE_VERSION
from housing.models import MatchRun
from housing.replays import difference
from regions.models import Region, RunState
from regions.replays import CANNOT, ReplayCommand


class Command(ReplayCommand):
    help = (
        "Make a matching again from what was kept of it. Says "
        '"equal" (exit code 0) or the place of the first difference (1); 2 when it cannot be made '
        "again."
    )
    model = MatchRun
    core_version = CORE_VERSION
    noun = "matching"

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--run", type=UUID, help="ref of the run, as in the address of its page")
        which.add_argument("--region", help="the last matching of the region with this name")

    def handle(
        self, *args: Any, run: UUID | None = None, region: str | None = None, **options: Any
    ) -> None:
        if run is not None:
            super().handle(ref=run)
            return
        found = Region.objects.filter(name=region).first()
        if found is None:
            self.end(CANNOT, "There is no region with this name.")
        done = MatchRun.objects.filter(region=found, state=RunState.DONE)
        last = done.order_by("-finished_at", "-pk").first()
        if last is None:
            self.end(CANNOT, "This region has no matching yet.")
        self.replay(last)

    def difference(self, run: MatchRun) -> str | None:
        return difference(run)

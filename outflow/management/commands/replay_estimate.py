"""Makes an estimate again from what it was asked, and says whether it is the same."""

from outflow.estimation import CORE_VERSION
from outflow.models import EstimateRun
from outflow.replays import first_difference
from regions.replays import ReplayCommand


class Command(ReplayCommand):
    help = (
        "Make an estimate again from what was kept of it. Says "
        '"equal" (exit code 0) or the first difference (1); 2 when it cannot be made again.'
    )
    model = EstimateRun
    core_version = CORE_VERSION
    noun = "estimate"

    def difference(self, run: EstimateRun) -> str | None:
        return first_difference(run)

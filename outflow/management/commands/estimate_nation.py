"""Asks for an estimate of every region, and adds the regions up."""

from collections.abc import Iterable

from django.core.management.base import CommandError

from outflow import nation, runs
from outflow.models import EstimateRun, NationalPicture
from outflow.tasks import carry_out_estimate
from regions.together import TogetherCommand, regions_in_words

TOLD = ("becomes_ready", "needs_dwelling", "housed", "backlog", "in_care")


class Command(TogetherCommand):
    help = "Ask for an estimate of every region; the workers make them, the last one adds them up."
    model = EstimateRun
    nothing = "estimate"

    def ask(self) -> list[EstimateRun]:
        return runs.request_together()

    def wake(self, run_id: int) -> bool:
        return bool(carry_out_estimate.wake(run_id))

    def table(self) -> Iterable[str]:
        nation.make_what_is_due()
        picture = nation.newest()
        if picture is None:
            raise CommandError("No region has an estimate, so there is nothing to add up.")
        return _table(picture)


def _table(picture: NationalPicture) -> Iterable[str]:
    """One line per quarter: the middle of each measure and the band that holds 80 per cent."""
    cells = {(row["quarter"], row["measure"]): _band(row["quantiles"]) for row in picture.series}
    yield ""
    yield (
        f"{regions_in_words(picture.regions)} together, {picture.made_on}: the middle, and between "
        "brackets where 80 per cent of the draws lie"
    )
    yield "quarter  " + "".join(f"{name:>20}" for name in TOLD)
    for quarter in dict.fromkeys(row["quarter"] for row in picture.series):
        yield f"{quarter:<9}" + "".join(f"{cells[quarter, name]:>20}" for name in TOLD)


def _band(quantiles: dict[str, int]) -> str:
    return f"{quantiles['0.5']} ({quantiles['0.1']}-{quantiles['0.9']})"

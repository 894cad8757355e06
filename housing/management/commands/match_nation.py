"""Asks for a matching of every region, and adds the regions up."""

from collections.abc import Iterable

from django.core.management.base import CommandError
from django.utils import translation

from housing import nation, runs
from housing.models import MatchRun, NationalMatching
from housing.tasks import carry_out_match
from regions import formats
from regions.together import TogetherCommand, regions_in_words


class Command(TogetherCommand):
    help = "Ask for a matching of every region; the workers make them, the last one adds them up."
    model = MatchRun
    nothing = "match"

    def ask(self) -> list[MatchRun]:
        return runs.request_together()

    def wake(self, run_id: int) -> bool:
        return bool(carry_out_match.wake(run_id))

    def table(self) -> Iterable[str]:
        nation.make_what_is_due()
        picture = nation.newest()
        if picture is None:
            raise CommandError("No region has a matching, so there is nothing to add up.")
        with translation.override("en"):
            return list(_lines(picture))


def _lines(picture: NationalMatching) -> Iterable[str]:
    """What the regions come to; people rounded or not told, as outside an organisation."""
    totals = picture.totals
    yield ""
    yield f"{regions_in_words(picture.regions)} together, {picture.made_on}"
    yield _line("waiting", formats.people_count(totals["clients"]))
    yield _line("dwellings", formats.number(totals["dwellings"]))
    yield _line("housed", formats.people_count(totals["placements"]))
    yield _line("of which promised", formats.people_count(totals["promised"]))
    for why, count in totals["unmatched"].items():
        yield _line(f"not housed: {why}", formats.people_count(count))
    yield _line("dwellings left", formats.number(totals["unused"]))
    for level, gap in totals["gap"].items():
        yield _line(f"gap of {level}", f"{gap:.2%}")
    yield _line("regions proven optimal", formats.number(totals["optimal"]))
    for kind, found in totals["bottlenecks"].items():
        brings = formats.people_count(found["one_more"])
        short = formats.number(found["short"])
        yield _line(f"short: {kind}", f"{short}, one more of each brings {brings} home")


def _line(what: str, value: str) -> str:
    return f"{what:<34}{value}"

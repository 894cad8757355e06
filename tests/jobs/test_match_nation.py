"""The matchings of all regions added up: from counts alone, once, whatever happens to messages."""

import io
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.context import working_for
from housing import nation, runs, tasks
from housing.models import MatchRun, NationalMatching
from housing.operations.matching import request_match
from outflow.models import Client
from regions import together
from regions.clock import today
from regions.models import Region, RunCause, RunState
from tests import factories
from tests.databases import Database
from tests.factories import World, make_client, make_dwelling
from tests.jobs.support import at_once, fresh
from tests.running import Processes
from tests.scale import n
from tools.servers import Valkey


def people_elsewhere(world: World) -> None:
    """A second region, where one of three people can get a home."""
    for days in (350, 200, 20):
        make_client(world, days=days, provider=world.foreign_provider, region=world.other_region)


@pytest.fixture
def world(db: None) -> World:
    made = factories.world()
    for days in (100, 50):
        make_client(made, days=days)
    make_dwelling(made)
    people_elsewhere(made)
    return made


def matched(region: Region, cause: str = RunCause.ASKED) -> MatchRun:
    run = request_match(region=region, cause=cause, by=None)
    assert runs.carry_out(run)
    found: MatchRun = fresh(run)
    assert found.state == RunState.DONE, found.failure
    return found


def test_a_picture_adds_up_the_latest_matching_of_each_region(world: World) -> None:
    matched(world.region)
    make_client(world, days=10)
    mine, theirs = matched(world.region), matched(world.other_region)
    picture = nation.matching_of(today())
    assert picture is not None
    totals = picture.totals
    assert (picture.regions, totals["clients"], totals["dwellings"]) == (2, 6, 1)
    assert (totals["placements"], totals["proposed"], totals["promised"]) == (1, 1, 0)
    assert totals["unmatched"] == {"no_eligible_dwelling": 3, "outcompeted": 2}
    assert totals["priority"] == mine.summary["priority"] + theirs.summary["priority"]
    assert totals["bound"]["placements"] == 1
    assert totals["gap"] == {"placements": 0.0, "priority": 0.0}
    assert totals["optimal"] == 2
    assert set(totals["runs"].values()) == {str(mine.ref), str(theirs.ref)}


def test_bottlenecks_of_one_kind_are_added(world: World) -> None:
    row = {"resource": {"kind": "support", "neighbourhood": "x"}, "gain": [2, 3]}
    for run in (matched(world.region), matched(world.other_region)):
        run.summary["bottlenecks"] = [row, {"resource": {"kind": "quota"}, "gain": [1, 1]}]
        run.save()
    picture = nation.matching_of(today())
    assert picture is not None
    assert picture.totals["bottlenecks"] == {
        "quota": {"short": 2, "one_more": 2},
        "support": {"short": 2, "one_more": 4},
    }


def test_a_picture_is_made_without_reading_anybody_and_names_nobody(world: World) -> None:
    matched(world.region)
    with CaptureQueriesContext(connection) as log:
        picture = nation.matching_of(today())
    read = " ".join(query["sql"] for query in log.captured_queries)
    assert "housing_matchrun" in read
    for table in ("outflow_", "housing_matchrecord", "housing_matchpair", "housing_dwelling"):
        assert table not in read
    assert picture is not None
    with working_for(world.region.pk, job="match"):
        people = list(Client.objects.values_list("ref", flat=True))
    assert people
    assert not [ref for ref in people if str(ref) in str(picture.totals)]


def test_what_is_old_or_of_another_core_or_failed_is_not_added(world: World) -> None:
    old, other = matched(world.region), matched(world.other_region)
    MatchRun.objects.filter(pk=old.pk).update(as_of=today() - together.STALE_AFTER)
    picture = nation.matching_of(today())
    assert picture is not None
    assert list(picture.totals["runs"].values()) == [str(other.ref)]
    MatchRun.objects.filter(pk=other.pk).update(core_version="0.9.0")
    assert nation.matching_of(today()) is None


def test_it_is_due_when_the_last_run_of_the_night_ended_however_it_ended(world: World) -> None:
    assert nation.due() is None
    first, second = runs.request_nightly()
    assert runs.carry_out(first)
    assert nation.due() is None
    MatchRun.objects.filter(pk=second.pk).update(state=RunState.CANCELLED)
    picture = nation.make_what_is_due()
    assert picture is not None
    assert (picture.made_on, picture.regions) == (today(), 1)
    assert nation.make_what_is_due() is None
    matched(world.other_region)
    assert nation.due() is None, "a matching by day waits for the night"
    matched(world.other_region, RunCause.NATION)
    assert nation.due() == today()


def said(*arguments: str) -> list[str]:
    out = io.StringIO()
    call_command("match_nation", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_the_command_prints_people_rounded_or_not_at_all(
    world: World, monkeypatch: pytest.MonkeyPatch, valkey: Valkey
) -> None:
    """Made by hand while the command waits for its workers."""
    monkeypatch.setattr(together, "time", _Carrying())
    lines = said("--wait")
    told = {line[:34].strip(): line[34:] for line in lines if len(line) > 34}
    assert lines[0] == "Asked for 2 regions."
    assert "2 done" in lines
    assert (told["waiting"], told["housed"]) == ("fewer than 10", "fewer than 10")
    assert told["not housed: outcompeted"] == "fewer than 10"
    assert (told["dwellings"], told["gap of placements"]) == ("1", "0.00%")
    assert told["regions proven optimal"] == "2"


class _Carrying:
    """A clock that lets the runs be carried out instead of passing the time."""

    monotonic = staticmethod(lambda: 0.0)

    @staticmethod
    def sleep(seconds: float) -> None:
        for run in MatchRun.objects.filter(state=RunState.QUEUED):
            runs.carry_out(run)


def test_without_clients_there_is_nothing_to_ask(db: None) -> None:
    factories.world()
    with pytest.raises(CommandError, match="nothing to match"):
        said()


# On real commits ----------------------------------------------------------------------------------


@pytest.fixture
def two_regions(committed: World) -> Iterator[World]:
    with working_for(committed.other_region.pk, job="match"):
        is_empty = not Client.objects.filter(region=committed.other_region).exists()
    if is_empty:
        people_elsewhere(committed)
    NationalMatching.objects.all().delete()
    yield committed
    NationalMatching.objects.all().delete()


def test_many_who_add_up_in_one_moment_make_one_picture(two_regions: World, valkey: Valkey) -> None:
    for run in runs.request_nightly():
        assert runs.carry_out(run)
    for _ in range(n(2, 50)):
        NationalMatching.objects.all().delete()
        found = at_once(6, lambda: nation.matching_of(today()))
        assert {getattr(one, "pk", one) for one in found} == {NationalMatching.objects.get().pk}
    NationalMatching.objects.all().delete()
    tasks.notice_changes()  # a message that was lost is made up for within the minute
    assert NationalMatching.objects.get().regions == 2


def test_the_workers_make_the_picture_though_messages_come_doubled(
    crew: Processes, two_regions: World, shared_database: Database
) -> None:
    worker = crew.worker(concurrency=2)
    for run in runs.request_together():
        for _ in range(3):
            tasks.carry_out_match.wake(run.pk)
    lines = said("--wait", "--minutes", "1")
    assert "2 done" in lines, worker.words()
    assert NationalMatching.objects.get().regions == 2
    of_nation = MatchRun.objects.filter(cause__contains=RunCause.NATION)
    assert set(of_nation.values_list("attempts", flat=True)) == {1}

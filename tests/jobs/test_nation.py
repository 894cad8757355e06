"""The regions together: their numbers added up once a night, whatever happens to messages."""

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.context import working_for
from outflow import nation, runs, tasks
from outflow.estimation import add_national, national_counts, published
from outflow.lifecycle import Phase
from outflow.models import EstimateRecord, EstimateRun, NationalPicture
from outflow.nation import Draws
from outflow.operations.estimates import request_estimate
from outflow.questions import Question
from outflow.tasks import add_regions_up, carry_out_estimate
from regions import together
from regions.clock import on_day, today
from regions.models import Region, RunCause, RunState
from regions.tasks import offer_again
from tests import factories
from tests.databases import Database
from tests.factories import World, make_client
from tests.jobs.support import (
    MORE,
    a_scenario,
    after,
    at_once,
    end_lease,
    fresh,
    pause_at,
    wait_for,
)
from tests.running import Processes
from tests.scale import n
from tools import processes
from tools.servers import Valkey

# Read in the middle of an estimate: a worker that comes here has claimed and not yet computed.
READ_IN_MID_RUN = "outflow_spell"
LEVELS = ("0.025", "0.1", "0.25", "0.5", "0.75", "0.9", "0.975")


def people_in(world: World) -> None:
    """Two regions with people, and one without."""
    for days in (400, 300, 100):
        after(make_client(world, days=days), "preparing", days)
    for days in (350, 200):
        client = make_client(
            world, days=days, provider=world.foreign_provider, region=world.other_region
        )
        after(client, "stabilising", 90)


@pytest.fixture
def world(db: None) -> World:
    made = factories.world()
    people_in(made)
    return made


def tonight() -> list[EstimateRun]:
    return list(EstimateRun.objects.filter(night=today()).order_by("pk"))


def record_of(run: EstimateRun) -> EstimateRecord:
    with working_for(run.region_id, job="estimate"):
        return EstimateRecord.objects.get(run=run)


def draws_of(run: EstimateRun) -> Draws:
    return Draws.unpacked(bytes(record_of(run).draws or b""))


# Adding up ----------------------------------------------------------------------------------------

NAMES = ("housed", "backlog", "exits")
QUARTERS = ("2026Q4", "2027Q1", "2027Q2", "2027Q3")


@st.composite
def some_draws(draw: st.DrawFn) -> Draws:
    measures = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    first = draw(st.integers(0, 3))
    quarters = QUARTERS[first : draw(st.integers(first + 1, 4))]
    shape = (draw(st.integers(1, 4)), len(measures), len(quarters))
    numbers = draw(st.lists(st.integers(0, 9), min_size=100, max_size=100))
    counts = np.resize(np.array(numbers, dtype=np.int32), shape)
    return Draws(quarters, tuple(measures), counts)


def number(of: Draws, draw: int, measure: str, quarter: str) -> int:
    return int(of.counts[draw, of.measures.index(measure), of.quarters.index(quarter)])


@settings(max_examples=n(100, 5_000), deadline=None)
@given(some_draws(), some_draws())
def test_regions_add_up_draw_by_draw_over_what_both_have(one: Draws, other: Draws) -> None:
    both = one + other
    assert set(both.measures) == set(one.measures) & set(other.measures)
    assert set(both.quarters) == set(one.quarters) & set(other.quarters)
    assert len(both.counts) == min(len(one.counts), len(other.counts))
    for draw in range(len(both.counts)):
        for measure in both.measures:
            for quarter in both.quarters:
                parts = [number(each, draw, measure, quarter) for each in (one, other)]
                assert number(both, draw, measure, quarter) == sum(parts)


@settings(max_examples=n(100, 5_000), deadline=None)
@given(some_draws())
def test_draws_that_were_kept_are_the_draws(some: Draws) -> None:
    again = Draws.unpacked(some.packed())
    assert (again.quarters, again.measures) == (some.quarters, some.measures)
    np.testing.assert_array_equal(again.counts, some.counts)


@settings(max_examples=n(100, 5_000), deadline=None)
@given(some_draws())
def test_a_band_is_the_smallest_number_that_so_many_draws_do_not_exceed(some: Draws) -> None:
    rows = some.series()
    assert len(rows) == len(some.measures) * len(some.quarters)
    for row in rows:
        values = [
            number(some, draw, row["measure"], row["quarter"]) for draw in range(len(some.counts))
        ]
        assert row["mean"] == pytest.approx(sum(values) / len(values))
        assert tuple(row["quantiles"]) == LEVELS
        for level, found in row["quantiles"].items():
            enough = [v for v in sorted(values) if share_up_to(v, values) >= float(level)]
            assert found == enough[0]


def share_up_to(value: int, values: list[int]) -> float:
    return sum(each <= value for each in values) / len(values)


# The picture --------------------------------------------------------------------------------------


def estimated(region: Region, **asked: Any) -> EstimateRun:
    run = request_estimate(region=region, by=None, **asked)
    assert runs.carry_out(run)
    return fresh(run)


def test_a_picture_adds_up_the_latest_estimate_of_each_region(world: World) -> None:
    estimated(world.region)
    make_client(world, days=50)
    mine, theirs = estimated(world.region), estimated(world.other_region)
    picture = nation.picture_of(today())
    assert picture is not None
    assert picture.regions == 2
    assert picture.counts["nation"] == add_national(
        [record_of(run).counts for run in (mine, theirs)]
    )
    assert picture.series == (draws_of(mine) + draws_of(theirs)).series()
    in_care = [row for row in picture.series if row["measure"] == "in_care"]
    assert len(in_care) == 20
    assert in_care[0]["mean"] == pytest.approx(
        sum(mean_of(run, "in_care", in_care[0]["quarter"]) for run in (mine, theirs))
    )


def mean_of(run: EstimateRun, measure: str, quarter: str) -> float:
    (row,) = (
        row
        for row in run.result["series"]
        if (row["measure"], row["quarter"]) == (measure, quarter)
        and row["municipality"] is None
        and row["facility_type"] is None
        and not row.get("by")
    )
    return float(row["mean"])


def test_a_picture_is_made_without_reading_anybody(world: World) -> None:
    estimated(world.region)
    with CaptureQueriesContext(connection) as log:
        nation.picture_of(today())
    read = " ".join(query["sql"] for query in log.captured_queries)
    assert "outflow_estimaterecord" in read
    for table in ("outflow_client", "outflow_spell", "outflow_person", '"tables"'):
        assert table not in read


def test_whoever_makes_a_picture_again_gets_the_same_one(world: World) -> None:
    estimated(world.region)
    first, again = nation.picture_of(today()), nation.picture_of(today())
    assert first is not None
    assert again is not None
    assert (first.pk, first.counts, first.series) == (again.pk, again.counts, again.series)


def test_without_estimates_there_is_no_picture(world: World) -> None:
    assert nation.picture_of(today()) is None
    assert not NationalPicture.objects.exists()


def test_an_estimate_that_is_too_old_or_of_another_core_is_not_added(world: World) -> None:
    old, other = estimated(world.region), estimated(world.other_region)
    EstimateRun.objects.filter(pk=old.pk).update(as_of=today() - together.STALE_AFTER)
    picture = nation.picture_of(today())
    assert picture is not None
    assert picture.counts["runs"] == {str(world.other_region.ref): str(other.ref)}
    EstimateRun.objects.filter(pk=other.pk).update(core_version="0.9.0")
    assert nation.picture_of(today()) is None


# Leaning on it ------------------------------------------------------------------------------------


def test_a_region_leans_on_the_others_and_never_on_itself(world: World) -> None:
    mine, theirs = estimated(world.region), estimated(world.other_region)
    nation.picture_of(today())
    everybody = NationalPicture.objects.get().counts["nation"]
    assert nation.others_than(world.region) == add_national([record_of(theirs).counts])
    assert nation.others_than(world.region) != everybody
    # What it added then is taken off, not what it shows by now.
    for days in (30, 20, 10):
        after(make_client(world, days=days), "intake", 50)
    assert record_of(estimated(world.region)).counts != record_of(mine).counts
    assert nation.others_than(world.region) == add_national([record_of(theirs).counts])
    assert nation.others_than(world.third_region) == everybody


def test_a_region_alone_leans_on_nobody(world: World) -> None:
    assert nation.others_than(world.region) is None
    mine = estimated(world.region)
    nation.picture_of(today())
    assert nation.others_than(world.region) is None
    estimated(world.other_region)
    nation.picture_of(today())
    assert nation.others_than(world.region) is not None
    with working_for(world.region.pk, job="estimate"):
        EstimateRecord.objects.filter(run=mine).delete()
    assert nation.others_than(world.region) is None


def test_counts_of_another_core_are_no_ground(world: World) -> None:
    estimated(world.region)
    estimated(world.other_region)
    picture = nation.picture_of(today())
    assert picture is not None
    picture.counts["core_version"] = "0.9.0"
    picture.save()
    assert nation.others_than(world.region) is None


def test_what_a_region_leaned_on_is_kept_with_its_question(world: World) -> None:
    estimated(world.other_region)
    nation.picture_of(today())
    run = estimated(world.region)
    asked = Question.unpacked(bytes(record_of(run).tables))
    assert asked.nation == nation.others_than(world.third_region)
    assert asked.nation == national_counts(
        Question.unpacked(
            bytes(record_of(EstimateRun.objects.get(region=world.other_region)).tables)
        ).picture.spells,
        as_of=today(),
        register_start=None,
    )


def test_the_first_region_of_all_leans_on_what_was_published(world: World) -> None:
    run = estimated(world.region)
    assert Question.unpacked(bytes(record_of(run).tables)).nation == published()


def warned(run: EstimateRun) -> set[str]:
    return {warning["code"] for warning in run.result["warnings"]}


def test_a_region_without_histories_is_estimated_from_who_is_there_and_what_others_show(
    world: World,
) -> None:
    """Twenty people who are still on their way, and nothing that ever ended."""
    for days in range(20):
        make_client(world, phase=Phase.STABILISING, days=100 + days, region=world.third_region)
    run = estimated(world.third_region)
    assert run.state == RunState.DONE, run.failure
    assert "from_national_priors" in warned(run)
    ready = [mean_of(run, "becomes_ready", f"{today().year + 1}Q{number}") for number in (2, 3, 4)]
    assert sum(ready) > 1


def test_what_the_last_picture_was_made_from_stays(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "RECORDS_KEPT", 1)
    added, other = estimated(world.region), estimated(world.other_region)
    nation.picture_of(today())
    between, last = estimated(world.region), estimated(world.region)
    runs.prune()
    with working_for(world.region.pk, job="estimate"):
        kept = set(EstimateRecord.objects.values_list("run", flat=True))
    assert kept == {added.pk, last.pk}
    assert between.pk not in kept
    assert record_of(other)


# When ---------------------------------------------------------------------------------------------


def test_the_picture_is_due_when_the_last_run_of_the_night_is_finished(world: World) -> None:
    assert nation.due() is None
    asked = runs.request_nightly()
    assert len(asked) == 2
    for run in asked:
        assert nation.due() is None
        assert nation.make_what_is_due() is None
        assert runs.carry_out(run)
    assert nation.due() == today()
    picture = nation.make_what_is_due()
    assert picture is not None
    assert (picture.made_on, picture.regions) == (today(), 2)
    assert nation.due() is None


def test_a_region_that_failed_keeps_no_one_waiting(world: World) -> None:
    first, second = runs.request_nightly()
    runs.carry_out(first)
    EstimateRun.objects.filter(pk=second.pk).update(state=RunState.FAILED)
    picture = nation.make_what_is_due()
    assert picture is not None
    assert picture.regions == 1
    assert nation.due() is None


def test_a_night_in_which_all_failed_makes_no_picture(world: World) -> None:
    runs.request_nightly()
    EstimateRun.objects.update(state=RunState.FAILED)
    assert nation.due() is None


def test_a_region_that_was_estimated_by_day_waits_for_the_night(world: World) -> None:
    for run in runs.request_nightly():
        runs.carry_out(run)
    nation.make_what_is_due()
    estimated(world.region)
    assert nation.due() is None
    estimated(world.region, cause=RunCause.NATION)
    assert nation.due() == today()


def test_a_night_that_is_long_over_is_not_made_up_for(world: World) -> None:
    with on_day(today() - timedelta(days=3)):
        for run in runs.request_nightly():
            runs.carry_out(run)
        assert nation.due() == today()
    assert nation.due() is None


def test_a_scenario_that_comes_between_takes_the_night_along(world: World) -> None:
    """A run of the night that is superseded is not the end of the region's night."""
    first, second = runs.request_nightly()
    a_scenario(world, "more", MORE)
    instead = request_estimate(
        region=world.region, cause=RunCause.SCENARIO, by=None, wait=timedelta(hours=1)
    )
    assert fresh(first).state == RunState.SUPERSEDED
    assert instead.night == today()
    assert instead.not_before == first.not_before
    runs.carry_out(second)
    assert nation.due() is None
    runs.carry_out(instead)
    assert nation.due() == today()
    assert [run.pk for run in runs.request_nightly()] == [instead.pk, second.pk]


# With workers -------------------------------------------------------------------------------------


@pytest.fixture
def two_regions(committed: World) -> Iterator[World]:
    """On real commits, with people in a second region and no picture yet."""
    with working_for(committed.other_region.pk, job="estimate"):
        is_empty = not EstimateRun.objects.filter(region=committed.other_region).exists()
    if is_empty:
        for days in (350, 200):
            make_client(
                committed,
                days=days,
                provider=committed.foreign_provider,
                region=committed.other_region,
            )
    NationalPicture.objects.all().delete()
    yield committed
    NationalPicture.objects.all().delete()


def has_picture_of(regions: int) -> bool:
    return NationalPicture.objects.filter(regions=regions).count() == 1


def test_the_workers_make_the_picture_though_one_is_killed_and_messages_come_doubled(
    crew: Processes, two_regions: World, shared_database: Database
) -> None:
    first = crew.worker()
    with pause_at(shared_database, READ_IN_MID_RUN) as pause:
        asked = [
            request_estimate(region=region, cause=RunCause.NIGHTLY, by=None, night=today())
            for region in (two_regions.region, two_regions.other_region)
        ]
        for run in asked * 3:
            carry_out_estimate.wake(run.pk)
        assert pause.reached(), first.words()
        add_regions_up.wake()
        second = crew.worker(ready=False)
        first.kill()
        pause.end()
    (dead,) = (run for run in asked if fresh(run).state == RunState.RUNNING)
    (other,) = (run for run in asked if run.pk != dead.pk)
    assert wait_for(other, RunState.DONE), second.words()
    assert not NationalPicture.objects.exists(), "made while a region of the night was not done"

    end_lease(dead)
    offer_again()
    assert wait_for(dead, RunState.DONE), second.words()
    assert processes.wait_until(lambda: has_picture_of(2), seconds=30), second.words()
    picture = NationalPicture.objects.get()
    for _ in range(3):
        add_regions_up.wake()
        carry_out_estimate.wake(dead.pk)
    told = f"Task {carry_out_estimate.name}"
    before = second.words().count(f"{told}[")
    assert processes.wait_until(
        lambda: second.words().count(f"{told}[") >= before + 3, seconds=20
    ), second.words()
    again = NationalPicture.objects.get()
    assert (again.pk, again.counts, again.series) == (picture.pk, picture.counts, picture.series)
    assert sorted(fresh(run).attempts for run in asked) == [1, 2]


def test_a_message_that_is_lost_after_the_last_run_is_made_up_within_the_minute(
    two_regions: World, valkey: Valkey
) -> None:
    for run in runs.request_nightly():
        assert runs.carry_out(run)
    assert not NationalPicture.objects.exists()
    tasks.notice_changes()
    assert has_picture_of(2)


def test_many_who_add_up_in_one_moment_make_one_picture(two_regions: World) -> None:
    for run in runs.request_nightly():
        assert runs.carry_out(run)
    for _ in range(n(3, 50)):
        NationalPicture.objects.all().delete()
        found = at_once(6, lambda: nation.picture_of(today()))
        assert {getattr(one, "pk", one) for one in found} == {NationalPicture.objects.get().pk}


def said(*arguments: str) -> list[str]:
    out = io.StringIO()
    call_command("estimate_nation", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_the_command_shows_progress_and_prints_the_table(
    crew: Processes, two_regions: World
) -> None:
    worker = crew.worker()
    lines = said("--wait", "--minutes", "1")
    assert lines[0] == "Asked for 2 regions.", worker.words()
    assert "2 done" in lines
    assert any(line.startswith("2 regions together, ") for line in lines)
    heads = next(line for line in lines if line.startswith("quarter")).split()[1:]
    rows = [line for line in lines if line[:2] == "20"]
    assert len(rows) == 20
    picture = NationalPicture.objects.get()
    cell = rows[3].split()[1 + 2 * heads.index("backlog") :][:2]
    (row,) = (
        row
        for row in picture.series
        if (row["quarter"], row["measure"]) == (rows[3][:6], "backlog")
    )
    spread = row["quantiles"]
    assert cell == [str(spread["0.5"]), f"({spread['0.1']}-{spread['0.9']})"]


def test_without_a_broker_the_command_says_so_and_the_runs_wait(
    two_regions: World, valkey: Valkey
) -> None:
    valkey.stop()
    try:
        assert said() == [
            "Asked for 2 regions.",
            "The broker is gone; the runs wait and start when it is back.",
        ]
    finally:
        valkey.start()
    waiting = EstimateRun.objects.filter(state=RunState.QUEUED)
    assert {run.cause for run in waiting} == {RunCause.NATION}
    with pytest.raises(CommandError, match="Not finished in time"):
        said("--wait", "--minutes", "0")


@pytest.mark.django_db
def test_without_clients_there_is_nothing_to_ask() -> None:
    factories.world()
    with pytest.raises(CommandError, match="No region has clients"):
        said()

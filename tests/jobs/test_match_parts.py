"""Parts of a matching: remembered, shared with helpers, stopped; the answer is always the same."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now

from accounts.context import working_for
from housing import parts, replays, runs, tasks
from housing.matching import match
from housing.models import MatchPart, MatchRecord, MatchRun
from housing.operations.matching import cancel_match, request_match
from housing.parts import PartMemory
from regions.clock import on_day, today
from regions.models import Neighbourhood, RunCause, RunFailure, RunState
from tests import factories
from tests.factories import World, make_client, make_dwelling
from tests.jobs.support import fresh
from tests.running import Processes
from tools import processes

Wake = Callable[[int, int], bool]


def two_parts(world: World, people: int = 3) -> World:
    """Two municipalities that share nobody and nothing, too few homes in both."""
    elsewhere = Neighbourhood.objects.filter(municipality=world.other_municipality).first()
    elsewhere = elsewhere or Neighbourhood.objects.create(
        municipality=world.other_municipality, name="Zuid"
    )
    for number in range(people):
        # Not alike: two parts that ask the same are one part.
        for place, days in ((world.municipality, 100), (world.other_municipality, 95)):
            make_client(world, days=days - 20 * number, wishes=(place,))
    for part in (world.neighbourhood, elsewhere):
        for _ in range(2):
            make_dwelling(world, neighbourhood=part)
    return world


@pytest.fixture
def world(db: None) -> World:
    return two_parts(factories.world())


@pytest.fixture
def shared_from_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "SHARED_FROM", 1)


def carried_out(world: World, *, wake: Wake | None = None, **asked: Any) -> MatchRun:
    run = request_match(region=world.region, by=None, **asked)
    assert runs.carry_out(run, wake=wake)
    done: MatchRun = fresh(run)
    assert done.state == RunState.DONE, done.failure
    return done


def record_of(run: MatchRun) -> MatchRecord:
    with working_for(run.region_id, job="match"):
        return MatchRecord.objects.get(run=run)


def answers(world: World) -> list[MatchPart]:
    with working_for(world.region.pk, job="match"):
        return list(MatchPart.objects.filter(key__startswith=parts.ANSWER).order_by("pk"))


def assert_same_as_from_nothing(run: MatchRun) -> None:
    record = record_of(run)
    assert replays.between(record.result, match(record.instance)) is None


# Remembered ---------------------------------------------------------------------------------------


def test_only_what_changed_is_solved_anew_and_the_answer_is_that_of_a_full_run(
    world: World,
) -> None:
    assert carried_out(world).summary["parts"] == {"all": 2, "anew": 2}
    assert carried_out(world).summary["parts"] == {"all": 2, "anew": 0}
    make_client(world, days=90, wishes=(world.other_municipality,))
    changed = carried_out(world)
    assert changed.summary["parts"] == {"all": 2, "anew": 1}
    assert_same_as_from_nothing(changed)


def test_a_night_reads_nothing_that_was_remembered(world: World) -> None:
    carried_out(world)
    night = carried_out(world, cause=RunCause.NIGHTLY, night=today())
    assert night.summary["parts"] == {"all": 2, "anew": 2}
    assert night.summary["doubt"] is None
    assert_same_as_from_nothing(night)


def spoilt(world: World) -> None:
    """Let what is remembered give a home to another than it should; it looks as good as it did."""
    for part in answers(world):
        one, *others = part.value["columns"]
        missing = next(column for column in range(6) if column not in part.value["columns"])
        part.value["columns"] = sorted([*others, missing])
        with working_for(world.region.pk, job="match"):
            part.save()


def test_a_wrong_memory_is_found_by_the_check_or_by_the_night_of_the_same_day(
    world: World,
) -> None:
    right = carried_out(world)
    spoilt(world)
    run = request_match(region=world.region, by=None)
    runs.carry_out(run)
    wrong = fresh(run)
    if wrong.state == RunState.FAILED:
        assert wrong.failure.startswith(RunFailure.WRONG_ANSWER)
        return
    assert replays.between(record_of(right).result, record_of(wrong).result) is not None
    night = carried_out(world, cause=RunCause.NIGHTLY, night=today())
    assert night.summary["doubt"]["run"] == str(wrong.ref)
    assert fresh(wrong).failure.startswith(f"{RunFailure.WRONG_ANSWER}:")
    assert replays.between(record_of(right).result, record_of(night).result) is None


def pretend(run: MatchRun) -> None:
    """Let a run have an answer that is not the right one, from parts that were remembered."""
    record = record_of(run)
    record.result["pairs"][0]["reasons"] = []
    with working_for(run.region_id, job="match"):
        record.save()
    run.summary["parts"] = {"all": 2, "anew": 1}
    run.save()


def test_the_night_compares_with_the_last_answer_to_the_same_question(world: World) -> None:
    day = carried_out(world)
    pretend(day)
    night = carried_out(world, cause=RunCause.NIGHTLY, night=today())
    found = f"{RunFailure.WRONG_ANSWER}:pairs[0].reasons"
    assert night.summary["doubt"] == {"run": str(day.ref), "failure": found}
    assert (fresh(day).state, fresh(day).failure) == (RunState.DONE, found)
    assert night.failure == ""


def test_the_night_makes_the_last_answer_of_the_day_before_again(world: World) -> None:
    day = carried_out(world)
    pretend(day)
    make_client(world)
    with on_day(today() + timedelta(days=1)):
        night = carried_out(world, cause=RunCause.NIGHTLY, night=today())
    assert night.summary["doubt"]["run"] == str(day.ref)


def test_an_answer_that_leaned_on_nothing_is_not_made_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried_out(world)
    make_client(world)
    made: list[object] = []
    monkeypatch.setattr(replays, "match", lambda *a, **k: made.append(a))
    with on_day(today() + timedelta(days=1)):
        night = carried_out(world, cause=RunCause.NIGHTLY, night=today())
    assert (night.summary["doubt"], made) == (None, [])


def test_parts_that_nobody_asks_for_are_let_go_and_used_ones_stay(world: World) -> None:
    carried_out(world)
    with working_for(world.region.pk, job="match"):
        MatchPart.objects.update(used_at=Now() - parts.KEPT)
    carried_out(world)
    kept = {part.key for part in answers(world)}
    make_client(world, days=10, wishes=(world.municipality,))
    with working_for(world.region.pk, job="match"):
        MatchPart.objects.update(used_at=Now() - parts.KEPT)
    carried_out(world)
    runs.prune()
    left = {part.key for part in answers(world)}
    assert len(left & kept) == 1
    assert len(left) == 2


def test_a_part_names_nobody_and_another_region_has_its_own(world: World) -> None:
    run = carried_out(world)
    memory, other = PartMemory(world.region.pk), PartMemory(world.other_region.pk)
    (first, *_others) = answers(world)
    assert memory.get(first.key) == first.value
    assert other.get(first.key) is None
    instance = record_of(run).instance
    refs = [row["ref"] for name in ("clients", "dwellings") for row in instance[name]]
    text = str([(part.key, part.value) for part in answers(world)])
    assert not [ref for ref in refs if ref in text]


def test_a_long_key_is_a_key_of_its_own(world: World) -> None:
    memory = PartMemory(world.region.pk)
    memory.put("p" * 100, {"placements": 1})
    memory.put("p" * 101, {"placements": 2})
    assert PartMemory(world.region.pk).get("p" * 100) == {"placements": 1}
    assert PartMemory(world.region.pk).get("p" * 101) == {"placements": 2}


# Shared -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("shared_from_one")
@pytest.mark.parametrize("night", [False, True])
@pytest.mark.parametrize("helpers", ["all", "none", "twice", "gone"])
def test_the_answer_is_the_same_with_helpers_and_without(
    world: World, helpers: str, night: bool
) -> None:
    asked: dict[str, Any] = {"cause": RunCause.NIGHTLY, "night": today()} if night else {}
    woken: list[int] = []

    def wake(region_id: int, part_id: int) -> bool:
        woken.append(part_id)
        if helpers in {"all", "twice"}:
            assert parts.help_with(region_id, part_id)
        if helpers == "twice":
            assert not parts.help_with(region_id, part_id)
        return helpers != "gone"

    run = carried_out(world, wake=wake, **asked)
    assert len(woken) == 1
    assert run.summary["parts"] == {"all": 2, "anew": 2}
    assert_same_as_from_nothing(run)
    (part_id,) = woken
    assert not parts.help_with(world.region.pk, part_id), "a message that came too late"


@pytest.mark.usefixtures("shared_from_one")
def test_a_night_lets_helpers_solve_again_what_is_known(world: World) -> None:
    carried_out(world)
    before = {part.key for part in answers(world)}
    woken: list[int] = []

    def wake(region_id: int, part_id: int) -> bool:
        woken.append(part_id)
        return parts.help_with(region_id, part_id)

    carried_out(world, wake=wake, cause=RunCause.NIGHTLY, night=today())
    assert len(woken) == 1
    assert {part.key for part in answers(world)} == before


@pytest.mark.usefixtures("shared_from_one")
def test_nobody_is_called_for_what_is_known_or_for_one_part_alone(world: World) -> None:
    carried_out(world)
    woken: list[int] = []
    carried_out(world, wake=lambda _region, part: bool(woken.append(part)))
    make_client(world, days=10, wishes=(world.municipality,))
    carried_out(world, wake=lambda _region, part: bool(woken.append(part)))
    assert woken == []


def test_small_regions_call_nobody(world: World) -> None:
    woken: list[int] = []
    carried_out(world, wake=lambda _region, part: bool(woken.append(part)))
    assert woken == []


@pytest.mark.usefixtures("shared_from_one")
def test_the_run_takes_over_when_the_lease_of_a_helper_has_ended(world: World) -> None:
    taken_until: list[float] = []

    def wake(region_id: int, part_id: int) -> bool:
        with working_for(region_id, job="match"):
            MatchPart.objects.filter(pk=part_id).update(
                token=world.region.ref, lease_until=Now() + timedelta(seconds=0.5)
            )
        taken_until.append(time.monotonic() + 0.5)
        return True

    run = carried_out(world, wake=wake)
    assert time.monotonic() >= taken_until[0], "took what a helper had"
    assert_same_as_from_nothing(run)


# On real commits: killed and stopped --------------------------------------------------------------


@pytest.fixture
def parted(committed: World) -> World:
    if committed.region.pk not in _PARTED:
        _PARTED.add(committed.region.pk)
        two_parts(committed)
    with working_for(committed.region.pk, job="match"):
        MatchPart.objects.all().delete()
    return committed


_PARTED: set[int] = set()


def part_is_taken(region_id: int) -> bool:
    with working_for(region_id, job="match"):
        return MatchPart.objects.filter(token__isnull=False).exists()


@pytest.mark.usefixtures("shared_from_one")
def test_a_part_whose_helper_was_killed_is_solved_by_the_run(
    crew: Processes, parted: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    region_id = parted.region.pk

    def wake(region_id: int, part_id: int) -> bool:
        helper = crew.spawn("helper", "tests.jobs.stuck_helper", str(region_id), str(part_id))
        taken = processes.wait_until(lambda: part_is_taken(region_id), seconds=60)
        assert taken, helper.words()
        helper.kill()
        with working_for(region_id, job="match"):
            taken_over = MatchPart.objects.filter(pk=part_id, value__isnull=True)
            assert taken_over.update(lease_until=Now() - timedelta(seconds=1)) == 1
        return True

    run = carried_out(parted, wake=wake)
    assert_same_as_from_nothing(run)
    assert not part_is_taken(region_id)


def endless(started: threading.Event) -> Callable[..., Any]:
    """A solver that ends only by what its step raises."""

    def solve(*question: Any, step: Callable[[], None] | None = None, **how: Any) -> Any:
        progress = how.get("progress")
        started.set()
        while True:
            if step is not None:
                step()
            if progress is not None:
                progress("solving", 1, 2)
            time.sleep(0.02)

    return solve


def in_a_thread(deed: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    found: list[Any] = []

    def act() -> None:
        try:
            found.append(deed())
        except Exception as fault:
            found.append(fault)
        finally:
            connection.close()

    thread = threading.Thread(target=act)
    thread.start()
    return thread, found


def test_a_run_that_is_stopped_ends_within_seconds_and_writes_nothing(
    parted: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = threading.Event()
    monkeypatch.setattr(runs, "match", endless(started))
    run = request_match(region=parted.region, by=None)
    thread, found = in_a_thread(lambda: runs.carry_out(fresh(run)))
    assert started.wait(timeout=20)
    cancel_match(run=fresh(run), by=parted.coordinator)
    thread.join(timeout=5)
    assert not thread.is_alive()
    assert found == [True]
    assert fresh(run).state == RunState.CANCELLED
    with working_for(parted.region.pk, job="match"):
        assert not MatchRecord.objects.filter(run=run).exists()


@pytest.mark.usefixtures("shared_from_one")
def test_helpers_of_a_run_that_is_stopped_stop_as_well(
    parted: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = threading.Event()
    monkeypatch.setattr(parts, "solve_part", endless(started))
    helped: list[tuple[threading.Thread, list[Any]]] = []

    def wake(region_id: int, part_id: int) -> bool:
        helped.append(in_a_thread(lambda: parts.help_with(region_id, part_id)))
        return started.wait(timeout=20)

    run = request_match(region=parted.region, by=None)
    mine = in_a_thread(lambda: runs.carry_out(fresh(run), wake=wake))
    assert started.wait(timeout=20)
    assert processes.wait_until(lambda: bool(helped), seconds=20)
    cancel_match(run=fresh(run), by=parted.coordinator)
    for thread, _found in (mine, *helped):
        thread.join(timeout=5)
        assert not thread.is_alive()
    assert [found for _thread, found in helped] == [[False]]
    assert not part_is_taken(parted.region.pk)
    assert fresh(run).state == RunState.CANCELLED


def test_what_changed_meanwhile_lets_the_newer_run_overtake_a_running_one(
    parted: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr(runs, "match", endless(started))
        old = request_match(region=parted.region, by=None)
        thread, _found = in_a_thread(lambda: runs.carry_out(fresh(old)))
        assert started.wait(timeout=20)
    new = request_match(region=parted.region, by=None)
    assert not runs.carry_out(fresh(new)), "nothing changed, and the region is busy"
    monkeypatch.setattr(runs, "changed_since", lambda region_id, moment: True)
    assert runs.carry_out(fresh(new))
    thread.join(timeout=5)
    assert not thread.is_alive()
    assert (fresh(old).state, fresh(new).state) == (RunState.SUPERSEDED, RunState.DONE)


def test_messages_carry_numbers_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names and refs of people would stand in the broker, and in every log of it."""
    for task in (tasks.carry_out_match, tasks.solve_part):
        hints = {name: kind for name, kind in task.run.__annotations__.items() if name != "return"}
        assert set(hints.values()) == {int}

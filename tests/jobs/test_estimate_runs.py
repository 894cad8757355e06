"""An estimate run: one line of spells a person, one result that can be made again."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.context import working_for
from outflow import runs, snapshots
from outflow.estimation import EstimateError
from outflow.models import Client, EstimateRecord, EstimateRun, Household, PlannedSupply, Spell
from outflow.operations.estimates import request_estimate
from outflow.snapshots import Picture, one_line
from regions.clock import today
from regions.models import RunFailure, RunState
from tests import factories
from tests.factories import World, make_client
from tests.scale import n


@pytest.fixture
def world(db: None) -> World:
    return factories.world()


@pytest.fixture
def context(world: World) -> Iterator[None]:
    with working_for(world.region.pk, job="estimate"):
        yield


def history(client: Client, *stays: tuple[str, int, int | None, str]) -> None:
    """Give the client these spells instead: phase, days ago from, days ago until, exit."""
    day = today()
    with (
        factories.keeping_context(),
        factories.acting_as(
            factories.viewer_for(client.provider, client.region, factories.Role.TEAM_LEADER)
        ),
    ):
        client.spells.all().delete()
        for phase, begin, end, exit_ in stays:
            Spell.objects.create(
                client=client,
                phase=phase,
                from_on=day - timedelta(days=begin),
                until_on=None if end is None else day - timedelta(days=end),
                exit=exit_,
            )


def taken(world: World) -> Picture:
    return snapshots.take(world.region, as_of=today())


def rows(world: World) -> list[dict[str, Any]]:
    return taken(world).spells.to_dict("records")


def carried_out(world: World) -> EstimateRun:
    run = request_estimate(region=world.region, by=None)
    assert runs.carry_out(run)
    run.refresh_from_db()
    return run


# The picture --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("context")
def test_spells_stand_in_the_columns_of_the_contract(world: World) -> None:
    client = make_client(world)
    history(
        client, ("intake", 90, 60, ""), ("ready", 60, 20, ""), ("housed", 20, 5, "end_of_aftercare")
    )
    day = [(today() - timedelta(days=days)).isoformat() for days in (90, 60, 20, 5)]
    common = {
        "client": str(client.person.ref),
        "region": str(world.region.ref),
        "provider": str(world.provider.ref),
        "facility_type": "BW",
        "municipality": world.municipality.code,
    }
    assert rows(world) == [
        {**common, "phase": "intake", "from": day[0], "to": day[1], "next": "ready"},
        {**common, "phase": "ready", "from": day[1], "to": day[2], "next": "housed"},
        {**common, "phase": "housed", "from": day[2], "to": day[3], "next": "end_of_aftercare"},
    ]


@pytest.mark.usefixtures("context")
def test_a_phase_of_no_days_tells_nothing(world: World) -> None:
    client = make_client(world)
    history(client, ("intake", 9, 5, ""), ("stabilising", 5, 5, ""), ("preparing", 5, None, ""))
    assert [(row["phase"], row["next"]) for row in rows(world)] == [
        ("intake", "preparing"),
        ("preparing", ""),
    ]


@pytest.mark.usefixtures("context")
def test_who_has_no_known_municipality_is_a_row_of_its_own(world: World) -> None:
    make_client(world, origin_municipality=None)
    make_client(world, origin_municipality=None, financing_municipality=world.other_municipality)
    assert sorted(row["municipality"] for row in rows(world)) == [
        "",
        world.other_municipality.code,
    ]


@pytest.mark.usefixtures("context")
def test_a_person_at_two_providers_is_one_client(world: World) -> None:
    first = make_client(world)
    second = make_client(world, provider=world.other_provider, person=first.person)
    history(first, ("intake", 90, 50, ""), ("stabilising", 50, None, ""))
    history(second, ("intake", 30, 20, ""), ("ready", 20, None, ""))
    line = rows(world)
    assert {row["client"] for row in line} == {str(first.person.ref)}
    assert [(row["phase"], row["next"]) for row in line] == [
        ("intake", "stabilising"),
        ("stabilising", "intake"),
        ("intake", "ready"),
        ("ready", ""),
    ]
    assert [row["to"] for row in line][:-1] == [row["from"] for row in line][1:]


@pytest.mark.usefixtures("context")
def test_a_registration_that_still_runs_leads_one_that_ended(world: World) -> None:
    runs_still = make_client(world)
    ended = make_client(world, provider=world.other_provider, person=runs_still.person)
    history(runs_still, ("stabilising", 200, None, ""))
    history(ended, ("intake", 300, 100, "left_other"))
    line = rows(world)
    assert [(row["phase"], row["next"]) for row in line] == [
        ("intake", "stabilising"),
        ("stabilising", ""),
    ]


stay = st.tuples(st.integers(1, 30), st.sampled_from(["intake", "preparing", "ready", "housed"]))


@st.composite
def files(draw: st.DrawFn) -> list[list[dict[str, str]]]:
    """Registrations of one person: spells that follow each other, the last perhaps open."""
    found = []
    for _ in range(draw(st.integers(1, 4))):
        day, file = draw(st.integers(0, 60)), []
        stays = draw(st.lists(stay, min_size=1, max_size=4))
        for position, (length, phase) in enumerate(stays):
            is_last = position == len(stays) - 1
            ends = not is_last or draw(st.booleans())
            then = "left_other" if is_last else stays[position + 1][1]
            file.append(
                {
                    "phase": phase,
                    "from": iso(day),
                    "to": iso(day + length) if ends else "",
                    "next": then if ends else "",
                }
            )
            day += length
        found.append(file)
    return found


def iso(day: int) -> str:
    return (date(2024, 1, 1) + timedelta(days=day)).isoformat()


@settings(max_examples=n(150, 20_000), deadline=None)
@given(files())
def test_one_line_of_spells_has_no_overlap_and_invents_nothing(
    registrations: list[list[dict[str, str]]],
) -> None:
    line = list(one_line(registrations))
    assert line == list(one_line(list(reversed(registrations)))) or has_ties(registrations)
    for before, after in zip(line, line[1:], strict=False):
        assert before["to"]
        assert before["from"] < before["to"] <= after["from"]
        if before["to"] == after["from"]:
            assert before["next"] in {after["phase"], "left_other"}
    known = {(spell["from"], spell["phase"]) for file in registrations for spell in file}
    assert {(spell["from"], spell["phase"]) for spell in line} <= known
    # Whoever is in care somewhere is in care in the line, and since no later than anywhere.
    is_open = any(not file[-1]["to"] for file in registrations)
    assert is_open == (not line[-1]["to"])
    assert line[0]["from"] == min(file[0]["from"] for file in registrations)


def has_ties(registrations: list[list[dict[str, str]]]) -> bool:
    places = [(file[0]["from"], file[-1]["to"]) for file in registrations]
    return len(set(places)) < len(places)


@pytest.mark.usefixtures("context")
def test_needs_are_told_once_a_person_and_name_the_household(world: World) -> None:
    household = Household.objects.create(region=world.region)
    first = make_client(world, household=household, need={"persons": 2, "wheelchair": True})
    make_client(world, provider=world.other_provider, person=first.person, household=household)
    needs = taken(world).needs.to_dict("records")
    assert len(needs) == 1
    assert needs[0]["household"] == str(household.ref)
    assert needs[0]["client"] == str(first.person.ref)


@pytest.mark.usefixtures("context")
def test_promised_dwellings_are_told_per_municipality_and_quarter(world: World) -> None:
    PlannedSupply.objects.create(
        region=world.region,
        municipality=world.municipality,
        quarter_from=date(today().year + 1, 4, 1),
        dwellings=7,
    )
    PlannedSupply.objects.create(
        region=world.other_region, quarter_from=date(today().year + 1, 4, 1), dwellings=9
    )
    supply = taken(world).supply
    assert supply is not None
    assert supply.to_dict("records") == [
        {
            "region": str(world.region.ref),
            "municipality": world.municipality.code,
            "quarter": f"{today().year + 1}Q2",
            "dwellings": 7,
        }
    ]


@pytest.mark.usefixtures("context")
def test_without_promises_ahead_the_past_tells_the_supply(world: World) -> None:
    assert taken(world).supply is None
    PlannedSupply.objects.create(
        region=world.region, quarter_from=date(today().year - 1, 1, 1), dwellings=7
    )
    assert taken(world).supply is None


@pytest.mark.usefixtures("context")
def test_the_estimate_reads_no_identity_and_no_care(world: World) -> None:
    make_client(world)
    with CaptureQueriesContext(connection) as log:
        taken(world)
    for table in ("outflow_identity", "outflow_careprofile", "outflow_zrmscore"):
        assert not [query for query in log.captured_queries if table in query["sql"]]


# The run ------------------------------------------------------------------------------------------


def test_a_run_keeps_its_result_and_what_it_was_asked(world: World) -> None:
    for days in (400, 300, 200, 100):
        make_client(world, days=days)
    run = carried_out(world)
    assert run.state == RunState.DONE
    assert run.parameters == {"quarters": 12, "draws": 20}
    assert (run.result["seed"], run.result["draws"]) == (run.seed, 20)
    assert (run.fingerprint, run.core_version) == (
        run.result["fingerprint"],
        run.result["core_version"],
    )
    assert {row["region"] for row in run.result["series"]} == {str(world.region.ref)}
    assert json.loads(json.dumps(run.result)) == run.result


def test_an_estimate_can_be_made_again_when_the_data_have_changed(world: World) -> None:
    for days in (400, 300, 200):
        make_client(world, days=days)
    run = carried_out(world)
    make_client(world, days=150)
    again = json.loads(json.dumps(runs.replay(run)))
    result = dict(run.result)
    assert again.pop("run") != {}
    result.pop("run")
    assert again == result
    other = carried_out(world)
    assert other.seed == run.seed
    assert other.fingerprint != run.fingerprint


def test_the_tables_of_an_estimate_are_for_that_job_alone(world: World) -> None:
    make_client(world)
    run = carried_out(world)
    for viewer in (world.coordinator, world.team_leader, world.steering_member):
        with factories.acting_as(viewer):
            assert not EstimateRecord.objects.exists()
    with working_for(world.other_region.pk, job="estimate"):
        assert not EstimateRecord.objects.exists()
    with working_for(world.region.pk, job="estimate"):
        assert EstimateRecord.objects.filter(run=run).exists()


def test_a_region_with_nobody_fails_with_that_reason(world: World) -> None:
    run = carried_out(world)
    assert (run.state, run.reason) == (RunState.FAILED, RunFailure.NOBODY.label)
    assert run.result is None


def test_data_that_contradict_each_other_are_the_reason(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*tables: object, **options: object) -> None:
        raise EstimateError("cell", "Row 2, column phase: no phase.")

    make_client(world)
    monkeypatch.setattr(runs, "estimate", refuse)
    run = carried_out(world)
    assert (run.state, run.reason) == (RunState.FAILED, RunFailure.INPUT.label)
    assert run.failure == "input:Row 2, column phase: no phase."


def test_results_of_a_month_stay_and_tables_do_not(world: World) -> None:
    make_client(world)
    made = [carried_out(world) for _ in range(4)]
    EstimateRun.objects.filter(pk__in=[made[0].pk, made[1].pk]).update(as_of=date(2020, 1, 5))
    EstimateRun.objects.filter(pk=made[1].pk).update(as_of=date(2020, 1, 9))
    EstimateRun.objects.update(requested_at=made[0].requested_at - runs.DAYS_KEPT * 2)
    assert runs.prune() == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "RESULTS_KEPT", 1)
        patch.setattr(runs, "TABLES_KEPT", 1)
        assert runs.prune() == 2
    left = EstimateRun.objects.order_by("pk").values_list("pk", flat=True)
    assert list(left) == [made[1].pk, made[3].pk]
    with working_for(world.region.pk, job="estimate"):
        assert list(EstimateRecord.objects.values_list("run", flat=True)) == [made[3].pk]

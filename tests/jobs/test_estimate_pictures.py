"""What an estimate starts from: one line of spells a person, needs, promises, expectations."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.context import working_for
from outflow import snapshots
from outflow.models import (
    Client,
    EstimateRun,
    Household,
    PlannedSupply,
    ReadinessRecord,
    Spell,
)
from outflow.questions import Question
from outflow.snapshots import Picture, one_line
from regions.clock import today
from regions.models import RegionRule
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


# Expectations ------------------------------------------------------------------------------------


def expected(
    world: World,
    client: Client,
    said: list[tuple[int, int | None]],
    *,
    phase: str = "preparing",
) -> list[ReadinessRecord]:
    """Record in turn, so many days ago, that the client will be ready in so many days from now."""
    records, stood = [], {"expected_ready_on": None, "checked_on": None}
    for days_ago, ahead in said:
        told = {
            "expected_ready_on": None if ahead is None else iso_from_now(ahead),
            "checked_on": iso_from_now(-days_ago),
            "phase": phase,
        }
        records.append(
            ReadinessRecord.objects.create(
                client=client,
                recorded_by_id=world.care_worker.user_id,
                phase=phase,
                before=stood,
                after=told,
            )
        )
        stood = told
    return records


def iso_from_now(days: int) -> str:
    return (today() + timedelta(days=days)).isoformat()


def said(world: World) -> list[tuple[str, str, str]]:
    table = taken(world).expectations
    assert list(table.columns) == ["client", "recorded_on", "expected_ready"]
    return list(table.itertuples(index=False, name=None))


@pytest.mark.usefixtures("context")
def test_every_day_ever_expected_is_told_with_the_day_it_was_said(world: World) -> None:
    client = make_client(world)
    expected(world, client, [(90, 10), (60, 30), (30, None), (5, 40)])
    assert said(world) == [
        (str(client.person.ref), iso_from_now(-days), "" if ahead is None else iso_from_now(ahead))
        for days, ahead in ((90, 10), (60, 30), (30, None), (5, 40))
    ]


@pytest.mark.usefixtures("context")
def test_nobody_takes_a_day_back_by_becoming_ready_or_by_never_having_said_one(
    world: World,
) -> None:
    became_ready, silent = make_client(world), make_client(world)
    expected(world, silent, [(60, None), (30, None)])
    (record,) = expected(world, became_ready, [(20, None)], phase="ready")
    record.before = {"expected_ready_on": iso_from_now(-18), "checked_on": iso_from_now(-50)}
    record.save()
    assert said(world) == [
        (str(became_ready.person.ref), iso_from_now(-50), iso_from_now(-18)),
    ]


@pytest.mark.usefixtures("context")
def test_of_what_was_said_on_one_day_the_last_counts(world: World) -> None:
    client = make_client(world)
    expected(world, client, [(60, 50), (60, 30), (60, 40)])
    assert [on for _who, _said, on in said(world)] == [iso_from_now(40)]


@pytest.mark.usefixtures("context")
def test_what_stood_there_before_the_first_record_was_expected_too(world: World) -> None:
    client = make_client(world)
    first, second = expected(world, client, [(60, 30), (30, 50)])
    first.before = {"expected_ready_on": iso_from_now(5), "checked_on": iso_from_now(-99)}
    first.save()
    # Not told: what the second found was the first's, and is told by it.
    second.before = {"expected_ready_on": iso_from_now(77), "checked_on": iso_from_now(-77)}
    second.save()
    assert [on for _who, _said, on in said(world)] == [iso_from_now(on) for on in (5, 30, 50)]


@pytest.mark.usefixtures("context")
def test_what_was_taken_back_was_no_expectation(world: World) -> None:
    client = make_client(world)
    _stays, mistaken = expected(world, client, [(60, 30), (1, 400)])
    mistaken.undone_at = timezone.now()
    mistaken.save()
    assert [on for _who, _said, on in said(world)] == [iso_from_now(30)]


@pytest.mark.usefixtures("context")
def test_a_day_that_came_with_the_registration_is_told_as_checked_then(world: World) -> None:
    client = make_client(world)
    again = make_client(world, provider=world.other_provider, person=client.person)
    for registration, checked, on in ((client, 20, 100), (again, 10, 90)):
        registration.expected_ready_on = today() + timedelta(days=on)
        registration.checked_on = today() - timedelta(days=checked)
        Client.objects.filter(pk=registration.pk).update(
            expected_ready_on=registration.expected_ready_on, checked_on=registration.checked_on
        )
    assert said(world) == [
        (str(client.person.ref), iso_from_now(-20), iso_from_now(100)),
        (str(client.person.ref), iso_from_now(-10), iso_from_now(90)),
    ]


@pytest.mark.usefixtures("context")
def test_the_region_says_who_is_first_in_line(world: World) -> None:
    assert taken(world).queue == "longest_ready"
    RegionRule.objects.create(
        region=world.region, key="estimate_queue", value="longest_in_care", valid_from=today()
    )
    assert taken(world).queue == "longest_in_care"


# The question -------------------------------------------------------------------------------------


def question_about(world: World, **other: Any) -> Question:
    run = EstimateRun(
        region=world.region,
        as_of=today(),
        seed=7,
        parameters={"quarters": 4, "draws": 20, "scenarios": []},
    )
    return replace(Question.of(run, taken(world), {"regions": 3}), **other)


@pytest.mark.usefixtures("context")
def test_a_question_that_was_kept_is_the_question(world: World) -> None:
    client = make_client(world, need={"persons": 2})
    expected(world, client, [(60, 30)])
    asked = question_about(world, scenarios=({"ref": "a", "changes": [{"what": "inflow"}]},))
    again = Question.unpacked(asked.packed())
    for name in ("spells", "needs", "expectations"):
        pd.testing.assert_frame_equal(getattr(again.picture, name), getattr(asked.picture, name))
        assert len(getattr(asked.picture, name))
    assert again.packed() == asked.packed()
    assert replace(again, picture=asked.picture) == asked


@pytest.mark.usefixtures("context")
def test_a_fingerprint_covers_everything_that_is_asked(world: World) -> None:
    client = make_client(world)
    expected(world, client, [(60, 30)])
    asked = question_about(world)
    before = asked.picture
    others = [
        replace(asked, seed=8),
        replace(asked, draws=21),
        replace(asked, quarters=5),
        replace(asked, as_of=today() - timedelta(days=1)),
        replace(asked, nation=None),
        replace(asked, scenarios=({"ref": "a", "changes": []},)),
        replace(asked, picture=replace(before, queue="longest_in_care")),
        replace(asked, picture=replace(before, supply=before.spells)),
        *(
            replace(asked, picture=replace(before, **{name: getattr(before, name).iloc[:0]}))
            for name in ("spells", "needs", "expectations")
        ),
    ]
    assert len({one.fingerprint for one in [asked, *others]}) == len(others) + 1
    assert question_about(world).fingerprint == asked.fingerprint

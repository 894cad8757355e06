"""A match run: what the matcher may see of a region, what it is told, and what is kept of it."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import ProgrammingError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.context import acting_as, reading_for, working_for
from housing import runs, snapshots
from housing.lifecycle import ContingentKind, ProposalState
from housing.matching import CheckFailed
from housing.models import (
    GuidanceCapacity,
    MatchPair,
    MatchRecord,
    MatchRun,
    Placement,
    Proposal,
    UnmatchedClient,
)
from housing.operations.matching import request_match
from outflow.lifecycle import ContractForm, Phase, Route, SupportKind
from outflow.models import (
    CareProfile,
    Client,
    ExcludedNeighbourhood,
    Household,
    Identity,
    ZrmScore,
)
from regions.clock import today
from regions.models import RunFailure, RunState
from tests import factories
from tests.factories import (
    World,
    keeping_context,
    make_client,
    make_contingent,
    make_dwelling,
    make_support,
)
from tests.housing.factories import make_proposal, rewrite_proposal

pytestmark = pytest.mark.django_db

NEVER_READ = (
    "outflow_identity",
    "outflow_careprofile",
    "outflow_zrmscore",
    "outflow_arrangementitem",
    "outflow_readinessrecord",
    "outflow_sharingground",
    "accounts_user",
)


@pytest.fixture
def world() -> World:
    return factories.world()


@pytest.fixture(autouse=True)
def _context(world: World) -> Iterator[None]:
    """Tests look around as a job does, without changing anything for what they try."""
    with working_for(world.region.pk, job="match"):
        yield


def instance(world: World) -> dict[str, Any]:
    return snapshots.take(world.region, as_of=today()).instance


def clients(world: World) -> dict[str, dict[str, Any]]:
    return {row["ref"]: row for row in instance(world)["clients"]}


def carried_out(world: World) -> MatchRun:
    run = request_match(region=world.region, by=None)
    assert runs.carry_out(run)
    run.refresh_from_db()
    return run


# What the matcher sees ----------------------------------------------------------------------------


def test_the_matcher_reads_no_identity_and_no_care(world: World) -> None:
    make_proposal(world)
    make_client(world)
    with CaptureQueriesContext(
        connection,
    ) as log:
        instance(world)
    texts = [query["sql"] for query in log.captured_queries]
    into = next(n for n, text in enumerate(texts) if "SET LOCAL ROLE weerthuis_matcher" in text)
    out = next(n for n, text in enumerate(texts) if "RESET ROLE" in text)
    about_people = [n for n, text in enumerate(texts) if "outflow_" in text or "housing_" in text]
    assert len(about_people) > 10
    assert into < min(about_people) <= max(about_people) < out
    assert [text for text in texts for table in NEVER_READ if f'"{table}"' in text] == []


@pytest.mark.parametrize("model", [Identity, CareProfile, ZrmScore])
def test_the_role_of_the_matcher_could_not_read_them(world: World, model: Any) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        reading_for(world.region.pk, job="match"),
    ):
        model.objects.count()


def test_another_region_is_not_seen(world: World) -> None:
    make_client(world, provider=world.foreign_provider, region=world.other_region)
    assert instance(world)["clients"] == []


def test_who_is_ready_takes_part_and_who_is_not_does_not(world: World) -> None:
    ready = make_client(world)
    make_client(world, phase=Phase.STABILISING)
    make_client(world, phase=Phase.HOUSED)
    make_client(world, exit="left_other")
    assert set(clients(world)) == {str(ready.ref)}


def test_who_will_be_ready_before_a_home_stops_waiting_takes_part(world: World) -> None:
    soon = make_client(world, phase=Phase.PREPARING, expected_ready_on=today() + timedelta(days=20))
    make_client(world, phase=Phase.PREPARING, expected_ready_on=today() + timedelta(days=31))
    make_client(world, phase=Phase.PREPARING, expected_ready_on=today() - timedelta(days=1))
    seen = clients(world)
    assert set(seen) == {str(soon.ref)}
    assert seen[str(soon.ref)]["ready_on"] == (today() + timedelta(days=20)).isoformat()


def test_a_home_that_is_known_to_come_is_for_who_can_wait_for_it(world: World) -> None:
    """Ready now, at the last day that it may stand empty, and a day too late."""
    home = make_dwelling(world, available_on=today() + timedelta(days=5))
    vacancy = timedelta(
        days=snapshots.take(world.region, as_of=today()).instance["options"]["vacancy_days"]
    )
    soon = make_client(world, phase=Phase.PREPARING, expected_ready_on=today() + vacancy)
    run = carried_out(world)
    assert MatchPair.objects.get(run=run).client == soon
    type(home).objects.update(available_on=today() - timedelta(days=1))
    late = carried_out(world)
    assert not MatchPair.objects.filter(run=late).exists()
    ready = make_client(world)
    type(home).objects.update(available_on=today() + timedelta(days=200))
    assert MatchPair.objects.get(run=carried_out(world)).client == ready


def test_who_refused_a_home_is_not_proposed_for_it_again(world: World) -> None:
    client = make_client(world)
    proposal = make_proposal(world, client=client)
    with factories.keeping_context(), factories.acting_as(world.coordinator):
        declined = {"state": ProposalState.DECLINED, "ended_on": today()}
        Proposal.objects.filter(pk=proposal.pk).update(**declined)
    other = make_client(world, days=5)
    assert MatchPair.objects.get(run=carried_out(world)).client == other


def test_a_route_without_the_gate_takes_part_from_any_phase(world: World) -> None:
    client = make_client(world, phase=Phase.INTAKE, days=10, route=Route.HOUSING_FIRST)
    row = clients(world)[str(client.ref)]
    assert row["waiting_since"] == client.in_care_since.isoformat()


def test_a_person_at_two_providers_takes_part_once_with_the_longest_wait(world: World) -> None:
    short = make_client(world, days=10)
    long_ = make_client(world, days=90, provider=world.other_provider, person=short.person)
    assert set(clients(world)) == {str(long_.ref)}


def test_a_household_is_one_client_whose_home_suits_all(world: World) -> None:
    household = Household.objects.create(region=world.region)
    lead = make_client(
        world,
        urgency=2,
        days=10,
        household=household,
        need={"bedrooms": 1, "max_rent": Decimal(700), "support": [SupportKind.BUDDY]},
    )
    make_client(
        world,
        days=300,
        household=household,
        need={"bedrooms": 2, "max_rent": Decimal(650), "step_free": True, "guidance_hours": 2.5},
    )
    seen = clients(world)
    assert set(seen) == {str(lead.ref)}
    row = seen[str(lead.ref)]
    assert (row["bedrooms"], row["max_rent"], row["step_free"]) == (2, 650.0, True)
    assert (row["urgency"], row["guidance_hours"]) == (2, 6.5)
    assert row["support"] == [SupportKind.BUDDY]


def test_who_moves_along_with_a_promise_does_not_look_any_more(world: World) -> None:
    household = Household.objects.create(region=world.region)
    promised = make_client(world, household=household)
    make_client(world, household=household)
    proposal = make_proposal(world, client=promised)
    seen = instance(world)
    assert [row["ref"] for row in seen["clients"]] == [str(promised.ref)]
    assert seen["locked"] == [{"client": str(promised.ref), "dwelling": str(proposal.dwelling.ref)}]


def test_who_lives_somewhere_does_not_look(world: World) -> None:
    client = make_client(world)
    Placement.objects.create(
        region=world.region,
        person=client.person,
        client=client,
        dwelling=make_dwelling(world),
        contract_form=ContractForm.REGULAR,
        from_on=today(),
    )
    seen = instance(world)
    assert (seen["clients"], seen["dwellings"]) == ([], [])


def test_a_home_that_was_refused_is_told_for_every_registration(world: World) -> None:
    client = make_client(world, days=10)
    proposal = make_proposal(world, client=client)
    rewrite_proposal(world, proposal, state=ProposalState.DECLINED, ended_on=today())
    other = make_client(world, days=90, provider=world.other_provider, person=client.person)
    assert clients(world)[str(other.ref)]["refused_dwellings"] == [str(proposal.dwelling.ref)]


def test_a_home_that_was_refused_before_two_registrations_were_merged_stays_refused(
    world: World,
) -> None:
    client = make_client(world, days=10)
    proposal = make_proposal(world, client=client)
    rewrite_proposal(world, proposal, state=ProposalState.DECLINED, ended_on=today())
    other = make_client(world, days=90, provider=world.other_provider)
    assert clients(world)[str(other.ref)]["refused_dwellings"] == []
    with keeping_context(), acting_as(world.team_leader):
        Client.objects.filter(pk=client.pk).update(person=other.person)
    assert clients(world)[str(other.ref)]["refused_dwellings"] == [str(proposal.dwelling.ref)]


def test_where_somebody_cannot_live_counts_for_every_registration(world: World) -> None:
    first = make_client(world, days=10)
    second = make_client(world, days=90, provider=world.other_provider, person=first.person)
    with factories.keeping_context(), factories.acting_as(world.team_leader):
        ExcludedNeighbourhood.objects.create(client=first, neighbourhood=world.neighbourhood)
    row = clients(world)[str(second.ref)]
    assert row["excluded_neighbourhoods"] == [str(world.neighbourhood.ref)]


def test_without_a_wish_somebody_looks_for_a_home_of_their_own(world: World) -> None:
    client = make_client(world, need={"forms": []}, wishes=())
    row = clients(world)[str(client.ref)]
    assert (row["forms"], row["municipalities"]) == (["independent"], [])


def test_who_has_no_profile_is_left_out_and_counted(world: World) -> None:
    client = make_client(world)
    with factories.keeping_context(), factories.acting_as(world.team_leader):
        client.functional_profile.delete()
    picture = snapshots.take(world.region, as_of=today())
    assert (picture.instance["clients"], picture.without_need) == ([], 1)


def test_the_home_of_a_promise_that_cannot_be_told_is_not_free_either(world: World) -> None:
    proposal = make_proposal(world)
    with factories.keeping_context(), factories.acting_as(world.team_leader):
        proposal.client.functional_profile.delete()
    seen = instance(world)
    assert (seen["locked"], seen["clients"], seen["dwellings"]) == ([], [], [])


def test_a_home_in_an_unknown_neighbourhood_stands_in_a_nameless_one(world: World) -> None:
    home = make_dwelling(world)
    type(home).objects.filter(pk=home.pk).update(neighbourhood=None)
    seen = instance(world)
    nameless = f"municipality:{world.municipality.code}"
    assert seen["dwellings"][0]["neighbourhood"] == nameless
    assert {
        "ref": nameless,
        "municipality": world.municipality.code,
        "max_placements": None,
        "soft_placements": None,
    } in seen["neighbourhoods"]


# What limits --------------------------------------------------------------------------------------


def quotas(world: World) -> list[tuple[str | None, int]]:
    return [(row["target_group"], row["remaining"]) for row in instance(world)["quotas"]]


def test_only_a_maximum_limits(world: World) -> None:
    make_contingent(world, agreed=3, kind=ContingentKind.TASK)
    make_contingent(
        world, agreed=4, kind=ContingentKind.TARGET, corporation=world.other_corporation
    )
    assert quotas(world) == []
    make_contingent(
        world,
        agreed=5,
        kind=ContingentKind.MAXIMUM,
        municipality=world.other_municipality,
    )
    assert quotas(world) == [(None, 5)]


@pytest.mark.parametrize("state", [ProposalState.PROPOSED, ProposalState.CLIENT_YES])
def test_a_promise_counts_once_whether_or_not_it_is_booked(world: World, state: str) -> None:
    make_contingent(world, agreed=2, kind=ContingentKind.MAXIMUM)
    make_proposal(world, state)
    make_client(world)
    make_client(world)
    make_dwelling(world)
    make_dwelling(world)
    assert quotas(world) == [(None, 2)]
    run = carried_out(world)
    assert (run.summary["promised"], run.summary["proposed"]) == (1, 1)


def test_a_maximum_without_target_group_is_for_who_has_none_of_their_own(world: World) -> None:
    make_contingent(world, agreed=3, kind=ContingentKind.MAXIMUM)
    own = make_contingent(world, agreed=1, kind=ContingentKind.TASK, year=today().year + 1)
    type(own).objects.filter(pk=own.pk).update(
        year=today().year, target_group="BW", kind=ContingentKind.MAXIMUM
    )
    assert quotas(world) == [("BW", 1), ("MO", 3)]


def test_a_neighbourhood_carries_less_for_who_came_in_two_years(world: World) -> None:
    place = world.neighbourhood
    place.soft_placements, place.max_placements = 1, 3
    place.save()
    for days in (10, 700, 800):
        client = make_client(world, phase=Phase.HOUSED, days=days)
        Placement.objects.create(
            region=world.region,
            person=client.person,
            client=client,
            dwelling=make_dwelling(world),
            contract_form=ContractForm.REGULAR,
            from_on=today() - timedelta(days=days),
        )
    row = next(row for row in instance(world)["neighbourhoods"] if row["ref"] == str(place.ref))
    assert (row["max_placements"], row["soft_placements"]) == (1, 0)


def test_promises_stay_where_everything_is_full(world: World) -> None:
    make_support(world, places=1, in_use=1)
    GuidanceCapacity.objects.create(
        provider=world.provider,
        municipality=world.municipality,
        free_hours=0,
        updated_on=today(),
    )
    make_proposal(world, need={"support": [SupportKind.BUDDY], "guidance_hours": 3})
    world.neighbourhood.max_placements = 0
    world.neighbourhood.save()
    make_client(world)
    make_dwelling(world)
    run = carried_out(world)
    assert run.state == RunState.DONE
    assert (run.summary["promised"], run.summary["proposed"]) == (1, 0)


def test_support_of_one_kind_is_added_up_and_only_what_runs(world: World) -> None:
    make_support(world, places=5, in_use=1)
    make_support(world, places=3, in_use=3, provider_name="Een ander")
    make_support(world, places=9, in_use=0, provider_name="Ooit", until_on=today())
    assert instance(world)["support"] == [
        {"neighbourhood": str(world.neighbourhood.ref), "kind": "buddy", "free_places": 4}
    ]


def test_the_instance_is_the_same_in_any_hour(world: World) -> None:
    make_client(world)
    make_dwelling(world)
    assert instance(world) == instance(world)


# What is kept -------------------------------------------------------------------------------------


def test_a_run_keeps_pairs_unmatched_and_counts(world: World) -> None:
    long_ = make_client(world, days=200)
    short = make_client(world, days=20)
    home = make_dwelling(world)
    run = carried_out(world)
    pair = MatchPair.objects.get(run=run)
    assert (pair.client, pair.dwelling, pair.rank) == (long_, home, 1)
    assert pair.reasons
    left = UnmatchedClient.objects.get(run=run)
    assert (left.client, left.why, left.eligible_dwellings) == (short, "outcompeted", 1)
    assert run.summary["unmatched"] == {"outcompeted": 1}
    assert (run.summary["clients"], run.summary["dwellings"]) == (2, 1)
    assert run.fingerprint == MatchRecord.objects.get(run=run).result["fingerprint"]


def test_the_most_urgent_comes_first_and_promises_before_all(world: World) -> None:
    promised = make_proposal(world).client
    waits = make_client(world, days=300)
    urgent = make_client(world, days=5, urgency=3)
    make_dwelling(world)
    make_dwelling(world)
    run = carried_out(world)
    assert [pair.client for pair in MatchPair.objects.filter(run=run)] == [
        promised,
        urgent,
        waits,
    ]


def test_the_summary_names_no_person_and_no_home(world: World) -> None:
    proposal = make_proposal(world)
    others = [make_client(world), make_client(world)]
    make_dwelling(world)
    run = carried_out(world)
    text = str(run.summary)
    for thing in (proposal.client, proposal.dwelling, *others):
        assert str(thing.ref) not in text


def test_a_region_with_nobody_gives_an_empty_answer(world: World) -> None:
    run = carried_out(world)
    assert (run.state, run.summary["clients"]) == (RunState.DONE, 0)


def test_an_answer_that_fails_the_check_is_not_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(instance: object, result: object) -> None:
        raise CheckFailed("A pair breaks a rule.")

    make_client(world)
    make_dwelling(world)
    monkeypatch.setattr(runs, "check", refuse)
    run = carried_out(world)
    assert (run.state, run.reason) == (RunState.FAILED, RunFailure.WRONG_ANSWER.label)
    assert not MatchRecord.objects.exists()
    assert not MatchPair.objects.exists()


def test_an_answer_of_a_late_worker_is_not_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_client(world)
    make_dwelling(world)
    run = request_match(region=world.region, by=None)

    def overtaken(instance: object, result: object) -> None:
        MatchRun.objects.filter(pk=run.pk).update(token=run.ref)

    monkeypatch.setattr(runs, "check", overtaken)
    runs.carry_out(run)
    assert not MatchRecord.objects.exists()
    assert not MatchPair.objects.exists()
    run.refresh_from_db()
    assert run.state == RunState.RUNNING


def test_old_runs_go_but_not_those_that_explain_a_proposal(world: World) -> None:
    client, home = make_client(world), make_dwelling(world)
    first = carried_out(world)
    pair = MatchPair.objects.get(run=first)
    proposal = make_proposal(world, client=client, dwelling=home)
    rewrite_proposal(world, proposal, pair=pair, follows_matching=True)
    for _ in range(3):
        last = carried_out(world)
    MatchRun.objects.update(requested_at=timezone.now() - runs.DAYS_KEPT * 2)
    assert runs.prune() == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "RUNS_KEPT", 1)
        assert runs.prune() == 2
    assert set(MatchRun.objects.values_list("pk", flat=True)) == {first.pk, last.pk}

"""What the matching shows a coordinator, and what a person decides about it, on the pages."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.access import Permission, Role, grants_for
from accounts.context import acting_as
from accounts.models import AuditEntry, ReadEntry, User
from housing import operations, runs
from housing.changes import differences
from housing.lifecycle import DepartureReason
from housing.matching.eligibility import RULES as MATCHER_RULES
from housing.matching.explaining import REASON_CODES
from housing.matching_words import REASONS, RULES, UNSAID, Names, reasons_in_words
from housing.models import Dwelling, MatchPair, MatchRun, Proposal
from housing.operations.matching import request_match
from housing.shortage_words import ONE_MORE, SCARCE, bottleneck, brings
from outflow.lifecycle import Phase, SupportKind
from outflow.models import ExcludedNeighbourhood, SharingGround
from regions.clock import today
from regions.models import Neighbourhood, RunFailure, RunState
from regions.runs import claim
from tests.factories import (
    keeping_context,
    make_client,
    make_dwelling,
    make_support,
    sign_in,
    world,
)
from tests.housing.factories import make_proposal

pytestmark = pytest.mark.django_db

NAME = "Zonneveld"
GROUND = {"ground": "consent", "text_version": "2026-1"}
MAY_SEE = {role for role in Role if grants_for(role, Permission.SEE_MATCHING)}


@pytest.fixture
def region():
    made = world()
    User.objects.update(language="en")
    return made


@pytest.fixture
def see(client, region):
    def look(viewer, address, **data):
        return sign_in(client, viewer).get(address, data)

    return look


@pytest.fixture
def do(client, region):
    def post(viewer, address, **data):
        return sign_in(client, viewer).post(address, data)

    return post


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode()))


def make_run(region) -> MatchRun:
    """A matching of the region as it is now, made as a worker makes it."""
    with keeping_context():
        run = request_match(region=region.region, by=None)
        assert runs.carry_out(run)
    run.refresh_from_db()
    assert run.state == RunState.DONE, run.failure
    return run


def matched(region, count: int = 1, **facts: Any) -> tuple[MatchRun, MatchPair]:
    """A run in which so many clients got a dwelling each, and its first pair."""
    for _ in range(count):
        make_client(region, family_name=NAME, **facts)
        make_dwelling(region)
    run = make_run(region)
    with acting_as(region.coordinator):
        pairs = list(MatchPair.objects.filter(run=run))
    assert len(pairs) == count
    return run, pairs[0]


def url(name: str, thing: MatchRun | MatchPair | None = None) -> str:
    return reverse(f"housing:{name}", args=[thing.ref] if thing else [])


def pages_of(run: MatchRun, pair: MatchPair) -> list[str]:
    of_run = ("run", "progress", "pairs", "unmatched", "unused", "changes")
    return [
        url("matching"),
        *(url(f"match_{name}", run) for name in of_run),
        *(url(f"match_{name}", pair) for name in ("pair", "follow", "depart")),
    ]


def proposals(region) -> list[Proposal]:
    with acting_as(region.coordinator):
        return list(Proposal.objects.select_related("client", "dwelling"))


def give_ground(region, client) -> None:
    with keeping_context(), acting_as(region.team_leader):
        SharingGround.objects.create(
            client=client, ground="consent", text_version="1", recorded_on=today()
        )


# Who sees it, and what nobody sees ---------------------------------------------------------------


def test_no_page_of_the_matching_holds_a_name(region, see):
    run, pair = matched(region, 2)
    make_client(region, family_name=NAME, need={"max_rent": 100})
    for address in pages_of(run, pair):
        response = see(region.coordinator, address)
        assert response.status_code == 200, address
        assert NAME not in response.content.decode(), address
    # The control: there is a name to be found.
    address = reverse("steering:client", args=[pair.client.ref])
    assert NAME in see(region.care_worker, address).content.decode()


@pytest.mark.parametrize("role", [role for role in Role if role not in MAY_SEE])
def test_whoever_does_not_decide_finds_no_page(region, see, role):
    run, pair = matched(region)
    for address in pages_of(run, pair):
        assert see(region.viewers[str(role)], address).status_code == 404, address


def test_the_coordinator_of_another_region_finds_no_run_and_no_pair(region, see, do):
    run, pair = matched(region)
    for address in pages_of(run, pair)[1:]:
        assert see(region.foreign_coordinator, address).status_code == 404, address
    assert do(region.foreign_coordinator, url("match_follow", pair), **GROUND).status_code == 404
    assert "No matching yet" in text_of(see(region.foreign_coordinator, url("matching")))
    assert proposals(region) == []


def test_whoever_looks_at_pairs_is_in_the_log(region, see):
    run, pair = matched(region)
    see(region.coordinator, url("match_run", run))
    with acting_as(region.care_worker):
        entry = ReadEntry.objects.get(client_ref=pair.client.ref)
    assert entry.role == Role.COORDINATOR
    assert entry.purpose == "matching"


# The run -----------------------------------------------------------------------------------------


def test_the_run_shows_its_numbers_and_its_cards(region, see):
    run, pair = matched(region, 2, days=200)
    make_dwelling(region, basic_rent=1200)
    run = make_run(region)
    page = text_of(see(region.coordinator, url("match_run", run)))
    assert "Ready and waiting 2or ready soon" in page
    assert "With proposal 2of which 0 firm promises" in page
    assert "Dwellings left 1of 3 in the matching" in page
    assert f"Case {pair.client.case_code} and Rietlaan" in page
    assert "EUR 612.40 basic rent, up to EUR 713.02 fits the income" in page
    assert "Fits nobody who looks for a home now." in page


def test_whoever_is_left_gets_a_reason_and_what_helps_first(region, see):
    make_dwelling(region, basic_rent=700)
    make_client(region, need={"max_rent": 600}, case_code="AA-11")
    run = make_run(region)
    page = text_of(see(region.coordinator, url("match_unmatched", run)))
    assert "AA-11" in page
    assert "No dwelling fits. Of the nearest one: the rent is too high" in page
    assert "A dwelling: up to EUR 600.00" in page


def test_a_wish_that_stands_in_the_way_is_named(region, see):
    make_dwelling(region)
    make_client(region, wishes=(region.other_municipality,))
    page = text_of(see(region.coordinator, url("match_unmatched", make_run(region))))
    assert "it lies in a municipality that was not asked for" in page
    assert "Rietdam as a wish too" in page


def test_support_that_is_full_is_short_and_one_more_place_helps(region, see):
    for _ in range(2):
        make_client(region, need={"support": [SupportKind.BUDDY]})
        make_dwelling(region)
    make_support(region, places=1, in_use=0)
    run = make_run(region)
    page = text_of(see(region.coordinator, url("match_run", run)))
    assert "One more housing buddy place in Molenbuurt brings 1 person home." in page
    assert "A second one brings nobody extra home." in page
    assert "No room in Molenbuurt: housing buddy" in page
    place = reverse("housing:neighbourhood", args=[region.neighbourhood.ref])
    assert place in see(region.coordinator, url("match_run", run)).content.decode()


def test_without_bottlenecks_the_page_says_what_lacks(region, see):
    run, _pair = matched(region)
    page = text_of(see(region.coordinator, url("match_run", run)))
    assert "One more place, hour or dwelling in a contingent brings nobody extra home." in page
    assert "Everybody has a proposal." in page
    assert "Every dwelling has somebody." in page


def test_where_somebody_cannot_live_is_told_nowhere(region, see):
    hidden = Neighbourhood.objects.create(municipality=region.municipality, name="Verborgenhoek")
    make_dwelling(region, neighbourhood=hidden)
    excluded = make_client(region, case_code="EX-11", days=300)
    with keeping_context(), acting_as(region.care_worker):
        ExcludedNeighbourhood.objects.create(client=excluded, neighbourhood=hidden)
    run = make_run(region)
    page = text_of(see(region.coordinator, url("match_unmatched", run)))
    assert "EX-11" in page
    assert "No dwelling that is free fits" in page
    assert "Verborgenhoek" not in page
    # The control: without the exclusion the same two go together.
    make_client(region, case_code="IN-11")
    with acting_as(region.coordinator):
        assert list(MatchPair.objects.filter(run=run)) == []
    assert MatchRun.objects.get(pk=make_run(region).pk).summary["proposed"] == 1


def test_a_dwelling_somebody_cannot_live_in_is_not_offered_instead(region, see):
    hidden = Neighbourhood.objects.create(municipality=region.municipality, name="Verborgenhoek")
    _run, pair = matched(region)
    with keeping_context(), acting_as(region.care_worker):
        ExcludedNeighbourhood.objects.create(client=pair.client, neighbourhood=hidden)
    make_dwelling(region, neighbourhood=hidden, street="Schuilstraat")
    make_dwelling(region, street="Openstraat")
    make_run(region)
    with acting_as(region.coordinator):
        pair = MatchPair.objects.latest("pk")
    page = text_of(see(region.coordinator, url("match_depart", pair)))
    assert "Schuilstraat" not in page
    assert "fits" in page


def test_an_earlier_run_can_be_read_and_decides_nothing(region, see):
    run, _pair = matched(region)
    make_run(region)
    page = text_of(see(region.coordinator, url("match_run", run)))
    assert "This is an earlier matching; nothing can be decided here." in page
    assert "Depart, with reason" not in page


def test_the_full_explanation_says_what_else_was_possible(region, see):
    run, pair = matched(region, 2)
    make_dwelling(region, street="Overlaan")
    make_run(region)
    with acting_as(region.coordinator):
        pair = MatchPair.objects.filter(run__pk__gt=run.pk).first()
        other = MatchPair.objects.filter(run=pair.run).exclude(pk=pair.pk).get()
    page = text_of(see(region.coordinator, url("match_pair", pair)))
    assert "Waits since" in page
    assert f"Goes to case {other.client.case_code}" in page
    assert "Left over" in page
    assert "It is proven that no other division is better." in page
    card = text_of(see(region.coordinator, url("match_pairs", pair.run)))
    assert "Waits since" not in card


def test_what_changed_since_the_run_before_is_told(region, see):
    run, pair = matched(region)
    page = text_of(see(region.coordinator, url("match_run", run)))
    assert "This is the first matching" in page
    with keeping_context(), acting_as(region.allocator):
        operations.withdraw_dwelling(dwelling=pair.dwelling, on=today(), by=region.allocator)
    make_dwelling(region, street="Nieuwestraat")
    make_client(region, case_code="NW-11")
    make_dwelling(region)
    later = make_run(region)
    page = text_of(see(region.coordinator, url("match_run", later)))
    assert "New: 1 pair." in page
    assert "Moved: 1 client goes to another dwelling." in page
    listed = text_of(see(region.coordinator, url("match_changes", later)))
    assert "NW-11 new" in listed
    assert f"{pair.client.case_code} to another dwelling" in listed
    assert "What is different:" in listed
    assert "By cause:" in page


def test_a_promise_is_told_from_a_proposal(region, see):
    run, pair = matched(region)
    make_proposal(region, client=pair.client, dwelling=pair.dwelling)
    later = make_run(region)
    with acting_as(region.coordinator):
        found = differences(later, run)
    assert found.kinds == {"promised": 1}
    assert found.causes == {"became_promise": 1}
    page = text_of(see(region.coordinator, url("match_pairs", later), show="promised"))
    assert "firm promise" in page
    assert "Depart, with reason" not in page


# Following ---------------------------------------------------------------------------------------


def test_following_asks_in_the_same_form_for_the_ground_that_is_missing(region, see, do):
    run, pair = matched(region)
    assert "Ground for sharing" in text_of(see(region.coordinator, url("match_follow", pair)))
    refused = do(region.coordinator, url("match_follow", pair))
    assert refused.status_code == 422
    assert proposals(region) == []
    done = do(region.coordinator, url("match_follow", pair), **GROUND)
    assert done.status_code == 302
    [proposal] = proposals(region)
    assert proposal.follows_matching
    assert (proposal.client, proposal.dwelling) == (pair.client, pair.dwelling)
    assert proposal.pair == pair
    page = text_of(see(region.coordinator, url("match_pairs", run), show="decided"))
    assert "Followed on" in page
    assert proposal.code in page
    assert "Depart, with reason" not in page


def test_a_ground_on_file_is_not_asked_again(region, see, do):
    _run, pair = matched(region)
    give_ground(region, pair.client)
    assert "Ground for sharing" not in text_of(see(region.coordinator, url("match_follow", pair)))
    assert do(region.coordinator, url("match_follow", pair)).status_code == 302
    assert len(proposals(region)) == 1


def test_a_double_click_makes_one_proposal(region, do):
    _run, pair = matched(region)
    token = str(uuid4())
    first = do(region.coordinator, url("match_follow", pair), submission=token, **GROUND)
    second = do(region.coordinator, url("match_follow", pair), submission=token, **GROUND)
    assert first.status_code == second.status_code == 302
    assert len(proposals(region)) == 1


def test_the_second_coordinator_gets_a_sentence_and_no_button(region, do):
    _run, pair = matched(region)
    assert do(region.coordinator, url("match_follow", pair), **GROUND).status_code == 302
    late = do(region.second_coordinator, url("match_follow", pair), **GROUND)
    assert late.status_code == 422
    page = text_of(late)
    assert "This was decided already." in page
    assert "Follow and propose" not in page
    assert len(proposals(region)) == 1


def test_a_client_who_is_not_ready_any_more_is_not_proposed(region, see, do):
    run, pair = matched(region)
    with keeping_context(), acting_as(region.team_leader):
        pair.client.spells.update(phase=Phase.STABILISING)
    page = text_of(see(region.coordinator, url("match_run", run)))
    assert "This client is not ready yet." in page
    assert "Depart, with reason" not in page
    refused = do(region.coordinator, url("match_follow", pair), **GROUND)
    assert refused.status_code == 422
    assert "This client is not waiting for a home any more." in text_of(refused)
    assert proposals(region) == []


def test_a_dwelling_that_is_gone_is_said_to_be_gone(region, see, do):
    run, pair = matched(region)
    with keeping_context(), acting_as(region.allocator):
        Dwelling.objects.filter(pk=pair.dwelling_id).update(withdrawn_on=today())
    page = text_of(see(region.coordinator, url("match_run", run)))
    assert "This dwelling is no longer free." in page
    assert do(region.coordinator, url("match_follow", pair), **GROUND).status_code == 422


# Departing ---------------------------------------------------------------------------------------


def instead_of(home: Dwelling) -> dict[str, str]:
    return {"instead": f"home:{home.ref}", "departure_reason": DepartureReason.CLIENT_WISH}


def test_departing_proposes_another_dwelling_and_keeps_the_reason(region, see, do):
    run, pair = matched(region)
    other = make_dwelling(region, street="Overlaan")
    done = do(region.coordinator, url("match_depart", pair), **instead_of(other), **GROUND)
    assert done.status_code == 302
    [proposal] = proposals(region)
    assert proposal.dwelling == other
    assert not proposal.follows_matching
    assert proposal.departure_reason == DepartureReason.CLIENT_WISH
    assert proposal.pair == pair
    page = text_of(see(region.coordinator, url("match_run", run)))
    assert "Of the last proposal 0 followed the matching and 1 did not." in page
    assert "wish of the client (1)" in page
    decided = text_of(see(region.coordinator, url("match_pairs", run), show="decided"))
    assert "because of: wish of the client" in decided


def test_departing_proposes_the_dwelling_to_somebody_else(region, see, do):
    make_client(region, case_code="FR-11", days=400)
    make_client(region, case_code="SC-22", days=100)
    make_dwelling(region)
    run = make_run(region)
    with acting_as(region.coordinator):
        pair = MatchPair.objects.select_related("client").get(run=run)
    assert pair.client.case_code == "FR-11"
    assert "Case SC-22" in text_of(see(region.coordinator, url("match_depart", pair)))
    with acting_as(region.coordinator):
        other = pair.client.__class__.objects.get(case_code="SC-22")
    facts = {"instead": f"person:{other.ref}", "departure_reason": DepartureReason.URGENCY}
    done = do(region.coordinator, url("match_depart", pair), **facts, **GROUND)
    assert done.status_code == 302
    [proposal] = proposals(region)
    assert (proposal.client, proposal.dwelling) == (other, pair.dwelling)


@pytest.mark.parametrize("missing", ["departure_reason", "instead", "ground"])
def test_departing_without_everything_changes_nothing(region, do, missing):
    _run, pair = matched(region)
    other = make_dwelling(region)
    facts = {**instead_of(other), **GROUND}
    del facts[missing]
    assert do(region.coordinator, url("match_depart", pair), **facts).status_code == 422
    assert proposals(region) == []


def test_a_choice_that_was_never_offered_is_refused(region, do):
    _run, pair = matched(region)
    foreign = make_dwelling(
        region,
        region=region.other_region,
        corporation=region.foreign_corporation,
        neighbourhood=Neighbourhood.objects.create(municipality=region.elsewhere, name="Ver"),
    )
    facts = {**instead_of(foreign), **GROUND}
    assert do(region.coordinator, url("match_depart", pair), **facts).status_code == 422
    assert proposals(region) == []


# Asking, waiting, failing ------------------------------------------------------------------------


def test_asking_for_a_matching_makes_one_run_that_waits(region, do, see):
    for _ in range(2):
        assert do(region.coordinator, url("match_start")).status_code == 302
    run = MatchRun.objects.get()
    assert run.state == RunState.QUEUED
    html = see(region.coordinator, url("matching")).content.decode()
    assert f'hx-get="{url("match_progress", run)}"' in html
    assert "A new matching waits for its turn." in html
    assert "Start matching" not in html


def test_a_matching_is_asked_for_by_post_alone(region, see):
    assert see(region.coordinator, url("match_start")).status_code == 405
    assert not MatchRun.objects.exists()


@pytest.mark.parametrize("role", [role for role in Role if role not in MAY_SEE])
def test_nobody_else_starts_a_matching(region, do, role):
    assert do(region.viewers[str(role)], url("match_start")).status_code == 404
    assert not MatchRun.objects.exists()


def test_a_run_that_is_done_stops_the_asking(region, see):
    run, _pair = matched(region)
    html = see(region.coordinator, url("match_progress", run)).content.decode()
    assert "hx-get" not in html
    assert url("match_run", run) in html


def test_a_failure_has_its_reason_and_the_last_outcome_stays(region, see):
    run, _pair = matched(region)
    MatchRun.objects.create(
        region=region.region,
        state=RunState.FAILED,
        as_of=today(),
        finished_at=timezone.now(),
        failure=RunFailure.WRONG_ANSWER,
    )
    page = text_of(see(region.coordinator, url("matching")))
    assert "The new matching did not work out." in page
    assert "so it was not kept" in page
    assert "Try again" in page
    assert url("match_run", run) in see(region.coordinator, url("matching")).content.decode()


def test_without_anybody_the_page_says_what_a_matching_needs(region, see):
    assert "No matching yet" in text_of(see(region.coordinator, url("matching")))


def test_more_rows_cost_no_more_queries(region, client):
    browser = sign_in(client, region.coordinator)

    def cost(run: MatchRun) -> list[int]:
        found = []
        for name in ("run", "pairs", "unmatched", "unused", "changes"):
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(url(f"match_{name}", run)).status_code == 200
            found.append(len(queries))
        return found

    def grow(count: int) -> MatchRun:
        for _ in range(count):
            make_client(region, need={"support": []})
            make_client(region, need={"max_rent": 100})
            make_dwelling(region)
            make_dwelling(region, basic_rent=900)
        make_run(region)
        return make_run(region)

    few = grow(3)
    cost(few)  # what is cached on the way is cached now
    few_costs = cost(few)
    assert cost(grow(7)) == few_costs


# Words -------------------------------------------------------------------------------------------


def test_every_reason_and_rule_of_the_matcher_has_words():
    assert set(REASONS) == set(REASON_CODES)
    assert set(RULES) == set(MATCHER_RULES) - {UNSAID}
    assert set(ONE_MORE) == set(SupportKind)
    assert set(SCARCE) == {"support", "quota", "neighbourhood", "guidance", "dwelling"}


def test_a_broken_promise_does_not_tell_where_somebody_cannot_live(region):
    reasons = [{"code": "promise_breaks_rule", "failed": [UNSAID]}]
    with translation.override("en"):
        told = reasons_in_words(reasons, Names(region.region.pk), on=today())
    assert told.speaks_against == ["The promise stands, although it does not fit"]


@pytest.mark.parametrize(
    ("resource", "sentence"),
    [
        (
            {"kind": "quota", "corporation": "c", "municipality": "GM9001", "target_group": None},
            "One more dwelling in the contingent of Corporation in Rietdam brings 2 people home.",
        ),
        (
            {"kind": "neighbourhood", "neighbourhood": "n"},
            "Room for one more person in Molenbuurt brings 2 people home.",
        ),
        (
            {"kind": "guidance", "provider": "p", "municipality": "GM9001"},
            "One more hour of guidance a week by Provider in Rietdam brings 2 people home.",
        ),
    ],
)
def test_a_bottleneck_is_a_sentence_with_what_one_more_brings(region, resource, sentence):
    refs = {
        "c": str(region.corporation.ref),
        "n": str(region.neighbourhood.ref),
        "p": str(region.provider.ref),
    }
    named = {key: refs.get(value, value) for key, value in resource.items()}
    row = {"resource": named, "capacity": 3, "used": 3, "gain": [2, 3]}
    with translation.override("en"):
        told = bottleneck(row, Names(region.region.pk))
    assert told["sentence"] == sentence
    assert told["gain"] == 2
    assert "Two more bring 3 people home." in told["behind"]


def test_a_gain_of_nobody_is_said_in_words():
    with translation.override("en"):
        assert brings("one more place", 0) == "One more place brings nobody extra home."


def test_in_dutch_the_bottleneck_is_said_as_people_say_it(region):
    resource = {
        "kind": "support",
        "neighbourhood": str(region.neighbourhood.ref),
        "support_kind": SupportKind.BUDDY,
    }
    row = {"resource": resource, "capacity": 1, "used": 1, "gain": [2, 2]}
    with translation.override("nl"):
        told = bottleneck(row, Names(region.region.pk))["sentence"]
    assert told == "Een wonen-buddyplek erbij in Molenbuurt brengt 2 mensen thuis."


# Stopping one -------------------------------------------------------------------------------------


def claimed(region) -> MatchRun:
    """A matching that a worker computes."""
    with keeping_context():
        run = request_match(region=region.region, by=None)
        claim(run)
    return run


def test_a_matching_that_runs_has_a_button_to_stop_it(region, see, do):
    before, _pair = matched(region)
    run = claimed(region)
    for address in (url("matching"), url("match_run", before), url("match_progress", run)):
        assert url("match_cancel", run) in see(region.coordinator, address).content.decode()
    assert do(region.coordinator, url("match_cancel", run)).status_code == 302
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    page = text_of(see(region.coordinator, url("matching")))
    assert "The matching is stopped. The outcome before it still counts." in page
    assert "The new matching was stopped." in page
    assert "Ask again" in page
    assert url("match_run", before) in see(region.coordinator, url("matching")).content.decode()


def test_who_stopped_a_matching_stands_on_the_list_and_in_the_audit(region, see, do):
    run = claimed(region)
    do(region.second_coordinator, url("match_cancel", run))
    who = User.objects.get(pk=region.second_coordinator.user_id)
    assert f"by {who.name}, " in text_of(see(region.coordinator, url("matching")))
    entry = AuditEntry.objects.get(operation="match.cancelled")
    assert (entry.object_ref, entry.user) == (run.ref, who)


def test_what_is_finished_cannot_be_stopped_and_says_so(region, see, do):
    run, _pair = matched(region)
    do(region.coordinator, url("match_cancel", run))
    run.refresh_from_db()
    assert run.state == RunState.DONE
    assert "had ended already" in text_of(see(region.coordinator, url("matching")))
    assert not AuditEntry.objects.filter(operation="match.cancelled").exists()


def test_a_matching_is_stopped_by_post_alone_and_only_by_who_may_start_one(region, see, do):
    run = claimed(region)
    assert see(region.coordinator, url("match_cancel", run)).status_code == 405
    for role in (role for role in Role if role not in MAY_SEE):
        assert do(region.viewers[str(role)], url("match_cancel", run)).status_code == 404
    run.refresh_from_db()
    assert run.state == RunState.RUNNING


def test_whoever_watches_a_matching_that_made_way_sees_the_newer_one(region, see):
    run = claimed(region)
    MatchRun.objects.filter(pk=run.pk).update(state=RunState.SUPERSEDED)
    with keeping_context():
        newer = request_match(region=region.region, by=None)
    html = see(region.coordinator, url("match_progress", run)).content.decode()
    assert url("match_progress", newer) in html


def test_what_follows_the_pairs_tells_how_far_it_is_until_it_is_there(region, see):
    run, _pair = matched(region)
    make_client(region)
    run = make_run(region)
    page = see(region.coordinator, url("match_run", run))
    assert "What would help whom first is still being worked out." in text_of(page)
    address = f"{url('match_progress', run)}?of=advice"
    assert f'hx-get="{address}"' in page.content.decode()
    with keeping_context():
        assert runs.carry_out(run)
    told = see(region.coordinator, address)
    assert "hx-get" not in told.content.decode()
    assert url("match_run", run) in told.content.decode()
    assert "being worked out" not in text_of(see(region.coordinator, url("match_run", run)))


def test_the_page_tells_how_much_was_computed_anew(region, see):
    run, _pair = matched(region)
    stamp = text_of(see(region.coordinator, url("match_run", run)))
    assert "The region is 1 part by itself, computed anew." in stamp
    again = make_run(region)
    assert "Changed and computed anew: 0." in text_of(
        see(region.coordinator, url("match_run", again))
    )


def test_an_outcome_that_was_not_right_says_so_and_so_does_the_one_that_found_it(region, see):
    wrong, _pair = matched(region)
    right = make_run(region)
    assert "Not sure" not in text_of(see(region.coordinator, url("match_run", right)))
    MatchRun.objects.filter(pk=wrong.pk).update(failure=f"{RunFailure.WRONG_ANSWER}:pairs")
    right.summary["doubt"] = {"run": str(wrong.ref), "failure": "wrong_answer:pairs"}
    right.save()
    assert "Go by the last matching" in text_of(see(region.coordinator, url("match_run", wrong)))
    page = text_of(see(region.coordinator, url("match_run", right)))
    assert "look again at what was decided with it" in page

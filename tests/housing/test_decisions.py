"""A person decides about what the matching proposes: how, how fast, and how that is counted."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import Permission, Role, grants_for
from accounts.context import acting_as, working_for
from accounts.models import User
from housing import decisions, operations, runs
from housing.considering import opened, seconds_since
from housing.lifecycle import (
    DepartureReason,
    ProposalState,
    RefusalByClient,
    RefusalByCorporation,
    WithdrawalReason,
)
from housing.models import MatchPair, Proposal, ProposalStep
from housing.operations.matching import request_match
from regions.clock import on_day, today
from regions.models import RegionRule
from tests.factories import keeping_context, make_client, make_dwelling, sign_in, world
from tests.housing.factories import GROUND, make_proposal

pytestmark = pytest.mark.django_db

SENT = {"ground": "consent", "text_version": "2026-1"}
LONG_AGO = timedelta(seconds=500)


@pytest.fixture
def region():
    made = world()
    User.objects.update(language="en")
    return made


def matched(region, count: int = 1) -> list[MatchPair]:
    for _ in range(count):
        make_client(region)
        make_dwelling(region)
    with keeping_context():
        run = request_match(region=region.region, by=None)
        assert runs.carry_out(run)
    with acting_as(region.coordinator):
        return list(MatchPair.objects.filter(run=run).select_related("client", "dwelling"))


def url(step: str, pair: MatchPair) -> str:
    return reverse(f"housing:match_{step}", args=[pair.ref])


def decide(region, pair: MatchPair, *, seconds: int | None = None, departs: str = "") -> Proposal:
    """Follow a pair, or depart to another dwelling, after so many seconds."""
    with keeping_context(), acting_as(region.coordinator):
        return operations.propose(
            client=pair.client,
            dwelling=make_dwelling(region) if departs else pair.dwelling,
            by=region.coordinator,
            pair=pair,
            follows=not departs,
            departure_reason=departs,
            considered_seconds=seconds,
            sharing=GROUND,
        )


def only_proposal(region) -> Proposal:
    with acting_as(region.coordinator):
        return Proposal.objects.get()


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode()))


# A person, a reason, a form ----------------------------------------------------------------------


def test_every_ending_names_a_person_and_a_coded_reason(region):
    def no_of_corporation(proposal):
        operations.answer_for_corporation(
            proposal=proposal,
            yes=False,
            reason=RefusalByCorporation.LIVEABILITY,
            by=region.allocator,
        )

    def no_of_client(proposal):
        operations.answer_for_client(
            proposal=proposal, yes=False, reason=RefusalByClient.RENT, by=region.care_worker
        )

    def taken_back(proposal):
        operations.withdraw_proposal(
            proposal=proposal, reason=WithdrawalReason.MISTAKE, by=region.coordinator
        )

    endings = (
        (ProposalState.PROPOSED, no_of_corporation, region.allocator),
        (ProposalState.CORPORATION_YES, no_of_client, region.care_worker),
        (ProposalState.PROPOSED, taken_back, region.coordinator),
    )
    for state, end, by in endings:
        proposal = make_proposal(region, state)
        with acting_as(by):
            end(proposal)
    with acting_as(region.coordinator):
        steps = list(ProposalStep.objects.exclude(before=""))
    ended = [step for step in steps if step.after in {"declined", "withdrawn"}]
    assert len(ended) == len(endings)
    assert all(step.reason for step in ended)
    assert all(step.by_id and step.role for step in steps)


@pytest.mark.parametrize("after", ["declined", "withdrawn"])
def test_the_database_keeps_no_ending_without_a_reason(region, after):
    proposal = make_proposal(region)
    step: dict[str, Any] = {
        "proposal": proposal,
        "before": "proposed",
        "after": after,
        "on": today(),
        "by_id": region.coordinator.user_id,
        "organisation_id": region.coordinator.organisation_id,
        "role": region.coordinator.role,
    }
    with acting_as(region.coordinator):
        with pytest.raises(Exception, match="step_no_has_reason"), transaction.atomic():
            ProposalStep.objects.create(**step)
        assert ProposalStep.objects.create(**step, reason="mistake").pk  # the control


def test_a_step_without_a_person_is_kept_by_nobody(region):
    proposal = make_proposal(region)
    with (
        acting_as(region.coordinator),
        pytest.raises(Exception, match="null value in column .by_id."),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO housing_proposalstep"
            ' (proposal_id, before, after, "on", at, organisation_id, role, reason)'
            " VALUES (%s, 'proposed', 'corporation_yes', now(), now(), %s, 'coordinator', '')",
            [proposal.pk, region.coordinator.organisation_id],
        )


def a_proposal_as_it_is_written(region) -> Proposal:
    client, dwelling = make_client(region), make_dwelling(region)
    return Proposal(
        region=region.region,
        person_id=client.person_id,
        client=client,
        dwelling=dwelling,
        proposed_on=today(),
        proposed_by_id=region.coordinator.user_id,
    )


@pytest.mark.parametrize("job", ["match", "figures", "fairness", "estimate"])
def test_the_database_takes_no_proposal_from_a_job(region, job):
    written = a_proposal_as_it_is_written(region)
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        working_for(region.region.pk, job=job),
    ):
        written.save()


def test_the_database_takes_the_same_proposal_from_a_coordinator(region):
    written = a_proposal_as_it_is_written(region)
    with acting_as(region.coordinator):
        written.save()
    assert written.pk


def test_no_job_moves_a_proposal_or_writes_a_step_of_it(region):
    proposal = make_proposal(region)
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        working_for(region.region.pk, job="match"),
    ):
        Proposal.objects.filter(pk=proposal.pk).update(state=ProposalState.CORPORATION_YES)
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        working_for(region.region.pk, job="match"),
    ):
        ProposalStep.objects.create(
            proposal=proposal,
            before="proposed",
            after="corporation_yes",
            on=today(),
            by_id=region.coordinator.user_id,
            organisation_id=region.coordinator.organisation_id,
            role=region.coordinator.role,
        )


def test_the_matching_itself_proposes_nothing(region):
    assert matched(region, 2)
    with acting_as(region.coordinator):
        assert not Proposal.objects.exists()
        assert not ProposalStep.objects.exists()


@pytest.mark.parametrize("step", ["follow", "depart"])
def test_looking_at_a_form_decides_nothing_and_an_empty_form_is_refused(region, client, step):
    [pair] = matched(region)
    browser = sign_in(client, region.coordinator)
    assert browser.get(url(step, pair)).status_code == 200
    assert browser.post(url(step, pair)).status_code == 422
    with acting_as(region.coordinator):
        assert not Proposal.objects.exists()


def test_departing_takes_the_requests_that_following_takes(region, client):
    pairs = matched(region, 2)
    other = make_dwelling(region)
    browser = sign_in(client, region.coordinator)
    sent = {
        "follow": SENT,
        "depart": {
            **SENT,
            "instead": f"home:{other.ref}",
            "departure_reason": DepartureReason.CLIENT_WISH,
        },
    }
    taken = {}
    for (step, facts), pair in zip(sent.items(), pairs, strict=True):
        way = [browser.get(reverse("housing:match_pairs", args=[pair.run.ref]))]
        # The next step stands on the page itself, on each card beside the other.
        assert url(step, pair) in way[0].content.decode()
        way.append(browser.get(url(step, pair)))
        way.append(browser.post(url(step, pair), facts))
        assert [answer.status_code for answer in way] == [200, 200, 302]
        taken[step] = len(way)
    assert taken["follow"] == taken["depart"] == 3
    with acting_as(region.coordinator):
        assert sorted(Proposal.objects.values_list("follows_matching", flat=True)) == [False, True]


# How long somebody looked ------------------------------------------------------------------------


def test_the_time_from_opening_the_form_until_the_decision_is_kept(region, client):
    [pair] = matched(region)
    browser = sign_in(client, region.coordinator)
    html = browser.get(url("follow", pair)).content.decode()
    token = re.search(r'name="opened" value="([^"]+)"', html)
    assert token is not None
    assert seconds_since(token[1], pair, region.coordinator) in range(60)
    moment = opened(pair, region.coordinator, at=timezone.now() - LONG_AGO)
    assert browser.post(url("follow", pair), {**SENT, "opened": moment}).status_code == 302
    assert only_proposal(region).considered_seconds in range(500, 530)


def test_a_form_that_comes_back_keeps_the_moment_it_was_opened(region, client):
    [pair] = matched(region)
    browser = sign_in(client, region.coordinator)
    moment = opened(pair, region.coordinator, at=timezone.now() - LONG_AGO)
    refused = browser.post(url("follow", pair), {"opened": moment})
    assert refused.status_code == 422
    assert f'value="{moment}"' in refused.content.decode()


def test_two_tabs_have_a_moment_each(region, client):
    [pair] = matched(region)
    older = opened(pair, region.coordinator, at=timezone.now() - LONG_AGO)
    newer = opened(pair, region.coordinator)
    assert seconds_since(older, pair, region.coordinator) in range(500, 530)
    assert seconds_since(newer, pair, region.coordinator) in range(30)


@pytest.mark.parametrize("kind", ["missing", "forged", "another pair", "another person", "nul"])
def test_a_moment_that_is_none_stands_in_nobodys_way(region, client, kind):
    first, second = matched(region, 2)
    moment = opened(first, region.coordinator, at=timezone.now() - LONG_AGO)
    tokens = {
        "forged": moment[:-1] + ("a" if moment[-1] != "a" else "b"),
        "another pair": opened(second, region.coordinator),
        "another person": opened(first, region.second_coordinator),
        "nul": "\x00" * 5000,
    }
    facts = {**SENT, **({"opened": tokens[kind]} if kind in tokens else {})}
    browser = sign_in(client, region.coordinator)
    assert browser.post(url("follow", first), facts).status_code == 302
    assert only_proposal(region).considered_seconds is None


def test_a_moment_that_has_yet_to_come_is_none(region):
    [pair] = matched(region)
    ahead = opened(pair, region.coordinator, at=timezone.now() + LONG_AGO)
    assert seconds_since(ahead, pair, region.coordinator) is None


def test_the_time_to_depart_is_kept_too(region, client):
    [pair] = matched(region)
    other = make_dwelling(region)
    facts = {
        **SENT,
        "instead": f"home:{other.ref}",
        "departure_reason": DepartureReason.CLIENT_WISH,
        "opened": opened(pair, region.coordinator, at=timezone.now() - LONG_AGO),
    }
    browser = sign_in(client, region.coordinator)
    assert browser.post(url("depart", pair), facts).status_code == 302
    assert only_proposal(region).considered_seconds in range(500, 530)


# Counting ----------------------------------------------------------------------------------------


def many(region, *, quick: int = 0, slow: int = 0, departed: int = 0, on: date | None = None):
    """So many decisions on a day, each of which ended since."""
    client, dwelling = make_client(region), make_dwelling(region)
    with keeping_context(), acting_as(region.coordinator):
        Proposal.objects.bulk_create(
            Proposal(
                region=region.region,
                person_id=client.person_id,
                client=client,
                dwelling=dwelling,
                state=ProposalState.CLOSED,
                ended_on=today(),
                follows_matching=number < quick + slow,
                departure_reason="" if number < quick + slow else DepartureReason.SAFETY,
                considered_seconds=20 if number < quick else 200,
                proposed_on=on or today(),
                proposed_by_id=region.coordinator.user_id,
            )
            for number in range(quick + slow + departed)
        )


def last_month() -> date:
    return today().replace(day=1) - timedelta(days=3)


def test_decisions_are_counted_with_reasons_and_time(region):
    pairs = matched(region, 4)
    decide(region, pairs[0], seconds=30)
    decide(region, pairs[1], seconds=60)
    decide(region, pairs[2])
    decide(region, pairs[3], seconds=10, departs=DepartureReason.SAFETY)
    make_proposal(region)  # by hand, without a word about the matching: no decision about it
    with acting_as(region.coordinator):
        found = decisions.last_decisions(region.coordinator)
    assert (found.followed, found.departed) == (3, 1)
    assert (found.timed, found.hasty) == (2, 1)
    assert [count for _reason, count in found.reasons] == [1]


def test_only_the_last_hundred_count_and_months_stand_apart(region, monkeypatch):
    monkeypatch.setattr(decisions, "LOOKED_AT", 3)
    many(region, slow=2, on=last_month())
    many(region, quick=2)
    with acting_as(region.coordinator):
        assert decisions.last_decisions(region.coordinator).looked_at == 3
        months = decisions.by_month(region.coordinator)
    assert [month.first for month in months] == [
        today().replace(day=1),
        last_month().replace(day=1),
    ]
    assert [month.decisions.hasty for month in months] == [2, 0]


def test_the_auditor_gets_months_that_are_over_and_rounded_numbers(region, client):
    many(region, slow=12, departed=3, on=last_month())
    many(region, slow=2)
    address = reverse("housing:match_decisions")
    page = text_of(sign_in(client, region.privacy_officer).get(address))
    assert "Of the last proposals 10 followed the matching and fewer than 10 did not." in page
    assert "12" not in page.split("Decisions by month")[1].split("Counted are")[0]
    exact = text_of(sign_in(client, region.coordinator).get(address))
    assert "Of the last proposals 14 followed the matching and 3 did not." in exact


@pytest.mark.parametrize("format", ["csv", "xlsx", "ods"])
def test_the_list_of_the_auditor_tells_what_the_page_tells(region, client, format):
    many(region, slow=12, departed=3, on=last_month())
    browser = sign_in(client, region.privacy_officer)
    answer = browser.get(reverse("housing:match_decisions"), {"format": format})
    assert answer.status_code == 200
    if format == "csv":
        assert "fewer than 10" in answer.content.decode("utf-8-sig")
        assert '"3"' not in answer.content.decode("utf-8-sig")
        assert '"12"' not in answer.content.decode("utf-8-sig")


@pytest.mark.parametrize(("quick", "slow", "warns"), [(6, 6, True), (5, 7, False), (9, 0, False)])
def test_the_page_says_when_following_may_be_a_habit(region, client, quick, slow, warns):
    many(region, quick=quick, slow=slow, on=last_month())
    matched(region)
    for viewer, address in (
        (region.coordinator, reverse("housing:matching")),
        (region.coordinator, reverse("housing:match_decisions")),
        (region.privacy_officer, reverse("housing:match_decisions")),
    ):
        page = text_of(sign_in(client, viewer).get(address))
        assert ("Many proposals were followed within a minute." in page) == warns, address


def test_from_which_share_it_warns_is_a_rule_of_the_region(region):
    many(region, quick=6, slow=6)
    RegionRule.objects.create(
        region=region.region,
        key=decisions.RULE,
        value=60,
        valid_from=today(),
        owner="Regietafel",
    )
    with acting_as(region.coordinator):
        assert not decisions.last_decisions(region.coordinator).is_hasty
        assert decisions.threshold(region.coordinator).owner == "Regietafel"


def test_a_share_is_told_of_fifty_decisions_or_more(region, monkeypatch):
    many(region, slow=6, departed=4)
    with acting_as(region.coordinator):
        assert decisions.last_decisions(region.coordinator).followed_share is None
        monkeypatch.setattr(decisions, "LEAST_FOR_A_SHARE", 10)
        assert decisions.last_decisions(region.coordinator).followed_share == 60


def test_no_page_counts_per_person_who_decides(region, client):
    many(region, slow=12, on=last_month())
    for viewer in (region.coordinator, region.privacy_officer):
        html = sign_in(client, viewer).get(reverse("housing:match_decisions")).content.decode()
        main = html.split("<main", 1)[1].split("</main>", 1)[0]
        assert User.objects.get(pk=region.second_coordinator.user_id).name not in main
        assert "@" not in main


@pytest.mark.parametrize(
    "role", [role for role in Role if not grants_for(role, Permission.SEE_DECISIONS)]
)
def test_who_has_no_grant_counts_nothing(region, role):
    many(region, slow=1)
    viewer = region.viewers[str(role)]
    with acting_as(viewer):
        assert decisions.last_decisions(viewer).looked_at == 0


def test_a_region_counts_its_own_decisions_alone(region):
    many(region, slow=2)
    with acting_as(region.foreign_coordinator):
        assert decisions.last_decisions(region.foreign_coordinator).looked_at == 0


def test_without_decisions_the_page_says_what_will_stand_there(region, client):
    page = text_of(sign_in(client, region.privacy_officer).get(reverse("housing:match_decisions")))
    assert "No decisions yet" in page
    assert "when their month is over" in page


def test_a_decision_of_today_is_counted_by_the_clock_of_the_domain(region):
    with on_day(date(2026, 3, 31)):
        many(region, slow=1)
        with acting_as(region.privacy_officer):
            assert decisions.last_decisions(region.privacy_officer).looked_at == 0
    with on_day(date(2026, 4, 1)), acting_as(region.privacy_officer):
        assert decisions.last_decisions(region.privacy_officer).looked_at == 1

"""The page a care worker hands over: why this home or why not yet, and nobody else in it."""

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import translation

from accounts.context import acting_as
from accounts.models import ReadEntry, User
from housing import operations, runs
from housing.letters import letter_for
from housing.models import MatchPair, UnmatchedClient
from housing.operations.matching import request_match
from outflow.lifecycle import Phase
from outflow.models import Client, FunctionalProfile, SharingGround
from regions.clock import today
from tests.factories import (
    keeping_context,
    make_client,
    make_dwelling,
    sign_in,
    world,
)
from tests.housing.factories import make_proposal

pytestmark = pytest.mark.django_db

OTHERS = "Anderszins"


@pytest.fixture
def region():
    made = world()
    User.objects.update(language="en")
    with translation.override("en"):
        yield made


def matched(region, *, advised=True):
    with keeping_context():
        run = request_match(region=region.region, by=None)
        assert runs.carry_out(run)
        if advised:
            run.refresh_from_db()
            assert runs.carry_out(run)
    run.refresh_from_db()
    return run


def letter(region, client):
    with acting_as(region.care_worker):
        return letter_for(Client.objects.with_phase().get(pk=client.pk), region.care_worker)


def page(browser, viewer, client):
    address = reverse("housing:explanation_for_client", args=[client.ref])
    return sign_in(browser, viewer).get(address)


def test_whoever_finds_no_home_reads_why_and_what_helps(region, client):
    somebody = make_client(region, need={"max_rent": 400})
    make_dwelling(region)
    matched(region)
    told = letter(region, somebody)
    assert told.title == "Why you have no home yet"
    assert "No home that is free now fits you." in told.sentences
    assert any("rent may be" in sentence for sentence in told.sentences)
    assert page(client, region.care_worker, somebody).status_code == 200


def test_while_the_advice_is_not_there_yet_the_page_says_so(region):
    somebody = make_client(region, need={"max_rent": 400})
    make_dwelling(region)
    matched(region, advised=False)
    assert "We are still working out why. Ask again tomorrow." in letter(region, somebody).sentences


def test_what_nobody_decided_yet_is_promised_to_nobody(region):
    somebody = make_client(region)
    make_dwelling(region)
    matched(region)
    told = " ".join(letter(region, somebody).sentences)
    assert "A person still has to decide about it." in told
    assert "bedroom" not in told


def test_a_proposal_that_follows_the_matching_is_told_with_its_reasons(region):
    somebody = make_client(region)
    make_dwelling(region)
    run = matched(region)
    with keeping_context(), acting_as(region.team_leader):
        SharingGround.objects.create(
            client=somebody, ground="consent", text_version="1", recorded_on=today()
        )
    with keeping_context(), acting_as(region.coordinator):
        pair = MatchPair.objects.select_related("client", "dwelling").get(run=run)
        operations.propose(
            client=pair.client,
            dwelling=pair.dwelling,
            pair=pair,
            follows=True,
            by=region.coordinator,
        )
    told = letter(region, somebody)
    assert told.title == "Why this home"
    assert any(sentence.startswith("The rent is") for sentence in told.sentences)


def test_a_proposal_by_hand_is_told_as_chosen_by_people(region):
    proposal = make_proposal(region)
    told = letter(region, proposal.client)
    assert told.sentences[0] == "Somebody of the region chose this home for you."


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"phase": Phase.PREPARING}, "You are not ready to move yet."),
        ({}, "We have not looked for a home for you yet. Ask again tomorrow."),
    ],
)
def test_whoever_takes_no_part_reads_why(region, facts, sentence):
    somebody = make_client(region, **facts)
    assert sentence in letter(region, somebody).sentences


def test_without_a_need_the_page_asks_to_write_it_down_together(region):
    somebody = make_client(region)
    with keeping_context(), acting_as(region.care_worker):
        FunctionalProfile.objects.filter(client=somebody).delete()
    told = letter(region, somebody).sentences
    assert told[0] == "Your care worker has not written down yet what home you need."


def test_the_page_names_nobody_else_and_stands_in_the_log(region, client):
    somebody = make_client(region, need={"max_rent": 400})
    make_client(region, family_name=OTHERS, case_code="OTHER1")
    make_dwelling(region)
    matched(region)
    shown = page(client, region.care_worker, somebody).content.decode()
    assert OTHERS not in shown
    assert "OTHER1" not in shown
    with acting_as(region.team_leader):
        looks = ReadEntry.objects.filter(client_ref=somebody.ref, purpose="explanation")
        assert looks.exists()


def test_only_the_care_side_of_this_client_opens_it(region, client):
    somebody = make_client(region)
    for viewer in (region.coordinator, region.allocator, region.access_officer):
        assert page(client, viewer, somebody).status_code == 404
    others = make_client(region, provider=region.organisations["other_provider"], assigned_to=None)
    assert page(client, region.care_worker, others).status_code == 404


def test_the_database_shows_the_care_side_rows_of_own_clients_alone(region):
    own = make_client(region, need={"max_rent": 400})
    other = make_client(
        region,
        provider=region.organisations["other_provider"],
        assigned_to=None,
        need={"max_rent": 400},
    )
    make_dwelling(region)
    matched(region)
    with acting_as(region.coordinator):
        assert set(UnmatchedClient.objects.values_list("client_id", flat=True)) == {
            own.pk,
            other.pk,
        }
    with acting_as(region.care_worker):
        assert set(UnmatchedClient.objects.values_list("client_id", flat=True)) == {own.pk}
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM housing_matchrecord")
            assert cursor.fetchone() == (0,)

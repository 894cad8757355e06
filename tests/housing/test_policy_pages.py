"""The rules of the matching on their pages; and letting somebody in again."""

import re

import pytest
from django.urls import reverse

from accounts.context import acting_as
from housing import operations, policies, tryouts
from housing.errors import Refused
from housing.forms.policies import PolicyForm
from housing.matching.policy import POLICY_FIELDS, FitWeights, Policy
from housing.models import (
    MatchPolicy,
    MatchRun,
    Readmission,
    TryOut,
    TryOutRecord,
    UnmatchedClient,
)
from housing.policies import AfterRefusal, Appropriate, RegionPolicy
from housing.policy_words import FIT_WORDS, differences, told
from regions.clock import today
from regions.models import RunState
from tests.factories import make_client, make_dwelling, sign_in, working_for_region, world
from tests.housing.test_policies import adopted, drafted, refused, tried

pytestmark = pytest.mark.django_db


@pytest.fixture
def region():
    return world()


@pytest.fixture
def browse(client, region):
    def go(viewer, name, *args, **data):
        browser = sign_in(client, viewer)
        address = reverse(f"housing:{name}", args=args)
        return browser.post(address, data) if data else browser.get(address)

    return go


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


def filled_in(policy=None, **other):
    """What the form of a policy sends when nothing in it was changed, with what was."""
    form = PolicyForm(policy=policy or RegionPolicy(), reason="Proef", cancel_url="/")
    sent = {name: "" if value is None else value for name, value in form.initial.items()}
    return {**{name: sent[name] for name in form.fields}, **other}


def test_every_number_of_the_policy_has_a_word_and_a_line():
    """The control: a field that the matcher learns and this page does not know fails here."""
    assert set(FIT_WORDS) == {field.name for field in POLICY_FIELDS if field.part == "fit"}
    lines = {line.key for chapter in told(RegionPolicy()) for line in chapter.lines}
    assert len(lines) == 6 + len(FIT_WORDS)


@pytest.mark.parametrize(
    "other",
    [
        RegionPolicy(matcher=Policy(urgency_points=(0, 1, 2, 3))),
        RegionPolicy(matcher=Policy(longest_counted_wait_days=1)),
        RegionPolicy(matcher=Policy(guard_days=365)),
        RegionPolicy(offers=2),
        RegionPolicy(after_refusal=AfterRefusal.TABLE_DECIDES),
        RegionPolicy(appropriate_allocation=Appropriate.BLOCKS),
        *(
            RegionPolicy(matcher=Policy(fit=FitWeights(**{name: 1 if name == "near_km" else 0})))
            for name in FIT_WORDS
        ),
    ],
)
def test_each_difference_is_told_in_one_line(other):
    assert len(differences(other, RegionPolicy())) == 1
    assert differences(other, other) == []


def test_a_form_that_is_sent_as_it_was_says_what_it_said():
    policy = RegionPolicy(
        matcher=Policy(guard_days=400, fit=FitWeights(spare_bedroom=-17)),
        offers=3,
        after_refusal=AfterRefusal.WAITS_FROM_REFUSAL,
        appropriate_allocation=Appropriate.BLOCKS,
    )
    form = PolicyForm(filled_in(policy), policy=RegionPolicy(), reason="", cancel_url="/")
    assert form.is_valid(), form.errors
    assert form.policy() == policy


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"points_2": 5}, "points_2"),
        ({"points_3": 99999}, "points_3"),
        ({"offers": 0}, "offers"),
        ({"near_km": 0}, "near_km"),
        ({"spare_bedroom": -10}, "spare_bedroom"),
        ({"name_nl_1": "geen"}, "name_nl_1"),
        ({"name_en_2": ""}, "name_en_2"),
        ({"guard_days": -1}, "guard_days"),
        ({"after_refusal": "punish"}, "after_refusal"),
        ({"reason": ""}, "reason"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(wrong, field):
    form = PolicyForm(filled_in(**wrong), policy=RegionPolicy(), reason="", cancel_url="/")
    assert list(form.errors) == [field]


def test_a_coordinator_drafts_changes_and_adopts(region, browse):
    by = region.coordinator
    page = text_of(browse(by, "match_policies"))
    assert "nog niets eigens besloten" in page
    assert browse(by, "match_policy_new", sent="1").status_code == 302
    version = MatchPolicy.objects.get()
    sent = filled_in(longest_counted_wait_days=365, name_nl_3="noodgeval")
    assert browse(by, "match_policy_draft", version.ref, **sent).status_code == 302
    page = text_of(browse(by, "match_policy", version.ref))
    assert "Wachten telt tot 365 dagen" in page
    assert "noodgeval 3.000" in page
    assert "Telt nog niet" in page
    decided = {"valid_from": today().isoformat(), "owner": "Regietafel", "reason": "Besloten"}
    early = browse(by, "match_policy_adopt", version.ref, **decided)
    assert early.status_code == 422
    assert "niet geprobeerd" in text_of(early)
    version.refresh_from_db()
    tried(version)
    assert browse(by, "match_policy_adopt", version.ref, **decided).status_code == 302
    assert policies.counting(region.region, on=today()) == version
    assert MatchRun.objects.filter(state=RunState.QUEUED).count() == 1
    assert "besloten door Regietafel" in text_of(browse(by, "match_policies"))
    assert browse(by, "match_policy_draft", version.ref).status_code == 404


def test_the_preview_is_asked_on_the_page_and_shows_what_the_draft_would_change(region, browse):
    client = make_client(region)
    refused(region, client)
    make_dwelling(region)
    by = region.coordinator
    version = drafted(region, RegionPolicy(after_refusal=AfterRefusal.TABLE_DECIDES))
    assert browse(by, "match_policy_preview", version.ref, sent="1").status_code == 302
    run = TryOut.objects.get(policy=version)
    assert "Het wordt geprobeerd" in text_of(browse(by, "match_policy", version.ref))
    with working_for_region(region):
        assert tryouts.carry_out(run)
        record = TryOutRecord.objects.get(run=run)
        assert len(record.before["pairs"]) == 1
        assert record.after["pairs"] == []
    page = text_of(browse(by, "match_policy", version.ref))
    assert "Versie vaststellen" in page
    assert run.get_absolute_url() in page
    assert browse(by, "try_out", run.ref).status_code == 200


def test_a_draft_can_be_put_away_and_is_gone(region, browse):
    version = drafted(region)
    assert "opbergen?" in text_of(browse(region.coordinator, "match_policy_drop", version.ref))
    gone = browse(region.coordinator, "match_policy_drop", version.ref, sent="1")
    assert gone.status_code == 302
    assert browse(region.coordinator, "match_policy", version.ref).status_code == 404


@pytest.mark.parametrize("who", ["steering_member", "privacy_officer"])
def test_others_read_the_rules_and_cannot_touch_them(region, browse, who):
    version = adopted(region, RegionPolicy(offers=2))
    draft = drafted(region)
    page = text_of(browse(region.viewers[who], "match_policy", version.ref))
    assert "2 keer een passend aanbod" in page
    for name, ref in (("match_policy_draft", draft.ref), ("match_policy_adopt", draft.ref)):
        assert browse(region.viewers[who], name, ref).status_code == 404
    page = text_of(browse(region.viewers[who], "match_policy", draft.ref))
    assert "Concept wijzigen" not in page
    # The control: the coordinator has the button.
    assert "Concept wijzigen" in text_of(browse(region.coordinator, "match_policy", draft.ref))


def test_the_client_page_says_that_somebody_waits_for_the_table_until_let_in(client, region):
    waiting, other = make_client(region), make_client(region)
    with working_for_region(region):
        run = MatchRun.objects.create(region=region.region, as_of=today(), state=RunState.DONE)
        UnmatchedClient.objects.create(run=run, client=waiting, why="waits_for_table")
    address = reverse("housing:match_readmit", args=[waiting.ref])

    def page(viewer, person):
        return text_of(sign_in(client, viewer).get(person.get_absolute_url()))

    assert address in page(region.coordinator, waiting)
    assert "Doet niet mee in de matching" not in page(region.coordinator, other)
    assert address not in page(region.care_worker, waiting)
    browser = sign_in(client, region.coordinator)
    assert browser.post(address, {"reason": ""}).status_code == 422
    assert browser.post(address, {"reason": "changed"}).status_code == 302
    with acting_as(region.coordinator):
        assert Readmission.objects.get().client == waiting
    assert address not in page(region.coordinator, waiting)
    again = browser.post(address, {"reason": "changed"})
    assert again.status_code == 422
    assert "vandaag al weer mee" in text_of(again)


def test_a_dropped_draft_cannot_be_taken_up_again(region):
    version = drafted(region)
    with acting_as(region.coordinator):
        operations.drop_draft(version=version, by=region.coordinator)
        with pytest.raises(Refused, match="opgeborgen"):
            operations.drop_draft(version=version, by=region.coordinator)

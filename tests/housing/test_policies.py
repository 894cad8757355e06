"""A region's policy: from draft to what counts, and what it does in the picture of the matcher."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import ProgrammingError, transaction
from django.utils import timezone

from accounts.context import acting_as, working_for
from accounts.models import AuditEntry
from housing import operations, policies, runs, snapshots
from housing.errors import NotAllowed, Refused
from housing.lifecycle import ReadmissionReason
from housing.matching import match
from housing.matching.policy import FitWeights, Policy
from housing.models import MatchPolicy, MatchRun, Readmission, TryOut, UnmatchedClient
from housing.operations.matching import request_match
from housing.policies import AfterRefusal, Appropriate, RegionPolicy
from outflow.lifecycle import NearKind
from regions.clock import today
from regions.models import LegalParameter, RunState
from tests.factories import make_client, make_dwelling, world
from tests.housing.factories import make_proposal, rewrite_proposal, take_step

pytestmark = pytest.mark.django_db


@pytest.fixture
def region():
    return world()


def tried(version, **facts):
    """A preview that is done, as if the worker had made it."""
    values = {"state": RunState.DONE, "as_of": today(), "changes": [], **facts}
    return TryOut.objects.create(
        region=version.region, policy=version, asked_by_id=version.made_by_id, **values
    )


def drafted(region, policy=None):
    with acting_as(region.coordinator):
        version = operations.draft_policy(
            region=region.region, reason="Proef", by=region.coordinator
        )
        if policy is not None:
            version = operations.change_draft(
                version=version, policy=policy, reason="Proef", by=region.coordinator
            )
    return version


def adopted(region, policy=None, *, valid_from=None):
    version = drafted(region, policy)
    tried(version)
    with acting_as(region.coordinator):
        operations.adopt_policy(
            version=version,
            valid_from=valid_from or today(),
            owner="Regietafel",
            reason="Besloten",
            by=region.coordinator,
        )
    version.refresh_from_db()
    return version


def picture(region, **asked):
    return snapshots.take(region.region, as_of=today(), **asked)


def seen(region, client, **asked):
    rows = {row["ref"]: row for row in picture(region, **asked).instance["clients"]}
    return rows.get(str(client.ref))


def refused(region, client, reason="location", *, days_ago=0, **home):
    """The client said no to a home, so many days ago."""
    proposal = make_proposal(
        region, "corporation_yes", client=client, dwelling=make_dwelling(region, **home)
    )
    with acting_as(region.care_worker):
        operations.answer_for_client(
            proposal=proposal, yes=False, reason=reason, by=region.care_worker
        )
    rewrite_proposal(region, proposal, ended_on=today() - timedelta(days=days_ago))
    return proposal


# Versions -----------------------------------------------------------------------------------------


def test_a_draft_begins_as_what_counts_and_counts_for_nothing(region):
    first = drafted(region)
    assert policies.policy_of(first) == RegionPolicy()
    assert policies.counting(region.region, on=today()) is None
    changed = RegionPolicy(matcher=Policy(longest_counted_wait_days=365), offers=2)
    adopted(region, changed)
    third = drafted(region)
    assert [first.number, third.number] == [1, 3]
    assert policies.policy_of(third) == changed


def test_what_was_not_tried_since_its_last_change_cannot_be_adopted(region):
    version = drafted(region)
    with acting_as(region.coordinator):

        def adopt():
            operations.adopt_policy(
                version=version,
                valid_from=today(),
                owner="Regietafel",
                reason="Besloten",
                by=region.coordinator,
            )

        with pytest.raises(Refused, match="niet geprobeerd"):
            adopt()
        for unfit in (
            {"state": RunState.QUEUED},
            {"state": RunState.FAILED},
            {"changes": [{"kind": "dwelling"}]},
            {"requested_at": timezone.now() - timedelta(hours=1)},
        ):
            tried(version, **unfit)
            with pytest.raises(Refused, match="niet geprobeerd"):
                adopt()
        tried(version)
        operations.change_draft(
            version=version, policy=RegionPolicy(offers=3), reason="Anders", by=region.coordinator
        )
        with pytest.raises(Refused, match="niet geprobeerd"):
            adopt()
        # The control: tried as it stands, it is adopted, and a matching is asked for.
        tried(version)
        adopt()
    assert MatchRun.objects.filter(region=region.region, state=RunState.QUEUED).count() == 1
    assert policies.counting(region.region, on=today()) == version


def test_a_new_reason_alone_leaves_the_preview_standing(region):
    version = drafted(region)
    preview = tried(version)
    with acting_as(region.coordinator):
        version = operations.change_draft(
            version=version, policy=RegionPolicy(), reason="Beter gezegd", by=region.coordinator
        )
    assert list(operations.previews(version)) == [preview]


def test_a_version_counts_from_its_day_and_never_from_before_today(region):
    version = drafted(region)
    tried(version)
    later = today() + timedelta(days=10)
    given = {"version": version, "owner": "Regietafel", "reason": "x", "by": region.coordinator}
    with acting_as(region.coordinator):
        for wrong in (
            {"valid_from": today() - timedelta(days=1)},
            {"valid_from": today(), "owner": " "},
            {"valid_from": today(), "reason": " "},
        ):
            with pytest.raises(Refused):
                operations.adopt_policy(**{**given, **wrong})
        assert operations.adopt_policy(**given, valid_from=later) is None
    assert policies.counting(region.region, on=later - timedelta(days=1)) is None
    assert policies.counting(region.region, on=later) == version


def test_an_adopted_version_stays_as_it_is(region):
    version = adopted(region)
    with acting_as(region.coordinator):
        for change in (
            lambda: operations.change_draft(
                version=version, policy=RegionPolicy(), reason="x", by=region.coordinator
            ),
            lambda: operations.drop_draft(version=version, by=region.coordinator),
        ):
            with pytest.raises(Refused, match="blijft zoals hij is"):
                change()
    for write in (
        lambda: MatchPolicy.objects.filter(pk=version.pk).update(values={}),
        lambda: MatchPolicy.objects.filter(pk=version.pk)._raw_delete("default"),
    ):
        with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
            write()
    # The control: a draft may still be changed.
    draft = drafted(region)
    assert MatchPolicy.objects.filter(pk=draft.pk).update(reason="anders") == 1


def test_only_a_coordinator_of_the_region_sets_policy(region):
    version = drafted(region)
    for who in ("steering_member", "privacy_officer", "foreign_coordinator", "care_worker"):
        by = region.viewers[who]
        with acting_as(by), pytest.raises(NotAllowed):
            operations.drop_draft(version=version, by=by)
        with acting_as(by), pytest.raises(NotAllowed):
            operations.draft_policy(region=region.region, reason="x", by=by)
    with acting_as(region.coordinator):
        operations.drop_draft(version=version, by=region.coordinator)
    assert AuditEntry.objects.filter(operation="policy.dropped").exists()
    assert not MatchPolicy.objects.drafts().exists()


@pytest.mark.parametrize(
    "values",
    [
        {"policy": {"urgency_points": [0, 5, 3, 9]}},
        {"policy": {"fit": {"spare_bedroom": 10}}},
        {"offers": 0},
        {"after_refusal": "punish"},
        {"appropriate_allocation": "maybe"},
        {"urgency_names": {"nl": ["a", "b", "c"], "en": ["a", "b", "c", "d"]}},
        {"urgency_names": {"nl": ["a", "b", "c", "c"], "en": ["a", "b", "c", "d"]}},
    ],
)
def test_what_is_out_of_bounds_is_no_policy(values):
    with pytest.raises(ValueError, match=r"."):
        policies.read(values)
    # The control: what a policy writes of itself is one.
    whole = RegionPolicy(offers=2, after_refusal=AfterRefusal.TABLE_DECIDES)
    assert policies.read(whole.as_values()) == whole


def test_a_run_says_by_which_version_it_matched(region):
    make_client(region)
    make_dwelling(region)
    with working_for(region.region.pk, job="match"):
        run = request_match(region=region.region, by=None)
        assert runs.carry_out(run)
    run.refresh_from_db()
    assert run.policy is None
    version = adopted(region)
    with working_for(region.region.pk, job="match"):
        run = MatchRun.objects.get(state=RunState.QUEUED)
        assert runs.carry_out(run)
    run.refresh_from_db()
    assert run.policy == version


# What the matcher is told -------------------------------------------------------------------------


def test_the_weights_of_the_version_stand_in_the_instance(region):
    own = Policy(urgency_points=(0, 500, 600, 700), guard_days=200, fit=FitWeights(near_network=99))
    assert picture(region).instance["options"]["policy"] == Policy().as_json()
    draft = drafted(region, RegionPolicy(matcher=own))
    assert picture(region).instance["options"]["policy"] == Policy().as_json()
    preview = picture(region, policy=draft)
    assert preview.instance["options"]["policy"] == own.as_json()
    assert preview.policy_id == draft.pk
    version = adopted(region, RegionPolicy(matcher=own))
    assert picture(region).policy_id == version.pk


def test_the_facts_of_fit_stand_in_the_instance_and_the_core_takes_them(region):
    region.neighbourhood.latitude, region.neighbourhood.longitude = 52.4, 4.6
    region.neighbourhood.save()
    client = make_client(
        region,
        near=(
            (NearKind.NETWORK, region.neighbourhood),
            (NearKind.DAY_ACTIVITY, region.other_neighbourhood),
        ),
        need={"contract_forms": ["omklap"], "persons": 2},
    )
    home = make_dwelling(region, most_persons=3, contract_form="omklap")
    make_dwelling(region, neighbourhood=region.other_neighbourhood)
    shot = picture(region).instance
    limit = LegalParameter.objects.get(
        kind="fitting_rent_small", valid_from__year=today().year
    ).value
    assert next(row["fit"] for row in shot["clients"]) == {
        "network": [[52.4, 4.6]],
        "day_activity": [],  # where it lies is not known
        "contract_forms": ["omklap"],
        "persons": 2,
        "appropriate_rent": float(limit),
    }
    fits = {row["ref"]: row["fit"] for row in shot["dwellings"]}
    assert fits[str(home.ref)] == {
        "contract_form": "omklap",
        "rooms": 2,
        "most_persons": 3,
        "at": [52.4, 4.6],
    }
    assert sorted("at" in fit for fit in fits.values()) == [False, True]
    (pair,) = match(shot)["pairs"]
    assert pair["client"] == str(client.ref)
    assert pair["dwelling"] == str(home.ref)


@pytest.mark.parametrize(
    ("max_rent", "assumed", "persons", "warned"),
    [
        ("713.02", True, 1, True),
        ("600", False, 1, True),
        (None, True, 1, True),
        ("800", True, 1, True),
        ("800", False, 1, False),
        ("750", False, 3, True),  # under the limit of a larger household
    ],
)
def test_the_limit_counts_unless_a_person_decided_a_higher_rent(
    region, max_rent, assumed, persons, warned
):
    LegalParameter.objects.all().delete()
    for kind, value in (("fitting_rent_small", "713.02"), ("fitting_rent_large", "764.14")):
        LegalParameter.objects.create(
            kind=kind, valid_from=date(today().year, 1, 1), value=value, source="proef"
        )
    client = make_client(
        region,
        need={
            "max_rent": Decimal(max_rent) if max_rent else None,
            "max_rent_is_assumed": assumed,
            "persons": persons,
        },
    )
    limit = 764.14 if persons == 3 else 713.02
    row = seen(region, client)
    assert row["fit"]["appropriate_rent"] == (limit if warned else None)
    assert row["max_rent"] == (float(max_rent) if max_rent else None)
    adopted(region, RegionPolicy(appropriate_allocation=Appropriate.BLOCKS))
    blocked = seen(region, client)["max_rent"]
    if warned:
        assert blocked == min(limit, float(max_rent or 9999))
    else:
        assert blocked == 800.0


def test_a_missing_limit_stays_missing_and_blocks_nobody(region):
    LegalParameter.objects.all().delete()
    client = make_client(region, need={"max_rent": None})
    adopted(region, RegionPolicy(appropriate_allocation=Appropriate.BLOCKS))
    row = seen(region, client)
    assert row["fit"]["appropriate_rent"] is None
    assert row["max_rent"] is None


# What a refusal does ------------------------------------------------------------------------------


@pytest.mark.parametrize("after", AfterRefusal)
@pytest.mark.parametrize("offers", [1, 2])
def test_a_refusal_does_what_the_region_decided_and_nothing_else(region, after, offers):
    client = make_client(region, days=100)
    refused(region, client, days_ago=10)
    adopted(region, RegionPolicy(offers=offers, after_refusal=after))
    row, shot = seen(region, client), picture(region)
    since = today() - timedelta(days=100)
    if offers == 2 or after == AfterRefusal.KEEPS_PLACE:
        assert row["waiting_since"] == since.isoformat()
        assert shot.waiting_for_table == ()
    elif after == AfterRefusal.WAITS_FROM_REFUSAL:
        assert row["waiting_since"] == (today() - timedelta(days=10)).isoformat()
        assert row["ready_on"] == since.isoformat()
    else:
        assert row is None
        assert shot.waiting_for_table == (client.pk,)


@pytest.mark.parametrize(
    ("reason", "home", "counts"),
    [
        ("location", {}, True),
        ("rent", {}, True),
        ("safety", {}, False),
        ("rent", {"basic_rent": Decimal("720")}, False),
        ("dwelling", {"bedrooms": 0}, False),
    ],
)
def test_for_safety_or_a_home_that_did_not_fit_a_refusal_never_counts(region, reason, home, counts):
    client = make_client(region)
    refused(region, client, reason, **home)
    adopted(region, RegionPolicy(after_refusal=AfterRefusal.TABLE_DECIDES))
    assert picture(region).waiting_for_table == ((client.pk,) if counts else ())


def test_a_no_of_the_corporation_never_counts(region):
    client = make_client(region)
    proposal = make_proposal(region, client=client)
    with acting_as(region.allocator):
        operations.answer_for_corporation(
            proposal=proposal, yes=False, reason="liveability", by=region.allocator
        )
    adopted(region, RegionPolicy(after_refusal=AfterRefusal.TABLE_DECIDES))
    assert picture(region).waiting_for_table == ()


def test_who_waits_for_the_table_is_told_and_takes_part_again_once_let_in(region):
    client, other = make_client(region), make_client(region)
    refused(region, client, days_ago=3)
    adopted(region, RegionPolicy(after_refusal=AfterRefusal.TABLE_DECIDES))
    with working_for(region.region.pk, job="match"):
        run = MatchRun.objects.get(state=RunState.QUEUED)
        assert runs.carry_out(run)
        run.refresh_from_db()
        assert run.summary["waiting_for_table"] == 1
        row = UnmatchedClient.objects.get(run=run, client=client)
        assert row.why == "waits_for_table"
        assert runs.carry_out(run), "the advice for the others"
        row.refresh_from_db()
        assert row.advice == {}
    assert seen(region, other) is not None
    with acting_as(region.care_worker), pytest.raises(NotAllowed):
        operations.readmit(client=client, reason=ReadmissionReason.JUSTIFIED, by=region.care_worker)
    with acting_as(region.coordinator):
        with pytest.raises(Refused):
            operations.readmit(client=client, reason="because", by=region.coordinator)
        operations.readmit(client=client, reason=ReadmissionReason.JUSTIFIED, by=region.coordinator)
    assert seen(region, client) is not None
    # The control: what is refused after that day counts again.
    with working_for(region.region.pk, job="match"):
        Readmission.objects.count()
    refused(region, client, days_ago=-1, neighbourhood=region.other_neighbourhood)
    assert snapshots.take(region.region, as_of=today() + timedelta(days=2)).waiting_for_table == (
        client.pk,
    )


def test_a_corporation_never_learns_that_somebody_was_let_in_again(region):
    client = make_client(region)
    with acting_as(region.coordinator):
        operations.readmit(client=client, reason=ReadmissionReason.CHANGED, by=region.coordinator)
        assert Readmission.objects.count() == 1
    proposal = make_proposal(region, client=client)
    take_step(
        proposal,
        "corporation_yes",
        allocator=region.allocator,
        care_worker=region.care_worker,
    )
    with acting_as(region.allocator):
        assert Readmission.objects.count() == 0
    with acting_as(region.care_worker):
        assert Readmission.objects.count() == 1

"""What if: each kind of change does what it says, or is refused; nothing of it is a proposal."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from accounts.access import Viewer
from accounts.context import acting_as, working_for
from accounts.models import AuditEntry
from housing import operations, runs, tryouts
from housing.errors import NotAllowed, Refused
from housing.matching import CheckFailed, check, match
from housing.models import MatchPair, MatchRecord, Proposal, TryOut, TryOutRecord, UnmatchedClient
from housing.operations.matching import request_match
from housing.operations.trying import MOST_WAITING
from housing.trying import KINDS, CannotBe, applied, bottlenecks, differences, summary
from outflow.lifecycle import SupportKind
from regions.models import RunFailure, RunState
from regions.runs import claim
from tests import factories
from tests.factories import World, keeping_context, make_client, make_dwelling, make_support
from tests.housing.factories import make_proposal
from tests.housing.matching.instances import client, dwelling, instance, neighbourhood

# One picture for all kinds ------------------------------------------------------------------------

PLACE = {"neighbourhood": "Oost"}
HOURS = {"provider": "Havenlicht", "municipality": "Duinstad"}
QUOTA = {"corporation": "De Kade", "municipality": "Duinstad", "target_group": None}


def picture(**parts: Any) -> dict[str, Any]:
    """Two people and one home that fits both; one has a promise where `promised` says so."""
    people = [client("C1", max_rent=650, waiting_since="2025-01-01"), client("C2", max_rent=650)]
    return instance(clients=people, dwellings=[dwelling("D1")], **parts)


def home(**facts: Any) -> dict[str, Any]:
    values = dwelling("", **facts)
    del values["ref"]
    return {"kind": "dwelling_more", **values}


def housed(picture: dict[str, Any], *changes: dict[str, Any]) -> dict[str, str]:
    """Who gets which home; the answer passes the check."""
    changed = applied(picture, changes)
    result = match(changed)
    check(changed, result)
    return {pair["client"]: pair["dwelling"] for pair in result["pairs"]}


def test_a_dwelling_more_houses_one_more():
    assert housed(picture()) == {"C1": "D1"}
    found = housed(picture(), home())
    assert found.keys() == {"C1", "C2"}
    assert set(found.values()) == {"D1", "added:1"}


def test_two_dwellings_more_are_two():
    found = housed(instance(clients=[client("C1"), client("C2")]), home(), home())
    assert set(found.values()) == {"added:1", "added:2"}


def test_a_dwelling_in_an_unknown_neighbourhood_stands_in_a_nameless_one():
    made = applied(picture(), [home(neighbourhood="")])
    assert made["dwellings"][-1]["neighbourhood"] == "municipality:Duinstad"
    assert made["neighbourhoods"][-1] == neighbourhood("municipality:Duinstad")
    match(made)


def test_a_dwelling_less_leaves_nobody_housed():
    assert housed(picture(), {"kind": "dwelling_less", "dwelling": "D1"}) == {}


def test_a_place_more_brings_somebody_home_and_a_place_less_does_not():
    needs = instance(
        clients=[client("C1", support=["buddy"])],
        dwellings=[dwelling("D1")],
        support=[{**PLACE, "kind": "buddy", "free_places": 1}],
    )
    place = {"kind": "support", **PLACE, "support_kind": "buddy"}
    assert housed(needs) == {"C1": "D1"}
    assert housed(needs, {**place, "by": -1}) == {}
    assert housed(needs, {**place, "by": -1}, {**place, "by": 1}) == {"C1": "D1"}


def test_a_place_of_a_kind_that_is_nowhere_yet_is_made():
    needs = instance(clients=[client("C1", support=["buddy"])], dwellings=[dwelling("D1")])
    assert housed(needs) == {}
    more = {"kind": "support", **PLACE, "support_kind": "buddy", "by": 1}
    assert housed(needs, more) == {"C1": "D1"}


def test_hours_more_and_less_count_in_halves():
    needs = instance(
        clients=[client("C1", guidance_hours=2.5)],
        dwellings=[dwelling("D1")],
        guidance=[{**HOURS, "free_hours": 2}],
    )
    assert housed(needs) == {}
    assert housed(needs, {"kind": "guidance", **HOURS, "by": 0.5}) == {"C1": "D1"}


def test_one_more_in_a_contingent_and_one_more_in_a_neighbourhood_count():
    full = picture(quotas=[{**QUOTA, "remaining": 0}])
    assert housed(full) == {}
    assert housed(full, {"kind": "quota", **QUOTA, "by": 1}) == {"C1": "D1"}
    full = picture(neighbourhoods=[neighbourhood(max_placements=0)])
    assert housed(full) == {}
    assert housed(full, {"kind": "neighbourhood", **PLACE, "by": 1}) == {"C1": "D1"}


def test_what_one_person_may_pay_wants_and_accepts_counts():
    dear = instance(clients=[client("C1", max_rent=500)], dwellings=[dwelling("D1")])
    assert housed(dear) == {}
    assert housed(dear, {"kind": "rent_limit", "client": "C1", "rent": 600}) == {"C1": "D1"}
    far = instance(clients=[client("C1", municipalities=["Elders"])], dwellings=[dwelling("D1")])
    assert housed(far) == {}
    too = {"kind": "municipality_too", "client": "C1", "municipality": "Duinstad"}
    assert housed(far, too) == {"C1": "D1"}
    room = instance(clients=[client("C1")], dwellings=[dwelling("D1", form="clustered")])
    assert housed(room) == {}
    assert housed(room, {"kind": "form_too", "client": "C1", "form": "clustered"}) == {"C1": "D1"}


def test_more_days_of_vacancy_reach_who_is_ready_later():
    later = instance(
        clients=[client("C1", ready_on="2026-12-10")],
        dwellings=[dwelling("D1")],
        options={"vacancy_days": 30},
    )
    assert housed(later) == {}
    assert housed(later, {"kind": "vacancy_days", "days": 60}) == {"C1": "D1"}


def test_a_promise_let_go_is_open_to_who_comes_first():
    promised = picture(locked=[{"client": "C2", "dwelling": "D1"}])
    assert housed(promised) == {"C2": "D1"}
    assert housed(promised, {"kind": "let_go", "client": "C2"}) == {"C1": "D1"}


def test_choosing_a_home_shows_what_follows_for_the_other():
    assert housed(picture(), {"kind": "choose", "client": "C2", "dwelling": "D1"}) == {"C2": "D1"}


def test_a_home_can_be_chosen_where_everything_is_full_and_nobody_else_comes_in():
    needs = {"support": ["buddy"], "guidance_hours": 2}
    full = instance(
        clients=[client("C1", **needs), client("C2", waiting_since="2025-01-01", **needs)],
        dwellings=[dwelling("D1"), dwelling("D2")],
        neighbourhoods=[neighbourhood(max_placements=0)],
        support=[{**PLACE, "kind": "buddy", "free_places": 0}],
        guidance=[{**HOURS, "free_hours": 1}],
        quotas=[{**QUOTA, "remaining": 0}],
    )
    assert housed(full) == {}
    assert housed(full, {"kind": "choose", "client": "C1", "dwelling": "D1"}) == {"C1": "D1"}


def test_a_new_kind_of_support_leaves_the_promises_their_places():
    needs = {"support": ["buddy"]}
    people = [client(f"C{number}", **needs) for number in (1, 2, 3)]
    homes = [dwelling(f"D{number}") for number in (1, 2, 3)]
    promises = [{"client": f"C{number}", "dwelling": f"D{number}"} for number in (1, 2)]
    given = instance(clients=people, dwellings=homes, locked=promises)
    more = {"kind": "support", **PLACE, "support_kind": "buddy", "by": 1}
    assert housed(given) == {"C1": "D1", "C2": "D2"}
    assert housed(given, more).keys() == {"C1", "C2", "C3"}


def test_changes_follow_each_other_and_nothing_given_is_changed():
    given = picture()
    before = repr(given)
    changes = [home(), {"kind": "dwelling_less", "dwelling": "added:1"}]
    assert housed(given, *changes) == {"C1": "D1"}
    assert repr(given) == before


PROMISED = {"locked": [{"client": "C1", "dwelling": "D1"}]}
REFUSED = [
    ("dwelling_gone", {}, {"kind": "dwelling_less", "dwelling": "D9"}),
    ("dwelling_promised", PROMISED, {"kind": "dwelling_less", "dwelling": "D1"}),
    ("hours_not_counted", {}, {"kind": "guidance", **HOURS, "by": 1}),
    ("no_maximum", {}, {"kind": "quota", **QUOTA, "by": 1}),
    ("no_limit", {}, {"kind": "neighbourhood", **PLACE, "by": 1}),
    ("place_unknown", {}, {"kind": "neighbourhood", "neighbourhood": "West", "by": 1}),
    (
        "place_unknown",
        {},
        {"kind": "support", "neighbourhood": "West", "support_kind": "buddy", "by": 1},
    ),
    ("below_nothing", {}, {"kind": "support", **PLACE, "support_kind": "buddy", "by": -1}),
    (
        "promises_need_it",
        {**PROMISED, "quotas": [{**QUOTA, "remaining": 1}]},
        {"kind": "quota", **QUOTA, "by": -1},
    ),
    (
        "promises_need_it",
        {**PROMISED, "neighbourhoods": [neighbourhood(max_placements=1)]},
        {"kind": "neighbourhood", **PLACE, "by": -1},
    ),
    ("client_absent", {}, {"kind": "rent_limit", "client": "C9", "rent": 700}),
    ("every_municipality", {}, {"kind": "municipality_too", "client": "C1", "municipality": "E"}),
    ("no_promise", {}, {"kind": "let_go", "client": "C1"}),
    ("client_promised", PROMISED, {"kind": "choose", "client": "C1", "dwelling": "D1"}),
    ("dwelling_promised", PROMISED, {"kind": "choose", "client": "C2", "dwelling": "D1"}),
    ("unknown", {}, {"kind": "wish"}),
]


@pytest.mark.parametrize(("code", "parts", "change"), REFUSED)
def test_what_cannot_be_is_refused_by_its_number(code, parts, change):
    with pytest.raises(CannotBe) as refusal:
        applied(picture(**parts), [home(), change])
    assert (refusal.value.code, refusal.value.number) == (code, 2)


def test_a_rent_limit_that_nobody_knows_cannot_be_raised():
    unknown = instance(clients=[client("C1", max_rent=None)])
    with pytest.raises(CannotBe, match="no_rent_limit"):
        applied(unknown, [{"kind": "rent_limit", "client": "C1", "rent": 700}])


# What it changes ----------------------------------------------------------------------------------


def test_who_gains_loses_and_moves_is_told_apart():
    given = instance(
        clients=[
            client("C1", waiting_since="2025-01-01"),
            client("C2", waiting_since="2025-06-01", forms=["independent", "clustered"]),
            client("C3"),
        ],
        dwellings=[dwelling("D1"), dwelling("D2")],
    )
    before = match(given)
    changes = [
        {"kind": "choose", "client": "C3", "dwelling": "D1"},
        home(form="clustered"),
        {"kind": "dwelling_less", "dwelling": "D2"},
    ]
    after = match(applied(given, changes))
    found = {each.client: each for each in differences(before, after)}
    assert {client: each.kind for client, each in found.items()} == {
        "C1": "lost",
        "C2": "moved",
        "C3": "gained",
    }
    assert found["C2"].after == "added:1"
    numbers = summary(before, after)
    assert numbers["placements"] == [2, 2]
    assert [numbers[name] for name in ("gained", "lost", "moved", "same")] == [1, 1, 1, 0]
    assert numbers["is_proven"]


def test_a_bottleneck_that_is_solved_is_told_to_be_gone():
    needs = instance(
        clients=[client("C1", support=["buddy"]), client("C2", support=["buddy"])],
        dwellings=[dwelling("D1"), dwelling("D2")],
        support=[{**PLACE, "kind": "buddy", "free_places": 0}],
    )
    more = {"kind": "support", **PLACE, "support_kind": "buddy", "by": 1}
    before, after = match(needs), match(applied(needs, [more]))
    [(row, was)] = bottlenecks(before, after)
    assert (row["gain"][0], was) == (1, 1)
    solved = match(applied(needs, [{**more, "by": 2}]))
    [(row, was)] = bottlenecks(before, solved)
    assert (row["gain"][0], was) == (0, 1)
    assert bottlenecks(solved, before)[0][1] is None


def test_nothing_changed_is_nobody_changed():
    before = match(picture())
    assert differences(before, before) == []
    assert summary(before, before)["same"] == 2


# Asking for it, and the run -----------------------------------------------------------------------


@pytest.fixture
def region(db: None) -> Iterator[World]:
    with translation.override("en"):
        yield factories.world()


def one_more(region: World, **facts: Any) -> dict[str, Any]:
    """A dwelling more in the world's neighbourhood."""
    return home(
        corporation=str(region.corporation.ref),
        municipality=region.municipality.code,
        neighbourhood=str(region.neighbourhood.ref),
        **facts,
    )


def ask(region: World, *changes: dict[str, Any], by: Viewer | None = None) -> TryOut:
    viewer = by or region.coordinator
    with keeping_context(), acting_as(viewer):
        return operations.request_try_out(region=region.region, changes=changes, by=viewer)


def tried(region: World, *changes: dict[str, Any]) -> TryOut:
    made = ask(region, *changes)
    with keeping_context():
        assert tryouts.carry_out(made)
    made.refresh_from_db()
    return made


def count_for_decisions(region: World) -> tuple[int, ...]:
    with working_for(region.region.pk, job="match"):
        models = (MatchPair, UnmatchedClient, MatchRecord, Proposal)
        return tuple(model.objects.count() for model in models)


def test_a_try_out_answers_and_nothing_of_it_can_be_decided(region):
    make_client(region, days=200)
    make_client(region, days=100)
    make_dwelling(region)
    before = count_for_decisions(region)
    run = tried(region, one_more(region))
    assert run.state == RunState.DONE
    assert run.summary["placements"] == [1, 2]
    assert (run.summary["gained"], run.summary["lost"]) == (1, 0)
    assert count_for_decisions(region) == before == (0, 0, 0, 0)
    with working_for(region.region.pk, job="match"):
        record = TryOutRecord.objects.get(run=run)
    assert len(record.after["pairs"]) == 2
    assert len(record.instance["dwellings"]) == 1
    # The control: a matching of the same region does leave pairs.
    with keeping_context():
        assert runs.carry_out(request_match(region=region.region, by=None))
    assert count_for_decisions(region) == (1, 1, 1, 0)


def test_the_summary_of_a_try_out_names_nobody_and_no_home(region):
    people = [make_client(region), make_client(region)]
    dwelling_there = make_dwelling(region)
    run = tried(region, one_more(region))
    assert run.summary["gained"] == 1
    for thing in (*people, dwelling_there):
        assert str(thing.ref) not in str(run.summary)


def test_what_cannot_be_fails_with_its_code_and_keeps_nothing(region):
    make_client(region)
    run = tried(region, one_more(region), {"kind": "dwelling_less", "dwelling": "gone"})
    assert (run.state, run.failure) == (RunState.FAILED, "cannot_be:dwelling_gone:2")
    with working_for(region.region.pk, job="match"):
        assert not TryOutRecord.objects.exists()


def test_an_answer_that_fails_the_check_is_not_kept(region, monkeypatch):
    def refuse(instance: object, result: object) -> None:
        raise CheckFailed("A pair breaks a rule.")

    make_client(region)
    monkeypatch.setattr(tryouts, "check", refuse)
    run = tried(region, one_more(region))
    assert (run.state, run.reason) == (RunState.FAILED, RunFailure.WRONG_ANSWER.label)


def test_a_promise_let_go_stays_a_promise(region):
    first = make_client(region, days=300)
    proposal = make_proposal(region)
    run = tried(region, {"kind": "let_go", "client": str(proposal.client.ref)})
    assert run.state == RunState.DONE
    assert (run.summary["gained"], run.summary["lost"]) == (1, 1)
    with working_for(region.region.pk, job="match"):
        kept = Proposal.objects.get()
        assert (kept.client, kept.state) == (proposal.client, proposal.state)
        assert TryOutRecord.objects.get().after["pairs"][0]["client"] == str(first.ref)


def test_support_of_the_region_less_takes_a_home_away(region):
    make_support(region, places=1, in_use=0)
    make_client(region, need={"support": [SupportKind.BUDDY]})
    make_dwelling(region)
    place = {"neighbourhood": str(region.neighbourhood.ref), "support_kind": "buddy"}
    run = tried(region, {"kind": "support", **place, "by": -1})
    assert (run.summary["placements"], run.summary["lost"]) == ([1, 0], 1)


def test_two_of_a_region_wait_for_each_other(region):
    first, second = ask(region, one_more(region)), ask(region, one_more(region))
    assert first.pk != second.pk
    with keeping_context():
        claim(first)
        assert not tryouts.carry_out(second)
    second.refresh_from_db()
    assert second.state == RunState.QUEUED
    # The control: with the first out of the way it is carried out.
    TryOut.objects.filter(pk=first.pk).update(state=RunState.FAILED)
    with keeping_context():
        assert tryouts.carry_out(second)


def test_a_try_out_that_was_stopped_in_the_middle_writes_nothing(region, monkeypatch):
    make_client(region)
    run = ask(region, one_more(region))

    def stopped(instance: object, result: object) -> None:
        with acting_as(region.second_coordinator):
            assert operations.drop_try_out(try_out=run, by=region.second_coordinator)

    monkeypatch.setattr(tryouts, "check", stopped)
    with keeping_context():
        tryouts.carry_out(run)
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    with working_for(region.region.pk, job="match"):
        assert not TryOutRecord.objects.exists()


def test_a_finished_one_is_put_away_with_what_it_found(region):
    make_client(region)
    run = tried(region, one_more(region))
    with acting_as(region.coordinator):
        assert not operations.drop_try_out(try_out=run, by=region.coordinator)
        assert not TryOutRecord.objects.exists()
    assert not TryOut.objects.exists()
    deeds = AuditEntry.objects.filter(object_ref=run.ref).values_list("operation", flat=True)
    assert set(deeds) == {"try_out.requested", "try_out.put_away"}


@pytest.mark.parametrize("who", ["care_worker", "allocator", "steering_member"])
def test_whoever_may_not_match_tries_nothing_out(region, who):
    run = ask(region, one_more(region))
    with pytest.raises(NotAllowed):
        ask(region, one_more(region), by=region.viewers[who])
    with acting_as(region.viewers[who]), pytest.raises(NotAllowed):
        operations.drop_try_out(try_out=run, by=region.viewers[who])


def test_nothing_is_tried_over_the_border_of_a_region(region):
    run = ask(region, one_more(region))
    with pytest.raises(NotAllowed):
        ask(region, one_more(region), by=region.foreign_coordinator)
    with acting_as(region.foreign_coordinator), pytest.raises(NotAllowed):
        operations.drop_try_out(try_out=run, by=region.foreign_coordinator)
    assert TryOut.objects.count() == 1


def test_a_place_more_where_promises_stand_without_a_row_is_one_beside_theirs():
    given = picture(locked=[{"client": "C1", "dwelling": "D1"}])
    given["clients"][0]["support"] = ["buddy"]
    more = {"kind": "support", "neighbourhood": "Oost", "support_kind": "buddy", "by": 1}
    [row] = applied(given, [more])["support"]
    assert row["free_places"] == 2


def test_nothing_too_much_and_too_many_at_once_are_refused(region):
    with pytest.raises(Refused, match="nothing to try"):
        ask(region)
    with pytest.raises(Refused, match="At most 5"):
        ask(region, *[one_more(region)] * 6)
    with pytest.raises(Refused, match="cannot be tried"):
        ask(region, {"kind": "wish"})
    for _ in range(MOST_WAITING):
        ask(region, one_more(region))
    with pytest.raises(Refused, match="wait already"):
        ask(region, one_more(region))
    assert TryOut.objects.count() == MOST_WAITING


def test_what_was_tried_long_ago_goes_and_what_waits_stays(region):
    make_client(region)
    old, new = tried(region, one_more(region)), tried(region, one_more(region))
    waits = ask(region, one_more(region))
    long_ago = timezone.now() - tryouts.DAYS_KEPT - timedelta(days=1)
    TryOut.objects.filter(pk__in=(old.pk, waits.pk)).update(requested_at=long_ago)
    with keeping_context():
        assert tryouts.prune_try_outs() == 1
    assert set(TryOut.objects.values_list("pk", flat=True)) == {new.pk, waits.pk}


def test_every_kind_is_tried_here():
    mine = {"dwelling_more", "vacancy_days", "municipality_too", "form_too", "rent_limit"}
    assert {change["kind"] for _code, _parts, change in REFUSED} - {"wish"} | mine == set(KINDS)

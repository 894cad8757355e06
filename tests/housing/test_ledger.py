"""What was promised: entries that add up, numbers that follow from them, and what is refused."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError
from django.test.utils import CaptureQueriesContext

from accounts.context import acting_as
from housing import operations
from housing.balances import Balance, balances_of, expected_at_end, year_ledger
from housing.errors import NotAllowed, Refused
from housing.lifecycle import ContingentKind, EntryKind, RefusalByClient
from housing.models import Contingent, ContingentEntry, RegionYear
from housing.operations import AgreedNumber, Delivered
from regions.clock import on_day, today
from tests.factories import make_contingent, make_dwelling, world
from tests.housing.factories import dwelling_facts, make_proposal

pytestmark = pytest.mark.django_db

YEAR = 2026


@pytest.fixture
def region():
    return world()


def number(region, agreed, **facts):
    values = {
        "corporation": region.corporation,
        "municipality": region.municipality,
        "year": YEAR,
        **facts,
    }
    return AgreedNumber(agreed=agreed, **values)


def agree(region, *rows):
    with acting_as(region.coordinator):
        return operations.agree_contingents(rows=rows, by=region.coordinator, source="list")


def balance(contingent):
    return balances_of(Contingent.objects.filter(pk=contingent.pk))[contingent.pk]


QUARTERS = (Delivered(date(YEAR, 3, 31), 2), Delivered(date(YEAR, 6, 30), 3))


def test_the_same_list_twice_changes_nothing(region):
    rows = [
        number(region, 12, delivered=QUARTERS, moved_over=2),
        number(region, 8, municipality=region.other_municipality),
        number(region, 5, corporation=region.other_corporation, target_group="BW"),
    ]
    first = agree(region, *rows)
    count = ContingentEntry.objects.count()
    again = agree(region, *rows)
    assert ContingentEntry.objects.count() == count
    assert [c.pk for c in first] == [c.pk for c in again]
    assert balance(first[0]) == Balance(agreed=12, moved=2, accepted=5, let_out=5)


def test_another_number_becomes_an_entry_with_the_difference(region):
    [contingent] = agree(region, number(region, 12))
    agree(region, number(region, 9, delivered=QUARTERS))
    agree(region, number(region, 9, delivered=(QUARTERS[0], Delivered(date(YEAR, 5, 1), 1))))
    now = balance(contingent)
    assert (now.agreed, now.let, now.counted) == (9, 3, 3)
    contingent.refresh_from_db()
    assert (contingent.booked, contingent.ceiling) == (3, 9)


def test_what_was_let_by_proposals_is_not_counted_again_from_a_list(region):
    contingent = make_contingent(region, agreed=5)
    make_proposal(region, "key")
    [again] = agree(
        region, number(region, 5, year=today().year, delivered=(Delivered(today(), 1),))
    )
    assert again.pk == contingent.pk
    assert balance(contingent).let == 1


def test_numbers_of_a_balance_follow_a_dwelling_on_its_way(region):
    contingent = make_contingent(region, agreed=5)
    with acting_as(region.allocator):
        dwellings = operations.enter_dwellings(
            rows=[
                dwelling_facts(region, house_number=str(i), available_on=today()) for i in range(3)
            ],
            by=region.allocator,
        )
    assert balance(contingent).offered == 3
    proposal = make_proposal(region, "client_yes", dwelling=dwellings[0])
    assert balance(contingent) == Balance(agreed=5, accepted=1, offered=2)
    with acting_as(region.care_worker):
        operations.answer_for_client(
            proposal=proposal,
            yes=False,
            reason=RefusalByClient.RENT,
            seen=proposal.state,
            by=region.care_worker,
        )
    assert balance(contingent) == Balance(agreed=5, accepted=1, returned=1, offered=3)
    make_proposal(region, "key", dwelling=dwellings[1])
    with acting_as(region.allocator):
        operations.withdraw_dwelling(dwelling=dwellings[2], by=region.allocator)
    now = balance(contingent)
    assert (now.let, now.waiting, now.offered, now.returned, now.to_go) == (1, 0, 1, 1, 4)


def test_the_251st_under_a_maximum_of_250_is_refused_until_somebody_with_authority_raises_it(
    region,
):
    full = (Delivered(date(YEAR, 3, 31), 250),)
    [contingent] = agree(
        region, number(region, 250, kind=ContingentKind.MAXIMUM, delivered=full, year=today().year)
    )
    with pytest.raises(Refused):
        make_proposal(region)
    with acting_as(region.coordinator):
        for facts in ({"reason": "", "authority": "Raad"}, {"reason": "Nood", "authority": " "}):
            with pytest.raises(Refused):
                operations.raise_contingent(
                    contingent=contingent, dwellings=1, by=region.coordinator, **facts
                )
        operations.raise_contingent(
            contingent=contingent,
            dwellings=1,
            reason="Nood",
            authority="Raad",
            by=region.coordinator,
        )
    make_proposal(region, "client_yes")
    contingent.refresh_from_db()
    assert (contingent.booked, contingent.ceiling) == (251, 251)


def test_a_list_that_goes_over_a_maximum_is_refused_whole(region):
    rows = [
        number(region, 5, municipality=region.other_municipality),
        number(region, 3, kind=ContingentKind.MAXIMUM, delivered=(Delivered(date(YEAR, 1, 9), 4),)),
    ]
    with pytest.raises(Refused):
        agree(region, *rows)
    assert not Contingent.objects.exists()


def test_the_database_refuses_changed_entries_and_sums_by_hand(region):
    contingent = make_contingent(region)
    with pytest.raises(ProgrammingError), transaction.atomic():
        ContingentEntry.objects.update(dwellings=99)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contingent.objects.filter(pk=contingent.pk).update(booked=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        RegionYear.objects.update(booked=1)


@pytest.mark.parametrize("who", ["allocator", "access_officer", "steering_member"])
def test_only_the_coordinator_agrees_raises_and_corrects(region, who):
    contingent, viewer = make_contingent(region), region.viewers[who]
    for operation, facts in (
        (operations.agree_contingents, {"rows": [number(region, 1)]}),
        (
            operations.raise_contingent,
            {"contingent": contingent, "dwellings": 1, "reason": "x", "authority": "y"},
        ),
        (operations.correct_contingent, {"contingent": contingent, "dwellings": 1, "reason": "x"}),
        (operations.set_region_year, {"year": YEAR, "kind": "task", "agreed": 1}),
    ):
        with acting_as(viewer), pytest.raises(NotAllowed):
            operation(by=viewer, **facts)


def test_a_corporation_sees_its_own_contingents_and_the_others_as_one_total(region):
    agree(
        region,
        number(region, 12, delivered=QUARTERS),
        number(region, 8, corporation=region.other_corporation),
        number(
            region, 3, corporation=region.other_corporation, municipality=region.other_municipality
        ),
    )
    with acting_as(region.allocator):
        own = year_ledger(region.allocator, YEAR)
    with acting_as(region.coordinator):
        whole = year_ledger(region.coordinator, YEAR)
    assert [c.corporation for c in own.contingents] == [region.corporation]
    assert own.others == Balance(agreed=11)
    assert own.total == whole.total
    assert whole.others is None


def test_a_ledger_of_many_contingents_costs_the_queries_of_one(region):
    def queries():
        with acting_as(region.coordinator), CaptureQueriesContext(connection) as seen:
            year_ledger(region.coordinator, YEAR)
        return len(seen)

    agree(region, number(region, 1))
    one = queries()
    agree(
        region,
        number(region, 2, municipality=region.other_municipality),
        number(region, 2, corporation=region.other_corporation),
        number(region, 2, target_group="MO"),
    )
    assert queries() == one


def test_only_a_running_year_is_expected(region):
    running = Balance(agreed=40, accepted=20)
    with on_day(date(YEAR, 7, 1)):
        expected = expected_at_end(running, year=YEAR)
        assert expected is not None
        assert 20 < expected.low < expected.likely < expected.high
        assert expected_at_end(running, year=YEAR, most=25).high == 25
        assert expected_at_end(running, year=YEAR - 1) is None
        assert expected_at_end(running, year=YEAR + 1) is None
    with on_day(date(YEAR, 1, 20)):
        assert expected_at_end(running, year=YEAR) is None
    with on_day(date(YEAR, 12, 31)):
        assert expected_at_end(running, year=YEAR).high == 20


def test_a_target_group_of_its_own_is_booked_first(region):
    both = make_contingent(region)
    bw = Contingent.objects.create(
        region=region.region,
        corporation=region.corporation,
        municipality=region.municipality,
        year=today().year,
        target_group="BW",
    )
    make_proposal(region, "client_yes", facility_type="BW")
    make_proposal(region, "client_yes", facility_type="MO")
    assert (balance(bw).counted, balance(both).counted) == (1, 1)
    assert list(bw.entries.values_list("kind", flat=True)) == [EntryKind.ACCEPTED]


def test_a_dwelling_without_a_contingent_is_let_outside_it(region):
    make_proposal(region, "key", dwelling=make_dwelling(region))
    assert not ContingentEntry.objects.exists()


def test_a_year_that_ended_long_ago_keeps_its_numbers(region):
    [contingent] = agree(region, number(region, 12, year=YEAR - 3, delivered=()))
    with on_day(date(YEAR, 7, 1) + timedelta(days=1)):
        assert balance(contingent).to_go == 12

"""Promised dwellings per quarter: what the ledger says is still to come, no more and no less."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from housing.lifecycle import ContingentKind, ProposalState
from housing.operations.planning import _evenly, _rest_of_year, plan_from_contingents
from outflow.models import PlannedSupply
from regions.clock import on_day
from tests import factories
from tests.factories import World, make_contingent
from tests.housing.factories import make_proposal
from tests.scale import n

MIDSUMMER = date(2026, 7, 1)


@pytest.fixture
def world(db: None) -> World:
    return factories.world()


def planned(world: World, year: int) -> list[int]:
    rows = PlannedSupply.objects.filter(region=world.region, quarter_from__year=year)
    return list(rows.order_by("quarter_from").values_list("dwellings", flat=True))


def test_a_promise_comes_evenly_over_its_year(world: World) -> None:
    with on_day(date(2026, 1, 1)):
        make_contingent(world, agreed=10)
        make_contingent(world, agreed=4, corporation=world.other_corporation)
        assert plan_from_contingents(region=world.region) == 8
    assert planned(world, 2026) == [3, 4, 3, 4]
    assert sum(planned(world, 2027)) == 14


def test_what_was_counted_or_proposed_does_not_come_again(world: World) -> None:
    with on_day(MIDSUMMER):
        make_contingent(world, agreed=10)
        make_proposal(world, ProposalState.PROPOSED)
        make_proposal(world, ProposalState.CLIENT_YES)
        plan_from_contingents(region=world.region)
    assert sum(planned(world, 2026)[2:]) == 8


def test_what_comes_late_comes_in_the_quarters_that_are_left(world: World) -> None:
    with on_day(MIDSUMMER):
        make_contingent(world, agreed=10)
        plan_from_contingents(region=world.region)
    assert planned(world, 2026)[2:] == [5, 5]


def test_a_next_year_that_is_signed_counts_as_signed(world: World) -> None:
    with on_day(MIDSUMMER):
        make_contingent(world, agreed=10)
        make_contingent(world, agreed=20, year=2027, kind=ContingentKind.MAXIMUM)
        plan_from_contingents(region=world.region)
    assert planned(world, 2027) == [5, 5, 5, 5]


def test_planning_again_changes_nothing(world: World) -> None:
    with on_day(MIDSUMMER):
        make_contingent(world, agreed=10)
        assert plan_from_contingents(region=world.region) == 8
        assert plan_from_contingents(region=world.region) == 0


def test_a_region_without_promises_keeps_its_plan(world: World) -> None:
    PlannedSupply.objects.create(region=world.region, quarter_from=MIDSUMMER, dwellings=3)
    with on_day(MIDSUMMER):
        assert plan_from_contingents(region=world.region) == 0
    assert planned(world, 2026) == [3]


@settings(max_examples=n(200, 5_000), deadline=None)
@given(st.integers(0, 400))
def test_quarters_add_up_and_differ_by_one_at_most(dwellings: int) -> None:
    quarters = _evenly(dwellings)
    assert sum(quarters) == dwellings
    assert max(quarters) - min(quarters) <= 1


@settings(max_examples=n(200, 5_000), deadline=None)
@given(st.integers(0, 400), st.integers(0, 364))
def test_about_what_is_left_comes_after_the_day(left: int, number: int) -> None:
    day = date(2026, 1, 1) + timedelta(days=number)
    plan = _rest_of_year(left, day)
    ahead = 0.0
    for first, dwellings in plan.items():
        last = date(first.year + first.month // 10, (first.month + 2) % 12 + 1, 1)
        assert last > day
        ahead += dwellings * min((last - day).days / (last - first).days, 1)
    assert ahead <= left + 1.5
    if day <= date(2026, 11, 30):
        assert ahead >= left - 1.5

"""Dwellings, support, capacity and hours: entered, changed, and refused where they do not fit."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.context import acting_as
from accounts.models import AuditEntry
from housing import operations
from housing.calendar import viewing_file
from housing.errors import NotAllowed, Refused
from housing.fit import fit_of
from housing.forms.fields import EuroField
from housing.lifecycle import EntryKind
from housing.models import ContingentEntry, Dwelling, SupportOffer
from housing.operations import GuidanceFacts, SupportFacts
from outflow.lifecycle import SupportKind
from outflow.models import FunctionalProfile
from regions.clock import today
from tests.factories import make_contingent, make_dwelling, make_support, world
from tests.housing.factories import dwelling_facts, make_proposal, tomorrow_at_ten

pytestmark = pytest.mark.django_db


@pytest.fixture
def region():
    return world()


def enter(region, *rows, viewer=None):
    by = viewer or region.allocator
    with acting_as(by):
        return operations.enter_dwellings(rows=rows, by=by)


def test_a_list_of_dwellings_is_entered_and_stands_in_the_ledger(region):
    contingent = make_contingent(region)
    rows = [dwelling_facts(region, house_number=str(i), available_on=today()) for i in range(40)]
    entered = enter(region, *rows)
    assert len(entered) == 40
    offered = ContingentEntry.objects.filter(kind=EntryKind.OFFERED)
    assert offered.filter(contingent=contingent).count() == 40
    assert AuditEntry.objects.filter(operation="dwelling.entered").count() == 40


def test_the_same_dwelling_from_the_same_day_is_refused_with_a_sentence(region):
    enter(region, dwelling_facts(region))
    with pytest.raises(Refused) as refusal:
        enter(region, dwelling_facts(region, house_number="99"), dwelling_facts(region))
    assert refusal.value.sentence
    assert Dwelling.objects.count() == 1


def test_a_dwelling_stands_once_until_it_is_withdrawn_or_left(region):
    [home] = enter(region, dwelling_facts(region, house_number="12a"))
    later = dwelling_facts(region, house_number="12A", available_on=today() + timedelta(days=90))
    with pytest.raises(Refused):
        enter(region, later)
    make_proposal(region, dwelling=home)
    with pytest.raises(Refused):
        enter(region, later)
    enter(region, dwelling_facts(region, house_number="12b"))
    [gone] = Dwelling.objects.filter(house_number="12b")
    with acting_as(region.allocator):
        operations.withdraw_dwelling(dwelling=gone, by=region.allocator)
    enter(region, dwelling_facts(region, house_number="12b", available_on=later.available_on))
    assert Dwelling.objects.filter(house_number="12b").count() == 2
    assert Dwelling.objects.filter(house_number__iexact="12a").count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"basic_rent": Decimal(0)},
        {"basic_rent": Decimal("-3.50")},
        {"has_nuisance_file": True},
    ],
)
def test_what_the_law_or_the_agreement_forbids_is_refused(region, wrong):
    with pytest.raises(Refused):
        enter(region, dwelling_facts(region, **wrong))


def test_a_neighbourhood_of_another_municipality_is_refused(region):
    with pytest.raises(Refused):
        enter(region, dwelling_facts(region, municipality=region.other_municipality))
    with pytest.raises(Refused):
        enter(region, dwelling_facts(region, municipality=region.elsewhere, neighbourhood=None))


def test_a_corporation_enters_only_its_own_dwellings(region):
    with pytest.raises(NotAllowed):
        enter(region, dwelling_facts(region, corporation=region.other_corporation))
    with pytest.raises(NotAllowed):
        enter(region, dwelling_facts(region), viewer=region.care_worker)
    assert enter(region, dwelling_facts(region), viewer=region.coordinator)


def test_only_what_differs_is_changed_and_named_in_the_trail(region):
    [home, other] = enter(region, dwelling_facts(region), dwelling_facts(region, house_number="2"))
    with acting_as(region.allocator):
        changed = operations.change_dwellings(
            changes=[
                (home, dwelling_facts(region, bedrooms=3)),
                (other, dwelling_facts(region, house_number="2")),
            ],
            by=region.allocator,
        )
    assert [c.pk for c in changed] == [home.pk]
    entry = AuditEntry.objects.get(operation="dwelling.changed")
    assert entry.facts["fields"] == ["bedrooms"]


def test_a_dwelling_keeps_its_municipality(region):
    [home] = enter(region, dwelling_facts(region))
    moved = dwelling_facts(region, municipality=region.other_municipality, neighbourhood=None)
    with acting_as(region.allocator), pytest.raises(Refused):
        operations.change_dwellings(changes=[(home, moved)], by=region.allocator)


def test_a_dwelling_that_is_proposed_or_lived_in_is_not_withdrawn(region):
    for state in ("proposed", "key"):
        proposal = make_proposal(region, state)
        with acting_as(region.allocator), pytest.raises(Refused):
            operations.withdraw_dwelling(dwelling=proposal.dwelling, by=region.allocator)
    free = make_dwelling(region)
    with acting_as(region.other_allocator), pytest.raises(NotAllowed):
        operations.withdraw_dwelling(dwelling=free, by=region.other_allocator)
    with acting_as(region.allocator):
        operations.withdraw_dwelling(dwelling=free, by=region.allocator)
        with pytest.raises(Refused):
            operations.withdraw_dwelling(dwelling=free, by=region.allocator)


def support(region, **facts):
    values = {
        "neighbourhood": region.neighbourhood,
        "kind": SupportKind.BUDDY,
        "provider_name": region.welfare.name,
        "organisation": region.welfare,
        "places": 5,
        **facts,
    }
    return SupportFacts(**values)


def test_a_neighbourhood_worker_enters_and_updates_own_support_only(region):
    by = region.neighbourhood_worker
    with acting_as(by):
        [offer] = operations.enter_support_offers(rows=[support(region)], by=by)
        operations.change_support_offers(changes=[(offer, support(region, in_use=4))], by=by)
        for rows in (
            [support(region, organisation=None)],
            [support(region, kind="walk_in", organisation=region.provider)],
        ):
            with pytest.raises(NotAllowed):
                operations.enter_support_offers(rows=rows, by=by)
    offer.refresh_from_db()
    assert (offer.in_use, offer.free_places, offer.updated_on) == (4, 1, today())


@pytest.mark.parametrize(
    "wrong", [{"in_use": 6}, {"from_on": date(2026, 5, 1), "until_on": date(2026, 4, 1)}]
)
def test_support_that_cannot_be_is_refused(region, wrong):
    by = region.coordinator
    with acting_as(by), pytest.raises(Refused):
        operations.enter_support_offers(rows=[support(region, **wrong)], by=by)


def test_the_same_support_twice_is_refused_and_looked_at_again_is_dated(region):
    by = region.coordinator
    offer = make_support(region, updated_on=today() - timedelta(days=90))
    with acting_as(by):
        with pytest.raises(Refused):
            operations.enter_support_offers(rows=[support(region)], by=by)
        same = support(region, in_use=1)
        assert operations.change_support_offers(changes=[(offer, same)], by=by) == []
    assert SupportOffer.objects.get(pk=offer.pk).updated_on == today()


def test_capacity_has_an_owner_and_warns_before_it_is_full(region):
    facts = {"neighbourhood": region.neighbourhood, "agreed_on": today()}
    with acting_as(region.coordinator):
        for wrong in (
            {"soft": 5, "most": 3, "owner": "Wijkteam"},
            {"soft": 1, "most": 3, "owner": " "},
        ):
            with pytest.raises(Refused):
                operations.set_capacity(by=region.coordinator, **facts, **wrong)
        place = operations.set_capacity(
            soft=2, most=3, owner="Wijkteam", by=region.coordinator, **facts
        )
    assert (place.soft_placements, place.max_placements) == (2, 3)
    with acting_as(region.foreign_coordinator), pytest.raises(NotAllowed):
        operations.set_capacity(soft=1, most=1, owner="x", by=region.foreign_coordinator, **facts)


def test_hours_of_guidance_are_replaced_not_doubled(region):
    rows = [
        GuidanceFacts(region.provider, region.municipality, Decimal(hours)) for hours in (8, 12)
    ]
    with acting_as(region.coordinator):
        for row in rows:
            [capacity] = operations.set_guidance_hours(rows=[row], by=region.coordinator)
    capacity.refresh_from_db()
    assert capacity.free_hours == 12


def profile(**needs):
    values = {"bedrooms": 1, "forms": [], "max_rent": Decimal("713.02"), **needs}
    return FunctionalProfile(**values)


@pytest.mark.parametrize(
    ("needs", "home", "fits"),
    [
        ({}, {}, True),
        ({}, {"basic_rent": Decimal("713.02")}, True),
        ({}, {"basic_rent": Decimal("713.03")}, False),
        ({"max_rent": None}, {}, False),
        ({"bedrooms": 2}, {"bedrooms": 1}, False),
        ({"step_free": True}, {"floor": 0}, True),
        ({"step_free": True}, {"floor": 2, "has_lift": True}, True),
        ({"step_free": True}, {"floor": 2, "has_lift": False}, False),
        ({"wheelchair": True}, {"wheelchair": False}, False),
        ({"low_stimulus": True}, {"low_stimulus": True}, True),
        ({"forms": ["room"]}, {"form": "independent"}, False),
        ({"forms": ["room", "independent"]}, {"form": "independent"}, True),
    ],
)
def test_what_speaks_against_a_dwelling(region, needs, home, fits):
    found = fit_of(profile(**needs), make_dwelling(region, **home))
    assert bool(found.speaks_against) is not fits
    assert found.speaks_for or not fits


@pytest.mark.parametrize(
    ("typed", "euros"),
    [
        ("712,50", "712.50"),
        ("712.50", "712.50"),
        ("€ 1.712,50", "1712.50"),
        ("1.712", "1712"),
        ("648", "648"),
    ],
)
def test_amounts_are_read_as_people_type_them(typed, euros):
    assert EuroField().clean(typed) == Decimal(euros)


def test_a_calendar_file_escapes_and_folds_what_is_long():
    words = viewing_file(
        code="R4TMQA",
        at=tomorrow_at_ten(),
        summary="Bezichtiging; R4TMQA, " + "é" * 80,
        location="Havenkade 5\nRietdam",
        made_at=tomorrow_at_ten(),
    )
    lines = words.split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    whole = words.replace("\r\n ", "")
    assert "SUMMARY:Bezichtiging\\; R4TMQA\\, " + "é" * 80 in whole
    assert "LOCATION:Havenkade 5\\nRietdam" in whole

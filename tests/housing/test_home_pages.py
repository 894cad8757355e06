"""Pages about dwellings, promises and support: who opens them, what they hold, what they do."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.context import acting_as
from accounts.models import Organisation
from housing import operations
from housing.distribution import Key, Place
from housing.models import Contingent, Dwelling, RegionYear, SupportOffer
from regions.clock import today
from regions.models import Neighbourhood
from tests.factories import (
    make_client,
    make_contingent,
    make_dwelling,
    make_support,
    sign_in,
    world,
)
from tests.housing.factories import make_proposal

pytestmark = pytest.mark.django_db

SEE_DWELLINGS = {
    "allocator",
    "other_allocator",
    "foreign_allocator",
    "coordinator",
    "second_coordinator",
    "foreign_coordinator",
    "access_officer",
    "other_access_officer",
    "foreign_access_officer",
}
ALLOCATORS = {"allocator", "other_allocator", "foreign_allocator"}
COORDINATORS = {"coordinator", "second_coordinator", "foreign_coordinator"}
SEE_CONTINGENT = SEE_DWELLINGS | {"steering_member", "foreign_steering_member"}
ENTER_SUPPORT = COORDINATORS | {"neighbourhood_worker", "foreign_neighbourhood_worker"}
SEE_SUPPORT = (
    ENTER_SUPPORT
    | {"access_officer", "other_access_officer", "foreign_access_officer"}
    | {"team_leader", "other_team_leader", "foreign_team_leader"}
    | {"care_worker", "colleague", "other_care_worker", "foreign_care_worker"}
)
PAGES = {
    "housing:dwellings": SEE_DWELLINGS,
    "housing:enter_dwelling": ALLOCATORS,
    "housing:contingents": SEE_CONTINGENT,
    "housing:contingent_agree": COORDINATORS,
    "housing:neighbourhoods": SEE_SUPPORT,
    "housing:neighbourhood_guidance": COORDINATORS,
    "housing:enter_support": ENTER_SUPPORT,
}


@pytest.fixture
def region():
    return world()


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


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.mark.parametrize("page", PAGES)
def test_who_opens_a_page(region, see, page):
    for who, viewer in region.viewers.items():
        expected = 200 if who in PAGES[page] else 404
        assert see(viewer, reverse(page)).status_code == expected, who


def test_records_of_others_do_not_exist(region, see):
    home, contingent = make_dwelling(region), make_contingent(region)
    offer = make_support(region)
    opens = {
        home.get_absolute_url(): {"allocator", "coordinator", "second_coordinator"}
        | {"access_officer", "other_access_officer"},
        reverse("housing:dwelling_change", args=[home.ref]): {"allocator"},
        reverse("housing:dwelling_withdraw", args=[home.ref]): {"allocator"},
        contingent.get_absolute_url(): {"allocator", "coordinator", "second_coordinator"}
        | {"access_officer", "other_access_officer", "steering_member"},
        reverse("housing:contingent_raise", args=[contingent.ref]): {
            "coordinator",
            "second_coordinator",
        },
        reverse("housing:support_offer", args=[offer.ref]): {
            "coordinator",
            "second_coordinator",
            "neighbourhood_worker",
        },
        reverse("housing:neighbourhood_capacity", args=[region.neighbourhood.ref]): {
            "coordinator",
            "second_coordinator",
        },
        reverse("housing:neighbourhood", args=[region.neighbourhood.ref]): {
            who for who in SEE_SUPPORT if not who.startswith("foreign_")
        },
    }
    for address, allowed in opens.items():
        for who, viewer in region.viewers.items():
            expected = 200 if who in allowed else 404
            assert see(viewer, address).status_code == expected, (address, who)


def dwelling_form(region, **facts):
    return {
        "postcode": "9901 ab",
        "house_number": "12",
        "street": "Rietlaan",
        "where": f"n:{region.neighbourhood.ref}",
        "basic_rent": "612,40",
        "bedrooms": "1",
        "form": "independent",
        "contract_form": "regular",
        "available_on": today().isoformat(),
        **facts,
    }


def test_an_allocator_enters_changes_and_withdraws_a_dwelling(region, do, see):
    address = reverse("housing:enter_dwelling")
    entered = do(region.allocator, address, **dwelling_form(region))
    assert entered.status_code == 302
    home = Dwelling.objects.get()
    assert (home.postcode, str(home.basic_rent)) == ("9901 AB", "612.40")
    assert home.corporation == region.corporation
    for day in (today(), today() + timedelta(days=40)):
        again = do(region.allocator, address, **dwelling_form(region, available_on=day.isoformat()))
        assert again.status_code == 422
        assert home.get_absolute_url() in text_of(again)
        assert Dwelling.objects.count() == 1
    change = reverse("housing:dwelling_change", args=[home.ref])
    assert do(region.allocator, change, **dwelling_form(region, bedrooms="2")).status_code == 302
    home.refresh_from_db()
    assert home.bedrooms == 2
    withdraw = reverse("housing:dwelling_withdraw", args=[home.ref])
    assert do(region.allocator, withdraw, sure="yes").status_code == 302
    home.refresh_from_db()
    assert home.withdrawn_on == today()
    assert "Rietlaan 12" not in text_of(see(region.allocator, reverse("housing:dwellings")))


@pytest.mark.parametrize(
    "wrong",
    [
        {"postcode": "99 AB"},
        {"basic_rent": "veel"},
        {"basic_rent": "-1"},
        {"where": ""},
        {"where": "n:somewhere"},
        {"has_nuisance_file": "on"},
        {"available_on": "31-31-2026"},
        {"available_on": "1926-01-01"},
        {"available_on": (today() + timedelta(days=4 * 366)).isoformat()},
        {"house_number": "-12"},
        {"house_number": "bis"},
        {"basic_rent": "0"},
        {"rooms": "2", "bedrooms": "0"},
        {"rooms": "2", "bedrooms": "3"},
    ],
)
def test_a_dwelling_that_is_not_filled_in_well_comes_back(region, do, wrong):
    answered = do(
        region.allocator, reverse("housing:enter_dwelling"), **dwelling_form(region, **wrong)
    )
    assert answered.status_code == 422
    assert not Dwelling.objects.exists()


def test_what_is_searched_for_is_cut_to_the_length_of_a_name(region, see):
    found = see(region.allocator, reverse("housing:dwellings") + "?q=" + "x" * 5000)
    assert found.status_code == 200
    assert len(found.context["q"]) == 100


def test_support_that_begins_later_has_nothing_in_use(region, do):
    facts = {
        "where": f"n:{region.neighbourhood.ref}",
        "kind": "buddy",
        "places": "4",
        "in_use": "1",
        "from_on": (today() + timedelta(days=10)).isoformat(),
    }
    answered = do(region.neighbourhood_worker, reverse("housing:enter_support"), **facts)
    assert answered.status_code == 422
    assert "in_use" in answered.context["form"].errors


def test_the_list_filters_by_state_place_form_and_words(region, see):
    make_dwelling(region, street="Lisdodde", bedrooms=3)
    make_dwelling(region, street="Waterlelie", neighbourhood=region.other_neighbourhood)
    make_dwelling(region, street="Rietkraag", withdrawn_on=today())
    taken = make_proposal(region).dwelling
    expected = {
        "": {"Lisdodde", "Waterlelie"},
        "state=taken": {taken.street},
        "state=withdrawn": {"Rietkraag"},
        "bedrooms=2": {"Lisdodde"},
        "q=havenk": {"Waterlelie"},
        "q=lisd": {"Lisdodde"},
        f"municipality={region.other_municipality.code}": set(),
        "needs=wheelchair": set(),
        "form=room": set(),
    }
    streets = {"Lisdodde", "Waterlelie", "Rietkraag", taken.street}
    for query, shown in expected.items():
        page = text_of(see(region.coordinator, f"{reverse('housing:dwellings')}?{query}"))
        assert {street for street in streets if street in page} == shown, query


def test_a_municipality_sees_that_a_dwelling_is_taken_and_not_by_whom(region, see):
    proposal = make_proposal(region, origin_municipality=region.other_municipality)
    page = text_of(see(region.access_officer, proposal.dwelling.get_absolute_url()))
    assert proposal.code not in page
    assert proposal.client.case_code not in page
    listed = text_of(see(region.access_officer, reverse("housing:dwellings") + "?state=taken"))
    assert str(proposal.dwelling) in listed


@pytest.mark.parametrize(
    "page", ["housing:dwellings", "housing:contingents", "housing:neighbourhoods"]
)
def test_a_page_of_thirty_costs_the_queries_of_a_page_of_three(region, see, page):
    def make(numbers):
        for number in numbers:
            make_dwelling(region)
            place = Neighbourhood.objects.create(
                municipality=region.other_municipality, name=f"Buurt {number}"
            )
            make_support(region, neighbourhood=place)
            Contingent.objects.create(
                region=region.region,
                corporation=region.corporation,
                municipality=region.municipality,
                year=today().year,
                target_group=f"G{number}",
            )

    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert see(region.coordinator, reverse(page)).status_code == 200
        return len(seen)

    make(range(3))
    see(region.coordinator, reverse(page))
    few = queries()
    make(range(3, 30))
    assert queries() == few


def test_the_ledger_shows_a_corporation_its_own_rows_and_the_rest_as_one(region, see):
    make_contingent(region, agreed=12)
    make_contingent(region, agreed=8, corporation=region.other_corporation)
    Organisation.objects.filter(pk=region.other_corporation.pk).update(name="Spaarneborg")
    own = text_of(see(region.allocator, reverse("housing:contingents")))
    whole = text_of(see(region.coordinator, reverse("housing:contingents")))
    assert "Spaarneborg" not in own
    assert "Spaarneborg" in whole


@pytest.mark.parametrize(
    "query", ["by=matrix", "by=municipality", "by=corporation", "year=2019", "year=x"]
)
def test_every_view_of_the_ledger_opens(region, see, query):
    make_contingent(region)
    for viewer in (region.coordinator, region.allocator, region.steering_member):
        assert see(viewer, f"{reverse('housing:contingents')}?{query}").status_code == 200


def test_the_coordinator_agrees_raises_and_corrects(region, do, see):
    agreed = do(
        region.coordinator,
        reverse("housing:contingent_agree"),
        corporation=region.corporation.ref,
        municipality=region.municipality.code,
        year=today().year,
        kind="maximum",
        agreed=5,
        moved_over=0,
    )
    assert agreed.status_code == 302
    contingent = Contingent.objects.get()
    raising = reverse("housing:contingent_raise", args=[contingent.ref])
    assert do(region.coordinator, raising, dwellings=2, reason="", authority="x").status_code == 422
    assert (
        do(region.coordinator, raising, dwellings=2, reason="Nood", authority="Raad").status_code
        == 302
    )
    correcting = reverse("housing:contingent_correct", args=[contingent.ref])
    assert do(region.coordinator, correcting, dwellings=-1, reason="x").status_code == 422
    assert do(region.coordinator, correcting, dwellings=1, reason="Oude telling").status_code == 302
    contingent.refresh_from_db()
    assert (contingent.ceiling, contingent.booked) == (7, 1)
    assert "Oude telling" in text_of(see(region.coordinator, contingent.get_absolute_url()))


def test_the_key_is_run_again_on_its_page_and_changed_by_the_coordinator(region, do, see):
    address = reverse("housing:contingent_key", args=[today().year])
    assert see(region.steering_member, address).status_code == 200
    change = reverse("housing:contingent_key_change", args=[today().year])
    assert see(region.allocator, change).status_code == 404
    one, two = region.municipality.code, region.other_municipality.code
    basis = {
        "kind": "task",
        "total": "7",
        "weight_households": "100",
        "weight_social": "0",
        f"households_{one}": "700",
        f"social_{one}": "10",
        f"households_{two}": "300",
        f"social_{two}": "10",
    }
    assert do(region.coordinator, change, **basis).status_code == 302
    kept = RegionYear.objects.get()
    assert kept.basis["result"] == {one: 5, two: 2}
    assert "70,0" in text_of(see(region.coordinator, address))
    over = {**basis, f"fixed_{one}": "8"}
    assert do(region.coordinator, change, **over).status_code == 422


def test_a_kept_key_differs_visibly_from_what_was_agreed(region, see):
    make_contingent(region, agreed=4)
    with acting_as(region.coordinator):
        places = [Place(region.municipality.code, "Rietdam", 10, 10)]
        operations.set_region_year(
            year=today().year, kind="task", agreed=9, basis=Key(9, places), by=region.coordinator
        )
    page = text_of(see(region.coordinator, reverse("housing:contingent_key", args=[today().year])))
    assert ("verschilt" in page) or ("differs" in page)


def test_a_neighbourhood_worker_updates_use_from_a_phone_sized_form(region, do, see):
    offer = make_support(region)
    address = reverse("housing:support_offer", args=[offer.ref])
    facts = {
        "where": f"n:{region.neighbourhood.ref}",
        "kind": offer.kind,
        "places": "5",
        "in_use": "3",
    }
    assert do(region.neighbourhood_worker, address, **facts).status_code == 302
    assert SupportOffer.objects.get().in_use == 3
    assert do(region.neighbourhood_worker, address, **{**facts, "in_use": "9"}).status_code == 422


def test_numbers_of_people_in_a_neighbourhood_are_for_the_coordinator_alone(region, see):
    make_proposal(region, "client_yes", need={"support": ["buddy"]})
    address = reverse("housing:neighbourhood", args=[region.neighbourhood.ref])
    words = re.compile(r"komt hier wonen|will come to live here")
    assert words.search(text_of(see(region.coordinator, address)))
    for who in ("neighbourhood_worker", "care_worker", "access_officer", "team_leader"):
        assert not words.search(text_of(see(region.viewers[who], address))), who


def test_what_is_missing_for_who_will_live_there_is_named(region, see):
    make_proposal(region, "client_yes", need={"support": ["buddy"]})
    address = reverse("housing:neighbourhood", args=[region.neighbourhood.ref])
    missing = re.compile(r"nodig, 0 vrij|needed, 0 free")
    assert missing.search(text_of(see(region.coordinator, address)))
    make_support(region, kind="buddy", from_on=today() - timedelta(days=5))
    assert not missing.search(text_of(see(region.coordinator, address)))


def test_capacity_and_hours_are_set_on_their_pages(region, do):
    capacity = reverse("housing:neighbourhood_capacity", args=[region.neighbourhood.ref])
    facts = {"soft": "2", "most": "4", "owner": "Wijkteam", "agreed_on": today().isoformat()}
    assert do(region.coordinator, capacity, **facts).status_code == 302
    region.neighbourhood.refresh_from_db()
    assert region.neighbourhood.latitude is None  # no boundary says where it lies
    facts["latitude"] = "52,385"
    assert "Een plek heeft een breedte- en een lengtegraad" in text_of(
        do(region.coordinator, capacity, **facts)
    )
    assert do(region.coordinator, capacity, longitude="4,65", **facts).status_code == 302
    region.neighbourhood.refresh_from_db()
    assert (region.neighbourhood.latitude, region.neighbourhood.longitude) == (52.385, 4.65)
    assert do(region.coordinator, capacity, **{**facts, "soft": "5"}).status_code == 422
    hours = reverse("housing:neighbourhood_guidance")
    given = {
        "provider": region.provider.ref,
        "municipality": region.municipality.code,
        "free_hours": "8.5",
    }
    assert do(region.coordinator, hours, **given).status_code == 302
    assert do(region.coordinator, hours, **{**given, "free_hours": "-1"}).status_code == 422


def test_a_client_that_does_not_wait_is_not_proposed_a_home_by_hand(region, see):
    resting = make_client(region, phase="preparing")
    address = reverse("housing:proposal_new", args=[resting.ref])
    assert see(region.coordinator, address).status_code == 404

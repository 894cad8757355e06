"""Where own people and day activity are: seen by who looks for a home, never by the landlord."""

import re

import pytest
from django.urls import reverse

from accounts import access
from accounts.access import Permission
from accounts.context import acting_as
from outflow.lifecycle import NearKind
from outflow.models import FunctionalProfile, PlaceToBeNear
from regions.models import Neighbourhood
from tests.factories import make_client, sign_in, world
from tests.housing.factories import make_proposal

pytestmark = pytest.mark.django_db

NEAR, WORK = "Eigenvolkbuurt", "Werkoord"


@pytest.fixture
def region():
    return world()


@pytest.fixture
def places(region):
    return tuple(
        Neighbourhood.objects.create(municipality=region.municipality, name=name)
        for name in (NEAR, WORK)
    )


def living_near(region, places, **facts):
    return make_client(
        region,
        near=((NearKind.NETWORK, places[0]), (NearKind.DAY_ACTIVITY, places[1])),
        need={"contract_forms": ["last_chance"], "max_rent": 700},
        **facts,
    )


def page(browser, viewer, address):
    return re.sub(r"\s+", " ", sign_in(browser, viewer).get(address).content.decode())


@pytest.mark.parametrize("who", ["care_worker", "team_leader", "coordinator", "access_officer"])
def test_who_looks_for_a_home_sees_where_own_people_and_day_activity_are(
    client, region, places, who
):
    person = living_near(region, places)
    text = page(client, region.viewers[who], person.get_absolute_url())
    assert NEAR in text
    assert WORK in text
    assert "Laatste kans" in text


def test_the_field_is_gone_for_who_has_no_grant(client, region, places, monkeypatch):
    """The negative control: it is the access table that shows it."""
    person = living_near(region, places)
    left = tuple(grant for grant in access.GRANTS if grant.permission != Permission.FIELD_NEAR)
    monkeypatch.setattr(access, "GRANTS", left)
    access.grants_for.cache_clear()
    try:
        text = page(client, region.coordinator, person.get_absolute_url())
    finally:
        monkeypatch.undo()
        access.grants_for.cache_clear()
    assert NEAR not in text
    assert WORK not in text


def test_of_a_shielded_person_only_the_own_provider_sees_where_own_people_are(
    client, region, places
):
    person = living_near(region, places, is_shielded=True)
    assert NEAR in page(client, region.care_worker, person.get_absolute_url())
    assert NEAR not in page(client, region.coordinator, person.get_absolute_url())


@pytest.mark.parametrize("state", ["proposed", "client_yes", "contract"])
def test_the_corporation_never_learns_where_own_people_are(client, region, places, state):
    proposal = make_proposal(region, state, client=living_near(region, places))
    text = page(client, region.allocator, reverse("housing:proposal", args=[proposal.ref]))
    assert "slaapkamer" in text
    for secret in (NEAR, WORK, "laatste kans", "Laatste kans"):
        assert secret not in text
    with acting_as(region.allocator):
        # The control: the profile itself is open to the corporation, its places are not.
        assert FunctionalProfile.objects.count() == 1
        assert PlaceToBeNear.objects.count() == 0
    with acting_as(region.coordinator):
        assert PlaceToBeNear.objects.count() == 2

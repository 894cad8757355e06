"""The command that begins a region: one bureau, one administrator, one password shown once."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.access import OrganisationKind, Role
from accounts.models import AuditEntry, Membership, Organisation, User
from regions.clock import today
from regions.models import Region
from tests.factories import world

pytestmark = pytest.mark.django_db

ANSWERS = {
    "organisation": "Bureau Thuis",
    "email": "Beheer@voorbeeld.nl",
    "name": "Beheerder Een",
}


@pytest.fixture
def region() -> Region:
    return Region.objects.create(name="Regio Nieuwland")


def begin(name: str = "Regio Nieuwland", **other: str) -> str:
    out = StringIO()
    call_command("first_administrator", name, stdout=out, **(ANSWERS | other))
    return out.getvalue()


def test_a_new_region_gets_a_bureau_and_an_administrator_who_can_sign_in(region, client):
    words = begin()
    membership = Membership.objects.get(region=region)
    assert membership.role == Role.ADMINISTRATOR
    assert membership.organisation.kind == OrganisationKind.REGIONAL_BUREAU
    assert list(membership.organisation.regions.all()) == [region]
    password = words.split("first password: ")[1].split()[0]
    answer = client.post(
        reverse("accounts:sign_in"), {"username": "beheer@voorbeeld.nl", "password": password}
    )
    assert answer.status_code == 302
    assert client.get(reverse("accounts:add_account")).status_code == 200


def test_it_stands_in_the_audit_trail_of_the_region_without_password(region):
    password = begin().split("first password: ")[1].split()[0]
    entry = AuditEntry.objects.get(region=region, operation="membership.added")
    assert entry.facts == {"role": Role.ADMINISTRATOR}
    assert password not in str(list(AuditEntry.objects.values_list("facts", flat=True)))


def test_a_region_with_an_administrator_is_refused_and_nothing_is_left_behind(region):
    begin()
    with pytest.raises(CommandError, match="Regio Nieuwland"):
        begin(email="tweede@voorbeeld.nl", organisation="Tweede Bureau")
    assert not User.objects.filter(email="tweede@voorbeeld.nl").exists()
    assert not Organisation.objects.filter(name="Tweede Bureau").exists()


def test_once_the_last_administrator_has_left_a_new_one_can_begin(region):
    begin()
    Membership.objects.filter(region=region).update(until_on=today())
    assert "first password" in begin(email="tweede@voorbeeld.nl")


def test_one_bureau_can_serve_two_regions_with_one_account(region):
    second = Region.objects.create(name="Regio Overland")
    begin()
    words = begin("Regio Overland")
    assert "signs in as before" in words
    assert "password" not in words
    assert User.objects.filter(email="beheer@voorbeeld.nl").count() == 1
    assert set(Organisation.objects.get(name="Bureau Thuis").regions.all()) == {region, second}


def test_an_organisation_of_another_kind_does_not_become_a_bureau(region):
    w = world()
    with pytest.raises(CommandError):
        begin(organisation=w.provider.name)
    assert region not in w.provider.regions.all()
    assert not Membership.objects.filter(region=region).exists()


def test_whoever_decides_about_clients_in_the_region_does_not_also_administer_it():
    w = world()
    Membership.objects.filter(pk=w.memberships["administrator"].pk).update(until_on=today())
    with pytest.raises(CommandError):
        begin(w.region.name, email="coordinator@voorbeeld.nl", organisation=w.bureau.name)


@pytest.mark.parametrize(
    ("place", "email", "told"),
    [
        ("Nergens", "beheer@voorbeeld.nl", "make_region"),
        ("Regio Nieuwland", "geen adres", "geen adres"),
    ],
)
def test_a_wrong_answer_is_told_in_a_sentence(region, place, email, told):
    with pytest.raises(CommandError, match=told):
        begin(place, email=email)
    assert not Membership.objects.exists()

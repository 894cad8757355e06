"""Signing in, choosing a role, and what an administrator does with accounts."""

import pytest
from django.urls import reverse

from accounts import operations
from accounts.access import Role
from accounts.errors import Refused
from accounts.models import AuditEntry, Membership, Organisation, User
from regions.clock import today
from tests.factories import PASSWORD, sign_in, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def w():
    return world()


def test_capital_letters_in_an_e_mail_address_make_no_difference(client, w):
    answer = client.post(
        reverse("accounts:sign_in"),
        {"username": "Administrator@Voorbeeld.NL", "password": PASSWORD},
    )
    assert answer.status_code == 302
    assert client.get(reverse("accounts:account")).status_code == 200


def test_a_wrong_password_says_so_and_signs_nobody_in(client, w):
    answer = client.post(
        reverse("accounts:sign_in"), {"username": "administrator@voorbeeld.nl", "password": "nee"}
    )
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert client.get(reverse("accounts:account")).status_code == 302


def test_whoever_has_two_roles_chooses_one_and_only_that_one_counts(client, w):
    user = User.objects.get(email="administrator@voorbeeld.nl")
    second = Membership.objects.create(
        user=user,
        organisation=w.foreign_bureau,
        region=w.other_region,
        role=Role.COORDINATOR,
        from_on=today(),
    )
    client.force_login(user)
    assert client.get(reverse("accounts:accounts")).url == reverse("accounts:choose_membership")
    client.post(reverse("accounts:choose_membership"), {"membership": second.ref})
    assert client.get(reverse("accounts:accounts")).status_code == 404
    own = Membership.objects.get(user=user, role=Role.ADMINISTRATOR)
    client.post(reverse("accounts:choose_membership"), {"membership": own.ref})
    assert client.get(reverse("accounts:accounts")).status_code == 200


def test_nobody_chooses_the_role_of_somebody_else(client, w):
    sign_in(client, w.care_worker)
    other = w.memberships["coordinator"]
    answer = client.post(reverse("accounts:choose_membership"), {"membership": other.ref})
    assert answer.status_code == 404


def test_a_role_that_ended_stops_at_the_next_click(client, w):
    sign_in(client, w.second_coordinator)
    assert client.get(reverse("accounts:account")).status_code == 200
    operations.end_membership(membership=w.memberships["second_coordinator"], by=w.administrator)
    answer = client.get(reverse("accounts:account"))
    assert answer.status_code == 302
    assert answer.url == reverse("accounts:choose_membership")


def test_an_administrator_adds_an_account_that_can_sign_in_once_told_the_password(client, w):
    sign_in(client, w.administrator)
    answer = client.post(
        reverse("accounts:add_account"),
        {
            "email": "Nieuw@voorbeeld.nl",
            "name": "Nieuwe Collega",
            "organisation": w.provider.pk,
            "role": Role.CARE_WORKER,
            "from_on": today().isoformat(),
        },
    )
    password = answer.context["first_password"]
    assert password
    assert password in answer.content.decode()
    client.logout()
    assert client.login(username="nieuw@voorbeeld.nl", password=password)
    assert AuditEntry.objects.filter(operation="membership.added").count() == 1
    assert password not in str(list(AuditEntry.objects.values_list("facts", flat=True)))


@pytest.mark.parametrize(
    ("organisation", "role", "email"),
    [
        ("corporation", Role.CARE_WORKER, "iemand@voorbeeld.nl"),
        ("bureau", Role.PRIVACY_OFFICER, "coordinator@voorbeeld.nl"),
        ("bureau", Role.COORDINATOR, "administrator@voorbeeld.nl"),
        ("bureau", Role.COORDINATOR, "coordinator@voorbeeld.nl"),
    ],
)
def test_a_role_that_cannot_be_is_refused_and_changes_nothing(w, organisation, role, email):
    before = Membership.objects.count()
    with pytest.raises(Refused):
        operations.add_membership(
            email=email,
            name="Iemand",
            organisation=w.organisations[organisation],
            role=role,
            from_on=today(),
            by=w.administrator,
        )
    assert Membership.objects.count() == before


def test_nobody_ends_their_own_role(w):
    with pytest.raises(Refused):
        operations.end_membership(membership=w.memberships["administrator"], by=w.administrator)


def test_an_organisation_is_added_with_the_names_that_lists_use(client, w):
    sign_in(client, w.administrator)
    answer = client.post(
        reverse("accounts:add_organisation"),
        {"name": "Woonbaken", "kind": "corporation", "other_names": "Baken, WB", "phone": ""},
    )
    assert answer.status_code == 302
    made = Organisation.objects.get(name="Woonbaken")
    assert made.other_names == ["Baken", "WB"]
    assert w.region in made.regions.all()


def test_two_organisations_cannot_have_one_name(client, w):
    sign_in(client, w.administrator)
    answer = client.post(
        reverse("accounts:add_organisation"),
        {"name": w.provider.name.upper(), "kind": "care_provider"},
    )
    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors()


def test_the_language_follows_the_account(client, w):
    sign_in(client, w.administrator)
    client.post(reverse("accounts:set_language"), {"language": "en", "next": "/account/"})
    assert b'lang="en"' in client.get(reverse("accounts:account")).content
    client.post(reverse("accounts:set_language"), {"language": "xx", "next": "https://x.example/"})
    assert User.objects.get(email="administrator@voorbeeld.nl").language == "en"


def test_a_language_switch_never_leads_to_another_site(client):
    answer = client.post(
        reverse("accounts:set_language"), {"language": "en", "next": "https://x.example/"}
    )
    assert answer.url == "/"


def test_the_list_of_what_was_done_shows_words_and_no_client(client, w):
    operations.change_account(
        user=User.objects.get(email="coordinator@voorbeeld.nl"),
        name="Andere Naam",
        language="nl",
        theme="",
        by=w.coordinator,
    )
    sign_in(client, w.privacy_officer)
    page = client.get(reverse("accounts:audit"))
    assert page.status_code == 200
    assert page.context["rows"][0]["role"]
    only_other = client.get(reverse("accounts:audit"), {"organisation": w.provider.ref})
    assert only_other.context["rows"] == []

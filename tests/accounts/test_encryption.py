"""Identity at rest opens only in its own place, and only with the key that sealed it."""

import uuid

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection

from accounts.context import acting_as
from accounts.encryption import blind_index, decrypt, encrypt
from outflow.models import Identity
from tests.factories import make_client, world

KEY_1, KEY_2 = bytes(range(32)), bytes(range(32, 64))


@pytest.fixture
def keys(settings):
    settings.IDENTITY_KEYS = {1: KEY_1}
    return settings.IDENTITY_KEYS


def test_what_was_sealed_opens_in_its_own_place(keys):
    assert decrypt(encrypt("Adelaar", place="t|c|1"), place="t|c|1") == "Adelaar"


def test_a_ciphertext_moved_to_another_row_does_not_open(keys):
    with pytest.raises(InvalidTag):
        decrypt(encrypt("Adelaar", place="t|c|1"), place="t|c|2")


def test_a_changed_byte_does_not_open(keys):
    sealed = bytearray(encrypt("Adelaar", place="t|c|1"))
    sealed[-1] ^= 1
    with pytest.raises(InvalidTag):
        decrypt(bytes(sealed), place="t|c|1")


def test_the_same_name_is_sealed_differently_each_time(keys):
    assert encrypt("Adelaar", place="t|c|1") != encrypt("Adelaar", place="t|c|1")


def test_a_new_key_seals_and_the_old_one_still_opens(settings):
    settings.IDENTITY_KEYS = {1: KEY_1}
    old = encrypt("Adelaar", place="t|c|1")
    settings.IDENTITY_KEYS = {1: KEY_1, 2: KEY_2}
    assert decrypt(old, place="t|c|1") == "Adelaar"
    assert encrypt("Adelaar", place="t|c|1")[0] == 2


def test_a_token_finds_equal_values_of_one_purpose_only():
    assert blind_index("1990-05-17", purpose="born") == blind_index("1990-05-17", purpose="born")
    assert blind_index("1990-05-17", purpose="born") != blind_index("1990-05-17", purpose="name")


@pytest.mark.django_db
def test_the_database_holds_no_name_and_two_rows_cannot_be_swapped():
    w = world()
    one = make_client(w, family_name="Zonderling")
    two = make_client(w, family_name="Anders")
    with acting_as(w.team_leader):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT family_name FROM outflow_identity WHERE client_id = %s", [one.pk]
            )
            stored = bytes(cursor.fetchone()[0])
            assert b"Zonderling" not in stored
            cursor.execute(
                "UPDATE outflow_identity SET family_name = %s WHERE client_id = %s",
                [stored, two.pk],
            )
        assert Identity.objects.get(client=one).family_name == "Zonderling"
        with pytest.raises(InvalidTag):
            _ = Identity.objects.get(client=two).family_name


@pytest.mark.django_db
def test_a_sealed_field_is_never_written_around_its_seal():
    w = world()
    client = make_client(w)
    with acting_as(w.team_leader), pytest.raises(TypeError, match="seal"):
        Identity.objects.filter(client=client).update(family_name="Open en bloot")


def test_every_sealed_value_has_a_place_of_its_own():
    first, second = Identity(seal_id=uuid.uuid4()), Identity(seal_id=uuid.uuid4())
    field = Identity._meta.get_field("family_name")
    assert field.place(first) != field.place(second)
    assert field.place(first) != Identity._meta.get_field("given_name").place(first)

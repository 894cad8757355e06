"""The same form sent twice is carried out once."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, Submission
from accounts.submissions import forget_old
from tests.factories import sign_in, world

FORM = {"name": "Woonbaken", "kind": "corporation", "other_names": "", "phone": ""}


@pytest.mark.django_db
def test_the_back_button_and_a_second_press_add_nothing(client):
    w = world()
    sign_in(client, w.administrator)
    form = FORM | {"submission": str(uuid.uuid4())}
    first = client.post(reverse("accounts:add_organisation"), form)
    second = client.post(reverse("accounts:add_organisation"), form)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.url == second.url
    assert Organisation.objects.filter(name="Woonbaken").count() == 1


@pytest.mark.django_db
def test_a_form_with_a_mistake_can_be_sent_again(client):
    w = world()
    sign_in(client, w.administrator)
    token = str(uuid.uuid4())
    wrong = client.post(
        reverse("accounts:add_organisation"), FORM | {"name": "", "submission": token}
    )
    assert wrong.status_code == 200
    assert not Submission.objects.exists()
    right = client.post(reverse("accounts:add_organisation"), FORM | {"submission": token})
    assert right.status_code == 302
    assert Organisation.objects.filter(name="Woonbaken").exists()


@pytest.mark.django_db
def test_without_a_token_the_second_one_is_refused_by_its_own_rule(client):
    w = world()
    sign_in(client, w.administrator)
    assert client.post(reverse("accounts:add_organisation"), FORM).status_code == 302
    assert client.post(reverse("accounts:add_organisation"), FORM).status_code == 200


def test_two_presses_at_one_moment_are_one(own_database):
    w = world()
    token = str(uuid.uuid4())
    together = threading.Barrier(2)
    answers = []

    def press() -> None:
        browser = sign_in(Browser(), w.administrator)
        together.wait(10)
        answers.append(
            browser.post(reverse("accounts:add_organisation"), FORM | {"submission": token})
        )
        connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Organisation.objects.filter(name="Woonbaken").count() == 1


@pytest.mark.django_db
def test_old_tokens_are_forgotten_and_fresh_ones_stay():
    w = world()
    old, fresh = uuid.uuid4(), uuid.uuid4()
    Submission.objects.create(
        token=old, user_id=w.administrator.user_id, at=timezone.now() - timedelta(days=4)
    )
    Submission.objects.create(token=fresh, user_id=w.administrator.user_id)
    assert forget_old() == 1
    assert list(Submission.objects.values_list("pk", flat=True)) == [fresh]

"""Two coordinators decide about the same pair of the matching at the same moment."""

import threading

from django.db import connection
from django.test import Client as Browser
from django.urls import reverse

from accounts.context import acting_as
from housing import runs
from housing.models import MatchPair, Proposal
from housing.operations.matching import request_match
from tests.factories import make_client, make_dwelling, sign_in, world

GROUND = {"ground": "consent", "text_version": "2026-1"}


def test_two_coordinators_at_one_moment_make_one_proposal(own_database):
    region = world()
    make_client(region)
    make_dwelling(region)
    assert runs.carry_out(request_match(region=region.region, by=None))
    with acting_as(region.coordinator):
        address = reverse("housing:match_follow", args=[MatchPair.objects.get().ref])
    answers: list[int] = []
    together = threading.Barrier(2)

    def press(viewer) -> None:
        browser = sign_in(Browser(), viewer)
        together.wait(timeout=20)
        answers.append(browser.post(address, GROUND).status_code)
        connection.close()

    threads = [
        threading.Thread(target=press, args=[viewer])
        for viewer in (region.coordinator, region.second_coordinator)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(answers) == [302, 422]
    with acting_as(region.coordinator):
        assert Proposal.objects.count() == 1

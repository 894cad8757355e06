"""A page that shows thirty costs the queries of a page that shows three, for every page there is.

Two worlds that differ in nothing but how much there is of everything; then each page of the access
matrix is counted in both, for each role that may open it.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import OrganisationKind, Role
from accounts.models import Membership, Organisation, User
from housing import runs as match_runs
from housing.models import Contingent, ContingentEntry, TryOut
from housing.operations.matching import request_match
from lists.lifecycle import ImportStage
from lists.models import ImportRun
from outflow import operations
from outflow.models import Client, Scenario
from outflow.querysets import ClientQuerySet
from regions.clock import today
from regions.models import Neighbourhood, RunState
from tests.factories import (
    World,
    make_client,
    make_contingent,
    make_dwelling,
    make_support,
    sign_in,
    world,
)
from tests.housing.factories import WAY, make_proposal
from tests.pages import visits
from tests.test_access import MATRIX, make_things

pytestmark = pytest.mark.django_db

FEW, MANY = 3, 30
VISITS = visits(every_role=True)


def fill(w: World, numbers: range) -> tuple[Any, ...]:
    """So many of everything that a page may list; the last matching is about all of them."""
    for number in numbers:
        alike = {"family_name": f"Wolkenveld{number}", "given_name": "Quirijn"}
        _try_out(w, number, make_client(w, days=40 + number, **alike))
        make_client(w, days=40 + number, provider=w.other_provider, **alike)
        make_client(w, phase="preparing", days=30 + number, location=f"Huis {number}")
        make_client(w, assigned_to=None, location=f"Huis {number}")
        place = Neighbourhood.objects.create(municipality=w.municipality, name=f"Buurt {number}")
        make_dwelling(w, neighbourhood=place)
        make_support(w, neighbourhood=place)
        _contingent(w, number)
        _account(w, number)
        _list(w, number)
        _scenario(w, number)
    # All states occur among the few already; what differs is only how often.
    for number in range(numbers.start * 2, numbers.stop * 2):
        make_proposal(w, WAY[number % len(WAY)])
    operations.find_likely_duplicates(region_id=w.region.pk)
    run = request_match(region=w.region, by=None)
    assert match_runs.carry_out(run)
    return (run.ref,)


def _contingent(w: World, number: int) -> None:
    made = Contingent.objects.create(
        region=w.region,
        corporation=w.corporation,
        municipality=w.other_municipality,
        year=today().year,
        target_group=f"Groep {number}",
    )
    ContingentEntry.objects.create(contingent=made, kind="agreed", dwellings=4, on=today())


def _try_out(w: World, number: int, client: Client) -> None:
    TryOut.objects.create(
        region=w.region,
        as_of=today(),
        asked_by_id=w.coordinator.user_id,
        changes=[{"kind": "rent_limit", "client": str(client.ref), "rent": 600 + number}],
        state=RunState.FAILED,
        failure="cannot_be:client_absent:1",
    )


def _account(w: World, number: int) -> None:
    organisation = Organisation.objects.create(
        name=f"Stichting {number}", kind=OrganisationKind.WELFARE
    )
    organisation.regions.add(w.region)
    for role, party in ((Role.NEIGHBOURHOOD_WORKER, organisation), (Role.CARE_WORKER, w.provider)):
        Membership.objects.create(
            user=User.objects.create(email=f"{role}{number}@voorbeeld.nl", name=f"Lid {number}"),
            organisation=party,
            region=w.region,
            role=role,
            from_on=today() - timedelta(days=30),
        )


def _scenario(w: World, number: int) -> None:
    for viewer in (w.team_leader, w.coordinator):
        made = Scenario.objects.create(
            region=w.region,
            owner_id=viewer.organisation_id,
            made_by_id=viewer.user_id,
            name=f"Vraag {number}",
            changes=[{"what": "contingent", "how": "times", "value": 1.2}],
        )
        made.shared_with.add(w.office, w.corporation)


def _list(w: World, number: int) -> None:
    for who in ("team_leader", "coordinator", "allocator"):
        viewer = w.viewers[who]
        ImportRun.objects.create(
            region=w.region,
            organisation_id=viewer.organisation_id,
            membership_id=viewer.membership_id,
            stage=ImportStage.REPORTED,
            state=RunState.DONE,
            file_name=f"lijst-{number}.csv",
            file_digest=f"{number:064d}",
            recognised={"parts": [], "kinds": []},
        )


class Count:
    """How many queries each page costs each role."""

    def __init__(self, w: World, things: dict[str, tuple[Any, ...]]) -> None:
        self.things = things
        self.browsers = {key: sign_in(Browser(), w.viewers[key]) for _name, key in VISITS}

    def of(self, name: str, who: str) -> list[str]:
        kind = MATRIX[name][1]
        path = reverse(name, args=self.things[kind] if kind else ())
        with CaptureQueriesContext(connection) as queries:
            answer = self.browsers[who].get(path, follow=True)
        assert answer.status_code == 200, (name, who, answer.status_code)
        return [query["sql"] for query in queries]

    def everywhere(self) -> dict[tuple[str, str], list[str]]:
        return {(name, who): self.of(name, who) for name, who in VISITS}


def test_thirty_cost_what_three_cost() -> None:
    w = world()
    count = Count(w, dict(make_things(w).refs))
    make_contingent(w, corporation=w.other_corporation)
    count.things["match"] = fill(w, range(FEW))
    count.everywhere()  # what is kept in memory after the first time is not counted
    few = count.everywhere()
    count.things["match"] = fill(w, range(FEW, MANY))
    many = count.everywhere()
    dearer = {
        f"{name} for {who}": (len(few[name, who]), len(many[name, who]))
        for name, who in VISITS
        if len(many[name, who]) > len(few[name, who])
    }
    assert dearer == {}


def test_a_page_that_asks_again_for_each_row_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    w = world()
    count = Count(w, {})
    monkeypatch.setattr(ClientQuerySet, "for_list", lambda queryset: queryset)
    make_client(w, assigned_to=None)
    few = len(count.of("outflow:assign", "team_leader"))
    for _row in range(3):
        make_client(w, assigned_to=None)
    assert len(count.of("outflow:assign", "team_leader")) > few

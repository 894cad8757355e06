"""axe on every page for every role, Dutch and wide; and once in English on a narrow screen.

The pages are those of the access matrix, so that a new address is looked at without being asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser, Page, Response
from pytest_django.plugin import DjangoDbBlocker

from accounts.access import Viewer
from accounts.models import Membership, User
from housing import runs as match_runs
from housing.lifecycle import ProposalState
from housing.operations.matching import request_match
from outflow import runs as estimate_runs
from outflow.operations.estimates import request_estimate
from regions.clock import today
from tests import databases
from tests.factories import (
    World,
    make_client,
    make_contingent,
    make_dwelling,
    make_support,
    world,
)
from tests.housing.factories import WAY, make_proposal
from tests.journeys.accessible import sideways, violations
from tests.journeys.seats import carry
from tests.lists.bringing import bring
from tests.pages import NO_PAGE, visits
from tests.running import site_here
from tests.scale import n
from tests.test_access import MATRIX, PUBLIC, SIGNED_IN, make_things

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("accessibility")]

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
EVERY_ROLE = n(0, 1) == 1
VISITS = visits(every_role=EVERY_ROLE)
# Each party has a page of its own about a proposal, and each state shows other parts of it.
PROPOSALS = [
    (who, state.value)
    for who in ("allocator", "care_worker", "coordinator")
    for state in WAY
    if EVERY_ROLE or who == "allocator" or state in {WAY[0], WAY[1], WAY[-1]}
]

CLIENT_LIST = (
    "Cliëntnummer;Achternaam;Voornaam;Geboortedatum;Soort;Locatie;In zorg sinds;Fase;Gereed\n"
    "1001;Wolkenveld;Quirijn;17-05-1990;BW;De Haven;01-02-2024;Gereed;01-09-2026\n"
    "1002;Zonnewende;Xandra;31-02-1985;BW;De Haven;01-02-2024;Gereed;01-09-2026\n"
    "1003;Regenboog;Ysbrand;02-03-1979;MO;Het Anker;01-02-2024;in de lucht;\n"
)


@dataclass
class Scene:
    """Everything there is to look at, and one browser to look with."""

    world: World
    things: dict[str, tuple[Any, ...]]
    site: str
    page: Page
    reader: str = ""

    def look(self, path: str, viewer: Viewer | None, *, language: str) -> Response:
        """Open a page as this person, in this language."""
        context = self.page.context
        who = f"{viewer.membership_id if viewer else ''} {language}"
        if who != self.reader:
            context.clear_cookies()
            if viewer:
                User.objects.filter(pk=viewer.user_id).update(language=language)
                carry(context, self.site, viewer)
            else:
                name = settings.LANGUAGE_COOKIE_NAME
                context.add_cookies([{"name": name, "value": language, "url": f"{self.site}/"}])
            self.reader = who
        answer = self.page.goto(self.site + path)
        assert answer is not None
        return answer

    def faults(self, path: str, viewer: Viewer | None, *, status: int = 200) -> list[str]:
        """What is wrong with a page: Dutch and wide, English and narrow."""
        found = []
        for language, size in (("nl", WIDE), ("en", NARROW)):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            answer = self.look(path, viewer, language=language)
            assert answer.status == status, (path, answer.status)
            assert self.page.locator("html").get_attribute("lang") == language
            found += [f"{language}: {line}" for line in violations(self.page)]
        return found + sideways(self.page)


@pytest.fixture(scope="module")
def scene(
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    browser: Browser,
    browser_context_args: dict[str, Any],
) -> Iterator[Scene]:
    with (
        databases.clone(databases.migrated_template()) as mine,
        databases.pointed_at(mine.name),
        django_db_blocker.unblock(),
        site_here() as site,
    ):
        made = world()
        things = lively(made)
        context = browser.new_context(**browser_context_args)
        yield Scene(made, things, site, context.new_page())
        context.close()


def lively(w: World) -> dict[str, tuple[Any, ...]]:
    """One record of each kind, and what makes pages full: outcomes, states, a list to check."""
    things = dict(make_things(w).refs)
    for number in range(3):
        make_client(w, days=50 + 200 * number)
        make_client(w, phase="preparing", days=30 + number)
    make_dwelling(w)
    make_dwelling(w, neighbourhood=w.other_neighbourhood, has_lift=True, floor=3)
    make_contingent(w, corporation=w.other_corporation)
    make_support(w, kind="practical")
    for state in WAY:
        things[f"proposal {state}"] = (make_proposal(w, state).ref,)
    match = request_match(region=w.region, by=None)
    assert match_runs.carry_out(match)
    things["match"] = (match.ref,)
    estimate_runs.carry_out(request_estimate(region=w.region, by=None))
    brought = bring(
        "clienten.csv", CLIENT_LIST.encode(), by=w.team_leader, day=today(), confirm=False
    )
    things["list to check"] = (brought.run.ref,)
    return things


def test_axe_finds_a_fault_that_is_there(scene: Scene) -> None:
    page = scene.page
    page.goto("about:blank")
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    page.set_content(
        "<html lang='nl'><title>Proef</title><main><h1>Proef</h1><img src='x.png'>"
        "<p style='color: #bbb'>Grijs op wit</p><p style='width: 500px'>breed</p></main>"
    )
    found = " ".join(violations(page))
    assert "image-alt" in found
    assert "color-contrast" in found
    assert sideways(page)


@pytest.mark.parametrize(("name", "who"), VISITS)
def test_a_page_of_the_matrix(scene: Scene, name: str, who: str) -> None:
    _allowed, kind = MATRIX[name]
    path = reverse(name, args=scene.things[kind] if kind else ())
    assert scene.faults(path, scene.world.viewers[who]) == []


@pytest.mark.parametrize("name", sorted((PUBLIC | SIGNED_IN) - NO_PAGE))
def test_a_page_for_everybody(scene: Scene, name: str) -> None:
    viewer = scene.world.coordinator if name in SIGNED_IN else None
    assert scene.faults(reverse(name), viewer) == []


@pytest.mark.parametrize(("who", "state"), PROPOSALS)
def test_a_proposal_on_its_way(scene: Scene, who: str, state: str) -> None:
    path = reverse("housing:proposal", args=scene.things[f"proposal {state}"])
    assert scene.faults(path, scene.world.viewers[who]) == []


def test_a_list_to_check(scene: Scene) -> None:
    path = reverse("lists:import", args=scene.things["list to check"])
    assert scene.faults(path, scene.world.team_leader) == []
    path = reverse("lists:columns", args=scene.things["list to check"])
    assert scene.faults(path, scene.world.team_leader) == []


def test_a_page_that_is_not_there(scene: Scene) -> None:
    assert scene.faults("/nergens/", scene.world.coordinator, status=404) == []


def test_a_form_with_faults(scene: Scene) -> None:
    proposal = scene.things[f"proposal {ProposalState.PROPOSED}"]
    scene.look(reverse("housing:proposal", args=proposal), scene.world.allocator, language="nl")
    scene.page.locator("[name=answer][value=no]").check(force=True)
    with scene.page.expect_navigation():
        scene.page.locator("main form button.btn-primary").last.click()
    assert scene.page.locator("[role=alert]").count()
    assert violations(scene.page) == []
    assert sideways(scene.page) == []


def test_somebody_without_a_role(scene: Scene) -> None:
    viewer = scene.world.privacy_officer
    live = Membership.objects.filter(pk=viewer.membership_id)
    live.update(until_on=today())
    try:
        assert scene.faults(reverse("accounts:choose_membership"), viewer) == []
    finally:
        live.update(until_on=None)

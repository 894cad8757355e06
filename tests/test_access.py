"""THE matrix: every address x every role x own, other organisation, other region x method.

The addresses come from the URL configuration itself: one that is not declared here fails. The
expectations stand here in full, apart from the access table, so that a wrong row there shows.
Whoever may not gets 404, also for a record that does not exist; nobody gets 403.
"""

import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.context import acting_as
from accounts.models import Membership
from housing import operations, runs, tryouts
from housing.lifecycle import ProposalState
from housing.models import MatchPair, RegionYear
from housing.operations.matching import request_match
from lists.lifecycle import ImportStage, RowOutcome
from lists.models import ImportRow, ImportRun
from outflow.lifecycle import Phase
from outflow.models import EstimateRun, LikelyDuplicate, Scenario
from regions.clock import today
from regions.models import RunCause, RunState
from tests.factories import (
    VIEWERS,
    World,
    make_client,
    make_contingent,
    make_dwelling,
    make_support,
    sign_in,
    world,
)
from tests.housing.factories import make_proposal
from tests.scale import n

METHODS = ("GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH")[: n(2, 7)]


def roles(*names: str) -> frozenset[str]:
    """Every viewer with one of these roles, whatever organisation or region."""
    return frozenset(key for key, (role, _org) in VIEWERS.items() if role in names)


def only(*viewers: str) -> frozenset[str]:
    return frozenset(viewers)


EVERYBODY = frozenset(VIEWERS)
COORDINATORS = only("coordinator", "second_coordinator")
OWN_CARE = only("care_worker", "team_leader")
SEE_CLIENT = OWN_CARE | COORDINATORS | only("access_officer")
ALLOCATOR = only("allocator")
IN_REGION = frozenset(key for key in VIEWERS if not key.startswith("foreign_"))
SUPPORT_ROLES = roles(
    "care_worker", "team_leader", "access_officer", "coordinator", "neighbourhood_worker"
)
CONTINGENT_ROLES = roles("access_officer", "allocator", "coordinator", "steering_member")
ESTIMATE_ROLES = roles(
    "team_leader", "access_officer", "allocator", "coordinator", "steering_member"
)
IMPORT_ROLES = roles("team_leader", "allocator", "coordinator")

# address: (who gets an answer, which record it is about)
MATRIX: dict[str, tuple[frozenset[str], str]] = {
    "accounts:account": (EVERYBODY, ""),
    "accounts:password": (EVERYBODY, ""),
    "accounts:organisations": (roles("administrator"), ""),
    "accounts:add_organisation": (roles("administrator"), ""),
    "accounts:organisation": (only("administrator"), "organisation"),
    "accounts:accounts": (roles("administrator"), ""),
    "accounts:add_account": (roles("administrator"), ""),
    "accounts:end_membership": (only("administrator"), "membership"),
    "accounts:audit": (roles("privacy_officer"), ""),
    "lists:imports": (IMPORT_ROLES, ""),
    "lists:upload": (IMPORT_ROLES, ""),
    "lists:import": (only("team_leader"), "import"),
    "lists:progress": (only("team_leader"), "import"),
    "lists:answer": (only("team_leader"), "import"),
    "lists:columns": (only("team_leader"), "import"),
    "lists:confirm": (only("team_leader"), "import"),
    "lists:cancel": (only("team_leader"), "import"),
    "lists:mend": (only("team_leader"), "import_row"),
    "outflow:clients": (roles("care_worker", "team_leader", "access_officer", "coordinator"), ""),
    "outflow:register": (roles("care_worker", "team_leader"), ""),
    "outflow:round": (roles("care_worker", "team_leader"), ""),
    "outflow:assign": (roles("team_leader"), ""),
    "outflow:hand_over": (roles("team_leader"), ""),
    "outflow:duplicates": (roles("team_leader", "coordinator"), ""),
    "outflow:decide_duplicate": (
        COORDINATORS | only("team_leader", "other_team_leader"),
        "duplicate",
    ),
    "outflow:readiness": (OWN_CARE, "client"),
    "outflow:put_back": (OWN_CARE, "client"),
    "outflow:assessment": (OWN_CARE, "client"),
    "outflow:need": (OWN_CARE, "client"),
    "outflow:arrangement": (OWN_CARE | only("access_officer"), "client_part"),
    "outflow:person": (OWN_CARE, "client"),
    "outflow:back_in_care": (OWN_CARE, "housed"),
    "outflow:departure": (OWN_CARE, "client"),
    "outflow:looks": (OWN_CARE, "client"),
    "housing:explanation_for_client": (OWN_CARE, "client"),
    "outflow:estimate": (ESTIMATE_ROLES, ""),
    "outflow:inventory": (ESTIMATE_ROLES, ""),
    "outflow:inventory_definitions": (roles("coordinator"), ""),
    "outflow:estimate_start": (roles("coordinator"), ""),
    "outflow:estimate_progress": (
        ESTIMATE_ROLES & IN_REGION,
        "estimate",
    ),
    "outflow:scenarios": (ESTIMATE_ROLES, ""),
    "outflow:scenario_make": (ESTIMATE_ROLES - roles("steering_member"), ""),
    "outflow:scenario_compare": (ESTIMATE_ROLES, ""),
    # Of the provider, and shared with the municipality's office.
    "outflow:scenario": (only("team_leader", "access_officer", "steering_member"), "scenario"),
    "outflow:scenario_change": (only("team_leader"), "scenario"),
    "outflow:scenario_share": (only("team_leader"), "scenario"),
    "outflow:scenario_archive": (only("team_leader"), "scenario"),
    "housing:dwellings": (roles("access_officer", "allocator", "coordinator"), ""),
    "housing:enter_dwelling": (roles("allocator"), ""),
    "housing:dwelling": (
        COORDINATORS | ALLOCATOR | only("access_officer", "other_access_officer"),
        "dwelling",
    ),
    "housing:dwelling_change": (ALLOCATOR, "dwelling"),
    "housing:dwelling_withdraw": (ALLOCATOR, "dwelling"),
    "housing:contingents": (CONTINGENT_ROLES, ""),
    "housing:contingent_agree": (roles("coordinator"), ""),
    "housing:contingent_key": (CONTINGENT_ROLES, "year"),
    "housing:contingent_key_change": (roles("coordinator"), "year"),
    "housing:contingent": (
        (CONTINGENT_ROLES & IN_REGION) - only("other_allocator"),
        "contingent",
    ),
    "housing:contingent_raise": (COORDINATORS, "contingent"),
    "housing:contingent_correct": (COORDINATORS, "contingent"),
    "housing:neighbourhoods": (SUPPORT_ROLES, ""),
    "housing:neighbourhood_guidance": (roles("coordinator"), ""),
    "housing:neighbourhood": (SUPPORT_ROLES & IN_REGION, "neighbourhood"),
    "housing:neighbourhood_capacity": (COORDINATORS, "neighbourhood"),
    "housing:enter_support": (roles("coordinator", "neighbourhood_worker"), ""),
    "housing:support_offer": (COORDINATORS | only("neighbourhood_worker"), "support"),
    "housing:proposals": (
        roles("care_worker", "team_leader", "access_officer", "allocator", "coordinator"),
        "",
    ),
    "housing:proposal_new": (COORDINATORS, "client"),
    "housing:proposal": (SEE_CLIENT | ALLOCATOR, "proposal"),
    "housing:proposal_answer": (ALLOCATOR, "proposal"),
    "housing:proposal_client_answer": (OWN_CARE, "proposal"),
    "housing:proposal_viewing": (ALLOCATOR, "proposal"),
    "housing:proposal_calendar": (SEE_CLIENT | ALLOCATOR, "viewing"),
    "housing:proposal_contract": (ALLOCATOR, "proposal"),
    "housing:proposal_key": (ALLOCATOR, "proposal"),
    "housing:proposal_follow_up": (OWN_CARE | ALLOCATOR, "followed"),
    "housing:proposal_withdraw": (COORDINATORS, "proposal"),
    "housing:proposal_expire": (COORDINATORS, "proposal"),
    "housing:matching": (roles("coordinator"), ""),
    "housing:fairness": (
        roles("coordinator", "privacy_officer", "steering_member", "client_representative"),
        "",
    ),
    "housing:match_decisions": (roles("coordinator", "privacy_officer"), ""),
    "housing:match_start": (roles("coordinator"), ""),
    "housing:match_run": (COORDINATORS, "match"),
    "housing:match_progress": (COORDINATORS, "match"),
    "housing:match_cancel": (COORDINATORS, "match"),
    "housing:match_pairs": (COORDINATORS, "match"),
    "housing:match_unmatched": (COORDINATORS, "match"),
    "housing:match_unused": (COORDINATORS, "match"),
    "housing:match_changes": (COORDINATORS, "match"),
    "housing:match_pair": (COORDINATORS, "pair"),
    "housing:match_follow": (COORDINATORS, "pair"),
    "housing:match_depart": (COORDINATORS, "pair"),
    "housing:match_policies": (roles("coordinator", "steering_member", "privacy_officer"), ""),
    "housing:match_policy_new": (roles("coordinator"), ""),
    "housing:match_policy": (COORDINATORS | {"steering_member", "privacy_officer"}, "policy"),
    "housing:match_policy_draft": (COORDINATORS, "policy"),
    "housing:match_policy_preview": (COORDINATORS, "policy"),
    "housing:match_policy_adopt": (COORDINATORS, "policy"),
    "housing:match_policy_drop": (COORDINATORS, "policy"),
    "housing:match_readmit": (COORDINATORS, "client"),
    "housing:try_outs": (roles("coordinator"), ""),
    "housing:try_out_new": (roles("coordinator"), ""),
    "housing:try_out": (COORDINATORS, "try_out"),
    "housing:try_out_progress": (COORDINATORS, "try_out"),
    "housing:try_out_drop": (COORDINATORS, "try_out"),
    "steering:today": (EVERYBODY, ""),
    "steering:client": (SEE_CLIENT, "client"),
    "steering:dashboard": (
        roles(
            "team_leader",
            "access_officer",
            "allocator",
            "coordinator",
            "steering_member",
            "client_representative",
        ),
        "",
    ),
}
# Whose turn it is depends on what happened before: a step that is not theirs now is not found.
BY_TURNS = {"outflow:decide_duplicate", "outflow:put_back", "housing:proposal_follow_up"}
# For everybody, signed in or not; and for whoever signed in and has no role chosen yet.
PUBLIC = {
    "healthz",
    "readyz",
    "accounts:sign_in",
    "accounts:sign_out",
    "accounts:set_language",
    "steering:help",
    "steering:accessibility",
    "steering:privacy",
}
SIGNED_IN = {"accounts:choose_membership"}


def all_patterns() -> dict[str, URLPattern]:
    """Every address of the site by its name."""
    found: dict[str, URLPattern] = {}

    def walk(patterns: list[Any], namespace: str) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, pattern.namespace or namespace)
            else:
                name = f"{namespace}:{pattern.name}" if namespace else str(pattern.name)
                assert name not in found, f"two addresses are called {name}"
                found[name] = pattern

    walk(get_resolver().url_patterns, "")
    return found


@dataclass
class Things:
    """One record of each kind, of the world's provider and corporation."""

    refs: dict[str, tuple[Any, ...]]

    def args(self, kind: str) -> tuple[Any, ...]:
        return self.refs[kind] if kind else ()


def make_things(w: World) -> Things:
    client = make_client(w)
    twin = make_client(w, provider=w.other_provider)
    contingent = make_contingent(w)
    dwelling = make_dwelling(w)
    RegionYear.objects.get_or_create(
        region=w.region, year=today().year, defaults={"agreed": 10, "basis": {}}
    )
    run = request_match(region=w.region, cause=RunCause.ASKED, by=w.coordinator)
    runs.carry_out(run)
    with acting_as(w.coordinator):
        try_out = operations.request_try_out(
            region=w.region,
            changes=[{"kind": "dwelling_less", "dwelling": str(dwelling.ref)}],
            by=w.coordinator,
        )
    tryouts.carry_out(try_out)
    with acting_as(w.coordinator):
        pair = MatchPair.objects.filter(run=run).first()
        assert pair is not None
        first, second = sorted((client, twin), key=lambda c: c.pk)
        duplicate = LikelyDuplicate.objects.create(region=w.region, first=first, second=second)
        policy = operations.draft_policy(region=w.region, reason="Proef", by=w.coordinator)
    estimate = EstimateRun.objects.create(region=w.region, as_of=today(), state=RunState.DONE)
    scenario = Scenario.objects.create(
        region=w.region,
        owner=w.provider,
        made_by_id=w.team_leader.user_id,
        name="Meer woningen",
        changes=[{"what": "contingent", "how": "times", "value": 1.2}],
    )
    scenario.shared_with.add(w.office)
    own_list = ImportRun.objects.create(
        region=w.region,
        organisation=w.provider,
        membership=w.memberships["team_leader"],
        stage=ImportStage.REPORTED,
        state=RunState.DONE,
        file_name="lijst.csv",
        file_digest="0" * 64,
        recognised={"parts": [], "kinds": []},
    )
    with acting_as(w.team_leader):
        row = ImportRow.objects.create(
            run=own_list, sheet="|clients", row=2, outcome=RowOutcome.SET_ASIDE
        )
    return Things(
        {
            "organisation": (w.provider.ref,),
            "membership": (w.memberships["colleague"].ref,),
            "client": (client.ref,),
            "housed": (make_client(w, phase=Phase.HOUSED).ref,),
            "client_part": (client.ref, "housing"),
            "duplicate": (duplicate.ref, "different"),
            "estimate": (estimate.ref,),
            "scenario": (scenario.ref,),
            "import": (own_list.ref,),
            "import_row": (row.ref,),
            "dwelling": (dwelling.ref,),
            "contingent": (contingent.ref,),
            "year": (today().year,),
            "neighbourhood": (w.neighbourhood.ref,),
            "support": (make_support(w).ref,),
            "proposal": (make_proposal(w).ref,),
            "viewing": (make_proposal(w, ProposalState.VIEWING).ref,),
            "followed": (make_proposal(w, ProposalState.KEY).ref, "guided"),
            "match": (run.ref,),
            "pair": (pair.ref,),
            "policy": (policy.ref,),
            "try_out": (try_out.ref,),
        }
    )


@pytest.fixture(scope="module")
def scene(example_free_database):
    w = world()
    return w, make_things(w)


@pytest.fixture(scope="module")
def browsers(scene):
    """Everybody, signed in."""
    w, _things = scene
    return {key: sign_in(Browser(), viewer) for key, viewer in w.viewers.items()}


@pytest.fixture(scope="module")
def example_free_database(django_test_environment, django_db_blocker):
    """A clone for this file alone: the world is made once and every request is rolled back."""
    from tests import databases

    with (
        databases.clone(databases.migrated_template()) as mine,
        databases.pointed_at(mine.name),
        django_db_blocker.unblock(),
    ):
        yield mine


def ask(browser: Browser, method: str, url: str) -> int:
    """The status of one request, whose changes are taken back."""
    with transaction.atomic():
        answer = browser.generic(method, url, content_type="application/x-www-form-urlencoded")
        status = answer.status_code
        transaction.set_rollback(True)
    return status


def test_every_address_is_declared_here():
    assert set(all_patterns()) == set(MATRIX) | PUBLIC | SIGNED_IN


def test_every_view_states_its_permission():
    silent = [
        name
        for name, pattern in all_patterns().items()
        if not hasattr(pattern.callback, "permissions")
    ]
    assert silent == []
    for name, pattern in all_patterns().items():
        assert getattr(pattern.callback, "is_public", False) == (name in PUBLIC), name
        assert getattr(pattern.callback, "is_for_signed_in", False) == (name in SIGNED_IN), name


@pytest.mark.parametrize("name", MATRIX)
def test_who_gets_an_answer(scene, browsers, name):
    _w, things = scene
    allowed, kind = MATRIX[name]
    url = reverse(name, args=things.args(kind))
    wrong = []
    for method in METHODS:
        answers = {key: ask(browser, method, url) for key, browser in browsers.items()}
        served = {answers[key] for key in allowed} != {405}
        for key, status in answers.items():
            # A method that no one is served tells nothing about the record.
            refused = {404} if served else {404, 405}
            answered = {200, 204, 302, 405, 422} | ({404} if name in BY_TURNS else set())
            if status not in (answered if key in allowed else refused):
                wrong.append((key, method, status))
    assert wrong == []


@pytest.mark.parametrize("name", MATRIX)
def test_nobody_without_a_session_gets_further_than_the_sign_in(scene, name):
    _w, things = scene
    url = reverse(name, args=things.args(MATRIX[name][1]))
    for method in METHODS:
        with transaction.atomic():
            answer = Browser().generic(method, url)
            assert answer.status_code == 302, (name, method)
            assert answer.url.startswith(reverse("accounts:sign_in"))


RECORDS = [name for name, (_who, kind) in MATRIX.items() if kind not in {"", "year"}]


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_that_does_not_exist_is_not_found_either(scene, name):
    w, things = scene
    allowed, kind = MATRIX[name]
    args = (uuid.uuid4(), *things.args(kind)[1:])
    viewer = w.viewers[sorted(allowed)[0]]
    browser = sign_in(Browser(), viewer)
    assert ask(browser, "GET", reverse(name, args=args)) in {404, 405}


def test_somebody_whose_role_ended_gets_nowhere(scene):
    w, _things = scene
    browser = sign_in(Browser(), w.coordinator)
    url = reverse("outflow:clients")
    assert ask(browser, "GET", url) == 200
    with transaction.atomic():
        Membership.objects.filter(pk=w.coordinator.membership_id).update(until_on=today())
        answer = browser.get(url)
        assert answer.url == reverse("accounts:choose_membership")
        transaction.set_rollback(True)


def test_a_row_taken_from_the_table_closes_the_page(scene, monkeypatch):
    """The matrix can fail: without its grant the page is gone, with a wrong one it opens."""
    from accounts import access

    w, _things = scene
    url = reverse("outflow:clients")
    fewer = tuple(
        grant
        for grant in access.GRANTS
        if not (
            grant.role == access.Role.COORDINATOR
            and grant.permission == access.Permission.SEE_CLIENTS
        )
    )
    more = (
        *access.GRANTS,
        access.Grant(access.Role.ALLOCATOR, access.Permission.SEE_CLIENTS, access.Relation.REGION),
    )
    for grants, viewer, status in ((fewer, w.coordinator, 404), (more, w.allocator, 200)):
        monkeypatch.setattr(access, "GRANTS", grants)
        access.grants_for.cache_clear()
        assert ask(sign_in(Browser(), viewer), "GET", url) == status
    monkeypatch.undo()
    access.grants_for.cache_clear()

"""What the invented world says stands in the database, and nothing else."""

import json
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client as Browser

from accounts.access import Role, Viewer
from accounts.context import acting_as
from accounts.middleware import viewer_of
from accounts.models import Membership
from example.loading import (
    EXAMPLE_PASSWORD,
    NotHere,
    example_as_of,
    load_world,
    sign_ins,
)
from example.loading.homes import first_day
from example.loading.people import SUBJECTS, support_codes
from example.loading.plans import LINE, plan_proposals
from example.management.commands.load_example import SEED
from example.people import ITEMS, SUPPORT
from example.records import World
from example.surroundings import KINDS
from example.world import invent_world
from housing.distribution import distribute, from_data
from housing.lifecycle import EntryKind, ProposalState
from housing.models import (
    Contingent,
    ContingentEntry,
    Dwelling,
    MatchRun,
    Proposal,
    ProposalStep,
    RegionYear,
)
from outflow.lifecycle import IN_CARE, SUBJECTS_OF, Phase
from outflow.models import Client, EstimateRun, LikelyDuplicate, SharingGround, Spell
from regions.models import Region, RunState
from regions.rules import rule
from tests.databases import Database
from tests.scale import n
from tools.servers import ROOT

Counts = dict[str, int]

# Elsewhere the example refuses: everybody knows its password.
DEBUGGING = {"DEBUG": "on"}


@pytest.fixture(scope="module")
def region(example_database: Database) -> Region:
    return Region.objects.get(is_example=True)


@pytest.fixture(scope="module")
def world(region: Region) -> World:
    as_of = example_as_of(region)
    assert as_of is not None
    return invent_world(seed=SEED, as_of=as_of)


@pytest.fixture(scope="module")
def coordinator(region: Region) -> Viewer:
    membership = Membership.objects.filter(region=region, role=Role.COORDINATOR).earliest("pk")
    viewer = viewer_of(membership)
    assert viewer is not None
    return viewer


@pytest.fixture
def as_demo(settings: Any) -> None:
    """pytest-django turns DEBUG off: without this nothing may be loaded in this process."""
    settings.DEMO = True


def counts(database: Database) -> Counts:
    """The rows of every table, above the locks."""
    with database.as_superuser() as above:
        tables = above.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        return {
            table: above.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
            for (table,) in tables
        }


def expected_counts(world: World) -> Counts:
    """What the world says each table holds."""
    present = [r for r in world.registrations if r.phase]
    needs = [r.need for r in world.current if r.need]
    plans = plan_proposals(world)
    lets = [d for d in world.dwellings if d.let_to]
    return {
        "regions_region": 1,
        "regions_municipality": len(world.region.municipalities) + len(world.region.elsewhere),
        "regions_neighbourhood": sum(len(m.neighbourhoods) for m in world.region.municipalities),
        "accounts_organisation": len(world.organisations),
        "accounts_user": len(world.accounts),
        "accounts_membership": sum(len(a.memberships) for a in world.accounts),
        "outflow_client": len(world.registrations),
        "outflow_spell": sum(len(r.spells) for r in world.registrations),
        "outflow_identity": len(present),
        "outflow_careprofile": len(present),
        "outflow_functionalprofile": len(needs),
        "outflow_wishedmunicipality": sum(len(need.municipalities) for need in needs),
        "outflow_excludedneighbourhood": sum(len(need.avoided) for need in needs),
        "outflow_zrmscore": 13 * len(world.current),
        "outflow_arrangementitem": sum(len(r.arrangement) for r in world.current),
        "outflow_assignment": sum(bool(r.worker or not r.is_current) for r in present),
        "outflow_household": len(world.households),
        "outflow_plannedsupply": len(world.supply),
        "housing_dwelling": len(world.dwellings),
        "housing_contingent": len(world.contingents),
        "housing_regionyear": len(world.keys),
        "housing_supportoffer": len(world.support),
        "housing_guidancecapacity": len(world.guidance),
        "housing_placement": len(lets),
        "housing_proposal": len(lets) + len(plans.running) + len(plans.broken_off),
    }


def differing(found: Counts, expected: Counts) -> Counts:
    return {table: found[table] for table, number in expected.items() if found[table] != number}


# --- the demo's region --------------------------------------------------------------------------


def test_every_table_holds_as_many_rows_as_the_world_has(
    example_database: Database, world: World
) -> None:
    found = counts(example_database)
    assert differing(found, expected_counts(world)) == {}
    assert found["accounts_readentry"] == 0


def test_a_missing_row_would_be_noticed(example_database: Database, world: World) -> None:
    found = counts(example_database)
    found["outflow_spell"] -= 1
    assert differing(found, expected_counts(world)) == {"outflow_spell": found["outflow_spell"]}


def test_every_phase_of_everybody_is_the_worlds(coordinator: Viewer, world: World) -> None:
    """Also of those whose last phases came about through proposals."""
    with acting_as(coordinator):
        found = set(
            Spell.objects.values_list(
                "client__client_number", "phase", "from_on", "until_on", "exit"
            )
        )
    assert found == {
        (
            registration.number,
            spell.phase,
            spell.begins,
            spell.ends,
            spell.following if spell.ends and spell.following not in set(Phase) else "",
        )
        for registration in world.registrations
        for spell in registration.spells
    }


def test_eight_in_a_hundred_wait_for_a_worker_and_fifteen_for_a_look(
    coordinator: Viewer, region: Region, world: World
) -> None:
    cared_for = [r for r in world.current if r.phase in IN_CARE]
    days = rule(region, "readiness_stale_days", on=world.as_of)
    old = world.as_of - timedelta(days=days)
    with acting_as(coordinator):
        unassigned = Client.objects.in_care().unassigned().count()
        stale = Client.objects.in_care().filter(checked_on__lt=old).count()
    assert unassigned == sum(r.worker is None for r in cared_for)
    assert stale == sum(bool(r.updated_on and r.updated_on < old) for r in cared_for)
    assert 0.04 < unassigned / len(cared_for) < 0.13
    assert 0.09 < stale / len(cared_for) < 0.22


def test_the_ledger_counts_every_move_and_never_goes_over_a_promise(
    coordinator: Viewer, world: World
) -> None:
    moves = Counter(entry.year for entry in world.ledger if entry.kind == "let")
    let: Counter[int] = Counter()
    for year, dwellings in ContingentEntry.objects.filter(kind=EntryKind.LET).values_list(
        "contingent__year", "dwellings"
    ):
        let[year] += dwellings
    assert let == moves
    with acting_as(coordinator):
        running = Proposal.objects.live().exclude(client_answered_on=None).count()
    booked = sum(RegionYear.objects.values_list("booked", flat=True))
    assert booked == sum(moves.values()) + running
    for contingent in Contingent.objects.all():
        assert contingent.booked <= contingent.ceiling


def test_the_key_of_each_year_divides_as_the_world_does(world: World) -> None:
    names = {m.code: m.name for m in world.region.municipalities}
    for key in world.keys:
        kept = RegionYear.objects.get(year=key.year)
        parts = distribute(from_data(kept.basis))
        assert kept.agreed == world.yearly_ceiling
        assert {names[code]: number for code, number in parts.items()} == dict(key.per_municipality)


def test_proposals_stand_at_every_step_and_each_party_took_its_own(
    coordinator: Viewer, world: World
) -> None:
    owner_of = {d.offered_to: d.corporation for d in world.dwellings if d.offered_to}
    assert len(owner_of) >= len(LINE)
    with acting_as(coordinator):
        running = list(Proposal.objects.live().select_related("dwelling", "client"))
        assert {p.state for p in running} == set(LINE)
        assert {p.client.client_number for p in running} == set(owner_of)
        declined = Proposal.objects.filter(state=ProposalState.DECLINED)
        assert declined.exists()
        assert all(p.client.spells.open().get().phase == Phase.READY for p in declined)
        for proposal in running:
            assert SharingGround.objects.filter(client=proposal.client).exists()
            for step in ProposalStep.objects.filter(proposal=proposal):
                own = {
                    Role.COORDINATOR: coordinator.organisation_id,
                    Role.ALLOCATOR: proposal.dwelling.corporation_id,
                    Role.CARE_WORKER: proposal.client.provider_id,
                    Role.TEAM_LEADER: proposal.client.provider_id,
                }
                assert step.organisation_id == own[Role(step.role)]
                assert proposal.proposed_on <= step.on <= world.as_of


def test_a_free_dwelling_is_free_and_one_with_a_nuisance_file_is_off_offer(world: World) -> None:
    free = [d for d in world.dwellings if not (d.let_to or d.offered_to or d.nuisance_file)]
    assert Dwelling.objects.free().count() == len(free)
    assert Dwelling.objects.filter(has_nuisance_file=True, withdrawn_on=None).count() == 0


def test_the_same_people_stand_on_the_list_of_likely_duplicates_and_twins_do_not(
    coordinator: Viewer, world: World
) -> None:
    with acting_as(coordinator):
        pairs = list(LikelyDuplicate.objects.select_related("first", "second"))
    found = {frozenset((p.first.client_number, p.second.client_number)) for p in pairs}
    truly = {frozenset((p.first, p.second)) for p in world.same_persons}
    alike = {frozenset((p.first, p.second)) for p in world.look_alikes}
    assert len(truly & found) >= 0.9 * len(truly)
    assert not alike & found
    merged = [p for p in pairs if p.verdict == LikelyDuplicate.Verdict.SAME]
    assert len(merged) == 1
    assert merged[0].first.person_id == merged[0].second.person_id
    assert any(p.first_confirms and p.second_confirms is None for p in pairs)


def test_people_who_will_live_together_share_a_household(coordinator: Viewer, world: World) -> None:
    number_of = {r.person: r.number for r in world.registrations if r.is_current}
    with acting_as(coordinator):
        rows = Client.objects.exclude(household=None).values_list("household", "client_number")
        together: dict[int, set[str]] = {}
        for household, number in rows:
            together.setdefault(household, set()).add(number)
    assert sorted(map(sorted, together.values())) == sorted(
        sorted(number_of[person] for person in household.persons) for household in world.households
    )


def test_an_estimate_and_a_matching_wait_for_a_worker(region: Region) -> None:
    for model in (EstimateRun, MatchRun):
        asked = model.objects.filter(region=region).exclude(state=RunState.SUPERSEDED)
        assert [run.state for run in asked] == [RunState.QUEUED]


@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_sign_in_that_works(region: Region, role: Role) -> None:
    who = next(found for found in sign_ins(region) if found.role == role)
    browser = Browser()
    assert browser.login(username=who.email, password=EXAMPLE_PASSWORD)
    assert not Browser().login(username=who.email, password="een-ander-wachtwoord")
    page = browser.get("/", follow=True)
    assert page.status_code == 200
    assert page.wsgi_request.viewer.role == role


def test_loading_again_changes_nothing_and_tells_who_can_sign_in(
    example_database: Database, region: Region
) -> None:
    before = counts(example_database)
    printed = example_database.manage("load_example", **DEBUGGING)
    assert counts(example_database) == before
    assert region.name in printed
    assert EXAMPLE_PASSWORD in printed
    assert all(who.email in printed for who in sign_ins(region))


# --- any region ---------------------------------------------------------------------------------

DAYS = (date(2026, 10, 1), date(2028, 2, 29), date(2027, 1, 2), date(2026, 12, 31))


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(n(3, 40)))
def test_other_regions_on_other_days_go_in_as_well(seed: int, as_demo: None) -> None:
    other = invent_world(
        seed=seed, as_of=DAYS[seed % len(DAYS)], people=90, dwellings=50, number=seed % 5
    )
    said: dict[str, int] = {}
    frame = load_world(other, say=said.__setitem__)
    assert frame is not None
    assert len(said) >= 10
    plans = plan_proposals(other)
    with acting_as(frame.coordinator):
        assert Client.objects.count() == len(other.registrations)
        assert Spell.objects.count() == sum(len(r.spells) for r in other.registrations)
        assert Proposal.objects.live().count() == len(plans.running)
    assert load_world(other, say=said.__setitem__) is None


def test_every_code_of_the_world_is_known_to_the_application() -> None:
    assert len(set(support_codes(SUPPORT))) == len(SUPPORT)
    assert len(set(support_codes([kind for kind, *_ in KINDS]))) == len(KINDS)
    for part, subjects in ITEMS.items():
        assert {SUBJECTS[subject] for subject in subjects} <= set(SUBJECTS_OF[part])
    with pytest.raises(ValueError):
        support_codes(["a kind that nobody offers"])


def test_a_quarter_begins_on_its_first_day() -> None:
    quarters = {"2026-Q1": (2026, 1), "2026-Q4": (2026, 10), "2027-Q2": (2027, 4)}
    assert {q: first_day(q) for q in quarters} == {q: date(*d, 1) for q, d in quarters.items()}


# --- where it may be, and what happens on a bad day ---------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["load_example", "load_many"])
def test_nothing_is_loaded_outside_the_demo(command: str, settings: Any) -> None:
    settings.DEMO = settings.DEBUG = False
    with pytest.raises(CommandError, match="password that everybody knows"):
        call_command(command)
    with pytest.raises(NotHere):
        load_world(invent_world(seed=1, as_of=date(2026, 10, 1), people=40), say=print)
    assert not Region.objects.exists()


def test_a_load_that_is_killed_half_way_leaves_nothing_and_the_next_just_works(
    own_database: Database,
) -> None:
    before = counts(own_database)
    with subprocess.Popen(
        [sys.executable, "manage.py", "load_example"],
        cwd=ROOT,
        env=own_database.environment() | DEBUGGING,
        stdout=subprocess.PIPE,
        text=True,
    ) as loading:
        assert loading.stdout is not None
        for _step in range(6):  # people and phases are written, promises are not
            next(loading.stdout)
        loading.send_signal(signal.SIGKILL)
    assert loading.returncode == -signal.SIGKILL
    assert counts(own_database) == before
    own_database.manage("load_example", **DEBUGGING)
    found = Region.objects.get(is_example=True)
    as_of = example_as_of(found)
    assert as_of is not None
    assert (
        differing(counts(own_database), expected_counts(invent_world(seed=SEED, as_of=as_of))) == {}
    )


def test_of_two_loads_at_once_the_second_finds_the_region(
    own_database: Database, as_demo: None
) -> None:
    small = invent_world(seed=2, as_of=date(2026, 10, 1), people=60, dwellings=40)

    def load(_at: int) -> bool:
        try:
            return load_world(small, say=lambda _label, _number: None) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(load, range(2))) == [False, True]
    assert differing(counts(own_database), expected_counts(small)) == {}


def test_many_regions_go_in_with_a_log_and_sign_ins_and_only_once(
    own_database: Database, as_demo: None, tmp_path: Path
) -> None:
    listed = tmp_path / "sign-ins.json"

    def load() -> str:
        printed = StringIO()
        call_command(
            "load_many", regions=2, people=120, dwellings=60, looks=1500, sign_ins=listed,
            stdout=printed,
        )  # fmt: skip
        return printed.getvalue()

    assert load().count("\n") == 2
    found = counts(own_database)
    assert found["regions_region"] == 2
    assert found["housing_dwelling"] == 60
    assert 1500 <= found["accounts_readentry"] <= 1800
    people = json.loads(listed.read_text())
    assert {who["role"] for who in people} == set(Role)
    assert Browser().login(username=people[-1]["email"], password=people[-1]["password"])
    assert load().count("is there already") == 2
    again = counts(own_database)
    assert {t for t in again if again[t] != found[t]} <= {"django_session"}

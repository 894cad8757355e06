"""Twins: what people are must not decide what they are proposed. From rows of the database on.

Of every world somebody becomes somebody else in one respect that must not count; then the region
is seen and matched again. And while a matching runs, no query goes where such things are kept.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db import ProgrammingError, connection

from accounts.context import acting_as, reading_for, working_for
from housing import replays, runs, snapshots
from housing.matching import match
from housing.models import MatchRecord, MatchRun
from housing.operations.matching import request_match
from outflow.lifecycle import SupportKind
from outflow.models import CareProfile, Client, FunctionalProfile, Identity, ZrmScore
from outflow.operations.tokens import tokens_of
from regions.clock import today
from tests import factories
from tests.factories import World, keeping_context, make_client, make_dwelling, make_support
from tests.scale import n

pytestmark = pytest.mark.django_db

# Where names, care and self-reliance stand; and who recorded what about whom.
NEVER_READ = (
    "outflow_identity",
    "outflow_careprofile",
    "outflow_zrmscore",
    "outflow_arrangementitem",
    "outflow_readinessrecord",
    "outflow_assignment",
    "outflow_likelyduplicate",
)

Change = Callable[[World, Client], None]


@pytest.fixture
def region() -> World:
    return factories.world()


def fill(world: World, seed: int) -> list[Client]:
    """People and homes of any kind; some things are scarce, so that somebody is left out."""
    chance = Random(seed)
    make_support(world, places=chance.randint(1, 3), in_use=0)
    people = [
        make_client(
            world,
            days=20 + 37 * number + chance.randint(0, 30),
            urgency=chance.choice((0, 0, 0, 1, 2)),
            provider=chance.choice((world.provider, world.other_provider)),
            need={
                "max_rent": Decimal(chance.choice(("560.00", "650.00", "713.02"))),
                "bedrooms": chance.choice((1, 1, 2)),
                "step_free": chance.random() < 0.3,
                "support": [SupportKind.BUDDY] if chance.random() < 0.5 else [],
            },
            wishes=chance.choice(((), (world.municipality,))),
        )
        for number in range(5)
    ]
    for _ in range(4):
        make_dwelling(
            world,
            basic_rent=Decimal(chance.choice(("540.00", "612.40", "700.00"))),
            bedrooms=chance.choice((1, 2)),
            floor=chance.choice((0, 3)),
            neighbourhood=chance.choice((world.neighbourhood, world.other_neighbourhood)),
        )
    return people


@contextmanager
def as_leader_of(world: World, client: Client) -> Iterator[None]:
    own = client.provider_id == world.provider.pk
    with keeping_context(), acting_as(world.team_leader if own else world.other_team_leader):
        yield


def identity(**facts: str) -> Change:
    def change(_world: World, client: Client) -> None:
        found = Identity.objects.get(client=client)
        for name, value in facts.items():
            setattr(found, name, value)
        if "family_name" in facts:
            tokens = tokens_of(
                family_name=found.family_name, given_name=found.given_name, born_on=None
            )
            for name, value in tokens.items():
                setattr(found, name, value)
        found.save()

    return change


def care(**facts: Any) -> Change:
    def change(_world: World, client: Client) -> None:
        found = CareProfile.objects.get(client=client)
        for name, value in facts.items():
            setattr(found, name, value)
        found.save()

    return change


def registration(**facts: Any) -> Change:
    def change(world: World, client: Client) -> None:
        told = {name: value(world) if callable(value) else value for name, value in facts.items()}
        Client.objects.filter(pk=client.pk).update(**told)

    return change


def self_reliance(level: int) -> Change:
    def change(_world: World, client: Client) -> None:
        for domain in ("mental_health", "substance_use", "justice"):
            ZrmScore.objects.create(client=client, domain=domain, level=level, assessed_on=today())

    return change


# Each in one respect another person, for whom the same homes fit as well.
TWINS: dict[str, Change] = {
    "sex": identity(sex="M"),
    "birth date": identity(born_on="1958-02-03"),
    "unknown birth date": identity(born_on=""),
    "name": identity(family_name="El Idrissi", given_name="Yasmina"),
    "telephone and mail": identity(phone="0612345678", email="iemand@voorbeeld.nl"),
    "origin": registration(origin_municipality=lambda world: world.elsewhere.pk),
    "unknown origin": registration(origin_municipality=None),
    "who pays": registration(financing_municipality=lambda world: world.elsewhere.pk),
    "shielded": registration(is_shielded=True),
    "location": registration(location="Een heel ander huis"),
    "client number": registration(client_number="ZZ-99999"),
    "case code": registration(case_code="ZZZZZZ"),
    "what is still open": registration(blockers=["debts", "treatment"]),
    "last check": registration(checked_on=date(2020, 1, 1)),
    "debts": care(has_debts=True, debt_amount=Decimal("18000")),
    "income": care(monthly_income=Decimal("2500"), yearly_income=Decimal("31000")),
    "source of income": care(income_source="Wajong", administration="bewindvoering"),
    "notes": care(remarks="Een diagnose.", exclusion_reason="Een contactverbod."),
    "self-reliance": self_reliance(1),
}
# The control: needs of the home, which must count.
NEEDS: dict[str, dict[str, Any]] = {
    "rent": {"max_rent": Decimal("1.00"), "max_rent_is_assumed": False},
    "bedrooms": {"bedrooms": 4},
    "wheelchair": {"wheelchair": True},
    "guidance": {"guidance_hours": Decimal("39.5")},
}


def seen(world: World) -> dict[str, Any]:
    with keeping_context():
        return snapshots.take(world.region, as_of=today()).instance


def answer(instance: dict[str, Any]) -> dict[str, Any]:
    result = match(instance)
    result.pop("solver")
    return result


def differences(world: World, client: Client, look: Callable[[World], Any] = seen) -> list[str]:
    """In which of these respects somebody else would be seen or matched differently."""
    before = look(world)
    result = answer(before)
    found = []
    for name, change in TWINS.items():
        with as_leader_of(world, client):
            change(world, client)
        after = look(world)
        if after != before or answer(after) != result:
            found.append(name)
            before, result = after, answer(after)
    return found


@pytest.mark.parametrize("seed", range(n(3, 100)))
def test_a_twin_is_seen_and_proposed_the_same(region, seed):
    people = fill(region, seed)
    twin = people[seed % len(people)]
    assert differences(region, twin) == []


@pytest.mark.parametrize("need", NEEDS)
def test_another_need_of_the_home_is_seen(region, need):
    """The control: the comparison sees what must be seen."""
    [first, *_others] = fill(region, 1)
    before = seen(region)
    with as_leader_of(region, first):
        FunctionalProfile.objects.filter(client=first).update(**NEEDS[need])
    assert seen(region) != before


def test_a_need_that_differs_changes_who_goes_where(region):
    client = make_client(region)
    make_dwelling(region)
    before = answer(seen(region))
    assert [pair["client"] for pair in before["pairs"]] == [str(client.ref)]
    with as_leader_of(region, client):
        FunctionalProfile.objects.filter(client=client).update(wheelchair=True)
    assert answer(seen(region))["pairs"] == []


def urgent_by_sex(world: World) -> dict[str, Any]:
    """A sabotaged look at the region: women first."""
    instance = seen(world)
    with keeping_context(), working_for(world.region.pk, job="fairness"):
        sex = {str(one.client.ref): one.sex for one in Identity.objects.select_related("client")}
    for row in instance["clients"]:
        row["urgency"] = 0 if sex[row["ref"]] == "M" else 3
    return instance


def test_a_look_that_reads_sex_is_caught(region):
    [first, *_others] = fill(region, 2)
    assert differences(region, first, urgent_by_sex) == ["sex"]


def test_the_provider_counts_only_through_its_hours(region):
    """Without limits on guidance another provider houses as many, with the same priority."""
    [first, *_others] = fill(region, 3)
    before = answer(seen(region))
    one, other = region.provider, region.other_provider
    providers = {one.pk: other, other.pk: one}
    with keeping_context(), working_for(region.region.pk, job="match"):
        Client.objects.filter(pk=first.pk).update(provider=providers[first.provider_id])
    instance = seen(region)
    after = answer(instance)
    moved = next(row for row in instance["clients"] if row["ref"] == str(first.ref))
    assert moved["provider"] == str(providers[first.provider_id].ref)  # the control
    assert instance["guidance"] == []
    assert (after["placements"], after["priority"]) == (before["placements"], before["priority"])


# No query goes there -----------------------------------------------------------------------------


class Log:
    """Every statement of this connection, whoever sends it."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.statements.append(str(sql))
        return execute(sql, params, many, context)

    def touched(self) -> set[str]:
        return {table for table in NEVER_READ for sql in self.statements if table in sql}


def scans() -> dict[str, int]:
    """How often PostgreSQL itself read each of these tables in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, COALESCE(seq_scan, 0) + COALESCE(idx_scan, 0)"
            " FROM pg_stat_xact_user_tables WHERE relname = ANY(%s)",
            [list(NEVER_READ)],
        )
        return dict(cursor.fetchall())


def everything(world: World) -> MatchRun:
    """A matching from asking to its advice, and the same again from what was kept."""
    run = request_match(region=world.region, by=None)
    assert runs.carry_out(run)
    run.refresh_from_db()
    if run.has_follow_up:
        assert runs.carry_out(run)
    replays.replay(run)
    return run


def test_no_query_of_a_matching_goes_where_people_are_known(region):
    fill(region, 4)
    before, log = scans(), Log()
    with keeping_context(), connection.execute_wrapper(log):
        run = everything(region)
    assert len(log.statements) > 30
    assert log.touched() == set()
    assert scans() == before
    with working_for(region.region.pk, job="match"):
        assert MatchRecord.objects.get(run=run).advice


def test_the_log_sees_a_query_that_goes_there(region):
    """The control of both logs: of what was sent, and of what PostgreSQL read."""
    client = make_client(region)
    before, log = scans(), Log()
    with connection.execute_wrapper(log), as_leader_of(region, client):
        assert Identity.objects.count() == 1
    assert log.touched() == {"outflow_identity"}
    assert scans() != before


@pytest.mark.parametrize("table", NEVER_READ)
def test_the_role_of_the_matcher_is_refused_there(region, table):
    """The other half: were such a query sent, the database would refuse it."""
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        reading_for(region.region.pk, job="match"),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"SELECT count(*) FROM {table}")


def test_the_role_of_the_matcher_reads_what_it_needs(region):
    """The control: it is refused there and not everywhere."""
    make_client(region)
    with reading_for(region.region.pk, job="match"):
        assert FunctionalProfile.objects.count() == 1


@pytest.mark.parametrize("model", [Identity, CareProfile, ZrmScore])
def test_a_job_that_writes_a_matching_sees_none_of_it_either(region, model):
    """Around its narrow role the job is held by the row filters alone."""
    client = make_client(region)
    with as_leader_of(region, client):
        self_reliance(2)(region, client)
        assert model.objects.exists()
    with working_for(region.region.pk, job="match"):
        assert not model.objects.exists()

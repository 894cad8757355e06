"""The inventory counts people once, homes by household, and says what is not known."""

import csv
import io
import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.context import acting_as, reading_for, working_for
from outflow.inventories.counts import homes_of, moved_in_years
from outflow.inventories.stepplans import shares_of
from outflow.inventories.tables import Seen, need_tables, place_table, stock_table, term_table
from outflow.lifecycle import Exit, Phase
from outflow.models import Client, Household, LikelyDuplicate, Person, PlannedSupply, Spell
from regions.clock import today
from regions.formats import months_after
from regions.models import Municipality
from steering import figures
from tests.factories import make_client, sign_in, world
from tests.outflow.inventories import (
    define,
    expecting,
    in_months,
    next_quarter,
    page,
    quarter_days,
    take,
    usual,
)
from tests.scale import n

pytestmark = pytest.mark.django_db

PHASES_IN_CARE = ("intake", "stabilising", "preparing", "ready", "offered", "relapse")


@pytest.fixture
def w():
    return world()


# Counted once ------------------------------------------------------------------------------------


def test_a_person_registered_with_two_providers_counts_once_and_the_page_says_so(w):
    first = make_client(w)
    make_client(w, provider=w.other_provider, person=first.person)
    make_client(w)
    counted = take(w)
    assert (len(counted.people), counted.registrations, counted.doubles) == (2, 3, 1)
    assert len(counted.homes) == 2


def test_whoever_is_ready_with_one_provider_is_ready(w):
    first = expecting(w, in_months(3), days=10)
    make_client(w, provider=w.other_provider, person=first.person, days=90)
    counted = take(w)
    assert [person.is_ready for person in counted.people] == [True]
    assert counted.terms().ready == 1


def test_pairs_that_nobody_decided_on_are_told_apart_and_not_merged(w):
    clients = [make_client(w) for _ in range(4)]
    left = make_client(w, exit=Exit.SELF_HOUSED)
    with acting_as(w.coordinator):
        for first, second, verdict in (
            (clients[0], clients[1], ""),
            (clients[2], clients[3], LikelyDuplicate.Verdict.DIFFERENT),
            (clients[0], left, ""),
        ):
            LikelyDuplicate.objects.create(
                region=w.region, first=first, second=second, verdict=verdict
            )
    counted = take(w, viewer=w.steering_member)
    assert (len(counted.people), counted.undecided) == (4, 1)


def test_who_counts_sees_that_a_pair_is_there_but_not_why_and_only_of_the_region(w):
    first, second = make_client(w), make_client(w)
    with acting_as(w.coordinator):
        LikelyDuplicate.objects.create(region=w.region, first=first, second=second)
    with reading_for(w.region.pk, job="figures"):
        assert list(LikelyDuplicate.objects.values_list("first_id", flat=True)) == [first.pk]
    with reading_for(w.other_region.pk, job="figures"):
        assert not LikelyDuplicate.objects.values_list("first_id", flat=True)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        reading_for(w.region.pk, job="figures"),
    ):
        list(LikelyDuplicate.objects.values_list("agreeing", flat=True))


def test_people_who_live_together_need_one_home(w):
    with working_for(w.region.pk, job="estimate"):
        family = Household.objects.create(region=w.region)
    for phase in (Phase.READY, Phase.INTAKE, Phase.READY):
        make_client(w, phase=phase, household=family, need={"bedrooms": 3, "persons": 3})
    make_client(w)
    counted = take(w)
    assert (len(counted.people), len(counted.homes), len(counted.homes_of_ready)) == (4, 2, 2)
    assert len(counted.ready) == 3


def test_another_region_and_people_at_home_or_gone_are_not_counted(w):
    make_client(w, phase=Phase.HOUSED)
    make_client(w, exit=Exit.DECEASED)
    make_client(w)
    assert len(take(w).people) == 1
    assert not take(w, viewer=w.foreign_coordinator).people


def test_whoever_comes_on_the_day_counts_and_whoever_leaves_on_it_does_not(w):
    make_client(w, phase=Phase.INTAKE, since=today())
    make_client(w, exit=Exit.LEFT_OTHER)
    assert len(take(w).people) == 1
    assert len(take(w, on=today() - timedelta(days=1)).people) == 1


def test_the_inventory_and_the_overview_count_the_same_people_ready(w):
    for phase in (Phase.READY, Phase.OFFERED, Phase.PREPARING, Phase.RELAPSE, Phase.HOUSED):
        for _ in range(3):
            make_client(w, phase=phase)
    twice = make_client(w, days=20)
    make_client(w, provider=w.other_provider, person=twice.person, phase=Phase.INTAKE)
    with acting_as(w.steering_member):
        shown = figures.count(w.steering_member)
    counted = take(w, viewer=w.steering_member)
    assert len(counted.ready) == shown.people_waiting == 7
    assert len(counted.people) == sum(shown.in_care.values()) == 13


# When --------------------------------------------------------------------------------------------


def test_everybody_stands_in_one_term_and_what_is_not_known_is_not_spread(w):
    make_client(w)
    for day in (today(), in_months(6) - timedelta(days=1), in_months(6), in_months(30)):
        expecting(w, day)
    expecting(w, today() - timedelta(days=1))
    expecting(w, None)
    terms = take(w).terms()
    assert (terms.ready, terms.bands, terms.overdue, terms.not_known) == (1, (2, 1, 0, 1), 1, 1)
    assert terms.people == 7


def test_an_expected_day_that_has_passed_is_in_no_year_of_the_forecast(w):
    expecting(w, today() - timedelta(days=1))
    expecting(w, today())
    expecting(w, in_months(12))
    assert take(w).becoming_ready(2) == [1, 1]


def test_a_day_that_has_passed_is_counted_from_the_phases_of_then(w):
    day = today() - timedelta(days=200)
    with_history(w, (Phase.INTAKE, 400), (Phase.PREPARING, 300), (Phase.READY, 50))
    with_history(w, (Phase.READY, 400), (Phase.HOUSED, 100))
    with_history(w, (Phase.READY, 500), (Phase.HOUSED, 200))
    with_history(w, (Phase.INTAKE, 150))
    then = take(w, on=day)
    assert (len(then.people), len(then.ready)) == (2, 1)
    # Became ready 150 days after that day, as it really went.
    assert then.terms().bands == (1, 0, 0, 0)
    assert len(take(w).people) == 2


def with_history(w, *steps):
    """A client whose phases began so many days ago."""
    client = make_client(w, phase=steps[-1][0], days=steps[-1][1])
    with acting_as(w.team_leader):
        Client.objects.filter(pk=client.pk).update(in_care_since=None, expected_ready_on=None)
        for (phase, began), (_next, ended) in zip(steps, steps[1:], strict=False):
            Spell.objects.create(
                client=client,
                phase=phase,
                from_on=today() - timedelta(days=began),
                until_on=today() - timedelta(days=ended),
            )
    return client


def test_people_who_moved_are_counted_in_the_year_in_which_they_moved(w):
    for days in (1, 100, 364, 400, 800):
        make_client(w, phase=Phase.HOUSED, days=days)
    with acting_as(w.coordinator):
        assert moved_in_years(w.region.pk, before=today(), years=2) == [1, 3]


# Where and what ----------------------------------------------------------------------------------


def test_origin_and_wish_are_told_apart_with_outside_and_not_known_of_their_own(w):
    for _ in range(12):
        make_client(w, wishes=(w.other_municipality, w.municipality))
    make_client(w, origin_municipality=w.elsewhere, wishes=(w.elsewhere,))
    make_client(w, origin_municipality=None, wishes=())
    counted = take(w)
    places = list(Municipality.objects.filter(region=w.region))
    shares = shares_of(w.region.pk, counted.definitions, on=today())
    own = take(w, provider=w.provider)
    rietdam, waterveen, outside, unknown = [
        (row[2].text, row[4].text) for row in place_table(Seen(counted, own), shares, places).rows
    ]
    assert (rietdam, waterveen) == (("12", "0"), ("0", "12"))
    assert (outside, unknown) == (("1", "1"), ("1", "1"))


def test_the_financing_municipality_stands_in_for_an_origin_that_is_not_known(w):
    make_client(w, origin_municipality=None, financing_municipality=w.other_municipality)
    assert [person.origin for person in take(w).people] == [w.other_municipality.pk]


def test_the_agreed_share_comes_from_the_agreement_else_from_what_was_planned(w):
    for place, number in ((w.municipality, 30), (w.other_municipality, 10)):
        for later in range(4):
            PlannedSupply.objects.create(
                region=w.region,
                municipality=place,
                quarter_from=months_after(next_quarter(), 3 * later),
                dwellings=number,
            )
    planned = shares_of(w.region.pk, usual(w), on=today())
    assert (planned.are_agreed, planned.by_code["GM9001"]) == (False, Decimal("0.75"))
    define(w, agreed_shares={"GM9001": Decimal(60), "GM9002": Decimal(40)})
    agreed = shares_of(w.region.pk, usual(w), on=today())
    assert agreed.are_agreed
    assert float(agreed.by_code["GM9001"]) == 0.6
    assert agreed.planned == {"GM9001": 120, "GM9002": 40}


def test_a_need_that_nobody_filled_in_is_not_known_and_never_one_bedroom(w):
    untouched = {"max_rent": None, "guidance_hours": 0}
    make_client(w, need=untouched)
    make_client(w, need={**untouched, "support": ["buddy"]})
    make_client(w, need={**untouched, "bedrooms": 2})
    make_client(w, need={**untouched, "reachable_24h": True})
    needs = [home.need for home in take(w).homes]
    assert sum(need is None for need in needs) == 1
    assert {need.support for need in needs if need} == {("buddy",), (), ("reachable_24h",)}


def test_every_table_of_needs_counts_each_home_or_says_that_it_may_count_more_than_once(w):
    make_client(w, need={"forms": ["independent", "clustered"], "max_rent": Decimal(450)})
    make_client(w, need={"wheelchair": True, "bedrooms": 4, "persons": 2, "max_rent": None})
    make_client(w, phase=Phase.INTAKE, need={"guidance_hours": 12, "max_rent": Decimal(2000)})
    make_client(w, need={"max_rent": None, "guidance_hours": 0})
    own = take(w, provider=w.provider)
    form, support, rent, hours, bedrooms, access, household = need_tables(Seen(own, own))

    def exact(table):
        return [int(row[-1].text) for row in table.rows]

    assert [sum(exact(table)) for table in (rent, hours, bedrooms, access, household)] == [4] * 5
    assert sum(exact(form)) == 5
    assert all(exact(table)[-1] == 1 for table in (form, support, rent, hours, bedrooms))
    assert {table.totals[-1].text for table in (form, rent, household)} == {"4"}


# Brute force -------------------------------------------------------------------------------------


def random_region(w, seed, people):
    """People with one or more registrations, phases on several days, needs or none."""
    chance = random.Random(seed)
    with working_for(w.region.pk, job="estimate"):
        homes = [Household.objects.create(region=w.region) for _ in range(3)]
    for _ in range(people):
        person = None
        household = chance.choice([None, None, *homes])
        for provider in chance.sample([w.provider, w.other_provider], chance.choice([1, 1, 2])):
            phase = chance.choice(list(Phase))
            client = make_client(
                w,
                provider=provider,
                person=person,
                household=household,
                phase=phase,
                days=chance.randint(1, 500),
                exit=chance.choice(["", "", "", Exit.LEFT_OTHER]),
                facility_type=chance.choice(["BW", "MO"]),
                origin_municipality=chance.choice([None, w.municipality, w.elsewhere]),
                expected_ready_on=chance.choice(
                    [None, today() + timedelta(days=chance.randint(-90, 1000))]
                ),
                wishes=chance.choice([(), (w.municipality,), (w.elsewhere, w.municipality)]),
            )
            person = client.person


def by_hand(w, day):
    """The same counts from the plainest reading of the rows, person by person."""
    found = {"people": 0, "registrations": 0, "ready": 0, "no day": 0, "late": 0, "homes": set()}
    with acting_as(w.coordinator):
        for person in Person.objects.filter(region=w.region):
            there = []
            for client in person.clients.all():
                for spell in client.spells.all():
                    inside = spell.from_on <= day and (not spell.until_on or spell.until_on > day)
                    if inside and spell.phase in PHASES_IN_CARE:
                        there.append((client, spell))
            if not there:
                continue
            found["people"] += 1
            found["registrations"] += len(there)
            households = {c.household_id for c, _ in there if c.household_id}
            found["homes"].add(("home", *households) if households else ("person", person.pk))
            if any(spell.phase in ("ready", "offered") for _client, spell in there):
                found["ready"] += 1
                continue
            lead = max(there, key=lambda pair: (pair[1].from_on, pair[0].pk))[0]
            rest = [client for client, _ in there if client != lead]
            days = [c.expected_ready_on for c in [lead, *rest] if c.expected_ready_on]
            if not days:
                found["no day"] += 1
            elif days[0] < day:
                found["late"] += 1
    return found


@pytest.mark.parametrize("seed", range(n(2, 40)))
def test_the_counts_are_those_of_the_plainest_reading_of_the_database(w, seed):
    random_region(w, seed, people=25)
    counted, plain = take(w), by_hand(w, today())
    terms = counted.terms()
    assert len(counted.people) == plain["people"] == terms.people
    assert counted.registrations == plain["registrations"]
    assert (terms.ready, terms.not_known, terms.overdue) == (
        plain["ready"],
        plain["no day"],
        plain["late"],
    )
    assert len(counted.homes) == len(plain["homes"]) <= len(counted.people)
    kinds = [counted.of_kind(kind) for kind in ("BW", "MO")]
    assert sum(len(kind.people) for kind in kinds) == len(counted.people)


@pytest.mark.parametrize("seed", range(n(1, 20)))
def test_the_same_holds_on_a_day_that_has_passed(w, seed):
    random_region(w, 100 + seed, people=20)
    day = today() - timedelta(days=120)
    counted, plain = take(w, on=day), by_hand(w, day)
    assert (len(counted.people), len(counted.ready)) == (plain["people"], plain["ready"])
    assert counted.registrations == plain["registrations"]


def test_a_home_is_never_counted_twice_whatever_the_order_of_its_people(w):
    random_region(w, 7, people=20)
    people = list(take(w).people)
    expected = len(homes_of(people))
    for seed in range(5):
        random.Random(seed).shuffle(people)
        assert len(homes_of(people)) == expected


# Small numbers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("people", [1, 9])
def test_fewer_than_ten_people_are_said_in_words_to_other_organisations(client, w, people):
    for _ in range(people):
        make_client(w)
    for viewer in (w.coordinator, w.steering_member, w.other_team_leader):
        shown = page(client, viewer)
        assert shown.status_code == 200
        assert f"<b>{people} " not in shown.content.decode()
        table = shown.context["stock"]
        assert {row[1].text for row in [*table.rows, table.totals]} == {"minder dan 10"}


def test_a_team_leader_sees_own_clients_exactly_beside_the_rounded_region(client, w):
    for _ in range(7):
        make_client(w)
    for _ in range(11):
        make_client(w, provider=w.other_provider)
    stock = page(client, w.team_leader).context["stock"]
    assert [cell.text for cell in stock.totals[1:]] == ["20", "7", "20", "7"]
    stock = page(client, w.steering_member).context["stock"]
    assert [cell.text for cell in stock.totals[1:]] == ["20", "20"]


def test_own_clients_are_those_of_the_own_organisation_only(w):
    first = make_client(w, phase=Phase.INTAKE)
    make_client(w, provider=w.other_provider, person=first.person)
    own = take(w, viewer=w.team_leader, provider=w.provider)
    assert (len(own.people), len(own.ready)) == (1, 0)


def test_no_table_of_another_organisation_holds_a_number_that_is_not_rounded(w):
    random_region(w, 3, people=60)
    counted = take(w)
    places = list(Municipality.objects.filter(region=w.region))
    shares = shares_of(w.region.pk, counted.definitions, on=today())
    seen = Seen(counted)
    tables = [stock_table(seen), term_table(seen), *need_tables(seen)]
    tables.append(place_table(seen, shares, places))
    for table in tables:
        for row in [*table.rows, table.totals]:
            for column, cell in zip(table.columns[1:4], row[1:4], strict=False):
                if column.kind == "number" and cell.text not in ("", "minder dan 10", "100 %"):
                    assert int(cell.text) % 5 == 0, table.caption
                    assert cell.value is None or cell.value % 5 == 0


def test_a_downloaded_inventory_tells_no_more_than_the_page(client, w):
    for _ in range(13):
        make_client(w)
    answer = page(client, w.coordinator, format="csv")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    cells = {cell for line in lines for cell in line}
    assert "15" in cells
    assert "13" not in cells
    for kind in ("xlsx", "ods"):
        assert page(client, w.coordinator, format=kind).status_code == 200


# The page ----------------------------------------------------------------------------------------


def test_who_may_not_see_the_estimate_finds_no_inventory(client, w):
    for viewer in (w.care_worker, w.client_representative, w.administrator):
        assert page(client, viewer).status_code == 404
    for viewer in (w.team_leader, w.steering_member):
        address = reverse("outflow:inventory_definitions")
        assert sign_in(client, viewer).get(address).status_code == 404


def test_an_empty_region_is_told_what_the_page_is_for(client, w):
    shown = page(client, w.coordinator)
    assert shown.status_code == 200
    assert "wt-empty" in shown.content.decode()
    assert shown.context["definitions"].rows


def test_a_day_to_come_or_no_day_at_all_is_refused_at_the_field(client, w):
    for day in ("1-1-2999", "gisteren"):
        shown = page(client, w.coordinator, on=day)
        assert shown.status_code == 422
        assert shown.context["form"].errors["on"]


def test_an_earlier_day_and_one_kind_of_care_can_be_asked_for(client, w):
    make_client(w, days=0)
    for _ in range(12):
        make_client(w, facility_type="MO", days=300)
    earlier = quarter_days(1)[0].isoformat()
    shown = page(client, w.coordinator, on=earlier, kind="MO")
    assert shown.context["on"].isoformat() == earlier
    assert shown.context["terms"].totals[1].text == "10"
    assert not page(client, w.coordinator, kind="BW").context["tables"][2].totals[1].value


def test_the_number_of_queries_does_not_grow_with_the_people(client, w):
    def queries():
        with CaptureQueriesContext(connection) as counted:
            assert page(client, w.team_leader).status_code == 200
        return len(counted)

    make_client(w)
    page(client, w.team_leader)
    few = queries()
    for _ in range(15):
        make_client(w)
    assert queries() == few

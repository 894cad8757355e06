"""The invented region keeps the laws that a real one would keep."""

import csv
import os
import random
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from example.geography import outline
from example.records import EXITS, PHASES, Municipality, Registration, Spell, World
from example.world import invent_many, invent_world
from regions.division import largest_remainder
from tests.scale import n

AS_OF = date(2026, 10, 1)
ROLES = {
    "care_worker", "team_leader", "access_officer", "allocator", "coordinator",
    "steering_member", "client_representative", "neighbourhood_worker", "privacy_officer",
    "administrator",
}  # fmt: skip
Point = tuple[float, float]
Ring = tuple[Point, ...]


@pytest.fixture(scope="module")
def world() -> World:
    return invent_world(seed=1, as_of=AS_OF)


@pytest.fixture(scope="module", params=range(n(2, 25)))
def any_world(request: pytest.FixtureRequest) -> World:
    """Small worlds with other seeds, days and numbers."""
    seed = int(request.param)
    as_of = (AS_OF, date(2028, 2, 29), date(2027, 1, 1))[seed % 3]
    return invent_world(seed=seed, as_of=as_of, people=120, dwellings=60, number=seed % 4)


# --- the same again -------------------------------------------------------------------------


def test_the_same_seed_and_day_give_the_same_region(world: World) -> None:
    assert invent_world(seed=1, as_of=AS_OF) == world


def test_another_seed_or_another_day_gives_another_region(world: World) -> None:
    assert invent_world(seed=2, as_of=AS_OF).persons != world.persons
    assert invent_world(seed=1, as_of=date(2026, 10, 2)).registrations != world.registrations


def test_the_region_is_of_the_size_that_the_demo_needs(world: World) -> None:
    assert 370 <= len(world.current) <= 470
    assert 2200 <= len(world.registrations) <= 3000
    assert len(world.dwellings) == 100
    free = [d for d in world.dwellings if not d.let_to and not d.offered_to]
    assert 30 <= len(free) <= 40
    assert len(world.organisations_of("care_provider")) == 3
    assert 4 <= len(world.organisations_of("corporation")) <= 5


# --- places ---------------------------------------------------------------------------------


def area(ring: Ring) -> float:
    """Twice the signed area; positive for a ring that runs counter-clockwise."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:], strict=False))


def holds(ring: Ring, point: Point) -> bool:
    """Whether a point lies inside, by counting the edges to its right."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(ring, ring[1:], strict=False):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def crosses(a: Point, b: Point, c: Point, d: Point) -> bool:
    def side(p: Point, q: Point, r: Point) -> bool:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]) > 0

    return side(a, b, c) != side(a, b, d) and side(c, d, a) != side(c, d, b)


def is_simple(ring: Ring) -> bool:
    edges = list(zip(ring, ring[1:], strict=False))
    return not any(
        crosses(*first, *second)
        for at, first in enumerate(edges)
        for second in edges[at + 2 : len(edges) - (at == 0)]
    )


def parts_that_hold(rings: list[Ring], *, points: int) -> Counter[int]:
    """How many rings hold a random point, counted over many points."""
    chance = random.Random(1)
    east = [x for ring in rings for x, _ in ring]
    north = [y for ring in rings for _, y in ring]
    counts: Counter[int] = Counter()
    for _ in range(points):
        point = (chance.uniform(min(east), max(east)), chance.uniform(min(north), max(north)))
        counts[sum(holds(ring, point) for ring in rings)] += 1
    return counts


def rings_of(world: World) -> list[Ring]:
    return [p.boundary for m in world.region.municipalities for p in m.neighbourhoods]


def test_every_boundary_is_a_closed_counter_clockwise_ring_that_does_not_cross_itself(
    any_world: World,
) -> None:
    for ring in rings_of(any_world):
        assert ring[0] == ring[-1]
        assert area(ring) > 0
        assert is_simple(ring)


def test_no_place_lies_in_two_neighbourhoods(any_world: World) -> None:
    counts = parts_that_hold(rings_of(any_world), points=n(1500, 20_000))
    assert set(counts) <= {0, 1}
    assert counts[1] > counts[0]


def test_a_neighbourhood_that_was_moved_aside_is_noticed(world: World) -> None:
    rings = rings_of(world)
    rings[0] = tuple((x + 0.01, y + 0.01) for x, y in rings[0])
    assert set(parts_that_hold(rings, points=3000)) - {0, 1}


def test_a_bow_tie_is_not_simple() -> None:
    assert not is_simple(((0, 0), (2, 2), (2, 0), (0, 2), (0, 0)))
    assert is_simple(((0, 0), (2, 0), (2, 2), (0, 2), (0, 0)))


def test_neighbourhoods_that_touch_share_the_points_of_their_border(world: World) -> None:
    holders: dict[Point, int] = Counter(p for ring in rings_of(world) for p in set(ring))
    inner = sum(1 for count in holders.values() if count > 1)
    assert inner > len(holders) / 3


def test_the_outline_of_a_municipality_encloses_as_much_land_as_its_neighbourhoods(
    any_world: World,
) -> None:
    for municipality in any_world.region.municipalities:
        border = outline(municipality.neighbourhoods)
        assert border[0] == border[-1]
        parts = sum(area(part.boundary) for part in municipality.neighbourhoods)
        assert area(border) == pytest.approx(parts)
        assert area(municipality.neighbourhoods[0].boundary) < area(border)


def test_every_municipality_has_six_to_nine_neighbourhoods_with_names_of_their_own(
    any_world: World,
) -> None:
    assert 5 <= len(any_world.region.municipalities) <= 7
    for municipality in any_world.region.municipalities:
        labels = [part.name for part in municipality.neighbourhoods]
        assert 6 <= len(labels) <= 9
        assert len(set(labels)) == len(labels)


def municipality_codes_of_cbs() -> Path | None:
    cases = os.environ.get("WEERTHUIS_CASES")
    if not cases:
        return None
    path = Path(cases).parent / "data" / "geography" / "cbs-gebieden-in-nederland.csv"
    return path if path.exists() else None


def real_or_double(municipalities: list[Municipality], real: set[str]) -> set[str]:
    counted = Counter(m.name for m in municipalities)
    return {name for name, count in counted.items() if count > 1 or name in real}


@pytest.mark.skipif(municipality_codes_of_cbs() is None, reason="needs the table of CBS")
def test_no_invented_municipality_bears_the_name_or_code_of_a_real_one() -> None:
    path = municipality_codes_of_cbs()
    assert path is not None
    with path.open(encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    real = {row["Naam_2"].strip() for row in rows}
    worlds = invent_many(seed=1, as_of=AS_OF, people=400, dwellings=400)
    municipalities = [m for world in worlds for m in world.region.municipalities]
    assert len(real) > 300
    assert real_or_double(municipalities, real) == set()
    assert real_or_double(municipalities, {municipalities[0].name})
    assert not {m.code for m in municipalities} & {row["Code_1"].strip() for row in rows}


# --- people and their phases ----------------------------------------------------------------


def broken_law(registration: Registration, world: World) -> str | None:
    """What is wrong with the phases of a client number, if anything."""
    spells = registration.spells
    for spell, following in zip(spells, spells[1:], strict=False):
        if spell.ends != following.begins:
            return "the next phase does not begin where this one ends"
        if spell.following != following.phase:
            return "the next phase is another one than was said"
    for spell in spells:
        if spell.phase not in PHASES:
            return "no such phase"
        if spell.begins >= world.as_of or (spell.ends and spell.ends >= world.as_of):
            return "it has not happened yet"
        if spell.ends is not None and spell.ends <= spell.begins:
            return "a phase takes at least a day"
        if spell.ends is not None and spell.ends <= world.register_start:
            return "it ended before the register was opened"
    last = spells[-1]
    if (last.ends is None) != (last.following is None):
        return "an end and what follows belong together"
    if last.following is not None and last.following not in EXITS:
        return "it ends in nothing"
    if registration.in_care_since > spells[0].begins:
        return "a phase before the first day in care"
    return None


def test_the_phases_of_every_client_number_follow_each_other_without_gap_or_overlap(
    any_world: World,
) -> None:
    assert {broken_law(r, any_world) for r in any_world.registrations} == {None}


def test_overlapping_phases_are_noticed(world: World) -> None:
    registration = next(r for r in world.registrations if len(r.spells) > 2)
    first, second, *rest = registration.spells
    later = replace(second, begins=date(first.begins.year, 1, 1))
    assert broken_law(replace(registration, spells=(first, later, *rest)), world)
    future = Spell("intake", date(2030, 1, 1), None, None)
    assert broken_law(replace(registration, spells=(future,)), world)


def test_all_phases_and_all_ways_out_occur(world: World) -> None:
    spells = [spell for r in world.registrations for spell in r.spells]
    assert {s.phase for s in spells} == set(PHASES)
    assert set(EXITS) <= {s.following for s in spells}


def test_who_is_listed_has_a_file_and_who_is_gone_has_none(any_world: World) -> None:
    for registration in any_world.registrations:
        if registration.is_current:
            assert registration.phase in PHASES
            assert registration.care is not None
            assert registration.ready_on is not None
            reached = registration.phase in ("ready", "offered", "housed")
            assert registration.ready_is_expected is not reached
            assert (registration.ready_on >= any_world.as_of) is not reached
            assert registration.ready_on >= registration.in_care_since
        else:
            assert registration.phase in (None, "housed")
            assert registration.care is None
            assert not registration.arrangement


def test_client_numbers_occur_once(any_world: World) -> None:
    numbers = Counter(r.number for r in any_world.registrations)
    assert max(numbers.values()) == 1


def test_everybody_is_one_person_and_one_person_has_at_most_one_offer(any_world: World) -> None:
    keys = [person.key for person in any_world.persons]
    assert len(keys) == len(set(keys))
    assert set(keys) == {r.person for r in any_world.registrations}
    offers = Counter(r.person for r in any_world.current if r.phase in ("offered", "housed"))
    assert max(offers.values(), default=0) <= 1


def test_the_same_person_at_two_providers_agrees_in_birth_date_and_differs_in_spelling(
    world: World,
) -> None:
    by_number = {r.number: r for r in world.registrations}
    assert len(world.same_persons) >= 15
    for pair in world.same_persons:
        first, second = by_number[pair.first], by_number[pair.second]
        assert first.person == second.person
        assert first.provider != second.provider
        assert first.identity.born_on == second.identity.born_on
        assert first.identity != second.identity
        assert first.origin == second.origin


def test_twins_and_namesakes_stay_two_persons(any_world: World) -> None:
    by_number = {r.number: r for r in any_world.registrations}
    assert {pair.reason for pair in any_world.look_alikes} == {"twins", "namesakes"}
    for pair in any_world.look_alikes:
        first, second = by_number[pair.first], by_number[pair.second]
        assert first.person != second.person
        assert first.identity.surname == second.identity.surname
        if pair.reason == "twins":
            assert first.identity.born_on == second.identity.born_on
            assert first.identity.given_name != second.identity.given_name
        else:
            assert first.identity.given_name == second.identity.given_name
            assert first.identity.born_on != second.identity.born_on


def test_people_who_will_live_together_need_one_home_for_two(world: World) -> None:
    needs = {r.person: r.need for r in world.current}
    assert world.households
    for household in world.households:
        first, second = (needs[person] for person in household.persons)
        assert first is not None
        assert second is not None
        assert first.persons == second.persons == 2
        assert first.municipalities == second.municipalities


def test_everybody_is_an_adult_with_scores_from_one_to_five(any_world: World) -> None:
    latest = any_world.as_of.replace(year=any_world.as_of.year - 18, day=1)
    for registration in any_world.current:
        assert registration.identity.born_on < latest
        assert registration.care is not None
        assert len(registration.care.zrm) == 13
        assert set(registration.care.zrm) <= {1, 2, 3, 4, 5}


def test_wished_neighbourhoods_lie_in_the_first_wished_municipality(any_world: World) -> None:
    known = {
        (m.name, part.name) for m in any_world.region.municipalities for part in m.neighbourhoods
    }
    for registration in any_world.current:
        need = registration.need
        assert need is not None
        for place in (*need.neighbourhoods, *need.avoided):
            assert place in known
            assert place[0] == need.municipalities[0]
        assert not set(need.neighbourhoods) & set(need.avoided)


# --- parties --------------------------------------------------------------------------------


def test_every_role_has_an_account_and_every_address_is_invented(any_world: World) -> None:
    organisations = {o.key for o in any_world.organisations}
    roles = {role for account in any_world.accounts for _, role in account.memberships}
    assert roles == ROLES
    addresses = [account.email for account in any_world.accounts]
    assert len(set(addresses)) == len(addresses)
    assert all(address.endswith(".example") for address in addresses)
    assert all(o in organisations for a in any_world.accounts for o, _ in a.memberships)


def test_each_provider_has_a_team_leader_and_six_to_ten_care_workers(world: World) -> None:
    staff: dict[str, Counter[str]] = defaultdict(Counter)
    for account in world.accounts:
        for organisation, role in account.memberships:
            staff[organisation][role] += 1
    for provider in world.organisations_of("care_provider"):
        assert staff[provider.key]["team_leader"] >= 1
        assert 6 <= staff[provider.key]["care_worker"] <= 10


def test_a_client_is_cared_for_by_somebody_of_the_own_location_or_waits_for_one(
    any_world: World,
) -> None:
    where = {account.email: account.location for account in any_world.accounts}
    waiting = [r for r in any_world.current if r.worker is None]
    assert 0 < len(waiting) < len(any_world.current) / 4
    assert all(where[r.worker] == r.location for r in any_world.current if r.worker)


# --- homes and promises ---------------------------------------------------------------------


def test_contingents_of_a_year_add_up_to_the_key_and_the_key_to_the_maximum(
    any_world: World,
) -> None:
    for key in any_world.keys:
        assert key.weight_households + key.weight_social == 1
        assert sum(part for _, part in key.per_municipality) == any_world.yearly_ceiling
        for municipality, part in key.per_municipality:
            own = [
                c.number
                for c in any_world.contingents
                if (c.year, c.municipality) == (key.year, municipality)
            ]
            assert sum(own) == part


def test_no_more_is_let_than_was_agreed(any_world: World) -> None:
    agreed = {(c.year, c.municipality, c.corporation): c.number for c in any_world.contingents}
    let: Counter[tuple[int, str, str]] = Counter()
    for entry in any_world.ledger:
        if entry.kind == "let":
            let[entry.year, entry.municipality, entry.corporation] += entry.dwellings
            assert entry.on.year == entry.year
    assert let
    assert all(count <= agreed[cell] for cell, count in let.items())


def test_every_move_of_these_years_stands_in_the_ledger_once(any_world: World) -> None:
    first = date(any_world.keys[0].year, 1, 1)
    moves = Counter(
        (r.number, s.begins)
        for r in any_world.registrations
        for s in r.spells
        if s.phase == "housed" and s.begins >= first
    )
    lets = Counter((e.registration, e.on) for e in any_world.ledger if e.kind == "let")
    assert lets == moves


@pytest.mark.parametrize(
    ("shares", "total", "parts"),
    [((50, 30, 20), 7, (4, 2, 1)), ((1, 1, 1), 4, (2, 1, 1)), ((9, 0, 1), 10, (9, 0, 1))],
)
def test_a_number_is_divided_by_largest_remainder(
    shares: tuple[int, ...], total: int, parts: tuple[int, ...]
) -> None:
    named = {str(at): Fraction(share) for at, share in enumerate(shares)}
    assert tuple(largest_remainder(total, named).values()) == parts


def test_divided_parts_are_whole_add_up_and_lie_next_to_their_share() -> None:
    chance = random.Random(4)
    for _ in range(n(200, 5000)):
        shares = {str(at): Fraction(chance.randint(0, 90), 7) for at in range(6)} | {
            "x": Fraction(1)
        }
        total = chance.randint(0, 300)
        parts = largest_remainder(total, shares)
        assert sum(parts.values()) == total
        whole = sum(shares.values())
        assert all(abs(parts[k] - shares[k] * total / whole) < 1 for k in shares)


def test_homes_stand_in_neighbourhoods_where_their_corporation_works(any_world: World) -> None:
    works_in = {o.key: set(o.works_in) for o in any_world.organisations}
    known = {
        (m.name, part.name) for m in any_world.region.municipalities for part in m.neighbourhoods
    }
    addresses = Counter((d.street, d.house_number, d.town) for d in any_world.dwellings)
    assert max(addresses.values()) == 1
    for dwelling in any_world.dwellings:
        assert (dwelling.municipality, dwelling.neighbourhood) in known
        assert dwelling.municipality in works_in[dwelling.corporation]
        assert dwelling.rent > 0
        assert dwelling.bedrooms < dwelling.rooms


def test_a_home_is_let_as_the_ledger_says_or_offered_to_whoever_has_an_open_offer(
    any_world: World,
) -> None:
    lets = {
        (e.registration, e.on): (e.municipality, e.corporation)
        for e in any_world.ledger
        if e.kind == "let"
    }
    needs = {r.number: r.need for r in any_world.registrations}
    offered = {r.number for r in any_world.current if r.phase == "offered"}
    for dwelling in any_world.dwellings:
        if dwelling.let_to and dwelling.let_on:
            place = lets[dwelling.let_to, dwelling.let_on]
            assert place == (dwelling.municipality, dwelling.corporation)
        for number in (dwelling.let_to, dwelling.offered_to):
            need = needs[number] if number else None
            if need:
                assert dwelling.rent <= need.max_rent
                assert dwelling.bedrooms >= need.bedrooms
    assert sorted(d.offered_to for d in any_world.dwellings if d.offered_to) == sorted(offered)


def test_support_has_places_for_those_who_use_it(any_world: World) -> None:
    assert any_world.support
    for offer in any_world.support:
        assert 0 <= offer.in_use <= offer.places
        assert offer.planned == (offer.begins > any_world.as_of)
        assert offer.ends is None or offer.ends > offer.begins


def test_supply_is_planned_for_eight_quarters_from_the_one_of_the_day(world: World) -> None:
    quarters = list(dict.fromkeys(row.quarter for row in world.supply))
    assert quarters == [
        "2026-Q4", "2027-Q1", "2027-Q2", "2027-Q3", "2027-Q4", "2028-Q1", "2028-Q2", "2028-Q3",
    ]  # fmt: skip
    assert all(row.dwellings >= 0 for row in world.supply)


# --- many regions ---------------------------------------------------------------------------


def test_many_regions_stand_side_by_side_with_as_many_people_and_homes_as_asked() -> None:
    worlds = list(invent_many(seed=3, as_of=AS_OF, regions=5, people=500, dwellings=203))
    assert sum(len(w.dwellings) for w in worlds) == 203
    assert 400 <= sum(len(w.current) for w in worlds) <= 600
    for facts in (
        [w.region.name for w in worlds],
        [m.code for w in worlds for m in w.region.municipalities],
        [m.name for w in worlds for m in w.region.municipalities],
        [a.email for w in worlds for a in w.accounts],
        [p.key for w in worlds for p in w.persons],
        [d.key for w in worlds for d in w.dwellings],
        [o.name for w in worlds for o in w.organisations],
    ):
        assert len(set(facts)) == len(facts)
    corners = [
        (min(x for r in rings_of(w) for x, _ in r), max(x for r in rings_of(w) for x, _ in r))
        for w in worlds
    ]
    assert all(a[1] < b[0] for a, b in zip(corners, corners[1:], strict=False))

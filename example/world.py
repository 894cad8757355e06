"""The whole invented region from one seed and one reference date: pure, without a database."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from example.chance import Chance, stream
from example.geography import invent_region
from example.histories import invent_courses
from example.homes import invent_dwellings
from example.parties import invent_accounts, invent_organisations
from example.people import invent_registrations, respell
from example.promises import invent_promises, invent_supply
from example.records import (
    Household,
    LookAlike,
    Person,
    Registration,
    SamePerson,
    World,
)
from example.surroundings import invent_capacities, invent_guidance, invent_support

HISTORY_YEARS = 8
# In balance a client stays on the list for 1.8 years: so many arrivals keep one on it.
ARRIVALS_PER_LISTED_CLIENT = 0.555
SAME_PERSON_SHARE = 0.05
COUPLES_PER_CLIENT = 0.01


def invent_world(
    *,
    seed: int,
    as_of: date,
    people: int = 420,
    dwellings: int = 100,
    history_years: int = HISTORY_YEARS,
    number: int = 0,
) -> World:
    """Return the invented region as it is on a day.

    Parameters
    ----------
    people
        About how many clients are in care or were housed in the last three months.
    dwellings
        How many homes: the latest moves, the offers that are open, and about a third free.
    history_years
        Since when the register is kept, in years before `as_of`.
    number
        0 is the region of the demo; others have names, codes and land of their own, so that
        many can stand side by side.

    >>> world = invent_world(seed=1, as_of=date(2026, 10, 1))
    >>> world.region.name
    'Vlietstreek'
    """
    register_start = date(as_of.year - history_years, 1, 1)
    region = invent_region(seed=seed, number=number)
    organisations = invent_organisations(region, seed=seed, number=number)
    accounts = invent_accounts(organisations, seed=seed, number=number)
    courses = invent_courses(
        stream(seed, number, "courses"),
        as_of=as_of,
        register_start=register_start,
        arrivals_a_year=people * ARRIVALS_PER_LISTED_CLIENT,
    )
    registrations = invent_registrations(
        courses,
        region=region,
        organisations=organisations,
        accounts=accounts,
        as_of=as_of,
        seed=seed,
        number=number,
    )
    chance = stream(seed, number, "the same people")
    same_persons = _unite(chance, registrations)
    look_alikes = _confuse(chance, registrations, {s.first for s in same_persons})
    households = _couple(chance, registrations, same_persons)
    promises = invent_promises(
        region, organisations, registrations, as_of=as_of, seed=seed, number=number
    )
    return World(
        seed=seed,
        as_of=as_of,
        register_start=register_start,
        region=region,
        yearly_ceiling=promises.yearly_ceiling,
        organisations=organisations,
        accounts=accounts,
        persons=_persons(registrations, households, same_persons),
        registrations=tuple(registrations),
        households=households,
        same_persons=same_persons,
        look_alikes=look_alikes,
        dwellings=invent_dwellings(
            region,
            organisations,
            registrations,
            promises,
            as_of=as_of,
            size=dwellings,
            seed=seed,
            number=number,
        ),
        keys=promises.keys,
        contingents=promises.contingents,
        ledger=promises.ledger,
        supply=invent_supply(region, promises, as_of=as_of, seed=seed, number=number),
        support=invent_support(region, organisations, as_of=as_of, seed=seed, number=number),
        guidance=invent_guidance(region, organisations, seed=seed, number=number),
        capacities=invent_capacities(region, as_of=as_of, seed=seed, number=number),
    )


def invent_many(
    *,
    seed: int,
    as_of: date,
    regions: int = 40,
    people: int = 20_000,
    dwellings: int = 5_000,
) -> Iterator[World]:
    """Yield as many regions as asked, together with so many listed clients and homes.

    Made for measuring under load: the register of these regions goes back one year only.
    """
    for number in range(regions):
        yield invent_world(
            seed=seed,
            as_of=as_of,
            people=_part(people, regions, number),
            dwellings=_part(dwellings, regions, number),
            history_years=1,
            number=number,
        )


def _part(total: int, parts: int, at: int) -> int:
    return total * (at + 1) // parts - total * at // parts


def _unite(chance: Chance, registrations: list[Registration]) -> tuple[SamePerson, ...]:
    """Let some people be known to two providers; the second wrote the name differently.

    The second registration is one without a home in sight: nobody is housed twice.
    """
    listed = [at for at, r in enumerate(registrations) if r.is_current]
    second = [at for at in listed if registrations[at].phase in ("stabilising", "preparing")]
    chance.shuffle(second)
    set_apart = set(second)
    taken: set[int] = set()
    pairs = []
    for at in second[: round(len(listed) * SAME_PERSON_SHARE)]:
        others = [
            i
            for i in listed
            if registrations[i].provider != registrations[at].provider
            and registrations[i].phase != "housed"
            and i not in taken
            and i not in set_apart
        ]
        if not others or at in taken:
            continue
        first = chance.choice(others)
        taken |= {first, at}
        original = registrations[first]
        spelled, difference = respell(chance, original.identity)
        registrations[at] = replace(
            registrations[at],
            person=original.person,
            identity=spelled,
            origin=original.origin,
        )
        pairs.append(SamePerson(original.number, registrations[at].number, difference))
    return tuple(pairs)


def _confuse(
    chance: Chance, registrations: list[Registration], united: set[str]
) -> tuple[LookAlike, ...]:
    """Make a pair of twins and a pair of namesakes who must not be taken for one person."""
    registrations_of = Counter(r.person for r in registrations)
    single = [
        at
        for at, r in enumerate(registrations)
        if r.is_current and r.number not in united and registrations_of[r.person] == 1
    ]
    found = []
    for reason in ("twins", "namesakes"):
        first = chance.choice(single)
        original = registrations[first].identity
        others = [
            at
            for at in single
            if registrations[at].provider != registrations[first].provider
            and registrations[at].identity.sex == original.sex
            and registrations[at].identity.given_name != original.given_name
            and registrations[at].identity.born_on != original.born_on
        ]
        if not others:
            continue
        second = chance.choice(others)
        identity = registrations[second].identity
        if reason == "twins":
            identity = replace(
                identity,
                prefix=original.prefix,
                surname=original.surname,
                born_on=original.born_on,
            )
        else:
            identity = replace(original, born_on=identity.born_on)
        registrations[second] = replace(registrations[second], identity=identity)
        single = [at for at in single if at not in (first, second)]
        found.append(LookAlike(registrations[first].number, registrations[second].number, reason))
    return tuple(found)


def _couple(
    chance: Chance,
    registrations: list[Registration],
    same_persons: tuple[SamePerson, ...],
) -> tuple[Household, ...]:
    """Let some pairs of clients plan to live together: two people, one home."""
    double = {number for pair in same_persons for number in (pair.first, pair.second)}
    waiting = [
        at
        for at, r in enumerate(registrations)
        if r.need
        and r.need.persons == 1
        and r.phase in ("preparing", "ready")
        and r.number not in double
    ]
    chance.shuffle(waiting)
    listed = sum(r.is_current for r in registrations)
    households = []
    for pair in range(min(max(1, round(listed * COUPLES_PER_CLIENT)), len(waiting) // 2)):
        two = waiting[2 * pair : 2 * pair + 2]
        shared = registrations[two[0]].need
        for at in two:
            need = registrations[at].need
            if shared and need:
                registrations[at] = replace(
                    registrations[at],
                    need=replace(
                        shared,
                        persons=2,
                        forms=("independent",),
                        max_rent=max(shared.max_rent, need.max_rent),
                        guidance_hours=need.guidance_hours,
                        support=need.support,
                    ),
                )
        persons = tuple(registrations[at].person for at in two)
        households.append(Household(f"H-{persons[0]}", persons))
    return tuple(households)


def _persons(
    registrations: list[Registration],
    households: tuple[Household, ...],
    same_persons: tuple[SamePerson, ...],
) -> tuple[Person, ...]:
    """Everybody once, as the first registration has them."""
    home = {person: household.key for household in households for person in household.persons}
    second = {pair.second for pair in same_persons}
    return tuple(
        Person(r.person, r.identity, home.get(r.person))
        for r in registrations
        if r.number not in second
    )

"""The parties of an invented region and the people who work there."""

import re
import unicodedata

from example import names
from example.chance import Chance, stream
from example.records import Account, Organisation, Region

WORKERS_PER_LOCATION = 2


def slug(text: str) -> str:
    """The text as it stands in a key or a mail domain: small letters and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def invent_organisations(region: Region, *, seed: int, number: int = 0) -> tuple[Organisation, ...]:
    """Return bureau, municipalities, corporations, providers, welfare and client council.

    The first corporation owns homes in every municipality, the others in some of them.
    """
    chance = stream(seed, number, "organisations")
    places = [m.name for m in region.municipalities]
    suffix = "" if number == 0 else f" {region.name}"
    found = [
        Organisation("bureau", "regional_bureau", f"Servicepunt Thuis in {region.name}"),
        *(Organisation(f"gemeente-{slug(p)}", "municipality", f"Gemeente {p}", p) for p in places),
    ]
    for at, name in enumerate(names.CORPORATIONS):
        own = places if at == 0 else sorted(chance.sample(places, chance.randint(2, 3)))
        found.append(Organisation(slug(name), "corporation", name + suffix, works_in=tuple(own)))
    found += [
        Organisation(
            slug(name),
            "care_provider",
            name + suffix,
            works_in=tuple(places),
            locations=tuple((location, chance.choice(places[:3])) for location in locations),
        )
        for name, locations in names.PROVIDERS
    ]
    half = len(places) // 2
    found += [
        Organisation(slug(name), "welfare", name + suffix, works_in=tuple(own))
        for name, own in zip(names.WELFARE, (places[:half], places[half:]), strict=True)
    ]
    found.append(
        Organisation("clientenraad", "client_council", f"Regionale cliëntenraad {region.name}")
    )
    return tuple(found)


class _Register:
    """Hands out accounts with names and addresses that occur once."""

    def __init__(self, chance: Chance, number: int) -> None:
        self.chance = chance
        self.ending = "" if number == 0 else f"-{number}"
        self.taken: set[str] = set()
        self.accounts: list[Account] = []

    def hire(self, organisation: Organisation, role: str, *more: tuple[str, str],
             location: str = "") -> None:  # fmt: skip
        while True:
            given = self.chance.choice(names.MALE + names.FEMALE)
            surname = self.chance.choice(names.SURNAMES)
            email = f"{slug(given)}.{slug(surname)}@{organisation.key}{self.ending}.example"
            if slug(given + surname) not in self.taken:
                break
        self.taken.add(slug(given + surname))
        memberships = ((organisation.key, role), *more)
        self.accounts.append(Account(email, f"{given} {surname}", memberships, location))


def invent_accounts(
    organisations: tuple[Organisation, ...], *, seed: int, number: int = 0
) -> tuple[Account, ...]:
    """Return the staff of all parties: every role at least once, two people with two hats."""
    register = _Register(stream(seed, number, "accounts"), number)
    of_kind: dict[str, list[Organisation]] = {}
    for organisation in organisations:
        of_kind.setdefault(organisation.kind, []).append(organisation)

    for bureau in of_kind["regional_bureau"]:
        register.hire(bureau, "coordinator")
        register.hire(bureau, "coordinator", (bureau.key, "steering_member"))
        register.hire(bureau, "privacy_officer")
        register.hire(bureau, "administrator")
    for provider in of_kind["care_provider"]:
        register.hire(provider, "team_leader")
        for location, _ in provider.locations:
            for _ in range(WORKERS_PER_LOCATION):
                register.hire(provider, "care_worker", location=location)
    towns = of_kind["municipality"]
    for rank, town in enumerate(towns):
        if rank < len(towns) - 1:
            # The officer of the smallest but one municipality works for the smallest as well.
            shared = ((towns[-1].key, "access_officer"),) if rank == len(towns) - 2 else ()
            register.hire(town, "access_officer", *shared)
        if rank < 2:
            register.hire(town, "steering_member")
    for rank, corporation in enumerate(of_kind["corporation"]):
        register.hire(corporation, "allocator")
        if rank == 0:
            register.hire(corporation, "allocator")
            register.hire(corporation, "steering_member")
    for welfare in of_kind["welfare"]:
        register.hire(welfare, "neighbourhood_worker")
        register.hire(welfare, "neighbourhood_worker")
    for council in of_kind["client_council"]:
        register.hire(council, "client_representative")
    return tuple(register.accounts)

"""The frame of an invented region: places, parties, accounts and the rules it set itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.contrib.auth.hashers import make_password

from accounts.access import Role, Viewer
from accounts.middleware import viewer_of
from accounts.models import Membership, Organisation, User
from example import records
from example.geography import outline
from example.loading.guard import EXAMPLE_PASSWORD
from regions.geography import place_new_neighbourhoods
from regions.models import (
    Municipality,
    MunicipalityName,
    Neighbourhood,
    Region,
    RegionRule,
)

# Rounded, as only the order of size matters: people per household in the Netherlands.
PEOPLE_PER_HOUSEHOLD = 2.1
RULES = {
    "readiness_stale_days": 90,
    "corporation_answer_days": 10,
    "client_answer_days": 10,
    "own_home_share": {"percent": "9", "source": "Telling van de aanbieders"},
    "relapse_share": {"percent": "11", "source": "Aanname van de stuurgroep"},
}


@dataclass(frozen=True)
class Frame:
    """The rows of the frame, by the keys that the invented world uses."""

    world: records.World
    region: Region
    municipalities: dict[str, Municipality]
    neighbourhoods: dict[tuple[str, str], Neighbourhood]
    organisations: dict[str, Organisation]
    # By address, key of the organisation, role.
    memberships: dict[tuple[str, str, str], Membership] = field(default_factory=dict)

    @cached_property
    def workers(self) -> dict[str, Membership]:
        """The care workers by their address."""
        return {
            email: membership
            for (email, _, role), membership in self.memberships.items()
            if role == Role.CARE_WORKER
        }

    @cached_property
    def workers_at(self) -> dict[str, list[str]]:
        """The addresses of the care workers of each location."""
        found: dict[str, list[str]] = {}
        for account in self.world.accounts:
            if account.location:
                found.setdefault(account.location, []).append(account.email)
        return found

    def viewer(self, organisation: str, role: Role) -> Viewer:
        """The first who has this role at this organisation."""
        for (_, key, held), membership in self.memberships.items():
            if (key, held) == (organisation, role):
                return self.viewer_of(membership)
        raise LookupError(f"{organisation} has no {role}")

    @staticmethod
    def viewer_of(membership: Membership) -> Viewer:
        viewer = viewer_of(membership)
        assert viewer is not None
        return viewer

    @cached_property
    def coordinator(self) -> Viewer:
        """Whoever runs the region day by day."""
        return self.viewer(self.world.organisations_of("regional_bureau")[0].key, Role.COORDINATOR)


def load_frame(world: records.World) -> Frame:
    """Write the frame; it holds nothing about people on their way home."""
    region = Region.objects.create(name=world.region.name, is_example=True)
    municipalities = _municipalities(world, region)
    frame = Frame(
        world=world,
        region=region,
        municipalities=municipalities,
        neighbourhoods=_neighbourhoods(world, municipalities),
        organisations=_organisations(world, region, municipalities),
    )
    _accounts(frame)
    RegionRule.objects.bulk_create(
        RegionRule(
            region=region,
            key=key,
            value=value,
            valid_from=world.register_start,
            owner=f"Bestuurlijk overleg {region.name}",
        )
        for key, value in RULES.items()
    )
    return frame


def _municipalities(world: records.World, region: Region) -> dict[str, Municipality]:
    inside = [
        Municipality(
            code=place.code,
            name=place.name,
            region=region,
            inhabitants=round(place.households * PEOPLE_PER_HOUSEHOLD),
            boundary=_polygon(outline(place.neighbourhoods)),
        )
        for place in world.region.municipalities
    ]
    around = [Municipality(code=code, name=name) for code, name in world.region.elsewhere]
    found = {row.name: row for row in Municipality.objects.bulk_create(inside + around)}
    MunicipalityName.objects.bulk_create(
        MunicipalityName(
            municipality=found[place.name],
            name=name,
            until=date(world.register_start.year, 1, 1),
            source="voorbeeld",
        )
        for place in world.region.municipalities
        for name in place.former_names
    )
    return found


def _neighbourhoods(
    world: records.World, municipalities: dict[str, Municipality]
) -> dict[tuple[str, str], Neighbourhood]:
    rows = Neighbourhood.objects.bulk_create(
        Neighbourhood(
            municipality=municipalities[place.name],
            name=part.name,
            boundary=_polygon(part.boundary),
            social_dwellings=part.social_dwellings,
        )
        for place in world.region.municipalities
        for part in place.neighbourhoods
    )
    place_new_neighbourhoods()
    return {(row.municipality.name, row.name): row for row in rows}


def _polygon(ring: Sequence[tuple[float, float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(point) for point in ring]]}


def _organisations(
    world: records.World, region: Region, municipalities: dict[str, Municipality]
) -> dict[str, Organisation]:
    rows = Organisation.objects.bulk_create(
        Organisation(
            name=party.name,
            kind=party.kind,
            municipality=municipalities[party.municipality] if party.municipality else None,
        )
        for party in world.organisations
    )
    through = Organisation.regions.through
    through.objects.bulk_create(through(organisation=row, region=region) for row in rows)
    return {party.key: row for party, row in zip(world.organisations, rows, strict=True)}


def _accounts(frame: Frame) -> None:
    sealed = make_password(EXAMPLE_PASSWORD)
    users = User.objects.bulk_create(
        User(email=account.email, name=account.name, password=sealed)
        for account in frame.world.accounts
    )
    for account, user in zip(frame.world.accounts, users, strict=True):
        for key, role in account.memberships:
            frame.memberships[account.email, key, role] = Membership(
                user=user,
                organisation=frame.organisations[key],
                region=frame.region,
                role=role,
                from_on=frame.world.register_start,
            )
    Membership.objects.bulk_create(frame.memberships.values())

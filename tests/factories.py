"""A small region with everybody in it, and the people and homes that tests need.

`world()` makes the frame. Its viewers have names: `world.care_worker` looks after the clients that
`make_client` makes unless told otherwise, `world.colleague` works at the same provider, an `other_`
viewer at another organisation of the region, a `foreign_` viewer in another region.
"""

import itertools
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.test import Client as Browser

from accounts.access import OrganisationKind, Role, Viewer
from accounts.context import acting_as, working_for
from accounts.middleware import viewer_of
from accounts.models import Membership, Organisation, User
from housing.lifecycle import ContingentKind, EntryKind
from housing.models import Contingent, ContingentEntry, Dwelling, SupportOffer
from outflow.lifecycle import FacilityType, Phase, SupportKind
from outflow.models import (
    Assignment,
    CareProfile,
    Client,
    FunctionalProfile,
    Identity,
    Person,
    PlaceToBeNear,
    Spell,
    WishedMunicipality,
)
from outflow.operations.tokens import tokens_of
from regions.clock import today
from regions.models import Municipality, Neighbourhood, Region

PASSWORD = "een-lang-wachtwoord-voor-proeven"

_SETTINGS = ("role", "region", "organisation", "membership", "municipality")
_numbers = itertools.count(1)

FAMILY_NAMES = ("Adelaar", "Bergsma", "Cornet", "Duinkerk", "Eekhout", "Fontein", "Grasduin")
GIVEN_NAMES = ("Anouk", "Bram", "Chaima", "Dirk", "Elif", "Femke", "Gijs")


@dataclass
class World:
    """One region with a viewer per role, and two regions beside it."""

    region: Region
    other_region: Region
    third_region: Region
    municipality: Municipality
    other_municipality: Municipality
    elsewhere: Municipality
    neighbourhood: Neighbourhood
    other_neighbourhood: Neighbourhood
    organisations: dict[str, Organisation] = field(default_factory=dict)
    viewers: dict[str, Viewer] = field(default_factory=dict)
    memberships: dict[str, Membership] = field(default_factory=dict)

    # Organisations: provider, other_provider, corporation, other_corporation, office,
    # other_office, welfare, council, bureau, and one of each kind in the other region.
    # Viewers: one per role by its name, and those of the module's first lines.
    def __getattr__(self, name: str) -> Any:
        for shelf in ("viewers", "organisations"):
            found = self.__dict__.get(shelf, {})
            if name in found:
                return found[name]
        raise AttributeError(name)


# name of the organisation: (kind, region, municipality)
ORGANISATIONS = {
    "provider": (OrganisationKind.CARE_PROVIDER, "region", None),
    "other_provider": (OrganisationKind.CARE_PROVIDER, "region", None),
    "corporation": (OrganisationKind.CORPORATION, "region", None),
    "other_corporation": (OrganisationKind.CORPORATION, "region", None),
    "office": (OrganisationKind.MUNICIPALITY, "region", "municipality"),
    "other_office": (OrganisationKind.MUNICIPALITY, "region", "other_municipality"),
    "welfare": (OrganisationKind.WELFARE, "region", None),
    "council": (OrganisationKind.CLIENT_COUNCIL, "region", None),
    "bureau": (OrganisationKind.REGIONAL_BUREAU, "region", None),
    "foreign_provider": (OrganisationKind.CARE_PROVIDER, "other_region", None),
    "foreign_corporation": (OrganisationKind.CORPORATION, "other_region", None),
    "foreign_office": (OrganisationKind.MUNICIPALITY, "other_region", "elsewhere"),
    "foreign_welfare": (OrganisationKind.WELFARE, "other_region", None),
    "foreign_council": (OrganisationKind.CLIENT_COUNCIL, "other_region", None),
    "foreign_bureau": (OrganisationKind.REGIONAL_BUREAU, "other_region", None),
}

# name of the viewer: (role, organisation)
VIEWERS = {
    "care_worker": (Role.CARE_WORKER, "provider"),
    "colleague": (Role.CARE_WORKER, "provider"),
    "team_leader": (Role.TEAM_LEADER, "provider"),
    "access_officer": (Role.ACCESS_OFFICER, "office"),
    "allocator": (Role.ALLOCATOR, "corporation"),
    "coordinator": (Role.COORDINATOR, "bureau"),
    "second_coordinator": (Role.COORDINATOR, "bureau"),
    "steering_member": (Role.STEERING_MEMBER, "office"),
    "client_representative": (Role.CLIENT_REPRESENTATIVE, "council"),
    "neighbourhood_worker": (Role.NEIGHBOURHOOD_WORKER, "welfare"),
    "privacy_officer": (Role.PRIVACY_OFFICER, "bureau"),
    "administrator": (Role.ADMINISTRATOR, "bureau"),
    "other_care_worker": (Role.CARE_WORKER, "other_provider"),
    "other_team_leader": (Role.TEAM_LEADER, "other_provider"),
    "other_access_officer": (Role.ACCESS_OFFICER, "other_office"),
    "other_allocator": (Role.ALLOCATOR, "other_corporation"),
    "foreign_care_worker": (Role.CARE_WORKER, "foreign_provider"),
    "foreign_team_leader": (Role.TEAM_LEADER, "foreign_provider"),
    "foreign_access_officer": (Role.ACCESS_OFFICER, "foreign_office"),
    "foreign_allocator": (Role.ALLOCATOR, "foreign_corporation"),
    "foreign_coordinator": (Role.COORDINATOR, "foreign_bureau"),
    "foreign_steering_member": (Role.STEERING_MEMBER, "foreign_office"),
    "foreign_client_representative": (Role.CLIENT_REPRESENTATIVE, "foreign_council"),
    "foreign_neighbourhood_worker": (Role.NEIGHBOURHOOD_WORKER, "foreign_welfare"),
    "foreign_privacy_officer": (Role.PRIVACY_OFFICER, "foreign_bureau"),
    "foreign_administrator": (Role.ADMINISTRATOR, "foreign_bureau"),
}


def world() -> World:
    """Regions, places, organisations of each kind, and one live membership per viewer."""
    regions = [Region(name=f"Regio {name}") for name in ("Rietland", "Veenkust", "Heidehoek")]
    Region.objects.bulk_create(regions)
    places = [
        Municipality(code="GM9001", name="Rietdam", region=regions[0]),
        Municipality(code="GM9002", name="Waterveen", region=regions[0]),
        Municipality(code="GM9003", name="Kustwijk", region=regions[1]),
        Municipality(code="GM9004", name="Heidestad", region=regions[2]),
    ]
    Municipality.objects.bulk_create(places)
    parts = [
        Neighbourhood(municipality=places[0], name="Molenbuurt"),
        Neighbourhood(municipality=places[0], name="Havenkwartier"),
    ]
    Neighbourhood.objects.bulk_create(parts)
    made = World(
        region=regions[0],
        other_region=regions[1],
        third_region=regions[2],
        municipality=places[0],
        other_municipality=places[1],
        elsewhere=places[2],
        neighbourhood=parts[0],
        other_neighbourhood=parts[1],
    )
    _organisations(made)
    _memberships(made)
    return made


def _organisations(made: World) -> None:
    for key, (kind, _, place) in ORGANISATIONS.items():
        made.organisations[key] = Organisation(
            name=key.replace("_", " ").capitalize(),
            kind=kind,
            municipality=getattr(made, place) if place else None,
        )
    Organisation.objects.bulk_create(made.organisations.values())
    through = Organisation.regions.through
    through.objects.bulk_create(
        through(organisation=made.organisations[key], region=getattr(made, region))
        for key, (_, region, _) in ORGANISATIONS.items()
    )


def _memberships(made: World) -> None:
    sealed = make_password(PASSWORD)
    users = {
        key: User(
            email=f"{key}@voorbeeld.nl", name=key.replace("_", " ").capitalize(), password=sealed
        )
        for key in VIEWERS
    }
    User.objects.bulk_create(users.values())
    for key, (role, organisation) in VIEWERS.items():
        made.memberships[key] = Membership(
            user=users[key],
            organisation=made.organisations[organisation],
            region=getattr(made, ORGANISATIONS[organisation][1]),
            role=role,
            from_on=today() - timedelta(days=3650),
        )
    Membership.objects.bulk_create(made.memberships.values())
    for key, membership in made.memberships.items():
        viewer = viewer_of(membership)
        assert viewer is not None
        made.viewers[key] = viewer


def viewer_for(organisation: Organisation, region: Region, role: Role) -> Viewer:
    """Somebody of this organisation who is no member: only to write rows that belong to it."""
    return Viewer(
        membership_id=0,
        user_id=0,
        organisation_id=organisation.pk,
        organisation_kind=organisation.kind,
        municipality_id=organisation.municipality_id,
        region_id=region.pk,
        role=role,
    )


def sign_in(browser: Browser, viewer: Viewer) -> Browser:
    """The browser continues as this viewer's user."""
    browser.force_login(User.objects.get(pk=viewer.user_id))
    return browser


@contextmanager
def keeping_context() -> Iterator[None]:
    """Whatever is done inside, the database works for the same viewer afterwards."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            names = ", ".join(f"current_setting('weerthuis.{name}', true)" for name in _SETTINGS)
            cursor.execute(f"SELECT {names}")
            before = [value or "" for value in cursor.fetchone()]
        yield
        with connection.cursor() as cursor:
            names = ", ".join(f"set_config('weerthuis.{name}', %s, true)" for name in _SETTINGS)
            cursor.execute(f"SELECT {names}", before)


def make_client(
    world: World,
    *,
    provider: Organisation | None = None,
    region: Region | None = None,
    assigned_to: Viewer | None | str = "care_worker",
    phase: str = Phase.READY,
    since: date | None = None,
    days: int = 100,
    exit: str = "",
    family_name: str | None = None,
    given_name: str | None = None,
    prefix: str = "",
    born_on: date = date(1990, 5, 17),
    case_code: str | None = None,
    client_number: str | None = None,
    person: Person | None = None,
    need: dict[str, Any] | None = None,
    care: dict[str, Any] | None = None,
    wishes: tuple[Municipality, ...] | None = None,
    near: tuple[tuple[str, Neighbourhood], ...] = (),
    **facts: Any,
) -> Client:
    """A client in one phase since a day (or for so many days), with identity, need and spell.

    `assigned_to` is a viewer, the name of one, or None for nobody; `facts` are fields of Client.
    """
    number = next(_numbers)
    provider = provider or world.organisations["provider"]
    region = region or world.region
    since = since or today() - timedelta(days=days)
    assigned = _assigned_viewer(world, assigned_to, provider)
    values: dict[str, Any] = {
        "facility_type": FacilityType.BW,
        "location": "De Haven",
        "in_care_since": since - timedelta(days=400),
        "origin_municipality": world.municipality,
        "ready_on": since if phase in {Phase.READY, Phase.OFFERED, Phase.HOUSED} else None,
        "checked_on": today(),
        **facts,
    }
    with keeping_context(), acting_as(viewer_for(provider, region, Role.TEAM_LEADER)):
        client = Client.objects.create(
            region=region,
            provider=provider,
            person=person or Person.objects.create(region=region),
            case_code=case_code or f"{secrets.token_hex(3).upper()}",
            client_number=client_number or f"{number:05d}",
            **values,
        )
        name = family_name or FAMILY_NAMES[number % len(FAMILY_NAMES)]
        given = given_name or GIVEN_NAMES[number % len(GIVEN_NAMES)]
        Identity.objects.create(
            client=client,
            family_name=name,
            prefix=prefix,
            given_name=given,
            born_on=born_on.isoformat(),
            **tokens_of(family_name=name, given_name=given, born_on=born_on),
        )
        CareProfile.objects.create(client=client, **(care or {}))
        profile = FunctionalProfile.objects.create(
            client=client, **{"max_rent": Decimal("713.02"), "guidance_hours": 4, **(need or {})}
        )
        for rank, place in enumerate((world.municipality,) if wishes is None else wishes, start=1):
            WishedMunicipality.objects.create(profile=profile, municipality=place, rank=rank)
        for kind, part in near:
            PlaceToBeNear.objects.create(profile=profile, kind=kind, neighbourhood=part)
        Spell.objects.create(
            client=client,
            phase=phase,
            from_on=since,
            until_on=today() if exit else None,
            exit=exit,
        )
        if assigned is not None:
            Assignment.objects.create(
                client=client, membership_id=assigned.membership_id, from_on=since
            )
    return client


def _assigned_viewer(
    world: World, assigned_to: Viewer | None | str, provider: Organisation
) -> Viewer | None:
    viewer = world.viewers[assigned_to] if isinstance(assigned_to, str) else assigned_to
    if viewer is not None and viewer.organisation_id != provider.pk:
        return None  # the usual care worker does not work at another provider
    return viewer


def make_dwelling(
    world: World,
    *,
    corporation: Organisation | None = None,
    neighbourhood: Neighbourhood | None = None,
    region: Region | None = None,
    **facts: Any,
) -> Dwelling:
    """A dwelling on offer that a person alone can pay and reach."""
    number = next(_numbers)
    part = neighbourhood or world.neighbourhood
    values: dict[str, Any] = {
        "street": "Rietlaan",
        "house_number": str(number),
        "postcode": "9901 AA",
        "place": part.municipality.name,
        "basic_rent": Decimal("612.40"),
        "rooms": 2,
        "bedrooms": 1,
        "floor": 0,
        "available_on": today() + timedelta(days=14),
        **facts,
    }
    return Dwelling.objects.create(
        region=region or world.region,
        corporation=corporation or world.organisations["corporation"],
        municipality=part.municipality,
        neighbourhood=part,
        **values,
    )


def make_contingent(
    world: World,
    *,
    agreed: int = 10,
    year: int | None = None,
    corporation: Organisation | None = None,
    municipality: Municipality | None = None,
    kind: str = ContingentKind.TASK,
) -> Contingent:
    """What a corporation promised in a municipality for a year, with its first ledger line."""
    contingent = Contingent.objects.create(
        region=world.region,
        corporation=corporation or world.organisations["corporation"],
        municipality=municipality or world.municipality,
        year=year or today().year,
        kind=kind,
    )
    ContingentEntry.objects.create(
        contingent=contingent, kind=EntryKind.AGREED, dwellings=agreed, on=today()
    )
    contingent.refresh_from_db()
    return contingent


def make_support(world: World, **facts: Any) -> SupportOffer:
    """A support offer with free places in the world's neighbourhood."""
    values: dict[str, Any] = {
        "neighbourhood": world.neighbourhood,
        "kind": SupportKind.BUDDY,
        "organisation": world.organisations["welfare"],
        "provider_name": world.organisations["welfare"].name,
        "places": 5,
        "in_use": 1,
        "updated_on": today(),
        **facts,
    }
    return SupportOffer.objects.create(**values)


def working_for_region(world: World, job: str = "match") -> Any:
    """The context of a job in the world's region."""
    return working_for(world.region.pk, job=job)

"""Fills the database of the bench where it is not full yet, and tells who takes part.

Runs in a process of its own, in demo mode: only there the example may be loaded.
"""

import argparse
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weerthuis.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db.models import Count  # noqa: E402

from accounts.access import Role  # noqa: E402
from accounts.context import acting_as, working_for  # noqa: E402
from accounts.middleware import viewer_of  # noqa: E402
from accounts.models import Membership  # noqa: E402
from example.loading import EXAMPLE_PASSWORD  # noqa: E402
from housing import runs as matching  # noqa: E402
from housing.models import Dwelling, MatchRun  # noqa: E402
from housing.operations.matching import request_match  # noqa: E402
from outflow import runs as estimating  # noqa: E402
from outflow.models import Assignment, Client, EstimateRun  # noqa: E402
from outflow.operations.estimates import request_estimate  # noqa: E402
from regions.models import Region, RunState  # noqa: E402

# Ten people in the first regions: (role, which region).
TEAM = (
    (Role.CARE_WORKER, 0),
    (Role.CARE_WORKER, 1),
    (Role.CARE_WORKER, 2),
    (Role.TEAM_LEADER, 0),
    (Role.TEAM_LEADER, 1),
    (Role.ACCESS_OFFICER, 0),
    (Role.ALLOCATOR, 1),
    (Role.COORDINATOR, 0),
    (Role.COORDINATOR, 1),
    (Role.STEERING_MEMBER, 0),
)


def fill(*, regions: int, people: int, dwellings: int, looks: int) -> None:
    """Load what is missing; a load that was stopped goes on where it was."""
    if Region.objects.filter(is_example=True).count() < regions:
        call_command("load_many", regions=regions, people=people, dwellings=dwellings, looks=looks)


def taking_part() -> list[Region]:
    places = Region.objects.filter(is_example=True).order_by("pk")
    highest = max(place for _role, place in TEAM)
    return [places[min(at, len(places) - 1)] for at in range(highest + 1)]


def compute(region: Region) -> None:
    """A match and an estimate, so that their pages have something to show."""
    membership = _busiest(region, Role.COORDINATOR)
    coordinator = viewer_of(membership)
    assert coordinator is not None
    for model, request, work in (
        (MatchRun, request_match, matching.carry_out),
        (EstimateRun, request_estimate, estimating.carry_out),
    ):
        if not model.objects.filter(region=region, state=RunState.DONE).exists():
            with acting_as(coordinator):
                run = request(region=region, by=coordinator)
            work(model.objects.get(pk=run.pk))


def sign_ins(regions: list[Region]) -> Iterator[dict[str, str]]:
    """Whoever has most to do in a role: the longest lists."""
    for role, place in TEAM:
        membership = _busiest(regions[place], role)
        yield {
            "role": role.value,
            "region": regions[place].name,
            "email": membership.user.email,
            "password": EXAMPLE_PASSWORD,
        }


def _busiest(region: Region, role: Role) -> Membership:
    memberships = list(
        Membership.objects.live()
        .filter(region=region)
        .select_related("user", "organisation")
        .order_by("pk")
    )
    roles_of = Counter(membership.user_id for membership in memberships)
    # With one role there is nothing to choose after signing in.
    own = [m for m in memberships if m.role == role and roles_of[m.user_id] == 1]
    with working_for(region.pk, job="estimate"):
        work = _work(region)
    return max(own, key=lambda m: (work[_owner(role, m)], -m.pk))


def _owner(role: Role, membership: Membership) -> tuple[str, int | None]:
    match role:
        case Role.CARE_WORKER:
            return "membership", membership.pk
        case Role.ACCESS_OFFICER:
            return "municipality", membership.organisation.municipality_id
        case _:
            return "organisation", membership.organisation_id


def _work(region: Region) -> Counter[tuple[str, int | None]]:
    counts: Counter[tuple[str, int | None]] = Counter()
    for name, rows, column in (
        ("membership", Assignment.objects.filter(until_on=None), "membership_id"),
        ("municipality", Client.objects.filter(region=region), "origin_municipality_id"),
        ("organisation", Client.objects.filter(region=region), "provider_id"),
        ("organisation", Dwelling.objects.filter(region=region), "corporation_id"),
    ):
        grouped = rows.order_by().values_list(column).annotate(rows=Count("pk"))
        counts.update({(name, key): number for key, number in grouped})
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("regions", "people", "dwellings", "looks"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = vars(parser.parse_args())
    out = given.pop("out")
    fill(**given)
    regions = taking_part()
    for region in regions:
        compute(region)
    out.write_text(json.dumps(list(sign_ins(regions))))


if __name__ == "__main__":
    main()

"""A whole invented world goes in at once, or not at all: killed half-way, nothing is there."""

from collections.abc import Callable

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.context import acting_as
from example.loading.frame import Frame, load_frame
from example.loading.guard import LOADED, refuse_elsewhere
from example.loading.homes import load_dwellings, load_promises, load_surroundings
from example.loading.people import load_people, settle_some_duplicates
from example.loading.plans import plan_proposals
from example.loading.policies import load_policies
from example.loading.proposals import live_through
from example.loading.scenarios import load_scenarios
from example.loading.tenancies import load_tenancies
from example.records import World
from housing.fairness import make_picture
from housing.operations.matching import request_match
from outflow.operations.estimates import request_estimate
from regions.clock import on_day, today
from regions.formats import months_after
from regions.models import Region
from regions.tasks import offer_again

MONTHS_COUNTED = 3
LOCK = 7_031_964  # two loads at once: the second waits, and finds the region
Say = Callable[[str, int], None]


def load_world(world: World, *, say: Say, compute: bool = True) -> Frame | None:
    """Write the world in one transaction; None when its region is there already.

    `say` is told each step with its number when that step is done. With `compute` a worker is
    asked for an estimate and a matching.
    """
    refuse_elsewhere()
    with on_day(world.as_of), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        if Region.objects.filter(name=world.region.name).exists():
            return None
        frame = _load(world, say)
        audit.record(LOADED, frame.region, by=None, as_of=world.as_of.isoformat(), seed=world.seed)
        if compute:
            say(_("Scenarios"), load_scenarios(frame))
            say(_("Months of equal chances"), _count_months(frame))
            with acting_as(frame.coordinator):
                request_match(region=frame.region, by=frame.coordinator)
                request_estimate(region=frame.region, by=frame.coordinator)
            offer_again.delay_on_commit()
    return frame


def _count_months(frame: Frame) -> int:
    """The last months that are over, as every night would have counted them."""
    first = today().replace(day=1)
    months = [months_after(first, -back) for back in range(MONTHS_COUNTED, 0, -1)]
    return sum(make_picture(frame.region, month) is not None for month in months)


def _load(world: World, say: Say) -> Frame:
    plans = plan_proposals(world)
    frame = load_frame(world)
    say(_("Municipalities"), len(world.region.municipalities))
    say(_("Neighbourhoods"), len(frame.neighbourhoods))
    say(_("Organisations"), len(frame.organisations))
    say(_("Accounts"), len(world.accounts))
    clients = load_people(frame, plans)
    say(_("People on their way home"), len(world.current))
    say(_("Phases since %(year)s") % {"year": world.register_start.year},
        sum(len(r.spells) for r in world.registrations))  # fmt: skip
    contingents = load_promises(frame)
    say(_("Contingents"), len(contingents))
    dwellings = load_dwellings(frame, plans)
    say(_("Dwellings"), len(dwellings))
    load_surroundings(frame)
    load_policies(frame)
    say(_("Support offers"), len(world.support))
    say(_("People housed"), load_tenancies(frame, clients, dwellings, contingents))
    say(_("Proposals that run"), live_through(frame, plans, clients, dwellings, contingents))
    say(_("Likely duplicates"), settle_some_duplicates(frame, clients))
    return frame

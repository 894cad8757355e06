"""Scenarios: made, changed, shared and put away by the organisation that asks what if."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import GRANTS, Permission, Role, Viewer, may
from accounts.models import Membership, Organisation
from outflow.errors import ChangedMeanwhile, NotAllowed, Refused, RefusedAt
from outflow.estimation import EstimateError
from outflow.estimation.quarters import quarter_of
from outflow.estimation.scenarios import Scenario as CoreScenario
from outflow.estimation.scenarios import check
from outflow.lifecycle import FacilityType
from outflow.models import PlannedSupply, Scenario
from outflow.operations.estimates import QUARTERS_AHEAD, request_estimate
from outflow.scenarios.words import refusal
from regions import formats
from regions.clock import today
from regions.models import Municipality, Region, RunCause

MOST_LIVE = 12
MOST_OF_ONE = 4
MOST_CHANGES = 4
Changes = Sequence[dict[str, Any]]


@transaction.atomic
def make_scenario(*, name: str, changes: Changes, by: Viewer) -> Scenario:
    """Keep a new scenario of the viewer's organisation; the next estimate computes it."""
    if not may(by, Permission.MAKE_SCENARIO):
        raise _not_theirs()
    region = _locked_region(by)
    _refuse_too_many(region, by)
    _refuse_taken(region, by, name)
    scenario = Scenario.objects.create(
        region=region,
        name=name,
        owner_id=by.organisation_id,
        made_by_id=by.user_id,
        changes=_checked(region, name, changes),
    )
    audit.record("scenario.made", scenario, by=by, changes=len(scenario.changes))
    _compute_anew(region)
    return scenario


@transaction.atomic
def change_scenario(
    *, scenario: Scenario, name: str, changes: Changes, by: Viewer, seen: str | None = None
) -> Scenario:
    """Give a scenario another name or other changes.

    `seen` is the mark of what was on the page; when somebody saved in between nothing is
    overwritten.
    """
    region = _locked_region(by)
    scenario = _locked(scenario, by)
    _refuse_put_away(scenario)
    if seen is not None and seen != mark_of(scenario):
        raise ChangedMeanwhile(
            _("Somebody else changed this scenario meanwhile. Look at it before you save.")
        )
    _refuse_taken(region, by, name, but=scenario)
    checked = _checked(region, name, changes)
    computed_anew = checked != scenario.changes
    scenario.name, scenario.changes = name, checked
    scenario.save(update_fields=["name", "changes"])
    audit.record("scenario.changed", scenario, by=by, changes=len(checked))
    if computed_anew:
        _compute_anew(region)
    return scenario


@transaction.atomic
def share_scenario(
    *, scenario: Scenario, organisations: Collection[Organisation] | None, by: Viewer
) -> Scenario:
    """Let organisations of the region see a scenario; None is all of them, for a coordinator."""
    scenario = _locked(scenario, by)
    _refuse_put_away(scenario)
    partners = {party.pk: party for party in partners_of(by)}
    if organisations is None:
        if not may_share_with_all(by):
            raise _not_theirs()
        organisations = list(partners.values())
    if not all(party.pk in partners for party in organisations):
        raise Refused(_("This organisation does not see scenarios of the region. Choose another."))
    if not organisations:
        raise RefusedAt("organisations", _("Choose at least one organisation."))
    scenario.shared_with.add(*organisations)
    refs = sorted(str(party.ref) for party in organisations)
    audit.record("scenario.shared", scenario, by=by, organisations=refs)
    return scenario


@transaction.atomic
def stop_sharing(*, scenario: Scenario, organisation: Organisation, by: Viewer) -> Scenario:
    """Close a scenario for an organisation that saw it; nothing happens when it did not."""
    scenario = _locked(scenario, by)
    scenario.shared_with.remove(organisation)
    audit.record("scenario.unshared", scenario, by=by, organisation=str(organisation.ref))
    return scenario


@transaction.atomic
def archive_scenario(*, scenario: Scenario, by: Viewer) -> Scenario:
    """Put a scenario away: it is not computed any more, and whom it was shared with lose it."""
    region = _locked_region(by)
    scenario = _locked(scenario, by)
    _refuse_put_away(scenario)
    _set_archived(scenario, timezone.now())
    audit.record("scenario.archived", scenario, by=by)
    _compute_anew(region)
    return scenario


@transaction.atomic
def restore_scenario(*, scenario: Scenario, by: Viewer) -> Scenario:
    """Take a scenario back, if there is room and its name is free."""
    region = _locked_region(by)
    scenario = _locked(scenario, by)
    if scenario.archived_at is None:
        raise Refused(_("This scenario was put back already."))
    _refuse_too_many(region, by)
    _refuse_taken(region, by, scenario.name)
    _checked(region, scenario.name, scenario.changes)
    _set_archived(scenario, None)
    audit.record("scenario.restored", scenario, by=by)
    _compute_anew(region)
    return scenario


def mark_of(scenario: Scenario) -> str:
    """Differs whenever the name or the changes of a scenario do."""
    content = json.dumps([scenario.name, scenario.changes], sort_keys=True)
    return sha256(content.encode()).hexdigest()[:16]


def partners_of(viewer: Viewer) -> list[Organisation]:
    """The other organisations of the region where somebody may see scenarios, by name."""
    seers = {grant.role for grant in GRANTS if grant.permission == Permission.SEE_SCENARIOS}
    there = Membership.objects.live().filter(region_id=viewer.region_id, role__in=seers)
    parties = Organisation.objects.filter(
        pk__in=there.values("organisation_id"), regions=viewer.region_id
    )
    return list(parties.exclude(pk=viewer.organisation_id).order_by("name"))


def may_share_with_all(viewer: Viewer) -> bool:
    """The coordinator speaks to all parties at once; others choose whom they show it to."""
    return viewer.role == Role.COORDINATOR


def _locked_region(by: Viewer) -> Region:
    """Of two who add a scenario at one moment the second counts what the first made."""
    return Region.objects.select_for_update(no_key=True).get(pk=by.region_id)


def _locked(scenario: Scenario, by: Viewer) -> Scenario:
    mine = Scenario.objects.visible_to(by, Permission.MAKE_SCENARIO)
    found = mine.select_for_update(of=("self",), no_key=True).filter(pk=scenario.pk).first()
    if found is None:
        raise _not_theirs()
    return found


def _not_theirs() -> NotAllowed:
    return NotAllowed(_("This is for somebody else to do. Nothing was changed."))


def _set_archived(scenario: Scenario, at: datetime | None) -> None:
    scenario.archived_at = at
    scenario.save(update_fields=["archived_at"])


def _refuse_put_away(scenario: Scenario) -> None:
    if scenario.archived_at is not None:
        raise Refused(_("This scenario was put away. Put it back first."))


def _refuse_too_many(region: Region, by: Viewer) -> None:
    live = Scenario.objects.live().filter(region=region)
    if live.filter(owner_id=by.organisation_id).count() >= MOST_OF_ONE:
        raise Refused(
            _(
                "Your organisation has %(count)s scenarios, the most that one may have computed."
                " Put one away first."
            )
            % {"count": MOST_OF_ONE}
        )
    if live.count() < MOST_LIVE:
        return
    owners = Organisation.objects.filter(pk__in=live.values("owner_id")).order_by("name")
    raise Refused(
        _(
            "The region has %(count)s scenarios, the most that are computed. Put one away first,"
            " or ask one of those who made them: %(owners)s."
        )
        % {"count": MOST_LIVE, "owners": formats.and_list(party.name for party in owners)}
    )


def _refuse_taken(region: Region, by: Viewer, name: str, *, but: Scenario | None = None) -> None:
    taken = Scenario.objects.live().filter(
        region=region, owner_id=by.organisation_id, name__iexact=name
    )
    if but is not None:
        taken = taken.exclude(pk=but.pk)
    if taken.exists():
        raise RefusedAt(
            "name", _("Your organisation already has a scenario with this name. Choose another.")
        )


def _checked(region: Region, name: str, changes: Changes) -> list[dict[str, Any]]:
    """The changes as the core reads them, refused in our words where they cannot be."""
    if not changes:
        raise RefusedAt("kind_1", _("A scenario changes something. Choose what."))
    if len(changes) > MOST_CHANGES:
        raise Refused(
            _("A scenario has at most %(count)s changes. Make a second scenario of the rest.")
            % {"count": MOST_CHANGES}
        )
    places = Municipality.objects.filter(region=region)
    planned = PlannedSupply.objects.filter(region=region, municipality__isnull=False)
    try:
        scenario = CoreScenario.from_dict({"name": name, "changes": list(changes)})
        check(
            [scenario],
            first_quarter=quarter_of(today()),
            quarters=QUARTERS_AHEAD,
            municipalities=list(places.values_list("code", flat=True)),
            facility_types=FacilityType.values,
            planned=list(planned.values_list("municipality__code", flat=True).distinct()),
        )
    except EstimateError as error:
        field, sentence = refusal(error)
        refused = RefusedAt(field, sentence) if field else Refused(sentence)
        raise refused from error
    return [change.as_dict() for change in scenario.changes]


def _compute_anew(region: Region) -> None:
    """Whoever may make a scenario may have it computed; asking for more is the coordinator's."""
    request_estimate(region=region, cause=RunCause.SCENARIO, by=None)

"""What the inventory counts is the region's to decide: dated, owned, and kept when it changes."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import Permission, Viewer, may
from outflow.errors import ChangedMeanwhile, NotAllowed, Refused, RefusedAt
from outflow.inventories.definitions import AGREED_SHARES, Definitions, definitions_on, faults
from regions.clock import today
from regions.models import Municipality, Region, RegionRule


@transaction.atomic
def define_inventory(
    *, definitions: Definitions, owner: str, by: Viewer, seen: str | None = None
) -> list[str]:
    """Let these definitions count from today on; returns the rules that changed.

    What counted before stays on record with its own days. `owner` is who decided it; `seen` is the
    mark of the definitions that were on the form.
    """
    if not may(by, Permission.DEFINE_INVENTORY):
        raise NotAllowed(_("This is for somebody else to do. Nothing was changed."))
    if not owner.strip():
        raise RefusedAt("owner", _("Write who decided this."))
    for field, sentence in faults(definitions):
        raise RefusedAt(field, sentence)
    region = Region.objects.select_for_update().get(pk=by.region_id)
    inside = Municipality.objects.filter(region=region).values_list("code", flat=True)
    if not definitions.agreed_shares.keys() <= set(inside):
        raise Refused(_("A share is for a municipality of the region. Nothing was changed."))
    day = today()
    now, _decided = definitions_on(region, day)
    if seen is not None and seen != now.mark:
        raise ChangedMeanwhile(
            _("Somebody else changed the definitions meanwhile. Nothing was changed.")
        )
    before, after = now.as_rules(), definitions.as_rules()
    changed = [key for key in after if after[key] != before[key]]
    for key in changed:
        RegionRule.objects.update_or_create(
            region=region,
            key=key,
            valid_from=day,
            defaults={"value": after[key], "owner": owner.strip()},
        )
    if changed:
        audit.record(
            "region.inventory_defined",
            region,
            by=by,
            rules=changed,
            shares=len(definitions.agreed_shares) if AGREED_SHARES in changed else None,
        )
    return changed

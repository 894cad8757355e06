"""Rules a region sets for itself: their name, their default, and which one counts when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regions.models import Region, RegionRule


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing a region may decide, and what counts until it does."""

    key: str
    label: str | Promise
    default: Any


CARE_PHASES = ("intake", "stabilising", "preparing", "ready", "offered", "relapse")

RULES = {
    rule.key: rule
    for rule in (
        Rule("waiting_bands_months", _("waiting bands in months"), [3, 6, 9]),
        Rule("readiness_stale_days", _("days until readiness is out of date"), 30),
        Rule("corporation_answer_days", _("days a corporation has to answer"), 7),
        Rule("client_answer_days", _("days a client has to answer"), 7),
        Rule("viewing_days", _("days until a viewing is planned"), 14),
        Rule("contract_days", _("days until the contract is signed"), 28),
        Rule("vacancy_days", _("days a dwelling may wait for a client"), 30),
        Rule("booking_moment", _("when a dwelling counts under the contingent"), "accepted"),
        Rule("listed_ready_counts_as_granted", _("ready on a list counts as granted"), True),
        Rule("identity_days_after_closing", _("days a corporation sees who it was"), 30),
        # From this share on the pages say that following may have become a habit.
        Rule("hasty_follow_percent", _("share followed within a minute, in percent"), 50),
        Rule("estimate_queue", _("who is first in line in the estimate"), "longest_ready"),
        # Who is counted in the inventory, in codes of the care phases; relapse is back in care.
        Rule("inventory_bw_phases", _("who counts as sheltered housing"), list(CARE_PHASES)),
        Rule("inventory_mo_phases", _("who counts as shelter"), list(CARE_PHASES)),
        Rule("inventory_ready_phases", _("who counts as ready"), ["ready"]),
        Rule("inventory_offer_is_ready", _("an open offer counts as ready"), True),
        Rule("inventory_term_months", _("terms until ready, in months"), [6, 12, 24]),
        # CBS code of a municipality -> its share in percent.
        Rule("agreed_shares", _("agreed share of each municipality"), {}),
        # What the step plan takes for granted: {"percent": ..., "source": ...}, or nothing yet.
        Rule("own_home_share", _("share that finds a home alone"), {}),
        Rule("other_care_share", _("share that goes to other care"), {}),
        Rule("relapse_share", _("share back in care within 24 months"), {}),
    )
}


def rule(region: Region | int, key: str, *, on: date) -> Any:
    """What `key` says in the region on a day: its own rule, else the default.

    >>> rule(region, "readiness_stale_days", on=today())
    30
    """
    decided = decision(region, key, on=on)
    return RULES[key].default if decided is None else decided.value


def decision(region: Region | int, key: str, *, on: date) -> RegionRule | None:
    """The region's own rule that counts on a day, with who owns it and from when; None without."""
    return (
        RegionRule.objects.filter(region=region, key=key, valid_from__lte=on)
        .order_by("-valid_from")
        .first()
    )


def decisions(region: Region | int, keys: Iterable[str], *, on: date) -> dict[str, RegionRule]:
    """The region's own rules that count on a day, by key; keys without one are left out."""
    rows = RegionRule.objects.filter(region=region, key__in=list(keys), valid_from__lte=on)
    return {row.key: row for row in rows.order_by("valid_from")}

"""Rules a region sets for itself: their name, their default, and which one counts when."""

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
        Rule("one_offer", _("a client gets one fitting offer"), True),
    )
}


def rule(region: Region | int, key: str, *, on: date) -> Any:
    """What `key` says in the region on a day: its own rule, else the default.

    >>> rule(region, "readiness_stale_days", on=today())
    30
    """
    own = (
        RegionRule.objects.filter(region=region, key=key, valid_from__lte=on)
        .order_by("-valid_from")
        .values_list("value", flat=True)
        .first()
    )
    return RULES[key].default if own is None else own

"""What a region lets the matching weigh, and what it decides beside it: read, checked, and kept.

A version of the policy (`MatchPolicy.values`) holds `policy`, which the matcher reads as it stands
(`housing.matching.policy`), and the region's own words and decisions beside it. What a version does
not say has its default, so that a version made before something could be decided stays readable.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from housing.matching.errors import InstanceError
from housing.matching.policy import URGENCY_LEVELS, Policy, read_policy
from housing.models import MatchPolicy
from regions.models import Region

MOST_OFFERS = 5
LONGEST_NAME = 40
LANGUAGES = ("nl", "en")


class AfterRefusal(models.TextChoices):
    """What happens in the matching to somebody who refused what the region offers."""

    KEEPS_PLACE = "keeps_place", _("keeps the place: nothing changes")
    WAITS_FROM_REFUSAL = "waits_from_refusal", _("waits anew: waiting counts from the refusal")
    TABLE_DECIDES = "table_decides", _("takes no part until the table lets them in again")


class Appropriate(models.TextChoices):
    """What a rent above the limit of appropriate allocation does."""

    WARNS = "warns", _("warns, and counts towards the norm")
    BLOCKS = "blocks", _("blocks: such a home is not proposed")


URGENCY_NAMES: dict[str, tuple[str, ...]] = {
    "nl": ("geen", "enige", "hoog", "hoogste"),
    "en": ("none", "some", "high", "highest"),
}


@dataclass(frozen=True, slots=True)
class RegionPolicy:
    """One version in the form in which it is used; the defaults are those of the contract."""

    matcher: Policy = field(default_factory=Policy)
    urgency_names: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: dict(URGENCY_NAMES)
    )
    offers: int = 1
    after_refusal: str = AfterRefusal.KEEPS_PLACE
    appropriate_allocation: str = Appropriate.WARNS

    def as_values(self) -> dict[str, Any]:
        """What `MatchPolicy.values` keeps."""
        return {
            "policy": self.matcher.as_json(),
            "urgency_names": {
                language: list(self.urgency_names[language]) for language in LANGUAGES
            },
            "offers": self.offers,
            "after_refusal": str(self.after_refusal),
            "appropriate_allocation": str(self.appropriate_allocation),
        }

    def urgency_name(self, urgency: int) -> str:
        """How the region calls this class, in the language of the page."""
        language = get_language() or LANGUAGES[0]
        return self.urgency_names[language if language in LANGUAGES else "en"][urgency]


def read(values: Mapping[str, Any]) -> RegionPolicy:
    """What a version says; raises ValueError with what is wrong, for what no form may let through.

    >>> read({}).offers
    1
    """
    try:
        matcher = read_policy(values.get("policy", {}))
    except InstanceError as wrong:
        raise ValueError(str(wrong)) from wrong
    names = values.get("urgency_names") or URGENCY_NAMES
    if any(not _are_names(names.get(language, ())) for language in LANGUAGES):
        raise ValueError("urgency_names: four names in Dutch and in English")
    offers = values.get("offers", 1)
    if not isinstance(offers, int) or not 1 <= offers <= MOST_OFFERS:
        raise ValueError(f"offers: from 1 to {MOST_OFFERS}")
    return RegionPolicy(
        matcher=matcher,
        urgency_names={language: tuple(names[language]) for language in LANGUAGES},
        offers=offers,
        after_refusal=AfterRefusal(values.get("after_refusal", AfterRefusal.KEEPS_PLACE)),
        appropriate_allocation=Appropriate(values.get("appropriate_allocation", Appropriate.WARNS)),
    )


def _are_names(names: Sequence[str]) -> bool:
    return (
        len(names) == URGENCY_LEVELS
        and all(name.strip() and len(name) <= LONGEST_NAME for name in names)
        and len(set(names)) == len(names)
    )


def counting(region: Region | int, *, on: date) -> MatchPolicy | None:
    """The version that counts on a day; None where the region has decided nothing yet."""
    return MatchPolicy.objects.filter(region=region).counting_first(on).first()


def policy_of(version: MatchPolicy | None) -> RegionPolicy:
    """What this version says; without one, the defaults."""
    return RegionPolicy() if version is None else read(version.values)

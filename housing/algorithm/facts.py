"""What the papers take from the database: limits of the law, and what a region decided."""

from accounts.access import OrganisationKind
from accounts.models import Organisation
from housing.algorithm.page import Limit
from housing.algorithm.register import RegionFacts
from housing.policies import counting
from regions.clock import today
from regions.models import LegalParameter, Region


def legal_limits() -> list[Limit]:
    """Every limit of the dated table, with its source."""
    rows = LegalParameter.objects.values_list("kind", "valid_from", "value", "verified", "source")
    return [Limit(*row) for row in rows]


def region_facts(region: Region) -> RegionFacts:
    """What the entry of one region says; what nobody recorded stays open."""
    bureau = (
        Organisation.objects.filter(regions=region, kind=OrganisationKind.REGIONAL_BUREAU)
        .order_by("pk")
        .values_list("name", flat=True)
        .first()
    )
    version = counting(region, on=today())
    if version is None:
        return RegionFacts(name=region.name, bureau=bureau or "")
    return RegionFacts(
        name=region.name,
        bureau=bureau or "",
        policy_number=version.number,
        policy_owner=version.owner,
        policy_from=version.valid_from,
        policy=version.values,
    )

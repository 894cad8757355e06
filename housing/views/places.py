"""The lists of places and parties that forms on these pages offer."""

from accounts.access import OrganisationKind, Role, Viewer
from accounts.models import Organisation
from regions.models import Municipality

PER_PAGE = 25
# Longer than any name; what somebody pastes beyond it is not looked at.
MOST_SEARCHED = 100


def municipalities_of(viewer: Viewer) -> list[Municipality]:
    """The municipalities of the region, each with its neighbourhoods."""
    return list(
        Municipality.objects.filter(region_id=viewer.region_id).prefetch_related("neighbourhoods")
    )


def organisations_of(viewer: Viewer, *kinds: OrganisationKind) -> list[Organisation]:
    """The parties of the region of these kinds."""
    return list(Organisation.objects.filter(regions=viewer.region_id, kind__in=kinds))


def corporations_for(viewer: Viewer) -> list[Organisation]:
    """Whose dwellings the viewer may enter: the own corporation, or for a coordinator any."""
    found = organisations_of(viewer, OrganisationKind.CORPORATION)
    if viewer.role == Role.ALLOCATOR:
        return [corporation for corporation in found if corporation.pk == viewer.organisation_id]
    return found


def supporters_for(viewer: Viewer) -> list[Organisation]:
    """Whose support the viewer may enter."""
    found = organisations_of(
        viewer,
        OrganisationKind.WELFARE,
        OrganisationKind.CARE_PROVIDER,
        OrganisationKind.MUNICIPALITY,
    )
    if viewer.role == Role.NEIGHBOURHOOD_WORKER:
        return [party for party in found if party.pk == viewer.organisation_id]
    return found

"""What the region knows before a list is read: places, organisations, and what was remembered."""

from datetime import date

from django.db.models import Q

from accounts.models import Organisation
from lists.cells.texts import plain
from lists.context import Context
from lists.mapping import Mapping
from regions.models import Municipality, MunicipalityName, Neighbourhood, NeighbourhoodAlias


def context_for(region_id: int, *, uploader: Organisation, on: date) -> Context:
    """Places and organisations of the region, in the form in which a reading takes them."""
    municipalities = list(Municipality.objects.values_list("pk", "name", "region_id"))
    own = {pk: name for pk, name, region in municipalities if region == region_id}
    neighbourhoods: dict[str, set[str]] = {name: set() for name in own.values()}
    for name, municipality in Neighbourhood.objects.filter(municipality__in=own).values_list(
        "name", "municipality_id"
    ):
        neighbourhoods[own[municipality]].add(name)
    aliases = {
        (own[alias.neighbourhood.municipality_id], alias.name): alias.neighbourhood.name
        for alias in NeighbourhoodAlias.objects.filter(
            neighbourhood__municipality__in=own
        ).select_related("neighbourhood")
    }
    former: dict[str, tuple[str, ...]] = {}
    for known in MunicipalityName.objects.select_related("municipality"):
        former[known.name] = (*former.get(known.name, ()), known.municipality.name)
    organisations = Organisation.objects.filter(Q(regions=region_id) | Q(pk=uploader.pk))
    return Context(
        reference_date=on,
        municipalities=frozenset(name for _pk, name, _region in municipalities),
        region_municipalities=frozenset(own.values()),
        neighbourhoods={name: frozenset(parts) for name, parts in neighbourhoods.items()},
        aliases=aliases,
        former=former,
        organisations=dict(organisations.values_list("name", "kind")),
        uploader=uploader.name,
    )


def names_known(region_id: int) -> Mapping:
    """Other names of organisations, as an administrator wrote them down."""
    found = {}
    for organisation in Organisation.objects.filter(regions=region_id):
        for other in organisation.other_names:
            found[plain(other)] = organisation.name
    return Mapping(organisations=found)

"""Where things lie, from the files that Statistics Netherlands publishes.

The CBS table "Gebieden in Nederland" gives codes, names and inhabitants of municipalities; a
GeoJSON of CBS/PDOK gives boundaries (`statcode`, `statnaam`) of municipalities and of
neighbourhoods whose CBS code is known. Loading the same file twice changes nothing.

A neighbourhood lies at the middle of its own boundary, else at that of its municipality; a place
that somebody filled in stays.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from django.db import models, transaction
from django.utils.translation import gettext as _

from regions.errors import Refused
from regions.models import Municipality, Neighbourhood, Region

Place = tuple[float, float]
# About a metre; finer is no place, only noise.
PLACE_DECIMALS = 5

CODE = "Code_1"
NAME = "Naam_2"
INHABITANTS = "Inwonertal_"  # CBS numbers the columns, and the number changes with each edition


class Loaded(NamedTuple):
    """How many rows a file gave, by what became of them."""

    new: int
    changed: int
    unchanged: int
    unknown: int = 0


@transaction.atomic
def load_municipalities(path: Path) -> Loaded:
    """Put in or refresh all municipalities of the CBS table."""
    known = {m.code: m for m in Municipality.objects.all()}
    new, changed, unchanged = [], [], 0
    for code, name, inhabitants in _cbs_rows(path):
        municipality = known.get(code)
        if municipality is None:
            new.append(Municipality(code=code, name=name, inhabitants=inhabitants))
        elif (municipality.name, municipality.inhabitants) == (name, inhabitants):
            unchanged += 1
        else:
            municipality.name, municipality.inhabitants = name, inhabitants
            changed.append(municipality)
    Municipality.objects.bulk_create(new)
    Municipality.objects.bulk_update(changed, ["name", "inhabitants"])
    return Loaded(len(new), len(changed), unchanged)


@transaction.atomic
def load_boundaries(path: Path) -> Loaded:
    """Give known areas their boundary; others in the file are counted, not added."""
    parts = {place.cbs_code: place for place in _neighbourhoods().exclude(cbs_code="")}
    municipalities = {m.code: m for m in Municipality.objects.all()}
    known: dict[str, Municipality | Neighbourhood] = {**parts, **municipalities}
    told_by_machine = [place.pk for place in _neighbourhoods() if _is_told_by_machine(place)]
    changed: set[str] = set()
    unchanged, unknown, new = 0, 0, 0
    for code, geometry in _boundaries(path):
        area = known.get(code)
        if area is None:
            unknown += 1
        elif area.boundary == geometry:
            unchanged += 1
        else:
            new += area.boundary is None
            area.boundary = geometry
            changed.add(code)
    Municipality.objects.bulk_update(
        [m for code, m in municipalities.items() if code in changed], ["boundary"], batch_size=50
    )
    Neighbourhood.objects.bulk_update(
        [part for code, part in parts.items() if code in changed], ["boundary"], batch_size=50
    )
    _put_in_place(_neighbourhoods().filter(pk__in=told_by_machine))
    return Loaded(new, len(changed) - new, unchanged, unknown)


def place_of(neighbourhood: Neighbourhood) -> Place | None:
    """Where it lies by its boundary, else by that of its municipality; None where neither is known.

    Latitude and longitude, in degrees.
    """
    for boundary in (neighbourhood.boundary, neighbourhood.municipality.boundary):
        found = middle_of(boundary) if boundary else None
        if found is not None:
            return found
    return None


def middle_of(geometry: dict[str, Any]) -> Place | None:
    """The centre of gravity of the largest part of a GeoJSON polygon, as latitude and longitude.

    >>> square = [[4.0, 52.0], [6.0, 52.0], [6.0, 53.0], [4.0, 53.0], [4.0, 52.0]]
    >>> middle_of({"type": "Polygon", "coordinates": [square]})
    (52.5, 5.0)
    """
    parts = geometry.get("coordinates") or []
    polygons = parts if geometry.get("type") == "MultiPolygon" else [parts]
    weighed = [_weighed(polygon[0]) for polygon in polygons if polygon]
    surface, latitude, longitude = max(weighed, default=(0.0, 0.0, 0.0))
    if surface == 0:
        return None
    return round(latitude, PLACE_DECIMALS), round(longitude, PLACE_DECIMALS)


def _weighed(ring: list[list[float]]) -> tuple[float, float, float]:
    """The surface within a closed ring, in square degrees, and its centre of gravity."""
    x0, y0 = ring[0][:2]  # measured from here: far from the ring differences drown in digits
    points = [(point[0] - x0, point[1] - y0) for point in ring]
    twice = east = north = 0.0
    for (ax, ay), (bx, by) in pairwise(points):
        cross = ax * by - bx * ay
        twice += cross
        east += (ax + bx) * cross
        north += (ay + by) * cross
    if twice == 0:
        return 0.0, 0.0, 0.0
    return abs(twice) / 2, y0 + north / (3 * twice), x0 + east / (3 * twice)


def place_new_neighbourhoods() -> int:
    """Put neighbourhoods without a place where the boundaries say; returns how many."""
    return _put_in_place(_neighbourhoods().filter(latitude=None))


def _neighbourhoods() -> models.QuerySet[Neighbourhood]:
    return Neighbourhood.objects.select_related("municipality")


def _is_told_by_machine(neighbourhood: Neighbourhood) -> bool:
    """Whether nobody filled in another place than the boundaries say."""
    own = (neighbourhood.latitude, neighbourhood.longitude)
    return own in {(None, None), place_of(neighbourhood)}


def _put_in_place(neighbourhoods: Iterable[Neighbourhood]) -> int:
    placed = []
    for neighbourhood in neighbourhoods:
        found = place_of(neighbourhood)
        if found is not None and found != (neighbourhood.latitude, neighbourhood.longitude):
            neighbourhood.latitude, neighbourhood.longitude = found
            placed.append(neighbourhood)
    Neighbourhood.objects.bulk_update(placed, ["latitude", "longitude"], batch_size=500)
    return len(placed)


@transaction.atomic
def make_region(name: str, codes: Iterable[str]) -> Region:
    """Make a region of municipalities, or change which municipalities it has."""
    codes = list(dict.fromkeys(codes))
    found = list(Municipality.objects.select_for_update().filter(code__in=codes))
    missing = sorted(set(codes) - {m.code for m in found})
    if missing:
        raise Refused(
            _("Unknown municipality: %(codes)s. Load the CBS table first, or check the code.")
            % {"codes": ", ".join(missing)}
        )
    region, _made = Region.objects.get_or_create(name=name)
    taken = [m.name for m in found if m.region_id not in {None, region.pk}]
    if taken:
        raise Refused(
            _("Already in another region: %(names)s. Nothing was changed.")
            % {"names": ", ".join(taken)}
        )
    Municipality.objects.filter(region=region).exclude(code__in=codes).update(region=None)
    Municipality.objects.filter(code__in=codes).update(region=region)
    return region


def _cbs_rows(path: Path) -> Iterator[tuple[str, str, int | None]]:
    """Code, name and inhabitants of each row; the file pads its cells with spaces."""
    with _opened(path) as file:
        reader = csv.DictReader(file, delimiter=";")
        columns = reader.fieldnames or []
        counted = next((c for c in columns if c.startswith(INHABITANTS)), None)
        if CODE not in columns or NAME not in columns:
            raise Refused(
                _(
                    "%(file)s is not the CBS table of areas: the columns %(code)s and %(name)s are"
                    " missing. Nothing was changed."
                )
                % {"file": path.name, "code": CODE, "name": NAME}
            )
        for row in reader:
            people = (row.get(counted) or "").strip() if counted else ""
            yield row[CODE].strip(), row[NAME].strip(), int(people) if people.isdigit() else None


def _boundaries(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    with _opened(path) as file:
        try:
            collection = json.load(file)
            features = collection["features"]
            for feature in features:
                yield feature["properties"]["statcode"], feature["geometry"]
        except (json.JSONDecodeError, KeyError, TypeError) as wrong:
            raise Refused(
                _("%(file)s is not a GeoJSON with the property statcode. Nothing was changed.")
                % {"file": path.name}
            ) from wrong


def _opened(path: Path) -> Any:
    try:
        return path.open(encoding="utf-8-sig", newline="")
    except OSError as missing:
        raise Refused(
            _("%(file)s cannot be read. Check the path.") % {"file": path.name}
        ) from missing

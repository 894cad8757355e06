"""Municipalities and their boundaries, from the files that Statistics Netherlands publishes.

The CBS table "Gebieden in Nederland" gives codes, names and inhabitants; a GeoJSON of CBS/PDOK
gives boundaries (`statcode`, `statnaam`). Loading the same file twice changes nothing.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from regions.errors import Refused
from regions.models import Municipality, Region

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
    """Give known municipalities their boundary; others in the file are counted, not added."""
    known = {m.code: m for m in Municipality.objects.all()}
    changed, unchanged, unknown, new = [], 0, 0, 0
    for code, geometry in _boundaries(path):
        municipality = known.get(code)
        if municipality is None:
            unknown += 1
        elif municipality.boundary == geometry:
            unchanged += 1
        else:
            new += municipality.boundary is None
            municipality.boundary = geometry
            changed.append(municipality)
    Municipality.objects.bulk_update(changed, ["boundary"], batch_size=50)
    return Loaded(new, len(changed) - new, unchanged, unknown)


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

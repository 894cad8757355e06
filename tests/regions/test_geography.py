"""Loading the CBS files: once, twice, and when they are something else."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from regions.errors import Refused
from regions.geography import (
    Loaded,
    load_boundaries,
    load_municipalities,
    make_region,
    middle_of,
)
from regions.models import Municipality, Neighbourhood

pytestmark = pytest.mark.django_db

HEADER = "ID;RegioS;Code_1;Naam_2;SorteringNaam_3;Inwonertal_54"
ROWS = (
    "0;GM9981    ;GM9981    ;Aardam      ;Aardam    ;   12345",
    "1;GM9982;GM9982;Beekum;Beekum;",
)
SQUARE = {"type": "Polygon", "coordinates": [[[4, 52], [5, 52], [5, 53], [4, 52]]]}


@pytest.fixture
def cbs(tmp_path: Path) -> Path:
    path = tmp_path / "areas.csv"
    path.write_text("\n".join((HEADER, *ROWS)), encoding="utf-8-sig")
    return path


def test_padded_cells_and_missing_inhabitants_are_read_as_they_are(cbs):
    assert load_municipalities(cbs) == Loaded(new=2, changed=0, unchanged=0)
    assert Municipality.objects.get(code="GM9981").name == "Aardam"
    assert Municipality.objects.get(code="GM9981").inhabitants == 12345
    assert Municipality.objects.get(code="GM9982").inhabitants is None


def test_the_same_file_twice_changes_nothing(cbs):
    load_municipalities(cbs)
    assert load_municipalities(cbs) == Loaded(new=0, changed=0, unchanged=2)


def test_a_new_name_is_taken_over(cbs):
    load_municipalities(cbs)
    cbs.write_text("\n".join((HEADER, ROWS[0].replace("Aardam", "Nieuw-Aardam"))))
    assert load_municipalities(cbs) == Loaded(new=0, changed=1, unchanged=0)


def test_another_file_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("a;b\n1;2\n")
    with pytest.raises(Refused, match="other.csv"):
        load_municipalities(path)
    with pytest.raises(CommandError, match="other.csv"):
        call_command("load_municipalities", path)
    with pytest.raises(CommandError, match="nowhere.csv"):
        call_command("load_municipalities", tmp_path / "nowhere.csv")


def test_boundaries_belong_to_known_municipalities(cbs, tmp_path):
    load_municipalities(cbs)
    path = tmp_path / "areas.geojson"
    features = [
        {"type": "Feature", "properties": {"statcode": code}, "geometry": SQUARE}
        for code in ("GM9981", "GM9999")
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert load_boundaries(path) == Loaded(new=1, changed=0, unchanged=0, unknown=1)
    assert load_boundaries(path) == Loaded(new=0, changed=0, unchanged=1, unknown=1)
    path.write_text("{}")
    with pytest.raises(Refused, match="statcode"):
        load_boundaries(path)


def test_a_neighbourhood_lies_at_the_middle_of_its_boundary_unless_somebody_said_otherwise(
    cbs, tmp_path
):
    load_municipalities(cbs)
    home = Municipality.objects.get(code="GM9981")
    own, without, moved = (
        Neighbourhood.objects.create(municipality=home, name=name, cbs_code=code)
        for name, code in (("Kern", "WK998101"), ("Rand", ""), ("Kade", "WK998103"))
    )
    moved.latitude, moved.longitude = 52.1, 5.1
    moved.save()
    path = tmp_path / "areas.geojson"

    def load(**areas):
        features = [
            {"type": "Feature", "properties": {"statcode": code}, "geometry": geometry}
            for code, geometry in areas.items()
        ]
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        load_boundaries(path)
        for part in (own, without, moved):
            part.refresh_from_db()
        return [(part.latitude, part.longitude) for part in (own, without, moved)]

    def box(west, south, east, north):
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        return {"type": "MultiPolygon", "coordinates": [[ring]]}

    town = box(4.0, 52.0, 5.0, 53.0)
    assert load(GM9981=town) == [(52.5, 4.5), (52.5, 4.5), (52.1, 5.1)]
    # A boundary of its own says it better than that of the whole municipality.
    small = box(4.0, 52.0, 4.2, 52.2)
    assert load(WK998101=small, WK998103=small) == [(52.1, 4.1), (52.5, 4.5), (52.1, 5.1)]


def test_the_middle_is_that_of_the_largest_part():
    small = [[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]]]
    large = [[[10.0, 10.0], [16.0, 10.0], [10.0, 16.0], [10.0, 10.0]]]
    assert middle_of({"type": "MultiPolygon", "coordinates": [small, large]}) == (12.0, 12.0)
    assert middle_of({"type": "Polygon", "coordinates": small}) == (0.5, 0.5)
    line = [[[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]]
    assert middle_of({"type": "Polygon", "coordinates": line}) is None
    assert middle_of({"type": "Polygon", "coordinates": []}) is None


def test_a_region_is_a_set_of_municipalities_and_takes_none_from_another(cbs):
    load_municipalities(cbs)
    region = make_region("Aardamstreek", ["GM9981", "GM9982"])
    assert set(region.municipalities.values_list("code", flat=True)) == {"GM9981", "GM9982"}
    make_region("Aardamstreek", ["GM9981"])
    assert set(region.municipalities.values_list("code", flat=True)) == {"GM9981"}
    with pytest.raises(Refused, match="Aardam"):
        make_region("Elders", ["GM9981"])
    with pytest.raises(Refused, match="GM0000"):
        make_region("Elders", ["GM0000"])

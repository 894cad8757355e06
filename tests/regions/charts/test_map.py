"""The map: areas where they lie, numbers where they fit."""

from xml.etree import ElementTree

import pytest

from regions.charts.map import Area, map_figure


def square(west, south, size=0.02):
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def drawn(areas):
    figure = map_figure(areas, sentence_id="answer")
    return [ElementTree.fromstring(each) for each in (figure.wide, figure.middle, figure.narrow)]


def marks(picture):
    return {
        each.text: (float(each.get("x")), float(each.get("y"))) for each in picture.iter("text")
    }


def test_north_is_up_and_east_is_right():
    areas = [
        Area("south west", square(4.60, 52.30), 1, "a"),
        Area("north east", square(4.64, 52.34), 2, "b"),
    ]
    for picture in drawn(areas):
        seen = marks(picture)
        assert seen["a"][0] < seen["b"][0]
        assert seen["a"][1] > seen["b"][1]


def test_a_degree_east_is_shorter_than_a_degree_north():
    wide = drawn([Area("a", square(4.6, 52.3), 0)])[0]
    numbers = [
        tuple(map(float, pair.split()))
        for pair in wide.find("path").get("d").strip("MZ").split("L")
    ]
    across = max(x for x, _ in numbers) - min(x for x, _ in numbers)
    down = max(y for _, y in numbers) - min(y for _, y in numbers)
    assert across / down == pytest.approx(0.611, abs=0.01)


def test_a_mark_that_does_not_fit_is_left_to_the_table():
    small = Area("small", square(4.60, 52.30, 0.0005), 1, "11 van 12")
    large = Area("large", square(4.62, 52.30, 0.1), 1, "3 van 9")
    assert set(marks(drawn([small, large])[2])) == {"3 van 9"}


def test_an_area_in_parts_and_with_a_hole_is_one_shape():
    parts = {
        "type": "MultiPolygon",
        "coordinates": [
            [*square(4.6, 52.3, 0.1)["coordinates"], *square(4.62, 52.32)["coordinates"]],
            square(4.8, 52.3)["coordinates"],
        ],
    }
    shape = drawn([Area("a", parts, 3)])[0].find("path")
    assert shape.get("d").count("Z") == 3
    assert shape.get("fill-rule") == "evenodd"


def test_levels_are_classes_and_unknown_is_one_of_them():
    areas = [Area("a", square(4.6, 52.3), 4), Area("b", square(4.7, 52.3), None)]
    assert [each.get("class") for each in drawn(areas)[0].iter("path")] == [
        "g-area-4",
        "g-area-unknown",
    ]


def test_what_is_no_area_is_refused():
    with pytest.raises(ValueError, match="Point"):
        map_figure([Area("a", {"type": "Point", "coordinates": [4, 52]}, 0)], sentence_id="x")
    with pytest.raises(ValueError, match="level"):
        Area("a", square(4, 52), 5)
    with pytest.raises(ValueError, match="one area"):
        map_figure([], sentence_id="x")

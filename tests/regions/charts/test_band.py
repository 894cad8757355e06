"""The picture of an estimate: what is drawn stands where the numbers say."""

import re
from xml.etree import ElementTree

import pytest
from django.utils import translation

from regions.charts.band import Counted, Course, Expected, band_figure

NAMESPACE = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def _dutch():
    with translation.override("nl"):
        yield


def moments():
    counted = [Counted(30, "2025"), Counted(34), Counted(33), Counted(35)]
    expected = [
        Expected(37, 31, 44, 27, 49, "2026"),
        Expected(39, 31, 47, 26, 54),
        Expected(44, 32, 57, 25, 66),
    ]
    return [*counted, *expected]


def drawn(figure):
    return [ElementTree.fromstring(each) for each in (figure.wide, figure.middle, figure.narrow)]


def of_class(picture, name):
    return [each for each in picture.iter() if each.get("class") == name]


def words(picture):
    return [each.text for each in picture.iter("text")]


def points(path):
    return [tuple(map(float, pair.split())) for pair in re.findall(r"[\d.]+ [\d.]+", path.get("d"))]


def test_three_widths_show_the_same_and_refer_to_the_sentence():
    for picture in drawn(band_figure(moments(), sentence_id="answer")):
        assert picture.get("role") == "img"
        assert picture.get("aria-labelledby") == "answer"
        for name in ("g-95", "g-80", "g-dash", "g-line", "g-mark", "g-dot"):
            assert len(of_class(picture, name)) == 1


def test_nothing_carries_a_style():
    figure = band_figure(moments(), sentence_id="answer")
    assert "style" not in figure.wide + figure.middle + figure.narrow


def test_higher_numbers_stand_higher():
    picture = drawn(band_figure(moments(), sentence_id="answer"))[0]
    (line,) = of_class(picture, "g-line")
    heights = [y for _, y in points(line)]
    assert [heights.index(y) for y in sorted(heights, reverse=True)] == [0, 2, 1, 3]


def test_the_expected_line_begins_where_counting_ended():
    picture = drawn(band_figure(moments(), sentence_id="answer"))[0]
    (line,), (dashes,) = of_class(picture, "g-line"), of_class(picture, "g-dash")
    assert points(dashes)[0] == points(line)[-1]


def test_the_narrow_band_lies_within_the_wide_one():
    picture = drawn(band_figure(moments(), sentence_id="answer"))[0]
    (inner,), (outer,) = of_class(picture, "g-80"), of_class(picture, "g-95")
    for x in {x for x, _ in points(inner)}:
        within = [y for at, y in points(inner) if at == x]
        around = [y for at, y in points(outer) if at == x]
        assert min(around) <= min(within)
        assert max(within) <= max(around)


def test_the_ends_are_labelled_in_words_where_there_is_room():
    wide, middle, narrow = drawn(band_figure(moments(), sentence_id="answer"))
    for picture in (wide, middle):
        assert {"tot 57", "waarschijnlijk 44", "vanaf 32"} <= set(words(picture))
    assert {"57", "44", "32"} <= set(words(narrow))


def test_what_nobody_counted_is_a_gap_and_not_a_zero():
    figure = band_figure(
        [Counted(30), Counted(31), Counted(None), Counted(32), Counted(33)], sentence_id="answer"
    )
    assert len(of_class(drawn(figure)[0], "g-line")) == 2


def test_without_an_estimate_there_is_no_border():
    picture = drawn(band_figure([Counted(3), Counted(4)], sentence_id="answer"))[0]
    assert of_class(picture, "g-mark") == []
    assert "verwacht" not in words(picture)


def test_an_estimate_without_wide_bounds_has_one_band():
    picture = drawn(band_figure([Counted(3), Expected(4, 3, 5)], sentence_id="answer"))[0]
    assert of_class(picture, "g-95") == []
    assert len(of_class(picture, "g-80")) == 1


def test_an_agreement_is_dotted_and_named_at_its_end():
    agreed = Course("afspraak", [40] * 7, agreed=True)
    picture = drawn(band_figure(moments(), sentence_id="answer", courses=[agreed]))[0]
    assert len(of_class(picture, "g-agreed")) == 1
    assert "afspraak 40" in words(picture)


def test_three_scenarios_have_three_patterns_and_keep_their_letter_on_a_phone():
    heights = zip("ABC", (5, 25, 60), strict=True)
    courses = [Course(letter, [height] * 7) for letter, height in heights]
    for picture in drawn(band_figure(moments(), sentence_id="answer", courses=courses)):
        lines = [path.get("class", "") for path in picture.iter("path")]
        assert [line for line in lines if line.startswith("g-alt")] == [
            "g-alt",
            "g-alt is-second",
            "g-alt is-third",
        ]
        assert {"A 5", "B 25", "C 60"} <= set(words(picture))


def test_a_name_with_a_percent_sign_is_only_a_name():
    course = Course("10% <b>meer</b>", [40] * 7)
    figure = band_figure(moments(), sentence_id="answer", courses=[course])
    assert "10% <b>meer</b> 40" in words(drawn(figure)[0])


def test_no_letter_leaves_the_picture():
    for picture in drawn(band_figure(moments(), sentence_id="answer")):
        width = float(picture.get("viewBox").split()[2])
        assert all(0 <= float(each.get("x")) < width for each in picture.iter("text"))


def test_years_do_not_stand_on_each_other():
    many = [Counted(value, str(2000 + value)) for value in range(40)]
    narrow = drawn(band_figure(many, sentence_id="answer"))[2]
    years = [each for each in narrow.iter("text") if (each.text or "").startswith("20")]
    places = [float(each.get("x")) for each in years if float(each.get("y")) > 250]
    assert 2 <= len(places) <= 8
    assert all(b - a > 40 for a, b in zip(places, places[1:], strict=False))


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        [Expected(4, 3, 5), Counted(3)],
    ],
)
def test_moments_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match="moment"):
        band_figure(wrong, sentence_id="answer")


def test_a_course_has_one_value_per_moment():
    with pytest.raises(ValueError, match="one value per moment"):
        band_figure(moments(), sentence_id="answer", courses=[Course("x", [1])])


def test_values_are_written_with_as_many_decimals_as_asked():
    waits = [Expected(6.8, 5.9, 7.7), Expected(6.5, 5.5, 7.5)]
    whole = drawn(band_figure(waits, sentence_id="answer"))[2]
    exact = drawn(band_figure(waits, sentence_id="answer", decimals=1))[2]
    assert "6,8" in words(exact)
    assert "6,8" not in words(whole)


def test_the_first_number_stands_clear_of_a_line_that_falls():
    rises = [Expected(30, 20, 40), Expected(50, 40, 60)]
    for made, is_above in ((rises, False), (rises[::-1], True)):
        picture = drawn(band_figure(made, sentence_id="answer"))[0]
        [dot] = of_class(picture, "g-dot")
        label = next(each for each in of_class(picture, "t-strong") if each.text.isdigit())
        assert (float(label.get("y")) < float(dot.get("cy"))) == is_above

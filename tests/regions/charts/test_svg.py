"""The pieces of a picture: escaped, rounded, named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions.charts import scale, svg


def test_words_from_people_cannot_become_markup():
    drawn = svg.text('<script>"&', (1, 2))
    assert "<script" not in drawn
    assert "&lt;script&gt;&quot;&amp;" in drawn


def test_a_name_cannot_leave_its_attribute():
    drawn = svg.picture(svg.NOTHING, width=1, height=1, css_class="x", name='" onload="')
    assert ' onload="' not in drawn


def test_a_picture_says_what_it_shows():
    with pytest.raises(ValueError, match="name"):
        svg.picture(svg.NOTHING, width=1, height=1, css_class="x")


@pytest.mark.parametrize(("value", "written"), [(3.0, "3"), (3.14159, "3.1"), (-0.01, "0")])
def test_numbers_are_short(value, written):
    assert svg.rounded(value) == written


@given(st.floats(min_value=0, max_value=1e7), st.integers(min_value=1, max_value=12))
def test_steps_reach_the_highest_and_are_even_and_few(highest, at_most):
    steps = scale.steps_up_to(highest, at_most=at_most)
    assert steps[0] == 0
    assert steps[-1] >= highest
    assert 1 <= len(steps) - 1 <= at_most
    assert len({b - a for a, b in zip(steps, steps[1:], strict=False)}) == 1


@given(
    st.lists(st.floats(min_value=0, max_value=300), max_size=8),
    st.floats(min_value=1, max_value=30),
)
def test_labels_keep_apart_and_keep_their_order(positions, gap):
    moved = scale.kept_apart(positions, gap=gap, lowest=300)
    pairs = sorted(zip(positions, moved, strict=True))
    heights = [height for _, height in pairs]
    assert all(b - a >= gap - 1e-6 for a, b in zip(heights, heights[1:], strict=False))
    assert all(height <= 300 + 1e-6 for height in heights)


def test_labels_that_do_not_touch_stay_where_they_are():
    assert scale.kept_apart([10, 80, 200], gap=20, lowest=300) == [10, 80, 200]

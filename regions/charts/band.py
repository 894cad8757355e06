"""What was counted, what is expected, and how sure that is: the picture of an estimate."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from regions.charts import scale, svg
from regions.charts.svg import Figure, Format, Point
from regions.formats import number


@dataclass(frozen=True)
class Counted:
    """A moment that lies behind us; `tick` is written under the axis where it is not empty."""

    value: float | None
    tick: str = ""


@dataclass(frozen=True)
class Expected:
    """A moment to come: 8 of 10 times within the 80 bounds, 19 of 20 within the 95 bounds."""

    likely: float
    low80: float
    high80: float
    low95: float | None = None
    high95: float | None = None
    tick: str = ""


@dataclass(frozen=True)
class Course:
    """Another line over the same moments: an agreement or a scenario, named at its end."""

    name: str
    values: Sequence[float | None]
    agreed: bool = False


Moment = Counted | Expected

TOP = 26
BOTTOM = 34
LEFT = 44
LABEL_GAP = 20
END_GAP = 10
LONGEST_SHORT_NAME = 2
# Lines are told apart by pattern; colour comes second.
PATTERNS = ("g-alt", "g-alt is-second", "g-alt is-third")


def band_figure(
    moments: Sequence[Moment],
    *,
    sentence_id: str,
    courses: Sequence[Course] = (),
    decimals: int = 0,
) -> Figure:
    """Draw the moments for three widths; `sentence_id` is the sentence that says the picture.

    `decimals` is how many of them the values at the lines are written with.

    Raises
    ------
    ValueError
        When nothing is to be drawn, a counted moment follows an expected one, or a course does
        not have one value per moment.
    """
    _check(moments, courses)
    wide, middle, narrow = (
        _Drawing(moments, courses, size, decimals).picture(sentence_id)
        for size in (svg.WIDE, svg.MIDDLE, svg.NARROW)
    )
    return Figure(wide, middle, narrow)


def _check(moments: Sequence[Moment], courses: Sequence[Course]) -> None:
    if not moments:
        raise ValueError("a picture needs at least one moment")
    kinds = [isinstance(moment, Expected) for moment in moments]
    if kinds != sorted(kinds):
        raise ValueError("counted moments stand before expected ones")
    for course in courses:
        if len(course.values) != len(moments):
            raise ValueError(f"{course.name}: one value per moment")


class _Drawing:
    """One width of the picture."""

    def __init__(
        self, moments: Sequence[Moment], courses: Sequence[Course], size: Format, decimals: int
    ) -> None:
        self.moments = moments
        self.decimals = decimals
        self.courses = courses
        self.size = size
        self.counted = [moment for moment in moments if isinstance(moment, Counted)]
        self.expected = [moment for moment in moments if isinstance(moment, Expected)]
        self.border = len(self.counted)
        self.short = size is svg.NARROW
        self.steps = scale.steps_up_to(self._highest(), at_most=4 if self.short else 7)
        self.labels = self._end_labels()
        self.right = size.width - self._label_room()
        self.floor = size.height - BOTTOM
        self.y = scale.Scale(self.steps[-1], self.floor, TOP)

    def picture(self, sentence_id: str) -> SafeString:
        parts = [*self._grid(), *self._bands(), *self._lines(), *self._marks(), *self._words()]
        return svg.picture(
            svg.joined(parts),
            width=self.size.width,
            height=self.size.height,
            css_class=self.size.css_class,
            described_by=sentence_id,
        )

    def x(self, index: int) -> float:
        last = max(len(self.moments) - 1, 1)
        return LEFT + (self.right - LEFT) * index / last

    def _highest(self) -> float:
        values = [moment.value for moment in self.counted]
        values += [moment.high80 if m95 is None else m95 for moment, m95 in self._highs()]
        values += [value for course in self.courses for value in course.values]
        return max((value for value in values if value is not None), default=1)

    def _highs(self) -> list[tuple[Expected, float | None]]:
        return [(moment, moment.high95) for moment in self.expected]

    def _bound(self, name: str) -> list[Point]:
        """The line along one bound, starting where counting ended."""
        start = self._last_counted()
        return start + [
            (self.x(self.border + index), self.y(value))
            for index, moment in enumerate(self.expected)
            if (value := getattr(moment, name)) is not None
        ]

    def _last_counted(self) -> list[Point]:
        if not self.counted or self.counted[-1].value is None:
            return []
        return [(self.x(self.border - 1), self.y(self.counted[-1].value))]

    def _grid(self) -> list[SafeString]:
        parts = []
        for step in self.steps:
            height = self.y(step)
            kind = "g-grid" if step else "g-axis"
            parts.append(svg.line((LEFT, height), (self.right, height), kind))
            at = (LEFT - 8, height + self.size.letter / 3)
            parts.append(svg.text(number(step), at, anchor="end"))
        taken = float("-inf")
        for index, moment in enumerate(self.moments):
            x = self.x(index)
            if not moment.tick or x < taken:
                continue
            parts.append(svg.line((x, self.floor), (x, self.floor + 5), "g-axis"))
            width = svg.text_width(moment.tick, self.size.letter)
            anchor = "end" if x + width > self.size.width else None
            below = (x, self.floor + 8 + self.size.letter)
            parts.append(svg.text(moment.tick, below, anchor=anchor))
            taken = x + width + LABEL_GAP
        return parts

    def _bands(self) -> list[SafeString]:
        parts = []
        if all(moment.high95 is not None and moment.low95 is not None for moment in self.expected):
            around = self._bound("high95") + self._bound("low95")[::-1]
            parts.append(svg.path(around, "g-95", closed=True))
        low, high = self._bound("low80"), self._bound("high80")
        parts.append(svg.path(high + low[::-1], "g-80", closed=True))
        parts += [svg.path(low, "g-edge"), svg.path(high, "g-edge")]
        return parts

    def _lines(self) -> list[SafeString]:
        parts = [
            svg.path(run, "g-agreed" if course.agreed else PATTERNS[number % len(PATTERNS)])
            for number, course in enumerate(self.courses)
            for run in self._runs(course.values)
        ]
        parts.append(svg.path(self._bound("likely"), "g-dash"))
        runs = self._runs([moment.value for moment in self.counted])
        parts += [svg.path(run, "g-line") for run in runs]
        return parts

    def _runs(self, values: Sequence[float | None]) -> list[list[Point]]:
        """Unbroken stretches: a moment that nobody counted leaves a gap, not a zero."""
        runs: list[list[Point]] = [[]]
        for index, value in enumerate(values):
            if value is None:
                runs.append([])
            else:
                runs[-1].append((self.x(index), self.y(value)))
        return [run for run in runs if run]

    def _marks(self) -> list[SafeString]:
        if not self.expected:
            return []
        first = self.expected[0]
        at = (self.x(self.border), self.y(first.likely))
        parts = [svg.element("circle", css_class="g-dot", cx=at[0], cy=at[1], r=4.5)]
        if len(self.expected) > 1:
            # Clear of the line: above it where it falls.
            falls = self.expected[1].likely < first.likely
            beside = (at[0] + 9, at[1] - 8 if falls else at[1] + self.size.letter + 6)
            parts.append(svg.text(self._written(first.likely), beside, css_class="t-strong"))
        if self.counted:
            x = (self.x(self.border - 1) + self.x(self.border)) / 2
            parts.append(svg.line((x, TOP - 10), (x, self.floor), "g-mark"))
            counted, expected = gettext("counted"), gettext("expected")
            if x - LEFT > svg.text_width(counted, self.size.letter):
                parts.append(svg.text(counted, (x - 7, TOP - 1), anchor="end"))
            parts.append(svg.text(expected, (x + 7, TOP - 1), css_class="t-strong"))
        return parts

    def _end_labels(self) -> list[tuple[float, str, str | None]]:
        """(value, words, class) at the right end; a phone has room for numbers and letters only."""
        labels: list[tuple[float, str, str | None]] = []
        if self.expected:
            last = self.expected[-1]
            labels += [
                (last.high80, self._label(gettext("up to %(value)s"), last.high80), None),
                (
                    last.likely,
                    self._label(gettext("most likely %(value)s"), last.likely),
                    "t-brand",
                ),
                (last.low80, self._label(gettext("from %(value)s"), last.low80), None),
            ]
        elif self.counted[-1].value is not None:
            counted = self.counted[-1].value
            labels.append((counted, self._written(counted), "t-brand"))
        for course in self.courses:
            end = course.values[-1]
            if end is not None:
                fits = not self.short or len(course.name) <= LONGEST_SHORT_NAME
                value = self._written(end)
                named = f"{course.name} {value}" if fits else value
                labels.append((end, named, "t-strong"))
        return labels

    def _label(self, words: str, value: float) -> str:
        written = self._written(value)
        return written if self.short else words % {"value": written}

    def _written(self, value: float) -> str:
        return number(value, decimals=self.decimals)

    def _label_room(self) -> float:
        widest = max(
            (svg.text_width(label[1], self.size.letter) for label in self.labels), default=0
        )
        return widest + END_GAP + 4

    def _words(self) -> list[SafeString]:
        wanted = [self.y(value) for value, _, _ in self.labels]
        heights = scale.kept_apart(wanted, gap=self.size.letter + 4, lowest=self.floor)
        return [
            svg.text(words, (self.right + END_GAP, height + self.size.letter / 3), css_class=kind)
            for (_, words, kind), height in zip(self.labels, heights, strict=True)
        ]

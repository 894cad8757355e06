"""The few pieces of SVG that the pictures are made of, escaped and rounded in one place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Point = tuple[float, float]

NOTHING = SafeString("")
AVERAGE_LETTER = 0.56


@dataclass(frozen=True)
class Figure:
    """One picture drawn for three widths, so that its letters keep their size."""

    wide: SafeString
    middle: SafeString
    narrow: SafeString


@dataclass(frozen=True)
class Format:
    """A width to draw for: the class that shows it, its size and the size of its letters."""

    css_class: str
    width: int
    height: int
    letter: int


WIDE = Format("wt-wide-only", 1216, 380, 14)
MIDDLE = Format("wt-middle-only", 720, 340, 15)
NARROW = Format("wt-narrow-only", 340, 280, 15)


def rounded(value: float) -> str:
    """One decimal is finer than any screen; 3.0 is written 3."""
    written = f"{value:.1f}".removesuffix(".0")
    return "0" if written == "-0" else written


def element(name: str, content: str = "", /, **attributes: object) -> SafeString:
    """`element("rect", x=1, css_class="g-solid")`; content must already be safe or plain text."""
    written = format_html_join(
        "",
        ' {}="{}"',
        (
            (_attribute(key), rounded(value) if isinstance(value, float) else value)
            for key, value in attributes.items()
            if value is not None
        ),
    )
    if content == "":
        return format_html("<{}{}/>", name, written)
    return format_html("<{}{}>{}</{}>", name, written, content, name)


def joined(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


def line(start: Point, end: Point, css_class: str) -> SafeString:
    return element(
        "line",
        css_class=css_class,
        x1=float(start[0]),
        y1=float(start[1]),
        x2=float(end[0]),
        y2=float(end[1]),
    )


def path(points: Sequence[Point], css_class: str, *, closed: bool = False) -> SafeString:
    """A line through the points, or an area when closed; nothing for fewer than two points."""
    if len(points) < 2:
        return NOTHING
    return element("path", css_class=css_class, d=outline(points, closed=closed))


def outline(points: Sequence[Point], *, closed: bool = False) -> str:
    return "M" + "L".join(f"{rounded(x)} {rounded(y)}" for x, y in points) + "Z" * closed


def text(
    words: str, at: Point, *, anchor: str | None = None, css_class: str | None = None
) -> SafeString:
    return element(
        "text", words, css_class=css_class, x=float(at[0]), y=float(at[1]), text_anchor=anchor
    )


def picture(
    content: SafeString,
    *,
    width: int,
    height: int,
    css_class: str,
    name: str | None = None,
    described_by: str | None = None,
) -> SafeString:
    """The whole picture, with the words that stand for it: a name or the id of a sentence."""
    if (name is None) == (described_by is None):
        raise ValueError("a picture has a name or the id of the sentence that says it")
    return element(
        "svg",
        content,
        css_class=css_class,
        viewBox=f"0 0 {width} {height}",
        role="img",
        aria_label=name,
        aria_labelledby=described_by,
    )


def text_width(words: str, letter: int) -> float:
    """Roughly how wide the words are when drawn: system fonts differ, so a little too wide."""
    return len(words) * letter * AVERAGE_LETTER


def _attribute(key: str) -> str:
    if key == "css_class":
        return "class"
    return key if key == "viewBox" else key.replace("_", "-")

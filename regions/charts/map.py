"""Neighbourhoods as areas on a small map: which are full, which have room."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any

from django.utils.safestring import SafeString

from regions.charts import svg
from regions.charts.svg import Figure, Format, Point

LEVELS = 5
EDGE = 6
FINEST = 0.8

WIDE = Format("wt-wide-only", 1216, 620, 14)
MIDDLE = Format("wt-middle-only", 720, 560, 15)
NARROW = Format("wt-narrow-only", 340, 360, 15)


@dataclass(frozen=True)
class Area:
    """A neighbourhood with its GeoJSON geometry in degrees.

    `level` runs from 0 (little) to 4 (much) and is None where nothing is known; `mark` is the
    number written on the area where there is room, the same as in the table below.
    """

    name: str
    geometry: dict[str, Any]
    level: int | None
    mark: str = ""

    def __post_init__(self) -> None:
        if self.level is not None and not 0 <= self.level < LEVELS:
            raise ValueError(f"{self.name}: a level lies between 0 and {LEVELS - 1}")


def map_figure(areas: Sequence[Area], *, sentence_id: str) -> Figure:
    """Draw the areas for three widths.

    Raises
    ------
    ValueError
        When there is no area, or a geometry is neither a Polygon nor a MultiPolygon.
    """
    if not areas:
        raise ValueError("a map needs at least one area")
    shapes = [(area, list(_rings(area.geometry))) for area in areas]
    wide, middle, narrow = (_draw(shapes, size, sentence_id) for size in (WIDE, MIDDLE, NARROW))
    return Figure(wide, middle, narrow)


def _rings(geometry: dict[str, Any]) -> Iterable[list[Point]]:
    match geometry.get("type"):
        case "Polygon":
            polygons = [geometry["coordinates"]]
        case "MultiPolygon":
            polygons = geometry["coordinates"]
        case other:
            raise ValueError(f"{other} is not an area")
    for polygon in polygons:
        for ring in polygon:
            yield [(float(position[0]), float(position[1])) for position in ring]


class _Projection:
    """Degrees to pixels: at the size of a region the earth is flat enough."""

    def __init__(self, points: Sequence[Point], size: Format) -> None:
        longitudes = [longitude for longitude, _ in points]
        latitudes = [latitude for _, latitude in points]
        self.west, self.north = min(longitudes), max(latitudes)
        self.squeeze = cos(radians((self.north + min(latitudes)) / 2))
        across = max((max(longitudes) - self.west) * self.squeeze, 1e-9)
        down = max(self.north - min(latitudes), 1e-9)
        self.unit = min((size.width - 2 * EDGE) / across, (size.height - 2 * EDGE) / down)
        self.left = (size.width - across * self.unit) / 2
        self.height = round(down * self.unit + 2 * EDGE)

    def __call__(self, point: Point) -> Point:
        longitude, latitude = point
        return (
            self.left + (longitude - self.west) * self.squeeze * self.unit,
            EDGE + (self.north - latitude) * self.unit,
        )


def _draw(
    shapes: Sequence[tuple[Area, list[list[Point]]]], size: Format, sentence_id: str
) -> SafeString:
    project = _Projection([point for _, rings in shapes for ring in rings for point in ring], size)
    fills, marks = [], []
    for area, rings in shapes:
        drawn = [_simpler([project(point) for point in ring]) for ring in rings]
        fills.append(
            svg.element(
                "path",
                css_class="g-area-unknown" if area.level is None else f"g-area-{area.level}",
                fill_rule="evenodd",
                d="".join(svg.outline(ring, closed=True) for ring in drawn),
            )
        )
        marks.append(_mark(area, max(drawn, key=_surface), size))
    return svg.picture(
        svg.joined(fills + marks),
        width=size.width,
        height=project.height,
        css_class=size.css_class,
        described_by=sentence_id,
    )


def _simpler(ring: list[Point]) -> list[Point]:
    """Without the points that no eye can tell apart; an area keeps at least its triangle."""
    kept = ring[:1]
    for point in ring[1:]:
        if abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) >= FINEST:
            kept.append(point)
    return kept if len(kept) >= 3 else ring


def _surface(ring: list[Point]) -> float:
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def _mark(area: Area, ring: list[Point], size: Format) -> SafeString:
    """The mark in the middle of the area, unless it would stick out."""
    width = max(x for x, _ in ring) - min(x for x, _ in ring)
    height = max(y for _, y in ring) - min(y for _, y in ring)
    if not area.mark or svg.text_width(area.mark, size.letter) > width or size.letter > height:
        return svg.NOTHING
    x, y = _middle(ring)
    return svg.text(area.mark, (x, y + size.letter / 3), anchor="middle", css_class="t-strong")


def _middle(ring: list[Point]) -> Point:
    """The centre of gravity of the outline."""
    twice = weighted_x = weighted_y = 0.0
    for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
        cross = a[0] * b[1] - b[0] * a[1]
        twice += cross
        weighted_x += (a[0] + b[0]) * cross
        weighted_y += (a[1] + b[1]) * cross
    if abs(twice) < 1e-9:
        return ring[0]
    return (weighted_x / (3 * twice), weighted_y / (3 * twice))

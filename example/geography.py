"""The land of an invented region: municipalities and neighbourhoods that tile it exactly.

A fine lattice is cut into rectangles, first for the municipalities and then inside each for its
neighbourhoods. Every lattice point is then moved a little, once, so that the borders wind while
neighbours keep sharing every point of them: nothing overlaps and nothing is left over.
"""

import math
from dataclasses import dataclass
from itertools import product

from example import names
from example.chance import Chance, stream
from example.records import Municipality, Neighbourhood, Region

COLUMNS, ROWS = 72, 60
# The first region lies in the middle of the Markermeer, where no municipality has land.
WEST, SOUTH = 5.12, 52.50
STEP_EAST, STEP_NORTH = 0.0034, 0.0022
REGIONS_PER_ROW = 8
FORMER_HOME = 1  # the municipality that took in the one that was dissolved


@dataclass(frozen=True, slots=True)
class Patch:
    """A rectangle of the lattice."""

    left: int
    bottom: int
    right: int
    top: int

    def split(self, chance: Chance, share: float) -> tuple["Patch", "Patch"]:
        """Cut the longer side in two, the first part about this share of it."""
        wide = self.right - self.left >= self.top - self.bottom
        length = self.right - self.left if wide else self.top - self.bottom
        share += chance.uniform(-0.06, 0.06)
        cut = min(length - 1, max(1, round(length * share)))
        if wide:
            middle = self.left + cut
            return (
                Patch(self.left, self.bottom, middle, self.top),
                Patch(middle, self.bottom, self.right, self.top),
            )
        middle = self.bottom + cut
        return (
            Patch(self.left, self.bottom, self.right, middle),
            Patch(self.left, middle, self.right, self.top),
        )

    def cut_into(self, weights: list[float], chance: Chance) -> list["Patch"]:
        """Cut into as many patches as there are weights, about as large as those say."""
        if len(weights) == 1:
            return [self]
        half = len(weights) // 2
        first, second = self.split(chance, sum(weights[:half]) / sum(weights))
        return first.cut_into(weights[:half], chance) + second.cut_into(weights[half:], chance)

    def ring(self) -> list[tuple[int, int]]:
        """All lattice points on the border, counter-clockwise, the first one repeated."""
        points = [(x, self.bottom) for x in range(self.left, self.right)]
        points += [(self.right, y) for y in range(self.bottom, self.top)]
        points += [(x, self.top) for x in range(self.right, self.left, -1)]
        points += [(self.left, y) for y in range(self.top, self.bottom, -1)]
        return [*points, points[0]]


def _lattice(chance: Chance, number: int) -> dict[tuple[int, int], tuple[float, float]]:
    """Where each lattice point lies: waves for the large shapes, noise for the small ones."""
    west = WEST + (number % REGIONS_PER_ROW) * (COLUMNS + 12) * STEP_EAST
    south = SOUTH - (number // REGIONS_PER_ROW) * (ROWS + 12) * STEP_NORTH
    phases = [chance.uniform(0, 2 * math.pi) for _ in range(4)]
    places = {}
    for x, y in product(range(COLUMNS + 1), range(ROWS + 1)):
        east = x + 2.2 * math.sin(y / 7 + phases[0]) + 0.7 * math.sin(y / 2.3 + phases[1])
        north = y + 2.0 * math.sin(east / 8 + phases[2]) + 0.6 * math.sin(x / 2.7 + phases[3])
        east += chance.uniform(-0.14, 0.14)
        north += chance.uniform(-0.14, 0.14)
        places[x, y] = (
            round(west + east * STEP_EAST, 6),
            round(south + north * STEP_NORTH, 6),
        )
    return places


def _place_names(number: int) -> tuple[str, tuple[str, ...], tuple[str, ...], str]:
    """Names of the region, its municipalities, those around it, and the dissolved one."""
    if number == 0:
        return (
            names.FIRST_REGION,
            names.FIRST_MUNICIPALITIES,
            names.FIRST_ELSEWHERE,
            names.FIRST_FORMER,
        )
    taken = {
        names.FIRST_REGION,
        names.FIRST_FORMER,
        *names.FIRST_MUNICIPALITIES,
        *names.FIRST_ELSEWHERE,
    }
    stock = [a + b for a, b in product(names.PLACE_BEGINNINGS, names.PLACE_ENDINGS)]
    stock = [name for name in stock if name not in taken]
    stream("place names").shuffle(stock)
    mine = stock[(number - 1) * 9 : number * 9]
    if len(mine) < 9:
        raise ValueError(f"there are names for {len(stock) // 9} regions, not for {number + 1}")
    beginning = names.PLACE_BEGINNINGS[number % len(names.PLACE_BEGINNINGS)]
    ending = names.REGION_ENDINGS[(number // len(names.PLACE_BEGINNINGS)) % 4]
    return f"{beginning}{ending}", tuple(mine[:5]), tuple(mine[5:8]), mine[8]


def invent_region(*, seed: int, number: int = 0) -> Region:
    """Return the region with this number: its municipalities, neighbourhoods and surroundings."""
    chance = stream(seed, number, "geography")
    region_name, municipality_names, elsewhere, former = _place_names(number)
    lattice = _lattice(chance, number)
    sizes = [1.0 / (rank + 1.4) for rank in range(len(municipality_names))]
    patches = Patch(0, 0, COLUMNS, ROWS).cut_into(sizes, chance)
    postcode = 8900 - 20 * (number % 40)
    municipalities = []
    for rank, (name, size, patch) in enumerate(
        zip(municipality_names, sizes, patches, strict=True)
    ):
        households = round(62_000 * size * chance.uniform(0.85, 1.15), -2)
        social = round(households * chance.uniform(0.19, 0.34), -2)
        count = max(6, 9 - rank)
        labels = _neighbourhood_names(chance, count, former if rank == FORMER_HOME else None)
        parts = patch.cut_into([chance.uniform(0.7, 1.3) for _ in range(count)], chance)
        shares = [chance.uniform(0.6, 1.6) for _ in range(count)]
        municipalities.append(
            Municipality(
                code=f"GM{9901 + rank if number == 0 else 9000 + number * 12 + rank}",
                name=name,
                households=int(households),
                social_dwellings=int(social),
                neighbourhoods=tuple(
                    Neighbourhood(
                        name=label,
                        municipality=name,
                        postcode=postcode + rank * 3 + place % 3,
                        town=label if label == former else name,
                        social_dwellings=round(social * share / sum(shares)),
                        restless=chance.happens(0.25),
                        boundary=tuple(lattice[point] for point in part.ring()),
                    )
                    for place, (label, part, share) in enumerate(
                        zip(labels, parts, shares, strict=True)
                    )
                ),
                former_names=(former,) if rank == FORMER_HOME else (),
            )
        )
    return Region(
        code=f"VB{number + 1:02d}",
        name=region_name,
        municipalities=tuple(municipalities),
        elsewhere=tuple(
            (f"GM{9951 + at if number == 0 else 9000 + number * 12 + 8 + at}", name)
            for at, name in enumerate(elsewhere)
        ),
    )


def _neighbourhood_names(chance: Chance, count: int, former: str | None) -> list[str]:
    own = ["Centrum", *([former] if former else [])]
    return own + chance.sample(names.NEIGHBOURHOODS, count - len(own))


def outline(neighbourhoods: tuple[Neighbourhood, ...]) -> list[tuple[float, float]]:
    """The border of a municipality: what remains when the borders inside it cancel out."""
    sides = {
        (start, end)
        for part in neighbourhoods
        for start, end in zip(part.boundary, part.boundary[1:], strict=False)
    }
    after = {start: end for start, end in sides if (end, start) not in sides}
    ring = [min(after)]
    while len(ring) == 1 or ring[-1] != ring[0]:
        ring.append(after[ring[-1]])
    return ring

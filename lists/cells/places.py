"""Readers of municipalities, towns and neighbourhoods; unknown names are never guessed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from lists.cells.reader import Ask, Fault, Read, Reader, Scope, Text
from lists.cells.texts import looks_like_formula, plain, shown
from lists.cells.words import pieces_of
from lists.mapping import neighbourhood_key
from lists.reading import Cell


class Neighbourhood(NamedTuple):
    """A neighbourhood by its name, which is unique only within its municipality."""

    municipality: str
    name: str


class Town(Text):
    """A town as it stands in an address; the neighbourhood reader finds its municipality."""

    def __init__(self) -> None:
        super().__init__(most=80)

    def fit(self, cells: Sequence[Cell], scope: Scope) -> float | None:
        if not cells:
            return None
        letters = sum(1 for cell in cells if isinstance(cell, str) and not cell[:1].isdigit())
        return letters / len(cells)


class Municipality(Reader):
    """A municipality that exists today."""

    is_telling = True
    # A column of municipalities may as well be one of towns: Haarlem is both.
    looks_like = (Town,)

    def read(self, cell: Cell, scope: Scope) -> Read:
        return read_municipality(shown(cell), scope)


class Municipalities(Reader):
    """Several municipalities in one cell, in the order of preference."""

    absent: tuple[str, ...] = ()
    is_telling = True

    def read(self, cell: Cell, scope: Scope) -> Read:
        found: dict[str, None] = {}

        def is_known(text: str) -> bool:
            return scope.context.municipality(text) is not None

        for piece in pieces_of(shown(cell), is_known):
            read = read_municipality(piece, scope)
            if read.fault is not None:
                return replace(read, value=tuple(found))
            found[read.value] = None
        return Read(tuple(found))


def read_municipality(text: str, scope: Scope) -> Read:
    """Recognise today's municipality; a former or misspelt one is a fault with a suggestion."""
    context = scope.context
    name = context.municipality(text)
    if name is not None:
        return Read(name)
    if looks_like_formula(text):
        return Read(fault=Fault("formula_cell"))
    holders = context.municipalities_with(text)
    if (former := context.former_municipality(text)) is not None:
        since, successors = former
        return Read(
            fault=Fault(
                "municipality_abolished",
                suggestion=successors[0] if len(successors) == 1 else None,
                facts={"since": since, "became": list(successors)},
            )
        )
    close = context.close_municipalities(text) if scope.with_help else []
    # A town or neighbourhood in the place of a municipality says in which one it lies.
    near = context.place(text) or (holders[0] if len(holders) == 1 else None)
    suggestion = near or (close[0] if close else None)
    return Read(
        fault=Fault(
            "municipality_unknown",
            suggestion=suggestion,
            facts={"close": close, "neighbourhood_of": list(holders)},
        )
    )


class OneNeighbourhood(Reader):
    """A neighbourhood in the municipality, or else the town, that stands in the same row."""

    is_telling = False

    def __init__(self, *, within: str = "municipality", town: str = "") -> None:
        self.within = within
        self.town = town

    def read(self, cell: Cell, scope: Scope) -> Read:
        text = shown(cell)
        municipality = scope.values.get(self.within)
        also = {}
        if not municipality and self.town:
            found = self._municipality_of(str(scope.values.get(self.town) or ""), text, scope)
            if found.fault is not None:
                return found
            municipality = found.value
            also = {self.within: municipality}
        if not municipality:
            return Read()
        return replace(read_neighbourhood(text, (municipality,), scope), also=also)

    def _municipality_of(self, town: str, text: str, scope: Scope) -> Read:
        context = scope.context
        known = context.municipality(town)
        if known is not None and (known in context.region_municipalities or not text):
            return Read(known)
        said = scope.mapping.places.get(plain(town)) or context.place(town)
        if said:
            return Read(said)
        if (former := context.former_municipality(town)) is not None and len(former[1]) == 1:
            return Read(former[1][0])
        close = context.close_municipalities(town) if town and known is None else []
        holders = context.municipalities_with(text)
        if len(holders) == 1 and not close:
            return Read(holders[0])
        if known is not None:
            return Read(known)
        if close:
            return Read(fault=Fault("municipality_unknown", suggestion=close[0]))
        return Read(
            fault=Fault("place_unknown", facts={"place": town}),
            ask=Ask("places", plain(town), town, facts={"with": text}),
        )

    def fit(self, cells: Sequence[Cell], scope: Scope) -> float | None:
        return share_of_neighbourhoods(cells, scope)


class Neighbourhoods(Reader):
    """Several neighbourhoods in one cell; they lie in the first wished municipality.

    A name that the first one does not have may lie in a next wished one. Without any wish the
    whole region is looked through, and a name that occurs twice is asked.
    """

    absent: tuple[Neighbourhood, ...] = ()
    is_telling = False

    def __init__(self, *, within: str) -> None:
        self.within = within

    def read(self, cell: Cell, scope: Scope) -> Read:
        wished = tuple(scope.values.get(self.within) or ())
        found: dict[Neighbourhood, None] = {}

        def is_known(text: str) -> bool:
            return bool(scope.context.municipalities_with(text)) or any(
                scope.mapping.neighbourhood(municipality, text) for municipality in wished
            )

        for piece in pieces_of(shown(cell), is_known):
            read = read_neighbourhood(piece, wished, scope)
            if read.fault is not None:
                return replace(read, value=tuple(found))
            found[read.value] = None
        return Read(tuple(found))

    def fit(self, cells: Sequence[Cell], scope: Scope) -> float | None:
        return share_of_neighbourhoods(cells, scope)


def read_neighbourhood(text: str, municipalities: tuple[str, ...], scope: Scope) -> Read:
    """Find a neighbourhood by name; a name nobody has confirmed is asked with what comes near."""
    context = scope.context
    for municipality in municipalities:
        said = scope.mapping.neighbourhood(municipality, text)
        if said:
            return Read(Neighbourhood(*said.split("|", 1)))
        if (name := context.neighbourhood(municipality, text)) is not None:
            return Read(Neighbourhood(municipality, name))
    holders = context.municipalities_with(text)
    home = municipalities[0] if municipalities else ""
    if not home:
        if said := scope.mapping.neighbourhood("", text):
            return Read(Neighbourhood(*said.split("|", 1)))
        if len(holders) == 1:
            name = context.neighbourhood(holders[0], text)
            return Read(Neighbourhood(holders[0], name or text))
    if looks_like_formula(text):
        return Read(fault=Fault("formula_cell"))
    close = context.close_neighbourhoods(home, text) if scope.with_help else []
    options = [f"{home}|{name}" for name in close]
    options += [f"{other}|{context.neighbourhood(other, text)}" for other in holders]
    fault = Fault(
        "neighbourhood_unknown",
        suggestion=close[0] if close else None,
        facts={"municipality": home, "close": close, "elsewhere": list(holders)},
    )
    said_none = scope.mapping.neighbourhoods.get(neighbourhood_key(home, text)) == ""
    ask = None
    if not said_none:
        ask = Ask(
            "neighbourhoods",
            neighbourhood_key(home, text),
            text,
            tuple(options),
            facts={"municipality": home},
        )
    return Read(fault=fault, ask=ask)


def share_of_neighbourhoods(cells: Sequence[Cell], scope: Scope) -> float | None:
    """Which part of the pieces is a known neighbourhood; says nothing where few are known."""
    if not cells or sum(map(len, scope.context.neighbourhoods.values())) < 10:
        return None
    total = good = 0
    for cell in cells:
        for piece in pieces_of(shown(cell), lambda text: False):
            total += 1
            good += bool(scope.context.municipalities_with(piece))
    # Names that nobody has confirmed yet are ordinary, so a low share says little.
    share = good / total if total else 0
    return share if share >= 0.5 else None


class Organisation(Reader):
    """An organisation by its name; where none of its kind is known, any name is taken."""

    absent = ""

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds

    def read(self, cell: Cell, scope: Scope) -> Read:
        text = shown(cell)
        known = scope.mapping.organisations.get(plain(text)) or scope.context.organisation(
            text, *self.kinds
        )
        if known:
            return Read(known)
        others = scope.context.organisations_of(*self.kinds)
        if not others:
            return Read(text)
        if looks_like_formula(text):
            return Read(fault=Fault("formula_cell"))
        return Read(
            fault=Fault("organisation_unknown"),
            ask=Ask("organisations", plain(text), text, tuple(others)),
        )

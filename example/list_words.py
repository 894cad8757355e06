"""How parties write dates, amounts, yes and no, and which Dutch words they use."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from example.chance import Chance
from example.tables import Cell, Column, Facts

PHASES = {
    "intake": "instroom",
    "stabilising": "stabilisatie",
    "preparing": "voorbereiding",
    "ready": "gereed",
    "offered": "aangeboden",
    "housed": "gehuisvest",
    "relapse": "terugval",
}
EXITS = {
    "left_other": "overig vertrokken",
    "deceased": "overig vertrokken",
    "self_housed": "zelf gevonden",
    "long_term_care": "Wlz",
}
FORMS = {
    "independent": "zelfstandig",
    "clustered": "geclusterd wonen",
    "mixed": "gemengd wonen",
    "intermediate": "tussenvoorziening",
    "room": "kamer",
    "skaeve_huse": "skaeve huse",
}
CONTRACTS = {
    "regular": "regulier",
    "omklap": "omklap",
    "three_party": "driepartijen",
    "temporary": "tijdelijk met begeleiding",
}
SUPPORT = {
    "meeting_place": "ontmoetingsplek",
    "day_activity": "dagbesteding",
    "neighbourhood_management": "buurtmanagement",
    "buddy": "wonen-buddy",
    "tenancy_course": "woonschool",
    "neighbour": "buurtman/-vrouw",
    "walk_in": "inloop",
    "round_the_clock": "24-uurs bereikbaarheid",
    "budget_coach": "budgetcoach",
}
SUPPORT_NEEDED = {**SUPPORT, "buddy": "buddy"}

type Write = Callable[[Facts, Chance], Cell]


def day_of(value: str) -> date:
    """The day that normal form writes as ISO."""
    return date.fromisoformat(value)


def d_m_jjjj(day: date, mark: str = "-") -> str:
    """31-1-2026."""
    return f"{day.day}{mark}{day.month}{mark}{day.year}"


def comma(value: float, places: int = 2) -> str:
    """1234,50."""
    return f"{value:.{places}f}".replace(".", ",")


def euros(value: float) -> str:
    """€ 1.234,50."""
    return "€ " + f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def plain_number(value: Decimal) -> int | float:
    """A whole number where it is one."""
    return int(value) if value == int(value) else float(value)


def text(name: str, *, sloppy: float = 0.03) -> Write:
    """The text itself, now and then with spaces behind it."""

    def write(facts: Facts, chance: Chance) -> Cell:
        value = str(facts[name])
        return value + " " * chance.choice((1, 2)) if value and chance.happens(sloppy) else value

    return write


def optional_text(name: str) -> Write:
    """The text, or an empty cell where there is none."""
    return lambda facts, chance: facts[name] or None


def words(name: str, wording: dict[str, str]) -> Write:
    """The party's own word for a value."""
    return lambda facts, chance: wording[facts[name]]


def many(name: str, separator: str) -> Write:
    """A list in one cell."""
    return lambda facts, chance: separator.join(facts[name]) or None


def yes_no(name: str, yes: Sequence[str], no: Sequence[str]) -> Write:
    """One of the words that a party uses side by side for yes and for no; \"\" is empty."""
    return lambda facts, chance: chance.choice(yes if facts[name] else no) or None


def column(
    header: str,
    fields: str | tuple[str, ...],
    write: Write | None = None,
    group: str | None = None,
) -> Column:
    """A column for one field, or for several; written as text unless said otherwise."""
    names = (fields,) if isinstance(fields, str) else fields
    return Column(header, names, write or text(names[0]), group)

"""The step plan's own arithmetic: what a region can count with a pencil, without a history.

"Zicht op uitstroom" (HHM and Platform31, 2017) gives the steps: who is there, who is ready when,
where to, to what home, against what was agreed. It publishes no formula. What stands here is the
sum that follows from the steps, year by year:

    demand    = becomes ready + back after relapse                          people
    dwellings = demand x (1 - finds a home alone - goes to other care) / people in a dwelling
    task      = dwellings + backlog of the year before
    delivered = the smaller of the task and the most that was agreed
    backlog   = task - delivered

Shares that nobody has counted are assumptions and are given as such. Every number that is shown
is a whole one and the next is computed from it, so that the table can be added up by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from outflow.estimation.errors import EstimateError

ONE_THIRD = Fraction(1, 3)
YEARS_OF_RELAPSE = 2


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What the sum takes for granted; shares between 0 and 1.

    ``relapse`` is the share of those who moved that is back in care within 24 months: half of it
    in the year after the move, half in the year after that.
    """

    own_home: Fraction = Fraction(0)
    other_care: Fraction = Fraction(0)
    relapse: Fraction = Fraction(0)
    people_per_dwelling: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        shares = (self.own_home, self.other_care, self.relapse)
        if any(not 0 <= share <= 1 for share in shares) or self.own_home + self.other_care > 1:
            raise EstimateError("share", "A share lies between 0 and 1, and shares fit in one.")
        if self.people_per_dwelling < 1:
            raise EstimateError("people_per_dwelling", "In a dwelling lives at least one person.")


@dataclass(frozen=True, slots=True)
class Year:
    """One year of the step plan: people, then dwellings."""

    becomes_ready: int
    returns: int
    demand: int
    dwellings: int
    task: int
    delivered: int
    backlog: int


def step_plan(
    becomes_ready: Sequence[int],
    maximum: Sequence[int],
    *,
    backlog: int = 0,
    moved_before: tuple[int, int] = (0, 0),
    assume: Assumptions | None = None,
) -> list[Year]:
    """Return the years of the step plan, one for each number of people who become ready.

    Parameters
    ----------
    becomes_ready
        People who become ready in each year to come.
    maximum
        The most dwellings of each year: what was agreed or planned. Same length.
    backlog
        Dwellings that people who are ready wait for as the first year begins.
    moved_before
        People who moved two years before, and the year before: some of them come back.
    assume
        Shares that are taken for granted; by default nobody finds a home alone, goes to other
        care or comes back, and everybody lives alone.

    Raises
    ------
    EstimateError
        ``length`` when there is not one maximum for each year; ``negative`` for a number below 0.

    Examples
    --------
    A structural 145 a year under a maximum of 178 leaves 33 a year for a backlog of 99:

    >>> [year.backlog for year in step_plan([145] * 3, [178] * 3, backlog=99)]
    [66, 33, 0]
    """
    if len(becomes_ready) != len(maximum):
        raise EstimateError("length", "Each year needs one maximum.")
    if min((*becomes_ready, *maximum, *moved_before, backlog)) < 0:
        raise EstimateError("negative", "No number of the step plan lies below 0.")
    given = assume or Assumptions()
    needs_a_home = (1 - given.own_home - given.other_care) / given.people_per_dwelling
    moved = list(moved_before)
    years: list[Year] = []
    for ready, most in zip(becomes_ready, maximum, strict=True):
        returns = whole(given.relapse * sum(moved[-YEARS_OF_RELAPSE:]) / YEARS_OF_RELAPSE)
        demand = ready + returns
        dwellings = whole(demand * needs_a_home)
        task = dwellings + backlog
        delivered = min(task, most)
        backlog = task - delivered
        moved.append(whole(delivered * given.people_per_dwelling))
        years.append(Year(ready, returns, demand, dwellings, task, delivered, backlog))
    return years


def whole(number: Fraction) -> int:
    """Return the nearest whole number; a half goes up, as in a sum on paper.

    >>> whole(Fraction(385 * 70, 100))
    270
    """
    return int(number + Fraction(1, 2))


def part_of_stock(stock: int, share: Fraction = ONE_THIRD) -> int:
    """Return how many of those in care flow out by a rule on the stock, over its whole horizon.

    The commission-Dannenberg (2015) held that about one third of the people in sheltered housing
    could live in a home of their own: once, of everybody who is there, not every year again.

    >>> part_of_stock(300)
    100
    """
    return whole(stock * share)

"""Which proposals are lived through step by step while the example is loaded. Pure.

Whoever has an open offer, and a few whose last offer came to nothing, are first recorded as ready;
the steps of their proposals, each on its own day, then bring them where the world has them.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta

from example.records import Dwelling, Registration, Spell, World
from housing.lifecycle import ProposalState

Cell = tuple[int, str, str]  # year, municipality, corporation
BROKEN_OFF_AT_MOST = 4
BROKEN_OFF_WITHIN_DAYS = 150
ENTERED_BEFORE_DAYS = 3
LINE = (
    ProposalState.PROPOSED,
    ProposalState.CORPORATION_YES,
    ProposalState.CLIENT_YES,
    ProposalState.VIEWING,
    ProposalState.CONTRACT,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A proposal with the day of each of its steps, the proposing first."""

    registration: Registration
    dwelling: Dwelling
    steps: tuple[tuple[ProposalState, date], ...]

    @property
    def proposed_on(self) -> date:
        return self.steps[0][1]


@dataclass(frozen=True)
class Plans:
    """All proposals to live through: those that came to nothing and those that run."""

    broken_off: tuple[Plan, ...]
    running: tuple[Plan, ...]

    def spells_before(self, registration: Registration) -> tuple[Spell, ...]:
        """The phases of somebody up to the proposal that is still to be made."""
        gone = {plan.registration.number: 2 for plan in self.broken_off}
        gone |= {plan.registration.number: 1 for plan in self.running}
        left = gone.get(registration.number)
        if not left:
            return registration.spells
        kept = registration.spells[:-left]
        return (*kept[:-1], replace(kept[-1], ends=None, following=None))

    def entered_on(self, dwelling: Dwelling) -> date:
        """When a dwelling was put on offer: corporations bring a list twice a month.

        Always some days before it was first proposed.
        """
        first = [p.proposed_on for p in self.broken_off + self.running if p.dwelling == dwelling]
        before = [day - timedelta(days=ENTERED_BEFORE_DAYS) for day in first]
        day = min(dwelling.entered_on, *before) if before else dwelling.entered_on
        return day.replace(day=1 if day.day < 15 else 15)

    def shortages(self, world: World) -> dict[Cell, int]:
        """How many more than promised the running proposals ask, per year and cell.

        Those who agree ask for more first: then the yearly maximum itself must give way.
        """
        room = _room(world)
        asked = Counter(c for plan in self.running for c in _cells(plan.steps, plan.dwelling))
        short = {cell: n - room[cell] for cell, n in asked.items() if n > room[cell]}
        for year in {cell[0] for cell in asked}:
            left = sum(n for cell, n in room.items() if cell[0] == year)
            given = sum(n for cell, n in short.items() if cell[0] == year)
            missing = sum(n for cell, n in asked.items() if cell[0] == year) - left - given
            if missing > 0:
                cell = min(cell for cell in asked if cell[0] == year)
                short[cell] = short.get(cell, 0) + missing
        return short


def plan_proposals(world: World) -> Plans:
    """Give every open offer its steps so far, and find dwellings for those that broke off."""
    return Plans(_broken_off(world), _running(world))


def _running(world: World) -> tuple[Plan, ...]:
    """The longer ago it was proposed, the further it is; all steps of the line occur."""
    home = {d.offered_to: d for d in world.dwellings if d.offered_to}
    offered = [r for r in world.current if r.phase == "offered" and len(r.spells) > 1]
    offered.sort(key=lambda r: (r.spells[-1].begins, r.number), reverse=True)
    plans = []
    for rank, registration in enumerate(offered):
        begun = registration.spells[-1].begins
        line = LINE[: 1 + rank * len(LINE) // len(offered)]
        last = max(begun, world.as_of - timedelta(days=1 + rank % 4))
        plans.append(Plan(registration, home[registration.number], _spread(line, begun, last)))
    return tuple(plans)


def _broken_off(world: World) -> tuple[Plan, ...]:
    """Offers that ended with a no, as far as there is a free dwelling with room for them."""
    free = [d for d in world.dwellings if not (d.let_to or d.offered_to or d.nuisance_file)]
    room = _room(world)
    plans: list[Plan] = []
    for registration in world.current:
        if registration.phase != "ready" or len(registration.spells) < 3:
            continue
        ready, offer, _ = registration.spells[-3:]
        if (ready.phase, offer.phase) != ("ready", "offered") or offer.ends is None:
            continue
        if (world.as_of - offer.begins).days > BROKEN_OFF_WITHIN_DAYS:
            continue
        avoided = registration.need.avoided if registration.need else ()
        line = (*LINE[: 2 + len(plans) % 2], ProposalState.DECLINED)
        steps = _spread(line, offer.begins, offer.ends)
        for dwelling in free:
            place = (dwelling.municipality, dwelling.neighbourhood)
            if place not in avoided and all(room[cell] > 0 for cell in _cells(steps, dwelling)):
                free.remove(dwelling)
                plans.append(Plan(registration, dwelling, steps))
                break
        if len(plans) == BROKEN_OFF_AT_MOST:
            break
    return tuple(plans)


def _room(world: World) -> Counter[Cell]:
    """How many dwellings each corporation may still let in each municipality, per year."""
    room = Counter({(c.year, c.municipality, c.corporation): c.number for c in world.contingents})
    for entry in world.ledger:
        if entry.kind == "let":
            room[entry.year, entry.municipality, entry.corporation] -= 1
    return room


def _spread(
    line: tuple[ProposalState, ...], first: date, last: date
) -> tuple[tuple[ProposalState, date], ...]:
    """The steps at even distances, the first on the first day and the last on the last."""
    days = (last - first).days
    return tuple(
        (state, first + timedelta(days=days * at // max(len(line) - 1, 1)))
        for at, state in enumerate(line)
    )


def _cells(steps: tuple[tuple[ProposalState, date], ...], dwelling: Dwelling) -> set[Cell]:
    """The promises under which a proposal counts: of each year in which it takes a step."""
    return {(day.year, dwelling.municipality, dwelling.corporation) for _, day in steps}

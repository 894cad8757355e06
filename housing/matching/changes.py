"""The smallest changes that could house somebody: what they are, in which order, and applied.

A change is one step or two. Safety and functional needs are never a step: an excluded
neighbourhood, a refused home, step-free, wheelchair, low-stimulus and bedrooms stay as they are.
"""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from housing.matching.capacities import Capacity, demand_of, place_of
from housing.matching.instance import Client, Dwelling, Instance, Support, canonical
from housing.matching.problem import Problem

Step = dict[str, Any]

# Least burden on the person first: what others can arrange, then time, then the person's own
# wishes, then money. Within a kind the smallest amount goes first.
ORDER = (
    ("support", None),
    ("guidance", None),
    ("neighbourhood", None),
    ("quota", None),
    ("dates", "dwelling"),  # the home is held longer
    ("dates", "client"),  # the person is ready earlier
    ("municipality", None),
    ("form", None),
    ("max_rent", None),
)
FIRST_PERSONAL = ORDER.index(("dates", "client"))
NEVER_PROPOSED = frozenset(
    {"bedrooms", "step_free", "wheelchair", "low_stimulus", "excluded", "refused"}
)
MOST_STEPS = 2


@dataclass(frozen=True, slots=True)
class Change:
    """One or two steps, in their order."""

    steps: tuple[Step, ...]

    @classmethod
    def of(cls, steps: Iterable[Step]) -> "Change":
        return cls(tuple(sorted(steps, key=burden_of)))

    @property
    def is_personal(self) -> bool:
        """Does it change only what this person accepts, or when this person is ready?"""
        return all(_place(step) >= FIRST_PERSONAL for step in self.steps)

    @property
    def is_shared(self) -> bool:
        """Does it change nothing of this person, so that it is the same for everybody?"""
        return all(_place(step) < FIRST_PERSONAL for step in self.steps)

    @property
    def burden(self) -> tuple[Any, ...]:
        return (
            len(self.steps),
            *zip(*(burden_of(step) for step in reversed(self.steps)), strict=True),
        )

    @property
    def key(self) -> str:
        return canonical(self.steps)


def burden_of(step: Step) -> tuple[int, float, str]:
    """Return what orders steps: the kind, then the amount, then the content."""
    return (_place(step), amount_of(step), canonical(step))


def _place(step: Step) -> int:
    return ORDER.index((step["kind"], step.get("of")))


def amount_of(step: Step) -> float:
    match step["kind"]:
        case "guidance":
            return float(step["more_hours"])
        case "dates":
            return float(step["days"])
        case "max_rent":
            return float(step["more"])
    return 1.0


def row_step(row: Capacity, missing: int) -> Step:
    """Return the step that adds what is missing in one row, in the row's own count."""
    resource = row.resource()
    del resource["kind"]
    if row.kind == "guidance":
        return {"kind": "guidance"} | resource | {"more_hours": missing / 2}
    return {"kind": row.kind} | resource | {"more": missing}


def one_more(resource: dict[str, Any]) -> Step:
    """Return the step that adds one place, or one hour, to a row as the result names it."""
    amount = "more_hours" if resource["kind"] == "guidance" else "more"
    return resource | {amount: 1}


class Obstacles:
    """What stands between people and homes of one problem, as the steps that would remove it."""

    def __init__(self, problem: Problem, placed: Sequence[tuple[int, int]]) -> None:
        instance = problem.instance
        self.problem = problem
        self.clients, self.dwellings = instance.clients, instance.dwellings
        used = problem.capacities.used_by((self.clients[c], self.dwellings[d]) for c, d in placed)
        sizes = [row.size for row in problem.capacities.rows]
        self.left = [size - amount for size, amount in zip(sizes, used, strict=True)]
        self.free = problem.free.tolist()  # after promises only
        self._supported = {s.key for s in instance.support}

    def uses(self, c: int, d: int) -> tuple[tuple[int, int], ...]:
        """Return (row, load) of every row that this person in this home uses."""
        demand, place = demand_of(self.clients[c]), place_of(self.dwellings[d])
        return self.problem.capacities.uses(demand, place)

    def steps(
        self, c: int, d: int, failed: Sequence[str], left: Sequence[int]
    ) -> list[Step] | None:
        """Return the steps that open this home to this person, None if one is never proposed.

        ``left`` is what every row still has: ``self.free`` before anybody competes, ``self.left``
        beside the answer.
        """
        if not NEVER_PROPOSED.isdisjoint(failed):
            return None
        client, home = self.clients[c], self.dwellings[d]
        found = [self._step(rule, client, home) for rule in failed if rule in _STEP_OF_RULE]
        if "support" in failed:
            place = home.neighbourhood
            found += [
                {"kind": "support", "neighbourhood": place, "support_kind": kind, "more": 1}
                for kind in client.support
                if (place, kind) not in self._supported
            ]
        for row, load in self.uses(c, d):
            if load > left[row]:
                found.append(row_step(self.problem.capacities.rows[row], load - left[row]))
        return found

    def _step(self, rule: str, client: Client, home: Dwelling) -> Step:
        match rule:
            case "rent":
                more = round(home.rent - (client.max_rent or 0.0), 2)
                return {"kind": "max_rent", "max_rent": home.rent, "more": more}
            case "municipality":
                return {"kind": "municipality", "municipality": home.municipality}
            case "form":
                return {"kind": "form", "form": home.form}
        window = datetime.timedelta(days=self.problem.instance.vacancy_days)
        days = (client.ready_on - home.available_on - window).days
        return {"kind": "dates", "of": "client", "days": days}


_STEP_OF_RULE = frozenset({"rent", "municipality", "form", "dates"})


def variants(steps: Sequence[Step], home: Dwelling) -> Iterator[Change]:
    """Return the change, and where it asks to be ready earlier also the home held longer."""
    yield Change.of(steps)
    for number, step in enumerate(steps):
        if step["kind"] == "dates":
            held = step | {"of": "dwelling", "dwelling": home.ref}
            yield Change.of([*steps[:number], held, *steps[number + 1 :]])


def changed(instance: Instance, client: str, change: Change) -> Instance:
    """Return the instance in which every step of a change has been taken for this person."""
    for step in change.steps:
        instance = _taken(instance, client, step)
    return instance


def _taken(instance: Instance, client: str, step: Step) -> Instance:
    match step["kind"]:
        case "support":
            return _with_support(instance, step)
        case "guidance":
            guidance = tuple(
                replace(g, free_half_hours=g.free_half_hours + round(2 * step["more_hours"]))
                if g.key == (step["provider"], step["municipality"])
                else g
                for g in instance.guidance
            )
            return replace(instance, guidance=guidance)
        case "neighbourhood":
            places = tuple(
                replace(n, max_placements=(n.max_placements or 0) + step["more"])
                if n.ref == step["neighbourhood"]
                else n
                for n in instance.neighbourhoods
            )
            return replace(instance, neighbourhoods=places)
        case "quota":
            key = (step["corporation"], step["municipality"], step["target_group"])
            quotas = tuple(
                replace(q, remaining=q.remaining + step["more"]) if q.key == key else q
                for q in instance.quotas
            )
            return replace(instance, quotas=quotas)
        case "dates" if step["of"] == "dwelling":
            days = datetime.timedelta(days=step["days"])
            dwellings = tuple(
                replace(d, available_on=d.available_on + days) if d.ref == step["dwelling"] else d
                for d in instance.dwellings
            )
            return replace(instance, dwellings=dwellings)
    clients = tuple(_willing(c, step) if c.ref == client else c for c in instance.clients)
    return replace(instance, clients=clients)


def widest(instance: Instance, client: int) -> Instance:
    """Return the instance in which this person accepts everything that may be a step of theirs."""
    one = instance.clients[client]
    first = min((d.available_on for d in instance.dwellings), default=one.ready_on)
    willing = replace(
        one,
        max_rent=None,
        municipalities=(),
        forms=tuple(sorted({*one.forms, *(d.form for d in instance.dwellings)})),
        ready_on=min(one.ready_on, first),
    )
    clients = (*instance.clients[:client], willing, *instance.clients[client + 1 :])
    return replace(instance, clients=clients)


def _with_support(instance: Instance, step: Step) -> Instance:
    key = (step["neighbourhood"], step["support_kind"])
    rows = {row.key: row for row in instance.support}
    # Where no row is kept, promises may stand all the same: one place more is one beside theirs.
    row = rows.get(key) or Support(*key, free_places=_promised_support(instance, key))
    rows[key] = replace(row, free_places=row.free_places + step["more"])
    return replace(instance, support=tuple(rows[key] for key in sorted(rows)))


def _promised_support(instance: Instance, key: tuple[str, str]) -> int:
    """Return how many promises in a neighbourhood need a kind of support."""
    place, kind = key
    people = {c.ref: c for c in instance.clients}
    homes = {d.ref: d for d in instance.dwellings}
    return sum(
        homes[dwelling].neighbourhood == place and kind in people[client].support
        for client, dwelling in instance.locked
    )


def _willing(client: Client, step: Step) -> Client:
    match step["kind"]:
        case "dates":
            ready_on = client.ready_on - datetime.timedelta(days=step["days"])
            return replace(client, ready_on=ready_on)
        case "municipality":
            towns = tuple(sorted({*client.municipalities, step["municipality"]}))
            return replace(client, municipalities=towns)
        case "form":
            return replace(client, forms=tuple(sorted({*client.forms, step["form"]})))
        case _:
            return replace(client, max_rent=step["max_rent"])


# Of a home ---------------------------------------------------------------------------------------

# What the owner of a home or its neighbourhood can change, least trouble first.
HOME_ORDER = ("support", "guidance", "neighbourhood", "quota", "dates", "rent")


def of_home(step: Step, home: Dwelling) -> Step | None:
    """Return a person's step as the same change of the home; None for a wish of the person."""
    match step["kind"]:
        case "max_rent":
            limit = round(step["max_rent"] - step["more"], 2)
            return {"kind": "rent", "rent": limit, "less": step["more"]}
        case "dates":
            return {"kind": "dates", "days": step["days"]}
        case "municipality" | "form":
            return None
    return step


def nearest_of_home(steps: Iterable[Step]) -> Step | None:
    """Return the smallest change of a home, with the number of waiting people it would then fit.

    Each step opens the home to one person; the same kind of step, taken far enough for one, also
    serves whoever needs less of it.
    """
    known = list(steps)
    if not known:
        return None
    smallest = min(known, key=_home_burden)
    people = sum(_serves(smallest, step) for step in known)
    return smallest | {"people": people}


def _home_burden(step: Step) -> tuple[int, float, str]:
    return (HOME_ORDER.index(step["kind"]), _home_amount(step), canonical(step))


def _home_amount(step: Step) -> float:
    return float(step["less"]) if step["kind"] == "rent" else amount_of(step)


def _serves(taken: Step, needed: Step) -> bool:
    """Does the step that is taken do all that somebody needs?"""
    amounts = {"less", "rent", "days", "more", "more_hours"}
    same = {k: v for k, v in taken.items() if k not in amounts} == {
        k: v for k, v in needed.items() if k not in amounts
    }
    return same and _home_amount(needed) <= _home_amount(taken)

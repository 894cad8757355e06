"""Why, deeper than the contract's result: on what ground others went first, and what would help.

The advice is a second document beside the result. It never names another person. Everything in
it can be recomputed: see housing/matching/advice_checking.py, which shares no rule with this.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from housing.matching.again import Again
from housing.matching.changes import (
    MOST_STEPS,
    Change,
    Obstacles,
    Step,
    changed,
    nearest_of_home,
    of_home,
    one_more,
    variants,
    widest,
)
from housing.matching.eligibility import RULES, failed_rules
from housing.matching.instance import Instance, read
from housing.matching.memory import Memory
from housing.matching.problem import Problem
from housing.matching.version import CORE_VERSION

ADVICE_SCHEMA = "weerthuis/match-advice/1"

# Why others went first, or what is full; the order in which a home that is free names its row.
GROUNDS = (
    "promised",
    "more_urgent",
    "longer_waiting",
    "same_standing",
    "for_the_whole",
    "support_full",
    "guidance_full",
    "neighbourhood_full",
    "quota_full",
    "not_proven",
)
# Where somebody cannot live is never told, not even as a number.
UNTOLD = frozenset({"excluded"})
FULL = ("support", "guidance", "neighbourhood", "quota")

# The work is bounded by counts, never by the clock, so that the advice depends on no machine.
TRY_ALL_UP_TO_CLIENTS = 300
TRY_AT_MOST_PEOPLE = 60
# Solving everything again, for a change that is not only the person's own.
WHOLE_PER_PERSON = 2
WHOLE_IN_ALL = 20
WHOLE_IN_ALL_OF_A_LARGE_ONE = 2
# Solving the one part of the problem that the person belongs to, and asking for its bounds.
PARTS_PER_PERSON = 4
PARTS_IN_ALL = 100
PARTS_IN_ALL_OF_A_LARGE_ONE = 4
OWN_CHANGES_PER_PERSON = 12
# With more choices than this nothing is solved again: only what is certain without is told.
SOLVE_UP_TO_CHOICES = 60_000

Progress = Callable[[str, int, int], None]


def advise(
    instance: dict[str, Any],
    result: dict[str, Any],
    *,
    progress: Progress | None = None,
    memory: Memory | None = None,
) -> dict[str, Any]:
    """Return for everybody left the grounds and the nearest change, for every home what it lacked.

    Parameters
    ----------
    instance, result
        Parsed JSON of an instance and the result of ``match`` for it; neither is changed.
    progress
        Called with the stage "advice", how much of it is done and how much there is. An exception
        it raises ends the work.
    memory
        Where answers of components are looked up. It saves time and changes nothing.

    Returns
    -------
    dict
        The advice of schema ``weerthuis/match-advice/1``, equal for equal input.

    Raises
    ------
    ValueError
        The result belongs to another instance.
    """
    known = read(instance)
    if result["fingerprint"] != known.fingerprint():
        raise ValueError("The result belongs to another instance.")
    return _Advice(known, result, progress or _silent, memory).whole()


def _silent(stage: str, done: int, total: int) -> None:
    pass


class _Advice:
    def __init__(
        self,
        instance: Instance,
        result: dict[str, Any],
        progress: Progress,
        memory: Memory | None,
    ) -> None:
        self.instance = instance
        self.result = result
        self.problem = Problem(instance)
        client_at = {c.ref: number for number, c in enumerate(instance.clients)}
        dwelling_at = {d.ref: number for number, d in enumerate(instance.dwellings)}
        self.placed = sorted(
            (client_at[pair["client"]], dwelling_at[pair["dwelling"]]) for pair in result["pairs"]
        )
        self.taker = {d: c for c, d in self.placed}
        self.promised = {d for _, d in self.problem.locked}
        housed = {c for c, _ in self.placed}
        self.waiting = [c for c in range(len(instance.clients)) if c not in housed]
        self.obstacles = Obstacles(self.problem, self.placed)
        self.progress, self.done, self.total = progress, 0, 0
        self.again = Again(self.problem, self.placed, memory, self._go_on)
        self.homes_of: dict[int, list[int]] = defaultdict(list)
        pairs = self.problem.pairs
        for c, d in zip(pairs.client.tolist(), pairs.dwelling.tolist(), strict=True):
            self.homes_of[c].append(d)
        self.is_large = len(instance.clients) > TRY_ALL_UP_TO_CLIENTS
        self.most_whole = WHOLE_IN_ALL_OF_A_LARGE_ONE if self.is_large else WHOLE_IN_ALL
        self.most_parts = PARTS_IN_ALL_OF_A_LARGE_ONE if self.is_large else PARTS_IN_ALL
        if len(self.problem.choices) > SOLVE_UP_TO_CHOICES:
            self.most_whole = self.most_parts = 0
        self.tried_rows: list[Change] = []
        self.days = instance.days_waited()
        self.beyond = instance.days_beyond_guard()
        self.proven = result["status"] == "optimal"
        self.most_is_proven = result["bound"]["placements"] == result["placements"]

    def _go_on(self) -> None:
        self.progress("advice", self.done, self.total)

    def whole(self) -> dict[str, Any]:
        tried = self._who_is_tried()
        self.total = len(tried)
        self._go_on()
        self._try_bottlenecks()
        changes: dict[int, tuple[dict[str, Any] | None, str | None]] = {}
        for c in tried:
            changes[c] = self._nearest_change(c)
            self.done += 1
            self._go_on()
        unmatched = []
        for c in self.waiting:
            change, why_null = changes.get(c, (None, "not_tried"))
            unmatched.append(
                {
                    "client": self.instance.clients[c].ref,
                    "grounds": self._grounds(c),
                    "change": change,
                    "why_null": why_null,
                }
            )
        return {
            "schema": ADVICE_SCHEMA,
            "core_version": CORE_VERSION,
            "fingerprint": self.result["fingerprint"],
            "unmatched": unmatched,
            "not_tried": sum(row["why_null"] == "not_tried" for row in unmatched),
            "unused": [
                self._unused(d) for d in range(len(self.instance.dwellings)) if d not in self.taker
            ],
        }

    def _who_is_tried(self) -> list[int]:
        """Everybody left, highest priority first; in a large instance only the first of them."""
        standing = self.problem.priorities
        order = sorted(self.waiting, key=lambda c: (-standing[c], -self.days[c], c))
        return order[:TRY_AT_MOST_PEOPLE] if self.is_large else order

    def _try_bottlenecks(self) -> None:
        """Find out who is housed by one more of each row that houses more people."""
        for row in self.result["bottlenecks"][: self.most_whole // 2]:
            change = Change.of([one_more(row["resource"])])
            self.again.outcome(change.key, changed(self.instance, "", change))
            self.tried_rows.append(change)

    # On what ground others went first ------------------------------------------------------------

    def _grounds(self, c: int) -> dict[str, int]:
        found = Counter(self._ground(c, d) for d in self.homes_of[c])
        return {ground: found[ground] for ground in GROUNDS if found[ground]}

    def _ground(self, c: int, d: int) -> str:
        """Return the one ground on which this person did not get this home, which fits."""
        if d in self.promised:
            return "promised"
        other = self.taker.get(d)
        if other is None:
            full = {
                step["kind"] for step in self.obstacles.steps(c, d, (), self.obstacles.left) or ()
            }
            return next((f"{kind}_full" for kind in FULL if kind in full), "not_proven")
        clients, standing = self.instance.clients, self.problem.priorities
        mine = (int(standing[c]), int(self.beyond[c]))
        theirs = (int(standing[other]), int(self.beyond[other]))
        if theirs == mine:
            return "same_standing"
        if theirs > mine:
            urgency = self.instance.policy.urgency_points
            more = urgency[clients[other].urgency] > urgency[clients[c].urgency]
            return "more_urgent" if more else "longer_waiting"
        return "for_the_whole" if self._stops_exchange(c, other, d) else "not_proven"

    def _stops_exchange(self, c: int, other: int, d: int) -> bool:
        """Is a row too full for this person to take the place of the other?"""
        return bool(self.obstacles.steps(c, d, (), self._left_without(other, d)))

    def _left_without(self, other: int, d: int) -> list[int]:
        left = list(self.obstacles.left)
        for row, load in self.obstacles.uses(other, d):
            left[row] += load
        return left

    # The nearest change --------------------------------------------------------------------------

    def _nearest_change(self, c: int) -> tuple[dict[str, Any] | None, str | None]:
        """Return the smallest change that houses this person, or None and why there is none."""
        candidates, why_null = self._candidates(c)
        candidates = self._with_tried_rows(c, candidates)
        whole, part = self.again.whole, self.again.part
        own_changes = 0
        own_may_help = True
        if any(one.sure == _UNSURE and one.change.is_personal for one in candidates):
            sure = any(one.sure != _UNSURE for one in candidates)
            own_may_help = sure or self._widest_helps(c)
        for candidate in candidates:
            if candidate.change.is_personal:
                own_changes += 1
                if not own_may_help or own_changes > OWN_CHANGES_PER_PERSON:
                    continue
            gain = self._houses(
                c,
                candidate,
                may_solve_whole=self.again.whole < min(whole + WHOLE_PER_PERSON, self.most_whole),
                may_solve_part=self.again.part < min(part + PARTS_PER_PERSON, self.most_parts),
            )
            if gain is not None:
                steps = list(candidate.change.steps)
                return {"steps": steps, "houses": True, "gain": gain}, None
        return None, why_null

    def _with_tried_rows(self, c: int, candidates: list["_Candidate"]) -> list["_Candidate"]:
        """Add the rows of which one more is known to house this person, if only by making room."""
        ref, known = self.instance.clients[c].ref, {one.change.key for one in candidates}
        found = [
            _Candidate(change, _UNSURE)
            for change in self.tried_rows
            if change.key not in known
            and ref in self.again.outcome(change.key, self.instance).housed
        ]
        return sorted([*candidates, *found], key=lambda one: one.change.burden)

    def _widest_helps(self, c: int) -> bool:
        """Could any change of this person's own help? Not if all of them together do not."""
        if not self.most_is_proven or self.again.part >= self.most_parts:
            return False
        return self._own_gain(c, widest(self.instance, c)) is not None

    def _own_gain(self, c: int, instance: Instance) -> int | None:
        return self.again.own_gain(instance, c, proven=self.proven)

    def _candidates(self, c: int) -> tuple[list["_Candidate"], str]:
        """Return the changes to try, smallest first, and what it means when none of them helps."""
        found: dict[str, _Candidate] = {}
        in_reach = possible = 0
        for d, failed in self._failures(c):
            if d in self.promised:
                continue
            before = self.obstacles.steps(c, d, failed, self.obstacles.free)
            if before is None:
                continue
            possible += 1
            in_reach += len(before) <= MOST_STEPS
            beside = self.obstacles.steps(c, d, failed, self._left_for(d)) or []
            for steps, is_enough in ((before, before == beside), (beside, True)):
                if not 0 < len(steps) <= MOST_STEPS:
                    continue
                for change in variants(steps, self.instance.dwellings[d]):
                    sure = _UNSURE
                    if is_enough and change.is_personal:
                        sure = self._certainty(c, d)
                    known = found.get(change.key)
                    if known is None or sure > known.sure:
                        found[change.key] = _Candidate(change, sure)
        if not possible:
            return [], "needs_only"
        if not in_reach:
            return [], "more_than_two"
        return sorted(found.values(), key=lambda one: one.change.burden), "none_helps"

    def _failures(self, c: int) -> Iterator[tuple[int, list[str]]]:
        one = np.array([c])
        for municipality, dwellings in self.problem.eligibility.blocks:
            bits = self.problem.eligibility.bits(one, municipality, dwellings)[0]
            for d, failed in zip(dwellings.tolist(), bits.tolist(), strict=True):
                yield d, failed_rules(failed)

    def _left_for(self, d: int) -> list[int]:
        """What every row has left beside the answer, once whoever has this home gave it up."""
        other = self.taker.get(d)
        return self.obstacles.left if other is None else self._left_without(other, d)

    def _certainty(self, c: int, d: int) -> int:
        """How sure is it that a personal change which opens this home houses this person?

        A free home with room in every row: this person moves in and nobody moves out. Nothing can
        house more than one more, for without this person it would be an answer to the base; so
        where the base is proven, the gain is one. A home of somebody with less priority: the
        exchange alone beats the base, so every best answer now holds this person.
        """
        if d not in self.taker:
            return _MOVES_IN if self.most_is_proven else _UNSURE
        standing = self.problem.priorities
        ahead = standing[c] > standing[self.taker[d]]
        return _GOES_FIRST if ahead and self.proven else _UNSURE

    def _houses(
        self, c: int, candidate: "_Candidate", *, may_solve_whole: bool, may_solve_part: bool
    ) -> int | None:
        """Return how many people more a change houses if it houses this person, else None."""
        change, ref = candidate.change, self.instance.clients[c].ref
        if candidate.sure == _MOVES_IN:
            return 1
        if change.is_personal and self.most_is_proven:
            if may_solve_part or candidate.sure == _GOES_FIRST:
                return self._own_gain(c, changed(self.instance, ref, change))
            return None
        key = change.key if change.is_shared else f"{ref} {change.key}"
        if not may_solve_whole and not self.again.knows(key):
            return None
        outcome = self.again.outcome(key, changed(self.instance, ref, change))
        return outcome.gain if ref in outcome.housed else None

    # What a home that nobody got would have to be ------------------------------------------------

    def _unused(self, d: int) -> dict[str, Any]:
        """Return which rule alone stood in the way of how many, and the smallest change."""
        only: Counter[str] = Counter()
        steps: list[Step] = []
        home = self.instance.dwellings[d]
        people = np.array(self.waiting, dtype=np.int64)
        municipality = self.problem.eligibility.municipality_of[home.municipality]
        bits = self.problem.eligibility.bits(people, municipality, np.array([d]))[:, 0]
        for c, failing in zip(self.waiting, bits.tolist(), strict=True):
            failed = failed_rules(failing)
            if len(failed) == 1 and failed[0] not in UNTOLD:
                only[failed[0]] += 1
            needed = self.obstacles.steps(c, d, failed, self.obstacles.left)
            if needed is not None and len(needed) == 1:
                step = of_home(needed[0], home)
                steps += [step] if step else []
        return {
            "dwelling": home.ref,
            "failed": {rule: only[rule] for rule in RULES if only[rule]},
            "nearest": nearest_of_home(steps),
        }


@dataclass(frozen=True, slots=True)
class _Candidate:
    change: Change
    sure: int


_UNSURE, _GOES_FIRST, _MOVES_IN = range(3)

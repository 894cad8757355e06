"""Why: for every pair its reasons, for everybody left what stood in the way.

Everything said here is a fact that can be recomputed from the instance and the pairs; the words
are made of the codes elsewhere. The closed set of codes stands in docs/matcher.md.
"""

from collections import Counter, defaultdict
from typing import Any

from housing.matching.capacities import demand_of, place_of
from housing.matching.fit import Fit, wasted_features
from housing.matching.problem import Problem

REASON_CODES = (
    "promised",
    "promise_breaks_rule",
    "rent_fits",
    "no_rent_limit",
    "bedrooms_fit",
    "step_free_fits",
    "wheelchair_fits",
    "low_stimulus_fits",
    "form_fits",
    "municipality_wished",
    "preferred_neighbourhood",
    "near_network",
    "near_day_activity",
    "contract_form_wished",
    "ready_in_time",
    "support_available",
    "guidance_fits",
    "urgent",
    "waited",
    "longest_waiting",
    "not_preferred_neighbourhood",
    "feature_not_needed",
    "spare_bedrooms",
    "far_from_network",
    "far_from_day_activity",
    "contract_form_not_wished",
    "many_persons",
    "above_appropriate_rent",
    "above_soft_placements",
)

Reason = dict[str, Any]
Placed = list[tuple[int, int]]


class Explanation:
    """Explains one answer: the pairs of positions, promises included."""

    def __init__(self, problem: Problem, placed: Placed) -> None:
        self.problem = problem
        self.placed = placed
        self.clients = problem.instance.clients
        self.dwellings = problem.instance.dwellings
        self.locked = set(problem.locked)
        self.promised = {d for _, d in problem.locked}
        self.taken = {d for _, d in placed}
        self.housed = {c for c, _ in placed}
        used = problem.capacities.used_by((self.clients[c], self.dwellings[d]) for c, d in placed)
        self.used = used
        sizes = [row.size for row in problem.capacities.rows]
        self.left = [size - amount for size, amount in zip(sizes, used, strict=True)]
        self.homes_of: dict[int, list[int]] = defaultdict(list)
        self.people_of: dict[int, list[int]] = defaultdict(list)
        for c, d in zip(
            problem.pairs.client.tolist(), problem.pairs.dwelling.tolist(), strict=True
        ):
            self.homes_of[c].append(d)
            self.people_of[d].append(c)
        self.in_place = Counter(self.dwellings[d].neighbourhood for _, d in placed)
        self.fit = Fit(problem.instance)
        self.soft = {n.ref: n.soft_placements for n in problem.instance.neighbourhoods}

    def pairs(self) -> list[dict[str, Any]]:
        return [
            {
                "client": self.clients[c].ref,
                "dwelling": self.dwellings[d].ref,
                "locked": (c, d) in self.locked,
                "reasons": self.reasons(c, d),
            }
            for c, d in self.placed
        ]

    def reasons(self, c: int, d: int) -> list[Reason]:
        """Return what speaks for the pair, then what is given up for it."""
        failed: list[str] = []
        found: list[Reason] = []
        if (c, d) in self.locked:
            failed = self.problem.eligibility.failed(c, d)
            found.append({"code": "promised"})
            if failed:
                found.append({"code": "promise_breaks_rule", "failed": failed})
        holds = [rule for rule in _RULE_REASONS if rule not in failed]
        for rule in holds:
            found.extend(_RULE_REASONS[rule](self, c, d))
        return found + self._wishes_and_order(c, d) + self._given_up(c, d)

    def _rent(self, c: int, d: int) -> list[Reason]:
        limit, rent = self.clients[c].max_rent, self.dwellings[d].rent
        if limit is None:
            return [{"code": "no_rent_limit", "rent": rent}]
        return [{"code": "rent_fits", "rent": rent, "max_rent": limit}]

    def _bedrooms(self, c: int, d: int) -> list[Reason]:
        there, needed = self.dwellings[d].bedrooms, self.clients[c].bedrooms
        return [{"code": "bedrooms_fit", "bedrooms": there, "needed": needed}]

    def _step_free(self, c: int, d: int) -> list[Reason]:
        home = self.dwellings[d]
        if not self.clients[c].step_free:
            return []
        return [{"code": "step_free_fits", "ground_floor": home.ground_floor, "lift": home.lift}]

    def _wheelchair(self, c: int, d: int) -> list[Reason]:
        return [{"code": "wheelchair_fits"}] if self.clients[c].wheelchair else []

    def _low_stimulus(self, c: int, d: int) -> list[Reason]:
        return [{"code": "low_stimulus_fits"}] if self.clients[c].low_stimulus else []

    def _form(self, c: int, d: int) -> list[Reason]:
        return [{"code": "form_fits", "form": self.dwellings[d].form}]

    def _municipality(self, c: int, d: int) -> list[Reason]:
        if not self.clients[c].municipalities:
            return []
        return [{"code": "municipality_wished", "municipality": self.dwellings[d].municipality}]

    def _dates(self, c: int, d: int) -> list[Reason]:
        ready, available = self.clients[c].ready_on, self.dwellings[d].available_on
        facts = {"ready_on": ready.isoformat(), "available_on": available.isoformat()}
        return [{"code": "ready_in_time"} | facts]

    def _support(self, c: int, d: int) -> list[Reason]:
        kinds, place = self.clients[c].support, self.dwellings[d].neighbourhood
        if not kinds:
            return []
        return [{"code": "support_available", "neighbourhood": place, "kinds": list(kinds)}]

    def _guidance(self, c: int, d: int) -> list[Reason]:
        client, town = self.clients[c], self.dwellings[d].municipality
        if not client.half_hours:
            return []
        facts = {"provider": client.provider, "municipality": town, "hours": client.half_hours / 2}
        return [{"code": "guidance_fits"} | facts]

    def _wishes_and_order(self, c: int, d: int) -> list[Reason]:
        client, home = self.clients[c], self.dwellings[d]
        as_of = self.problem.instance.as_of
        found: list[Reason] = []
        if home.neighbourhood in client.preferred_neighbourhoods:
            found.append({"code": "preferred_neighbourhood", "neighbourhood": home.neighbourhood})
        found.extend(self.fit.reasons(c, d)[0])
        if client.urgency:
            found.append({"code": "urgent", "urgency": client.urgency})
        days = max(0, (as_of - client.waiting_since).days)
        since = client.waiting_since.isoformat()
        found.append({"code": "waited", "days": days, "waiting_since": since})
        others = [self.clients[o] for o in self.people_of[d] if o != c]
        if days and others and all(client.waiting_since < o.waiting_since for o in others):
            found.append({"code": "longest_waiting", "days": days, "others": len(others)})
        return found

    def _given_up(self, c: int, d: int) -> list[Reason]:
        client, home = self.clients[c], self.dwellings[d]
        found: list[Reason] = []
        wished = client.preferred_neighbourhoods
        if wished and home.neighbourhood not in wished:
            facts = {"neighbourhood": home.neighbourhood, "preferred": list(wished)}
            found.append({"code": "not_preferred_neighbourhood"} | facts)
        for feature in wasted_features(client, home):
            found.append({"code": "feature_not_needed", "feature": feature})
        spare = home.bedrooms - max(1, client.bedrooms)
        if spare > 0:
            found.append({"code": "spare_bedrooms", "spare": spare})
        found.extend(self.fit.reasons(c, d)[1])
        soft, there = self.soft[home.neighbourhood], self.in_place[home.neighbourhood]
        if soft is not None and there > soft:
            found.append(
                {
                    "code": "above_soft_placements",
                    "neighbourhood": home.neighbourhood,
                    "placements": there,
                    "soft_placements": soft,
                }
            )
        return found

    def unmatched(self) -> list[dict[str, Any]]:
        return [self._left_over(c) for c in range(len(self.clients)) if c not in self.housed]

    def _left_over(self, c: int) -> dict[str, Any]:
        homes = self.homes_of[c]
        nearest: list[dict[str, Any]] = []
        if not homes:
            why = "no_eligible_dwelling"
            nearest = [
                {"dwelling": self.dwellings[d].ref, "failed": failed}
                for d, failed in self.problem.eligibility.nearest(c)
            ]
        elif all(self._full_beforehand(c, d) for d in homes):
            why = "no_capacity"
        else:
            why = "outcompeted"
        return {
            "client": self.clients[c].ref,
            "why": why,
            "eligible_dwellings": len(homes),
            "nearest": nearest,
            "blocked_by": self._blocked_by(c),
        }

    def _full_beforehand(self, c: int, d: int) -> bool:
        """Is there no room for this pair before anybody competes, the home promised included?"""
        if d in self.promised:
            return True
        return any(load > self.problem.free[row] for row, load in self._uses(c, d))

    def _uses(self, c: int, d: int) -> tuple[tuple[int, int], ...]:
        return self.problem.capacities.uses(demand_of(self.clients[c]), place_of(self.dwellings[d]))

    def full_rows(self, c: int) -> set[int]:
        """Return the rows that stop this person on at least one eligible dwelling."""
        return {
            row for d in self.homes_of[c] for row, load in self._uses(c, d) if load > self.left[row]
        }

    def _blocked_by(self, c: int) -> list[dict[str, Any]]:
        rows = [self.problem.capacities.rows[row].resource() for row in sorted(self.full_rows(c))]
        homes = [
            {"kind": "dwelling", "dwelling": self.dwellings[d].ref}
            for d in self.homes_of[c]
            if d in self.taken
        ]
        return rows + homes

    def unused(self) -> list[dict[str, Any]]:
        found = []
        promised_people = {c for c, _ in self.problem.locked}
        for d, home in enumerate(self.dwellings):
            if d in self.taken:
                continue
            people = self.people_of[d]
            if not people:
                why = "no_eligible_client"
            elif all(c in promised_people or self._full_beforehand(c, d) for c in people):
                why = "no_capacity"
            else:
                why = "outcompeted"
            found.append({"dwelling": home.ref, "why": why, "candidates": len(people)})
        return found


_RULE_REASONS = {
    "rent": Explanation._rent,
    "bedrooms": Explanation._bedrooms,
    "step_free": Explanation._step_free,
    "wheelchair": Explanation._wheelchair,
    "low_stimulus": Explanation._low_stimulus,
    "form": Explanation._form,
    "municipality": Explanation._municipality,
    "dates": Explanation._dates,
    "support": Explanation._support,
    "guidance": Explanation._guidance,
}

"""An independent check of an answer, before anybody stores or shows it.

Written rule by rule in plain Python and sharing nothing with the code that finds the answer
except how an instance is read: a mistake there must not repeat itself here.
"""

import datetime
import math
from collections import Counter, defaultdict
from typing import Any

from housing.matching.errors import CheckFailed
from housing.matching.instance import Client, Dwelling, Instance, read
from housing.matching.reason_checking import reasons_are_true, true_reasons

RESULT_KEYS = {
    "schema", "core_version", "fingerprint", "status", "gap", "placements", "priority", "bound",
    "pairs", "unmatched", "unused", "bottlenecks", "solver",
}  # fmt: skip


def check(instance: dict[str, Any], result: dict[str, Any]) -> None:
    """Raise CheckFailed, with one sentence, unless ``result`` is a valid answer to ``instance``.

    The optimum itself cannot be recomputed here; everything else is: promises, rules, capacities,
    sums, bounds, and every reason why somebody or some home was left out.
    """
    Check(read(instance), result).run()


class Check:
    """One instance and one answer to it."""

    def __init__(self, instance: Instance, result: dict[str, Any]) -> None:
        self.instance = instance
        self.result = result
        self.clients = {c.ref: c for c in instance.clients}
        self.dwellings = {d.ref: d for d in instance.dwellings}
        self.places = {(s.neighbourhood, s.kind): s.free_places for s in instance.support}
        self.hours = {(g.provider, g.municipality): g.free_half_hours for g in instance.guidance}
        self.quota = {
            (q.corporation, q.municipality, q.target_group): q.remaining for q in instance.quotas
        }
        self.room = {n.ref: n.max_placements for n in instance.neighbourhoods}
        self.promises = dict(instance.locked)
        self.policy = instance.policy
        self.homes_in: dict[str, list[Dwelling]] = defaultdict(list)
        for home in instance.dwellings:
            self.homes_in[home.municipality].append(home)
        self.willing = {
            town: [c for c in instance.clients if not c.municipalities or town in c.municipalities]
            for town in self.homes_in
        }

    def run(self) -> None:
        self._shape()
        pairs = self._pairs()
        self._reasons(pairs)
        used = self._capacities(pairs)
        self._sums(pairs)
        self._guard(pairs, used)
        promised = self.use_of(
            [(self.clients[c], self.dwellings[d]) for c, d in self.promises.items()]
        )
        self._unmatched(pairs, used, promised)
        self._unused(pairs, promised)
        self._bottlenecks(used)

    def _shape(self) -> None:
        result = self.result
        _demand(set(result) == RESULT_KEYS, "The answer has other keys than the contract.")
        _demand(result["schema"] == "weerthuis/match-result/1", "The schema is not the contract's.")
        _demand(
            result["fingerprint"] == self.instance.fingerprint(),
            "The answer belongs to another instance.",
        )
        _demand(result["status"] in ("optimal", "feasible"), "The status is unknown.")
        _demand(
            set(result["solver"]) == {"name", "version", "seconds"}, "The solver is not described."
        )

    def _pairs(self) -> dict[str, str]:
        home_of: dict[str, str] = {}
        for pair in self.result["pairs"]:
            client, dwelling = pair["client"], pair["dwelling"]
            _demand(client in self.clients, f"Client {client} does not exist.")
            _demand(dwelling in self.dwellings, f"Dwelling {dwelling} does not exist.")
            _demand(client not in home_of, f"Client {client} gets two homes.")
            home_of[client] = dwelling
            promised = self.promises.get(client) == dwelling
            _demand(pair["locked"] is promised, f"The pair of {client} is wrongly marked.")
            failed = self.failed(self.clients[client], self.dwellings[dwelling])
            _demand(promised or not failed, f"Client {client} does not fit: {', '.join(failed)}.")
        _demand(len(set(home_of.values())) == len(home_of), "A home is given twice.")
        for client, dwelling in self.promises.items():
            _demand(home_of.get(client) == dwelling, f"The promise to {client} is not kept.")
        return home_of

    def _reasons(self, home_of: dict[str, str]) -> None:
        there = Counter(self.dwellings[ref].neighbourhood for ref in home_of.values())
        for pair in self.result["pairs"]:
            client, home = self.clients[pair["client"]], self.dwellings[pair["dwelling"]]
            true = true_reasons(
                self.instance,
                client,
                home,
                self.failed(client, home),
                promised=client.ref in self.promises,
                others=[one for one in self._fitting(home) if one is not client],
                placed_there=there[home.neighbourhood],
            )
            _demand(
                reasons_are_true(pair["reasons"], true),
                f"What is said of {client.ref} and {home.ref} is not all of the truth.",
            )

    def _fitting(self, home: Dwelling) -> list[Client]:
        """Return everybody the home fits; who does not want the municipality is not tried."""
        town = home.municipality
        return [c for c in self.willing[town] if not self.failed(c, home)]

    def failed(self, client: Client, home: Dwelling) -> list[str]:
        """Return the rules that fail for one pair, each written out."""
        window = datetime.timedelta(days=self.instance.vacancy_days)
        town, place = home.municipality, home.neighbourhood
        free = self.hours.get((client.provider, town))
        rules = (
            ("rent", client.max_rent is None or home.rent <= client.max_rent),
            ("bedrooms", home.bedrooms >= client.bedrooms),
            ("step_free", not client.step_free or home.ground_floor or home.lift),
            ("wheelchair", not client.wheelchair or home.wheelchair),
            ("low_stimulus", not client.low_stimulus or home.low_stimulus),
            ("form", home.form in client.forms),
            ("municipality", not client.municipalities or town in client.municipalities),
            ("excluded", place not in client.excluded_neighbourhoods),
            ("dates", client.ready_on - home.available_on <= window),
            ("refused", home.ref not in client.refused_dwellings),
            ("support", all(self.places.get((place, kind), 0) >= 1 for kind in client.support)),
            ("guidance", free is None or client.half_hours <= free),
        )
        return [rule for rule, holds in rules if not holds]

    def _limits(self, client: Client, home: Dwelling) -> list[tuple[tuple[Any, ...], int, int]]:
        """Return (row, capacity, load) of every row that this pair uses."""
        town, place = home.municipality, home.neighbourhood
        rows: list[tuple[tuple[Any, ...], int, int]] = []
        for group in (client.target_group, None):
            quota = (home.corporation, town, group)
            if quota in self.quota:
                rows.append((("quota", *quota), self.quota[quota], 1))
        room = self.room[place]
        if room is not None:
            rows.append((("neighbourhood", place), room, 1))
        for kind in client.support:
            if (place, kind) in self.places:
                rows.append((("support", place, kind), self.places[place, kind], 1))
        provider = (client.provider, town)
        if provider in self.hours:
            rows.append((("guidance", *provider), self.hours[provider], client.half_hours))
        return rows

    def use_of(self, pairs: list[tuple[Client, Dwelling]]) -> Counter[tuple[Any, ...]]:
        used: Counter[tuple[Any, ...]] = Counter()
        for client, home in pairs:
            for row, _, load in self._limits(client, home):
                used[row] += load
        return used

    def _capacities(self, home_of: dict[str, str]) -> Counter[tuple[Any, ...]]:
        pairs = [(self.clients[c], self.dwellings[d]) for c, d in home_of.items()]
        used = self.use_of(pairs)
        for client, home in pairs:
            for row, capacity, _ in self._limits(client, home):
                _demand(used[row] <= capacity, f"More is used than there is of {row}.")
        return used

    def _sums(self, home_of: dict[str, str]) -> None:
        result = self.result
        _demand(result["placements"] == len(home_of), "The number of placements is wrong.")
        priority = 0
        for ref in home_of:
            client = self.clients[ref]
            days = (self.instance.as_of - client.waiting_since).days
            longest = self.policy.longest_counted_wait_days
            priority += self.policy.urgency_points[client.urgency] + min(max(days, 0), longest)
        _demand(result["priority"] == priority, "The sum of priority is wrong.")
        proven = True
        for level in ("placements", "priority"):
            value, bound, gap = result[level], result["bound"][level], result["gap"][level]
            _demand(value <= bound, f"The answer has more {level} than its own bound.")
            share = (bound - value) / bound if bound > value else 0.0
            _demand(math.isclose(gap, share, abs_tol=1e-12), f"The gap in {level} is wrong.")
            proven = proven and value == bound
        _demand(proven or result["status"] == "feasible", "An unproven answer is called optimal.")

    def _guard(self, home_of: dict[str, str], used: Counter[tuple[Any, ...]]) -> None:
        """Nobody beyond the guard stays behind while a later comer, not more urgent, is placed."""
        guard, as_of = self.policy.guard_days, self.instance.as_of
        if guard is None or self.result["status"] != "optimal":
            return
        for client in self.instance.clients:
            if client.ref in home_of or (as_of - client.waiting_since).days <= guard:
                continue
            for ref, dwelling in home_of.items():
                other, home = self.clients[ref], self.dwellings[dwelling]
                later = other.waiting_since > client.waiting_since
                if ref in self.promises or not later or other.urgency > client.urgency:
                    continue
                _demand(
                    bool(self.failed(client, home) or self.full(client, home, used, other)),
                    f"{client.ref} waits beyond the guard, and {ref} went first.",
                )

    def _unmatched(
        self,
        home_of: dict[str, str],
        used: Counter[tuple[Any, ...]],
        promised: Counter[tuple[Any, ...]],
    ) -> None:
        listed = [left["client"] for left in self.result["unmatched"]]
        _demand(
            sorted(listed) == sorted(set(self.clients) - set(home_of)),
            "Not everybody without a home is listed once.",
        )
        taken, gone = set(home_of.values()), set(self.promises.values())
        for left in self.result["unmatched"]:
            client = self.clients[left["client"]]
            towns = client.municipalities or self.homes_in
            fitting = [
                home
                for town in towns
                for home in self.homes_in.get(town, ())
                if not self.failed(client, home)
            ]
            _demand(
                left["eligible_dwellings"] == len(fitting), f"{client.ref}: wrong number of homes."
            )
            nearest: dict[str, list[str]] = {}
            if not fitting:
                why = "no_eligible_dwelling"
                failures = {d.ref: self.failed(client, d) for d in self.instance.dwellings}
                fewest = min((len(failed) for failed in failures.values()), default=0)
                nearest = {r: failed for r, failed in failures.items() if len(failed) == fewest}
            elif all(d.ref in gone or self.full(client, d, promised) for d in fitting):
                why = "no_capacity"
            else:
                why = "outcompeted"
            _demand(left["why"] == why, f"{client.ref}: the reason is not {left['why']}.")
            told = {near["dwelling"]: near["failed"] for near in left["nearest"]}
            _demand(told == nearest, f"{client.ref}: the nearest homes are wrong.")
            blocking: set[tuple[Any, ...]] = {
                ("dwelling", d.ref) for d in fitting if d.ref in taken
            }
            for home in fitting:
                stops = self.full(client, home, used)
                _demand(
                    bool(stops) or home.ref in taken or self.result["status"] == "feasible",
                    f"{client.ref} could still move to {home.ref}.",
                )
                blocking |= stops
            named = {_key(resource) for resource in left["blocked_by"]}
            _demand(named == blocking, f"{client.ref}: what stands in the way is wrong.")

    def full(
        self,
        client: Client,
        home: Dwelling,
        used: Counter[tuple[Any, ...]],
        instead_of: Client | None = None,
    ) -> set[tuple[Any, ...]]:
        """Return the rows that leave no room, after somebody gave up this home if one is given."""
        given_up = self.use_of([(instead_of, home)]) if instead_of else Counter()
        return {
            row
            for row, capacity, load in self._limits(client, home)
            if used[row] - given_up[row] + load > capacity
        }

    def _unused(self, home_of: dict[str, str], promised: Counter[tuple[Any, ...]]) -> None:
        taken = set(home_of.values())
        listed = [left["dwelling"] for left in self.result["unused"]]
        _demand(
            sorted(listed) == sorted(set(self.dwellings) - taken),
            "Not every home without a client is listed once.",
        )
        for left in self.result["unused"]:
            home = self.dwellings[left["dwelling"]]
            fitting = self._fitting(home)
            _demand(left["candidates"] == len(fitting), f"{home.ref}: wrong number of candidates.")
            if not fitting:
                why = "no_eligible_client"
            elif all(c.ref in self.promises or self.full(c, home, promised) for c in fitting):
                why = "no_capacity"
            else:
                why = "outcompeted"
            _demand(left["why"] == why, f"{home.ref}: the reason is not {left['why']}.")

    def _bottlenecks(self, used: Counter[tuple[Any, ...]]) -> None:
        sizes: dict[tuple[Any, ...], int] = {
            **{("quota", *key): size for key, size in self.quota.items()},
            **{("neighbourhood", r): size for r, size in self.room.items() if size is not None},
            **{("support", *key): size for key, size in self.places.items()},
            **{("guidance", *key): size for key, size in self.hours.items()},
        }
        for row in self.result["bottlenecks"]:
            key = _key(row["resource"])
            _demand(key in sizes, f"The bottleneck {key} does not exist.")
            unit = 2 if key[0] == "guidance" else 1
            _demand(row["capacity"] * unit == sizes[key], f"The capacity of {key} is wrong.")
            _demand(row["used"] * unit == used[key], f"The use of {key} is wrong.")
            one, two = row["gain"]
            _demand(1 <= one <= two <= 2 * 2, f"The gain of {key} cannot be.")


def _key(resource: dict[str, Any]) -> tuple[Any, ...]:
    """Return a resource as this module names rows, whatever the order of its keys."""
    fields = {
        "dwelling": ("dwelling",),
        "quota": ("corporation", "municipality", "target_group"),
        "neighbourhood": ("neighbourhood",),
        "support": ("neighbourhood", "support_kind"),
        "guidance": ("provider", "municipality"),
    }
    kind = resource["kind"]
    _demand(kind in fields, f"The resource {kind} is unknown.")
    return (kind, *(resource[field] for field in fields[kind]))


def _demand(holds: bool, sentence: str) -> None:
    if not holds:
        raise CheckFailed(sentence)

"""An independent check of an advice: every ground, every number and every change once more.

Plain Python over the instance as it was given. What a change does is found by matching the changed
file from nothing; nothing is shared with the code that found it.
"""

import copy
import datetime
from collections import Counter
from typing import Any

from housing.matching.checking import Check
from housing.matching.core import match
from housing.matching.errors import CheckFailed
from housing.matching.instance import Client, Dwelling, read

KEYS = {"schema", "core_version", "fingerprint", "unmatched", "not_tried", "unused"}
NEEDS = {"bedrooms", "step_free", "wheelchair", "low_stimulus", "excluded", "refused"}
WHY_NULL = {"needs_only", "more_than_two", "none_helps", "not_tried"}


def check_advice(
    instance: dict[str, Any],
    result: dict[str, Any],
    advice: dict[str, Any],
    *,
    solve_again: bool = True,
) -> None:
    """Raise CheckFailed, with one sentence, unless everything in ``advice`` is true.

    ``solve_again`` matches the instance anew for every change that is told, which takes as long
    as so many runs; without it all but the changes is checked.
    """
    _AdviceCheck(instance, result, advice).run(solve_again=solve_again)


class _AdviceCheck:
    def __init__(
        self, instance: dict[str, Any], result: dict[str, Any], advice: dict[str, Any]
    ) -> None:
        self.given = instance
        self.result = result
        self.advice = advice
        self.instance = read(instance)
        self.base = Check(self.instance, result)
        self.home_of = {pair["client"]: pair["dwelling"] for pair in result["pairs"]}
        self.taker = {dwelling: client for client, dwelling in self.home_of.items()}
        self.gone = set(self.base.promises.values())
        self.used = self.base.use_of(
            [(self.base.clients[c], self.base.dwellings[d]) for c, d in self.home_of.items()]
        )
        self.promised = self.base.use_of(
            [(self.base.clients[c], self.base.dwellings[d]) for c, d in self.base.promises.items()]
        )
        self.waiting = [c for c in self.instance.clients if c.ref not in self.home_of]

    def run(self, *, solve_again: bool) -> None:
        advice = self.advice
        _demand(set(advice) == KEYS, "The advice has other keys than it should.")
        _demand(advice["schema"] == "weerthuis/match-advice/1", "The schema is unknown.")
        _demand(
            advice["fingerprint"] == self.result["fingerprint"] == self.instance.fingerprint(),
            "The advice belongs to another instance.",
        )
        told = [row["client"] for row in advice["unmatched"]]
        _demand(told == [c.ref for c in self.waiting], "Not everybody left is listed once.")
        homes = [d for d in self.instance.dwellings if d.ref not in self.taker]
        told = [row["dwelling"] for row in advice["unused"]]
        _demand(told == [d.ref for d in homes], "Not every unused home is listed once.")
        untried = sum(row["why_null"] == "not_tried" for row in advice["unmatched"])
        _demand(advice["not_tried"] == untried, "The number not tried is wrong.")
        for client, row in zip(self.waiting, advice["unmatched"], strict=True):
            self._person(client, row, solve_again=solve_again)
        for home, row in zip(homes, advice["unused"], strict=True):
            self._home(home, row)

    # People --------------------------------------------------------------------------------------

    def _person(self, client: Client, row: dict[str, Any], *, solve_again: bool) -> None:
        keys = {"client", "grounds", "change", "why_null"}
        _demand(set(row) == keys, f"{client.ref}: other keys than it should.")
        fitting = [d for d in self.instance.dwellings if not self.base.failed(client, d)]
        grounds = Counter(self._ground(client, home) for home in fitting)
        _demand(row["grounds"] == dict(grounds), f"{client.ref}: the grounds are not true.")
        if row["change"] is None:
            _demand(row["why_null"] in WHY_NULL, f"{client.ref}: no change, and no reason for it.")
            self._nothing(client, row["why_null"])
        else:
            _demand(row["why_null"] is None, f"{client.ref}: a change, and a reason against it.")
            self._change(client, row["change"], solve_again=solve_again)

    def _ground(self, client: Client, home: Dwelling) -> str:
        if home.ref in self.gone:
            return "promised"
        if home.ref not in self.taker:
            kinds = {row[0] for row in self.base.full(client, home, self.used)}
            for kind in ("support", "guidance", "neighbourhood", "quota"):
                if kind in kinds:
                    return f"{kind}_full"
            return "not_proven"
        other = self.base.clients[self.taker[home.ref]]
        mine, theirs = self._standing(client), self._standing(other)
        if mine == theirs:
            return "same_standing"
        if theirs > mine:
            points = self.instance.policy.urgency_points
            if points[other.urgency] > points[client.urgency]:
                return "more_urgent"
            return "longer_waiting"
        stopped = self.base.full(client, home, self.used, other)
        return "for_the_whole" if stopped else "not_proven"

    def _standing(self, client: Client) -> tuple[int, int]:
        policy = self.instance.policy
        days = max(0, (self.instance.as_of - client.waiting_since).days)
        priority = policy.urgency_points[client.urgency]
        priority += min(days, policy.longest_counted_wait_days)
        guard = policy.guard_days
        return priority, 0 if guard is None else max(0, days - guard)

    def _nothing(self, client: Client, why_null: str) -> None:
        """What can be said without trying anything: which needs stand in the way everywhere."""
        missing = [
            self._missing(client, home)
            for home in self.instance.dwellings
            if home.ref not in self.gone and not NEEDS & set(self.base.failed(client, home))
        ]
        _demand(
            (why_null == "needs_only") == (not missing) or why_null == "not_tried",
            f"{client.ref}: it is not so that only needs stand in the way.",
        )
        reach = any(number <= 2 for number in missing)
        _demand(
            (why_null == "more_than_two") == (bool(missing) and not reach)
            or why_null == "not_tried",
            f"{client.ref}: it is not so that each home asks for more than two steps.",
        )

    def _missing(self, client: Client, home: Dwelling) -> int:
        """How many steps open this home to this person, before anybody competes."""
        failed = self.base.failed(client, home)
        rows = self.base.full(client, home, self.promised)
        absent = [
            kind for kind in client.support if (home.neighbourhood, kind) not in self.base.places
        ]
        own = {"rent", "form", "municipality", "dates"} & set(failed)
        return len(own) + len(rows) + len(absent)

    def _change(self, client: Client, change: dict[str, Any], *, solve_again: bool) -> None:
        _demand(set(change) == {"steps", "houses", "gain"}, f"{client.ref}: an odd change.")
        _demand(1 <= len(change["steps"]) <= 2, f"{client.ref}: a change is one step or two.")
        changed = copy.deepcopy(self.given)
        for step in change["steps"]:
            _take(changed, client.ref, step)
        if not solve_again:
            return
        again = match(changed)
        housed = client.ref in {pair["client"] for pair in again["pairs"]}
        _demand(change["houses"] is True and housed, f"{client.ref} is not housed by the change.")
        gain = again["placements"] - self.result["placements"]
        _demand(change["gain"] == gain, f"{client.ref}: the gain of the change is {gain}.")

    # Homes ---------------------------------------------------------------------------------------

    def _home(self, home: Dwelling, row: dict[str, Any]) -> None:
        _demand(set(row) == {"dwelling", "failed", "nearest"}, f"{home.ref}: an odd row.")
        only = Counter(
            failed[0]
            for failed in (self.base.failed(c, home) for c in self.waiting)
            if len(failed) == 1 and failed[0] != "excluded"
        )
        _demand(row["failed"] == dict(only), f"{home.ref}: what stood in the way is wrong.")
        nearest = row["nearest"]
        amounts = [self._amount(c, home, nearest) for c in self.waiting] if nearest else []
        if nearest is None:
            one_away = [c for c in self.waiting if self._one_away(c, home)]
            _demand(not one_away, f"{home.ref}: one step would open it.")
            return
        people = sum(amount is not None and amount <= _size(nearest) for amount in amounts)
        _demand(
            people == nearest["people"] >= 1, f"{home.ref}: the nearest change serves {people}."
        )

    def _one_away(self, client: Client, home: Dwelling) -> bool:
        failed = set(self.base.failed(client, home))
        if failed & (NEEDS | {"municipality", "form"}):
            return False
        rows = self.base.full(client, home, self.used)
        absent = [k for k in client.support if (home.neighbourhood, k) not in self.base.places]
        return len(failed & {"rent", "dates"}) + len(rows) + len(absent) == 1

    def _amount(self, client: Client, home: Dwelling, step: dict[str, Any]) -> float | None:
        """How much of this step this person needs, None if it does not do it alone."""
        if not self._one_away(client, home):
            return None
        failed = self.base.failed(client, home)
        full = self.base.full(client, home, self.used)
        match step["kind"]:
            case "rent" if "rent" in failed:
                _demand(
                    round(home.rent - step["rent"], 2) == step["less"],
                    f"{home.ref}: the lower rent is wrong.",
                )
                return round(home.rent - (client.max_rent or 0), 2)
            case "dates" if "dates" in failed:
                return (client.ready_on - home.available_on).days - self.instance.vacancy_days
            case "support":
                key = (step["neighbourhood"], step["support_kind"])
                absent = step["support_kind"] in client.support and key not in self.base.places
                return 1 if absent or full == {("support", *key)} else None
            case "neighbourhood":
                return 1 if full == {("neighbourhood", step["neighbourhood"])} else None
            case "quota":
                quota = (step["corporation"], step["municipality"], step["target_group"])
                return 1 if full == {("quota", *quota)} else None
            case "guidance":
                provider = (step["provider"], step["municipality"])
                if full != {("guidance", *provider)}:
                    return None
                free = self.base.hours[provider] - self.used["guidance", *provider]
                return (client.half_hours - free) / 2
        return None


def _size(step: dict[str, Any]) -> float:
    return float(next(step[key] for key in ("less", "days", "more_hours", "more") if key in step))


def _take(given: dict[str, Any], client: str, step: dict[str, Any]) -> None:
    """Write one step into the instance as it was given."""
    person = next(c for c in given["clients"] if c["ref"] == client)
    match step:
        case {"kind": "max_rent", "max_rent": limit, "more": more, **rest} if not rest:
            _demand(more > 0, f"{client}: the limit does not rise.")
            _demand(round(limit - person["max_rent"], 2) == more, f"{client}: a wrong rise.")
            person["max_rent"] = limit
        case {"kind": "municipality", "municipality": town, **rest} if not rest:
            _demand(town not in person["municipalities"], f"{client}: already willing.")
            person["municipalities"] = [*person["municipalities"], town]
        case {"kind": "form", "form": form, **rest} if not rest:
            _demand(form not in person["forms"], f"{client}: accepts the form already.")
            person["forms"] = [*person["forms"], form]
        case {"kind": "dates", "of": "client", "days": days, **rest} if not rest:
            _demand(days >= 1, f"{client}: no day earlier.")
            person["ready_on"] = _moved(person["ready_on"], -days)
        case {"kind": "dates", "of": "dwelling", "dwelling": ref, "days": days, **rest} if not rest:
            _demand(days >= 1, f"{client}: no day longer.")
            home = next(d for d in given["dwellings"] if d["ref"] == ref)
            home["available_on"] = _moved(home["available_on"], days)
        case _:
            _take_row(given, client, step)


def _take_row(given: dict[str, Any], client: str, step: dict[str, Any]) -> None:
    rows = {"support": "support", "guidance": "guidance", "quota": "quotas"}
    rows |= {"neighbourhood": "neighbourhoods"}
    names = {"support_kind": "kind"} | (
        {"neighbourhood": "ref"} if step["kind"] == "neighbourhood" else {}
    )
    amount = "more_hours" if step["kind"] == "guidance" else "more"
    _demand(step["kind"] in rows and step.get(amount, 0) > 0, f"{client}: an odd step.")
    field = {
        "support": "free_places",
        "guidance": "free_hours",
        "quota": "remaining",
        "neighbourhood": "max_placements",
    }[step["kind"]]
    key = {names.get(k, k): v for k, v in step.items() if k not in ("kind", amount)}
    found = [
        row
        for row in given[rows[step["kind"]]]
        if all(row.get(name) == value for name, value in key.items())
    ]
    if not found and step["kind"] == "support":
        homes = {d["ref"] for d in given["dwellings"] if d["neighbourhood"] == key["neighbourhood"]}
        promised = {p["client"] for p in given["locked"] if p["dwelling"] in homes}
        needing = [
            c for c in given["clients"] if c["ref"] in promised and key["kind"] in c["support"]
        ]
        found = [key | {"free_places": len(needing)}]
        given["support"] = [*given["support"], *found]
    _demand(len(found) == 1 and found[0][field] is not None, f"{client}: no row to add to.")
    found[0][field] += step[amount]


def _moved(day: str, days: int) -> str:
    return str(datetime.date.fromisoformat(day) + datetime.timedelta(days=days))


def _demand(holds: bool, sentence: str) -> None:
    if not holds:
        raise CheckFailed(sentence)

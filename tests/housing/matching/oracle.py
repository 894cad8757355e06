"""The contract of the matcher once more, as short and slow as possible: every answer is tried."""

import datetime
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

RULES = [
    ("rent", lambda c, d, i: c["max_rent"] is None or d["rent"] <= c["max_rent"]),
    ("bedrooms", lambda c, d, i: d["bedrooms"] >= c["bedrooms"]),
    ("step_free", lambda c, d, i: not c["step_free"] or d["ground_floor"] or d["lift"]),
    ("wheelchair", lambda c, d, i: not c["wheelchair"] or d["wheelchair"]),
    ("low_stimulus", lambda c, d, i: not c["low_stimulus"] or d["low_stimulus"]),
    ("form", lambda c, d, i: d["form"] in c["forms"]),
    ("municipality", lambda c, d, i: not c["municipalities"] or town(d) in c["municipalities"]),
    ("excluded", lambda c, d, i: d["neighbourhood"] not in c["excluded_neighbourhoods"]),
    ("dates", lambda c, d, i: day(c["ready_on"]) <= day(d["available_on"]) + vacancy(i)),
    ("refused", lambda c, d, i: d["ref"] not in c["refused_dwellings"]),
    ("support", lambda c, d, i: all(places(i, d["neighbourhood"], k) >= 1 for k in c["support"])),
    ("guidance", lambda c, d, i: c["guidance_hours"] <= hours(i, c["provider"], d["municipality"])),
]  # fmt: skip


def town(d: dict[str, Any]) -> str:
    return d["municipality"]


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def vacancy(i: dict[str, Any]) -> datetime.timedelta:
    return datetime.timedelta(days=i["options"].get("vacancy_days", 30))


def places(i: dict[str, Any], neighbourhood: str, kind: str) -> int:
    rows = [s for s in i["support"] if (s["neighbourhood"], s["kind"]) == (neighbourhood, kind)]
    return rows[0]["free_places"] if rows else 0


def hours(i: dict[str, Any], provider: str, town: str) -> float:
    rows = [g for g in i["guidance"] if (g["provider"], g["municipality"]) == (provider, town)]
    return rows[0]["free_hours"] if rows else float("inf")


def failed(c: dict[str, Any], d: dict[str, Any], i: dict[str, Any]) -> list[str]:
    return [code for code, holds in RULES if not holds(c, d, i)]


def within_capacity(pairs: list[tuple[dict[str, Any], dict[str, Any]]], i: dict[str, Any]) -> bool:
    for q in i["quotas"]:
        of_row = [
            1
            for c, d in pairs
            if (d["corporation"], d["municipality"]) == (q["corporation"], q["municipality"])
            and q["target_group"] in (None, c["target_group"])
        ]
        if len(of_row) > q["remaining"]:
            return False
    for n in i["neighbourhoods"]:
        there = sum(d["neighbourhood"] == n["ref"] for _, d in pairs)
        if n["max_placements"] is not None and there > n["max_placements"]:
            return False
    for s in i["support"]:
        needing = [
            c
            for c, d in pairs
            if d["neighbourhood"] == s["neighbourhood"] and s["kind"] in c["support"]
        ]
        if len(needing) > s["free_places"]:
            return False
    for g in i["guidance"]:
        asked = [
            c["guidance_hours"]
            for c, d in pairs
            if (c["provider"], d["municipality"]) == (g["provider"], g["municipality"])
        ]
        if sum(asked) > g["free_hours"]:
            return False
    return True


def waited(c: dict[str, Any], i: dict[str, Any]) -> int:
    return max(0, (day(i["as_of"]) - day(c["waiting_since"])).days)


def priority(c: dict[str, Any], i: dict[str, Any]) -> int:
    policy = i["options"].get("policy", {})
    urgency = policy.get("urgency_points", [0, 1000, 2000, 3000])[c["urgency"]]
    return urgency + min(waited(c, i), policy.get("longest_counted_wait_days", 730))


def beyond(c: dict[str, Any], i: dict[str, Any]) -> int:
    """Days waited beyond the guard; 0 for everybody without one."""
    guard = i["options"].get("policy", {}).get("guard_days")
    return 0 if guard is None else max(0, waited(c, i) - guard)


WEIGHTS = {
    "preferred_neighbourhood": 100,
    "near_network": 60,
    "near_day_activity": 40,
    "near_km": 3,
    "contract_form": 40,
    "wasted_wheelchair": -60,
    "wasted_step_free": -10,
    "wasted_low_stimulus": -30,
    "spare_bedroom": -10,
    "person_too_many": -50,
    "above_appropriate_rent": -50,
    "above_soft_placements": -40,
}


def weights(i: dict[str, Any]) -> dict[str, int]:
    return WEIGHTS | i["options"].get("policy", {}).get("fit", {})


def kilometres(one: list[float], other: list[float]) -> float:
    """Over the earth as a ball, by the law of cosines in its stable form."""
    lat, lon, lat2, lon2 = map(math.radians, (*one, *other))
    across = math.hypot(
        math.cos(lat2) * math.sin(lon2 - lon),
        math.cos(lat) * math.sin(lat2) - math.sin(lat) * math.cos(lat2) * math.cos(lon2 - lon),
    )
    along = math.sin(lat) * math.sin(lat2) + math.cos(lat) * math.cos(lat2) * math.cos(lon2 - lon)
    return 6371.0088 * math.atan2(across, along)


def near(places: list[list[float]], at: list[float] | None, most: int, near_km: int) -> int:
    """Full points up to near_km, none at three times as far, evenly less between, rounded down."""
    if not places or at is None:
        return 0
    tenths = round(10 * min(kilometres(place, at) for place in places))
    if tenths <= 10 * near_km:
        return most
    return max(0, most * (30 * near_km - tenths) // (20 * near_km))


def pair_fit(c: dict[str, Any], d: dict[str, Any], i: dict[str, Any]) -> int:
    """The points of docs/matcher.md for one pair."""
    w, person, home = weights(i), c.get("fit", {}), d.get("fit", {})
    points = w["preferred_neighbourhood"] * (d["neighbourhood"] in c["preferred_neighbourhoods"])
    points += w["spare_bedroom"] * max(0, d["bedrooms"] - max(1, c["bedrooms"]))
    points += w["wasted_low_stimulus"] * (d["low_stimulus"] and not c["low_stimulus"])
    if d["wheelchair"]:
        points += w["wasted_wheelchair"] * (not c["wheelchair"])
    elif d["ground_floor"] or d["lift"]:
        points += w["wasted_step_free"] * (not c["step_free"] and not c["wheelchair"])
    at = home.get("at")
    for key in ("network", "day_activity"):
        points += near(person.get(key, []), at, w[f"near_{key}"], w["near_km"])
    points += w["contract_form"] * (home.get("contract_form") in person.get("contract_forms", []))
    limits = [home[key] for key in ("rooms", "most_persons") if home.get(key) is not None]
    if limits and "persons" in person:
        points += w["person_too_many"] * max(0, person["persons"] - min(limits))
    limit = person.get("appropriate_rent")
    return points + w["above_appropriate_rent"] * (limit is not None and d["rent"] > limit)


def fit(pairs: list[tuple[dict[str, Any], dict[str, Any]]], i: dict[str, Any]) -> int:
    """The points of a whole answer, the spread over neighbourhoods included."""
    points = sum(pair_fit(c, d, i) for c, d in pairs)
    there = Counter(d["neighbourhood"] for _, d in pairs)
    for n in i["neighbourhoods"]:
        if n["soft_placements"] is not None:
            over = max(0, there[n["ref"]] - n["soft_placements"])
            points += weights(i)["above_soft_placements"] * over
    return points


Levels = tuple[int, int, int, int]


def levels(pairs: list[tuple[dict[str, Any], dict[str, Any]]], i: dict[str, Any]) -> Levels:
    """Placements, priority, days beyond the guard and fit: the objective, in this order."""
    return (
        len(pairs),
        sum(priority(c, i) for c, _ in pairs),
        sum(beyond(c, i) for c, _ in pairs),
        fit(pairs, i),
    )


def answers(i: dict[str, Any]) -> Iterator[list[tuple[dict[str, Any], dict[str, Any]]]]:
    """Every allowed answer."""
    homes = {d["ref"]: d for d in i["dwellings"]}
    promised = {p["client"]: homes[p["dwelling"]] for p in i["locked"]}
    fixed = [(c, promised[c["ref"]]) for c in i["clients"] if c["ref"] in promised]
    open_clients = [c for c in i["clients"] if c["ref"] not in promised]
    gone = {d["ref"] for _, d in fixed}
    fitting = [
        [d for d in i["dwellings"] if d["ref"] not in gone and not failed(c, d, i)]
        for c in open_clients
    ]

    def extend(position: int, pairs: list[Any], taken: set[str]) -> Iterator[list[Any]]:
        if not within_capacity(pairs, i):
            return
        if position == len(open_clients):
            yield pairs
            return
        yield from extend(position + 1, pairs, taken)
        for d in fitting[position]:
            if d["ref"] not in taken:
                pair = (open_clients[position], d)
                yield from extend(position + 1, [*pairs, pair], taken | {d["ref"]})

    yield from extend(0, fixed, gone)


def best(i: dict[str, Any]) -> Levels:
    """Return what the best answer reaches at every level."""
    return max(levels(pairs, i) for pairs in answers(i))


def most_placements(i: dict[str, Any]) -> int:
    return max(len(pairs) for pairs in answers(i))


def chosen(
    result: dict[str, Any], i: dict[str, Any]
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    people = {c["ref"]: c for c in i["clients"]}
    homes = {d["ref"]: d for d in i["dwellings"]}
    return [(people[p["client"]], homes[p["dwelling"]]) for p in result["pairs"]]

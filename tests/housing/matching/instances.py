"""Seeded instances for tests and benchmarks of the matching core; every name in them is invented.

Sizes of docs/matcher.md: S is ``region(200, 80)``, M is ``region(500, 200)``.
"""

import datetime
import random
from typing import Any

AS_OF = datetime.date(2026, 10, 1)
FORMS = ("independent", "clustered", "mixed_living", "intermediate")
KINDS = ("meeting_place", "buddy", "day_activity", "walk_in")
SIZES = {"S": (200, 80), "M": (500, 200)}


def client(ref: str, **facts: Any) -> dict[str, Any]:
    """Someone without special needs who has waited 100 days; ``facts`` says what differs."""
    return {
        "ref": ref,
        "target_group": "BW",
        "provider": "Havenlicht",
        "max_rent": None,
        "bedrooms": 0,
        "step_free": False,
        "wheelchair": False,
        "low_stimulus": False,
        "forms": ["independent"],
        "municipalities": [],
        "excluded_neighbourhoods": [],
        "preferred_neighbourhoods": [],
        "ready_on": "2026-09-01",
        "waiting_since": "2026-06-23",
        "urgency": 0,
        "guidance_hours": 0,
        "support": [],
        "refused_dwellings": [],
    } | facts


def dwelling(ref: str, **facts: Any) -> dict[str, Any]:
    """A plain independent home in the neighbourhood Oost of Duinstad."""
    return {
        "ref": ref,
        "corporation": "De Kade",
        "municipality": "Duinstad",
        "neighbourhood": "Oost",
        "rent": 600,
        "bedrooms": 1,
        "ground_floor": False,
        "lift": False,
        "wheelchair": False,
        "low_stimulus": False,
        "form": "independent",
        "available_on": "2026-10-15",
    } | facts


def neighbourhood(
    ref: str = "Oost", municipality: str = "Duinstad", **facts: Any
) -> dict[str, Any]:
    return {
        "ref": ref,
        "municipality": municipality,
        "max_placements": None,
        "soft_placements": None,
    } | facts


def instance(**parts: Any) -> dict[str, Any]:
    """An instance with one neighbourhood and nothing else but ``parts``."""
    return {
        "schema": "weerthuis/match-instance/1",
        "as_of": AS_OF.isoformat(),
        "options": {},
        "clients": [],
        "dwellings": [],
        "neighbourhoods": [neighbourhood()],
        "quotas": [],
        "support": [],
        "guidance": [],
        "locked": [],
    } | parts


def region(clients: int, dwellings: int, seed: int = 1, municipalities: int = 8) -> dict[str, Any]:
    """A believable region: about one pair in six is eligible, and every kind of row binds."""
    draw = random.Random(seed)
    towns = [f"Town {i}" for i in range(municipalities)]
    weight = [4.0] + [1.0] * (municipalities - 1)
    places = [
        neighbourhood(
            f"{town}/{i}",
            town,
            max_placements=draw.choice([None, max(2, dwellings // 40), max(3, dwellings // 30)]),
            soft_placements=draw.choice([None, max(1, dwellings // 60)]),
        )
        for town in towns
        for i in range(8 if town == towns[0] else 4)
    ]
    of_town = {t: [p["ref"] for p in places if p["municipality"] == t] for t in towns}
    corporations = [f"Corporation {i}" for i in range(4)]
    providers = [f"Provider {i}" for i in range(5)]

    homes = []
    for number in range(dwellings):
        town = draw.choices(towns, weight)[0]
        ground = draw.random() < 0.25
        homes.append(
            dwelling(
                f"D{number:05}",
                corporation=draw.choice(corporations),
                municipality=town,
                neighbourhood=draw.choice(of_town[town]),
                rent=round(draw.uniform(480, 880), 2),
                bedrooms=draw.choices([1, 2, 3], [6, 3, 1])[0],
                ground_floor=ground,
                lift=draw.random() < 0.35,
                wheelchair=ground and draw.random() < 0.25,
                low_stimulus=draw.random() < 0.35,
                form=draw.choices(FORMS, [7, 2, 1, 1])[0],
                available_on=_later(draw.randint(0, 150)),
            )
        )
    people = []
    for number in range(clients):
        wheelchair = draw.random() < 0.04
        wanted = draw.sample(towns, draw.choice([1, 2, 3])) if draw.random() < 0.6 else []
        home_places = [p for t in wanted or towns for p in of_town[t]]
        people.append(
            client(
                f"C{number:05}",
                target_group=draw.choices(["BW", "MO"], [6, 4])[0],
                provider=draw.choice(providers),
                max_rent=draw.choice([None, 713.02, 713.02, 764.5, 900.0]),
                bedrooms=draw.choices([1, 2, 3], [8, 2, 1])[0],
                step_free=wheelchair or draw.random() < 0.12,
                wheelchair=wheelchair,
                low_stimulus=draw.random() < 0.15,
                forms=["independent", *draw.sample(FORMS[1:], draw.choice([0, 1, 1, 2]))],
                municipalities=wanted,
                excluded_neighbourhoods=draw.sample(home_places, draw.choice([0, 0, 1])),
                preferred_neighbourhoods=draw.sample(home_places, draw.choice([0, 1, 2])),
                ready_on=_later(draw.randint(-300, 120)),
                waiting_since=_later(-draw.randint(0, 900)),
                urgency=draw.choices([0, 1, 2, 3], [12, 4, 2, 1])[0],
                guidance_hours=draw.choice([0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6]),
                support=sorted(draw.sample(KINDS, draw.choices([0, 1, 2], [5, 4, 1])[0])),
                refused_dwellings=[draw.choice(homes)["ref"]] if draw.random() < 0.1 else [],
            )
        )
    share = dwellings / len(towns)
    return instance(
        options={"vacancy_days": 30},
        clients=people,
        dwellings=homes,
        neighbourhoods=places,
        quotas=[
            {
                "corporation": corporation,
                "municipality": town,
                "target_group": group,
                "remaining": draw.randint(int(share / 6), int(share / 2) + 1),
            }
            for corporation in corporations
            for town in towns
            for group in draw.sample(["BW", "MO", None], draw.choice([0, 1, 1, 2]))
        ],
        support=[
            {
                "neighbourhood": place["ref"],
                "kind": kind,
                "free_places": draw.choice([0, 1, 2, max(3, dwellings // 40)]),
            }
            for place in places
            for kind in KINDS
            if draw.random() < 0.85
        ],
        guidance=[
            {
                "provider": provider,
                "municipality": town,
                "free_hours": draw.randint(2, int(share * weight[i] / 3) + 4)
                + draw.choice([0, 0.5]),
            }
            for provider in providers
            for i, town in enumerate(towns)
            if draw.random() < 0.85
        ],
    )


def nation(regions: int, clients: int, dwellings: int) -> dict[str, Any]:
    """Regions side by side that share nothing: everybody looks in the own region only."""
    whole = instance(options={"vacancy_days": 30}, neighbourhoods=[])
    for number in range(regions):
        part = region(clients, dwellings, seed=number + 1)
        towns = sorted({place["municipality"] for place in part["neighbourhoods"]})
        for person in part["clients"]:
            person["municipalities"] = person["municipalities"] or towns
        for key in LISTS:
            whole[key] += [_in_region(item, f"R{number:02} ") for item in part[key]]
    return whole


LISTS = ("clients", "dwellings", "neighbourhoods", "quotas", "support", "guidance")
NAMES = ("ref", "provider", "corporation", "municipality", "neighbourhood")
NAMED = (
    "municipalities",
    "excluded_neighbourhoods",
    "preferred_neighbourhoods",
    "refused_dwellings",
)


def _in_region(item: dict[str, Any], prefix: str) -> dict[str, Any]:
    """The same item with names that no other region has."""
    one = {key: prefix + item[key] for key in NAMES if key in item}
    return item | one | {key: [prefix + v for v in item[key]] for key in NAMED if key in item}


def tiny(seed: int) -> dict[str, Any]:
    """At most six people and five homes with tight rows, twins and promises: for brute force.

    Every second one knows facts for the fit and has a policy.
    """
    return in_depth(_tiny(seed), seed) if seed % 2 else _tiny(seed)


def _tiny(seed: int) -> dict[str, Any]:
    draw = random.Random(seed)
    towns = ["Duinstad", "Meerdorp"]
    places = [
        neighbourhood(
            ref,
            town,
            max_placements=draw.choice([None, None, 1, 2, 3, 0]),
            soft_placements=draw.choice([None, None, 0, 1]),
        )
        for ref, town in (("Oost", towns[0]), ("West", towns[0]), ("Kern", towns[1]))
    ]
    homes: list[dict[str, Any]] = []
    for number in range(draw.choice([0, 3, 3, 4, 4, 4, 4, 5, 5, 5])):
        place = draw.choice(places)
        homes.append(
            dwelling(
                f"D{number}",
                corporation=draw.choice(["De Kade", "Thuisrecht"]),
                municipality=place["municipality"],
                neighbourhood=place["ref"],
                rent=draw.choice([550, 712.5]),
                bedrooms=draw.choice([1, 1, 2]),
                ground_floor=draw.random() < 0.4,
                wheelchair=draw.random() < 0.3,
                low_stimulus=draw.random() < 0.4,
                form=draw.choice([FORMS[0], FORMS[0], FORMS[1]]),
                available_on=draw.choice(["2026-10-15", "2026-10-15", "2027-01-01"]),
            )
        )
        if draw.random() < 0.25:
            homes[-1] = homes[0] | {"ref": f"D{number}"}
    people: list[dict[str, Any]] = []
    for number in range(draw.choice([0, 4, 4, 5, 5, 5, 5, 6, 6, 6])):
        people.append(
            client(
                f"C{number}",
                target_group=draw.choice(["BW", "MO"]),
                provider=draw.choice(["Havenlicht", "Springplank"]),
                max_rent=draw.choice([None, None, 600, 712.5]),
                bedrooms=draw.choice([0, 0, 0, 1, 2]),
                step_free=draw.random() < 0.1,
                wheelchair=draw.random() < 0.05,
                low_stimulus=draw.random() < 0.1,
                forms=list(draw.choice([FORMS[:1], FORMS[:2], FORMS[:2], FORMS[:2]])),
                municipalities=draw.choice([[], [], [], towns[:1], towns[1:]]),
                excluded_neighbourhoods=draw.choice([[], [], [], ["West"]]),
                preferred_neighbourhoods=draw.choice([[], ["Oost"], ["Kern"]]),
                ready_on=draw.choice(["2026-09-01", "2026-09-01", "2026-12-01"]),
                waiting_since=draw.choice(["2024-01-01", "2026-05-01", "2026-11-01"]),
                urgency=draw.choice([0, 0, 0, 1, 3]),
                guidance_hours=draw.choice([0, 0.5, 1, 2.5]),
                support=draw.choice([[], [], [], [], ["buddy"], ["buddy", "walk_in"]]),
                refused_dwellings=draw.choice([[], [], [], ["D0"], ["gone"]]),
            )
        )
        if draw.random() < 0.25:
            people[-1] = people[0] | {"ref": f"C{number}"}
    locked = []
    if people and homes and draw.random() < 0.3:
        locked = [{"client": draw.choice(people)["ref"], "dwelling": draw.choice(homes)["ref"]}]
    return instance(
        options=draw.choice([{}, {"vacancy_days": 60}]),
        clients=people,
        dwellings=homes,
        neighbourhoods=places,
        quotas=[
            {
                "corporation": corporation,
                "municipality": town,
                "target_group": group,
                "remaining": draw.choice([0, 1, 1, 2, 2, 3]),
            }
            for corporation in ("De Kade", "Thuisrecht")
            for town in towns
            for group in ("BW", None)
            if draw.random() < 0.3
        ],
        support=[
            {"neighbourhood": place["ref"], "kind": kind, "free_places": draw.choice([0, 1, 1, 2])}
            for place in places
            for kind in ("buddy", "walk_in")
            if draw.random() < 0.75
        ],
        guidance=[
            {
                "provider": provider,
                "municipality": town,
                "free_hours": draw.choice([0.5, 2.5, 3, 4.5]),
            }
            for provider in ("Havenlicht", "Springplank")
            for town in towns
            if draw.random() < 0.6
        ],
        locked=locked,
    )


def in_depth(given: dict[str, Any], seed: int) -> dict[str, Any]:
    """The same instance with facts for the fit and a policy of the region's own, some absent."""
    draw = random.Random(seed)
    for home in given["dwellings"]:
        home["fit"] = _some(
            draw,
            at=_somewhere(draw),
            contract_form=draw.choice(["regular", "transfer"]),
            rooms=draw.choice([None, 1, 2, 3]),
            most_persons=draw.choice([None, 1, 2]),
        )
    for person in given["clients"]:
        person["fit"] = _some(
            draw,
            network=[_somewhere(draw) for _ in range(draw.choice([0, 1, 2, 3]))],
            day_activity=[_somewhere(draw)],
            contract_forms=draw.choice([[], ["regular"], ["regular", "transfer"]]),
            persons=draw.choice([1, 1, 2, 4]),
            appropriate_rent=draw.choice([None, 580, 682.96]),
        )
    weights = _some(
        draw,
        preferred_neighbourhood=draw.choice([0, 30, 100]),
        near_network=draw.choice([0, 7, 200]),
        near_km=draw.choice([1, 2, 5]),
        spare_bedroom=draw.choice([0, -25]),
        person_too_many=-15,
        above_soft_placements=draw.choice([0, -90]),
    )
    policy = _some(
        draw,
        urgency_points=draw.choice([[0, 0, 500, 500], [0, 1000, 2000, 3000], [0, 200, 400, 9000]]),
        longest_counted_wait_days=draw.choice([0, 100, 730]),
        guard_days=draw.choice([None, 0, 200, 730]),
        fit=weights,
    )
    return given | {"options": given["options"] | {"policy": policy}}


def _some(draw: random.Random, **facts: Any) -> dict[str, Any]:
    return {key: value for key, value in facts.items() if draw.random() < 0.7}


def _somewhere(draw: random.Random) -> list[float]:
    """A place within some fifteen kilometres."""
    return [round(52.3 + draw.uniform(0, 0.12), 4), round(4.6 + draw.uniform(0, 0.2), 4)]


def _later(days: int) -> str:
    return (AS_OF + datetime.timedelta(days=days)).isoformat()

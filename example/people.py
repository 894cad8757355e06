"""The people of an invented region: who they are and what they need to live on their own."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from example import names
from example.chance import Chance, stream
from example.histories import Course
from example.records import (
    ZRM_DOMAINS,
    Account,
    ArrangementItem,
    CareProfile,
    HousingNeed,
    Identity,
    Organisation,
    Region,
    Registration,
)

# Rent limits of appropriate allocation: under 21 or 23, one and two persons, three and more.
RENT_LIMITS = {
    2024: (Decimal("454.47"), Decimal("650.43"), Decimal("697.07")),
    2025: (Decimal("477.20"), Decimal("682.96"), Decimal("731.93")),
    2026: (Decimal("498.20"), Decimal("713.02"), Decimal("764.14")),
}
INCOMES = (
    ("bijstand", 0.52, 1400, 40), ("Wajong", 0.15, 1590, 90), ("WIA", 0.1, 1650, 160),
    ("loon", 0.1, 1820, 250), ("Ziektewet", 0.07, 1520, 120),
    ("studiefinanciering", 0.03, 920, 60), ("geen", 0.03, 0, 0),
)  # fmt: skip
FORMS = (("independent", 0.7), ("clustered", 0.11), ("mixed", 0.07), ("intermediate", 0.06),
         ("room", 0.04), ("skaeve_huse", 0.02))  # fmt: skip
# Most people can do with every contract form; none named means that.
CONTRACTS_THAT_FIT: tuple[tuple[tuple[str, ...], float], ...] = (
    ((), 0.7), (("omklap", "three_party"), 0.14), (("regular", "three_party"), 0.1),
    (("omklap",), 0.06),
)  # fmt: skip
SUPPORT = ("buddy", "meeting_place", "tenancy_course", "neighbour", "walk_in", "day_activity",
           "budget_coach")  # fmt: skip
ITEMS = {
    "housing": ("inschrijving als woningzoekende", "verhuizing", "inrichting"),
    "care": ("indicatie begeleiding", "begeleidingsplan", "huisarts in de nieuwe wijk"),
    "welfare": ("kennismaken in de buurt", "dagbesteding", "maatje"),
    "income": ("uitkering omzetten", "huurtoeslag aanvragen", "afspraak over schulden"),
}
PROGRESS = {"intake": 0.0, "stabilising": 0.25, "preparing": 0.6, "ready": 0.85, "offered": 0.9,
            "housed": 0.95, "relapse": 0.2}  # fmt: skip


def rent_limit(persons: int, born_on: date, as_of: date) -> Decimal:
    """The limit of appropriate allocation for a household, for the nearest known year."""
    year = min(max(as_of.year, min(RENT_LIMITS)), max(RENT_LIMITS))
    young, small, large = RENT_LIMITS[year]
    youth_age = 21 if year >= 2026 else 23
    if persons >= 3:
        return large
    if persons == 1 and born_on > as_of.replace(year=as_of.year - youth_age, day=1):
        return young
    return small


def invent_identity(chance: Chance, as_of: date) -> Identity:
    """Return an adult with an ordinary name."""
    sex = chance.one_of((("M", 0.68), ("V", 0.31), ("X", 0.01)))
    given = chance.choice(names.MALE if sex == "M" else names.FEMALE)
    if chance.happens(0.22):
        prefix, surname = chance.choice(names.SURNAMES_WITH_PREFIX)
    else:
        prefix, surname = "", chance.choice(names.SURNAMES)
    age_days = chance.triangular(18.3, 71, 34) * 365.25
    return Identity(given, prefix, surname, as_of - timedelta(days=int(age_days)), sex)


def respell(chance: Chance, identity: Identity) -> tuple[Identity, str]:
    """Write the same person down as another party did, and say what differs."""
    given, surname = identity.given_name, identity.surname
    way = chance.choice(("initial", "capitals", "swapped letters", "double letter", "prefix"))
    if way == "prefix" and identity.prefix not in ("van de", "van der", "van den"):
        way = "initial"
    match way:
        case "initial":
            return replace(identity, given_name=f"{given[0]}."), way
        case "capitals":
            return replace(identity, surname=surname.upper()), way
        case "swapped letters":
            at = len(surname) // 2
            swapped = surname[: at - 1] + surname[at] + surname[at - 1] + surname[at + 1 :]
            if swapped != surname:
                return replace(identity, surname=swapped), way
            return replace(identity, surname=surname + surname[-1]), "double letter"
        case "double letter":
            return replace(identity, surname=surname + surname[-1]), way
        case _:
            return replace(identity, prefix="v.d."), way


def _place(chance: Chance, region: Region) -> str:
    towns = [(m.name, float(m.households)) for m in region.municipalities]
    total = sum(weight for _, weight in towns)
    away = [(name, total * 0.02) for _, name in region.elsewhere]
    return chance.one_of(towns + away)


def invent_need(
    chance: Chance, region: Region, *, identity: Identity, origin: str, as_of: date
) -> HousingNeed:
    """Return what a home must have for this person, and where."""
    persons = chance.one_of(((1, 0.85), (2, 0.08), (3, 0.05), (4, 0.02)))
    children = 0 if persons == 1 or (persons == 2 and chance.happens(0.4)) else persons - 1
    inside = {m.name: m for m in region.municipalities}
    wished = [origin if origin in inside and chance.happens(0.8) else _place(chance, region)]
    if chance.happens(0.45):
        wished.append(_place(chance, region))
    wished = list(dict.fromkeys(wished))
    parts = inside[wished[0]].neighbourhoods if wished[0] in inside else ()
    picked = chance.sample(parts, min(len(parts), chance.choice((0, 1, 1, 2, 3, 4))))
    avoids = 1 if len(picked) > 1 and chance.happens(0.5) else 0
    avoided = tuple((n.municipality, n.name) for n in picked[:avoids])
    preferred = tuple((n.municipality, n.name) for n in picked[avoids:])
    wheelchair = chance.happens(0.02)
    step_free = wheelchair or chance.happens(0.09)
    form = "independent" if persons > 1 else chance.one_of(FORMS)
    others = ("independent",) if form != "independent" and chance.happens(0.5) else ()
    hours = chance.choice((1, 1, 1.5, 2, 2, 2.5, 3, 4, 5, 6.5, 8))
    return HousingNeed(
        persons=persons,
        children=children,
        bedrooms=1 + (children + 1) // 2,
        step_free=step_free,
        lift=step_free and chance.happens(0.6),
        wheelchair=wheelchair,
        low_stimulus=chance.happens(0.17),
        forms=(form, *others),
        municipalities=tuple(wished),
        neighbourhoods=preferred,
        avoided=avoided,
        guidance_hours=Decimal(str(hours)),
        round_the_clock=chance.happens(0.12),
        support=tuple(sorted(chance.sample(SUPPORT, chance.choice((0, 0, 0, 1, 1, 2))))),
        max_rent=rent_limit(persons, identity.born_on, as_of),
        urgency=chance.one_of(((0, 0.74), (1, 0.18), (2, 0.06), (3, 0.02))),
        pets=chance.one_of((("", 0.86), ("kat", 0.09), ("hond", 0.05))),
        distance_to=chance.one_of((("", 0.8), ("werk", 0.1), ("familie", 0.1))),
    )


def invent_near(chance: Chance, region: Region, need: HousingNeed, *, origin: str) -> HousingNeed:
    """Return the need with where own people and day activity are, and which contracts fit."""
    parts = {
        m.name: [(n.municipality, n.name) for n in m.neighbourhoods] for m in region.municipalities
    }
    home = parts.get(origin) or parts[region.municipalities[0].name]
    wished = next((parts[name] for name in need.municipalities if name in parts), home)

    def some(
        places: list[tuple[str, str]], *, likely: float, most: int
    ) -> tuple[tuple[str, str], ...]:
        open_to = [place for place in places if place not in need.avoided]
        if not open_to or not chance.happens(likely):
            return ()
        return tuple(chance.sample(open_to, min(len(open_to), chance.randint(1, most))))

    family, works = need.distance_to == "familie", need.distance_to == "werk"
    return replace(
        need,
        network=some(home, likely=1 if family else 0.45, most=2),
        day_activity=some(wished, likely=1 if works else 0.35, most=1),
        contract_forms=chance.one_of(CONTRACTS_THAT_FIT),
    )


def invent_care(chance: Chance, *, phase: str, avoids: bool, as_of: date) -> CareProfile:
    """Return the assessment and the money side; scores rise on the way to readiness."""
    middle = 2.3 + 1.4 * PROGRESS[phase]
    zrm = tuple(min(5, max(1, round(chance.gauss(middle, 0.8)))) for _ in ZRM_DOMAINS)
    source, _, amount, spread = chance.choices(INCOMES, weights=[row[1] for row in INCOMES])[0]
    has_debts = chance.happens(0.62)
    debts = chance.lognormvariate(9.3, 0.8) if has_debts else 0.0
    income = max(0.0, chance.gauss(amount, spread)) if amount else 0.0
    remarks = chance.sample(names.REMARKS, chance.choice((0, 1, 1, 2)))
    return CareProfile(
        zrm=zrm,
        zrm_on=as_of - timedelta(days=chance.randint(5, 320)),
        zrm_version="2017",
        income=Decimal(str(round(income, 2))),
        income_source=source,
        has_debts=has_debts,
        debts=Decimal(str(round(debts, 2))),
        money_support=chance.one_of(
            (("geen", 0.5), ("bewindvoering", 0.32), ("budgetbeheer", 0.18))
        ),
        remarks=" ".join(remarks),
        avoided_because="eerder overlast ondervonden in deze buurt" if avoids else "",
    )


def _arrangement(
    chance: Chance, *, phase: str, due: date, as_of: date, provider: str, town: str
) -> tuple[ArrangementItem, ...]:
    items = []
    by = {"housing": provider, "care": provider, "welfare": "welfare", "income": town}
    for part, subjects in ITEMS.items():
        for subject in chance.sample(subjects, 2):
            done = chance.happens(PROGRESS[phase] * 0.9)
            items.append(
                ArrangementItem(
                    part=part,
                    subject=subject,
                    arranged_by=by[part],
                    due_on=due - timedelta(days=chance.randint(0, 40)),
                    arranged_on=as_of - timedelta(days=chance.randint(1, 60)) if done else None,
                )
            )
    return tuple(items)


def _ready(chance: Chance, course: Course, as_of: date) -> tuple[date, bool]:
    """The day of readiness, and whether it is expected or reached."""
    last = course.spells[-1]
    if last.phase in ("ready", "offered", "housed"):
        begun = [s.begins for s in course.spells if s.phase == "ready"]
        return max(begun, default=max(course.in_care_since, last.begins)), False
    ahead = {"preparing": (10, 240), "stabilising": (150, 800), "intake": (300, 900)}
    first, latest = ahead.get(last.phase, (90, 400))
    return as_of + timedelta(days=chance.randint(first, latest)), True


def invent_registrations(
    courses: list[Course],
    *,
    region: Region,
    organisations: tuple[Organisation, ...],
    accounts: tuple[Account, ...],
    as_of: date,
    seed: int,
    number: int = 0,
) -> list[Registration]:
    """Give every course a provider, a number and a person; whoever is listed gets a file."""
    chance, near = stream(seed, number, "people"), stream(seed, number, "near")
    providers = [o for o in organisations if o.kind == "care_provider"]
    shares = {"BW": (0.5, 0.38, 0.12), "MO": (0.1, 0.28, 0.62)}
    workers: dict[str, list[str]] = {}
    for account in accounts:
        if account.location:
            workers.setdefault(account.location, []).append(account.email)
    towns = {m.name: f"gemeente-{m.name.lower()}" for m in region.municipalities}
    registrations = []
    for at, course in enumerate(courses):
        rank = chance.choices(range(3), weights=shares[course.facility_type])[0]
        provider = providers[rank]
        location = chance.choice(provider.locations)[0]
        identity, origin = invent_identity(chance, as_of), _place(chance, region)
        registration = Registration(
            number=_number(rank, at, course.in_care_since),
            provider=provider.key,
            person=f"P{number:02d}-{at:06d}",
            identity=identity,
            facility_type=course.facility_type,
            location=location,
            origin=origin,
            in_care_since=course.in_care_since,
            spells=course.spells,
        )
        if course.is_listed(as_of):
            phase = course.spells[-1].phase
            need = invent_need(chance, region, identity=identity, origin=origin, as_of=as_of)
            need = invent_near(near, region, need, origin=origin)
            ready_on, expected = _ready(chance, course, as_of)
            town = towns.get(origin) or towns[region.municipalities[0].name]
            late = chance.happens(0.15)
            age = chance.randint(92, 200) if late else chance.randint(1, 85)
            registration = replace(
                registration,
                ready_on=ready_on,
                ready_is_expected=expected,
                updated_on=max(course.in_care_since, as_of - timedelta(days=age)),
                worker=None if chance.happens(0.08) else chance.choice(workers[location]),
                route=chance.one_of((("regular", 0.92), ("omslag", 0.05),
                                     ("housing_first", 0.02), ("urgent", 0.01))),
                shielded=chance.happens(0.01),
                need=need,
                care=invent_care(chance, phase=phase, avoids=bool(need.avoided), as_of=as_of),
                arrangement=_arrangement(
                    chance, phase=phase, due=max(ready_on, as_of) + timedelta(days=30),
                    as_of=as_of, provider=provider.key, town=town,
                )
                if phase in ("preparing", "ready", "offered", "housed")
                else (),
            )  # fmt: skip
        registrations.append(registration)
    return registrations


def _number(rank: int, at: int, since: date) -> str:
    """A client number the way each provider makes them; one of them with leading zeros."""
    if rank == 0:
        return f"{since:%y}.{at:05d}"
    if rank == 1:
        return f"KWZ-{40000 + at}"
    return f"{at + 317:08d}"

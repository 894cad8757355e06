"""Who got a home and how long people waited, by group: counted once a month, kept as counts.

A month is counted after it is over, once, and not changed afterwards: numbers that move from day
to day would tell of one person. Sex and birth date are opened here, in memory, and nowhere else;
what is kept is how many, never who, and which of these numbers are not told
(housing.fairness_audit). Whoever shows the others rounds them first (housing.fairness_tables).

What is counted, of people and not of registrations:

- *waited*: was ready, or had a proposal, on a day in the twelve months until the end of the month;
- *placed*: of those, got a home in these twelve months; with the middle of how long they waited;
- *waiting*: of those, still waits on the last day of the month; with the middle of how long so far;
- *looked*: waited on a day in the month itself;
- *matched*: of those, had a home in a matching of that month, proposed or promised.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts import audit
from accounts.access import OrganisationKind
from accounts.context import working_for
from accounts.models import Organisation
from housing.fairness_audit import COLUMNS, columns_told, hidden_cells
from housing.models import FairnessPicture, MatchPair
from housing.runs import DAYS_KEPT
from outflow.lifecycle import WAITING, FacilityType, Phase
from outflow.models import Client, FunctionalProfile, Identity, Spell
from regions.clock import today
from regions.formats import AVERAGE_MONTH_DAYS, months_after
from regions.models import Municipality, Region, RunState

MONTHS = 12
# A region that was not counted for long gets its last months, not its whole past.
MOST_MADE_AT_ONCE = 12
LEAST_FOR_A_MIDDLE = 10
UNKNOWN, OUTSIDE = "", "outside"
ALONE, TOGETHER, CHILDREN = "alone", "together", "children"
SEXES = ("V", "M", "X")
# From this age on, up to the next.
AGES = (0, 27, 40, 55)

Row = dict[str, Any]
Read = Mapping[str, Any]


@dataclass
class _Person:
    """One human being of the twelve months, with the groups they belong to; only in memory."""

    since: date
    lead: int
    placed_on: date | None = None
    waited_days: int | None = None
    waits_since: date | None = None
    is_looked_at: bool = False
    is_matched: bool = False
    groups: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Window:
    """The month that is counted, and the twelve months that end with it."""

    month: date

    @property
    def start(self) -> date:
        return months_after(self.month, 1 - MONTHS)

    @property
    def end(self) -> date:
        """The first day that is not counted any more."""
        return months_after(self.month, 1)

    @property
    def knows_matchings(self) -> bool:
        """Whether every matching of the month is still kept."""
        return self.month > today() - DAYS_KEPT


def make_due() -> list[FairnessPicture]:
    """Count every month that is over and not yet counted; whoever comes again finds nothing."""
    last = months_after(today().replace(day=1), -1)
    made = []
    for region in Region.objects.order_by("pk"):
        for month in _missing(region, last):
            picture = make_picture(region, month)
            made += [picture] if picture else []
    return made


def make_pictures(month: date) -> list[FairnessPicture]:
    """Count one month that is over, for every region that has no picture of it yet."""
    pictures = (make_picture(region, month) for region in Region.objects.order_by("pk"))
    return [picture for picture in pictures if picture]


def make_picture(region: Region, month: date) -> FairnessPicture | None:
    """Count one region; None where it was counted before, or nobody waited.

    Raises ValueError for a month that is not over: it would be counted too early for ever.
    """
    window = _Window(month.replace(day=1))
    if window.end > today():
        raise ValueError(f"{window.month:%Y-%m} is not over")
    try:
        with transaction.atomic():
            matched = _matched(region, window) if window.knows_matchings else None
            with working_for(region.pk, job="fairness"):
                if FairnessPicture.objects.filter(region=region, month=window.month).exists():
                    return None
                people = _people(region, window)
                if not people:
                    return None
                _note_matched(people, matched or set(), region)
                _put_in_groups(people, region, window)
                rows = list(_rows(people, region, window, tells_matched=matched is not None))
                _note_hidden(rows)
                picture = FairnessPicture.objects.create(
                    region=region, month=window.month, rows=rows
                )
                audit.record("fairness.counted", picture, by=None, month=f"{window.month:%Y-%m}")
                return picture
    except IntegrityError:
        # Another worker counted the same month in the same moment.
        return None


def _missing(region: Region, last: date) -> list[date]:
    with working_for(region.pk, job="fairness"):
        newest = (
            FairnessPicture.objects.filter(region=region)
            .order_by("-month")
            .values_list("month", flat=True)
            .first()
        )
    if newest is None:
        return [last]
    months = [months_after(last, -back) for back in range(MOST_MADE_AT_ONCE - 1, -1, -1)]
    return [month for month in months if month > newest]


# Who waited, and what became of it ---------------------------------------------------------------


def _people(region: Region, window: _Window) -> dict[int, _Person]:
    """Everybody who waited in the twelve months, by person."""
    overlaps = Q(until_on__isnull=True) | Q(until_on__gt=window.start)
    waited = Spell.objects.filter(
        overlaps, client__region=region, phase__in=WAITING, from_on__lt=window.end
    ).values("client__person_id")
    spells: dict[int, dict[int, list[Read]]] = defaultdict(lambda: defaultdict(list))
    for row in (
        Spell.objects.filter(client__person__in=waited, from_on__lt=window.end)
        .order_by("client_id", "from_on")
        .values("client_id", "client__person_id", "phase", "from_on", "until_on")
    ):
        spells[row["client__person_id"]][row["client_id"]].append(row)
    return {key: _person(own, window) for key, own in spells.items()}


def _person(registrations: dict[int, list[Read]], window: _Window) -> _Person:
    """One person from the lines of phases of all registrations."""
    waits: list[tuple[date, date | None, int]] = []
    homes: list[tuple[date, date | None]] = []
    for client, line in registrations.items():
        since: date | None = None
        for spell in line:
            if spell["phase"] in WAITING:
                since = since or spell["from_on"]
                waits.append((since, spell["until_on"], client))
                continue
            if spell["phase"] == Phase.HOUSED:
                homes.append((spell["from_on"], since))
            since = None
    counted = [each for each in waits if each[1] is None or each[1] > window.start]
    last_day = window.end - timedelta(days=1)
    still = [since for since, until, _client in counted if until is None or until > last_day]
    found = [home for home in homes if window.start <= home[0] < window.end]
    first = min(since for since, _until, _client in counted)
    person = _Person(since=first, lead=max(counted, key=_latest)[2])
    if found:
        person.placed_on, since = found[-1]
        began = since or min(first, person.placed_on)
        person.waited_days = (person.placed_on - began).days
    if still:
        person.waits_since = min(still)
    person.is_looked_at = any(
        until is None or until > window.month for _since, until, _client in counted
    )
    return person


def _latest(wait: tuple[date, date | None, int]) -> tuple[date, date, int]:
    """The registration in which somebody waited last says which groups they belong to."""
    since, until, client = wait
    return until or date.max, since, client


def _matched(region: Region, window: _Window) -> set[int] | None:
    """Registrations with a home in a matching of the month; None without any matching."""
    with working_for(region.pk, job="match"):
        pairs = MatchPair.objects.filter(
            run__region=region,
            run__state=RunState.DONE,
            run__as_of__gte=window.month,
            run__as_of__lt=window.end,
        )
        return set(pairs.values_list("client_id", flat=True).distinct()) or None


def _note_matched(people: dict[int, _Person], matched: set[int], region: Region) -> None:
    """A matching names one of a household; the home is for all of them."""
    rows = list(
        Client.objects.filter(region=region, pk__in=matched).values_list(
            "person_id", "household_id"
        )
    )
    households = {household for _person, household in rows if household is not None}
    found = {person for person, _household in rows} | set(
        Client.objects.filter(region=region, household__in=households).values_list(
            "person_id", flat=True
        )
    )
    for key in found & people.keys():
        people[key].is_matched = True


# Which groups ------------------------------------------------------------------------------------


def _put_in_groups(people: dict[int, _Person], region: Region, window: _Window) -> None:
    leads = [person.lead for person in people.values()]
    sides = _company(region, leads)
    who = _who(people, window.end - timedelta(days=1))
    registrations = {
        row["pk"]: row
        for row in Client.objects.filter(pk__in=leads).values(
            "pk",
            "provider__ref",
            "facility_type",
            "origin_municipality__code",
            "origin_municipality__region_id",
        )
    }
    for key, person in people.items():
        row = registrations[person.lead]
        sex, age = who.get(key, (UNKNOWN, UNKNOWN))
        person.groups = {
            "sex": sex,
            "age": age,
            "provider": str(row["provider__ref"]),
            "origin": _origin(row, region),
            "household": sides.get(person.lead, UNKNOWN),
            "care": row["facility_type"],
        }


def _origin(row: Read, region: Region) -> str:
    code = row["origin_municipality__code"]
    if code is None:
        return UNKNOWN
    return str(code) if row["origin_municipality__region_id"] == region.pk else OUTSIDE


def _company(region: Region, leads: list[int]) -> dict[int, str]:
    """With whom somebody will live, by registration."""
    shared = Client.objects.filter(region=region, pk__in=leads, household__isnull=False)
    together = set(shared.values_list("pk", flat=True))
    needs = FunctionalProfile.objects.filter(client__in=leads)
    return {
        client: CHILDREN if children else TOGETHER if persons > 1 or client in together else ALONE
        for client, persons, children in needs.values_list("client_id", "persons", "children")
    }


def _who(people: dict[int, _Person], on: date) -> dict[int, tuple[str, str]]:
    """Sex and age band by person: the only place that opens an identity to count."""
    found: dict[int, tuple[str, str]] = {}
    identities = (
        Identity.objects.filter(client__person__in=people.keys())
        .select_related("client")
        .only("client__person", "seal_id", "born_on", "sex")
        .order_by("client_id")
    )
    for identity in identities.iterator(chunk_size=2000):
        sex, age = found.get(identity.client.person_id, (UNKNOWN, UNKNOWN))
        told = str(identity.sex)
        found[identity.client.person_id] = (
            sex or (told if told in SEXES else UNKNOWN),
            age or _age_band(str(identity.born_on), on),
        )
    return found


def _age_band(born_on: str, on: date) -> str:
    try:
        born = date.fromisoformat(born_on)
    except ValueError:
        return UNKNOWN
    years = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    return str(max((band for band in AGES if band <= years), default=0))


# Counts ------------------------------------------------------------------------------------------


def _rows(
    people: dict[int, _Person], region: Region, window: _Window, *, tells_matched: bool
) -> Iterator[Row]:
    """The whole region first, then every group there may be, also those with nobody."""
    everybody = list(people.values())
    yield _row("", "", everybody, window, tells_matched=tells_matched)
    for by, groups in _groups(region, everybody).items():
        for group in groups:
            own = [person for person in everybody if person.groups[by] == group]
            yield _row(by, group, own, window, tells_matched=tells_matched)


def _note_hidden(rows: list[Row]) -> None:
    """Decide once which numbers are not told, so that no page or list can tell them."""
    whole, *parts = rows
    whole["hidden"] = sorted(set(COLUMNS) - set(columns_told(whole)))
    for by in dict.fromkeys(row["by"] for row in parts):
        own = [row for row in parts if row["by"] == by]
        hidden = hidden_cells(own, whole)
        for at, row in enumerate(own):
            row["hidden"] = sorted(column for column, place in hidden if place == at)


def _groups(region: Region, people: Iterable[_Person]) -> dict[str, list[str]]:
    """All groups, so that nobody learns from a row that is missing."""
    providers = Organisation.objects.filter(regions=region, kind=OrganisationKind.CARE_PROVIDER)
    known = {
        "sex": [*SEXES, UNKNOWN],
        "age": [*map(str, AGES), UNKNOWN],
        "provider": [str(ref) for ref in providers.order_by("name").values_list("ref", flat=True)],
        "origin": [
            *Municipality.objects.filter(region=region)
            .order_by("name")
            .values_list("code", flat=True),
            OUTSIDE,
            UNKNOWN,
        ],
        "household": [ALONE, TOGETHER, CHILDREN, UNKNOWN],
        "care": list(FacilityType.values),
    }
    for by, groups in known.items():
        seen = {person.groups[by] for person in people}
        known[by] = [*groups, *sorted(seen - set(groups))]
    return known


def _row(
    by: str, group: str, people: list[_Person], window: _Window, *, tells_matched: bool
) -> Row:
    looked = [person for person in people if person.is_looked_at]
    return {
        "by": by,
        "group": group,
        "waited": len(people),
        "placed": sum(1 for person in people if person.placed_on is not None),
        "placed_months": _middle(people, lambda person: person.waited_days),
        "waiting": sum(1 for person in people if person.waits_since is not None),
        "waiting_months": _middle(
            people,
            lambda person: (window.end - person.waits_since).days if person.waits_since else None,
        ),
        "looked": len(looked) if tells_matched else None,
        "matched": sum(1 for person in looked if person.is_matched) if tells_matched else None,
    }


def _middle(people: list[_Person], days_of: Callable[[_Person], int | None]) -> int | None:
    """The median in whole months, of ten people or more; in days it would be one person's own."""
    days = [found for person in people if (found := days_of(person)) is not None]
    if len(days) < LEAST_FOR_A_MIDDLE:
        return None
    return round(median(days) / AVERAGE_MONTH_DAYS)

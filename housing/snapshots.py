"""The only door from the database to the matcher: one region as an instance of the contract.

Read under the database role that reaches no identity and no care profile. People are named by the
ref of their registration, homes, neighbourhoods and organisations by theirs, municipalities by
their CBS code.

What limits, and what does not:

- Of contingents only a maximum limits the match. A task or a target is a promise to keep, and a
  match that goes beyond it breaks nothing: those are counted, not limited.
- Promises (live proposals) stay and use what they use. Where less is left than they need, the
  capacity is taken to be what they need: they stay and nobody else comes in.
- A dwelling of which the neighbourhood is not known stands in a nameless one of its municipality.
- Who is not ready yet but expected to be within the days that a dwelling may wait takes part.
- Without a functional profile nobody knows what a home must offer: left out, and counted.
- The policy of the region that counts that day says how waiting and fit weigh. Whoever refused the
  fitting homes that it allows takes part as it says; who waits for the table is left out, and told.
- Appropriate allocation warns (`fit.appropriate_rent`); where the policy blocks, it lowers the
  highest rent to the limit. Incomes are not read: see docs/adr/0008-appropriate-allocation.md.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Max, Q, Sum

from accounts.context import reading_for
from housing.lifecycle import LIVE, ContingentKind, EntryKind, ProposalState
from housing.matching.instance import SCHEMA
from housing.models import (
    Contingent,
    ContingentEntry,
    Dwelling,
    GuidanceCapacity,
    MatchPolicy,
    Placement,
    Proposal,
    Readmission,
    RegionYear,
    SupportOffer,
)
from housing.policies import AfterRefusal, Appropriate, counting, policy_of
from housing.refusals import Refusal, counted
from housing.seekers import (
    Place,
    Registration,
    RentRule,
    Seeker,
    first_day,
    seekers,
    years_before,
)
from outflow.lifecycle import BEFORE_GATE, ROUTES_WITHOUT_GATE, FacilityType, NearKind, Phase
from outflow.models import (
    Client,
    ExcludedNeighbourhood,
    FunctionalProfile,
    PlaceToBeNear,
    WishedMunicipality,
)
from regions.law import fitting_rent
from regions.models import Neighbourhood, Region
from regions.picture import one_moment
from regions.rules import rule

YEARS_OF_PLACEMENTS = 2

Row = dict[str, Any]


@dataclass(frozen=True)
class Picture:
    """An instance, which rows its refs stand for, and what the instance cannot say."""

    instance: Row
    clients: dict[str, int]
    dwellings: dict[str, int]
    without_need: int
    # Registrations that refused what the region offers, by the policy left to the table.
    waiting_for_table: tuple[int, ...]
    policy_id: int | None
    # Dwellings left under the maximum of the region as a whole; None where there is none.
    left_in_region: int | None


@dataclass(frozen=True)
class _Promise:
    """A live proposal: who, where, and whether its dwelling is counted in a contingent already."""

    person: int
    client: int
    dwelling: int
    is_booked: bool


def take(region: Region, *, as_of: date, policy: MatchPolicy | None = None) -> Picture:
    """The region as the matcher may know it, all of it from one moment.

    With a `policy` as if that version counted; else by the one that counts on the day.
    """
    with one_moment(), reading_for(region.pk, job="match"):
        return _Taking(region, as_of, policy or counting(region, on=as_of)).picture()


def take_both(region: Region, *, as_of: date, policy: MatchPolicy) -> tuple[Picture, Picture]:
    """The region by the policy that counts on the day, and by another; both of one moment."""
    with one_moment(), reading_for(region.pk, job="match"):
        return (
            _Taking(region, as_of, counting(region, on=as_of)).picture(),
            _Taking(region, as_of, policy).picture(),
        )


class _Taking:
    """Reads the parts that depend on each other in their order."""

    def __init__(self, region: Region, as_of: date, version: MatchPolicy | None) -> None:
        self.region = region
        self.as_of = as_of
        self.version = version
        self.policy = policy_of(version)
        self.rents = self._rents()
        self.vacancy_days = int(rule(region, "vacancy_days", on=as_of))
        self.promises = self._promises()
        self.without_need = 0
        self.waiting_for_table: list[int] = []

    def _rents(self) -> RentRule:
        small, large = (fitting_rent(persons=persons, on=self.as_of) for persons in (1, 3))
        return RentRule(
            small.value if small else None,
            large.value if large else None,
            blocks=self.policy.appropriate_allocation == Appropriate.BLOCKS,
        )

    def picture(self) -> Picture:
        looking, promised = self._seekers()
        promises = [promise for promise in self.promises if promise.client in promised]
        homes = self._dwellings(held=[promise.dwelling for promise in promises])
        home_of = {home.pk: home for home in homes}
        place_of = {home.pk: _neighbourhood(home) for home in homes}
        locked = [
            (promised[promise.client], home_of[promise.dwelling], promise.is_booked)
            for promise in promises
        ]
        use = _Use.of(locked, place_of)
        everybody = [*(seeker for seeker, _, _ in locked), *looking]
        return Picture(
            instance={
                "schema": SCHEMA,
                "as_of": self.as_of.isoformat(),
                "options": {
                    "vacancy_days": self.vacancy_days,
                    "policy": self.policy.matcher.as_json(),
                },
                "clients": [seeker.as_client(self.rents) for seeker in everybody],
                "dwellings": [_dwelling(home, place_of[home.pk]) for home in homes],
                "neighbourhoods": self._neighbourhoods(homes, place_of, use),
                "quotas": self._quotas(use),
                "support": self._support(use),
                "guidance": self._guidance(use),
                "locked": [
                    {"client": str(seeker.lead.ref), "dwelling": str(home.ref)}
                    for seeker, home, _ in locked
                ],
            },
            clients={str(seeker.lead.ref): seeker.lead.key for seeker in everybody},
            dwellings={str(home.ref): home.pk for home in homes},
            without_need=self.without_need,
            waiting_for_table=tuple(self.waiting_for_table),
            policy_id=self.version.pk if self.version else None,
            left_in_region=self._left_in_region(),
        )

    # Who ----------------------------------------------------------------------------------------

    def _promises(self) -> list[_Promise]:
        booked = set(
            ContingentEntry.objects.filter(
                kind=EntryKind.ACCEPTED, proposal__region=self.region, proposal__state__in=LIVE
            ).values_list("proposal_id", flat=True)
        )
        rows = (
            Proposal.objects.filter(region=self.region)
            .live()
            .order_by("pk")
            .values_list("pk", "person_id", "client_id", "dwelling_id")
        )
        return [
            _Promise(person, client, dwelling, pk in booked)
            for pk, person, client, dwelling in rows
        ]

    def _seekers(self) -> tuple[list[Seeker], dict[int, Seeker]]:
        """Who looks, and by registration who has a promise."""
        spoken_for = {promise.person for promise in self.promises} | set(
            Placement.objects.filter(region=self.region)
            .running()
            .values_list("person_id", flat=True)
        )
        households = (
            Client.objects.filter(region=self.region, person_id__in=spoken_for)
            .exclude(household=None)
            .values_list("household_id", flat=True)
        )
        until = self.as_of + timedelta(days=self.vacancy_days)
        soon = Q(phase__in=BEFORE_GATE, expected_ready_on__range=(self.as_of, until))
        ready = Client.objects.filter(region=self.region).ready_for_proposal()
        nearly = Client.objects.filter(region=self.region).with_phase().filter(soon)
        free = ~Q(person_id__in=spoken_for)
        looking = self._registrations(
            Client.objects.filter(Q(pk__in=ready.values("pk")) | Q(pk__in=nearly.values("pk")))
            .filter(free)
            .with_phase()
        )
        promised = self._registrations(
            Client.objects.filter(pk__in=[promise.client for promise in self.promises]).with_phase()
        )
        found = seekers(
            looking, spoken_for=households, as_of=self.as_of, policy=self.policy.matcher
        )
        self.waiting_for_table = [seeker.lead.key for seeker in found if seeker.waits_for_table]
        return (
            [seeker for seeker in found if not seeker.waits_for_table],
            {registration.key: Seeker(registration) for registration in promised},
        )

    def _registrations(self, clients: Any) -> list[Registration]:
        rows = list(
            clients.order_by("pk").values(
                "pk",
                "ref",
                "person_id",
                "household_id",
                "provider__ref",
                "facility_type",
                "route",
                "urgency",
                "phase",
                "phase_from",
                "ready_on",
                "expected_ready_on",
                "in_care_since",
            )
        )
        keys = [row["pk"] for row in rows]
        profiles = FunctionalProfile.objects.in_bulk(keys)
        self.without_need += len(keys) - len(profiles)
        wishes = _grouped(
            WishedMunicipality.objects.filter(profile__in=keys).values_list(
                "profile_id", "municipality__code"
            )
        )
        preferred = _grouped(
            FunctionalProfile.preferred_neighbourhoods.through.objects.filter(
                functionalprofile__in=keys
            ).values_list("functionalprofile_id", "neighbourhood__ref")
        )
        people = [row["person_id"] for row in rows]
        excluded = _grouped(
            ExcludedNeighbourhood.objects.filter(client__person__in=people).values_list(
                "client__person_id", "neighbourhood__ref"
            )
        )
        refused = _grouped(
            # By the registration: a proposal from before a merge still names the former person.
            Proposal.objects.filter(
                client__person__in=people, state=ProposalState.DECLINED
            ).values_list("client__person_id", "dwelling__ref")
        )
        near = self._places_to_be_near(keys)
        refusals, let_in = self._refusals(people), self._let_in(people)
        return [
            self._registration(
                row,
                profiles[row["pk"]],
                municipalities=wishes[row["pk"]],
                preferred=preferred[row["pk"]],
                excluded=excluded[row["person_id"]],
                refused=refused[row["person_id"]],
                network=near[row["pk"], NearKind.NETWORK],
                day_activity=near[row["pk"], NearKind.DAY_ACTIVITY],
                refused_on=counted(
                    refusals.get(row["person_id"], ()),
                    profiles[row["pk"]],
                    municipalities=wishes[row["pk"]],
                    excluded=excluded[row["person_id"]],
                    since=let_in.get(row["person_id"]),
                ),
            )
            for row in rows
            if row["pk"] in profiles
        ]

    def _registration(
        self, row: Row, profile: FunctionalProfile, *, refused_on: list[date], **places: Any
    ) -> Registration:
        if row["phase"] in BEFORE_GATE and row["route"] not in ROUTES_WITHOUT_GATE:
            ready_on = since = row["expected_ready_on"] or self.as_of
        else:
            gate = row["phase"] in {Phase.READY, Phase.OFFERED}
            ready_on, since = first_day(row, gate=gate, as_of=self.as_of)
        after = self.policy.after_refusal
        has_refused = len(refused_on) >= self.policy.offers
        if has_refused and after == AfterRefusal.WAITS_FROM_REFUSAL:
            since = max(since, refused_on[-1])
        return Registration(
            key=row["pk"],
            ref=row["ref"],
            person=row["person_id"],
            household=row["household_id"],
            provider=row["provider__ref"],
            target_group=row["facility_type"],
            urgency=row["urgency"],
            ready_on=ready_on,
            waiting_since=since,
            max_rent=profile.max_rent,
            bedrooms=profile.bedrooms,
            step_free=profile.step_free,
            wheelchair=profile.wheelchair,
            low_stimulus=profile.low_stimulus,
            guidance_hours=profile.guidance_hours,
            forms=frozenset(profile.forms),
            support=frozenset(profile.support),
            persons=profile.persons,
            max_rent_is_assumed=profile.max_rent_is_assumed,
            contract_forms=frozenset(profile.contract_forms),
            waits_for_table=has_refused and after == AfterRefusal.TABLE_DECIDES,
            **places,
        )

    def _places_to_be_near(self, keys: list[int]) -> dict[tuple[int, str], frozenset[Place]]:
        """Where own people and day activity are, by need and kind, where the place is known."""
        found: dict[tuple[int, str], set[Place]] = defaultdict(set)
        for key, kind, latitude, longitude in PlaceToBeNear.objects.filter(
            profile__in=keys
        ).values_list("profile_id", "kind", "neighbourhood__latitude", "neighbourhood__longitude"):
            if latitude is not None and longitude is not None:
                found[key, kind].add((latitude, longitude))
        return defaultdict(frozenset, {key: frozenset(places) for key, places in found.items()})

    def _refusals(self, people: list[int]) -> dict[int, list[Refusal]]:
        """Homes that people said no to themselves, by person."""
        found: dict[int, list[Refusal]] = defaultdict(list)
        declined = (
            Proposal.objects.filter(client__person__in=people, state=ProposalState.DECLINED)
            .exclude(refusal_by_client="")
            .filter(ended_on__lte=self.as_of)
            .select_related("client", "dwelling__municipality", "dwelling__neighbourhood")
            .order_by("pk")
        )
        for proposal in declined:
            home = proposal.dwelling
            found[proposal.client.person_id].append(
                Refusal(
                    on=proposal.ended_on or self.as_of,
                    reason=proposal.refusal_by_client,
                    home=home,
                    municipality=home.municipality.code,
                    neighbourhood=str(home.neighbourhood.ref) if home.neighbourhood else None,
                )
            )
        return found

    def _let_in(self, people: list[int]) -> dict[int, date]:
        """When the table last let somebody in again, by person."""
        return dict(
            Readmission.objects.filter(client__person__in=people, on__lte=self.as_of)
            .order_by()
            .values_list("client__person_id")
            .annotate(last=Max("on"))
        )

    # Where --------------------------------------------------------------------------------------

    def _dwellings(self, *, held: list[int]) -> list[Dwelling]:
        homes = Dwelling.objects.filter(region=self.region).select_related(
            "corporation", "municipality", "neighbourhood"
        )
        return [
            *homes.filter(pk__in=held).order_by("pk"),
            *homes.free().exclude(pk__in=held).order_by("pk"),
        ]

    def _neighbourhoods(
        self, homes: list[Dwelling], place_of: dict[int, str], use: "_Use"
    ) -> list[Row]:
        """What each neighbourhood can still carry after who came to live there in two years."""
        since = years_before(self.as_of, YEARS_OF_PLACEMENTS)
        came = Counter(
            {
                str(ref): count
                for ref, count in Placement.objects.filter(
                    region=self.region, from_on__gt=since, from_on__lte=self.as_of
                )
                .order_by()
                .values_list("dwelling__neighbourhood__ref")
                .annotate(count=Count("pk"))
            }
        )
        named = Neighbourhood.objects.filter(
            Q(municipality__region=self.region)
            | Q(pk__in=[home.neighbourhood_id for home in homes])
        ).values_list("ref", "municipality__code", "max_placements", "soft_placements")
        rows = {
            str(ref): {
                "ref": str(ref),
                "municipality": code,
                "max_placements": _left(most, came[str(ref)], least=use.places[str(ref)]),
                "soft_placements": _left(soft, came[str(ref)], least=0),
            }
            for ref, code, most, soft in named
        }
        for home in homes:
            rows.setdefault(
                place_of[home.pk],
                {
                    "ref": place_of[home.pk],
                    "municipality": home.municipality.code,
                    "max_placements": None,
                    "soft_placements": None,
                },
            )
        return [rows[ref] for ref in sorted(rows)]

    # What limits --------------------------------------------------------------------------------

    def _quotas(self, use: "_Use") -> list[Row]:
        left: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        for contingent in Contingent.objects.filter(
            region=self.region, year=self.as_of.year, kind=ContingentKind.MAXIMUM
        ).select_related("corporation", "municipality"):
            place = (str(contingent.corporation.ref), contingent.municipality.code)
            left[place][contingent.target_group] = contingent.ceiling - contingent.booked
        return [
            {
                "corporation": corporation,
                "municipality": municipality,
                "target_group": target_group,
                "remaining": use.quota_left((corporation, municipality), target_group, remaining),
            }
            for (corporation, municipality), of_group in sorted(left.items())
            for target_group, remaining in _by_group(of_group)
        ]

    def _left_in_region(self) -> int | None:
        year = RegionYear.objects.filter(
            region=self.region,
            year=self.as_of.year,
            kind=ContingentKind.MAXIMUM,
        ).first()
        if year is None or year.agreed is None:
            return None
        return max(year.agreed + year.raised - year.booked, 0)

    def _support(self, use: "_Use") -> list[Row]:
        offers = (
            SupportOffer.objects.filter(neighbourhood__municipality__region=self.region)
            .running(self.as_of)
            .order_by("neighbourhood__ref", "kind")
            .values_list("neighbourhood__ref", "kind")
            .annotate(free=Sum(F("places") - F("in_use")))
        )
        return [
            {
                "neighbourhood": str(ref),
                "kind": kind,
                "free_places": max(free, use.support[str(ref), kind]),
            }
            for ref, kind, free in offers
        ]

    def _guidance(self, use: "_Use") -> list[Row]:
        capacities = (
            GuidanceCapacity.objects.filter(municipality__region=self.region)
            .order_by("provider__ref", "municipality__code")
            .values_list("provider__ref", "municipality__code", "free_hours")
        )
        return [
            {
                "provider": str(provider),
                "municipality": code,
                "free_hours": max(int(hours * 2), use.half_hours[str(provider), code]) / 2,
            }
            for provider, code, hours in capacities
        ]


@dataclass(frozen=True)
class _Use:
    """What the promises need of everything that is scarce."""

    places: Counter[str]
    support: Counter[tuple[str, str]]
    half_hours: Counter[tuple[str, str]]
    dwellings: Counter[tuple[str, str, str]]
    booked: Counter[tuple[str, str, str]]

    @classmethod
    def of(
        cls, locked: Iterable[tuple[Seeker, Dwelling, bool]], place_of: dict[int, str]
    ) -> "_Use":
        use = cls(Counter(), Counter(), Counter(), Counter(), Counter())
        for seeker, home, is_booked in locked:
            place, code = place_of[home.pk], home.municipality.code
            quota = (str(home.corporation.ref), code, seeker.lead.target_group)
            use.places[place] += 1
            use.support.update((place, kind) for kind in seeker.support)
            use.half_hours[str(seeker.lead.provider), code] += seeker.half_hours
            use.dwellings[quota] += 1
            use.booked[quota] += is_booked
        return use

    def quota_left(self, place: tuple[str, str], target_group: str | None, left: int) -> int:
        """What is left, with what the promises count for given back: the matcher counts them."""
        groups = FacilityType.values if target_group is None else [target_group]
        booked = sum(self.booked[*place, group] for group in groups)
        needed = sum(self.dwellings[*place, group] for group in groups)
        return max(left + booked, needed)


def _by_group(left: dict[str, int]) -> list[tuple[str | None, int]]:
    """A maximum without a target group is for those that have none of their own."""
    own = {group: number for group, number in left.items() if group}
    if "" not in left:
        return sorted(own.items())
    if not own:
        return [(None, left[""])]
    others = {group: left[""] for group in FacilityType.values if group not in own}
    return sorted((others | own).items())


def _left(most: int | None, came: int, *, least: int) -> int | None:
    return None if most is None else max(most - came, least)


def _grouped(pairs: Iterable[tuple[int, Any]]) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for key, value in pairs:
        found[key].add(str(value))
    return defaultdict(frozenset, {key: frozenset(values) for key, values in found.items()})


def _neighbourhood(home: Dwelling) -> str:
    """The neighbourhood's ref; a nameless one where it is not known or lies elsewhere."""
    place = home.neighbourhood
    if place is None or place.municipality_id != home.municipality_id:
        return f"municipality:{home.municipality.code}"
    return str(place.ref)


def _dwelling(home: Dwelling, place: str) -> Row:
    return {
        "ref": str(home.ref),
        "corporation": str(home.corporation.ref),
        "municipality": home.municipality.code,
        "neighbourhood": place,
        "rent": float(home.basic_rent),
        "bedrooms": home.bedrooms,
        "ground_floor": home.is_ground_floor,
        "lift": home.has_lift,
        "wheelchair": home.wheelchair,
        "low_stimulus": home.low_stimulus,
        "form": home.form,
        "available_on": home.available_on.isoformat(),
        "fit": _home_fit(home),
    }


def _home_fit(home: Dwelling) -> Row:
    """What a home is beside what the rules ask; where it lies only if that is known."""
    place = home.neighbourhood
    fit: Row = {
        "contract_form": home.contract_form,
        "rooms": home.rooms,
        "most_persons": home.most_persons,
    }
    if place is not None and place.latitude is not None:
        fit["at"] = [place.latitude, place.longitude]
    return fit

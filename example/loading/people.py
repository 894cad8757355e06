"""The people of an invented region: each provider brings its clients, the region their history."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta

from django.db import connection
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Greatest

from accounts.access import Role
from accounts.context import acting_as
from example import records
from example.chance import Chance, stream
from example.loading.frame import Frame
from example.loading.plans import Plans
from outflow import operations
from outflow.lifecycle import (
    ArrangementPart,
    Blocker,
    ItemState,
    Phase,
    Subject,
    SupportKind,
    ZrmDomain,
)
from outflow.models import (
    ArrangementItem,
    Assignment,
    Client,
    Household,
    LikelyDuplicate,
    Person,
    SharingGround,
    Spell,
)
from outflow.operations.case_codes import free_case_codes

SUPPORT_CODES = {
    "round_the_clock": SupportKind.REACHABLE_24H,
    "budget_coach": SupportKind.DEBT_HELP,
}
SUBJECTS = {
    "inschrijving als woningzoekende": Subject.SEEKER,
    "verhuizing": Subject.MOVING,
    "inrichting": Subject.FURNISHING,
    "indicatie begeleiding": Subject.INDICATION,
    "begeleidingsplan": Subject.PLAN,
    "huisarts in de nieuwe wijk": Subject.TREATMENT,
    "kennismaken in de buurt": Subject.NETWORK,
    "dagbesteding": Subject.DAY_ACTIVITY,
    "maatje": Subject.BUDDY,
    "uitkering omzetten": Subject.INCOME,
    "huurtoeslag aanvragen": Subject.RENT_BENEFIT,
    "afspraak over schulden": Subject.DEBTS,
}
# What is missing from the arrangement stands in the way of being ready.
BLOCKERS = {
    Subject.SEEKER: Blocker.REGISTRATION,
    Subject.INDICATION: Blocker.INDICATION,
    Subject.NETWORK: Blocker.NETWORK,
    Subject.DAY_ACTIVITY: Blocker.DAY_ACTIVITY,
    Subject.INCOME: Blocker.INCOME,
    Subject.DEBTS: Blocker.DEBTS,
}
SHARED = 0.88
BY_CONSENT = 0.8
TEXT_VERSION = "toestemming 2025-1"
BATCH = 1000


def load_people(frame: Frame, plans: Plans) -> dict[str, Client]:
    """Register everybody; returns the rows by client number.

    Whoever is there today is registered by the provider. Of who has left only the phases come in:
    nobody needs their names any more.
    """
    clients: dict[str, Client] = {}
    for provider in frame.world.organisations_of("care_provider"):
        present = [r for r in frame.world.registrations if r.provider == provider.key and r.phase]
        clients |= _load_present(frame, plans, provider.key, present)
    clients |= _load_past(frame, [r for r in frame.world.registrations if not r.phase])
    _unite_households(frame, clients)
    return clients


def support_codes(kinds: Sequence[str]) -> tuple[str, ...]:
    """The application's codes of kinds of support."""
    return tuple(SupportKind(SUPPORT_CODES.get(kind, kind)) for kind in kinds)


def settle_some_duplicates(frame: Frame, clients: dict[str, Client]) -> int:
    """Find likely duplicates; of some pairs the providers and the coordinator have said enough."""
    found = operations.find_likely_duplicates(region_id=frame.region.pk)
    numbers = {client.pk: number for number, client in clients.items()}
    with acting_as(frame.coordinator):
        pairs = list(LikelyDuplicate.objects.order_by("pk"))
    truly = {frozenset((pair.first, pair.second)) for pair in frame.world.same_persons}
    same = [p for p in pairs if frozenset((numbers[p.first_id], numbers[p.second_id])) in truly]
    provider_of = {r.number: r.provider for r in frame.world.registrations}
    # Both say yes and they become one; one provider still has to answer; the rest is new.
    for pair, answers in zip(same, ((True, True), (True,)), strict=False):
        both = (pair.first_id, pair.second_id)
        for client_id, answer in zip(both, answers, strict=False):
            leader = frame.viewer(provider_of[numbers[client_id]], Role.TEAM_LEADER)
            with acting_as(leader):
                operations.confirm_duplicate(duplicate=pair, same=answer, by=leader)
        if len(answers) == len(both):
            with acting_as(frame.coordinator):
                operations.merge(duplicate=pair, by=frame.coordinator)
    return found


def _load_present(
    frame: Frame, plans: Plans, provider: str, present: Sequence[records.Registration]
) -> dict[str, Client]:
    leader = frame.viewer(provider, Role.TEAM_LEADER)
    chance = stream(frame.world.seed, frame.world.region.code, "loading", provider)
    workers = [_worker(frame, registration, chance) for registration in present]
    with acting_as(leader):
        rows = operations.register_clients(
            [
                _facts(frame, plans, registration, worker)
                for registration, worker in zip(present, workers, strict=True)
            ],
            by=leader,
        )
        operations.record_history(
            [
                (row, _spells(plans.spells_before(registration)))
                for row, registration in zip(rows, present, strict=True)
            ],
            by=leader,
        )
        _date_back(frame, rows, present, workers)
        _record_grounds(frame, plans, rows, present, provider, chance)
        ArrangementItem.objects.bulk_create(
            (
                _arrangement_item(frame, row, registration, item, chance)
                for row, registration in zip(rows, present, strict=True)
                for item in registration.arrangement
            ),
            batch_size=BATCH,
        )
    return {r.number: row for r, row in zip(present, rows, strict=True)}


def _load_past(frame: Frame, gone: Sequence[records.Registration]) -> dict[str, Client]:
    """Who has left: without a file, and with every phase for the estimate."""
    with acting_as(frame.coordinator):
        codes = free_case_codes(len(gone))
        people = Person.objects.bulk_create((Person(region=frame.region) for _ in gone), BATCH)
        rows = Client.objects.bulk_create(
            (
                Client(
                    region=frame.region,
                    person=person,
                    provider=frame.organisations[registration.provider],
                    case_code=code,
                    client_number=registration.number,
                    facility_type=registration.facility_type,
                    location=registration.location,
                    in_care_since=registration.in_care_since,
                    **{f"{name}_id": key for name, key in _origin(frame, registration).items()},
                )
                for registration, person, code in zip(gone, people, codes, strict=True)
            ),
            BATCH,
        )
        Spell.objects.bulk_create(
            (
                Spell(client=row, **asdict(spell))
                for row, registration in zip(rows, gone, strict=True)
                for spell in _spells(registration.spells)
            ),
            BATCH,
        )
    return {r.number: row for r, row in zip(gone, rows, strict=True)}


def _worker(frame: Frame, registration: records.Registration, chance: Chance) -> str | None:
    """Who looks after somebody; who lives at home with guidance has somebody of the location."""
    if registration.is_current:
        return registration.worker
    return chance.choice(frame.workers_at[registration.location])


def _origin(frame: Frame, registration: records.Registration) -> dict[str, int]:
    """Where somebody comes from, and which municipality of the region has the task."""
    origin = frame.municipalities[registration.origin]
    centre = frame.municipalities[frame.world.region.municipalities[0].name]
    task = origin if origin.region_id else centre
    return {"origin_municipality": origin.pk, "financing_municipality": task.pk}


def _facts(
    frame: Frame, plans: Plans, registration: records.Registration, worker: str | None
) -> operations.ClientFacts:
    identity = registration.identity
    need = registration.need
    return operations.ClientFacts(
        client_number=registration.number,
        facility_type=registration.facility_type,
        location=registration.location,
        in_care_since=registration.in_care_since,
        **_origin(frame, registration),
        route=registration.route,
        urgency=need.urgency if need else 0,
        is_shielded=registration.shielded,
        identity=operations.IdentityFacts(
            family_name=identity.surname,
            prefix=identity.prefix,
            given_name=identity.given_name,
            born_on=identity.born_on,
            sex=identity.sex,
        ),
        care=_care(registration.care) if registration.care else None,
        need=_need(frame, need) if need else None,
        readiness=_readiness(plans, registration),
        zrm=_scores(registration.care) if registration.care else (),
        assigned_to=frame.workers[worker].pk if worker else None,
    )


def _care(care: records.CareProfile) -> operations.CareFacts:
    return operations.CareFacts(
        monthly_income=care.income,
        income_source=care.income_source,
        has_debts=care.has_debts,
        debt_amount=care.debts,
        administration="" if care.money_support == "geen" else care.money_support,
        remarks=care.remarks,
        exclusion_reason=care.avoided_because,
    )


def _scores(care: records.CareProfile) -> tuple[operations.ZrmFacts, ...]:
    return tuple(
        operations.ZrmFacts(domain, level, care.zrm_on, f"ZRM {care.zrm_version}")
        for domain, level in zip(ZrmDomain, care.zrm, strict=True)
    )


def _need(frame: Frame, need: records.HousingNeed) -> operations.NeedFacts:
    return operations.NeedFacts(
        persons=need.persons,
        children=need.children,
        bedrooms=need.bedrooms,
        step_free=need.step_free,
        wheelchair=need.wheelchair,
        low_stimulus=need.low_stimulus,
        forms=need.forms,
        max_rent=need.max_rent,
        guidance_hours=need.guidance_hours,
        reachable_24h=need.round_the_clock,
        support=support_codes(need.support),
        municipalities=tuple(frame.municipalities[name].pk for name in need.municipalities),
        preferred_neighbourhoods=frozenset(
            frame.neighbourhoods[place].pk for place in need.neighbourhoods
        ),
        contract_forms=need.contract_forms,
        network=frozenset(frame.neighbourhoods[place].pk for place in need.network),
        day_activity=frozenset(frame.neighbourhoods[place].pk for place in need.day_activity),
        excluded_neighbourhoods=frozenset(frame.neighbourhoods[place].pk for place in need.avoided),
    )


def _readiness(plans: Plans, registration: records.Registration) -> operations.Readiness:
    phase = Phase(plans.spells_before(registration)[-1].phase)
    missing = {
        BLOCKERS[SUBJECTS[item.subject]]
        for item in registration.arrangement
        if item.arranged_on is None and SUBJECTS[item.subject] in BLOCKERS
    }
    reached = not registration.ready_is_expected
    return operations.Readiness(
        phase=phase,
        ready_on=registration.ready_on if reached else None,
        expected_ready_on=None if reached else registration.ready_on,
        blockers=frozenset(missing if phase == Phase.PREPARING else ()),
    )


def _spells(spells: Sequence[records.Spell]) -> list[operations.SpellFacts]:
    return [
        operations.SpellFacts(
            phase=spell.phase,
            from_on=spell.begins,
            until_on=spell.ends,
            exit=spell.following if spell.following in records.EXITS else "",
        )
        for spell in spells
    ]


def _date_back(
    frame: Frame,
    rows: Sequence[Client],
    present: Sequence[records.Registration],
    workers: Sequence[str | None],
) -> None:
    """Let the last look at readiness lie where the world has it, and be the care worker's.

    An assignment is as old as the care.
    """
    looks = [
        (row.pk, registration.updated_on, frame.workers[worker].user_id if worker else None)
        for row, registration, worker in zip(rows, present, workers, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outflow_client SET checked_on = look.day,"
            " checked_by_id = coalesce(look.who, checked_by_id)"
            " FROM unnest(%s::bigint[], %s::date[], %s::bigint[]) AS look (client, day, who)"
            " WHERE id = look.client",
            [list(column) for column in zip(*looks, strict=True)],
        )
    since = Client.objects.filter(pk=OuterRef("client_id")).values("in_care_since")
    Assignment.objects.filter(client__in=rows).update(
        from_on=Greatest(Subquery(since), Value(frame.world.register_start))
    )


def _record_grounds(
    frame: Frame,
    plans: Plans,
    rows: Sequence[Client],
    present: Sequence[records.Registration],
    provider: str,
    chance: Chance,
) -> None:
    """The ground for sharing of most who are listed, and of all who have had a proposal."""
    proposed = {plan.registration.number for plan in plans.broken_off + plans.running}
    grounds: dict[SharingGround.Ground, list[Client]] = {}
    for row, registration in zip(rows, present, strict=True):
        needed = registration.number in proposed or registration.phase == Phase.HOUSED
        if needed or chance.happens(SHARED):
            ground = (
                SharingGround.Ground.CONSENT
                if chance.happens(BY_CONSENT)
                else SharingGround.Ground.AGREEMENT
            )
            grounds.setdefault(ground, []).append(row)
    leader = frame.viewer(provider, Role.TEAM_LEADER)
    day = frame.world.as_of - timedelta(days=chance.randint(20, 60))
    for ground, clients in sorted(grounds.items()):
        operations.record_sharing_ground(
            clients=clients, ground=ground, on=day, by=leader, text_version=TEXT_VERSION
        )


def _arrangement_item(
    frame: Frame,
    row: Client,
    registration: records.Registration,
    item: records.ArrangementItem,
    chance: Chance,
) -> ArrangementItem:
    if item.arranged_on:
        state = ItemState.ARRANGED
    else:
        state = ItemState.IN_PROGRESS if chance.happens(0.6) else ItemState.MISSING
    return ArrangementItem(
        client=row,
        part=ArrangementPart(item.part),
        what=SUBJECTS[item.subject],
        responsible=frame.organisations[_arranger(frame, registration, item)],
        due_on=item.due_on,
        state=state,
        changed_on=item.arranged_on or _looked(frame, registration),
    )


def _looked(frame: Frame, registration: records.Registration) -> date:
    return registration.updated_on or frame.world.as_of


def _arranger(
    frame: Frame, registration: records.Registration, item: records.ArrangementItem
) -> str:
    """Which party arranges it: welfare is the organisation that works where somebody is from."""
    if item.arranged_by != "welfare":
        return item.arranged_by
    helpers = frame.world.organisations_of("welfare")
    near = [helper.key for helper in helpers if registration.origin in helper.works_in]
    return near[0] if near else helpers[0].key


def _unite_households(frame: Frame, clients: dict[str, Client]) -> None:
    """People who will live together; some are clients of two providers, so the region does it."""
    number_of = {r.person: r.number for r in frame.world.registrations if r.is_current}
    with acting_as(frame.coordinator):
        rows = Household.objects.bulk_create(
            Household(region=frame.region) for _household in frame.world.households
        )
        together = []
        for row, household in zip(rows, frame.world.households, strict=True):
            for person in household.persons:
                client = clients[number_of[person]]
                client.household = row
                together.append(client)
        Client.objects.bulk_update(together, ["household"])

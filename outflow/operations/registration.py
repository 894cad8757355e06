"""Registering clients and changing what is known of them; a screen post is a list of one."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import OrganisationKind, Permission, Role, Viewer
from accounts.models import Membership, Organisation
from outflow.errors import NotAllowed, Refused
from outflow.facts import (
    CareFacts,
    ClientFacts,
    IdentityFacts,
    Readiness,
    ZrmFacts,
)
from outflow.lifecycle import WAITING, Phase
from outflow.models import (
    CareProfile,
    Client,
    Identity,
    Person,
    ReadinessRecord,
    Spell,
    ZrmScore,
)
from outflow.operations.assessments import write_zrm
from outflow.operations.assignments import write_assignments
from outflow.operations.case_codes import free_case_codes
from outflow.operations.locking import locked, open_spells
from outflow.operations.needs import needs_of, write_needs
from outflow.operations.readiness import apply_readiness, readiness_of
from outflow.operations.tokens import tokens_of
from regions.clock import today

TRIES = 5
BATCH = 500
OWN_FIELDS = (
    "client_number",
    "facility_type",
    "location",
    "in_care_since",
    "route",
    "urgency",
    "is_shielded",
)
PLACES = ("origin_municipality", "financing_municipality")


@transaction.atomic
def register_clients(
    rows: Sequence[ClientFacts], *, by: Viewer, checked_on: date | None = None
) -> list[Client]:
    """Register clients of the viewer's provider, in the order of the rows.

    `checked_on` is the day that the rows tell of (the reference date of a list); default today.
    A worker who registers a client looks after that client; a team leader assigns later.
    """
    if not rows:
        return []
    providers = _providers(rows, by)
    clients = _insert(rows, providers, by=by, checked_on=checked_on or today())
    _write_identities([(c, r.identity) for c, r in zip(clients, rows, strict=True) if r.identity])
    _write_care([(c, r.care or CareFacts()) for c, r in zip(clients, rows, strict=True)], by=by)
    write_needs([(c, r.need) for c, r in zip(clients, rows, strict=True) if r.need])
    _write_first_spells(list(zip(clients, rows, strict=True)), by=by)
    write_assignments(_first_workers(list(zip(clients, rows, strict=True)), by=by))
    audit.record_many([audit.entry("client.registered", client, by=by) for client in clients])
    scored = [(c, r.zrm) for c, r in zip(clients, rows, strict=True) if r.zrm]
    if scored:
        write_zrm(scored, by=by)
    return clients


@transaction.atomic
def update_clients(
    changes: Sequence[tuple[Client, ClientFacts]],
    *,
    by: Viewer,
    checked_on: date | None = None,
) -> list[Client]:
    """Make these clients what the facts say, and return only those that changed.

    A part that is None stays as it is. A step of the phase that care may not take is refused.
    """
    if not changes:
        return []
    clients = locked((client for client, _ in changes), by, Permission.UPDATE_READINESS)
    known = facts_of(list(clients.values()))
    pairs = [(clients[client.pk], facts, known[client.pk]) for client, facts in changes]
    changed: dict[int, Client] = {}
    changed |= _update_registrations(pairs)
    identities = [
        (c, new.identity) for c, new, old in pairs if new.identity and new.identity != old.identity
    ]
    _write_identities(identities)
    cared = [(c, new.care) for c, new, old in pairs if new.care and new.care != old.care]
    _write_care(cared, by=by)
    needed = [(c, new.need) for c, new, old in pairs if new.need and new.need != old.need]
    write_needs(needed)
    changed |= {client.pk: client for client, _ in (*identities, *cared, *needed)}
    changed |= _update_readiness(pairs, by=by, checked_on=checked_on or today())
    scored = [(client, new.zrm) for client, new, _ in pairs if new.zrm]
    if scored:
        changed |= {client.pk: client for client in write_zrm(scored, by=by)}
    audit.record_many([audit.entry("client.updated", client, by=by) for client in changed.values()])
    return list(changed.values())


def facts_of(clients: Sequence[Client]) -> dict[int, ClientFacts]:
    """All that is known of these clients, by key, in the form in which it is written.

    For a care worker or a team leader: nobody else reaches identity and care.
    """
    keys = [client.pk for client in clients]
    identities = {row.pk: _identity_facts(row) for row in Identity.objects.filter(pk__in=keys)}
    care = {row.pk: _care_facts(row) for row in CareProfile.objects.filter(pk__in=keys)}
    needs = needs_of(clients)
    spells = {row.client_id: row for row in Spell.objects.open().filter(client__in=keys)}
    zrm: dict[int, list[ZrmFacts]] = {}
    for score in ZrmScore.objects.filter(client__in=keys):
        zrm.setdefault(score.client_id, []).append(
            ZrmFacts(score.domain, score.level, score.assessed_on, score.version, score.assessor)
        )
    return {
        client.pk: ClientFacts(
            **{name: getattr(client, name) for name in OWN_FIELDS},
            **{name: getattr(client, f"{name}_id") for name in PLACES},
            identity=identities.get(client.pk),
            care=care.get(client.pk),
            need=needs.get(client.pk),
            readiness=readiness_of(client, spells[client.pk]) if client.pk in spells else None,
            zrm=tuple(zrm.get(client.pk, ())),
            provider=client.provider_id,
        )
        for client in clients
    }


def _providers(rows: Sequence[ClientFacts], by: Viewer) -> list[int]:
    """The provider of each row: the viewer's own, or the one a coordinator's history names."""
    if by.role in {Role.CARE_WORKER, Role.TEAM_LEADER}:
        if any(row.provider not in {None, by.organisation_id} for row in rows):
            raise NotAllowed(_("This is for somebody else to do. Nothing was changed."))
        return [by.organisation_id] * len(rows)
    known = set(
        Organisation.objects.filter(
            regions=by.region_id, kind=OrganisationKind.CARE_PROVIDER
        ).values_list("pk", flat=True)
    )
    named = [row.provider for row in rows]
    if by.role != Role.COORDINATOR or any(row.identity or row.care or row.zrm for row in rows):
        raise NotAllowed(_("This is for somebody else to do. Nothing was changed."))
    providers = [provider for provider in named if provider in known]
    if len(providers) != len(named):
        raise Refused(_("Choose a care provider of this region for every client."))
    return providers


def _insert(
    rows: Sequence[ClientFacts], providers: Sequence[int], *, by: Viewer, checked_on: date
) -> list[Client]:
    """People and clients, with case codes; tries again when another took the same code."""
    people = Person.objects.bulk_create(
        (Person(region_id=by.region_id) for _row in rows), batch_size=BATCH
    )
    for _attempt in range(TRIES):
        codes = free_case_codes(len(rows))
        clients = [
            Client(
                region_id=by.region_id,
                person=person,
                provider_id=provider,
                case_code=code,
                registered_by_id=by.membership_id,
                checked_on=checked_on if row.readiness else None,
                checked_by_id=by.user_id if row.readiness else None,
                ready_on=row.readiness.ready_on if row.readiness else None,
                expected_ready_on=row.readiness.expected_ready_on if row.readiness else None,
                blockers=sorted(row.readiness.blockers) if row.readiness else [],
                **{name: getattr(row, name) for name in OWN_FIELDS},
                **{f"{name}_id": getattr(row, name) for name in PLACES},
            )
            for row, provider, person, code in zip(rows, providers, people, codes, strict=True)
        ]
        try:
            with transaction.atomic():
                return Client.objects.bulk_create(clients, batch_size=BATCH)
        except IntegrityError as error:
            if "client_number_once_per_provider" in str(error):
                raise Refused(
                    _("This client number is already in use. Look the client up instead.")
                ) from error
            if "client_ready_after_care_began" in str(error):
                raise Refused(_("Nobody is ready before care began. Check both dates.")) from error
            if "client_case_code_once_per_region" not in str(error):
                raise
    raise Refused(_("No free case code was found. Try again; nothing was registered."))


def _write_identities(rows: Sequence[tuple[Client, IdentityFacts]]) -> None:
    """Seal who these clients are, with the tokens by which they are found."""
    known = {
        identity.pk: identity
        for identity in Identity.objects.filter(pk__in=[client.pk for client, _ in rows])
    }
    new, changed = [], []
    for client, facts in rows:
        identity = known.get(client.pk)
        if identity is None:
            identity = Identity(client=client)
            new.append(identity)
        else:
            changed.append(identity)
        for name, value in asdict(facts).items():
            setattr(identity, name, value)
        identity.born_on = facts.born_on.isoformat() if facts.born_on else ""
        tokens = tokens_of(
            family_name=facts.family_name, given_name=facts.given_name, born_on=facts.born_on
        )
        for name, token in tokens.items():
            setattr(identity, name, token)
    Identity.objects.bulk_create(new, batch_size=BATCH)
    for identity in changed:  # sealed anew one by one: bulk_update knows no sealing
        identity.save()


def _write_care(rows: Sequence[tuple[Client, CareFacts]], *, by: Viewer) -> None:
    if by.role not in {Role.CARE_WORKER, Role.TEAM_LEADER}:
        return  # a history brings no care profile, and nobody else may write one
    known = {
        profile.pk: profile
        for profile in CareProfile.objects.filter(pk__in=[client.pk for client, _ in rows])
    }
    new, changed = [], []
    for client, facts in rows:
        profile = known.get(client.pk)
        if profile is None:
            profile = CareProfile(client=client)
            new.append(profile)
        else:
            changed.append(profile)
        for name, value in asdict(facts).items():
            setattr(profile, name, value)
    CareProfile.objects.bulk_create(new, batch_size=BATCH)
    for profile in changed:
        profile.save()


def _write_first_spells(rows: Sequence[tuple[Client, ClientFacts]], *, by: Viewer) -> None:
    begun = [(client, row.readiness, row) for client, row in rows if row.readiness]
    Spell.objects.bulk_create(
        (
            Spell(client=client, phase=readiness.phase, from_on=_first_day(readiness, row))
            for client, readiness, row in begun
        ),
        batch_size=BATCH,
    )
    ReadinessRecord.objects.bulk_create(
        (
            ReadinessRecord(client=client, recorded_by_id=by.user_id, phase=readiness.phase)
            for client, readiness, _row in begun
            if readiness.phase in WAITING
        ),
        batch_size=BATCH,
    )


def _first_day(readiness: Readiness, row: ClientFacts) -> date:
    """The day the present phase began, as far as it is known."""
    if readiness.from_on:
        return readiness.from_on
    if readiness.phase == Phase.READY and readiness.ready_on:
        return readiness.ready_on
    if readiness.phase == Phase.INTAKE and row.in_care_since:
        return min(row.in_care_since, today())
    return today()


def _first_workers(
    rows: Sequence[tuple[Client, ClientFacts]], *, by: Viewer
) -> list[tuple[Client, int]]:
    named = {row.assigned_to for _, row in rows if row.assigned_to}
    own = set(
        Membership.objects.live()
        .filter(pk__in=named, organisation_id=by.organisation_id, region_id=by.region_id)
        .values_list("pk", flat=True)
    )
    if named - own:
        raise NotAllowed(_("This is for somebody else to do. Nothing was changed."))
    pairs = []
    for client, row in rows:
        if row.assigned_to:
            pairs.append((client, row.assigned_to))
        elif by.role == Role.CARE_WORKER:
            pairs.append((client, by.membership_id))
    return pairs


def _update_registrations(
    pairs: Iterable[tuple[Client, ClientFacts, ClientFacts]],
) -> dict[int, Client]:
    changed = {}
    names = (*OWN_FIELDS, *PLACES)
    for client, new, old in pairs:
        if all(getattr(new, name) == getattr(old, name) for name in names):
            continue
        for name in OWN_FIELDS:
            setattr(client, name, getattr(new, name))
        for name in PLACES:
            setattr(client, f"{name}_id", getattr(new, name))
        changed[client.pk] = client
    try:
        with transaction.atomic():
            Client.objects.bulk_update(changed.values(), names, batch_size=1000)
    except IntegrityError as error:
        if "client_number_once_per_provider" in str(error):
            raise Refused(_("This client number is already in use.")) from error
        if "client_ready_after_care_began" in str(error):
            raise Refused(_("Nobody is ready before care began. Check both dates.")) from error
        raise
    return changed


def _update_readiness(
    pairs: Sequence[tuple[Client, ClientFacts, ClientFacts]], *, by: Viewer, checked_on: date
) -> dict[int, Client]:
    differing = [
        (client, new.readiness)
        for client, new, old in pairs
        if new.readiness and (old.readiness is None or new.readiness.mark != old.readiness.mark)
    ]
    spells = open_spells([client for client, _ in differing])
    rows = [
        (client, spells[client.pk], readiness)
        for client, readiness in differing
        if client.pk in spells
    ]
    if rows:
        apply_readiness(rows, by=by, checked_on=checked_on)
    return {client.pk: client for client, _, _ in rows}


def _identity_facts(identity: Identity) -> IdentityFacts:
    values = {
        field.name: getattr(identity, field.name)
        for field in fields(IdentityFacts)
        if field.name != "born_on"
    }
    born_on = date.fromisoformat(str(identity.born_on)) if identity.born_on else None
    return IdentityFacts(**values, born_on=born_on)


def _care_facts(profile: CareProfile) -> CareFacts:
    return CareFacts(**{field.name: getattr(profile, field.name) for field in fields(CareFacts)})

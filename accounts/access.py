"""THE access table: who may do and see what, of which clients, from which stage on.

Rows are role x action; relation and stage are columns. Nothing that is not in the table is
allowed. Row filters (`visible_to`) and field filters (`as_seen_by`) both read it, so that they
cannot disagree. Read `GRANTS` aloud to a privacy officer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cache, wraps
from typing import Any, Self

from django.db import models
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    CARE_WORKER = "care_worker", _("care worker")
    TEAM_LEADER = "team_leader", _("team leader")
    ACCESS_OFFICER = "access_officer", _("access officer")
    ALLOCATOR = "allocator", _("allocator")
    COORDINATOR = "coordinator", _("coordinator")
    STEERING_MEMBER = "steering_member", _("steering group member")
    CLIENT_REPRESENTATIVE = "client_representative", _("client representative")
    NEIGHBOURHOOD_WORKER = "neighbourhood_worker", _("neighbourhood worker")
    PRIVACY_OFFICER = "privacy_officer", _("privacy officer")
    ADMINISTRATOR = "administrator", _("platform administrator")


class OrganisationKind(models.TextChoices):
    MUNICIPALITY = "municipality", _("municipality")
    CORPORATION = "corporation", _("housing corporation")
    CARE_PROVIDER = "care_provider", _("care provider")
    WELFARE = "welfare", _("welfare organisation")
    CLIENT_COUNCIL = "client_council", _("client council")
    REGIONAL_BUREAU = "regional_bureau", _("regional bureau")


class Permission(StrEnum):
    # pages and actions
    SEE_TODAY = "see_today"
    SEE_CLIENTS = "see_clients"
    REGISTER_CLIENT = "register_client"
    UPDATE_READINESS = "update_readiness"
    UPDATE_NEED = "update_need"
    UPDATE_ARRANGEMENT = "update_arrangement"
    ASSIGN_CLIENTS = "assign_clients"
    REVIEW_DUPLICATES = "review_duplicates"
    SEE_DWELLINGS = "see_dwellings"
    ENTER_DWELLING = "enter_dwelling"
    SEE_CONTINGENT = "see_contingent"
    AGREE_CONTINGENT = "agree_contingent"
    SEE_SUPPORT = "see_support"
    ENTER_SUPPORT = "enter_support"
    SET_CAPACITY = "set_capacity"
    RUN_MATCHING = "run_matching"
    SEE_MATCHING = "see_matching"
    SEE_POLICY = "see_policy"
    SET_POLICY = "set_policy"
    TRY_OUT = "try_out"
    DECIDE_PROPOSAL = "decide_proposal"
    SEE_PROPOSALS = "see_proposals"
    EXPLAIN_MATCHING = "explain_matching"
    SEE_DECISIONS = "see_decisions"
    SEE_FAIRNESS = "see_fairness"
    ANSWER_FOR_CORPORATION = "answer_for_corporation"
    ANSWER_FOR_CLIENT = "answer_for_client"
    ARRANGE_TENANCY = "arrange_tenancy"
    SEE_ESTIMATE = "see_estimate"
    RUN_ESTIMATE = "run_estimate"
    SEE_SCENARIOS = "see_scenarios"
    MAKE_SCENARIO = "make_scenario"
    DEFINE_INVENTORY = "define_inventory"
    SEE_DASHBOARD = "see_dashboard"
    IMPORT_CLIENTS = "import_clients"
    IMPORT_HISTORY = "import_history"
    IMPORT_DWELLINGS = "import_dwellings"
    IMPORT_CONTINGENT = "import_contingent"
    IMPORT_SUPPORT = "import_support"
    SEE_IMPORTS = "see_imports"
    MANAGE_ORGANISATIONS = "manage_organisations"
    MANAGE_ACCOUNTS = "manage_accounts"
    SEE_AUDIT = "see_audit"
    OWN_ACCOUNT = "own_account"
    # fields
    FIELD_CASE_CODE = "field_case_code"
    FIELD_IDENTITY = "field_identity"
    FIELD_CONTACT = "field_contact"
    FIELD_CARE_PROFILE = "field_care_profile"
    FIELD_NEED = "field_need"
    FIELD_NEAR = "field_near"
    FIELD_EXCLUSIONS = "field_exclusions"
    FIELD_READINESS = "field_readiness"
    FIELD_READINESS_OUTCOME = "field_readiness_outcome"
    FIELD_READ_LOG = "field_read_log"
    FIELD_ADDRESS = "field_address"
    FIELD_REFUSAL_OF_CLIENT = "field_refusal_of_client"
    FIELD_REFUSAL_OF_CORPORATION = "field_refusal_of_corporation"


class Relation(StrEnum):
    """How the viewer stands to the object; a role alone opens no record."""

    ANY = "any"  # no record is involved
    REGION = "region"  # the record lies in the viewer's region
    ASSIGNED = "assigned"  # the client is assigned to this membership today
    OWN_TEAM = "own_team"  # the client is registered with the viewer's provider
    TASK = "task"  # the viewer's municipality has a task for the client
    OWN_PROPOSAL = "own_proposal"  # the proposal is about a dwelling of the viewer's corporation
    OWN_ORGANISATION = "own_organisation"  # the record belongs to the viewer's organisation
    SHARED = "shared"  # the record was shared with the viewer's organisation


class Stage(IntEnum):
    """S0 to S8: how far the way home is; the housing side derives it (housing.lifecycle)."""

    REGISTERED = 0
    READY = 1
    IN_MATCHING = 2
    PROPOSED = 3
    RELEASED = 4
    VIEWING = 5
    CONTRACT = 6
    AFTERCARE = 7
    CLOSED = 8


class Purpose(StrEnum):
    """Why somebody looks; it stands in the log of who looked."""

    CASELOAD = "caseload"
    READINESS = "readiness"
    NEED = "need"
    ARRANGEMENT = "arrangement"
    MATCHING = "matching"
    PROPOSAL = "proposal"
    DUPLICATES = "duplicates"
    IMPORT = "import"
    OVERSIGHT = "oversight"
    EXPLANATION = "explanation"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Exactly one live membership, chosen after sign-in; nothing unites two of them."""

    membership_id: int
    user_id: int
    organisation_id: int
    organisation_kind: str
    municipality_id: int | None
    region_id: int
    role: Role


@dataclass(frozen=True, slots=True)
class Grant:
    role: Role
    permission: Permission
    relation: Relation
    from_stage: Stage = Stage.REGISTERED
    until_stage: Stage = Stage.CLOSED


P, R = Permission, Relation


def _rows(role: Role, relation: Relation, *permissions: Permission, **stages: Stage) -> list[Grant]:
    return [Grant(role, permission, relation, **stages) for permission in permissions]


GRANTS: tuple[Grant, ...] = (
    # Everybody with a membership has a start page and an account.
    *(Grant(role, P.OWN_ACCOUNT, R.ANY) for role in Role),
    *(Grant(role, P.SEE_TODAY, R.ANY) for role in Role),
    # Care worker: own clients, all of it.
    *_rows(
        Role.CARE_WORKER,
        R.ASSIGNED,
        P.SEE_CLIENTS,
        P.UPDATE_READINESS,
        P.UPDATE_NEED,
        P.UPDATE_ARRANGEMENT,
        P.SEE_PROPOSALS,
        P.EXPLAIN_MATCHING,
        P.ANSWER_FOR_CLIENT,
        P.FIELD_CASE_CODE,
        P.FIELD_IDENTITY,
        P.FIELD_CONTACT,
        P.FIELD_CARE_PROFILE,
        P.FIELD_NEED,
        P.FIELD_NEAR,
        P.FIELD_EXCLUSIONS,
        P.FIELD_READINESS,
        P.FIELD_READINESS_OUTCOME,
        P.FIELD_READ_LOG,
        P.FIELD_REFUSAL_OF_CLIENT,
        P.FIELD_REFUSAL_OF_CORPORATION,
    ),
    Grant(Role.CARE_WORKER, P.REGISTER_CLIENT, R.ANY),
    Grant(Role.CARE_WORKER, P.FIELD_ADDRESS, R.ASSIGNED, Stage.VIEWING),
    Grant(Role.CARE_WORKER, P.SEE_SUPPORT, R.REGION),
    # Team leader: the provider's clients; assigns them and brings lists.
    *_rows(
        Role.TEAM_LEADER,
        R.OWN_TEAM,
        P.SEE_CLIENTS,
        P.UPDATE_READINESS,
        P.UPDATE_NEED,
        P.UPDATE_ARRANGEMENT,
        P.ASSIGN_CLIENTS,
        P.REVIEW_DUPLICATES,
        P.SEE_PROPOSALS,
        P.EXPLAIN_MATCHING,
        P.ANSWER_FOR_CLIENT,
        P.FIELD_CASE_CODE,
        P.FIELD_IDENTITY,
        P.FIELD_CONTACT,
        P.FIELD_CARE_PROFILE,
        P.FIELD_NEED,
        P.FIELD_NEAR,
        P.FIELD_EXCLUSIONS,
        P.FIELD_READINESS,
        P.FIELD_READINESS_OUTCOME,
        P.FIELD_READ_LOG,
        P.FIELD_REFUSAL_OF_CLIENT,
        P.FIELD_REFUSAL_OF_CORPORATION,
    ),
    Grant(Role.TEAM_LEADER, P.FIELD_ADDRESS, R.OWN_TEAM, Stage.VIEWING),
    *_rows(Role.TEAM_LEADER, R.ANY, P.REGISTER_CLIENT, P.IMPORT_CLIENTS, P.IMPORT_HISTORY),
    Grant(Role.TEAM_LEADER, P.SEE_IMPORTS, R.OWN_ORGANISATION),
    *_rows(Role.TEAM_LEADER, R.REGION, P.SEE_SUPPORT, P.SEE_ESTIMATE, P.SEE_DASHBOARD),
    # Municipal access officer: clients for whom the municipality has a task.
    *_rows(
        Role.ACCESS_OFFICER,
        R.TASK,
        P.SEE_CLIENTS,
        P.UPDATE_ARRANGEMENT,
        P.SEE_PROPOSALS,
        P.FIELD_CASE_CODE,
        P.FIELD_IDENTITY,
        P.FIELD_NEED,
        P.FIELD_NEAR,
        P.FIELD_READINESS_OUTCOME,
        P.FIELD_REFUSAL_OF_CLIENT,
    ),
    Grant(Role.ACCESS_OFFICER, P.FIELD_CONTACT, R.TASK, Stage.READY),
    *_rows(
        Role.ACCESS_OFFICER,
        R.REGION,
        P.SEE_DWELLINGS,
        P.SEE_CONTINGENT,
        P.SEE_SUPPORT,
        P.SEE_ESTIMATE,
        P.SEE_DASHBOARD,
    ),
    Grant(Role.ACCESS_OFFICER, P.FIELD_ADDRESS, R.REGION),
    # Corporation allocator: own dwellings and the proposals about them; a name after release.
    *_rows(
        Role.ALLOCATOR,
        R.OWN_ORGANISATION,
        P.SEE_DWELLINGS,
        P.ENTER_DWELLING,
        P.SEE_CONTINGENT,
        P.SEE_IMPORTS,
        P.FIELD_ADDRESS,
    ),
    *_rows(
        Role.ALLOCATOR,
        R.OWN_PROPOSAL,
        P.SEE_PROPOSALS,
        P.ANSWER_FOR_CORPORATION,
        P.ARRANGE_TENANCY,
        P.FIELD_NEED,
        P.FIELD_REFUSAL_OF_CORPORATION,
        from_stage=Stage.PROPOSED,
    ),
    Grant(Role.ALLOCATOR, P.FIELD_IDENTITY, R.OWN_PROPOSAL, Stage.RELEASED, Stage.AFTERCARE),
    Grant(Role.ALLOCATOR, P.FIELD_CONTACT, R.OWN_PROPOSAL, Stage.VIEWING, Stage.AFTERCARE),
    Grant(Role.ALLOCATOR, P.IMPORT_DWELLINGS, R.ANY),
    *_rows(Role.ALLOCATOR, R.REGION, P.SEE_ESTIMATE, P.SEE_DASHBOARD),
    # Coordinator: the whole region by case code; never a name, never a care profile.
    *_rows(
        Role.COORDINATOR,
        R.REGION,
        P.SEE_CLIENTS,
        P.REVIEW_DUPLICATES,
        P.SEE_DWELLINGS,
        P.SEE_CONTINGENT,
        P.AGREE_CONTINGENT,
        P.SEE_SUPPORT,
        P.ENTER_SUPPORT,
        P.SET_CAPACITY,
        P.RUN_MATCHING,
        P.SEE_MATCHING,
        P.SEE_POLICY,
        P.SET_POLICY,
        P.TRY_OUT,
        P.DECIDE_PROPOSAL,
        P.SEE_PROPOSALS,
        P.SEE_DECISIONS,
        P.SEE_FAIRNESS,
        P.SEE_ESTIMATE,
        P.RUN_ESTIMATE,
        P.SEE_DASHBOARD,
        P.SEE_IMPORTS,
        P.FIELD_CASE_CODE,
        P.FIELD_NEED,
        P.FIELD_NEAR,
        P.FIELD_READINESS_OUTCOME,
        P.FIELD_ADDRESS,
        P.FIELD_REFUSAL_OF_CLIENT,
        P.FIELD_REFUSAL_OF_CORPORATION,
    ),
    *_rows(
        Role.COORDINATOR,
        R.ANY,
        P.IMPORT_DWELLINGS,
        P.IMPORT_CONTINGENT,
        P.IMPORT_SUPPORT,
        P.IMPORT_HISTORY,
    ),
    # Steering group and client representative: aggregates.
    *_rows(
        Role.STEERING_MEMBER,
        R.REGION,
        P.SEE_DASHBOARD,
        P.SEE_FAIRNESS,
        P.SEE_ESTIMATE,
        P.SEE_CONTINGENT,
        P.SEE_POLICY,
    ),
    *_rows(Role.CLIENT_REPRESENTATIVE, R.REGION, P.SEE_DASHBOARD, P.SEE_FAIRNESS),
    # Scenarios beside the estimate: of the own organisation, and what others shared with it.
    *(
        Grant(role, permission, relation)
        for role in (
            Role.TEAM_LEADER,
            Role.ACCESS_OFFICER,
            Role.ALLOCATOR,
            Role.COORDINATOR,
            Role.STEERING_MEMBER,
        )
        for permission, relation in (
            (P.SEE_SCENARIOS, R.OWN_ORGANISATION),
            (P.SEE_SCENARIOS, R.SHARED),
            (P.MAKE_SCENARIO, R.OWN_ORGANISATION),
        )
        if role != Role.STEERING_MEMBER or permission == P.SEE_SCENARIOS
    ),
    Grant(Role.COORDINATOR, P.DEFINE_INVENTORY, R.REGION),
    # Neighbourhood worker: own support offers.
    Grant(Role.NEIGHBOURHOOD_WORKER, P.SEE_SUPPORT, R.REGION),
    Grant(Role.NEIGHBOURHOOD_WORKER, P.ENTER_SUPPORT, R.OWN_ORGANISATION),
    # Privacy officer: who did what, by which rules, and whether people decide; no client content.
    *_rows(
        Role.PRIVACY_OFFICER,
        R.REGION,
        P.SEE_AUDIT,
        P.SEE_POLICY,
        P.SEE_DECISIONS,
        P.SEE_FAIRNESS,
    ),
    # Administrator: accounts and technique only.
    *_rows(Role.ADMINISTRATOR, R.ANY, P.MANAGE_ORGANISATIONS, P.MANAGE_ACCOUNTS),
)


@cache
def grants_for(role: Role, permission: Permission) -> tuple[Grant, ...]:
    return tuple(g for g in GRANTS if g.role == role and g.permission == permission)


def may(viewer: Viewer | None, permission: Permission) -> bool:
    """Whether the viewer's role has this action at all; which records is `visible_to`'s answer."""
    return viewer is not None and bool(grants_for(viewer.role, permission))


def sees(viewer: Viewer, permission: Permission, *, relation: Relation, stage: Stage) -> bool:
    """Whether the viewer, standing in this relation, sees a field at this stage."""
    return any(
        g.relation == relation and g.from_stage <= stage <= g.until_stage
        for g in grants_for(viewer.role, permission)
    )


class ScopedQuerySet(models.QuerySet):
    """A queryset that shows nothing until it knows to whom, and for what."""

    def scope_for(self, relation: Relation, viewer: Viewer) -> models.Q | None:
        """The rows that stand in this relation to the viewer; None if the model has no such."""
        raise NotImplementedError

    def visible_to(self, viewer: Viewer, permission: Permission) -> Self:
        """The rows of which the viewer may do `permission`; none without a grant."""
        allowed = models.Q(pk__in=[])
        for grant in grants_for(viewer.role, permission):
            scope = self.scope_for(grant.relation, viewer)
            if scope is not None:
                allowed |= scope
        return self.filter(allowed)


View = Callable[..., HttpResponseBase]


def requires(*permissions: Permission) -> Callable[[View], View]:
    """Open the view to roles with one of these actions, inside the database context of the viewer.

    Whoever may not gets 404, as for an address that does not exist.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            # Imported models would close the circle access -> models -> access: the middleware
            # puts the viewer and the door to the database on the request.
            viewer = request.viewer
            if viewer is None:
                return request.send_to_sign_in()
            if not any(may(viewer, permission) for permission in permissions):
                raise Http404
            with request.acting():
                return request.once(lambda: view(request, *args, **kwargs))

        guarded.permissions = permissions
        return guarded

    return declare


def public(view: View) -> View:
    """A page for everybody, signed in or not: sign-in, health, help."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    guarded.permissions = ()
    guarded.is_public = True
    return guarded


def signed_in(view: View) -> View:
    """A page for whoever has signed in, before a membership is chosen."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return request.send_to_sign_in()
        return view(request, *args, **kwargs)

    guarded.permissions = ()
    guarded.is_for_signed_in = True
    return guarded

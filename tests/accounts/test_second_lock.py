"""PostgreSQL shows each viewer their own rows, even when the application asks for all of them."""

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction

from accounts.audit import record
from accounts.context import acting_as, reading_for, working_for
from accounts.models import AuditEntry, ReadEntry
from housing.models import Placement, Proposal
from outflow.models import (
    ArrangementItem,
    Assignment,
    CareProfile,
    Client,
    FunctionalProfile,
    Identity,
    Person,
    Spell,
)
from tests.factories import make_client, world

pytestmark = pytest.mark.django_db

OPEN_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT (
  c.relrowsecurity AND c.relforcerowsecurity
  AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname <> 'owner_migrates'))
"""
# Tables without anything about a client: places, parties, promises, homes, machinery.
NOT_ABOUT_PEOPLE = {
    "accounts_auditentry",
    "accounts_membership",
    "accounts_organisation",
    "accounts_organisation_regions",
    "accounts_submission",
    "accounts_user",
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "django_content_type",
    "django_migrations",
    "django_session",
    "housing_contingent",
    "housing_contingententry",
    "housing_dwelling",
    "housing_dwellingevent",
    "housing_guidancecapacity",
    "housing_matchpolicy",
    "housing_matchrun",
    "housing_nationalmatching",
    "housing_regionyear",
    "housing_supportoffer",
    "housing_tryout",
    "lists_importrun",
    "lists_rememberedmapping",
    "outflow_estimaterun",
    "outflow_nationalpicture",
    "outflow_plannedsupply",
    "outflow_scenario",
    "outflow_scenario_shared_with",
    "outflow_scenarioresult",
    "pghistory_context",
    "regions_legalparameter",
    "regions_municipality",
    "regions_municipalityname",
    "regions_neighbourhood",
    "regions_neighbourhoodalias",
    "regions_region",
    "regions_regionrule",
}


def test_every_table_is_protected_or_named_as_holding_nobody():
    with connection.cursor() as cursor:
        cursor.execute(OPEN_TABLES)
        unprotected = {name for (name,) in cursor.fetchall()}
    assert unprotected == NOT_ABOUT_PEOPLE


def test_a_protected_table_without_a_viewer_is_an_error_and_not_an_empty_page():
    w = world()
    make_client(w)
    for model in (Client, Identity, CareProfile, FunctionalProfile, Spell, Assignment):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('weerthuis.role', '', true)")
        with (
            pytest.raises((ProgrammingError, InternalError), match="No viewer"),
            transaction.atomic(),
        ):
            list(model.objects.all())


@pytest.mark.parametrize(
    ("who", "clients", "names", "care"),
    [
        ("care_worker", 1, 1, 1),
        ("colleague", 0, 0, 0),
        ("team_leader", 2, 2, 2),
        ("access_officer", 3, 3, 0),
        ("other_access_officer", 0, 0, 0),
        ("coordinator", 3, 0, 0),
        ("other_team_leader", 1, 1, 1),
        ("allocator", 0, 0, 0),
        ("steering_member", 0, 0, 0),
        ("client_representative", 0, 0, 0),
        ("neighbourhood_worker", 0, 0, 0),
        ("privacy_officer", 0, 0, 0),
        ("administrator", 0, 0, 0),
        ("foreign_coordinator", 0, 0, 0),
        ("foreign_team_leader", 0, 0, 0),
    ],
)
def test_asking_for_everything_gives_only_ones_own(who, clients, names, care):
    w = world()
    make_client(w)
    make_client(w, assigned_to=None)
    make_client(w, provider=w.other_provider)
    with acting_as(w.viewers[who]):
        assert Client.objects.count() == clients
        assert Identity.objects.count() == names
        assert CareProfile.objects.count() == care
        assert FunctionalProfile.objects.count() == clients
        assert Spell.objects.count() == clients
        assert Proposal.objects.count() == Placement.objects.count() == 0
        assert ArrangementItem.objects.count() == 0


def test_the_matcher_reads_needs_and_has_no_right_to_names_or_care():
    w = world()
    make_client(w)
    with reading_for(w.region.pk, job="match"):
        assert FunctionalProfile.objects.count() == 1
    for model in (Identity, CareProfile):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            reading_for(w.region.pk, job="match"),
        ):
            list(model.objects.all())


def test_counting_for_a_dashboard_gives_the_viewer_nothing_more_afterwards():
    w = world()
    make_client(w)
    with acting_as(w.steering_member):
        assert Client.objects.count() == 0
        with reading_for(w.region.pk, job="figures"):
            assert Client.objects.count() == 1
        assert Client.objects.count() == 0


def test_a_job_of_one_region_sees_no_other():
    w = world()
    make_client(w)
    with working_for(w.other_region.pk, job="match"):
        assert Client.objects.count() == 0
        assert Person.objects.count() == 0


def test_a_row_for_another_organisation_is_refused_by_the_database():
    w = world()
    client = make_client(w)
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        acting_as(w.other_team_leader),
    ):
        Spell.objects.bulk_create([Spell(client=client, phase="ready", from_on="2020-01-01")])


@pytest.mark.parametrize("model", [AuditEntry, ReadEntry])
def test_the_logs_can_be_added_to_and_never_changed(model):
    w = world()
    with acting_as(w.team_leader):
        record("client.changed", w.region, by=w.team_leader)
        for statement in (
            f"UPDATE {model._meta.db_table} SET at = now()",
            f"DELETE FROM {model._meta.db_table}",
        ):
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)

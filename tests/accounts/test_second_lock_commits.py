"""The second lock across real commits, and the proof that its tests can fail."""

import pytest
from django.db import InternalError, ProgrammingError

from accounts.access import Role
from accounts.context import acting_as
from outflow.models import Client
from tests.factories import make_client, world


def test_the_context_ends_with_its_transaction(own_database):
    w = world()
    make_client(w)
    with acting_as(w.team_leader):
        assert Client.objects.count() == 1
    with pytest.raises((ProgrammingError, InternalError), match="No viewer"):
        Client.objects.count()


def test_without_the_policy_the_count_is_wrong_so_these_tests_can_fail(own_database):
    w = world()
    make_client(w, assigned_to=None)
    with acting_as(w.colleague):
        assert Client.objects.count() == 0
    with own_database.as_owner() as owner:
        owner.execute("ALTER TABLE outflow_client DISABLE ROW LEVEL SECURITY")
        owner.commit()
    with acting_as(w.colleague):
        assert Client.objects.count() == 1
    assert w.viewers["colleague"].role == Role.CARE_WORKER

"""Lines of the read log for measuring under load: as many as a busy region gathers in years."""

from django.db import connection

from accounts.access import Purpose, Role
from accounts.context import acting_as
from example.loading.frame import Frame

# One statement per provider; rows are made where they are stored.
_LINES = """
    INSERT INTO accounts_readentry
      (ref, at, action, purpose, region_id, user_id, organisation_id, role, client_ref, fields,
       occasion)
    SELECT gen_random_uuid(), now() - (line * interval '37 minutes'), 'R', %(purpose)s,
           %(region)s, %(user)s, %(organisation)s, %(role)s, client.ref,
           '["need", "readiness"]'::jsonb, ''
    FROM outflow_client client, generate_series(1, %(each)s) line
    WHERE client.provider_id = %(organisation)s AND client.region_id = %(region)s
      AND client.registered_by_id IS NOT NULL
"""


def write_looks(frame: Frame, *, lines: int) -> int:
    """Write about so many looks at the clients of this region; returns how many."""
    each = -(-lines // max(1, sum(r.phase is not None for r in frame.world.registrations)))
    written = 0
    for provider in frame.world.organisations_of("care_provider"):
        leader = frame.viewer(provider.key, Role.TEAM_LEADER)
        with acting_as(leader), connection.cursor() as cursor:
            cursor.execute(
                _LINES,
                {
                    "purpose": Purpose.CASELOAD,
                    "region": leader.region_id,
                    "user": leader.user_id,
                    "organisation": leader.organisation_id,
                    "role": leader.role,
                    "each": each,
                },
            )
            written += cursor.rowcount
    return written

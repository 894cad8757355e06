"""Row security on places to be near; which job may open sex and birth date, for fairness only."""

from django.db import migrations

from accounts.rowsecurity import MATCHER, protect

ROLE = "(SELECT weerthuis_role())"
IN_REGION = "region_id = (SELECT weerthuis_region())"
JOBS = "'job:match', 'job:estimate', 'job:figures', 'job:duplicates'"
IDENTITY_ROLES = "'care_worker', 'team_leader', 'access_officer', 'job:duplicates'"


def clients(jobs: str) -> str:
    return f"""
ALTER POLICY rows ON outflow_client USING ({IN_REGION} AND (
  {ROLE} IN ('coordinator', {jobs})
  OR ({ROLE} = 'team_leader' AND provider_id = (SELECT weerthuis_organisation()))
  OR ({ROLE} = 'care_worker' AND provider_id = (SELECT weerthuis_organisation())
      AND (registered_by_id = (SELECT weerthuis_membership())
           OR id IN (SELECT weerthuis_assigned())))
  OR ({ROLE} = 'access_officer' AND (SELECT weerthuis_municipality())
      IN (origin_municipality_id, financing_municipality_id))));
"""


def identities(roles: str) -> str:
    return f"""
ALTER POLICY rows ON outflow_identity
  USING (client_id IN (SELECT id FROM outflow_client) AND {ROLE} IN ({roles}));
"""


class Migration(migrations.Migration):
    dependencies = [("outflow", "0008_places_to_be_near")]

    operations = [
        # A corporation reads the profile of who is proposed to it; where that person's own people
        # live is no part of it.
        protect(
            "outflow_placetobenear",
            f"profile_id IN (SELECT id FROM outflow_client) AND {ROLE} <> 'allocator'",
            also=(MATCHER,),
        ),
        migrations.RunSQL(
            clients(f"{JOBS}, 'job:fairness'") + identities(f"{IDENTITY_ROLES}, 'job:fairness'"),
            identities(IDENTITY_ROLES) + clients(JOBS),
        ),
    ]

"""Row-level security on everything about people: which rows each kind of viewer can reach."""

from django.db import migrations

from accounts.rowsecurity import MATCHER, REPORTING, protect, protect_history

ASSIGNED = """
CREATE FUNCTION weerthuis_assigned() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT client_id FROM outflow_assignment
  WHERE membership_id = weerthuis_membership()
$$;
"""

IN_REGION = "region_id = (SELECT weerthuis_region())"
ROLE = "(SELECT weerthuis_role())"
JOBS = "'job:match', 'job:estimate', 'job:figures', 'job:duplicates'"

CLIENT = f"""{IN_REGION} AND (
  {ROLE} IN ('coordinator', {JOBS})
  OR ({ROLE} = 'team_leader' AND provider_id = (SELECT weerthuis_organisation()))
  OR ({ROLE} = 'care_worker' AND provider_id = (SELECT weerthuis_organisation())
      AND (registered_by_id = (SELECT weerthuis_membership())
           OR id IN (SELECT weerthuis_assigned())))
  OR ({ROLE} = 'access_officer' AND (SELECT weerthuis_municipality())
      IN (origin_municipality_id, financing_municipality_id)))"""

OF_CLIENT = "client_id IN (SELECT id FROM outflow_client)"
CARE = f"{ROLE} IN ('care_worker', 'team_leader')"


class Migration(migrations.Migration):
    dependencies = [("outflow", "0001_initial"), ("accounts", "0002_second_lock")]

    operations = [
        migrations.RunSQL(ASSIGNED, "DROP FUNCTION weerthuis_assigned()"),
        protect("outflow_client", CLIENT, also=(MATCHER, REPORTING)),
        protect("outflow_person", IN_REGION, also=(MATCHER, REPORTING)),
        protect("outflow_household", IN_REGION, also=(MATCHER, REPORTING)),
        protect(
            "outflow_identity",
            f"{OF_CLIENT} AND {ROLE} IN"
            " ('care_worker', 'team_leader', 'access_officer', 'job:duplicates')",
        ),
        protect("outflow_careprofile", f"{OF_CLIENT} AND {CARE}"),
        protect("outflow_zrmscore", f"{OF_CLIENT} AND {CARE}"),
        protect("outflow_functionalprofile", OF_CLIENT, also=(MATCHER, REPORTING)),
        protect(
            "outflow_wishedmunicipality",
            "profile_id IN (SELECT id FROM outflow_client)",
            also=(MATCHER, REPORTING),
        ),
        protect(
            "outflow_functionalprofile_preferred_neighbourhoods",
            "functionalprofile_id IN (SELECT id FROM outflow_client)",
            also=(MATCHER,),
        ),
        protect(
            "outflow_excludedneighbourhood",
            f"{OF_CLIENT} AND ({CARE} OR {ROLE} = 'job:match')",
            also=(MATCHER,),
        ),
        protect("outflow_spell", OF_CLIENT, also=(MATCHER, REPORTING)),
        protect("outflow_assignment", OF_CLIENT),
        protect("outflow_arrangementitem", OF_CLIENT),
        protect("outflow_sharingground", OF_CLIENT),
        protect(
            "outflow_likelyduplicate",
            f"{IN_REGION} AND ({ROLE} IN ('coordinator', 'job:duplicates')"
            " OR first_id IN (SELECT id FROM outflow_client)"
            " OR second_id IN (SELECT id FROM outflow_client))",
        ),
        protect_history("outflow_clientevent", "pgh_obj_id IN (SELECT id FROM outflow_client)"),
        protect_history(
            "outflow_functionalprofileevent", "pgh_obj_id IN (SELECT id FROM outflow_client)"
        ),
        # The log of looks at a client is for whoever may show that client their file.
        migrations.RunSQL(
            "CREATE POLICY own_clients ON accounts_readentry FOR SELECT TO weerthuis_application"
            f" USING ({CARE} AND client_ref IN (SELECT ref FROM outflow_client))",
            "DROP POLICY own_clients ON accounts_readentry",
        ),
    ]

"""Row security on what a try-out found, on parts of matchings and on fairness by month."""

from django.db import migrations

from accounts.rowsecurity import MATCHER, REPORTING, protect, readable_by

IN_REGION = "region_id = (SELECT weerthuis_region())"
ROLE = "(SELECT weerthuis_role())"
CARE_SIDE = (
    f"{ROLE} IN ('care_worker', 'team_leader', 'access_officer')"
    " AND client_id IN (SELECT id FROM outflow_client)"
)
OWN_DWELLING = (
    f"{ROLE} = 'allocator' AND dwelling_id IN (SELECT id FROM housing_dwelling"
    " WHERE corporation_id = (SELECT weerthuis_organisation()))"
)
OVERSIGHT = "'coordinator', 'job:match', 'job:figures', 'job:estimate'"


def homeward(roles: str) -> str:
    using = f"{IN_REGION} AND ({ROLE} IN ({roles}) OR ({CARE_SIDE}) OR ({OWN_DWELLING}))"
    return (
        f"ALTER POLICY rows ON housing_proposal USING ({using});"
        f"ALTER POLICY rows ON housing_placement USING ({using});"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("housing", "0008_policy_parts_and_try_outs"),
        ("outflow", "0009_second_lock_near_and_fairness"),
    ]

    operations = [
        protect(
            "housing_tryoutrecord",
            f"{ROLE} IN ('coordinator', 'job:match') AND run_id IN"
            f" (SELECT id FROM housing_tryout WHERE {IN_REGION})",
        ),
        protect("housing_matchpart", f"{IN_REGION} AND {ROLE} = 'job:match'"),
        # Exact counts of few people: whoever shows them rounds them first.
        protect(
            "housing_fairnesspicture",
            f"{IN_REGION} AND {ROLE} IN ('coordinator', 'privacy_officer', 'steering_member',"
            " 'client_representative', 'job:fairness')",
        ),
        migrations.RunSQL(homeward(f"{OVERSIGHT}, 'job:fairness'"), homeward(OVERSIGHT)),
        readable_by(MATCHER, REPORTING, tables=("housing_matchpolicy",)),
    ]

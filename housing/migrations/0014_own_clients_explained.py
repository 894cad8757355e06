"""The care side reads what a matching said of its own clients, to explain it to them."""

from django.db import migrations

TABLES = ("housing_matchpair", "housing_unmatchedclient")
OWN_CLIENT = (
    "(SELECT weerthuis_role()) IN ('care_worker', 'team_leader')"
    " AND client_id IN (SELECT id FROM outflow_client)"
)


class Migration(migrations.Migration):
    dependencies = [("housing", "0013_fairness_people_decide")]

    operations = [
        migrations.RunSQL(
            f"CREATE POLICY own_clients ON {table} FOR SELECT TO weerthuis_application"
            f" USING ({OWN_CLIENT})",
            f"DROP POLICY own_clients ON {table}",
        )
        for table in TABLES
    ]

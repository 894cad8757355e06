"""The inventory says how many pairs may be one person: counts may see that a pair is, not why."""

from django.db import migrations

from accounts.rowsecurity import REPORTING

COLUMNS = "id, region_id, first_id, second_id, verdict"


class Migration(migrations.Migration):
    dependencies = [("outflow", "0006_scenarios")]

    operations = [
        migrations.RunSQL(
            f"""
            GRANT SELECT ({COLUMNS}) ON outflow_likelyduplicate TO {REPORTING};
            CREATE POLICY counted ON outflow_likelyduplicate FOR SELECT TO {REPORTING}
              USING (region_id = (SELECT weerthuis_region()));
            """,
            f"""
            DROP POLICY counted ON outflow_likelyduplicate;
            REVOKE SELECT ({COLUMNS}) ON outflow_likelyduplicate FROM {REPORTING};
            """,
        )
    ]

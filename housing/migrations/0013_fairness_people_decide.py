"""A proposal is moved by people: no job writes one or a step of it, and a no has its reason.

Fairness of a month is counted once and stays.
"""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models
from django.db.models import Q

NO_JOB = "(SELECT weerthuis_role()) NOT LIKE 'job:%'"
TABLES = ("housing_proposal", "housing_proposalstep")


def people_decide(table: str) -> str:
    return f"""
    CREATE POLICY people_begin ON {table} AS RESTRICTIVE FOR INSERT TO weerthuis_application
      WITH CHECK ({NO_JOB});
    CREATE POLICY people_go_on ON {table} AS RESTRICTIVE FOR UPDATE TO weerthuis_application
      USING (true) WITH CHECK ({NO_JOB});
    """


def back(table: str) -> str:
    return f"DROP POLICY people_go_on ON {table}; DROP POLICY people_begin ON {table};"


class Migration(migrations.Migration):
    dependencies = [("housing", "0010_policy_readmissions")]

    operations = [
        migrations.RunSQL(
            "".join(people_decide(table) for table in TABLES),
            "".join(back(table) for table in TABLES),
        ),
        migrations.AddConstraint(
            model_name="proposalstep",
            constraint=models.CheckConstraint(
                condition=~Q(after__in=["declined", "withdrawn"]) | ~Q(reason=""),
                name="step_no_has_reason",
                violation_error_message="Whoever says no or takes back says why.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="fairnesspicture",
            trigger=pgtrigger.compiler.Trigger(
                name="counted_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table',"
                    " TG_TABLE_NAME;",
                    hash="879d660e76847dd86c22df9d1db34e9a22f61ae5",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_counted_once_d749c",
                    table="housing_fairnesspicture",
                    when="BEFORE",
                ),
            ),
        ),
    ]

"""One estimate a night, and the exact tables an estimate was made from, for that job alone."""

import django.db.models.deletion
from django.db import migrations, models

from accounts.rowsecurity import protect

OF_RUN = """(SELECT weerthuis_role()) = 'job:estimate' AND run_id IN
  (SELECT id FROM outflow_estimaterun WHERE region_id = (SELECT weerthuis_region()))"""


class Migration(migrations.Migration):
    dependencies = [
        ("outflow", "0004_people_behind_the_lock"),
        ("regions", "0002_legal_limits"),
    ]

    operations = [
        migrations.CreateModel(
            name="EstimateRecord",
            fields=[
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="record",
                        serialize=False,
                        to="outflow.estimaterun",
                    ),
                ),
                ("tables", models.BinaryField()),
            ],
        ),
        protect("outflow_estimaterecord", OF_RUN),
        migrations.AddField(
            model_name="estimaterun",
            name="night",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="estimaterun",
            constraint=models.UniqueConstraint(
                fields=("region", "night"),
                name="estimate_one_per_night",
                violation_error_message="This night already has an estimate.",
            ),
        ),
    ]

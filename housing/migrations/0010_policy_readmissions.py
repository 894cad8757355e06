"""The table lets somebody take part in the matching again; seen by whoever reaches the client."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.rowsecurity import MATCHER, append_only, protect


class Migration(migrations.Migration):
    dependencies = [
        ("housing", "0009_second_lock_of_try_outs"),
        ("outflow", "0009_second_lock_near_and_fairness"),
        ("regions", "0003_middles_of_neighbourhoods"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Readmission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField(verbose_name="on")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("justified", "the refusal was justified"),
                            ("changed", "what somebody needs has changed"),
                            ("not_understood", "the offer was not understood"),
                            ("other_agreement", "the table agreed on something else"),
                        ],
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="readmissions",
                        to="outflow.client",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                    ),
                ),
            ],
            options={
                "ordering": ["-on", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("client", "on"),
                        name="readmitted_once_a_day",
                        violation_error_message="This client was let in again today already.",
                    )
                ],
            },
        ),
        # What somebody refused is nothing that a corporation may find out from another offer.
        protect(
            "housing_readmission",
            "client_id IN (SELECT id FROM outflow_client)"
            " AND (SELECT weerthuis_role()) <> 'allocator'",
            also=(MATCHER,),
        ),
        append_only("housing_readmission"),
    ]

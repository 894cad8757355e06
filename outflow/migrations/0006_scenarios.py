"""Scenarios beside an estimate, and what the regions show together."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_submissions"),
        ("outflow", "0005_estimate_records"),
        ("regions", "0002_legal_limits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="NationalPicture",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_on", models.DateField(unique=True, verbose_name="made on")),
                ("regions", models.PositiveIntegerField(verbose_name="regions")),
                ("counts", models.JSONField(default=dict)),
                ("series", models.JSONField(default=list)),
            ],
            options={
                "ordering": ["-made_on"],
            },
        ),
        migrations.AddField(
            model_name="estimaterecord",
            name="counts",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="estimaterecord",
            name="draws",
            field=models.BinaryField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="estimaterun",
            name="effects",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="estimaterun",
            name="first_result",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="Scenario",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ref", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("changes", models.JSONField(default=list)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                        verbose_name="of",
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
                (
                    "shared_with",
                    models.ManyToManyField(
                        blank=True,
                        related_name="+",
                        to="accounts.organisation",
                        verbose_name="shared with",
                    ),
                ),
            ],
            options={
                "ordering": ["name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ScenarioResult",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("changes", models.JSONField(default=list)),
                ("result", models.JSONField(default=dict)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scenarios",
                        to="outflow.estimaterun",
                    ),
                ),
                (
                    "scenario",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="results",
                        to="outflow.scenario",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="scenario",
            constraint=models.UniqueConstraint(
                condition=models.Q(("archived_at__isnull", True)),
                fields=("region", "owner", "name"),
                name="scenario_name_once_per_owner",
                violation_error_message="There is already a scenario with this name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="scenarioresult",
            constraint=models.UniqueConstraint(
                fields=("run", "scenario"),
                name="scenario_result_once_per_run",
                violation_error_message="This scenario was already computed in this run.",
            ),
        ),
    ]

"""Policy of the matching in versions, parts solved apart, try-outs, and fairness by month."""

import uuid

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("housing", "0007_dwelling_stands_once"),
        ("regions", "0003_middles_of_neighbourhoods"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FairnessPicture",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(verbose_name="first day of the month")),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("rows", models.JSONField(default=list)),
            ],
            options={
                "ordering": ["-month"],
            },
        ),
        migrations.CreateModel(
            name="MatchPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=80)),
                ("size", models.PositiveIntegerField(default=0)),
                ("program", models.JSONField(blank=True, null=True)),
                ("value", models.JSONField(blank=True, null=True)),
                ("token", models.UUIDField(blank=True, editable=False, null=True)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("used_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="MatchPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ref", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("values", models.JSONField(default=dict)),
                ("reason", models.CharField(max_length=300, verbose_name="why")),
                ("owner", models.CharField(blank=True, max_length=120, verbose_name="decided by")),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("valid_from", models.DateField(blank=True, null=True, verbose_name="counts from")),
                ("adopted_at", models.DateTimeField(blank=True, null=True)),
                ("dropped_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name_plural": "match policies",
                "ordering": ["-number"],
            },
        ),
        migrations.CreateModel(
            name="NationalMatching",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_on", models.DateField(unique=True, verbose_name="made on")),
                ("regions", models.PositiveIntegerField(verbose_name="regions")),
                ("totals", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["-made_on"],
            },
        ),
        migrations.CreateModel(
            name="TryOut",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ref", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "waiting"),
                            ("running", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                            ("superseded", "superseded"),
                            ("cancelled", "stopped"),
                        ],
                        default="queued",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("cause", models.CharField(blank=True, max_length=60, verbose_name="cause")),
                (
                    "requested_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("not_before", models.DateTimeField(default=django.utils.timezone.now)),
                ("offered_at", models.DateTimeField(blank=True, null=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("token", models.UUIDField(blank=True, editable=False, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("step", models.CharField(blank=True, max_length=80, verbose_name="step")),
                ("steps_done", models.PositiveIntegerField(default=0)),
                ("steps_total", models.PositiveIntegerField(default=0)),
                ("failure", models.TextField(blank=True, verbose_name="reason")),
                ("fingerprint", models.CharField(blank=True, max_length=80)),
                ("core_version", models.CharField(blank=True, max_length=40)),
                ("as_of", models.DateField(verbose_name="as of")),
                ("changes", models.JSONField(default=list)),
                ("summary", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["-requested_at"],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="dwelling",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="dwelling",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="proposal",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="proposal",
            name="update_update",
        ),
        migrations.AddField(
            model_name="dwelling",
            name="most_persons",
            field=models.PositiveSmallIntegerField(
                blank=True,
                null=True,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="people, at most",
            ),
        ),
        migrations.AddField(
            model_name="dwellingevent",
            name="most_persons",
            field=models.PositiveSmallIntegerField(
                blank=True,
                null=True,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="people, at most",
            ),
        ),
        migrations.AddField(
            model_name="matchrecord",
            name="advice",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="proposal",
            name="considered_seconds",
            field=models.PositiveIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="proposalevent",
            name="considered_seconds",
            field=models.PositiveIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="unmatchedclient",
            name="advice",
            field=models.JSONField(default=dict),
        ),
        migrations.AlterField(
            model_name="matchrun",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "waiting"),
                    ("running", "running"),
                    ("done", "done"),
                    ("failed", "failed"),
                    ("superseded", "superseded"),
                    ("cancelled", "stopped"),
                ],
                default="queued",
                max_length=12,
                verbose_name="state",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dwelling",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "housing_dwellingevent" ("available_on", "basic_rent", "bedrooms", "contract_form", "corporation_id", "dwelling_type", "entered_at", "floor", "form", "has_lift", "has_nuisance_file", "house_number", "id", "low_stimulus", "most_persons", "municipality_id", "neighbourhood_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "postcode", "ref", "region_id", "rooms", "service_costs", "street", "surface", "wheelchair", "withdrawn_on") VALUES (NEW."available_on", NEW."basic_rent", NEW."bedrooms", NEW."contract_form", NEW."corporation_id", NEW."dwelling_type", NEW."entered_at", NEW."floor", NEW."form", NEW."has_lift", NEW."has_nuisance_file", NEW."house_number", NEW."id", NEW."low_stimulus", NEW."most_persons", NEW."municipality_id", NEW."neighbourhood_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."place", NEW."postcode", NEW."ref", NEW."region_id", NEW."rooms", NEW."service_costs", NEW."street", NEW."surface", NEW."wheelchair", NEW."withdrawn_on"); RETURN NULL;',
                    hash="8f62970155dff255f947a41aabaf7a54c0665597",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_7d42b",
                    table="housing_dwelling",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dwelling",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "housing_dwellingevent" ("available_on", "basic_rent", "bedrooms", "contract_form", "corporation_id", "dwelling_type", "entered_at", "floor", "form", "has_lift", "has_nuisance_file", "house_number", "id", "low_stimulus", "most_persons", "municipality_id", "neighbourhood_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "postcode", "ref", "region_id", "rooms", "service_costs", "street", "surface", "wheelchair", "withdrawn_on") VALUES (NEW."available_on", NEW."basic_rent", NEW."bedrooms", NEW."contract_form", NEW."corporation_id", NEW."dwelling_type", NEW."entered_at", NEW."floor", NEW."form", NEW."has_lift", NEW."has_nuisance_file", NEW."house_number", NEW."id", NEW."low_stimulus", NEW."most_persons", NEW."municipality_id", NEW."neighbourhood_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."place", NEW."postcode", NEW."ref", NEW."region_id", NEW."rooms", NEW."service_costs", NEW."street", NEW."surface", NEW."wheelchair", NEW."withdrawn_on"); RETURN NULL;',
                    hash="e082e6ffad071dd1496369f5fad1d393f959130d",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_cd5b0",
                    table="housing_dwelling",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proposal",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "housing_proposalevent" ("answer_by", "client_answered_on", "client_id", "code", "considered_seconds", "contingent_id", "contract_form", "contract_on", "corporation_answered_on", "departure_reason", "dwelling_id", "ended_on", "follows_matching", "id", "key_on", "meeting_point", "pair_id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposed_by_id", "proposed_on", "ref", "refusal_by_client", "refusal_by_corporation", "region_id", "release_ground", "release_text_version", "released_on", "state", "viewing_at", "withdrawal_reason") VALUES (NEW."answer_by", NEW."client_answered_on", NEW."client_id", NEW."code", NEW."considered_seconds", NEW."contingent_id", NEW."contract_form", NEW."contract_on", NEW."corporation_answered_on", NEW."departure_reason", NEW."dwelling_id", NEW."ended_on", NEW."follows_matching", NEW."id", NEW."key_on", NEW."meeting_point", NEW."pair_id", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."proposed_by_id", NEW."proposed_on", NEW."ref", NEW."refusal_by_client", NEW."refusal_by_corporation", NEW."region_id", NEW."release_ground", NEW."release_text_version", NEW."released_on", NEW."state", NEW."viewing_at", NEW."withdrawal_reason"); RETURN NULL;',
                    hash="b7fe1adcd8dbb8869871baf1bdd125ac3373fba3",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_d21ec",
                    table="housing_proposal",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proposal",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "housing_proposalevent" ("answer_by", "client_answered_on", "client_id", "code", "considered_seconds", "contingent_id", "contract_form", "contract_on", "corporation_answered_on", "departure_reason", "dwelling_id", "ended_on", "follows_matching", "id", "key_on", "meeting_point", "pair_id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposed_by_id", "proposed_on", "ref", "refusal_by_client", "refusal_by_corporation", "region_id", "release_ground", "release_text_version", "released_on", "state", "viewing_at", "withdrawal_reason") VALUES (NEW."answer_by", NEW."client_answered_on", NEW."client_id", NEW."code", NEW."considered_seconds", NEW."contingent_id", NEW."contract_form", NEW."contract_on", NEW."corporation_answered_on", NEW."departure_reason", NEW."dwelling_id", NEW."ended_on", NEW."follows_matching", NEW."id", NEW."key_on", NEW."meeting_point", NEW."pair_id", NEW."person_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."proposed_by_id", NEW."proposed_on", NEW."ref", NEW."refusal_by_client", NEW."refusal_by_corporation", NEW."region_id", NEW."release_ground", NEW."release_text_version", NEW."released_on", NEW."state", NEW."viewing_at", NEW."withdrawal_reason"); RETURN NULL;',
                    hash="845152a28d46ff049c85910f8a0d0cec3513c25b",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_d196b",
                    table="housing_proposal",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="fairnesspicture",
            name="region",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="regions.region"
            ),
        ),
        migrations.AddField(
            model_name="matchpart",
            name="region",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="regions.region"
            ),
        ),
        migrations.AddField(
            model_name="matchpolicy",
            name="adopted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="matchpolicy",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="matchpolicy",
            name="region",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="regions.region"
            ),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="policy",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="housing.matchpolicy",
            ),
        ),
        migrations.CreateModel(
            name="TryOutRecord",
            fields=[
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="record",
                        serialize=False,
                        to="housing.tryout",
                    ),
                ),
                ("instance", models.JSONField()),
                ("before", models.JSONField()),
                ("after", models.JSONField()),
            ],
        ),
        migrations.AddField(
            model_name="tryout",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="tryout",
            name="policy",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="try_outs",
                to="housing.matchpolicy",
            ),
        ),
        migrations.AddField(
            model_name="tryout",
            name="region",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="regions.region"
            ),
        ),
        migrations.AddConstraint(
            model_name="fairnesspicture",
            constraint=models.UniqueConstraint(
                fields=("region", "month"),
                name="fairness_once_per_month",
                violation_error_message="This month already has its figures.",
            ),
        ),
        migrations.AddIndex(
            model_name="matchpart",
            index=models.Index(fields=["region", "used_at"], name="part_region_used"),
        ),
        migrations.AddConstraint(
            model_name="matchpart",
            constraint=models.UniqueConstraint(
                fields=("region", "key"),
                name="part_once_per_region",
                violation_error_message="This part is known already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="matchpart",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("program__isnull", False), ("value__isnull", False), _connector="OR"
                ),
                name="part_has_question_or_answer",
                violation_error_message="A part holds a question or an answer.",
            ),
        ),
        migrations.AddConstraint(
            model_name="matchpolicy",
            constraint=models.UniqueConstraint(
                fields=("region", "number"),
                name="policy_number_once_per_region",
                violation_error_message="This version exists already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="matchpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("adopted_at__isnull", True),
                        ("adopted_by__isnull", True),
                        ("valid_from__isnull", True),
                    ),
                    models.Q(
                        ("adopted_at__isnull", False),
                        ("valid_from__isnull", False),
                        ("adopted_by__isnull", False),
                        models.Q(("owner", ""), _negated=True),
                        ("dropped_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="policy_counts_with_day_and_owner",
                violation_error_message="A policy that counts has a day and an owner.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="matchpolicy",
            trigger=pgtrigger.compiler.Trigger(
                name="adopted_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."adopted_at" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="f1293f04e1d2fa37cae30052ac4ab676425d4148",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_adopted_stays_b6ed2",
                    table="housing_matchpolicy",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="tryout",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "running")),
                fields=("region",),
                name="try_out_one_running_per_region",
                violation_error_message="Something is already being tried.",
            ),
        ),
    ]

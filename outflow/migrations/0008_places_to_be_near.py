"""Places somebody would live near, contract forms that fit, and runs that were stopped."""

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outflow", "0007_counting_likely_duplicates"),
        ("regions", "0003_middles_of_neighbourhoods"),
    ]

    operations = [
        migrations.CreateModel(
            name="PlaceToBeNear",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("network", "people of one's own"),
                            ("day_activity", "day activity or work"),
                        ],
                        max_length=12,
                        verbose_name="what is there",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "places to be near",
                "ordering": ["kind", "neighbourhood__name"],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="functionalprofile",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="functionalprofile",
            name="update_update",
        ),
        migrations.AddField(
            model_name="functionalprofile",
            name="contract_forms",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("regular", "regular"),
                        ("omklap", "on the provider's name first (omklap)"),
                        ("three_party", "three-party"),
                        ("temporary", "temporary with guidance"),
                        ("last_chance", "last chance"),
                        ("housing_first_indirect", "Housing First through the provider"),
                    ],
                    max_length=24,
                ),
                blank=True,
                default=list,
                verbose_name="contract forms that fit",
            ),
        ),
        migrations.AddField(
            model_name="functionalprofileevent",
            name="contract_forms",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("regular", "regular"),
                        ("omklap", "on the provider's name first (omklap)"),
                        ("three_party", "three-party"),
                        ("temporary", "temporary with guidance"),
                        ("last_chance", "last chance"),
                        ("housing_first_indirect", "Housing First through the provider"),
                    ],
                    max_length=24,
                ),
                blank=True,
                default=list,
                verbose_name="contract forms that fit",
            ),
        ),
        migrations.AlterField(
            model_name="estimaterun",
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
            model_name="functionalprofile",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "outflow_functionalprofileevent" ("bedrooms", "children", "client_id", "contract_forms", "forms", "guidance_hours", "low_stimulus", "max_rent", "max_rent_is_assumed", "persons", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reachable_24h", "step_free", "support", "wheelchair") VALUES (NEW."bedrooms", NEW."children", NEW."client_id", NEW."contract_forms", NEW."forms", NEW."guidance_hours", NEW."low_stimulus", NEW."max_rent", NEW."max_rent_is_assumed", NEW."persons", _pgh_attach_context(), NOW(), \'insert\', NEW."client_id", NEW."reachable_24h", NEW."step_free", NEW."support", NEW."wheelchair"); RETURN NULL;',
                    hash="0c428c1c4adaf20c106bb19bb867f30ef36bad5c",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_fda60",
                    table="outflow_functionalprofile",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="functionalprofile",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "outflow_functionalprofileevent" ("bedrooms", "children", "client_id", "contract_forms", "forms", "guidance_hours", "low_stimulus", "max_rent", "max_rent_is_assumed", "persons", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reachable_24h", "step_free", "support", "wheelchair") VALUES (NEW."bedrooms", NEW."children", NEW."client_id", NEW."contract_forms", NEW."forms", NEW."guidance_hours", NEW."low_stimulus", NEW."max_rent", NEW."max_rent_is_assumed", NEW."persons", _pgh_attach_context(), NOW(), \'update\', NEW."client_id", NEW."reachable_24h", NEW."step_free", NEW."support", NEW."wheelchair"); RETURN NULL;',
                    hash="87d576fd51147665e9e09e9a712a73ffce95de26",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_cf050",
                    table="outflow_functionalprofile",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="placetobenear",
            name="neighbourhood",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.neighbourhood",
            ),
        ),
        migrations.AddField(
            model_name="placetobenear",
            name="profile",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="places_to_be_near",
                to="outflow.functionalprofile",
            ),
        ),
        migrations.AddConstraint(
            model_name="placetobenear",
            constraint=models.UniqueConstraint(
                fields=("profile", "kind", "neighbourhood"),
                name="near_named_once",
                violation_error_message="This neighbourhood is already in the list.",
            ),
        ),
    ]

"""Runs that were stopped."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lists", "0002_second_lock"),
    ]

    operations = [
        migrations.AlterField(
            model_name="importrun",
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
    ]

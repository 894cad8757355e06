"""The middle of a neighbourhood, for distances and circles."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("regions", "0002_legal_limits"),
    ]

    operations = [
        migrations.AddField(
            model_name="neighbourhood",
            name="latitude",
            field=models.FloatField(blank=True, null=True, verbose_name="latitude"),
        ),
        migrations.AddField(
            model_name="neighbourhood",
            name="longitude",
            field=models.FloatField(blank=True, null=True, verbose_name="longitude"),
        ),
        migrations.AddConstraint(
            model_name="neighbourhood",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                    models.Q(("latitude__range", (-90, 90)), ("longitude__range", (-180, 180))),
                    _connector="OR",
                ),
                name="neighbourhood_has_a_whole_place",
                violation_error_message="A place has a latitude and a longitude.",
            ),
        ),
    ]

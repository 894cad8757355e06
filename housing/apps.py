from django.apps import AppConfig


class HousingConfig(AppConfig):
    name = "housing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Announce which lists this app takes; models exist only from here on."""
        from housing.contingentimports import ContingentImporter, DeliveryImporter, KeyImporter
        from housing.imports import DwellingImporter, SupportImporter
        from lists.importing import register

        register(
            DwellingImporter(),
            SupportImporter(),
            ContingentImporter(),
            DeliveryImporter(),
            KeyImporter(),
        )

from django.apps import AppConfig


class OutflowConfig(AppConfig):
    name = "outflow"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Announce which lists this app takes; models exist only from here on."""
        from lists.importing import register
        from outflow.historyimports import HistoryImporter
        from outflow.imports import ClientImporter

        register(ClientImporter(), HistoryImporter())

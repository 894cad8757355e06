from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.access_page import render


class Command(BaseCommand):
    help = "Write docs/access.md from the access table."

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "access.md"
        path.write_text(render(), encoding="utf-8")
        self.stdout.write(f"{path.name} written.")

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from housing.algorithm.facts import legal_limits, region_facts
from housing.algorithm.page import as_json, render
from housing.algorithm.register import entry
from regions.models import Region


class Command(BaseCommand):
    help = "Write docs/algorithm.md and docs/algorithm.json, or print the entry of one region."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--region", help="print the entry of the region with this name")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["region"]:
            region = Region.objects.filter(name=options["region"]).first()
            if region is None:
                raise CommandError(f"There is no region called {options['region']}.")
            self.stdout.write(as_json(entry(region_facts(region))), ending="")
            return
        docs = Path(settings.BASE_DIR) / "docs"
        (docs / "algorithm.md").write_text(render(legal_limits()), encoding="utf-8")
        (docs / "algorithm.json").write_text(as_json(entry()), encoding="utf-8")
        self.stdout.write("algorithm.md and algorithm.json written.")

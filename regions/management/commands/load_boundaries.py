from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from regions.errors import Refused
from regions.geography import load_boundaries


class Command(BaseCommand):
    help = (
        "Load boundaries of municipalities and neighbourhoods from a GeoJSON of CBS/PDOK."
        " Neighbourhoods come to lie at the middle of theirs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load_boundaries(options["file"])
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(
            f"{loaded.new} new, {loaded.changed} changed, {loaded.unchanged} unchanged,"
            f" {loaded.unknown} not known here."
        )

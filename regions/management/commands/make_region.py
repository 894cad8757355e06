from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from regions.errors import Refused
from regions.geography import make_region


class Command(BaseCommand):
    help = "Make a region of municipalities (CBS codes), or change which it has."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("codes", nargs="+", metavar="GM0000")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            region = make_region(options["name"], options["codes"])
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal
        names = ", ".join(region.municipalities.values_list("name", flat=True))
        self.stdout.write(f"{region.name}: {names}.")

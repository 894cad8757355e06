"""``manage.py match``: try the matcher on a file, without a database and without an account."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from housing.matching import run_file


class Command(BaseCommand):
    help = "Match the clients and dwellings of an instance file and write the result."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--instance", required=True, help="instance, JSON")
        parser.add_argument("--out", required=True, help="where to write the result, JSON")
        parser.add_argument("--advice", help="where to write the advice beside it, JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        code = run_file(
            options["instance"],
            options["out"],
            advice_path=options["advice"],
            errors=sys.stderr,
        )
        if code:
            sys.exit(code)

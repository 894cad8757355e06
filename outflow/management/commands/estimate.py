"""Estimates outflow from files, without a database."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from outflow.estimation.files import run_file
from outflow.estimation.task import LONGEST_READY

FILES = ("supply", "needs", "expectations", "nation", "places", "scenarios")


class Command(BaseCommand):
    help = "Estimate outflow from a file of spells and write the result as JSON."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--spells", type=Path, required=True)
        for name in FILES:
            parser.add_argument(f"--{name}", type=Path)
        parser.add_argument("--as-of", required=True)
        parser.add_argument("--register-start")
        parser.add_argument("--quarters", type=int, default=12)
        parser.add_argument("--draws", type=int, default=1000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--queue", default=LONGEST_READY)
        parser.add_argument("--effects", action="store_true")
        parser.add_argument("--processes", type=int, default=1)
        parser.add_argument("--out", type=Path, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        names = (
            "spells",
            *FILES,
            "as_of",
            "register_start",
            "quarters",
            "draws",
            "seed",
            "queue",
            "effects",
            "processes",
            "out",
        )
        code = run_file(
            **{name: options[name] for name in names},
            complain=lambda sentence: self.stderr.write(sentence),
        )
        if code:
            sys.exit(code)

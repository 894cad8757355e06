"""Fills a database for measuring under load: many regions, and a long log of who looked."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from accounts.models import Membership
from example.loading import EXAMPLE_PASSWORD, Frame, NotHere, load_world
from example.loading.guard import refuse_elsewhere
from example.loading.read_log import write_looks
from example.world import invent_many
from regions.clock import today

SEED = 1


class Command(BaseCommand):
    help = "Load many invented regions, for 'make bench'. What is there already stays as it is."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--regions", type=int, default=40)
        parser.add_argument("--people", type=int, default=20_000)
        parser.add_argument("--dwellings", type=int, default=5_000)
        parser.add_argument("--looks", type=int, default=0, help="lines of the read log")
        parser.add_argument("--sign-ins", type=Path, help="write everybody's sign-in here, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            refuse_elsewhere()
        except NotHere as refusal:
            raise CommandError(str(refusal)) from refusal
        regions = options["regions"]
        worlds = invent_many(
            seed=SEED,
            as_of=today(),
            regions=regions,
            people=options["people"],
            dwellings=options["dwellings"],
        )
        for at, world in enumerate(worlds):
            # A region and its log together, so that a killed load goes on where it was.
            with transaction.atomic():
                frame = load_world(world, say=lambda _label, _number: None, compute=False)
                looks = (
                    write_looks(frame, lines=_part(options["looks"], regions, at)) if frame else 0
                )
            self.say(at + 1, frame, looks, world.region.name)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        if options["sign_ins"]:
            options["sign_ins"].write_text(json.dumps(everybody(), indent=1), encoding="utf-8")

    def say(self, number: int, frame: Frame | None, looks: int, name: str) -> None:
        if frame is None:
            self.stdout.write(f"{number:3} {name}: is there already")
        else:
            people = len(frame.world.current)
            homes = len(frame.world.dwellings)
            self.stdout.write(f"{number:3} {name}: {people} people, {homes} homes, {looks} looks")
        self.stdout.flush()


def everybody() -> list[dict[str, str]]:
    """The sign-ins of all example regions: who has two roles stands here twice."""
    memberships = (
        Membership.objects.live()
        .filter(region__is_example=True)
        .select_related("user", "organisation", "region")
        .order_by("pk")
    )
    return [
        {
            "email": membership.user.email,
            "password": EXAMPLE_PASSWORD,
            "role": membership.role,
            "organisation": membership.organisation.name,
            "region": membership.region.name,
        }
        for membership in memberships
    ]


def _part(total: int, parts: int, at: int) -> int:
    return total * (at + 1) // parts - total * at // parts

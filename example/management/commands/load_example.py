"""Loads the example region of the demo."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from accounts.access import Role
from example.loading import EXAMPLE_PASSWORD, NotHere, example_as_of, load_world, sign_ins
from example.loading.guard import refuse_elsewhere
from example.names import FIRST_REGION
from example.world import invent_world
from regions import formats
from regions.clock import today
from regions.models import Region

SEED = 1
WIDE = 30
OLD_AFTER_DAYS = 30


class Command(BaseCommand):
    help = "Load the example region: invented places, organisations and people, up to today."
    requires_system_checks: list[str] = []  # make demo runs this at every start

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=SEED, help="another seed, other people")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            refuse_elsewhere()
        except NotHere as refusal:
            raise CommandError(str(refusal)) from refusal
        region = Region.objects.filter(name=FIRST_REGION).first()
        if region is None:
            load_world(invent_world(seed=options["seed"], as_of=today()), say=self.say)
            region = Region.objects.get(name=FIRST_REGION)
        else:
            self.say_how_old(region)
        self.say_sign_ins(region)

    def say(self, label: str, number: int) -> None:
        self.stdout.write(f"    {label:<{WIDE}}{formats.number(number):>8}")
        self.stdout.flush()

    def say_how_old(self, region: Region) -> None:
        """It stays as it was; once it is old, say how to begin anew."""
        as_of = example_as_of(region)
        self.stdout.write("    " + _("%(region)s is there already.") % {"region": region.name})
        if as_of is not None and (today() - as_of).days > OLD_AFTER_DAYS:
            self.stdout.write(
                "    "
                + _("It was made on %(day)s. 'make demo-reset' begins anew, with today's dates.")
                % {"day": formats.day(as_of)}
            )

    def say_sign_ins(self, region: Region) -> None:
        self.stdout.write("\n    " + _("Sign in as"))
        for who in sign_ins(region):
            self.stdout.write(f"    {Role(who.role).label:<{WIDE}}{who.email}")
        self.stdout.write(
            "    " + _("The password of all of them: %(password)s") % {"password": EXAMPLE_PASSWORD}
        )

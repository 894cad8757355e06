from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from accounts import operations
from regions.errors import Refused
from regions.models import Region


class Command(BaseCommand):
    help = (
        "Begin a region: its regional bureau and the first administrator, whose first password"
        " is printed once. The administrator adds everybody else on screen."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("region")
        parser.add_argument("--organisation", required=True, help="name of the regional bureau")
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"]
        try:
            validate_email(email)
        except ValidationError as wrong:
            raise CommandError(f"{email} is not an e-mail address.") from wrong
        region = Region.objects.filter(name=options["region"]).first()
        if region is None:
            raise CommandError(
                f"There is no region {options['region']}: make it with make_region first."
            )
        try:
            membership, password = operations.add_first_administrator(
                region=region, bureau=options["organisation"], email=email, name=options["name"]
            )
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal
        who, bureau = membership.user, membership.organisation
        self.stdout.write(f"{who.name} is administrator of {region.name}, at {bureau.name}.")
        if password:
            self.stdout.write(f"Sign in as {who.email} with this first password: {password}")
            self.stdout.write("It is not shown again; change it on the page Account.")
        else:
            self.stdout.write(f"{who.email} had an account and signs in as before.")

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.context import acting_as
from accounts.middleware import viewer_of
from accounts.models import Membership
from lists import operations, runs
from lists.lifecycle import ImportStage, RowOutcome
from lists.mapping import Mapping
from lists.models import ImportRun
from regions.errors import Refused
from regions.models import RunState


class Command(BaseCommand):
    help = (
        "Read a list as the screen does, for the person with this e-mail address. Without"
        " --confirm nothing is put in; answers to questions come from a JSON file."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--by", required=True, metavar="EMAIL")
        parser.add_argument("--answers", type=Path, metavar="JSON")
        parser.add_argument("--ground", default="", help="consent, public_task or agreement")
        parser.add_argument("--confirm", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            data = options["file"].read_bytes()
            answers = json.loads(options["answers"].read_text()) if options["answers"] else {}
        except (OSError, json.JSONDecodeError) as fault:
            raise CommandError(f"{options['file'].name} cannot be read: {fault}.") from fault
        viewer = self._viewer(options["by"])
        try:
            with acting_as(viewer):
                run = operations.bring_list(name=options["file"].name, data=data, by=viewer)
            run = self._carry_out(run)
            if answers:
                with acting_as(viewer):
                    operations.answer_list(run=run, answers=Mapping.from_json(answers), by=viewer)
                run = self._carry_out(run)
            self._tell(run)
            if options["confirm"]:
                with acting_as(viewer):
                    operations.confirm_list(
                        run=run,
                        by=viewer,
                        sharing_ground=options["ground"],
                        ready_counts_as_granted=True,
                    )
                self._tell(self._carry_out(run))
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal

    def _viewer(self, email: str) -> Any:
        live = list(
            Membership.objects.live()
            .select_related("organisation")
            .filter(user__email=email.lower())[:2]
        )
        if len(live) != 1:
            raise CommandError(f"{email} must have exactly one role today.")
        return viewer_of(live[0])

    def _carry_out(self, run: ImportRun) -> ImportRun:
        runs.carry_out(ImportRun.objects.get(pk=run.pk))
        run = ImportRun.objects.get(pk=run.pk)
        if run.state == RunState.FAILED:
            raise CommandError(run.failure)
        if run.stage == ImportStage.REFUSED:
            raise CommandError(run.report["refused"])
        return run

    def _tell(self, run: ImportRun) -> None:
        counts = run.report["counts"]
        words = ", ".join(f"{counts[o.value]} {o.label}" for o in RowOutcome)
        self.stdout.write(f"{run.rows_in} rows: {words}.")
        for question in run.recognised.get("questions", []):
            if run.stage == ImportStage.CHECKING:
                self.stdout.write(f"? {question['topic']}: {question['text']}")

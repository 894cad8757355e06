"""Bringing a list of a case folder as its own party does it: upload, answer, put in."""

from typing import Any

from lists.forms import question_of
from lists.lifecycle import ImportStage
from lists.models import ImportRun
from regions.models import RunState
from tests.cases.person import Person
from tests.journeys.seats import Seat, said
from tests.lists.bringing import MOST_ROUNDS, CaseRegion

SECONDS = 300


def bring_in_the_browser(seat: Seat, region: CaseRegion, file: dict[str, Any]) -> ImportRun:
    """Put one file in with the forms of the site; a person answers what only a person knows."""
    person = Person(file, region.expected) if "bladen" in file else None
    seat.opens("lists:upload")
    seat.page.locator("main [type=file]").set_input_files(region.folder / file["bestand"])
    seat.press("Read list")
    run = ImportRun.objects.order_by("pk").last()
    assert run is not None
    assert run.file_name == file["bestand"]
    run = worked_on(seat, run)
    for _round in range(MOST_ROUNDS):
        if not fill_in(seat, run, person, region.day.isoformat()):
            break
        seat.press("Read again with these answers")
        run = worked_on(seat, run)
    if run.recognised["is_about_people"]:
        seat.fill(sharing_ground="public_task")
    seat.press("Put list in")
    run = worked_on(seat, run)
    assert run.stage == ImportStage.REPORTED, seat.shows()
    assert said("List put in") in seat.shows()
    assert sum(run.report["counts"].values()) == run.rows_in
    return run


def worked_on(seat: Seat, run: ImportRun) -> ImportRun:
    """The run once its page, which looks by itself, shows what the worker made of it."""
    seat.page.locator("main .wt-sum, main .alert-danger").first.wait_for(timeout=SECONDS * 1000)
    done = ImportRun.objects.get(pk=run.pk)
    assert done.state == RunState.DONE, seat.shows()
    return done


def fill_in(seat: Seat, run: ImportRun, person: Person | None, day: str) -> bool:
    """Choose what the person answers; whether anything on the form changed by it."""
    changed = False
    folded = seat.page.locator("main form details:not([open]) > summary")
    while folded.count():
        folded.first.click()
    date = seat.page.locator("main [name=reference_date]")
    if not run.recognised["reference_date_was_found"] and date.input_value() != day:
        date.fill(day)
        changed = True
    for index, stored in enumerate(run.recognised["questions"]):
        choice = person.choice(question_of(stored)) if person else None
        field = seat.page.locator(f"main [name=q{index}]")
        if choice is not None and field.input_value() != choice:
            field.select_option(choice)
            changed = True
    return changed

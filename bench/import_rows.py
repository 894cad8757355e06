"""How long a long list takes to come in, and how much memory: `python -m bench.import_rows`.

It makes a database of its own, writes a history of phases of so many rows, brings it as a
coordinator does, and prints seconds and megabytes of each step. A smaller number of rows is
extrapolated in proportion, and the line says so.
"""

import argparse
import os
import random
import resource
import sys
import time
from datetime import date, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weerthuis.settings")
django.setup()

from django.conf import settings  # noqa: E402

from accounts.access import OrganisationKind, Role, Viewer  # noqa: E402
from accounts.context import acting_as  # noqa: E402
from accounts.middleware import viewer_of  # noqa: E402
from accounts.models import Membership, Organisation, User  # noqa: E402
from lists import runs  # noqa: E402
from lists.mapping import Mapping  # noqa: E402
from lists.models import ImportRun  # noqa: E402
from lists.operations import answer_list, bring_list, confirm_list  # noqa: E402
from regions.models import Municipality, Region, RunState  # noqa: E402
from tests import databases  # noqa: E402

FULL = 100_000
MOST_SECONDS = 600
MOST_MEGABYTES = 512
PROVIDER = "De Oever"
TOWN = "Rietdam"
AS_OF = date(2026, 10, 1)
WAY = ("instroom", "stabilisatie", "voorbereiding", "gereed", "aangeboden", "gehuisvest")


def history(rows: int, *, seed: int = 1) -> bytes:
    """A csv of spells: clients who go their way, one phase after the other."""
    chance = random.Random(seed)
    lines = ["clientnummer,aanbieder,soort,gemeente herkomst,fase,van,tot"]
    client = 0
    while len(lines) <= rows:
        client += 1
        day = date(2016, 1, 1) + timedelta(days=chance.randrange(2500))
        sort = chance.choice(("BW", "MO"))
        for number, phase in enumerate(WAY[: chance.randint(2, len(WAY))], start=1):
            until = day + timedelta(days=chance.randint(20, 300))
            is_last = until > AS_OF or len(lines) == rows
            end = "" if is_last else until.isoformat()
            lines.append(f"C{client:06},{PROVIDER},{sort},{TOWN},{phase},{day.isoformat()},{end}")
            if is_last or number == len(WAY):
                break
            day = until
    return "\n".join(lines[: rows + 1]).encode()


def coordinator() -> Viewer:
    region = Region.objects.create(name="Meetregio")
    Municipality.objects.create(code="GM9801", name=TOWN, region=region)
    provider = Organisation.objects.create(name=PROVIDER, kind=OrganisationKind.CARE_PROVIDER)
    bureau = Organisation.objects.create(name="Bureau", kind=OrganisationKind.REGIONAL_BUREAU)
    for organisation in (provider, bureau):
        organisation.regions.add(region)
    membership = Membership.objects.create(
        user=User.objects.create(email="meten@voorbeeld.nl", name="Meten"),
        organisation=bureau,
        region=region,
        role=Role.COORDINATOR,
        from_on=date(2020, 1, 1),
    )
    viewer = viewer_of(membership)
    if viewer is None:
        raise SystemExit("Nobody to bring the list.")
    return viewer


def megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024**2 if sys.platform == "darwin" else peak / 1024


def carry_out(run: ImportRun, label: str) -> tuple[ImportRun, float]:
    begun = time.perf_counter()
    runs.carry_out(ImportRun.objects.get(pk=run.pk))
    seconds = time.perf_counter() - begun
    done = ImportRun.objects.get(pk=run.pk)
    if done.state != RunState.DONE:
        raise SystemExit(f"{label}: {done.state} {done.failure}")
    print(f"{label}: {seconds:.1f} s, peak {megabytes():.0f} MB, {done.report['counts']}")
    return done, seconds


def measure(rows: int) -> tuple[float, float]:
    """Seconds from the upload to the report, thinking left out; and the peak of memory."""
    by = coordinator()
    data = history(rows)
    print(f"{rows} rows, {len(data) / 1e6:.1f} MB; before: {megabytes():.0f} MB")
    with acting_as(by):
        run = bring_list(name="fasehistorie.csv", data=data, by=by)
    run, reading = carry_out(run, "read and previewed")
    if run.reference_date != AS_OF:
        with acting_as(by):
            answer_list(run=run, answers=Mapping(reference_date=AS_OF), by=by)
        run, _again = carry_out(run, "read again with the answer")
    with acting_as(by):
        confirm_list(run=run, by=by, sharing_ground="public_task")
    _run, writing = carry_out(run, "put in")
    return reading + writing, megabytes()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=FULL)
    rows = parser.parse_args().rows
    settings.DEBUG = False  # a development server keeps every query, and each holds 2000 rows
    with (
        databases.clone(databases.migrated_template()) as mine,
        databases.pointed_at(mine.name),
    ):
        seconds, peak = measure(rows)
    whole = seconds * FULL / rows
    how = "measured" if rows == FULL else f"extrapolated from {rows}"
    print(
        f"{FULL} rows: {whole:.0f} s of {MOST_SECONDS} ({how}); peak {peak:.0f} MB at {rows} rows"
    )
    if rows == FULL and (whole > MOST_SECONDS or peak > MOST_MEGABYTES):
        sys.exit(1)


if __name__ == "__main__":
    main()

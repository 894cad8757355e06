"""How soon a region has first figures, and when the whole: `python -m bench.first_figures`.

It makes a database of its own with an invented region, carries out estimate runs as a worker does,
and watches their row from another connection, as a page does.
"""

import argparse
import os
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weerthuis.settings")
django.setup()

import pandas as pd  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from accounts.access import OrganisationKind  # noqa: E402
from accounts.context import working_for  # noqa: E402
from accounts.models import Organisation, User  # noqa: E402
from outflow import runs  # noqa: E402
from outflow.lifecycle import HousingForm  # noqa: E402
from outflow.models import (  # noqa: E402
    Client,
    EstimateRun,
    FunctionalProfile,
    Person,
    Scenario,
    Spell,
)
from outflow.operations.estimates import request_estimate  # noqa: E402
from regions.clock import on_day  # noqa: E402
from regions.models import Municipality, Region, RunState  # noqa: E402
from tests import databases  # noqa: E402
from tests.outflow.estimation.truths import Truth, World  # noqa: E402

AS_OF = date(2026, 10, 1)
# So that about 500 people are in care on the day.
TRUTH = Truth(as_of=AS_OF, years=10, arrivals_per_quarter=40, homes_per_quarter=23)
MOST_SECONDS = 3.0
LOOK_EVERY_SECONDS = 0.05
PATIENCE_SECONDS = 900
OUT_OF_CARE = {"housed"}
SCENARIOS = (
    [{"what": "inflow", "how": "times", "value": 1.2}],
    [{"what": "contingent", "how": "times", "value": 1.5}],
    [{"what": "readiness", "how": "times", "value": 1.25}],
)


def region_of(spells: pd.DataFrame) -> Region:
    """The invented people as clients of one provider, with a need each."""
    region = Region.objects.create(name="Meetregio")
    towns = {
        name: Municipality.objects.create(code=f"GM97{number:02}", name=name, region=region)
        for number, name in enumerate(sorted(set(spells["municipality"]) - {""}))
    }
    provider = Organisation.objects.create(name="Aanbieder", kind=OrganisationKind.CARE_PROVIDER)
    provider.regions.add(region)
    forms = [form.value for form in HousingForm]
    with working_for(region.pk, job="estimate"):
        stays = list(spells.groupby("client", sort=True))
        persons = Person.objects.bulk_create(Person(region=region) for _ in stays)
        clients = Client.objects.bulk_create(
            Client(
                region=region,
                person=person,
                provider=provider,
                case_code=f"{number:06}",
                client_number=f"{number:06}",
                facility_type=group["facility_type"].iloc[0],
                origin_municipality=towns.get(group["municipality"].iloc[0]),
            )
            for number, (person, (_name, group)) in enumerate(zip(persons, stays, strict=True))
        )
        Spell.objects.bulk_create(
            spell
            for client, (_name, group) in zip(clients, stays, strict=True)
            for spell in _spells(client, group)
        )
        FunctionalProfile.objects.bulk_create(
            FunctionalProfile(
                client=client,
                persons=1 + (number % 10 == 0),
                forms=[forms[number % len(forms)]],
                bedrooms=1 + number % 2,
                wheelchair=number % 20 == 0,
                guidance_hours=number % 8,
            )
            for number, client in enumerate(clients)
        )
    maker = User.objects.create(email="meten@voorbeeld.nl", name="Meten")
    for number, changes in enumerate(SCENARIOS):
        Scenario.objects.create(
            region=region, owner=provider, made_by=maker, name=f"{number}", changes=changes
        )
    return region


def _spells(client: Client, group: pd.DataFrame) -> Iterator[Spell]:
    phases = {"self_housed", "long_term_care", "left_other", "deceased", "end_of_aftercare"}
    for row in group.sort_values("from").to_dict("records"):
        yield Spell(
            client=client,
            phase=row["phase"],
            from_on=row["from"],
            until_on=row["to"] or None,
            exit=row["next"] if row["next"] in phases else "",
        )


@contextmanager
def a_worker(run: EstimateRun) -> Iterator[None]:
    def work() -> None:
        try:
            runs.carry_out(run)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def watched(region: Region) -> tuple[float, float]:
    """Seconds from the claim to first figures, and to the whole."""
    with on_day(AS_OF):
        run = request_estimate(region=region, by=None)
    first = claimed = 0.0
    begun = time.perf_counter()
    with a_worker(run):
        while time.perf_counter() - begun < PATIENCE_SECONDS:
            time.sleep(LOOK_EVERY_SECONDS)
            now = time.perf_counter()
            row = EstimateRun.objects.filter(pk=run.pk).values_list("state", "first_result__draws")
            state, draws = row.get()
            if state != RunState.QUEUED and not claimed:
                claimed = now - LOOK_EVERY_SECONDS
            if draws and not first:
                first = now
            if state in {RunState.DONE, RunState.FAILED}:
                break
    done = EstimateRun.objects.get(pk=run.pk)
    if done.state != RunState.DONE or not first:
        raise SystemExit(f"The run ended {done.state}: {done.failure}")
    return first - claimed, now - claimed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    times = parser.parse_args().runs
    settings.DEBUG = False
    spells = World(TRUTH, 1).spells()
    living = spells[(spells["to"] == "") & ~spells["phase"].isin(OUT_OF_CARE)]
    print(f"  {len(living)} people in care, {len(spells):,} spells, {len(SCENARIOS)} scenarios")
    with (
        databases.clone(databases.migrated_template()) as mine,
        databases.pointed_at(mine.name),
    ):
        region = region_of(spells)
        found = [watched(region) for _ in range(times)]
    first = statistics.median(one for one, _whole in found)
    whole = statistics.median(whole for _one, whole in found)
    each = ", ".join(f"{one:.1f}" for one, _whole in found)
    print(f"  first figures {first:5.1f} s (median of {each}; goal {MOST_SECONDS:.0f})")
    print(f"  the whole     {whole:5.1f} s ({settings.ESTIMATE_DRAWS} draws)")
    if first > MOST_SECONDS:
        sys.exit(1)


if __name__ == "__main__":
    main()

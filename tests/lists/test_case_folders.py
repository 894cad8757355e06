"""Every case folder, brought by its own parties, ends in the database as its expected.json says."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Count, Q, Sum
from pytest_django.plugin import DjangoDbBlocker

from accounts.context import acting_as
from example.lists import write_case
from housing.distribution import from_data
from housing.lifecycle import EntryKind
from housing.models import ContingentEntry, Dwelling, RegionYear, SupportOffer
from lists.lifecycle import ImportStage, RowOutcome
from lists.models import ImportRow
from lists.sentences import NOTES
from outflow.models import Client, Identity, LikelyDuplicate, SharingGround, Spell
from tests import databases
from tests.cases.expected import PHASES, WORDS, defect_name
from tests.cases.folders import every_case
from tests.cases.test_case import rent_class
from tests.lists.bringing import CaseRegion, region_of
from tests.scale import n

AS_OF = date(2026, 10, 1)
SEEDS = range(1, n(2, 6))
NOTE_NAMES = {defect_name(kind, "") for kind in NOTES}
TO_DUTCH = {str(phase): word for word, phase in PHASES.items()}


@pytest.fixture(scope="module", params=every_case("brought", SEEDS))
def case(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[CaseRegion]:
    folder, former = request.param, {}
    if not isinstance(folder, Path):
        folder = tmp_path_factory.mktemp(f"brought-{request.param}")
        written = write_case(folder, seed=request.param, as_of=AS_OF)
        former = {old: (new,) for old, new in written.former_municipalities.items()}
    with (
        databases.clone(databases.migrated_template()) as mine,
        databases.pointed_at(mine.name),
        django_db_blocker.unblock(),
    ):
        region = region_of(folder, former=former)
        region.database = mine
        region.bring_all()
        for name, brought in region.lists.items():
            answers = dict(brought.person.answers) if brought.person else {}
            print(f"{name}: answered {answers}, became {brought.counts}")
        yield region


def rows_with_faults(file: dict[str, Any]) -> tuple[set[tuple[str, int]], set[tuple[str, int]]]:
    """Rows that cannot go in as they are, and copies; (sheet, row)."""
    aside, copies = set(), set()
    for sheet in file["bladen"]:
        for fault in sheet["gebreken"]:
            place = (sheet["blad"] or "", fault["rij"])
            if fault["soort"] == "dubbele_rij":
                copies.add(place)
            elif fault["soort"] not in {
                *NOTE_NAMES,
                "lege_rij",
                "kop_herhaald",
                "koppen_verwisseld",
            }:
                aside.add(place)
    return aside - copies, copies


def test_case_every_list_is_put_in_and_its_report_adds_up(case: CaseRegion) -> None:
    for file in case.files:
        brought = case.lists[file["bestand"]]
        assert brought.run.stage == ImportStage.REPORTED, brought.run.failure
        counts = brought.counts
        assert set(counts) == set(RowOutcome.values)
        rows = brought.rows()
        assert sum(counts.values()) == brought.run.rows_in == len(rows)
        assert Counter(row.outcome for row in rows) == Counter(
            {outcome: count for outcome, count in counts.items() if count}
        )
        if "aantal_rijen" in file:
            assert brought.run.rows_in == file["aantal_rijen"]
            assert sum(not row.defects for row in rows) == file["aantal_geldig"]


def test_case_exactly_the_rows_with_a_fault_are_set_aside(case: CaseRegion) -> None:
    for file in case.files:
        if "bladen" not in file:
            continue
        aside, copies = rows_with_faults(file)
        rows = case.lists[file["bestand"]].rows()

        def of(*outcomes: str, rows: list[ImportRow] = rows) -> set[tuple[str, int]]:
            return {
                (row.sheet.rpartition("|")[0], row.row) for row in rows if row.outcome in outcomes
            }

        assert of(RowOutcome.DUPLICATE) == copies, file["bestand"]
        assert of(RowOutcome.SET_ASIDE, RowOutcome.REJECTED) == aside, file["bestand"]


def numbers_with_notes(case: CaseRegion, file: dict[str, Any]) -> set[str]:
    """Clients whose row went in with a note: the counts over valid rows leave them out."""
    return {
        client_number_in(row)
        for row in case.lists[file["bestand"]].rows()
        if row.defects and row.outcome == RowOutcome.NEW
    }


def client_number_in(row: ImportRow) -> str:
    return str(json.loads(row.cells or "{}")["subject"]).split()[0]


def test_case_clients_of_each_provider_are_the_valid_rows(case: CaseRegion) -> None:
    for file in case.of_sort("clienten"):
        leader = case.viewers[file["aanbieder"]]
        with acting_as(leader):
            own = Client.objects.filter(
                provider_id=leader.organisation_id, identity__isnull=False
            ).exclude(client_number__in=numbers_with_notes(case, file))
            expected = file["tellingen"]["geldige_rijen"]
            assert own.count() == expected["aantal"] == file["aantal_geldig"]
            places = dict(own.values_list("origin_municipality__name").annotate(Count("pk")))
            assert places == expected["gemeente_herkomst"]
            sorts = dict(own.values_list("facility_type").annotate(Count("pk")))
            assert sorts == {k: v for k, v in expected["soort"].items() if v}
            open_spells = Spell.objects.filter(
                Q(until_on__isnull=True) | Q(until_on__gt=case.day), client__in=own
            ).filter(from_on__lte=case.day)
            phases = dict(open_spells.values_list("phase").order_by().annotate(Count("pk")))
            assert {TO_DUTCH[phase]: count for phase, count in phases.items()} == expected["fase"]


def test_case_every_client_brought_has_a_ground_for_sharing(case: CaseRegion) -> None:
    for file in case.of_sort("clienten"):
        leader = case.viewers[file["aanbieder"]]
        with acting_as(leader):
            people = Identity.objects.filter(client__provider=leader.organisation_id).count()
            grounds = SharingGround.objects.filter(
                client__provider=leader.organisation_id, client__identity__isnull=False
            )
            assert grounds.count() == people
            assert set(grounds.values_list("ground", "recorded_on")) == {("public_task", case.day)}


def test_case_names_are_sealed_in_the_database(case: CaseRegion) -> None:
    file = case.of_sort("clienten")[0]
    sample = file["bladen"][0]["normaal"][0]["velden"]
    with acting_as(case.viewers[file["aanbieder"]]):
        identity = Identity.objects.get(client__client_number=sample["client_nummer"])
        assert identity.family_name == sample["achternaam"]
        assert str(identity.born_on) == sample["geboortedatum"]
    with case.database.as_superuser() as connection:
        raw = connection.execute("SELECT i::text FROM outflow_identity i").fetchall()
        kept = connection.execute("SELECT r::text FROM lists_importrow r").fetchall()
    assert raw
    assert not any(sample["achternaam"] in line for (line,) in (*raw, *kept))


def history_of(case: CaseRegion) -> list[dict[str, str]]:
    """The rows of the history that went in, as the file has them."""
    [file] = case.of_sort("fasehistorie")
    aside, copies = rows_with_faults(file)
    out = {row for _sheet, row in aside | copies}
    out |= {fault["rij"] for fault in file["bladen"][0]["gebreken"] if fault["soort"] == "lege_rij"}
    text = (case.folder / file["bestand"]).read_text("utf-8-sig")
    lines = list(csv.reader(text.splitlines(), delimiter=file["scheiding"]))
    heads = {c["kop"]: c["velden"][0] for c in file["bladen"][0]["kolommen"] if c["velden"]}
    names = [heads.get(head, head) for head in lines[0]]
    return [
        {
            **dict(zip(names, line, strict=False)),
            "woord": file["fasewoorden"][line[names.index("fase")].strip()],
        }
        for number, line in enumerate(lines, start=1)
        if number > 1 and number not in out and any(line)
    ]


def iso(text: str) -> str:
    """A day of the file, day first or year first."""
    parts = text[:10].split("-")
    return text[:10] if len(parts[0]) == 4 else f"{parts[2]}-{parts[1]:0>2}-{parts[0]:0>2}"


def test_case_phases_and_spells_are_those_of_the_history(case: CaseRegion) -> None:
    rows = history_of(case)
    told = Counter(
        (row["client_nummer"], str(PHASES[row["woord"]]), iso(row["van"])) for row in rows
    )
    with acting_as(case.viewers["coordinator"]):
        found: Counter[tuple[str, str, str]] = Counter()
        spells = Spell.objects.filter(client__region_id=case.region.pk)
        for number, phase, begin, end, exit in spells.values_list(
            "client__client_number", "phase", "from_on", "until_on", "exit"
        ):
            found[number, phase, begin.isoformat()] += 1
            if exit and exit != "end_of_aftercare":
                found[number, exit, end.isoformat()] += 1
    missing = told - found
    assert not missing, list(missing)[:10]
    # What is more than the history tells is the phase of a client whose own row has a fault.
    with_faults = {number for number, *_rest in found - told}
    [file] = case.of_sort("fasehistorie")
    assert len(with_faults) <= len(rows_with_faults(file)[0])


def test_case_people_who_may_be_one_are_on_the_list_and_twins_are_not(case: CaseRegion) -> None:
    expected = case.expected["personen"]
    aside = {
        (file["bestand"], row)
        for file in case.of_sort("clienten")
        for _sheet, row in rows_with_faults(file)[0]
    }
    number_of = client_numbers(case)

    def pairs(lines: list[Any]) -> set[frozenset[str]]:
        return {
            frozenset(number_of[row["bestand"], row["rij"]] for row in pair)
            for pair in lines
            if not any((row["bestand"], row["rij"]) in aside for row in pair)
        }

    with acting_as(case.viewers["coordinator"]):
        found = {
            frozenset(pair)
            for pair in LikelyDuplicate.objects.values_list(
                "first__client_number", "second__client_number"
            )
        }
        assert found == pairs(expected["zelfde_persoon"])
        assert not found & pairs([each["rijen"] for each in expected["niet_samenvoegen"]])
        # Nobody is merged in silence.
        clients = Client.objects.filter(region_id=case.region.pk)
        assert clients.values("person").distinct().count() == clients.count()


def client_numbers(case: CaseRegion) -> dict[tuple[str, int], str]:
    """(file, row) -> client number, of rows that went in."""
    found = {}
    for file in case.of_sort("clienten"):
        reading = case.reading(file)
        for _part, row in reading.rows():
            found[file["bestand"], row.number] = str(row.values.get("client_number") or "")
    return found


def test_case_dwellings_are_those_of_the_valid_rows(case: CaseRegion) -> None:
    expected = case.expected["woningen"]
    with acting_as(case.viewers["coordinator"]):
        dwellings = Dwelling.objects.filter(region_id=case.region.pk)
        assert dwellings.count() == expected["aantal_geldig"]
        per_place = dict(dwellings.values_list("municipality__name").annotate(Count("pk")))
        assert per_place == expected["per_gemeente"]
        limits = next(expected[key] for key in expected if key.startswith("huurgrenzen"))
        found = Counter(
            (town, part, rent_class(float(rent), limits))
            for town, part, rent in dwellings.values_list(
                "municipality__name", "neighbourhood__name", "basic_rent"
            )
        )
        assert found == {
            (line["gemeente"], line["wijk"], line["huurklasse"]): line["aantal"]
            for line in expected["per_wijk_en_huurklasse"]
        }


def test_case_support_is_that_of_the_valid_rows(case: CaseRegion) -> None:
    [file] = case.of_sort("wijkondersteuning")
    expected = file["tellingen"]["geldige_rijen"]
    with acting_as(case.viewers["coordinator"]):
        offers = SupportOffer.objects.filter(neighbourhood__municipality__region=case.region)
        assert offers.count() == expected["aantal"]
        sums = offers.aggregate(places=Sum("places"), used=Sum("in_use"))
        assert sums == {"places": expected["plaatsen"], "used": expected["bezet"]}
        per_place = dict(
            offers.values_list("neighbourhood__municipality__name").annotate(Sum("places"))
        )
        assert per_place == expected["plaatsen_per_gemeente"]
        sorts = Counter(offers.values_list("kind", flat=True))
        wanted: Counter[str] = Counter()
        for word, count in expected["per_soort"].items():
            wanted[str(WORDS["support"].get(word, word))] += count
        assert sorts == wanted


def test_case_the_ledger_says_what_was_agreed_and_delivered(case: CaseRegion) -> None:
    expected = case.expected["contingent"]
    with acting_as(case.viewers["coordinator"]):
        for label, year in expected["jaren"].items():
            entries = ContingentEntry.objects.filter(
                contingent__region=case.region, contingent__year=int(label)
            )
            matrix: dict[str, dict[str, int]] = {}
            for town, owner, agreed in (
                entries.filter(kind=EntryKind.AGREED)
                .values_list("contingent__municipality__name", "contingent__corporation__name")
                .annotate(Sum("dwellings"))
            ):
                matrix.setdefault(town, {})[owner] = agreed
            assert matrix == {
                town: {owner: count for owner, count in row.items() if count}
                for town, row in year["matrix"].items()
            }
            let = entries.filter(kind=EntryKind.LET)
            per_quarter = Counter()
            for on, homes in let.values_list("on", "dwellings"):
                per_quarter[f"K{(on.month + 2) // 3}"] += homes
            assert per_quarter == Counter(year["geleverd_per_kwartaal"])
            per_place = {
                (town, owner): count
                for town, owner, count in let.values_list(
                    "contingent__municipality__name", "contingent__corporation__name"
                ).annotate(Sum("dwellings"))
            }
            assert per_place == {
                (line["gemeente"], line["corporatie"]): total
                for line in year["geleverd"]
                if (total := sum(line[f"K{q}"] for q in (1, 2, 3, 4)))
            }
            region_year = RegionYear.objects.get(region=case.region, year=int(label))
            key = from_data(region_year.basis)
            assert region_year.agreed == key.total == year["totaal"]
            assert key.weight_households == Fraction(str(year["gewichten"]["huishoudens"]))
            names = {place.code: place.name for place in key.places}
            divided = {names[c]: count for c, count in region_year.basis["result"].items()}
            if not expected["vast"]:
                assert divided == year["per_gemeente"]


def contents(case: CaseRegion) -> dict[str, Any]:
    """Everything in the database but the imports themselves and the log of deeds."""
    with case.database.as_superuser() as connection:
        tables = [
            name
            for (name,) in connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
            )
            if not name.startswith(("lists_import", "lists_remembered", "accounts_auditentry"))
        ]
        found = {
            name: connection.execute(
                f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t"
            ).fetchone()
            for name in tables
        }
        found["deeds"] = connection.execute(
            "SELECT count(*) FROM accounts_auditentry WHERE operation NOT LIKE 'import.%'"
        ).fetchone()
    return found


def test_case_the_same_files_again_change_nothing(case: CaseRegion) -> None:
    before = contents(case)
    for file in case.files:
        first = case.lists[file["bestand"]]
        again = case.bring(file)
        counts = again.counts
        assert again.run.stage == ImportStage.REPORTED, again.run.failure
        faulty = [row.defects for row in again.rows() if row.outcome in {"new", "changed"}][:3]
        assert (counts["new"], counts["changed"]) == (0, 0), (file["bestand"], counts, faulty)
        for outcome in (RowOutcome.DUPLICATE, RowOutcome.SET_ASIDE, RowOutcome.REJECTED):
            assert counts[outcome] == first.counts[outcome], file["bestand"]
        # What was said once is remembered: only mistakes of this very file are asked again.
        if again.person:
            assert set(again.person.answers) <= {"reference_date", "swaps", "words"}
    after = contents(case)
    assert {name for name in before if before[name] != after[name]} == set()

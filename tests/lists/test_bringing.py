"""A list from upload to report: refused, asked, put in, mended, forgotten; and never half."""

import json
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse

from accounts.access import Viewer
from accounts.context import acting_as
from accounts.models import AuditEntry
from housing.models import Dwelling
from lists import operations
from lists.errors import Refused
from lists.lifecycle import ImportStage, RowOutcome
from lists.mending import mend_row
from lists.models import ImportFile, ImportRow, ImportRun
from lists.operations import bring_list, cancel_list, confirm_list
from lists.tasks import forget_expired
from outflow.facts import Readiness
from outflow.lifecycle import Phase
from outflow.models import Client, Identity, Spell
from outflow.operations import record_readiness
from regions.clock import today
from regions.models import Neighbourhood, NeighbourhoodAlias, RunState
from tests.databases import Database
from tests.factories import World, sign_in, world
from tests.housing.factories import make_proposal
from tests.lists.bringing import Brought, bring, carry_out, put_in
from tests.lists.files import rezipped, saved, xlsx

CLIENTS = ["Cliëntnummer", "Achternaam", "Voornaam", "Geboortedatum", "Soort", "Fase", "In zorg"]
OFFERS = ["Corporatie", "Adres", "Postcode", "Gemeente", "Wijk", "Kale huur", "Beschikbaar per"]


@pytest.fixture(scope="module")
def w(committing: Database) -> World:
    made = world()
    for name in ("provider", "corporation", "other_corporation"):
        organisation = made.organisations[name]
        organisation.name = {
            "provider": "De Oever",
            "corporation": "Thuisgoed",
            "other_corporation": "Woonrijk",
        }[name]
        organisation.save()
    return made


def client_row(number: str, **own: Any) -> list[Any]:
    values = {
        "family_name": "Eekhout",
        "given_name": "Femke",
        "born_on": date(1980, 5, 1),
        "sort": "BW",
        "phase": "stabilisatie",
        "since": date(2025, 2, 1),
        **own,
    }
    return [number, *values.values()]


def client_list(*rows: list[Any]) -> bytes:
    return xlsx([CLIENTS, *rows])


def offer(address: str, *, owner: str = "Thuisgoed", rent: Any = 612.5) -> list[Any]:
    # A street has a postcode of its own.
    postcode = f"98{sum(map(ord, address.split()[0])) % 90 + 10} AB"
    return [owner, address, postcode, "Rietdam", "Molenbuurt", rent, date(2026, 12, 1)]


def put(w: World, data: bytes, *, by: Viewer | None = None, day: date | None = None) -> Brought:
    return bring("lijst.xlsx", data, by=by or w.team_leader, day=day or today())


def outcomes(brought: Brought) -> dict[str, int]:
    return {outcome: count for outcome, count in brought.counts.items() if count}


def known(viewer: Viewer, number: str) -> Client:
    return Client.objects.get(provider_id=viewer.organisation_id, client_number=number)


# What comes in ----------------------------------------------------------------------------------


def test_a_new_client_a_changed_one_and_one_as_known(w: World) -> None:
    first = put(w, client_list(client_row("B-1"), client_row("B-2")))
    assert outcomes(first) == {"new": 2}
    second = put(
        w, client_list(client_row("B-1"), client_row("B-2", given_name="Anouk"), client_row("B-3"))
    )
    assert outcomes(second) == {"new": 1, "changed": 1, "unchanged": 1}
    with acting_as(w.team_leader):
        assert Identity.objects.get(client=known(w.team_leader, "B-2")).given_name == "Anouk"
        [row] = [row for row in second.rows() if row.outcome == RowOutcome.CHANGED]
        [difference] = json.loads(row.cells)["differences"]
        assert difference == {"label": "voornaam", "was": "Femke", "becomes": "Anouk"}


def test_nothing_is_put_in_before_a_person_confirms(w: World) -> None:
    brought = bring(
        "lijst.xlsx",
        client_list(client_row("N-1")),
        by=w.team_leader,
        day=today(),
        confirm=False,
    )
    assert brought.run.stage == ImportStage.CHECKING
    assert outcomes(brought) == {"new": 1}
    with acting_as(w.team_leader):
        assert not Client.objects.filter(client_number="N-1").exists()
    put_in(brought.run, by=w.team_leader)
    with acting_as(w.team_leader):
        assert Client.objects.filter(client_number="N-1").exists()


def test_a_list_about_people_needs_a_ground_and_nothing_goes_in_without(w: World) -> None:
    brought = bring(
        "lijst.xlsx",
        client_list(client_row("G-1")),
        by=w.team_leader,
        day=today(),
        confirm=False,
    )
    with acting_as(w.team_leader), pytest.raises(Refused):
        confirm_list(run=brought.run, by=w.team_leader)
    assert ImportRun.objects.get(pk=brought.run.pk).stage == ImportStage.CHECKING


def test_a_column_that_the_list_lacks_changes_nothing(w: World) -> None:
    put(w, client_list(client_row("L-1", given_name="Chaima")))
    short = xlsx([["Cliëntnummer", "Achternaam", "Fase"], ["L-1", "Bergsma", "stabilisatie"]])
    assert outcomes(put(w, short)) == {"changed": 1}
    with acting_as(w.team_leader):
        identity = Identity.objects.get(client=known(w.team_leader, "L-1"))
    assert (identity.family_name, identity.given_name) == ("Bergsma", "Chaima")


def test_an_old_list_does_not_undo_what_was_recorded_after_it(w: World) -> None:
    old = client_list(client_row("O-1"))
    put(w, old, day=today() - timedelta(days=40))
    with acting_as(w.team_leader):
        client = known(w.team_leader, "O-1")
        record_readiness(client=client, readiness=Readiness(Phase.PREPARING), by=w.team_leader)
    again = put(w, old, day=today() - timedelta(days=40))
    assert outcomes(again) == {"set_aside": 1}
    with acting_as(w.team_leader):
        assert Spell.objects.open().get(client=client).phase == Phase.PREPARING


def test_a_history_lets_stand_what_came_after_its_day(w: World) -> None:
    day = today() - timedelta(days=30)
    put(w, client_list(client_row("H-1")), day=day)
    with acting_as(w.team_leader):
        client = known(w.team_leader, "H-1")
        record_readiness(client=client, readiness=Readiness(Phase.PREPARING), by=w.team_leader)
    rows = [
        ["Cliëntnummer", "Aanbieder", "Fase", "Van", "Tot"],
        ["H-1", "De Oever", "instroom", date(2025, 2, 1), date(2025, 6, 1)],
        ["H-1", "De Oever", "stabilisatie", date(2025, 6, 1), None],
    ]
    assert outcomes(put(w, xlsx(rows), by=w.coordinator, day=day)) == {"new": 2}
    with acting_as(w.coordinator):
        spells = list(
            Spell.objects.filter(client=client).order_by("from_on").values_list("phase", "until_on")
        )
    assert spells == [
        (Phase.INTAKE, date(2025, 6, 1)),
        (Phase.STABILISING, today()),
        (Phase.PREPARING, None),
    ]
    assert outcomes(put(w, xlsx(rows), by=w.coordinator, day=day)) == {"unchanged": 2}


# Whose list it is -------------------------------------------------------------------------------


def test_an_allocator_who_brings_a_client_list_is_refused_with_who_may(w: World) -> None:
    brought = put(w, client_list(client_row("W-1")), by=w.allocator)
    assert brought.run.stage == ImportStage.REFUSED
    assert "teamleider" in brought.run.report["refused"]
    with acting_as(w.allocator):
        assert not ImportFile.objects.filter(run=brought.run).exists()
        assert not ImportRow.objects.filter(run=brought.run).exists()


def test_an_allocator_brings_own_dwellings_and_the_others_are_rejected(w: World) -> None:
    rows = [OFFERS, offer("Eikenlaan 1"), offer("Eikenlaan 2", owner="Woonrijk")]
    assert outcomes(put(w, xlsx(rows), by=w.allocator)) == {"new": 1, "rejected": 1}
    with acting_as(w.coordinator):
        owners = Dwelling.objects.filter(street="Eikenlaan").values_list("corporation__name")
        assert list(owners) == [("Thuisgoed",)]
    # The coordinator brings those of everybody, and what is known stays one dwelling.
    assert outcomes(put(w, xlsx(rows), by=w.coordinator)) == {"new": 1, "unchanged": 1}


def test_a_dwelling_that_is_offered_later_is_the_same_dwelling(w: World) -> None:
    put(w, xlsx([OFFERS, offer("Lindelaan 5")]), by=w.allocator)
    later = offer("Lindelaan 5", rent=640)
    later[-1] = date(2027, 1, 15)
    assert outcomes(put(w, xlsx([OFFERS, later]), by=w.allocator)) == {"changed": 1}
    with acting_as(w.coordinator):
        dwelling = Dwelling.objects.get(street="Lindelaan")
    assert (float(dwelling.basic_rent), dwelling.available_on) == (640.0, date(2027, 1, 15))


def test_nobody_reaches_the_list_of_another_organisation(w: World) -> None:
    brought = put(w, xlsx([OFFERS, offer("Beukenlaan 1"), offer("Beukenlaan 2", rent="veel")]))
    own = put(w, xlsx([OFFERS, offer("Iepenlaan 1", rent="veel")]), by=w.allocator)
    [row] = own.rows()
    for viewer in (w.other_allocator, w.coordinator, w.team_leader, w.foreign_allocator):
        browser = sign_in(Browser(), viewer)
        for name in ("import", "progress", "columns", "cancel"):
            page = browser.get(reverse(f"lists:{name}", args=[own.run.ref]))
            assert page.status_code == 404, (name, viewer.role)
        assert browser.get(reverse("lists:mend", args=[row.ref])).status_code == 404
        assert browser.post(reverse("lists:confirm", args=[own.run.ref])).status_code == 404
    assert sign_in(Browser(), w.allocator).get(own.run.get_absolute_url()).status_code == 200
    assert brought.run.stage == ImportStage.REFUSED
    for viewer in (w.care_worker, w.access_officer, w.steering_member, w.privacy_officer):
        assert sign_in(Browser(), viewer).get(reverse("lists:imports")).status_code == 404


# What is refused whole --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("lijst.xlsx", b"MZ\x90\x00 a program", "xlsx"),
        ("lijst.csv", b"%PDF-1.7 a document", "csv"),
        (
            "lijst.xlsx",
            rezipped(xlsx([CLIENTS, client_row("M-1")]), {"xl/vbaProject.bin": b"x"}),
            "macro",
        ),
    ],
)
def test_a_dangerous_file_is_refused_whole_and_not_kept(
    w: World, name: str, data: bytes, word: str
) -> None:
    brought = bring(name, data, by=w.team_leader, day=today())
    assert brought.run.stage == ImportStage.REFUSED
    assert word in brought.run.report["refused"]
    with acting_as(w.team_leader):
        assert not ImportFile.objects.filter(run=brought.run).exists()
    page = sign_in(Browser(), w.team_leader).get(brought.run.get_absolute_url())
    assert word in page.content.decode()


def test_a_file_over_the_limit_is_refused_before_it_is_kept(w: World) -> None:
    before = ImportRun.objects.count()
    with acting_as(w.team_leader), pytest.raises(Refused):
        bring_list(name="groot.csv", data=b"a" * (50 * 1024 * 1024 + 1), by=w.team_leader)
    with acting_as(w.team_leader), pytest.raises(Refused):
        bring_list(name="leeg.csv", data=b"", by=w.team_leader)
    assert ImportRun.objects.count() == before


# Rows set aside ---------------------------------------------------------------------------------


def with_formula() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(OFFERS)
    book.active.append(offer("Vlierlaan 1", rent="=600+12.5"))
    book.active.append(offer("Vlierlaan 2"))
    return saved(book)


def test_a_formula_sets_its_row_aside_and_a_typed_value_puts_it_in(w: World) -> None:
    brought = put(w, with_formula(), by=w.allocator)
    assert outcomes(brought) == {"new": 1, "set_aside": 1}
    [row] = [row for row in brought.rows() if row.outcome == RowOutcome.SET_ASIDE]
    [defect] = row.defects
    assert (defect["kind"], defect["header"]) == ("formula_cell", "Kale huur")
    browser = sign_in(Browser(), w.allocator)
    address = reverse("lists:mend", args=[row.ref])
    page = browser.get(address)
    assert page.status_code == 200
    letter = defect["letter"]
    cells = {name: field.initial for name, field in page.context["form"].fields.items()}
    wrong = browser.post(address, {**cells, f"cell_{letter}": "veel"})
    assert wrong.status_code == 422
    assert "veel" in wrong.content.decode()
    done = browser.post(address, {**cells, f"cell_{letter}": "612,50"})
    assert done.status_code == 302
    with acting_as(w.allocator):
        assert float(Dwelling.objects.get(house_number="1", street="Vlierlaan").basic_rent) == 612.5
        mended = ImportRow.objects.get(pk=row.pk)
    assert (mended.outcome, mended.cells) == (RowOutcome.NEW, None)
    assert mended.mended_by_id == w.allocator.user_id
    run = ImportRun.objects.get(pk=brought.run.pk)
    assert outcomes(Brought(run, w.allocator)) == {"new": 2}
    assert run.rows_in == sum(run.report["counts"].values())
    with acting_as(w.allocator), pytest.raises(Refused):
        mend_row(row=mended, cells={}, by=w.allocator)


def test_the_outcome_of_a_formula_is_taken_over_with_one_button(w: World) -> None:
    book = openpyxl.load_workbook(io_of(with_formula()))
    book.active["B2"] = "Kamperlaan 1"
    book.active["B3"] = "Kamperlaan 2"
    data = with_result(saved(book), "F2", "612.5")
    brought = put(w, data, by=w.allocator)
    [row] = [row for row in brought.rows() if row.outcome == RowOutcome.SET_ASIDE]
    browser = sign_in(Browser(), w.allocator)
    page = browser.get(brought.run.get_absolute_url()).content.decode()
    assert "612,5" in page
    done = browser.post(f"{reverse('lists:mend', args=[row.ref])}?take=1")
    assert done.status_code == 302
    with acting_as(w.allocator):
        dwelling = Dwelling.objects.get(house_number="1", street="Kamperlaan")
    assert float(dwelling.basic_rent) == 612.5


def io_of(data: bytes) -> Any:
    import io

    return io.BytesIO(data)


def with_result(data: bytes, place: str, result: str) -> bytes:
    """The same workbook as an office suite saves it: a formula with its last outcome."""
    import zipfile

    with zipfile.ZipFile(io_of(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    head, _, rest = sheet.partition(f'<c r="{place}"')
    changed = rest.replace("<v></v>", f"<v>{result}</v>", 1).replace("<v />", f"<v>{result}</v>", 1)
    return rezipped(data, {"xl/worksheets/sheet1.xml": f'{head}<c r="{place}"{changed}'.encode()})


def test_a_row_the_database_refuses_is_set_aside_and_the_others_go_in(w: World) -> None:
    header = [*OFFERS, "Woningtype"]
    # The type fits the list and is longer than the database keeps.
    rows = [[*offer(f"Sparrenlaan {n}"), "eengezinswoning"] for n in (1, 2, 3)]
    rows[1][-1] = "hoekwoning " * 7
    brought = put(w, xlsx([header, *rows]), by=w.allocator)
    assert outcomes(brought) == {"new": 2, "set_aside": 1}
    [aside] = [row for row in brought.rows() if row.outcome == RowOutcome.SET_ASIDE]
    assert (aside.row, aside.defects[0]["kind"]) == (3, "refused")
    with acting_as(w.allocator):
        assert Dwelling.objects.filter(street="Sparrenlaan").count() == 2


def test_a_new_neighbourhood_comes_only_when_a_person_says_so(w: World) -> None:
    row = offer("Wilgenlaan 1")
    row[4] = "Nieuwe Haven"
    misspelt = offer("Wilgenlaan 2")
    misspelt[4] = "Molenbuurtt"
    run = bring(
        "aanbod.xlsx",
        xlsx([OFFERS, row, misspelt]),
        by=w.allocator,
        day=today(),
        confirm=False,
    ).run
    assert run.report["counts"]["set_aside"] == 2
    browser = sign_in(Browser(), w.allocator)
    page = browser.get(run.get_absolute_url())
    form = page.context["answers_form"]
    answers = {"reference_date": today().isoformat()}
    for name, question in form.questions.items():
        wanted = "Nieuwe Haven" if question.text == "Nieuwe Haven" else "Molenbuurt"
        answers[name] = f"Rietdam|{wanted}"
        assert answers[name] in [choice for choice, _words in form.fields[name].choices]
    browser.post(reverse("lists:answer", args=[run.ref]), answers)
    run = carry_out(run)
    assert outcomes(Brought(run, w.allocator)) == {"new": 2}
    assert not Neighbourhood.objects.filter(name="Nieuwe Haven").exists()
    put_in(run, by=w.allocator)
    assert Neighbourhood.objects.filter(name="Nieuwe Haven", municipality=w.municipality).exists()
    assert NeighbourhoodAlias.objects.filter(neighbourhood=w.neighbourhood).exists()
    with acting_as(w.allocator):
        places = Dwelling.objects.filter(street="Wilgenlaan").values_list("neighbourhood__name")
        assert sorted(name for (name,) in places) == ["Molenbuurt", "Nieuwe Haven"]


def test_new_names_are_settled_with_one_box_and_those_that_come_close_are_not(w: World) -> None:
    rows = [offer(f"Esdoornlaan {number}", owner="Woonrijk") for number in (1, 2, 3)]
    for row, name in zip(rows, ("Zonneweide", "Kerkbuurt", "Havenkwartierr"), strict=True):
        row[4] = name
    brought = bring(
        "aanbod.xlsx", xlsx([OFFERS, *rows]), by=w.other_allocator, day=today(), confirm=False
    )
    run, browser = brought.run, sign_in(Browser(), w.other_allocator)
    assert run.stage == ImportStage.CHECKING
    answers = {"reference_date": today().isoformat(), "all_new": "on"}
    form = browser.get(run.get_absolute_url()).context["answers_form"]
    assert sorted(form.questions[field.name].text for field in form.new_names) == [
        "Kerkbuurt",
        "Zonneweide",
    ]
    # Left open, as the page posts it.
    answers |= dict.fromkeys(form.questions, "__open__")
    browser.post(reverse("lists:answer", args=[run.ref]), answers)
    run = carry_out(run)
    words = run.answers["neighbourhoods"]
    assert sorted(words.values()) == ["Rietdam|Kerkbuurt", "Rietdam|Zonneweide"]


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"since": date(2099, 2, 1)}, "care_in_future"),
        ({"born_on": date(1871, 2, 1)}, "impossible_date"),
        ({"family_name": '=HYPERLINK("http://x")'}, "name_is_formula"),
    ],
)
def test_what_cannot_be_sets_the_row_of_a_client_aside(
    w: World, facts: dict[str, Any], kind: str
) -> None:
    csv = as_csv(CLIENTS, client_row("I-1", **facts), client_row("I-2"))
    brought = bring("onmogelijk.csv", csv, by=w.team_leader, day=today())
    [row] = [row for row in brought.rows() if row.outcome == RowOutcome.SET_ASIDE]
    assert kind in {defect["kind"] for defect in row.defects}


def as_csv(*rows: list[Any]) -> bytes:
    def text(cell: Any) -> str:
        shown = f"{cell:%d-%m-%Y}" if isinstance(cell, date) else str(cell)
        return '"' + shown.replace('"', '""') + '"'

    return "\n".join(";".join(text(cell) for cell in row) for row in rows).encode()


@pytest.mark.parametrize("day", [date(1950, 1, 1), date(2060, 1, 1)])
def test_a_dwelling_offered_from_a_day_that_cannot_be_is_set_aside(w: World, day: date) -> None:
    wrong = [*offer("Iepenlaan 1")[:-1], day]
    brought = put(w, xlsx([OFFERS, wrong, offer("Beukenlaan 9")]), by=w.allocator)
    [row] = [row for row in brought.rows() if row.outcome == RowOutcome.SET_ASIDE]
    assert [defect["kind"] for defect in row.defects] == ["day_out_of_reach"]


def test_a_dwelling_that_is_proposed_is_not_offered_a_second_time(w: World) -> None:
    put(w, xlsx([OFFERS, offer("Populierlaan 3")]), by=w.allocator)
    with acting_as(w.allocator):
        dwelling = Dwelling.objects.get(street="Populierlaan")
    make_proposal(w, dwelling=dwelling)
    later = [*offer("Populierlaan 3")[:-1], date(2027, 2, 1)]
    brought = put(w, xlsx([OFFERS, later]), by=w.allocator)
    [row] = brought.rows()
    assert [defect["kind"] for defect in row.defects] == ["dwelling_taken"]
    with acting_as(w.allocator):
        assert Dwelling.objects.filter(street="Populierlaan").count() == 1


# The screens ------------------------------------------------------------------------------------


def test_the_whole_way_on_screen_without_javascript(w: World) -> None:
    browser = sign_in(Browser(), w.team_leader)
    data = client_list(client_row("S-1"), client_row("S-2", born_on="31-02-1980"))
    upload = SimpleUploadedFile("lijst S.xlsx", data)
    brought = browser.post(reverse("lists:upload"), {"file": upload})
    run = ImportRun.objects.get(file_name="lijst S.xlsx")
    assert brought.headers["Location"] == run.get_absolute_url()
    assert "wt-run" in browser.get(run.get_absolute_url()).content.decode()
    run = carry_out(run)
    page = browser.get(run.get_absolute_url())
    assert "31-02-1980" in page.content.decode()
    nothing = browser.post(reverse("lists:confirm", args=[run.ref]), {})
    assert nothing.status_code == 422
    browser.post(reverse("lists:confirm", args=[run.ref]), {"sharing_ground": "consent"})
    run = carry_out(run)
    assert run.stage == ImportStage.REPORTED
    report = browser.get(run.get_absolute_url()).content.decode()
    assert "herstellen" in report
    listed = browser.get(reverse("lists:imports")).content.decode()
    assert "lijst S.xlsx" in listed


def test_a_list_with_only_a_header_says_so_and_is_not_put_in(w: World) -> None:
    run = bring("kop.csv", as_csv(CLIENTS), by=w.team_leader, day=today(), confirm=False).run
    assert run.rows_in == 0
    page = sign_in(Browser(), w.team_leader).get(run.get_absolute_url()).content.decode()
    assert reverse("lists:cancel", args=[run.ref]) in page
    assert reverse("lists:confirm", args=[run.ref]) not in page
    assert 'id="read"' not in page
    with acting_as(w.team_leader), pytest.raises(Refused):
        confirm_list(run=run, by=w.team_leader, sharing_ground="consent")


def test_the_same_file_again_says_when_it_was_put_in(w: World) -> None:
    data = xlsx([OFFERS, offer("Dubbellaan 1"), offer("Dubbellaan 2", rent="=1+1")])
    browser = sign_in(Browser(), w.allocator)
    first = bring("dubbel.xlsx", data, by=w.allocator, day=today(), confirm=False).run
    address = first.get_absolute_url()
    checked = browser.get(address)
    assert checked.context["before"] is None
    listed = browser.get(reverse("lists:imports"))
    [row] = [row for row in listed.context["rows"] if row["url"] == address]
    assert row["set_aside"] == 1
    done = put(w, data, by=w.allocator)
    again = browser.get(address)
    assert again.context["before"] == done.run
    assert done.run.get_absolute_url() in again.content.decode()


def test_what_is_wrong_with_a_cell_is_said_once_and_the_cell_is_asked(w: World) -> None:
    brought = put(w, xlsx([OFFERS, offer("Eenmaal 1", rent="veel")]), by=w.allocator)
    [row] = brought.rows()
    page = sign_in(Browser(), w.allocator).get(reverse("lists:mend", args=[row.ref]))
    assert page.context["defects"] == []
    [field] = page.context["form"].wrong_fields
    assert page.content.decode().count(field.help_text) == 1
    assert field.field.required_at_times


def test_a_list_that_is_left_aside_goes_with_its_file(w: World) -> None:
    run = bring(
        "weg.xlsx", client_list(client_row("X-1")), by=w.team_leader, day=today(), confirm=False
    ).run
    browser = sign_in(Browser(), w.team_leader)
    browser.post(reverse("lists:cancel", args=[run.ref]))
    run.refresh_from_db()
    assert (run.stage, run.state) == (ImportStage.CANCELLED, RunState.SUPERSEDED)
    with acting_as(w.team_leader):
        assert not ImportFile.objects.filter(run=run).exists()
        assert not ImportRow.objects.filter(run=run).exists()
        with pytest.raises(Refused):
            cancel_list(run=run, by=w.team_leader)


def test_the_page_of_many_rows_costs_the_queries_of_few(
    w: World, django_assert_max_num_queries: Any
) -> None:
    few = put(w, client_list(*(client_row(f"Q-{n}") for n in range(3))))
    many = put(w, client_list(*(client_row(f"Q-{n}") for n in range(30))))
    browser = sign_in(Browser(), w.team_leader)
    browser.get(few.run.get_absolute_url())
    costs = []
    for brought in (few, many):
        with django_assert_max_num_queries(60) as found:
            browser.get(f"{brought.run.get_absolute_url()}?outcome=new")
        costs.append(len(found))
    assert costs[0] == costs[1]


# Afterwards -------------------------------------------------------------------------------------


def test_after_a_month_only_what_became_of_each_row_is_left(w: World) -> None:
    brought = put(w, client_list(client_row("V-1"), client_row("V-2", born_on="31-02-1980")))
    assert any(row.cells for row in brought.rows())
    operations.forget_expired(on=today() + timedelta(days=30))
    assert any(row.cells for row in brought.rows())
    operations.forget_expired(on=today() + timedelta(days=31))
    rows = brought.rows()
    assert not any(row.cells for row in rows)
    assert {row.outcome for row in rows} == {"new", "set_aside"}
    with acting_as(w.team_leader):
        assert not ImportFile.objects.filter(run=brought.run).exists()
        [aside] = [row for row in rows if row.outcome == RowOutcome.SET_ASIDE]
        with pytest.raises(Refused):
            mend_row(row=aside, cells={"D": "01-02-1980"}, by=w.team_leader)


def test_forgetting_is_asked_for_every_night() -> None:
    names = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert forget_expired.name in names


def test_what_was_done_stands_in_the_log_without_a_name(w: World) -> None:
    brought = put(w, client_list(client_row("A-1", family_name="Grasduin")))
    with acting_as(w.privacy_officer):
        deeds = list(
            AuditEntry.objects.filter(object_ref=brought.run.ref)
            .order_by("pk")
            .values_list("operation", "facts")
        )
    assert [deed for deed, _facts in deeds] == ["import.brought", "import.confirmed"]
    assert "Grasduin" not in str(deeds)

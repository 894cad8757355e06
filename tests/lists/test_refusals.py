"""What is refused whole, with a sentence, before anything in it is read."""

import io
import tracemalloc
import zipfile

import openpyxl
import pytest

from lists.reading import ListRefused, open_list
from lists.reading.opening import MOST_BYTES
from tests.lists.files import (
    EMPTY_RUN,
    ODS_HEAD,
    lying_about_size,
    member_of,
    ods,
    ods_row,
    rezipped,
    saved,
    xlsx,
)

ROWS = [["Naam", "Fase", "Sinds"], ["Jansen", "gereed", "1-2-2026"]]
SHEET = "xl/worksheets/sheet1.xml"


def refused(data, name):
    with pytest.raises(ListRefused) as why:
        open_list(data, name)
    assert why.value.sentence.endswith(".")
    return why.value.code


def test_an_ordinary_workbook_is_opened():
    """Negative control of everything below."""
    assert open_list(xlsx(ROWS), "lijst.xlsx").sheets[0].rows[1] == ("Jansen", "gereed", "1-2-2026")


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("leeg.csv", b"", "empty"),
        ("lijst.docx", b"PK\x03\x04", "unknown_type"),
        ("lijst.pdf", b"%PDF-1.7", "unknown_type"),
        ("lijst.csv", b"%PDF-1.7 ...", "wrong_type"),
        ("lijst.csv", b"\x89PNG\r\n\x1a\n", "wrong_type"),
        ("lijst.csv", b"<html><table><tr><td>Naam</td></tr></table>", "wrong_type"),
        ("lijst.csv", b"Naam;Fase\n\x00\x01\x02;gereed\n", "not_text"),
        ("lijst.xlsx", b"Naam;Fase\nJansen;gereed\n", "wrong_type"),
        ("lijst.ods", b"Naam;Fase\nJansen;gereed\n", "wrong_type"),
        ("lijst.xlsx", b"PK\x03\x04 but no more", "damaged"),
        ("lijst.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_workbook"),
        (
            "lijst.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "encrypted",
        ),
        ("lijst.xlsm", b"PK\x03\x04", "macros"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(name, data, code):
    assert refused(data, name) == code


def test_a_workbook_under_the_name_of_another_form_is_refused():
    assert refused(xlsx(ROWS), "lijst.csv") == "wrong_type"
    assert refused(xlsx(ROWS), "lijst.ods") == "wrong_type"
    assert refused(ods(ods_row("Naam", "Fase")), "lijst.xlsx") == "wrong_type"


def test_a_zip_of_something_else_is_refused():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("foto.txt", "geen lijst")
    assert refused(target.getvalue(), "lijst.xlsx") == "wrong_type"


def test_a_file_over_fifty_megabytes_is_refused():
    assert refused(b"a;b\n" * (MOST_BYTES // 4 + 1), "lijst.csv") == "too_large"


@pytest.mark.parametrize(
    "added",
    ["xl/vbaProject.bin", "xl/macrosheets/sheet1.xml", "xl/VBAPROJECT.BIN"],
)
def test_a_workbook_with_macros_is_refused_also_under_the_name_xlsx(added):
    assert refused(rezipped(xlsx(ROWS), {added: b"x"}), "lijst.xlsx") == "macros"


def test_a_workbook_that_declares_macros_is_refused():
    kinds = member_of(xlsx(ROWS), "[Content_Types].xml").replace(
        b"spreadsheetml.sheet.main", b"sheet.macroEnabled.main"
    )
    assert refused(rezipped(xlsx(ROWS), {"[Content_Types].xml": kinds}), "lijst.xlsx") == "macros"


def test_an_ods_with_code_is_refused_and_one_with_an_empty_wrapper_is_not():
    code = {"Basic/Standard/Module1.xml": "<x/>"}
    assert refused(ods(ods_row("Naam", "Fase"), members=code), "lijst.ods") == "macros"
    script = '<office:scripts><office:script script:language="basic"/></office:scripts>'
    assert refused(ods(ods_row("Naam", "Fase"), before=script), "lijst.ods") == "macros"
    wrapper = ods(ods_row("Naam", "Fase"), before="<office:scripts/>")
    assert open_list(wrapper, "lijst.ods").sheets[0].rows == (("Naam", "Fase"),)


def test_an_ods_with_a_password_is_refused():
    locked = ods(ods_row("Naam", "Fase"), manifest="<manifest:encryption-data/>")
    assert refused(locked, "lijst.ods") == "encrypted"


def zeros(megabytes):
    return b"0" * (megabytes * 1024 * 1024)


def test_a_zip_bomb_is_refused_and_memory_stays_bounded():
    bomb = rezipped(xlsx(ROWS), {"xl/media/huge.bin": zeros(300)})
    assert len(bomb) < 1024 * 1024
    tracemalloc.start()
    try:
        assert refused(bomb, "lijst.xlsx") == "bomb"
        assert tracemalloc.get_traced_memory()[1] < 32 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_a_bomb_of_many_members_is_refused():
    many = {f"xl/media/{number}.bin": b"" for number in range(2100)}
    assert refused(rezipped(xlsx(ROWS), many), "lijst.xlsx") == "bomb"


def test_a_member_that_unpacks_to_more_than_it_declares_is_refused():
    """The checksum fits the lie, so that only measuring shows it."""
    honest = rezipped(xlsx(ROWS), {"xl/media/huge.bin": zeros(20)})
    assert refused(lying_about_size(honest, "xl/media/huge.bin", 1000), "lijst.xlsx") == "bomb"


def test_a_cell_far_away_does_not_cost_the_memory_of_all_between():
    book = openpyxl.Workbook()
    book.active["A1"] = "Naam"
    book.active["XFD1048576"] = "ver weg"
    assert refused(saved(book), "lijst.xlsx") == "too_wide"


def test_an_ods_that_repeats_full_cells_without_end_is_refused():
    wide = (
        '<table:table-row table:number-rows-repeated="1048576"><table:table-cell'
        ' table:number-columns-repeated="16384" office:value-type="float" office:value="1"/>'
        "</table:table-row>"
    )
    assert refused(ods(wide), "lijst.ods") == "too_wide"


def test_long_runs_of_repeated_empty_rows_cost_nothing():
    rows = ods_row("Naam", "Fase") + ods_row("Jansen", "gereed")
    sheet = open_list(ods(rows + EMPTY_RUN.format(rows=1_048_000)), "lijst.ods").sheets[0]
    assert sheet.rows == (("Naam", "Fase"), ("Jansen", "gereed"))


ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE x SYSTEM "http://voorbeeld.example/x.dtd">',
)


@pytest.mark.parametrize("doctype", ENTITIES)
def test_entities_and_document_types_are_refused_in_an_xlsx(doctype):
    sheet = member_of(xlsx(ROWS), SHEET).decode()
    start = sheet.index("<worksheet")
    changed = f"{sheet[:start]}{doctype}{sheet[start:]}"
    assert refused(rezipped(xlsx(ROWS), {SHEET: changed}), "lijst.xlsx") == "forbidden_markup"


@pytest.mark.parametrize("doctype", ENTITIES)
def test_entities_and_document_types_are_refused_in_an_ods(doctype):
    declaration, _, rest = ODS_HEAD.partition("?>")
    head = f"{declaration}?>{doctype}{rest}"
    assert refused(ods(ods_row("Naam", "Fase"), head=head), "lijst.ods") == "forbidden_markup"


def test_a_quotation_mark_that_never_closes_is_refused_with_its_row():
    text = 'Naam;Fase\nJansen;gereed\n"Bos;gereed\nSmit;gereed\n'
    with pytest.raises(ListRefused, match="rij 3"):
        open_list(text.encode(), "lijst.csv")

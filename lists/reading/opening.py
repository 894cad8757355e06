"""From bytes and a name to a workbook, or one sentence why not."""

import hashlib
import io
from collections.abc import Callable

import python_calamine

from lists.reading import beside_ods, beside_xlsx, refusals
from lists.reading.archive import Archive
from lists.reading.beside_xlsx import Beside
from lists.reading.separated import read_separated
from lists.reading.workbook import Cell, Sheet, Workbook

MOST_BYTES = 50 * refusals.MEGABYTE
OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.spreadsheet"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
NOT_A_LIST = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF8", "gif"),
    (b"\x1f\x8b", "gzip"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf", "7z"),
    (b"{\\rtf", "rtf"),
    (b"MZ", "exe"),
)


def open_list(data: bytes, name: str) -> Workbook:
    """Open a list under its own name; refuse whole what is unsafe or not what it says."""
    if not data:
        raise refusals.empty()
    if len(data) > MOST_BYTES:
        raise refusals.too_large(MOST_BYTES)
    claimed = name.rpartition(".")[2].lower() if "." in name else ""
    digest = hashlib.sha256(data).hexdigest()
    if data.startswith(COMPOUND):
        # Both an old workbook and a locked new one are compound files.
        raise refusals.encrypted() if _is_locked(data) else refusals.old_workbook()
    if claimed in {"xlsm", "xlsb", "xltm", "xlam"}:
        raise refusals.macros()
    if claimed not in {"xlsx", "ods", "csv", "txt", "tsv"}:
        raise refusals.unknown_type()
    found = _found(data)
    if found != ("csv" if claimed in {"txt", "tsv"} else claimed):
        raise refusals.wrong_type(claimed, found)
    if found == "csv":
        sheet, encoding, separator = read_separated(data)
        return Workbook(name, found, digest, (sheet,), encoding, separator)
    beside = beside_xlsx.read_beside if found == "xlsx" else beside_ods.read_beside
    return Workbook(name, found, digest, _sheets(data, beside))


def _is_locked(data: bytes) -> bool:
    return "EncryptedPackage".encode("utf-16-le") in data


def _found(data: bytes) -> str:
    """What a file is by its content: xlsx, ods, csv, or the name of something else."""
    if data.startswith(b"PK"):
        archive = Archive(data)
        if "mimetype" in archive:
            kind = archive.read("mimetype")
            return "ods" if kind.strip().startswith(OPEN_DOCUMENT) else "odf"
        if "xl/workbook.xml" in archive:
            return "xlsx"
        if any(name.startswith("xl/") for name in archive.names):
            return "xlsb"
        return "zip"
    for mark, other in NOT_A_LIST:
        if data.startswith(mark):
            return other
    head = data[:1024].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith((b"<html", b"<!doctype", b"<?xml", b"<table")):
        return "html" if b"<html" in head or b"<table" in head else "xml"
    return "csv"


def _sheets(data: bytes, read_beside: Callable[[Archive], list[Beside]]) -> tuple[Sheet, ...]:
    archive = Archive(data)
    beside = read_beside(archive)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        if len(book.sheet_names) != len(beside):
            raise refusals.damaged()
        return tuple(
            _sheet(book.get_sheet_by_index(index), beside[index]) for index in range(len(beside))
        )
    except python_calamine.PasswordError as error:
        raise refusals.encrypted() from error
    except python_calamine.CalamineError as error:
        raise refusals.damaged() from error


def _sheet(sheet: python_calamine.CalamineSheet, beside: Beside) -> Sheet:
    kept: dict[str, str] = {}
    rows: list[tuple[Cell, ...]] = []
    if sheet.start is not None:
        # Rows come from the first one on, columns only from the first one that is filled.
        left: tuple[Cell, ...] = ("",) * sheet.start[1]
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            row = left + tuple(_plain(cell, kept) for cell in cells)
            rows.append(_with_zeros(row, number, beside) if beside.padded else row)
    while rows and not any(cell != "" for cell in rows[-1]):
        rows.pop()
    return Sheet(
        name=beside.name,
        rows=tuple(rows),
        formulas=beside.formulas,
        hidden_rows=frozenset(row for row in beside.hidden_rows if row <= len(rows)),
        merged=tuple(beside.merged),
        is_hidden=beside.is_hidden,
    )


def _plain(cell: Cell, kept: dict[str, str]) -> Cell:
    """Whole numbers as int, and the same words kept once."""
    if isinstance(cell, str):
        return kept.setdefault(cell, cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return int(cell)
    return "" if cell is None else cell


def _with_zeros(cells: tuple[Cell, ...], row: int, beside: Beside) -> tuple[Cell, ...]:
    def shown(column: int, cell: Cell) -> Cell:
        width = beside.padded.get((row, column))
        return str(cell).zfill(width) if width and type(cell) is int else cell

    return tuple(shown(column, cell) for column, cell in enumerate(cells))

"""Text with separators (csv): which encoding, which separator, and records as rows."""

import csv
import io
from collections import Counter

from lists.reading import refusals
from lists.reading.workbook import Sheet

SEPARATORS = (";", ",", "\t", "|")
LOOKED_AT = 200
MOST_FIELD = 1_000_000
MOST_CELLS = 8_000_000
# Bytes that no text holds: a file with these is something else under the name csv.
NEVER_IN_TEXT = frozenset(range(0, 9)) | frozenset(range(14, 27)) | frozenset(range(28, 32))


def read_separated(data: bytes) -> tuple[Sheet, str, str]:
    """Return the one sheet of a csv, its encoding and its separator."""
    text, encoding = decode(data)
    text, separator = _separator_of(text)
    return Sheet(name=None, rows=_records(text, separator)), encoding, separator


def decode(data: bytes) -> tuple[str, str]:
    """Read bytes as text: a mark at the start wins, then UTF-8, then what Windows writes."""
    if data.startswith(b"\xef\xbb\xbf"):
        return _strict(data, "utf-8-sig")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strict(data, "utf-16")
    if len(data) >= 4 and len(data) % 2 == 0 and data[: 2 * LOOKED_AT].count(0) > 0:
        half = len(data[: 2 * LOOKED_AT]) // 2
        if data[1 : 2 * LOOKED_AT : 2].count(0) > half * 0.7:
            return _strict(data, "utf-16-le")
        if data[0 : 2 * LOOKED_AT : 2].count(0) > half * 0.7:
            return _strict(data, "utf-16-be")
    if NEVER_IN_TEXT & set(data):
        raise refusals.not_text()
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        # Five bytes have no meaning in cp1252; they stay visible as a replacement mark.
        return data.decode("cp1252", errors="replace"), "cp1252"


def _strict(data: bytes, encoding: str) -> tuple[str, str]:
    try:
        return data.decode(encoding), encoding
    except UnicodeDecodeError as error:
        raise refusals.not_text() from error


def _separator_of(text: str) -> tuple[str, str]:
    """Find the separator under which the first records have the same, largest width."""
    first, _, rest = text.partition("\n")
    hint = first.strip().strip('"').lower()
    if hint.startswith("sep=") and len(hint) == 5:
        # A line for Excel, which does not show it: row 1 is the next one.
        return rest, hint[4]
    best = (0.0, 0, 0)
    chosen = ";"
    for rank, separator in enumerate(SEPARATORS):
        widths = _widths(text, separator)
        if not widths:
            continue
        width, times = Counter(widths).most_common(1)[0]
        if width < 2:
            continue
        score = (round(times / len(widths), 2), width, -rank)
        if score > best:
            best, chosen = score, separator
    return text, chosen


def _widths(text: str, separator: str) -> list[int]:
    widths: list[int] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            if record:
                widths.append(len(record))
            if len(widths) >= LOOKED_AT:
                break
    except csv.Error:
        return []
    return widths


def _records(text: str, separator: str) -> tuple[tuple[str, ...], ...]:
    csv.field_size_limit(MOST_FIELD)
    words: dict[str, str] = {}
    records: list[tuple[str, ...]] = []
    cells = 0
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=False):
            cells += len(record)
            if cells > MOST_CELLS:
                raise refusals.too_wide(None)
            # The same words return on every row: keep each once.
            records.append(tuple(words.setdefault(cell, cell) for cell in record))
    except csv.Error as error:
        raise refusals.open_quote(len(records) + 1) from error
    if _quote_stays_open(text, separator):
        raise refusals.open_quote(len(records))
    while records and not any(cell.strip() for cell in records[-1]):
        records.pop()
    return tuple(records)


def _quote_stays_open(text: str, separator: str) -> bool:
    """Whether the last record swallowed the rest of the file behind an open quotation mark.

    The reader only tells so when strict, and strict it also stumbles over harmless marks; so
    it reads strictly from the last record that began on a line of its own.
    """
    tail = text.rstrip("\r\n")
    try:
        for _ in csv.reader(io.StringIO(tail, newline=""), delimiter=separator, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False

"""Awkward files for the tests of reading, made on the spot."""

import io
import struct
import zipfile
import zlib

import openpyxl


def xlsx(rows, **sheets):
    """A plain workbook; more sheets by keyword."""
    book = openpyxl.Workbook()
    book.active.title = "Lijst"
    for row in rows:
        book.active.append(row)
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for row in lines:
            sheet.append(row)
    return saved(book)


def saved(book):
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def rezipped(data, changed):
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.infolist():
            if member.filename not in changed:
                new.writestr(member.filename, old.read(member.filename))
        for name, content in changed.items():
            new.writestr(name, content)
    return target.getvalue()


def member_of(data, name):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


def lying_about_size(data, name, declared):
    """The archive in which one member declares another unpacked size, everywhere."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        member = archive.getinfo(name)
        real = member.file_size
        offset = member.header_offset
    raw = bytearray(data)
    raw[offset + 22 : offset + 26] = struct.pack("<L", declared)
    at = raw.find(b"PK\x01\x02")
    while at >= 0:
        length = struct.unpack("<H", raw[at + 28 : at + 30])[0]
        if raw[at + 46 : at + 46 + length] == name.encode():
            assert struct.unpack("<L", raw[at + 24 : at + 28])[0] == real
            raw[at + 24 : at + 28] = struct.pack("<L", declared)
            # The checksum is made to fit what the lie lets through.
            shown = member_of(data, name)[:declared]
            crc = struct.pack("<L", zlib.crc32(shown))
            raw[at + 16 : at + 20] = crc
            raw[offset + 14 : offset + 18] = crc
        at = raw.find(b"PK\x01\x02", at + 4)
    return bytes(raw)


ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:script="urn:oasis:names:tc:opendocument:xmlns:script:1.0" office:version="1.2">'
)


def ods(rows_xml, *, head=ODS_HEAD, before="", members=None, manifest=""):
    """An ods with the given rows as XML."""
    content = (
        f'{head}{before}<office:body><office:spreadsheet><table:table table:name="Blad">'
        f"{rows_xml}</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest'
            ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            '<manifest:file-entry manifest:full-path="/"'
            ' manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
            '<manifest:file-entry manifest:full-path="content.xml"'
            f' manifest:media-type="text/xml">{manifest}'
            "</manifest:file-entry></manifest:manifest>",
        )
        for name, text in (members or {}).items():
            archive.writestr(name, text)
    return target.getvalue()


def ods_row(*cells, repeat=1, hidden=False):
    repeated = f' table:number-rows-repeated="{repeat}"' if repeat > 1 else ""
    shown = ' table:visibility="filter"' if hidden else ""
    inside = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
        for cell in cells
    )
    return f"<table:table-row{repeated}{shown}>{inside}</table:table-row>"


EMPTY_RUN = (
    '<table:table-row table:number-rows-repeated="{rows}">'
    '<table:table-cell table:number-columns-repeated="1024"/></table:table-row>'
)

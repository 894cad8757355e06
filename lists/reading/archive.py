"""A zipped workbook, unpacked under a limit that the file itself cannot lift."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from lists.reading import refusals

MOST_MEMBERS = 2000
MOST_UNPACKED = 400 * refusals.MEGABYTE
# Sheets shrink some twenty to fifty times; only something made to explode goes beyond this.
MOST_RATIO = 200
RATIO_COUNTS_FROM = 10 * refusals.MEGABYTE
LOCAL_HEADER = struct.Struct("<4s5H3L2H")
CHUNK = 256 * 1024
ENCRYPTED_FLAG = 0x1


class Archive:
    """The members of a zip file, each measured by unpacking it and not by what it declares."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as listing:
                members = listing.infolist()
        except (zipfile.BadZipFile, ValueError, EOFError, UnicodeDecodeError) as error:
            raise refusals.damaged() from error
        if len(members) > MOST_MEMBERS:
            raise refusals.bomb()
        self._members = {member.filename: member for member in members}
        if len(self._members) != len(members):
            raise refusals.damaged()
        for member in members:
            if member.flag_bits & ENCRYPTED_FLAG:
                raise refusals.encrypted()
            if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                raise refusals.damaged()
        if sum(member.file_size for member in members) > MOST_UNPACKED:
            raise refusals.bomb()
        self._measure()

    @property
    def names(self) -> list[str]:
        return list(self._members)

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def chunks(self, name: str) -> Iterator[bytes]:
        """Unpack a member piece by piece; more than it declares is a lie and refused."""
        member = self._members[name]
        start = self._start_of(member)
        packed = memoryview(self._data)[start : start + member.compress_size]
        if len(packed) != member.compress_size:
            raise refusals.damaged()
        if member.compress_type == zipfile.ZIP_STORED:
            if member.compress_size != member.file_size:
                raise refusals.damaged()
            for at in range(0, len(packed), CHUNK):
                yield bytes(packed[at : at + CHUNK])
            return
        yield from _inflate(packed, declared=member.file_size)

    def read(self, name: str) -> bytes:
        return b"".join(self.chunks(name))

    def _start_of(self, member: zipfile.ZipInfo) -> int:
        header = self._data[member.header_offset : member.header_offset + LOCAL_HEADER.size]
        if len(header) != LOCAL_HEADER.size:
            raise refusals.damaged()
        fields = LOCAL_HEADER.unpack(header)
        if fields[0] != b"PK\x03\x04":
            raise refusals.damaged()
        return member.header_offset + LOCAL_HEADER.size + fields[9] + fields[10]

    def _measure(self) -> None:
        """Unpack everything once, keeping nothing: the declared sizes may be lies."""
        total = 0
        for name, member in self._members.items():
            size = 0
            for chunk in self.chunks(name):
                size += len(chunk)
                total += len(chunk)
                if total > MOST_UNPACKED:
                    raise refusals.bomb()
                if size > RATIO_COUNTS_FROM and size > MOST_RATIO * max(member.compress_size, 1):
                    raise refusals.bomb()
            if size != member.file_size:
                raise refusals.damaged()


def _inflate(packed: memoryview, *, declared: int) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    given = 0
    pending = bytes(packed[:CHUNK])
    at = len(pending)
    try:
        while pending or not inflater.eof:
            piece = inflater.decompress(pending, CHUNK)
            given += len(piece)
            if given > declared:
                raise refusals.bomb()
            if piece:
                yield piece
            if inflater.eof:
                return
            pending = inflater.unconsumed_tail
            if not pending:
                pending = bytes(packed[at : at + CHUNK])
                at += len(pending)
                if not pending and not piece:
                    raise refusals.damaged()
    except zlib.error as error:
        raise refusals.damaged() from error

"""The zip around a workbook, unpacked with a count: what its headers promise is not believed."""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from .codes import WorkbookRefused

_MOST_ENTRIES = 2_000
_MOST_BYTES = 256 * 1024 * 1024
_CHUNK = 256 * 1024
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED = 0x1


class Archive:
    """The entries of a checked zip file, by lower-case name.

    Opening it unpacks every entry once and throws the bytes away: a file that passes holds at most 256 MiB in
    at most 2,000 entries. Raises WorkbookRefused: damaged, encrypted, zip_bomb.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with ZipFile(path) as archive:
                entries = archive.infolist()
        # NotImplementedError is how zipfile answers a version it does not know.
        except (BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
            raise WorkbookRefused("damaged") from error
        self._entries = {_normal(entry.filename): entry for entry in entries}
        if len(entries) > _MOST_ENTRIES:
            raise WorkbookRefused("zip_bomb")
        if len(self._entries) != len(entries):
            raise WorkbookRefused("damaged")
        self._count()

    def __contains__(self, name: str) -> bool:
        return _normal(name) in self._entries

    def stream(self, name: str) -> Iterator[bytes]:
        """The bytes of one entry in chunks. Raises WorkbookRefused("damaged") when there is no such entry."""
        entry = self._entries.get(_normal(name))
        if entry is None:
            raise WorkbookRefused("damaged")
        return _inflated(self._path, entry)

    def _count(self) -> None:
        total = 0
        for entry in self._entries.values():
            if entry.flag_bits & _ENCRYPTED:
                raise WorkbookRefused("encrypted")
            if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                raise WorkbookRefused("damaged")
            size = 0
            for chunk in _inflated(self._path, entry):
                size += len(chunk)
                if total + size > _MOST_BYTES:
                    raise WorkbookRefused("zip_bomb")
            if size != entry.file_size:
                raise WorkbookRefused("damaged")
            total += size


def _normal(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _inflated(path: Path, entry: ZipInfo) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(entry.header_offset)
        header = file.read(_LOCAL_HEADER.size)
        if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
            raise WorkbookRefused("damaged")
        _, name_length, extra_length = _LOCAL_HEADER.unpack(header)
        file.seek(name_length + extra_length, 1)
        left = entry.compress_size
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            while left > 0 and (packed := file.read(min(_CHUNK, left))):
                left -= len(packed)
                if entry.compress_type == ZIP_STORED:
                    yield packed
                    continue
                while packed:
                    yield inflater.decompress(packed, _CHUNK)
                    packed = inflater.unconsumed_tail
            if entry.compress_type == ZIP_DEFLATED:
                while chunk := inflater.decompress(b"", _CHUNK):
                    yield chunk
        except zlib.error as error:
            raise WorkbookRefused("damaged") from error

"""What a file is, by its own bytes: a name or a media type is only what somebody says of it."""

import zipfile
from pathlib import Path
from typing import Final

_HEAD: Final = 4096

_HEIC_BRANDS: Final = (b"heic", b"heix", b"heif", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
_SOUND_BRANDS: Final = (
    b"M4A ",
    b"M4B ",
    b"isom",
    b"iso2",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"3gp",
    b"dash",
)

# Where the main part of an office document lies in its archive.
_OFFICE: Final = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
_MOST_PARTS: Final = 20_000


def format_of(path: Path) -> str | None:
    """The format of a file; None when it is none that we know."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return _picture(head) or _sound(head) or _document(path, head)


def _picture(head: bytes) -> str | None:
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head[4:8] == b"ftyp" and head[8:12] in {b"avif", b"avis"}:
        return "avif"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return "heic"
    return None


def _sound(head: bytes) -> str | None:
    if head[4:8] == b"ftyp" and head[8:12].startswith(_SOUND_BRANDS):
        return "m4a"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "wav"
    if head.startswith(b"OggS"):
        return "ogg"
    if head.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return "amr"
    # Both begin with eleven or twelve set bits; then comes the layer: none in AAC, the third in MP3.
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "aac"
    if head.startswith(b"ID3") or (len(head) > 2 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return "mp3"
    return None


def _document(path: Path, head: bytes) -> str | None:
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _office(path)
    if head.startswith((b"\xd0\xcf\x11\xe0", b"MZ", b"\x7fELF")):
        return None
    return "text" if _is_text(path) else None


def _office(path: Path) -> str | None:
    """By the names of its parts; nothing is unpacked. One that carries a program is none of ours."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    # NotImplementedError is how zipfile answers a version it does not know.
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError):
        return None
    if len(names) > _MOST_PARTS or any(name.lower().endswith("vbaproject.bin") for name in names):
        return None
    return next((found for part, found in _OFFICE.items() if part in names), None)


def _is_text(path: Path) -> bool:
    """UTF-8, or GB18030 as older programs write it, without the bytes that no text holds."""
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decodes(content, "utf-16")
    if any(byte in content for byte in (b"\x00", b"\x01", b"\x02", b"\x03", b"\x1f\x8b")):
        return False
    return _decodes(content, "utf-8") or _decodes(content, "gb18030")


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True

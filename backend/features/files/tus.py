"""The headers of tus 1.0.0 (https://tus.io/protocols/resumable-upload): core, with the extensions named here."""

import base64
import binascii
import re
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from backend.core.errors import Stale, Unreadable, WrongType
from backend.features.files.service import Checksum

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "expiration,checksum"
ALGORITHMS: Final = ("sha1", "sha256", "md5")
BYTES: Final = "application/offset+octet-stream"

_NUMBER: Final = re.compile(r"[0-9]{1,15}")


def check_version(told: str | None) -> None:
    """Let a request pass that speaks our version.

    Raises:
        Stale: `tus_version_unknown`.
    """
    if told != VERSION:
        raise Stale("tus_version_unknown", version=VERSION)


def check_type(content_type: str | None) -> None:
    """Let a body pass that is bytes of an upload.

    Raises:
        WrongType: `upload_media_type`.
    """
    if (content_type or "").partition(";")[0].strip().lower() != BYTES:
        raise WrongType("upload_media_type", field="Content-Type", expected=BYTES)


def offset(told: str | None) -> int:
    """The offset that a client sends from.

    Raises:
        Unreadable: `upload_offset_unreadable`.
    """
    if told is None or not _NUMBER.fullmatch(told):
        raise Unreadable("upload_offset_unreadable", field="Upload-Offset")
    return int(told)


def checksum(told: str | None) -> Checksum | None:
    """What a body must come to: `sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=`.

    Raises:
        Unreadable: `upload_checksum_unreadable`.
    """
    if told is None:
        return None
    algorithm, _, encoded = told.strip().partition(" ")
    try:
        digest = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if algorithm not in ALGORITHMS or not digest:
        raise Unreadable(
            "upload_checksum_unreadable", field="Upload-Checksum", algorithms=", ".join(ALGORITHMS)
        )
    return Checksum(algorithm, digest)


def date(moment: datetime) -> str:
    """As HTTP writes a date."""
    return format_datetime(moment, usegmt=True)

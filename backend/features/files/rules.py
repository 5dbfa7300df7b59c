"""What is taken as a photo, a recording or a document, how much of it, and for how long."""

from datetime import datetime, timedelta
from typing import Final, Literal

Kind = Literal["photo", "file", "voice"]
"""As what a file will be said: the kinds of lines that name one."""

Size = Literal["thumbnail", "screen", "full", "original"]
"""What is served: a photo in three sizes, never as it came; anything else as it came."""

KINDS: Final[tuple[Kind, ...]] = ("photo", "file", "voice")

# Formats by what a client may call them. What a file is, its own first bytes say (`looking/signs.py`).
FORMATS: Final[dict[Kind, dict[str, str]]] = {
    "photo": {"image/jpeg": "jpeg", "image/png": "png", "image/webp": "webp"},
    "voice": {
        "audio/aac": "aac",
        "audio/mp4": "m4a",
        "audio/m4a": "m4a",
        "audio/x-m4a": "m4a",
        "audio/mpeg": "mp3",
        "audio/amr": "amr",
        "audio/ogg": "ogg",
        "audio/wav": "wav",
        "audio/x-wav": "wav",
    },
    "file": {
        "application/pdf": "pdf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
        "text/plain": "text",
        "text/csv": "text",
    },
}

HEIC: Final = frozenset({"image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence"})
"""What iPhones take photos in unless told otherwise: refused with a sentence that says how to send a JPEG."""

MOST_BYTES: Final[dict[Kind, int]] = {"photo": 30 << 20, "voice": 20 << 20, "file": 50 << 20}

PHOTO_SIZES: Final[dict[Size, int]] = {"full": 4096, "screen": 1280, "thumbnail": 320}
"""The long edge in pixels, the greatest first; a smaller photo is never made larger."""

MOST_PIXELS: Final = 50_000_000
"""Of a photo, counted before it is decoded: what the sensors of phones give, and 200 MB in memory."""

UPLOAD_LIFE: Final = timedelta(hours=24)
GRACE: Final = timedelta(hours=1)
"""Between when something may no longer be done with a file and when it is deleted: whatever was begun in time has long
ended by then, so nothing needs to wait for anything."""

MOST_PIECES: Final = 2000
"""An upload may arrive in: each PATCH, and each 512 KiB of one, is a piece."""

LINK_SECONDS: Final = 600
_LINK_STEP: Final = 300


def link_until(now: datetime) -> int:
    """Until when a link given now is good, in seconds since 1970: at least ten minutes, and at most fifteen.

    It moves in steps, so that a client that asks twice is given the same address and keeps what it has loaded.
    """
    return (int(now.timestamp()) // _LINK_STEP + 1) * _LINK_STEP + LINK_SECONDS


def accepted_names(kind: Kind) -> str:
    """The formats of a kind, for a sentence."""
    names = {"text": "TXT"}
    return ", ".join(dict.fromkeys(names.get(one, one.upper()) for one in FORMATS[kind].values()))

"""The append-only record of a subject: one structure for whatever happened, in order, read by some and not by others."""

from backend.platform.threads.sight import Audience, Sight
from backend.platform.threads.writing import (
    Appended,
    NewEntry,
    NoSuchThread,
    append,
    append_many,
    open_threads,
)

__all__ = [
    "Appended",
    "Audience",
    "NewEntry",
    "NoSuchThread",
    "Sight",
    "append",
    "append_many",
    "open_threads",
]

"""The append-only record of a subject: whatever happened, in order, to be read by some and not by others.

Conversations, cases, tickets and journeys are threads; a thread's entries are numbered from 1 without a gap.
"""

from backend.platform.threads.marking import mark_read
from backend.platform.threads.reading import (
    Page,
    Standing,
    Subject,
    entries_after,
    entries_before,
    last_page_mark_sql,
    last_page_sql,
    standing_of,
    subject_of,
)
from backend.platform.threads.removing import LINES_ERASED, SAID, WITHDRAWN_WITHIN, erase, withdraw
from backend.platform.threads.sight import Audience, Sight, seen_by
from backend.platform.threads.writing import (
    Appended,
    NewEntry,
    NoSuchThread,
    append,
    append_many,
    open_threads,
)

__all__ = [
    "LINES_ERASED",
    "SAID",
    "WITHDRAWN_WITHIN",
    "Appended",
    "Audience",
    "NewEntry",
    "NoSuchThread",
    "Page",
    "Sight",
    "Standing",
    "Subject",
    "append",
    "append_many",
    "entries_after",
    "entries_before",
    "erase",
    "last_page_mark_sql",
    "last_page_sql",
    "mark_read",
    "open_threads",
    "seen_by",
    "standing_of",
    "subject_of",
    "withdraw",
]

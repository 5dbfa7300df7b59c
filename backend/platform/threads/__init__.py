"""The append-only record of a subject: whatever happened, in order, to be read by some and not by others.

Conversations, cases, tickets and journeys are threads; a thread's entries are numbered from 1 without a gap.
"""

from backend.platform.threads.audience import Audience
from backend.platform.threads.composing import Eyes, eyes_of
from backend.platform.threads.listing import (
    Listed,
    Stands,
    Wanted,
    my_standings,
    threads_listed,
    threads_mark,
)
from backend.platform.threads.marking import mark_many, mark_read
from backend.platform.threads.people import people_of
from backend.platform.threads.reading import (
    Mark,
    Page,
    Standing,
    Subject,
    entries_after,
    entries_before,
    entries_mark,
    last_page_mark_sql,
    last_page_sql,
    standing_of,
    subject_of,
    subjects_of,
)
from backend.platform.threads.removing import LINES_ERASED, SAID, WITHDRAWN_WITHIN, erase, withdraw
from backend.platform.threads.resuming import Lines, lines_after, lines_after_many
from backend.platform.threads.searching import Hit, lines_with
from backend.platform.threads.sight import Asks, HotSight, Mine, Sight, seen_by
from backend.platform.threads.speaking import NotDirect, Said, Speaker
from backend.platform.threads.spoken import Committed, Line, as_json, spelled
from backend.platform.threads.writing import (
    Appended,
    NewEntry,
    NoSuchThread,
    append,
    append_many,
    open_threads,
    set_direct,
)

__all__ = [
    "LINES_ERASED",
    "SAID",
    "WITHDRAWN_WITHIN",
    "Appended",
    "Asks",
    "Audience",
    "Committed",
    "Eyes",
    "Hit",
    "HotSight",
    "Line",
    "Lines",
    "Listed",
    "Mark",
    "Mine",
    "NewEntry",
    "NoSuchThread",
    "NotDirect",
    "Page",
    "Said",
    "Sight",
    "Speaker",
    "Standing",
    "Stands",
    "Subject",
    "Wanted",
    "append",
    "append_many",
    "as_json",
    "entries_after",
    "entries_before",
    "entries_mark",
    "erase",
    "eyes_of",
    "last_page_mark_sql",
    "last_page_sql",
    "lines_after",
    "lines_after_many",
    "lines_with",
    "mark_many",
    "mark_read",
    "my_standings",
    "open_threads",
    "people_of",
    "seen_by",
    "set_direct",
    "spelled",
    "standing_of",
    "subject_of",
    "subjects_of",
    "threads_listed",
    "threads_mark",
    "withdraw",
]

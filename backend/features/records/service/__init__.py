"""What a caller may do with a thread, as its subject decides. The door of this feature."""

from backend.features.records.service.entries import LAST_SEQ, entries
from backend.features.records.service.listing import search, threads
from backend.features.records.service.people import people
from backend.features.records.service.saying import check_file, read_to, say, take_back
from backend.features.records.service.seeing import Seen, seen, standing

__all__ = [
    "LAST_SEQ",
    "Seen",
    "check_file",
    "entries",
    "people",
    "read_to",
    "say",
    "search",
    "seen",
    "standing",
    "take_back",
    "threads",
]

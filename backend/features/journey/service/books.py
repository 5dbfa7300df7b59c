"""The standards of journeys as the rules read them. A version never changes, so its books are made once a process."""

from typing import Any
from uuid import UUID

from backend.db.work import Work
from backend.features.journey.rules.laying import Book, Of, book_of
from backend.features.standard.service import stored

_books: dict[tuple[UUID, Of], Book] = {}


async def book(work: Work, version_id: UUID, of: Of) -> Book:
    """What a version of a standard says of each ownership, or of each project as a whole.

    Raises:
        NotFound: there is no such version.
    """
    key = (version_id, of)
    if key not in _books:
        _books[key] = book_of((await stored(work, version_id)).document, of)
    return _books[key]


async def book_for(work: Work, journey: Any) -> Book:
    """The book of a journey, or of what was read with its `standard_version_id` and `ownership_id`."""
    of: Of = "project" if journey.ownership_id is None else "ownership"
    return await book(work, journey.standard_version_id, of)

"""Under which keys the store holds what belongs to a file."""

from uuid import UUID

from backend.core.ids import new_id


def pieces_under(file_id: UUID) -> str:
    """Where the pieces of an unfinished file lie."""
    return f"uploads/{file_id}/"


def piece_key(file_id: UUID, at: int) -> str:
    """A key for a piece from `at` on: never one that is used, for two may send the same piece at once."""
    return f"{pieces_under(file_id)}{at}-{new_id()}"


def file_under(file_id: UUID) -> str:
    """Where a whole file lies."""
    return f"files/{file_id}/"


def file_key(file_id: UUID, size: str) -> str:
    """Under which key one size of a file lies."""
    return f"{file_under(file_id)}{size}"

"""What is asked of a store of objects. All of it is safe to repeat: whoever was killed half-way begins again."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, Protocol

PIECE_BYTES: Final = 256 << 10
"""What is read from a store at a time."""


class Missing(LookupError):
    """There is no object under this key."""


class StoreAway(ConnectionError):
    """The store does not answer, or refuses us; the same may be tried again. Over HTTP: 503 `try_again`."""


class Store(Protocol):
    """Objects under keys: names of ASCII letters, digits, dots and dashes with slashes between them.

    Every verb raises StoreAway when the store does not do what is asked of it.
    """

    async def put(self, key: str, content: bytes | Path) -> None:
        """Keep the bytes, or the file's. On return they survive a power cut; what stood there before is replaced."""

    async def size(self, key: str) -> int:
        """How many bytes an object has. Raises Missing."""

    def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, without, `end`, in pieces. Raises Missing."""

    async def delete_under(self, prefix: str) -> None:
        """Delete every object below `prefix` (it ends with a slash); what is not there is deleted already."""

    async def aclose(self) -> None:
        """Let go of what is held open."""

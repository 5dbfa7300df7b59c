"""An answer in one write: uvicorn writes its head and its body apart, and each write is a system call and a packet."""

import asyncio
from typing import Any, Final
from weakref import WeakKeyDictionary

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from backend.core.logging import log


class _Turn:
    """A turn of a loop: the transports that were written to in it, until it is over."""

    __slots__ = ("_written",)

    def __init__(self) -> None:
        self._written: list[_OneWrite] = []

    def wrote(self, transport: "_OneWrite") -> None:
        if not self._written:
            asyncio.get_running_loop().call_soon(self._over)
        self._written.append(transport)

    def _over(self) -> None:
        written, self._written = self._written, []
        for transport in written:
            try:
                transport.flush()
            except Exception:
                log.exception("answer_unwritten")  # The others are written all the same.


_turns: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, _Turn]] = WeakKeyDictionary()


def _turn() -> _Turn:
    loop = asyncio.get_running_loop()
    return _turns.get(loop) or _turns.setdefault(loop, _Turn())


class _OneWrite:
    """A transport that writes what it is given within a turn of the loop at once, when the turn is over."""

    __slots__ = ("_held", "_transport", "_turn")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport, self._turn = transport, _turn()
        self._held: list[bytes] | None = None

    def write(self, data: bytes) -> None:
        if self._held is None:
            self._held = [data]
            self._turn.wrote(self)
        else:
            self._held.append(data)

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def flush(self) -> None:
        held, self._held = self._held, None
        if held and not self._transport.is_closing():  # else who asked has gone meanwhile
            self._transport.write(held[0] if len(held) == 1 else b"".join(held))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class OneWriteProtocol(HttpToolsProtocol):
    """uvicorn's, over such a transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(_OneWrite(transport))  # type: ignore[arg-type]

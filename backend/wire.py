"""The socket's frames as uvicorn puts them on the wire, without what a text frame on an open socket has no need of."""

import logging
from typing import Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

_FINAL_TEXT: Final = b"\x81"
_SHORT, _MIDDLE = 126, 1 << 16

# Both uvicorn and websockets log every socket that comes and goes, with its address: a fifth of what its coming costs.
_QUIET: Final = logging.getLogger("uvicorn.error.socket")
_QUIET.setLevel(logging.WARNING)


def text_frame(text: str) -> bytes:
    """A text frame from a server: whole, unmasked, without extensions (RFC 6455, 5.2)."""
    payload = text.encode()
    size = len(payload)
    if size < _SHORT:
        head = _FINAL_TEXT + size.to_bytes(1)
    elif size < _MIDDLE:
        head = _FINAL_TEXT + b"\x7e" + size.to_bytes(2)
    else:
        head = _FINAL_TEXT + b"\x7f" + size.to_bytes(8)
    return head + payload


class SocketProtocol(WebSocketsSansIOProtocol):
    """Writes a text frame in one call. A message that goes to many sockets becomes bytes once for all of them: they are
    kept in it, under `wire`. Whatever else is sent, and all that comes, goes uvicorn's way.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = self.conn.logger = _QUIET

    async def send(self, message: Any) -> None:
        """Send an ASGI message."""
        if (
            message["type"] == "websocket.send"
            and self.conn.state is State.OPEN
            and self.handshake_complete
            and not self.close_sent
            and not self.disconnected
            and self.writable.is_set()
        ):
            wire: bytes | None = message.get("wire")
            if wire is None:
                message["wire"] = wire = text_frame(message["text"])
            self.transport.write(wire)
            return
        await super().send(message)

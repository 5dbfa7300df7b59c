"""The server under the API: uvicorn, with what sockets need of it."""

import gc
import socket
from typing import Any

import uvicorn
from fastapi import FastAPI

from backend.core.config import Settings
from backend.platform.http.one_write import OneWriteProtocol
from backend.wire import SocketProtocol

_STALLED_MILLISECONDS = 30_000
_MESSAGE_BYTES = 1 << 20


class Server(uvicorn.Server):
    """Says goodbye to the sockets before it closes them; uvicorn itself would cut them off."""

    def __init__(self, app: FastAPI, settings: Settings, *, host: str, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                loop="uvloop",
                http=OneWriteProtocol,
                ws=SocketProtocol,
                # Deflate would more than double what an idle socket takes.
                ws_per_message_deflate=False,
                ws_max_size=_MESSAGE_BYTES,
                access_log=False,
                log_config=None,
                server_header=False,
                forwarded_allow_ips=settings.forwarded_allow_ips,
                timeout_graceful_shutdown=max(1, round(settings.drain_seconds)),
                backlog=4096,
            )
        )
        self._app = app

    def bind(self) -> socket.socket:
        """The listening socket. A reader that takes nothing for half a minute is cut off by the system."""
        bound = self.config.bind_socket()
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _STALLED_MILLISECONDS)
        return bound

    async def startup(self, sockets: Any = None) -> None:
        """Start, and then look for garbage only among what is new: looking through all that was loaded takes 100 ms.

        The first generation is collected often, which is cheap. The next one holds what five thousand sockets consist
        of when they have just come: looking through all of that while they come was a sixth of what it cost.
        """
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 100, 50)

    async def shutdown(self, sockets: Any = None) -> None:
        """Drain the sockets, then all else."""
        realtime = getattr(self._app.state, "realtime", None)
        if realtime is not None:
            await realtime.drain()
        await super().shutdown(sockets)

"""An SMS gateway that speaks the protocol of `push/sms.py`: checks who asks, refuses replays, sends a
reference once.
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_SKEW_SECONDS = 300


@dataclass
class SmsGateway:
    """`sent` holds what went out, `came` since when (Unix seconds), both by reference.
    `next_answers` are given, one each, before anything is looked at.

    `dies`: the gateway breaks down, and says 500, before a message is taken, or after.
    """

    keys: dict[str, str]
    url: str = ""
    sent: dict[str, dict[str, str]] = field(default_factory=dict)
    came: dict[str, float] = field(default_factory=dict)
    next_answers: list[Response] = field(default_factory=list)
    dies: Literal["before", "after"] | None = None

    async def receive(self, request: Request) -> Response:
        """One message."""
        body = await request.body()
        if self.next_answers:
            return self.next_answers.pop(0)
        if not self._is_signed(request, body):
            return JSONResponse({"error": "signature"}, 401)
        if self.dies == "before":
            return JSONResponse({}, 500)
        message: dict[str, str] = json.loads(body)
        self.sent.setdefault(message["reference"], message)
        self.came.setdefault(message["reference"], time.time())
        if self.dies == "after":
            return JSONResponse({}, 500)
        return JSONResponse({"id": f"gw-{message['reference']}"}, 202)

    async def look_up(self, request: Request) -> Response:
        """What became of a reference."""
        if self.next_answers:
            return self.next_answers.pop(0)
        if not self._is_signed(request, request.url.query.encode()):
            return JSONResponse({"error": "signature"}, 401)
        reference = request.query_params["reference"]
        if reference not in self.sent:
            return JSONResponse({"taken": False})
        return JSONResponse({"taken": True, "id": f"gw-{reference}"})

    async def told(self, request: Request) -> Response:
        """For programs in other processes: when the first message to each phone came."""
        return JSONResponse({message["to"]: self.came[one] for one, message in reversed(self.sent.items())})

    def _is_signed(self, request: Request, body: bytes) -> bool:
        timestamp = request.headers.get("x-timestamp", "")
        secret = self.keys.get(request.headers.get("x-key-id", ""))
        if secret is None or not timestamp.isdigit() or abs(time.time() - int(timestamp)) > _SKEW_SECONDS:
            return False
        signed = hmac.new(secret.encode(), f"{timestamp}\n".encode() + body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(signed, request.headers.get("x-signature", ""))


@asynccontextmanager
async def sms_gateway(port: int = 0, /, **keys: str) -> AsyncIterator[SmsGateway]:
    """A gateway on a port of its own or this one, for callers who hold one of `keys`."""
    gateway = SmsGateway(keys)
    app = Starlette(
        routes=[
            Route("/send", gateway.receive, methods=["POST"]),
            Route("/send", gateway.look_up, methods=["GET"]),
            Route("/told", gateway.told, methods=["GET"]),
        ]
    )
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", lifespan="off")
    )
    task: asyncio.Task[Any] = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    listens_on = server.servers[0].sockets[0].getsockname()[1]
    gateway.url = f"http://127.0.0.1:{listens_on}/send"
    try:
        yield gateway
    finally:
        server.should_exit = True
        with suppress(asyncio.CancelledError):
            await task

"""A number service that speaks the protocol of `backend/platform/numbers.py`: checks who asks, refuses what is old."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_SKEW_SECONDS = 300


@dataclass
class Numbers:
    """`asked`: the calls that were connected, by reference. `next_answers` are given, one each, before it looks."""

    keys: dict[str, str]
    url: str = ""
    asked: dict[str, dict[str, Any]] = field(default_factory=dict)
    next_answers: list[Response] = field(default_factory=list)

    async def connect(self, request: Request) -> Response:
        """A number for a call; for one that it knows, the same."""
        body = await request.body()
        if not self._is_signed(request, body):
            return JSONResponse({"error": "signature"}, 401)
        if self.next_answers:
            return self.next_answers.pop(0)
        call: dict[str, Any] = json.loads(body)
        self.asked.setdefault(call["reference"], call)
        nth = list(self.asked).index(call["reference"])
        until = datetime.now(UTC) + timedelta(seconds=call["seconds"])
        return JSONResponse({"number": f"+861700000{nth:04}", "expires_at": until.isoformat()})

    def _is_signed(self, request: Request, body: bytes) -> bool:
        timestamp = request.headers.get("x-timestamp", "")
        secret = self.keys.get(request.headers.get("x-key-id", ""))
        if secret is None or not timestamp.isdigit() or abs(time.time() - int(timestamp)) > _SKEW_SECONDS:
            return False
        signed = hmac.new(secret.encode(), f"{timestamp}\n".encode() + body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(signed, request.headers.get("x-signature", ""))


@asynccontextmanager
async def number_service(**keys: str) -> AsyncIterator[Numbers]:
    """A service on a port of its own, for callers who hold one of `keys`."""
    service = Numbers(keys)
    app = Starlette(routes=[Route("/calls", service.connect, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    task: asyncio.Task[Any] = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    service.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/calls"
    try:
        yield service
    finally:
        server.should_exit = True
        with suppress(asyncio.CancelledError):
            await task

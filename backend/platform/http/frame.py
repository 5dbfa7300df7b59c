"""The frame around every request: its id, language, limits of size and time, security headers, log line, metrics.

Pure ASGI and one layer only: it stands on every hot path.
"""

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.core.errors import TooMany
from backend.core.ids import new_id
from backend.core.locale import choose
from backend.core.logging import log
from backend.platform.http.flood import Flood
from backend.platform.http.metrics import IN_FLIGHT, measures
from backend.platform.http.problems import problem_response

_REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")

# As they go over the wire: encoding them anew for each answer takes longer than sending them.
_EVERY_ANSWER = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (
        b"content-security-policy",
        (
            b"default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline';"
            b" img-src 'self' data:; frame-ancestors 'none'"
        ),
    ),
    (b"strict-transport-security", b"max-age=31536000"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]


class BodyTooLarge(HTTPException):
    """Raised out of `receive` when a body is over its limit. FastAPI lets only its own kind of error through there."""

    def __init__(self, limit: int) -> None:
        super().__init__(413)
        self.limit = limit


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one request may take, and what every answer to it carries, refusals too."""

    body_bytes: int
    seconds: float
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Frame:
    """The outermost layer of the API.

    `special`: addresses with an allowance of their own; one that ends with a slash stands for all below it.
    """

    def __init__(
        self, app: ASGIApp, *, flood: Flood, ordinary: Allowance, special: Mapping[str, Allowance]
    ) -> None:
        self._app, self._flood, self._ordinary, self._special = app, flood, ordinary, special
        self._below = tuple(address for address in special if address.endswith("/"))

    def _allowance(self, path: str) -> Allowance:
        if path.startswith(self._below):
            return next(self._special[address] for address in self._below if path.startswith(address))
        return self._special.get(path, self._ordinary)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await (_socket if scope["type"] == "websocket" else self._app)(scope, receive, send)
            return
        # Of a header that came twice the first one counts, as everywhere.
        headers = dict(reversed(scope["headers"]))
        offered = headers.get(b"x-request-id", b"").decode("latin-1")
        request_id = offered if _REQUEST_ID.fullmatch(offered) else str(new_id())
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        state["locale"] = choose(headers.get(b"accept-language", b"").decode("latin-1"))
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        allowance = self._allowance(scope["path"])
        started = time.perf_counter()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _dress(message["headers"], request_id, allowance.headers)
            await send(message)

        async def refuse(code: str, http_status: int, **params: Any) -> None:
            if status:
                return  # The answer has begun; all that is left is to end it.
            retry = {"retry-after": str(params["retry_after"])} if "retry_after" in params else None
            response = problem_response(
                locale=state["locale"],
                request_id=request_id,
                status=http_status,
                code=code,
                params=params,
                headers=retry,
            )
            await response(scope, receive, answer)

        IN_FLIGHT.inc()
        try:
            self._flood.count_address(scope["client"][0] if scope.get("client") else "unknown")
            declared = headers.get(b"content-length", b"").decode("latin-1")
            async with asyncio.timeout(allowance.seconds):
                await self._app(scope, _limited(declared, receive, allowance.body_bytes), answer)
        except TooMany as refusal:
            await refuse(refusal.code, 429, retry_after=refusal.retry_after)
        except BodyTooLarge as refusal:
            await refuse("body_too_large", 413, limit=refusal.limit)
        except TimeoutError:
            await refuse("took_too_long", 503, retry_after=5)
        except Exception:
            log.exception("request_failed", method=scope["method"], path=scope["path"])
            await refuse("internal", 500)
        finally:
            IN_FLIGHT.dec()
            route = getattr(scope.get("route"), "path", "none")
            taken = time.perf_counter() - started
            requests, seconds = measures(scope["method"], route, status)
            requests.inc()
            seconds.observe(taken)
            log.info("request", method=scope["method"], route=route, status=status, ms=round(taken * 1000, 1))


async def _socket(scope: Scope, receive: Receive, send: Send) -> None:
    """Sockets never reach the framework: its layers would cost each idle one as much again."""
    if scope["path"] == "/v1/socket":
        await scope["app"].state.realtime.door(scope, receive, send)
        return
    await receive()
    await send(
        {"type": "websocket.http.response.start", "status": 404, "headers": [(b"content-length", b"0")]}
    )
    await send({"type": "websocket.http.response.body", "body": b""})


def _dress(
    headers: list[tuple[bytes, bytes]], request_id: str, more: tuple[tuple[bytes, bytes], ...]
) -> None:
    """Add what every answer carries, where the answer does not say otherwise."""
    own = {name for name, _ in headers}
    headers.append((b"x-request-id", request_id.encode()))
    headers.extend(more)
    headers.extend(header for header in _EVERY_ANSWER if header[0] not in own)


def _limited(declared: str, receive: Receive, limit: int) -> Receive:
    # Latin-1 has digits that int() does not read, and int() does not read thousands of digits.
    if declared.isdecimal() and (len(declared) > 15 or int(declared) > limit):
        raise BodyTooLarge(limit)
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise BodyTooLarge(limit)
        return message

    return counted

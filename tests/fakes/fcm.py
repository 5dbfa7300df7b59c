"""Firebase Cloud Messaging as its HTTP v1 API and Google's token endpoint are documented, on a port of its own.

It believes only assertions signed by the service account it gave out, and access tokens that it issued and that have
not ended. What was taken is counted by device token and by what it collapses under.
"""

import asyncio
import json
import re
import secrets
import socket
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from google.auth import jwt

_SCOPES = {
    "https://www.googleapis.com/auth/firebase.messaging",
    "https://www.googleapis.com/auth/cloud-platform",
}
# What google-auth signs for, wherever the account's `token_uri` points.
_AUDIENCE = "https://oauth2.googleapis.com/token"
_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
_LARGEST = 4096
# One in which those who wait are taken, one in which each is given its protocol, and one in which that is told.
_TURNS_TO_SERVE = 3
_FIELDS = {"token", "notification", "data", "android", "apns", "webpush", "fcm_options"}
_STATUSES = {
    "INVALID_ARGUMENT": (400, "INVALID_ARGUMENT"),
    "UNREGISTERED": (404, "NOT_FOUND"),
    "SENDER_ID_MISMATCH": (403, "PERMISSION_DENIED"),
    "QUOTA_EXCEEDED": (429, "RESOURCE_EXHAUSTED"),
    "UNAVAILABLE": (503, "UNAVAILABLE"),
    "INTERNAL": (500, "INTERNAL"),
    "THIRD_PARTY_AUTH_ERROR": (401, "UNAUTHENTICATED"),
}


@dataclass(frozen=True)
class Fault:
    """What is done with a message instead of taking it. `dies` closes the connection: before it is taken, or after."""

    status: int = 0
    body: dict[str, Any] | str = ""
    headers: dict[str, str] = field(default_factory=dict)
    dies: Literal["before", "after"] | None = None


def refusal(code: str, message: str = "refused", *, retry_after: str | None = None) -> Fault:
    """An error of FCM's own, with its code among the details."""
    status, name = _STATUSES[code]
    details = [{"@type": _FCM_ERROR, "errorCode": code}]
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return Fault(status, _problem(status, name, message, details), headers)


def invalid(field_name: str, description: str) -> Fault:
    """An argument that cannot be, with the field that is wrong."""
    violations = [{"field": field_name, "description": description}]
    details = [{"@type": _BAD_REQUEST, "fieldViolations": violations}]
    return Fault(400, _problem(400, "INVALID_ARGUMENT", description, details))


def plain(status: int, name: str) -> Fault:
    """An error of Google's front end: no details."""
    return Fault(status, _problem(status, name, "refused", []))


DIES_BEFORE, DIES_AFTER = Fault(dies="before"), Fault(dies="after")


def _problem(status: int, name: str, message: str, details: list[dict[str, Any]]) -> dict[str, Any]:
    error: dict[str, Any] = {"code": status, "message": message, "status": name}
    return {"error": error | ({"details": details} if details else {})}


@dataclass
class FcmEndpoint:
    """Access tokens are only given while `tokens_flow`.

    `faults` are by device token; `next_faults` are given, one each, before; `judge` decides for what is left.
    """

    project: str = "tongxing-test"
    url: str = ""
    lifetime: int = 3600
    latency: float = 0.0
    tokens_flow: asyncio.Event = field(default_factory=asyncio.Event)
    token_fault: Fault | None = None
    faults: dict[str, Fault] = field(default_factory=dict)
    next_faults: list[Fault] = field(default_factory=list)
    judge: Callable[[dict[str, Any]], Fault | None] = lambda message: None
    taken: list[dict[str, Any]] = field(default_factory=list)
    by_token: Counter[str] = field(default_factory=Counter)
    by_collapse: Counter[tuple[str, str]] = field(default_factory=Counter)
    asked: int = 0
    fetches: int = 0
    _issued: dict[str, float] = field(default_factory=dict)
    _runner: web.AppRunner | None = None
    _site: web.SockSite | None = None
    _door: socket.socket | None = None
    _tls: ssl.SSLContext | None = None

    def service_account(self) -> dict[str, str]:
        """The file that Firebase's console would give out."""
        return {
            "type": "service_account",
            "project_id": self.project,
            "private_key_id": "k1",
            "private_key": _key()[0],
            "client_email": f"push@{self.project}.iam.gserviceaccount.com",
            "client_id": "1",
            "token_uri": f"{self.url}/token",
        }

    def revoke(self) -> None:
        """Believe no access token issued so far."""
        self._issued.clear()

    async def listen(self, runner: web.AppRunner, port: int, tls: ssl.SSLContext | None) -> None:
        """Answer on this port, or on one that is free."""
        self._runner, self._tls = runner, tls
        self._door = socket.create_server(("127.0.0.1", port))
        self._site = web.SockSite(runner, self._door, ssl_context=tls)
        await self._site.start()
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{runner.addresses[0][1]}"

    async def die(self) -> None:
        """Drop every connection and take no new one, until `come_back`."""
        assert self._runner is not None
        assert self._site is not None
        assert self._door is not None
        # asyncio lets go of a connection that it has taken and not yet served when its server closes, and never closes
        # it: nobody new is taken first, and whoever was taken is served.
        asyncio.get_running_loop().remove_reader(self._door)
        for _ in range(_TURNS_TO_SERVE):
            await asyncio.sleep(0)
        await self._site.stop()
        assert self._runner.server is not None
        for connection in self._runner.server.connections:
            if connection.transport is not None:
                connection.transport.abort()

    async def come_back(self) -> None:
        """Answer again at the same address."""
        assert self._runner is not None
        await self.listen(self._runner, int(self.url.rsplit(":", 1)[1]), self._tls)

    def shown(self) -> int:
        """How many messages the owners of the devices see: those that took another's place count once."""
        return len(self.by_collapse)

    async def token(self, request: web.Request) -> web.StreamResponse:
        """RFC 7523: an access token for a signed assertion."""
        self.fetches += 1
        await self.tokens_flow.wait()
        if self.token_fault is not None:
            return _answer(request, self.token_fault)
        form = await request.post()
        try:
            if form["grant_type"] != "urn:ietf:params:oauth:grant-type:jwt-bearer":
                raise ValueError("unsupported grant_type")
            claims = jwt.decode(str(form["assertion"]), certs=_key()[1], audience=_AUDIENCE)  # type: ignore[no-untyped-call]  # google-auth's
            if claims["iss"] != self.service_account()["client_email"]:
                raise ValueError("unknown account")
            if not _SCOPES & set(claims["scope"].split()):
                raise ValueError("scope")
        except (ValueError, KeyError) as error:
            return web.json_response({"error": "invalid_grant", "error_description": str(error)}, status=400)
        issued = secrets.token_urlsafe(24)
        self._issued[issued] = time.monotonic() + self.lifetime
        return web.json_response(
            {"access_token": issued, "expires_in": self.lifetime, "token_type": "Bearer"}
        )

    async def told(self, request: web.Request) -> web.StreamResponse:
        """For programs in other processes: the account to send with, and what was taken so far."""
        counted = {"taken": sum(self.by_token.values()), "devices": len(self.by_token), "shown": self.shown()}
        return web.json_response({"account": self.service_account(), "counted": counted})

    async def send(self, request: web.Request) -> web.StreamResponse:
        """One message."""
        self.asked += 1
        body = await request.read()
        await asyncio.sleep(self.latency) if self.latency else None
        if not self._believes(request.headers.get("authorization", "")):
            return _answer(request, plain(401, "UNAUTHENTICATED"))
        if request.match_info["project"] != self.project:
            return _answer(request, plain(403, "PERMISSION_DENIED"))
        message, wrong = _read(body)
        if wrong is not None:
            return _answer(request, wrong)
        token = message["token"]
        fault = self.next_faults.pop(0) if self.next_faults else self.faults.get(token, self.judge(message))
        if fault is not None and fault.dies != "after":
            return _answer(request, fault)
        self.taken.append(message)
        self.by_token[token] += 1
        self.by_collapse[token, _shown_as(message, len(self.taken))] += 1
        if fault is not None:
            return _answer(request, fault)
        return web.json_response({"name": f"projects/{self.project}/messages/{len(self.taken)}"})

    def _believes(self, authorization: str) -> bool:
        return time.monotonic() < self._issued.get(authorization.removeprefix("Bearer "), 0.0)


def _answer(request: web.Request, fault: Fault) -> web.StreamResponse:
    if fault.dies:
        assert request.transport is not None
        request.transport.abort()
    if isinstance(fault.body, str):
        return web.Response(status=fault.status or 200, text=fault.body, headers=fault.headers)
    return web.json_response(fault.body, status=fault.status, headers=fault.headers)


def _read(body: bytes) -> tuple[dict[str, Any], Fault | None]:
    """The message, or what is wrong with it."""
    try:
        message = json.loads(body)["message"]
        assert isinstance(message, dict)
    except (ValueError, KeyError, TypeError, AssertionError):
        return {}, invalid("message", "Invalid JSON payload received.")
    if unknown := sorted(set(message) - _FIELDS):
        return {}, invalid("message", f"Unknown name {unknown[0]!r} at 'message': Cannot find field.")
    if not isinstance(message.get("token"), str) or not message["token"]:
        return {}, invalid("message", "Recipient of the message is not set.")
    data = message.get("data", {})
    if wrong := next((name for name, value in data.items() if not isinstance(value, str)), None):
        return {}, invalid(f"message.data[{wrong}]", "not a string")
    if wrong := next((name for name in data if re.match(r"from$|message_type$|google|gcm", name)), None):
        return {}, invalid("message.data", f"Invalid data payload key: {wrong}")
    android = message.get("android", {})
    if not re.fullmatch(r"\d+(\.\d{1,9})?s", android.get("ttl", "0s")):
        return {}, invalid("message.android.ttl", "Illegal duration format")
    if android.get("priority", "normal").lower() not in ("normal", "high"):
        return {}, invalid("message.android.priority", "Invalid value")
    headers = message.get("apns", {}).get("headers", {})
    if len(headers.get("apns-collapse-id", "")) > 64 or headers.get("apns-priority", "5") not in ("5", "10"):
        return {}, invalid("message.apns.headers", "Invalid value")
    if len(message.get("webpush", {}).get("headers", {}).get("Topic", "")) > 32:
        return {}, invalid("message.webpush.headers", "Invalid value")
    shown = message.get("notification", {})
    if len(json.dumps({"d": data, "n": shown}, ensure_ascii=False).encode()) > _LARGEST:
        return {}, refusal("INVALID_ARGUMENT", "Android message is too big")
    return message, None


def _shown_as(message: dict[str, Any], number: int) -> str:
    tag: str = message.get("android", {}).get("notification", {}).get("tag", f"untagged {number}")
    return tag


@cache
def _key() -> tuple[str, str]:
    """The service account's private key and its public half, made once a run."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return (
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
    )


@asynccontextmanager
async def fcm_endpoint(tls: ssl.SSLContext | None = None, port: int = 0) -> AsyncIterator[FcmEndpoint]:
    """The endpoint, until the block ends."""
    endpoint = FcmEndpoint()
    endpoint.tokens_flow.set()
    app = web.Application()
    app.router.add_post("/token", endpoint.token)
    app.router.add_get("/told", endpoint.told)
    app.router.add_post("/v1/projects/{project}/messages:send", endpoint.send)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await endpoint.listen(runner, port, tls)
        yield endpoint
    finally:
        await runner.cleanup()

"""Numbers that connect two people without showing either the other's: a number service behind a signed HTTP address.

One POST of JSON a call: `{"caller", "callee", "seconds", "reference"}`, phones in E.164. The headers `X-Key-Id`,
`X-Timestamp` (Unix seconds) and `X-Signature` (hex HMAC-SHA256 of `timestamp + "\\n" + body` under the shared secret)
let the service know it is us and that nothing was changed or replayed. It answers 2xx with `{"number", "expires_at"}`:
whoever dials that number from `caller` before then reaches `callee`, and neither sees the other's. A `reference` it
knows still gets the number it has.

No phone is ever logged: what has gone wrong is told by its status or kind alone.
"""

import hashlib
import hmac
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

import httpx

from backend.core.config import Settings
from backend.core.logging import log

STANDS_SECONDS: Final = 600
"""How long a number is asked to stand: to dial, and to dial once more. Ours: no rule says."""

_DIALLED: Final = re.compile(r"\+?[0-9]{5,20}(,[0-9]{1,8})?")
"""Digits, and an extension after a comma where the service gives one."""


@dataclass(frozen=True, slots=True)
class Call:
    """Who wants to reach whom, in E.164. `reference`: the same while it is the same two about the same matter."""

    caller: str
    callee: str
    reference: str


@dataclass(frozen=True, slots=True)
class Number:
    """What to dial, and until when it connects."""

    number: str
    expires_at: datetime


class NumberService(Protocol):
    """Gives numbers."""

    async def connect(self, call: Call) -> Number | None:
        """A number for this call; None: there is none now. Never raises for what a service says."""


class SignedNumbers:
    """A `NumberService` at an address that speaks the protocol above."""

    def __init__(self, url: str, *, key_id: str, secret: str) -> None:
        self._url, self._key_id, self._secret = url, key_id, secret
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(5, connect=3), trust_env=False)

    async def connect(self, call: Call) -> Number | None:
        content = {
            "caller": call.caller,
            "callee": call.callee,
            "seconds": STANDS_SECONDS,
            "reference": call.reference,
        }
        body = json.dumps(content).encode()
        try:
            answer = await self._client.post(self._url, content=body, headers=self._signed(body))
            said: object = answer.json() if answer.is_success else None
        except (httpx.HTTPError, ValueError) as error:
            log.warning("number_not_given", error=type(error).__name__)
            return None
        number = _read(said, call)
        if number is None:
            log.warning("number_not_given", status=answer.status_code)
        return number

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _signed(self, body: bytes) -> dict[str, str]:
        timestamp = str(int(time.time()))
        signed = hmac.new(self._secret.encode(), f"{timestamp}\n".encode() + body, hashlib.sha256)
        return {
            "content-type": "application/json",
            "x-key-id": self._key_id,
            "x-timestamp": timestamp,
            "x-signature": signed.hexdigest(),
        }


@asynccontextmanager
async def open_numbers(settings: Settings) -> AsyncIterator[NumberService | None]:
    """The service that the settings name; None: they name none."""
    if not settings.numbers_url:
        yield None
        return
    secret = settings.numbers_secret.get_secret_value()
    service = SignedNumbers(settings.numbers_url, key_id=settings.numbers_key_id, secret=secret)
    try:
        yield service
    finally:
        await service.aclose()


def _read(said: object, call: Call) -> Number | None:
    # A service that hands out one of the two numbers themselves would show what it is there to hide.
    match said:
        case {"number": str(number), "expires_at": str(until)} if _DIALLED.fullmatch(number):
            digits = number.partition(",")[0].lstrip("+")
            # Whether or not it is written with the country's prefix.
            if any(one.endswith(digits) for one in (call.caller, call.callee)):
                return None
            try:
                moment = datetime.fromisoformat(until)
            except ValueError:
                return None
            return None if moment.tzinfo is None else Number(number, moment.astimezone(UTC))
        case _:
            return None

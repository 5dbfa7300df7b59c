"""SMS through a signed HTTP gateway.

One POST of JSON a message: `{"to", "text", "reference"}`. The headers `X-Key-Id`, `X-Timestamp` (Unix seconds) and
`X-Signature` (hex HMAC-SHA256 of `timestamp + "\\n" + body` under the shared secret) let the gateway know it is us and
that nothing was changed or replayed. It answers 2xx with `{"id"}`, and sends a `reference` it has seen only once.

What became of a message it tells at the same address: GET `?reference=...`, signed alike with the query string in the
body's place, answers 200 with `{"taken": true, "id"}` or `{"taken": false}`.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from urllib.parse import urlencode

import httpx

from push.message import (
    Accepted,
    Ambiguous,
    DeadAddress,
    Fate,
    Message,
    NotTaken,
    Outcome,
    Refused,
    RetryAfter,
    Stopped,
    Unknown,
)
from push.pauses import growing, told
from push.several import several

_AT_ONCE = 8


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of one request."""
    return hmac.new(secret.encode(), timestamp.encode() + b"\n" + body, hashlib.sha256).hexdigest()


class SmsGateway:
    """An `SmsChannel` over the gateway at `url`."""

    settles = 60.0

    def __init__(self, url: str, *, key_id: str, secret: str) -> None:
        self._url, self._key_id, self._secret = url, key_id, secret
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(10, connect=5), trust_env=False)

    async def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """Hand messages over, a few at a time."""
        return await several(messages, self._send_one, _AT_ONCE)

    async def fate(self, reference: str, address: str, day: date) -> Fate:  # noqa: ARG002  # the reference says it all
        """What the gateway knows of this reference."""
        query = urlencode({"reference": reference})
        try:
            response = await self._client.get(f"{self._url}?{query}", headers=self._signed(query.encode()))
            said: object = response.json() if response.status_code == 200 else None
        except (httpx.HTTPError, ValueError) as error:
            return Unknown(type(error).__name__)
        match said:
            case {"taken": True, **rest}:
                return Accepted(str(rest.get("id", "")))
            case {"taken": False}:
                return NotTaken("not known to the gateway")
            case _:
                return Unknown(f"HTTP {response.status_code}")

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _send_one(self, message: Message) -> Outcome:
        content = {"to": message.address, "text": message.body, "reference": message.reference}
        body = json.dumps(content, ensure_ascii=False).encode()
        headers = self._signed(body) | {"content-type": "application/json"}
        try:
            response = await self._client.post(self._url, content=body, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return RetryAfter(growing(message), type(error).__name__, everybody=True)
        except httpx.HTTPError as error:
            return Ambiguous(type(error).__name__)
        return _outcome(response, message)

    def _signed(self, signed: bytes) -> dict[str, str]:
        timestamp = str(int(time.time()))
        return {
            "x-key-id": self._key_id,
            "x-timestamp": timestamp,
            "x-signature": signature(self._secret, timestamp, signed),
        }


def _outcome(response: httpx.Response, message: Message) -> Outcome:
    reason = f"HTTP {response.status_code}"
    if response.is_success:
        try:
            return Accepted(str(response.json()["id"]))
        except (ValueError, KeyError, TypeError):
            return Accepted("")
    match response.status_code:
        case 404 | 410:
            return DeadAddress(reason)
        case 429 | 503:
            pause = told(response.headers.get("retry-after"), datetime.now(UTC))
            away = response.status_code == 503
            return RetryAfter(growing(message) if pause is None else pause, reason, everybody=away)
        case status if status >= 500:
            return Ambiguous(reason)
        case 400 | 413 | 422:
            return Refused(reason)
        case _:
            return Stopped(reason)

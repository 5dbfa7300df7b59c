"""SMS through a signed HTTP gateway.

One POST of JSON a message: `{"to", "text", "reference"}`. The headers `X-Key-Id`, `X-Timestamp` (Unix seconds) and
`X-Signature` (hex HMAC-SHA256 of `timestamp + "\\n" + body` under the shared secret) let the gateway know it is us and
that nothing was changed or replayed. It answers 2xx with `{"id"}`, and sends a `reference` it has seen only once.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Sequence

import httpx

from push.message import Accepted, DeadAddress, Message, Outcome, Refused, RetryAfter

_RETRY_SECONDS = 5.0


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of one request."""
    return hmac.new(secret.encode(), timestamp.encode() + b"\n" + body, hashlib.sha256).hexdigest()


class SmsGateway:
    """A `Channel` over the gateway at `url`."""

    def __init__(self, url: str, *, key_id: str, secret: str) -> None:
        self._url, self._key_id, self._secret = url, key_id, secret
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(10, connect=5))

    async def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """Hand messages over, one after the other."""
        return [await self._send_one(message) for message in messages]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _send_one(self, message: Message) -> Outcome:
        told = {"to": message.address, "text": message.body, "reference": message.reference}
        body = json.dumps(told, ensure_ascii=False).encode()
        timestamp = str(int(time.time()))
        headers = {
            "content-type": "application/json",
            "x-key-id": self._key_id,
            "x-timestamp": timestamp,
            "x-signature": signature(self._secret, timestamp, body),
        }
        try:
            response = await self._client.post(self._url, content=body, headers=headers)
        except httpx.HTTPError as error:
            return RetryAfter(_RETRY_SECONDS, type(error).__name__)
        return _outcome(response)


def _outcome(response: httpx.Response) -> Outcome:
    if response.is_success:
        try:
            return Accepted(str(response.json()["id"]))
        except (ValueError, KeyError, TypeError):
            return Accepted("")
    if response.status_code in (404, 410):
        return DeadAddress(f"HTTP {response.status_code}")
    if response.status_code == 429 or response.status_code >= 500:
        told = response.headers.get("retry-after", "")
        return RetryAfter(float(told) if told.isdigit() else _RETRY_SECONDS, f"HTTP {response.status_code}")
    return Refused(f"HTTP {response.status_code}")

"""Firebase Cloud Messaging: firebase-admin's credentials and messages, handed over by aiohttp.

Nothing of the process's environment is read: proxy and certificate authorities are what the constructor is given.
A client belongs to the loop of its first `send`.
"""

import asyncio
import base64
import hashlib
import ssl
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import requests
from firebase_admin import credentials, messaging
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from google.auth.transport.requests import Request

from push import fcm_answers
from push.message import Ambiguous, Message, Outcome, Refused, RetryAfter, Stopped
from push.pauses import growing
from push.several import several

URL = "https://fcm.googleapis.com"
_SECONDS = 15.0
_CONNECT_SECONDS = 5.0
_AWAY_SECONDS = 10.0
# A new access token is fetched this long before the old one ends, while the old one is used on.
_AHEAD_SECONDS = 300.0
_FETCH_AGAIN_SECONDS = 15.0
_LONGEST_TTL = 28 * 86_400


class Fcm:
    """A `Channel` to devices.

    `service_account` is the parsed JSON file that Firebase's console gives out. `proxy` is the `http://` address of a
    forward proxy; `authorities` a file of certificate authorities to believe instead of the system's. Raises
    ValueError for a service account or a proxy that is none.
    """

    def __init__(
        self,
        service_account: Mapping[str, Any],
        *,
        proxy: str = "",
        authorities: str = "",
        url: str = URL,
        connections: int = 100,
    ) -> None:
        if proxy and not (proxy.startswith(("http://", "https://")) and urlsplit(proxy).hostname):
            raise ValueError("a proxy is given as http://host:port")
        certificate = credentials.Certificate(dict(service_account))
        self._url = f"{url}/v1/projects/{certificate.project_id}/messages:send"
        self._tokens = _Tokens(certificate.get_credential(), proxy, authorities)
        self._proxy, self._authorities, self._connections = proxy, authorities, connections
        self._session: aiohttp.ClientSession | None = None

    async def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """Hand messages over, as many at a time as there may be connections."""
        try:
            await self._tokens.get()
        except GoogleAuthError as error:
            return [_without_token(error, message) for message in messages]
        return await several(messages, self._send_one, self._connections)

    async def aclose(self) -> None:
        """Close the connections."""
        self._tokens.close()
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _send_one(self, message: Message) -> Outcome:
        try:
            body = f'{{"message":{_fcm_message(message)}}}'.encode()
        except ValueError as error:
            return Refused(str(error))
        try:
            status, retry_after, answer = await self._post(body)
            return fcm_answers.outcome(status, retry_after, answer, message)
        except GoogleAuthError as error:
            return _without_token(error, message)
        except aiohttp.ClientHttpProxyError as error:
            return fcm_answers.outcome(error.status, None, b"", message)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            seconds = growing(message, first=_AWAY_SECONDS)
            return RetryAfter(seconds, type(error).__name__, everybody=True)
        except (aiohttp.ClientError, TimeoutError) as error:
            # Sent, perhaps: the device shows both under one tag.
            return Ambiguous(type(error).__name__, growing(message, first=_AWAY_SECONDS))

    async def _post(self, body: bytes) -> tuple[int, str | None, bytes]:
        token = await self._tokens.get()
        answer = await self._post_with(token, body)
        if fcm_answers.refuses_our_token(answer[0], answer[2]):
            self._tokens.drop(token)
            answer = await self._post_with(await self._tokens.get(), body)
        return answer

    async def _post_with(self, token: str, body: bytes) -> tuple[int, str | None, bytes]:
        if self._session is None:
            trusted = ssl.create_default_context(cafile=self._authorities) if self._authorities else True
            self._session = aiohttp.ClientSession(
                # Each `send` bounds itself, so that an urgent one does not wait for the connections of a post.
                connector=aiohttp.TCPConnector(limit=0, ssl=trusted),
                timeout=aiohttp.ClientTimeout(total=_SECONDS, sock_connect=_CONNECT_SECONDS),
                headers={"content-type": "application/json; charset=utf-8"},
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        async with self._session.post(
            self._url,
            data=body,
            headers={"authorization": f"Bearer {token}"},
            proxy=self._proxy or None,
            allow_redirects=False,
        ) as response:
            return response.status, response.headers.get("retry-after"), await response.read()


class _Tokens:
    """The access token. google-auth fetches it by a blocking call: a thread does, one at a time and ahead of need."""

    def __init__(self, credential: Any, proxy: str, authorities: str) -> None:
        self._credential, self._proxy, self._authorities = credential, proxy, authorities
        self._token, self._ends, self._ahead = "", 0.0, 0.0
        self._fetching: asyncio.Task[str] | None = None

    async def get(self) -> str:
        """A token that is good for now. Raises GoogleAuthError where none is to be had."""
        now = time.monotonic()
        if now < self._ahead:
            return self._token
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetch())
            self._fetching.add_done_callback(self._fetched)
        if now < self._ends:
            return self._token
        return await asyncio.shield(self._fetching)

    def drop(self, token: str) -> None:
        """Forget this token: it was not believed."""
        if token == self._token:
            self._ends = self._ahead = 0.0

    def close(self) -> None:
        """Stop waiting for a token."""
        if self._fetching is not None:
            self._fetching.cancel()

    async def _fetch(self) -> str:
        token, seconds = await asyncio.to_thread(self._ask)
        now = time.monotonic()
        self._token, self._ends = token, now + seconds - 5
        self._ahead = now + max(seconds - _AHEAD_SECONDS, seconds / 2)
        return token

    def _fetched(self, task: asyncio.Task[str]) -> None:
        self._fetching = None
        if not task.cancelled() and task.exception() is not None:
            # As long as the old one is good nobody waits for this, and nobody asks again at once.
            self._ahead = min(time.monotonic() + _FETCH_AGAIN_SECONDS, self._ends)

    def _ask(self) -> tuple[str, float]:
        with requests.Session() as session:
            session.trust_env = False
            session.proxies = {"http": self._proxy, "https": self._proxy} if self._proxy else {}
            session.verify = self._authorities or True
            asked = time.time()
            try:
                self._credential.refresh(partial(Request(session), timeout=_SECONDS))
                ends = self._credential.expiry.replace(tzinfo=UTC).timestamp()
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                # A page to sign in at, or the like: google-auth takes any 200 for a token.
                raise RefreshError("the answer holds no token") from error  # type: ignore[no-untyped-call]  # google-auth's
            return str(self._credential.token), max(ends - asked, 0.0)


def _without_token(error: GoogleAuthError, message: Message) -> Outcome:
    reason = f"no access token: {error.args[0] if error.args else type(error).__name__}"[:200]
    if isinstance(error, TransportError) or (isinstance(error, RefreshError) and error.retryable):
        return RetryAfter(growing(message, first=_AWAY_SECONDS), reason, everybody=True)
    return Stopped(reason)


def _fcm_message(message: Message) -> messaging.Message:
    """What a device is given. Whatever happens twice under one reference, or one collapse key, shows once there."""
    shown_as = message.collapse_key or message.reference
    ttl = min(max(message.ttl, 0), _LONGEST_TTL)
    high = message.urgency == "high"
    told = messaging.Message(
        notification=messaging.Notification(title=message.title, body=message.body),
        data=message.data,
        android=messaging.AndroidConfig(
            priority=message.urgency,
            ttl=timedelta(seconds=ttl),
            # Not the reference: of a device that is away FCM keeps four collapse keys only.
            collapse_key=message.collapse_key,
            notification=messaging.AndroidNotification(tag=shown_as),
        ),
        apns=messaging.APNSConfig(
            headers={
                "apns-push-type": "alert",
                "apns-priority": "10" if high else "5",
                "apns-expiration": str(int(time.time()) + ttl if ttl else 0),
                "apns-collapse-id": _collapse_id(shown_as),
            },
            payload=messaging.APNSPayload(messaging.Aps(sound="default" if high else None)),
        ),
        webpush=messaging.WebpushConfig(
            headers={"TTL": str(ttl), "Urgency": message.urgency, "Topic": _topic(shown_as)}
        ),
    )
    # Apps hand us registration tokens. The constructor's argument of that name warns that installation ids are to come.
    told.token = message.address
    return told


def _collapse_id(key: str) -> str:
    """Apple: at most 64 bytes; and it travels as a header."""
    return key if key.isascii() and len(key) <= 64 else hashlib.sha256(key.encode()).hexdigest()


def _topic(key: str) -> str:
    """RFC 8030: at most 32 characters of the URL-safe base64 alphabet."""
    return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()[:24]).decode()

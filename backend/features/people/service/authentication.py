"""From a token to its caller: opaque tokens, SHA-256 at rest, cached for a moment, dropped at once when revoked."""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from backend.core.caller import Caller
from backend.core.config import Settings
from backend.core.ids import new_id
from backend.core.logging import log
from backend.db.signals import Signals
from backend.db.work import Work
from backend.features.people.models import Account, Session
from backend.features.people.repository import sessions
from backend.platform.process import Process

CHANNEL = "session_revoked"

# A cached session is asked for again after this long, which also notices that it is still in use.
_CACHE_SECONDS = 30.0
_CACHE_SIZE = 50_000


@dataclass(frozen=True, slots=True)
class Opened:
    """A session just opened. The token is shown this once."""

    token: str
    account: Account
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Cached:
    caller: Caller
    expires_at: datetime
    until: float


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def session_life(settings: Settings, kind: str) -> timedelta:
    """How long after its last use a session ends."""
    if kind == "owner":
        return timedelta(days=settings.session_days)
    return timedelta(hours=settings.staff_session_hours)


async def open_session(
    work: Work, settings: Settings, account: Account, *, device: str, address: str, now: datetime
) -> Opened:
    """Sign a device in."""
    token = secrets.token_urlsafe(32)
    expires_at = now + session_life(settings, account.kind)
    work.add(
        Session(
            id=new_id(),
            account_id=account.id,
            token_digest=_digest(token),
            device=device,
            address=address,
            last_seen_at=now,
            expires_at=expires_at,
        )
    )
    await work.flush()
    return Opened(token, account, expires_at)


async def signal_revoked(work: Work, signals: Signals, session_ids: Iterable[UUID]) -> None:
    """Have every node forget these sessions the moment this commits."""
    for session_id in session_ids:
        await signals.send(work, CHANNEL, str(session_id))


class Authentication:
    """One process's way from tokens to callers.

    The cache is trusted only while the line that carries revocations stands; without it every request asks
    the database.
    """

    def __init__(self, process: Process) -> None:
        self._process = process
        self._cache: dict[bytes, _Cached] = {}
        self._digests: dict[UUID, bytes] = {}
        self._generation = 0
        self._touching: set[asyncio.Task[None]] = set()
        process.signals.on(CHANNEL, self._forget)

    async def caller(self, token: str) -> Caller | None:
        """Who this token belongs to; None when it opens nothing."""
        digest = _digest(token)
        now = self._process.clock.now()
        cached = self._cache.get(digest)
        if (
            cached is not None
            and time.monotonic() < cached.until
            and now < cached.expires_at  # later it may still live: its use has been noted since we read it
            and self._process.signals.connected
        ):
            return cached.caller
        generation = self._generation
        row = await sessions.session_by_digest(self._process.direct, digest)
        if row is None or row["expires_at"] <= now:
            return None
        caller = Caller(account_id=row["account_id"], session_id=row["id"], kind=row["kind"])
        life = session_life(self._process.settings, caller.kind)
        # Noting the use once in a hundredth of the session's life keeps it sliding without a write a request.
        if now - row["last_seen_at"] > life / 100:
            self._touch(caller, now, now + life)
        # A revocation that arrived while we read must not be overwritten by what we read before it.
        if generation == self._generation and self._process.signals.connected:
            if len(self._cache) >= _CACHE_SIZE:
                self._cache.clear()
                self._digests.clear()
            self._cache[digest] = _Cached(caller, row["expires_at"], time.monotonic() + _CACHE_SECONDS)
            self._digests[caller.session_id] = digest
        return caller

    def _touch(self, caller: Caller, now: datetime, expires_at: datetime) -> None:
        async def touch() -> None:
            try:
                async with self._process.works.begin() as work:
                    await sessions.touch_session(work, caller.session_id, now, expires_at)
            except Exception as error:
                # The next request notes it.
                log.warning("session_untouched", error=type(error).__name__)

        task = asyncio.create_task(touch())
        self._touching.add(task)
        task.add_done_callback(self._touching.discard)

    def _forget(self, session_id: str | None) -> None:
        self._generation += 1
        if session_id is None:
            self._cache.clear()
            self._digests.clear()
        elif digest := self._digests.pop(UUID(session_id), None):
            self._cache.pop(digest, None)

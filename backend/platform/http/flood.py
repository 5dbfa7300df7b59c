"""Rate limits per account and per address, counted in this process.

They keep one client from taking a node for itself, so a count per node is the right one and costs no round trip; the
limits that guard one-time codes are shared between nodes and live with people's feature, over the library `limits`. Its
counter in memory is not for this place: it starts a thread a request, a third of what a hot read cost (bench/http.py).
"""

import math
import time
from dataclasses import dataclass
from uuid import UUID

from backend.core.errors import TooMany

_WINDOW_SECONDS = 60.0


@dataclass(slots=True)
class _Window:
    ends: float
    requests: int = 0


class _Counter:
    """Requests of each client within its minute, which begins with its first request."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._windows: dict[str | UUID, _Window] = {}
        self._swept_at = time.monotonic()

    def count(self, who: str | UUID) -> None:
        now = time.monotonic()
        window = self._windows.get(who)
        if window is None or window.ends <= now:
            self._sweep(now)
            window = self._windows[who] = _Window(now + _WINDOW_SECONDS)
        window.requests += 1
        if window.requests > self._limit:
            raise TooMany("too_many_requests", retry_after=math.ceil(window.ends - now))

    def _sweep(self, now: float) -> None:
        """Once a minute, forget the clients whose minute is over."""
        if now - self._swept_at >= _WINDOW_SECONDS:
            self._swept_at = now
            self._windows = {who: window for who, window in self._windows.items() if window.ends > now}


class Flood:
    """The two counts of one process."""

    def __init__(self, *, per_account: int, per_address: int) -> None:
        self._accounts, self._addresses = _Counter(per_account), _Counter(per_address)

    def count_account(self, account_id: UUID) -> None:
        """Count one request of an account.

        Raises:
            TooMany: `too_many_requests`.
        """
        self._accounts.count(account_id)

    def count_address(self, address: str) -> None:
        """Count one request from an address.

        Raises:
            TooMany: `too_many_requests`.
        """
        self._addresses.count(address)

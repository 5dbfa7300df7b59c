"""Rate limits per account and per address, counted in this process by the library `limits`.

They keep one client from taking a node for itself, so a count per node is the right one and costs no round trip; the
limits that guard one-time codes are shared between nodes and live with people's feature.
"""

import time
from uuid import UUID

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from backend.core.errors import TooMany


class Flood:
    """The two counts of one process."""

    def __init__(self, *, per_account: int, per_address: int) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._per_account = RateLimitItemPerMinute(per_account)
        self._per_address = RateLimitItemPerMinute(per_address)

    def count_account(self, account_id: UUID) -> None:
        """Count one request of an account.

        Raises:
            TooMany: `too_many_requests`.
        """
        self._count(self._per_account, f"account:{account_id}")

    def count_address(self, address: str) -> None:
        """Count one request from an address.

        Raises:
            TooMany: `too_many_requests`.
        """
        self._count(self._per_address, f"address:{address}")

    def _count(self, limit: RateLimitItemPerMinute, who: str) -> None:
        if not self._limiter.hit(limit, who):
            reset_time, _remaining = self._limiter.get_window_stats(limit, who)
            raise TooMany("too_many_requests", retry_after=max(1, round(reset_time - time.time())))

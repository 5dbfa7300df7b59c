"""The one clock. Code that needs the time is handed a `Clock`; nothing else asks the operating system."""

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Gives the present moment, timezone-aware, in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The operating system's clock: the only one production mode has."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class MovableClock:
    """The system's clock plus a shift that the whole running system shares (`platform/shift`).

    It exists for the demo and for tests. Production mode never builds one.
    """

    def __init__(self) -> None:
        self.shift = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift

    def go_ahead(self, shift: timedelta) -> None:
        """Stand so far ahead of the system's clock. A smaller shift is old news: time never goes back."""
        self.shift = max(self.shift, shift)


def local_date(moment: datetime) -> date:
    """The calendar day of `moment` on the mainland, where every estate stands."""
    return moment.astimezone(SHANGHAI).date()

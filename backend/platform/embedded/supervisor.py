"""Keeps services running: one that ends is started again, after pauses that grow with every crash."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from backend.platform.embedded.children import end_of
from backend.platform.embedded.errors import CannotStart

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_STEADY_SECONDS = 60.0


class Service(Protocol):
    """What can be supervised."""

    @property
    def name(self) -> str: ...

    def start(self) -> None:
        """Raises CannotStart."""

    def poll(self) -> int | None:
        """The exit code once it has ended."""


def pause_after(crashes: int) -> float:
    """Seconds to wait before the next start, after so many crashes in a row (at least one)."""
    return min(_FIRST_PAUSE * 2.0 ** min(crashes - 1, 10), _LONGEST_PAUSE)


def crashes_in_a_row(before: int, lived: float) -> int:
    """The count with one more crash; a service that lived for a minute has earned a new beginning."""
    return 1 if lived >= _STEADY_SECONDS else before + 1


@dataclass(slots=True)
class _Watch:
    service: Service
    since: float
    crashes: int = 0
    again_at: float | None = None


class Supervisor:
    """Watches services that run already. `say` gets a line whenever one ends and whenever it runs again."""

    def __init__(self, services: Sequence[Service], say: Callable[[str], None]) -> None:
        self._watches = [_Watch(service, time.monotonic()) for service in services]
        self._say = say

    def tick(self) -> None:
        """Look at each service once; call it a few times a second."""
        for watch in self._watches:
            if watch.again_at is None:
                code = watch.service.poll()
                if code is not None:
                    self._crashed(watch, end_of(code))
            elif time.monotonic() >= watch.again_at:
                self._start(watch)

    def _start(self, watch: _Watch) -> None:
        watch.since = time.monotonic()
        try:
            watch.service.start()
        except CannotStart as error:
            self._crashed(watch, f"did not start: {error}")
            return
        watch.again_at = None
        self._say(f"{watch.service.name} was started again.")

    def _crashed(self, watch: _Watch, why: str) -> None:
        now = time.monotonic()
        watch.crashes = crashes_in_a_row(watch.crashes, now - watch.since)
        pause = pause_after(watch.crashes)
        watch.again_at = now + pause
        self._say(f"{watch.service.name} {why}; it starts again in {pause:g} s.")

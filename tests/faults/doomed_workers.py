"""Three whole workers, one's clock an hour ahead, one's behind, that are killed at their commits and begun again.

Each commit of whatever fires timers, drains the outbox or sends is a boundary: before it everything the transaction
wrote is lost, after it everything stands and nothing that was to follow has happened.
"""

import asyncio
import ctypes
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from backend.core.clock import MovableClock
from backend.core.config import Settings
from backend.core.logging import configure_logging, log
from backend.db.work import Work
from backend.worker import run_worker

WRONG_BY_SECONDS: Final = (0.0, 3600.0, -3600.0)
"""How wrong the clock of each worker is."""

_OURS: Final = ("backend.platform.outbox", "backend.features.notices.service.sending")
_libc = ctypes.CDLL(None)
_PR_SET_PDEATHSIG: Final = 1
_commit = Work.commit
_now = MovableClock.now


def _who_commits() -> str | None:
    """Whose unit of work it is: the kind of the timers that fire, or a module; None: nothing of it is to be disturbed.

    Looking for work every second commits too, and comes to nothing when it is killed.
    """
    frame = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_name == "_fire_some":
            claimed = frame.f_locals.get("claimed")
            return str(claimed[0].kind) if claimed else None
        name = str(frame.f_globals.get("__name__"))
        if name.startswith(_OURS):
            return name
        frame = frame.f_back  # type: ignore[assignment]
    return None


def _doom(chance: random.Random, share: float) -> None:
    """Have this process die at a commit now and then, before it or after it."""

    async def commit(self: Work) -> None:
        who = _who_commits()
        # What drains the outbox and what sends look for work every second.
        of = share / 50 if who is None or who.startswith(_OURS) else share
        drawn = 1.0 if who is None else chance.random()
        if drawn < of:
            _die(who, "before")
        await _commit(self)
        if drawn < 2 * of:
            _die(who, "after")

    Work.commit = commit  # type: ignore[method-assign]  # it is what is disturbed here


def _die(who: str | None, when: str) -> None:
    log.warning("killed", boundary=f"{when} the commit of {who}")
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)


def _wrong(seconds: float) -> None:
    def now(self: MovableClock) -> datetime:
        return _now(self) + timedelta(seconds=seconds)

    MovableClock.now = now  # type: ignore[method-assign]


def begin(number: int, seed: str, share: float, set_clock: Callable[[float], None]) -> int:
    """A worker in a process of its own, which ends with this one; its process id. Forked: importing takes a second."""
    pid = os.fork()
    if pid == 0:
        _libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        for one in (signal.SIGUSR1, signal.SIGCHLD):
            signal.signal(one, signal.SIG_DFL)
        set_clock(WRONG_BY_SECONDS[number])
        _wrong(WRONG_BY_SECONDS[number])
        if share:
            _doom(random.Random(seed), share)
        # The servers may be down at this moment; then it is begun again.
        with suppress(Exception):
            asyncio.run(run_worker(Settings(_env_file=None)))
        os._exit(1)
    return pid


def main(set_clock: Callable[[float], None]) -> None:
    """Keep three running until killed. SIGUSR1: those begun from now on are not killed any more.

    `set_clock` sets by how many seconds `time.time` is wrong.
    """
    configure_logging("WARNING", service="worker")
    seed, share = os.environ["DOOM_SEED"], float(os.environ["DOOM_SHARE"])
    calm = False

    def calm_down(*_: object) -> None:
        nonlocal calm
        calm = True
        for pid in running.values():
            os.kill(pid, signal.SIGKILL)

    running: dict[int, int] = {}
    signal.signal(signal.SIGUSR1, calm_down)
    begun = 0
    while True:
        for number in range(len(WRONG_BY_SECONDS)):
            if number not in running:
                begun += 1
                running[number] = begin(number, f"{seed}:{begun}", 0.0 if calm else share, set_clock)
        pid, _ = os.waitpid(-1, 0)
        running = {number: one for number, one in running.items() if one != pid}
        time.sleep(0.05)

"""Workers that fire the tests' own timers, each by a line in a table, and die where they are told to."""

import asyncio
import ctypes
import os
import signal
from collections.abc import Callable, Sequence

from sqlalchemy import text

from backend.core.config import Settings
from backend.core.logging import configure_logging, log
from backend.db.work import Work
from backend.platform.outbox.executing import run_executor
from backend.platform.process import following, open_process
from backend.platform.timers import DRAIN, DueTimer, Timers, running

BOUNDARIES = ("before the effect", "after the effect", "before the commit", "after the commit")

_EFFECT = text(
    "INSERT INTO effect (key, at, pid) SELECT key, app_moment(), :pid FROM unnest(CAST(:keys AS text[])) AS of (key)"
)
_commit = Work.commit
_libc = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


def die() -> None:
    """As at a power cut."""
    os.kill(os.getpid(), signal.SIGKILL)


async def _dying_commit(work: Work) -> None:
    if "fires" in work.info:
        die()
    await _commit(work)


async def record(work: Work, timers: Sequence[DueTimer]) -> None:
    """Every timer's own effect; slowly, where it is to be disturbed."""
    await work.execute(_EFFECT, {"keys": [timer.key for timer in timers], "pid": os.getpid()})
    if timers[0].kind == "slow":
        await work.execute(text("SELECT pg_sleep(0.1)"))


async def dying(work: Work, timers: Sequence[DueTimer]) -> None:
    """The same, and the process ends at the boundary that the kind names."""
    match timers[0].kind:
        case "before the effect":
            die()
        case "before the commit":
            work.info["fires"] = True
        case "after the commit":

            async def at_once() -> None:
                die()

            work.after_commit(at_once)
    await record(work, timers)
    if timers[0].kind == "after the effect":
        die()


async def work_on(doomed: str) -> None:
    """Fire until killed: everything, or when `doomed` the kind of that boundary, once."""
    settings = Settings(_env_file=None)
    running._BATCH = 50
    Work.commit = _dying_commit  # type: ignore[method-assign, assignment]  # it is what is disturbed here
    async with open_process(settings) as process, following(process):
        handlers = {doomed: dying} if doomed else dict.fromkeys((*BOUNDARIES, "note", "slow"), record)
        timers = Timers(process.works, handlers)
        log.warning("ready")
        await asyncio.gather(timers.sweep(), run_executor({DRAIN: timers.drain}, settings.valkey_url, []))


def begin(doomed: str) -> int:
    """A worker in a process of its own, which ends with this one; its process id. Forked: importing takes a second."""
    pid = os.fork()
    if pid == 0:
        _libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        asyncio.run(work_on(doomed))
    return pid


def main(set_clock: Callable[[float], None]) -> None:
    """One worker doomed at each boundary; when they are dead, three that race, one's clock an hour ahead, one's behind.

    `set_clock` sets by how many seconds `time.time` is wrong.
    """
    configure_logging("WARNING", service="worker")
    for doomed in [begin(boundary) for boundary in BOUNDARIES]:
        _, status = os.waitpid(doomed, 0)
        log.warning("dead", code=os.waitstatus_to_exitcode(status))
    for seconds in (0.0, 3600.0, -3600.0):
        set_clock(seconds)
        begin("")
    signal.pause()

"""`tongxing clock`."""

from datetime import timedelta
from functools import partial

import typer

from backend.cli.opening import refuse, run, settings_of
from backend.cli.options import DATA, Data
from backend.platform.process import open_process
from backend.platform.shift import advance
from backend.platform.timers import DRAIN

cli = typer.Typer(no_args_is_help=True, add_completion=False)


@cli.callback()
def clock() -> None:
    """The system's clock (development mode only)."""


@cli.command("advance")
def clock_advance(days: float = 0, hours: float = 0, minutes: float = 0, data: Data = DATA) -> None:
    """Move the whole running system forward."""
    settings = settings_of(data)
    by = timedelta(days=days, hours=hours, minutes=minutes)
    if settings.production:
        refuse("Production mode has no clock that moves.")
    if by <= timedelta(0):
        refuse("The clock only goes forward: give --days, --hours or --minutes.")

    async def move() -> timedelta:
        async with open_process(settings) as process, process.works.begin() as work:
            # What is due by the new time is fired at once, and not by the next sweep.
            work.after_commit(partial(process.waker.wake_in, timedelta(0), DRAIN))
            return await advance(work, process.signals, by)

    print(f"The system is now {run(move())} ahead.")

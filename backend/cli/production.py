"""What must be right before production mode serves."""

from datetime import timedelta

from sqlalchemy.exc import DBAPIError

from backend.cli.opening import refuse, run
from backend.core.config import Settings, production_faults
from backend.platform.process import open_process
from backend.platform.shift import read_shift


def ready_for_production(settings: Settings) -> None:
    """Ends the command where production mode must not serve: with development settings, or a clock that was moved."""
    if not settings.production:
        return
    faults = production_faults(settings)
    if not faults and (shift := run(_shift(settings))):
        faults = [f"the database is {shift} ahead of its clock: it was used for tests or a demo"]
    if faults:
        refuse("Production mode refuses to start:\n" + "\n".join(faults))


async def _shift(settings: Settings) -> timedelta:
    """How far the system was moved; none while the database is away or empty, which hinders no start."""
    async with open_process(settings) as process:
        try:
            async with process.works.begin() as work:
                return await read_shift(work)
        except (OSError, DBAPIError):
            return timedelta(0)

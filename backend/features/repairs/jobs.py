"""What repairs do in the worker: both sides are reminded of visits."""

from backend.features.repairs.service import appointments
from backend.features.repairs.service.visits import VISIT
from backend.platform.process import Process
from backend.platform.timers import Handler


def timers(_process: Process) -> dict[str, Handler]:
    """What fires the timers of repairs, by kind."""
    return {VISIT: appointments.remind}

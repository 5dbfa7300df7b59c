"""Who holds running clocks that stand on a calendar, one line a kind of subject: a new calendar lists them."""

from backend.features.hotline.clocks import case_clocks
from backend.features.journey.clocks import JourneyClocks
from backend.features.repairs.clocks import ticket_clocks
from backend.platform.process import Process


def register_clocks(process: Process) -> None:
    """Have every feature's running clocks found by whoever publishes a calendar in this process."""
    process.clocks.register("case", case_clocks(process.waker))
    process.clocks.register("journey", JourneyClocks(process.waker))
    process.clocks.register("ticket", ticket_clocks(process.waker))

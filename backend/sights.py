"""Who sees which threads: one line a kind of subject. A thread whose kind stands nowhere here is nobody's."""

from backend.features.journey.sight import JourneySight
from backend.platform.process import Process
from backend.platform.threads import Sight


def sights(process: Process) -> dict[str, Sight]:
    """Every kind of subject that has threads."""
    return {"journey": JourneySight(process)}

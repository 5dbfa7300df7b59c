"""The running clocks of cases that are counted in working time, for whoever publishes a calendar."""

from backend.features.escalation.service import Recounted
from backend.features.hotline.models import Case, CaseClock
from backend.features.hotline.repository.clocks import lock_clocks, running_at
from backend.features.hotline.service import Clocks
from backend.platform.outbox import Waker


def case_clocks(waker: Waker) -> Recounted[Case, CaseClock]:
    """Answers for the clocks whose subject is a case and that run by working time."""
    return Recounted("case", running_at, lock_clocks, Clocks.of, waker)

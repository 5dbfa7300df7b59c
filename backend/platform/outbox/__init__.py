"""After-commit work that survives a crash: a row written in the caller's transaction, run once it has committed."""

from backend.platform.outbox.running import Job, Outbox, pause_after
from backend.platform.outbox.service import enqueue, pending
from backend.platform.outbox.waking import DRAIN, Waker

__all__ = ["DRAIN", "Job", "Outbox", "Waker", "enqueue", "pause_after", "pending"]

"""After-commit work that survives a crash: a row written in the caller's transaction, run once it has committed."""

from backend.platform.outbox.running import Job, Outbox
from backend.platform.outbox.service import enqueue, pending
from backend.platform.outbox.waking import Waker

__all__ = ["Job", "Outbox", "Waker", "enqueue", "pending"]

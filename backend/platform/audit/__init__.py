"""The audit: what must hold of everything that is to happen at a time, looked at from outside."""

from backend.platform.audit.reports import last_report, standing
from backend.platform.audit.running import Audit, Check, Fault

__all__ = ["Audit", "Check", "Fault", "last_report", "standing"]

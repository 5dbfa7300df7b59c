"""Pages over HTTP: for who is called, for agents who call them, for who looks after chains; and the one-tap link."""

from backend.features.escalation.routes.calls import calls
from backend.features.escalation.routes.chains import chains
from backend.features.escalation.routes.pages import pages, paging
from backend.features.escalation.routes.taps import taps

__all__ = ["calls", "chains", "pages", "paging", "taps"]

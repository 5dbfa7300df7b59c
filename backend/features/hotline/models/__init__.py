"""The tables of cases."""

from backend.features.hotline.models import holding
from backend.features.hotline.models.cases import Case, CaseBar, CaseHandler, CaseNumbers
from backend.features.hotline.models.claims import ApprovalLevel, ApprovalTable, CaseClaim, CaseClaimStep
from backend.features.hotline.models.clocks import CaseClock
from backend.features.hotline.models.endings import CaseClosing, CaseLink
from backend.features.hotline.models.figures import CaseFigure
from backend.features.hotline.models.talks import CaseProposal, CaseTalk, CaseVisit

__all__ = [
    "ApprovalLevel",
    "ApprovalTable",
    "Case",
    "CaseBar",
    "CaseClaim",
    "CaseClaimStep",
    "CaseClock",
    "CaseClosing",
    "CaseFigure",
    "CaseHandler",
    "CaseLink",
    "CaseNumbers",
    "CaseProposal",
    "CaseTalk",
    "CaseVisit",
    "holding",
]

"""A service standard as a document: what is owed, to whom, when, and in which words. Data, never code.

Every item names the rules of the method it comes from (`rules: [S2-26, TM-03]`). What the method names without a value
stands in the document as `not_set` with its gap (`GP-25`), and is listed, never filled in.
"""

from backend.features.standard.document.cases import Chain, Clock
from backend.features.standard.document.journey import Obligation, Step
from backend.features.standard.document.lists import Checklist, Warranty, WarrantyItem
from backend.features.standard.document.notices import (
    NoticeChannel,
    NoticeCollapse,
    NoticeKind,
    NoticeLane,
    NoticePolicy,
    Span,
)
from backend.features.standard.document.parts import (
    RULE_ID,
    Anchor,
    Due,
    Label,
    Line,
    Moment,
    NotSet,
    OwnershipDate,
    Part,
    ProjectDate,
    RuleId,
    Version,
    counted_by,
)
from backend.features.standard.document.standard import Standard

__all__ = [
    "RULE_ID",
    "Anchor",
    "Chain",
    "Checklist",
    "Clock",
    "Due",
    "Label",
    "Line",
    "Moment",
    "NotSet",
    "NoticeChannel",
    "NoticeCollapse",
    "NoticeKind",
    "NoticeLane",
    "NoticePolicy",
    "Obligation",
    "OwnershipDate",
    "Part",
    "ProjectDate",
    "RuleId",
    "Span",
    "Standard",
    "Step",
    "Version",
    "Warranty",
    "WarrantyItem",
    "counted_by",
]

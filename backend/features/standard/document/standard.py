"""The whole document."""

from typing import Any

from pydantic import ConfigDict, Field

from backend.features.standard.document.cases import Chain, Clock
from backend.features.standard.document.company import Assessment, Retention, Setting
from backend.features.standard.document.journey import Obligation, Step
from backend.features.standard.document.lists import Checklist, Choice, Classes, Script, Warranty
from backend.features.standard.document.notices import NoticePolicy
from backend.features.standard.document.parts import (
    Code,
    Due,
    Label,
    Line,
    Part,
    RuleId,
    Version,
)

_NAME = {"zh-CN": "小标准", "zh-TW": "小標準", "en": "A small standard"}
_EXAMPLE: dict[str, Any] = {
    "code": "our-own",
    "version": "A/0",
    "name": _NAME,
    "changeover": {"kind": "calendar_days", "value": 10},
    "steps": [
        {
            "code": "STEP-1",
            "number": "1",
            "name": _NAME,
            "when": _NAME,
            "touchpoint": _NAME,
            "core": _NAME,
            "rules": ["S1-01"],
        }
    ],
    "rules": ["RC-28"],
}


class Standard(Part):
    """The whole document. Codes are unique in their section, and whatever is named elsewhere exists: `faults` says."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    code: Code
    version: Version
    name: Label
    changeover: Due
    principles: tuple[Line, ...] = ()
    steps: tuple[Step, ...] = Field(min_length=1)
    obligations: tuple[Obligation, ...] = ()
    clocks: tuple[Clock, ...] = ()
    chains: tuple[Chain, ...] = ()
    classes: tuple[Classes, ...] = ()
    checklists: tuple[Checklist, ...] = ()
    closing_reasons: tuple[Choice, ...] = ()
    warranty: Warranty | None = None
    scripts: tuple[Script, ...] = ()
    disclosure: tuple[Classes, ...] = ()
    retention: tuple[Retention, ...] = ()
    assessment: Assessment | None = None
    settings: tuple[Setting, ...] = ()
    notices: tuple[NoticePolicy, ...] = ()
    rules: tuple[RuleId, ...] = Field(min_length=1)

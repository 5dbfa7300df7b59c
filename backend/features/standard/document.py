"""A service standard as a document: what is owed, to whom, when, and in which words. Data, never code.

Every item names the rules of the method it comes from (`rules: [S2-26, TM-03]`). What the method names without a value
stands in the document as `not_set` with its gap (`GP-25`), and is listed, never filled in.
"""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from backend.core.wire import one_line, printable

RULE_ID = re.compile(
    r"^(S[0-6]|P[12]|HC|RP|DL|WR|RV|CC|CV|SR|RO|KP|RC|FM|SN|CT|GP|DX|TM|OW|EN|AG|CS|MG)-\d{2,3}$"
)
VERSION = re.compile(r"^[A-Z]/[0-9]$")

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
StepCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]+-[0-9]+$", max_length=20)]
ClockCode = Annotated[str, StringConstraints(pattern=r"^C[1-9]$")]
RuleId = Annotated[str, StringConstraints(pattern=RULE_ID.pattern)]
Version = Annotated[str, StringConstraints(pattern=VERSION.pattern)]
Words = Annotated[
    str, StringConstraints(min_length=1, max_length=600, strip_whitespace=True), AfterValidator(printable)
]
Role = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]+([_-][a-z]+)*$", max_length=60),
    AfterValidator(lambda code: code.replace("-", "_")),
]
"""A role of people's. A document may spell it with hyphens like its own codes; kept is the spelling of positions."""


class Part(BaseModel):
    """Anything in the document: unknown keys are faults, not noise."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Label(Part):
    """Words for a person, in the three languages of the product."""

    zh_cn: Words = Field(alias="zh-CN")
    zh_tw: Words = Field(alias="zh-TW")
    en: Words


class Line(Part):
    """One sentence with the rules it comes from."""

    text: Label
    rules: tuple[RuleId, ...] = Field(min_length=1)


class Due(Part):
    """How far from its date something is due; negative is before, zero on the day itself.

    `working_*` count by the project's calendar.
    """

    kind: Literal[
        "elapsed_hours", "working_hours", "working_days", "calendar_days", "calendar_months", "calendar_years"
    ]
    value: Annotated[int, Field(ge=-100_000, le=100_000)]


OwnershipDate = Literal[
    "subscribed_on",
    "signed_on",
    "delivery_due_on",
    "delivered_on",
    "keys_on",
    "moved_in_on",
    "warranty_ends_on",
]
"""Dates of one ownership. `warranty_ends_on` follows from `delivered_on` and the warranty section (TM-14)."""

ProjectDate = Literal[
    "sales_open_on",
    "first_signed_on",
    "first_delivery_on",
    "mass_move_in_on",
    "mass_move_in_ends_on",
    "delivered_on",
]
"""Dates of a project: `delivered_on` is the day its first home was handed over, when one was."""

Anchor = Literal[OwnershipDate, ProjectDate]


def _in_order(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Anchors = Annotated[tuple[Anchor, ...], BeforeValidator(_in_order), Field(min_length=1)]
"""The date something is counted from; of several, the first that is known (CT-41: each timer names its start date)."""


class Moment(Part):
    """A moment that follows from the dates or from what was done: a date, a while after one, or an obligation done."""

    date: Anchors | None = None
    after: Due | None = None
    done: Code | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.date is None) == (self.done is None) or (self.after is not None and self.date is None):
            raise PydanticCustomError("standard_moment", "give either `date` (and perhaps `after`) or `done`")
        return self


class Step(Part):
    """A step of the method as the owner goes through it.

    A journey stands in the last step, in order, of which any `begins` has come. `runs_under_all` marks +1, which is in
    no order; `of_project` marks +2, which hangs on the project and leaves the owner's own step alone (CT-02).
    """

    code: StepCode
    number: Annotated[str, StringConstraints(min_length=1, max_length=4), AfterValidator(one_line)]
    name: Label
    aliases: tuple[Words, ...] = ()
    when: Label
    touchpoint: Label
    core: Label
    needs: tuple[Line, ...] = ()
    mindset: tuple[Line, ...] = ()
    focus: tuple[Line, ...] = ()
    work: tuple[Line, ...] = ()
    begins: tuple[Moment, ...] = ()
    runs_under_all: bool = False
    of_project: bool = False
    rules: tuple[RuleId, ...] = Field(min_length=1)


class NotSet(Part):
    """A value that the method names and does not give. `suggestion` is shown as such and is never used."""

    gap: RuleId | None = None
    why: Label
    suggestion: Due | None = None


class Obligation(Part):
    """Who owes what, to whom, by when.

    It is laid out once for each ownership, or once for each project (`of: project`), or again every period between two
    dates (`every`, `until`). The task arises at `opens` (counted from the same date; without it: at once for a limit
    that runs forward from the date, else on the due day) and is late when its due day has ended.
    `ends` makes it pointless from then on: an open one becomes missed, or not applicable when it was never due.
    `past` says what happens to one whose day was already over when the journey was laid out: it is still to be done, or
    only noted.
    """

    code: Code
    name: Label
    promise: Label | None = None
    step: StepCode
    of: Literal["ownership", "project"] = "ownership"
    from_: Anchors = Field(alias="from")
    due: Due | None = None
    not_set: NotSet | None = None
    opens: Due | None = None
    every: Literal["day", "month", "quarter"] | None = None
    until: Anchor | None = None
    ends: Moment | None = None
    owner_sees: bool
    responsible: Role | None
    evidence: tuple[Literal["note", "call", "photo", "document", "form", "publication"], ...] = ()
    checklist: Code | None = None
    script: Code | None = None
    past: Literal["still_do", "note_only"] = "note_only"
    rules: tuple[RuleId, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if sum(given is not None for given in (self.due, self.every, self.not_set)) != 1:
            raise PydanticCustomError(
                "standard_one_value", "give exactly one of {of}", {"of": "due, every, not_set"}
            )
        if self.owner_sees and self.promise is None:
            raise PydanticCustomError(
                "standard_promise_missing", "what the owner sees needs a `promise` in the owner's words"
            )
        if self.until is not None and self.every is None:
            raise PydanticCustomError("standard_until_alone", "`until` belongs to `every`")
        return self


class Clock(Part):
    """One of the five clocks of a case (CT-05)."""

    code: ClockCode
    name: Label
    promise: Label
    starts: Literal["receipt", "agreement", "done"]
    ends: Label
    due: Due | None = None
    outside_hours: Due | None = None
    not_set: NotSet | None = None
    per_case: bool = False
    warn_at: tuple[Annotated[int, Field(ge=1, le=99)], ...] = (50, 75)
    rules: tuple[RuleId, ...] = Field(min_length=1)


class ChainStep(Part):
    """One step of a chain: whom, and how long until the next. `by_category` picks the role of the case's category."""

    role: Role | None = None
    by_category: dict[Code, Role] = {}
    wait: Due | None = None
    not_set: NotSet | None = None
    rules: tuple[RuleId, ...] = Field(min_length=1)


class Chain(Part):
    """Who is called when a clock nears or passes its due time, in order; the last step repeats until answered."""

    code: Code
    name: Label
    clocks: tuple[ClockCode, ...]
    channels: tuple[Literal["push", "sms", "email", "telephone"], ...]
    steps: tuple[ChainStep, ...] = Field(min_length=1)
    rules: tuple[RuleId, ...] = Field(min_length=1)


class Choice(Part):
    """An entry of a list people choose from: a class, a closing reason, a certificate, a factor."""

    code: Code
    name: Label
    note: Label | None = None
    needs_approval: bool = False
    needs_return_visit: bool = False
    rules: tuple[RuleId, ...] = Field(min_length=1)


class Classes(Part):
    """A way of sorting: kinds of case, urgency, factors."""

    code: Code
    name: Label
    choices: tuple[Choice, ...] = Field(min_length=1)
    not_set: NotSet | None = None
    rules: tuple[RuleId, ...] = Field(min_length=1)


class Check(Line):
    """A line of a checklist; `fitout` limits it to homes of that fit-out (WR-10, WR-11)."""

    fitout: Literal["full", "bare"] | None = None


class Checklist(Part):
    """What is checked, line by line."""

    code: Code
    name: Label
    items: tuple[Check, ...]
    not_set: NotSet | None = None
    rules: tuple[RuleId, ...] = Field(min_length=1)


class WarrantyItem(Part):
    """A component under warranty: base and extension in years, shown apart (CT-14, CT-15)."""

    code: Code
    name: Label
    base_years: Annotated[int, Field(ge=0, le=100)] | None = None
    extension_years: Annotated[int, Field(ge=0, le=100)] = 0
    not_set: NotSet | None = None
    rules: tuple[RuleId, ...] = Field(min_length=1)


class Warranty(Part):
    """The warranty catalogue. `base_years` and `extension_years` are the house's own term (`warranty_ends_on`)."""

    from_: OwnershipDate = Field(alias="from")
    base_years: Annotated[int, Field(ge=0, le=100)]
    extension_years: Annotated[int, Field(ge=0, le=100)]
    items: tuple[WarrantyItem, ...]
    rules: tuple[RuleId, ...] = Field(min_length=1)


class Script(Part):
    """What is asked at a visit."""

    code: Code
    name: Label
    questions: tuple[Line, ...]
    not_set: NotSet | None = None
    rules: tuple[RuleId, ...] = Field(min_length=1)


class Retention(Part):
    """How long a class of records is kept, in years. A `least` without a `most` is kept for good."""

    code: Code
    name: Label
    least: Annotated[int, Field(ge=0, le=100)]
    most: Annotated[int, Field(ge=0, le=100)] | None = None
    rules: tuple[RuleId, ...] = Field(min_length=1)


class Weight(Part):
    """One indicator of the assessment, in percent of the whole."""

    code: Annotated[str, StringConstraints(pattern=r"^A[1-9]$")]
    name: Label
    percent: Annotated[int, Field(ge=0, le=100)]
    rules: tuple[RuleId, ...] = Field(min_length=1)


class Target(Part):
    """A rate that is held against a target in percent."""

    code: Code
    name: Label
    percent: Annotated[int, Field(ge=0, le=100)]
    rules: tuple[RuleId, ...] = Field(min_length=1)


class Assessment(Part):
    """How a project is judged. The weights sum to 100 (CT-27); the fourth quarter is the group's own result."""

    every: Literal["quarter"]
    weights: tuple[Weight, ...]
    targets: tuple[Target, ...] = ()
    rules: tuple[RuleId, ...] = Field(min_length=1)


class Setting(Part):
    """A value that belongs to the standard and to no section of its own, or a gap of one."""

    code: Code
    name: Label
    due: Due | None = None
    not_set: NotSet | None = None
    rules: tuple[RuleId, ...] = Field(min_length=1)


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
    rules: tuple[RuleId, ...] = Field(min_length=1)

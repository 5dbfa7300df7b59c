"""What every section is made of: words in three languages, lines with their rules, limits, dates and moments."""

import re
from collections.abc import Mapping
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

from backend.core.wire import printable

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
        "elapsed_minutes",
        "elapsed_hours",
        "working_hours",
        "working_days",
        "calendar_days",
        "calendar_months",
        "calendar_years",
    ]
    value: Annotated[int, Field(ge=-100_000, le=100_000)]


def counted_by(limit: Mapping[str, Any]) -> dict[str, Any]:
    """A limit, written out, as a rule that a calendar counts by: it knows hours and months, no minutes and no years."""
    match limit["kind"]:
        case "elapsed_minutes":
            return {"kind": "elapsed_hours", "value": limit["value"] / 60}
        case "calendar_years":
            return {"kind": "calendar_months", "value": 12 * limit["value"]}
        case _:
            return dict(limit)


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


class NotSet(Part):
    """A value that the method names and does not give. `suggestion` is shown as such and is never used."""

    gap: RuleId | None = None
    why: Label
    suggestion: Due | None = None

"""What people choose from, check, ask and guarantee: classes, checklists, scripts, the warranty catalogue."""

from typing import Annotated, Literal

from pydantic import Field

from backend.features.standard.document.parts import (
    Code,
    Label,
    Line,
    NotSet,
    OwnershipDate,
    Part,
    RuleId,
)


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
    """A component under warranty: base and extension in years, shown apart (CT-14, CT-15).

    `from`: the date its term begins on, where that is another than the catalogue's (CT-41).
    """

    code: Code
    name: Label
    from_: OwnershipDate | None = Field(default=None, alias="from")
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

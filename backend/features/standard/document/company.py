"""How the company keeps its records and judges its projects; values of no section of their own."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from backend.features.standard.document.parts import (
    Code,
    Due,
    Label,
    NotSet,
    Part,
    RuleId,
)


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

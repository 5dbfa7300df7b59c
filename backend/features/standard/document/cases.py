"""The clocks of a case, and who is called when one is in danger."""

from typing import Annotated, Literal

from pydantic import Field

from backend.features.standard.document.parts import (
    ClockCode,
    Code,
    Due,
    Label,
    NotSet,
    Part,
    Role,
    RuleId,
)


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

    def limit(self, *, working: bool) -> Due | None:
        """Which limit holds for what comes in working time or outside of it: there the other one, if any (CT-06)."""
        return self.due if working or self.outside_hours is None else self.outside_hours

    rules: tuple[RuleId, ...] = Field(min_length=1)


class ChainStep(Part):
    """One step of a chain: whom, and how long until the next. `by_category` picks the role of the case's category."""

    role: Role | None = None
    by_category: dict[Code, Role] = Field(default={})
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

"""The steps an owner goes through, and who owes what at each of them."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from backend.core.wire import one_line
from backend.features.standard.document.parts import (
    Anchor,
    Anchors,
    Code,
    Due,
    Label,
    Line,
    Moment,
    NotSet,
    Part,
    Role,
    RuleId,
    StepCode,
    Words,
)


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


class Obligation(Part):
    """Who owes what, to whom, by when.

    It is laid out once for each ownership, or once for each project (`of: project`), or again every period between two
    dates (`every`, `until`). The task arises at `opens` (counted from the same date; without it: at once for a limit
    that runs forward from the date, else on the due day) and is late when its due day has ended.
    `ends` makes it pointless from then on: an open one becomes missed, or not applicable when it was never due.
    `by_itself`: the product does it, on its day; a person has a task only when that day is over and it is not done.
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
    by_itself: bool = False
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

"""What the managers' board gives."""

from datetime import date
from uuid import UUID

from pydantic import Field

from backend.core.wire import Answer, Moment


class BoardStep(Answer):
    """A step in order, and how many homes stand in it."""

    standard: str = Field(examples=["six-plus-two"])
    code: str = Field(examples=["STEP-3"])
    number: str = Field(examples=["3"])
    name: str = Field(examples=["亲密接触"])
    homes: int = Field(examples=[412])


class BoardOverdue(Answer):
    """An obligation that is overdue somewhere."""

    standard: str = Field(examples=["six-plus-two"])
    obligation: str = Field(examples=["delivery-pack"])
    name: str = Field(examples=["寄发交付资料"])
    timers: list[str] = Field(
        description="Its lines in the method's register of timers", examples=[["TM-09"]]
    )
    count: int = Field(examples=[17])
    oldest_due_on: date


class BoardAhead(Answer):
    """An obligation that is due soon."""

    standard: str = Field(examples=["six-plus-two"])
    obligation: str = Field(examples=["delivery-pack"])
    name: str = Field(examples=["寄发交付资料"])
    timers: list[str] = Field(examples=[["TM-09"]])
    within_7_days: int
    within_30_days: int = Field(description="Those within 7 days too")


class BoardVacancy(Answer):
    """A role that nobody holds for open tasks: not at their place, and nowhere above it."""

    role: str = Field(examples=["customer_service_specialist"])
    name: str = Field(examples=["客服专员"])
    tasks: int
    oldest_due_at: Moment


class Board(Answer):
    """A project at a glance (MG-04): as much of it as the caller oversees."""

    project_id: UUID
    homes: int = Field(description="With a journey that goes on")
    steps: list[BoardStep]
    overdue_count: int
    overdue: list[BoardOverdue] = Field(description="The longest overdue first")
    within_7_days: int
    within_30_days: int
    ahead: list[BoardAhead] = Field(description="The most frequent first")
    vacant: list[BoardVacancy]


class BoardLate(Answer):
    """Something overdue of one home."""

    obligation: str = Field(examples=["delivery-pack"])
    name: str = Field(examples=["寄发交付资料"])
    occurrence: date | None = Field(description="Of what recurs: the first day of its period")
    due_on: date


class BoardHome(Answer):
    """A home behind the board's figures."""

    home_id: UUID
    ownership_id: UUID
    building: str = Field(examples=["1号楼"])
    unit: str = Field(examples=["1单元"])
    room: str = Field(examples=["0101"])
    step: str = Field(examples=["STEP-3"])
    step_name: str = Field(examples=["亲密接触"])
    overdue: list[BoardLate]

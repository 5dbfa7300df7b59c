"""The wire of the hotline's report."""

from datetime import date
from uuid import UUID

from pydantic import Field

from backend.core.wire import Answer


class RateShown(Answer):
    """So many of so many, in percent rounded down to a tenth; null: there was nothing. `met`: the target is reached."""

    count: int
    of: int
    percent: float | None
    target: int | None
    met: bool | None


class CaseCounts(Answer):
    """Cases, as they stand. `elsewhere`: merged or gone on as a repair; they are in no rate."""

    received: int
    elsewhere: int
    closed: int
    accepted: int
    reopened: int
    late: int = Field(description="Cases with any clock that was missed.")
    handled: RateShown = Field(description="HC-27: closed for any reason.")
    accepted_only: RateShown = Field(description="CT-28: beside it, only what the owner accepted.")
    replied_in_time: RateShown = Field(description="HC-28: replies in time, of those given or due.")


class CaseCountsBy(CaseCounts):
    """The same, of one `key`."""

    key: str
    name: str


class ClockCountsShown(Answer):
    """How the clocks of one code stand. `missed`: late, whether met afterwards or not."""

    code: str
    name: str
    met: int
    missed: int
    open: int
    void: int
    kept: RateShown


class StepCounts(Answer):
    """So many cases were called about up to this step of the chain at most."""

    step: int
    role: str
    role_words: str
    cases: int


class HotlineReport(Answer, populate_by_name=True):
    """Cases received from one day to another, both with it; the rates are those of complaints, and so is the rest."""

    from_: date = Field(alias="from")
    to: date
    node_id: UUID | None
    complaints: CaseCounts
    all: CaseCounts
    by_kind: list[CaseCountsBy]
    by_severity: list[CaseCountsBy]
    by_category: list[CaseCountsBy]
    by_outcome: list[CaseCountsBy]
    by_hour: list[CaseCountsBy]
    clocks: list[ClockCountsShown]
    steps: list[StepCounts]

"""The warranty on the wire."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from backend.core.wire import Answer, Asked, Line, Moment, Prose
from backend.features.warranty.rules import (
    BatchMove,
    BatchState,
    NoticeKind,
    Occasion,
    Stage,
    StartDate,
    State,
    Why,
)

Component = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
"""A component's code: of the catalogue, or of what only the law knows."""


def _within_reach(day: date) -> date:
    if not 1990 <= day.year <= 2100:
        raise PydanticCustomError("time_out_of_reach", "between 1990 and 2100")
    return day


Day = Annotated[date, AfterValidator(_within_reach)]
"""A day that somebody names, in the years anything here can happen in."""


class Place(Answer):
    """Where a home is."""

    building: str = Field(examples=["1号楼"])
    unit: str = Field(examples=["1单元"])
    room: str = Field(examples=["0101"])


class Item(Answer):
    """A component: how long it is covered, base, extension and the law's least apart; how it stands today."""

    component: str = Field(examples=["fit-out"])
    name: str = Field(examples=["装修工程"])
    state: State
    why: Why = Field(
        description="`no_term`: the method gives none; `start_not_known`: its date is still to come"
    )
    starts_from: StartDate = Field(description="The date its term begins on")
    starts_on: date | None
    base_years: int | None = Field(description="Null: not set", examples=[2])
    base_ends_on: date | None
    extension_years: int | None = Field(examples=[1])
    extension_ends_on: date | None
    statutory_years: int | None = Field(description="The law's least, where somebody has entered it")
    statutory_ends_on: date | None
    ends_on: date | None = Field(description="The last day it is covered", examples=["2027-06-28"])


class Search(Answer):
    """What to look for before a warranty ends."""

    since: date
    ends_on: date
    lines: list[str] = Field(examples=[["电器管线", "给排水管道"]])


class Notice(Answer):
    """What the household is told of an end: two months ahead, and on the day."""

    kind: NoticeKind
    ends_on: date
    due_on: date
    state: Literal["planned", "told", "unreachable"]
    told_at: Moment | None


class Warranty(Answer):
    """A home's warranty."""

    ownership_id: UUID
    home: Place
    items: list[Item]
    search: Search | None = Field(description="Only within the two months before an end")
    notices: list[Notice]


class LedgerItem(Answer):
    """A line of a project's ledger."""

    home_id: UUID
    ownership_id: UUID | None = Field(description="The present one")
    home: Place
    component: str = Field(examples=["fit-out"])
    name: str = Field(examples=["装修工程"])
    state: State
    why: Why
    starts_from: StartDate
    starts_on: date | None
    base_ends_on: date | None
    ends_on: date | None
    below_the_law: bool = Field(description="The catalogue promises less than the law asks for here")


class StatutoryTermEntered(Asked):
    """The law's least term of a component at a node and below it."""

    node: UUID = Field(description="Company, region, project or building: the place whose law it is")
    component: Component = Field(examples=["roof"])
    name: Line = Field(description="As people call it", examples=["屋面防水"])
    years: Annotated[int, Field(ge=1, le=100)] | None = Field(
        description="Null: none is asked for here from now on", examples=[5]
    )
    source: Line = Field(description="Where it says so", examples=["建设工程质量管理条例 第四十条"])


class StatutoryTerm(Answer):
    """What stands at a place, and how the catalogue compares."""

    component: str = Field(examples=["roof"])
    name: str = Field(examples=["屋面防水"])
    years: int | None
    source: str
    node: UUID = Field(description="Where it was entered")
    node_name: str = Field(examples=["上海"])
    entered_by: UUID
    entered_at: Moment
    in_catalogue: bool
    catalogue_years: int | None = Field(description="Base and extension together; null: not set")
    below_the_law: bool


class StatutoryTerms(Answer):
    """Everything that stands at a project, checked against the standard it goes by today."""

    project_id: UUID
    items: list[StatutoryTerm]
    unchecked: list[str] = Field(
        description="Components of the catalogue for which nobody has entered what the law asks"
    )


class ContractFacts(Asked):
    """What a works contract says. The period is that of the contract ledger."""

    unit: Line = Field(description="The construction company", examples=["中建八局"])
    works: Line = Field(examples=["1至6号楼土建及安装"])
    components: Annotated[list[Component], Field(max_length=50)] = Field(
        default=[], description="Of the catalogue: what this company answers for"
    )
    starts_on: Day | None = None
    ends_on: Day | None = None


class ContractEntered(ContractFacts):
    """A works contract for the ledger."""

    number: Line = Field(examples=["朗-施-2021-008"])


class StageSet(Asked):
    """Where a contract stands on its way out of warranty."""

    stage: Stage
    settled_on: Day | None = Field(
        default=None, description="With `settled`: the day the retention money was settled"
    )


class Contract(Answer):
    """A works contract. `version` is also its entity tag."""

    id: UUID
    number: str
    unit: str
    works: str
    components: list[str]
    starts_on: date | None
    ends_on: date | None
    stage: Stage
    settled_on: date | None
    staged_at: Moment
    staged_by: UUID
    open_defects: int = Field(description="Sent to this company in this project and not put right")
    version: int


class DefectReported(Asked):
    """A defect for a batch."""

    home_id: UUID
    component: Component = Field(examples=["plaster"])
    description: Prose = Field(examples=["次卧顶棚抹灰空鼓约0.3平方米"])


class BatchBegun(Asked):
    """A batch for one responsible unit."""

    unit: Line = Field(examples=["中建八局"])
    occasion: Occasion
    deadline: Day = Field(description="Set by a person: the method gives none")
    lines: Annotated[list[DefectReported], Field(max_length=200)] = Field(default=[])


class DefectsAdded(Asked):
    """Further defects for a batch that is being gathered."""

    lines: Annotated[list[DefectReported], Field(min_length=1, max_length=200)]


class DeadlineMoved(Asked):
    """Another deadline. The first one stays on record."""

    deadline: Day
    reason: Line


class Said(Asked):
    """What the unit says, or what we note of it."""

    note: Prose | None = None


class Corrected(Asked):
    """Defects that have been put right; without `lines`, all that are open."""

    lines: Annotated[list[UUID], Field(min_length=1, max_length=1000)] | None = None
    note: Prose | None = None


class DefectLine(Answer):
    """A defect of a batch."""

    id: UUID
    home_id: UUID
    home: Place
    component: str
    description: str
    ticket_id: UUID | None
    corrected_at: Moment | None


class Batch(Answer):
    """A batch of defects. `version` is also its entity tag; what was said about it stands on its thread."""

    id: UUID
    project_id: UUID
    thread: UUID
    unit: str
    occasion: Occasion
    state: BatchState
    deadline: date
    first_deadline: date | None = Field(description="The one it was sent with")
    overdue: bool
    sent_at: Moment | None
    answered_at: Moment | None
    corrected_at: Moment | None
    defects: int
    open_defects: int
    moves: list[BatchMove] = Field(description="What can be done with it now")
    version: int


class BatchInFull(Batch):
    """A batch with its defects."""

    lines: list[DefectLine]

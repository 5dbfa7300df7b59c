"""Quotes, costs, defects and a project's tickets over the wire. Money is in whole fen, quantities in hundredths."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StrictBool, StrictInt

from backend.core.wire import Answer, Asked, Line, Moment, Prose
from backend.features.repairs.rules.charges import MOST_HUNDREDTHS, MOST_LINES, Bearer, CostKind, QuoteState
from backend.features.repairs.rules.states import State
from backend.features.repairs.schemas_sites import Code, Fen

Hundredths = Annotated[
    StrictInt,
    Field(ge=1, le=MOST_HUNDREDTHS, description="Hundredths of the unit: 250 is 2.5", examples=[100]),
]


class QuoteLineSaid(Asked):
    """So much of what `code` names on the project's price list."""

    code: Code = Field(examples=["tap-replaced"])
    hundredths: Hundredths


class QuoteSaid(Asked):
    """What is to be done for money. No line: it is done for nothing."""

    lines: Annotated[list[QuoteLineSaid], Field(max_length=MOST_LINES)]
    words: Prose | None = None


class QuoteAnswered(Asked):
    """Whether the owner consents, and what they say to it."""

    consents: StrictBool
    opinion: Prose | None = None


class QuoteLine(Answer):
    """A line as it was quoted."""

    code: str
    name: str
    unit: str
    price_fen: int
    hundredths: int
    amount_fen: int


class Quote(Answer):
    """A quote by the price list `price_list`, and whether the owner consented."""

    id: UUID
    ticket: UUID
    price_list: int
    lines: list[QuoteLine]
    total_fen: int
    words: str | None
    state: QuoteState
    made_by: UUID
    made_at: Moment
    answered_by: UUID | None
    answered_at: Moment | None
    opinion: str | None


class Quotes(Answer):
    """All quotes on a ticket, the first first."""

    items: list[Quote]


class CostSaid(Asked):
    """What was spent. With an `id` of the client's own, a request that is sent twice enters one cost."""

    id: UUID | None = None
    kind: CostKind
    what: Line = Field(examples=["DN20 止水阀"])
    amount_fen: Fen
    borne_by: Bearer
    hundredths: Hundredths | None = None
    unit: Line | None = Field(default=None, examples=["个"])
    quote: UUID | None = Field(default=None, description="What the owner bears: the quote they consented to.")
    company: UUID | None = Field(default=None, description="The construction company that bears it.")
    contractor: Line | None = Field(default=None, description="Of the kind `contractor`: who was hired.")


class Struck(Asked):
    """Why a cost is struck out."""

    reason: Line = Field(examples=["重复录入"])


class Cost(Answer):
    """A cost; struck out when `struck_at` is there."""

    id: UUID
    kind: CostKind
    what: str
    amount_fen: int
    borne_by: Bearer
    hundredths: int | None
    unit: str | None
    quote: UUID | None
    company: UUID | None
    company_name: str | None
    contractor: str | None
    entered_by: UUID
    entered_at: Moment
    struck_at: Moment | None
    struck_reason: str | None


class Costs(Answer):
    """The costs of a ticket and what each side bears. An owner is shown their own and what is borne for them."""

    items: list[Cost]
    owner_fen: int
    company_fen: int
    construction_company_fen: int


class DefectSaid(Asked):
    """What broke, by whose work, why; and whether others should learn from it."""

    component: Line = Field(examples=["pipes"])
    company: UUID | None = None
    cause: Prose = Field(examples=["接头未做防松处理"])
    lesson: StrictBool = False


class Defect(Answer):
    """What was found."""

    ticket: UUID
    component: str
    company: UUID | None
    cause: str
    lesson: bool
    noted_by: UUID
    noted_at: Moment


class LedgerTicket(Answer):
    """A ticket as its project's managers list it. `days`: how old it is, or was when it ended."""

    id: UUID
    state: State
    home: UUID
    building: str
    unit: str
    room: str
    place: str
    component: str
    urgent: bool
    cover: str | None
    engineer: UUID | None
    engineer_name: str | None
    changed_hands: bool = Field(description="Its engineer was changed: it counts against the one person.")
    company: UUID | None
    company_name: str | None
    lesson: bool
    opened_at: Moment
    ended_at: Moment | None
    days: int
    hold_reason: str | None
    due_at: Moment | None
    late: bool
    visits: int
    visits_abortive: int
    appointments_moved: int


class Bucket(Answer):
    """How many are at least `from_days` old and less than `below_days`; null: without end."""

    from_days: int
    below_days: int | None
    count: int


class Ages(Answer):
    """The live tickets of one state, component, engineer or construction company. `key` null: without one."""

    key: str | None
    name: str | None
    open: int
    late: int
    held: int
    oldest: Moment
    ages: list[Bucket]


class Ageing(Answer):
    """How old live tickets are, the largest group first."""

    items: list[Ages]


class TicketsBatched(Asked):
    """Tickets on which a defect was noted."""

    tickets: Annotated[list[UUID], Field(min_length=1, max_length=200)]


class TicketsInBatch(Answer):
    """How many defects the batch has now; it is read in full at its own address."""

    batch: UUID
    defects: int
    version: int

"""What a repair costs, and who bears it: parts, materials, contractors, water, electricity, losses (RP-12, CT-36)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from backend.core.caller import Caller
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.repairs.models import Ticket, TicketCost
from backend.features.repairs.repository import charges as repository
from backend.features.repairs.repository import sites
from backend.features.repairs.rules.charges import (
    NEVER_THE_OWNERS,
    Bearer,
    CostKind,
    bearer_fault,
    total,
)
from backend.features.repairs.service.finding import ticket_for, ticket_to_serve
from backend.platform.threads import Audience, NewEntry, append


@dataclass(frozen=True, slots=True)
class NewCost:
    """A cost to be entered. `id`: made by the client, so that a request it sends twice enters one cost."""

    id: UUID | None
    kind: CostKind
    what: str
    amount_fen: int
    borne_by: Bearer
    hundredths: int | None = None
    unit: str | None = None
    quote_id: UUID | None = None
    company_id: UUID | None = None
    contractor: str | None = None


@dataclass(frozen=True, slots=True)
class Costs:
    """A ticket's costs as somebody may see them, and what each side bears of those that are not struck out, in fen.

    An owner sees what they bear and what the company bears for them (RP-09, RP-12, RP-13), not what it pays its
    engineers, contractors and suppliers.
    """

    rows: Sequence[Any]
    owner_fen: int
    company_fen: int
    construction_company_fen: int


async def costs_of(work: Work, caller: Caller, now: datetime, ticket_id: UUID) -> Costs:
    """The costs of a ticket that the caller sees.

    Raises:
        NotFound: they see no such ticket.
    """
    ticket, _ = await ticket_for(work, caller, now, ticket_id)
    return await _costs(work, caller, ticket)


async def enter_cost(work: Work, caller: Caller, now: datetime, ticket_id: UUID, wanted: NewCost) -> Costs:
    """Enter what was spent on a ticket. Sent again under one id, it is one cost.

    Raises:
        NotFound: the caller sees no such ticket.
        NotAllowed: `not_your_move`.
        Invalid: `company_bears_this`, `no_consent`, `quote_unknown`, `company_unknown`, `company_missing`,
        `contractor_missing`, `quantity_whole`.
        Conflict: `cost_id_taken`, `more_than_consented`.
    """
    ticket = await ticket_to_serve(work, caller, now, ticket_id)
    if wanted.id is not None and (present := await repository.cost(work, wanted.id)) is not None:
        if not _the_same(present, ticket, caller, wanted):
            raise Conflict("cost_id_taken", field="id")
        return await _costs(work, caller, ticket)
    await _check(work, ticket, wanted)
    facts = asdict(wanted) | {"id": wanted.id or new_id()}
    row = TicketCost(ticket_id=ticket.id, entered_by=caller.account_id, entered_at=now, **facts)
    work.add(row)
    try:
        await work.flush()
    except IntegrityError as error:
        if "ticket_cost_consented" in str(error.orig) or "what they consented to" in str(error.orig):
            raise Conflict("more_than_consented", field="amount_fen") from None
        if "pk_ticket_cost" in str(error.orig):
            raise Conflict("cost_id_taken", field="id") from None
        raise
    await _note(work, ticket, caller, row, "cost_entered", {"text": row.what})
    return await _costs(work, caller, ticket)


async def strike_cost(
    work: Work, caller: Caller, now: datetime, ticket_id: UUID, cost_id: UUID, reason: str
) -> Costs:
    """Strike out a cost that was entered by mistake; it stays readable. Struck again, nothing changes.

    Raises:
        NotFound: the caller sees no such ticket or cost.
        NotAllowed: `not_your_move`.
    """
    ticket = await ticket_to_serve(work, caller, now, ticket_id)
    row = await repository.cost(work, cost_id, lock=True)
    if row is None or row.ticket_id != ticket.id:
        raise NotFound()
    if row.struck_at is None:
        row.struck_by, row.struck_at, row.struck_reason = caller.account_id, now, reason
        await work.flush()
        await _note(work, ticket, caller, row, "cost_struck", {"text": reason})
    return await _costs(work, caller, ticket)


async def _check(work: Work, ticket: Ticket, wanted: NewCost) -> None:
    if (wanted.hundredths is None) != (wanted.unit is None):
        raise Invalid("quantity_whole", field="unit")
    if (wanted.kind == "contractor") != (wanted.contractor is not None):
        raise Invalid("contractor_missing", field="contractor")
    if (wanted.borne_by == "construction_company") != (wanted.company_id is not None):
        raise Invalid("company_missing", field="company")
    if (
        wanted.company_id is not None
        and await sites.company_of(work, ticket.project_id, wanted.company_id) is None
    ):
        raise Invalid("company_unknown", field="company")
    if fault := bearer_fault(wanted.kind, wanted.borne_by, consented=wanted.quote_id is not None):
        raise Invalid(fault, field="borne_by")
    if wanted.quote_id is None:
        return
    if wanted.borne_by != "owner":
        raise Invalid("quote_unknown", field="quote")
    quote = await repository.quote_of(work, ticket.id, wanted.quote_id)
    if quote is None:
        raise Invalid("quote_unknown", field="quote")
    if quote.state != "consented":
        raise Invalid("no_consent", field="quote")
    if await repository.charged(work, quote.id) + wanted.amount_fen > quote.total_fen:
        raise Conflict("more_than_consented", field="amount_fen")


def _the_same(present: TicketCost, ticket: Ticket, caller: Caller, wanted: NewCost) -> bool:
    told = asdict(wanted) | {"ticket_id": ticket.id, "entered_by": caller.account_id}
    return all(getattr(present, name) == value for name, value in told.items())


async def _costs(work: Work, caller: Caller, ticket: Ticket) -> Costs:
    rows = [
        row for row in await repository.costs_of(work, ticket.id) if caller.kind == "staff" or _owners(row)
    ]

    def borne(by: Bearer) -> int:
        return total(row.amount_fen for row in rows if row.borne_by == by and row.struck_at is None)

    return Costs(rows, borne("owner"), borne("company"), borne("construction_company"))


def _owners(row: Any) -> bool:
    return row.borne_by == "owner" or row.kind in NEVER_THE_OWNERS


async def _note(
    work: Work, ticket: Ticket, caller: Caller, row: TicketCost, kind: str, said: dict[str, Any]
) -> None:
    audience: Audience = "all" if _owners(row) else "staff"
    body = {
        "cost": str(row.id),
        "of": row.kind,
        "borne_by": row.borne_by,
        "amount_fen": row.amount_fen,
    } | said
    await append(work, NewEntry(ticket.thread_id, kind, body, caller.account_id, audience))

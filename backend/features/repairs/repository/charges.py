"""Quotes and costs in SQL."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, text

from backend.db.work import Work
from backend.features.repairs.models import Quote, QuoteLine, TicketCost

_COSTS: Final = text(
    "SELECT c.*, b.name AS company FROM ticket_cost c LEFT JOIN construction_company b ON b.id = c.company_id"
    " WHERE c.ticket_id = :ticket_id ORDER BY c.entered_at, c.id"
)
_CHARGED: Final = text(
    "SELECT coalesce(sum(amount_fen), 0) FROM ticket_cost WHERE quote_id = :quote_id AND struck_at IS NULL"
)


async def quotes_of(work: Work, ticket_id: UUID) -> Sequence[Quote]:
    """A ticket's quotes, the first first."""
    wanted = select(Quote).where(Quote.ticket_id == ticket_id).order_by(Quote.made_at, Quote.id)
    return (await work.scalars(wanted.execution_options(populate_existing=True))).all()


async def quote_of(work: Work, ticket_id: UUID, quote_id: UUID) -> Quote | None:
    """A quote of this ticket, locked."""
    wanted = select(Quote).where(Quote.id == quote_id, Quote.ticket_id == ticket_id)
    return await work.scalar(wanted.with_for_update().execution_options(populate_existing=True))


async def lines_of(work: Work, quote_ids: Sequence[UUID]) -> dict[UUID, list[QuoteLine]]:
    """The lines of these quotes, in their order."""
    wanted = select(QuoteLine).where(QuoteLine.quote_id.in_(quote_ids))
    found: dict[UUID, list[QuoteLine]] = {one: [] for one in quote_ids}
    for row in await work.scalars(wanted.order_by(QuoteLine.quote_id, QuoteLine.place)):
        found[row.quote_id].append(row)
    return found


async def write_quote(work: Work, quote: Quote, lines: Sequence[dict[str, Any]]) -> None:
    """Write a quote with its lines."""
    work.add(quote)
    await work.flush()
    if lines:
        await work.execute(insert(QuoteLine), list(lines))


async def costs_of(work: Work, ticket_id: UUID) -> Sequence[Any]:
    """A ticket's costs, struck ones too, the first first; with the name of the construction company that bears one."""
    return (await work.execute(_COSTS, {"ticket_id": ticket_id})).all()


async def cost(work: Work, cost_id: UUID, *, lock: bool = False) -> TicketCost | None:
    """One cost."""
    return await work.get(TicketCost, cost_id, with_for_update=lock or None, populate_existing=lock)


async def charged(work: Work, quote_id: UUID) -> int:
    """What has been charged by a quote, in fen."""
    return int((await work.execute(_CHARGED, {"quote_id": quote_id})).scalar_one())

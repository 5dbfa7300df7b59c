"""Paid work outside the warranty: a quote by the published price list, and the owner's consent before it (CT-36)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Conflict, Invalid, NotAllowed, NotFound
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.notices.service import About, Telling, tell
from backend.features.people.service import role_in
from backend.features.repairs.models import Quote, QuoteLine, Ticket
from backend.features.repairs.repository import charges as repository
from backend.features.repairs.repository import tickets
from backend.features.repairs.rules.charges import amount, total
from backend.features.repairs.rules.states import ENDED
from backend.features.repairs.service.acting import SUBJECT
from backend.features.repairs.service.finding import ticket_for, ticket_to_serve
from backend.features.repairs.service.parts import HOUSEHOLD
from backend.features.repairs.service.prices import prices_of
from backend.platform.threads import NewEntry, append


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote with its lines."""

    row: Quote
    lines: Sequence[QuoteLine]


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many hundredths of the unit of what `code` names on the price list."""

    code: str
    hundredths: int


async def quotes_of(work: Work, caller: Caller, now: datetime, ticket_id: UUID) -> list[Quoted]:
    """What was quoted on a ticket that the caller sees, the first first.

    Raises:
        NotFound: they see no such ticket.
    """
    ticket, _ = await ticket_for(work, caller, now, ticket_id)
    return await _all(work, ticket.id)


async def make_quote(
    work: Work, caller: Caller, now: datetime, ticket_id: UUID, wanted: Sequence[Wanted], words: str | None
) -> list[Quoted]:
    """Say what paid work would cost, by the price list that stands; the owner is asked. A quote of nothing is a gift.

    Work under warranty costs nothing: it is not quoted; nor is work whose warranty nobody has set.

    Raises:
        NotFound: the caller sees no such ticket.
        NotAllowed: `not_your_move`.
        Conflict: `ticket_over`, `warranty_work_is_free`, `prices_not_published`, `quote_waits`.
        Invalid: `price_unknown`.
    """
    ticket = await ticket_to_serve(work, caller, now, ticket_id)
    if ticket.state in ENDED:
        raise Conflict("ticket_over")
    if ticket.cover.get("state") != "not_covered":
        raise Conflict("warranty_work_is_free")
    prices = await prices_of(work, ticket.project_id)
    if prices.number == 0:
        raise Conflict("prices_not_published")
    if any(one.row.state == "offered" for one in await _all(work, ticket.id)):
        raise Conflict("quote_waits")
    known = {one.code: one for one in prices.items}
    quote_id = new_id()
    lines: list[dict[str, Any]] = []
    for place, one in enumerate(wanted):
        price = known.get(one.code)
        if price is None:
            raise Invalid("price_unknown", field=f"lines.{place}.code")
        lines.append(
            {
                "quote_id": quote_id,
                "place": place,
                "code": price.code,
                "name": price.name,
                "unit": price.unit,
                "price_fen": price.price_fen,
                "hundredths": one.hundredths,
                "amount_fen": amount(price.price_fen, one.hundredths),
            }
        )
    quote = Quote(
        id=quote_id,
        ticket_id=ticket.id,
        project_id=ticket.project_id,
        number=prices.number,
        total_fen=total(line["amount_fen"] for line in lines),
        words=words,
        made_by=caller.account_id,
        made_at=now,
        state="offered",
    )
    await repository.write_quote(work, quote, lines)
    body = {"quote": str(quote.id), "total_fen": quote.total_fen} | ({"text": words} if words else {})
    await append(work, NewEntry(ticket.thread_id, "quoted", body, caller.account_id))
    told = await tickets.household(work, ticket, HOUSEHOLD)
    await _tell(work, ticket, "quote_offered", told, f"quote:{quote.id}")
    return await _all(work, ticket.id)


async def answer_quote(
    work: Work,
    caller: Caller,
    now: datetime,
    ticket_id: UUID,
    quote_id: UUID,
    *,
    consents: bool,
    opinion: str | None,
) -> list[Quoted]:
    """Consent to a quote, or decline it: an owner of the home alone. Answered again in the same way, it stands.

    Raises:
        NotFound: the caller sees no such ticket or quote.
        NotAllowed: `owner_consents`: family and tenants cannot bind the owner, nor can an employee.
        Conflict: `quote_over`.
    """
    ticket, _ = await ticket_for(work, caller, now, ticket_id, lock=True)
    quote = await repository.quote_of(work, ticket.id, quote_id)
    if quote is None:
        raise NotFound()
    if caller.kind != "owner" or await role_in(work, caller.account_id, ticket.ownership_id) != "owner":
        raise NotAllowed("owner_consents")
    given = "consented" if consents else "declined"
    if quote.state == given:
        return await _all(work, ticket.id)
    if quote.state != "offered":
        raise Conflict("quote_over", state=quote.state)
    quote.state = "consented" if consents else "declined"
    quote.answered_by, quote.answered_at, quote.opinion = caller.account_id, now, opinion
    await work.flush()
    body = {"quote": str(quote.id), "total_fen": quote.total_fen} | ({"text": opinion} if opinion else {})
    await append(work, NewEntry(ticket.thread_id, f"quote_{given}", body, caller.account_id))
    told = {one for one in (ticket.engineer_id, quote.made_by) if one is not None}
    await _tell(work, ticket, "quote_answered", sorted(told), f"answer:{quote.id}")
    return await _all(work, ticket.id)


async def withdraw_quote(
    work: Work, caller: Caller, now: datetime, ticket_id: UUID, quote_id: UUID
) -> list[Quoted]:
    """Take a quote back that nobody has answered. Taken back again, it stays so.

    Raises:
        NotFound: the caller sees no such ticket or quote.
        NotAllowed: `not_your_move`.
        Conflict: `quote_over`.
    """
    ticket = await ticket_to_serve(work, caller, now, ticket_id)
    quote = await repository.quote_of(work, ticket.id, quote_id)
    if quote is None:
        raise NotFound()
    if quote.state == "offered":
        quote.state, quote.answered_by, quote.answered_at = "withdrawn", caller.account_id, now
        await work.flush()
        entry = NewEntry(ticket.thread_id, "quote_withdrawn", {"quote": str(quote.id)}, caller.account_id)
        await append(work, entry)
    elif quote.state != "withdrawn":
        raise Conflict("quote_over", state=quote.state)
    return await _all(work, ticket.id)


async def _all(work: Work, ticket_id: UUID) -> list[Quoted]:
    quotes = await repository.quotes_of(work, ticket_id)
    lines = await repository.lines_of(work, [one.id for one in quotes])
    return [Quoted(one, lines[one.id]) for one in quotes]


async def _tell(work: Work, ticket: Ticket, kind: str, accounts: Sequence[UUID], key: str) -> None:
    if accounts:
        about = About(SUBJECT, ticket.id, ticket.thread_id)
        await tell(work, Telling(kind, accounts, {}, about, f"ticket:{ticket.id}:{key}"))

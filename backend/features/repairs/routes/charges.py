"""Quotes with the owner's consent, costs and who bears them, defects."""

from typing import Any
from uuid import UUID

from backend.features.repairs import schemas_charges as schemas
from backend.features.repairs.models import TicketDefect
from backend.features.repairs.service import costs, defects, quotes
from backend.features.repairs.service.batching import batch_defects
from backend.platform.http.caller import Owner, SignedIn, Staff
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router

charges = router(tag="repairs")


@charges.get("/tickets/{ticket_id}/quotes", responses=problems(401, 403, 404))
async def list_quotes(process: Here, work: Uow, caller: SignedIn, ticket_id: UUID) -> schemas.Quotes:
    """What was quoted on a ticket, and what the owner said to it."""
    return _quotes(await quotes.quotes_of(work, caller, process.clock.now(), ticket_id))


@charges.post("/tickets/{ticket_id}/quotes", status_code=201, responses=problems(401, 403, 404, 409))
async def make_quote(
    process: Here, work: Uow, caller: Staff, ticket_id: UUID, asked: schemas.QuoteSaid
) -> schemas.Quotes:
    """Quote paid work by the project's price list. Work under warranty is free and is not quoted."""
    wanted = [quotes.Wanted(one.code, one.hundredths) for one in asked.lines]
    now = process.clock.now()
    return _quotes(await quotes.make_quote(work, caller, now, ticket_id, wanted, asked.words))


@charges.post("/tickets/{ticket_id}/quotes/{quote_id}/answer", responses=problems(401, 403, 404, 409))
async def answer_quote(
    process: Here, work: Uow, caller: Owner, ticket_id: UUID, quote_id: UUID, asked: schemas.QuoteAnswered
) -> schemas.Quotes:
    """Consent to a quote, or decline it. Only an owner of the home; paid work begins with their consent."""
    now = process.clock.now()
    return _quotes(
        await quotes.answer_quote(
            work, caller, now, ticket_id, quote_id, consents=asked.consents, opinion=asked.opinion
        )
    )


@charges.post("/tickets/{ticket_id}/quotes/{quote_id}/withdrawal", responses=problems(401, 403, 404, 409))
async def withdraw_quote(
    process: Here, work: Uow, caller: Staff, ticket_id: UUID, quote_id: UUID
) -> schemas.Quotes:
    """Take a quote back that nobody has answered."""
    return _quotes(await quotes.withdraw_quote(work, caller, process.clock.now(), ticket_id, quote_id))


@charges.get("/tickets/{ticket_id}/costs", responses=problems(401, 403, 404))
async def list_costs(process: Here, work: Uow, caller: SignedIn, ticket_id: UUID) -> schemas.Costs:
    """What a repair costs and who bears it. Owners see what they bear, and what is borne for them."""
    return _costs(await costs.costs_of(work, caller, process.clock.now(), ticket_id))


@charges.post("/tickets/{ticket_id}/costs", status_code=201, responses=problems(401, 403, 404, 409))
async def enter_cost(
    process: Here, work: Uow, caller: Staff, ticket_id: UUID, asked: schemas.CostSaid
) -> schemas.Costs:
    """Enter a part, material, contractor, or what the company bears. The owner bears only what they consented to."""
    wanted = costs.NewCost(
        id=asked.id,
        kind=asked.kind,
        what=asked.what,
        amount_fen=asked.amount_fen,
        borne_by=asked.borne_by,
        hundredths=asked.hundredths,
        unit=asked.unit,
        quote_id=asked.quote,
        company_id=asked.company,
        contractor=asked.contractor,
    )
    return _costs(await costs.enter_cost(work, caller, process.clock.now(), ticket_id, wanted))


@charges.post("/tickets/{ticket_id}/costs/{cost_id}/strike", responses=problems(401, 403, 404))
async def strike_cost(
    process: Here, work: Uow, caller: Staff, ticket_id: UUID, cost_id: UUID, asked: schemas.Struck
) -> schemas.Costs:
    """Strike out a cost that was entered by mistake. It stays readable."""
    now = process.clock.now()
    return _costs(await costs.strike_cost(work, caller, now, ticket_id, cost_id, asked.reason))


@charges.get("/tickets/{ticket_id}/defect", responses=problems(401, 403, 404))
async def read_defect(process: Here, work: Uow, caller: Staff, ticket_id: UUID) -> schemas.Defect:
    """What broke, by whose work, and why."""
    return _defect(await defects.defect_of(work, caller, process.clock.now(), ticket_id))


@charges.put("/tickets/{ticket_id}/defect", responses=problems(401, 403, 404))
async def note_defect(
    process: Here, work: Uow, caller: Staff, ticket_id: UUID, asked: schemas.DefectSaid
) -> schemas.Defect:
    """Note what broke, by whose work, and whether others should learn from it. Owners do not see it."""
    said = defects.Defect(asked.component, asked.company, asked.cause, asked.lesson)
    return _defect(await defects.note_defect(work, caller, process.clock.now(), ticket_id, said))


@charges.post("/defect-batches/{batch_id}/tickets", responses=problems(401, 403, 404, 409))
async def add_defects_of_tickets(
    process: Here, work: Uow, caller: Staff, batch_id: UUID, asked: schemas.TicketsBatched
) -> schemas.TicketsInBatch:
    """Put the defects noted on tickets on a batch for the unit that answers for them, before it is sent."""
    view = await batch_defects(work, caller, process.clock.now(), batch_id, asked.tickets)
    return schemas.TicketsInBatch(batch=batch_id, defects=view.defects, version=view.batch.version)


def _quotes(found: list[quotes.Quoted]) -> schemas.Quotes:
    return schemas.Quotes(items=[_quote(one) for one in found])


def _quote(one: quotes.Quoted) -> schemas.Quote:
    row = one.row
    return schemas.Quote(
        id=row.id,
        ticket=row.ticket_id,
        price_list=row.number,
        lines=[schemas.QuoteLine.model_validate(line) for line in one.lines],
        total_fen=row.total_fen,
        words=row.words,
        state=row.state,
        made_by=row.made_by,
        made_at=row.made_at,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        opinion=row.opinion,
    )


def _costs(found: costs.Costs) -> schemas.Costs:
    return schemas.Costs(
        items=[_cost(row) for row in found.rows],
        owner_fen=found.owner_fen,
        company_fen=found.company_fen,
        construction_company_fen=found.construction_company_fen,
    )


def _cost(row: Any) -> schemas.Cost:
    return schemas.Cost(
        id=row.id,
        kind=row.kind,
        what=row.what,
        amount_fen=row.amount_fen,
        borne_by=row.borne_by,
        hundredths=row.hundredths,
        unit=row.unit,
        quote=row.quote_id,
        company=row.company_id,
        company_name=row.company,
        contractor=row.contractor,
        entered_by=row.entered_by,
        entered_at=row.entered_at,
        struck_at=row.struck_at,
        struck_reason=row.struck_reason,
    )


def _defect(found: TicketDefect) -> schemas.Defect:
    return schemas.Defect(
        ticket=found.ticket_id,
        component=found.component,
        company=found.company_id,
        cause=found.cause,
        lesson=found.lesson,
        noted_by=found.noted_by,
        noted_at=found.noted_at,
    )

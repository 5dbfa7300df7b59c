"""The live board of chains, their pauses, and who would be called when."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from backend.core.locale import Locale
from backend.core.paging import decode_cursor
from backend.core.wire import Page
from backend.db.present import present
from backend.features.escalation import schemas_board as schemas
from backend.features.escalation.routes.pages import shown_again
from backend.features.escalation.service import board as service
from backend.features.escalation.service import pausing, simulating
from backend.features.escalation.words import clock_words
from backend.platform.http.caller import Staff
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router

chains = router(tag="operations", prefix="/v1/ops")


@chains.get("/escalations", responses=problems(401, 403))
async def list_escalations(
    process: Here,
    work: Uow,
    caller: Staff,
    locale: Lang,
    node: Annotated[UUID | None, Query(description="Only at and below this place.")] = None,
    state: schemas.ChainState | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[schemas.Chain]:
    """Every living chain in my scope: about what, whom it calls, when it goes on; the next to go on first."""
    after = decode_cursor(cursor, tuple[datetime, UUID])
    found = await service.board_page(
        work, caller, process.clock.now(), node_id=node, state=state, after=after, limit=limit + 1
    )
    return page_of(found, limit, show=lambda one: _chain(one, locale), key=lambda one: (one.next_at, one.id))


@chains.post("/escalations/simulate", responses=problems(401, 403, 404, 409))
async def simulate_escalation(work: Uow, caller: Staff, asked: schemas.SimulationAsked) -> schemas.Simulation:
    """Who would be called when about a promise that I suppose, by today's standard and rosters. Nobody is called."""
    supposed = simulating.Supposed(asked.node_id, asked.clock, asked.category, asked.starts_at, asked.due_at)
    return _simulation(await simulating.foresee(work, caller, await present(work), supposed))


@chains.post("/escalations/{escalation_id}/simulate", responses=problems(401, 403, 404, 409))
async def simulate_one_escalation(
    work: Uow, caller: Staff, escalation_id: UUID, asked: schemas.SimulationOf
) -> schemas.Simulation:
    """Who would be called when from now on, or if this chain went on at another moment. Nobody is called."""
    now = await present(work)
    return _simulation(await simulating.foresee_chain(work, caller, now, escalation_id, asked.at))


@chains.post("/escalations/{escalation_id}/pause", responses=problems(401, 403, 404, 409))
async def pause_escalation(
    process: Here, work: Uow, caller: Staff, locale: Lang, escalation_id: UUID, asked: schemas.PauseAsked
) -> schemas.Chain:
    """Call nobody of this chain until a moment, for maintenance. It is on the record, and goes on by itself then."""
    now = await present(work)
    await pausing.pause(work, process.waker, caller, now, escalation_id, asked.reason, asked.until)
    return _chain(await service.chain_shown(work, caller, now, escalation_id), locale)


@chains.post("/escalations/{escalation_id}/resume", responses=problems(401, 403, 404, 409))
async def resume_escalation(
    process: Here, work: Uow, caller: Staff, locale: Lang, escalation_id: UUID, asked: schemas.ResumeAsked
) -> schemas.Chain:
    """Have a paused chain go on before its pause ends."""
    now = await present(work)
    await pausing.resume(work, process.waker, caller, now, escalation_id, asked.reason)
    return _chain(await service.chain_shown(work, caller, now, escalation_id), locale)


def _chain(row: Any, locale: Locale) -> schemas.Chain:
    return schemas.Chain(
        id=row.id,
        number=row.number,
        clock=row.clock,
        clock_words=clock_words(row.clock, locale),
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        thread_id=row.thread_id,
        node_id=row.node_id,
        place=row.place,
        state=row.state,
        step=row.step + 1 if row.round else 0,
        steps=len(row.steps),
        role=row.steps[row.step]["role"] if row.round else None,
        round=row.round,
        promised_at=row.due_at,
        goes_on_at=row.next_at,
        people=[schemas.ChainPerson(**one) for one in row.people],
        pause=None if row.pause is None else schemas.ChainPause(**row.pause),
    )


def _simulation(found: simulating.Foresight) -> schemas.Simulation:
    return schemas.Simulation(
        starts_at=found.starts_at,
        due_at=found.due_at,
        telephone="telephone" in found.channels,
        turns=[
            schemas.ForeseenTurn(
                at=one.at,
                step=one.step + 1,
                round=one.round,
                role=one.role,
                passed=[schemas.PassedStep(step=step + 1, role=role) for step, role in one.passed],
                people=[_person(each) for each in one.people],
                wait_set=one.wait_set,
            )
            for one in found.turns
        ],
    )


def _person(one: simulating.Person) -> schemas.ForeseenPerson:
    duty = one.duty
    return schemas.ForeseenPerson(
        account_id=duty.account_id,
        name=duty.name,
        role=duty.role,
        node_id=duty.node_id,
        by=list(one.by),
        again=[shown_again(each) for each in one.again],
    )

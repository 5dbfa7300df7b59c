"""The one way a ticket changes. Requests, appointments and what a phone recorded offline all go through it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError

from backend.core.caller import Caller
from backend.core.errors import Fault, Invalid, NotAllowed, NotFound
from backend.core.wire import Asked
from backend.db.work import Work
from backend.features.repairs.acts import ACTS, Start
from backend.features.repairs.models import Ticket
from backend.features.repairs.repository import tickets
from backend.features.repairs.rules import gates, states
from backend.features.repairs.service.acting import Acting
from backend.features.repairs.service.clocks import Clocks
from backend.features.repairs.service.moves import EFFECTS
from backend.features.repairs.service.parts import Acts, acts_on
from backend.features.repairs.service.refusing import Refused
from backend.platform.outbox import enqueue
from backend.platform.process import Process

FINISHED_TURNED: Final = "finished_tickets_turned"
"""The job that is told of tickets whose work is done, or done no more: a return visit is owed, or not (RV-14)."""


async def move(
    process: Process,
    work: Work,
    caller: Caller,
    now: datetime,
    ticket_id: UUID,
    code: str,
    data: Mapping[str, Any],
    *,
    base_version: int | None = None,
    at: datetime | None = None,
) -> Ticket:
    """Make one move of `rules.states.MOVES` on a ticket: its evidence, line, clocks and notices are one transaction.

    `base_version`: only as the caller has seen it. `at`: when it happened, where that was earlier than now; it is kept
    beside the time of writing and ends no clock earlier. Each success adds one to `ticket.version`.

    Raises:
        NotFound: the caller sees no such ticket.
        Invalid: `move_unknown`; what the move brings is wrong, with a fault a field.
        NotAllowed: `not_your_move`.
        Refused: `ticket_changed`, `move_illegal`, `gate_closed`, with the legal moves and the present state; and
        whatever else stands against the move (`Conflict`).
    """
    made = states.MOVES.get(code)
    if made is None:
        raise Invalid("move_unknown", field="move")
    ticket = await tickets.lock(work, ticket_id)
    if ticket is None:
        raise NotFound()
    acts = await acts_on(work, caller, now, ticket)
    _require_legal(ticket, made, acts, base_version)
    brought = read_act(code, data)
    _require_open(ticket, made, acts, brought)
    moment = now if at is None else max(min(at, now), ticket.opened_at)
    acting = Acting(
        process,
        work,
        caller,
        acts.name,
        now,
        moment,
        ticket,
        acts.parts,
        acts.stands,
        await Clocks.of(work, ticket, now, caller.account_id),
    )
    before = ticket.state
    body = await EFFECTS[code](acting, brought)
    # Evidence first: the gate in the database looks for it when the state changes.
    await work.flush()
    for name, value in (
        acting.changes | {"state": states.leads(made, ticket.state), "changed_at": now}
    ).items():
        setattr(ticket, name, value)
    if code != "succeed":
        acting.note(made.line, body, caller.account_id)
    await acting.settle()
    if (before in states.FINISHED) != (ticket.state in states.FINISHED):
        await enqueue(work, process.waker, FINISHED_TURNED, {"ticket_ids": [str(ticket.id)]})
    return ticket


def read_act(code: str, data: Mapping[str, Any]) -> Asked:
    """What a move brings, checked.

    Raises:
        Invalid: `fields_invalid`, with a fault a field.
    """
    try:
        return ACTS[code].model_validate(data)
    except ValidationError as error:
        faults = tuple(
            Fault(_place(one["loc"]), one["type"], {})
            for one in error.errors(include_url=False, include_input=False, include_context=False)
        )
        raise Invalid("fields_invalid", faults=faults) from None


def _place(loc: tuple[int | str, ...]) -> str:
    # An unknown field is named as the client wrote it, which may be anything.
    return ".".join(map(str, loc))[:200].encode(errors="replace").decode() or "data"


def _require_legal(ticket: Ticket, made: states.Move, acts: Acts, base_version: int | None) -> None:
    legal = states.legal(ticket.state, acts.parts)
    if not any(part in made.parts for part in acts.parts):
        raise NotAllowed("not_your_move")
    if base_version is not None and base_version != ticket.version:
        raise Refused("ticket_changed", ticket, legal)
    if made.code not in legal:
        raise Refused("move_illegal", ticket, legal)


def _require_open(ticket: Ticket, made: states.Move, acts: Acts, brought: Asked) -> None:
    stands = replace(acts.stands, livable=brought.livable) if isinstance(brought, Start) else acts.stands
    if lacking := gates.missing(made.needs, stands):
        raise Refused("gate_closed", ticket, states.legal(ticket.state, acts.parts), missing=lacking)

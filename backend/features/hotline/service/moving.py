"""The one way a case changes. Requests, return visits and what people say while it waits all go through it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from backend.core.caller import Caller
from backend.core.errors import Fault, Invalid, NotAllowed, NotFound
from backend.core.wire import Asked
from backend.db.work import Work
from backend.features.hotline.acts import ACTS
from backend.features.hotline.acts_flow import FLOW_ACTS
from backend.features.hotline.models import Case
from backend.features.hotline.repository import cases
from backend.features.hotline.rules import clocks as clock_rules
from backend.features.hotline.rules import gates, states
from backend.features.hotline.service.acting import SUBJECT, Acting
from backend.features.hotline.service.clocks import Clocks
from backend.features.hotline.service.moves import EFFECTS
from backend.features.hotline.service.moves.pausing import resume_by
from backend.features.hotline.service.parts import Acts, acts_on
from backend.features.hotline.service.refusing import Refused
from backend.features.hotline.service.waiting import wait_for_somebody
from backend.features.visits.service import bar
from backend.platform.process import Process


async def move(
    process: Process,
    work: Work,
    caller: Caller,
    now: datetime,
    case_id: UUID,
    code: str,
    data: Mapping[str, Any],
    *,
    base_version: int | None = None,
) -> Case:
    """Make one move of `rules.states.MOVES` on a case: its rows, line, clocks and notices are one transaction.

    `base_version`: only as the caller has seen it. Each success adds one to `case.version`. The clocks that the move
    ends or leaves nothing to (`rules.clocks`) end by it and by nothing else.

    Raises:
        NotFound: the caller sees no such case.
        Invalid: `move_unknown`; what the move brings is wrong, with a fault a field.
        NotAllowed: `not_your_move`.
        Refused: `case_changed`, `case_move_illegal`, `case_gate_closed`, with the legal moves and the present state;
        and whatever else stands against the move (`Conflict`).
    """
    made = states.MOVES.get(code)
    if made is None or code not in EFFECTS:
        raise Invalid("move_unknown", field="move")
    case = await cases.lock(work, case_id)
    if case is None:
        raise NotFound()
    acts = await acts_on(work, caller, now, case)
    _require_legal(case, made, acts, base_version)
    brought = read_act(code, data)
    if lacking := gates.missing(made.needs, acts.stands):
        raise Refused("case_gate_closed", case, states.legal(case.state, acts.parts), missing=lacking)
    clocks = await Clocks.of(work, case, now, caller.account_id)
    acting = Acting(process, work, caller, acts.name, now, case, acts.parts, acts.stands, clocks)
    await make(acting, made, brought)
    return case


async def make(acting: Acting, made: states.Move, brought: Asked) -> None:
    """Make a move that may be made, with all that follows from it."""
    case, caller = acting.case, acting.caller
    if caller.kind == "owner" and case.paused_for is not None and made.code != "resume":
        # What was waited for has come: their act.
        await resume_by(acting)
        acting.note("resumed", {}, caller.account_id)
    body = await EFFECTS[made.code](acting, brought)
    for clock in clock_rules.met_by(made.code):
        acting.clocks.meet(clock, made.code)
    acting.clocks.void(clock_rules.VOIDS.get(made.code, frozenset()), made.code)
    if made.code == "accept" and acting.clocks.open("C4") is None:
        # Agreed, and no date yet: that is owed as a reply is, so that it does not lie in silence.
        await acting.clocks.start("C3")
    if made.handles and caller.kind == "staff":
        await cases.handled(acting.work, [case.id], caller.account_id, made.code)
        if case.state == "done":
            await bar(acting.work, SUBJECT, case.id, [caller.account_id])
    # Evidence first: the database looks for it when the state changes.
    await acting.work.flush()
    to = states.leads(made, case.state)
    at: dict[str, Any] = {"done_at": acting.now} if to == "done" and case.state != "done" else {}
    if to in states.ENDED:
        at |= {"ended_at": case.ended_at or acting.now}
    elif case.state in states.ENDED:
        at |= {"ended_at": None, "close_reason": None}
    for name, value in ({"state": to, "changed_at": acting.now} | at | acting.changes).items():
        setattr(case, name, value)
    acting.note(made.line, body, caller.account_id, audience="staff" if made.inside else "all")
    await acting.settle()
    if made.target is not None:
        await wait_for_somebody(acting.work, acting.process.waker, acting.now, case)


def read_act(code: str, data: Mapping[str, Any]) -> Asked:
    """What a move brings, checked.

    Raises:
        Invalid: `fields_invalid`, with a fault a field.
    """
    try:
        return (ACTS | FLOW_ACTS)[code].model_validate(data)
    except ValidationError as error:
        faults = tuple(
            Fault(_place(one["loc"]), one["type"], {})
            for one in error.errors(include_url=False, include_input=False, include_context=False)
        )
        raise Invalid("fields_invalid", faults=faults) from None


def _place(loc: tuple[int | str, ...]) -> str:
    # An unknown field is named as the client wrote it, which may be anything.
    return ".".join(map(str, loc))[:200].encode(errors="replace").decode() or "data"


def _require_legal(case: Case, made: states.Move, acts: Acts, base_version: int | None) -> None:
    legal = states.legal(case.state, acts.parts)
    if not any(part in made.parts for part in acts.parts):
        raise NotAllowed("not_your_move")
    if base_version is not None and base_version != case.version:
        raise Refused("case_changed", case, legal)
    if made.code not in legal:
        raise Refused("case_move_illegal", case, legal)

"""Claims of compensation and of another home, approved level by level (HC-44, HC-45, CT-43)."""

from typing import Any
from uuid import UUID

from backend.core.clock import local_date
from backend.core.errors import Conflict, Invalid, NotAllowed, NotFound
from backend.core.ids import new_id
from backend.features.hotline.acts_flow import Claim, DecideClaim, WithdrawClaim
from backend.features.hotline.models import CaseClaim, CaseClaimStep
from backend.features.hotline.repository import claims as repository
from backend.features.hotline.rules import claims as rules
from backend.features.hotline.service.acting import Acting
from backend.features.hotline.service.moves.handing import tell_specialists


async def claim(act: Acting, data: Claim) -> dict[str, Any]:
    """It is asked for, and kept even where nobody can decide it yet.

    Raises:
        Conflict: `claim_asked_already`: one of the kind waits.
    """
    if await repository.asked(act.work, act.case.id, data.kind) is not None:
        raise Conflict("claim_asked_already", field="kind")
    row = CaseClaim(
        id=new_id(),
        case_id=act.case.id,
        kind=data.kind,
        amount_fen=data.amount_fen,
        words=data.words,
        made_by=act.caller.account_id,
        made_at=act.now,
    )
    act.work.add(row)
    await act.work.flush()
    await tell_specialists(act, "claimed")
    return data.model_dump(mode="json", exclude_none=True) | {"claim": str(row.id)}


async def decide(act: Acting, data: DecideClaim) -> dict[str, Any]:
    """The level whose turn it is approves, or refuses the whole. The last one's approval grants it.

    The table that stands when the first level decides is the claim's from then on.

    Raises:
        NotFound: no such claim on this case.
        Conflict: `claim_decided`; `claim_table_not_set`, with the gap of the method that it is (GP-01, GP-02);
        `claim_beyond_limits`, `claim_amount_missing`.
        NotAllowed: `claim_not_your_level`, `claim_not_your_own`, `claim_approved_twice`.
    """
    row = await _open(act, data.claim)
    steps = await repository.steps_of(act.work, row.id) or await _steps(act, row)
    waiting = next(one for one in steps if one.state == "waiting")
    level = rules.Level(waiting.role, waiting.limit_fen)
    roles = await repository.roles_at(act.work, act.case.node_id, act.caller.account_id, local_date(act.now))
    before = [one.decided_by for one in steps if one.decided_by is not None]
    if refusal := rules.may_approve(level, roles, act.caller.account_id, row.made_by, before):
        raise NotAllowed(refusal, role=waiting.role)
    waiting.state = "approved" if data.approved else "refused"
    waiting.decided_by, waiting.decided_at, waiting.words = act.caller.account_id, act.now, data.words
    left = [one for one in steps if one.state == "waiting"]
    if not data.approved or not left:
        await act.work.flush()
        row.state, row.ended_at = waiting.state, act.now
        await act.tell_household("claim_granted" if data.approved else "claim_refused")
        await tell_specialists(act, "claim_granted" if data.approved else "claim_refused")
    # What a level says of it stays among us; the owner reads how far it has come.
    inside = {"claim": str(row.id), "role": waiting.role, "state": waiting.state, "words": data.words}
    act.note("claim_level_decided", inside, act.caller.account_id, audience="staff")
    level_of = {"level": waiting.place + 1, "levels": len(steps)}
    return {"claim": str(row.id), "kind": row.kind, "state": row.state} | level_of


async def withdraw(act: Acting, data: WithdrawClaim) -> dict[str, Any]:
    """It is made no more. By an employee: with how the owner said so.

    Raises:
        Invalid: `owners_words_missing`.
        NotFound: no such claim on this case.
        Conflict: `claim_decided`.
    """
    row = await _open(act, data.claim)
    if act.caller.kind == "staff" and data.words is None:
        raise Invalid("owners_words_missing", field="words")
    row.state, row.ended_at = "withdrawn", act.now
    return data.model_dump(mode="json", exclude_none=True) | {"kind": row.kind}


async def _open(act: Acting, id_: UUID) -> CaseClaim:
    row = await repository.of_case(act.work, act.case.id, id_)
    if row is None:
        raise NotFound()
    if row.state != "asked":
        raise Conflict("claim_decided", field="claim", state=row.state)
    return row


async def _steps(act: Acting, row: CaseClaim) -> list[CaseClaimStep]:
    table = await repository.table_of(act.work, row.kind)
    levels = [] if table is None else await repository.levels_of(act.work, table.id)
    found = rules.steps_of(levels, row.amount_fen)
    if isinstance(found, str):
        raise Conflict(found, field="claim", gap=rules.GAPS[row.kind], kind=row.kind)
    assert table is not None
    row.table_id = table.id
    steps = [
        CaseClaimStep(claim_id=row.id, place=place, role=one.role, limit_fen=one.limit_fen, state="waiting")
        for place, one in enumerate(found)
    ]
    act.work.add_all(steps)
    await act.work.flush()
    return steps

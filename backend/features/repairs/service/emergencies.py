"""The emergency flow: everybody on duty is told at once, one of them takes it and makes it safe (SN-44, FM-60, FM-38).

The ticket goes on beside it with its one engineer, who does the repair itself.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import Conflict, NotAllowed, NotFound
from backend.db.work import Work
from backend.features.estate.service import project_scope
from backend.features.notices.service import About, Telling, tell
from backend.features.people.service import scope_of
from backend.features.repairs.models import Ticket, TicketEmergency
from backend.features.repairs.repository import emergencies as repository
from backend.features.repairs.repository import tickets, unattended
from backend.features.repairs.rules.emergencies import CHAIN, NIGHT_DUTY, may, whom_to_tell
from backend.features.repairs.rules.states import ENDED
from backend.features.repairs.service.acting import SUBJECT
from backend.features.repairs.service.finding import ticket_for
from backend.features.repairs.service.joint_team import on_duty_of_team, repairs_in_team
from backend.features.repairs.service.parts import HOUSEHOLD
from backend.features.repairs.service.unattended import keep_looking
from backend.features.roster.service import on_duty
from backend.platform.threads import NewEntry, append

_AT_ONCE: Final = 200
"""How many untaken emergencies are told again at a time, the longest waiting first."""


async def declare(work: Work, caller: Caller, now: datetime, ticket_id: UUID, words: str) -> int:
    """Say that a ticket cannot wait; whoever is on duty is told now. Returns how many.

    Declared again while it lasts, nothing changes; once it is over, it is a new one and they are told again.

    Raises:
        NotFound: the caller sees no such ticket.
        NotAllowed: `not_your_move`.
        Conflict: `ticket_over`.
    """
    ticket, parts = await ticket_for(work, caller, now, ticket_id, lock=True)
    if not parts & {"owner", "engineer", "desk"}:
        raise NotAllowed("not_your_move")
    return await declare_on(work, caller, now, ticket, words)


async def declare_on(work: Work, caller: Caller, now: datetime, ticket: Ticket, words: str) -> int:
    """As `declare`, on a ticket whose caller has been asked already, as when it is reported as urgent.

    Raises:
        Conflict: `ticket_over`.
    """
    present = await repository.locked(work, ticket.id)
    if present is not None and not may(present.state, "declare"):
        return present.told
    if ticket.state in ENDED:
        raise Conflict("ticket_over")
    told = await _whom(work, now, ticket)
    if present is None:
        present = TicketEmergency(ticket_id=ticket.id)
        work.add(present)
    # What became of the one before stands on the thread.
    present.state, present.told = "declared", len(told)
    present.declared_by, present.declared_at = caller.account_id, now
    present.taken_by = present.taken_at = None
    present.ended_by = present.ended_at = present.outcome = None
    ticket.urgent = True
    await work.flush()
    body = {"text": words, "told": len(told)}
    await append(work, NewEntry(ticket.thread_id, "emergency_declared", body, caller.account_id))
    await _ring(work, now, ticket, [one for one in told if one != caller.account_id])
    await keep_looking(work, now)
    return len(told)


async def tell_untaken(work: Work, now: datetime) -> None:
    """Tell emergencies that nobody has taken yet to whoever is on duty by now, and again until somebody does."""
    for ticket in await unattended.lock_untaken(work, _AT_ONCE):
        await _ring(work, now, ticket, await _whom(work, now, ticket))


async def emergencies_page(
    work: Work,
    caller: Caller,
    now: datetime,
    project_id: UUID,
    *,
    ended: bool,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Any]:
    """The emergencies of a project in the caller's scope, the last declared first.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project there.
    """
    scope = await project_scope(work, caller, now, project_id, "see_estate")
    return await repository.of_project(
        work, project_id, scope, caller.account_id, ended=ended, after=after, limit=limit
    )


async def take(work: Work, caller: Caller, now: datetime, ticket_id: UUID) -> Any:
    """Go there first: somebody of the ticket's place who repairs or manages there. Taken again, it stays theirs.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such emergency in the caller's scope.
        Conflict: `emergency_taken`, `emergency_over`.
    """
    shown = await _shown(work, caller, now, ticket_id)
    emergency = await _locked(work, ticket_id)
    if emergency.state == "taken" and emergency.taken_by == caller.account_id:
        return shown
    if not may(emergency.state, "take"):
        raise Conflict("emergency_taken" if emergency.state == "taken" else "emergency_over")
    await _require_hands(work, caller, now, ticket_id)
    emergency.state, emergency.taken_by, emergency.taken_at = "taken", caller.account_id, now
    await work.flush()
    await append(work, NewEntry(shown.thread_id, "emergency_taken", {}, caller.account_id))
    await _tell_household(work, emergency, "emergency_taken")
    return await _shown(work, caller, now, ticket_id)


async def make_safe(work: Work, caller: Caller, now: datetime, ticket_id: UUID, words: str) -> Any:
    """It is safe: what was done for now. The repair itself goes on with the ticket's engineer.

    Raises:
        NotAllowed: `not_in_your_role`; `not_your_move`: somebody else has taken it.
        NotFound: no such emergency in the caller's scope.
        Conflict: `emergency_over`.
    """
    return await _end(work, caller, now, ticket_id, "safe", words)


async def deny(work: Work, caller: Caller, now: datetime, ticket_id: UUID, words: str) -> Any:
    """It can wait for the engineer's day after all, and why. Raises as `make_safe`."""
    return await _end(work, caller, now, ticket_id, "not_urgent", words)


async def _end(work: Work, caller: Caller, now: datetime, ticket_id: UUID, state: Any, words: str) -> Any:
    shown = await _shown(work, caller, now, ticket_id)
    emergency = await _locked(work, ticket_id)
    if not may(emergency.state, "make_safe"):
        if emergency.state == state and emergency.ended_by == caller.account_id:
            return shown
        raise Conflict("emergency_over")
    if emergency.taken_by not in (None, caller.account_id):
        raise NotAllowed("not_your_move")
    await _require_hands(work, caller, now, ticket_id)
    emergency.state, emergency.outcome = state, words
    emergency.ended_by, emergency.ended_at = caller.account_id, now
    if state == "not_urgent":
        ticket = await tickets.lock(work, ticket_id)
        assert ticket is not None, "its emergency hangs on it"
        ticket.urgent = False
    await work.flush()
    kind = "emergency_safe" if state == "safe" else "emergency_denied"
    await append(work, NewEntry(shown.thread_id, kind, {"text": words}, caller.account_id))
    await _tell_household(work, emergency, kind)
    return await _shown(work, caller, now, ticket_id)


async def _shown(work: Work, caller: Caller, now: datetime, ticket_id: UUID) -> Any:
    scope = await scope_of(work, caller, "see_estate", now)
    found = await repository.within(work, ticket_id, scope, caller.account_id)
    if found is None:
        raise NotFound()
    return found


async def _locked(work: Work, ticket_id: UUID) -> TicketEmergency:
    # The ticket first, as every writer does: so nobody waits in a circle.
    await tickets.lock(work, ticket_id)
    emergency = await repository.locked(work, ticket_id)
    assert emergency is not None, "it was shown, and none is ever deleted"
    return emergency


async def _require_hands(work: Work, caller: Caller, now: datetime, ticket_id: UUID) -> None:
    ticket = await tickets.find(work, ticket_id)
    assert ticket is not None, "its emergency hangs on it"
    if caller.account_id == ticket.engineer_id:
        return
    roles = [NIGHT_DUTY, *CHAIN]
    if caller.account_id in await repository.holders(work, ticket.node_id, roles, local_date(now)):
        return
    # Whoever is told because they repair in the joint team can go there too (SN-46).
    if not await repairs_in_team(work, now, ticket.project_id, caller.account_id):
        raise NotAllowed("not_in_your_role")


async def _ring(work: Work, now: datetime, ticket: Ticket, people: list[UUID]) -> None:
    key = f"emergency:{ticket.id}:{now.isoformat()}"
    if people:
        await tell(work, Telling("ticket_emergency", people, {}, About("emergency", ticket.id), key))


async def _whom(work: Work, now: datetime, ticket: Ticket) -> list[UUID]:
    duty = {one.account_id for one in await on_duty(work, ticket.node_id, NIGHT_DUTY, now)}
    team = set(await on_duty_of_team(work, now, ticket.project_id))
    chain = await repository.holders(work, ticket.node_id, CHAIN, local_date(now)) if not duty | team else []
    return whom_to_tell(ticket.engineer_id, duty, team, chain)


async def _tell_household(work: Work, emergency: TicketEmergency, kind: str) -> None:
    ticket = await tickets.find(work, emergency.ticket_id)
    assert ticket is not None, "its emergency hangs on it"
    if told := await tickets.household(work, ticket, HOUSEHOLD):
        about = About(SUBJECT, ticket.id, ticket.thread_id)
        await tell(
            work, Telling(kind, told, {}, about, f"{kind}:{ticket.id}:{emergency.declared_at.isoformat()}")
        )

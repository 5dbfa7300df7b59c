"""Visits that arise by themselves, and what those set off that are made: the journey's promises, and repairs.

What is owed is read anew each time, so that being told twice, or late, changes nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.db.work import Work
from backend.features.journey.service import fulfil_milestone
from backend.features.repairs.service import FINISHED, move
from backend.features.visits.repository import following as repository
from backend.features.visits.rules.kinds import OF_OBLIGATION
from backend.features.visits.rules.states import Void
from backend.features.visits.service.planning import Planned, SubjectKind, plan_many, void
from backend.features.visits.service.visited import VisitDone
from backend.platform.outbox import Waker
from backend.platform.process import Process


async def follow_milestones(work: Work, waker: Waker, now: datetime, ids: Sequence[UUID]) -> None:
    """Milestones of journeys that are visits: planned while their task is open, gone with it (RV-01, RV-08, S6-03)."""
    found = await repository.milestones(work, ids, list(OF_OBLIGATION))
    planned = [
        Planned(
            OF_OBLIGATION[one.obligation],
            "milestone",
            one.id,
            one.node_id,
            one.ownership_id,
            one.due_at,
            contact_id=one.contact_id,
            standard_version_id=one.standard_version_id,
            role=one.role,
        )
        for one in found
        if one.open
    ]
    if planned:
        await plan_many(work, waker, now, planned)
    over: dict[Void, list[tuple[SubjectKind, UUID]]] = {}
    for one in found:
        if not one.open:
            over.setdefault(one.why, []).append(("milestone", one.id))
        if one.why == "sold":
            over.setdefault("sold", []).append(("home", one.ownership_id))
    for why, subjects in over.items():
        await void(work, now, subjects, why)


async def follow_tickets(work: Work, waker: Waker, now: datetime, ids: Sequence[UUID]) -> None:
    """Tickets whose work is done: somebody who did not handle them asks how it was (RV-05, RV-14, CT-30).

    It is due when the ticket's own clock of the return visit is (C5).
    """
    found = await repository.tickets(work, ids)
    planned = [
        Planned(
            "repair",
            "ticket",
            one.id,
            one.node_id,
            one.ownership_id,
            one.due_at,
            contact_id=one.contact_id,
            contact_name=one.contact_name,
            contact_phone=one.contact_phone,
            barred=frozenset(one.handlers),
            standard_version_id=one.standard_version_id,
        )
        for one in found
        if one.state in FINISHED
    ]
    if planned:
        await plan_many(work, waker, now, planned)
    whys: dict[Void, list[tuple[SubjectKind, UUID]]] = {}
    for one in found:
        if one.state not in FINISHED:
            why: Void = "done_otherwise" if one.state in {"visited", "closed"} else "reopened"
            whys.setdefault(why, []).append(("ticket", one.id))
    for why, over in whys.items():
        await void(work, now, over, why)


class KeepsPromise:
    """A visit that the journey owes keeps that promise, with itself as the evidence."""

    async def __call__(
        self, work: Work, process: Process, _caller: Caller, now: datetime, done: VisitDone
    ) -> None:
        """Its milestone is done."""
        made: dict[str, Any]
        if done.mode == "house":
            made = {"kind": "form", "id": str(done.visit_id)}
        else:
            made = {
                "kind": "call",
                "id": str(done.visit_id),
                "when": done.at.isoformat(),
                "reached": True,
            }
        photos = [{"kind": "photo", "id": str(one)} for one in done.photos]
        await fulfil_milestone(
            work,
            process.waker,
            now,
            done.subject_id,
            done_at=done.at,
            done_by=done.visitor_id,
            evidence=[made, {"kind": "note", "id": str(done.visit_id)}, *photos],
            late_reason=done.late_reason,
        )

    async def missed(
        self, _work: Work, _process: Process, _caller: Caller, _now: datetime, _subject_id: UUID, _words: str
    ) -> None:
        """The promise goes on as it was."""


class VisitsTicket:
    """A visit about a repair is a move of its ticket: settled, or back to the same engineer (RP-16)."""

    async def __call__(
        self, work: Work, process: Process, caller: Caller, now: datetime, done: VisitDone
    ) -> None:
        """Its return visit is made. Raises as `repairs.service.move`."""
        code = "visit_unsettled" if done.low else "visit"
        words = {"words": done.summary}
        await move(process, work, caller, now, done.subject_id, code, words, at=done.at)

    async def missed(
        self, work: Work, process: Process, caller: Caller, now: datetime, subject_id: UUID, words: str
    ) -> None:
        """Nobody was reached: the ticket's record has it too. Raises as `repairs.service.move`."""
        await move(process, work, caller, now, subject_id, "visit_missed", {"words": words})

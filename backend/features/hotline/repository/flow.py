"""What a case's flow asks of its tables: proposals, closings, visits, and the cases it has to do with."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, text

from backend.db.work import Work
from backend.features.hotline.models import Case, CaseClaim, CaseClosing, CaseHandler, CaseProposal
from backend.features.hotline.rules.closing import Ending

# The last visit of this round, made since it was done with by somebody who had not handled the case.
_ENDING: Final = text(
    """SELECT
    EXISTS (SELECT FROM case_proposal p WHERE p.case_id = c.id AND p.answer <> 'withdrawn')
        OR EXISTS (SELECT FROM case_talk t WHERE t.case_id = c.id AND t.kind IN ('answer', 'explanation')) AS answered,
    EXISTS (SELECT FROM case_talk t WHERE t.case_id = c.id AND t.kind = 'explanation') AS explained,
    (SELECT count(*) FROM case_claim m WHERE m.case_id = c.id AND m.state = 'asked') AS claims_open,
    v.id IS NOT NULL AS visited, v.accepted
FROM hotline_case c LEFT JOIN LATERAL (
    SELECT v.id, v.accepted FROM case_visit v WHERE v.case_id = c.id AND v.round = c.round AND NOT v.low
    ORDER BY v.at DESC, v.id DESC LIMIT 1
) v ON true WHERE c.id = :id"""
)
_ONE_MERGE: Final = text("SELECT pg_advisory_xact_lock(hashtext('hotline_case merge'))")
_LINKED: Final = text(
    "SELECT true FROM case_link WHERE case_id = :case_id AND kind = :kind AND subject_id = :subject_id"
)
_PROJECT: Final = text(
    "SELECT p.node_id FROM node n JOIN project p ON p.node_id = ANY (n.path) WHERE n.id = :id"
)
_STAFF: Final = text("SELECT true FROM account WHERE id = :id AND kind = 'staff'")


async def proposals_made(work: Work, case_id: UUID) -> int:
    """How many proposals a case has had."""
    counted = select(func.count()).select_from(CaseProposal).where(CaseProposal.case_id == case_id)
    return await work.scalar(counted) or 0


async def open_proposal(work: Work, case_id: UUID) -> CaseProposal | None:
    """The proposal that lies before the owner; None: none does."""
    wanted = select(CaseProposal).where(CaseProposal.case_id == case_id, CaseProposal.answer == "open")
    return await work.scalar(wanted)


async def handlers(work: Work, case_id: UUID) -> frozenset[UUID]:
    """Who of the company has handled a case."""
    found = await work.scalars(select(CaseHandler.account_id).where(CaseHandler.case_id == case_id))
    return frozenset(found)


async def closing_asked(work: Work, case_id: UUID) -> CaseClosing | None:
    """The closing that was asked for, and that nobody has decided."""
    wanted = select(CaseClosing).where(CaseClosing.case_id == case_id, CaseClosing.state == "asked")
    return await work.scalar(wanted)


async def ending_of(work: Work, case: Case) -> Ending:
    """How a case stands that is to be closed."""
    found: Any = (await work.execute(_ENDING, {"id": case.id})).one()
    return Ending(
        reachable=case.contactable,
        common_part=case.common_part,
        answered=found.answered,
        verdict=case.validity,
        explained=found.explained,
        visited=found.visited,
        accepts=found.accepted,
        claims_open=found.claims_open,
    )


async def claims_open(work: Work, case_id: UUID) -> int:
    """How many claims wait on a case."""
    counted = select(func.count()).select_from(CaseClaim)
    return await work.scalar(counted.where(CaseClaim.case_id == case_id, CaseClaim.state == "asked")) or 0


async def one_merge_at_a_time(work: Work) -> None:
    """Wait until no other transaction merges cases."""
    await work.execute(_ONE_MERGE)


async def find_many(work: Work, ids: Sequence[UUID]) -> Sequence[Case]:
    """These cases, as they stand."""
    return (await work.scalars(select(Case).where(Case.id.in_(ids)).order_by(Case.id))).all()


async def merged_into(work: Work, case_id: UUID) -> Sequence[Case]:
    """The cases that are followed in this one, also by way of others that were merged into it."""
    first = select(Case.id).where(Case.merged_into_id == case_id).cte("followed", recursive=True)
    followed = first.union(select(Case.id).join(first, Case.merged_into_id == first.c.id))
    return (
        await work.scalars(select(Case).where(Case.id.in_(select(followed.c.id))).order_by(Case.id))
    ).all()


async def linked(work: Work, case_id: UUID, kind: str, subject_id: UUID) -> bool:
    """Whether a case is linked with another matter already."""
    asked = {"case_id": case_id, "kind": kind, "subject_id": subject_id}
    return bool(await work.scalar(_LINKED, asked))


async def is_staff(work: Work, account_id: UUID) -> bool:
    """Whether an account is an employee's."""
    return bool(await work.scalar(_STAFF, {"id": account_id}))


async def project_of(work: Work, node_id: UUID) -> UUID | None:
    """The project that a node of the tree belongs to, or is."""
    found: UUID | None = await work.scalar(_PROJECT, {"id": node_id})
    return found

"""Claims and the tables by which they are approved, in SQL."""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select, text

from backend.db.work import Work
from backend.features.hotline.models import ApprovalLevel, ApprovalTable, CaseClaim, CaseClaimStep
from backend.features.hotline.rules.claims import Level
from backend.features.hotline.rules.words import ClaimKind

_ROLES: Final = text(
    "SELECT DISTINCT s.role FROM node n JOIN position s ON s.node_id = ANY (n.path) WHERE n.id = :node_id"
    " AND s.account_id = :account_id AND s.since <= :today AND (s.until IS NULL OR s.until > :today)"
)

_ONE_TABLE: Final = text("SELECT pg_advisory_xact_lock(hashtext('approval_table'))")


async def asked(work: Work, case_id: UUID, kind: ClaimKind) -> CaseClaim | None:
    """The claim of a kind that waits on a case."""
    wanted = select(CaseClaim).where(
        CaseClaim.case_id == case_id, CaseClaim.kind == kind, CaseClaim.state == "asked"
    )
    return await work.scalar(wanted)


async def of_case(work: Work, case_id: UUID, id_: UUID) -> CaseClaim | None:
    """A claim on a case."""
    return await work.scalar(select(CaseClaim).where(CaseClaim.id == id_, CaseClaim.case_id == case_id))


async def claims_of(work: Work, case_id: UUID) -> Sequence[CaseClaim]:
    """The claims on a case, the first made coming first."""
    wanted = select(CaseClaim).where(CaseClaim.case_id == case_id)
    return (await work.scalars(wanted.order_by(CaseClaim.made_at, CaseClaim.id))).all()


async def steps_of(work: Work, claim_id: UUID) -> list[CaseClaimStep]:
    """The steps of a claim's approval, in order; empty before the first is decided."""
    wanted = select(CaseClaimStep).where(CaseClaimStep.claim_id == claim_id)
    return list(await work.scalars(wanted.order_by(CaseClaimStep.place)))


async def table_of(work: Work, kind: ClaimKind) -> ApprovalTable | None:
    """The table of a kind that stands; None: none was ever set."""
    wanted = select(ApprovalTable).where(ApprovalTable.kind == kind)
    return await work.scalar(wanted.order_by(ApprovalTable.number.desc()).limit(1))


async def levels_of(work: Work, table_id: UUID) -> list[Level]:
    """The levels of a table, from the lowest."""
    wanted = select(ApprovalLevel).where(ApprovalLevel.table_id == table_id).order_by(ApprovalLevel.place)
    return [Level(one.role, one.limit_fen) for one in await work.scalars(wanted)]


async def roles_at(work: Work, node_id: UUID, account_id: UUID, today: date) -> frozenset[str]:
    """The roles that somebody holds at a node, there or further up."""
    found = await work.scalars(_ROLES, {"node_id": node_id, "account_id": account_id, "today": today})
    return frozenset(found)


async def one_table_at_a_time(work: Work) -> None:
    """Wait until no other transaction sets a table of approval."""
    await work.execute(_ONE_TABLE)

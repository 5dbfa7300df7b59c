"""Cases in SQL: finding one to act on, in what part somebody acts, whom it concerns."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text

from backend.db.work import Work
from backend.features.hotline.models import Case
from backend.features.hotline.repository.seeing import holds, owner_sees, staff_see

_FACTS: Final = text(
    f"""SELECT
    {owner_sees(":account_id", ":household")} AS lives,
    {staff_see(":account_id", ":see", ":today")} AS sees,
    {holds(":account_id", ":handle", ":today")} AS handles,
    {holds(":account_id", ":oversee", ":today")} AS oversees,
    {holds(":account_id", "ARRAY[c.responsible_role]", ":today")} AS answers,
    EXISTS (SELECT FROM case_handler h WHERE h.case_id = c.id AND h.account_id = :account_id) AS handled,
    EXISTS (SELECT FROM case_clock k WHERE k.case_id = c.id AND k.code = 'C4' AND k.round = c.round
        AND k.state IN ('running', 'paused', 'breached')) AS dated,
    (SELECT name FROM account WHERE id = :account_id) AS caller_name
FROM hotline_case c WHERE c.id = :id"""
)
_HOUSEHOLD: Final = text(
    """SELECT m.account_id FROM hotline_case c JOIN ownership o ON o.id = c.ownership_id AND o.ended_on IS NULL
    JOIN household_member m ON m.ownership_id = o.id AND m.ended_at IS NULL
        AND (m.role = ANY (:roles) OR m.account_id = c.reporter_id) WHERE c.id = ANY (:ids)
UNION SELECT c.reporter_id FROM hotline_case c
    WHERE c.id = ANY (:ids) AND c.ownership_id IS NULL AND c.reporter_id IS NOT NULL"""
)
_ADDRESSEES: Final = text(
    """SELECT c.id, m.account_id FROM hotline_case c JOIN ownership o ON o.id = c.ownership_id AND o.ended_on IS NULL
    JOIN household_member m ON m.ownership_id = o.id AND m.ended_at IS NULL
        AND (m.role = ANY (:roles) OR m.account_id = c.reporter_id) WHERE c.id = ANY (:ids)
UNION SELECT id, reporter_id FROM hotline_case
    WHERE id = ANY (:ids) AND ownership_id IS NULL AND reporter_id IS NOT NULL
UNION SELECT id, responsible_id FROM hotline_case WHERE id = ANY (:ids) AND responsible_id IS NOT NULL"""
)
_HANDLED: Final = text(
    "INSERT INTO case_handler (case_id, account_id, first_move) SELECT c, :account_id, :move"
    " FROM unnest(CAST(:case_ids AS uuid[])) AS c ON CONFLICT DO NOTHING"
)
_BARRED: Final = text("SELECT case_id, account_id FROM case_bar WHERE case_id = ANY (:ids)")
_BAR: Final = text(
    "INSERT INTO case_bar (case_id, account_id, why, by_id) VALUES (:case_id, :account_id, :why, :by_id)"
    " ON CONFLICT DO NOTHING RETURNING account_id"
)
# Who holds a role on a node's way up, with how far up, and what they have in hand.
_HOLDERS: Final = text(
    """SELECT s.account_id, a.name, s.role, array_length(n.path, 1) - array_position(n.path, s.node_id) AS distance,
    (SELECT count(*) FROM hotline_case c WHERE c.responsible_id = s.account_id
        AND c.state NOT IN ('closed', 'merged', 'passed_on')) AS load
FROM node n JOIN position s ON s.node_id = ANY (n.path) AND s.role = ANY (:roles)
JOIN account a ON a.id = s.account_id AND a.disabled_at IS NULL
WHERE n.id = :node_id AND s.since <= :today AND (s.until IS NULL OR s.until > :today)"""
)


async def find(work: Work, id_: UUID) -> Case | None:
    """One case, as it stands."""
    return await work.get(Case, id_)


async def lock(work: Work, id_: UUID) -> Case | None:
    """One case, locked, as it stands when the lock is ours."""
    return await work.get(Case, id_, with_for_update={"key_share": True}, populate_existing=True)


async def hold(work: Work, id_: UUID) -> None:
    """Wait for whoever moves a case at this moment, and have it stand as it does until the transaction ends."""
    await work.get(Case, id_, with_for_update={"read": True}, populate_existing=True)


async def lock_many(work: Work, ids: Sequence[UUID]) -> dict[UUID, Case]:
    """Cases, locked in the order of their ids."""
    locking = select(Case).where(Case.id.in_(ids)).order_by(Case.id).with_for_update(key_share=True)
    return {one.id: one for one in await work.scalars(locking.execution_options(populate_existing=True))}


async def facts(work: Work, asked: dict[str, Any]) -> Any:
    """In what parts somebody acts on a case that there is."""
    return (await work.execute(_FACTS, asked)).one()


async def household(work: Work, case_id: UUID, roles: Sequence[str]) -> list[UUID]:
    """The owners' accounts that see a case."""
    return sorted(await work.scalars(_HOUSEHOLD, {"ids": [case_id], "roles": list(roles)}))


async def addressees(work: Work, ids: Sequence[UUID], roles: Sequence[str]) -> dict[UUID, list[UUID]]:
    """Each case's household, as far as it sees it, and who has it."""
    found: dict[UUID, list[UUID]] = {}
    for row in await work.execute(_ADDRESSEES, {"ids": list(ids), "roles": list(roles)}):
        found.setdefault(row.id, []).append(row.account_id)
    return found


async def handled(work: Work, case_ids: Sequence[UUID], account_id: UUID, move: str) -> None:
    """Note that somebody of the company has handled these."""
    await work.execute(_HANDLED, {"case_ids": list(case_ids), "account_id": account_id, "move": move})


async def bar(work: Work, case_id: UUID, account_id: UUID, why: str, by_id: UUID) -> bool:
    """Keep somebody from a case; False: they are kept from it already."""
    asked = {"case_id": case_id, "account_id": account_id, "why": why, "by_id": by_id}
    return (await work.execute(_BAR, asked)).one_or_none() is not None


async def barred(work: Work, ids: Sequence[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Who is kept from each of these cases."""
    found: dict[UUID, set[UUID]] = {id_: set() for id_ in ids}
    for row in await work.execute(_BARRED, {"ids": list(ids)}):
        found[row.case_id].add(row.account_id)
    return {id_: frozenset(accounts) for id_, accounts in found.items()}


async def holders(work: Work, node_id: UUID, roles: Sequence[str], today: Any) -> Sequence[Any]:
    """Who holds these roles at a node or above it."""
    return (await work.execute(_HOLDERS, {"node_id": node_id, "roles": list(roles), "today": today})).all()

"""Lists of cases: one's own, the queue by clock, and what stands beside a caller."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.db.words import listed
from backend.db.work import Work
from backend.features.hotline.repository.seeing import mine, not_barred
from backend.features.hotline.rules.states import ENDED
from backend.platform.clocks import OPEN

# What is owed next: what stands still comes last.
_NEXT: Final = f"""LEFT JOIN LATERAL (
    SELECT k.code AS next_code, k.due_at AS next_due, k.first_promise, k.state AS clock_state FROM case_clock k
    WHERE k.case_id = c.id AND k.state IN ({listed(OPEN)}) ORDER BY k.state = 'paused', k.due_at, k.code LIMIT 1
) k ON true"""
_SHOWN: Final = """c.id, c.number, c.thread_id, c.ownership_id, c.project_id, c.kind, c.category, c.severity, c.gist,
    c.state, c.paused_for, c.responsible_role, r.name AS responsible_name, c.received_at, c.version,
    k.next_code, k.next_due, k.first_promise, k.clock_state"""
_PAGE: Final = """SELECT {shown} FROM hotline_case c {next} LEFT JOIN account r ON r.id = c.responsible_id
WHERE c.id IN ({mine}) AND (NOT :live OR c.state NOT IN ({ended}))
    AND (CAST(:ownership_id AS uuid) IS NULL OR c.ownership_id = :ownership_id)
    AND (CAST(:at AS timestamptz) IS NULL OR (c.received_at, c.id) < (:at, :after))
ORDER BY c.received_at DESC, c.id DESC LIMIT :limit"""
_STAFFS: Final = f"""SELECT c.id FROM hotline_case c
    WHERE (c.responsible_id = :account_id OR c.opened_by = :account_id) AND {not_barred(":account_id")}"""
_MINE: Final = {
    kind: text(_PAGE.format(shown=_SHOWN, next=_NEXT, mine=whose, ended=listed(ENDED)))
    for kind, whose in (("owner", mine(":account_id", ":household", "id")), ("staff", _STAFFS))
}
_QUEUE: Final = text(
    f"""WITH owed AS (
    SELECT DISTINCT ON (k.case_id) k.case_id, k.code AS next_code, k.due_at AS next_due, k.first_promise,
        k.state AS clock_state
    FROM case_clock k WHERE k.state IN ({listed(OPEN)}) AND (CAST(:clock AS text) IS NULL OR k.code = :clock)
    ORDER BY k.case_id, k.state = 'paused', k.due_at, k.code
), shown AS (
    SELECT {_SHOWN}, CASE c.severity WHEN 'urgent' THEN 0 ELSE 1 END AS rank
    FROM owed k JOIN hotline_case c ON c.id = k.case_id JOIN node n ON n.id = c.node_id
    LEFT JOIN account r ON r.id = c.responsible_id
    WHERE n.path && :scope AND {not_barred(":account_id")}
        AND (CAST(:project_id AS uuid) IS NULL OR c.project_id = :project_id)
        AND (CAST(:category AS text) IS NULL OR c.category = :category)
        AND (CAST(:state AS text) IS NULL OR c.state = :state)
)
SELECT s.*, e.step AS chain_step, e.state AS chain_state FROM shown s
LEFT JOIN LATERAL (
    SELECT e.step, e.state FROM escalation e WHERE e.subject_kind = 'case' AND e.subject_id = s.id
        AND e.state <> 'ended' ORDER BY e.step DESC, e.id LIMIT 1
) e ON true
WHERE CAST(:rank AS int) IS NULL OR (s.rank, s.next_due, s.id) > (:rank, :at, :after)
ORDER BY s.rank, s.next_due, s.id LIMIT :limit"""
)

# Beside a caller: their homes in scope, and what came from them or about these homes.
_HOMES: Final = text(
    """SELECT o.id AS ownership_id, o.project_id, p.name AS project, h.building_id AS node_id, h.building,
    h.unit, h.room, m.role, j.step, j.standard_version_id, m.account_id
FROM ownership o JOIN home h ON h.id = o.home_id JOIN project p ON p.node_id = o.project_id
JOIN node n ON n.id = h.building_id
LEFT JOIN household_member m ON m.ownership_id = o.id AND m.account_id = :account_id AND m.ended_at IS NULL
LEFT JOIN journey j ON j.ownership_id = o.id AND j.ended_at IS NULL
WHERE o.ended_on IS NULL AND n.path && :scope AND (m.id IS NOT NULL OR o.id = :ownership_id)
ORDER BY p.name, h.sort_key, h.id LIMIT 20"""
)
_BESIDE: Final = text(
    f"""SELECT {_SHOWN} FROM hotline_case c {_NEXT} LEFT JOIN account r ON r.id = c.responsible_id
JOIN node n ON n.id = c.node_id
WHERE n.path && :scope AND {not_barred(":account_id")} AND c.received_at > :since
    AND (c.ownership_id = ANY (:homes) OR c.contact_phone = :phone OR c.reporter_id = :reporter_id)
ORDER BY c.state IN ({listed(ENDED)}), c.received_at DESC, c.id DESC LIMIT 20"""
)


async def my_cases(
    work: Work,
    kind: str,
    account_id: UUID,
    household: Sequence[str],
    ownership_id: UUID | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
    *,
    live: bool,
) -> Sequence[Any]:
    """An owner's cases; those that an employee has or took in. The newest first, and one more where more follow."""
    at, id_ = after or (None, None)
    asked = {
        "account_id": account_id, "live": live, "ownership_id": ownership_id, "at": at, "after": id_,
        "limit": limit + 1,
    }  # fmt: skip
    if kind == "owner":
        asked["household"] = list(household)
    return (await work.execute(_MINE[kind], asked)).all()


async def queue(
    work: Work,
    account_id: UUID,
    scope: Sequence[UUID],
    filters: dict[str, Any],
    after: tuple[int, datetime, UUID] | None,
    limit: int,
) -> Sequence[Any]:
    """Cases in scope to which something is owed: the urgent first, then what is due first."""
    rank, at, id_ = after or (None, None, None)
    asked = filters | {
        "account_id": account_id, "scope": list(scope), "rank": rank, "at": at, "after": id_, "limit": limit + 1,
    }  # fmt: skip
    return (await work.execute(_QUEUE, asked)).all()


async def homes(
    work: Work, account_id: UUID | None, ownership_id: UUID | None, scope: Sequence[UUID]
) -> Sequence[Any]:
    """The homes of an account, or the one that is asked about, in scope."""
    asked = {"account_id": account_id, "ownership_id": ownership_id, "scope": list(scope)}
    return (await work.execute(_HOMES, asked)).all()


async def beside(
    work: Work,
    account_id: UUID,
    scope: Sequence[UUID],
    ownerships: Sequence[UUID],
    phone: str | None,
    reporter_id: UUID | None,
    since: datetime,
) -> Sequence[Any]:
    """What came from a caller or about these homes since a moment: what lives first."""
    asked = {
        "account_id": account_id, "scope": list(scope), "homes": list(ownerships), "phone": phone,
        "reporter_id": reporter_id, "since": since,
    }  # fmt: skip
    return (await work.execute(_BESIDE, asked)).all()

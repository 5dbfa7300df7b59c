"""Whom a post is for, and who sees it, in SQL."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.db.direct import Direct
from backend.db.work import Work
from backend.features.people.service import HOUSEHOLD_ROLES, household_sees, roles_that_may

SEE_POSTS: Final = [role for role in HOUSEHOLD_ROLES if household_sees(role, "dates")]
"""The roles of a household that follow how their home is built: those that see its dates."""

_SEE_ESTATE: Final = roles_that_may("see_estate")

# A post `p` concerns a home `h` by its building.
_NAMED: Final = "SELECT FROM post_building b WHERE b.post_id = p.id AND b.building_id = h.building_id"
ABOUT: Final = f"(p.everywhere OR EXISTS ({_NAMED}))"
ABOUT_ONE: Final = f"(p.everywhere OR EXISTS ({_NAMED} OFFSET 0))"
"""The same, where it is asked for a single home: without OFFSET the buildings of all posts are read first."""
# The series of a building is that of whoever owns a home there: what was for a step that this home is in, or has come
# through, whoever owned it then. The codes of steps sort as they follow one another.
REACHED: Final = "(p.steps = '{}' OR EXISTS (SELECT FROM unnest(p.steps) AS step WHERE step <= j.step))"
HOMES: Final = """household_member m
    JOIN ownership o ON o.id = m.ownership_id AND o.ended_on IS NULL
    JOIN home h ON h.id = o.home_id
    LEFT JOIN journey j ON j.ownership_id = o.id AND j.ended_at IS NULL"""

# Whom it is for on the day it is published. Whoever was told of a mistake is told of its correction, too.
_FOR: Final = f"""post p JOIN ownership o ON o.project_id = p.project_id AND o.ended_on IS NULL
    JOIN home h ON h.id = o.home_id
    LEFT JOIN journey j ON j.ownership_id = o.id AND j.ended_at IS NULL
    JOIN household_member m ON m.ownership_id = o.id AND m.ended_at IS NULL AND m.role = ANY (:roles)
    WHERE p.id = :post_id AND (
        {ABOUT} AND (p.steps = '{{}}' OR j.step = ANY (p.steps))
        OR EXISTS (SELECT FROM post_receipt r
            WHERE r.post_id = p.corrects_id AND r.account_id = m.account_id AND r.told_at IS NOT NULL)
    )"""
_COUNT = text(f"SELECT count(DISTINCT o.id) AS homes, count(DISTINCT m.account_id) AS people FROM {_FOR}")
_TELL = text(
    "INSERT INTO post_receipt (post_id, account_id, ownership_id, told_at)"
    f" SELECT DISTINCT ON (m.account_id) p.id, m.account_id, o.id, CAST(:now AS timestamptz) FROM {_FOR}"
    " ORDER BY m.account_id, o.id ON CONFLICT (post_id, account_id) DO UPDATE SET told_at = excluded.told_at"
)
TOLD: Final = "SELECT account_id FROM post_receipt WHERE post_id = :post_id AND told_at IS NOT NULL"
"""The accounts that a post has been told to: for whoever sends out the notices."""

_OWNER_SEES: Final = f"""SELECT o.id FROM post p, {HOMES}
    WHERE p.id = $1 AND p.state = 'published' AND m.account_id = $2 AND m.ended_at IS NULL AND m.role = ANY ($3)
    AND o.project_id = p.project_id AND (
        {ABOUT_ONE} AND {REACHED}
        OR EXISTS (SELECT FROM post_receipt r WHERE r.post_id = p.id AND r.account_id = m.account_id)
    ) ORDER BY o.id LIMIT 20"""
_STAFF_SEES: Final = """SELECT true FROM post p JOIN node n ON n.id = p.project_id
    JOIN position q ON q.node_id = ANY (n.path)
    WHERE p.id = $1 AND q.account_id = $2 AND q.role = ANY ($3) AND q.since <= $4 AND (q.until IS NULL OR q.until > $4)
    LIMIT 1"""
_ROLE = "SELECT role FROM household_member WHERE ownership_id = $1 AND account_id = $2 AND ended_at IS NULL"


async def count(work: Work, post_id: UUID) -> tuple[int, int]:
    """How many homes and how many people a post is for now."""
    row = (await work.execute(_COUNT, {"post_id": post_id, "roles": SEE_POSTS})).one()
    return row.homes, row.people


async def tell(work: Work, post_id: UUID, now: Any) -> None:
    """Write down by one statement whom a post is for."""
    await work.execute(_TELL, {"post_id": post_id, "roles": SEE_POSTS, "now": now})


async def owner_sees(direct: Direct, account_id: UUID, post_id: UUID) -> Sequence[UUID]:
    """By which of their homes an account sees a published post; none: it does not."""
    return [row["id"] for row in await direct.fetch(_OWNER_SEES, post_id, account_id, SEE_POSTS)]


async def staff_sees(direct: Direct, account_id: UUID, post_id: UUID, today: Any) -> bool:
    """Whether a post lies in an employee's scope."""
    return await direct.row(_STAFF_SEES, post_id, account_id, _SEE_ESTATE, today) is not None

"""Standards in SQL."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import defer

from backend.core.ids import new_id
from backend.db.statement import Statement
from backend.db.work import Work
from backend.features.standard.models import KnownStandard, StandardChoice, StandardVersion
from backend.platform.tree import Node

# Of each standard the version that tells its name: what holds on the day, else what comes, else the draft.
_STANDARDS = text(
    "SELECT s.code, v.name, v.version AS effective_version, d.version AS draft_version FROM standard s"
    " LEFT JOIN standard_version d ON d.code = s.code AND d.state = 'draft'"
    " CROSS JOIN LATERAL (SELECT coalesce(e.document, n.document)->'name' AS name, e.version"
    "  FROM (SELECT document FROM standard_version WHERE code = s.code ORDER BY version LIMIT 1) n"
    "  LEFT JOIN LATERAL (SELECT document, version FROM standard_version WHERE code = s.code"
    "   AND effective_from <= :on ORDER BY effective_from DESC LIMIT 1) e ON true) v"
    " WHERE s.code > :after ORDER BY s.code LIMIT :limit"
)

# The choice of the nearest node on the way up; of one node the newest that has begun.
_CHOSEN = text(
    "SELECT c.code, c.node_id, c.since, n.kind FROM node p"
    " JOIN standard_choice c ON c.node_id = ANY (p.path) JOIN node n ON n.id = c.node_id"
    " WHERE p.id = :node_id AND c.since <= :on"
    " ORDER BY array_position(p.path, c.node_id) DESC, c.since DESC, c.id DESC LIMIT 1"
)


# What the whole company goes by today. One statement: it is asked whenever somebody is told something.
_OF_COMPANY = Statement(
    "WITH today AS MATERIALIZED (SELECT (app_now() AT TIME ZONE 'Asia/Shanghai')::date AS day)"
    " SELECT v.id FROM standard_version v, today WHERE v.effective_from <= today.day AND v.code = coalesce(("
    "  SELECT c.code FROM standard_choice c JOIN node n ON n.id = c.node_id WHERE n.kind = 'company'"
    "  AND c.since <= today.day ORDER BY c.since DESC, c.id DESC LIMIT 1), :default)"
    " ORDER BY v.effective_from DESC LIMIT 1"
)


async def standards(work: Work, on: date, after: str, limit: int) -> Sequence[Any]:
    """A page of the standards by code, as they stand on a day."""
    return (await work.execute(_STANDARDS, {"on": on, "after": after, "limit": limit})).all()


async def versions(work: Work, code: str) -> Sequence[tuple[StandardVersion, int]]:
    """The versions of a standard, the first one first, each with its days to change over; documents are not read."""
    wanted = (
        select(StandardVersion, StandardVersion.document["changeover"]["value"].as_integer())
        .where(StandardVersion.code == code)
        .options(defer(StandardVersion.document, raiseload=True))
        .order_by(StandardVersion.version)
    )
    return [(row[0], row[1]) for row in await work.execute(wanted)]


async def version(work: Work, code: str, version: str, *, lock: bool = False) -> StandardVersion | None:
    """One version with its document; `lock`: until the end of the unit of work."""
    wanted = select(StandardVersion).where(StandardVersion.code == code, StandardVersion.version == version)
    return (await work.scalars(wanted.with_for_update() if lock else wanted)).one_or_none()


async def version_by_id(work: Work, version_id: UUID) -> StandardVersion | None:
    """One version with its document."""
    return await work.get(StandardVersion, version_id)


async def effective_id(work: Work, code: str, on: date) -> UUID | None:
    """The version of a standard that holds on a day."""
    wanted = (
        select(StandardVersion.id)
        .where(StandardVersion.code == code, StandardVersion.effective_from <= on)
        .order_by(StandardVersion.effective_from.desc())
        .limit(1)
    )
    return await work.scalar(wanted)


async def company_version_id(work: Work, default: str) -> UUID | None:
    """The version that holds today of what the company has chosen, or of `default`."""
    rows = await work.rows(_OF_COMPANY, {"default": default})
    return rows[0]["id"] if rows else None


async def lock(work: Work, code: str) -> None:
    """The standard, made when there is none; whoever drafts or approves at the same time waits."""
    await work.execute(insert(KnownStandard).values(code=code).on_conflict_do_nothing())
    await work.execute(
        select(KnownStandard.code).where(KnownStandard.code == code).with_for_update(key_share=True)
    )


async def add_if_new(work: Work, code: str) -> bool:
    """Whether there was no such standard; then there is one now."""
    added = await work.execute(
        insert(KnownStandard).values(code=code).on_conflict_do_nothing().returning(KnownStandard.code)
    )
    return added.scalar() is not None


async def chosen(work: Work, node_id: UUID, on: date) -> Any | None:
    """What the nearest node at or above this one has chosen by a day: `code`, `node_id`, `kind`, `since`."""
    return (await work.execute(_CHOSEN, {"node_id": node_id, "on": on})).one_or_none()


async def node_within(work: Work, node_id: UUID, scope: Sequence[UUID]) -> Node | None:
    """A node of the tree, when it is in the scope."""
    wanted = select(Node).where(Node.id == node_id, Node.path.overlap(list(scope)))
    return (await work.scalars(wanted)).one_or_none()


def choose(work: Work, choice: dict[str, Any]) -> None:
    """Write a choice down."""
    work.add(StandardChoice(id=new_id(), **choice))

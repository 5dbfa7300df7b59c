"""Positions in SQL."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.sql import ColumnElement

from backend.db.work import Work
from backend.features.people.models import Account, Position
from backend.platform.tree import Node

# Asked by nearly every request of an employee: put together anew each time it would cost as much again.
_NODES_OF = text(
    "SELECT DISTINCT node_id FROM position WHERE account_id = :account_id AND role = ANY (:roles)"
    " AND since <= :on AND (until IS NULL OR until > :on)"
)


def _held(on: date) -> ColumnElement[bool]:
    return (Position.since <= on) & or_(Position.until.is_(None), Position.until > on)


async def nodes_of(work: Work, account_id: UUID, roles: Sequence[str], on: date) -> list[UUID]:
    """The nodes at which an account holds one of these roles on a day."""
    asked = {"account_id": account_id, "roles": list(roles), "on": on}
    return list(await work.scalars(_NODES_OF, asked))


async def held_by(work: Work, account_id: UUID, on: date) -> Sequence[tuple[Position, Node]]:
    """An account's positions on a day, with their nodes."""
    rows = await work.execute(
        select(Position, Node)
        .join(Node, Node.id == Position.node_id)
        .where(Position.account_id == account_id, _held(on))
        .order_by(Position.id)
    )
    return [(row[0], row[1]) for row in rows]


async def page(
    work: Work, *, scope: list[UUID], filters: dict[str, Any], after: UUID | None, limit: int
) -> Sequence[tuple[Position, Node, Account]]:
    """Positions at and below the scope's nodes, oldest first."""
    wanted = (
        select(Position, Node, Account)
        .join(Node, Node.id == Position.node_id)
        .join(Account, Account.id == Position.account_id)
        .where(Node.path.overlap(scope))
        .order_by(Position.id)
        .limit(limit)
    )
    if filters.get("node") is not None:
        wanted = wanted.where(Node.path.contains([filters["node"]]))
    if filters.get("account") is not None:
        wanted = wanted.where(Position.account_id == filters["account"])
    if filters.get("role") is not None:
        wanted = wanted.where(Position.role == filters["role"])
    if after is not None:
        wanted = wanted.where(Position.id > after)
    return [(row[0], row[1], row[2]) for row in await work.execute(wanted)]


async def position_within(
    work: Work, position_id: UUID, scope: list[UUID]
) -> tuple[Position, Node, Account] | None:
    """One position, locked, when its node is in the scope."""
    row = (
        await work.execute(
            select(Position, Node, Account)
            .join(Node, Node.id == Position.node_id)
            .join(Account, Account.id == Position.account_id)
            .where(Position.id == position_id, Node.path.overlap(scope))
            .with_for_update(of=Position)
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


async def nodes_below(
    work: Work, parent: UUID | None, scope: list[UUID], after: tuple[str, UUID] | None, limit: int
) -> Sequence[Node]:
    """The children of a node that are in the scope; without a parent, the scope's own nodes."""
    wanted = select(Node).order_by(Node.name, Node.id).limit(limit)
    if parent is None:
        wanted = wanted.where(Node.id.in_(scope))
    else:
        wanted = wanted.where(Node.parent_id == parent, Node.path.overlap(scope))
    if after is not None:
        wanted = wanted.where((Node.name > after[0]) | ((Node.name == after[0]) & (Node.id > after[1])))
    return (await work.scalars(wanted)).all()


async def other_company_administrators(work: Work, besides: UUID, on: date) -> int:
    """How many people besides one administer the whole company without an end in sight.

    Whoever asks waits for whoever asked before to finish, so that the last two cannot leave at the same moment.
    """
    await work.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('company_administrators', 0))"))
    rows = await work.execute(
        text(
            "SELECT p.account_id FROM position p JOIN node n ON n.id = p.node_id JOIN account a ON a.id = p.account_id"
            " WHERE p.role = 'administrator' AND n.kind = 'company' AND p.since <= :on AND p.until IS NULL"
            " AND a.disabled_at IS NULL"
        ),
        {"on": on},
    )
    return len({row.account_id for row in rows} - {besides})


async def nearest_held(
    work: Work, wanted: Sequence[tuple[UUID, str]], on: date
) -> dict[tuple[UUID, str], tuple[list[UUID], UUID | None]]:
    """For each node and role: the node's path, and the node nearest to it on that path at which the role is held."""
    rows = await work.execute(
        text(
            "SELECT w.node_id, w.role, n.path, h.node_id AS held_at"
            " FROM unnest(CAST(:nodes AS uuid[]), CAST(:roles AS text[])) AS w (node_id, role)"
            " JOIN node n ON n.id = w.node_id LEFT JOIN LATERAL ("
            "SELECT p.node_id FROM position p JOIN account a ON a.id = p.account_id"
            " WHERE p.node_id = ANY (n.path) AND p.role = w.role AND p.since <= :on"
            " AND (p.until IS NULL OR p.until > :on) AND a.disabled_at IS NULL"
            " ORDER BY array_position(n.path, p.node_id) DESC LIMIT 1) h ON true"
        ),
        {"nodes": [node for node, _ in wanted], "roles": [role for _, role in wanted], "on": on},
    )
    return {(row.node_id, row.role): (row.path, row.held_at) for row in rows}

"""Tickets in SQL: finding one to act on, in what part somebody acts, and what evidence stands."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text

from backend.db.work import Work
from backend.features.repairs.models import Ticket, TicketClock, TicketLiving
from backend.features.repairs.repository.seeing import holds, owner_sees, staff_see

_FACTS: Final = text(
    f"""SELECT
    {owner_sees(":account_id", ":household")} AS lives,
    {staff_see(":account_id", ":see", ":today")} AS sees,
    {holds(":account_id", ":serve", ":today")} AS serves,
    {holds(":account_id", ":oversee", ":today")} AS oversees,
    EXISTS (SELECT FROM succession s WHERE s.ticket_id = t.id AND s.from_id = :account_id) AS had_it,
    ARRAY(SELECT item FROM ticket_tick k WHERE k.ticket_id = t.id AND k.visit = t.visit) AS covered,
    (SELECT CASE WHEN l.granted IS NULL THEN 'asked' WHEN l.granted THEN 'granted' ELSE 'declined' END
        FROM ticket_living l WHERE l.ticket_id = t.id ORDER BY l.asked_at DESC, l.id DESC LIMIT 1) AS living,
    EXISTS (SELECT FROM ticket_finish f WHERE f.ticket_id = t.id AND f.visit = t.visit) AS finished,
    EXISTS (SELECT FROM ticket_cleaning c WHERE c.ticket_id = t.id AND c.visit = t.visit) AS cleaning_booked,
    EXISTS (SELECT FROM ticket_cleaning c WHERE c.ticket_id = t.id AND c.visit = t.visit AND c.ticked_at IS NOT NULL)
        AS cleaning_ticked,
    EXISTS (SELECT FROM ticket_signature g WHERE g.ticket_id = t.id AND g.visit = t.visit) AS signed,
    t.cover ->> 'state' IS DISTINCT FROM 'not_covered' OR (
        EXISTS (SELECT FROM quote q WHERE q.ticket_id = t.id AND q.state = 'consented')
        AND NOT EXISTS (SELECT FROM quote q WHERE q.ticket_id = t.id AND q.state = 'offered')) AS consented,
    1 + (SELECT count(*) FROM succession s WHERE s.ticket_id = t.id) AS engineers,
    (SELECT name FROM account WHERE id = :account_id) AS caller_name
FROM ticket t WHERE t.id = :id"""
)
_HOUSEHOLD: Final = text(
    "SELECT m.account_id FROM household_member m JOIN ownership o ON o.id = m.ownership_id AND o.ended_on IS NULL"
    " WHERE m.ownership_id = :ownership_id AND m.ended_at IS NULL AND (m.role = ANY (:roles)"
    " OR m.account_id = :reporter_id) ORDER BY m.account_id"
)
_RUNNING: Final = text(
    "SELECT c.*, c.ticket_id AS subject_id, t.project_id AS node_id FROM ticket_clock c"
    " JOIN ticket t ON t.id = c.ticket_id JOIN node n ON n.id = t.node_id"
    " WHERE c.state = 'running' AND c.rule ->> 'kind' IN ('working_hours', 'working_days') AND n.path && :nodes"
    " AND (CAST(:before AS timestamptz) IS NULL OR c.starts_at < :before) ORDER BY c.id"
)
_ADDRESSEES: Final = text(
    "SELECT t.id, m.account_id FROM ticket t JOIN ownership o ON o.id = t.ownership_id AND o.ended_on IS NULL"
    " JOIN household_member m ON m.ownership_id = o.id AND m.ended_at IS NULL"
    " AND (m.role = ANY (:roles) OR m.account_id = t.reporter_id) WHERE t.id = ANY (:ids)"
    " UNION SELECT id, engineer_id FROM ticket WHERE id = ANY (:ids) AND engineer_id IS NOT NULL"
)
_HOUSEHOLDS: Final = text(
    "SELECT t.id, m.account_id FROM ticket t JOIN ownership o ON o.id = t.ownership_id AND o.ended_on IS NULL"
    " JOIN household_member m ON m.ownership_id = o.id AND m.ended_at IS NULL"
    " AND (m.role = ANY (:roles) OR m.account_id = t.reporter_id) WHERE t.id = ANY (:ids) ORDER BY m.account_id"
)
_REPAIRS_BELOW: Final = text(
    "SELECT a.name FROM account a WHERE a.id = :account_id AND a.kind = 'staff' AND a.disabled_at IS NULL"
    " AND EXISTS (SELECT FROM node n JOIN position s ON s.node_id = ANY (n.path) WHERE n.id = :node_id"
    " AND s.account_id = a.id AND s.role = 'repair_engineer' AND s.since <= :today"
    " AND (s.until IS NULL OR s.until > :today))"
)
_UNWATCHED: Final = text(
    "SELECT c.id, c.ticket_id, c.code FROM ticket_clock c WHERE c.state = 'running' AND NOT EXISTS ("
    "SELECT FROM timer m WHERE m.kind = :kind AND m.key = c.id::text AND m.state IN ('pending', 'parked'))"
    " ORDER BY c.id LIMIT 100"
)

_UNCALLED: Final = text(
    "SELECT c.id, c.ticket_id, c.code FROM ticket_clock c JOIN ticket t ON t.id = c.ticket_id"
    " WHERE c.state = 'breached' AND t.standard_version_id IS NOT NULL AND NOT EXISTS ("
    "SELECT FROM escalation e WHERE e.clock_id = c.id AND e.state <> 'ended') ORDER BY c.id LIMIT 100"
)


async def find(work: Work, id_: UUID) -> Ticket | None:
    """One ticket, as it stands."""
    return await work.get(Ticket, id_)


async def lock(work: Work, id_: UUID) -> Ticket | None:
    """One ticket, locked, as it stands when the lock is ours."""
    return await work.get(Ticket, id_, with_for_update={"key_share": True}, populate_existing=True)


async def facts(work: Work, asked: dict[str, Any]) -> Any:
    """In what parts somebody acts on a ticket that there is, and what evidence stands for its present visit."""
    return (await work.execute(_FACTS, asked)).one()


async def clocks_of(work: Work, ticket_id: UUID) -> Sequence[TicketClock]:
    """A ticket's clocks, the oldest first."""
    wanted = select(TicketClock).where(TicketClock.ticket_id == ticket_id)
    ordered = wanted.order_by(TicketClock.number, TicketClock.code)
    return (await work.scalars(ordered.execution_options(populate_existing=True))).all()


async def household(work: Work, ticket: Ticket, roles: Sequence[str]) -> list[UUID]:
    """The accounts of a ticket's household that see it."""
    asked = {"ownership_id": ticket.ownership_id, "roles": list(roles), "reporter_id": ticket.reporter_id}
    return list(await work.scalars(_HOUSEHOLD, asked))


async def engineer_named(work: Work, account_id: UUID, node_id: UUID, today: date) -> tuple[bool, str | None]:
    """Whether an employee may take a ticket at a node over: a repair engineer there; and their name."""
    found = (
        await work.execute(_REPAIRS_BELOW, {"account_id": account_id, "node_id": node_id, "today": today})
    ).one_or_none()
    return (False, None) if found is None else (True, found.name)


async def living_asked(work: Work, ticket_id: UUID) -> TicketLiving | None:
    """The request for living conditions that nobody has decided yet."""
    wanted = select(TicketLiving).where(
        TicketLiving.ticket_id == ticket_id, TicketLiving.decided_at.is_(None)
    )
    return await work.scalar(wanted)


async def lock_clocks(work: Work, clock_ids: Sequence[UUID]) -> list[tuple[Ticket, TicketClock]]:
    """These clocks with their tickets, which are locked in the order of their ids."""
    ids = select(TicketClock.ticket_id).where(TicketClock.id.in_(clock_ids))
    locking = select(Ticket).where(Ticket.id.in_(ids)).order_by(Ticket.id).with_for_update(key_share=True)
    found = {one.id: one for one in await work.scalars(locking.execution_options(populate_existing=True))}
    wanted = (
        select(TicketClock)
        .where(TicketClock.id.in_(clock_ids))
        .order_by(TicketClock.ticket_id, TicketClock.code)
    )
    clocks = await work.scalars(wanted.execution_options(populate_existing=True))
    return [(found[one.ticket_id], one) for one in clocks]


async def unwatched(work: Work, kind: str) -> Sequence[Any]:
    """Running clocks without a timer that will look at them."""
    return (await work.execute(_UNWATCHED, {"kind": kind})).all()


async def uncalled(work: Work) -> Sequence[Any]:
    """Late clocks without a living chain."""
    return (await work.execute(_UNCALLED)).all()


async def addressees(work: Work, ids: Sequence[UUID], roles: Sequence[str]) -> dict[UUID, list[UUID]]:
    """Each ticket's household, as far as it sees it, and its engineer."""
    found: dict[UUID, list[UUID]] = {}
    for row in await work.execute(_ADDRESSEES, {"ids": list(ids), "roles": list(roles)}):
        found.setdefault(row.id, []).append(row.account_id)
    return found


async def households(work: Work, ids: Sequence[UUID], roles: Sequence[str]) -> dict[UUID, list[UUID]]:
    """`household` of many tickets; one without anybody is left out."""
    found: dict[UUID, list[UUID]] = {}
    for row in await work.execute(_HOUSEHOLDS, {"ids": list(ids), "roles": list(roles)}):
        found.setdefault(row.id, []).append(row.account_id)
    return found


async def running_at(work: Work, nodes: Sequence[UUID], started_before: datetime | None) -> Sequence[Any]:
    """Running clocks at and below nodes that count working time, with the ticket's `project_id`."""
    return (await work.execute(_RUNNING, {"nodes": list(nodes), "before": started_before})).all()

"""Emergencies in SQL."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.db.words import listed
from backend.db.work import Work
from backend.features.repairs.models import TicketEmergency
from backend.features.repairs.rules.states import ENDED

# Whoever goes there has to reach the owner; that ends with the emergency, and with the ticket.
_REACHES: Final = f"e.state = 'taken' AND e.taken_by = :account_id AND t.state NOT IN ({listed(ENDED)})"
_SHOWN: Final = f"""SELECT e.*, t.place, t.component, t.description, t.engineer_id, t.state AS ticket_state,
    t.thread_id, t.project_id, h.building, h.unit, h.room, eng.name AS engineer_name, taker.name AS taker_name,
    CASE WHEN {_REACHES} THEN t.contact_name END AS contact_name,
    CASE WHEN {_REACHES} THEN t.contact_phone END AS contact_phone
    FROM ticket_emergency e JOIN ticket t ON t.id = e.ticket_id JOIN home h ON h.id = t.home_id
    JOIN node n ON n.id = t.node_id
    LEFT JOIN account eng ON eng.id = t.engineer_id LEFT JOIN account taker ON taker.id = e.taken_by"""

_OF_PROJECT: Final = f"""{_SHOWN} WHERE t.project_id = :project_id AND n.path && CAST(:scope AS uuid[])
    AND (:all OR e.state IN ('declared', 'taken'))"""
_WITHIN: Final = text(f"{_SHOWN} WHERE e.ticket_id = :ticket_id AND n.path && CAST(:scope AS uuid[])")
_BEFORE: Final = " AND (e.declared_at, e.ticket_id) < (:at, :id)"
_LAST_FIRST: Final = " ORDER BY e.declared_at DESC, e.ticket_id DESC LIMIT :limit"

_HOLDERS: Final = text(
    "SELECT DISTINCT s.account_id FROM node n JOIN position s ON s.node_id = ANY (n.path)"
    " JOIN account a ON a.id = s.account_id AND a.disabled_at IS NULL"
    " WHERE n.id = :node_id AND s.role = ANY (:roles) AND s.since <= :today"
    " AND (s.until IS NULL OR s.until > :today) ORDER BY 1"
)


async def of_project(
    work: Work,
    project_id: UUID,
    scope: Sequence[UUID],
    account_id: UUID,
    *,
    ended: bool,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Any]:
    """The emergencies of a project within a scope, the last declared first; with `ended` also those that are over."""
    values: dict[str, Any] = {"project_id": project_id, "scope": list(scope), "account_id": account_id}
    values |= {"all": ended, "limit": limit}
    sql = _OF_PROJECT
    if after is not None:
        sql, values["at"], values["id"] = sql + _BEFORE, *after
    return (await work.execute(text(sql + _LAST_FIRST), values)).all()


async def within(work: Work, ticket_id: UUID, scope: Sequence[UUID], account_id: UUID) -> Any | None:
    """The emergency of a ticket within a scope, as this employee may see it: the contact only while they are on it."""
    asked = {"ticket_id": ticket_id, "scope": list(scope), "account_id": account_id}
    return (await work.execute(_WITHIN, asked)).one_or_none()


async def locked(work: Work, ticket_id: UUID) -> TicketEmergency | None:
    """The emergency of a ticket, locked."""
    return await work.get(TicketEmergency, ticket_id, with_for_update=True, populate_existing=True)


async def holders(work: Work, node_id: UUID, roles: Sequence[str], today: date) -> list[UUID]:
    """Whoever holds one of these roles at a node or above it today."""
    return list(await work.scalars(_HOLDERS, {"node_id": node_id, "roles": list(roles), "today": today}))

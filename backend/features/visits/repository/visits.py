"""Visits in SQL: one to act on with what is needed beside it, and lists of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, text

from backend.db.work import Work
from backend.features.visits.models import (
    Visit,
    VisitAnswer,
    VisitAttempt,
    VisitBooking,
    VisitFinding,
)
from backend.features.visits.repository.seeing import makes, not_hidden, owner_sees, staff_see, theirs

_WITH: Final = """FROM visit v JOIN node n ON n.id = v.node_id
LEFT JOIN ownership o ON o.id = v.ownership_id LEFT JOIN home h ON h.id = o.home_id
LEFT JOIN project p ON p.node_id = o.project_id
LEFT JOIN account c ON c.id = v.contact_id LEFT JOIN account w ON w.id = v.visitor_id
LEFT JOIN visit_booking b ON b.visit_id = v.id AND b.outcome IS NULL"""

_SHOWN: Final = """v.id, v.kind, v.state, v.subject_kind, v.subject_id, v.node_id, n.name AS node, v.ownership_id,
    p.name AS project, h.building, h.unit, h.room, h.fitout, v.thread_id, v.role, v.due_at, v.first_due_at,
    v.breached_at, v.planned_at, v.visitor_id, w.name AS visitor, coalesce(v.contact_name, c.name) AS contact_name,
    coalesce(v.contact_phone, c.phone) AS contact_phone, v.contact_id, v.version, v.standard_version_id,
    b.starts_at, b.ends_at, b.mode AS booked_mode, v.mode, v.completed_at, v.recorded_at, v.accepted, v.stars, v.low,
    v.opinion, v.summary, v.photos, v.void_why, v.voided_at, v.barred"""

_FACTS: Final = text(
    f"""SELECT {owner_sees(":account_id", "CAST(:household AS text[])")} AS lives,
    {staff_see(":account_id", "CAST(:see AS text[])", ":today")} AS sees,
    {makes(":account_id", "CAST(:make AS text[])", ":today")} AS makes,
    (SELECT h.fitout FROM ownership o JOIN home h ON h.id = o.home_id WHERE o.id = v.ownership_id) AS fitout
    FROM visit v WHERE v.id = :id"""
)
_MAY_MAKE: Final = text(
    f"SELECT EXISTS (SELECT FROM account a, visit v WHERE a.id = :account_id AND a.kind = 'staff'"
    f" AND a.disabled_at IS NULL AND v.id = :id"
    f" AND {makes(':account_id', 'CAST(:make AS text[])', ':today')})"
)
_HOUSEHOLD: Final = text(
    "SELECT m.account_id FROM visit v JOIN ownership o ON o.id = v.ownership_id AND o.ended_on IS NULL"
    " JOIN household_member m ON m.ownership_id = o.id AND m.ended_at IS NULL"
    " AND m.role = ANY (CAST(:household AS text[]))"
    " WHERE v.id = :id AND (v.subject_kind <> 'case' OR v.contact_id IS NULL)"
    " UNION SELECT v.contact_id FROM visit v WHERE v.id = :id AND v.contact_id IS NOT NULL"
    " AND (v.subject_kind = 'case' OR EXISTS (SELECT FROM household_member m WHERE m.ownership_id = v.ownership_id"
    " AND m.account_id = v.contact_id AND m.ended_at IS NULL))"
)
# What I hold at each node, and where I am the nearest holder of a role, today. Looked up once for a whole list.
_HELD: Final = """WITH held AS MATERIALIZED (
    SELECT DISTINCT n.id AS node_id, s.role FROM position s JOIN node n ON n.path @> ARRAY[s.node_id]
    WHERE s.account_id = :account_id AND s.since <= :today AND (s.until IS NULL OR s.until > :today)
        AND (NOT :nearest OR NOT EXISTS (
            SELECT FROM position q JOIN account k ON k.id = q.account_id AND k.disabled_at IS NULL
            WHERE q.role = s.role AND q.since <= :today AND (q.until IS NULL OR q.until > :today)
                AND q.node_id = ANY (n.path)
                AND array_position(n.path, q.node_id) > array_position(n.path, s.node_id))))"""
_MY_ROLE: Final = "(v.node_id, v.role) IN (SELECT node_id, role FROM held)"


async def lock(work: Work, visit_id: UUID) -> Visit | None:
    """A visit, locked."""
    wanted = select(Visit).where(Visit.id == visit_id).with_for_update()
    return await work.scalar(wanted.execution_options(populate_existing=True))


async def exists(work: Work, visit_id: UUID) -> bool:
    """Whether there is such a visit."""
    return (await work.scalar(select(Visit.id).where(Visit.id == visit_id))) is not None


async def facts(work: Work, asked: dict[str, Any]) -> Any:
    """How somebody stands to a visit: `lives`, `sees`, `makes`; and the home's `fitout`."""
    return (await work.execute(_FACTS, asked)).one()


async def may_make(work: Work, visit_id: UUID, account_id: UUID, roles: Sequence[str], today: date) -> bool:
    """Whether this account is an employee who may make the visit."""
    values = {"id": visit_id, "account_id": account_id, "make": list(roles), "today": today}
    return bool((await work.execute(_MAY_MAKE, values)).scalar_one())


async def household(work: Work, visit_id: UUID, roles: Sequence[str]) -> list[UUID]:
    """Whom a visit is for: the household as far as it sees it, or the one person of a case."""
    values = {"id": visit_id, "household": list(roles)}
    return list((await work.execute(_HOUSEHOLD, values)).scalars())


async def row_of(work: Work, visit_id: UUID) -> Any:
    """A visit that there is, with the names around it."""
    return (await work.execute(text(f"SELECT {_SHOWN} {_WITH} WHERE v.id = :id"), {"id": visit_id})).one()


@dataclass(frozen=True, slots=True)
class Which:
    """What of the visits is asked for. `mine`: those I am to make; `live`: still to be made, or over; None: either."""

    account_id: UUID
    owner: bool
    mine: bool
    live: bool | None
    kind: str | None
    overdue: bool | None
    node_id: UUID | None


async def page(
    work: Work,
    which: Which,
    *,
    household: Sequence[str],
    see: Sequence[str],
    today: date,
    now: datetime,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Any]:
    """A page of visits, the soonest due first; those without a due time last."""
    values: dict[str, Any] = {"account_id": which.account_id, "today": today, "limit": limit}
    start = ""
    if which.owner:
        where = [
            owner_sees(":account_id", "CAST(:household AS text[])"),
            f"v.id IN ({theirs(':account_id')})",
        ]
        values["household"] = list(household)
    else:
        start, values["nearest"] = _HELD, which.mine
        if which.mine:
            where = [
                f"(v.visitor_id = :account_id OR v.visitor_id IS NULL AND {_MY_ROLE})",
                "NOT (:account_id = ANY (v.barred))",
            ]
        else:
            over = "v.node_id IN (SELECT node_id FROM held WHERE role = ANY (CAST(:see AS text[])))"
            where = [f"(v.visitor_id = :account_id OR {_MY_ROLE} OR {over})"]
            values["see"] = list(see)
        where.append(not_hidden(":account_id"))
    if which.live is not None:
        where.append(f"v.state {'IN' if which.live else 'NOT IN'} ('planned', 'booked')")
    if which.kind is not None:
        where.append("v.kind = :kind")
        values["kind"] = which.kind
    if which.overdue is not None:
        where.append("v.due_at <= :now" if which.overdue else "coalesce(v.due_at > :now, true)")
        values["now"] = now
    if which.node_id is not None:
        where.append(
            "EXISTS (SELECT FROM node x WHERE x.id = v.node_id AND CAST(:node_id AS uuid) = ANY (x.path))"
        )
        values["node_id"] = which.node_id
    if after is not None:
        where.append("(coalesce(v.due_at, 'infinity'), v.id) > (:after_due, :after_id)")
        values["after_due"], values["after_id"] = after
    picked = (
        f"SELECT v.id FROM visit v WHERE {' AND '.join(where)}"
        " ORDER BY coalesce(v.due_at, 'infinity'), v.id LIMIT :limit"
    )
    told = f"SELECT {_SHOWN} {_WITH} WHERE v.id IN ({picked}) ORDER BY coalesce(v.due_at, 'infinity'), v.id"
    return (await work.execute(text(f"{start} {told}"), values)).all()


async def bookings_of(work: Work, visit_id: UUID) -> Sequence[VisitBooking]:
    """A visit's bookings, the first first."""
    wanted = select(VisitBooking).where(VisitBooking.visit_id == visit_id)
    ordered = wanted.order_by(VisitBooking.booked_at, VisitBooking.id)
    return (await work.scalars(ordered.execution_options(populate_existing=True))).all()


async def attempts_of(work: Work, visit_id: UUID) -> Sequence[VisitAttempt]:
    """Who tried to reach whom, the first first."""
    wanted = select(VisitAttempt).where(VisitAttempt.visit_id == visit_id)
    return (await work.scalars(wanted.order_by(VisitAttempt.at, VisitAttempt.id))).all()


async def answers_of(work: Work, visit_id: UUID) -> Sequence[VisitAnswer]:
    """What was answered."""
    wanted = select(VisitAnswer).where(VisitAnswer.visit_id == visit_id)
    return (await work.scalars(wanted.order_by(VisitAnswer.part, VisitAnswer.line))).all()


async def findings_of(work: Work, visit_id: UUID) -> Sequence[VisitFinding]:
    """What was found, by its number."""
    wanted = select(VisitFinding).where(VisitFinding.visit_id == visit_id)
    ordered = wanted.order_by(VisitFinding.number)
    return (await work.scalars(ordered.execution_options(populate_existing=True))).all()


async def next_finding(work: Work, visit_id: UUID) -> int:
    """The number of a visit's next finding; the visit is locked."""
    wanted = select(func.coalesce(func.max(VisitFinding.number), 0)).where(VisitFinding.visit_id == visit_id)
    return 1 + ((await work.scalar(wanted)) or 0)


async def booking_to_come(work: Work, visit_id: UUID) -> VisitBooking | None:
    """What a visit is booked for now."""
    wanted = select(VisitBooking).where(VisitBooking.visit_id == visit_id, VisitBooking.outcome.is_(None))
    return await work.scalar(wanted.execution_options(populate_existing=True))

"""What opening a ticket asks of the database: the home it is about, who could have it, what looks like it already."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import text

from backend.db.work import Work
from backend.features.repairs.models import Ticket, TicketClock
from backend.features.repairs.repository.seeing import owner_sees
from backend.features.repairs.rules.choosing import Candidate
from backend.features.repairs.rules.states import ENDED

# Every repair engineer on the way up, and what they have in hand; a position nearer is a smaller distance.
_OVER: Final = ", ".join(f"'{state}'" for state in ENDED)


def _engineers(node: str) -> str:
    return f"""(SELECT jsonb_agg(jsonb_build_array(s.account_id, e.name,
            array_length(n.path, 1) - array_position(n.path, s.node_id), s.trades,
            (SELECT count(*) FROM ticket t WHERE t.engineer_id = s.account_id AND t.state NOT IN ({_OVER}))))
        FROM node n JOIN position s ON s.node_id = ANY (n.path) AND s.role = 'repair_engineer'
        JOIN account e ON e.id = s.account_id AND e.disabled_at IS NULL
        WHERE n.id = {node} AND s.since <= :today AND (s.until IS NULL OR s.until > :today)) AS engineers"""


_ABOUT: Final = f"""
SELECT o.id AS ownership_id, o.project_id, o.home_id, h.building_id, j.standard_version_id,
    r.account_id AS reporter_id, a.name AS contact_name, a.phone AS contact_phone,
    ARRAY(SELECT m.account_id FROM household_member m WHERE m.ownership_id = o.id AND m.ended_at IS NULL
        AND m.role = ANY (:household)) AS household,
    {_engineers("h.building_id")}
FROM ownership o JOIN home h ON h.id = o.home_id LEFT JOIN journey j ON j.ownership_id = o.id
LEFT JOIN household_member r ON r.ownership_id = o.id AND r.account_id = :reporter_id AND r.ended_at IS NULL
LEFT JOIN account a ON a.id = coalesce(r.account_id, (SELECT m.account_id FROM household_member m
    WHERE m.ownership_id = o.id AND m.role = 'owner' AND m.ended_at IS NULL ORDER BY m.id LIMIT 1))
WHERE o.id = :ownership_id AND o.ended_on IS NULL AND """
_ENGINEERS: Final = text(f"SELECT {_engineers('CAST(:node_id AS uuid)')}")
_OWN_HOME: Final = text(f"{_ABOUT} r.id IS NOT NULL")
_HOME_IN_SCOPE: Final = text(
    f"{_ABOUT} (CAST(:reporter_id AS uuid) IS NULL OR r.id IS NOT NULL)"
    " AND EXISTS (SELECT FROM node n WHERE n.id = h.building_id AND n.path && :scope)"
)

_WRITE: Final = text(
    "WITH new AS (INSERT INTO ticket SELECT * FROM jsonb_populate_record(NULL::ticket, CAST(:ticket AS jsonb)))"
    " INSERT INTO ticket_clock"
    " SELECT * FROM jsonb_populate_recordset(NULL::ticket_clock, CAST(:clocks AS jsonb))"
)
_ALIKE: Final = text(
    f"""SELECT t.id, t.place, t.component, t.description, t.state, t.opened_at FROM ticket t
WHERE t.ownership_id = :ownership_id AND t.opened_at > :since AND t.state <> 'cancelled'
    AND (t.component = :component OR t.place = :place) AND ({owner_sees(":account_id", ":household")} OR :staff)
ORDER BY t.opened_at DESC, t.id DESC LIMIT 20"""
)


async def own_home(
    work: Work, account_id: UUID, ownership_id: UUID, household: Sequence[str], today: date
) -> Any | None:
    """The home of an ownership somebody belongs to, with them as the contact; None: they do not."""
    asked = {
        "ownership_id": ownership_id, "reporter_id": account_id,
        "household": list(household), "today": today,
    }  # fmt: skip
    return (await work.execute(_OWN_HOME, asked)).one_or_none()


async def home_in_scope(
    work: Work,
    ownership_id: UUID,
    reporter_id: UUID | None,
    scope: Sequence[UUID],
    household: Sequence[str],
    today: date,
) -> Any | None:
    """The same for an employee: in their scope; whose matter it is belongs to the household, when somebody is named.

    When nobody is, an owner of the home is whom the engineer calls.
    """
    asked = {
        "ownership_id": ownership_id, "reporter_id": reporter_id, "scope": list(scope),
        "household": list(household), "today": today,
    }  # fmt: skip
    return (await work.execute(_HOME_IN_SCOPE, asked)).one_or_none()


async def engineers_at(work: Work, node_id: UUID, today: date) -> Any:
    """Who repairs at a node or above it: a row for `candidates`."""
    return (await work.execute(_ENGINEERS, {"node_id": node_id, "today": today})).one()


def candidates(home: Any, on_duty: frozenset[UUID]) -> list[Candidate]:
    """Who repairs at a home that was found, or at a node, or above it."""
    return [
        Candidate(UUID(id_), name, distance, frozenset(trades), UUID(id_) in on_duty, load)
        for id_, name, distance, trades, load in home.engineers or ()
    ]


async def write(work: Work, ticket: Ticket, clocks: Sequence[TicketClock]) -> None:
    """Write a new ticket and its clocks by one statement."""
    rows = {"ticket": _as_json(ticket), "clocks": "[" + ",".join(map(_as_json, clocks)) + "]"}
    await work.execute(_WRITE, rows)


def _as_json(row: Ticket | TicketClock) -> str:
    columns = type(row).__table__.columns
    told = {
        one.name: one.default.arg
        if value is None and one.default is not None and one.default.is_scalar
        else value
        for one in columns
        if (value := getattr(row, one.name)) is not None or one.default is not None
    }
    return to_json(told).decode()


async def alike(
    work: Work,
    ownership_id: UUID,
    component: str,
    place: str,
    since: datetime,
    account_id: UUID,
    household: Sequence[str],
    *,
    staff: bool,
) -> Sequence[Any]:
    """Tickets of a home that are about the same component or place, opened since a moment."""
    asked = {
        "ownership_id": ownership_id, "component": component, "place": place, "since": since,
        "account_id": account_id, "household": list(household), "staff": staff,
    }  # fmt: skip
    return (await work.execute(_ALIKE, asked)).all()

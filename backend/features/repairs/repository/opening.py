"""What opening a ticket asks of the database: the home it is about, who could have it, what looks like it already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import text

from backend.db.statement import Statement
from backend.db.work import Rows, Work
from backend.features.repairs.models import Ticket, TicketClock
from backend.features.repairs.repository.seeing import face, owner_sees
from backend.features.repairs.rules.choosing import Candidate
from backend.features.repairs.rules.states import ENDED

# Every repair engineer on the way up, and what they have in hand; a position nearer is a smaller distance.
_OVER: Final = ", ".join(f"'{state}'" for state in ENDED)


def _engineers(node: str) -> str:
    return f"""(SELECT jsonb_agg(jsonb_build_array(s.account_id, e.name,
            array_length(n.path, 1) - array_position(n.path, s.node_id), s.trades,
            (SELECT count(*) FROM ticket t WHERE t.engineer_id = s.account_id AND t.state NOT IN ({_OVER})),
            e.phone, {face("s.account_id")}))
        FROM node n JOIN position s ON s.node_id = ANY (n.path) AND s.role = 'repair_engineer'
        JOIN account e ON e.id = s.account_id AND e.disabled_at IS NULL
        WHERE n.id = {node} AND s.since <= :today AND (s.until IS NULL OR s.until > :today)) AS engineers"""


_ABOUT: Final = f"""
SELECT o.id AS ownership_id, o.project_id, o.home_id, h.building_id, j.standard_version_id,
    r.account_id AS reporter_id, a.name AS contact_name, a.phone AS contact_phone,
    ARRAY(SELECT m.account_id FROM household_member m WHERE m.ownership_id = o.id AND m.ended_at IS NULL
        AND m.role = ANY (:household)) AS household,
    {_engineers("h.building_id")}, p.name AS project, h.building, h.unit, h.room
FROM ownership o JOIN home h ON h.id = o.home_id JOIN project p ON p.node_id = o.project_id
LEFT JOIN journey j ON j.ownership_id = o.id
LEFT JOIN household_member r ON r.ownership_id = o.id AND r.account_id = :reporter_id AND r.ended_at IS NULL
LEFT JOIN account a ON a.id = coalesce(r.account_id, (SELECT m.account_id FROM household_member m
    WHERE m.ownership_id = o.id AND m.role = 'owner' AND m.ended_at IS NULL ORDER BY m.id LIMIT 1))
WHERE o.id = :ownership_id AND o.ended_on IS NULL AND """
# Asked of the columns each time, it takes longer than writing the row.
_UNSET: Final = {
    kind: {
        one.name: one.default.arg if one.default is not None and one.default.is_scalar else None
        for one in kind.__table__.columns
    }
    for kind in (Ticket, TicketClock)
}
_ENGINEERS: Final = Statement(f"SELECT {_engineers('CAST(:node_id AS uuid)')}")
_OWN_HOME: Final = Statement(f"{_ABOUT} r.id IS NOT NULL")
_HOME_IN_SCOPE: Final = Statement(
    f"{_ABOUT} (CAST(:reporter_id AS uuid) IS NULL OR r.id IS NOT NULL)"
    " AND EXISTS (SELECT FROM node n WHERE n.id = h.building_id AND n.path && :scope)"
)

_WRITE: Final = Statement(
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


@dataclass(frozen=True, slots=True)
class Home:
    """What a ticket is about. `contact_*`: whom the engineer calls. `engineers`: for `candidates` and `engineer`."""

    ownership_id: UUID
    project_id: UUID
    home_id: UUID
    building_id: UUID
    standard_version_id: UUID | None
    reporter_id: UUID | None
    contact_name: str | None
    contact_phone: str | None
    household: list[UUID]
    engineers: list[Any] | None
    project: str
    building: str
    unit: str
    room: str

    def engineer(self, account_id: UUID | None) -> dict[str, Any]:
        """One of its engineers, as a ticket shows them; of nobody nothing."""
        mine = (one for one in self.engineers or () if one[0] == str(account_id))
        _, name, _, _, _, phone, face = next(mine, (None,) * 7)
        return {"engineer_name": name, "engineer_phone": phone, "engineer_face": face}


async def own_home(
    work: Work, account_id: UUID, ownership_id: UUID, household: Sequence[str], today: date
) -> Home | None:
    """The home of an ownership somebody belongs to, with them as the contact; None: they do not."""
    asked = {
        "ownership_id": ownership_id, "reporter_id": account_id,
        "household": list(household), "today": today,
    }  # fmt: skip
    return _home(await work.rows(_OWN_HOME, asked))


async def home_in_scope(
    work: Work,
    ownership_id: UUID,
    reporter_id: UUID | None,
    scope: Sequence[UUID],
    household: Sequence[str],
    today: date,
) -> Home | None:
    """The same for an employee: in their scope; whose matter it is belongs to the household, when somebody is named.

    When nobody is, an owner of the home is whom the engineer calls.
    """
    asked = {
        "ownership_id": ownership_id, "reporter_id": reporter_id, "scope": list(scope),
        "household": list(household), "today": today,
    }  # fmt: skip
    return _home(await work.rows(_HOME_IN_SCOPE, asked))


def _home(rows: Rows) -> Home | None:
    return Home(*rows[0]) if rows else None


async def engineers_at(work: Work, node_id: UUID, today: date) -> list[Any] | None:
    """Who repairs at a node or above it, for `candidates`."""
    [row] = await work.rows(_ENGINEERS, {"node_id": node_id, "today": today})
    engineers: list[Any] | None = row["engineers"]
    return engineers


def candidates(engineers: list[Any] | None, on_duty: frozenset[UUID]) -> list[Candidate]:
    """Those engineers, as the choice among them takes them."""
    return [
        Candidate(UUID(id_), name, distance, frozenset(trades), UUID(id_) in on_duty, load)
        for id_, name, distance, trades, load, *_ in engineers or ()
    ]


async def write(work: Work, ticket: Ticket, clocks: Sequence[TicketClock]) -> None:
    """Write a new ticket and its clocks by one statement."""
    rows = {"ticket": _as_json(ticket), "clocks": "[" + ",".join(map(_as_json, clocks)) + "]"}
    await work.rows(_WRITE, rows)


def as_written(row: Ticket | TicketClock) -> dict[str, Any]:
    """The columns of a row that is new, with their defaults."""
    written = _UNSET[type(row)] | vars(row)
    del written["_sa_instance_state"]
    return written


def _as_json(row: Ticket | TicketClock) -> str:
    return to_json(as_written(row)).decode()


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

"""What taking a case in asks of the database: the place it is about, its number, what looks like it already."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work
from backend.features.hotline.repository.seeing import owner_sees, staff_see

_HOME: Final = """
SELECT o.id AS ownership_id, o.project_id, o.home_id, h.building_id AS node_id, j.standard_version_id, j.step,
    r.account_id AS reporter_id, a.name AS contact_name, a.phone AS contact_phone
FROM ownership o JOIN home h ON h.id = o.home_id
LEFT JOIN journey j ON j.ownership_id = o.id AND j.ended_at IS NULL
LEFT JOIN household_member r ON r.ownership_id = o.id AND r.account_id = :reporter_id AND r.ended_at IS NULL
LEFT JOIN account a ON a.id = r.account_id
WHERE o.id = :ownership_id AND o.ended_on IS NULL AND """
_OWN_HOME: Final = text(f"{_HOME} r.id IS NOT NULL")
_HOME_IN_SCOPE: Final = text(
    f"{_HOME} EXISTS (SELECT FROM node n WHERE n.id = h.building_id AND n.path && :scope)"
    " AND (CAST(:reporter_id AS uuid) IS NULL OR r.id IS NOT NULL)"
)

# A project: in scope, or one in which the account has a home; its common parts are everybody's there.
_PROJECT: Final = """
SELECT p.node_id AS project_id, p.node_id, NULL::uuid AS home_id, NULL::uuid AS ownership_id,
    NULL::uuid AS standard_version_id, NULL::text AS step, a.id AS reporter_id, a.name AS contact_name,
    a.phone AS contact_phone
FROM project p LEFT JOIN account a ON a.id = :reporter_id AND a.kind = 'owner' AND a.disabled_at IS NULL
WHERE p.node_id = :project_id AND """
_LIVES: Final = """EXISTS (SELECT FROM household_member m
    JOIN ownership o ON o.id = m.ownership_id AND o.ended_on IS NULL
    WHERE m.account_id = :reporter_id AND m.ended_at IS NULL AND o.project_id = p.node_id)"""
_OWN_PROJECT: Final = text(f"{_PROJECT} {_LIVES}")
_PROJECT_IN_SCOPE: Final = text(
    f"{_PROJECT} EXISTS (SELECT FROM node n WHERE n.id = p.node_id AND n.path && :scope)"
    f" AND (CAST(:reporter_id AS uuid) IS NULL OR {_LIVES})"
)
_NUMBER: Final = text(
    "INSERT INTO case_numbers AS c (year, given) VALUES (:year, 1)"
    " ON CONFLICT (year) DO UPDATE SET given = c.given + 1 RETURNING given"
)
_EMPLOYEE: Final = text(
    "SELECT EXISTS (SELECT FROM account WHERE id = :id AND kind = 'staff' AND disabled_at IS NULL)"
)
_ALIKE: Final = text(
    f"""SELECT c.id, c.number, c.kind, c.category, c.gist, c.state, c.received_at FROM hotline_case c
WHERE c.project_id = :project_id AND c.received_at > :since AND c.id IS DISTINCT FROM CAST(:besides AS uuid)
    AND (c.ownership_id = :ownership_id OR c.contact_phone = :phone OR c.reporter_id = :reporter_id
        OR (c.common_part AND :common_part AND c.category IS NOT DISTINCT FROM coalesce(:category, c.category)))
    AND ({owner_sees(":account_id", ":household")}
        OR (:staff AND {staff_see(":account_id", "CAST(:see AS text[])", ":today")}))
ORDER BY c.received_at DESC, c.id DESC LIMIT 10"""
)


async def own_place(
    work: Work, account_id: UUID, ownership_id: UUID | None, project_id: UUID | None
) -> Any | None:
    """An owner's home, or a project they have a home in, with them as the contact; None: it is not theirs."""
    asked = {"reporter_id": account_id, "ownership_id": ownership_id, "project_id": project_id}
    return (await work.execute(_OWN_PROJECT if ownership_id is None else _OWN_HOME, asked)).one_or_none()


async def place_in_scope(
    work: Work,
    ownership_id: UUID | None,
    project_id: UUID | None,
    reporter_id: UUID | None,
    scope: Sequence[UUID],
) -> Any | None:
    """The same for an employee: in their scope; whose matter it is lives there, when somebody is named."""
    asked = {
        "ownership_id": ownership_id, "project_id": project_id, "reporter_id": reporter_id, "scope": list(scope),
    }  # fmt: skip
    statement = _PROJECT_IN_SCOPE if ownership_id is None else _HOME_IN_SCOPE
    return (await work.execute(statement, asked)).one_or_none()


async def next_number(work: Work, year: int) -> str:
    """A new case's number. Whoever takes one in the same year waits until this transaction ends: there is no gap."""
    given: int = (await work.execute(_NUMBER, {"year": year})).scalar_one()
    return f"G{year}-{given:06}"


async def is_employee(work: Work, account_id: UUID) -> bool:
    """Whether an account is an employee's who is still there."""
    found: bool = (await work.execute(_EMPLOYEE, {"id": account_id})).scalar_one()
    return found


async def alike(
    work: Work,
    *,
    project_id: UUID,
    ownership_id: UUID | None,
    phone: str | None,
    reporter_id: UUID | None,
    common_part: bool,
    category: str | None,
    since: datetime,
    besides: UUID | None,
    account_id: UUID,
    household: Sequence[str],
    see: Sequence[str],
    today: date,
    staff: bool,
) -> Sequence[Any]:
    """Cases since a moment that may be about the same: of the home, the caller, or the project's common parts.

    Only what the account sees: by its household, or as staff by `see`, the roles that see cases.
    """
    asked = {
        "project_id": project_id, "ownership_id": ownership_id, "phone": phone, "reporter_id": reporter_id,
        "common_part": common_part, "category": category, "since": since, "besides": besides,
        "account_id": account_id, "household": list(household), "see": list(see), "today": today,
        "staff": staff,
    }  # fmt: skip
    return (await work.execute(_ALIKE, asked)).all()

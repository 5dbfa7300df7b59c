"""Tasks in SQL."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work
from backend.features.journey.repository import bulk

_TASK: Final = {
    "id": "uuid",
    "milestone_id": "uuid",
    "project_id": "uuid",
    "node_id": "uuid",
    "role": "text",
    "held_at": "uuid",
    "vacant_passed": "uuid[]",
    "opened_at": "timestamptz",
    "due_at": "timestamptz",
}
# One whose milestone was pointless for a while, or its date unknown, is open again.
_OPEN = bulk.insert_sql(
    "task",
    _TASK,
    "ON CONFLICT (milestone_id) DO UPDATE SET state = 'open', role = excluded.role, held_at = excluded.held_at,"
    " vacant_passed = excluded.vacant_passed, opened_at = excluded.opened_at, due_at = excluded.due_at,"
    " version = task.version + 1 WHERE task.state = 'void'",
)
_MOVED: Final = {"milestone_id": "uuid", "due_at": "timestamptz"}
_MOVE = text(
    "UPDATE task SET due_at = new.due_at, version = version + 1"
    f" FROM {bulk.given(_MOVED)} WHERE task.milestone_id = new.milestone_id AND task.state = 'open'"
    " AND task.due_at <> new.due_at"
)
_VOID = text(
    "UPDATE task SET state = 'void', version = version + 1"
    " WHERE milestone_id = ANY (CAST(:ids AS uuid[])) AND state = 'open'"
)

_TOLD = """t.id, t.role, t.state, t.opened_at, t.due_at, t.held_at, t.vacant_passed, t.version, t.node_id,
    m.obligation, m.occurrence, m.step, m.due_on, m.first_due_on, m.provisional, m.done_at, m.recorded_at,
    m.late_reason, m.evidence, m.note, m.id AS milestone_id, j.id AS journey_id, j.ownership_id,
    j.standard_version_id, t.project_id,
    p.name AS project, h.building, h.unit, h.room"""
_WITH_ALL = """JOIN milestone m ON m.id = t.milestone_id JOIN journey j ON j.id = m.journey_id
    JOIN project p ON p.node_id = t.project_id
    LEFT JOIN ownership o ON o.id = j.ownership_id LEFT JOIN home h ON h.id = o.home_id"""

# Where I am the nearest holder of a role, today: at my node and below, down to where somebody else holds it.
_MINE = """WITH mine AS MATERIALIZED (
    SELECT DISTINCT n.id AS node_id, p.role
    FROM position p JOIN node n ON n.path @> ARRAY[p.node_id]
    WHERE p.account_id = :account_id AND p.since <= :today AND (p.until IS NULL OR p.until > :today)
        AND n.kind IN ('project', 'building') AND NOT EXISTS (
            SELECT FROM position q JOIN account a ON a.id = q.account_id AND a.disabled_at IS NULL
            WHERE q.role = p.role AND q.since <= :today AND (q.until IS NULL OR q.until > :today)
                AND q.node_id = ANY (n.path) AND array_position(n.path, q.node_id) > array_position(n.path, p.node_id)
        )
)"""
_THAT_ARE_MINE = "mine JOIN task t ON t.node_id = mine.node_id AND t.role = mine.role"
_THAT_LIE_BELOW = "node n JOIN task t ON t.node_id = n.id"

_ONE = text(
    f"{_MINE} SELECT EXISTS (SELECT FROM mine WHERE mine.node_id = t.node_id AND mine.role = t.role) AS mine,"
    f" n.path && :overseen AS overseen, {_TOLD} FROM {_THAT_LIE_BELOW} {_WITH_ALL}"
    " WHERE t.id = :id AND n.path && :scope"
)
# The milestone first, as everybody does who writes both.
_LOCK_MILESTONE = text(
    "SELECT id FROM milestone WHERE id = (SELECT milestone_id FROM task WHERE id = :id) FOR UPDATE"
)
_LOCKED = text("SELECT state FROM task WHERE id = :id FOR UPDATE")
_DONE = text("UPDATE task SET state = 'done', version = version + 1 WHERE id = :id")
_MILESTONE_DONE = text(
    "UPDATE milestone SET state = 'done', done_at = :done_at, done_by = :done_by, recorded_at = :recorded_at,"
    " late_reason = :late_reason, evidence = CAST(:evidence AS jsonb), note = :note WHERE id = :id"
)
_BY_ITSELF = {
    "id": "uuid",
    "evidence": "jsonb",
    "state": "text",
    "done_at": "timestamptz",
    "recorded_at": "timestamptz",
}
_DONE_BY_ITSELF = bulk.update_sql("milestone", _BY_ITSELF)
_TASKS_FULFILLED = text(
    "UPDATE task SET state = 'done', version = version + 1 WHERE state = 'open'"
    " AND id IN (SELECT id FROM task WHERE milestone_id = ANY (CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE)"
)
_TASK_FULFILLED = text(
    "UPDATE task SET state = 'done', version = version + 1 WHERE milestone_id = :id AND state = 'open'"
)
_FORGET_DONE = text(
    "UPDATE milestone SET state = 'coming', done_at = NULL, done_by = NULL, recorded_at = NULL, late_reason = NULL,"
    " evidence = '[]', note = NULL WHERE id = :id"
)
_TASK_FORGOTTEN = text("UPDATE task SET state = 'void', version = version + 1 WHERE milestone_id = :id")


async def open_tasks(work: Work, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write new tasks, and open again those that were void."""
    await bulk.run(work, _OPEN, _TASK, rows)


async def move_tasks(work: Work, dues: Mapping[UUID, datetime]) -> None:
    """Write by when open tasks are due now, by milestone."""
    if dues:
        await work.execute(_MOVE, {"milestone_id": list(dues), "due_at": list(dues.values())})


async def void_tasks(work: Work, milestone_ids: Sequence[UUID]) -> None:
    """Close the open tasks of milestones that nobody has to do any more."""
    if milestone_ids:
        await work.execute(_VOID, {"ids": list(milestone_ids)})


async def task_seen(
    work: Work,
    task_id: UUID,
    *,
    account_id: UUID,
    scope: Sequence[UUID],
    overseen: Sequence[UUID],
    today: date,
) -> Any | None:
    """A task at or below `scope`; `mine`: I am the one to do it; `overseen`: it lies at or below those nodes."""
    values = {
        "id": task_id,
        "account_id": account_id,
        "scope": list(scope),
        "overseen": list(overseen),
        "today": today,
    }
    return (await work.execute(_ONE, values)).one_or_none()


async def lock_task(work: Work, task_id: UUID) -> str:
    """The state of a task that there is, locked with its milestone."""
    await work.execute(_LOCK_MILESTONE, {"id": task_id})
    state: str = (await work.execute(_LOCKED, {"id": task_id})).scalar_one()
    return state


async def write_done(
    work: Work,
    task_id: UUID,
    milestone_id: UUID,
    *,
    done_at: datetime,
    done_by: UUID,
    recorded_at: datetime,
    late_reason: str | None,
    evidence: str,
    note: str | None,
) -> None:
    """Write that a task and its milestone are done; `evidence` is JSON."""
    await work.execute(
        _MILESTONE_DONE,
        {
            "id": milestone_id,
            "done_at": done_at,
            "done_by": done_by,
            "recorded_at": recorded_at,
            "late_reason": late_reason,
            "evidence": evidence,
            "note": note,
        },
    )
    await work.execute(_DONE, {"id": task_id})


async def write_fulfilled(
    work: Work,
    milestone_id: UUID,
    *,
    done_at: datetime,
    done_by: UUID,
    evidence: str,
    recorded_at: datetime | None = None,
    late_reason: str | None = None,
) -> None:
    """Write that a milestone is done by what somebody did elsewhere, and its task with it; `evidence` is JSON.

    `recorded_at`: when it was written down, where that was later.
    """
    values = {
        "id": milestone_id,
        "done_at": done_at,
        "done_by": done_by,
        "recorded_at": recorded_at or done_at,
    }
    await work.execute(
        _MILESTONE_DONE, values | {"late_reason": late_reason, "note": None, "evidence": evidence}
    )
    await work.execute(_TASK_FULFILLED, {"id": milestone_id})


async def write_done_by_itself(work: Work, done_at: datetime, evidence: Mapping[UUID, str]) -> None:
    """Write that the product has done these milestones, and their tasks with them; `evidence` is JSON, by milestone."""
    rows = [
        {"id": one, "evidence": told, "state": "done", "done_at": done_at, "recorded_at": done_at}
        for one, told in evidence.items()
    ]
    await bulk.run(work, _DONE_BY_ITSELF, _BY_ITSELF, rows)
    await work.execute(_TASKS_FULFILLED, {"ids": list(evidence)})


async def forget_fulfilled(work: Work, milestone_id: UUID) -> None:
    """What was done is taken back: the milestone waits for its promise to be settled anew, its task is void."""
    await work.execute(_FORGET_DONE, {"id": milestone_id})
    await work.execute(_TASK_FORGOTTEN, {"id": milestone_id})


async def tasks_page(
    work: Work,
    *,
    account_id: UUID,
    scope: Sequence[UUID] | None,
    today: date,
    state: str,
    overdue: bool | None,
    now: datetime,
    project_id: UUID | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Any]:
    """A page of tasks by when they are due: those that are mine, or with `scope` all at and below these nodes."""
    values: dict[str, Any] = {"state": state, "limit": limit}
    conditions = ["t.state = :state"]
    if scope is None:
        values |= {"account_id": account_id, "today": today}
    else:
        conditions.append("n.path && :scope")
        values["scope"] = list(scope)
    if overdue is not None:
        conditions.append(f"t.due_at {'<=' if overdue else '>'} :now")
        values["now"] = now
    if project_id is not None:
        conditions.append("t.project_id = :project_id")
        values["project_id"] = project_id
    if after is not None:
        conditions.append("(t.due_at, t.id) > (:after_due, :after_id)")
        values["after_due"], values["after_id"] = after
    # The page is picked before anything is joined to it.
    start, those = (f"{_MINE},", _THAT_ARE_MINE) if scope is None else ("WITH", _THAT_LIE_BELOW)
    statement = (
        f"{start} picked AS MATERIALIZED (SELECT t.* FROM {those} WHERE {' AND '.join(conditions)}"
        f" ORDER BY t.due_at, t.id LIMIT :limit) SELECT {_TOLD} FROM picked t {_WITH_ALL} ORDER BY t.due_at, t.id"
    )
    return (await work.execute(text(statement), values)).all()

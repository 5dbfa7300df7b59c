"""Chains that go on: those that can be had at this moment, and how they stand afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from backend.db.work import Work
from backend.features.escalation.rules import Stand

# Whoever acts on the subject may hold its thread and wait for the chain: so nothing is waited for here.
_LOCK = text(
    "SELECT e.* FROM escalation e JOIN thread t ON t.id = e.thread_id WHERE e.id = ANY (CAST(:ids AS uuid[]))"
    " AND e.state <> 'ended' ORDER BY e.id FOR NO KEY UPDATE OF e, t SKIP LOCKED"
)
_LIVING = text(
    "SELECT id FROM escalation WHERE id = ANY (CAST(:ids AS uuid[])) AND state <> 'ended' ORDER BY id"
)
_SET = text(
    "UPDATE escalation e SET state = w.state, step = w.step, round = w.round, next_at = w.next_at,"
    " version = e.version + 1, held_state = NULL, held_next_at = NULL"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS text[]), CAST(:steps AS int[]), CAST(:rounds AS int[]),"
    " CAST(:nexts AS timestamptz[])) AS w (id, state, step, round, next_at) WHERE e.id = w.id"
)
_LAPSE = text(
    "UPDATE page p SET state = 'lapsed', closed_at = app_now(), version = p.version + 1"
    " FROM unnest(CAST(:chains AS uuid[]), CAST(:accounts AS uuid[])) AS w (escalation_id, account_id)"
    " WHERE p.escalation_id = w.escalation_id AND p.account_id = w.account_id AND p.state IN ('waiting', 'ringing')"
)
_CALL = text(
    "INSERT INTO page (id, escalation_id, account_id, step, round, role, node_id, due_at)"
    " SELECT uuidv7(), w.* FROM unnest(CAST(:chains AS uuid[]), CAST(:accounts AS uuid[]), CAST(:steps AS int[]),"
    " CAST(:rounds AS int[]), CAST(:roles AS text[]), CAST(:nodes AS uuid[]), CAST(:dues AS timestamptz[])) AS w"
)


@dataclass(frozen=True, slots=True)
class Called:
    """One person called: a page to be made."""

    escalation_id: UUID
    account_id: UUID
    step: int
    round: int
    role: str
    node_id: UUID
    due_at: datetime


async def lock(work: Work, ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    """Those of these chains that live and that nobody else holds, with their threads."""
    return (await work.execute(_LOCK, {"ids": list(ids)})).all()


async def living(work: Work, ids: Sequence[UUID]) -> list[UUID]:
    """Those of these chains that live."""
    return [row.id for row in await work.execute(_LIVING, {"ids": list(ids)})]


async def put(work: Work, stands: Sequence[tuple[UUID, Stand]]) -> None:
    """How chains that are locked stand from now on."""
    await work.execute(
        _SET,
        {
            "ids": [id_ for id_, _ in stands],
            "states": [stand.state for _, stand in stands],
            "steps": [stand.step for _, stand in stands],
            "rounds": [stand.round for _, stand in stands],
            "nexts": [stand.next_at for _, stand in stands],
        },
    )


async def call(work: Work, made: Sequence[Called]) -> None:
    """Make pages; an open one of the same chain and person gives way to its new one."""
    of = {"chains": [one.escalation_id for one in made], "accounts": [one.account_id for one in made]}
    await work.execute(_LAPSE, of)
    await work.execute(
        _CALL,
        of
        | {
            "steps": [one.step for one in made],
            "rounds": [one.round for one in made],
            "roles": [one.role for one in made],
            "nodes": [one.node_id for one in made],
            "dues": [one.due_at for one in made],
        },
    )

"""Chains: begun and ended, any number by one statement."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from backend.db.work import Work
from backend.features.escalation.rules import EndedWhy

# In the order of clocks, so that nobody waits in a circle.
_BEGIN = text(
    "INSERT INTO escalation (id, clock_id, clock, subject_kind, subject_id, number, thread_id, node_id,"
    " standard_version_id, chain, category, channels, steps, barred, starts_at, due_at, rule, first_at, first_step,"
    " step, next_at)"
    " SELECT id, clock_id, clock, subject_kind, subject_id, number, thread_id, node_id, standard_version_id, chain,"
    " category, channels, steps, barred, starts_at, due_at, rule, first_at, first_step, first_step - 1, first_at"
    " FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (id uuid, clock_id uuid, clock text, subject_kind text,"
    " subject_id uuid, number text, thread_id uuid, node_id uuid, standard_version_id uuid, chain text, category text,"
    " channels varchar[], steps jsonb, barred uuid[], starts_at timestamptz, due_at timestamptz, rule jsonb,"
    " first_at timestamptz, first_step int) ORDER BY clock_id"
    " ON CONFLICT (clock_id) WHERE state <> 'ended' DO NOTHING RETURNING id, next_at"
)
_LIVING = text(
    "SELECT id, clock_id FROM escalation WHERE clock_id = ANY (CAST(:clocks AS uuid[])) AND state <> 'ended'"
    " ORDER BY clock_id"
)
_END = text(
    "WITH held AS (SELECT id FROM escalation WHERE clock_id = ANY (CAST(:clocks AS uuid[])) AND state <> 'ended'"
    " ORDER BY id FOR UPDATE),"
    " ended AS (UPDATE escalation e SET state = 'ended', ended_at = :at, ended_why = :why, next_at = NULL,"
    " version = version + 1 FROM held WHERE e.id = held.id RETURNING e.id)"
    " UPDATE page p SET state = 'ended', closed_at = :at, version = p.version + 1 FROM ended"
    " WHERE p.escalation_id = ended.id AND p.state IN ('waiting', 'ringing') RETURNING p.bundle_id"
)

_BAR = text(
    "WITH held AS (SELECT id FROM escalation WHERE subject_kind = :subject_kind AND subject_id = :subject_id"
    " AND state <> 'ended' ORDER BY id FOR UPDATE),"
    " kept AS (UPDATE escalation e SET barred = e.barred || CAST(:accounts AS uuid[]), version = version + 1"
    " FROM held WHERE e.id = held.id RETURNING e.id)"
    " UPDATE page p SET state = 'ended', closed_at = :at, version = p.version + 1 FROM kept"
    " WHERE p.escalation_id = kept.id AND p.account_id = ANY (CAST(:accounts AS uuid[]))"
    " AND p.state IN ('waiting', 'ringing') RETURNING p.bundle_id"
)


async def begin(work: Work, rows: Sequence[Mapping[str, Any]]) -> Sequence[Row[Any]]:
    """Begin chains; the `id` and `next_at` of those whose clocks had none that lives."""
    written = json.dumps(rows, default=_spelled, ensure_ascii=False)
    return (await work.execute(_BEGIN, {"rows": written})).all()


async def living(work: Work, clock_ids: Sequence[UUID]) -> list[UUID]:
    """The living chains of these clocks."""
    return [row.id for row in await work.execute(_LIVING, {"clocks": list(clock_ids)})]


async def end(work: Work, clock_ids: Sequence[UUID], why: EndedWhy, at: datetime) -> list[UUID | None]:
    """End the living chains of these clocks, and their open pages; the bundles in which those rang."""
    return list(await work.scalars(_END, {"clocks": list(clock_ids), "why": why, "at": at}))


async def bar(
    work: Work, subject_kind: str, subject_id: UUID, accounts: Sequence[UUID], at: datetime
) -> list[UUID | None]:
    """Keep people from the living chains of a subject; the bundles in which their open pages rang."""
    values = {"subject_kind": subject_kind, "subject_id": subject_id, "accounts": list(accounts), "at": at}
    return list(await work.scalars(_BAR, values))


def _spelled(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__name__)

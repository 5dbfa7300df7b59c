"""The clocks of cases in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text

from backend.db.words import listed
from backend.db.work import Work
from backend.features.hotline.models import Case, CaseClock
from backend.features.hotline.repository.cases import lock_many
from backend.features.hotline.rules.states import ENDED

_RUNNING: Final = text(
    "SELECT k.*, k.case_id AS subject_id, c.node_id FROM case_clock k"
    " JOIN hotline_case c ON c.id = k.case_id JOIN node n ON n.id = c.node_id"
    " WHERE k.state = 'running' AND k.rule ->> 'kind' IN ('working_hours', 'working_days') AND n.path && :nodes"
    " AND (CAST(:before AS timestamptz) IS NULL OR k.starts_at < :before) ORDER BY k.id"
)
_UNWATCHED: Final = text(
    "SELECT k.id, k.case_id, k.code FROM case_clock k WHERE k.state = 'running' AND NOT EXISTS ("
    "SELECT FROM timer m WHERE m.kind = :kind AND m.key = k.id::text AND m.state IN ('pending', 'parked'))"
    " ORDER BY k.id LIMIT 100"
)

_UNCALLED: Final = text(
    "SELECT k.case_id, k.code FROM case_clock k JOIN hotline_case c ON c.id = k.case_id WHERE k.state = 'breached'"
    " AND NOT EXISTS (SELECT FROM escalation e WHERE e.clock_id = k.id AND e.state <> 'ended')"
    " AND NOT EXISTS (SELECT FROM entry n WHERE n.thread_id = c.thread_id AND n.kind = 'chain_missing')"
    " ORDER BY k.id LIMIT 100"
)
# A proposal lies before the owner, or a visit has been made: nothing is owed to them then but our next word.
_UNCLOCKED: Final = text(
    f"SELECT c.id, c.state FROM hotline_case c WHERE c.state NOT IN ({listed(ENDED)})"
    " AND c.standard_version_id IS NOT NULL AND (c.state IN ('received', 'dispatched', 'declined', 'agreed')"
    " OR (c.state = 'done' AND c.contactable AND NOT c.common_part))"
    " AND NOT EXISTS (SELECT FROM case_clock k WHERE k.case_id = c.id"
    " AND k.state IN ('running', 'paused', 'breached')) ORDER BY c.id LIMIT 100"
)


_UNTOLD: Final = text(
    "SELECT c.id, c.state FROM hotline_case c WHERE c.state = ANY (CAST(:states AS text[]))"
    " AND NOT EXISTS (SELECT FROM case_clock k WHERE k.case_id = c.id"
    " AND k.state IN ('running', 'paused', 'breached'))"
    " AND NOT EXISTS (SELECT FROM timer m WHERE m.kind = :kind AND m.key = c.id::text"
    " AND m.state IN ('pending', 'parked')) ORDER BY c.id LIMIT 100"
)


async def clocks_of(work: Work, case_id: UUID) -> Sequence[CaseClock]:
    """A case's clocks, the oldest first."""
    wanted = select(CaseClock).where(CaseClock.case_id == case_id)
    ordered = wanted.order_by(CaseClock.round, CaseClock.code, CaseClock.number)
    return (await work.scalars(ordered.execution_options(populate_existing=True))).all()


async def lock_clocks(work: Work, clock_ids: Sequence[UUID]) -> list[tuple[Case, CaseClock]]:
    """These clocks with their cases, which are locked in the order of their ids."""
    ids = await work.scalars(select(CaseClock.case_id).where(CaseClock.id.in_(clock_ids)))
    found = await lock_many(work, sorted(set(ids)))
    wanted = select(CaseClock).where(CaseClock.id.in_(clock_ids)).order_by(CaseClock.case_id, CaseClock.code)
    clocks = await work.scalars(wanted.execution_options(populate_existing=True))
    return [(found[one.case_id], one) for one in clocks]


async def unwatched(work: Work, kind: str) -> Sequence[Any]:
    """Running clocks without a timer that will look at them."""
    return (await work.execute(_UNWATCHED, {"kind": kind})).all()


async def running_at(work: Work, nodes: Sequence[UUID], started_before: datetime | None) -> Sequence[Any]:
    """Running clocks at and below nodes that count working time, with their case's id and `node_id`."""
    return (await work.execute(_RUNNING, {"nodes": list(nodes), "before": started_before})).all()


async def uncalled(work: Work) -> Sequence[Any]:
    """Late clocks without a living chain."""
    return (await work.execute(_UNCALLED)).all()


async def unclocked(work: Work) -> Sequence[Any]:
    """Open cases none of whose clocks is open."""
    return (await work.execute(_UNCLOCKED)).all()


async def untold(work: Work, states: Sequence[str], kind: str) -> Sequence[Any]:
    """Cases in states in which they wait for somebody, with no clock and no timer of the kind."""
    return (await work.execute(_UNTOLD, {"states": list(states), "kind": kind})).all()


async def lock_unclocked(work: Work, ids: Sequence[UUID], states: Sequence[str]) -> Sequence[Case]:
    """Those of these cases that are in such a state and owed by no clock; locked in the order of their ids."""
    open_clock = select(CaseClock.id).where(
        CaseClock.case_id == Case.id, CaseClock.state.in_(("running", "paused", "breached"))
    )
    wanted = (
        select(Case).where(Case.id.in_(ids), Case.state.in_(states), ~open_clock.exists()).order_by(Case.id)
    )
    locked = wanted.with_for_update(key_share=True, of=Case)
    return (await work.scalars(locked.execution_options(populate_existing=True))).all()

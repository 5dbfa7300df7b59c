"""Figures of visits, and the report of a round that is put before the departments (RV-09, RV-14)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import SHANGHAI
from backend.core.errors import Invalid
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.notices.service import About, Telling, Value, tell
from backend.features.people.service import ROLES, scope_of
from backend.features.roster.service import on_duty_at
from backend.features.visits.models import VisitReport
from backend.features.visits.repository import reporting as repository
from backend.features.visits.rules.kinds import MAKES, Kind
from backend.features.visits.service.acting import in_each_language
from backend.platform.tree import node_within


@dataclass(frozen=True, slots=True)
class Round:
    """Visits that were made from one local day to another, both with it, at a node and below it."""

    node_id: UUID
    from_on: date
    until_on: date
    kind: Kind | None


@dataclass(frozen=True, slots=True)
class Written:
    """The report of a round. `roles`: the departments it goes to."""

    round: Round
    words: str
    improvements: Sequence[str]
    roles: Sequence[str]


async def figures_of(work: Work, caller: Caller, now: datetime, asked: Round) -> dict[str, Any]:
    """What a round of visits says, by kind and by the five types, with what was asked and found.

    Raises:
        NotAllowed: `not_in_your_role`.
        Invalid: `node_unknown`, `dates_reversed`.
    """
    await _require_node(work, caller, now, asked)
    return await _figures(work, asked, now)


async def write_report(work: Work, caller: Caller, now: datetime, written: Written) -> VisitReport:
    """Write the report of a round: its figures stay as they stand now, and the departments are told.

    Raises:
        NotAllowed: `not_in_your_role`.
        Invalid: `node_unknown`, `dates_reversed`, `role_unknown`.
    """
    asked = written.round
    await _require_node(work, caller, now, asked)
    for place, role in enumerate(written.roles):
        if role not in ROLES:
            raise Invalid("role_unknown", field=f"roles.{place}")
    duty = await on_duty_at(work, [(asked.node_id, role) for role in written.roles], now)
    people = sorted({one.account_id for some in duty.values() for one in some})
    report = VisitReport(
        id=new_id(),
        node_id=asked.node_id,
        kind=asked.kind,
        from_on=asked.from_on,
        until_on=asked.until_on,
        figures=await _figures(work, asked, now),
        words=written.words,
        improvements=list(written.improvements),
        roles=list(dict.fromkeys(written.roles)),
        told=len(people),
        by_id=caller.account_id,
        at=now,
    )
    work.add(report)
    await work.flush()
    if people:
        kind = asked.kind or "any"
        what = in_each_language(f"visit.kind_{kind}")
        days = f"{asked.from_on.isoformat()} – {asked.until_on.isoformat()}"
        told: dict[str, Value] = {"title": what, "day": days}
        about = About("visit_report", report.id)
        await tell(work, Telling("return_visit_report", people, told, about, f"visit_report:{report.id}"))
    return report


async def reports_page(
    work: Work, caller: Caller, now: datetime, after: UUID | None, limit: int
) -> Sequence[VisitReport]:
    """Reports in the caller's scope, the newest first.

    Raises:
        NotAllowed: `not_in_your_role`.
    """
    return await repository.page(work, await _scope(work, caller, now), after, limit)


async def _scope(work: Work, caller: Caller, now: datetime) -> list[UUID]:
    return await scope_of(work, caller, "make_visits", now)


async def _require_node(work: Work, caller: Caller, now: datetime, asked: Round) -> None:
    scope = await _scope(work, caller, now)
    if asked.until_on < asked.from_on:
        raise Invalid("dates_reversed", field="to")
    if await node_within(work, asked.node_id, scope) is None:
        raise Invalid("node_unknown", field="node")


async def _figures(work: Work, asked: Round, now: datetime) -> dict[str, Any]:
    begins = datetime.combine(asked.from_on, time(), SHANGHAI)
    ends = datetime.combine(asked.until_on + timedelta(days=1), time(), SHANGHAI)
    kinds = [
        row._asdict() for row in await repository.by_kind(work, asked.node_id, begins, ends, asked.kind, now)
    ]
    types: dict[str, dict[str, int]] = {}
    for one in kinds:
        make = MAKES[one["kind"]]
        if make.type is not None:
            summed = types.setdefault(
                make.type, {"completed": 0, "late": 0, "low": 0, "star_sum": 0, "rated": 0}
            )
            for name in summed:
                summed[name] += one[name]
    return {
        "kinds": kinds,
        "types": [{"type": name, **summed} for name, summed in types.items()],
        "answers": [
            row._asdict() for row in await repository.by_answer(work, asked.node_id, begins, ends, asked.kind)
        ],
        "findings": [
            row._asdict()
            for row in await repository.by_finding(work, asked.node_id, begins, ends, asked.kind)
        ],
    }

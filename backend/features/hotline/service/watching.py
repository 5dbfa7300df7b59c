"""Clocks looked at when their time has come: whoever has the case is warned, chains begin, what is late is said."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from backend.db.work import Work
from backend.features.escalation.service import Danger, in_danger_since, look, start
from backend.features.hotline.models import Case, CaseClock
from backend.features.hotline.repository import cases
from backend.features.hotline.repository.clocks import lock_clocks
from backend.features.hotline.service.acting import SUBJECT, in_each_language
from backend.features.hotline.service.assigning import CHAIN
from backend.features.hotline.service.clocks import Clocks
from backend.features.hotline.service.receiving import desk_of
from backend.features.notices.service import About, Telling, Value, tell_many
from backend.features.standard.service import stored
from backend.platform.outbox import Waker
from backend.platform.threads import NewEntry, append_many
from backend.platform.timers import NewTimer, schedule_many

SOONER: Final = "urgent"
"""What is urgent begins at the step that goes by the case's category (HC-24)."""


@dataclass(slots=True)
class _Look:
    """What one look at many clocks finds, to be written by a statement each."""

    entries: list[NewEntry] = field(default_factory=list)
    dangers: list[tuple[Case, CaseClock, datetime]] = field(default_factory=list)
    told: list[tuple[Case, CaseClock, str]] = field(default_factory=list)
    timers: list[NewTimer] = field(default_factory=list)


async def look_at_clocks(work: Work, waker: Waker, now: datetime, clock_ids: Sequence[UUID]) -> None:
    """Warn, have chains begin, say what is late, and set the next look. Whatever runs no more is passed over.

    The first warnings go to whoever has the case; at the last one the chain begins and goes on until an act ends it.
    Nothing happens to a case by itself: its state is the people's.
    """
    seen = _Look()
    for case, clock in await lock_clocks(work, clock_ids):
        if clock.state == "running":
            _see(seen, case, clock, now)
    await work.flush()
    about = {case.id for case, *_ in seen.dangers} | {case.id for case, *_ in seen.told}
    kept_from = await cases.barred(work, sorted(about))
    await start(work, waker, [await _danger(work, *one, kept_from) for one in seen.dangers])
    await append_many(work, seen.entries)
    await schedule_many(work, waker, seen.timers)
    await tell_many(work, await _tellings(work, now, seen.told, kept_from))


def _see(seen: _Look, case: Case, clock: CaseClock, now: datetime) -> None:
    came = look(clock, now)
    if came == "late":
        body = {"clock": clock.code, "due_at": clock.due_at.isoformat()}
        seen.entries.append(NewEntry(case.thread_id, "clock_late", body, None))
    else:
        seen.timers.append(Clocks.timer_of(clock))
    if came is not None:
        seen.told.append((case, clock, came))
    if (since := in_danger_since(clock)) is not None:
        seen.dangers.append((case, clock, since))


async def _danger(
    work: Work, case: Case, clock: CaseClock, since: datetime, kept_from: dict[UUID, frozenset[UUID]]
) -> Danger:
    assert case.standard_version_id is not None, "a clock runs by a standard"
    return Danger(
        clock_id=clock.id,
        clock=clock.code,
        subject_kind=SUBJECT,
        subject_id=case.id,
        number=case.number,
        thread_id=case.thread_id,
        node_id=case.node_id,
        standard_version_id=case.standard_version_id,
        starts_at=clock.starts_at,
        due_at=clock.due_at,
        rule=clock.rule,
        first=since,
        category=case.category,
        barred=kept_from[case.id],
        from_step=await _first_step(work, case),
    )


async def _first_step(work: Work, case: Case) -> int:
    if case.severity != SOONER or case.standard_version_id is None:
        return 0
    standard = (await stored(work, case.standard_version_id)).document
    steps = next((one.steps for one in standard.chains if one.code == CHAIN), ())
    return next((place for place, step in enumerate(steps) if step.by_category), 0)


async def _tellings(
    work: Work,
    now: datetime,
    told: Sequence[tuple[Case, CaseClock, str]],
    kept_from: dict[UUID, frozenset[UUID]],
) -> list[Telling]:
    """Whoever has the case; while nobody does, the desk."""
    desks = await desk_of(work, now, {case.node_id for case, *_ in told if case.responsible_id is None})
    tellings = []
    for case, clock, which in told:
        people = desks[case.node_id] if case.responsible_id is None else {case.responsible_id}
        words = in_each_language(f"case.told_{clock.code}{'_late' if which == 'late' else ''}")
        about = About(SUBJECT, case.id, case.thread_id)
        # Revised, a clock warns anew.
        key = f"case_clock:{clock.id}:{len(clock.revisions)}:{which}"
        data: dict[str, Value] = {"number": case.number, "what": words}
        tellings.append(Telling("case_clock", sorted(people - kept_from[case.id]), data, about, key))
    return [one for one in tellings if one.accounts]

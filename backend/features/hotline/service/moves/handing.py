"""Handing a case on: to the date that was agreed, to those who oversee the service, and to the return visit."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from backend.core.clock import local_date
from backend.core.errors import Invalid
from backend.features.hotline.repository import cases, flow
from backend.features.hotline.rules.clocks import owed
from backend.features.hotline.service.acting import SUBJECT, Acting, in_each_language
from backend.features.hotline.service.moves.pausing import resume_by
from backend.features.notices.service import Value
from backend.features.roster.service import on_duty
from backend.features.visits.service import Planned, plan

SPECIALIST: Final = "complaint_specialist"
"""To whom the handler reports how it goes (HC-04, HC-14, HC-31)."""


async def hand_on(act: Acting) -> None:
    """The matter itself is done with: C5 runs, and somebody who did not handle it is to visit (HC-38, CT-30)."""
    case = act.case
    if case.paused_for is not None:
        # What was waited for is needed no more.
        await resume_by(act)
    if not owed("C5", contactable=case.contactable, common_part=case.common_part):
        return
    clock = await act.clocks.start("C5")
    handled = await flow.handlers(act.work, case.id)
    kept = (await cases.barred(act.work, [case.id]))[case.id]
    await plan(
        act.work,
        act.process.waker,
        act.now,
        Planned(
            kind="complaint",
            subject_kind=SUBJECT,
            subject_id=case.id,
            node_id=case.node_id,
            ownership_id=case.ownership_id,
            due_at=None if clock is None else clock.due_at,
            contact_id=case.reporter_id,
            contact_name=case.contact_name,
            contact_phone=case.contact_phone,
            barred=kept | handled | {act.caller.account_id} | _held_by(case.responsible_id),
            standard_version_id=case.standard_version_id,
            planned_by=act.caller.account_id,
        ),
    )


async def tell_specialists(act: Acting, word: str) -> None:
    """Tell the specialists on duty; with none on duty, those there are. Never whom the case is about."""
    people = [one.account_id for one in await on_duty(act.work, act.case.node_id, SPECIALIST, act.now)]
    if not people:
        found = await cases.holders(act.work, act.case.node_id, [SPECIALIST], local_date(act.now))
        people = [one.account_id for one in found]
    kept = (await cases.barred(act.work, [act.case.id]))[act.case.id]
    what: dict[str, Value] = {"number": act.case.number, "what": in_each_language(f"case.told_{word}")}
    act.tell("case_moved", [one for one in people if one not in kept], f"{word}:specialist", what)


async def agree_on(act: Acting, done_by: datetime, words: str | None = None) -> dict[str, Any]:
    """Have C4 run until what both agreed; its line says what was promised first too (HC-32).

    Raises:
        Invalid: `time_is_past`.
    """
    check_to_come(act, done_by)
    clock = await act.clocks.agree("C4", done_by, words)
    return {"done_by": done_by.isoformat(), "first_promise": clock.first_promise.isoformat()}


def check_to_come(act: Acting, done_by: datetime) -> None:
    """Whether a date can be promised.

    Raises:
        Invalid: `time_is_past`.
    """
    if done_by <= act.now:
        raise Invalid("time_is_past", field="done_by")


def check_agreed(act: Acting, done_by: datetime | None, words: str | None, promised: datetime | None) -> None:
    """Whether a date is one that both agree on, whoever of them writes it down (HC-32).

    An employee says how the owner agreed; an owner alone gives more time than was `promised`, never less.

    Raises:
        Invalid: `owners_words_missing`, `date_sooner_than_promised`.
    """
    if act.caller.kind == "staff" and words is None:
        raise Invalid("owners_words_missing", field="words")
    if act.caller.kind == "owner" and done_by is not None and promised is not None and done_by < promised:
        raise Invalid("date_sooner_than_promised", field="done_by")


def told_at(act: Acting, spoken_at: datetime | None) -> datetime:
    """When something was said, as far as that can be (CT-45).

    Raises:
        Invalid: `time_in_future`, `before_receipt`.
    """
    moment = spoken_at or act.now
    if moment > act.now:
        raise Invalid("time_in_future", field="spoken_at")
    if moment < act.case.received_at:
        raise Invalid("before_receipt", field="spoken_at")
    return moment


def _held_by(account: UUID | None) -> frozenset[UUID]:
    return frozenset() if account is None else frozenset({account})

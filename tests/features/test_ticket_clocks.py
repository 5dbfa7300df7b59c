"""The clocks of a ticket count, warn, stand still and end as those of a case do, for they are the same (CT-05)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from backend.platform.calendar import calendar_of, working_between
from tests.fixtures.journeys import Fire, rows
from tests.fixtures.people import SignedIn
from tests.fixtures.process import Begin, Forward
from tests.fixtures.repairs import Yard

NIGHT = timedelta(hours=8, minutes=15)
"""From half past nine in the morning until a quarter of an hour before the office closes."""


async def kept(yard: Yard, one: dict[str, Any], code: str) -> Any:
    """A clock as it is kept."""
    asked = "SELECT * FROM ticket_clock WHERE ticket_id = :id AND code = :code ORDER BY number DESC LIMIT 1"
    [found] = await rows(yard.process, asked, id=UUID(one["id"]), code=code)
    return found


async def chains(yard: Yard, one: dict[str, Any], code: str) -> list[tuple[str, str | None]]:
    asked = (
        "SELECT state, ended_why FROM escalation WHERE subject_id = :id AND clock = :code ORDER BY begun_at"
    )
    found = await rows(yard.process, asked, id=UUID(one["id"]), code=code)
    return [(row.state, row.ended_why) for row in found]


async def test_it_warns_by_the_time_that_it_counts(
    yard: Yard, work: Begin, forward: Forward, fire: Fire
) -> None:
    """CT-05, CT-06: a leak reported before the office closes warns nobody in the night."""
    await forward(NIGHT)
    one = await yard.report()
    clock = await kept(yard, one, "C2")
    warned, last = [datetime.fromisoformat(mark) for mark in clock.marks]
    async with work() as unit:
        calendar = await calendar_of(unit, yard.hotline.project)
    whole = working_between(calendar, clock.starts_at, clock.due_at)
    assert clock.due_at - clock.starts_at > whole + timedelta(hours=8)
    assert working_between(calendar, clock.starts_at, warned) == whole / 2
    assert working_between(calendar, last, clock.due_at) == whole / 4

    async def told() -> set[object]:
        found = await rows(yard.process, "SELECT account_id FROM notice WHERE kind = 'ticket_clock'")
        return {row.account_id for row in found}

    async def until(moment: datetime) -> None:
        await forward(moment - yard.process.clock.now())
        while await fire():
            pass

    await until(warned - timedelta(minutes=1))
    assert await told() == set()
    await until(warned + timedelta(minutes=1))
    assert (await told(), await chains(yard, one, "C2")) == ({yard.plumber.id}, [])
    await until(last + timedelta(minutes=1))
    assert await chains(yard, one, "C2") == [("calling", None)]
    assert (await kept(yard, one, "C2")).warned == 2


async def test_what_is_done_while_it_stands_still_is_done_in_time(
    yard: Yard, forward: Forward, fire: Fire, signed_in: SignedIn
) -> None:
    """HC-28: it is as late as it was when it stopped, and how long it stood is on record to the end."""
    one = await yard.walk(await yard.report(), ("accept", "contact", "hold"))
    await forward(timedelta(days=10))
    while await fire():
        pass
    plumber = replace(yard.plumber, headers=await signed_in(yard.plumber.id))
    await yard.move(plumber, one, "propose", cause="垫圈老化", proposal="更换垫圈")
    clock = await kept(yard, one, "C3")
    assert (clock.state, clock.breached_at, clock.ended_act) == ("met", None, "propose")
    assert (clock.ended_by, clock.pauses[-1]["why"]) == (yard.plumber.id, "waiting_for_owner")
    assert datetime.fromisoformat(clock.pauses[-1]["until"]) == clock.ended_at


async def test_an_agreed_date_that_is_moved_keeps_what_it_was(
    yard: Yard, forward: Forward, fire: Fire
) -> None:
    """HC-32: each change is kept with its why, and it warns anew at shares of what is left."""
    one = await yard.walk(await yard.report(), ("accept", "contact", "propose", "agree"))
    before = await kept(yard, one, "C4")
    await forward(timedelta(hours=10))
    later = yard.soon(80)
    await yard.move(yard.desk, one, "agree", done_by=later)
    clock = await kept(yard, one, "C4")
    assert (clock.first_promise, clock.due_at) == (before.first_promise, datetime.fromisoformat(later))
    [change] = clock.revisions
    assert (change["from"], change["why"], change["by"]) == (
        before.due_at.isoformat(),
        "agreed",
        str(yard.desk.id),
    )
    assert clock.marks > before.marks
    while await fire():
        pass
    assert await chains(yard, one, "C4") == []


async def test_naming_the_engineer_ends_what_called_for_one(
    yard: Yard, work: Begin, forward: Forward, fire: Fire
) -> None:
    """HC-20, HC-21: dispatch is what C1 waits for; once somebody has it, nobody is called about it any more."""
    later = "UPDATE position SET since = since {} 10000 WHERE role = 'repair_engineer'"
    async with work() as unit:
        await unit.execute(text(later.format("+")))
    one = await yard.report()
    due = (await kept(yard, one, "C1")).due_at
    await forward(due - yard.process.clock.now() + timedelta(minutes=1))
    while await fire():
        pass
    assert await chains(yard, one, "C1") == [("calling", None)]
    async with work() as unit:
        await unit.execute(text(later.format("-")))
    await forward(timedelta(minutes=6))
    while await fire():
        pass
    assert await chains(yard, one, "C1") == [("ended", "met")]
    clock = await kept(yard, one, "C1")
    assert (clock.state, clock.ended_by, clock.ended_act) == ("met_late", None, "dispatch")

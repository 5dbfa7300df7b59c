"""What a household is promised of a repair and reads of it, where it does not go straight."""

from datetime import datetime, timedelta

from sqlalchemy import text

from backend.features.repairs.checks import CHECKS
from backend.platform.audit import Audit
from tests.fixtures.hotline import code
from tests.fixtures.journeys import Fire, rows
from tests.fixtures.process import Begin, Forward
from tests.fixtures.repairs import Yard


async def test_nobody_waits_for_an_owner_whom_they_have_not_called(yard: Yard) -> None:
    """CT-05: a ticket that is held does not stop the clock of the first contact."""
    one = await yard.walk(await yard.report(), ("accept", "hold"))
    states = {clock["code"]: clock["state"] for clock in one["promises"]}
    assert states == {"C1": "met", "C2": "running", "C3": "paused"}
    one = await yard.walk(one, ("contact", "resume"))
    states = {clock["code"]: clock["state"] for clock in one["promises"]}
    assert states == {"C1": "met", "C2": "met", "C3": "running"}


async def test_a_date_agreed_while_it_is_held_is_the_date(yard: Yard, forward: Forward) -> None:
    """CT-05: only what it stands still after that moves it."""
    one = await yard.walk(await yard.report(), ("accept", "propose", "agree", "hold"))
    await forward(timedelta(days=5))
    agreed = yard.process.clock.now() + timedelta(days=2)
    await yard.move(yard.owner, one, "agree", done_by=agreed.isoformat())
    await forward(timedelta(hours=3))
    one = await yard.move(yard.owner, one, "resume")
    [clock] = [clock for clock in one["promises"] if clock["code"] == "C4"]
    assert clock["state"] == "running"
    late = datetime.fromisoformat(clock["due_at"]) - agreed
    assert timedelta(hours=3) <= late < timedelta(hours=3, minutes=5)
    assert [pause["why"] for pause in clock["pauses"]] == ["waiting_for_owner"] * 2
    assert clock["pauses"][0]["until"] == clock["pauses"][1]["from"]


async def test_reported_while_there_was_nobody(yard: Yard, work: Begin) -> None:
    """RP-04, HC-20: it waits without an engineer and the clock runs; then somebody is named, by the same choice."""
    later = "UPDATE position SET since = since {} 10000 WHERE role = 'repair_engineer'"
    async with work() as unit:
        await unit.execute(text(later.format("+")))
    one = await yard.report()
    assert (one["engineer"], one["promises"][0]["state"]) == (None, "running")
    kinds = await rows(yard.process, "SELECT DISTINCT kind FROM notice")
    assert [row.kind for row in kinds] == ["ticket_moved"]
    assert code(await yard.tries(yard.desk, one, "dispatch")) == (409, "nobody_repairs_there")
    assert code(await yard.tries(yard.owner, one, "dispatch")) == (403, "not_your_move")
    async with work() as unit:
        await unit.execute(text(later.format("-")))
    one = await yard.move(yard.desk, one, "dispatch")
    assert one["engineer"]["account_id"] == str(yard.plumber.id)
    assert one["promises"][0]["state"] == "met"
    [line] = [line for line in await yard.owner.lines(one) if line["kind"] == "engineer_named"]
    assert line["body"]["because"]["match"] == "trade"
    assert code(await yard.tries(yard.manager, one, "dispatch")) == (409, "engineer_named_already")
    assert (await yard.move(yard.plumber, one, "accept"))["state"] == "accepted"


async def test_whoever_repairs_there_later_is_named_without_being_asked(
    yard: Yard, work: Begin, fire: Fire, forward: Forward
) -> None:
    """RP-04, HC-21: the roster is looked at every five minutes, until somebody is there."""
    later = "UPDATE position SET since = since {} 10000 WHERE role = 'repair_engineer'"
    async with work() as unit:
        await unit.execute(text(later.format("+")))
    one = await yard.report()
    assert await faults(yard) == set()
    await forward(timedelta(minutes=6))
    await fire()
    assert (await yard.read(yard.owner, one))["engineer"] is None
    async with work() as unit:
        await unit.execute(text(later.format("-")))
        await unit.execute(text("DELETE FROM timer WHERE kind = 'repairs_unattended'"))
    assert await faults(yard) == {"repairs"}
    await yard.report(urgent=True)
    assert await faults(yard) == set()
    await forward(timedelta(minutes=6))
    await fire()
    shown = await yard.read(yard.owner, one)
    assert shown["engineer"]["account_id"] == str(yard.plumber.id)
    assert (shown["promises"][0]["state"], shown["state"]) == ("met", "reported")
    told = await rows(yard.process, "SELECT account_id, kind FROM notice WHERE key LIKE '%named'")
    assert (yard.plumber.id, "ticket_named") in {(row.account_id, row.kind) for row in told}
    assert (yard.owner.id, "ticket_moved") in {(row.account_id, row.kind) for row in told}


async def faults(yard: Yard) -> set[str]:
    """What the audit finds of repairs."""
    return {fault.subject for fault in await Audit(yard.process.works, CHECKS, "").look()}


async def test_written_down_for_nobody_in_particular_there_is_an_owner_to_call(yard: Yard) -> None:
    one = await yard.report(yard.desk)
    assert (await yard.read(yard.plumber, one))["contact"]["phone"] == "+8613542604684"


async def test_a_time_that_suits_ends_after_it_begins(yard: Yard) -> None:
    good = {"starts_at": yard.soon(24), "ends_at": yard.soon(26)}
    wrong = await yard.reported(
        yard.owner, suits=[good, {"starts_at": yard.soon(3), "ends_at": yard.soon(2)}]
    )
    assert code(wrong) == (422, "dates_reversed")
    assert wrong.json()["errors"][0]["field"] == "suits.1.ends_at"
    assert len((await yard.report(suits=[good]))["suits"]) == 1


async def test_what_the_desk_cancels_the_household_hears_of(yard: Yard) -> None:
    one = await yard.report()
    await yard.move(yard.desk, one, "cancel", reason="重复工单")
    told = await rows(yard.process, "SELECT account_id FROM notice WHERE key LIKE '%:cancel:%'")
    assert {row.account_id for row in told} >= {yard.owner.id, yard.family.id, yard.plumber.id}


async def test_beside_a_conversation_stand_the_tickets_of_the_home(yard: Yard) -> None:
    over = await yard.report(place="阳台")
    await yard.move(yard.owner, over, "cancel", reason="好了")
    one, talk = await yard.report(), await yard.owner.open()
    await yard.desk.available()
    context = (await yard.desk.ask("GET", f"conversations/{talk['id']}/context")).json()
    assert [(row["id"], row["state"]) for row in context["tickets"]] == [
        (one["id"], "reported"),
        (over["id"], "cancelled"),
    ]
    shown = context["tickets"][0]
    assert (shown["place"], shown["engineer"], shown["state_words"]) == (
        "厨房水槽",
        one["engineer"]["name"],
        one["state_words"],
    )
    assert shown["due_at"] == min(each["due_at"] for each in one["promises"] if each["state"] == "running")


async def test_the_owner_can_call_the_engineer_and_sees_how_it_was(yard: Yard, work: Begin) -> None:
    """OW-11: a number to call, for the household while the ticket lives; photos before."""
    async with work() as unit:
        await unit.execute(
            text("UPDATE account SET phone = '+8613800001234' WHERE id = :id"), {"id": yard.plumber.id}
        )
    photo = await yard.photo(yard.owner)
    one = await yard.report(photos=[photo])
    assert (one["engineer"]["phone"], one["photos"]) == ("+8613800001234", [photo])
    assert (await yard.read(yard.desk, one))["engineer"]["phone"] is None
    one = await yard.move(yard.owner, one, "cancel", reason="好了")
    assert one["engineer"]["phone"] is None

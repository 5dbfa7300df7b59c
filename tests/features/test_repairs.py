"""A repair from report to end: one engineer, four promises as gates, clocks, and what is refused on the way."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import event, text

from backend.core.ids import new_id
from tests.fixtures.application import Drain
from tests.fixtures.hotline import Person, code
from tests.fixtures.journeys import rows
from tests.fixtures.process import Begin, Forward
from tests.fixtures.repairs import TO_CLOSED, TO_WORK, Yard


async def test_a_ticket_from_report_to_end(yard: Yard) -> None:
    photo = await yard.photo(yard.owner)
    one = await yard.report(photos=[photo], urgent=False)
    assert (one["state"], one["engineer"]["account_id"]) == ("reported", str(yard.plumber.id))
    assert one["engineer"]["because"] == {
        "trade": "plumbing", "match": "trade", "on_duty": True, "load": 0, "of": 2,
    }  # fmt: skip
    assert {clock["code"]: clock["state"] for clock in one["promises"]} == {
        "C1": "met", "C2": "running", "C3": "running",
    }  # fmt: skip
    one = await yard.walk(one, TO_CLOSED)
    assert one["state"] == "closed"
    assert (await yard.read(yard.owner, one))["ticks"] == {
        "one_person": True, "one_protection": True, "one_cleaning": True, "zero_worry": True,
    }  # fmt: skip
    kinds = await yard.owner.kinds(one)
    assert kinds == [
        "opened", "engineer_named", "accepted", "appointed", "set_out", "arrived", "protected", "started", "finished",
        "cleaning_booked", "cleaned", "signed", "visited", "closed",
    ]  # fmt: skip


async def test_an_illegal_step_names_the_legal_ones(yard: Yard) -> None:
    one = await yard.report()
    answer = await yard.tries(yard.plumber, one, "start", livable=True)
    assert code(answer) == (409, "move_illegal")
    assert answer.json()["present"]["legal"] == ["accept", "contact", "propose", "ask_living"]
    assert code(await yard.tries(yard.owner, one, "accept")) == (403, "not_your_move")
    await yard.walk(one, TO_WORK[:4])
    answer = await yard.tries(yard.plumber, one, "start", livable=True)
    assert code(answer) == (409, "gate_closed")
    assert "shoe_covers" in answer.json()["present"]["missing"]


async def test_sent_back_reopened_and_silent(yard: Yard) -> None:
    """It is the same engineer, with evidence anew; nothing closes by itself, and no handler visits (CT-30)."""
    one = await yard.walk(await yard.report(), (*TO_WORK, "finish"))
    assert {clock["code"]: clock["state"] for clock in one["promises"]}["C5"] == "running"
    one = await yard.move(yard.owner, one, "reject", reason="还在滴水")
    states = [(clock["code"], clock["round"], clock["state"]) for clock in one["promises"]]
    assert ("C2", 2, "running") in states
    assert ("C5", 1, "void") in states
    one = await yard.walk(one, ("arrive",))
    assert code(await yard.tries(yard.plumber, one, "start", livable=True)) == (409, "gate_closed")
    one = await yard.walk(one, ("protect", "start", "finish", "visit_missed"))
    assert code(await yard.tries(yard.plumber, one, "visit", words="自己回访")) == (403, "not_your_move")
    # The owner says nothing: the visit decides.
    one = await yard.walk(one, ("visit", "close", "rate"))
    assert (one["state"], one["rating"]["stars"], one["ticks"]["one_cleaning"]) == ("closed", 5, False)
    assert code(await yard.tries(yard.family, one, "rate", stars=1)) == (409, "already_rated")
    one = await yard.move(yard.owner, one, "reopen", reason="又漏了")
    assert (one["state"], one["engineer"]["account_id"]) == ("rejected", str(yard.plumber.id))
    one = await yard.walk(one, ("appoint", "set_out", "abort", "appoint", "appoint"))
    assert (one["visits_abortive"], one["appointments_moved"], one["state"]) == (1, 1, "appointed")


async def test_held_for_the_owner_the_clocks_stand_still(yard: Yard, forward: Forward) -> None:
    one = await yard.walk(await yard.report(), ("accept", "propose", "agree"))
    before = {clock["code"]: clock for clock in one["promises"]}
    assert (before["C3"]["state"], before["C4"]["state"]) == ("met", "running")
    one = await yard.move(yard.plumber, one, "hold", reason="waiting_for_material")
    assert {clock["code"]: clock["state"] for clock in one["promises"]}["C4"] == "running"
    one = await yard.walk(one, ("resume",))
    one = await yard.move(yard.plumber, one, "hold", reason="access_refused", words="业主不在")
    assert {clock["code"]: clock["state"] for clock in one["promises"]}["C4"] == "paused"
    assert one["hold_reason"] == "access_refused"
    await forward(timedelta(hours=5))
    # The engineer's word does not, the owner's next one resumes it.
    await yard.plumber.say(one, "请告知方便的时间")
    assert (await yard.read(yard.owner, one))["state"] == "held"
    assert (await yard.owner.say(one, "今天在家")).status_code == 201
    assert (await yard.owner.kinds(one))[-2:] == ["resumed", "text"]
    one = await yard.read(yard.owner, one)
    after = {clock["code"]: clock for clock in one["promises"]}
    assert (after["C4"]["state"], after["C4"]["first_promise"]) == ("running", before["C4"]["due_at"])
    moved = datetime.fromisoformat(after["C4"]["due_at"]) - datetime.fromisoformat(before["C4"]["due_at"])
    assert timedelta(hours=5) <= moved < timedelta(hours=5, minutes=5)
    assert [pause["why"] for pause in after["C4"]["pauses"]] == ["access_refused"]


async def test_not_a_repair_goes_to_the_specialist(yard: Yard, work: Begin) -> None:
    one = await yard.walk(await yard.report(), ("accept",))
    assert (await yard.tries(yard.plumber, one, "refuse", reason="自装", photos=[])).status_code == 422
    one = await yard.walk(one, ("refuse", "contest"))
    told = await rows(yard.process, "SELECT account_id FROM notice WHERE key LIKE '%:contest:%'")
    assert [row.account_id for row in told] == [yard.hotline.specialist.id]
    one = await yard.walk(one, ("overrule",))
    # It goes on with a promise that runs: a proposal is owed again.
    assert [clock["state"] for clock in one["promises"] if clock["code"] == "C3"] == ["met", "running"]
    async with work() as unit:
        await unit.execute(
            text(
                "INSERT INTO roster_override (id, position_id, kind, starts_at, reason, entered_by)"
                " SELECT gen_random_uuid(), id, 'absent', app_now() - interval '1 hour', '休假', account_id"
                " FROM position WHERE role = 'complaint_specialist'"
            )
        )
    one = await yard.walk(one, ("refuse", "contest"))
    # With nobody on duty whoever is the specialist hears of it still.
    told = await rows(yard.process, "SELECT account_id FROM notice WHERE key LIKE '%:contest:%'")
    assert [row.account_id for row in told] == [yard.hotline.specialist.id] * 2
    one = await yard.walk(one, ("uphold",))
    assert (one["state"], one["ended_at"] is None) == ("closed", False)
    assert {clock["state"] for clock in one["promises"]} <= {"met", "void"}


async def test_living_conditions_are_decided_before_work(yard: Yard) -> None:
    """RP-13, GP-21."""
    one = await yard.walk(await yard.report(), TO_WORK[:5])
    # Said by the engineer at the door, refused by the gate in the database until somebody has decided.
    one = await yard.move(yard.owner, one, "ask_living", words="家里停水")
    assert code(await yard.tries(yard.plumber, one, "start", livable=False)) == (409, "gate_closed")
    assert code(await yard.tries(yard.desk, one, "decide_living", granted=True, words="酒店")) == (
        403,
        "not_your_move",
    )
    one = await yard.walk(one, ("decide_living",))
    one = await yard.move(yard.plumber, one, "start", livable=False)
    assert (one["state"], one["living"]["granted"]) == ("working", True)


async def test_who_sees_a_ticket_and_whose_number(yard: Yard) -> None:
    one = await yard.report(from_thread=(await yard.owner.open())["thread_id"])
    assert (await yard.read(yard.owner, one))["contact"]["phone"] == "+8613542604684"
    assert (await yard.read(yard.plumber, one))["contact"]["phone"] == "+8613542604684"
    assert (await yard.read(yard.desk, one))["contact"]["phone"] == "+86 135****4684"
    for nobody in (yard.tenant, yard.other, yard.hotline.neighbour, yard.hotline.stranger):
        assert (await nobody.ask("GET", f"tickets/{one['id']}")).status_code == 404
        assert (await nobody.ask("GET", f"threads/{one['thread_id']}/entries")).status_code == 404
    assert (await yard.plumber.say(one, "我下午过来")).status_code == 201
    assert (await yard.owner.say(one, "好的")).status_code == 201
    # Both threads name the other.
    [line] = [line for line in await yard.owner.lines(one) if line["kind"] == "linked"]
    there = await yard.owner.ask("GET", f"threads/{line['body']['from_thread']}/entries", params={"after": 0})
    assert [each["body"]["id"] for each in there.json()["items"] if each["kind"] == "linked"] == [one["id"]]
    strange = await yard.reported(yard.hotline.owner, from_thread=str(new_id()))
    assert code(strange) == (422, "thread_unknown")
    # Over, the engineer no longer has the number.
    await yard.move(yard.owner, one, "cancel", reason="好了")
    assert (await yard.read(yard.plumber, one))["contact"]["phone"] == "+86 135****4684"


async def test_sent_twice_it_is_one_and_what_may_be_the_same_is_shown(yard: Yard) -> None:
    id_ = str(new_id())
    one = await yard.report(id=id_)
    again = await yard.reported(yard.owner, id=id_)
    assert (again.status_code, again.json()["id"]) == (200, id_)
    assert code(await yard.reported(yard.desk, id=id_)) == (409, "id_taken")
    alike = await yard.family.ask(
        "GET", "tickets/alike", params={"ownership_id": str(yard.home), "component": "pipes"}
    )
    assert [each["id"] for each in alike.json()["items"]] == [id_]
    # By an employee for the household, and by a tenant, who sees their own alone.
    theirs = await yard.report(yard.desk, reporter_id=str(yard.family.id), component="wiring")
    assert theirs["engineer"]["account_id"] == str(yard.other.id)
    mine = await yard.report(yard.tenant, component="plaster")
    assert await listed(yard.tenant) == [mine["id"]]
    assert await listed(yard.owner) == [mine["id"], theirs["id"], id_]
    assert await listed(yard.other) == [theirs["id"]]
    answer = await yard.owner.ask("GET", "tickets", params={"limit": 2})
    answer = await yard.owner.ask("GET", "tickets", params={"limit": 2, "cursor": answer.json()["next"]})
    assert [each["id"] for each in answer.json()["items"]] == [one["id"]]
    held = {"if-none-match": answer.headers["etag"]}
    unchanged = await yard.owner.ask(
        "GET", answer.request.url.raw_path.decode().removeprefix("/v1/"), headers=held
    )
    assert unchanged.status_code == 304
    stale = {"move": "accept", "base_version": 9}
    assert code(await yard.other.ask("POST", f"tickets/{theirs['id']}/moves", json=stale)) == (
        409,
        "ticket_changed",
    )
    wrong = await yard.tries(yard.other, theirs, "contact", reached="yes", word="x")
    assert [fault["field"] for fault in wrong.json()["errors"]] == ["reached", "words", "word"]


async def test_a_new_calendar_lists_what_runs_by_working_time(yard: Yard, work: Begin) -> None:
    one = await yard.report()
    async with work() as unit:
        found = await yard.process.clocks.running(unit, [yard.hotline.project], None)
    [clock] = [
        clock for clock in found if clock.subject_kind == "ticket" and clock.rule.kind == "working_days"
    ]
    provider = yard.process.clocks.of("ticket")
    assert provider is not None
    later = clock.due + timedelta(days=1)
    async with work() as unit:
        assert await provider.revise(unit, clock, later, "台风停工", yard.manager.id)
    async with work() as unit:
        assert not await provider.revise(unit, clock, later, "台风停工", yard.manager.id)
    shown = {each["code"]: each for each in (await yard.read(yard.owner, one))["promises"]}["C3"]
    assert datetime.fromisoformat(shown["due_at"]) - datetime.fromisoformat(
        shown["first_promise"]
    ) == timedelta(days=1)
    assert (await yard.owner.kinds(one))[-1] == "clock_revised"


async def listed(who: Person) -> list[str]:
    return [one["id"] for one in (await who.ask("GET", "tickets")).json()["items"]]


async def test_opening_costs_twelve_statements(yard: Yard, drain: Drain) -> None:
    """The bar of ordinary writes: with entry, clocks, timers and notices, and with what is answered."""
    await drain()
    await yard.report()
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    def note_past_it(asked: Any) -> None:
        sent.append(asked.query)

    def listen(_dbapi: object, _record: object, taken: Any) -> None:
        taken.driver_connection.add_query_logger(note_past_it)

    def ignore(_dbapi: Any, record: Any) -> None:
        record.driver_connection.remove_query_logger(note_past_it)

    engine = yard.process.engine.sync_engine
    heard = (("before_cursor_execute", note), ("checkout", listen), ("checkin", ignore))
    for what, noting in heard:
        event.listen(engine, what, noting)
    counted = []
    try:
        # A connection asks what types there are when it first needs them.
        for place in ("阳台", "厨房", "客厅"):
            sent.clear()
            await yard.report(yard.family, place=place)
            counted.append([one for one in sent if one not in {"BEGIN;", "COMMIT;"}])
    finally:
        for what, noting in heard:
            event.remove(engine, what, noting)
    fewest = min(counted, key=len)
    assert 8 < len(fewest) <= 12, "\n".join(one[:90] for one in fewest)


async def test_what_is_answered_at_once_is_what_is_read_later(yard: Yard) -> None:
    """An owner's new ticket is told as it was written, without being read again."""
    photo = await yard.photo(yard.owner)
    suits = [{"starts_at": yard.soon(2), "ends_at": yard.soon(3)}]
    wanted: list[dict[str, Any]] = [{}, {"urgent": True}, {"photos": [photo], "suits": suits}]
    for more in wanted:
        opened = await yard.reported(yard.owner, **more)
        assert opened.status_code == 201
        read = await yard.owner.ask("GET", f"tickets/{opened.json()['id']}")
        assert (opened.json(), opened.headers["etag"]) == (read.json(), read.headers["etag"])

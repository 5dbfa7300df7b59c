"""Visits: times offered and chosen by either side, one place at a time, reminders, missed, moved, come to nothing."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from backend.core.clock import local_date
from tests.fixtures.hotline import Person, code
from tests.fixtures.journeys import Fire, rows
from tests.fixtures.process import Begin, Forward
from tests.fixtures.repairs import Yard


def slot(yard: Yard, hours: float, length: float = 2) -> dict[str, str]:
    """A time so many hours ahead of the next full hour."""
    begins = yard.process.clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1 + hours)
    return {"starts_at": begins.isoformat(), "ends_at": (begins + timedelta(hours=length)).isoformat()}


async def offered(who: Person, one: dict[str, Any], *times: dict[str, str]) -> dict[str, Any]:
    answer = await who.ask("POST", f"tickets/{one['id']}/appointment-offers", json={"times": list(times)})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def choose(who: Person, one: dict[str, Any], offer: dict[str, Any], place: int = 0) -> Any:
    path = f"tickets/{one['id']}/appointment-offers/{offer['id']}/choice"
    return await who.ask("POST", path, json={"place": place})


async def outcomes(who: Person, one: dict[str, Any]) -> list[str]:
    answer = await who.ask("GET", f"tickets/{one['id']}/appointments")
    return [each["outcome"] for each in answer.json()["appointments"]]


async def test_either_side_offers_and_the_other_chooses(yard: Yard) -> None:
    one = await yard.report()
    # An owner cannot decide alone when somebody comes, nor choose what their own side offered.
    await yard.move(yard.plumber, one, "accept")
    assert code(await yard.tries(yard.owner, one, "appoint", **slot(yard, 1))) == (409, "time_not_offered")
    mine = await offered(yard.owner, one, slot(yard, 24), slot(yard, 30))
    assert code(await choose(yard.family, one, mine)) == (403, "your_own_offer")
    path = f"tickets/{one['id']}/appointment-offers/{mine['id']}/refusal"
    assert (await yard.plumber.ask("POST", path, json={"words": "那天有培训"})).status_code == 204
    assert (await yard.plumber.ask("POST", path, json={})).status_code == 204
    assert code(await choose(yard.plumber, one, mine)) == (409, "offer_over")
    theirs = await offered(yard.plumber, one, slot(yard, 26), slot(yard, 50))
    assert code(await choose(yard.desk, one, theirs)) == (403, "your_own_offer")
    assert (await choose(yard.owner, one, theirs, 5)).status_code == 404
    assert (await choose(yard.tenant, one, theirs)).status_code == 404
    agreed = (await choose(yard.owner, one, theirs, 1)).json()
    [visit] = agreed["appointments"]
    assert (visit["outcome"], visit["number"], visit["engineer"]) == ("agreed", 1, str(yard.plumber.id))
    assert [offer["answer"] for offer in agreed["offers"]] == ["declined", "chosen"]
    # Tapped twice, it is one visit.
    again = await choose(yard.owner, one, theirs, 1)
    assert (again.status_code, again.json()) == (200, agreed)
    assert (await yard.read(yard.owner, one))["state"] == "appointed"
    kinds = await yard.owner.kinds(one)
    assert kinds[3:] == ["times_offered", "times_declined", "times_offered", "appointed"]
    # Moved: the engineer takes one of the owner's times; it is counted, and what was agreed stays on record.
    other = await offered(yard.owner, one, slot(yard, 72))
    moved = (await choose(yard.plumber, one, other)).json()
    assert [each["outcome"] for each in moved["appointments"]] == ["moved", "agreed"]
    assert (moved["moved"], moved["abortive"]) == (1, 0)


async def test_what_cannot_be_meant_is_refused_by_name(yard: Yard) -> None:
    one = await yard.report()
    path = f"tickets/{one['id']}/appointment-offers"
    good = slot(yard, 3)
    cases: list[tuple[list[dict[str, str]], str]] = [
        ([], "times_missing"),
        ([good | {"ends_at": good["starts_at"]}], "time_reversed"),
        ([slot(yard, -5)], "time_past"),
        ([slot(yard, 5, 13)], "time_too_long"),
        ([slot(yard, 24 * 100)], "time_too_far"),
        ([good, good], "time_twice"),
    ]
    for times, fault in cases:
        answer = await yard.owner.ask("POST", path, json={"times": times})
        assert answer.status_code == 422
        assert [each["code"] for each in answer.json()["errors"]] == [fault]
    many = await yard.owner.ask("POST", path, json={"times": [good] * 11})
    assert many.status_code == 422
    assert (await yard.owner.ask("POST", path, json={"times": [good | {"x": 1}]})).status_code == 422


async def test_an_engineer_is_at_one_place_at_a_time(yard: Yard, work: Begin) -> None:
    first, second = await yard.report(), await yard.report(place="卫生间")
    for one in (first, second):
        await yard.move(yard.plumber, one, "accept")
    await yard.move(yard.desk, first, "appoint", **slot(yard, 24))
    crossing = await yard.tries(yard.desk, second, "appoint", **slot(yard, 25))
    assert code(crossing) == (409, "engineer_busy")
    await yard.report(place="阳台")
    # What touches does not cross; and the database says the same to whoever writes.
    await yard.move(yard.desk, second, "appoint", **slot(yard, 26))
    with pytest.raises(IntegrityError, match="ex_appointment_one_place_at_a_time"):
        async with work() as unit:
            await unit.execute(
                text(
                    "INSERT INTO appointment (id, ticket_id, number, engineer_id, starts_at, ends_at, agreed_by,"
                    " agreed_at) SELECT gen_random_uuid(), t.id, 9, a.engineer_id, a.starts_at, a.ends_at, agreed_by,"
                    " agreed_at FROM appointment a, ticket t WHERE t.place = '阳台' LIMIT 1"
                )
            )
    for change in (
        "UPDATE appointment SET starts_at = starts_at - interval '1 day'",
        "DELETE FROM appointment",
    ):
        with pytest.raises(IntegrityError, match="never rewritten"):
            async with work() as unit:
                await unit.execute(text(change))
    # The successor keeps the visit, unless they are somewhere else then.
    third = await yard.report(component="wiring", place="客厅插座")
    await yard.move(yard.other, third, "accept")
    await yard.move(yard.desk, third, "appoint", **slot(yard, 24))
    brings = await yard.brings(yard.manager, "succeed")
    assert code(await yard.tries(yard.manager, first, "succeed", **brings)) == (409, "engineer_busy")
    await yard.move(yard.desk, third, "call_off", reason="改期")
    await yard.move(yard.manager, first, "succeed", **brings)
    told = (await yard.owner.ask("GET", f"tickets/{first['id']}/appointments")).json()
    assert [each["engineer"] for each in told["appointments"]] == [str(yard.other.id)]


async def test_a_visit_is_missed_aborted_called_off_or_kept(yard: Yard, forward: Forward) -> None:
    one = await yard.report()
    await yard.move(yard.plumber, one, "accept")
    await yard.move(yard.plumber, one, "appoint", **slot(yard, 1))
    assert code(await yard.tries(yard.owner, one, "miss")) == (409, "visit_not_over")
    assert code(await yard.tries(yard.plumber, one, "miss")) == (403, "not_your_move")
    await forward(timedelta(hours=5))
    assert (await yard.move(yard.owner, one, "miss", words="等了一上午"))["state"] == "accepted"
    await yard.move(yard.plumber, one, "appoint", **slot(yard, 1))
    await yard.move(yard.owner, one, "call_off", reason="临时出差")
    for reason in ("nobody_home", "wrong_part"):
        await yard.move(yard.plumber, one, "appoint", **slot(yard, 1))
        await yard.move(yard.plumber, one, "set_out")
        await yard.move(yard.plumber, one, "arrive")
        if reason == "nobody_home":
            # Who comes early cannot say that nobody was there.
            early = await yard.tries(yard.plumber, one, "abort", reason=reason)
            assert code(early) == (409, "visit_not_begun")
            await forward(timedelta(hours=2))
        await yard.move(yard.plumber, one, "abort", reason=reason)
    await yard.move(yard.plumber, one, "appoint", **slot(yard, 1))
    await yard.move(yard.plumber, one, "hold", reason="waiting_for_material")
    await yard.move(yard.plumber, one, "resume")
    await yard.walk(one, ("appoint", "set_out", "arrive", "protect", "start", "finish"))
    assert await outcomes(yard.owner, one) == [
        "missed_by_engineer", "called_off", "missed_by_owner", "abortive", "called_off", "kept",
    ]  # fmt: skip
    told = (await yard.desk.ask("GET", f"tickets/{one['id']}/appointments")).json()
    assert (told["abortive"], told["moved"]) == (2, 0)


async def test_both_sides_are_reminded_and_asked_when_nobody_came(
    yard: Yard, fire: Fire, forward: Forward
) -> None:
    one = await yard.report()
    await yard.move(yard.plumber, one, "accept")
    await yard.move(yard.plumber, one, "appoint", **slot(yard, 40))
    # Of a visit that was called off nobody is reminded.
    off = await yard.report(place="阳台")
    await yard.move(yard.plumber, off, "accept")
    await yard.move(yard.plumber, off, "appoint", **slot(yard, 20))
    await yard.move(yard.plumber, off, "call_off", reason="停电")

    async def told() -> list[tuple[str, int]]:
        """How many were told what, in the order of time."""
        sql = """SELECT kind, count(*) AS n FROM notice WHERE kind IN ('visit_soon', 'visit_unattended')
            GROUP BY kind, key ORDER BY min(id::text)"""
        return [(row.kind, row.n) for row in await rows(yard.process, sql)]

    while await fire():
        pass
    assert await told() == []
    for hours in (20, 21, 4):
        await forward(timedelta(hours=hours))
        while await fire():
            pass
    # Both owners, the family and the engineer.
    assert await told() == [("visit_soon", 4), ("visit_soon", 4), ("visit_unattended", 4)]


async def test_an_engineers_day_is_in_order_of_time_and_clock(yard: Yard) -> None:
    late, early, waits, urgent = [
        await yard.report(place=place, urgent=place == "急修") for place in ("晚", "早", "待约", "急修")
    ]
    for one in (late, early):
        await yard.move(yard.plumber, one, "accept")
    tomorrow = datetime.fromisoformat(slot(yard, 24)["starts_at"])
    times = [slot(yard, 24, 1), slot(yard, 25, 1)]
    if local_date(datetime.fromisoformat(times[1]["starts_at"])) != local_date(tomorrow):
        times = [slot(yard, 26, 1), slot(yard, 27, 1)]
    await yard.move(yard.plumber, late, "appoint", **times[1])
    await yard.move(yard.plumber, early, "appoint", **times[0])
    on = local_date(datetime.fromisoformat(times[0]["starts_at"])).isoformat()
    answer = await yard.plumber.ask("GET", "engineers/me/day", params={"on": on})
    day = answer.json()
    assert [visit["ticket"] for visit in day["visits"]] == [early["id"], late["id"]]
    assert [one["ticket"] for one in day["waiting"]] == [urgent["id"], waits["id"]]
    first = day["visits"][0]
    assert (first["outcome"], first["state"], first["contact_phone"]) == (
        "agreed",
        "appointed",
        "+8613542604684",
    )
    assert first["clock"]["code"] == "C2"
    same = {"if-none-match": answer.headers["etag"]}
    assert (
        await yard.plumber.ask("GET", "engineers/me/day", params={"on": on}, headers=same)
    ).status_code == 304
    # Another engineer's day is another's: nobody's contact but of one's own live tickets.
    other = (await yard.other.ask("GET", "engineers/me/day", params={"on": on})).json()
    assert (other["visits"], other["waiting"]) == ([], [])
    await yard.move(yard.owner, waits, "cancel", reason="好了")
    assert (await yard.plumber.ask("GET", "engineers/me/day")).json()["waiting"][0]["ticket"] == urgent["id"]
    assert code(await yard.owner.ask("GET", "engineers/me/day")) == (403, "staff_only")
    assert (await yard.plumber.ask("GET", "engineers/me/day", params={"on": "2026-02-30"})).status_code == 422

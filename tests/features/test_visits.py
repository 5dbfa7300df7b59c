"""Visits: owed by the journey or a finished repair, booked, tried, made by somebody who did not handle it, reported."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient, Response
from sqlalchemy.exc import IntegrityError

from backend.core.clock import local_date
from backend.core.ids import new_id
from backend.features.visits.checks import CHECKS
from backend.features.visits.service import Planned, bar, plan, void
from backend.features.warranty.rules import months_after
from backend.platform.process import Process
from backend.platform.tree import Node
from tests.fixtures.application import Drain
from tests.fixtures.estate import Estate, account_of, home_row, ownership_of, project_of
from tests.fixtures.files import kept_photo
from tests.fixtures.hotline import Person, code
from tests.fixtures.journeys import Fire, rows
from tests.fixtures.people import SignedIn, staff_account
from tests.fixtures.process import Begin, Forward
from tests.fixtures.repairs import TO_WORK, Yard, sneak

ASKED_OF_A_REPAIR = [{"line": line, "said": "是"} for line in range(1, 5)]
MADE = {
    "mode": "talk",
    "summary": "电话回访，业主满意",
    "answers": ASKED_OF_A_REPAIR,
    "accepted": True,
    "stars": 5,
}


async def listed(who: Person, **asked: Any) -> list[dict[str, Any]]:
    """A list of visits as somebody reads it."""
    answer = await who.ask("GET", "visits", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def does(who: Person, one: dict[str, Any], verb: str, **said: Any) -> Response:
    return await who.ask("POST", f"visits/{one['id']}/{verb}", json=said)


def faults(answer: Response) -> set[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return {(one["field"], one["code"]) for one in answer.json()["errors"]}


async def test_a_repair_is_visited_by_somebody_else(
    yard: Yard, drain: Drain, fire: Fire, forward: Forward, work: Begin
) -> None:
    """Its engineer cannot; who tries is recorded; what is said settles it or sends it back: RV-05, HC-11, CT-30."""
    ticket = await yard.walk(await yard.report(), (*TO_WORK, "finish"))
    await drain()
    assert await listed(yard.desk) == []
    [one] = await listed(yard.desk, mine=False)
    due = next(clock["due_at"] for clock in ticket["promises"] if clock["code"] == "C5")
    assert (one["kind"], one["subject_id"], one["due_at"], one["state"]) == (
        "repair", ticket["id"], due, "planned",
    )  # fmt: skip
    assert one["contact"]["phone"] == "+86 135****4684"
    for nobody in (yard.plumber, yard.tenant, yard.hotline.stranger, yard.hotline.neighbour):
        assert (await nobody.ask("GET", f"visits/{one['id']}")).status_code == 404
    handler = await does(yard.desk, one, "visitor", account_id=str(yard.plumber.id))
    assert code(handler) == (409, "handler_may_not_visit")
    assert code(await does(yard.desk, one, "visitor", account_id=str(yard.owner.id))) == (
        422,
        "visitor_unknown",
    )
    given = await does(yard.desk, one, "visitor", account_id=str(yard.desk.id))
    assert given.json()["contact"]["phone"] == "+8613542604684"
    # A try is no visit: the clock goes on, and the ticket's record has it too.
    tried = await does(yard.desk, one, "attempts", way="phone", reached=False, words="无人接听")
    assert (tried.status_code, tried.json()["state"]) == (201, "planned")
    assert "visit_missed" in await yard.owner.kinds(ticket)
    # The household books; it is told to who has the visit; a person is at one place at a time.
    when = {"starts_at": yard.soon(3), "ends_at": yard.soon(4), "mode": "talk"}
    booked = await does(yard.owner, one, "book", **when)
    assert (booked.json()["state"], booked.json()["booked"]["mode"]) == ("booked", "talk")
    told = await rows(yard.process, "SELECT account_id FROM notice WHERE kind = 'return_visit_news'")
    assert {row.account_id for row in told} == {yard.desk.id}
    past = await does(yard.owner, one, "book", **when | {"starts_at": yard.soon(-1)})
    assert code(past) == (422, "time_is_past")
    assert code(await does(yard.desk, one, "no-show", absent="owner", words="不在")) == (
        409,
        "visit_not_begun",
    )
    await forward(timedelta(hours=1, minutes=1))
    await fire()
    reminded = await rows(yard.process, "SELECT account_id FROM notice WHERE kind = 'return_visit_soon'")
    assert {yard.owner.id, yard.family.id, yard.desk.id} < {row.account_id for row in reminded}
    assert yard.tenant.id not in {row.account_id for row in reminded}
    await forward(timedelta(hours=2))
    missed = await does(yard.desk, one, "no-show", absent="owner", words="电话不通")
    assert [each["outcome"] for each in missed.json()["bookings"]] == ["owner_absent"]
    # What is missing is named, line by line; nobody says for the owner that they accept.
    lacking = await does(
        yard.desk, one, "complete", mode="talk", summary="回访", answers=[{"line": 9, "said": "是"}]
    )
    assert faults(lacking) == {
        ("answers.0.line", "line_unknown"), ("answers", "answer_missing"), ("accepted", "accepted_missing"),
    }  # fmt: skip
    assert code(await does(yard.owner, one, "complete", **MADE)) == (403, "staff_only")
    low = await does(yard.desk, one, "complete", **MADE | {"accepted": False, "opinion": "还在滴水"})
    assert (low.status_code, low.json()["made"]["low"]) == (200, True), low.text
    assert (await yard.read(yard.owner, ticket))["state"] == "rejected"
    assert code(await does(yard.desk, one, "complete", **MADE)) == (409, "visit_over")
    # Done again, it is visited again; settled, the ticket has had its visit.
    await drain()
    await yard.walk(ticket, ("arrive", "protect", "start", "finish"))
    await drain()
    [again] = await listed(yard.desk, mine=False, live=True)
    assert again["id"] != one["id"]
    made = await does(yard.desk, again, "complete", **MADE)
    assert made.status_code == 200, made.text
    assert (await yard.read(yard.owner, ticket))["state"] == "visited"
    await drain()
    seen = await listed(yard.owner)
    assert [(each["state"], each["low"]) for each in seen] == [("completed", True), ("completed", False)]
    lines = [line["kind"] for line in await yard.owner.lines(seen[0])]
    assert lines == [
        "visit_planned", "visit_given", "visit_tried", "visit_booked", "visit_no_show", "visit_completed",
    ]  # fmt: skip
    # Past the application neither the handler visits, nor is what was made written anew.
    for sql in (
        "UPDATE visit SET summary = 'x' WHERE state = 'completed'",
        "UPDATE visit_answer SET said = 'x'",
    ):
        with pytest.raises(IntegrityError):
            await sneak(work, sql)


async def test_a_case_plans_its_visit(yard: Yard, fire: Fire, forward: Forward, work: Begin) -> None:
    """HC-38, CT-30: planned anew it moves and keeps its first promise; who has handled it is out; void, it is over."""
    process, now = yard.process, yard.process.clock.now()
    case, due = new_id(), now + timedelta(days=7)
    asked = Planned(
        "complaint", "case", case, yard.hotline.project, None, due,
        contact_id=yard.tenant.id, barred=frozenset({yard.desk.id}),
    )  # fmt: skip
    async with work() as unit:
        visit = await plan(unit, process.waker, now, asked)
    one = {"id": str(visit)}
    other = yard.hotline.colleague
    assert code(await does(yard.desk, one, "attempts", way="phone", reached=True, words="在")) == (
        409,
        "handler_may_not_visit",
    )
    # It is the one person's, and nobody else's at home.
    assert [each["id"] for each in await listed(yard.tenant)] == [str(visit)]
    assert (await yard.owner.ask("GET", f"visits/{visit}")).status_code == 404
    times = {"starts_at": yard.soon(5), "ends_at": yard.soon(6), "mode": "talk"}
    booked = await does(other, one, "book", **times, visitor_id=str(other.id))
    assert (booked.status_code, booked.json()["visitor_id"]) == (200, str(other.id))
    async with work() as unit:
        moved = await plan(unit, process.waker, now, replace(asked, due_at=due + timedelta(days=1)))
        await bar(unit, "case", case, {other.id})
    assert moved == visit
    told = (await yard.tenant.ask("GET", f"visits/{visit}")).json()
    first, now_due = (datetime.fromisoformat(told[name]) for name in ("first_due_at", "due_at"))
    assert (now_due - first, told["visitor_id"], told["state"]) == (timedelta(days=1), None, "booked")
    assert code(await does(other, one, "complete", mode="talk", summary="好")) == (
        409,
        "handler_may_not_visit",
    )
    async with work() as unit:
        assert await void(unit, now, [("case", case)], "reopened") == 1
        assert await void(unit, now, [("case", case)], "reopened") == 0
    told = (await yard.tenant.ask("GET", f"visits/{visit}")).json()
    assert (told["state"], told["void_why"], [each["outcome"] for each in told["bookings"]]) == (
        "void", "reopened", ["called_off"],
    )  # fmt: skip
    await forward(timedelta(days=9))
    await fire()
    assert (
        await rows(process, "SELECT id FROM notice WHERE kind IN ('return_visit_clock', 'return_visit_soon')")
        == []
    )


async def test_the_journey_owes_visits(
    process: Process,
    estate: Estate,
    drain: Drain,
    fire: Fire,
    forward: Forward,
    work: Begin,
    client: AsyncClient,
    signed_in: SignedIn,
) -> None:
    """Made, they keep the promise; late, the desk hears: RV-01, RV-08, S6-03, S6-14 to S6-17, S6-21, RV-18, RV-19."""
    today = local_date(process.clock.now())
    lived = months_after(today, -12) - timedelta(days=1)
    days = {"认购日期": "2023-01-01", "签约日期": "2023-01-02", "合同交付日期": lived.isoformat()}
    days |= dict.fromkeys(("实际交付日期", "领钥匙日期", "入住日期"), lived.isoformat())
    await estate(
        [
            home_row("0101", "李欣", "13542604684", **days),
            home_row(
                "0102",
                "王芳",
                "13688889999",
                认购日期=today.isoformat(),
                签约日期=today.isoformat(),
                合同交付日期="",
            ),
        ]
    )
    async with work() as unit:
        node = await unit.get_one(Node, await project_of(process))
        ids = {
            role: (await staff_account(unit, f"V{place}", role, node)).id
            for place, role in enumerate(
                (
                    "customer_service_specialist",
                    "repair_engineer",
                    "head_of_customer_relations",
                    "project_engineer",
                )
            )
        }
    people = {role: Person(client, id_, await signed_in(id_)) for role, id_ in ids.items()}
    desk, engineer = people["customer_service_specialist"], people["repair_engineer"]
    for _ in range(3):
        await drain()
        await fire()
    await drain()
    found = {one["kind"]: one for one in await listed(desk, mine=False)}
    assert {"sales", "one_year"} <= found.keys(), found.keys()
    sales, year = found["sales"], found["one_year"]
    assert [one["id"] for one in await listed(desk, live=True)] == [sales["id"]]
    assert [one["id"] for one in await listed(engineer, live=True)] == [year["id"]]
    assert (await engineer.ask("GET", f"visits/{sales['id']}")).status_code == 404
    whole = (await engineer.ask("GET", f"visits/{year['id']}")).json()
    assert [line["rules"] for line in whole["checklist"]] == [["S6-14"], ["S6-15"], ["S6-16"], ["S6-17"]]
    async with work() as unit:
        assert [fault for check in CHECKS for fault in await check.look(unit)] == []

    # The four items, each with its word; what is found is a ticket, linked; the promise is kept by that.
    checks: list[dict[str, Any]] = [{"line": line, "sound": line != 2} for line in range(1, 5)]
    lacking = await does(engineer, year, "complete", mode="talk", summary="检查", checks=checks[:3])
    assert faults(lacking) == {
        ("mode", "at_home_only"), ("checks", "check_missing"), ("checks.1.words", "words_missing"),
        ("photos", "photo_missing"),
    }  # fmt: skip
    photo = await kept_photo(process, engineer.id)
    checks[1]["words"] = "厨房地漏排水慢"
    defect = {"words": "厨房地漏排水慢", "becomes": "ticket"}
    assert code(await does(engineer, year, "findings", **defect)) == (422, "place_missing")
    ticket = await does(engineer, year, "findings", **defect, place="厨房", component="pipes")
    assert ticket.status_code == 201, ticket.text
    done = await does(
        engineer, year, "complete", mode="house", summary="四项检查完成", checks=checks, photos=[photo]
    )
    assert done.status_code == 200, done.text
    assert [one["ticket_id"] for one in done.json()["findings"]] == [ticket.json()["ticket_id"]]
    owner_id = await account_of(process, "+8613542604684")
    owner = Person(client, owner_id, await signed_in(owner_id))
    assert "linked" in await owner.kinds(year)
    assert (await owner.ask("GET", f"tickets/{ticket.json()['ticket_id']}")).status_code == 200
    milestone = "SELECT state, done_by, evidence FROM milestone WHERE id = :id"
    [kept] = await rows(process, milestone, id=year["subject_id"])
    assert (kept.state, kept.done_by) == ("done", engineer.id)
    assert [one["kind"] for one in kept.evidence] == ["form", "note", "photo"]

    # The visit on the sale: warned of in its last quarter, late it is told; A2 and A3 are kept by action.
    await forward(timedelta(days=6))
    await fire()
    clock = "SELECT account_id FROM notice WHERE kind = 'return_visit_clock' AND subject_id = :id"
    assert [row.account_id for row in await rows(process, clock, id=sales["id"])] == [desk.id]
    await forward(timedelta(days=3))
    await fire()
    assert [row.account_id for row in await rows(process, clock, id=sales["id"])] == [desk.id, desk.id]
    desk, owner = [Person(client, one.id, await signed_in(one.id)) for one in (desk, owner)]
    [late] = await listed(desk, overdue=True)
    assert late["id"] == sales["id"]
    # Whom it is for reads that it is late, and not who was told of that.
    lines = await rows(process, "SELECT body FROM entry WHERE kind = 'visit_late' AND audience = 'all'")
    assert {tuple(row.body) for row in lines} == {("due_at",)}
    asked = (await desk.ask("GET", f"visits/{sales['id']}")).json()
    action = asked["actions"][0]["action"]
    said = {
        "mode": "talk",
        "summary": "业主对签约过程满意",
        "answers": [{"line": line["line"], "said": "满意"} for line in asked["script"]],
        "done": [{"action": action, "done": True}],
        "scored": [{"action": action, "stars": 4}],
    }
    assert faults(
        await does(desk, sales, "complete", **said | {"done": [{"action": "x", "done": None}]})
    ) == {("done.0.action", "action_unknown")}
    assert (await does(desk, sales, "complete", **said)).status_code == 200
    kept_answers = await rows(
        process, "SELECT part, line, yes, score FROM visit_answer WHERE part LIKE 'A%' ORDER BY part"
    )
    assert [tuple(row) for row in kept_answers] == [("A2", action, True, None), ("A3", action, None, 4)]

    # The round: its figures, and the report that goes to the departments (RV-09).
    span = {
        "node": str(await project_of(process)),
        "from": today.isoformat(),
        "to": (today + timedelta(days=9)).isoformat(),
    }
    figures = (await desk.ask("GET", "reports/visits", params=span)).json()
    by_kind = {one["kind"]: one for one in figures["kinds"]}
    assert (by_kind["sales"]["completed"], by_kind["sales"]["late"]) == (1, 1)
    assert figures["findings"] == [
        {"kind": "one_year", "becomes": "ticket", "component": "pipes", "found": 1, "linked": 1}
    ]
    report = await desk.ask(
        "POST",
        "visit-reports",
        json=span | {"words": "一年回访小结", "improvements": ["地漏坡度"], "roles": ["project_engineer"]},
    )
    assert (report.status_code, report.json()["told"]) == (201, 1), report.text
    assert [one["words"] for one in (await desk.ask("GET", "visit-reports")).json()["items"]] == [
        "一年回访小结"
    ]

    # By hand: what the method gives no time for; once, however often it is asked for.
    home = str(await ownership_of(process, "合同-0101"))
    season = {"kind": "seasonal", "ownership_id": home}
    first, second = [await desk.ask("POST", "visits", json=season) for _ in range(2)]
    assert (first.status_code, first.json()["due_at"], first.json()["id"]) == (201, None, second.json()["id"])
    assert code(await desk.ask("POST", "visits", json=season | {"kind": "repair"})) == (
        422,
        "only_by_its_case",
    )
    assert (await listed(owner, live=True, kind="seasonal"))[0]["id"] == first.json()["id"]

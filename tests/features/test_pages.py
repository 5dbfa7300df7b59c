"""What people do with a page: answer it in the app, by one tap, on the telephone; hold a chain, see whom it calls."""

import asyncio
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text

from backend.core.ids import new_id
from backend.features.escalation.service import Danger
from backend.features.notices.service import tap_for
from tests.fixtures.application import Drain
from tests.fixtures.escalation import Watch, sound
from tests.fixtures.hotline import Person, code
from tests.fixtures.journeys import Fire, rows
from tests.fixtures.people import SignedIn, staff_account
from tests.fixtures.process import Begin, Forward
from tests.fixtures.timers import now

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PHONE = "+8613800002222"


@dataclass(frozen=True, slots=True)
class Desk:
    """A chain that has just called the two agents of its project, and everybody of it with a session."""

    watch: Watch
    one: Danger
    people: dict[str, Person]

    def __getitem__(self, name: str) -> Person:
        return self.people[name]

    async def mine(self, name: str, **asked: Any) -> list[dict[str, Any]]:
        answer = await self[name].ask("GET", "pages", params=asked)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def act(self, name: str, page: dict[str, Any], verb: str, **more: Any) -> Response:
        return await self[name].ask(
            "POST", f"pages/{page['id']}/{verb}", json={"version": page["version"]} | more
        )

    async def board(self, name: str, **asked: Any) -> list[dict[str, Any]]:
        answer = await self[name].ask("GET", "ops/escalations", params=asked)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def lines(self) -> list[str]:
        found = await rows(
            self.watch.process,
            "SELECT kind, audience FROM entry WHERE thread_id = :id ORDER BY seq",
            id=self.one.thread_id,
        )
        assert {line.audience for line in found} == {"staff"}
        return [line.kind for line in found]


async def drained(fire: Fire) -> None:
    while await fire():
        pass


@pytest.fixture
async def desk(watch: Watch, client: AsyncClient, work: Begin, fire: Fire, signed_in: SignedIn) -> Desk:
    ids = dict(watch.people)
    async with work() as unit:
        ids["administrator"] = (await staff_account(unit, "W10", "administrator")).id
        await unit.execute(
            text("UPDATE account SET phone = :phone WHERE id = :id"),
            {"phone": PHONE, "id": ids["hotline_agent"]},
        )
    one = await watch.danger(work, (await now(work)).astimezone(UTC))
    await watch.start(work, one)
    await drained(fire)
    people = {name: Person(client, id_, await signed_in(id_)) for name, id_ in ids.items()}
    return Desk(watch, one, people)


async def test_acknowledged_is_not_met(desk: Desk, work: Begin, fire: Fire, forward: Forward) -> None:
    """CT-05: it rests for one wait and rings again; a button on what one saw before is refused; its end ends it."""
    [page] = await desk.mine("hotline_agent")
    [other] = await desk.mine("colleague")
    assert (page["number"], page["clock"], page["clock_words"]) == (desk.one.number, "C2", "首次联系")
    assert (page["step"], page["steps"], page["round"], page["state"]) == (1, 5, 1, "ringing")
    assert 7000 < page["seconds_left"] <= 7200
    assert (await desk.act("colleague", page, "acknowledge")).status_code == 404
    assert code(await desk.act("hotline_agent", page | {"version": 9}, "acknowledge")) == (409, "page_stale")
    done = (await desk.act("hotline_agent", page, "acknowledge")).json()
    assert (done["state"], done["via"], done["closed_at"] is None) == ("acknowledged", "app", False)
    rests = datetime.fromisoformat(done["goes_on_at"]) - datetime.fromisoformat(done["closed_at"])
    assert rests == 2 * HOUR, "one wait: a quarter of the clock's own time, while the standard sets none"
    assert code(await desk.act("hotline_agent", page, "acknowledge")) == (409, "page_stale")
    assert code(await desk.act("colleague", other, "decline", reason="在开会")) == (409, "page_stale")
    assert await desk.mine("colleague") == []
    # What was answered lies in nobody's inbox any more.
    for name in ("hotline_agent", "colleague"):
        assert (await desk[name].ask("GET", "notices")).json()["items"] == []
    assert [one["state"] for one in await desk.mine("colleague", all=True)] == ["answered"]
    [chain] = await desk.board("head_of_customer_relations")
    assert (chain["state"], chain["step"], [one["via"] for one in chain["people"]]) == ("rested", 1, ["app"])
    await sound(work)
    await forward(2 * HOUR)
    await drained(fire)
    [again] = await desk.mine("hotline_agent")
    assert (again["step"], again["round"]) == (1, 2)
    assert (await desk["colleague"].ask("GET", "notices")).json()["unread"] == 1
    assert [one["round"] for one in await desk.mine("colleague")] == [2]
    assert code(await desk.act("hotline_agent", page, "acknowledge")) == (409, "page_stale")
    await desk.watch.end(work, desk.one, await now(work))
    assert code(await desk.act("hotline_agent", again, "acknowledge")) == (409, "page_stale")
    assert (await desk["colleague"].ask("GET", "notices")).json()["unread"] == 0
    assert await desk.mine("hotline_agent") == await desk.board("administrator") == []
    assert await desk.lines() == ["step_called", "page_acknowledged", "step_called"]
    await sound(work)


async def test_declined_by_all_the_next_is_called_at_once(desk: Desk, work: Begin, fire: Fire) -> None:
    """A page that one cannot take goes to whoever is called too; with nobody left to the next step, at once."""
    [page], [other] = await desk.mine("hotline_agent"), await desk.mine("colleague")
    assert (await desk.act("hotline_agent", page, "decline")).status_code == 422
    declined = (await desk.act("hotline_agent", page, "decline", reason="高铁上")).json()
    assert (declined["state"], declined["reason"]) == ("declined", "高铁上")
    await drained(fire)
    assert await desk.mine("complaint_specialist") == []
    assert (await desk.act("colleague", other, "decline", reason="在开会")).status_code == 200
    await drained(fire)
    [next_] = await desk.mine("complaint_specialist")
    assert (next_["step"], next_["state"]) == (2, "ringing")
    assert await desk.lines() == ["step_called", "page_declined", "page_declined", "step_called"]
    await sound(work)
    # The last step has no next: it is called again when its wait is over.
    for name in ("complaint_specialist", "project_engineer", "head_of_customer_relations"):
        [one] = await desk.mine(name)
        await desk.act(name, one, "decline", reason="不在")
        await drained(fire)
    [last] = await desk.mine("leader_in_charge")
    before = last["goes_on_at"]
    assert (await desk.act("leader_in_charge", last, "decline", reason="不在")).json()["goes_on_at"] == before
    await drained(fire)
    assert await desk.mine("leader_in_charge") == []
    await sound(work)


async def test_a_page_is_handed_over_to_who_looks_after_the_place(
    desk: Desk, work: Begin, fire: Fire
) -> None:
    [page] = await desk.mine("hotline_agent")
    async with work() as unit:
        stranger = (await staff_account(unit, "W11")).id
    tries: list[tuple[UUID, tuple[int, str]]] = [
        (desk["hotline_agent"].id, (422, "handover_to_yourself")),
        (new_id(), (422, "handover_unknown")),
        (stranger, (422, "handover_unknown")),
        (desk["colleague"].id, (409, "handover_called_already")),
    ]
    for to, refused in tries:
        answer = await desk.act("hotline_agent", page, "handover", to=str(to))
        told = answer.json()
        assert (answer.status_code, told.get("errors", [{}])[0].get("code", told["code"])) == refused
    heir = desk["complaint_specialist"]
    done = (await desk.act("hotline_agent", page, "handover", to=str(heir.id))).json()
    assert done["state"] == "handed_over"
    assert code(await desk.act("hotline_agent", page, "handover", to=str(heir.id))) == (409, "page_stale")
    await drained(fire)
    [theirs] = await desk.mine("complaint_specialist")
    assert (theirs["step"], theirs["role"], theirs["state"]) == (1, "complaint_specialist", "ringing")
    assert (await desk.act("complaint_specialist", theirs, "acknowledge")).status_code == 200
    assert await desk.lines() == ["step_called", "page_handed_over", "page_acknowledged"]
    await sound(work)


async def test_one_tap_answers_all_that_rang_together_once(
    desk: Desk, client: AsyncClient, work: Begin, fire: Fire, drain: Drain, forward: Forward
) -> None:
    """HC-10, HC-11, EN-01: the link of the SMS, without signing in; GET changes nothing; it names nobody."""
    await drain()
    sent = (await client.get("/dev/mailbox/messages", params={"address": PHONE})).json()["items"]
    [link] = re.findall(r"/v1/taps/[\w-]+", sent[0]["body"])
    for _ in range(2):
        shown = await client.get(link)
        assert (shown.status_code, shown.headers["cache-control"]) == (200, "no-store")
        assert shown.headers["referrer-policy"] == "no-referrer"
        assert (desk.one.number in shown.text, shown.text.count("<button")) == (True, 1)
        assert [word for word in ("员工", PHONE[3:], str(desk.one.subject_id)) if word in shown.text] == []
    assert (await client.head(link)).status_code in (200, 405)
    assert len(await desk.mine("hotline_agent")) == 1
    english = await client.get(link, headers={"accept-language": "en"})
    assert "first contact" in english.text
    tapped = await client.post(link)
    assert (tapped.status_code, "<button" in tapped.text) == (200, False)
    [mine] = await desk.mine("hotline_agent", all=True)
    assert (mine["state"], mine["via"]) == ("acknowledged", "link")
    for method in ("GET", "POST"):
        again = await client.request(method, link)
        assert (again.status_code, "已经用过" in again.text, "<form" in again.text) == (410, True, False)
    await sound(work)
    made_up = link[:-1] + ("A" if link[-1] != "A" else "B")
    for wrong in (made_up, f"/v1/taps/{tap_for(desk.watch.process.sealer, 'page', new_id())}", "/v1/taps/x"):
        assert (await client.get(wrong)).status_code == (await client.post(wrong)).status_code == 404
    # What was answered otherwise does not ring any more, and its link says so and does nothing.
    await forward(2 * HOUR)
    await drained(fire)
    [page] = await desk.mine("colleague")
    assert (await desk.act("colleague", page, "acknowledge")).status_code == 200
    bundles = await rows(
        desk.watch.process,
        "SELECT id FROM page_bundle WHERE account_id = :id ORDER BY rung_at DESC",
        id=desk["hotline_agent"].id,
    )
    stale = f"/v1/taps/{tap_for(desk.watch.process.sealer, 'page', bundles[0].id)}"
    for method in ("GET", "POST"):
        over = await client.request(method, stale)
        assert (over.status_code, "不再有效" in over.text) == (410, True)
    assert (await desk.board("administrator"))[0]["state"] == "rested"
    await sound(work)


async def test_of_those_who_answer_at_once_one_does(
    desk: Desk, client: AsyncClient, work: Begin, fire: Fire, forward: Forward
) -> None:
    """Two in the app, the links of both tapped twice, and the chain's next step: it rests once, and nothing is lost."""
    sealer = desk.watch.process.sealer
    for round_ in range(1, 4):
        pages = {name: (await desk.mine(name))[0] for name in ("hotline_agent", "colleague")}
        found = await rows(desk.watch.process, "SELECT id FROM page_bundle ORDER BY rung_at DESC, id LIMIT 2")
        links = [f"/v1/taps/{tap_for(sealer, 'page', one.id)}" for one in found]
        answers = await asyncio.gather(
            *(desk.act(name, page, "acknowledge") for name, page in pages.items()),
            *(client.post(link) for link in links * 2),
            fire(),
        )
        told = Counter(one.status_code for one in answers if isinstance(one, Response))
        assert told[200] == 1, told
        assert set(told) <= {200, 409, 410}, told
        closed = await rows(
            desk.watch.process,
            "SELECT state, count(*) AS many FROM page WHERE round = :round GROUP BY state ORDER BY state",
            round=round_,
        )
        assert [(row.state, row.many) for row in closed] == [("acknowledged", 1), ("answered", 1)]
        assert [one["state"] for one in await desk.board("administrator")] == ["rested"]
        await sound(work)
        await forward(2 * HOUR)
        await drained(fire)
    lines = await desk.lines()
    assert lines == ["step_called", *["page_acknowledged", "step_called"] * 3]


async def test_confirmed_by_telephone(desk: Desk, work: Begin, forward: Forward) -> None:
    """HC-11: an agent calls who was paged; it is recorded who was called, when, reached or not."""
    agent, colleague = desk["hotline_agent"], desk["colleague"]
    assert (await desk["project_engineer"].ask("GET", "calls")).status_code == 403
    listed = (await colleague.ask("GET", "calls")).json()["items"]
    assert [one["account_id"] for one in listed] == [str(agent.id)], "nobody calls themselves"
    [call] = listed
    assert [(one["number"], one["clock_words"]) for one in call["pages"]] == [(desk.one.number, "首次联系")]
    assert PHONE[3:] not in str(listed)
    shown = await colleague.ask("POST", f"calls/{call['id']}/number")
    assert (shown.status_code, shown.json()["value"]) == (201, PHONE)
    looks = (await agent.ask("GET", "me/reveals")).json()["items"]
    assert [(one["field"], one["role"], one["reason"]) for one in looks] == [
        ("phone", "hotline_agent", "电话确认呼叫")
    ]
    [theirs] = [
        one
        for one in (await agent.ask("GET", "calls")).json()["items"]
        if one["account_id"] == str(colleague.id)
    ]
    assert code(await agent.ask("POST", f"calls/{theirs['id']}/number")) == (404, "nothing_to_reveal")
    assert (await agent.ask("POST", f"calls/{call['id']}/number")).status_code == 404
    await forward(3 * MINUTE)
    at = await now(work)

    async def record(**more: Any) -> Response:
        spoken = {"reached": False, "at": at.isoformat()} | more
        return await colleague.ask("POST", f"calls/{call['id']}/record", json=spoken)

    for wrong, why in ((at + HOUR, "call_in_the_future"), (at - HOUR, "call_before_it_rang")):
        refused = await record(at=wrong.isoformat())
        assert (refused.status_code, refused.json()["code"]) == (422, why)
    tried = (await record(said="无人接听")).json()
    assert [(one["reached"], one["said"], one["by"]) for one in tried["calls"]] == [
        (False, "无人接听", "员工W9")
    ]
    assert [one["state"] for one in await desk.mine("hotline_agent")] == ["ringing"]
    await sound(work)
    reached = (await record(reached=True, said="收到，马上联系业主")).json()
    assert [one["reached"] for one in reached["calls"]] == [False, True]
    assert [one["via"] for one in await desk.mine("hotline_agent", all=True)] == ["telephone"]
    assert (await colleague.ask("GET", "calls")).json()["items"] == []
    # A call that was made is recorded, also when somebody else was quicker.
    assert len((await record(said="又打了一次")).json()["calls"]) == 3
    assert await desk.lines() == [
        "step_called",
        "page_called",
        "page_called",
        "page_acknowledged",
        "page_called",
    ]
    with pytest.raises(Exception, match="append only"):
        async with work() as unit:
            await unit.execute(text("UPDATE page_call SET reached = true"))
    await sound(work)


async def test_my_own_rules_add_calls_and_never_lessen_what_the_policy_demands(
    desk: Desk, client: AsyncClient, work: Begin, fire: Fire, forward: Forward, drain: Drain
) -> None:
    agent = desk["hotline_agent"]
    before = (await agent.ask("GET", "me/paging")).json()
    assert (before["at_once"], before["again"], before["most"]) == (["push", "sms", "email"], [], 5)

    async def put(*again: tuple[int, list[str]]) -> Response:
        wanted = [{"after_minutes": after, "by": by} for after, by in again]
        return await agent.ask("PUT", "me/paging", json={"again": wanted})

    for wrong, why in (
        ([(5, ["sms"]), (5, ["push"])], "calls_again_out_of_order"),
        ([(5, ["sms", "sms"])], "calls_again_by_nothing"),
    ):
        assert (refused := await put(*wrong)).status_code == 422
        assert refused.json()["errors"][0]["code"] == why
    assert (await put((5, []))).status_code == (await put((0, ["sms"]))).status_code == 422
    told = (await put((3, ["sms"]), (10, ["sms", "push"]), (20, ["sms"]))).json()
    assert [one["after_minutes"] for one in told["again"]] == [3, 10, 20]
    assert told == (await agent.ask("GET", "me/paging")).json()
    at_once = await asyncio.gather(
        *(desk["colleague"].ask("PUT", "me/paging", json={"again": []}) for _ in range(4))
    )
    assert {one.status_code for one in at_once} == {200}

    async def texts() -> int:
        await drained(fire)
        await drain()
        return len((await client.get("/dev/mailbox/messages", params={"address": PHONE})).json()["items"])

    # What rang before one chose is not called again; what rings from now on is, until it is answered.
    assert await texts() == 1
    await forward(4 * MINUTE)
    assert await texts() == 1
    another = await desk.watch.danger(work, (await now(work)).astimezone(UTC))
    await desk.watch.start(work, another)
    assert await texts() == 2
    for minutes, sent in ((2, 2), (2, 3), (7, 4)):
        await forward(minutes * MINUTE)
        assert await texts() == sent
    page = (await desk.mine("hotline_agent"))[0]
    assert (await desk.act("hotline_agent", page, "acknowledge")).status_code == 200
    await forward(10 * MINUTE)
    assert await texts() == 4
    await sound(work)


async def test_a_chain_is_held_on_the_record_and_goes_on_by_itself(
    desk: Desk, work: Begin, fire: Fire, forward: Forward
) -> None:
    """A maintenance pause needs a reason and an end; what rings may be answered; no steps are made up for at once."""
    administrator, head = desk["administrator"], desk["head_of_customer_relations"]
    [chain] = await desk.board("administrator", node=str(desk.watch.project))
    assert [one["name"] for one in chain["people"]] == ["员工W0", "员工W9"]
    assert (chain["place"], chain["role"], chain["pause"]) == ("朗润园", "hotline_agent", None)
    path, start = f"ops/escalations/{chain['id']}", await now(work)

    async def pause(**more: Any) -> Response:
        asked = {"reason": "话务系统割接", "until": (start + 5 * HOUR).isoformat()} | more
        return await administrator.ask("POST", f"{path}/pause", json=asked)

    loud = {"reason": "太吵", "until": start.isoformat()}
    assert (await head.ask("POST", f"{path}/pause", json=loud)).status_code == 403
    for until, why in ((start, "pause_in_the_past"), (start + timedelta(days=4), "pause_too_long")):
        assert (await pause(until=until.isoformat())).json()["code"] == why
    assert (await pause(reason=" ")).status_code == 422
    assert code(await administrator.ask("POST", f"{path}/resume", json={"reason": "误"}))[0] == 422
    assert code(await administrator.ask("POST", f"{path}/resume", json={"reason": "误操作"})) == (
        409,
        "escalation_not_paused",
    )
    held = (await pause()).json()
    assert (held["state"], held["pause"]["reason"], held["pause"]["by"]) == (
        "paused",
        "话务系统割接",
        "员工W10",
    )
    assert code(await pause()) == (409, "escalation_not_calling")
    assert [one["id"] for one in await desk.board("administrator", state="paused")] == [chain["id"]]
    await forward(4 * HOUR)
    await drained(fire)
    assert await desk.mine("complaint_specialist") == []
    await sound(work)
    await forward(HOUR)
    await drained(fire)
    assert [one["step"] for one in await desk.mine("complaint_specialist")] == [2]
    assert await desk.mine("project_engineer") == []
    assert (await pause(reason="再割接")).status_code == 422, "its end has passed"
    assert (await pause(until=(await now(work) + HOUR).isoformat())).status_code == 200
    # Answered while it is held, it rests when it goes on.
    [page] = await desk.mine("complaint_specialist")
    assert (await desk.act("complaint_specialist", page, "acknowledge")).status_code == 200
    resumed = (await administrator.ask("POST", f"{path}/resume", json={"reason": "割接完成"})).json()
    assert (resumed["state"], resumed["pause"]) == ("rested", None)
    assert (await desk.lines())[1:] == [
        "chain_paused",
        "step_called",
        "chain_paused",
        "page_acknowledged",
        "chain_resumed",
    ]
    await sound(work)


async def test_whom_it_would_call_is_worked_out_without_calling(
    desk: Desk, work: Begin, fire: Fire, forward: Forward
) -> None:
    """HC-03 to HC-11: who, when and by which ways, for this chain, another moment, or a promise nobody has given."""
    head = desk["head_of_customer_relations"]
    [chain] = await desk.board("head_of_customer_relations")
    told = await rows(desk.watch.process, "SELECT count(*) AS many FROM notice")

    async def simulate(path: str, **asked: Any) -> Any:
        answer = await head.ask("POST", f"ops/escalations/{path}simulate", json=asked)
        return answer.json() if answer.status_code == 200 else code(answer)

    seen = await simulate(f"{chain['id']}/")
    whom = [
        (
            one["step"],
            one["round"],
            [desk.watch.names([UUID(each["account_id"])])[0] for each in one["people"]],
        )
        for one in seen["turns"]
    ]
    assert whom == [
        (2, 1, ["complaint_specialist"]),
        (3, 1, ["project_engineer"]),
        (4, 1, ["head_of_customer_relations"]),
        (5, 1, ["leader_in_charge"]),
        (5, 2, ["leader_in_charge"]),
        (5, 3, ["leader_in_charge"]),
    ]
    assert (seen["telephone"], {one["wait_set"] for one in seen["turns"]}) == (True, {False})
    # And so it comes.
    for _ in seen["turns"][:4]:
        await forward(2 * HOUR)
        await drained(fire)
    called = await desk.watch.called(work, desk.one)
    foreseen = [datetime.fromisoformat(one["at"]) for one in seen["turns"][:4]]
    assert [
        abs(at - then) < timedelta(milliseconds=1)
        for (_, at), then in zip(called[2:6], foreseen, strict=True)
    ] == [True] * 4
    assert told[0].many == 2
    then = (await now(work) + timedelta(days=3)).isoformat()
    later = await simulate(f"{chain['id']}/", at=then)
    assert datetime.fromisoformat(later["turns"][0]["at"]) - datetime.fromisoformat(then) < timedelta(
        milliseconds=1
    )
    place, monday = str(desk.watch.project), "2026-11-23T09:00:00+08:00"
    supposed = await simulate("", node_id=place, clock="C2", category="works", starts_at=monday)
    assert [one["step"] for one in supposed["turns"]] == [1, 2, 3, 4, 5, 5, 5]
    assert supposed["due_at"] == "2026-11-23T03:00:00.000Z", "two working hours from nine (HC-12)"
    assert supposed["turns"][0]["at"] == "2026-11-23T02:30:00.000Z", "from its last warning on"
    assert supposed["turns"][1]["at"] == supposed["due_at"]
    agents = supposed["turns"][0]["people"]
    assert [(one["name"], one["by"]) for one in agents] == [("员工W0", ["sms"]), ("员工W9", [])]
    vacant = await simulate("", node_id=place, clock="C2", category="sales", starts_at=monday)
    assert [one["passed"] for one in vacant["turns"]][2] == [{"step": 3, "role": "sales_site_manager"}]
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"clock": "C9"}, "chain_not_in_standard"),
        ({"category": "weather"}, "category_not_in_chain"),
        ({"clock": "C4"}, "due_needed"),
        ({"due_at": monday}, "due_not_after_start"),
    ]
    for more, why in wrong:
        asked = {"node_id": place, "clock": "C2", "starts_at": monday} | more
        assert await simulate("", **asked) == (422, why)
    assert await simulate("", node_id=str(new_id()), clock="C2", starts_at=monday) == (404, "not_found")
    await sound(work)


async def test_who_is_barred_from_a_chain_sees_nothing_of_it(desk: Desk, work: Begin, fire: Fire) -> None:
    """A complaint never goes to the person complained about: not by a page, a call, the board, or a handover."""
    head = desk["head_of_customer_relations"]
    about = await desk.watch.danger(
        work, (await now(work)).astimezone(UTC), barred=frozenset({head.id, desk["colleague"].id})
    )
    await desk.watch.start(work, about)
    await drained(fire)
    assert [one["number"] for one in await desk.board("head_of_customer_relations")] == [desk.one.number]
    numbers = {one["number"]: one["id"] for one in await desk.board("administrator")}
    assert set(numbers) == {about.number, desk.one.number}
    asked = await head.ask("POST", f"ops/escalations/{numbers[about.number]}/simulate", json={})
    assert asked.status_code == 404
    page = next(one for one in await desk.mine("hotline_agent") if one["number"] == about.number)
    assert [one["number"] for one in await desk.mine("colleague")] == [desk.one.number]
    calls = (await desk["colleague"].ask("GET", "calls")).json()["items"]
    assert about.number not in str(calls)
    refused = await desk.act("hotline_agent", page, "handover", to=str(head.id))
    assert code(refused) == (422, "handover_unknown")

"""Tasks: whose they are, how they stand on the clock, and what it takes to say that one is done."""

from datetime import date, timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import select

from backend.core.clock import local_date
from backend.platform.process import Process
from backend.platform.tree import Node
from tests.fixtures.application import Drain
from tests.fixtures.estate import Estate, home_row
from tests.fixtures.journeys import Fire, rows
from tests.fixtures.people import SignedIn, staff_account
from tests.fixtures.process import Forward

SPECIALIST = "customer_relations_specialist"


@pytest.fixture
def today(process: Process) -> date:
    return local_date(process.clock.now())


@pytest.fixture
async def two_projects(process: Process, estate: Estate, today: date) -> dict[str, Node]:
    """朗润园 with two buildings and 假日风景, all subscribed today; the nodes by name, 朗润园's before others'."""
    dates = {"认购日期": today.isoformat(), "签约日期": "", "合同交付日期": ""}
    await estate(
        [
            home_row("0101", "李欣", "13542604684", **dates),
            home_row("0101", "周明", "13700005678", **{**dates, "楼栋": "2号楼", "合同编号": "合同-2"}),
        ]
    )
    await estate([home_row("0101", "郑爽", "13800138000", **dates)], project="假日风景", region="北京")
    async with process.works.begin() as work:
        nodes = await work.scalars(select(Node).order_by(Node.id.desc()))
        return {node.name: node for node in nodes}


def call(reached: bool = True) -> dict[str, Any]:
    return {"kind": "call", "who": "李欣", "when": "2026-01-05T10:00:00+08:00", "reached": reached}


async def listed(client: AsyncClient, headers: dict[str, str], **asked: Any) -> list[dict[str, Any]]:
    answer = await client.get("/v1/tasks", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_task_belongs_to_the_nearest_who_holds_its_role(
    client: AsyncClient, two_projects: dict[str, Node], drain: Drain, staffed: SignedIn, process: Process
) -> None:
    """The nearest node, through positions held today: building, project, region, company."""
    at_building = await staffed("T1", SPECIALIST, two_projects["2号楼"])
    at_company = await staffed("T2", SPECIALIST)
    await drain()
    near, far = await listed(client, at_building), await listed(client, at_company)
    assert [(task["home"]["building"], task["project"]) for task in near] == [("2号楼", "朗润园")]
    assert {(task["home"]["building"], task["project"]) for task in far} == {
        ("1号楼", "朗润园"),
        ("1号楼", "假日风景"),
    }
    assert near[0]["vacant_passed"] == []
    assert len(far[0]["vacant_passed"]) == 3
    assert (near[0]["obligation"], near[0]["wanted"]) == ("specialist-first-contact", ["call"])
    # Whoever leaves leaves the task to the next one up, at once.
    await rows(
        process,
        "UPDATE position SET until = current_date - 1 WHERE node_id = :id RETURNING id",
        id=two_projects["2号楼"].id,
    )
    assert await listed(client, at_building) == []
    assert len(await listed(client, at_company)) == 3


async def test_what_nobody_holds_and_what_is_late_is_seen_by_who_oversees(
    client: AsyncClient,
    two_projects: dict[str, Node],
    drain: Drain,
    fire: Fire,
    forward: Forward,
    staffed: SignedIn,
    signed_in: SignedIn,
    process: Process,
) -> None:
    await drain()
    async with process.works.begin() as work:
        account_id = (await staff_account(work, "T1", "customer_manager", two_projects["朗润园"])).id
    manager = await signed_in(account_id)
    engineer = await staffed("T2", "project_engineer")
    assert await listed(client, manager) == []
    assert (await client.get("/v1/tasks", params={"mine": "false"}, headers=engineer)).status_code == 403
    found = await listed(client, manager, mine="false")
    assert {(task["project"], task["held_at"], task["late_by"]) for task in found} == {("朗润园", None, 0)}
    assert await listed(client, manager, mine="false", overdue="true") == []
    await forward(timedelta(days=8))
    await fire()
    manager = await signed_in(account_id)
    late = [
        task
        for task in await listed(client, manager, mine="false", overdue="true")
        if task["obligation"] == "specialist-first-contact"
    ]
    assert len(late) == 2
    assert all(0 < task["late_by"] < 86_400 for task in late)
    assert {task["state"] for task in late} == {"open"}
    elsewhere = await listed(client, manager, mine="false", project=str(two_projects["假日风景"].id))
    assert elsewhere == []


async def test_tasks_come_page_by_page(
    client: AsyncClient, two_projects: dict[str, Node], drain: Drain, staffed: SignedIn
) -> None:
    headers = await staffed("T1", SPECIALIST)
    await drain()
    cursor, seen = None, list[str]()
    while True:
        asked = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/v1/tasks", params=asked, headers=headers)).json()
        seen += [task["id"] for task in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert len(seen) == len(set(seen)) == 3


async def test_done_takes_its_evidence_and_is_on_record(
    client: AsyncClient, two_projects: dict[str, Node], drain: Drain, staffed: SignedIn, process: Process
) -> None:
    """S2-26: the contact in a week is a call that was answered."""
    mine = await staffed("T1", SPECIALIST, two_projects["1号楼"])
    other = await staffed("T2", SPECIALIST, two_projects["假日风景"])
    colleague = await staffed("T3", "project_engineer")
    await drain()
    [task] = await listed(client, mine)
    address = f"/v1/tasks/{task['id']}"
    for headers, status in ((other, 404), (colleague, 403)):
        answer = await client.post(f"{address}/done", json={"evidence": [call()]}, headers=headers)
        assert answer.status_code == status, answer.text

    refused = {
        "call_missing": {},
        "call_not_reached": {"evidence": [call(reached=False)]},
        "done_in_future": {"evidence": [call()], "done_at": "2099-01-01T00:00:00Z"},
        "done_before_journey": {
            "evidence": [call()],
            "done_at": "2001-01-01T00:00:00Z",
            "late_reason": "断网",
        },
    }
    for code, body in refused.items():
        answer = await client.post(f"{address}/done", json=body, headers=mine)
        assert (answer.status_code, answer.json()["code"]) == (422, "not_done_yet")
        assert [error["code"] for error in answer.json()["errors"]] == [code]
    ahead = call() | {"when": "2099-12-31T23:59:59-14:00"}
    answer = await client.post(f"{address}/done", json={"evidence": [ahead]}, headers=mine)
    assert [error["code"] for error in answer.json()["errors"]] == ["done_in_future"]
    for when in ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"):
        for body in ({"done_at": when, "late_reason": "断网"}, {"evidence": [call() | {"when": when}]}):
            answer = await client.post(f"{address}/done", json=body, headers=mine)
            assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "time_out_of_reach")

    stale = await client.post(
        f"{address}/done", json={"evidence": [call()]}, headers={**mine, "if-match": '"9"'}
    )
    assert stale.status_code == 412
    once = {**mine, "if-match": f'"{task["version"]}"', "idempotency-key": "k1"}
    done = await client.post(
        f"{address}/done", json={"evidence": [call()], "note": "业主很满意"}, headers=once
    )
    assert done.status_code == 200, done.text
    assert (done.json()["state"], done.json()["evidence"][0]["kind"]) == ("done", "call")
    again = await client.post(
        f"{address}/done", json={"evidence": [call()], "note": "业主很满意"}, headers=once
    )
    assert (again.json(), again.headers["idempotent-replay"]) == (done.json(), "true")
    twice = await client.post(f"{address}/done", json={"evidence": [call()]}, headers=mine)
    assert (twice.status_code, twice.json()["code"]) == (409, "task_done_already")
    assert await listed(client, mine) == []
    assert len(await listed(client, mine, state="done")) == 1

    [milestone] = await rows(
        process,
        "SELECT m.state, m.done_by, m.note, e.kind, e.audience, e.author_id, t.state AS timer FROM milestone m"
        " JOIN task k ON k.milestone_id = m.id JOIN journey j ON j.id = m.journey_id"
        " JOIN entry e ON e.thread_id = j.thread_id AND e.kind = 'milestone_done'"
        " JOIN timer t ON t.key = m.id::text WHERE k.id = :id",
        id=task["id"],
    )
    assert (milestone.state, milestone.note, milestone.audience) == ("done", "业主很满意", "all")
    assert milestone.done_by == milestone.author_id
    assert milestone.timer == "cancelled"


async def test_what_was_done_on_an_earlier_day_is_a_late_entry(
    client: AsyncClient,
    two_projects: dict[str, Node],
    drain: Drain,
    forward: Forward,
    signed_in: SignedIn,
    process: Process,
) -> None:
    """RC-20, CT-45: marked, with its reason, the original time and the time of entry."""
    async with process.works.begin() as work:
        account_id = (await staff_account(work, "T1", SPECIALIST, two_projects["1号楼"])).id
    await drain()
    [task] = await listed(client, await signed_in(account_id))
    done_at = process.clock.now().replace(microsecond=0)
    await forward(timedelta(days=2))
    mine = await signed_in(account_id)
    body = {"evidence": [call()], "done_at": done_at.isoformat()}
    address = f"/v1/tasks/{task['id']}/done"
    refused = await client.post(address, json=body, headers=mine)
    assert [error["code"] for error in refused.json()["errors"]] == ["late_reason_required"]
    answer = await client.post(address, json=body | {"late_reason": "现场没有信号"}, headers=mine)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["late_reason"], told["late_by"]) == ("现场没有信号", 0)
    assert told["done_at"] < told["recorded_at"]
    [line] = await rows(process, "SELECT at, written_at, body FROM entry WHERE kind = 'milestone_done'")
    assert line.at == done_at
    assert line.written_at - line.at > timedelta(days=1)
    assert line.body["late_reason"] == "现场没有信号"


async def test_what_waits_for_something_done_follows_at_once(
    client: AsyncClient, process: Process, estate: Estate, drain: Drain, staffed: SignedIn, today: date
) -> None:
    """S6-01: the journey enters step 6 when the three-month visit is done; overseers may record it too."""
    moved_in = today - timedelta(days=100)
    dates = {"实际交付日期": "2024-06-30", "领钥匙日期": "2024-07-06", "入住日期": moved_in.isoformat()}
    await estate([home_row("0101", "李欣", "13542604684", **dates)])
    await drain()
    manager = await staffed("T1", "customer_manager")
    [task] = [
        task
        for task in await listed(client, manager, mine="false")
        if task["obligation"] == "three-month-visit"
    ]
    evidence = [{"kind": kind, "id": "F-1"} for kind in task["wanted"] if kind not in {"call", "note"}] + [
        call()
    ]
    answer = await client.post(
        f"/v1/tasks/{task['id']}/done", json={"evidence": evidence, "note": "已回访"}, headers=manager
    )
    assert answer.status_code == 200, answer.text
    [journey] = await rows(process, "SELECT step FROM journey WHERE ownership_id IS NOT NULL")
    assert journey.step == "STEP-6"
    lines = await rows(process, "SELECT kind, body FROM entry WHERE kind = 'step_entered'")
    assert [line.body for line in lines] == [{"from": "STEP-5", "to": "STEP-6"}]

"""The managers' board (MG-04): homes by step, what is overdue by timer, what comes, who is missing; and the homes."""

from datetime import date, timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import select, text

from backend.core.clock import local_date
from backend.core.ids import new_id
from backend.platform.process import Process
from backend.platform.tree import Node
from tests.fixtures.estate import Estate, account_of, project_of
from tests.fixtures.people import SignedIn, staff_account
from tests.fixtures.process import Begin
from tests.fixtures.written_journeys import Owed, lay_out, lay_out_project

SPECIALIST, SERVICE = "customer_relations_specialist", "customer_service_specialist"


@pytest.fixture
async def today(process: Process) -> date:
    return local_date(process.clock.now())


@pytest.fixture
async def address(estate: Estate, process: Process, work: Begin, today: date) -> str:
    """Three homes in buildings 1, 1 and 2, each with something to do, and the project."""
    assert (await estate()).written
    project_id = await project_of(process)

    def day(number: int) -> date:
        return today + timedelta(days=number)

    async with work() as unit:
        await lay_out(
            unit,
            "合同-0101",
            [
                Owed("delivery-pack", "STEP-4", day(-3), "late", role=SERVICE),
                Owed("specialist-first-contact", "STEP-2", day(-9), "late", role=SPECIALIST),
                Owed("three-month-visit", "STEP-5", day(7)),
            ],
        )
        await lay_out(
            unit,
            "合同-0102",
            [
                Owed("delivery-pack", "STEP-4", day(-8), "late", role=SERVICE),
                Owed("three-month-visit", "STEP-5", day(8)),
                Owed("one-year-check", "STEP-6", day(31)),
                Owed("warranty-notice", "STEP-6", None),
            ],
            step="STEP-4",
        )
        await lay_out(
            unit, "合同-2", [Owed("delivery-pack", "STEP-4", day(0), "due", role=SERVICE)], step="STEP-4"
        )
        past = await lay_out(unit, "合同-10", [Owed("delivery-pack", "STEP-4", day(-90), "late")])
        await unit.execute(
            text("UPDATE journey SET ended_at = app_now() WHERE id = :id"), {"id": past.journey_id}
        )
        await lay_out_project(
            unit,
            project_id,
            [
                Owed(
                    "progress-post",
                    "STEP-3",
                    day(2),
                    "due",
                    occurrence=date(2026, 11, 1),
                    role="customer_manager",
                )
            ],
        )
    return f"/v1/projects/{project_id}"


async def nodes_of(work: Begin) -> dict[str, Node]:
    async with work() as unit:
        return {node.name: node for node in await unit.scalars(select(Node))}


async def told(client: AsyncClient, address: str, headers: dict[str, str], **asked: Any) -> dict[str, Any]:
    answer = await client.get(address, headers=headers, params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_project_at_a_glance(
    client: AsyncClient, address: str, staffed: SignedIn, work: Begin, today: date
) -> None:
    manager = await staffed("M1", "head_of_customer_relations")
    board = await told(client, f"{address}/journey-board", manager)
    assert board["homes"] == 3
    assert {step["code"]: step["homes"] for step in board["steps"]} == {
        "STEP-1": 0, "STEP-2": 0, "STEP-3": 1, "STEP-4": 2, "STEP-5": 0, "STEP-6": 0,
    }  # fmt: skip
    assert board["steps"][2] | {"standard": ""} == {
        "standard": "", "code": "STEP-3", "number": "3", "name": "亲密接触", "homes": 1,
    }  # fmt: skip
    # The longest overdue first, by the lines of the register of timers.
    assert [(one["obligation"], one["timers"], one["count"]) for one in board["overdue"]] == [
        ("specialist-first-contact", ["TM-03"], 1),
        ("delivery-pack", ["TM-09"], 2),
    ]
    assert board["overdue"][1]["oldest_due_on"] == str(today - timedelta(days=8))
    assert board["overdue_count"] == 3
    assert (board["within_7_days"], board["within_30_days"]) == (3, 4)
    assert [(one["obligation"], one["within_7_days"], one["within_30_days"]) for one in board["ahead"]] == [
        ("three-month-visit", 1, 2),
        ("delivery-pack", 1, 1),
        ("progress-post", 1, 1),
    ]
    assert [(one["role"], one["tasks"]) for one in board["vacant"]] == [
        ("customer_manager", 1), (SPECIALIST, 1), (SERVICE, 3),
    ]  # fmt: skip
    english = await told(client, f"{address}/journey-board", {**manager, "accept-language": "en"})
    assert english["steps"][2]["name"] == "Close contact"
    assert english["vacant"][0]["name"] == "customer manager"


async def test_a_role_is_vacant_until_somebody_holds_it_there_or_above(
    client: AsyncClient, address: str, staffed: SignedIn, work: Begin, process: Process
) -> None:
    manager, nodes = await staffed("M1", "head_of_customer_relations"), await nodes_of(work)

    async def vacant() -> dict[str, int]:
        board = await told(client, f"{address}/journey-board", manager)
        return {one["role"]: one["tasks"] for one in board["vacant"]}

    async with work() as unit:
        await staff_account(unit, "V1", SERVICE, nodes["2号楼"])
        await staff_account(unit, "V2", SPECIALIST, nodes["上海"])
    assert await vacant() == {"customer_manager": 1, SERVICE: 2}
    async with work() as unit:
        gone = await staff_account(unit, "V3", SERVICE, nodes["1号楼"])
        await unit.execute(
            text("UPDATE position SET until = :day WHERE account_id = :id"),
            {"id": gone.id, "day": local_date(process.clock.now())},
        )
        away = await staff_account(unit, "V4", "customer_manager")
        await unit.execute(text("UPDATE account SET disabled_at = app_now() WHERE id = :id"), {"id": away.id})
    assert await vacant() == {"customer_manager": 1, SERVICE: 2}


async def test_the_homes_behind_the_figures(client: AsyncClient, address: str, staffed: SignedIn) -> None:
    manager = await staffed("M1", "head_of_customer_relations")
    asked: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["1号楼-0101", "1号楼-0102", "2号楼-0101"]),
        ({"step": "STEP-4"}, ["1号楼-0102", "2号楼-0101"]),
        ({"overdue": True}, ["1号楼-0101", "1号楼-0102"]),
        ({"overdue": True, "step": "STEP-3"}, ["1号楼-0101"]),
        ({"obligation": "delivery-pack"}, ["1号楼-0101", "1号楼-0102", "2号楼-0101"]),
        ({"obligation": "delivery-pack", "overdue": True}, ["1号楼-0101", "1号楼-0102"]),
        ({"obligation": "specialist-first-contact", "overdue": True}, ["1号楼-0101"]),
        ({"obligation": "three-month-visit"}, []),
        ({"step": "'; DROP TABLE journey"}, []),
    ]
    for filters, expected in asked:
        page = await told(client, f"{address}/journeys", manager, **filters)
        assert [f"{one['building']}-{one['room']}" for one in page["items"]] == expected, filters
    [first, *_] = (await told(client, f"{address}/journeys", manager))["items"]
    assert (first["step"], first["step_name"]) == ("STEP-3", "亲密接触")
    assert [one["obligation"] for one in first["overdue"]] == ["specialist-first-contact", "delivery-pack"]
    assert first["overdue"][1]["name"] == "寄发交付资料"
    # Page by page, nothing twice and nothing left out.
    seen: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(5):
        page = await told(client, f"{address}/journeys", manager, limit=1, **cursor)
        seen += [one["home_id"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert len(seen) == len(set(seen)) == 3


async def test_each_manager_sees_their_part(
    client: AsyncClient,
    address: str,
    staffed: SignedIn,
    work: Begin,
    process: Process,
    signed_in: SignedIn,
) -> None:
    nodes = await nodes_of(work)
    building = await staffed("M2", "property_manager", nodes["2号楼"])
    board = await told(client, f"{address}/journey-board", building)
    assert (board["homes"], board["overdue"], board["within_7_days"]) == (1, [], 1)
    assert [one["room"] for one in (await told(client, f"{address}/journeys", building))["items"]] == ["0101"]
    async with work() as unit:
        elsewhere = Node(
            id=(other := new_id()),
            parent_id=nodes["上海"].path[0],
            kind="region",
            name="苏州",
            key="苏州",
            path=[nodes["上海"].path[0], other],
        )
        unit.add(elsewhere)
    callers = {
        "nobody": ({"authorization": "Bearer none"}, 401),
        "owner": (await signed_in(await account_of(process, "+8613542604684")), 403),
        "engineer": (await staffed("M3", "repair_engineer", nodes["朗润园"]), 403),
        "manager elsewhere": (await staffed("M4", "head_of_customer_relations", elsewhere), 404),
        "manager": (await staffed("M5", "head_of_customer_relations", nodes["上海"]), 200),
    }
    for who, (headers, status) in callers.items():
        for path in ("journey-board", "journeys"):
            assert (await client.get(f"{address}/{path}", headers=headers)).status_code == status, who
    manager = callers["manager"][0]
    # A region is no project, and neither is what does not exist.
    for node_id in (nodes["上海"].id, new_id()):
        for path in ("journey-board", "journeys"):
            found = await client.get(f"/v1/projects/{node_id}/{path}", headers=manager)
            assert found.status_code == 404
    for wrong in ({"cursor": "x"}, {"limit": 0}, {"step": "\0"}, {"overdue": "perhaps"}, {"step": "x" * 61}):
        refused = await client.get(f"{address}/journeys", headers=manager, params=wrong)
        assert refused.status_code == 422, wrong


async def test_a_project_without_journeys_has_an_empty_board(
    client: AsyncClient, estate: Estate, process: Process, staffed: SignedIn
) -> None:
    assert (await estate()).written
    manager = await staffed("M1", "administrator")
    board = await told(client, f"/v1/projects/{await project_of(process)}/journey-board", manager)
    assert [step["homes"] for step in board["steps"]] == [0] * 6
    assert (board["homes"], board["overdue"], board["ahead"], board["vacant"]) == (0, [], [], [])

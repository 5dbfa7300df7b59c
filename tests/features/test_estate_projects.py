"""Projects and their facts."""

from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import select

from backend.platform.process import Process
from backend.platform.tree import Node
from tests.fixtures.estate import Estate, home_row, project_of
from tests.fixtures.people import SignedIn


@pytest.fixture(autouse=True)
async def two_projects(estate: Estate) -> None:
    await estate([home_row("0101", "李欣", "13542604684")])
    await estate([home_row("0101", "郑爽", "13800138000")], project="假日风景", region="北京")


async def test_staff_see_the_projects_of_their_scope(
    client: AsyncClient, process: Process, staffed: SignedIn
) -> None:
    async with process.works.begin() as work:
        region = (await work.scalars(select(Node).where(Node.name == "北京"))).one()
        building = (await work.scalars(select(Node).where(Node.kind == "building"))).first()
    assert building is not None
    seen = {}
    for number, node in {"T1": None, "T2": region, "T3": building}.items():
        answer = await client.get("/v1/projects", headers=await staffed(number, "project_engineer", node))
        seen[number] = {project["name"] for project in answer.json()["items"]}
    assert seen["T1"] == {"朗润园", "假日风景"}
    assert seen["T2"] == {"假日风景"}
    assert len(seen["T3"]) == 1
    assert (await client.get("/v1/projects", headers=await staffed("T4"))).status_code == 403


async def test_projects_come_page_by_page(client: AsyncClient, staffed: SignedIn) -> None:
    headers = await staffed("T1", "hotline_agent")
    first = (await client.get("/v1/projects", params={"limit": 1}, headers=headers)).json()
    second = (
        await client.get("/v1/projects", params={"limit": 1, "cursor": first["next"]}, headers=headers)
    ).json()
    assert {page["items"][0]["name"] for page in (first, second)} == {"朗润园", "假日风景"}
    assert second["next"] is None


async def test_facts_are_written_against_the_state_that_was_read(
    client: AsyncClient, process: Process, staffed: SignedIn
) -> None:
    headers = await staffed("T1", "customer_manager")
    address = f"/v1/projects/{await project_of(process)}"
    read = await client.get(address, headers=headers)
    assert read.json()["region"] == "上海"
    tag = {"if-match": read.headers["etag"]}
    edit = {"hotline": "400-100-2000", "service_hours": "周一至周日 9:00-18:00"}
    written = await client.patch(address, json=edit, headers={**headers, **tag})
    assert (written.status_code, written.json()["hotline"]) == (200, "400-100-2000")
    stale = await client.patch(address, json={"hotline": "1"}, headers={**headers, **tag})
    assert (stale.status_code, stale.json()["present"]["hotline"]) == (412, "400-100-2000")
    cleared = await client.patch(address, json={"hotline": None}, headers={**headers, "if-match": "*"})
    assert (cleared.json()["hotline"], cleared.json()["service_hours"]) == (None, "周一至周日 9:00-18:00")
    wrong: tuple[Any, ...] = (
        {"hotline": "a\0"},
        {"name": "别名"},
        {"hotline": ""},
        [],
        {"hotline": "x" * 41},
    )
    for body in wrong:
        assert (
            await client.patch(address, json=body, headers={**headers, "if-match": "*"})
        ).status_code == 422
    agent = await staffed("T2", "hotline_agent")
    assert (await client.patch(address, json=edit, headers={**agent, "if-match": "*"})).status_code == 403


async def test_dates_of_a_project_follow_one_another(
    client: AsyncClient, process: Process, estate: Estate, staffed: SignedIn
) -> None:
    await estate()
    address = f"/v1/projects/{await project_of(process)}"
    headers = {**await staffed("A1", "administrator"), "if-match": "*"}
    first = {"mass_move_in_on": "2027-05-01", "mass_move_in_ends_on": "2027-05-31"}
    assert (await client.patch(address, json=first, headers=headers)).status_code == 200
    for field, wrong in (
        ("mass_move_in_ends_on", {"mass_move_in_ends_on": "2026-05-01"}),
        ("first_delivery_on", {"sales_open_on": "2028-01-01", "first_delivery_on": "2027-05-01"}),
    ):
        refused = await client.patch(address, json=wrong, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (422, "dates_reversed")
        assert refused.json()["errors"][0]["field"] == field
    held = (await client.get(address, headers=headers)).json()
    assert {name: held[name] for name in first} == first

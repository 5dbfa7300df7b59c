"""Homes: one's own by the role in the household, and staff's lists and search, masked and within their scope."""

import pytest
from httpx import AsyncClient
from sqlalchemy import select, text

from backend.core.ids import new_id
from backend.core.paging import encode_cursor
from backend.features.people.models import HouseholdMember
from backend.features.people.rules import HOUSEHOLD_ROLES
from backend.platform.process import Process
from backend.platform.tree import Node
from tests.fixtures.estate import Estate, account_of, home_row, one_id, ownership_of, project_of
from tests.fixtures.people import SignedIn, owner_account
from tests.fixtures.process import Begin

OWNER = "+8613542604684"


@pytest.fixture(autouse=True)
async def langrun(estate: Estate) -> None:
    assert (await estate()).written


async def node_named(process: Process, name: str) -> Node:
    async with process.works.begin() as work:
        return (await work.scalars(select(Node).where(Node.name == name))).one()


async def rooms(client: AsyncClient, headers: dict[str, str], process: Process, **asked: str) -> list[str]:
    """What the search finds, as building-room."""
    address = f"/v1/projects/{await project_of(process)}/homes"
    answer = await client.get(address, params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    return [f"{home['building']}-{home['room']}" for home in answer.json()["items"]]


# --- One's own -------------------------------------------------------------------------------------------------


async def test_an_owner_sees_home_dates_contract_and_how_to_reach_the_project(
    client: AsyncClient, process: Process, signed_in: SignedIn
) -> None:
    answer = await client.get("/v1/me/homes", headers=await signed_in(await account_of(process, OWNER)))
    assert answer.status_code == 200
    (home,) = answer.json()["items"]
    assert (home["building"], home["unit"], home["room"], home["role"]) == ("1号楼", "1单元", "0101", "owner")
    assert home["area"] == 87.3
    assert home["project"]["name"] == "朗润园"
    assert home["stage"] == "waiting"
    assert home["dates"]["delivery_due_on"] == "2024-06-28"
    assert home["contract_no"] == "合同-0101"


SEES = {"owner": (True, True), "family": (True, False), "tenant": (False, False)}
"""By role: dates and stage; the contract's number."""


async def test_each_role_sees_its_part(
    client: AsyncClient, process: Process, work: Begin, signed_in: SignedIn
) -> None:
    assert set(SEES) == set(HOUSEHOLD_ROLES)
    ownership_id = await ownership_of(process, "合同-0101")
    for number, (role, (dates, contract)) in enumerate(SEES.items()):
        async with work() as session:
            account = await owner_account(session, f"+861331111222{number}", "小李")
            session.add(
                HouseholdMember(
                    id=new_id(),
                    ownership_id=ownership_id,
                    account_id=account.id,
                    role=role,
                    since=process.clock.now(),
                )
            )
        headers = await signed_in(account.id)
        (home,) = (await client.get("/v1/me/homes", headers=headers)).json()["items"]
        ownership = (await client.get(f"/v1/ownerships/{ownership_id}", headers=headers)).json()
        assert home["room"] == "0101"
        for answer in (home, ownership):
            assert (answer["dates"] is not None, answer["stage"] is not None) == (dates, dates), role
            assert (answer["contract_no"] is not None) == contract, role
        assert ownership["remark"] is None


async def test_nobody_else_sees_it(client: AsyncClient, process: Process, signed_in: SignedIn) -> None:
    other = await signed_in(await account_of(process, "+8613688889999"))
    assert [home["room"] for home in (await client.get("/v1/me/homes", headers=other)).json()["items"]] == [
        "1101"
    ]
    mine = await ownership_of(process, "合同-0101")
    assert (await client.get(f"/v1/ownerships/{mine}", headers=other)).status_code == 404


async def test_an_unchanged_list_is_not_sent_again(
    client: AsyncClient, process: Process, work: Begin, signed_in: SignedIn
) -> None:
    headers = await signed_in(await account_of(process, OWNER))
    first = await client.get("/v1/me/homes", headers=headers)
    again = await client.get("/v1/me/homes", headers={**headers, "if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    async with work() as session:
        await session.execute(text("UPDATE project SET hotline = '400-100-2000'"))
    changed = await client.get("/v1/me/homes", headers={**headers, "if-none-match": first.headers["etag"]})
    assert changed.status_code == 200


async def test_somebody_without_a_home_gets_an_empty_list(
    client: AsyncClient, work: Begin, signed_in: SignedIn
) -> None:
    async with work() as session:
        account = await owner_account(session, "+8613311112222")
    assert (await client.get("/v1/me/homes", headers=await signed_in(account.id))).json() == {"items": []}


async def test_who_asks_for_what_is_not_theirs(
    client: AsyncClient, process: Process, staffed: SignedIn
) -> None:
    assert (await client.get("/v1/me/homes")).status_code == 401
    assert (await client.get("/v1/me/homes", headers=await staffed("T1", "hotline_agent"))).status_code == 403
    nobody = await staffed("T2")
    refused = await client.get(f"/v1/projects/{await project_of(process)}/homes", headers=nobody)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_in_your_role")


# --- Staff -----------------------------------------------------------------------------------------------------


async def test_homes_come_in_natural_order_page_by_page(
    client: AsyncClient, process: Process, staffed: SignedIn
) -> None:
    headers = await staffed("T1", "hotline_agent")
    address = f"/v1/projects/{await project_of(process)}/homes"
    seen: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(10):
        page = (await client.get(address, params={"limit": 2, **cursor}, headers=headers)).json()
        seen += [f"{home['building']}-{home['room']}" for home in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == ["1号楼-0101", "1号楼-0102", "1号楼-0201", "1号楼-1101", "2号楼-0101", "10号楼-0101"]


FOUND_BY = {
    "1-1-0101": ["1号楼-0101"],
    "1号楼1单元101室": ["1号楼-0101"],
    "1#0101": ["1号楼-0101"],
    "101": ["1号楼-0101", "2号楼-0101", "10号楼-0101"],
    "10号楼": ["10号楼-0101"],
    "李欣": ["1号楼-0101"],
    "欣": ["1号楼-0101"],
    "阳建": ["1号楼-0102"],
    "梁鑫": ["1号楼-0101"],
    "4684": ["1号楼-0101"],
    "135 4260 4684": ["1号楼-0101"],
    "+8613542604684": ["1号楼-0101"],
    "李欣 4684": ["1号楼-0101"],
    "李欣 9999": [],
    "%": [],
    "不存在": [],
}


async def test_search_finds_what_a_person_means(
    client: AsyncClient, process: Process, staffed: SignedIn
) -> None:
    headers = await staffed("T1", "hotline_agent")
    assert {typed: await rooms(client, headers, process, q=typed) for typed in FOUND_BY} == FOUND_BY


async def test_people_are_masked(client: AsyncClient, process: Process, staffed: SignedIn) -> None:
    address = f"/v1/projects/{await project_of(process)}/homes"
    answer = await client.get(address, params={"q": "李欣"}, headers=await staffed("T1", "hotline_agent"))
    (home,) = answer.json()["items"]
    assert [(one["name"], one["phone"]) for one in home["residents"]] == [
        ("李*", "+86 135****4684"),
        ("梁*", "+86 199****2669"),
    ]
    assert "13542604684" not in answer.text


async def test_a_renamed_person_is_found_by_the_new_name_only(
    client: AsyncClient, process: Process, work: Begin, staffed: SignedIn
) -> None:
    headers = await staffed("T1", "hotline_agent")
    async with work() as session:
        await session.execute(text("UPDATE account SET name = '李新' WHERE phone = :phone"), {"phone": OWNER})
    assert await rooms(client, headers, process, q="李新") == ["1号楼-0101"]
    assert await rooms(client, headers, process, q="李欣") == []


async def test_a_building_is_all_its_engineer_sees(
    client: AsyncClient, process: Process, staffed: SignedIn
) -> None:
    headers = await staffed("T1", "repair_engineer", await node_named(process, "2号楼"))
    assert await rooms(client, headers, process) == ["2号楼-0101"]
    assert await rooms(client, headers, process, q="101") == ["2号楼-0101"]
    elsewhere = await one_id(process, "SELECT id FROM home WHERE room = '1101'")
    assert (await client.get(f"/v1/homes/{elsewhere}", headers=headers)).status_code == 404
    here = await one_id(process, "SELECT id FROM home WHERE building = '2号楼'")
    assert (await client.get(f"/v1/homes/{here}", headers=headers)).status_code == 200


async def test_another_project_is_not_there(
    client: AsyncClient, process: Process, estate: Estate, staffed: SignedIn
) -> None:
    await estate([home_row("0101", "郑爽", "13800138000")], project="假日风景")
    headers = await staffed("T1", "customer_manager", await node_named(process, "假日风景"))
    project_id = await project_of(process)
    assert (await client.get(f"/v1/projects/{project_id}/homes", headers=headers)).status_code == 404
    assert (await client.get(f"/v1/projects/{project_id}", headers=headers)).status_code == 404
    ownership_id = await ownership_of(process, "合同-1101")
    assert (await client.get(f"/v1/ownerships/{ownership_id}", headers=headers)).status_code == 404
    assert (await client.get(f"/v1/ownerships/{ownership_id}/changes", headers=headers)).status_code == 404


async def test_a_home_shows_its_people_and_its_contract(
    client: AsyncClient, process: Process, staffed: SignedIn
) -> None:
    home_id = await one_id(process, "SELECT id FROM home WHERE room = '0102'")
    home = (await client.get(f"/v1/homes/{home_id}", headers=await staffed("T1", "hotline_agent"))).json()
    assert home["home"]["residents"][0]["name"] == "欧**"
    assert (home["current"]["stage"], home["current"]["contract_no"]) == ("delivered", "合同-0102")
    assert [one["id"] for one in home["history"]] == [home["current"]["id"]]


BAD = (
    ("q", "a\0b"),
    ("q", ""),
    ("q", "x" * 101),
    ("limit", "0"),
    ("limit", "101"),
    ("cursor", "AAAA"),
    ("cursor", encode_cursor("a\0", new_id())),
    ("cursor", "x" * 501),
)


async def test_bad_input_is_named(client: AsyncClient, process: Process, staffed: SignedIn) -> None:
    headers = await staffed("T1", "hotline_agent")
    address = f"/v1/projects/{await project_of(process)}/homes"
    for field, value in BAD:
        answer = await client.get(address, params={field: value}, headers=headers)
        assert answer.status_code == 422, value
        assert answer.json()["errors"][0]["field"] == field, value


async def test_an_id_that_is_none(client: AsyncClient, staffed: SignedIn) -> None:
    headers = await staffed("T1", "hotline_agent")
    for address in ("/v1/homes/1", "/v1/projects/x/homes", "/v1/ownerships/%00"):
        assert (await client.get(address, headers=headers)).status_code == 422
    for address in (f"/v1/homes/{new_id()}", f"/v1/projects/{new_id()}/homes", f"/v1/ownerships/{new_id()}"):
        assert (await client.get(address, headers=headers)).status_code == 404

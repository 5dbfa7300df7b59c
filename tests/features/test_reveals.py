"""Reveals: one value in clear with a reason, written down, and read by the person concerned."""

from typing import Any

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from backend.core.ids import new_id
from backend.platform.process import Process
from backend.platform.tree import Node
from tests.fixtures.estate import IDENTITY, Estate, account_of, home_row
from tests.fixtures.people import SignedIn
from tests.fixtures.process import Begin

OWNER = "+8613542604684"


@pytest.fixture(autouse=True)
async def two_homes(estate: Estate) -> None:
    await estate(
        [home_row("0101", "李欣", "13542604684", 证件号码=IDENTITY), home_row("0102", "王芳", "13688889999")]
    )


async def reveal(client: AsyncClient, process: Process, headers: dict[str, str], **asked: Any) -> Response:
    body = {
        "subject": str(await account_of(process, OWNER)),
        "field": "phone",
        "reason": "回访：确认上门时间",
    }
    return await client.post("/v1/reveals", json={**body, **asked}, headers=headers)


async def test_a_value_is_shown_and_its_owner_reads_who_looked(
    client: AsyncClient, process: Process, staffed: SignedIn, signed_in: SignedIn
) -> None:
    agent = await staffed("T1", "hotline_agent")
    values = {"phone": OWNER, "name": "李欣", "identity": IDENTITY}
    for field, value in values.items():
        shown = await reveal(client, process, agent, field=field)
        assert (shown.status_code, shown.json()["value"]) == (201, value)
    mine = await signed_in(await account_of(process, OWNER))
    listed = await client.get("/v1/me/reveals", params={"limit": 2}, headers=mine)
    rest = await client.get(
        "/v1/me/reveals", params={"limit": 2, "cursor": listed.json()["next"]}, headers=mine
    )
    looks = listed.json()["items"] + rest.json()["items"]
    assert [look["field"] for look in looks] == ["identity", "name", "phone"]
    assert {(look["role"], look["name"], look["reason"]) for look in looks} == {
        ("hotline_agent", "员**", "回访：确认上门时间")
    }
    assert OWNER not in listed.text
    assert IDENTITY not in listed.text
    other = await signed_in(await account_of(process, "+8613688889999"))
    assert (await client.get("/v1/me/reveals", headers=other)).json()["items"] == []


async def test_who_may_look_and_at_whom(
    client: AsyncClient, process: Process, estate: Estate, staffed: SignedIn, signed_in: SignedIn, work: Begin
) -> None:
    await estate([home_row("0101", "郑爽", "13800138000")], project="假日风景")
    async with work() as session:
        elsewhere = (await session.scalars(select(Node).where(Node.name == "假日风景"))).one()
    agent = await staffed("T1", "hotline_agent", elsewhere)
    assert (await reveal(client, process, agent)).status_code == 404
    assert (await reveal(client, process, await staffed("T2", "repair_engineer"))).status_code == 403
    assert (
        await reveal(client, process, await signed_in(await account_of(process, OWNER)))
    ).status_code == 403
    assert (await client.get("/v1/me/reveals", headers=agent)).json()["items"] == []
    wide = await staffed("T3", "hotline_agent")
    assert (await reveal(client, process, wide, subject=str(new_id()))).status_code == 404
    nothing = await reveal(
        client, process, wide, subject=str(await account_of(process, "+8613688889999")), field="identity"
    )
    assert (nothing.status_code, nothing.json()["code"]) == (404, "nothing_to_reveal")
    async with work() as session:
        assert await session.scalar(text("SELECT count(*) FROM reveal")) == 0


async def test_a_reveal_without_a_reason_is_none(
    client: AsyncClient, process: Process, staffed: SignedIn, work: Begin
) -> None:
    agent = await staffed("T1", "hotline_agent")
    for field, value in (
        ("reason", ""), ("reason", "x"), ("reason", "a\0b"), ("field", "password"), ("subject", "1"), ("why", "x"),
    ):  # fmt: skip
        answer = await reveal(client, process, agent, **{field: value})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    async with work() as session:
        assert await session.scalar(text("SELECT count(*) FROM reveal")) == 0


async def test_nobody_alters_what_was_written_down(
    client: AsyncClient, process: Process, staffed: SignedIn
) -> None:
    assert (await reveal(client, process, await staffed("T1", "hotline_agent"))).status_code == 201
    for statement in ("UPDATE reveal SET reason = 'other'", "DELETE FROM reveal"):
        with pytest.raises(DBAPIError, match="append only"):
            async with process.works.begin() as session:
                await session.execute(text(statement))

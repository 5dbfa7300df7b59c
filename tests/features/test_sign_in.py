"""Owners sign in by a one-time code."""

import pytest
from httpx import AsyncClient

from tests.fixtures.application import Drain
from tests.fixtures.people import code_for, owner_account
from tests.fixtures.process import Begin

PHONE = "+8613800000001"


async def ask(client: AsyncClient, phone: str = PHONE) -> int:
    return (await client.post("/v1/auth/codes", json={"phone": phone})).status_code


async def enter(client: AsyncClient, code: str, phone: str = PHONE) -> tuple[int, dict[str, object]]:
    answer = await client.post("/v1/auth/sessions", json={"phone": phone, "code": code, "device": "iPhone 17"})
    return answer.status_code, answer.json()


@pytest.fixture(autouse=True)
async def known(work: Begin) -> None:
    async with work() as session:
        await owner_account(session, PHONE, "孙建华")


async def test_a_code_from_the_mailbox_signs_in(client: AsyncClient, drain: Drain) -> None:
    assert await ask(client) == 202
    await drain()
    status, opened = await enter(client, await code_for(client, PHONE))
    assert status == 201
    me = await client.get("/v1/me", headers={"authorization": f"Bearer {opened['token']}"})
    assert me.status_code == 200
    assert me.json()["name"] == "孙建华"

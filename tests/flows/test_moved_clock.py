"""Time moves forward for a whole running system, API and worker, at once."""

import io
import re
from datetime import UTC, datetime, timedelta

import httpx
from sqlalchemy import text

from tests.fixtures.live import LiveApps
from tests.fixtures.people import SignedIn, owner_account, staff_account
from tests.fixtures.process import Begin
from tests.flows.waiting import until

PHONE, OTHER_PHONE = "+8613800000001", "+8613800000002"
SHEET = "楼栋,单元,房号,业主姓名,手机号码,签约日期\n1号楼,1单元,0101,孙建华,13800000001,2024-01-05\n"


async def move(client: httpx.AsyncClient, by: str) -> datetime:
    """Move the system; returns the API's new present, where it stands by the time it has answered."""
    answer = await client.post("/dev/clock", json={"by": by})
    assert answer.status_code == 200, answer.text
    moved = datetime.fromisoformat(answer.json()["now"])
    assert datetime.fromisoformat((await client.get("/dev/clock")).json()["now"]) >= moved
    return moved


async def code(client: httpx.AsyncClient, phone: str) -> str:
    """The code that has arrived, once it has."""

    async def arrived() -> str | None:
        kept = (await client.get("/dev/mailbox/messages", params={"address": phone})).json()["items"]
        found = re.search(r"[0-9]{6}", kept[0]["body"]) if kept else None
        return found and found[0]

    return await until(arrived)


async def test_time_moves_for_the_api_and_the_worker(
    live_app: LiveApps, work: Begin, signed_in: SignedIn
) -> None:
    live = await live_app(worker=True)
    async with httpx.AsyncClient(base_url=live.url) as client:
        await _codes_and_sessions_expire(client, work)
        await _the_worker_follows(client, work, signed_in)


async def _codes_and_sessions_expire(client: httpx.AsyncClient, work: Begin) -> None:
    async with work() as session:
        for phone in (PHONE, OTHER_PHONE):
            await owner_account(session, phone)
    entered = []
    for phone in (PHONE, OTHER_PHONE):
        assert (await client.post("/v1/auth/codes", json={"phone": phone})).status_code == 202
        entered.append({"phone": phone, "code": await code(client, phone)})
    await move(client, "PT4M")
    opened = await client.post("/v1/auth/sessions", json=entered[0])
    assert opened.status_code == 201
    await move(client, "PT1M")
    late = await client.post("/v1/auth/sessions", json=entered[1])
    assert (late.status_code, late.json()["code"]) == (401, "code_wrong")

    me = {"authorization": f"Bearer {opened.json()['token']}"}
    await move(client, "P89D")
    assert (await client.get("/v1/me", headers=me)).status_code == 200
    # That use has made it last anew, but no longer than that.
    await move(client, "P90DT1S")
    assert (await client.get("/v1/me", headers=me)).status_code == 401


async def _the_worker_follows(client: httpx.AsyncClient, work: Begin, signed_in: SignedIn) -> None:
    moved = await move(client, "P300D")
    assert moved - datetime.now(UTC) > timedelta(days=299)
    async with work() as session:
        administrator = await staff_account(session, "T1", "administrator")
    headers = await signed_in(administrator.id)
    # This test's own process has not moved with them, so the session it opens is over by then.
    async with work() as session:
        await session.execute(text("UPDATE session SET expires_at = expires_at + interval '999 days'"))
    sent = await client.post(
        "/v1/imports",
        headers=headers,
        files={"file": ("a.csv", io.BytesIO(SHEET.encode()), "text/csv")},
        data={"region": "上海", "project": "朗润园"},
    )
    assert sent.status_code == 202, sent.text
    address = f"/v1/imports/{sent.json()['id']}"

    async def in_state(state: str) -> dict[str, str] | None:
        held: dict[str, str] = (await client.get(address, headers=headers)).json()
        assert held["state"] != "refused", held
        return held if held["state"] == state else None

    await until(lambda: in_state("read"))
    committing = await client.post(f"{address}/commit", headers=headers, json={})
    assert committing.status_code == 202, committing.text
    held = await until(lambda: in_state("committed"))
    assert datetime.fromisoformat(held["committed_at"]) >= moved

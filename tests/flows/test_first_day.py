"""The first day, as the README tells it: the real `tongxing up`, its demo estate, and the people in it.

And the night after it: kill -9 of the API and of `up` itself while requests run, and the next start.
"""

import asyncio
import os
import re
import signal
import time
from functools import partial
from typing import Any

import httpx

from tests.fixtures.whole import Up, Ups
from tests.flows.waiting import until

OWNER, DAUGHTER = "13800000001", "13911112222"
SHEET = "楼栋,单元,房号,业主姓名,手机号码,签约日期\n9号楼,1单元,0901,赵敏,13655556666,2024-01-05\n"


async def sign_in(client: httpx.AsyncClient, phone: str) -> dict[str, str]:
    """As an owner does: ask for a code, read it off the mailbox page, enter it."""
    asked = await client.post("/v1/auth/codes", json={"phone": phone})
    assert asked.status_code == 202, asked.text

    async def on_the_page() -> str | None:
        page = (await client.get("/dev/mailbox")).text
        # In a row of theirs: what else was sent them, an invitation, may have come before the code.
        found = re.search(rf"86{phone}(?:(?!<tr>).)*?\b([0-9]{{6}})\b", page, re.DOTALL)
        return found and found[1]

    entered = {"phone": phone, "code": await until(on_the_page), "device": "iPhone 17"}
    opened = await client.post("/v1/auth/sessions", json=entered)
    assert opened.status_code == 201, opened.text
    assert (await client.post("/v1/auth/sessions", json=entered)).status_code == 401
    return {"authorization": f"Bearer {opened.json()['token']}"}


async def staff_sign_in(client: httpx.AsyncClient, number: str) -> dict[str, str]:
    asked = {"employee_no": number, "password": "tongxing-demo"}
    opened = await client.post("/v1/auth/staff-sessions", json=asked)
    assert opened.status_code == 201, opened.text
    return {"authorization": f"Bearer {opened.json()['token']}"}


async def test_the_first_day_and_the_night_after_it(start_up: Ups) -> None:
    up = start_up()
    for shown in (up.url, "/docs", "/dev/mailbox", OWNER, "T0001", "tongxing-demo"):
        assert shown in up.said
    async with httpx.AsyncClient(base_url=up.url, timeout=20) as client:
        owner = await sign_in(client, OWNER)
        (home,) = (await client.get("/v1/me/homes", headers=owner)).json()["items"]
        assert (home["project"]["name"], home["building"], home["role"]) == ("同行花园", "1号楼", "owner")

        daughter = await _a_daughter_moves_in(client, owner, home)
        subject = await _the_hotline_looks(client, home)
        (look,) = (await client.get("/v1/me/reveals", headers=owner)).json()["items"]
        assert (look["field"], look["role"], look["reason"]) == (
            "phone",
            "hotline_agent",
            "回访：确认上门时间",
        )
        assert subject == (await client.get("/v1/me", headers=owner)).json()["id"]

        await _one_sheet_twice_at_once(client)
    assert "Traceback" not in up.said
    assert "_away" not in up.said

    await _the_api_is_killed_and_comes_back(up)
    acknowledged = await _up_is_killed_while_she_writes(up, daughter)
    again = start_up("--no-demo")
    async with httpx.AsyncClient(base_url=again.url, timeout=10) as client:
        # Even the session is still good; the last write may have been made without its answer having left.
        held = (await client.get("/v1/me", headers=daughter)).json()["name"]
    assert held in (f"甲{acknowledged}", f"甲{acknowledged + 1}")

    since = time.monotonic()
    assert await asyncio.to_thread(again.end, signal.SIGTERM) == {}
    assert time.monotonic() - since < 10
    assert again.process.returncode == 0
    assert "Traceback" not in again.said


async def _a_daughter_moves_in(
    client: httpx.AsyncClient, owner: dict[str, str], home: dict[str, str]
) -> dict[str, str]:
    invitations = f"/v1/ownerships/{home['ownership_id']}/invitations"
    asked = {"phone": DAUGHTER, "role": "family"}
    # Pressed twice: one invitation, and the other press is told so.
    pressed = await asyncio.gather(*(client.post(invitations, json=asked, headers=owner) for _ in range(2)))
    assert sorted(one.status_code for one in pressed) == [201, 409]
    daughter = await sign_in(client, DAUGHTER)
    assert (await client.get("/v1/me/homes", headers=daughter)).json()["items"] == []
    (invited,) = (await client.get("/v1/me/invitations", headers=daughter)).json()["items"]
    accepted = await client.post(f"/v1/invitations/{invited['id']}/acceptance", headers=daughter)
    assert accepted.status_code == 201, accepted.text
    (hers,) = (await client.get("/v1/me/homes", headers=daughter)).json()["items"]
    assert (hers["id"], hers["role"], hers["contract_no"]) == (home["id"], "family", None)
    return daughter


async def _the_hotline_looks(client: httpx.AsyncClient, home: dict[str, str]) -> str:
    """Finds the home by the owner's phone, sees them masked, and is given the phone for a reason. Returns whose."""
    agent = await staff_sign_in(client, "T0002")
    projects = (await client.get("/v1/projects", headers=agent)).json()["items"]
    (garden,) = [one for one in projects if one["name"] == "同行花园"]
    found = await client.get(f"/v1/projects/{garden['id']}/homes", params={"q": OWNER}, headers=agent)
    (row,) = found.json()["items"]
    assert row["id"] == home["id"]
    assert OWNER not in found.text
    (resident,) = [one for one in row["residents"] if one["role"] == "owner"]
    asked = {"subject": resident["account_id"], "field": "phone", "reason": "回访：确认上门时间"}
    revealed = await client.post("/v1/reveals", json=asked, headers=agent)
    assert revealed.status_code == 201, revealed.text
    assert revealed.json()["value"] == f"+86{OWNER}"
    return str(resident["account_id"])


async def _one_sheet_twice_at_once(client: httpx.AsyncClient) -> None:
    """Two people hand in one sheet at the same moment: both are served, and the home is there once."""
    headers = await staff_sign_in(client, "T0001")

    async def hand_in() -> dict[str, int]:
        sent = await client.post(
            "/v1/imports",
            headers=headers,
            files={"file": ("新楼.csv", SHEET.encode(), "text/csv")},
            data={"region": "上海", "project": "新楼"},
        )
        assert sent.status_code == 202, sent.text
        address = f"/v1/imports/{sent.json()['id']}"

        async def in_state(state: str) -> dict[str, Any] | None:
            held: dict[str, Any] = (await client.get(address, headers=headers)).json()
            assert held["state"] != "refused", held
            return held if held["state"] == state else None

        await until(lambda: in_state("read"), seconds=30)
        committing = [client.post(f"{address}/commit", headers=headers, json={}) for _ in range(2)]
        assert {one.status_code for one in await asyncio.gather(*committing)} == {202}
        sums: dict[str, int] = (await until(lambda: in_state("committed"), seconds=30))["sums"]
        return sums

    sums = await asyncio.gather(hand_in(), hand_in())
    assert sorted((one["new"], one["same"]) for one in sums) == [(0, 1), (1, 0)]
    projects = (await client.get("/v1/projects", headers=headers)).json()["items"]
    (new,) = [one for one in projects if one["name"] == "新楼"]
    homes = (await client.get(f"/v1/projects/{new['id']}/homes", headers=headers)).json()["items"]
    assert [one["room"] for one in homes] == ["0901"]


async def _the_api_is_killed_and_comes_back(up: Up) -> None:
    pid = up.child("api")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    up.until_said("api was killed by SIGKILL; it starts again in")
    await until(partial(_is_replaced, up, pid))
    await until(partial(_serves, up), seconds=30)


async def _is_replaced(up: Up, before: int) -> bool | None:
    return up.child("api") not in (None, before) or None


async def _serves(up: Up) -> bool | None:
    async with httpx.AsyncClient(base_url=up.url) as client:
        try:
            return (await client.get("/readyz")).status_code == 200 or None
        except httpx.TransportError:
            return None


async def _up_is_killed_while_she_writes(up: Up, headers: dict[str, str]) -> int:
    """She changes her name again and again. Nothing of it is left; returns the last number acknowledged."""
    acknowledged = 0
    async with httpx.AsyncClient(base_url=up.url, timeout=10) as client:

        async def write() -> None:
            nonlocal acknowledged
            while True:
                wanted = {"name": f"甲{acknowledged + 1}"}
                try:
                    answer = await client.patch("/v1/me", json=wanted, headers=headers)
                except httpx.TransportError:
                    return
                assert answer.status_code == 200, answer.text
                acknowledged += 1

        async def enough() -> bool | None:
            assert not writer.done(), writer.exception()
            return acknowledged >= 20 or None

        writer = asyncio.create_task(write())
        await until(enough)
        assert await asyncio.to_thread(up.end, signal.SIGKILL) == {}
        await writer
    return acknowledged

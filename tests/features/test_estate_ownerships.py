"""Ownerships: corrected with an audit line, never against a newer state; sold on at once."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.platform.process import Process
from tests.fixtures.estate import Estate, account_of, home_row, one_id, ownership_of
from tests.fixtures.people import SignedIn
from tests.fixtures.process import Begin

OWNER = "+8613542604684"
BUYER = {
    "buyer": [{"name": "何静", "phone": "138 0013 8000"}],
    "contract_no": "转-1",
    "signed_on": "2026-01-05",
}


@pytest.fixture(autouse=True)
async def langrun(estate: Estate) -> None:
    rows = [
        home_row("0101", "李欣", "13542604684", 共有人="梁鑫", 共有人手机="19900282669"),
        home_row("0102", "王芳", "13688889999"),
    ]
    assert (await estate(rows)).written


@pytest.fixture
async def ownership_id(process: Process, langrun: None) -> UUID:
    return await ownership_of(process, "合同-0101")


@pytest.fixture
async def manager(staffed: SignedIn) -> dict[str, str]:
    return await staffed("T1", "customer_manager")


async def patch(
    client: AsyncClient, headers: dict[str, str], ownership_id: UUID, tag: str, **edit: Any
) -> Response:
    body = {"reason": "业主来电更正", **edit}
    return await client.patch(
        f"/v1/ownerships/{ownership_id}", json=body, headers={**headers, "if-match": tag}
    )


async def test_an_edit_leaves_a_line(
    client: AsyncClient, manager: dict[str, str], ownership_id: UUID
) -> None:
    read = await client.get(f"/v1/ownerships/{ownership_id}", headers=manager)
    edited = await patch(
        client, manager, ownership_id, read.headers["etag"], delivered_on="2024-06-29", remark="补登"
    )
    assert edited.status_code == 200, edited.text
    assert edited.headers["etag"] != read.headers["etag"]
    assert (edited.json()["stage"], edited.json()["dates"]["delivered_on"]) == ("delivered", "2024-06-29")
    newest, first = (await client.get(f"/v1/ownerships/{ownership_id}/changes", headers=manager)).json()[
        "items"
    ]
    assert newest["act"] == "edited"
    assert newest["before"] == {"delivered_on": None, "remark": None}
    assert newest["after"] == {"delivered_on": "2024-06-29", "remark": "补登"}
    assert newest["reason"] == "业主来电更正"
    assert newest["actor_id"] is not None
    assert (first["act"], first["after"]["contract_no"]) == ("imported", "合同-0101")


async def test_an_edit_of_nothing_leaves_none(
    client: AsyncClient, manager: dict[str, str], ownership_id: UUID
) -> None:
    same = await patch(client, manager, ownership_id, '"1"', contract_no="合同-0101")
    assert (same.status_code, same.headers["etag"]) == (200, '"1"')
    assert (
        len((await client.get(f"/v1/ownerships/{ownership_id}/changes", headers=manager)).json()["items"])
        == 1
    )


async def test_an_edit_against_an_older_state_is_refused_with_the_present_one(
    client: AsyncClient, manager: dict[str, str], ownership_id: UUID
) -> None:
    assert (await patch(client, manager, ownership_id, '"1"', remark="一")).status_code == 200
    late = await patch(client, manager, ownership_id, '"1"', remark="二")
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert late.json()["present"]["remark"] == "一"
    without = await client.patch(f"/v1/ownerships/{ownership_id}", json={"reason": "更正"}, headers=manager)
    assert (without.status_code, without.json()["code"]) == (422, "if_match_required")


async def test_of_two_edits_at_once_one_passes(
    client: AsyncClient, manager: dict[str, str], ownership_id: UUID
) -> None:
    both = await asyncio.gather(
        *(patch(client, manager, ownership_id, '"1"', remark=text) for text in "一二")
    )
    assert sorted(answer.status_code for answer in both) == [200, 412]


async def test_dates_that_cannot_be_are_named(
    client: AsyncClient, manager: dict[str, str], ownership_id: UUID
) -> None:
    wrong = await patch(
        client,
        manager,
        ownership_id,
        '"1"',
        delivered_on="2022-07-01",
        keys_on="2999-01-01",
        moved_in_on="2022-06-30",
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "dates_wrong")
    assert [(fault["field"], fault["code"]) for fault in wrong.json()["errors"]] == [
        ("delivered_on", "delivered_before_signed"),
        ("keys_on", "date_out_of_range"),
        ("moved_in_on", "moved_in_before_keys"),
    ]
    assert "2022-07-23" in wrong.json()["errors"][0]["detail"]
    for field, value in (("delivered_on", "2024-02-30"), ("remark", "a\0b"), ("reason", "x"), ("price", "1")):
        answer = await patch(client, manager, ownership_id, '"1"', **{field: value})
        assert answer.status_code == 422, field
        assert answer.json()["errors"][0]["field"] == field


async def test_the_database_holds_the_order_too(process: Process, ownership_id: UUID) -> None:
    for assignment in ("delivered_on = '2022-07-01'", "keys_on = '2022-07-22'", "moved_in_on = '2022-07-17'"):
        with pytest.raises(DBAPIError, match="in_order"):
            async with process.works.begin() as work:
                await work.execute(
                    text(f"UPDATE ownership SET {assignment} WHERE id = :id"), {"id": ownership_id}
                )


async def test_nobody_alters_the_trail(process: Process) -> None:
    for statement in ("UPDATE ownership_change SET reason = 'x'", "DELETE FROM ownership_change"):
        with pytest.raises(DBAPIError, match="append only"):
            async with process.works.begin() as work:
                await work.execute(text(statement))


async def test_a_contract_number_is_used_once(
    client: AsyncClient, manager: dict[str, str], ownership_id: UUID
) -> None:
    taken = await patch(client, manager, ownership_id, '"1"', contract_no="合同-0102")
    assert (taken.status_code, taken.json()["code"]) == (409, "contract_no_taken")


async def test_who_may_edit(
    client: AsyncClient, process: Process, staffed: SignedIn, signed_in: SignedIn, ownership_id: UUID
) -> None:
    agent = await patch(client, await staffed("T2", "hotline_agent"), ownership_id, '"1"', remark="一")
    assert (agent.status_code, agent.json()["code"]) == (403, "not_in_your_role")
    owner = await patch(
        client, await signed_in(await account_of(process, OWNER)), ownership_id, '"1"', remark="一"
    )
    assert owner.status_code == 403
    assert (await patch(client, {}, ownership_id, '"1"', remark="一")).status_code == 401


async def test_a_resale_ends_all_sight_at_once_and_keeps_the_history(
    client: AsyncClient,
    process: Process,
    manager: dict[str, str],
    signed_in: SignedIn,
    ownership_id: UUID,
) -> None:
    seller = await signed_in(await account_of(process, OWNER))
    assert len((await client.get("/v1/me/homes", headers=seller)).json()["items"]) == 1
    sold = await client.post(f"/v1/ownerships/{ownership_id}/resale", json=BUYER, headers=manager)
    assert sold.status_code == 201, sold.text
    new = sold.json()
    assert (new["contract_no"], new["stage"]) == ("转-1", "waiting")

    assert (await client.get("/v1/me/homes", headers=seller)).json()["items"] == []
    assert (await client.get(f"/v1/ownerships/{ownership_id}", headers=seller)).status_code == 404
    assert (await client.get(f"/v1/ownerships/{new['id']}", headers=seller)).status_code == 404
    buyer = await signed_in(await account_of(process, "+8613800138000"))
    (home,) = (await client.get("/v1/me/homes", headers=buyer)).json()["items"]
    assert (home["room"], home["ownership_id"]) == ("0101", new["id"])
    assert (await client.get(f"/v1/ownerships/{ownership_id}", headers=buyer)).status_code == 404

    full = (await client.get(f"/v1/homes/{new['home_id']}", headers=manager)).json()
    assert [one["id"] for one in full["history"]] == [new["id"], str(ownership_id)]
    assert full["history"][1]["stage"] == "ended"
    assert [one["name"] for one in full["home"]["residents"]] == ["何*"]
    search = f"/v1/projects/{new['project_id']}/homes"
    assert (await client.get(search, params={"q": "李欣"}, headers=manager)).json()["items"] == []
    assert len((await client.get(search, params={"q": "何静"}, headers=manager)).json()["items"]) == 1

    changes = (await client.get(f"/v1/ownerships/{ownership_id}/changes", headers=manager)).json()["items"]
    assert changes[0]["act"] == "ended"
    late = await patch(client, manager, ownership_id, "*", remark="一")
    assert (late.status_code, late.json()["code"]) == (409, "ownership_ended")


async def test_of_two_resales_at_once_one_passes(
    client: AsyncClient, process: Process, manager: dict[str, str], ownership_id: UUID
) -> None:
    bodies = [{"buyer": [{"name": "何静", "phone": f"1380013800{digit}"}]} for digit in (0, 1)]
    both = await asyncio.gather(
        *(client.post(f"/v1/ownerships/{ownership_id}/resale", json=body, headers=manager) for body in bodies)
    )
    assert sorted(answer.status_code for answer in both) == [201, 409]
    current = "SELECT o.id FROM ownership o JOIN home h ON h.id = o.home_id WHERE h.room = '0101' AND ended_on IS NULL"
    assert str(await one_id(process, current)) in {answer.json().get("id") for answer in both}


async def test_a_repeated_resale_gets_the_first_answer(
    client: AsyncClient, manager: dict[str, str], ownership_id: UUID
) -> None:
    keyed = {**manager, "idempotency-key": "resale-1"}
    first, again = [
        await client.post(f"/v1/ownerships/{ownership_id}/resale", json=BUYER, headers=keyed)
        for _ in range(2)
    ]
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()


async def test_a_resale_with_wrong_buyers_changes_nothing(
    client: AsyncClient, work: Begin, manager: dict[str, str], ownership_id: UUID
) -> None:
    address = f"/v1/ownerships/{ownership_id}/resale"
    phones = ("123", "13800138000", "+86 138 0013 8000")
    wrong = {"buyer": [{"name": "何静", "phone": phone} for phone in phones]}
    refused = await client.post(address, json=wrong, headers=manager)
    assert (refused.status_code, refused.json()["code"]) == (422, "buyers_wrong")
    assert [(fault["field"], fault["code"]) for fault in refused.json()["errors"]] == [
        ("buyer.0.phone", "phone_invalid"),
        ("buyer.2.phone", "buyer_twice"),
    ]
    bodies: tuple[dict[str, Any], ...] = ({"buyer": []}, {}, {**BUYER, "subscribed_on": "2026-02-01"})
    for body in bodies:
        assert (await client.post(address, json=body, headers=manager)).status_code == 422
    taken = await client.post(address, json={**BUYER, "contract_no": "合同-0102"}, headers=manager)
    assert (taken.status_code, taken.json()["code"]) == (409, "contract_no_taken")
    async with work() as session:
        assert await session.scalar(text("SELECT count(*) FROM ownership WHERE ended_on IS NOT NULL")) == 0
        assert (
            await session.scalar(text("SELECT count(*) FROM household_member WHERE ended_at IS NOT NULL"))
            == 0
        )

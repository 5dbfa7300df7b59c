"""A repeated request gets the first answer, and has one effect."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text

from backend.platform import idempotency
from tests.fixtures.people import SignedIn
from tests.fixtures.process import Begin, Forward

PASSWORD = "battery-staple-9"


@pytest.fixture
async def admin(staffed: SignedIn) -> dict[str, str]:
    return await staffed("A1", "administrator")


async def add(
    client: AsyncClient, header: dict[str, str], key: str | None, number: str = "T1", **more: Any
) -> Response:
    given = {"employee_no": number, "name": "张三", "password": PASSWORD, **more}
    keyed = {} if key is None else {"idempotency-key": key}
    return await client.post("/v1/staff", json=given, headers={**header, **keyed})


async def staff_there_are(work: Begin) -> int:
    async with work() as session:
        return await session.scalar(text("SELECT count(*) FROM account WHERE employee_no LIKE 'T%'")) or 0


async def test_a_repeat_gets_the_same_answer_and_has_no_effect(
    client: AsyncClient, admin: dict[str, str], work: Begin
) -> None:
    first, second = await add(client, admin, "k1"), await add(client, admin, "k1")
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert first.status_code == 201
    assert "idempotent-replay" not in first.headers
    assert second.headers["idempotent-replay"] == "true"
    assert second.headers["content-type"] == "application/json"
    assert await staff_there_are(work) == 1
    assert (await add(client, admin, None)).status_code == 409


async def test_a_repeat_gets_the_entity_tag_that_the_next_edit_needs(
    client: AsyncClient, admin: dict[str, str]
) -> None:
    [node] = (await client.get("/v1/nodes", headers=admin)).json()["items"]
    account = (await add(client, admin, None)).json()["id"]
    given = {"account": account, "role": "hotline_agent", "node": node["id"]}
    answers = [
        await client.post("/v1/positions", json=given, headers={**admin, "idempotency-key": "p"})
        for _ in "12"
    ]
    assert [answer.headers["etag"] for answer in answers] == ['"1"', '"1"']
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("change", [{"number": "T2"}, {"phone": "13800000001"}])
async def test_a_key_stands_for_one_request(
    client: AsyncClient, admin: dict[str, str], work: Begin, change: dict[str, str]
) -> None:
    assert (await add(client, admin, "k1")).status_code == 201
    refused = await add(client, admin, "k1", **change)
    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_key_reused")
    elsewhere = await client.post("/v1/me/totp", headers={**admin, "idempotency-key": "k1"})
    assert elsewhere.json()["code"] == "idempotency_key_reused"
    assert await staff_there_are(work) == 1


async def test_of_ten_repeats_at_once_one_has_the_effect_and_all_get_its_answer(
    client: AsyncClient, admin: dict[str, str], work: Begin
) -> None:
    answers = await asyncio.gather(*(add(client, admin, "k1") for _ in range(10)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert Counter("idempotent-replay" in answer.headers for answer in answers) == {True: 9, False: 1}
    assert await staff_there_are(work) == 1


async def test_a_refused_request_leaves_its_key_free(
    client: AsyncClient, admin: dict[str, str], work: Begin
) -> None:
    assert (await add(client, admin, "k1", password="short")).status_code == 422
    assert (await add(client, admin, "k1")).status_code == 201
    assert (await add(client, admin, "k2")).status_code == 409
    assert (await add(client, admin, "k2", number="T2")).status_code == 201
    assert await staff_there_are(work) == 2


async def test_a_key_belongs_to_its_account(
    client: AsyncClient, admin: dict[str, str], staffed: SignedIn, work: Begin
) -> None:
    other = await staffed("A2", "administrator")
    assert (await add(client, admin, "k1")).status_code == 201
    answer = await add(client, other, "k1", number="T2")
    assert answer.status_code == 201
    assert "idempotent-replay" not in answer.headers


async def test_whoever_has_lost_the_right_gets_no_kept_answer_without_a_session(
    client: AsyncClient, admin: dict[str, str]
) -> None:
    assert (await add(client, admin, "k1")).status_code == 201
    assert (await client.delete("/v1/me/sessions", headers=admin)).status_code == 204
    assert (await add(client, admin, "k1")).status_code == 401


async def test_a_key_that_is_none_is_refused(
    client: AsyncClient, admin: dict[str, str], subtests: pytest.Subtests
) -> None:
    headers = [(name.encode(), value.encode()) for name, value in admin.items()]
    for key in (b"", b"a b", b"a\tb", b"a" * 101, b"\xe5\xad\x99", b"\x7f"):
        with subtests.test(key=key):
            answer = await client.post(
                "/v1/staff",
                json={"employee_no": "T1", "name": "张三", "password": PASSWORD},
                headers=[*headers, (b"idempotency-key", key)],
            )
            assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_invalid")
            assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


async def test_a_kept_answer_is_sealed_and_forgotten_after_a_day(
    client: AsyncClient, admin: dict[str, str], work: Begin, forward: Forward
) -> None:
    secret = (await client.post("/v1/me/totp", headers={**admin, "idempotency-key": "k1"})).json()["secret"]
    for hours, left in ((23, 1), (2, 0)):
        async with work() as session:
            rows = (await session.execute(text("SELECT body, k::text AS whole FROM idempotency_key k"))).all()
        assert all(secret.encode() not in row.body and secret not in row.whole for row in rows)
        await forward(timedelta(hours=hours))
        async with work() as session:
            await idempotency.forget_old(session)
            assert await session.scalar(text("SELECT count(*) FROM idempotency_key")) == left

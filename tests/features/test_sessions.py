"""Sessions: opaque tokens that slide, end, and are revoked on every node at once; and one's own account."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import text, update

from backend.app import create_app
from backend.core.config import Settings
from backend.features.people.models import Account
from backend.platform.process import Process
from tests.fixtures.estate import Estate, account_of
from tests.fixtures.people import SignedIn, owner_account, staff_account
from tests.fixtures.process import Begin, Forward

PHONE = "+8613800000001"


@pytest.fixture
async def owner(work: Begin) -> UUID:
    async with work() as session:
        return (await owner_account(session, PHONE, "孙建华")).id


async def status(client: AsyncClient, header: dict[str, str]) -> int:
    answer = await client.get("/v1/me", headers=header)
    assert answer.status_code in {200, 401}
    return answer.status_code


async def test_a_token_is_opaque_and_only_its_digest_is_kept(
    client: AsyncClient, owner: UUID, signed_in: SignedIn, work: Begin
) -> None:
    header = await signed_in(owner)
    token = header["authorization"].removeprefix("Bearer ")
    assert len(token) >= 43
    async with work() as session:
        [row] = (await session.execute(text("SELECT token_digest, s::text AS whole FROM session s"))).all()
    assert row.token_digest == hashlib.sha256(token.encode()).digest()
    assert token not in row.whole
    assert await status(client, header) == 200


NO_TOKENS = [
    b"",
    b"Bearer",
    b"Bearer ",
    b"Bearer x",
    b"Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
    b"Bearer " + b"a" * 10_240,
    b"Bearer \xe5\xad\x99\xe5\xbb\xba",
    b"Bearer a b",
    b"Basic dTpw",
    b"Digest x",
    b"\xff\xfe",
    b"Bearer " + b"A" * 43,
]


async def test_a_token_of_another_kind_opens_nothing(client: AsyncClient, subtests: pytest.Subtests) -> None:
    for authorization in NO_TOKENS:
        with subtests.test(authorization=authorization[:40]):
            answer = await client.get("/v1/me", headers=[(b"authorization", authorization)])
            assert answer.status_code == 401
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.json()["code"] == "not_signed_in"


async def test_a_session_slides_with_use_and_ends_without_it(
    client: AsyncClient, owner: UUID, signed_in: SignedIn, forward: Forward, settings: Settings, work: Begin
) -> None:
    header = await signed_in(owner)
    life = timedelta(days=settings.session_days)
    await forward(life * 0.9)
    assert await status(client, header) == 200
    deadline = time.monotonic() + 5
    while True:
        async with work() as session:
            if await session.scalar(
                text("SELECT expires_at > now() + make_interval(days => 100) FROM session")
            ):
                break
        assert time.monotonic() < deadline, "the use was not noted"
        await asyncio.sleep(0.02)
    await forward(life * 0.9)
    assert await status(client, header) == 200
    await forward(life * 1.01)
    assert await status(client, header) == 401


async def test_a_cached_session_ends_on_time(
    client: AsyncClient, owner: UUID, signed_in: SignedIn, forward: Forward, settings: Settings
) -> None:
    header = await signed_in(owner)
    assert await status(client, header) == 200
    await forward(timedelta(days=settings.session_days))
    assert await status(client, header) == 401


async def test_one_lists_ones_devices_and_signs_one_out(
    client: AsyncClient, owner: UUID, signed_in: SignedIn, work: Begin
) -> None:
    phone, tablet = await signed_in(owner), await signed_in(owner)
    async with work() as session:
        stranger = (await owner_account(session, "+8613800000003")).id
    strange = await signed_in(stranger)
    assert await status(client, tablet) == 200
    items = (await client.get("/v1/me/sessions", headers=phone)).json()["items"]
    assert [item["current"] for item in items] == [False, True]
    assert {item["device"] for item in items} == {"test"}
    address = f"/v1/me/sessions/{items[0]['id']}"
    assert (await client.delete(address, headers=strange)).status_code == 404
    assert (await client.delete(address, headers=phone)).status_code == 204
    assert (await client.delete(address, headers=phone)).status_code == 404
    assert [await status(client, header) for header in (phone, tablet, strange)] == [200, 401, 200]


async def test_signing_out_everywhere_ends_this_session_too_and_nobody_elses(
    client: AsyncClient, owner: UUID, signed_in: SignedIn, work: Begin
) -> None:
    async with work() as session:
        stranger = (await owner_account(session, "+8613800000003")).id
    headers = [await signed_in(owner), await signed_in(owner), await signed_in(stranger)]
    assert [await status(client, header) for header in headers] == [200, 200, 200]
    assert (await client.delete("/v1/me/sessions", headers=headers[0])).status_code == 204
    assert [await status(client, header) for header in headers] == [401, 401, 200]


async def test_a_disabled_employee_is_signed_out_and_stays_so_when_enabled_again(
    client: AsyncClient, signed_in: SignedIn, staffed: SignedIn, work: Begin
) -> None:
    admin = await staffed("A1", "administrator")
    async with work() as session:
        employee = (await staff_account(session, "T1")).id
    header = await signed_in(employee)
    assert await status(client, header) == 200
    for disabled in (True, False):
        answer = await client.patch(f"/v1/staff/{employee}", json={"disabled": disabled}, headers=admin)
        assert (answer.status_code, answer.json()["disabled"]) == (200, disabled)
        assert await status(client, header) == 401


async def test_an_owner_disabled_in_the_database_is_out_within_the_life_of_the_cache(
    client: AsyncClient, owner: UUID, signed_in: SignedIn, work: Begin
) -> None:
    header = await signed_in(owner)
    async with work() as session:
        await session.execute(update(Account).values(disabled_at=text("app_now()")))
    assert await status(client, header) == 401


@pytest.fixture
async def other_node(settings: Settings) -> AsyncIterator[AsyncClient]:
    """A second API over the same database."""
    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://other.test") as client,
    ):
        deadline = time.monotonic() + 10
        while not app.state.process.signals.connected:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
        yield client


async def test_a_session_revoked_on_one_node_is_refused_on_the_other_within_a_moment(
    client: AsyncClient, other_node: AsyncClient, owner: UUID, signed_in: SignedIn
) -> None:
    header = await signed_in(owner)
    assert [await status(client, header), await status(other_node, header)] == [200, 200]
    assert (await client.delete("/v1/me/sessions", headers=header)).status_code == 204
    assert await status(client, header) == 401
    # Far less than the cache would hold it.
    deadline = time.monotonic() + 2
    while await status(other_node, header) == 200:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


# --- One's own account -----------------------------------------------------------------------------------------


async def test_one_reads_and_edits_ones_own_account(
    client: AsyncClient, owner: UUID, signed_in: SignedIn
) -> None:
    me = await signed_in(owner)
    read = (await client.get("/v1/me", headers=me)).json()
    assert read == {
        "id": str(owner), "kind": "owner", "name": "孙建华", "phone": PHONE, "employee_no": None, "locale": "zh-CN",
        "positions": [], "totp": None,
    }  # fmt: skip
    edited = await client.patch("/v1/me", json={"name": " 孙建国 ", "locale": "en"}, headers=me)
    assert (edited.status_code, edited.json()["name"], edited.json()["locale"]) == (200, "孙建国", "en")
    for body, code in (
        ({}, "nothing_to_change"),
        ({"nmae": "x"}, "fields_invalid"),
        ({"phone": "13800000002"}, "fields_invalid"),
        ({"locale": "de"}, "fields_invalid"),
        ({"name": "  "}, "fields_invalid"),
    ):
        refused = await client.patch("/v1/me", json=body, headers=me)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert (await client.get("/v1/me", headers=me)).json()["name"] == "孙建国"


async def test_two_edits_of_ones_account_at_once_both_pass(
    client: AsyncClient, owner: UUID, signed_in: SignedIn
) -> None:
    me = await signed_in(owner)
    answers = await asyncio.gather(
        *(client.patch("/v1/me", json={"name": f"名{n}"}, headers=me) for n in range(8))
    )
    assert {answer.status_code for answer in answers} == {200}


async def test_the_name_of_a_contract_or_of_an_employee_stays(
    client: AsyncClient, estate: Estate, process: Process, signed_in: SignedIn, staffed: SignedIn
) -> None:
    await estate()
    buyer = await signed_in(await account_of(process, "+8613542604684"))
    for header in (buyer, await staffed("T1")):
        name = (await client.get("/v1/me", headers=header)).json()["name"]
        refused = await client.patch("/v1/me", json={"name": "别人"}, headers=header)
        assert (refused.status_code, refused.json()["code"]) == (409, "name_from_contract")
        assert refused.json()["errors"][0]["field"] == "name"
        same = await client.patch("/v1/me", json={"name": name, "locale": "zh-TW"}, headers=header)
        assert (same.status_code, same.json()["locale"]) == (200, "zh-TW")

"""Owners sign in by a one-time code: five minutes, five tries, one use, the newest only; and how often one may ask."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import text, update

from backend.app import create_app
from backend.core.config import Settings
from backend.features.people.housekeeping import forget_codes
from backend.features.people.models import Account
from backend.features.people.rules import CODE_LIFE, CODES_PER_ADDRESS, CODES_PER_PHONE, TRIES_PER_ADDRESS
from backend.platform.process import Process
from tests.fixtures.application import Drain
from tests.fixtures.people import code_for, owner_account
from tests.fixtures.process import Begin, Forward

PHONE = "+8613800000001"
STRANGER = "+8613900000009"

NewCode = Callable[[], Awaitable[str]]


async def ask(client: AsyncClient, phone: str = PHONE) -> Response:
    return await client.post("/v1/auth/codes", json={"phone": phone})


async def enter(client: AsyncClient, code: str, phone: str = PHONE) -> Response:
    return await client.post("/v1/auth/sessions", json={"phone": phone, "code": code, "device": "iPhone 17"})


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


@pytest.fixture(autouse=True)
async def known(work: Begin) -> None:
    async with work() as session:
        await owner_account(session, PHONE, "孙建华")


@pytest.fixture
def new_code(client: AsyncClient, process: Process, drain: Drain) -> NewCode:
    """`await new_code()` asks for a code, however many were asked for before, and reads it off the mailbox."""

    async def get() -> str:
        await process.valkey.flushdb()
        assert (await ask(client)).status_code == 202
        await drain()
        return await code_for(client, PHONE)

    return get


async def test_a_code_from_the_mailbox_signs_in(client: AsyncClient, new_code: NewCode) -> None:
    answer = await enter(client, await new_code())
    assert answer.status_code == 201
    me = await client.get("/v1/me", headers={"authorization": f"Bearer {answer.json()['token']}"})
    assert me.status_code == 200
    assert me.json()["name"] == "孙建华"


async def test_a_known_and_an_unknown_phone_are_answered_byte_for_byte_alike(
    client: AsyncClient, drain: Drain, work: Begin
) -> None:
    to_known, to_unknown = await ask(client), await ask(client, STRANGER)
    assert (to_known.status_code, to_known.content) == (to_unknown.status_code, to_unknown.content)
    assert to_known.status_code == 202
    changing = {"x-request-id"}
    assert {k: v for k, v in to_known.headers.items() if k not in changing} == {
        k: v for k, v in to_unknown.headers.items() if k not in changing
    }
    await drain()
    async with work() as session:
        assert (await session.scalars(text("SELECT DISTINCT address FROM mailbox_message"))).all() == [PHONE]


async def test_a_disabled_owner_gets_no_code(client: AsyncClient, drain: Drain, work: Begin) -> None:
    async with work() as session:
        await session.execute(update(Account).values(disabled_at=text("app_now()")))
    assert (await ask(client)).status_code == 202
    await drain()
    async with work() as session:
        assert await session.scalar(text("SELECT count(*) FROM mailbox_message")) == 0


async def test_another_spelling_of_a_phone_is_the_same_phone(client: AsyncClient, new_code: NewCode) -> None:
    for spelled in ("13800000001", "0086 138-0000-0001", "（+86）１３８ 0000 0001"):
        assert (await enter(client, await new_code(), spelled)).status_code == 201


NO_PHONES: dict[str, list[Any]] = {
    "string_too_short": ["", "   "],
    "string_too_long": ["1" * 41],
    "phone_invalid": [
        "12345",
        "010-12345678",
        "4008001234",
        "abcdefg",
        "138 0000 0BUG",
        "孙建华的电话",
        "+++",
    ],
    "control_character": ["13800000001\x00", "138\u202e00000001", "138\n00000001"],
    "string_type": [13800000001, None, ["13800000001"]],
    "string_unicode": ["1380000000\ud800"],
}


async def test_what_is_no_phone_is_refused_by_field(client: AsyncClient, work: Begin) -> None:
    for path, more in (("/v1/auth/codes", {}), ("/v1/auth/sessions", {"code": "123456"})):
        for code, spelled in NO_PHONES.items():
            for given in spelled:
                answer = await client.post(
                    path,
                    content=json.dumps({"phone": given, **more}),
                    headers={"content-type": "application/json"},
                )
                assert answer.status_code == 422
                assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [("phone", code)], given
    async with work() as session:
        assert await session.scalar(text("SELECT count(*) FROM one_time_code")) == 0


async def test_what_is_no_code_is_refused_by_field(client: AsyncClient) -> None:
    for given in ("12345", "1234567", "12345a", "１２３４５６", "12345\n", "-12345", "", 123456):
        answer = await client.post("/v1/auth/sessions", json={"phone": PHONE, "code": given})
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == ["code"], given


async def test_a_code_lives_five_minutes(client: AsyncClient, new_code: NewCode, forward: Forward) -> None:
    code = await new_code()
    await forward(CODE_LIFE - timedelta(seconds=20))
    assert (await enter(client, code)).status_code == 201
    late = await new_code()
    await forward(CODE_LIFE)
    answer = await enter(client, late)
    assert (answer.status_code, answer.json()["code"]) == (401, "code_wrong")


async def test_a_code_works_once(client: AsyncClient, new_code: NewCode) -> None:
    code = await new_code()
    assert (await enter(client, code)).status_code == 201
    assert (await enter(client, code)).status_code == 401


async def test_only_the_newest_code_works(client: AsyncClient, new_code: NewCode) -> None:
    old, new = await new_code(), await new_code()
    if old != new:
        assert (await enter(client, old)).status_code == 401
    assert (await enter(client, new)).status_code == 201


async def test_a_code_is_for_its_own_phone(client: AsyncClient, new_code: NewCode, work: Begin) -> None:
    async with work() as session:
        await owner_account(session, STRANGER)
    assert (await ask(client, STRANGER)).status_code == 202
    assert (await enter(client, await new_code(), STRANGER)).status_code == 401


async def test_five_wrong_tries_use_a_code_up_and_each_is_counted_though_refused(
    client: AsyncClient, new_code: NewCode, work: Begin
) -> None:
    code = await new_code()
    for tried in range(1, 6):
        assert (await enter(client, wrong(code))).status_code == 401
        async with work() as session:
            assert await session.scalar(text("SELECT tries FROM one_time_code")) == tried
    assert (await enter(client, code)).status_code == 401


async def test_the_fifth_try_may_be_the_right_one(client: AsyncClient, new_code: NewCode) -> None:
    code = await new_code()
    for _ in range(4):
        await enter(client, wrong(code))
    assert (await enter(client, code)).status_code == 201


async def test_of_a_thousand_tries_at_once_five_are_looked_at(
    app: FastAPI, client: AsyncClient, new_code: NewCode, work: Begin
) -> None:
    code = await new_code()
    wrongs = [number for n in range(1001) if (number := f"{n:06}") != code]
    async with AsyncClient(
        transport=ASGITransport(app, client=("10.0.0.9", 1)), base_url="http://t.test"
    ) as other:
        answers = await asyncio.gather(*(enter(client, number) for number in wrongs))
        assert Counter(answer.status_code for answer in answers).keys() <= {401, 429}
        async with work() as session:
            assert await session.scalar(text("SELECT tries FROM one_time_code")) == 5
        # From an address that has tried nothing yet, so that only the code's own count stands in the way.
        assert (await enter(other, code)).status_code == 401
    async with work() as session:
        assert await session.scalar(text("SELECT count(*) FROM session")) == 0


async def test_two_simultaneous_sign_ins_with_the_right_code_open_one_session(
    client: AsyncClient, new_code: NewCode, work: Begin
) -> None:
    code = await new_code()
    answers = await asyncio.gather(*(enter(client, code) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 401, 401, 401, 401]
    async with work() as session:
        assert await session.scalar(text("SELECT count(*) FROM session")) == 1


# --- How often -------------------------------------------------------------------------------------------------


def is_refused(answer: Response, code: str) -> bool:
    retry = int(answer.headers.get("retry-after", 0))
    return answer.status_code == 429 and answer.json()["code"] == code and retry > 0


async def test_one_phone_is_sent_a_code_every_half_minute_at_most(client: AsyncClient) -> None:
    assert (await ask(client)).status_code == 202
    refused = await ask(client, "138 0000 0001")
    assert is_refused(refused, "codes_too_many")
    assert int(refused.headers["retry-after"]) <= 30
    assert (await ask(client, STRANGER)).status_code == 202


async def test_one_address_asks_for_so_many_codes_and_another_is_not_in_its_way(
    app: FastAPI, client: AsyncClient
) -> None:
    most = CODES_PER_ADDRESS[0].count
    answers = [await ask(client, f"+86138000{n:05}") for n in range(100, 100 + most + 1)]
    assert [answer.status_code for answer in answers[:-1]] == [202] * most
    assert is_refused(answers[-1], "codes_too_many")
    async with AsyncClient(
        transport=ASGITransport(app, client=("10.0.0.9", 1)), base_url="http://t.test"
    ) as other:
        assert (await ask(other, STRANGER)).status_code == 202


async def test_one_address_tries_so_many_codes_whatever_phones_they_are_for(client: AsyncClient) -> None:
    most = TRIES_PER_ADDRESS.count
    answers = await asyncio.gather(
        *(enter(client, "000000", f"+86138000{n:05}") for n in range(100, 105 + most))
    )
    assert Counter(answer.status_code for answer in answers) == {401: most, 429: 5}
    assert all(is_refused(answer, "tries_too_many") for answer in answers if answer.status_code == 429)


@pytest.fixture
async def without_valkey(settings: Settings) -> AsyncIterator[AsyncClient]:
    """The API over a Valkey that is not there."""
    away = settings.model_copy(update={"valkey_url": "unix:///nowhere/valkey.sock?db=0"})
    app = create_app(away)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://t.test") as client,
    ):
        yield client


async def test_without_valkey_codes_are_still_sent_and_still_limited_even_at_once(
    without_valkey: AsyncClient, work: Begin
) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    answers = await asyncio.gather(*(ask(without_valkey) for _ in range(20)))
    assert Counter(answer.status_code for answer in answers) == {202: CODES_PER_PHONE[0].count, 429: 19}
    assert all(is_refused(answer, "codes_too_many") for answer in answers if answer.status_code == 429)
    assert loop.time() - began < 3
    async with work() as session:
        assert await session.scalar(text("SELECT count(*) FROM one_time_code")) == 1


async def test_without_valkey_each_longer_limit_holds_too(without_valkey: AsyncClient, work: Begin) -> None:
    async with work() as session:
        for minutes in range(1, 6):
            await session.execute(
                text(
                    "INSERT INTO one_time_code (id, phone, digest, address, expires_at, created_at)"
                    " VALUES (gen_random_uuid(), :phone, '', '10.1.1.1', now(), now() - make_interval(mins => :ago))"
                ),
                {"phone": PHONE, "ago": minutes * 5},
            )
    assert is_refused(await ask(without_valkey), "codes_too_many")
    answers = await asyncio.gather(*(ask(without_valkey, f"+86138000{n:05}") for n in range(100, 135)))
    assert Counter(answer.status_code for answer in answers) == {202: CODES_PER_ADDRESS[0].count, 429: 5}


async def test_without_valkey_signing_in_works(without_valkey: AsyncClient, drain: Drain) -> None:
    assert (await ask(without_valkey)).status_code == 202
    await drain()
    assert (await enter(without_valkey, await code_for(without_valkey, PHONE))).status_code == 201


# --- Secrets ---------------------------------------------------------------------------------------------------


async def everything_in(session: Any, besides: set[str]) -> str:
    """Every row of every table as text, in clear and as hexadecimal digits for bytes."""
    tables = (
        await session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
    ).all()
    rows = [
        row
        for table in tables
        if table not in besides
        for row in (await session.scalars(text(f'SELECT t::text FROM "{table}" t'))).all()
    ]
    return "\n".join(rows)


async def test_neither_code_nor_token_stands_in_clear_in_any_table_or_in_what_is_printed(
    client: AsyncClient, work: Begin, drain: Drain, capfd: pytest.CaptureFixture[str]
) -> None:
    assert (await ask(client)).status_code == 202
    async with work() as session:
        before = await everything_in(session, set())
        sealed = await session.scalar(text("SELECT payload ->> 'sealed' FROM outbox"))
    await drain()
    code = await code_for(client, PHONE)
    token = (await enter(client, code)).json()["token"]
    async with work() as session:
        # The development mailbox stands for the phone itself.
        after = await everything_in(session, {"mailbox_message"})
    printed = "".join(capfd.readouterr())
    for secret in (code, token):
        for form in (secret, secret.encode().hex()):
            whole = re.compile(rf"(?<![0-9a-zA-Z]){re.escape(form)}(?![0-9a-zA-Z])")
            assert not whole.search(before + after)
            assert form not in printed
    assert PHONE not in printed
    assert PHONE.encode().hex() not in sealed


async def test_a_code_is_forgotten_once_it_counts_towards_no_limit(
    work: Begin, new_code: NewCode, forward: Forward
) -> None:
    await new_code()
    for days, left in ((1, 1), (1, 0)):
        await forward(timedelta(days=days, minutes=1))
        async with work() as session:
            await forget_codes(session)
            assert await session.scalar(text("SELECT count(*) FROM one_time_code")) == left

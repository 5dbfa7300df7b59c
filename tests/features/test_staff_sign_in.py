"""Employees sign in by number and password, with an authenticator when they have one; guessing is slow."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import text, update

from backend.features.people.models import Account
from backend.features.people.service import passwords
from backend.features.people.service import staff_sign_in as verbs
from backend.platform.process import Process
from tests.fixtures.people import PASSWORD, SHIPPED_HASHER, staff_account
from tests.fixtures.process import Begin, Forward

WRONG = "wrong-horse-8"

SignIn = Callable[..., Awaitable[Response]]


async def sign_in(client: AsyncClient, password: str = PASSWORD, number: str = "T1", **more: str) -> Response:
    given = {"employee_no": number, "password": password, **more}
    return await client.post("/v1/auth/staff-sessions", json=given)


def header(answer: Response) -> dict[str, str]:
    assert answer.status_code == 201, answer.text
    return {"authorization": f"Bearer {answer.json()['token']}"}


def elsewhere(app: FastAPI, address: str) -> AsyncClient:
    return AsyncClient(transport=ASGITransport(app, client=(address, 1)), base_url="http://tongxing.test")


@pytest.fixture(autouse=True)
async def employee(work: Begin) -> None:
    async with work() as session:
        await staff_account(session, "T1")


async def test_the_right_password_signs_in_whatever_the_case_of_the_number(client: AsyncClient) -> None:
    for number in ("T1", "t1"):
        answer = await sign_in(client, number=number)
        me = (await client.get("/v1/me", headers=header(answer))).json()
        assert (me["employee_no"], me["kind"], me["totp"], me["positions"]) == ("T1", "staff", False, [])


async def test_wrong_unknown_and_disabled_are_answered_alike(client: AsyncClient, work: Begin) -> None:
    async with work() as session:
        gone = await staff_account(session, "T2")
        await session.execute(
            update(Account).where(Account.id == gone.id).values(disabled_at=text("app_now()"))
        )
    answers = [
        await sign_in(client, WRONG),
        await sign_in(client, number="T9"),
        await sign_in(client, number="T2"),
    ]
    told = []
    for answer in answers:
        assert answer.status_code == 401
        body = answer.json()
        told.append({**body, "instance": ""})
    assert told[0] == told[1] == told[2]
    assert told[0]["code"] == "credentials_wrong"


# --- The authenticator -----------------------------------------------------------------------------------------


class Authenticator:
    """The employee's phone: shows the code of the system's present moment, or of a step beside it."""

    def __init__(self, process: Process, secret: str) -> None:
        self._process, self._totp = process, pyotp.TOTP(secret)

    def code(self, step: int = 0) -> str:
        return self._totp.at(self._process.clock.now() + timedelta(seconds=30 * step))


@pytest.fixture
async def enrolled(
    client: AsyncClient, process: Process, forward: Forward
) -> tuple[Authenticator, list[str]]:
    """The employee's authenticator, in force and not used within this step, and their recovery codes."""
    me = header(await sign_in(client))
    begun = (await client.post("/v1/me/totp", headers=me)).json()
    assert begun["secret"] in begun["address"]
    phone = Authenticator(process, begun["secret"])
    # Not in force before it is confirmed.
    assert (await sign_in(client)).status_code == 201
    confirmed = await client.post("/v1/me/totp/confirmation", json={"code": phone.code()}, headers=me)
    assert confirmed.status_code == 201
    assert (await client.get("/v1/me", headers=me)).json()["totp"] is True
    await forward(timedelta(seconds=90))
    return phone, confirmed.json()["codes"]


Enrolled = tuple[Authenticator, list[str]]


async def test_once_confirmed_the_authenticator_is_asked_for(client: AsyncClient, enrolled: Enrolled) -> None:
    phone, _codes = enrolled
    answer = await sign_in(client)
    assert (answer.status_code, answer.json()["code"]) == (401, "totp_required")
    assert answer.json()["errors"][0]["field"] == "totp"
    assert (await sign_in(client, totp="000000")).json()["code"] == "credentials_wrong"
    assert (await sign_in(client, totp=phone.code())).status_code == 201


async def test_a_code_of_the_authenticator_works_once(client: AsyncClient, enrolled: Enrolled) -> None:
    code = enrolled[0].code()
    assert (await sign_in(client, totp=code)).status_code == 201
    assert (await sign_in(client, totp=code)).status_code == 401


async def test_of_two_sign_ins_with_one_code_of_the_authenticator_at_once_one_passes(
    client: AsyncClient, enrolled: Enrolled
) -> None:
    code = enrolled[0].code()
    answers = await asyncio.gather(*(sign_in(client, totp=code) for _ in range(4)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 401: 3}


@pytest.mark.parametrize(("step", "status"), [(-2, 401), (-1, 201), (0, 201), (1, 201), (2, 401)])
async def test_a_phone_may_be_one_step_off(
    client: AsyncClient, enrolled: Enrolled, process: Process, forward: Forward, step: int, status: int
) -> None:
    # To the middle of a step, so that the step does not end while we ask.
    await forward(timedelta(seconds=45 - process.clock.now().timestamp() % 30))
    assert (await sign_in(client, totp=enrolled[0].code(step))).status_code == status


async def test_a_recovery_code_stands_in_once(client: AsyncClient, enrolled: Enrolled) -> None:
    _phone, codes = enrolled
    assert len(set(codes)) == 10
    assert (await sign_in(client, totp=codes[0].lower())).status_code == 201
    assert (await sign_in(client, totp=codes[0])).status_code == 401
    answers = await asyncio.gather(*(sign_in(client, totp=codes[1]) for _ in range(3)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 401: 2}


async def test_the_authenticator_goes_off_with_the_password_and_its_recovery_codes_with_it(
    client: AsyncClient, enrolled: Enrolled
) -> None:
    phone, _codes = enrolled
    me = header(await sign_in(client, totp=phone.code()))
    again = await client.post("/v1/me/totp", headers=me)
    assert (again.status_code, again.json()["code"]) == (409, "totp_already_on")
    wrong = await client.post("/v1/me/totp/removal", json={"password": WRONG}, headers=me)
    assert (wrong.status_code, wrong.json()["code"]) == (403, "password_wrong")
    assert (
        await client.post("/v1/me/totp/removal", json={"password": PASSWORD}, headers=me)
    ).status_code == 204
    assert (await sign_in(client)).status_code == 201
    none = await client.post("/v1/me/totp/confirmation", json={"code": "000000"}, headers=me)
    assert (none.status_code, none.json()["code"]) == (409, "totp_not_enrolled")
    begun = (await client.post("/v1/me/totp", headers=me)).json()
    wrong = await client.post("/v1/me/totp/confirmation", json={"code": "000000"}, headers=me)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "totp_wrong")
    assert begun["secret"]


async def test_neither_secret_nor_recovery_code_nor_password_is_readable_in_the_database(
    client: AsyncClient, enrolled: Enrolled, work: Begin
) -> None:
    async with work() as session:
        rows = [
            *(await session.scalars(text("SELECT t::text FROM staff_credential t"))).all(),
            *(await session.scalars(text("SELECT t::text FROM recovery_code t"))).all(),
        ]
    secret = enrolled[0]._totp.secret
    for value in (secret, PASSWORD, *enrolled[1]):
        assert all(value not in row and value.encode().hex() not in row for row in rows)


# --- The lockout -----------------------------------------------------------------------------------------------


def is_locked(answer: Response) -> bool:
    return answer.status_code == 429 and answer.json()["code"] == "locked_for_now"


async def test_five_failures_lock_the_address_out_for_a_minute_and_each_further_one_for_twice_as_long(
    client: AsyncClient, forward: Forward
) -> None:
    for _ in range(5):
        assert (await sign_in(client, WRONG)).status_code == 401
    for minutes in (1, 2, 4):
        refused = await sign_in(client)
        assert is_locked(refused)
        assert minutes * 60 - 20 <= int(refused.headers["retry-after"]) <= minutes * 60
        await forward(timedelta(minutes=minutes))
        assert (await sign_in(client, WRONG)).status_code == 401
    await forward(timedelta(minutes=8))
    assert (await sign_in(client)).status_code == 201
    # A success begins the count anew.
    for _ in range(4):
        await sign_in(client, WRONG)
    assert (await sign_in(client)).status_code == 201


async def test_attempts_while_locked_out_do_not_lengthen_it(
    client: AsyncClient, forward: Forward, work: Begin
) -> None:
    for _ in range(5):
        await sign_in(client, WRONG)
    await forward(timedelta(seconds=40))
    for _ in range(10):
        assert is_locked(await sign_in(client, WRONG))
    await forward(timedelta(seconds=20))
    assert (await sign_in(client)).status_code == 201
    async with work() as session:
        assert await session.scalar(text("SELECT count(*) FROM sign_in_attempt")) == 6


async def test_an_unknown_number_is_locked_out_alike(client: AsyncClient) -> None:
    for _ in range(5):
        assert (await sign_in(client, WRONG, "T9")).status_code == 401
    assert is_locked(await sign_in(client, WRONG, "T9"))


async def test_of_two_hundred_wrong_passwords_at_once_few_are_looked_at(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch, forward: Forward
) -> None:
    looked_at: list[str] = []
    real = passwords.password_fits

    async def counted(password_hash: str | None, password: str) -> bool:
        looked_at.append(password)
        return await real(password_hash, password)

    monkeypatch.setattr(verbs, "password_fits", counted)
    answers = await asyncio.gather(*(sign_in(client, f"{WRONG}-{n}") for n in range(200)))
    assert Counter(answer.status_code for answer in answers).keys() <= {401, 429}
    assert len(looked_at) <= 5
    await forward(timedelta(minutes=16))
    assert (await sign_in(client)).status_code == 201


async def test_an_attacker_elsewhere_does_not_lock_out_a_known_address_and_nobody_for_good(
    app: FastAPI, client: AsyncClient, work: Begin, process: Process, forward: Forward
) -> None:
    assert (await sign_in(client)).status_code == 201
    now = process.clock.now()
    async with work() as session:
        rows = [{"address": f"10.0.{n // 5}.1", "now": now} for n in range(60)]
        await session.execute(
            text(
                "INSERT INTO sign_in_attempt (employee_no, address, succeeded, at) VALUES ('T1', :address, false, :now)"
            ),
            rows,
        )
    assert (await sign_in(client)).status_code == 201
    async with elsewhere(app, "10.9.9.9") as stranger:
        assert is_locked(await sign_in(stranger))
        await forward(timedelta(minutes=1, seconds=1))
        assert (await sign_in(stranger)).status_code == 201


async def test_a_stolen_session_does_not_serve_to_guess_the_password(client: AsyncClient) -> None:
    me = header(await sign_in(client))
    guess = {"present": WRONG, "wanted": "battery-staple-9"}
    for asked in (guess, guess, guess):
        assert (await client.put("/v1/me/password", json=asked, headers=me)).status_code == 403
    for _ in range(2):
        wrong = await client.post("/v1/me/totp/removal", json={"password": WRONG}, headers=me)
        assert wrong.status_code == 403
    assert is_locked(await client.put("/v1/me/password", json={**guess, "present": PASSWORD}, headers=me))
    assert is_locked(await client.post("/v1/me/totp/removal", json={"password": PASSWORD}, headers=me))
    assert is_locked(await sign_in(client))


# --- One's own password ----------------------------------------------------------------------------------------


async def test_a_new_password_signs_every_other_device_out(client: AsyncClient) -> None:
    here, there = header(await sign_in(client)), header(await sign_in(client))
    wanted = "battery-staple-9"

    async def change(present: str, wanted: str) -> tuple[int, Any]:
        answer = await client.put(
            "/v1/me/password", json={"present": present, "wanted": wanted}, headers=here
        )
        return answer.status_code, answer.content and answer.json()["code"]

    assert await change(WRONG, wanted) == (403, "password_wrong")
    for weak in ("short-1", "password123", "aaaaaaaaaaaa", "my-t1-is-long-enough"):
        assert await change(PASSWORD, weak) == (422, "password_weak")
    assert await change(PASSWORD, wanted) == (204, b"")
    assert (await client.get("/v1/me", headers=here)).status_code == 200
    assert (await client.get("/v1/me", headers=there)).status_code == 401
    assert (await sign_in(client)).status_code == 401
    assert (await sign_in(client, wanted)).status_code == 201


def test_passwords_are_hashed_as_dearly_as_is_bearable() -> None:
    """RFC 9106, 4: argon2id with 64 MiB and three passes."""
    assert SHIPPED_HASHER.hash(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=1$")

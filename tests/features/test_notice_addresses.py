"""E-mail: to an address that somebody has proved to be theirs, and with a way out where a kind may be switched off."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import text

from backend.core.clock import local_date
from backend.core.config import Settings
from backend.features.notices.service import About, Telling, tell
from backend.platform.process import Process
from tests.features.test_notice_policies import changed, publish
from tests.fixtures.application import Drain
from tests.fixtures.people import SignedIn, owner_account
from tests.fixtures.process import Begin, Forward
from tests.fixtures.ways import Ways, code_in, confirmed_email

Header = dict[str, str]
TO_CONFIRM = {"project": "朗润园", "title": "规划变更"}
MINE = "/v1/me/notice-preferences"


@pytest.fixture
def settings(led_out: Settings) -> Settings:
    return led_out


@pytest.fixture
async def owner(app: FastAPI, work: Begin, signed_in: SignedIn) -> tuple[UUID, Header]:
    async with work() as session:
        account = await owner_account(session, "+8613800000001", "孙建华")
    return account.id, await signed_in(account.id)


async def told(process: Process, account_id: UUID, kind: str, data: Any, key: str) -> None:
    async with process.works.begin() as work:
        await tell(work, Telling(kind, [account_id], data, About("post", account_id), key))


async def test_nothing_goes_to_an_address_before_it_was_proved(
    client: AsyncClient,
    process: Process,
    work: Begin,
    owner: tuple[UUID, Header],
    ways: Ways,
    drain: Drain,
    forward: Forward,
) -> None:
    account_id, headers = owner

    async def ask(email: str) -> int:
        return (await client.put("/v1/me/email", headers=headers, json={"email": email})).status_code

    async def confirm(code: str) -> int:
        answer = await client.post("/v1/me/email/confirmation", headers=headers, json={"code": code})
        return answer.status_code

    assert await ask("not an address") == 422
    assert await ask("sun@example.com") == 202
    assert await ask("another@example.com") == 429, "a code a minute"
    await told(process, account_id, "progress_notice_to_confirm", TO_CONFIRM, "before")
    await drain()
    [mail] = ways.mail.kept
    assert (mail["To"], mail["Subject"], mail["List-Unsubscribe"]) == (
        "sun@example.com", "【同行】邮箱验证码", None,
    )  # fmt: skip
    first = code_in(mail)
    async with work() as unit:
        kept = str((await unit.execute(text("SELECT e::text, d::text FROM email_check e, delivery d"))).all())
    assert first not in kept
    wrong = f"{(int(first) + 1) % 10**6:06}"
    assert [await confirm(wrong) for _ in range(5)] == [422] * 5
    assert await confirm(first) == 422, "five tries, then not even the right one"
    # A code of an address that was given up for another proves nothing.
    await forward(timedelta(minutes=2))
    assert await ask("sun@example.com") == 202
    await drain()
    second = code_in(ways.mail.kept.pop())
    await forward(timedelta(minutes=2))
    assert await ask("wife@example.com") == 202
    await drain()
    third = code_in(ways.mail.kept.pop())
    assert second == third or await confirm(second) == 422
    assert (await client.get(MINE, headers=headers)).json()["email"] is None
    assert await confirm(third) == 204
    assert await confirm(third) == 422, "once"
    assert (await client.get(MINE, headers=headers)).json()["email"] == "wife@example.com"
    ways.mail.kept.clear()
    await told(process, account_id, "progress_notice_to_confirm", TO_CONFIRM, "after")
    await drain()
    [mail] = ways.mail.kept
    assert (mail["To"], mail["Subject"], mail["List-Unsubscribe"]) == (
        "wife@example.com", "朗润园：规划变更", None,
    )  # fmt: skip
    assert (await client.delete("/v1/me/email", headers=headers)).status_code == 204
    await told(process, account_id, "progress_notice_to_confirm", TO_CONFIRM, "none")
    await drain()
    assert len(ways.mail.kept) == 1
    await forward(timedelta(minutes=16))
    answers = []
    for _ in range(7):
        await forward(timedelta(minutes=2))
        answers.append(await ask("many@example.com"))
    assert answers == [202] * 7
    await forward(timedelta(minutes=2))
    assert await ask("many@example.com") == 429, "ten a day"


async def test_a_kind_that_may_be_switched_off_says_in_its_mail_where(
    client: AsyncClient,
    process: Process,
    owner: tuple[UUID, Header],
    staffed: SignedIn,
    ways: Ways,
    drain: Drain,
) -> None:
    """RFC 8058: the mail program's one POST switches it off; a program that looks at every link changes nothing."""
    account_id, headers = owner
    tree = changed(letter_home={"channels": ["push", "email"]})
    await publish(client, staffed, tree, local_date(process.clock.now()), "1")
    await confirmed_email(client, headers, ways, drain, "sun@example.com")
    await told(process, account_id, "letter_home", TO_CONFIRM, "one")
    await drain()
    [mail] = ways.mail.kept
    assert mail["Subject"] == "朗润园 家书"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = mail["List-Unsubscribe"].strip("<>")
    assert link.startswith("https://home.tongxing.test/v1/unsubscribe/")
    path = link.removeprefix("https://home.tongxing.test")
    # Not every mail program shows what the header says: whoever reads finds the same way at the foot.
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert plain.get_content().splitlines()[-2:] == ["不想再收到这类提醒？在这里关闭", link]
    assert f'<a href="{link}">不想再收到这类提醒？在这里关闭</a>' in page.get_content()

    async def off() -> list[str]:
        kinds = (await client.get(MINE, headers=headers)).json()["kinds"]
        return [one["kind"] for one in kinds if not one["on"]]

    asks = await client.get(path)
    assert (asks.status_code, '<form method="post">' in asks.text, await off()) == (200, True, [])
    for _ in range(2):
        done = await client.post(
            path,
            content="List-Unsubscribe=One-Click",
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
        assert (done.status_code, await off()) == (200, ["letter_home"])
    await told(process, account_id, "letter_home", TO_CONFIRM, "two")
    await drain()
    assert len(ways.mail.kept) == 1
    for made_up in (path[:-2] + "AA", "/v1/unsubscribe/x", "/v1/unsubscribe/%F0%9F%8F%A0", path[:-30]):
        assert (await client.post(made_up)).status_code == 404

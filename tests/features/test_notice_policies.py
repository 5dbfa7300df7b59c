"""How people are told is the standard's to say: a new version changes it from its first day, and what is left open
does not happen."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from backend.core.clock import local_date
from backend.core.config import Settings
from backend.core.ids import new_id
from backend.features.notices.service import About, Telling, tell
from backend.features.standard.service import shipped
from backend.platform.process import Process
from tests.fixtures.application import Drain
from tests.fixtures.people import SignedIn, owner_account
from tests.fixtures.process import Begin, Forward
from tests.fixtures.ways import Ways, registered, states

Header = dict[str, str]
LATE = {"promise": {"zh-CN": "首次联系", "zh-TW": "首次聯繫", "en": "First contact"}}
MAY_FOLLOW = ("promise_due", "promise_late", "promise_moved", "thread_lines")
STANDARD = "/v1/standards/six-plus-two"


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
        await tell(work, Telling(kind, [account_id], data, About("journey", account_id), key))


def changed(**policies: dict[str, Any]) -> dict[str, Any]:
    """The shipped standard in its next version, with these policies changed."""
    standard = shipped("six-plus-two")
    assert standard is not None
    tree = standard.model_dump(mode="json", by_alias=True, exclude_defaults=True) | {"version": "A/1"}
    for one in tree["notices"]:
        if one["code"] in policies:
            one.pop("not_set", None)
            one.update(policies[one["code"]])
    return tree


async def publish(
    client: AsyncClient, staffed: SignedIn, tree: dict[str, Any], effective_from: date, number: str
) -> None:
    writer = await staffed(f"Q{number}", "quality_department")
    made = await client.post(f"{STANDARD}/drafts", json=tree, headers=writer)
    assert made.status_code == 201, made.text
    another = await staffed(f"A{number}", "administrator")
    approved = await client.post(
        f"{STANDARD}/A-1/approval",
        json={"effective_from": effective_from.isoformat(), "reason": "补发短信的时限定为半小时"},
        headers=another | {"if-match": "*"},
    )
    assert approved.status_code == 200, approved.text


async def test_an_sms_follows_a_silence_from_the_day_on_which_a_standard_says_after_how_long(
    client: AsyncClient,
    process: Process,
    owner: tuple[UUID, Header],
    staffed: SignedIn,
    signed_in: SignedIn,
    ways: Ways,
    drain: Drain,
    forward: Forward,
) -> None:
    account_id, headers = owner
    writer = await staffed("Q0", "quality_department")
    gaps = (await client.get(f"{STANDARD}/A-0/not-set", headers=writer)).json()["items"]
    open_ = {gap["path"] for gap in gaps if gap["path"].startswith("notices[")}
    assert open_ == {f"notices[{code}].not_set" for code in MAY_FOLLOW}, (
        "what the method leaves open is listed"
    )

    half_an_hour = {"channels": ["push", "sms"], "sms_after": {"kind": "elapsed_minutes", "value": 30}}
    tomorrow = local_date(process.clock.now()) + timedelta(days=1)
    tree = changed(promise_late=half_an_hour, reveal={"may_switch_off": False, "urgency": "bulk"})
    await publish(client, staffed, tree, tomorrow, "1")
    await registered(client, headers, "phone")
    await told(process, account_id, "promise_late", LATE, "today")
    await drain()
    await forward(timedelta(minutes=31))
    await drain()
    assert [one[0] for one in await states(process)] == ["push"], (
        "the version before holds until its last day"
    )

    await forward(timedelta(days=1))
    headers = await signed_in(account_id)
    await told(process, account_id, "promise_late", LATE, "silence")
    await told(process, account_id, "promise_late", LATE, "read")
    await drain()
    assert ways.sms.sent == {}
    newest, *_ = (await client.get("/v1/notices", headers=headers)).json()["items"]
    assert (await client.post(f"/v1/notices/{newest['id']}/read", headers=headers)).status_code == 204
    await forward(timedelta(minutes=31))
    await drain()
    assert len(ways.sms.sent) == 1, "one was read, and of the other a push was taken and nothing read"
    choices = (await client.get("/v1/me/notice-preferences", headers=headers)).json()["kinds"]
    told_of = {one["kind"]: (one["optional"], one["channels"]) for one in choices}
    assert (told_of["reveal"], told_of["promise_late"]) == ((False, ["push"]), (True, ["push", "sms"]))
    off = await client.put("/v1/me/notice-preferences", headers=headers, json={"off": ["reveal"]})
    assert (off.status_code, off.json()["code"]) == (422, "kind_always_on")
    assert (await client.get(STANDARD, headers=await staffed("Q9", "quality_department"))).status_code == 200


WRONG: dict[str, tuple[dict[str, dict[str, Any]], str, str]] = {
    "a silence without an SMS": (
        {"promise_due": {"sms_after": {"kind": "elapsed_hours", "value": 2}}},
        "notices[promise_due].channels", "standard_notice_follows",
    ),
    "a legal notice by push alone": (
        {"progress_notice_to_confirm": {"channels": ["push"]}},
        "notices[progress_notice_to_confirm]", "standard_notice_legal",
    ),
    "a page that waits for the morning": (
        {"hotline_unserved": {"quiet_hours": True}},
        "notices[hotline_unserved].quiet_hours", "standard_notice_page",
    ),
    "a channel twice": (
        {"reveal": {"channels": ["push", "push"]}}, "notices[reveal].channels", "standard_code_twice",
    ),
}  # fmt: skip


async def test_a_policy_that_means_nothing_is_refused_by_name(client: AsyncClient, staffed: SignedIn) -> None:
    writer = await staffed("Q1", "quality_department")
    for policies, path, code in WRONG.values():
        answer = await client.post(f"{STANDARD}/drafts", json=changed(**policies), headers=writer)
        assert answer.status_code == 422, answer.text
        assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [(path, code)]
    unknown = changed(reveal={"code": "gossip"})
    answer = await client.post(f"{STANDARD}/drafts", json=unknown, headers=writer)
    assert (answer.status_code, "notices[gossip].code" in answer.text) == (422, True)


async def test_a_standard_that_says_nothing_of_a_kind_leaves_it_as_shipped(
    client: AsyncClient,
    process: Process,
    owner: tuple[UUID, Header],
    staffed: SignedIn,
    drain: Drain,
    ways: Ways,
) -> None:
    tree = changed()
    tree["notices"] = [one for one in tree["notices"] if one["code"] != "invitation"]
    await publish(client, staffed, tree, local_date(process.clock.now()), "1")
    await told(process, owner[0], "invitation", {}, "k")
    await drain()
    assert len(ways.sms.sent) == 1


async def test_whoever_is_silent_gets_the_sms_however_steadily_lines_come(
    client: AsyncClient,
    process: Process,
    owner: tuple[UUID, Header],
    staffed: SignedIn,
    ways: Ways,
    drain: Drain,
    forward: Forward,
) -> None:
    """Each later notice takes the place of the one before; the silence began with the first that was not read."""
    account_id, headers = owner
    half_an_hour = {"channels": ["push", "sms"], "sms_after": {"kind": "elapsed_minutes", "value": 30}}
    today = local_date(process.clock.now())
    await publish(client, staffed, changed(thread_lines=half_an_hour), today, "1")
    await registered(client, headers, "phone")
    thread_id = new_id()

    async def line(seq: int) -> None:
        about = About("conversation", thread_id, thread_id, seq)
        async with process.works.begin() as work:
            await tell(work, Telling("thread_lines", [account_id], {"count": 1}, about, f"line {seq}"))
        await drain()

    async def after(minutes: int) -> int:
        await forward(timedelta(minutes=minutes))
        await drain()
        return len(ways.sms.sent)

    for seq in range(1, 4):
        await line(seq)
        assert await after(9) == 0
    assert await after(4) == 1, "half an hour after the first, thirteen minutes after the last"
    # That was told. What is read then breaks the silence: the next one begins its own.
    await line(4)
    assert await after(20) == 1
    newest, *_ = (await client.get("/v1/notices", headers=headers)).json()["items"]
    assert (await client.post(f"/v1/notices/{newest['id']}/read", headers=headers)).status_code == 204
    await line(5)
    assert await after(29) == 1
    assert await after(2) == 2

"""When being told ends: a post that was taken back, a session that was ended, an address that was given up."""

from datetime import timedelta
from uuid import UUID

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from backend.core.config import Settings
from backend.features.notices.service import About, Telling, tell
from backend.platform.process import Process
from tests.fixtures.application import Drain
from tests.fixtures.journeys import Fire
from tests.fixtures.people import SignedIn, owner_account, staff_account
from tests.fixtures.posts import Site
from tests.fixtures.process import Begin, Forward
from tests.fixtures.ways import Ways, confirmed_email, registered, states

MOVED = {"count": 1}
TO_CONFIRM = {"project": "朗润园", "title": "规划变更"}


@pytest.fixture
def settings(led_out: Settings) -> Settings:
    return led_out


async def test_a_post_that_is_taken_back_takes_its_notices_and_what_was_not_sent_of_them_back(
    site: Site, fire: Fire, drain: Drain, ways: Ways
) -> None:
    await registered(site.client, site.headers["李欣"], "phone")
    kept = await site.published(fire, title="10月工程进展", stage="基础施工")
    await drain()
    assert ways.fcm.by_token == {"phone": 1}
    # Who has no device was sent the words.
    texts = dict(ways.sms.sent)
    mistaken = await site.published(fire, kind="planning_or_design_change", title="规划变更")
    [newest, _] = (await site.ask("李欣", "GET", "/notices")).json()["items"]
    assert newest["subject_id"] == mistaken["id"]
    reason = {"reason": "照片放错楼栋"}
    taken = await site.ask("manager", "POST", f"/posts/{mistaken['id']}/withdrawal", json=reason)
    assert taken.status_code == 200
    await drain()
    assert (ways.fcm.by_token, ways.sms.sent) == ({"phone": 1}, texts), "nothing of it goes out any more"
    inbox = (await site.ask("李欣", "GET", "/notices")).json()
    assert ([one["subject_id"] for one in inbox["items"]], inbox["unread"]) == ([kept["id"]], 1)
    assert (await site.ask("李欣", "GET", f"/notices/{newest['id']}")).status_code == 404
    # An agent who is asked about it can still read out that there was one.
    log = (await site.ask("agent", "GET", f"/notices/{newest['id']}/deliveries")).json()["items"]
    assert {(one["channel"], one["state"], one["reason"]) for one in log} == {
        ("push", "suppressed", "withdrawn"),
        ("sms", "suppressed", "withdrawn"),
    }


async def _told(process: Process, account_id: UUID, key: str) -> None:
    async with process.works.begin() as work:
        about = About("journey", account_id)
        await tell(work, Telling("promise_moved", [account_id], MOVED, about, key))


async def test_signing_out_ends_the_pushes_to_that_device_however_the_session_ends(
    client: AsyncClient, process: Process, work: Begin, signed_in: SignedIn, drain: Drain, ways: Ways
) -> None:
    async with work() as unit:
        account_id = (await owner_account(unit, "+8613800000001", "孙建华")).id
    headers = {name: await signed_in(account_id) for name in ("phone", "tablet", "again")}
    phone = await registered(client, headers["phone"], "phone")
    await registered(client, headers["tablet"], "tablet")
    [session] = [
        one["id"]
        for one in (await client.get("/v1/me/sessions", headers=headers["phone"])).json()["items"]
        if one["current"]
    ]
    await _told(process, account_id, "written before, sent after")
    assert (await client.delete(f"/v1/me/sessions/{session}", headers=headers["tablet"])).status_code == 204
    await _told(process, account_id, "after")
    await drain()
    assert ways.fcm.by_token == {"tablet": 2}
    assert ("push", "dead", "device_retired") in await states(process)
    # Whoever signs in on it anew has it back, and the end of an older session is nothing to it.
    await registered(client, headers["tablet"], "phone", device=phone)
    await registered(client, headers["again"], "phone", device=phone)
    [older] = [
        one["id"]
        for one in (await client.get("/v1/me/sessions", headers=headers["tablet"])).json()["items"]
        if one["current"]
    ]
    assert (await client.delete(f"/v1/me/sessions/{older}", headers=headers["again"])).status_code == 204
    await _told(process, account_id, "again")
    await drain()
    assert ways.fcm.by_token == {"tablet": 2, "phone": 1}
    assert (await client.delete("/v1/me/sessions", headers=headers["again"])).status_code == 204
    await _told(process, account_id, "nobody")
    await drain()
    assert ways.fcm.by_token == {"tablet": 2, "phone": 1}


async def test_what_is_chosen_while_a_notice_waits_counts(
    client: AsyncClient, process: Process, work: Begin, signed_in: SignedIn, drain: Drain, ways: Ways
) -> None:
    """It may wait all night. What was switched off or given up by then is not sent, nor to whom was shut out."""
    async with work() as unit:
        account_id = (await owner_account(unit, "+8613800000001", "孙建华")).id
        shut_out = (await owner_account(unit, "+8613800000002")).id
    headers = await signed_in(account_id)
    await registered(client, headers, "phone")
    await registered(client, await signed_in(shut_out), "lost")
    await confirmed_email(client, headers, ways, drain, "sun@example.com")
    for one in (account_id, shut_out):
        await _told(process, one, "waits")
    async with process.works.begin() as unit:
        about = About("post", account_id)
        await tell(unit, Telling("progress_notice_to_confirm", [account_id], TO_CONFIRM, about, "legal"))
    chosen = await client.put("/v1/me/notice-preferences", headers=headers, json={"off": ["promise_moved"]})
    assert chosen.status_code == 200, chosen.text
    assert (await client.delete("/v1/me/email", headers=headers)).status_code == 204
    async with work() as unit:
        await unit.execute(
            text("UPDATE account SET disabled_at = app_now() WHERE id = :id"), {"id": shut_out}
        )
    await drain()
    assert [one["notification"]["title"] for one in ways.fcm.taken] == ["朗润园：请确认"]
    assert len(ways.sms.sent) == 1
    assert ways.mail.kept == []
    unsent = sorted((channel, why) for channel, state, why in await states(process) if state == "suppressed")
    assert unsent == [
        ("email", "address_given_up"),
        ("push", "account_disabled"),
        ("push", "switched_off"),
    ]


async def test_signing_out_everywhere_ends_the_pushes_to_a_device_whose_session_had_run_out(
    client: AsyncClient,
    process: Process,
    work: Begin,
    signed_in: SignedIn,
    drain: Drain,
    ways: Ways,
    forward: Forward,
) -> None:
    """A lost phone: its session of twelve hours is over, what it is pushed shows all the same."""
    async with work() as unit:
        account_id = (await staff_account(unit, "T1", "customer_manager")).id
    await registered(client, await signed_in(account_id), "lost")
    await forward(timedelta(hours=13))
    again = await signed_in(account_id)
    await _told(process, account_id, "before")
    await drain()
    assert ways.fcm.by_token == {"lost": 1}
    assert (await client.delete("/v1/me/sessions", headers=again)).status_code == 204
    await _told(process, account_id, "after")
    await drain()
    assert ways.fcm.by_token == {"lost": 1}

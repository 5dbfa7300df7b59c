"""The inbox, and what goes out of it: to which device, in which words, when, and how often."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import text

from backend.core.config import Settings
from backend.core.ids import new_id
from backend.features.notices.service import (
    About,
    Selected,
    Telling,
    tell,
    tell_selected,
)
from backend.features.notices.service.sending import Deliveries, open_channels
from backend.platform.process import Process
from tests.fakes.fcm import DIES_AFTER, Fault, FcmEndpoint, refusal
from tests.fixtures.application import Drain
from tests.fixtures.people import SignedIn, owner_account
from tests.fixtures.process import Begin, Forward
from tests.fixtures.ways import Ways, confirmed_email, registered, states

ROOM = {"promise": {"zh-CN": "首次联系", "zh-TW": "首次聯繫", "en": "First contact"}, "due": "2026-12-01"}
TO_CONFIRM = {"project": "朗润园", "title": "规划变更"}


@pytest.fixture
def settings(led_out: Settings) -> Settings:
    return led_out


@pytest.fixture
def fcm(ways: Ways) -> FcmEndpoint:
    return ways.fcm


@pytest.fixture
async def owner(app: FastAPI, work: Begin, signed_in: SignedIn) -> tuple[UUID, dict[str, str]]:
    """An owner's account, and the header of a session of theirs."""
    async with work() as session:
        account = await owner_account(session, "+8613800000001", "孙建华")
    return account.id, await signed_in(account.id)


async def told(
    process: Process,
    account_id: UUID,
    kind: str = "promise_due",
    data: Any = ROOM,
    key: str = "k",
    **about: Any,
) -> int:
    async with process.works.begin() as work:
        leads_to = About("journey", about.pop("subject", account_id), **about)
        return await tell(work, Telling(kind, [account_id], data, leads_to, key))


async def inbox(client: AsyncClient, headers: dict[str, str], **params: Any) -> Any:
    return (await client.get("/v1/notices", headers=headers, params=params)).json()


# --- The inbox ---------------------------------------------------------------------------------------------------


async def test_the_inbox_works_without_any_channel(
    client: AsyncClient, process: Process, owner: tuple[UUID, dict[str, str]]
) -> None:
    account_id, headers = owner
    assert await told(process, account_id) == 1
    assert await told(process, account_id) == 0, "told twice under one key"
    await told(
        process, account_id, "reveal", {"field": {"zh-CN": "电话", "zh-TW": "電話", "en": "phone"}}, "r"
    )
    page = await inbox(client, headers | {"accept-language": "en"}, limit=1)
    [newest] = page["items"]
    assert (page["unread"], newest["kind"], newest["body"]) == (
        2, "reveal", "An employee looked at your phone; the app shows who and why.",
    )  # fmt: skip
    [older] = (await inbox(client, headers, cursor=page["next"]))["items"]
    assert (older["title"], older["read_at"]) == ("首次联系", None)
    assert [one["kind"] for one in (await inbox(client, headers, kind="reveal"))["items"]] == ["reveal"]

    read = await client.post(f"/v1/notices/{older['id']}/read", headers=headers)
    assert read.status_code == 204
    assert (await client.get(f"/v1/notices/{older['id']}", headers=headers)).json()["read_at"] is not None
    assert (await inbox(client, headers, unread=True))["unread"] == 1
    await client.post("/v1/notices/read", headers=headers, json={"up_to": newest["id"]})
    assert (await inbox(client, headers))["unread"] == 0


async def test_nobody_reads_anothers_inbox(
    client: AsyncClient,
    process: Process,
    work: Begin,
    owner: tuple[UUID, dict[str, str]],
    signed_in: SignedIn,
) -> None:
    account_id, headers = owner
    await told(process, account_id)
    [notice] = (await inbox(client, headers))["items"]
    async with work() as session:
        other = await owner_account(session, "+8613800000002")
    stranger = await signed_in(other.id)
    assert (await inbox(client, stranger))["items"] == []
    for method, path in (("GET", ""), ("POST", "/read")):
        answer = await client.request(method, f"/v1/notices/{notice['id']}{path}", headers=stranger)
        assert answer.status_code == 404
    answer = await client.post("/v1/notices/read", headers=stranger, json={"up_to": notice["id"]})
    assert answer.status_code == 404


async def test_ten_thousand_are_told_by_one_statement_and_a_repetition_tells_nobody(
    process: Process, work: Begin, owner: tuple[UUID, dict[str, str]]
) -> None:
    async with work() as session:
        await session.execute(
            text(
                "INSERT INTO account (id, kind, locale) SELECT uuidv7(), 'owner', 'zh-CN' FROM generate_series(1, 300)"
            )
        )
    everybody = Selected("SELECT id FROM account WHERE kind = :kind", {"kind": "owner"})
    for expected in (301, 0):
        async with work() as session:
            data = {"project": "朗润园", "stage": "主体封顶"}
            about = About("post", new_id())
            assert await tell_selected(session, "progress_post", data, about, "post:1", everybody) == expected


async def test_what_a_kind_needs_must_be_told(process: Process, owner: tuple[UUID, dict[str, str]]) -> None:
    with pytest.raises(ValueError, match="promise_due is told with"):
        await told(process, owner[0], data={"promise": "x"})


# --- Pushes ------------------------------------------------------------------------------------------------------


async def test_every_device_gets_one_push_in_its_language(
    client: AsyncClient, process: Process, owner: tuple[UUID, dict[str, str]], fcm: FcmEndpoint, drain: Drain
) -> None:
    account_id, headers = owner
    await registered(client, headers, "phone")
    await registered(client, headers, "tablet", locale="en", platform="ios")
    await told(process, account_id, subject=account_id)
    await drain()
    await drain()
    shown = {one["token"]: one["notification"]["title"] for one in fcm.taken}
    assert shown == {"phone": "首次联系", "tablet": "First contact"}
    assert set(fcm.by_token.values()) == {1}
    assert {state for _, state, _ in await states(process)} == {"accepted"}
    # What it leads to travels as ids alone.
    data = fcm.taken[0]["data"]
    assert data.keys() == {"delivery", "notice", "kind", "subject_kind", "subject"}
    opened = await client.post(f"/v1/deliveries/{data['delivery']}/opened", headers=headers)
    assert opened.status_code == 204
    assert (await inbox(client, headers))["unread"] == 0


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("UNREGISTERED", "unregistered"),
        ("INVALID_ARGUMENT", "invalid"),
        ("SENDER_ID_MISMATCH", "sender_mismatch"),
    ],
)
async def test_a_dead_token_is_retired_at_once_and_an_sms_follows(
    client: AsyncClient,
    process: Process,
    owner: tuple[UUID, dict[str, str]],
    ways: Ways,
    drain: Drain,
    code: str,
    why: str,
) -> None:
    account_id, headers = owner
    device = await registered(client, headers, "dead")
    fault = refusal(code, "The registration token is not a valid FCM registration token")
    ways.fcm.faults["dead"] = fault
    await told(process, account_id, "invitation", {})
    await drain()
    assert [(channel, state) for channel, state, _ in await states(process)] == [
        ("push", "dead"), ("sms", "accepted"),
    ]  # fmt: skip
    assert len(ways.sms.sent) == 1
    async with process.works.begin() as work:
        assert await work.scalar(text("SELECT retired_why FROM device WHERE id = :id"), {"id": device}) == why
    await told(process, account_id, key="later")
    await drain()
    assert ways.fcm.asked == 1, "it was used again"
    # The app starts again with a new token.
    await registered(client, headers, "alive", device=device)
    await told(process, account_id, key="last")
    await drain()
    assert ways.fcm.by_token == {"alive": 1}


async def test_an_sms_does_not_follow_a_push_that_was_taken(
    client: AsyncClient,
    process: Process,
    owner: tuple[UUID, dict[str, str]],
    ways: Ways,
    drain: Drain,
    forward: Forward,
) -> None:
    await registered(client, owner[1], "phone")
    await told(process, owner[0], "invitation", {})
    await drain()
    await forward(timedelta(days=15))
    await drain()
    assert [one[1:] for one in await states(process)] == [("accepted", None)]
    assert ways.sms.sent == {}


async def test_a_token_that_moves_to_another_account_leaves_the_first(
    client: AsyncClient,
    process: Process,
    work: Begin,
    owner: tuple[UUID, dict[str, str]],
    fcm: FcmEndpoint,
    drain: Drain,
    signed_in: SignedIn,
) -> None:
    async with work() as session:
        other = (await owner_account(session, "+8613800000002")).id
    device = await registered(client, owner[1], "phone")
    await registered(client, await signed_in(other), "phone", device=device)
    await told(process, owner[0])
    await told(process, other)
    await drain()
    assert fcm.by_token == {"phone": 1}
    signed_out = f"/v1/me/devices/{device}"
    assert (await client.delete(signed_out, headers=await signed_in(other))).status_code == 204
    assert (await client.delete(f"/v1/me/devices/{new_id()}", headers=owner[1])).status_code == 404
    await told(process, other, key="later")
    await drain()
    assert fcm.by_token == {"phone": 1}


async def test_a_device_without_a_start_for_sixty_days_is_not_pushed_to(
    client: AsyncClient,
    process: Process,
    owner: tuple[UUID, dict[str, str]],
    fcm: FcmEndpoint,
    drain: Drain,
    forward: Forward,
) -> None:
    await registered(client, owner[1], "phone")
    await forward(timedelta(days=61))
    await told(process, owner[0])
    await drain()
    assert fcm.asked == 0


async def test_what_fails_for_a_while_is_tried_again_and_shows_once(
    client: AsyncClient,
    process: Process,
    owner: tuple[UUID, dict[str, str]],
    fcm: FcmEndpoint,
    drain: Drain,
    forward: Forward,
) -> None:
    """429 with its Retry-After, 503, a connection that dies after the message was taken."""
    await registered(client, owner[1], "phone")
    fcm.next_faults += [refusal("QUOTA_EXCEEDED", retry_after="120"), refusal("UNAVAILABLE"), DIES_AFTER]
    await told(process, owner[0])
    await drain()
    await forward(timedelta(seconds=110))
    await drain()
    assert fcm.asked == 1, "before its time"
    for _ in range(6):
        await forward(timedelta(minutes=20))
        await drain()
    assert [one[1] for one in await states(process)] == ["accepted"]
    assert fcm.shown() == 1
    assert sum(fcm.by_token.values()) == 2


async def test_what_was_sent_is_counted_where_prometheus_reads_it(
    client: AsyncClient,
    process: Process,
    owner: tuple[UUID, dict[str, str]],
    ways: Ways,
    drain: Drain,
    forward: Forward,
) -> None:
    await registered(client, owner[1], "phone")
    await registered(client, owner[1], "lost")
    ways.fcm.faults["lost"] = refusal("UNREGISTERED")
    await told(process, owner[0])
    await forward(timedelta(seconds=30))
    await drain()
    shown = (await client.get("/metrics")).text
    for line in (
        'tongxing_deliveries_total{channel="push",lane="normal",outcome="accepted"} 1.0',
        'tongxing_deliveries_total{channel="push",lane="normal",outcome="dead"} 1.0',
        'tongxing_delivery_lateness_seconds_bucket{lane="normal",le="60.0"} 1.0',
        'tongxing_delivery_lateness_seconds_count{lane="normal"} 1.0',
        'tongxing_deliveries_oldest_seconds{lane="urgent"} 0.0',
        'tongxing_channel_stopped{channel="push"} 0.0',
        'tongxing_channel_breakers_open{channel="push"} 0.0',
        'tongxing_deliveries_ambiguous{channel="sms"} 0.0',
    ):
        assert line in shown
    # Nobody drains the lane: what is due grows old where an operator sees it.
    await told(process, owner[0], key="waits")
    await forward(timedelta(minutes=3))
    shown = (await client.get("/metrics")).text
    [oldest] = re.findall(r'tongxing_deliveries_oldest_seconds\{lane="normal"\} ([0-9.]+)', shown)
    assert 180 <= float(oldest) < 240


async def test_a_refused_account_stops_the_channel_loses_nothing_and_is_told(
    client: AsyncClient,
    process: Process,
    owner: tuple[UUID, dict[str, str]],
    fcm: FcmEndpoint,
    drain: Drain,
    forward: Forward,
    staffed: SignedIn,
) -> None:
    operator = await staffed("T1", "administrator")
    await registered(client, owner[1], "phone")
    fcm.token_fault = Fault(400, {"error": "invalid_grant", "error_description": "no such account"})
    await told(process, owner[0])
    await drain()
    items = (await client.get("/v1/ops/channels", headers=operator)).json()["items"]
    stopped = {one["channel"]: one for one in items}["push"]
    assert stopped["stopped_since"] is not None
    assert "invalid_grant" in stopped["reason"]
    shown = (await client.get("/metrics")).text
    assert 'tongxing_channel_stopped{channel="push"} 1.0' in shown
    assert 'tongxing_channel_breakers_open{channel="push"} 1.0' in shown
    for _ in range(5):  # for longer than a promise lives
        await forward(timedelta(days=1))
        await drain()
    assert [one[:2] for one in await states(process)] == [("push", "waiting")]
    # The account is mended and the worker started again; this one's breaker goes by a clock that no test moves.
    fcm.token_fault = None
    await forward(timedelta(hours=1))
    channels = open_channels(process)
    await Deliveries(process, channels).drain()
    await channels.aclose()
    assert fcm.by_token == {"phone": 1}
    async with process.works.begin() as work:
        assert await work.scalar(text("SELECT count(*) FROM stopped_channel")) == 0


# --- Choices -----------------------------------------------------------------------------------------------------


def at(hour: int, minute: int = 0) -> timedelta:
    """How long until it is so late in Shanghai."""
    here = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai"))
    then = here.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return then - here if then > here else then + timedelta(days=1) - here


async def test_quiet_hours_put_off_and_never_drop(
    client: AsyncClient,
    process: Process,
    owner: tuple[UUID, dict[str, str]],
    ways: Ways,
    drain: Drain,
    forward: Forward,
) -> None:
    account_id, headers = owner
    await registered(client, headers, "phone")
    quiet = {"begins": "22:00", "ends": "08:00", "zone": "Asia/Shanghai"}
    await confirmed_email(client, headers, ways, drain, "sun@example.com")
    chosen = await client.put("/v1/me/notice-preferences", headers=headers, json={"quiet_hours": quiet})
    assert (chosen.json()["quiet_hours"], chosen.json()["email"]) == (quiet, "sun@example.com")
    await forward(at(23))
    await told(process, account_id)
    await told(process, account_id, "progress_notice_to_confirm", TO_CONFIRM, "legal")
    await drain()
    # What must reach reaches, at any hour and by every way; the rest waits for eight in the morning.
    assert [one["notification"]["title"] for one in ways.fcm.taken] == ["朗润园：请确认"]
    assert len(ways.sms.sent) == 1
    assert [mail["Subject"] for mail in ways.mail.kept] == ["朗润园：规划变更"]
    async with process.works.begin() as work:
        waits = await work.scalar(text("SELECT not_before FROM delivery WHERE state = 'deferred'"))
        proof = await work.scalar(text("SELECT said FROM delivery WHERE channel = 'sms'"))
    assert waits.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%H:%M") == "08:00"
    assert proof == "【同行】朗润园：规划变更。请打开同行应用阅读并确认。"
    await forward(timedelta(hours=8, minutes=59))
    await drain()
    assert len(ways.fcm.taken) == 1
    await forward(timedelta(minutes=2))
    await drain()
    assert len(ways.fcm.taken) == 2


async def test_what_is_switched_off_stands_in_the_inbox_and_some_kinds_cannot_be(
    client: AsyncClient, process: Process, owner: tuple[UUID, dict[str, str]], fcm: FcmEndpoint, drain: Drain
) -> None:
    account_id, headers = owner
    path = "/v1/me/notice-preferences"
    await registered(client, headers, "phone")
    before = {one["kind"]: one for one in (await client.get(path, headers=headers)).json()["kinds"]}
    assert before["promise_due"]["on"]
    assert "不能关闭" in before["invitation"]["why"]
    assert "task_opened" not in before
    answer = await client.put(path, headers=headers, json={"off": ["promise_due"]})
    assert [one["kind"] for one in answer.json()["kinds"] if not one["on"]] == ["promise_due"]
    await told(process, account_id)
    await drain()
    assert fcm.asked == 0
    assert (await inbox(client, headers))["unread"] == 1

    refused = {
        "kind_always_on": {"off": ["invitation"]},
        "kind_unknown": {"off": ["task_opened"]},
        "zone_unknown": {"quiet_hours": {"begins": "22:00", "ends": "08:00", "zone": "Mars"}},
        "quiet_hours_empty": {"quiet_hours": {"begins": "08:00", "ends": "08:00"}},
    }
    for code, chosen in refused.items():
        answer = await client.put(path, headers=headers, json=chosen)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        [where] = [one["field"] for one in answer.json()["errors"]]
        assert where in {"off", "quiet_hours.zone", "quiet_hours.ends"}, "a field that was sent"
    for chosen in (
        {"email": "sun@example.com"},
        {"quiet_hours": {"begins": "25:00", "ends": "08:00"}},
        {"else": 1},
    ):
        assert (await client.put(path, headers=headers, json=chosen)).status_code == 422


# --- Never more than once to the eye -------------------------------------------------------------------------------


async def test_a_push_whose_worker_died_goes_out_again_and_shows_once(
    client: AsyncClient,
    process: Process,
    owner: tuple[UUID, dict[str, str]],
    fcm: FcmEndpoint,
    drain: Drain,
    forward: Forward,
) -> None:
    await registered(client, owner[1], "phone")
    await told(process, owner[0])
    await drain()
    await _as_if_the_worker_had_died(process)
    await drain()
    assert fcm.by_token == {"phone": 1}, "while the lease lasts nobody touches it"
    await forward(timedelta(minutes=5))
    await drain()
    assert (fcm.by_token["phone"], fcm.shown()) == (2, 1)
    assert [one[1] for one in await states(process)] == ["accepted"]


async def test_an_sms_of_unknown_fate_is_looked_up_and_never_sent_twice(
    client: AsyncClient,
    process: Process,
    owner: tuple[UUID, dict[str, str]],
    ways: Ways,
    drain: Drain,
    forward: Forward,
) -> None:
    await told(process, owner[0], "invitation", {})
    await drain()
    [reference] = ways.sms.sent
    await _as_if_the_worker_had_died(process)
    await forward(timedelta(minutes=5))
    await drain()
    assert [one[1] for one in await states(process)] == ["accepted"]
    # Another that the gateway has never seen: the worker died before the call.
    del ways.sms.sent[reference]
    await _as_if_the_worker_had_died(process)
    await forward(timedelta(minutes=5))
    await drain()
    assert list(ways.sms.sent) == [reference]


@pytest.mark.parametrize("decision", ["resend", "drop"])
async def test_an_sms_that_nobody_can_look_up_is_an_operators_to_decide(
    client: AsyncClient,
    process: Process,
    owner: tuple[UUID, dict[str, str]],
    ways: Ways,
    drain: Drain,
    forward: Forward,
    staffed: SignedIn,
    decision: str,
) -> None:
    operator = await staffed("T1", "administrator")
    await told(process, owner[0], "invitation", {})
    await drain()
    ways.sms.sent.clear()
    await _as_if_the_worker_had_died(process)
    ways.sms.keys.clear()  # it answers nothing any more
    await forward(timedelta(minutes=11))
    await drain()
    [waits] = (await client.get("/v1/ops/deliveries", headers=operator)).json()["items"]
    assert (waits["state"], waits["kind"], waits["reason"]) == ("ambiguous", "invitation", "HTTP 401")
    assert "13800000001" not in str(waits), "an address"
    ways.sms.keys["ours"] = "between us"
    await forward(timedelta(hours=1))
    await drain()
    assert ways.sms.sent == {}, "it was sent by itself"
    path = f"/v1/ops/deliveries/{waits['id']}/{decision}"
    decided = await client.post(path, headers=operator, json={"reason": "网关恢复，已核对"})
    assert decided.status_code == 200
    await drain()
    assert len(ways.sms.sent) == (1 if decision == "resend" else 0)
    again = await client.post(path, headers=operator, json={"reason": "再来一次"})
    assert (again.status_code, again.json()["code"]) == (409, "delivery_not_ambiguous")


async def _as_if_the_worker_had_died(process: Process) -> None:
    """After the provider took it and before anybody wrote that down."""
    async with process.works.begin() as work:
        await work.execute(
            text(
                "UPDATE delivery SET state = 'leased', leased_until = app_now() + interval '3 minutes',"
                " accepted_at = NULL, provider_id = NULL, tried_at = app_now() WHERE state = 'accepted'"
            )
        )


# --- The log -----------------------------------------------------------------------------------------------------


async def test_an_agent_can_read_out_what_was_sent(
    client: AsyncClient,
    process: Process,
    owner: tuple[UUID, dict[str, str]],
    ways: Ways,
    drain: Drain,
    staffed: SignedIn,
) -> None:
    agent = await staffed("T1", "hotline_agent")
    account_id, headers = owner
    await told(process, account_id, "progress_notice_to_confirm", TO_CONFIRM)
    await drain()
    [notice] = (await inbox(client, headers))["items"]
    path = f"/v1/notices/{notice['id']}/deliveries"
    assert (await client.get(path, headers=agent)).status_code == 404, (
        "who lives nowhere is in nobody's scope"
    )
    assert (await client.get(path, headers=headers)).status_code == 403

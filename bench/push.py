"""Messages to devices: `python -m bench.push [--quick] [--json]`.

One post's fan-out, 10,000 owners with 1.3 devices each (a fifth when quick), handed to a local endpoint that speaks
FCM's HTTP v1 API on the other core: by our channel, and a quarter as many by firebase-admin's bare `send_each_async`,
500 a call both. The bound is the client's processor, so the endpoint speaks plain HTTP to both.
"""

import asyncio
import os
import time
from collections.abc import Sequence
from datetime import timedelta
from statistics import median
from typing import Any

import firebase_admin
import httpx
import uvloop
from firebase_admin import credentials, messaging

from bench.harness import Figure, at_least, options, report, serving, use_load_core
from push.fcm import Fcm
from push.message import Accepted, Message

_OWNERS = 10_000
_DEVICES = 1.3
_BATCH = 500
_BAR = 0.9


def _post(devices: int, name: str) -> list[Message]:
    """What one post has to say to each device."""
    return [
        Message(
            address=f"{name}-{number:06d}-" + "x" * 120,
            title="假日风景 · 建设进度",
            body="3 号楼主体结构已封顶, 外墙施工开始。点击查看本月六张同角度照片。",
            reference=f"{name}-{number}",
            data={"kind": "progress_post", "post": "0199f1c2-5f6b-7c3e-9f50-5a1f2b7f6f10"},
            collapse_key="progress:0199f1c2",
            ttl=86_400,
        )
        for number in range(devices)
    ]


async def _told(url: str) -> dict[str, Any]:
    async with httpx.AsyncClient() as client:
        answer: dict[str, Any] = (await client.get(f"{url}/told")).json()
        return answer


async def _ours(url: str, account: dict[str, str], messages: Sequence[Message]) -> float:
    """Messages a second through our channel."""
    channel = Fcm(account, url=url)
    try:
        # The first one fetches the access token, for both.
        await channel.send(messages[:1])
        began = time.perf_counter()
        taken = 0
        for start in range(0, len(messages), _BATCH):
            outcomes = await channel.send(messages[start : start + _BATCH])
            taken += sum(isinstance(one, Accepted) for one in outcomes)
        assert taken == len(messages), f"{taken} of {len(messages)} taken"
        return taken / (time.perf_counter() - began)
    finally:
        await channel.aclose()


def _bare_message(message: Message) -> messaging.Message:
    built = messaging.Message(
        notification=messaging.Notification(title=message.title, body=message.body),
        data=message.data,
        android=messaging.AndroidConfig(
            priority="normal",
            ttl=timedelta(seconds=message.ttl),
            collapse_key=message.collapse_key,
        ),
    )
    built.token = message.address
    return built


async def _bare(url: str, account: dict[str, str], messages: Sequence[Message]) -> float:
    """Messages a second through `send_each_async`."""
    app = firebase_admin.initialize_app(credentials.Certificate(account), name=messages[0].reference)
    # There is no switch for it: this line is the whole of what points firebase-admin somewhere else.
    messaging._get_messaging_service(app)._fcm_url = (  # noqa: SLF001
        f"{url}/v1/projects/{account['project_id']}/messages:send"
    )
    await messaging.send_each_async([_bare_message(messages[0])], dry_run=False, app=app)
    began = time.perf_counter()
    taken = 0
    for start in range(0, len(messages), _BATCH):
        batch = [_bare_message(message) for message in messages[start : start + _BATCH]]
        taken += (await messaging.send_each_async(batch, dry_run=False, app=app)).success_count
    assert taken == len(messages), f"{taken} of {len(messages)} taken"
    return taken / (time.perf_counter() - began)


def _measure(url: str, *, quick: bool) -> list[Figure]:
    account = asyncio.run(_told(url))["account"]
    devices, rounds = (int(_OWNERS * _DEVICES / 5), 1) if quick else (int(_OWNERS * _DEVICES), 3)
    ours, bare = [], []
    for number in range(rounds):
        # A loop each: firebase-admin's client is bound to the loop it first ran in.
        bare.append(uvloop.run(_bare(url, account, _post(devices // 4, f"bare{number}"))))
        ours.append(uvloop.run(_ours(url, account, _post(devices, f"ours{number}"))))
    counted = asyncio.run(_told(url))["counted"]
    sent = rounds * (devices + 1) + rounds * (devices // 4 + 1)
    assert counted["taken"] == sent, f"{counted} of {sent}"
    ours_rate, bare_rate = median(ours), median(bare)
    return [
        Figure("handed over, ours", round(ours_rate), "messages/s"),
        Figure(f"a post to {devices:,} devices, ours", round(devices / ours_rate, 2), "s"),
        at_least(
            "ours by bare send_each_async", ours_rate / bare_rate, _BAR, peer=f"{bare_rate:,.0f} messages/s"
        ),
    ]


if __name__ == "__main__":
    wanted = options(__doc__ or "")
    use_load_core()
    with serving(["bench.push_endpoint"], dict(os.environ)) as endpoint_port:
        figures = _measure(f"http://127.0.0.1:{endpoint_port}", quick=wanted.quick)
    report("push", figures, wanted)

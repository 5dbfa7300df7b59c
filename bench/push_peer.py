"""Messages handed to FCM's API without anything around them: by firebase-admin's bare `send_each_async`, and by our
channel. 500 a call both, from one process on the server's core.
"""

import os
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import firebase_admin
import uvloop
from firebase_admin import credentials, messaging

from bench.harness import cores, use_load_core
from push.fcm import Fcm
from push.message import Accepted, Message

_BATCH = 500


def rates(url: str, account: dict[str, Any], many: int, name: str) -> tuple[float, float]:
    """Messages a second: firebase-admin's of `many`, and our channel's of four times as many."""
    os.sched_setaffinity(0, {cores()[0]})
    try:
        # A loop each: firebase-admin's client is bound to the loop it first ran in.
        bare = uvloop.run(_bare(url, account, _post(many, f"bare{name}")))
        return bare, uvloop.run(_ours(url, account, _post(many * 4, f"ours{name}")))
    finally:
        use_load_core()


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


async def _ours(url: str, account: dict[str, str], messages: Sequence[Message]) -> float:
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

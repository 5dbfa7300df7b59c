"""A post's fan-out as it happens: owners with their devices, a worker process, people who sign in meanwhile."""

import asyncio
import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import sched_setaffinity
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx

from backend.core.caller import Caller
from backend.core.config import Settings
from backend.core.ids import new_id
from backend.db.url import asyncpg_arguments
from backend.features.people.limits import CodeLimits
from backend.features.people.service.codes import Asking, request_code
from backend.features.progress import service as progress
from backend.platform.embedded import Servers, children
from backend.platform.process import Process, open_process
from bench.estate import fill
from bench.harness import OURS, ROOT, cores, environment
from bench.push_endpoint import SECRET

CODES_PER_SECOND: Final = 20

_POLL_SECONDS = 0.05
_LONGEST_SECONDS = 300.0
# Everybody has a phone, three in ten a tablet too; one in ten reads English, one in ten traditional characters.
_DEVICES = """INSERT INTO device (account_id, id, platform, token, app_version, locale, seen_at)
    SELECT bench_id(3, i), gen_random_uuid(), 'android', kind || lpad(i::text, 8, '0') || repeat('x', 130), '1.0',
        CASE i % 10 WHEN 0 THEN 'en' WHEN 1 THEN 'zh-TW' ELSE 'zh-CN' END, now()
    FROM generate_series(0, $1::int - 1) i CROSS JOIN (VALUES ('phone'), ('tablet')) AS of (kind)
    WHERE kind = 'phone' OR i % 10 < 3"""
_POST = """INSERT INTO post (id, project_id, kind, title, text, stage, everywhere, steps, must_confirm, state, digest,
        written_by, edited_by, edited_at, reviewed_by, reviewed_at)
    SELECT $1, bench_id(5, 0), 'progress', '工程进展', '主体结构已封顶，外墙施工开始。', '主体封顶', true, '{}', false,
        'reviewed', '', bench_id(8, 1), bench_id(8, 1), now(), bench_id(8, 2), now()"""
# One transaction writes all of it.
_PUBLISHED = "SELECT state = 'published' FROM post WHERE id = $1"
_WRITTEN = "SELECT count(*) FROM delivery WHERE kind = 'progress_post' AND channel = 'push' AND created_at >= $1"
_OPEN = "SELECT EXISTS (SELECT FROM delivery WHERE kind = 'progress_post' AND state <> 'accepted')"


@dataclass(frozen=True, slots=True)
class Fanned:
    """What became of one post. Seconds, from the one before; `codes`: how long each code took to the gateway."""

    devices: int
    written: float
    handed_over: float
    recorded: float
    codes: list[float]


@contextmanager
def worker(running: Servers, folder: Path, fcm: str, account: dict[str, Any], sms: str) -> Iterator[int]:
    """`tongxing worker` on the core that nothing else of ours uses, until the block ends; its process id."""
    keys = folder / "fcm.json"
    keys.write_text(json.dumps(account), encoding="utf-8")
    child = children.spawn(
        [*OURS[:-1], "worker"],
        death_signal=signal.SIGKILL,
        output=subprocess.DEVNULL,
        env=environment(running)
        | {
            "TONGXING_FCM_SERVICE_ACCOUNT": str(keys),
            "TONGXING_FCM_URL": fcm,
            "TONGXING_SMS_URL": f"{sms}/send",
            "TONGXING_SMS_KEY_ID": "bench",
            "TONGXING_SMS_SECRET": SECRET,
        },
        cwd=ROOT,
    )
    sched_setaffinity(child.pid, {cores()[0]})
    try:
        yield child.pid
    finally:
        children.stop(child, signal.SIGKILL, 5.0)


async def people(running: Servers, owners: int) -> int:
    """Write so many owners of one project with their devices; how many devices."""
    await fill(running.database_url, owners, per_project=owners)
    connection = await asyncpg.connect(**asyncpg_arguments(running.database_url))
    try:
        await connection.execute(_DEVICES, owners)
        await connection.execute("ANALYZE")
        return int(await connection.fetchval("SELECT count(*) FROM device"))
    finally:
        await connection.close()


async def fan_out(running: Servers, fcm: str, sms: str, owners: int, devices: int, number: int) -> Fanned:
    """Publish a post now and wait until every device has it and that is written down; codes are sent meanwhile."""
    settings = Settings(_env_file=None, database_url=running.database_url, valkey_url=running.valkey_url)
    connection = await asyncpg.connect(**asyncpg_arguments(running.database_url))
    async with open_process(settings) as process, httpx.AsyncClient(timeout=30) as client:
        try:
            return await _fan_out(process, connection, client, (fcm, sms), owners, devices, number)
        finally:
            await connection.close()


async def _fan_out(
    process: Process,
    connection: Any,
    client: httpx.AsyncClient,
    ends: tuple[str, str],
    owners: int,
    devices: int,
    number: int,
) -> Fanned:
    fcm, sms = ends
    post_id = new_id()
    await connection.execute(_POST, post_id)
    manager = Caller(await connection.fetchval("SELECT bench_id(8, 2)"), new_id(), "staff")
    before = await _taken(client, fcm)
    asked: dict[str, float] = {}
    # Each phone is asked for once a run: more often is too often.
    phones = iter(range(number * owners // 4, (number + 1) * owners // 4))
    # The worker is there when the first one has come.
    await _ask_for_code(process, next(phones), asked)
    await _came(client, sms, asked, time.perf_counter() + _LONGEST_SECONDS)
    asked.clear()
    asking = asyncio.create_task(_ask_for_codes(process, phones, asked))
    # Under way before the post is.
    await asyncio.sleep(1)
    since, began = process.clock.now(), time.perf_counter()
    async with process.works.begin() as work:
        post = await work.get_one(progress.Post, post_id)
        await progress.set_time(process, work, manager, process.clock.now(), post, None)
    deadline = began + _LONGEST_SECONDS
    while not await connection.fetchval(_PUBLISHED, post_id):
        await _again(deadline)
    written = time.perf_counter()
    while await _taken(client, fcm) - before < devices:
        await _again(deadline)
    handed_over = time.perf_counter()
    while await connection.fetchval(_OPEN):
        await _again(deadline)
    recorded = time.perf_counter()
    asking.cancel()
    await asyncio.wait([asking])
    came = await _came(client, sms, asked, deadline)
    assert await _taken(client, fcm) - before == devices, "some were sent twice"
    assert await connection.fetchval(_WRITTEN, since) == devices
    return Fanned(
        devices,
        written - began,
        handed_over - written,
        recorded - handed_over,
        [came[phone] - when for phone, when in asked.items()],
    )


async def _ask_for_codes(process: Process, phones: Iterator[int], asked: dict[str, float]) -> None:
    due = time.perf_counter()
    for one in phones:
        await _ask_for_code(process, one, asked)
        due += 1 / CODES_PER_SECOND
        await asyncio.sleep(max(due - time.perf_counter(), 0))


async def _ask_for_code(process: Process, number: int, asked: dict[str, float]) -> None:
    phone, address = f"+86138{number:08d}", f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    when = time.time()
    async with process.works.begin() as work:
        await request_code(
            process, work, CodeLimits(process.valkey), phone, Asking(address, "bench", "zh-CN")
        )
    asked[phone] = when


async def _came(
    client: httpx.AsyncClient, sms: str, asked: dict[str, float], deadline: float
) -> dict[str, float]:
    while True:
        came: dict[str, float] = (await client.get(f"{sms}/told")).json()
        if asked.keys() <= came.keys():
            return came
        await _again(deadline)


async def _taken(client: httpx.AsyncClient, fcm: str) -> int:
    return int((await client.get(f"{fcm}/told")).json()["counted"]["taken"])


async def _again(deadline: float) -> None:
    assert time.perf_counter() < deadline, "it did not come true in time"
    await asyncio.sleep(_POLL_SECONDS)

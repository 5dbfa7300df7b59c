"""假日风景's monthly post: written with six photos, published at night by a timer, told to the owners of all its homes.

FCM fails one time in ten and dies once, and a worker is killed in the middle of a batch. What the endpoint counted,
what stands in the inboxes and what the log says agree, and nobody sees anything twice.
"""

import asyncio
import signal
from collections import Counter
from collections.abc import Callable
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from backend.core.clock import SHANGHAI, local_date
from backend.core.config import Settings
from backend.features.estate.service import import_file
from backend.platform.process import Process
from backend.platform.tree import Node
from tests.fakes.fcm import Fault, FcmEndpoint, refusal
from tests.fixtures.application import Drain
from tests.fixtures.estate import project_of
from tests.fixtures.files import kept_photo
from tests.fixtures.forks import Child
from tests.fixtures.journeys import rows
from tests.fixtures.people import SignedIn, staff_account
from tests.fixtures.process import Begin, Forward
from tests.fixtures.ways import Ways
from tests.flows.sheet_count import homes_of, step_of
from tests.flows.waiting import until

SAMPLE = Path(__file__).parents[3] / "shared" / "data" / "jiarifengjing.xlsx"

pytestmark = pytest.mark.skipif(not SAMPLE.is_file(), reason="the sample workbooks are not here")

WAITING = """SELECT DISTINCT a.id FROM account a JOIN household_member m ON m.account_id = a.id AND m.ended_at IS NULL
    JOIN ownership o ON o.id = m.ownership_id AND o.ended_on IS NULL
    JOIN journey j ON j.ownership_id = o.id WHERE j.step = 'STEP-3' ORDER BY a.id"""
# Everybody has a phone, every seventh a tablet too; one token in forty is dead; one owner in twenty sleeps at night.
DEVICES = f"""WITH owner AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM ({WAITING}) AS waiting),
quiet AS (INSERT INTO notice_settings (account_id, quiet_from, quiet_until)
    SELECT id, '22:00', '08:00' FROM owner WHERE n % 20 = 3)
INSERT INTO device (account_id, id, platform, token, app_version, locale, seen_at)
SELECT id, uuidv7(), 'android', kind || '-' || n || CASE WHEN kind = 'phone' AND n % 40 = 0 THEN '-dead' ELSE '' END,
    '1.0', (ARRAY['zh-CN', 'zh-TW', 'en'])[n % 3 + 1], app_now()
FROM owner CROSS JOIN (VALUES ('phone'), ('tablet')) AS of (kind) WHERE kind = 'phone' OR n % 7 = 0
RETURNING account_id, token, locale, (SELECT n % 20 = 3 FROM owner WHERE owner.id = account_id) AS quiet,
    (SELECT phone FROM account WHERE account.id = account_id) AS phone"""
BODIES = {
    "zh-CN": "主体封顶：",
    "zh-TW": "主体封顶：",
    "en": "主体封顶: new progress",
}


OPEN = """SELECT
    count(*) FILTER (WHERE state = 'leased' OR state IN ('waiting', 'deferred') AND not_before <= app_now()) AS busy,
    count(*) FILTER (WHERE state IN ('waiting', 'leased')) AS open, count(*) FILTER (WHERE state = 'leased') AS leased,
    count(*) AS written FROM delivery WHERE kind = 'progress_post'"""
LEASE = timedelta(minutes=5)


class Weather:
    """One message in ten is put off the first time, by 429 or 503; at a certain message something strikes."""

    def __init__(self) -> None:
        self.came: Counter[str] = Counter()
        self.strikes: dict[int, Callable[[], object]] = {}

    def __call__(self, message: dict[str, Any]) -> Fault | None:
        if message["data"]["kind"] != "progress_post":
            return None
        token = message["token"]
        self.came[token] += 1
        if strike := self.strikes.get(self.came.total()):
            strike()
        if token.endswith("-dead"):
            return refusal("UNREGISTERED")
        if self.came[token] == 1 and (number := int(token.split("-")[1])) % 10 == 5:
            return refusal("UNAVAILABLE") if number % 20 == 5 else refusal("QUOTA_EXCEEDED", retry_after="1")
        return None


@pytest.fixture
def settings(led_out: Settings) -> Settings:
    return led_out


async def test_the_monthly_post_reaches_every_phone_once(
    app: FastAPI,
    client: AsyncClient,
    process: Process,
    work: Begin,
    drain: Drain,
    forward: Forward,
    signed_in: SignedIn,
    ways: Ways,
    spawn: Callable[..., Child],
) -> None:
    fcm = ways.fcm
    today = local_date(process.clock.now())
    report = await import_file(
        process,
        SAMPLE,
        dry_run=False,
        accept_good_rows=True,
        region=None,
        project=None,
        on_progress=lambda _: None,
    )
    assert report.refusal is None
    await drain()
    homes = Counter(step_of(home, today) for home in homes_of(SAMPLE, None))["STEP-3"]
    assert homes == 620
    owners = {row.id for row in await rows(process, WAITING)}
    devices = await rows(process, DEVICES)
    alive = {row.token: row for row in devices if not row.token.endswith("-dead")}
    asleep = {row.token for row in alive.values() if row.quiet}
    assert len(alive) < len(devices)
    assert asleep

    publish_at = _tonight(process)
    counted = {"homes": homes, "people": len(owners)}
    post_id = await _written_and_scheduled(client, process, work, signed_in, publish_at, counted)
    await _through_the_night(process, forward, fcm, spawn, publish_at)
    assert _seen(fcm).keys() == alive.keys() - asleep, "whoever sleeps is not woken"
    morning = datetime.combine(local_date(publish_at) + timedelta(days=1), time(8), SHANGHAI)
    await forward(morning - timedelta(minutes=10) - process.clock.now())
    await _quiet(process)
    assert not asleep & _seen(fcm).keys()
    for wait in (morning + timedelta(minutes=1) - process.clock.now(), LEASE, LEASE):
        await forward(wait)
        await _quiet(process)

    # Counted at the endpoint: every live device, in its language, once to the eye.
    seen = _seen(fcm)
    assert seen.keys() == alive.keys()
    assert all(len(tags) == 1 for tags in seen.values()), "nobody sees anything twice"
    assert len(_posts(fcm)) > len(alive), "what the dead worker had in hand went out again"
    for message in _posts(fcm):
        said = message["notification"]["body"]
        assert said.startswith(BODIES[alive[message["token"]].locale]), said
    # In the inboxes and with the post: everybody, once.
    told = await rows(process, "SELECT account_id FROM notice WHERE kind = 'progress_post'")
    assert len(told) == len(owners)
    assert {row.account_id for row in told} == owners
    # Whose tokens are all dead hears of it by SMS, once (S3-29, CC-16).
    by_text = sorted({row.phone for row in devices} - {row.phone for row in alive.values()})
    assert by_text
    assert sorted(sent["to"] for sent in ways.sms.sent.values()) == by_text
    # In the log: what was taken, and what was not because the token is dead.
    log = await rows(
        process,
        "SELECT channel, state, count(*) AS n FROM delivery WHERE kind = 'progress_post' GROUP BY channel, state",
    )
    assert {(row.channel, row.state): row.n for row in log} == {
        ("push", "accepted"): len(alive),
        ("push", "dead"): len(devices) - len(alive),
        ("sms", "accepted"): len(by_text),
    }
    left = await rows(process, "SELECT token FROM device WHERE retired_at IS NULL")
    assert {row.token for row in left} == alive.keys()

    for row in list(alive.values())[::400]:
        await _has_it(client, await signed_in(row.account_id), process, row.account_id, post_id)
    [owed] = await rows(
        process,
        "SELECT state FROM milestone WHERE obligation = 'progress-post' AND occurrence = :month",
        month=local_date(publish_at).replace(day=1),
    )
    assert owed.state == "done"


def _tonight(process: Process) -> datetime:
    """Eleven at night: the next time it is."""
    now = process.clock.now().astimezone(SHANGHAI)
    at = datetime.combine(now.date(), time(23), SHANGHAI)
    return at if at > now + timedelta(minutes=5) else at + timedelta(days=1)


async def _written_and_scheduled(
    client: AsyncClient,
    process: Process,
    work: Begin,
    signed_in: SignedIn,
    publish_at: datetime,
    counted: dict[str, int],
) -> str:
    """The post as the site writes it and the customer manager sends it on its way; its id."""
    project_id = await project_of(process, "假日风景")
    async with work() as unit:
        project = await unit.get_one(Node, project_id)
        engineer = await staff_account(unit, "T1", "project_engineer", project)
        manager = await staff_account(unit, "T2", "customer_manager", project)
    writes, reviews = await signed_in(engineer.id), await signed_in(manager.id)
    photos = [
        {"file": await kept_photo(process, engineer.id), "viewpoint": f"{number}号楼"}
        for number in range(1, 7)
    ]
    said = {
        "kind": "progress",
        "title": "工程进展",
        "text": "主体封顶。",
        "stage": "主体封顶",
        "photos": photos,
    }
    begun = await client.post(f"/v1/projects/{project_id}/posts", json=said, headers=writes)
    post_id: str = begun.json()["id"]
    audience = await client.get(f"/v1/posts/{post_id}/audience", headers=reviews)
    assert audience.json() == counted
    for act, told in (
        ("review", {"approved": True}),
        ("schedule", {"at": publish_at.isoformat()}),
    ):
        tag = {"if-match": "*"}
        answer = await client.post(f"/v1/posts/{post_id}/{act}", json=told, headers=reviews | tag)
        assert answer.status_code == 200, answer.text
    return post_id


async def _through_the_night(
    process: Process,
    forward: Forward,
    fcm: FcmEndpoint,
    spawn: Callable[..., Child],
    publish_at: datetime,
) -> None:
    """Its time comes and a worker publishes it. FCM dies under that one's hands, the next one is killed."""
    weather = fcm.judge = Weather()
    worker = partial(spawn, "worker", TONGXING_SMS_SECRET="between us")
    first = worker()
    assert await rows(process, "SELECT id FROM post WHERE state = 'published'") == []
    dying: list[asyncio.Task[None]] = []
    weather.strikes[100] = lambda: dying.append(asyncio.create_task(fcm.die()))
    await forward(publish_at + timedelta(minutes=1) - process.clock.now())
    await _quiet(process)
    assert dying
    assert (await _counts(process)).open > 0
    await fcm.come_back()
    # It would wait a quarter of a minute before it tries whether FCM is back.
    first.stop(10)

    second = worker()
    weather.strikes[weather.came.total() + 250] = second.kill
    await forward(LEASE)

    async def killed() -> int | None:
        return second.poll()

    assert await until(killed, seconds=30) == -signal.SIGKILL
    assert (await _counts(process)).leased > 250, "it died with all of them in hand"

    worker()
    while (await _counts(process)).open:
        await forward(LEASE)
        await _quiet(process)


async def _counts(process: Process) -> Any:
    [counts] = await rows(process, OPEN)
    return counts


async def _quiet(process: Process) -> None:
    """Until the post is told of, and nothing of it is due or on its way."""

    async def quiet() -> bool | None:
        counts = await _counts(process)
        return (counts.written and not counts.busy) or None

    await until(quiet, seconds=60)


def _posts(fcm: FcmEndpoint) -> list[dict[str, Any]]:
    return [message for message in fcm.taken if message["data"]["kind"] == "progress_post"]


def _seen(fcm: FcmEndpoint) -> dict[str, set[str]]:
    """By device, what it shows: messages of one tag take one another's place."""
    seen: dict[str, set[str]] = {}
    for message in _posts(fcm):
        seen.setdefault(message["token"], set()).add(message["android"]["notification"]["tag"])
    return seen


async def _has_it(
    client: AsyncClient, headers: dict[str, str], process: Process, account_id: Any, post_id: str
) -> None:
    """In the inbox and in the feed, with six photos that open."""
    inbox = (await client.get("/v1/notices", headers=headers)).json()
    assert [one["kind"] for one in inbox["items"]].count("progress_post") == 1
    [home, *_] = await rows(
        process,
        "SELECT ownership_id AS id FROM household_member WHERE account_id = :id AND ended_at IS NULL",
        id=account_id,
    )
    feed = (await client.get(f"/v1/ownerships/{home.id}/posts", headers=headers)).json()
    [post] = feed["items"]
    assert (post["id"], len(post["photos"])) == (post_id, 6)
    opened = await client.get(post["photos"][5]["sizes"]["thumbnail"]["link"])
    assert opened.status_code == 200

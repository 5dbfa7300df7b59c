"""A fan-out while the provider sends some away and the worker is killed in the middle: all see it, and see it once."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from backend.core.config import Settings
from backend.core.ids import new_id
from backend.features.notices.service import About, Selected, tell_selected
from tests.fakes.fcm import DIES_AFTER, Fault, refusal
from tests.fixtures.forks import Child
from tests.fixtures.people import owner_account
from tests.fixtures.process import Begin
from tests.fixtures.ways import Ways
from tests.flows.waiting import until

DEVICES = 400
_DEVICES = text(
    "WITH people AS (INSERT INTO account (id, kind, locale) SELECT uuidv7(), 'owner', 'zh-CN'"
    " FROM generate_series(1, :count) RETURNING id)"
    " INSERT INTO device (account_id, id, platform, token, app_version, locale, seen_at)"
    " SELECT id, uuidv7(), 'android', 'token-' || id, '1', 'zh-CN', app_now() FROM people"
)
_OPEN = text("SELECT count(*) FROM delivery WHERE state IN ('waiting', 'deferred', 'leased')")
# Without waiting for what was put off, some seconds each.
_AT_ONCE = text(
    "UPDATE delivery SET not_before = app_now() WHERE state = 'waiting' AND not_before > app_now()"
)
# As if the time of what the dead worker had in hand were over.
_LET_GO = text("UPDATE delivery SET leased_until = app_now() WHERE state = 'leased'")


@pytest.fixture
def settings(led_out: Settings) -> Settings:
    return led_out


class _Troubles:
    """One in ten is sent away by 429 or 503, each message once at most; a few connections die after it was taken."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def __call__(self, message: dict[str, Any]) -> Fault | None:
        token = message["token"]
        if token in self.seen:
            return None
        self.seen.add(token)
        match len(self.seen) % 40:
            case 0:
                return DIES_AFTER
            case 5 | 15:
                return refusal("QUOTA_EXCEEDED", retry_after="1")
            case 25 | 35:
                return refusal("UNAVAILABLE", retry_after="1")
        return None


async def test_a_worker_killed_in_the_middle_of_a_fan_out_loses_none_and_shows_none_twice(
    spawn: Callable[..., Child], work: Begin, ways: Ways
) -> None:
    ways.fcm.judge = _Troubles()
    ways.fcm.latency = 0.02
    async with work() as session:
        await session.execute(_DEVICES, {"count": DEVICES})
    secret = {"TONGXING_SMS_SECRET": "between us"}
    worker = spawn("worker", **secret)
    async with work() as session:
        told = await tell_selected(
            session,
            "progress_post",
            {"project": "朗润园", "stage": "主体封顶"},
            About("post", new_id()),
            "post:1",
            Selected("SELECT id FROM account", {}),
        )
        owner = await owner_account(session, "+8613800000001")
    assert told == DEVICES
    assert owner.phone

    async def begun() -> bool | None:
        return len(ways.fcm.taken) > DEVICES // 8 or None

    await until(begun, seconds=30)
    worker.kill()
    worker.wait()
    assert len(ways.fcm.taken) < DEVICES, "it was not in the middle"
    async with work() as session:
        await session.execute(_LET_GO)
    spawn("worker", **secret)

    async def over() -> bool | None:
        async with work() as session:
            await session.execute(_AT_ONCE)
            return await session.scalar(_OPEN) == 0 or None

    await until(over, seconds=60)
    async with work() as session:
        rows = await session.execute(text("SELECT state, count(*) AS held FROM delivery GROUP BY state"))
        accepted = {row.state: row.held for row in rows}
        inbox = await session.scalar(text("SELECT count(*) FROM notice"))
    # In the log, in the inbox and on the screens they agree; some were taken twice, and took their own place.
    assert (accepted, inbox) == ({"accepted": DEVICES}, DEVICES)
    assert len(ways.fcm.by_token) == ways.fcm.shown() == DEVICES
    assert sum(ways.fcm.by_token.values()) > DEVICES

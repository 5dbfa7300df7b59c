"""PostgreSQL and Valkey killed with -9 while requests run: what was acknowledged holds, and nobody restarts the API."""

import asyncio
import os
import signal
from collections import Counter
from functools import partial

import httpx
from redis.asyncio import Redis
from sqlalchemy import text

from backend.platform.embedded import Servers
from backend.platform.embedded.postgres import Postgres
from backend.platform.embedded.valkey import Valkey
from tests.fixtures.live import LiveApps
from tests.fixtures.people import SignedIn, owner_account
from tests.fixtures.process import Begin
from tests.flows.waiting import until

PHONES = [f"+8613900{number:06}" for number in range(40)]


async def kill(server: Postgres | Valkey) -> None:
    os.kill(server.pid, signal.SIGKILL)

    async def has_ended() -> int | None:
        return server.poll()

    await until(has_ended)


async def test_killed_servers_lose_nothing_and_the_api_needs_no_restart(
    own_servers: Servers, live_app: LiveApps, work: Begin, signed_in: SignedIn
) -> None:
    async with work() as session:
        accounts = [(await owner_account(session, phone)).id for phone in PHONES]
    headers = [await signed_in(account) for account in accounts[:4]]
    live = await live_app(worker=True)
    async with httpx.AsyncClient(base_url=live.url, timeout=30) as client:
        await _without_valkey_codes_arrive(own_servers, client, work)
        await _what_postgres_acknowledged_is_there(own_servers, client, headers)
    async with work() as session:
        assert await session.scalar(text("SELECT count(*) FROM account")) == len(accounts)


async def _without_valkey_codes_arrive(own_servers: Servers, client: httpx.AsyncClient, work: Begin) -> None:
    statuses: Counter[int] = Counter()

    async def ask(number: int) -> None:
        headers = {"x-forwarded-for": f"10.0.1.{number}"}
        asked = await client.post("/v1/auth/codes", json={"phone": PHONES[number]}, headers=headers)
        statuses[asked.status_code] += 1

    async def arrived(*numbers: int) -> bool | None:
        async with work() as session:
            waiting = await session.scalar(text("SELECT count(*) FROM outbox"))
        asked = [client.get("/dev/mailbox/messages", params={"address": PHONES[one]}) for one in numbers]
        kept = [(await answer).json()["items"] for answer in asked]
        return (waiting == 0 and all(kept)) or None

    under_way = [asyncio.create_task(ask(number)) for number in range(20)]
    await until(lambda: _any(statuses))
    await kill(own_servers.valkey)
    await asyncio.gather(*under_way)
    await asyncio.gather(*(ask(number) for number in range(20, 30)))
    # No wake-up can have come through: the sweep finds them.
    await until(partial(arrived, *range(30)))
    ready = (await client.get("/readyz")).json()
    assert (ready["ready"], ready["valkey"]) == (True, "away")

    own_servers.valkey.start()
    async with Redis.from_url(own_servers.valkey_url) as valkey:

        async def worker_is_back() -> bool | None:
            # arq's worker, and nobody else, writes this when it has connected.
            return bool(await valkey.exists("arq:queue:health-check")) or None

        await until(worker_is_back, seconds=20)
    await ask(30)
    await until(partial(arrived, 30))
    # Nobody was turned away, not even while Valkey died.
    assert statuses == {202: 31}
    assert (await client.get("/readyz")).json()["valkey"] == "ok"


async def _any(statuses: Counter[int]) -> bool | None:
    return statuses.total() > 0 or None


async def _what_postgres_acknowledged_is_there(
    own_servers: Servers, client: httpx.AsyncClient, headers: list[dict[str, str]]
) -> None:
    acknowledged: dict[int, int] = {}
    statuses: Counter[int] = Counter()
    stopped = asyncio.Event()

    async def write(who: int) -> None:
        number = 0
        while not stopped.is_set():
            number += 1
            answer = await client.patch("/v1/me", json={"name": f"甲{number}"}, headers=headers[who])
            statuses[answer.status_code] += 1
            if answer.status_code == 200:
                acknowledged[who] = number
            await asyncio.sleep(0.02)

    async def everybody_has_written(least: dict[int, int]) -> bool | None:
        return all(acknowledged.get(who, 0) > least.get(who, 0) for who in range(4)) or None

    async def somebody_was_refused() -> bool | None:
        return statuses[503] >= 4 or None

    writers = [asyncio.create_task(write(who)) for who in range(4)]
    await until(lambda: everybody_has_written({}))
    await kill(own_servers.postgres)
    await until(somebody_was_refused)
    before = dict(acknowledged)
    own_servers.postgres.start()
    # The same API, without a restart; and whoever repeats gets through.
    await until(lambda: everybody_has_written(before), seconds=20)
    stopped.set()
    await asyncio.gather(*writers)
    assert set(statuses) == {200, 503}
    names = [(await client.get("/v1/me", headers=one)).json()["name"] for one in headers]
    assert [int(name[1:]) for name in names] == [acknowledged[who] for who in range(4)]

"""The reference client against a server that does everything a server may do to it, and more."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from tests.fakes.realtime_client import RealtimeClient, SessionEnded
from tests.flows.waiting import until

THREAD = "0199d6a0-7c2e-7000-8000-000000000001"


class Impatient(RealtimeClient):
    """It comes back at once, so that the test does not wait."""

    patience_seconds = 0.02

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.pauses: list[float] = []

    def pause(self, failures: int) -> float:
        self.pauses.append(super().pause(failures))
        return 0.001


class BadServer:
    """One thread, kept well and told badly: lines lost and doubled, answers lost, lines cut, turned away."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.record: dict[str, dict[str, Any]] = {}
        self.is_bad = True

    def now(self, likely: float) -> bool:
        return self.is_bad and self.chance.random() < likely

    async def talk(self, line: ServerConnection) -> None:
        sent = 0

        async def tell(**frame: Any) -> None:
            await line.send(json.dumps(frame))

        async def tell_from(after: int) -> None:
            nonlocal sent
            sent = after
            for entry in list(self.record.values()):
                if entry["seq"] <= sent:
                    continue
                before, sent = sent, entry["seq"]
                if self.now(0.1):
                    continue
                for _ in range(2 if self.now(0.1) else 1):
                    await tell(op="entry", thread=THREAD, prev=before, **entry)
            await tell(op="watching", thread=THREAD, head=sent)

        hello = json.loads(await line.recv())
        await tell(op="ready", account="me", now="2026-01-01T00:00:00.000Z", threads=[])
        if THREAD in hello["cursors"]:
            await tell_from(hello["cursors"][THREAD])
        async for text in line:
            frame = json.loads(text)
            if frame["op"] == "watch":
                await tell_from(frame["after"])
            elif frame["op"] == "say":
                if self.now(0.1):
                    await tell(op="refused", refused="say", cid=frame["cid"], thread=THREAD, code="try_again")
                    continue
                said = {"kind": "text", "body": frame["body"], "hides": None, "cid": frame["cid"]}
                # Numbers that are not for this reader are left out.
                seq = 2 * len(self.record) + 2
                entry = self.record.setdefault(frame["cid"], said | {"seq": seq})
                if not self.now(0.2):
                    await tell(op="said", thread=THREAD, cid=frame["cid"], seq=entry["seq"])
                await tell_from(sent)
            if self.now(0.05):
                await tell(op="bye", code="going_away", retry_after=7)
                await line.close(1012)
            if self.now(0.05):
                line.transport.abort()


@asynccontextmanager
async def served(talk: Callable[[ServerConnection], Awaitable[None]]) -> AsyncIterator[str]:
    async with serve(talk, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/socket"


async def test_whatever_the_server_does_every_line_is_said_and_shown_once() -> None:
    server = BadServer(seed=4)
    async with served(server.talk) as address:
        client = Impatient([address], "token", chance=random.Random(4))
        client.watch(THREAD)
        running = asyncio.create_task(client.run())
        said = [client.say(THREAD, f"第{number}句") for number in range(80)]

        async def is_over() -> bool | None:
            return (not client.outbox[THREAD] and len(client.pauses) > 5) or None

        await until(is_over)
        server.is_bad = False
        client.cut()
        last = client.say(THREAD, "完")

        async def is_shown() -> bool | None:
            return client.transcripts[THREAD].cursor == client.said.get(last) or None

        await until(is_shown)
        running.cancel()
    assert list(server.record) == [*said, last]
    assert [line["cid"] for line in client.transcripts[THREAD].shown()] == [*said, last]
    assert client.said == {cid: entry["seq"] for cid, entry in server.record.items()}
    assert client.refused == {}
    assert any(7 <= pause <= 10.5 for pause in client.pauses), "as long as `bye` asked for"


async def test_a_session_that_has_ended_is_not_tried_again() -> None:
    async def end(line: ServerConnection) -> None:
        await line.recv()
        await line.close(4001)

    async with served(end) as address:
        with pytest.raises(SessionEnded):
            await Impatient([address], "token").run()


def test_pauses_grow_and_are_drawn_at_random() -> None:
    client = RealtimeClient([], "token", chance=random.Random(4))
    many = [[client.pause(failures) for _ in range(200)] for failures in range(12)]
    assert [max(pauses) > 0.9 * min(30, 0.5 * 2**n) for n, pauses in enumerate(many)] == [True] * 12
    assert all(len(set(pauses)) == 200 for pauses in many)
    assert max(map(max, many)) <= 30

"""Owners and agents talk while everything below them is killed: nothing said is lost, doubled, moved or shown too far.

    CHAOS=full .venv/bin/pytest -n0 -s tests/faults/test_chat_killed.py      # 200 clients for a minute
    CHAOS_SEED=17 ...                                                        # the run that was drawn from 17 again

The seed draws who says what, who is cut when, what is lost, and what is killed when.
"""

import asyncio
import os
import random
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from sqlalchemy import text

from backend.core.config import Settings
from backend.db.url import asyncpg_arguments
from backend.db.work import Work
from backend.features.people.models import Account
from backend.features.people.service.authentication import open_session
from backend.platform.embedded import Servers
from backend.platform.process import Process
from tests.faults.bad_day import NEVER, BadDay
from tests.faults.town import KILLED, Span, Town
from tests.fixtures.estate import Estate, home_row
from tests.fixtures.forks import Child
from tests.fixtures.people import staff_account
from tests.flows.waiting import until


@dataclass(frozen=True, slots=True)
class Scale:
    """How much happens, in seconds. From `down` and `between` is drawn how long one is away, and until the next."""

    conversations: int
    seconds: float
    pause: float
    longest_away: float
    down: Span
    between: Span


SCALE = (
    Scale(100, 60, pause=1.0, longest_away=10, down=(0.1, 3), between=(0.5, 2.5))
    if os.environ.get("CHAOS") == "full"
    else Scale(20, 0, pause=0.15, longest_away=1.5, down=(0.05, 0.3), between=(0.1, 0.4))
)
_LINES = (
    "SELECT thread_id::text AS thread, seq, kind, author_id::text AS author, audience, cid, body ->> 'text' AS text"
    " FROM entry WHERE thread_id = ANY ($1::uuid[]) ORDER BY thread_id, seq"
)


Line = Mapping[str, Any]
Talking = Callable[[str, int], Awaitable[list[tuple[str, str, str]]]]


@pytest.fixture
def talking(process: Process, settings: Settings, estate: Estate) -> Talking:
    """`await talking(url, 20)` has twenty owners bring something to the hotline: the thread, the owner's token, an
    agent's."""

    async def token_of(work: Work, account_id: UUID) -> str:
        account = await work.get_one(Account, account_id)
        now = process.clock.now()
        opened = await open_session(work, settings, account, device="test", address="127.0.0.1", now=now)
        return opened.token

    async def begin(url: str, count: int) -> list[tuple[str, str, str]]:
        phones = [f"138000{number:05}" for number in range(count)]
        await estate([home_row(f"{number + 101:04}", "孙建华", phone) for number, phone in enumerate(phones)])
        async with process.works.begin() as work:
            rows = await work.execute(text("SELECT phone, id FROM account WHERE kind = 'owner'"))
            owners = {row.phone: row.id for row in rows}
            agents = [
                (await staff_account(work, f"T{number}", "hotline_agent")).id for number in range(count)
            ]
            tokens = [
                (await token_of(work, owners["+86" + phone]), await token_of(work, agent))
                for phone, agent in zip(phones, agents, strict=True)
            ]
        few = asyncio.Semaphore(4)
        async with httpx.AsyncClient(base_url=url, timeout=30) as client:

            async def opened(token: str) -> str:
                headers = {"authorization": f"Bearer {token}"}
                async with few:
                    answer = await client.post("/v1/conversations", json={"text": "漏水"}, headers=headers)
                assert answer.status_code == 201, answer.text
                return str(answer.json()["thread_id"])

            threads = await asyncio.gather(*(opened(owner) for owner, _ in tokens))
        return [(thread, *both) for thread, both in zip(threads, tokens, strict=True)]

    return begin


@dataclass(frozen=True, slots=True)
class Conversation:
    """A thread, and the two who talk on it."""

    thread: str
    owner: BadDay
    agent: BadDay

    @property
    def both(self) -> tuple[BadDay, BadDay]:
        return self.owner, self.agent


@pytest.mark.timeout(120 + 3 * SCALE.seconds)
async def test_what_is_said_is_kept_and_told_once_whatever_is_killed(
    own_servers: Servers, spawn: Callable[..., Child], settings: Settings, talking: Talking, tmp_path: Path
) -> None:
    seed = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(10**6))
    sys.stdout.write(f"CHAOS_SEED={seed}\n")
    town = Town(spawn, own_servers)
    await asyncio.gather(*(town.start(what) for what in ("api 0", "api 1", "worker")))
    opened = await talking(town.urls[0], SCALE.conversations)
    conversations = [
        Conversation(
            thread,
            BadDay(town.addresses, owner, random.Random(f"{seed} owner {number}"), False, SCALE.longest_away),
            BadDay(town.addresses, agent, random.Random(f"{seed} agent {number}"), True, SCALE.longest_away),
        )
        for number, (thread, owner, agent) in enumerate(opened)
    ]
    clients = [client for conversation in conversations for client in conversation.both]
    for conversation in conversations:
        for client in conversation.both:
            client.watch(conversation.thread)
    async with asyncio.TaskGroup() as tasks:
        lines = [tasks.create_task(client.run()) for client in clients]
        talks = [
            tasks.create_task(client.talk(conversation.thread, SCALE.pause))
            for conversation in conversations
            for client in conversation.both
        ]
        await town.kill_in_turn(random.Random(seed), SCALE.seconds, down=SCALE.down, between=SCALE.between)
        for talk in talks:
            talk.cancel()
        for client in clients:
            client.calm_down()
        record = await everything_is_told(settings, conversations)
        for line in lines:
            line.cancel()
    counts = sum((client.counts for client in clients), Counter[str]())
    on_record = sum(map(len, record.values()))
    sys.stdout.write(f"{on_record} lines on record; killed {dict(town.killed)}; {dict(counts)}\n")
    for conversation in conversations:
        assert_kept_and_told(conversation, record[conversation.thread])
    # It was a bad day indeed.
    assert all(town.killed[what] for what in KILLED)
    for what in ("answers lost", "lines lost", "sent twice", "cut", "refused"):
        assert counts[what] > 0, what
    assert_no_fault_of_ours(tmp_path)


async def everything_is_told(settings: Settings, conversations: list[Conversation]) -> dict[str, list[Line]]:
    """The record by thread, once every outbox is empty and every transcript at its end."""
    database = await asyncpg.connect(**asyncpg_arguments(settings.database_url))
    threads = [conversation.thread for conversation in conversations]
    missing: list[str] = []

    async def is_told() -> dict[str, list[Line]] | None:
        record: dict[str, list[Line]] = {thread: [] for thread in threads}
        for row in await database.fetch(_LINES, threads):
            record[row["thread"]].append(row)
        missing[:] = [
            f"{'agent' if client.is_staff else 'owner'} of {one.thread}: is at {client.transcripts[one.thread].cursor}"
            f" of {end}, {len(client.outbox.get(one.thread, ()))} to be said; {dict(client.counts)}"
            for one in conversations
            for client in one.both
            for end in [max((line["seq"] for line in seen_by(client, record[one.thread])), default=0)]
            if client.outbox.get(one.thread) or client.transcripts[one.thread].cursor != end
        ]
        return None if missing else record

    try:
        return await until(is_told, seconds=30)
    except AssertionError:
        raise AssertionError("\n".join(missing)) from None
    finally:
        await database.close()


def seen_by(client: BadDay, lines: list[Line]) -> list[Line]:
    return [line for line in lines if client.is_staff or line["audience"] == "all"]


def assert_kept_and_told(conversation: Conversation, lines: list[Line]) -> None:
    """What the database and both sides know of one conversation is one and the same."""
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert not [line for line in lines if NEVER in (line["text"] or "")], "refused, and yet on record"
    for client in conversation.both:
        by_client = [line for line in lines if line["author"] == client.account and line["cid"]]
        # Every line asked for stands there once, in the order of asking, or was refused for good.
        assert [line["cid"] for line in by_client] == [
            cid for cid in client.asked if cid not in client.refused
        ]
        assert {line["cid"]: line["seq"] for line in by_client} == client.said
        assert [client.asked[line["cid"]] for line in by_client] == [line["text"] for line in by_client]
        assert all(NEVER in client.asked[cid] for cid in client.refused), client.refused
        told = client.transcripts[conversation.thread].lines
        assert [(line["seq"], line["cid"], line["body"].get("text"), line["audience"]) for line in told] == [
            (line["seq"], line["cid"], line["text"], line["audience"]) for line in seen_by(client, lines)
        ]
    assert not conversation.owner.leaked
    assert {line["audience"] for line in conversation.owner.transcripts[conversation.thread].lines} <= {"all"}


def assert_no_fault_of_ours(folder: Path) -> None:
    """What is away is a warning; an error or a trace would be a fault."""
    for log in folder.glob("*.log"):
        said = log.read_text(errors="replace").splitlines()
        assert not [line for line in said if "Traceback" in line or '"level":"error"' in line][:3]

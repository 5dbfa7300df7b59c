"""What people say, many lines in one commit: each once, in order, without a gap, whoever else writes and what dies."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.engine import make_url

from backend.core.errors import Invalid, Unavailable
from backend.core.ids import new_id
from backend.db.url import asyncpg_arguments
from backend.platform.process import Process
from backend.platform.threads import (
    Committed,
    Line,
    Mine,
    NewEntry,
    NoSuchThread,
    NotDirect,
    Said,
    Speaker,
    append,
    append_many,
    as_json,
    lines_after,
    my_standings,
    open_threads,
    set_direct,
    speaking,
)
from tests.fixtures.process import Begin

ME, AGENT = new_id(), new_id()


class Listening:
    """A speaker, and all that was heard of it."""

    def __init__(self, database_url: str) -> None:
        self.heard: list[Committed] = []
        self.speaker = Speaker(database_url, self.hear)

    def hear(self, lines: Sequence[Committed]) -> None:
        self.heard += lines

    async def say(self, thread: UUID, cid: str, **more: Any) -> Said | NotDirect:
        line: dict[str, Any] = {"kind": "text", "body": b'{"text":"\xe5\xa5\xbd"}', "author_id": ME}
        return await self.speaker.say(Line(thread, cid, **(line | more)))

    async def said(self, thread: UUID, cid: str, **more: Any) -> Said:
        said = await self.say(thread, cid, **more)
        assert isinstance(said, Said)
        return said

    def seqs(self, thread: UUID) -> list[int]:
        return [line.seq for line in self.heard if line.thread_id == thread]


@pytest.fixture
async def process(process_alone: Process) -> Process:
    return process_alone


@pytest.fixture
async def listening(database_url: str) -> AsyncIterator[Listening]:
    one = Listening(database_url)
    yield one
    await one.speaker.aclose()


async def opened(work: Begin, count: int) -> list[UUID]:
    async with work() as unit:
        return sorted((await open_threads(unit, "probe", [new_id() for _ in range(count)])).values())


async def written(work: Begin, thread: UUID) -> list[tuple[int, str]]:
    async with work() as unit:
        rows = await unit.execute(
            text("SELECT seq, cid FROM entry WHERE thread_id = :id ORDER BY seq"), {"id": thread}
        )
        return [(row.seq, row.cid) for row in rows]


async def cut(database_url: str) -> int:
    """End the speaker's connections, in the middle of whatever they do."""
    other = await asyncpg.connect(**asyncpg_arguments(database_url))
    try:
        return int(
            await other.fetchval(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE application_name = 'tongxing-speaker' AND datname = current_database()"
            )
        )
    finally:
        await other.close()


async def test_many_speak_at_once_and_every_line_has_its_place(
    work: Begin, process: Process, listening: Listening
) -> None:
    threads = await opened(work, 20)

    async def talk(number: int) -> list[Said]:
        thread = threads[number % 20]
        kept = [await listening.said(thread, f"{number}-{n}") for n in range(5)]
        # Sent again, and at the same moment as another.
        again = await asyncio.gather(*(listening.said(thread, f"{number}-4") for _ in range(2)))
        assert [(one.seq, one.at, one.first) for one in again] == [(kept[-1].seq, kept[-1].at, False)] * 2
        return kept

    said = await asyncio.gather(*(talk(number) for number in range(200)))
    for place, thread in enumerate(threads):
        told = {
            one.seq: f"{number}-{n}" for number in range(place, 200, 20) for n, one in enumerate(said[number])
        }
        assert sorted(told) == list(range(1, 51)) == listening.seqs(thread)
        assert await written(work, thread) == sorted(told.items())
    # What the socket tells of a fresh line is what is read of it later.
    fresh = {line.seq: json.loads(as_json(line)) for line in listening.heard if line.thread_id == threads[0]}
    later = await lines_after(process.direct, threads[0], "all", 0, 100)
    assert {seq: json.loads(line) for seq, line in later.lines} == fresh
    assert all(line.startswith(b'{"seq":') for _, line in later.lines)
    assert (later.head, later.more) == (50, False)


async def test_a_line_alone_is_heard_before_it_is_answered(work: Begin, listening: Listening) -> None:
    [thread] = await opened(work, 1)
    async with work() as unit:
        await append_many(
            unit, [NewEntry(thread, "opened", {}, None), NewEntry(thread, "note", {}, AGENT, "staff")]
        )
    said = await listening.say(thread, "a")
    assert isinstance(said, Said)
    assert [(line.seq, line.prev_open, line.at) for line in listening.heard] == [(3, 1, said.at)]
    batch = [("b", "staff"), ("c", "all"), ("d", "staff"), ("e", "all")]
    await asyncio.gather(*(listening.say(thread, cid, audience=audience) for cid, audience in batch))
    assert [(line.seq, line.prev_open) for line in listening.heard[1:]] == [(4, 3), (5, 3), (6, 5), (7, 5)]
    async with work() as unit:
        row = (await unit.execute(text("SELECT *, head_at = open_at AS together FROM thread"))).one()
        members = await unit.scalars(text("SELECT account_id FROM thread_member"))
    assert (row.head, row.open_head, row.together) == (7, 7, True)
    assert set(members) == {ME, AGENT}


async def test_what_follows_the_subject_is_not_said_directly(work: Begin, listening: Listening) -> None:
    slow, quick = await opened(work, 2)
    kept = await listening.say(slow, "before")
    async with work() as unit:
        await set_direct(unit, slow, False)
    answers = await asyncio.gather(*(listening.say(one, "a") for one in (slow, quick, slow)))
    assert [type(one) for one in answers] == [NotDirect, Said, NotDirect]
    again = await listening.say(slow, "before")
    assert isinstance(again, Said)
    assert isinstance(kept, Said)
    assert (again.seq, again.first) == (kept.seq, False)
    async with work() as unit:
        # The subject's own verb writes all the same.
        assert (await append(unit, NewEntry(slow, "text", {}, ME, cid="a"))).seq == 2
        await set_direct(unit, slow, True)
    assert isinstance(await listening.say(slow, "b"), Said)


async def test_one_bad_line_hurts_nobody_beside_it(work: Begin, listening: Listening) -> None:
    [thread] = await opened(work, 1)
    bad: dict[str, tuple[dict[str, Any], type[Exception]]] = {
        "nul": ({"body": b'{"text":"a\\u0000b"}'}, Invalid),
        "no-json": ({"body": b"{"}, Invalid),
        "no-object": ({"body": b"[]"}, Invalid),
        "no-utf8": ({"body": b'{"text":"\xff"}'}, Invalid),
        "nul\0": ({}, Invalid),
        "\ud800": ({}, Invalid),
        "no-audience": ({"audience": "nobody"}, Invalid),
        "no-kind": ({"kind": None}, Invalid),
        "no-withdrawal": ({"kind": "withdrawn"}, Invalid),
        "huge-number": ({"body": b'{"a":1' + b"0" * 200_000 + b"}"}, Invalid),
    }
    good = [f"good-{n}" for n in range(60)]
    asked = [cid for pair in zip(good[:10], bad, strict=True) for cid in pair] + good[10:]
    said = await asyncio.gather(
        listening.say(new_id(), "nowhere"),
        *(listening.say(thread, cid, **bad.get(cid, ({}, None))[0]) for cid in asked),
        return_exceptions=True,
    )
    assert isinstance(said[0], NoSuchThread)
    for cid, answer in zip(asked, said[1:], strict=True):
        assert type(answer) is (bad[cid][1] if cid in bad else Said), (cid, answer)
    assert await written(work, thread) == list(enumerate(good, 1))
    assert listening.seqs(thread) == list(range(1, 61))


async def test_a_thread_that_is_held_holds_up_nobody_else(work: Begin, listening: Listening) -> None:
    held, free = await opened(work, 2)
    async with work() as unit:
        await append(unit, NewEntry(held, "moved", {}, None))
        waiting = [asyncio.create_task(listening.say(held, f"h{n}")) for n in range(3)]
        for n in range(20):
            await listening.say(free, f"f{n}")
            waiting.append(asyncio.create_task(listening.say(held, f"h{n + 3}")))
        # Longer than the other connection waits for a lock at once.
        await asyncio.sleep(0.3)
        assert not any(one.done() for one in waiting)
    said = await asyncio.gather(*waiting)
    assert [one.seq for one in said if isinstance(one, Said)] == list(range(2, 25))
    assert await written(work, held) == [(1, None), *((n + 2, f"h{n}") for n in range(23))]


async def test_a_cut_line_loses_and_doubles_nothing(
    work: Begin, listening: Listening, database_url: str
) -> None:
    threads = await opened(work, 10)
    cuts = asyncio.create_task(_cut_often(database_url, 8))
    said: dict[UUID, list[int]] = {thread: [] for thread in threads}

    async def talk(number: int) -> None:
        thread = threads[number % 10]
        for n in range(40):
            answer = await listening.say(thread, f"{number}-{n}")
            assert isinstance(answer, Said)
            said[thread].append(answer.seq)

    await asyncio.gather(*(talk(number) for number in range(40)))
    assert await cuts >= 8
    for thread, seqs in said.items():
        assert sorted(seqs) == list(range(1, 161)) == [seq for seq, _ in await written(work, thread)]
        assert len({cid for _, cid in await written(work, thread)}) == 160
        # Heard in order, perhaps some of them twice; whoever compares numbers misses none.
        last = 0
        for line in (line for line in listening.heard if line.thread_id == thread):
            assert line.seq <= last + 1
            assert line.prev_open == line.seq - 1
            last = max(last, line.seq)
        assert last == 160


async def test_an_answer_that_is_lost_is_asked_for_again(work: Begin, database_url: str) -> None:
    """The batch is on record, and the connection dies before anybody is told."""
    [thread] = await opened(work, 1)
    async with _losing(database_url) as (url, lose):
        one = Listening(url)
        await one.said(thread, "a")
        lose.set()
        said = await asyncio.gather(*(one.said(thread, cid) for cid in ("b", "c", "a")))
        assert not lose.is_set()
        await one.speaker.aclose()
    # Each is told its own place; that it was the second try shows in nothing but `first`.
    assert [(answer.seq, answer.first) for answer in said] == [(2, False), (3, False), (1, False)]
    assert await written(work, thread) == [(1, "a"), (2, "b"), (3, "c")]
    # What nobody had heard of is heard, as it stands on record.
    assert [(line.seq, line.prev_open) for line in one.heard] == [(1, 0), (1, 0), (2, 1), (3, 2)]
    assert [json.loads(line.body) for line in one.heard] == [{"text": "好"}] * 4


@asynccontextmanager
async def _losing(database_url: str) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """A way to the database that swallows its next answer, and is cut, once the event is set."""
    lose = asyncio.Event()
    real = asyncpg_arguments(database_url)
    port = real.get("port", 5432)

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool) -> None:
        while data := await reader.read(1 << 16):
            if answers and lose.is_set():
                lose.clear()
                break
            writer.write(data)
        writer.close()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(f"{real['host']}/.s.PGSQL.{port}")
        answering = asyncio.create_task(pump(there, writer, answers=True))
        await pump(reader, back, answers=False)
        await answering

    # Short, because the name of a socket may not be long.
    with tempfile.TemporaryDirectory() as folder:
        server = await asyncio.start_unix_server(carry, f"{folder}/.s.PGSQL.{port}")
        url = make_url(database_url).update_query_dict({"host": folder})
        yield url.render_as_string(hide_password=False), lose
        server.close()


async def _cut_often(database_url: str, times: int) -> int:
    ended = 0
    while ended < times:
        await asyncio.sleep(0.01)
        ended += await cut(database_url)
    return ended


async def test_while_the_database_is_away_nothing_piles_up(
    work: Begin, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaking, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(speaking, "WAITING_LINES_MOST", 50)
    away = make_url(database_url).set(database="nobody_s").render_as_string(hide_password=False)
    one = Listening(away)
    answers = await asyncio.gather(*(one.say(new_id(), f"{n}") for n in range(60)), return_exceptions=True)
    assert {type(answer) for answer in answers} == {Unavailable}
    assert not one.speaker._lines
    assert not one.speaker._bytes
    assert not one.heard
    await one.speaker.aclose()
    with pytest.raises(Unavailable):
        await one.say(new_id(), "late")


async def test_what_was_accepted_is_finished_before_it_closes(work: Begin, database_url: str) -> None:
    threads = await opened(work, 3)
    one = Listening(database_url)
    async with work() as unit:
        await append(unit, NewEntry(threads[0], "moved", {}, None))
        waiting = [asyncio.create_task(one.say(threads[n % 3], f"{n}")) for n in range(30)]
        waiting[7].cancel()
        await asyncio.sleep(0)
        closing = asyncio.create_task(one.speaker.aclose())
        await asyncio.sleep(0.05)
        assert not closing.done()
    await closing
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert sum(isinstance(answer, Said) for answer in answers) == 29
    # Whoever said it is gone before it was accepted, or it is on record.
    assert sum([len(await written(work, thread)) for thread in threads]) in {30, 31}


TALK = st.lists(
    st.tuples(
        st.integers(0, 2),  # the thread
        st.sampled_from("abcdefgh"),  # its author's name for the line
        st.booleans(),  # the author
        st.sampled_from(["all", "staff"]),
        st.sampled_from(["say", "say", "say", "append"]),
    ),
    max_size=40,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(talk=TALK)
async def test_numbers_have_no_gap_whatever_is_said(
    work: Begin, process: Process, listening: Listening, talk: list[tuple[int, str, bool, Any, str]]
) -> None:
    threads = await opened(work, 3)

    async def one(thread: int, cid: str, mine: bool, audience: Any, how: str) -> tuple[Any, int]:
        author = ME if mine else AGENT
        if how == "say":
            said = await listening.say(threads[thread], cid, author_id=author, audience=audience)
            assert isinstance(said, Said)
            return (thread, cid, mine), said.seq
        async with work() as unit:
            entry = NewEntry(threads[thread], "text", {"text": "好"}, author, audience, cid)
            return (thread, cid, mine), (await append(unit, entry)).seq

    answers = await asyncio.gather(*(one(*line) for line in talk))
    # One place for each name of each author, and no other.
    assert len(set(answers)) == len({key for key, _ in answers})
    for place, thread in enumerate(threads):
        seqs = {seq for (where, *_), seq in answers if where == place}
        assert seqs == set(range(1, len(seqs) + 1)) == {seq for seq, _ in await written(work, thread)}
        every = await lines_after(process.direct, thread, "staff", 0, 100)
        shown = await lines_after(process.direct, thread, "all", 0, 100)
        open_ = [seq for seq, line in every.lines if json.loads(line)["audience"] == "all"]
        assert [seq for seq, _ in shown.lines] == open_
        assert every.head == shown.head == len(seqs)
        prev = {line.seq: line.prev_open for line in listening.heard if line.thread_id == thread}
        assert all(before == max([0, *(s for s in open_ if s < seq)]) for seq, before in prev.items())
    stands = await my_standings(process.direct, [among(*threads)], ME, "staff", 10)
    assert {stand.id for stand in stands} == {threads[where] for (where, *_), _ in answers}


async def test_what_was_missed_is_read_in_order_and_in_parts(work: Begin, process: Process) -> None:
    [thread, other] = await opened(work, 2)
    async with work() as unit:
        lines = [
            NewEntry(thread, "text", {"text": f"{n}"}, AGENT, "staff" if n % 3 == 0 else "all")
            for n in range(1, 10)
        ]
        await append_many(unit, lines)
    part = await lines_after(process.direct, thread, "all", 1, 3)
    assert ([seq for seq, _ in part.lines], part.head, part.more) == ([2, 4, 5], 9, True)
    rest = await lines_after(process.direct, thread, "all", 5, 3)
    assert ([seq for seq, _ in rest.lines], rest.head, rest.more) == ([7, 8], 9, False)
    nothing = await lines_after(process.direct, other, "all", 0, 3)
    assert (nothing.head, nothing.lines, nothing.more) == (0, [], False)
    with pytest.raises(NoSuchThread):
        await lines_after(process.direct, new_id(), "all", 0, 3)
    mine = [among(other, thread)]
    # The other one has no line yet that could be read.
    assert [tuple(one) for one in await my_standings(process.direct, mine, ME, "all", 10)] == [
        (thread, 8, 0, 6)
    ]
    [me, agent] = [await my_standings(process.direct, mine, account, "staff", 10) for account in (ME, AGENT)]
    assert [one.unread for one in (*me, *agent)] == [9, 0]


def among(*threads: UUID) -> Mine:
    """Just these threads."""
    return Mine("SELECT unnest($2::uuid[])", (threads,))

"""Threads over HTTP, for a kind of subject that this module answers for."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from sqlalchemy import text

from backend.core.caller import Caller
from backend.core.ids import new_id
from backend.db.work import Work
from backend.platform.process import Process
from backend.platform.threads import (
    Appended,
    Audience,
    Mine,
    NewEntry,
    append,
    append_many,
    erase,
    open_threads,
)
from tests.fixtures.files import ready_file
from tests.fixtures.people import SignedIn, owner_account, staff_account
from tests.fixtures.process import Begin, Forward


@dataclass(slots=True)
class Probes:
    """A `Sight` by a list: how far each account sees, and who only reads."""

    sees: dict[UUID, Audience] = field(default_factory=dict)
    silent: set[UUID] = field(default_factory=set)

    async def sight(self, caller: Caller, subject_id: UUID) -> Audience | None:
        return self.sees.get(caller.account_id)

    async def may_write(self, caller: Caller, subject_id: UUID) -> bool:
        return caller.account_id not in self.silent

    async def speak(self, work: Work, caller: Caller, subject_id: UUID, entry: NewEntry) -> Appended:
        return await append(work, entry)

    def mine(self, caller: Caller, now: datetime) -> Mine:
        known = caller.account_id in self.sees
        return Mine(
            "SELECT id FROM thread WHERE subject_kind = 'probe' AND $1::uuid IS NOT NULL AND $2", (known,)
        )


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a session."""

    client: AsyncClient
    id: UUID
    headers: dict[str, str]

    async def ask(self, method: str, path: str, **sent: Any) -> Response:
        headers = self.headers | sent.pop("headers", {})
        return await self.client.request(method, f"/v1/threads/{path}".rstrip("/"), headers=headers, **sent)

    async def say(self, thread: UUID, words: str = "好", **more: Any) -> Response:
        said = {"kind": "text", "body": {"text": words}, "cid": str(new_id())} | more
        return await self.ask("POST", f"{thread}/entries", json=said)

    async def seqs(self, thread: UUID, **params: int) -> list[int]:
        page = await self.ask("GET", f"{thread}/entries", params=params)
        return [entry["seq"] for entry in page.json()["items"]]

    async def stands(self, thread: UUID) -> tuple[int, int, int]:
        """Head, read, unread."""
        told = (await self.ask("GET", f"{thread}")).json()
        return told["head"], told["read"], told["unread"]


@dataclass(frozen=True, slots=True)
class Company:
    """An owner and an agent on one thread, a neighbour, and an employee who sees what everybody sees."""

    owner: Person
    agent: Person
    guest: Person
    neighbour: Person
    thread: UUID
    probes: Probes


@pytest.fixture
async def company(app: FastAPI, client: AsyncClient, work: Begin, signed_in: SignedIn) -> Company:
    async with work() as unit:
        ids = [
            (await owner_account(unit, "+8613800000001")).id,
            (await staff_account(unit, "T1")).id,
            (await staff_account(unit, "T2")).id,
            (await owner_account(unit, "+8613800000002")).id,
        ]
        [thread] = (await open_threads(unit, "probe", [new_id()])).values()
    owner, agent, guest, neighbour = [Person(client, one, await signed_in(one)) for one in ids]
    # A subject that says too much of an owner: they are shown no staff line all the same.
    probes = Probes({ids[0]: "staff", ids[1]: "staff", ids[2]: "all"})
    app.state.sights = {"probe": probes}
    return Company(owner, agent, guest, neighbour, thread, probes)


def code(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_what_is_said_is_read_on_from_anywhere(company: Company) -> None:
    owner, agent, thread = company.owner, company.agent, company.thread
    for number in range(1, 8):
        said = await (owner, agent)[number % 2].say(thread, f"第{number}句", cid=f"c{number}")
        assert (said.status_code, said.json()["seq"], said.json()["cid"]) == (201, number, f"c{number}")
    pages = {
        "": [7, 6, 5, 4, 3, 2, 1],
        "after=0&limit=3": [1, 2, 3],
        "after=3&limit=3": [4, 5, 6],
        "after=6&limit=3": [7],
        "after=7": [],
        "before=4&limit=2": [3, 2],
        "before=1": [],
        "limit=7": [7, 6, 5, 4, 3, 2, 1],
    }
    following = {"after=0&limit=3": 3, "after=3&limit=3": 6, "before=4&limit=2": 2}
    for query, seqs in pages.items():
        page = (await owner.ask("GET", f"{thread}/entries?{query}")).json()
        assert [entry["seq"] for entry in page["items"]] == seqs, query
        assert page["next"] == following.get(query), query
    entry = (await owner.ask("GET", f"{thread}/entries?after=6")).json()["items"][0]
    assert entry.pop("at").endswith("Z")
    assert entry == {
        "seq": 7,
        "kind": "text",
        "author": str(agent.id),
        "body": {"text": "第7句"},
        "audience": "all",
        "cid": "c7",
        "hides": None,
        "erased": False,
    }


async def test_an_unchanged_page_is_not_sent_again(company: Company) -> None:
    owner, thread = company.owner, company.thread
    await owner.say(thread)
    page = await owner.ask("GET", f"{thread}/entries")
    held = {"if-none-match": page.headers["etag"]}
    again = await owner.ask("GET", f"{thread}/entries", headers=held)
    assert (again.status_code, again.content) == (304, b"")
    await company.agent.say(thread, audience="staff")
    assert (await owner.ask("GET", f"{thread}/entries", headers=held)).status_code == 304
    await company.agent.say(thread)
    assert (await owner.ask("GET", f"{thread}/entries", headers=held)).status_code == 200


async def test_a_line_sent_again_is_written_once(company: Company) -> None:
    owner, agent, thread = company.owner, company.agent, company.thread
    answers = await asyncio.gather(*(owner.say(thread, "还漏水", cid="once") for _ in range(8)))
    assert {(answer.status_code, answer.text) for answer in answers} == {(201, answers[0].text)}
    assert (await agent.say(thread, "另一个人", cid="once")).json()["seq"] == 2
    assert await owner.seqs(thread) == [2, 1]


async def test_only_those_in_sight(company: Company) -> None:
    owner, agent, neighbour, thread = company.owner, company.agent, company.neighbour, company.thread
    await owner.say(thread)
    acts: list[tuple[str, str, Mapping[str, Any]]] = [
        ("GET", "", {}),
        ("GET", "/entries", {}),
        ("POST", "/entries", {"json": {"kind": "text", "body": {"text": "a"}, "cid": "a"}}),
        ("POST", "/entries/1/withdrawal", {}),
        ("POST", "/read", {"json": {"seq": 1}}),
    ]
    for method, path, sent in acts:
        assert code(await neighbour.ask(method, f"{thread}{path}", **sent)) == (404, "not_found"), path
        assert code(await owner.ask(method, f"{new_id()}{path}", **sent)) == (404, "not_found"), path
    company.probes.silent.add(owner.id)
    assert code(await owner.say(thread)) == (403, "may_not_write")
    for person in (owner, company.guest):
        company.probes.silent.clear()
        assert code(await person.say(thread, audience="staff")) == (403, "staff_lines_by_staff")
    assert await agent.seqs(thread) == [1]
    del company.probes.sees[owner.id]
    assert code(await owner.ask("GET", f"{thread}/entries")) == (404, "not_found")


@pytest.mark.parametrize("seed", range(3))
async def test_owners_never_learn_of_a_staff_line(company: Company, work: Begin, seed: int) -> None:
    """Under any history: no list, no head, no unread count, no mark tells of a line that is for staff."""
    owner, agent, thread, chance = company.owner, company.agent, company.thread, random.Random(seed)
    history = [
        NewEntry(
            thread,
            chance.choice(("text", "assigned")),
            {"text": "内部" if audience == "staff" else "大家"},
            chance.choice((agent.id, owner.id, None)) if audience == "all" else agent.id,
            audience,
        )
        for audience in chance.choices(("all", "staff"), k=30)
    ]
    async with work() as unit:
        await append_many(unit, history)
    taken = [
        number
        for number, entry in enumerate(history, 1)
        if entry.kind == "text" and entry.author_id == agent.id and chance.random() < 0.5
    ]
    told = [history[number - 1].audience for number in taken]
    for number in taken:
        assert (await agent.ask("POST", f"{thread}/entries/{number}/withdrawal")).status_code == 201
    open_ = [number for number, entry in enumerate(history, 1) if entry.audience == "all"]
    withdrawals = [30 + place for place, audience in enumerate(told, 1) if audience == "all"]
    shown = [number for number in open_ if number not in taken] + withdrawals

    head = max(open_ + withdrawals)
    of_others = [n for n in shown if n <= 30 and history[n - 1].author_id != owner.id]
    assert await owner.seqs(thread, after=0, limit=100) == shown
    assert await owner.seqs(thread, limit=100) == shown[::-1]
    assert await owner.stands(thread) == (head, 0, len(of_others))
    assert (await owner.ask("POST", f"{thread}/read", json={"seq": 2**31 - 1})).json() == {"read": head}
    assert await owner.stands(thread) == (head, head, 0)
    walked: list[int] = []
    after: int | None = 0
    while after is not None:
        page = (await owner.ask("GET", f"{thread}/entries", params={"after": after, "limit": 4})).json()
        assert "内部" not in str(page)
        walked += [entry["seq"] for entry in page["items"]]
        after = page["next"]
    assert walked == shown
    guest = await company.guest.seqs(thread, after=0, limit=100)
    assert guest == shown
    assert len(await agent.seqs(thread, limit=100)) == 30
    assert (await agent.stands(thread))[0] == 30 + len(taken)


async def test_the_mark_goes_forward_and_not_beyond_the_end(company: Company) -> None:
    owner, agent, thread = company.owner, company.agent, company.thread
    assert await owner.stands(thread) == (0, 0, 0)
    for number in range(4):
        await (agent if number else owner).say(thread)
    assert await owner.stands(thread) == (4, 0, 3)
    for asked, mark, unread in ((2, 2, 2), (1, 2, 2), (3, 3, 1), (900, 4, 0), (0, 4, 0)):
        assert (await owner.ask("POST", f"{thread}/read", json={"seq": asked})).json() == {"read": mark}
        assert await owner.stands(thread) == (4, mark, unread)
    assert await agent.stands(thread) == (4, 0, 1)
    marks = await asyncio.gather(
        *(agent.ask("POST", f"{thread}/read", json={"seq": seq}) for seq in (1, 3, 2, 3, 1))
    )
    assert {mark.status_code for mark in marks} == {200}
    assert (await agent.stands(thread))[1] == 3


async def test_a_line_is_taken_back_within_two_minutes(
    company: Company, work: Begin, forward: Forward
) -> None:
    owner, agent, thread = company.owner, company.agent, company.thread
    async with work() as unit:
        await append_many(unit, [NewEntry(thread, "assigned", {}, agent.id)])
    await owner.say(thread, "说错了")
    await forward(timedelta(seconds=119))
    assert code(await agent.ask("POST", f"{thread}/entries/2/withdrawal")) == (403, "not_your_line")
    assert code(await agent.ask("POST", f"{thread}/entries/1/withdrawal")) == (409, "not_withdrawable")
    assert code(await owner.ask("POST", f"{thread}/entries/9/withdrawal")) == (404, "not_found")
    taken = await asyncio.gather(*(owner.ask("POST", f"{thread}/entries/2/withdrawal") for _ in range(4)))
    assert {(one.status_code, one.json()["seq"]) for one in taken} == {(201, 3)}
    for person in (owner, agent):
        page = (await person.ask("GET", f"{thread}/entries")).json()
        told = [(entry["seq"], entry["kind"], entry["hides"]) for entry in page["items"]]
        assert told == [(3, "withdrawn", 2), (1, "assigned", None)]
        assert "说错了" not in str(page)
    assert code(await agent.ask("POST", f"{thread}/entries/2/withdrawal")) == (404, "not_found")
    async with work() as unit:
        kept = (await unit.scalars(text("SELECT body ->> 'text' FROM entry ORDER BY seq"))).all()
    assert kept == [None, "说错了", None]
    await owner.say(thread)
    await forward(timedelta(seconds=121))
    assert code(await owner.ask("POST", f"{thread}/entries/4/withdrawal")) == (409, "too_late_to_withdraw")
    assert (await owner.ask("POST", f"{thread}/entries/2/withdrawal")).json()["seq"] == 3
    assert code(await owner.ask("POST", f"{thread}/entries/3/withdrawal")) == (409, "not_withdrawable")


async def test_an_erased_line_stays_without_its_body(company: Company, work: Begin, process: Process) -> None:
    owner, thread = company.owner, company.thread
    for words in ("电话13800000001", "好的"):
        await owner.say(thread, words)
    for _ in range(2):
        async with work() as unit:
            await erase(unit, process.waker, thread, [1])
    page = (await company.agent.ask("GET", f"{thread}/entries?after=0")).json()
    assert [(entry["body"], entry["erased"]) for entry in page["items"]] == [
        ({}, True),
        ({"text": "好的"}, False),
    ]


FILE = "0199d6a0-7c2e-7000-8000-6d1c5e0f4b11"
FILES = {kind: FILE[:-1] + str(number) for number, kind in enumerate(("photo", "file", "voice"))}
BODIES: dict[str, dict[str, Any]] = {
    "text": {"text": "x" * 4000},
    "photo": {"file": FILES["photo"], "caption": "裂缝\n在这里"},
    "file": {"file": FILES["file"], "name": "合同.pdf"},
    "voice": {"file": FILES["voice"], "seconds": 12.5},
    "place": {"latitude": 31.2, "longitude": 121.5, "name": "南门"},
}


async def test_each_kind_has_its_body(company: Company, work: Begin) -> None:
    owner, thread = company.owner, company.thread
    async with work() as unit:
        for kind, file_id in FILES.items():
            unit.add(ready_file(owner.id, kind, id=UUID(file_id)))
    for kind, body in BODIES.items():
        assert (await owner.say(thread, kind=kind, body=body)).status_code == 201, kind
    page = (await owner.ask("GET", f"{thread}/entries?after=0")).json()
    assert {entry["kind"]: entry["body"] for entry in page["items"]} == BODIES


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"kind": "opened"}, "kind", "literal_error"),
    ({"kind": None}, "kind", "literal_error"),
    ({"body": {"text": "x" * 4001}}, "body.text", "string_too_long"),
    ({"body": {"text": " "}}, "body.text", "string_too_short"),
    ({"body": {"text": "a\0b"}}, "body.text", "control_character"),
    ({"body": {"text": 7}}, "body.text", "string_type"),
    ({"body": {}}, "body.text", "missing"),
    ({"body": {"text": "好", "more": 1}}, "body.more", "extra_forbidden"),
    ({"body": "好"}, "body", "model_type"),
    ({"body": None}, "body", "model_type"),
    ({"kind": "photo"}, "body.file", "missing"),
    ({"kind": "photo", "body": {"file": "../etc/passwd"}}, "body.file", "uuid_parsing"),
    ({"kind": "file", "body": {"file": FILE, "name": "a\nb"}}, "body.name", "control_character"),
    ({"kind": "voice", "body": {"file": FILE, "seconds": 0}}, "body.seconds", "greater_than"),
    ({"kind": "voice", "body": {"file": FILE, "seconds": 1e300}}, "body.seconds", "less_than_equal"),
    ({"kind": "place", "body": {"latitude": 91, "longitude": 0}}, "body.latitude", "less_than_equal"),
    ({"kind": "place", "body": {"latitude": 0, "longitude": "1"}}, "body.longitude", "float_type"),
    ({"cid": "withdrawn:1"}, "cid", "string_pattern_mismatch"),
    ({"cid": "a\n"}, "cid", "string_pattern_mismatch"),
    ({"cid": "a" * 65}, "cid", "string_pattern_mismatch"),
    ({"cid": None}, "cid", "string_type"),
    ({"audience": "owners"}, "audience", "literal_error"),
]


async def test_what_cannot_be_said_is_refused_by_field(company: Company) -> None:
    owner, thread = company.owner, company.thread
    for change, where, what in WRONG:
        refused = await owner.say(thread, **change)
        assert refused.status_code == 422, change
        told = [(fault["field"], fault["code"]) for fault in refused.json()["errors"]]
        assert (where, what) in told, (change, told)
    huge = 2**31
    for method, path, sent, where in (
        ("GET", f"entries?after={huge}", {}, "after"),
        ("GET", "entries?after=-1", {}, "after"),
        ("GET", "entries?before=x", {}, "before"),
        ("GET", "entries?after=1&before=2", {}, "before"),
        ("GET", "entries?limit=101", {}, "limit"),
        ("POST", f"entries/{huge}/withdrawal", {}, "seq"),
        ("POST", "read", {"json": {"seq": huge}}, "seq"),
        ("POST", "read", {"json": {"seq": True}}, "seq"),
        ("POST", "read", {"json": {}}, "seq"),
    ):
        refused = await owner.ask(method, f"{thread}/{path}", **sent)
        assert refused.status_code == 422, path
        assert [fault["field"] for fault in refused.json()["errors"]] == [where], path
    assert await owner.seqs(thread) == []

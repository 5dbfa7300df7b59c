"""Repairs over 朗润园 in moved time: owners, engineers in basements, a bad network, and processes that are killed.

Some phones are away for a day, some send everything twice, photos are cut in the middle, one engineer leaves the
company with records on the phone; the API and the worker are killed on the way. What must be so is read from the
database and from the phones' own disks. In the suite it is a dozen tickets; all three hundred are

    FIELD=full .venv/bin/pytest -n0 -s tests/flows/test_repairs_in_the_field.py
"""

import asyncio
import contextlib
import os
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from backend.core.config import Settings
from backend.core.ids import new_id
from backend.platform.process import Process
from backend.platform.tree import Node
from tests.fakes.field_client import FieldClient, TryAgain
from tests.fixtures.application import Drain
from tests.fixtures.estate import Estate, home_row, project_of
from tests.fixtures.field import finished, jpeg, protected
from tests.fixtures.forks import Child
from tests.fixtures.journeys import rows
from tests.fixtures.live import LiveApp, LiveApps
from tests.fixtures.people import header_for, staff_account
from tests.fixtures.process import Begin, Forward

FULL = os.environ.get("FIELD") == "full"
TICKETS, ENGINEERS, KILLS = (300, 8, 3) if FULL else (7, 3, 1)
SEED = 6

Headers = dict[str, str]


@dataclass(slots=True)
class Town:
    """What runs, and the way to it: which is bad for phones, and which nobody can rely on."""

    serve: LiveApps
    spawn: Callable[..., Child]
    live: LiveApp
    client: httpx.AsyncClient
    chance: random.Random
    handed_in: int = 0
    killed: Counter[str] = field(default_factory=Counter)

    async def kill_the_api(self) -> None:
        """In the middle of whatever it does; another one comes."""
        self.killed["api"] += 1
        self.live.api.kill()
        self.live.api.wait()
        worker = self.live.worker
        self.live = await self.serve()
        self.live = LiveApp(self.live.url, self.live.api, worker)

    def kill_the_worker(self) -> None:
        self.killed["worker"] += 1
        assert self.live.worker is not None
        self.live.worker.kill()
        self.live.worker.wait()
        self.live = LiveApp(self.live.url, self.live.api, self.spawn("worker"))

    async def ask(self, who: Headers, method: str, path: str, **sent: Any) -> httpx.Response:
        told = who | sent.pop("headers", {})
        try:
            return await self.client.request(method, self.live.url + path, headers=told, **sent)
        except httpx.TransportError as error:
            raise TryAgain from error

    async def sure(self, who: Headers, method: str, path: str, **sent: Any) -> Any:
        """Somebody at a good line, who asks until there is an answer; whatever is done is done once."""
        key = {"idempotency-key": str(new_id())}
        for _ in range(200):
            try:
                answer = await self.ask(who, method, path, headers=key, **sent)
            except TryAgain:
                await asyncio.sleep(0.1)
                continue
            if answer.status_code < 500:
                assert answer.status_code < 400, (path, sent, answer.text)
                return answer.json()
        raise AssertionError("nobody answers")

    async def move(self, headers: Headers, ticket: str, move: str, **data: Any) -> None:
        await self.sure(headers, "POST", f"/v1/tickets/{ticket}/moves", json={"move": move, "data": data})

    def bad_line(self, headers: Headers, *, doubles: bool) -> Callable[..., Any]:
        """A phone's way: requests and answers are lost, photos cut in the middle, and batches sent twice at once."""

        async def ask(method: str, path: str, **sent: Any) -> httpx.Response:
            weather = self.chance.random()
            if weather < 0.06:
                raise TryAgain
            if method == "PATCH" and weather < 0.4 and len(sent["content"]) > 1:
                half = sent["content"][: len(sent["content"]) // 2]
                await self.ask(headers, method, path, **sent | {"content": half})
                raise TryAgain
            if path == "/v1/sync" and method == "POST":
                self.handed_in += 1
                if doubles:
                    both = await asyncio.gather(*(self.ask(headers, method, path, **sent) for _ in range(2)))
                    return both[1]
            answer = await self.ask(headers, method, path, **sent)
            if weather > 0.92:
                raise TryAgain
            return answer

        return ask


@dataclass(slots=True)
class Engineer:
    """Somebody with one phone, or two."""

    id: UUID
    headers: Headers
    phones: list[FieldClient]

    async def get_through(self) -> None:
        """Sync every phone until nothing waits on it, for as long as it gets on."""
        for phone in self.phones:
            patience, waiting, heard = 400, phone.waiting(), False
            while (waiting or not heard) and patience:
                with contextlib.suppress(TryAgain):
                    await phone.sync()
                    heard = True
                still = phone.waiting()
                patience, waiting = 400 if len(still) < len(waiting) else patience - 1, still
                if waiting:
                    await asyncio.sleep(0.1)
            assert phone.waiting() == []

    def visits(self, phone: FieldClient, ticket: str, steps: Sequence[str]) -> None:
        """Record what is done at a home, without a network."""
        photo = jpeg(int(ticket.replace("-", "")[-6:], 16))
        brings: dict[str, dict[str, Any]] = {
            "protect": protected(photo),
            "start": {"livable": True},
            "finish": finished(photo),
        }
        for step in steps:
            phone.record(ticket, step, brings.get(step))


VISIT = ("set_out", "arrive", "protect", "start", "finish")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"files_per_hour": 100_000})


@pytest.mark.timeout(900 if FULL else 120)
async def test_a_week_of_repairs(
    process: Process,
    settings: Settings,
    estate: Estate,
    work: Begin,
    drain: Drain,
    forward: Forward,
    live_app: LiveApps,
    spawn: Callable[..., Child],
    tmp_path: Path,
) -> None:
    homes = [
        home_row(f"{n // 4 + 1:02}{n % 4 + 1:02}", f"业主{n}", f"138{n:08}", 实际交付日期="2024-06-30")
        for n in range(TICKETS)
    ]
    assert (await estate(homes)).written
    await drain()
    project_id = await project_of(process)
    async with work() as unit:
        project = await unit.get_one(Node, project_id)
        ids = [(await staff_account(unit, f"R{n}", "repair_engineer", project)).id for n in range(ENGINEERS)]
        manager_id = (await staff_account(unit, "M1", "property_manager", project)).id
        desk_id = (await staff_account(unit, "D1", "customer_service_specialist", project)).id
    owners = await rows(
        process, "SELECT account_id, ownership_id FROM household_member WHERE role = 'owner' ORDER BY id"
    )
    manager, desk = [await header_for(process, settings, id_) for id_ in (manager_id, desk_id)]
    at_home = [await header_for(process, settings, row.account_id) for row in owners]

    engineers: list[Engineer] = []

    async def sign_in_again() -> None:
        """Sessions of employees end with the day; the outbox does not."""
        signed_in = {manager_id: manager, desk_id: desk} | {one.id: one.headers for one in engineers}
        signed_in |= {row.account_id: headers for row, headers in zip(owners, at_home, strict=True)}
        for id_, headers in signed_in.items():
            headers.update(await header_for(process, settings, id_))

    async with httpx.AsyncClient(timeout=30) as client:
        chance = random.Random(SEED)
        town = Town(live_app, spawn, await live_app(worker=True), client, chance)
        for place, id_ in enumerate(ids):
            headers = await header_for(process, settings, id_)
            line = town.bad_line(headers, doubles=place == 1)
            names = ("one", "two") if place == 0 else ("one",)
            phones = [
                FieldClient(tmp_path / str(place) / name, name, line, process.clock.now) for name in names
            ]
            engineers.append(Engineer(id_, headers, phones))
        tickets = await _report(town, owners, at_home)
        await _agree_on_visits(engineers, process)
        others, gone = await _a_day_without_a_network(town, engineers, tickets, at_home, manager, forward)
        await sign_in_again()
        await _everybody_comes_back(town, engineers)
        await forward(timedelta(hours=2))
        await _the_others_do_what_was_left(others, gone)
        await forward(timedelta(hours=2))
        await _to_the_end(town, engineers, tickets, at_home, desk, process)
    assert town.killed == {"api": KILLS, "worker": KILLS}
    await _every_ticket_had_one_engineer(process, len(gone))
    await _no_gate_was_passed_without_evidence(process)
    await _every_operation_is_somewhere(process, tmp_path)


async def _report(town: Town, owners: Sequence[Any], at_home: Sequence[Headers]) -> list[str]:
    """Each owner reports a leak; what they get is an engineer by name."""

    async def one(place: int) -> str:
        leak = {
            "id": str(new_id()),
            "place": "厨房水槽",
            "component": "pipes",
            "description": "水槽下面在漏水",
        }
        asked = leak | {"ownership_id": str(owners[place].ownership_id)}
        ticket = await town.sure(at_home[place], "POST", "/v1/tickets", json=asked)
        assert ticket["engineer"]["name"]
        return str(ticket["id"])

    places = asyncio.Semaphore(4)

    async def in_turn(place: int) -> str:
        async with places:
            return await one(place)

    return await asyncio.gather(*(in_turn(place) for place in range(len(owners))))


async def _agree_on_visits(engineers: Sequence[Engineer], process: Process) -> None:
    # Nobody's visits are at the same time, so that whoever takes over is free.
    places = count()

    async def one(engineer: Engineer) -> None:
        await engineer.get_through()
        for ticket in engineer.phones[0].tickets():
            starts = process.clock.now() + timedelta(hours=1, minutes=30 * next(places))
            times = {"starts_at": starts.isoformat(), "ends_at": (starts + timedelta(minutes=20)).isoformat()}
            engineer.phones[0].record(ticket, "accept")
            engineer.phones[0].record(ticket, "contact", {"reached": True, "words": "已联系"})
            engineer.phones[0].record(ticket, "appoint", times)
        await engineer.get_through()

    await asyncio.gather(*map(one, engineers))


async def _a_day_without_a_network(
    town: Town,
    engineers: Sequence[Engineer],
    tickets: Sequence[str],
    at_home: Sequence[Headers],
    manager: Headers,
    forward: Forward,
) -> tuple[list[Engineer], list[str]]:
    """Everything is recorded and nothing sent, while owners cancel and one engineer leaves.

    Returns the others, and which tickets he had.
    """
    await forward(timedelta(hours=3))
    for engineer in engineers:
        for place, ticket in enumerate(engineer.phones[0].tickets()):
            engineer.visits(engineer.phones[0], ticket, VISIT)
            if len(engineer.phones) > 1 and place % 2:
                # The second phone was in the other pocket.
                engineer.visits(engineer.phones[1], ticket, VISIT[:2])
    for ticket, headers in list(zip(tickets, at_home, strict=True))[::5]:
        await town.move(headers, ticket, "cancel", reason="自己修好了")
    had: dict[UUID, list[str]] = {engineer.id: [] for engineer in engineers}
    for ticket in tickets:
        stands = await town.sure(manager, "GET", f"/v1/tickets/{ticket}")
        if stands["state"] != "cancelled":
            had[UUID(stands["engineer"]["account_id"])].append(ticket)
    leaver = max(engineers[1:], key=lambda one: len(had[one.id]))
    others, gone = [one for one in engineers if one is not leaver], had[leaver.id]
    for place, ticket in enumerate(gone):
        to = str(others[place % len(others)].id)
        await town.move(manager, ticket, "succeed", to=to, reason="left_company", words="离职")
    await forward(timedelta(hours=21))
    return others, gone


async def _everybody_comes_back(town: Town, engineers: Sequence[Engineer]) -> None:
    """At once; and what they come back to is killed under them."""

    async def kill() -> None:
        begun = town.handed_in
        for kills in range(1, KILLS + 1):
            while town.handed_in < begun + 2 * kills:
                await asyncio.sleep(0.01)
            await town.kill_the_api()
            town.kill_the_worker()

    killing = asyncio.create_task(kill())
    await asyncio.gather(*(engineer.get_through() for engineer in engineers))
    while not killing.done():
        # Whoever has nothing to send is killed under all the same.
        town.handed_in += 1
        await asyncio.sleep(0.05)
    await killing


async def _the_others_do_what_was_left(engineers: Sequence[Engineer], gone: Sequence[str]) -> None:
    for engineer in engineers:
        await engineer.get_through()
        for ticket in set(gone) & engineer.phones[0].tickets().keys():
            engineer.visits(engineer.phones[0], ticket, VISIT)
        await engineer.get_through()


async def _to_the_end(
    town: Town,
    engineers: Sequence[Engineer],
    tickets: Sequence[str],
    at_home: Sequence[Headers],
    desk: Headers,
    process: Process,
) -> None:
    """Cleaned, signed or sent back and done again, visited, closed."""
    by_id = {str(engineer.id): engineer for engineer in engineers}
    for place, (ticket, headers) in enumerate(zip(tickets, at_home, strict=True)):
        stands = await town.sure(headers, "GET", f"/v1/tickets/{ticket}")
        if stands["state"] == "cancelled":
            continue
        assert stands["state"] == "done", (ticket, stands["state"])
        if place % 4 == 1:
            await town.move(headers, ticket, "reject", reason="还在滴水")
            engineer = by_id[stands["engineer"]["account_id"]]
            await engineer.get_through()
            engineer.visits(engineer.phones[0], ticket, VISIT)
            await engineer.get_through()
        starts_at = (process.clock.now() + timedelta(hours=1)).isoformat()
        await town.move(desk, ticket, "book_cleaning", company="洁安保洁", starts_at=starts_at)
        await town.move(headers, ticket, "tick_cleaning")
        await town.move(headers, ticket, "sign", opinion="修好了")
        await town.move(desk, ticket, "visit", words="业主满意")
        await town.move(desk, ticket, "close")


async def _every_ticket_had_one_engineer(process: Process, successions: int) -> None:
    """RP-04: or a succession that the owner was told of."""
    assert Counter(row.state for row in await rows(process, "SELECT state FROM ticket")) == {
        "cancelled": (TICKETS + 4) // 5,
        "closed": TICKETS - (TICKETS + 4) // 5,
    }
    assert successions
    found = await rows(
        process,
        """SELECT t.id, t.engineer_id, t.ownership_id,
            array(SELECT s.to_id FROM succession s JOIN entry e ON e.thread_id = t.thread_id AND e.seq = s.entry_seq
                WHERE s.ticket_id = t.id AND e.kind = 'engineer_changed' AND e.audience = 'all' ORDER BY s.at) AS later,
            array(SELECT DISTINCT e.author_id FROM entry e WHERE e.thread_id = t.thread_id
                AND e.kind IN ('set_out', 'arrived', 'protected', 'started', 'finished')) AS did,
            (SELECT count(*) FROM notice n WHERE n.kind = 'ticket_engineer_changed' AND n.subject_id = t.id) AS told
        FROM ticket t""",
    )
    assert sum(len(row.later) for row in found) == successions
    for row in found:
        assert len(row.later) <= 1
        assert not row.later or row.later[-1] == row.engineer_id
        assert (row.told > 0) == bool(row.later), "the owner is told of it"
        assert set(row.did) <= {row.engineer_id}, "who did it is who has it"


async def _no_gate_was_passed_without_evidence(process: Process) -> None:
    """RP-05 to RP-09, RC-10: for every time that a ticket came into a state, what its gate asks for stands there."""
    wanted = {
        "working": "SELECT FROM ticket_tick e WHERE e.ticket_id = t.id AND e.item = 'floor_mat' AND e.photos <> '{}'",
        "done": "SELECT FROM ticket_finish e WHERE e.ticket_id = t.id AND e.photos <> '{}'",
        "cleaned": "SELECT FROM ticket_cleaning e WHERE e.ticket_id = t.id AND e.ticked_by IS NOT NULL",
        "signed": "SELECT FROM ticket_signature e WHERE e.ticket_id = t.id",
        "visited": "SELECT FROM ticket_return_visit e WHERE e.ticket_id = t.id AND e.by_id <> t.engineer_id",
    }
    for state, evidence in wanted.items():
        turns = await rows(
            process, "SELECT DISTINCT ticket_id FROM ticket_turn WHERE state = :state", state=state
        )
        without = await rows(
            process,
            "SELECT t.id FROM ticket t JOIN ticket_turn u ON u.ticket_id = t.id"
            f" WHERE u.state = :state AND NOT EXISTS ({evidence})",
            state=state,
        )
        assert turns, state
        assert without == [], state
    # As often as work began, so often was everything protected, and so often was it recorded as done.
    [counted] = await rows(
        process,
        """SELECT (SELECT count(*) FROM ticket_turn WHERE state = 'working') AS begun,
            (SELECT count(*) FROM (SELECT FROM ticket_tick GROUP BY ticket_id, visit HAVING count(*) = 6) x) AS covered,
            (SELECT count(*) FROM ticket_turn WHERE state = 'done') AS ended,
            (SELECT count(*) FROM ticket_finish) AS recorded""",
    )
    assert counted.begun <= counted.covered
    assert counted.ended == counted.recorded


async def _every_operation_is_somewhere(process: Process, folder: Path) -> None:
    """RC-20: whatever was ever recorded on a phone is done, or stands on the ticket's thread with when and why not."""
    recorded: dict[tuple[str, str], tuple[str, datetime]] = {}
    for disk in folder.glob("*/*/field.db"):
        with sqlite3.connect(disk) as phone:
            for id_, at, answer in phone.execute("SELECT id, at, answer FROM operation"):
                assert answer is not None
                recorded[disk.parent.name, id_] = answer, datetime.fromisoformat(at)
    found = await rows(
        process,
        """SELECT o.device, o.id, o.outcome, o.code, o.claimed_at, o.at, o.received_at, e.kind, e.body, e.at AS line_at
        FROM sync_operation o LEFT JOIN entry e ON e.thread_id = o.thread_id AND e.seq = o.seq""",
    )
    assert {(row.device, str(row.id)) for row in found} == recorded.keys()
    for row in found:
        answer, at = recorded[row.device, str(row.id)]
        assert ('"refused"' in answer) == (row.outcome == "refused")
        assert row.claimed_at == at
        if row.outcome == "refused":
            assert (row.kind, row.body["code"], row.line_at) == ("late_record", row.code, row.at)
    assert Counter(row.outcome for row in found)["refused"] > 0
    # Its photos came along.
    lost = await rows(
        process,
        """SELECT o.id FROM sync_operation o JOIN entry e ON e.thread_id = o.thread_id AND e.seq = o.seq
        CROSS JOIN LATERAL jsonb_array_elements_text(e.body -> 'photos') AS photo (id)
        WHERE NOT EXISTS (SELECT FROM entry p WHERE p.thread_id = e.thread_id AND p.kind = 'late_photo'
            AND p.body ->> 'file' = photo.id)""",
    )
    assert lost == []
    # Versions are brought about one by one: nothing was done twice.
    doubled = await rows(
        process,
        "SELECT ticket_id, version FROM sync_operation WHERE version IS NOT NULL"
        " GROUP BY ticket_id, version HAVING count(*) > 1",
    )
    assert doubled == []

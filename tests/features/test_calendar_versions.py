"""A new version never moves a promise: it lists what it would move, and somebody decides."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from backend.core.clock import SHANGHAI
from backend.core.ids import new_id
from backend.db.work import Work
from backend.platform.calendar import RunningClock, calendar_of, due, read_rule
from backend.platform.process import Process
from backend.platform.tree import Node, add_node, root_node
from tests.fixtures.people import SignedIn
from tests.fixtures.process import Begin

SHORT = [{"opens": "09:00", "closes": "09:01"}]


@dataclass
class Promises:
    """A feature's running clocks, kept in a list."""

    clocks: dict[UUID, RunningClock] = field(default_factory=dict)
    asked: list[datetime | None] = field(default_factory=list)
    entries: list[tuple[str, str, UUID]] = field(default_factory=list)

    async def running(
        self, work: Work, nodes: list[UUID], started_before: datetime | None
    ) -> Sequence[RunningClock]:
        self.asked.append(started_before)
        below = {node.id for node in await work.scalars(select(Node)) if set(node.path) & set(nodes)}
        return [
            clock
            for clock in self.clocks.values()
            if clock.node_id in below and (started_before is None or clock.start < started_before)
        ]

    async def revise(
        self, work: Work, clock: RunningClock, new_due: datetime, reason: str, actor: UUID
    ) -> bool:
        standing = self.clocks.get(clock.id)
        if standing is None or standing.due != clock.due:
            return False
        self.clocks[clock.id] = replace(standing, due=new_due)
        self.entries.append((clock.name, reason, actor))
        return True


@pytest.fixture
def promises(process: Process) -> Promises:
    held = Promises()
    process.clocks.register("promise", held)
    return held


@pytest.fixture
async def projects(work: Begin) -> tuple[Node, Node]:
    async with work() as session:
        region = await add_node(session, await root_node(session), "region", name="上海", key="上海")
        return (
            await add_node(session, region, "project", name="朗润园", key="朗润园"),
            await add_node(session, region, "project", name="华尔兹", key="华尔兹"),
        )


@pytest.fixture
async def admin(staffed: SignedIn) -> dict[str, str]:
    return await staffed("A1", "administrator")


async def promise(
    work: Begin, held: Promises, node: Node, subject: UUID, name: str, start: str, kind: str, value: int
) -> RunningClock:
    """A running clock, due as the calendar has it now."""
    rule, begun = (
        read_rule({"kind": kind, "value": value}),
        datetime.fromisoformat(start).replace(tzinfo=SHANGHAI),
    )
    async with work() as session:
        calendar = await calendar_of(session, node.id)
    moment = due(calendar, begun, rule).moment
    clock = RunningClock(new_id(), "promise", subject, node.id, name, begun, rule, moment, calendar.version)
    held.clocks[clock.id] = clock
    return clock


async def close(client: AsyncClient, header: dict[str, str], node: UUID, *days: str) -> Response:
    asked = {"node": str(node), "reason": "台风", "days": [{"day": day, "shifts": []} for day in days]}
    return await client.put("/v1/calendar/overrides", json=asked, headers={**header, "if-match": "*"})


async def revise(client: AsyncClient, header: dict[str, str], number: int, **asked: Any) -> Response:
    return await client.post(
        f"/v1/calendar/versions/{number}/revisions", json={"reason": "已说明"} | asked, headers=header
    )


async def test_a_version_lists_what_it_would_move_and_moves_nothing(
    client: AsyncClient, work: Begin, promises: Promises, projects: tuple[Node, Node], admin: dict[str, str]
) -> None:
    here, there = projects
    first, second = new_id(), new_id()
    c1 = await promise(work, promises, here, first, "C1", "2026-11-23 16:00", "working_hours", 4)
    c3 = await promise(work, promises, here, first, "C3", "2026-11-23 16:00", "working_days", 2)
    await promise(work, promises, here, first, "C5", "2026-11-23 16:00", "calendar_days", 7)
    await promise(work, promises, here, second, "C1", "2026-11-30 16:00", "working_hours", 4)
    other = await promise(work, promises, there, second, "C3", "2026-11-23 16:00", "working_days", 2)
    before = dict(promises.clocks)
    made = await close(client, admin, here.id, "2026-11-24")
    told = made.json()
    assert (made.status_code, told["moved_count"], told["next"]) == (200, 2, None)
    assert {(one["name"], one["subject"], one["old_due"], one["new_due"]) for one in told["moved"]} == {
        ("C1", str(first), "2026-11-24T03:00:00.000Z", "2026-11-25T03:00:00.000Z"),
        ("C3", str(first), "2026-11-25T10:00:00.000Z", "2026-11-26T10:00:00.000Z"),
    }
    assert promises.clocks == before
    # Whatever starts before the closed day is over, a shift of its night included.
    assert promises.asked == [datetime(2026, 11, 26, tzinfo=SHANGHAI)]
    shown = (await client.get("/v1/calendar/versions/1", params={"limit": 1}, headers=admin)).json()
    rest = await client.get(
        "/v1/calendar/versions/1", params={"limit": 1, "cursor": shown["next"]}, headers=admin
    )
    assert {one["clock"] for one in (*shown["moved"], *rest.json()["moved"])} == {str(c1.id), str(c3.id)}
    assert rest.json()["next"] is None
    # A region's version reaches every project below it.
    region = here.path[-2]
    wider = (await close(client, admin, region, "2026-11-25")).json()
    assert {one["clock"] for one in wider["moved"]} == {str(c1.id), str(c3.id), str(other.id)}


async def test_revising_is_a_decision_of_its_own(
    client: AsyncClient, work: Begin, promises: Promises, projects: tuple[Node, Node], admin: dict[str, str]
) -> None:
    here, _ = projects
    first, second, third = new_id(), new_id(), new_id()
    one = await promise(work, promises, here, first, "C3 一", "2026-11-23 16:00", "working_days", 2)
    two = await promise(work, promises, here, second, "C3 二", "2026-11-23 17:00", "working_days", 2)
    gone = await promise(work, promises, here, third, "C3 三", "2026-11-23 17:00", "working_days", 2)
    await close(client, admin, here.id, "2026-11-24")
    for asked in ({}, {"subjects": [str(first)], "all": True}):
        refused = await revise(client, admin, 1, **asked)
        assert (refused.status_code, refused.json()["code"]) == (422, "subjects_or_all")
    strangers = await revise(client, admin, 1, subjects=[str(new_id())])
    assert (strangers.status_code, strangers.json()["code"]) == (409, "nothing_to_revise")
    done = await revise(client, admin, 1, subjects=[str(first)])
    assert (done.status_code, done.json()) == (200, {"revised": 1, "passed_over": 0})
    me = UUID((await client.get("/v1/me", headers=admin)).json()["id"])
    assert promises.entries == [("C3 一", "已说明", me)]
    assert promises.clocks[one.id].due == one.due + timedelta(days=1)
    assert promises.clocks[two.id] == two
    # One has ended meanwhile: it is passed over, the other is revised.
    del promises.clocks[gone.id]
    assert (await revise(client, admin, 1, all=True)).json() == {"revised": 1, "passed_over": 1}
    moved = (await client.get("/v1/calendar/versions/1", headers=admin)).json()["moved"]
    assert {move["name"]: move["revision_reason"] for move in moved} == {
        "C3 一": "已说明", "C3 二": "已说明", "C3 三": None,
    }  # fmt: skip


async def test_a_still_newer_version_stands_above_an_old_list(
    client: AsyncClient, work: Begin, promises: Promises, projects: tuple[Node, Node], admin: dict[str, str]
) -> None:
    here, _ = projects
    held = await promise(work, promises, here, new_id(), "C3", "2026-11-23 16:00", "working_days", 2)
    await close(client, admin, here.id, "2026-11-24")
    await close(client, admin, here.id, "2026-11-25")
    assert (await revise(client, admin, 1, all=True)).json() == {"revised": 0, "passed_over": 1}
    assert promises.clocks[held.id] == held
    assert (await revise(client, admin, 2, all=True)).json() == {"revised": 1, "passed_over": 0}
    assert promises.clocks[held.id].due == held.due + timedelta(days=2)


async def test_what_would_end_a_promise_for_good_is_not_published(
    client: AsyncClient, work: Begin, promises: Promises, projects: tuple[Node, Node], admin: dict[str, str]
) -> None:
    here, _ = projects
    await promise(work, promises, here, new_id(), "C3", "2026-11-23 16:00", "working_days", 2)
    asked = {
        "node": str(here.id),
        "week": {"monday": SHORT, "tuesday": SHORT},
        "reason": "调整",
    }
    assert (
        await client.put("/v1/calendar/hours", json=asked, headers={**admin, "if-match": "*"})
    ).status_code == 200
    await promise(work, promises, here, new_id(), "C1", "2026-11-23 16:00", "working_days", 700)
    refused = await client.put(
        "/v1/calendar/hours",
        json={
            "node": str(here.id),
            "week": {"sunday": [{"opens": "09:00", "closes": "10:00"}]},
            "reason": "调整",
        },
        headers={**admin, "if-match": "*"},
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "calendar_too_far")


async def test_versions_cannot_be_rewritten(
    client: AsyncClient, work: Begin, projects: tuple[Node, Node], admin: dict[str, str]
) -> None:
    await close(client, admin, projects[0].id, "2026-11-24")
    for statement in ("UPDATE calendar_version SET reason = ''", "DELETE FROM calendar_version"):
        with pytest.raises(DBAPIError, match="append only"):
            async with work() as session:
                await session.execute(text(statement))


def test_one_kind_has_one_provider(process: Process, promises: Promises) -> None:
    with pytest.raises(ValueError, match="promise"):
        process.clocks.register("promise", promises)

"""Journeys on a real database: they begin with an import, move with dates, turn by timers, end with a sale."""

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from backend.core.clock import local_date
from backend.features.journey.service import milestones_without_timer
from backend.platform.process import Process
from tests.fixtures.application import Drain
from tests.fixtures.estate import Estate, account_of, home_row, ownership_of, project_of
from tests.fixtures.journeys import Fire, rows
from tests.fixtures.people import SignedIn
from tests.fixtures.process import Forward

OWNER = "+8613542604684"
MILESTONES = (
    "SELECT m.obligation, m.state, m.due_on, m.first_due_on FROM milestone m JOIN journey j ON j.id = m.journey_id"
    " WHERE j.ownership_id = :id ORDER BY m.rank"
)
ENTRIES = (
    "SELECT e.kind, e.body, e.audience, e.author_id FROM entry e JOIN journey j ON j.thread_id = e.thread_id"
    " WHERE j.ownership_id = :id ORDER BY e.seq"
)


@pytest.fixture
def today(process: Process) -> date:
    return local_date(process.clock.now())


def signed_today(today: date, room: str = "0101", phone: str = "13542604684", **more: str) -> dict[str, str]:
    """A home that was subscribed and signed today and is handed over in 300 days."""
    return home_row(
        room,
        "李欣",
        phone,
        认购日期=today.isoformat(),
        签约日期=today.isoformat(),
        合同交付日期=(today + timedelta(days=300)).isoformat(),
        **more,
    )


async def states(process: Process, ownership_id: UUID) -> dict[str, tuple[str, date | None, date | None]]:
    found = await rows(process, MILESTONES, id=ownership_id)
    return {row.obligation: (row.state, row.due_on, row.first_due_on) for row in found}


async def kinds(process: Process, ownership_id: UUID) -> list[str]:
    return [row.kind for row in await rows(process, ENTRIES, id=ownership_id)]


async def edit(
    client: AsyncClient, headers: Mapping[str, str], ownership_id: UUID, **facts: Any
) -> dict[str, Any]:
    address = f"/v1/ownerships/{ownership_id}"
    tag = (await client.get(address, headers=headers)).headers["etag"]
    answer = await client.patch(
        address, json={"reason": "更正", **facts}, headers={**headers, "if-match": tag}
    )
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def everything_has_its_timer(process: Process) -> bool:
    async with process.works.begin() as work:
        return not await milestones_without_timer(work)


async def test_an_import_lays_every_journey_out_once(
    process: Process, estate: Estate, drain: Drain, today: date
) -> None:
    """S2-26, DL-09, CT-35: what is owed now, what comes and when, and nothing of what is not known yet."""
    sheet = [signed_today(today), home_row("0102", "石秀荣", "15855608283")]
    await estate(sheet)
    assert await drain() >= 1
    ownership = await ownership_of(process, "合同-0101")
    found = await states(process, ownership)
    week, pack = today + timedelta(days=7), today + timedelta(days=290)
    assert found["specialist-first-contact"] == ("due", week, week)
    assert found["cooling-off"][0] == "due"
    assert found["delivery-pack"] == ("coming", pack, pack)
    assert found["three-month-visit"] == ("coming", None, None)
    old = await states(process, await ownership_of(process, "合同-0102"))
    assert old["specialist-first-contact"][0] == "missed"
    [journey] = await rows(process, "SELECT * FROM journey WHERE ownership_id = :id", id=ownership)
    assert (journey.step, journey.dates["signed_on"]) == ("STEP-3", today.isoformat())
    assert await kinds(process, ownership) == ["journey_begun"]
    [task] = await rows(
        process,
        "SELECT t.role, t.held_at, t.vacant_passed FROM task t JOIN milestone m ON m.id = t.milestone_id"
        " JOIN journey j ON j.id = m.journey_id WHERE j.ownership_id = :id"
        " AND m.obligation = 'specialist-first-contact'",
        id=ownership,
    )
    # Nobody holds the role yet: building, project, region and company were looked at.
    assert (task.role, task.held_at, len(task.vacant_passed)) == ("customer_relations_specialist", None, 4)
    assert await everything_has_its_timer(process)

    before = await rows(process, "SELECT * FROM milestone ORDER BY id")
    await estate(sheet)
    assert await rows(process, "SELECT * FROM outbox") == []
    assert await rows(process, "SELECT * FROM milestone ORDER BY id") == before


async def test_what_is_owed_once_in_a_project_stands_on_its_own_journey(
    process: Process, estate: Estate, drain: Drain, client: AsyncClient, staffed: SignedIn, today: date
) -> None:
    """S3-26: one post a month for everybody; the project's dates follow from its homes until it sets its own."""
    await estate([signed_today(today), signed_today(today, "0102", "13902884299")])
    await drain()
    project = await project_of(process)
    sql = "SELECT occurrence, state, due_on FROM milestone WHERE journey_id = :id AND obligation = :code ORDER BY 1"
    posts = await rows(process, sql, id=project, code="progress-post")
    first = today if today.day == 1 else (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    assert (posts[0].occurrence, posts[0].state) == (first, "due" if first == today else "coming")

    [group] = await rows(process, sql, id=project, code="delivery-risk-group")
    headers = await staffed("T1", "customer_manager")
    address = f"/v1/projects/{project}"
    tag = (await client.get(address, headers=headers)).headers["etag"]
    later = (today + timedelta(days=500)).isoformat()
    answer = await client.patch(
        address, json={"first_delivery_on": later}, headers={**headers, "if-match": tag}
    )
    assert (answer.status_code, answer.json()["first_delivery_on"]) == (200, later)
    await drain()
    [moved] = await rows(process, sql, id=project, code="delivery-risk-group")
    assert moved.due_on > group.due_on
    assert await everything_has_its_timer(process)


async def test_a_corrected_date_moves_what_hangs_on_it_and_says_so(
    process: Process, estate: Estate, drain: Drain, client: AsyncClient, staffed: SignedIn, today: date
) -> None:
    await estate([signed_today(today)])
    await drain()
    headers = await staffed("T1", "customer_manager")
    ownership = await ownership_of(process, "合同-0101")
    later = today + timedelta(days=331)
    await edit(client, headers, ownership, delivery_due_on=later.isoformat(), reason="竣工推迟")
    await drain()
    pack, first = later - timedelta(days=10), today + timedelta(days=290)
    assert (await states(process, ownership))["delivery-pack"] == ("coming", pack, first)
    line = (await rows(process, ENTRIES, id=ownership))[-1]
    assert (line.kind, line.audience, line.body["reason"]) == ("dates_moved", "all", "竣工推迟")
    assert line.author_id is not None
    assert line.body["dates"] == {
        "delivery_due_on": {"from": (today + timedelta(days=300)).isoformat(), "to": later.isoformat()}
    }
    [told] = line.body["milestones"]
    assert (told["from"], told["due_on"], told["first_due_on"]) == (str(first), str(pack), str(first))
    [timer] = await rows(
        process,
        "SELECT t.due_at, m.opens_at FROM timer t JOIN milestone m ON m.id::text = t.key"
        " JOIN journey j ON j.id = m.journey_id WHERE j.ownership_id = :id AND m.obligation = 'delivery-pack'",
        id=ownership,
    )
    assert timer.due_at == timer.opens_at
    # What moves no date moves no journey.
    await edit(client, headers, ownership, remark="电话联系")
    assert await rows(process, "SELECT * FROM outbox") == []


async def test_time_turns_milestones_each_with_its_line(
    process: Process, estate: Estate, drain: Drain, fire: Fire, forward: Forward, today: date
) -> None:
    await estate([signed_today(today)])
    await drain()
    ownership = await ownership_of(process, "合同-0101")
    await forward(timedelta(days=8))
    assert await fire() >= 1
    found = await states(process, ownership)
    assert found["specialist-first-contact"][0] == "late"
    assert found["cooling-off"][0] == "done"
    late = [row for row in await rows(process, ENTRIES, id=ownership) if row.kind == "milestone_late"]
    assert {row.body["obligation"] for row in late} >= {"specialist-first-contact"}
    assert {row.audience for row in late if row.body["obligation"] == "specialist-first-contact"} == {"all"}
    # An entry for each, and no timer fires twice.
    lines = len(await kinds(process, ownership))
    assert await fire() == 0
    assert len(await kinds(process, ownership)) == lines

    await forward(timedelta(days=282))
    await fire()
    assert (await states(process, ownership))["delivery-pack"][0] == "due"
    assert (await kinds(process, ownership))[-2:] in (
        ["milestone_due", "task_opened"],
        ["task_opened", "milestone_due"],
    )
    assert await everything_has_its_timer(process)


async def test_a_year_of_months_is_laid_out_one_ahead(
    process: Process, estate: Estate, drain: Drain, fire: Fire, forward: Forward, today: date
) -> None:
    """S3-26, TM-05: each month's post comes due by the timer of the one before."""
    await estate([signed_today(today)])
    await drain()
    for _ in range(10):
        await forward(timedelta(days=30))
        while await fire():
            pass
    posts = await rows(
        process,
        "SELECT occurrence, state FROM milestone WHERE obligation = 'progress-post' ORDER BY occurrence",
    )
    assert len(posts) in (10, 11)
    assert [row.state for row in posts][-2:] in (
        ["due", "coming"],
        ["late", "due"],
        ["late", "not_applicable"],
    )
    assert {row.state for row in posts[:-2]} == {"late"}
    assert all((later.occurrence.month - row.occurrence.month) % 12 == 1 for row, later in pairwise(posts))
    assert await everything_has_its_timer(process)


async def test_months_that_pass_while_no_worker_runs_are_laid_out_all_the_same(
    process: Process, estate: Estate, drain: Drain, fire: Fire, forward: Forward, today: date
) -> None:
    """S3-26, TM-05: what was owed meanwhile is late, and there is a next one."""
    await estate([signed_today(today)])
    await drain()
    asked = "SELECT occurrence, state FROM milestone WHERE obligation = 'progress-post' ORDER BY occurrence"
    [*_, coming] = await rows(process, asked)
    assert coming.state == "coming"
    await forward(timedelta(days=150))
    while await fire():
        pass
    posts = await rows(process, asked)
    months = [row.occurrence.year * 12 + row.occurrence.month for row in posts]
    assert months == list(range(months[0], months[-1] + 1))
    assert posts[-1].occurrence > local_date(process.clock.now()) >= posts[-2].occurrence
    assert [row.state for row in posts][-2:] == ["due", "coming"]
    assert {row.state for row in posts[:-2]} == {"late"}
    assert await everything_has_its_timer(process)


async def test_a_resale_ends_one_journey_and_begins_another(
    process: Process, estate: Estate, drain: Drain, client: AsyncClient, staffed: SignedIn, today: date
) -> None:
    await estate([signed_today(today)])
    await drain()
    old = await ownership_of(process, "合同-0101")
    headers = await staffed("T1", "customer_manager")
    sold = await client.post(
        f"/v1/ownerships/{old}/resale",
        json={
            "buyer": [{"name": "王芳", "phone": "138 1234 5678"}],
            "signed_on": today.isoformat(),
            "contract_no": "合同-二手",
        },
        headers=headers,
    )
    assert sold.status_code == 201, sold.text
    await drain()
    assert {state for state, _, _ in (await states(process, old)).values()} <= {
        "missed",
        "not_applicable",
        "done",
    }
    [journey] = await rows(process, "SELECT ended_at FROM journey WHERE ownership_id = :id", id=old)
    assert journey.ended_at is not None
    assert (await kinds(process, old))[-1] == "journey_ended"
    ended = "SELECT {} FROM milestone m JOIN journey j ON j.id = m.journey_id {} WHERE j.ownership_id = :id"
    task_states = await rows(process, ended.format("t.state", "JOIN task t ON t.milestone_id = m.id"), id=old)
    assert {row.state for row in task_states} == {"void"}
    timer_states = await rows(process, ended.format("t.state", "JOIN timer t ON t.key = m.id::text"), id=old)
    assert "pending" not in {row.state for row in timer_states}
    new = await states(process, UUID(sold.json()["id"]))
    assert new["sales-visit"][0] == "due"


async def test_who_reads_the_record_of_a_journey(
    process: Process,
    estate: Estate,
    drain: Drain,
    client: AsyncClient,
    staffed: SignedIn,
    signed_in: SignedIn,
    today: date,
) -> None:
    """The household that sees the dates, and staff in scope; for everybody else there is no such thread."""
    await estate([signed_today(today), signed_today(today, "0102", "13902884299")])
    await estate([signed_today(today, "0101", "15855608283")], project="假日风景", region="北京")
    await drain()
    ownership = await ownership_of(process, "合同-0101")
    [journey] = await rows(process, "SELECT thread_id FROM journey WHERE ownership_id = :id", id=ownership)
    project = await project_of(process)
    [of_project] = await rows(process, "SELECT thread_id FROM journey WHERE id = :id", id=project)
    callers = {
        "owner": await signed_in(await account_of(process, OWNER)),
        "neighbour": await signed_in(await account_of(process, "+8613902884299")),
        "elsewhere": await signed_in(await account_of(process, "+8615855608283")),
        "staff": await staffed("T1", "hotline_agent"),
        "nobody's staff": await staffed("T2"),
    }
    threads = (journey.thread_id, of_project.thread_id)
    seen: dict[str, tuple[int, ...]] = {}
    for name, headers in callers.items():
        answers = [await client.get(f"/v1/threads/{one}/entries", headers=headers) for one in threads]
        seen[name] = tuple(answer.status_code for answer in answers)
    assert seen == {
        "owner": (200, 200),
        "neighbour": (404, 200),
        "elsewhere": (404, 404),
        "staff": (200, 200),
        "nobody's staff": (404, 404),
    }
    entry = f"/v1/threads/{journey.thread_id}/entries"
    said = {"kind": "text", "body": {"text": "好"}, "cid": "1"}
    assert (await client.post(entry, json=said, headers=callers["owner"])).status_code == 403
    assert (await client.post(entry, json=said, headers=callers["staff"])).status_code in (200, 201)


async def test_the_first_promise_cannot_be_written_over(
    process: Process, estate: Estate, drain: Drain, today: date
) -> None:
    await estate([signed_today(today)])
    await drain()
    with pytest.raises(Exception, match="first promise"):
        await rows(
            process,
            "UPDATE milestone SET first_due_on = first_due_on + 1 WHERE first_due_on IS NOT NULL RETURNING id",
        )


async def test_firing_waits_for_nobody(
    process: Process, estate: Estate, drain: Drain, fire: Fire, forward: Forward, today: date
) -> None:
    """A milestone that somebody else holds is looked at again a moment later; the others are turned at once."""
    await estate([signed_today(today), signed_today(today, "0102", "13902884299")])
    await drain()
    held, other = [await ownership_of(process, contract) for contract in ("合同-0101", "合同-0102")]
    await forward(timedelta(days=8))
    async with process.works.begin() as work:
        mine = "SELECT id FROM journey WHERE ownership_id = :id"
        lock = text(f"SELECT id FROM milestone WHERE journey_id = ({mine}) FOR UPDATE")
        await work.execute(lock, {"id": held})
        await fire()
        assert (await states(process, held))["specialist-first-contact"][0] == "due"
        assert (await states(process, other))["specialist-first-contact"][0] == "late"
    await forward(timedelta(seconds=2))
    await fire()
    assert (await states(process, held))["specialist-first-contact"][0] == "late"
    assert (await kinds(process, held)).count("milestone_late") == (await kinds(process, other)).count(
        "milestone_late"
    )


async def test_a_limit_that_ran_out_runs_out_anew_when_its_date_is_corrected(
    process: Process,
    estate: Estate,
    drain: Drain,
    client: AsyncClient,
    staffed: SignedIn,
    forward: Forward,
    today: date,
) -> None:
    """CT-35: nobody owes the cooling-off, so it is done by its day alone, whenever somebody wrote that down."""
    await estate([{**signed_today(today), "认购日期": (today - timedelta(days=4)).isoformat()}])
    await drain()
    ownership = await ownership_of(process, "合同-0101")
    sql = (
        "SELECT m.state, m.due_at = m.done_at AS on_its_day, m.recorded_at FROM milestone m"
        " JOIN journey j ON j.id = m.journey_id WHERE j.ownership_id = :id AND m.obligation = 'cooling-off'"
    )
    [before] = await rows(process, sql, id=ownership)
    await forward(timedelta(days=3))
    headers = await staffed("T1", "customer_manager")
    await edit(client, headers, ownership, subscribed_on=(today - timedelta(days=1)).isoformat())
    await drain()
    [after] = await rows(process, sql, id=ownership)
    assert (before.state, after.state, before.on_its_day, after.on_its_day) == ("done", "done", True, True)
    assert after.recorded_at > before.recorded_at

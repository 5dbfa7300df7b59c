"""One date of many homes moved at once: in batches, with progress, exactly once whatever dies in between."""

from datetime import date, timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import select

from backend.core.clock import local_date
from backend.db.work import Work
from backend.features.journey import service
from backend.features.journey.service import moving
from backend.features.notices.service import Notifier
from backend.platform.outbox import Outbox
from backend.platform.process import Process
from backend.platform.tree import Node
from backend.worker import jobs
from tests.fixtures.application import Drain
from tests.fixtures.estate import Estate, home_row, project_of
from tests.fixtures.journeys import rows
from tests.fixtures.people import SignedIn
from tests.fixtures.process import Forward

HOMES = 7


@pytest.fixture
def today(process: Process) -> date:
    return local_date(process.clock.now())


@pytest.fixture(autouse=True)
async def seven_homes(
    process: Process, estate: Estate, drain: Drain, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed today, due in 300 days; the first one of them is handed over already. Batches of two."""
    monkeypatch.setattr(moving, "BATCH", 2)
    dates = {
        "认购日期": today.isoformat(),
        "签约日期": today.isoformat(),
        "合同交付日期": (today + timedelta(days=300)).isoformat(),
    }
    await estate(
        [
            home_row(
                f"0{n}01",
                f"业主{n}",
                f"1354260468{n}",
                **dates,
                **({"实际交付日期": today.isoformat()} if n == 1 else {}),
            )
            for n in range(1, HOMES + 1)
        ]
    )
    await drain()


async def asked(client: AsyncClient, headers: dict[str, str], process: Process, **body: Any) -> Any:
    address = f"/v1/projects/{await project_of(process)}/date-moves"
    body = {"date": "delivery_due_on", "reason": "竣工验收推迟", "shift_days": 31} | body
    return await client.post(address, json={k: v for k, v in body.items() if v is not None}, headers=headers)


async def test_every_home_moves_with_its_journey_and_who_cannot_is_named(
    client: AsyncClient, process: Process, drain: Drain, staffed: SignedIn, today: date
) -> None:
    headers = await staffed("T1", "customer_manager")
    answer = await asked(client, headers, process)
    assert (answer.status_code, answer.json()["state"], answer.json()["total"]) == (202, "running", HOMES)
    assert (await asked(client, headers, process)).json()["code"] == "dates_are_moving"
    await drain()
    move = (await client.get(f"/v1/date-moves/{answer.json()['id']}", headers=headers)).json()
    assert (move["state"], move["moved"], move["same"]) == ("done", HOMES - 1, 0)
    [skipped] = move["skipped"]
    assert (skipped["home"], skipped["code"]) == ("1号楼 1单元 0101", "already_delivered")

    later = today + timedelta(days=331)
    moved = await rows(
        process,
        "SELECT o.version, m.due_on, m.first_due_on, (SELECT count(*) FROM ownership_change c"
        " WHERE c.ownership_id = o.id AND c.reason = '竣工验收推迟') AS changes,"
        " (SELECT count(*) FROM entry e WHERE e.thread_id = j.thread_id AND e.kind = 'dates_moved') AS lines"
        " FROM ownership o JOIN journey j ON j.ownership_id = o.id JOIN milestone m ON m.journey_id = j.id"
        " WHERE o.delivery_due_on = :day AND m.obligation = 'delivery-pack'",
        day=later,
    )
    assert len(moved) == HOMES - 1
    pack, first = later - timedelta(days=10), today + timedelta(days=290)
    assert {tuple(row) for row in moved} == {(2, pack, first, 1, 1)}
    # Back to where it was: the promises are as at first.
    back_to = str(today + timedelta(days=300))
    assert (await asked(client, headers, process, shift_days=None, to=back_to)).status_code == 202
    await drain()
    back = await rows(
        process, "SELECT DISTINCT due_on, first_due_on FROM milestone WHERE obligation = 'delivery-pack'"
    )
    assert [tuple(row) for row in back] == [(first, first)]


async def test_a_killed_move_goes_on_where_it_was(
    client: AsyncClient,
    process: Process,
    staffed: SignedIn,
    forward: Forward,
    today: date,
    logged: None,
) -> None:
    """A job that dies after its writes and before its commit leaves nothing, and is done again; the others stay."""
    headers = await staffed("T1", "customer_manager")
    answer = await asked(client, headers, process, shift_days=None, shift_months=1)
    known = jobs(process, Notifier(process))
    tried = 0

    async def dies_every_other_time(work: Work, payload: dict[str, Any]) -> None:
        nonlocal tried
        tried += 1
        await known[service.MOVE_DATES](work, payload)
        if tried % 2 == 0:
            raise ConnectionError

    outbox = Outbox(process.works, {**known, service.MOVE_DATES: dies_every_other_time})
    address = f"/v1/date-moves/{answer.json()['id']}"
    move, progress = answer.json(), [0]
    while move["state"] != "done" and len(progress) < 20:
        await outbox.drain()
        await forward(timedelta(seconds=5))
        move = (await client.get(address, headers=headers)).json()
        progress.append(move["moved"] + len(move["skipped"]))
    assert (move["state"], move["moved"], len(move["skipped"])) == ("done", HOMES - 1, 1)
    assert tried > 5
    assert progress == sorted(progress)
    assert len(set(progress)) > 2
    versions = await rows(
        process,
        "SELECT o.version, count(c.id) AS changes FROM ownership o"
        " LEFT JOIN ownership_change c ON c.ownership_id = o.id AND c.act = 'edited'"
        " WHERE o.delivered_on IS NULL GROUP BY o.id, o.version",
    )
    assert {tuple(row) for row in versions} == {(2, 1)}
    lines = await rows(process, "SELECT thread_id FROM entry WHERE kind = 'dates_moved'")
    of_homes = await rows(process, "SELECT thread_id FROM journey WHERE ownership_id IS NOT NULL")
    found = [row.thread_id for row in lines if row in of_homes]
    assert len(found) == len(set(found)) == HOMES - 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"to": "2030-01-01"}, "one_way_to_move"),
        ({"shift_days": None}, "one_way_to_move"),
        ({"date": "warranty_ends_on"}, "fields_invalid"),
        ({"shift_days": 0}, "nothing_to_change"),
        ({"shift_days": "10"}, "fields_invalid"),
        ({"building_id": "0199d6a0-7c2e-7000-8000-6d1c5e0f4b11"}, "building_unknown"),
    ],
)
async def test_what_cannot_be_meant(
    client: AsyncClient, process: Process, staffed: SignedIn, body: dict[str, Any], code: str
) -> None:
    answer = await asked(client, await staffed("T1", "customer_manager"), process, **body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_move_is_seen_where_it_is_and_made_by_who_keeps_the_project(
    client: AsyncClient, process: Process, estate: Estate, staffed: SignedIn
) -> None:
    answer = await asked(client, await staffed("T1", "customer_manager"), process)
    await estate([home_row("0101", "郑爽", "13800138000")], project="假日风景", region="北京")
    async with process.works.begin() as work:
        other = (await work.scalars(select(Node).where(Node.name == "假日风景"))).one()
    stranger, engineer = (
        await staffed("T2", "customer_manager", other),
        await staffed("T3", "project_engineer"),
    )
    address = f"/v1/date-moves/{answer.json()['id']}"
    assert (await client.get(address, headers=stranger)).status_code == 404
    assert (await asked(client, stranger, process)).status_code == 404
    assert (await asked(client, engineer, process)).status_code == 403

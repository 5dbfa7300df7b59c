"""The end of warranty of a project: works contracts until their money is settled, defects sent back to who built."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from backend.core.clock import local_date
from backend.features.warranty.service import batches_without_timer
from backend.platform.process import Process
from tests.fixtures.application import Drain
from tests.fixtures.estate import Estate, one_id, project_of
from tests.fixtures.journeys import Fire, rows
from tests.fixtures.people import SignedIn, staff_account
from tests.fixtures.process import Begin, Forward

Ask = Callable[..., Awaitable[Response]]


@pytest.fixture
async def project(process: Process, estate: Estate) -> UUID:
    await estate()
    return await project_of(process)


@pytest.fixture
async def ask(client: AsyncClient, work: Begin, signed_in: SignedIn) -> Ask:
    """`await ask("POST", "/projects/…", {...})` by whoever keeps the warranty, however much time has passed."""
    async with work() as unit:
        keeper = (await staff_account(unit, "T1", "property_manager")).id

    async def by_keeper(method: str, path: str, body: Any = None, tag: str | None = None) -> Response:
        headers = await signed_in(keeper)
        more = {} if tag is None else {"if-match": tag}
        return await client.request(method, f"/v1{path}", json=body, headers={**headers, **more})

    return by_keeper


async def test_a_contract_leaves_its_warranty_when_the_money_is_settled(
    process: Process, project: UUID, ask: Ask
) -> None:
    """WR-16, WR-18: a ledger of contracts; one stage, its state and day, no amounts."""
    today = local_date(process.clock.now())
    entered = {
        "number": "施-008",
        "unit": "中建八局",
        "works": "1至6号楼土建",
        "components": ["civil-works", "plaster"],
        "starts_on": "2024-06-28",
        "ends_on": "2027-06-28",
    }
    first = await ask("POST", f"/projects/{project}/works-contracts", entered)
    assert (first.status_code, first.json()["stage"], first.headers["etag"]) == (201, "under_warranty", '"1"')
    twice = await ask("POST", f"/projects/{project}/works-contracts", entered)
    assert (twice.status_code, twice.json()["code"]) == (409, "works_contract_number_taken")
    other = {**entered, "number": "施-009", "starts_on": None, "ends_on": None}
    assert (await ask("POST", f"/projects/{project}/works-contracts", other)).status_code == 201
    wrong = {**entered, "number": "施-010", "ends_on": "2024-06-27"}
    refused = await ask("POST", f"/projects/{project}/works-contracts", wrong)
    assert (refused.status_code, refused.json()["code"]) == (422, "works_contract_days")
    listed = (await ask("GET", f"/projects/{project}/works-contracts?limit=1")).json()
    assert [one["number"] for one in listed["items"]] == ["施-008"]
    rest = (await ask("GET", f"/projects/{project}/works-contracts?cursor={listed['next']}")).json()
    assert [one["number"] for one in rest["items"]] == ["施-009"]
    ending = await ask("GET", f"/projects/{project}/works-contracts?ends_before=2027-07-01")
    assert [one["number"] for one in ending.json()["items"]] == ["施-008"]

    contract = f"/works-contracts/{first.json()['id']}"
    facts = {name: value for name, value in entered.items() if name != "number"}
    edited = await ask("PUT", contract, {**facts, "works": "土建及安装"}, tag='"1"')
    assert (edited.json()["works"], edited.headers["etag"]) == ("土建及安装", '"2"')
    assert (await ask("PUT", contract, facts, tag='"1"')).status_code == 412
    for body, code in (
        ({"stage": "settled"}, "settled_on_required"),
        ({"stage": "settling", "settled_on": today.isoformat()}, "settled_on_alone"),
        ({"stage": "settled", "settled_on": (today + timedelta(days=1)).isoformat()}, "date_in_future"),
    ):
        answer = await ask("POST", f"{contract}/stage", body, tag="*")
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await ask("POST", f"{contract}/stage", {"stage": "settling"}, tag='"2"')).json()[
        "stage"
    ] == "settling"
    settled = {"stage": "settled", "settled_on": today.isoformat()}
    assert (await ask("POST", f"{contract}/stage", settled, tag='"3"')).json()["settled_on"] == str(today)
    late = await ask("PUT", contract, facts, tag="*")
    assert (late.status_code, late.json()["code"]) == (409, "works_contract_settled")


async def test_a_batch_of_defects_is_sent_answered_and_put_right(
    process: Process, project: UUID, ask: Ask, work: Begin
) -> None:
    """WR-17, EN-12: by responsible unit, with a deadline that a person sets; what was sent stays as it was sent."""
    today = local_date(process.clock.now())
    home = await one_id(process, "SELECT id FROM home WHERE room = '0201'")
    defect = {"home_id": str(home), "component": "plaster", "description": "次卧顶棚空鼓"}
    asked = {"unit": "中建八局", "occasion": "warranty_end", "deadline": str(today + timedelta(days=30))}
    past = await ask(
        "POST", f"/projects/{project}/defect-batches", {**asked, "deadline": str(today - timedelta(days=1))}
    )
    assert (past.status_code, past.json()["code"]) == (422, "deadline_past")
    never = await ask("POST", f"/projects/{project}/defect-batches", {**asked, "deadline": "9999-12-31"})
    assert (never.status_code, never.json()["errors"][0]["field"]) == (422, "deadline")
    begun = (await ask("POST", f"/projects/{project}/defect-batches", asked)).json()
    batch = f"/defect-batches/{begun['id']}"
    assert (begun["state"], begun["moves"], begun["first_deadline"]) == ("gathering", ["send"], None)
    empty = await ask("POST", f"{batch}/send", {}, tag="*")
    assert (empty.status_code, empty.json()["code"]) == (409, "defect_batch_empty")
    stranger = {**defect, "home_id": begun["id"]}
    elsewhere = await ask("POST", f"{batch}/lines", {"lines": [stranger]})
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "home_elsewhere")
    added = (await ask("POST", f"{batch}/lines", {"lines": [defect, defect, defect]})).json()
    assert (added["defects"], added["version"]) == (3, begun["version"] + 1)
    one, two, three = (line["id"] for line in added["lines"])
    assert (await ask("DELETE", f"{batch}/lines/{three}")).json()["defects"] == 2
    assert (await ask("DELETE", f"{batch}/lines/{three}")).status_code == 404
    stale = await ask("POST", f"{batch}/send", {}, tag=f'"{begun["version"]}"')
    assert stale.status_code == 412

    sent = (await ask("POST", f"{batch}/send", {"note": "请按期整改"}, tag="*")).json()
    assert (sent["state"], sent["first_deadline"], sent["moves"]) == (
        "sent",
        asked["deadline"],
        ["answer", "correct"],
    )
    again = await ask("POST", f"{batch}/send", {}, tag="*")
    assert (again.status_code, again.json()["code"]) == (409, "defect_batch_move")
    for refused in (
        await ask("POST", f"{batch}/lines", {"lines": [defect]}),
        await ask("DELETE", f"{batch}/lines/{one}"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "defect_batch_move")
    for change in (
        "UPDATE defect_line SET description = 'x'",
        "DELETE FROM defect_line",
        "INSERT INTO defect_line SELECT gen_random_uuid(), batch_id, home_id, '', '', NULL, added_by FROM defect_line",
        "UPDATE defect_batch SET first_deadline = first_deadline + 1",
    ):
        with pytest.raises(IntegrityError, match=r"stays as it was sent|first deadline is kept"):
            async with work() as unit:
                await unit.execute(text(change))
    later = {"deadline": str(today + timedelta(days=40)), "reason": "材料未到"}
    moved = (await ask("POST", f"{batch}/deadline", later, tag="*")).json()
    assert (moved["deadline"], moved["first_deadline"]) == (later["deadline"], asked["deadline"])
    answered = (await ask("POST", f"{batch}/answer", {"note": "下周进场"}, tag="*")).json()
    assert answered["state"] == "answered"
    unknown = await ask("POST", f"{batch}/correct", {"lines": [begun["id"]]}, tag="*")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "defect_unknown")
    half = (await ask("POST", f"{batch}/correct", {"lines": [one]}, tag="*")).json()
    assert (half["state"], half["open_defects"]) == ("answered", 1)
    whole = (await ask("POST", f"{batch}/correct", {}, tag="*")).json()
    assert (whole["state"], whole["open_defects"], whole["moves"]) == ("corrected", 0, [])
    assert {line["id"] for line in whole["lines"] if line["corrected_at"]} == {one, two}
    lines = await rows(
        process, "SELECT kind, audience FROM entry WHERE thread_id = :id ORDER BY seq", id=begun["thread"]
    )
    assert [row.kind for row in lines] == [
        "batch_begun",
        "defects_added",
        "defect_removed",
        "batch_sent",
        "deadline_moved",
        "batch_answered",
        "defects_corrected",
        "defects_corrected",
    ]
    assert {row.audience for row in lines} == {"staff"}
    assert (await ask("GET", f"/threads/{begun['thread']}/entries")).status_code == 200


async def test_a_deadline_that_passes_is_told_and_listed(
    process: Process, project: UUID, ask: Ask, fire: Fire, forward: Forward, work: Begin, drain: Drain
) -> None:
    """WR-17: overdue ones are listed, and whoever keeps the warranty is told once."""
    await drain()
    today = local_date(process.clock.now())
    home = await one_id(process, "SELECT id FROM home WHERE room = '0201'")
    defect = {"home_id": str(home), "component": "plaster", "description": "空鼓"}
    asked = {"unit": "中建八局", "occasion": "delivery", "deadline": str(today), "lines": [defect]}
    begun = (await ask("POST", f"/projects/{project}/defect-batches", asked)).json()
    batch = f"/defect-batches/{begun['id']}"
    await ask("POST", f"{batch}/send", {}, tag="*")
    overdue = f"/projects/{project}/defect-batches?overdue=true"
    assert (await ask("GET", overdue)).json()["items"] == []
    async with work() as unit:
        assert not await batches_without_timer(unit)
    await forward(timedelta(days=1, seconds=1))
    while await fire():
        pass
    [late] = (await ask("GET", overdue)).json()["items"]
    assert (late["id"], late["overdue"]) == (begun["id"], True)
    told = await rows(process, "SELECT account_id FROM notice WHERE kind = 'defect_batch_overdue'")
    assert len(told) == 1
    kinds = await rows(process, "SELECT kind FROM entry WHERE thread_id = :id", id=begun["thread"])
    assert [row.kind for row in kinds].count("batch_overdue") == 1
    async with work() as unit:
        assert not await batches_without_timer(unit)

"""The warranty of homes: laid out with their journeys, told of ahead and at the end, handed on at a resale."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from httpx import AsyncClient
from sqlalchemy import text

from backend.core.clock import SHANGHAI, local_date
from backend.features.warranty.rules import months_after
from backend.features.warranty.service import cover, notices_without_timer
from backend.platform.process import Process
from tests.fixtures.application import Drain, TextsTo
from tests.fixtures.estate import Estate, account_of, home_row, ownership_of, project_of
from tests.fixtures.journeys import Fire, rows
from tests.fixtures.people import SignedIn
from tests.fixtures.process import Begin, Forward

LEDGER = "SELECT i.* FROM warranty_item i JOIN ownership o ON o.home_id = i.home_id WHERE o.id = :id ORDER BY i.rank"
NOTICES = "SELECT kind, ends_on, due_on, state, people FROM warranty_notice WHERE ownership_id = :id ORDER BY due_on"
PROMISES = (
    "SELECT m.obligation, m.state, m.due_on, m.done_by, m.evidence FROM milestone m"
    " JOIN journey j ON j.id = m.journey_id WHERE j.ownership_id = :id"
    " AND m.obligation IN ('warranty-notice', 'warranty-expiry-notice') ORDER BY m.rank"
)
LINES = (
    "SELECT e.kind, e.body, e.audience FROM entry e JOIN journey j ON j.thread_id = e.thread_id"
    " WHERE j.ownership_id = :id AND e.kind IN ('warranty_told', 'warranty_untold', 'milestone_done', 'task_opened')"
    " ORDER BY e.seq"
)


def lived_since(delivered: date, room: str = "0101", phone: str = "13542604684") -> dict[str, str]:
    """A home handed over on a day."""
    signed = (delivered - timedelta(days=700)).isoformat()
    day = delivered.isoformat()
    return home_row(room, "李欣", phone, 认购日期=signed, 签约日期=signed, 合同交付日期=day, 实际交付日期=day)


async def pass_to(process: Process, forward: Forward, fire: Fire, day: date) -> None:
    """Let the time pass until a day has begun."""
    begins = datetime.combine(day, time(), SHANGHAI)
    await forward(begins - process.clock.now() + timedelta(seconds=1))
    while await fire():
        pass


async def test_households_are_told_two_months_ahead_and_at_the_end(
    process: Process,
    estate: Estate,
    drain: Drain,
    fire: Fire,
    forward: Forward,
    texts_to: TextsTo,
    work: Begin,
) -> None:
    """WR-13, WR-14, WR-15, CT-14: by itself, so that nobody has a task of it; and the promise is kept by that."""
    today = local_date(process.clock.now())
    ends = months_after(today, 3)
    delivered = months_after(ends, -36)
    ends = months_after(delivered, 36)
    await estate([lived_since(delivered)])
    await drain()
    ownership = await ownership_of(process, "合同-0101")
    ledger = {row.component: row for row in await rows(process, LEDGER, id=ownership)}
    assert list(ledger) == [
        "wiring",
        "pipes",
        "equipment",
        "fit-out",
        "doors-windows",
        "plaster",
        "civil-works",
    ]
    assert (ledger["fit-out"].base_ends_on, ledger["fit-out"].ends_on) == (
        months_after(delivered, 24),
        ends,
    )
    assert ledger["wiring"].ends_on is None
    async with work() as unit:
        found = await cover(unit, ledger["fit-out"].home_id, "fit-out", today)
        assert (found.state, found.why, found.ends_on) == ("covered", "extension", ends)
        assert (await cover(unit, ledger["fit-out"].home_id, "wiring", today)).state == "not_set"
        assert (await cover(unit, ledger["fit-out"].home_id, "roof", today)).why == "not_in_catalogue"
        assert not await notices_without_timer(unit)

    ahead = months_after(ends, -2)
    await pass_to(process, forward, fire, ahead - timedelta(days=1))
    assert [row.state for row in await rows(process, NOTICES, id=ownership)] == ["planned", "planned"]
    await pass_to(process, forward, fire, ahead)
    told, planned = await rows(process, NOTICES, id=ownership)
    assert (told.kind, told.state, told.people, told.due_on) == ("ending", "told", 1, ahead)
    assert (planned.kind, planned.state, planned.due_on) == ("ended", "planned", ends)
    kept, coming = await rows(process, PROMISES, id=ownership)
    assert (kept.state, kept.done_by, kept.evidence[0]["kind"]) == ("done", None, "notice")
    assert coming.state == "coming"
    [line, done] = sorted(await rows(process, LINES, id=ownership), key=lambda one: one.kind, reverse=True)
    assert (line.kind, line.body["components"], line.audience) == (
        "warranty_told",
        ["fit-out", "civil-works"],
        "all",
    )
    assert (done.kind, done.body["evidence"]) == ("milestone_done", ["notice"])
    [notice] = await rows(process, "SELECT id, data FROM notice WHERE kind = 'warranty_ending'")
    assert notice.data["parts"]["zh-CN"] == "装修工程、土建部分"
    assert "门窗密闭，没有翘裂" in notice.data["checks"]["zh-CN"]
    sent = await rows(process, "SELECT channel FROM delivery WHERE notice_id = :id", id=notice.id)
    assert {row.channel for row in sent} >= {"sms"}

    await pass_to(process, forward, fire, ends)
    assert [row.state for row in await rows(process, NOTICES, id=ownership)] == ["told", "told"]
    assert [row.state for row in await rows(process, PROMISES, id=ownership)] == ["done", "done"]
    assert "task_opened" not in {row.kind for row in await rows(process, LINES, id=ownership)}
    assert any("到期" in text for text in await texts_to("+8613542604684"))


async def test_a_resale_hands_the_warranty_on(
    process: Process,
    estate: Estate,
    drain: Drain,
    fire: Fire,
    client: AsyncClient,
    staffed: SignedIn,
    signed_in: SignedIn,
) -> None:
    """WR-02, CT-41: the home's days go on; the buyer is told of what is near, and the seller sees nothing any more."""
    today = local_date(process.clock.now())
    delivered = months_after(months_after(today, 1), -36)
    ends = months_after(delivered, 36)
    await estate([lived_since(delivered)])
    await drain()
    while await fire():
        pass
    old = await ownership_of(process, "合同-0101")
    # The day to tell of it lay before the import; it is told all the same, and counts as done.
    assert [row.state for row in await rows(process, NOTICES, id=old)] == ["told", "planned"]
    seller = await signed_in(await account_of(process, "+8613542604684"))
    assert (await client.get(f"/v1/ownerships/{old}/warranty", headers=seller)).status_code == 200
    admin = await staffed("T1", "administrator")
    sold = await client.post(
        f"/v1/ownerships/{old}/resale",
        json={"buyer": [{"name": "何静", "phone": "13500001111"}], "delivered_on": today.isoformat()},
        headers=admin,
    )
    new = UUID(sold.json()["id"])
    await drain()
    while await fire():
        pass
    assert (await client.get(f"/v1/ownerships/{old}/warranty", headers=seller)).status_code == 404
    assert [row.state for row in await rows(process, NOTICES, id=old)] == ["told", "dropped"]
    ahead, at_end = await rows(process, NOTICES, id=new)
    assert (ahead.state, ahead.ends_on, at_end.state, at_end.ends_on) == ("told", ends, "planned", ends)
    # The journey of the buyer owes what the home is owed, by the home's days.
    assert [(row.state, row.due_on) for row in await rows(process, PROMISES, id=new)] == [
        ("done", months_after(ends, -2)),
        ("coming", ends),
    ]
    buyer = await signed_in(await account_of(process, "+8613500001111"))
    answer = await client.get(f"/v1/ownerships/{new}/warranty", headers=buyer)
    told = answer.json()
    items = {one["component"]: one for one in told["items"]}
    assert items["fit-out"] == {
        "component": "fit-out",
        "name": "装修工程",
        "state": "covered",
        "why": "extension",
        "starts_from": "delivered_on",
        "starts_on": delivered.isoformat(),
        "base_years": 2,
        "base_ends_on": months_after(delivered, 24).isoformat(),
        "extension_years": 1,
        "extension_ends_on": ends.isoformat(),
        "statutory_years": None,
        "statutory_ends_on": None,
        "ends_on": ends.isoformat(),
    }
    assert (items["pipes"]["state"], items["pipes"]["base_years"]) == ("not_set", None)
    assert told["search"]["ends_on"] == ends.isoformat()
    assert "给排水管道" in told["search"]["lines"]
    assert [(one["kind"], one["state"]) for one in told["notices"]] == [
        ("ending", "told"),
        ("ended", "planned"),
    ]
    tag = {"if-none-match": answer.headers["etag"]}
    assert (await client.get(f"/v1/ownerships/{new}/warranty", headers={**buyer, **tag})).status_code == 304


async def test_who_has_no_account_stays_somebodys_task(
    process: Process, estate: Estate, drain: Drain, fire: Fire, forward: Forward, work: Begin
) -> None:
    """WR-14: a promise is not kept by a notice that nobody got."""
    today = local_date(process.clock.now())
    delivered = months_after(months_after(today, 3), -36)
    ends = months_after(delivered, 36)
    await estate([lived_since(delivered)])
    await drain()
    ownership = await ownership_of(process, "合同-0101")
    async with work() as unit:
        await unit.execute(text("UPDATE household_member SET ended_at = app_now()"))
    ahead = months_after(ends, -2)
    await pass_to(process, forward, fire, ahead)
    assert [row.state for row in await rows(process, NOTICES, id=ownership)] == ["unreachable", "planned"]
    assert (await rows(process, PROMISES, id=ownership))[0].state == "coming"
    await pass_to(process, forward, fire, ahead + timedelta(days=1))
    assert (await rows(process, PROMISES, id=ownership))[0].state == "late"
    lines = await rows(process, LINES, id=ownership)
    assert {(row.kind, row.audience) for row in lines} == {
        ("warranty_untold", "staff"),
        ("task_opened", "staff"),
    }


async def test_dates_move_the_ledger_and_what_is_told(
    process: Process, estate: Estate, drain: Drain, client: AsyncClient, staffed: SignedIn
) -> None:
    """CT-41: the term begins on its date; away and back, everything is as it was."""
    today = local_date(process.clock.now())
    delivered = months_after(today, -12)
    await estate([lived_since(delivered)])
    await drain()
    ownership = await ownership_of(process, "合同-0101")
    before = await rows(process, NOTICES, id=ownership)
    admin = await staffed("T1", "administrator")

    async def deliver(day: date) -> None:
        address = f"/v1/ownerships/{ownership}"
        tag = (await client.get(address, headers=admin)).headers["etag"]
        asked = {"delivered_on": day.isoformat(), "reason": "更正"}
        assert (
            await client.patch(address, json=asked, headers={**admin, "if-match": tag})
        ).status_code == 200
        await drain()

    later = delivered + timedelta(days=10)
    await deliver(later)
    moved = [row for row in await rows(process, NOTICES, id=ownership) if row.state == "planned"]
    assert {row.ends_on for row in moved} == {months_after(later, 36)}
    await deliver(delivered)
    assert [row for row in await rows(process, NOTICES, id=ownership) if row.state == "planned"] == before


async def test_what_the_law_asks_is_entered_and_checked(
    process: Process, estate: Estate, drain: Drain, client: AsyncClient, staffed: SignedIn
) -> None:
    """CT-15: per jurisdiction, with its source; what the catalogue does not know is covered by it, and told of."""
    delivered = months_after(local_date(process.clock.now()), -12)
    await estate([lived_since(delivered)])
    await drain()
    project = await project_of(process)
    [region] = await rows(process, "SELECT id FROM node WHERE name = '上海'")
    keeper = await staffed("T1", "administrator")
    checked = (await client.get(f"/v1/projects/{project}/statutory-terms", headers=keeper)).json()
    assert (checked["items"], len(checked["unchecked"])) == ([], 7)

    async def enter(component: str, years: int | None) -> dict[str, object]:
        asked = {
            "node": str(region.id),
            "component": component,
            "name": "屋面防水" if component == "roof" else component,
            "years": years,
            "source": "建设工程质量管理条例 第四十条",
        }
        answer = await client.post("/v1/statutory-terms", json=asked, headers=keeper)
        assert answer.status_code == 201, answer.text
        told: dict[str, object] = answer.json()
        return told

    roof, fit_out = await enter("roof", 5), await enter("fit-out", 4)
    assert (roof["in_catalogue"], roof["below_the_law"]) == (False, False)
    assert (fit_out["catalogue_years"], fit_out["below_the_law"]) == (3, True)
    await drain()
    ledger = f"/v1/projects/{project}/warranty-ledger"
    page = (await client.get(ledger, headers=keeper, params={"limit": 2})).json()
    assert [(one["component"], one["ends_on"]) for one in page["items"]] == [
        ("civil-works", months_after(delivered, 36).isoformat()),
        ("fit-out", months_after(delivered, 48).isoformat()),
    ]
    assert page["items"][1]["below_the_law"]
    rest = (await client.get(ledger, headers=keeper, params={"limit": 50, "cursor": page["next"]})).json()
    last, *unset = rest["items"]
    assert (last["component"], last["state"]) == ("roof", "covered")
    assert {one["state"] for one in unset} == {"not_set"}
    ownership = await ownership_of(process, "合同-0101")
    assert {row.ends_on for row in await rows(process, NOTICES, id=ownership)} == {
        months_after(delivered, months) for months in (36, 48, 60)
    }
    for params, count in (
        ({"component": "roof"}, 1),
        ({"ends_before": months_after(delivered, 40).isoformat()}, 1),
        ({"ends_from": months_after(delivered, 40).isoformat()}, 2),
        ({"state": "not_set"}, 5),
        ({"state": "covered"}, 3),
        ({"state": "not_covered"}, 0),
    ):
        found = (await client.get(ledger, headers=keeper, params=params)).json()["items"]
        assert len(found) == count, params
    sheet = await client.get(f"{ledger}.csv", headers=keeper)
    lines = sheet.content.decode("utf-8-sig").splitlines()
    assert (len(lines), lines[0].startswith("楼栋,单元,房号,部位,状态")) == (9, True)
    assert lines[1].startswith("1号楼,1单元,0101,土建部分,在保,交付,")
    # What was entered wrongly is taken back; both stand on record.
    await enter("roof", None)
    await drain()
    assert (await client.get(ledger, headers=keeper, params={"component": "roof"})).json()["items"] == []
    assert len(await rows(process, "SELECT 1 FROM statutory_term WHERE component = 'roof'")) == 2

"""Rosters: who is on duty for a project, by shifts, overrides and the nearest node; and who may say so."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from backend.core.clock import SHANGHAI, local_date
from backend.features.people.models import Position
from backend.features.roster.service import on_duty, on_duty_at, shift_of, shifts_of
from backend.platform.process import Process
from backend.platform.tree import Node, add_node, root_node
from tests.fixtures.people import SignedIn, staff_account
from tests.fixtures.process import Begin, Forward

EVERY_DAY = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
DAYS = {"weekdays": EVERY_DAY[:5], "opens": "08:00", "closes": "20:00"}
ROUND = {"weekdays": EVERY_DAY, "opens": "00:00", "closes": "24:00"}
NIGHTS = {"weekdays": EVERY_DAY, "opens": "20:00", "closes": "08:00"}


@dataclass(slots=True)
class Site:
    """A project with two agents of its own, two of the company, and a manager."""

    project: Node
    elsewhere: Node
    positions: dict[str, UUID]
    accounts: dict[str, UUID]
    manager: dict[str, str]


@pytest.fixture
async def site(work: Begin, staffed: SignedIn) -> Site:
    async with work() as session:
        company = await root_node(session)
        region = await add_node(session, company, "region", name="上海", key="上海")
        project = await add_node(session, region, "project", name="朗润园", key="朗润园")
        elsewhere = await add_node(session, region, "project", name="平江里", key="平江里")
        accounts, positions = {}, {}
        for number, node in {"D1": project, "D2": project, "C1": company, "C2": company}.items():
            accounts[number] = (await staff_account(session, number, "hotline_agent", node)).id
            held = select(Position.id).where(Position.account_id == accounts[number])
            positions[number] = (await session.scalars(held)).one()
    manager = await staffed("M1", "property_manager", project)
    return Site(project, elsewhere, positions, accounts, manager)


TODAY = local_date(datetime.now(UTC))
# Next week's Tuesday: what is said of times that have passed is refused.
FIRST = TODAY + timedelta(days=8 - TODAY.weekday())


def nth(day: int) -> date:
    """A day of a month that is still to come and begins on a Tuesday."""
    return FIRST + timedelta(days=day - 1)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """A time on such a day."""
    return datetime.combine(nth(day), time(hour, minute), SHANGHAI)


def wire(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def put_shifts(
    client: AsyncClient, header: dict[str, str], position: UUID, shifts: list[Any], tag: str = "*"
) -> Response:
    return await client.put(
        f"/v1/positions/{position}/shifts",
        json={"shifts": shifts, "reason": "排班"},
        headers=header | {"if-match": tag},
    )


async def roster(
    client: AsyncClient, header: dict[str, str], project: Node, at: datetime | None = None, **more: Any
) -> dict[str, Any]:
    asked = {"project": str(project.id), "role": "hotline_agent"} | more
    if at is not None:
        asked["at"] = wire(at)
    answered = await client.get("/v1/roster", params=asked, headers=header)
    assert answered.status_code == 200, answered.text
    found: dict[str, Any] = answered.json()
    return found


def names(people: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["account_name"].removeprefix("员工"), one["why"]) for one in people]


async def enter(
    client: AsyncClient, header: dict[str, str], position: UUID, since: datetime, **more: Any
) -> Response:
    entered = {"position": str(position), "kind": "absent", "since": wire(since), "reason": "休假"} | more
    return await client.post("/v1/roster/overrides", json=entered, headers=header)


async def test_a_day_and_a_night(client: AsyncClient, site: Site, staffed: SignedIn, work: Begin) -> None:
    """HC-01, CT-39: the site's own by day, whoever keeps the night after hours, and nobody ever without anybody."""
    head = await staffed("H1", "head_of_customer_relations")
    everybody = await roster(client, site.manager, site.project, local(1, 12))
    assert names(everybody["on_duty"]) == [("D1", "always"), ("D2", "always")]
    assert (everybody["changes_at"], everybody["next"], everybody["on_duty"][0]["until"]) == (None, [], None)
    away = await roster(client, head, site.elsewhere, local(1, 12))
    assert names(away["on_duty"]) == [("C1", "always"), ("C2", "always")]
    assert [one["why"] for one in away["passed"]] == ["vacant", "vacant"]

    for number in ("D1", "D2"):
        put = await put_shifts(client, site.manager, site.positions[number], [DAYS])
        assert (put.status_code, put.json()["around_the_clock"]) == (200, False)
    assert (await put_shifts(client, head, site.positions["C1"], [NIGHTS])).status_code == 200
    assert (await put_shifts(client, head, site.positions["C2"], [DAYS])).status_code == 200

    day = await roster(client, site.manager, site.project, local(4, 9))
    assert names(day["on_duty"]) == [("D1", "shift"), ("D2", "shift")]
    assert (day["changes_at"], day["passed"]) == (wire(local(4, 20)), [])
    assert {one["until"] for one in day["on_duty"]} == {wire(local(4, 20))}
    assert names(day["next"]) == [("C1", "shift")]
    assert day["next"][0]["until"] == wire(local(5, 8))

    night = await roster(client, site.manager, site.project, local(5, 2))
    assert names(night["on_duty"]) == [("C1", "shift")]
    assert [one["why"] for one in night["passed"]] == ["off_duty", "vacant"]
    assert names(night["next"]) == []
    assert night["changes_at"] == wire(local(5, 8))
    saturday = await roster(client, site.manager, site.project, local(5, 9))
    assert (saturday["on_duty"], saturday["changes_at"]) == ([], wire(local(5, 20)))
    assert [one["why"] for one in saturday["passed"]] == ["off_duty", "vacant", "off_duty"]

    async with work() as session:
        at = local(4, 9)
        found = await on_duty(session, site.project.id, "hotline_agent", at)
        assert [(one.account_id, one.until) for one in found] == [
            (site.accounts["D1"], local(4, 20)),
            (site.accounts["D2"], local(4, 20)),
        ]
        both = await on_duty_at(
            session, [(site.project.id, "hotline_agent"), (site.elsewhere.id, "hotline_agent")], at
        )
        assert [one.name for one in both[site.elsewhere.id, "hotline_agent"]] == ["员工C2"]
        assert await shift_of(session, site.accounts["C1"], at) == []
        [mine] = await shift_of(session, site.accounts["C2"], at)
        all_of_them = await shifts_of(session, site.accounts.values(), at)
        assert {number for number, id_ in site.accounts.items() if all_of_them[id_]} == {"D1", "D2", "C2"}
        assert (mine.role, mine.until) == ("hotline_agent", local(4, 20))


async def test_somebody_stands_in(client: AsyncClient, site: Site, work: Begin) -> None:
    for number in ("D1", "D2"):
        hours = DAYS if number == "D1" else {**DAYS, "opens": "12:00", "closes": "14:00"}
        await put_shifts(client, site.manager, site.positions[number], [hours])
    entered = await enter(
        client,
        site.manager,
        site.positions["D1"],
        local(7, 0),
        until=wire(local(9, 0)),
        stand_in=str(site.positions["C2"]),
    )
    assert entered.status_code == 201, entered.text
    shown = entered.json()
    assert (shown["stand_in_name"], shown["entered_by_name"], shown["ended_at"]) == ("员工C2", "员工M1", None)

    monday = await roster(client, site.manager, site.project, local(7, 9))
    assert names(monday["on_duty"]) == [("C2", "stand_in")]
    assert monday["on_duty"][0]["stands_in_for"] == str(site.positions["D1"])
    assert monday["on_duty"][0]["until"] == wire(local(7, 20))
    # Only for what the shifts would have been: at night the company's own are asked.
    evening = await roster(client, site.manager, site.project, local(7, 21))
    assert names(evening["on_duty"]) == [("C1", "always"), ("C2", "always")]
    async with work() as session:
        mine = await shift_of(session, site.accounts["C2"], local(7, 9))
        assert {(one.ground, one.node_id == site.project.id) for one in mine} == {
            ("always", False),
            ("stand_in", True),
        }

    extra = await enter(
        client, site.manager, site.positions["D2"], local(7, 20), kind="extra", until=wire(local(7, 23))
    )
    assert extra.status_code == 201
    evening = await roster(client, site.manager, site.project, local(7, 21))
    assert names(evening["on_duty"]) == [("D2", "extra")]

    ended = await client.delete(f"/v1/roster/overrides/{shown['id']}", headers=site.manager)
    assert ended.status_code == 200
    assert ended.json()["ended_at"] is not None
    again = await client.delete(f"/v1/roster/overrides/{shown['id']}", headers=site.manager)
    assert (again.status_code, again.json()["code"]) == (409, "override_over")
    monday = await roster(client, site.manager, site.project, local(7, 9))
    assert names(monday["on_duty"]) == [("D1", "shift")]

    listed = await client.get("/v1/roster/overrides", params={"limit": 1}, headers=site.manager)
    rest = await client.get(
        "/v1/roster/overrides", params={"cursor": listed.json()["next"]}, headers=site.manager
    )
    kinds = [one["kind"] for page in (listed, rest) for one in page.json()["items"]]
    assert (kinds, rest.json()["next"]) == (["extra", "absent"], None)
    only = {"position": str(site.positions["D1"]), "node": str(site.project.id), "role": "hotline_agent"}
    found = await client.get("/v1/roster/overrides", params=only, headers=site.manager)
    assert [one["id"] for one in found.json()["items"]] == [shown["id"]]


async def test_what_an_override_cannot_be(
    client: AsyncClient, site: Site, staffed: SignedIn, work: Begin
) -> None:
    mine, other, company = (site.positions[number] for number in ("D1", "D2", "C1"))
    await staffed("S1", "customer_service_specialist", site.project)
    async with work() as session:
        held = select(Position.id).where(Position.role == "customer_service_specialist")
        specialist = (await session.scalars(held)).one()
        late = await staff_account(session, "L1", "hotline_agent", site.project, nth(9))
        newcomer = (await session.scalars(select(Position.id).where(Position.account_id == late.id))).one()
    since, until = local(7, 0), wire(local(9, 0))

    async def refused(position: UUID, at: datetime = since, **more: Any) -> tuple[int, str]:
        answered = await enter(client, site.manager, position, at, **more)
        assert answered.status_code in (409, 422), answered.text
        return answered.status_code, answered.json()["code"]

    assert await refused(mine, until=wire(since)) == (422, "times_reversed")
    assert await refused(
        mine, local(1, 0) - timedelta(days=300), until=wire(local(1, 0) - timedelta(days=200))
    ) == (
        422,
        "override_in_the_past",
    )
    assert await refused(mine, kind="extra") == (422, "extra_duty_ends")
    assert await refused(mine, kind="extra", until=until, stand_in=str(other)) == (
        422,
        "stand_in_for_absence_only",
    )
    assert await refused(company, until=until) == (422, "position_unknown")
    assert await refused(newcomer, until=until) == (422, "position_not_then")
    for stand_in, code in (
        (mine, "stand_in_same_person"),
        (specialist, "stand_in_other_role"),
        (newcomer, "stand_in_not_then"),
        (site.project.id, "stand_in_unknown"),
    ):
        assert await refused(mine, until=until, stand_in=str(stand_in)) == (422, code)
    assert (await enter(client, site.manager, other, since, until=until)).status_code == 201
    assert await refused(mine, until=until, stand_in=str(other)) == (422, "stand_in_absent")
    assert await refused(other, local(8, 0)) == (409, "override_overlaps")
    later = await enter(client, site.manager, mine, local(10, 0), stand_in=str(other))
    assert later.status_code == 201, later.text
    assert await refused(other, local(20, 0)) == (409, "stands_in_then")
    # Two at once: one of them comes first.
    twice = await asyncio.gather(
        *(enter(client, site.manager, newcomer, local(20, 0), until=wire(local(21, 0))) for _ in range(2))
    )
    assert sorted(one.status_code for one in twice) == [201, 409]
    head = await staffed("H1", "head_of_customer_relations")
    elsewhere = await enter(client, head, company, since, until=until, stand_in=str(mine))
    assert elsewhere.json()["code"] == "stand_in_elsewhere"


async def test_shifts_are_kept_in_every_version(
    client: AsyncClient, site: Site, staffed: SignedIn, forward: Forward, process: Process, work: Begin
) -> None:
    mine = site.positions["D1"]
    address = f"/v1/positions/{mine}/shifts"
    empty = await client.get(address, headers=site.manager)
    assert (empty.headers["etag"], empty.json()["around_the_clock"]) == ('"0"', True)
    wanted = [NIGHTS | {"since": str(nth(1)), "until": str(nth(32))}, DAYS | {"weekdays": ["monday"]}]
    first = await put_shifts(client, site.manager, mine, wanted, '"0"')
    assert (first.status_code, first.headers["etag"]) == (200, '"1"'), first.text
    read = (await client.get(address, headers=site.manager)).json()
    assert read == first.json()
    assert (read["set_by_name"], read["reason"]) == ("员工M1", "排班")
    assert [(one["opens"], one["closes"], one["until"]) for one in read["shifts"]] == [
        ("20:00", "08:00", str(nth(32))),
        ("08:00", "20:00", None),
    ]
    stale = await put_shifts(client, site.manager, mine, [], '"0"')
    assert (stale.status_code, stale.json()["present"]["version"]) == (412, 1)
    at_once = await asyncio.gather(
        *(put_shifts(client, site.manager, mine, [ROUND], '"1"') for _ in range(3))
    )
    assert sorted(one.status_code for one in at_once) == [200, 412, 412]
    for shifts, code, field in (
        ([DAYS, DAYS | {"opens": "19:59", "closes": "21:00"}], "shifts_overlap", "shifts.1"),
        (
            [NIGHTS, {"weekdays": ["sunday"], "opens": "07:00", "closes": "09:00"}],
            "shifts_overlap",
            "shifts.1",
        ),
        ([DAYS | {"closes": "08:00"}], "shift_empty", "shifts.0.closes"),
        ([DAYS | {"since": str(nth(2)), "until": str(nth(2))}], "dates_reversed", "shifts.0.until"),
    ):
        refused = await put_shifts(client, site.manager, mine, shifts)
        problem = refused.json()
        assert (refused.status_code, problem["code"], problem["errors"][0]["field"]) == (422, code, field)

    # A past roster is as it stood then.
    before = process.clock.now()
    await forward(timedelta(minutes=1))
    assert (await put_shifts(client, site.manager, mine, [])).status_code == 200
    then, now = [await roster(client, site.manager, site.project, at) for at in (before, None)]
    assert names(then["on_duty"]) == [("D1", "shift"), ("D2", "always")]
    assert names(now["on_duty"]) == [("D1", "always"), ("D2", "always")]

    outsider = await staffed("M2", "property_manager", site.elsewhere)
    assert (await put_shifts(client, outsider, mine, [])).status_code == 404
    agent = await staffed("A9", "hotline_agent", site.project)
    assert (await put_shifts(client, agent, mine, [])).status_code == 403
    assert (await client.get(address, headers=agent)).status_code == 200

    for change in (
        "UPDATE roster_plan SET reason = ''",
        "DELETE FROM roster_shift",
        "DELETE FROM roster_override",
        "UPDATE roster_override SET reason = ''",
    ):
        await enter(client, site.manager, mine, local(7, 0), until=wire(local(9, 0)))
        with pytest.raises(DBAPIError, match=r"append only|never changed"):
            async with work() as session:
                await session.execute(text(change))

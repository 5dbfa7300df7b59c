"""Positions: given by administrators, at and below their own node, for a time."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient, Response

from backend.core.clock import local_date
from backend.features.people.rules import ROLES
from backend.platform.process import Process
from backend.platform.tree import Node, add_node, root_node
from tests.fixtures.people import SignedIn, staff_account
from tests.fixtures.process import Begin, Forward


@dataclass(frozen=True, slots=True)
class Tree:
    company: Node
    shanghai: Node
    beijing: Node
    project: Node


@pytest.fixture
async def tree(work: Begin) -> Tree:
    async with work() as session:
        company = await root_node(session)
        shanghai = await add_node(session, company, "region", name="上海", key="上海")
        beijing = await add_node(session, company, "region", name="北京", key="北京")
        return Tree(
            company,
            shanghai,
            beijing,
            await add_node(session, shanghai, "project", name="朗润园", key="朗润园"),
        )


@pytest.fixture
async def admin(staffed: SignedIn) -> dict[str, str]:
    return await staffed("A1", "administrator")


@pytest.fixture
async def employee(work: Begin) -> UUID:
    async with work() as session:
        return (await staff_account(session, "T1")).id


async def give(
    client: AsyncClient, header: dict[str, str], account: UUID, node: Node, **more: Any
) -> Response:
    given = {"account": str(account), "role": "hotline_agent", "node": str(node.id)} | more
    return await client.post("/v1/positions", json=given, headers=header)


async def end(
    client: AsyncClient, header: dict[str, str], position: dict[str, Any], until: Any, tag: str | None = "*"
) -> Response:
    matching = {} if tag is None else {"if-match": tag}
    return await client.patch(
        f"/v1/positions/{position['id']}",
        json={"until": until and str(until)},
        headers={**header, **matching},
    )


async def positions_of(client: AsyncClient, header: dict[str, str], account: UUID) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (
        await client.get("/v1/positions", params={"account": str(account)}, headers=header)
    ).json()["items"]
    return items


async def test_only_administrators_give_positions(
    client: AsyncClient, tree: Tree, employee: UUID, staffed: SignedIn
) -> None:
    for number, role in enumerate(ROLES):
        header = await staffed(f"R{number}", role)
        answered = await give(client, header, employee, tree.shanghai, role=role)
        assert answered.status_code == (201 if role == "administrator" else 403), role
    nobody = await staffed("N1")
    refused = await give(client, nobody, employee, tree.shanghai)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_in_your_role")


async def test_a_regional_administrator_rules_the_region_and_nothing_beside_or_above_it(
    client: AsyncClient, tree: Tree, employee: UUID, staffed: SignedIn, admin: dict[str, str]
) -> None:
    regional = await staffed("A2", "administrator", tree.shanghai)
    for node, status in ((tree.shanghai, 201), (tree.project, 201), (tree.beijing, 422), (tree.company, 422)):
        answered = await give(client, regional, employee, node)
        assert answered.status_code == status
        if status == 422:
            assert answered.json()["errors"][0]["field"] == "node"
            assert answered.json()["code"] == "node_unknown"
    theirs = (await give(client, admin, employee, tree.beijing)).json()
    assert (await end(client, regional, theirs, None)).status_code == 404
    assert {position["node_name"] for position in await positions_of(client, regional, employee)} == {
        "上海",
        "朗润园",
    }
    assert len(await positions_of(client, admin, employee)) == 3
    nodes = (await client.get("/v1/nodes", headers=regional)).json()["items"]
    assert [node["name"] for node in nodes] == ["上海"]
    below = await client.get("/v1/nodes", params={"parent": str(tree.company.id)}, headers=regional)
    assert [node["name"] for node in below.json()["items"]] == ["上海"]


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"role": "emperor"}, "role", "role_unknown"),
    ({"trades": ["plumbing"]}, "trades", "trades_only_for_engineers"),
    ({"role": "repair_engineer", "trades": ["alchemy"]}, "trades", "trade_unknown"),
    ({"node": "0199d6a0-7c2e-7000-8000-6d1c5e0f4b11"}, "node", "node_unknown"),
    ({"account": "0199d6a0-7c2e-7000-8000-6d1c5e0f4b11"}, "account", "staff_unknown"),
    ({"since": "2026-05-01", "until": "2026-05-01"}, "until", "dates_reversed"),
    ({"since": "2026-02-30"}, "since", "date_from_datetime_parsing"),
]


async def test_a_position_that_cannot_be_is_refused_by_field(
    client: AsyncClient, tree: Tree, employee: UUID, admin: dict[str, str]
) -> None:
    for change, field, code in WRONG:
        given = {"account": str(employee), "role": "hotline_agent", "node": str(tree.shanghai.id)} | change
        refused = await client.post("/v1/positions", json=given, headers=admin)
        assert refused.status_code == 422
        assert [(error["field"], error["code"]) for error in refused.json()["errors"]] == [(field, code)]
    fitting = await give(
        client,
        admin,
        employee,
        tree.shanghai,
        role="repair_engineer",
        trades=["plumbing", "electrical", "plumbing"],
    )
    assert fitting.json()["trades"] == ["electrical", "plumbing"]


async def test_nobody_holds_one_role_at_one_node_twice_at_a_time(
    client: AsyncClient, tree: Tree, employee: UUID, admin: dict[str, str]
) -> None:
    first = {"since": "2026-01-01", "until": "2026-06-01"}
    answers = await asyncio.gather(*(give(client, admin, employee, tree.shanghai, **first) for _ in range(4)))
    assert Counter(one.status_code for one in answers) == {201: 1, 409: 3}
    overlapping = await give(client, admin, employee, tree.shanghai, since="2026-05-31")
    assert overlapping.json()["code"] == "position_overlaps"
    assert (await give(client, admin, employee, tree.shanghai, since="2026-06-01")).status_code == 201
    [position] = [one.json() for one in answers if one.status_code == 201]
    assert (await end(client, admin, position, None)).json()["code"] == "position_overlaps"


async def test_ending_a_position_needs_the_version_that_was_read(
    client: AsyncClient, tree: Tree, employee: UUID, admin: dict[str, str], process: Process
) -> None:
    given = await give(client, admin, employee, tree.shanghai)
    position, tag = given.json(), given.headers["etag"]
    until = local_date(process.clock.now()) + timedelta(days=3)
    missing = await end(client, admin, position, until, None)
    assert (missing.status_code, missing.json()["code"]) == (422, "if_match_required")
    ended = await end(client, admin, position, until, tag)
    assert (ended.status_code, ended.json()["until"]) == (200, str(until))
    assert ended.headers["etag"] == '"2"'
    stale = await end(client, admin, position, None, tag)
    assert (stale.status_code, stale.json()["code"]) == (412, "changed_meanwhile")
    assert stale.json()["present"] == ended.json()
    reversed_ = await end(client, admin, position, position["since"])
    assert reversed_.json()["code"] == "dates_reversed"
    days = [until + timedelta(days=n) for n in range(1, 5)]
    racing = await asyncio.gather(*(end(client, admin, position, day, '"2"') for day in days))
    assert sorted(one.status_code for one in racing) == [200, 412, 412, 412]


async def test_what_a_position_gave_begins_and_ends_on_its_day(
    client: AsyncClient,
    tree: Tree,
    employee: UUID,
    admin: dict[str, str],
    process: Process,
    forward: Forward,
    signed_in: SignedIn,
) -> None:
    today = local_date(process.clock.now())
    await give(
        client, admin, employee, tree.shanghai,
        since=str(today + timedelta(days=1)), until=str(today + timedelta(days=2)),
    )  # fmt: skip
    for may in (False, True, False):
        # Sessions of the employee end after hours: each day they sign in anew.
        header = await signed_in(employee)
        assert (await client.get("/v1/nodes", headers=header)).status_code == (200 if may else 403)
        held = (await client.get("/v1/me", headers=header)).json()["positions"]
        assert [position["node_name"] for position in held] == (["上海"] if may else [])
        await forward(timedelta(days=1))


async def test_the_last_administrator_of_the_company_stays(
    client: AsyncClient, tree: Tree, staffed: SignedIn, admin: dict[str, str], process: Process
) -> None:
    await staffed("A2", "administrator", tree.shanghai)
    me = (await client.get("/v1/me", headers=admin)).json()
    [position] = await positions_of(client, admin, me["id"])
    tomorrow = local_date(process.clock.now()) + timedelta(days=1)
    for refused in (
        await end(client, admin, position, tomorrow),
        await client.patch(f"/v1/staff/{me['id']}", json={"disabled": True}, headers=admin),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "last_administrator")
    await staffed("A3", "administrator")
    assert (await end(client, admin, position, tomorrow)).status_code == 200


@pytest.mark.parametrize("how", ["disable", "end", "both"])
async def test_the_last_two_administrators_cannot_leave_at_the_same_moment(
    client: AsyncClient, staffed: SignedIn, process: Process, how: str
) -> None:
    headers = [await staffed(number, "administrator") for number in ("A1", "A2")]
    ids = [(await client.get("/v1/me", headers=header)).json()["id"] for header in headers]
    tomorrow = local_date(process.clock.now()) + timedelta(days=1)

    async def leave(place: int) -> Response:
        header, other = headers[place], ids[1 - place]
        if how == "disable" or (how == "both" and place):
            return await client.patch(f"/v1/staff/{other}", json={"disabled": True}, headers=header)
        [position] = await positions_of(client, header, other)
        return await end(client, header, position, tomorrow)

    answers = await asyncio.gather(leave(0), leave(1))
    assert Counter(one.status_code for one in answers)[200] <= 1, [one.text for one in answers]
    assert all(one.status_code in {200, 401, 403, 409} for one in answers)


async def test_lists_page_through_everything_once(
    client: AsyncClient, tree: Tree, admin: dict[str, str], employee: UUID
) -> None:
    for node in (tree.company, tree.shanghai, tree.beijing, tree.project):
        assert (await give(client, admin, employee, node)).status_code == 201
    for path, count in (
        ("/v1/positions", 5),
        ("/v1/nodes", 1),
        (f"/v1/nodes?parent={tree.company.id}", 2),
        ("/v1/staff", 2),
    ):
        seen: list[str] = []
        cursor: str | None = None
        while True:
            more = {"limit": "1", **({"cursor": cursor} if cursor else {})}
            page = (await client.get(path, params={**dict(parse(path)), **more}, headers=admin)).json()
            seen += [item["id"] for item in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert len(seen) == len(set(seen)) == count, path


def parse(path: str) -> list[tuple[str, str]]:
    return [tuple(pair.split("=", 1)) for pair in path.partition("?")[2].split("&") if pair]  # type: ignore[misc]  # two parts each


async def test_roles_are_listed_for_staff_with_the_rule_each_comes_from(
    client: AsyncClient, staffed: SignedIn
) -> None:
    told = (await client.get("/v1/roles", headers=await staffed("T9"))).json()
    assert {role["code"]: role["rule"] for role in told["roles"]} == {
        code: role.rule for code, role in ROLES.items()
    }
    assert "plumbing" in told["trades"]

"""The lane of hot reads and FastAPI's own way answer alike, to the byte; and what changes an answer changes its tag."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI, Header, Response
from httpx import ASGITransport, AsyncClient
from sqlalchemy import text

from backend.app import create_app, lifespan_of
from backend.core.config import Settings
from backend.core.ids import new_id
from backend.features.estate.schemas import MyHomes
from backend.platform.http.hot import HotLane, NotHot
from backend.platform.http.route import Uow, router
from backend.platform.process import Process
from tests.fixtures.application import Drain
from tests.fixtures.estate import Estate, account_of, ownership_of, project_of
from tests.fixtures.logs import Lines
from tests.fixtures.people import SignedIn
from tests.fixtures.process import Begin

OWNER, OTHER = "+8613542604684", "+8613688889999"
HOMES = "/v1/me/homes"


def without_lane(settings: Settings) -> FastAPI:
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr("backend.app.hot_reads", [])
        return create_app(settings)


@asynccontextmanager
async def talking(app: FastAPI, settings: Settings) -> AsyncIterator[AsyncClient]:
    async with (
        lifespan_of(settings)(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://tongxing.test") as client,
    ):
        yield client


def lane_of(app: FastAPI) -> HotLane:
    [lane] = [found for one in app.user_middleware if isinstance(found := one.kwargs.get("lane"), HotLane)]
    return lane


def taken(app: FastAPI, path: str, query: bytes = b"", method: str = "GET") -> bool:
    scope = {"type": "http", "method": method, "path": path, "query_string": query}
    return lane_of(app).answering(scope) is not None


async def test_both_ways_answer_alike(
    settings: Settings,
    process: Process,
    estate: Estate,
    drain: Drain,
    signed_in: SignedIn,
    staffed: SignedIn,
    logged: Lines,
    subtests: pytest.Subtests,
) -> None:
    await estate()
    await drain()
    mine, other = [await signed_in(await account_of(process, phone)) for phone in (OWNER, OTHER)]
    staff, nobody = await staffed("T1", "administrator"), await staffed("T2")
    home = f"/v1/ownerships/{await ownership_of(process, '合同-0101')}"
    journey, feed, warranty = f"{home}/journey", f"{home}/posts", f"{home}/warranty"
    wrong = {"authorization": f"Bearer {'a' * 43}"}
    asked: list[tuple[str, str, dict[str, str]]] = []
    hot, ordinary = create_app(settings), without_lane(settings)
    async with talking(hot, settings) as lane, talking(ordinary, settings) as plain:
        first = await lane.get(journey, headers=mine)
        entries = f"/v1/threads/{first.json()['happened']['thread']}/entries"
        ledger = f"/v1/projects/{await project_of(process)}/tickets"
        reads = (HOMES, journey, entries, feed, warranty, "/v1/tickets", ledger)
        for path in reads:
            reader = staff if path == ledger else mine
            assert taken(hot, path)
            tag = (await lane.get(path, headers=reader)).headers["etag"]
            asked += [("GET", path, headers) for headers in ({}, wrong, mine, other, staff, nobody)]
            asked += [
                ("GET", path, {**reader, "if-none-match": held})
                for held in (tag, tag[2:], f'"x", {tag}', "*", '"x"', "", f"{tag},{tag}")
            ]
            asked += [("GET", path, {**mine, "accept-language": "en"}), ("GET", f"{path}/", mine)]
            asked += [(method, path, mine) for method in ("HEAD", "OPTIONS", "POST", "DELETE", "PUT")]
            asked += [("GET", path, {**mine, "content-length": "9" * 20})]
            asked += [("GET", f"{path}?{query}", mine) for query in ("x=1", "limit=5&limit=x", "%00", "=")]
            asked += [("GET", path, {"authorization": given}) for given in ("Bearer", "Basic eA==", "é")]
        for bad in ("none", "%00", "1" * 200, "0199d6a0-7c2e-7000-8000-6d1c5e0f4b1", "a%0A", str(new_id())):
            asked += [
                ("GET", path, headers)
                for path in (
                    f"/v1/ownerships/{bad}/journey",
                    f"/v1/ownerships/{bad}/posts",
                    f"/v1/ownerships/{bad}/warranty",
                    f"/v1/threads/{bad}/entries",
                )
                for headers in (mine, {}, staff)
            ]
        for query in (
            "limit=1", "limit=1&after=0", "after=0&before=5", "before=2", "limit=0", "limit=x", "limit=101",
            "after=-1", "after=%00", "before=99999999999999999999", "after=", "limit=1;after=2", "after=1&after=2",
        ):  # fmt: skip
            asked += [("GET", f"{entries}?{query}", headers) for headers in (mine, {}, other)]
        asked += [
            ("GET", f"{feed}?{query}", mine) for query in ("limit=1", "limit=0", "cursor=x", "cursor=%00")
        ]
        asked += [
            ("GET", f"{ledger}?{query}", staff)
            for query in (
                "state=held&live=1",
                "state=x",
                "late=false",
                "since=x",
                "engineer=1",
                "component=%00",
            )
        ]
        for number, (method, path, headers) in enumerate(asked):
            with subtests.test(method=method, path=path, headers=headers):
                given = headers | {"x-request-id": f"hot-lane-{number:06}"}
                raw = [(name.encode(), value.encode()) for name, value in given.items()]
                one, two = [await client.request(method, path, headers=raw) for client in (lane, plain)]
                assert one.status_code == two.status_code
                assert one.headers.multi_items() == two.headers.multi_items()
                assert one.content == two.content
                lines = [line for line in logged() if line.get("request_id") == given["x-request-id"]]
                told = [
                    {name: value for name, value in line.items() if name not in {"ms", "timestamp"}}
                    for line in lines
                ]
                assert len(told) == 2
                assert told[0] == told[1]
                assert one.status_code < 500


async def test_both_ways_count_an_accounts_requests_once(
    settings: Settings, process: Process, estate: Estate, signed_in: SignedIn
) -> None:
    await estate()
    mine = await signed_in(await account_of(process, OWNER))
    limited = settings.model_copy(update={"requests_per_minute_account": 4})
    async with (
        talking(create_app(limited), limited) as lane,
        talking(without_lane(limited), limited) as plain,
    ):
        for client in (lane, plain):
            asked = [HOMES, "/v1/threads/none/entries", f"/v1/threads/{new_id()}/entries", HOMES, HOMES]
            answers = [await client.get(path, headers=mine) for path in asked]
            assert [answer.status_code for answer in answers] == [200, 422, 404, 200, 429]
            assert answers[-1].json()["code"] == "too_many_requests"
            assert 1 <= int(answers[-1].headers["retry-after"]) <= 60


async def test_while_the_database_is_away_both_tell_to_come_back(
    settings: Settings, subtests: pytest.Subtests
) -> None:
    away = settings.model_copy(
        update={"database_url": "postgresql+asyncpg://app@/none?host=/nowhere&port=5432"}
    )
    headers = {"authorization": f"Bearer {'a' * 43}", "x-request-id": "hot-lane-away"}
    async with talking(create_app(away), away) as lane, talking(without_lane(away), away) as plain:
        one, two = [await client.get(HOMES, headers=headers) for client in (lane, plain)]
    assert (one.status_code, one.json()["code"]) == (503, "try_again")
    assert (one.headers, one.content) == (two.headers, two.content)


def test_the_lane_takes_only_what_is_well_formed(settings: Settings) -> None:
    app = create_app(settings)
    thread = f"/v1/threads/{new_id()}/entries"
    for path, query, method, expected in (
        (thread, b"limit=5&after=3", "GET", True),
        (thread, b"unknown=1", "GET", True),
        (thread, b"limit=0", "GET", False),
        (thread, b"", "HEAD", False),
        (f"{thread}/", b"", "GET", False),
        (f"{thread}\n", b"", "GET", False),
        ("/v1/threads/none/entries", b"", "GET", False),
        ("/v1/me", b"", "GET", False),
        ("/v2/me/homes", b"", "GET", False),
    ):
        assert taken(app, path, query, method) is expected, (path, query, method)


def test_an_endpoint_that_wants_more_than_the_lane_gives_is_refused() -> None:
    routes = router(tag="test")

    # Declared and never called: they are refused for what they ask for.
    @routes.get("/work")
    async def writes(work: Uow) -> Response:
        raise NotImplementedError

    @routes.get("/header")
    async def reads_header(name: str = Header()) -> Response:
        raise NotImplementedError

    @routes.get("/query")
    async def needs_query(name: str) -> Response:
        raise NotImplementedError

    async def undeclared() -> Response:
        raise NotImplementedError

    for endpoint in (writes, reads_header, needs_query, undeclared):
        with pytest.raises(NotHot):
            HotLane(routes.routes, [endpoint])


# When it is a tenant's home: nothing of it may show, not even in the tag.
HIDDEN = "UPDATE ownership SET contract_no = contract_no || 'x', signed_on = '2001-01-03'"

CHANGES = (
    *(f"UPDATE project SET {column} = 'x'" for column in ("name", "phase", "address", "service_centre")),
    *(f"UPDATE project SET {column} = NULL" for column in ("hotline", "service_hours")),
    *(
        f"UPDATE home SET {column} = 'y' WHERE room = '0101'"
        for column in ("unit", "room", "layout", "fitout")
    ),
    "UPDATE home SET building = 'y'",
    "UPDATE home SET area = area + 0.01",
    # The two change places.
    "UPDATE home SET sort_key = translate(sort_key, '0123456789', '9876543210')",
    "UPDATE ownership SET contract_no = contract_no || 'x'",
    "UPDATE ownership SET subscribed_on = '2001-01-01'",
    "UPDATE ownership SET signed_on = '2001-01-02'",
    "UPDATE ownership SET delivery_due_on = '2001-01-03'",
    "UPDATE ownership SET delivered_on = '2026-11-22', keys_on = NULL, moved_in_on = NULL",
    "UPDATE ownership SET keys_on = '2026-11-22'",
    "UPDATE ownership SET moved_in_on = '2099-11-22'",
    "UPDATE household_member SET role = 'family'",
    "UPDATE household_member SET role = 'tenant'",
    HIDDEN,
    "UPDATE account SET name = 'z'",
    "UPDATE household_member SET ended_at = now() + interval '1 day'",
)
"""In this order, each on top of those before it."""


async def test_a_tag_changes_whenever_its_answer_does(
    client: AsyncClient,
    process: Process,
    estate: Estate,
    work: Begin,
    signed_in: SignedIn,
    subtests: pytest.Subtests,
) -> None:
    await estate()
    mine = await signed_in(account_id := await account_of(process, OWNER))
    async with work() as session:
        # Somebody with two homes: their order is a part of the answer.
        await session.execute(
            text(
                "INSERT INTO household_member (id, ownership_id, account_id, role, since)"
                " SELECT gen_random_uuid(), o.id, :account, 'owner', now() FROM ownership o"
                " WHERE o.ended_on IS NULL AND NOT EXISTS (SELECT FROM household_member m"
                " WHERE m.ownership_id = o.id AND m.account_id = :account) LIMIT 1"
            ),
            {"account": account_id},
        )

    async def ask() -> tuple[Any, str]:
        answer = await client.get(HOMES, headers=mine)
        MyHomes.model_validate_json(answer.content)
        return answer.json(), answer.headers["etag"]

    async def held(tag: str) -> int:
        return (await client.get(HOMES, headers={**mine, "if-none-match": tag})).status_code

    body, tag = await ask()
    assert len(body["items"]) == 2
    changed = 0
    for change in CHANGES:
        with subtests.test(change=change):
            async with work() as session:
                await session.execute(text(change))
            status = await held(tag)
            new_body, new_tag = await ask()
            assert (new_tag != tag) == (status == 200)
            assert new_tag != tag or new_body == body
            assert new_tag == tag or change != HIDDEN
            changed += new_body != body
            body, tag = new_body, new_tag
            assert await held(tag) == 304
    assert changed >= 17
    assert body == {"items": []}

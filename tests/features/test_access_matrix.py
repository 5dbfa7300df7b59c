"""Every route as everybody: nobody, owners, family, tenants, and each role inside and outside its scope."""

import asyncio
from collections import Counter

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from httpx import AsyncClient

from backend.core.config import Settings
from tests.features.access_matrix import MATRIX, Asked, Row
from tests.features.access_world import CONTRACT, OWNER_NAME, OWNER_PHONE, Caller, World, build_world
from tests.fixtures.estate import IDENTITY, Estate

_AT_ONCE = 3
_REFUSED = (401, 403, 404)


def test_every_route_has_a_row_and_every_row_a_route(app: FastAPI) -> None:
    served = {
        f"{method} {found.path}"
        for found in iter_route_contexts(app.routes)
        for method in set(found.methods or ()) - {"HEAD"}
    }
    assert served == {row.route for row in MATRIX}
    rows = Counter((row.route, row.note) for row in MATRIX)
    assert [row for row, times in rows.items() if times > 1] == []


async def test_every_cell(app: FastAPI, settings: Settings, estate: Estate) -> None:
    world = await build_world(app, settings, estate)
    # Whoever may act is given a thing of their own; those who may not share one.
    shared = {row: await row.make(world, world.callers["nobody"]) for row in MATRIX}
    places = asyncio.Semaphore(_AT_ONCE)

    async def walk(number: int, caller: Caller) -> list[str]:
        async with places, world.client(number) as client:
            found = [await _cell(world, client, row, caller, shared[row]) for row in MATRIX]
        return [fault for faults in found for fault in faults]

    walks = [walk(number, caller) for number, caller in enumerate(world.callers.values(), start=1)]
    assert [fault for faults in await asyncio.gather(*walks) for fault in faults] == []


async def _cell(world: World, client: AsyncClient, row: Row, caller: Caller, shared: Asked) -> list[str]:
    """What is wrong with one cell: the status, or something in the answer that is not this caller's to see."""
    expected = row.expected(caller)
    asked = shared if expected in _REFUSED else await row.make(world, caller)
    method, _, template = row.route.partition(" ")
    headers = caller.headers | asked.sent.get("headers", {})
    answer = await client.request(
        method, template.format(**asked.path), **(asked.sent | {"headers": headers})
    )
    if row.signs_out:
        await world.sign_in(caller)
    where = f"{caller.name}: {row.route} {row.note}".strip()
    faults = [] if answer.status_code == expected else [f"{where} is {answer.status_code}, not {expected}"]
    if answer.status_code >= 400 and answer.headers["content-type"] != "application/problem+json":
        faults.append(f"{where} is refused without a problem document")
    shown = [] if row.reveals else [secret for secret in _secrets(world, caller) if secret in answer.text]
    return faults + [f"{where} shows {secret}" for secret in shown]


def _secrets(world: World, caller: Caller) -> list[str]:
    """What no answer may hold for this caller."""
    people = [OWNER_NAME, OWNER_PHONE.removeprefix("+86"), IDENTITY]
    match caller:
        case Caller(name="owner" | "family"):
            return [IDENTITY]
        case Caller(name="tenant"):
            return [*people, CONTRACT]
        case Caller(name="invited"):
            return [IDENTITY, CONTRACT, str(world.home_id), str(world.ownership_id)]
        case Caller(kind="staff", place="inside" | "above"):
            return people
        case _:
            return [*people, CONTRACT, str(world.home_id), str(world.ownership_id)]

"""Every route as everybody: nobody, owners, family, tenants, and each role inside and outside its scope."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from backend.core.config import Settings
from tests.features.access_matrix import MATRIX, Asked, Row
from tests.features.access_world import CONTRACT, OWNER_NAME, OWNER_PHONE, Caller, World, build_world
from tests.fixtures.areas import by_area, paths_in
from tests.fixtures.bare_http import Prepared, ask
from tests.fixtures.estate import IDENTITY, Estate

_AT_ONCE = 3
_READS = ("GET", "OPTIONS")
_REFUSED = (401, 403, 404)
_ONE_OF_EACH_KIND = (
    "nobody",
    "owner",
    "tenant",
    "invited",
    "administrator inside",
    "repair_engineer outside",
)


def test_every_route_has_a_row_and_every_row_a_route(app: FastAPI) -> None:
    served = {
        f"{method} {found.path}"
        for found in iter_route_contexts(app.routes)
        for method in set(found.methods or ()) - {"HEAD"}
    }
    assert served == {row.route for row in MATRIX}
    rows = Counter((row.route, row.note) for row in MATRIX)
    assert [row for row, times in rows.items() if times > 1] == []


@by_area
async def test_every_cell(area: str, app: FastAPI, settings: Settings, estate: Estate) -> None:
    paths = paths_in(app, area)
    rows = [row for row in MATRIX if row.path in paths]
    world = await build_world(app, settings, estate)
    # Whoever changes something is given a thing of their own; those who read it, or may not, share one.
    made = {make: await make(world, world.callers["nobody"]) for make in {row.make for row in rows}}
    shared = {row: _prepared(row, made[row.make]) for row in rows}
    places = asyncio.Semaphore(_AT_ONCE)

    async def walk(number: int, caller: Caller) -> list[str]:
        secrets = _secrets(world, caller)
        async with places:
            asked = [row for row in rows if _tells(row, caller, world.callers)]
            found = [await _cell(world, number, row, caller, shared[row], secrets) for row in asked]
        return [fault for faults in found for fault in faults]

    walks = [walk(number, caller) for number, caller in enumerate(world.callers.values(), start=1)]
    assert [fault for faults in await asyncio.gather(*walks) for fault in faults] == []


def _tells(row: Row, caller: Caller, callers: Mapping[str, Caller]) -> bool:
    """Whether a cell can be wrong while its neighbours are right.

    A public route is asked by nobody, who is everybody, and by one of each kind. Being outside one's scope is told of
    the roles that something is opened to inside; and of no change to one's own affairs, where no scope is looked at.
    """
    if row.expected(callers["nobody"]) not in _REFUSED:
        return caller.name in _ONE_OF_EACH_KIND
    if caller.place != "outside":
        return True
    inside = row.expected(callers[caller.name.replace("outside", "inside")])
    own = row.expected(callers["employee without a position"]) == inside and not row.route.startswith(_READS)
    return inside not in _REFUSED and not own


def _prepared(row: Row, asked: Asked) -> Prepared:
    return Prepared.of(row.method, row.path.format(**asked.path), **asked.sent)


async def _cell(
    world: World, number: int, row: Row, caller: Caller, shared: Prepared, secrets: Sequence[str]
) -> list[str]:
    """What is wrong with one cell: the status, or something in the answer that is not this caller's to see."""
    expected = row.expected(caller)
    changes = expected < 400 and not row.route.startswith(_READS)
    prepared = _prepared(row, await row.make(world, caller)) if changes else shared
    # Each caller calls from an address of their own: limits go by address.
    answer = await ask(world.app, prepared, address=f"10.0.0.{number}", headers=caller.headers)
    if row.signs_out:
        await world.sign_in(caller)
    where = f"{caller.name}: {row.route} {row.note}".strip()
    faults = [] if answer.status == expected else [f"{where} is {answer.status}, not {expected}"]
    if answer.status >= 400 and answer.content_type != "application/problem+json":
        faults.append(f"{where} is refused without a problem document")
    text = "" if row.reveals or row.reveals_to == caller.name else answer.body.decode(errors="replace")
    return faults + [f"{where} shows {secret}" for secret in secrets if secret in text]


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

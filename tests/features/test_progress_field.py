"""A report from the field, over a weak network; and open days, whose places nobody can have twice."""

import asyncio
from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from httpx import Response

from backend.core.ids import new_id
from backend.platform.process import Process
from tests.fixtures.application import Drain
from tests.fixtures.files import Sender, photo
from tests.fixtures.journeys import Fire, rows
from tests.fixtures.people import SignedIn
from tests.fixtures.posts import Site
from tests.fixtures.process import Forward


async def test_a_report_from_the_field(
    site: Site, drain: Drain, fire: Fire, forward: Forward, process: Process, signed_in: SignedIn
) -> None:
    """Item 5: the line breaks in a photo, answers are lost, everything is sent again: one post, each photo once."""
    phone = Sender(site.client, site.people["writer"], site.headers["writer"])
    files = []
    for number in range(2):
        content = photo(640 + number, 480)
        begun = (await phone.begin(content)).json()
        address = begun["upload"]["address"]
        half = len(content) // 2
        assert (await phone.send(address, content[:half])).status_code == 204
        # The line broke there; the phone asks how far it came, and a repeat of what came is refused by its offset.
        assert (await phone.send(address, content[:half])).status_code == 409
        measured = await phone.ask("HEAD", address, headers={"tus-resumable": "1.0.0"})
        assert measured.headers["upload-offset"] == str(half)
        assert (await phone.send(address, content[half:], at=half)).status_code == 204
        files.append(begun["id"])
    said = {
        "id": str(new_id()),
        "kind": "progress",
        "title": "3号楼封顶",
        "text": "今日完成封顶。",
        "photos": [{"file": one, "viewpoint": "南立面"} for one in files],
    }

    async def send() -> Response:
        return await site.ask("writer", "POST", f"/projects/{site.project}/posts", json=said)

    early = await send()
    assert (early.status_code, early.json()["code"]) == (409, "file_not_ready")
    await drain()
    answers = await asyncio.gather(*(send() for _ in range(4)))
    assert [answer.status_code for answer in answers] == [201] * 4
    assert {answer.json()["id"] for answer in answers} == {said["id"]}
    assert len({answer.text for answer in answers}) == 1
    [counted] = await rows(
        process,
        "SELECT (SELECT count(*) FROM post) AS posts, (SELECT count(*) FROM post_photo) AS photos,"
        " (SELECT count(*) FROM file_use) AS uses",
    )
    assert tuple(counted) == (1, 2, 2)
    post = await site.act("manager", answers[0].json(), "review", approved=True)
    tag = {"if-match": f'"{post["desk"]["version"]}"', "idempotency-key": "publish"}
    for _ in range(2):
        told = await site.ask("manager", "POST", f"/posts/{post['id']}/schedule", json={}, headers=tag)
        assert told.status_code == 200
    assert await fire() == 1
    assert await fire() == 0
    shown = (await site.ask("李欣", "GET", f"/posts/{post['id']}")).json()
    for one in shown["photos"]:
        opened = await site.client.get(one["sizes"]["thumbnail"]["link"])
        assert opened.headers["content-type"] == "image/webp"
    # What was handed in and shown nowhere is swept after a day; what a post shows stays.
    forgotten = (await phone.begin(photo())).json()
    await phone.send(forgotten["upload"]["address"], photo())
    await drain()
    await forward(timedelta(hours=26))
    while await fire():
        pass
    left = await rows(process, "SELECT id FROM file WHERE state = 'ready'")
    assert {str(row.id) for row in left} == set(files)
    site.headers["李欣"] = await signed_in(site.people["李欣"])
    shown = (await site.ask("李欣", "GET", f"/posts/{post['id']}")).json()
    assert (await site.client.get(shown["photos"][0]["sizes"]["full"]["link"])).status_code == 200


async def an_open_day(site: Site, fire: Fire, capacity: int) -> dict[str, Any]:
    starts = site.process.clock.now() + timedelta(days=7)
    slots = [
        {
            "place": place,
            "starts_at": starts.isoformat(),
            "ends_at": (starts + timedelta(hours=2)).isoformat(),
            "capacity": capacity,
        }
        for place in ("东门", "西门")
    ]
    return await site.published(fire, kind="open_day", title="工地开放日", slots=slots)


async def test_an_open_day_is_booked_changed_and_cancelled(
    site: Site, fire: Fire, forward: Forward, process: Process, app: FastAPI
) -> None:
    """S3-21, S3-28: a home books once; staff see who comes, masked."""
    day = await an_open_day(site, fire, 3)
    east, west = [slot["id"] for slot in day["slots"]]

    async def book(who: str, **said: Any) -> Response:
        return await site.ask(who, "POST", f"/posts/{day['id']}/bookings", json=said)

    own = str(new_id())
    answers = await asyncio.gather(*(book("李欣", id=own, slot=east, persons=2) for _ in range(3)))
    assert [answer.status_code for answer in answers] == [201] * 3, answers[0].text
    assert len({answer.text for answer in answers}) == 1
    for who, said, code in (
        ("梁鑫", {"slot": west, "persons": 1}, "booked_already"),
        ("周明", {"slot": east, "persons": 2}, "slot_full"),
        ("周明", {"slot": str(new_id()), "persons": 1}, "slot_unknown"),
        ("周明", {"slot": east, "persons": 1, "ownership": str(site.homes["1号楼"])}, "ownership_unknown"),
        ("周明", {"id": own, "slot": east, "persons": 1}, "booking_id_taken"),
    ):
        refused = await book(who, **said)
        assert refused.json()["code"] == code, refused.text
    assert (await book("周明", slot=east, persons=1)).status_code == 201
    seen = (await site.ask("梁鑫", "GET", f"/posts/{day['id']}")).json()
    assert (seen["booking"]["id"], {slot["id"]: slot["left"] for slot in seen["slots"]}) == (
        own,
        {east: 0, west: 3},
    )
    [fed] = (await site.ask("梁鑫", "GET", f"/ownerships/{site.homes['1号楼']}/posts")).json()["items"]
    assert fed == seen
    listed = (await site.ask("agent", "GET", f"/posts/{day['id']}/bookings")).json()["items"]
    assert {(one["name"], one["phone"], one["persons"]) for one in listed} == {
        ("李*", "+86 135****4684", 2),
        ("周*", "+86 137****5678", 1),
    }
    told = await rows(process, "SELECT account_id FROM notice WHERE kind = 'open_day_booked'")
    assert {row.account_id for row in told} == {site.people["李欣"], site.people["周明"]}
    # Anybody of the home gives the place back, a neighbour does not; then there is room again.
    address = f"/posts/{day['id']}/bookings/{own}"
    assert (await site.ask("周明", "DELETE", address)).status_code == 404
    for _ in range(2):
        assert (await site.ask("梁鑫", "DELETE", address)).status_code == 204
    assert (await book("梁鑫", slot=east, persons=2)).status_code == 201
    await forward(timedelta(days=8))
    assert (await book("李欣", slot=west, persons=1)).json()["code"] == "slot_over"


async def test_the_last_places_are_given_once(site: Site, fire: Fire, process: Process) -> None:
    """Both homes ask for all the places of a slot at once, again and again: the database lets one have them."""
    for _ in range(3):
        day = await an_open_day(site, fire, 2)
        slot = day["slots"][0]["id"]
        asked = {"slot": slot, "persons": 2}
        answers = await asyncio.gather(
            *(
                site.ask(who, "POST", f"/posts/{day['id']}/bookings", json=asked)
                for who in ("李欣", "周明")
                for _ in range(2)
            )
        )
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
        [counted] = await rows(process, "SELECT booked FROM open_day_slot WHERE id = :id", id=slot)
        assert counted.booked == 2

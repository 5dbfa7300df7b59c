"""Files from the first byte to the last: handed in, looked at, said, shown and swept; in a folder and in a bucket."""

import hashlib
import io
from datetime import timedelta
from pathlib import Path

import pytest
from httpx import AsyncClient
from PIL import Image
from sqlalchemy import text

from backend.core.config import Settings
from backend.doctor import examine
from backend.platform.process import Process
from backend.platform.storage import Missing
from backend.platform.threads import erase
from tests.fixtures.application import Drain
from tests.fixtures.files import Table, photo
from tests.fixtures.journeys import Fire
from tests.fixtures.process import Begin, Forward
from tests.fixtures.s3 import s3_url

__all__ = ["s3_url"]

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture(params=["folder", "bucket"])
def settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Both kinds of store."""
    if request.param == "folder":
        return settings
    url = request.getfixturevalue("s3_url")
    secret = Settings.model_validate({"files_secret": "secret"}).files_secret
    return settings.model_copy(update={"files_url": url, "files_key_id": "key", "files_secret": secret})


async def lies(process: Process, *keys: str) -> list[bool]:
    """Whether objects lie in the store."""
    found = []
    for key in keys:
        try:
            found.append(await process.store.size(key) > 0)
        except Missing:
            found.append(False)
    return found


async def pieces(work: Begin) -> list[str]:
    async with work() as unit:
        return list(await unit.scalars(text("SELECT key FROM file_piece ORDER BY at")))


async def files(work: Begin) -> int:
    async with work() as unit:
        return int(await unit.scalar(text("SELECT count(*) FROM file")) or 0)


async def test_a_photo_from_the_first_byte_to_the_last_look(
    table: Table,
    client: AsyncClient,
    process: Process,
    work: Begin,
    drain: Drain,
    fire: Fire,
    forward: Forward,
) -> None:
    owner, agent, thread = table.owner, table.agent, table.thread
    content = photo(1600, 1200, orientation=6)
    begun = await owner.begin(content, sha256=hashlib.sha256(content).hexdigest())
    assert begun.status_code == 201
    file_id, address = begun.json()["id"], begun.json()["upload"]["address"]
    assert (begun.json()["state"], begun.headers["location"]) == ("receiving", address)
    half = len(content) // 2
    assert (await owner.send(address, content[:half])).headers["upload-offset"] == str(half)
    assert (await owner.say(thread, file_id)).json()["code"] == "file_not_ready"
    assert (await owner.send(address, content[half:], half)).headers["upload-offset"] == str(len(content))
    keys = await pieces(work)
    assert await lies(process, *keys) == [True, True]
    assert (await owner.file(file_id))["state"] == "processing"
    assert (await owner.say(thread, file_id)).json()["code"] == "file_not_ready"
    await drain()
    assert await lies(process, *keys) == [False, False]
    ready = await owner.file(file_id)
    assert (ready["state"], ready["upload"], ready["refusal"]) == ("ready", None, None)
    assert {size: (one["width"], one["height"]) for size, one in ready["sizes"].items()} == {
        "full": (1200, 1600),
        "screen": (960, 1280),
        "thumbnail": (240, 320),
    }
    # Nobody else finds it before a line names it.
    assert (await agent.ask("GET", f"/v1/files/{file_id}")).status_code == 404
    assert (await owner.say(thread, file_id)).status_code == 201
    for size, one in (await agent.file(file_id))["sizes"].items():
        shown = await client.get(one["link"])
        assert shown.status_code == 200
        assert int(shown.headers["content-length"]) == len(shown.content) == one["bytes"]
        assert shown.headers["content-type"] == "image/webp"
        assert shown.headers["content-disposition"] == "inline"
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert shown.headers["cache-control"] == "private, no-cache"
        assert Image.open(io.BytesIO(shown.content)).size == (one["width"], one["height"])
        again = await client.get(one["link"], headers={"if-none-match": shown.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), size
    await forward(30 * DAY)
    await fire()
    assert await lies(process, *(f"files/{file_id}/{size}" for size in ready["sizes"])) == [True] * 3
    # The line's body is erased on request: its photo goes with it, and its name.
    async with work() as unit:
        await erase(unit, process.waker, thread, [1])
    await drain()
    assert (await owner.ask("GET", f"/v1/files/{file_id}")).status_code == 404
    await fire()
    assert await lies(process, *(f"files/{file_id}/{size}" for size in ready["sizes"])) == [False] * 3
    assert await files(work) == 0


async def test_a_recording_is_kept_as_it_is_and_served_in_parts(
    table: Table, client: AsyncClient, drain: Drain
) -> None:
    owner = table.owner
    content = b"#!AMR\n" + bytes(range(256)) * 6000
    file_id = await owner.hand_in(content, "audio/AMR", "voice", name='录音 "1".amr')
    await drain()
    assert (await owner.say(table.thread, file_id, "photo")).json()["code"] == "file_of_another_kind"
    assert (await owner.say(table.thread, file_id, "voice")).status_code == 201
    link = (await table.agent.file(file_id))["sizes"]["original"]["link"]
    whole = await client.get(link)
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, content, "audio/amr")
    assert (
        whole.headers["content-disposition"]
        == "attachment; filename*=UTF-8''%E5%BD%95%E9%9F%B3%20%221%22.amr"
    )
    size = len(content)
    for asked, status, start, end in (
        ("bytes=0-9", 206, 0, 10),
        (f"bytes=10-{size * 2}", 206, 10, size),
        ("bytes=700000-", 206, 700_000, size),
        ("bytes=-5", 206, size - 5, size),
        (f"bytes=-{size * 2}", 206, 0, size),
        ("bytes=5-3", 200, 0, size),
        ("bytes=0-1,5-6", 200, 0, size),
        ("lines=0-1", 200, 0, size),
    ):
        part = await client.get(link, headers={"range": asked})
        assert (part.status_code, part.content == content[start:end]) == (status, True), asked
        assert int(part.headers["content-length"]) == end - start
        if status == 206:
            assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
    beyond = await client.get(link, headers={"range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    other = await client.get(link, headers={"range": "bytes=0-1", "if-range": '"another"'})
    assert other.status_code == 200


async def test_what_nobody_needs_is_swept(
    table: Table, process: Process, work: Begin, drain: Drain, fire: Fire, forward: Forward
) -> None:
    """An upload that was left off, a file that was refused, one that nobody said; not one that was said."""
    owner = table.owner
    begun = (await owner.begin(photo())).json()
    await owner.send(begun["upload"]["address"], photo()[:1000])
    left_off = await pieces(work)
    refused = await owner.hand_in(b"\xff\xd8\xff nothing")
    unused = await owner.hand_in(photo(100, 100))
    used = await owner.hand_in(photo(100, 100))
    await drain()
    assert (await owner.say(table.thread, used)).status_code == 201
    assert await lies(process, *left_off, f"files/{unused}/full", f"files/{used}/full") == [True] * 3
    await forward(DAY)
    assert await fire() == 0
    # Its day is over: no longer taken, and not yet swept, so that whoever was in time is not robbed of it.
    late = await owner.send(begun["upload"]["address"], photo()[1000:], 1000)
    assert (late.status_code, late.json()["code"]) == (404, "upload_expired")
    assert (await owner.say(table.thread, unused)).json()["code"] == "not_found"
    assert (await owner.say(table.thread, used)).status_code == 201
    await forward(HOUR)
    assert await fire() == 4
    assert await lies(process, *left_off, f"files/{unused}/full", f"files/{used}/full") == [
        False,
        False,
        True,
    ]
    for gone in (begun["id"], refused, unused):
        assert (await owner.ask("GET", f"/v1/files/{gone}")).status_code == 404
    assert (await owner.file(used))["state"] == "ready"
    assert await files(work) == 1


async def test_a_store_does_what_it_says(settings: Settings, process: Process, tmp_path: Path) -> None:
    store = process.store
    (tmp_path / "big").write_bytes(b"ab" * 400_000)
    await store.put("a/b/1", b"first")
    await store.put("a/b/1", b"second")
    await store.put("a/b/2", tmp_path / "big")
    await store.put("a/bc/1", b"beside")

    async def read(key: str, start: int, end: int) -> bytes:
        return b"".join([piece async for piece in store.read(key, start, end)])

    assert await read("a/b/1", 0, 6) == b"second"
    assert await read("a/b/1", 2, 4) == b"co"
    assert await read("a/b/1", 3, 3) == b""
    assert len(await read("a/b/2", 1, 800_000)) == 799_999
    assert (await store.size("a/b/2"), await store.size("a/bc/1")) == (800_000, 6)
    for _ in range(2):
        await store.delete_under("a/b/")
    assert await lies(process, "a/b/1", "a/b/2", "a/bc/1") == [False, False, True]
    with pytest.raises(Missing):
        await read("a/b/1", 0, 6)
    await store.delete_under("a/")
    found = {finding.what: finding.state for finding in await examine(settings)}
    assert found["files"] == "ok"

"""Sending bytes as tus 1.0.0 wants it: from anywhere on, cut anywhere, checked, never more than were announced."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from sqlalchemy import text

from backend.core.caller import Caller
from backend.core.config import Settings
from backend.core.ids import new_id
from backend.features.files.rules import MOST_PIECES
from backend.features.files.service import Checksum, receive, upload_of
from backend.features.files.service.receiving import PIECE_BYTES
from backend.platform.process import Process
from backend.platform.storage import StoreAway, open_store
from tests.fixtures.application import Drain
from tests.fixtures.files import BYTES, TUS, Sender, Table, photo
from tests.fixtures.journeys import Fire
from tests.fixtures.process import Begin, Forward

PER_HOUR, PER_DAY = 8, 40 << 20


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Limits that a test can reach."""
    return settings.model_copy(update={"files_per_hour": PER_HOUR, "files_bytes_per_day": PER_DAY})


def told(answer: Response) -> tuple[int, str]:
    """Status and code; whatever the answer is, it names the protocol."""
    assert answer.headers["tus-resumable"] == "1.0.0"
    return answer.status_code, answer.json()["code"]


async def begin(sender: Sender, size: int) -> str:
    """A document of so many bytes is announced; its upload address."""
    begun = await sender.begin(b"x" * size, "application/pdf", "file")
    return str(begun.json()["upload"]["address"])


async def stands(sender: Sender, address: str) -> int:
    measured = await sender.ask("HEAD", address, headers=TUS)
    assert measured.status_code == 200
    assert (measured.headers["cache-control"], measured.headers["tus-resumable"]) == ("no-store", "1.0.0")
    return int(measured.headers["upload-offset"])


def checksum(algorithm: str, content: bytes) -> dict[str, str]:
    digest = hashlib.new(algorithm, content).digest()
    return {"upload-checksum": f"{algorithm} {base64.b64encode(digest).decode()}"}


async def cut(app: FastAPI, sender: Sender, address: str, at: int, *sent: bytes, **more: str) -> None:
    """A PATCH whose line breaks after these bytes."""
    messages: list[dict[str, Any]] = [
        *({"type": "http.request", "body": one, "more_body": True} for one in sent),
        {"type": "http.disconnect"},
    ]

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: Any) -> None:
        """Nobody hears it."""

    headers = sender.headers | BYTES | {"upload-offset": str(at)} | more
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "PATCH", "path": address,
        "raw_path": address.encode(), "query_string": b"", "client": ("10.1.1.1", 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    await app(scope, receive, send)


async def test_a_walk_through_the_protocol(table: Table, app: FastAPI, client: AsyncClient) -> None:
    owner = table.owner
    address = await begin(owner, 30)
    abilities = await client.options(address)
    assert (abilities.status_code, abilities.headers["tus-version"]) == (204, "1.0.0")
    assert abilities.headers["tus-extension"] == "expiration,checksum"
    assert abilities.headers["tus-checksum-algorithm"] == "sha1,sha256,md5"
    assert abilities.headers["tus-max-size"] == str(50 << 20)
    measured = await owner.ask("HEAD", address, headers=TUS)
    assert (measured.headers["upload-offset"], measured.headers["upload-length"]) == ("0", "30")
    assert measured.headers["upload-expires"].endswith(" GMT")
    first = await owner.send(address, b"0123456789")
    assert (first.status_code, first.content, first.headers["upload-offset"]) == (204, b"", "10")
    assert first.headers["upload-expires"] == measured.headers["upload-expires"]
    # Nothing to send is no fault.
    assert (await owner.send(address, b"", 10)).headers["upload-offset"] == "10"
    for algorithm in ("sha1", "sha256", "md5"):
        wrong = await owner.send(address, b"abcd", 10, **checksum(algorithm, b"abce"))
        assert told(wrong) == (460, "upload_damaged"), algorithm
        assert await stands(owner, address) == 10
    right = await owner.send(address, b"abcd", 10, **checksum("sha1", b"abcd"))
    assert right.headers["upload-offset"] == "14"
    await cut(app, owner, address, 14, b"ab", b"cd", **checksum("sha1", b"abcdef"))
    assert await stands(owner, address) == 14
    await cut(app, owner, address, 14, b"ab", b"cd")
    assert await stands(owner, address) == 18
    last = await owner.send(address, b"x" * 12, 18)
    assert (last.headers["upload-offset"], "upload-expires" in last.headers) == ("30", False)
    assert await stands(owner, address) == 30
    assert (await owner.send(address, b"", 30)).status_code == 204
    assert told(await owner.send(address, b"more", 30)) == (413, "body_too_large")


async def test_what_is_not_the_protocol_is_refused_by_name(table: Table, client: AsyncClient) -> None:
    owner = table.owner
    address = await begin(owner, 30)
    for changed, expected in (
        ({"tus-resumable": "0.2.2"}, (412, "tus_version_unknown")),
        ({"tus-resumable": ""}, (412, "tus_version_unknown")),
        ({"content-type": "application/json"}, (415, "upload_media_type")),
        ({"upload-offset": ""}, (400, "upload_offset_unreadable")),
        ({"upload-offset": "-1"}, (400, "upload_offset_unreadable")),
        ({"upload-offset": "1e3"}, (400, "upload_offset_unreadable")),
        ({"upload-offset": "9" * 20}, (400, "upload_offset_unreadable")),
        ({"upload-offset": "3"}, (409, "upload_offset_differs")),
        ({"upload-checksum": "crc32 AAAA"}, (400, "upload_checksum_unreadable")),
        ({"upload-checksum": "sha1 nothing!"}, (400, "upload_checksum_unreadable")),
        ({"upload-checksum": "sha1"}, (400, "upload_checksum_unreadable")),
        ({"upload-checksum": "sha1 QUJD"}, (460, "upload_damaged")),
    ):
        headers = BYTES | {"upload-offset": "0"} | changed
        refused = await owner.ask("PATCH", address, content=b"abc", headers=headers)
        assert told(refused) == expected, changed
    assert told(await owner.send(address, b"x" * 31)) == (413, "body_too_large")
    bare = await owner.ask("HEAD", address)
    assert (bare.status_code, bare.headers["tus-resumable"]) == (412, "1.0.0")
    for other in (table.neighbour, table.agent):
        assert told(await other.send(address, b"abc")) == (404, "not_found")
        assert (await other.ask("HEAD", address, headers=TUS)).status_code == 404
    assert told(await client.patch(address, headers=BYTES)) == (401, "not_signed_in")
    assert told(await owner.send(f"/v1/uploads/{new_id()}", b"abc")) == (404, "not_found")
    assert await stands(owner, address) == 0


async def test_a_long_sending_is_kept_piece_by_piece(table: Table, app: FastAPI, work: Begin) -> None:
    owner = table.owner
    content = bytes(range(256)) * (PIECE_BYTES // 64)
    address = await begin(owner, len(content) + 9)
    await cut(app, owner, address, 0, content[: PIECE_BYTES + 7], content[PIECE_BYTES + 7 :])
    assert await stands(owner, address) == len(content)
    async with work() as unit:
        noted = (await unit.execute(text("SELECT at, length FROM file_piece ORDER BY at"))).all()
    assert [tuple(piece) for piece in noted] == [(n * PIECE_BYTES, PIECE_BYTES) for n in range(4)]


async def test_what_has_come_when_the_time_is_over_is_kept(table: Table, process: Process) -> None:
    """Of a sending that takes too long, or whose process is asked to end."""
    owner = table.owner
    address = await begin(owner, 30)
    begun, never = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"0123456"
        begun.set()
        await never.wait()

    for checked in (Checksum("md5", b"?"), None):
        upload = await upload_of(
            process, Caller(owner.id, new_id(), "owner"), UUID(address.rpartition("/")[2])
        )
        sending = asyncio.create_task(receive(process, upload, 0, slow(), checked))
        await begun.wait()
        begun.clear()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert await stands(owner, address) == (7 if checked is None else 0)


async def test_of_two_who_send_at_once_one_wins(table: Table, work: Begin, drain: Drain) -> None:
    """Whatever they send, what is kept was sent by somebody, in order, and announced bytes are never exceeded."""
    owner = table.owner
    address = await begin(owner, 1000)
    answers = await asyncio.gather(*(owner.send(address, bytes([n]) * 600) for n in range(6)))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [204, 409, 409, 409, 409, 409]
    lost = next(answer for answer in answers if answer.status_code == 409)
    assert told(lost) == (409, "upload_offset_differs")
    assert await stands(owner, address) == 600
    assert (await owner.send(address, b"x" * 400, 600)).status_code == 204
    async with work() as unit:
        assert await unit.scalar(text("SELECT count(*) FROM outbox WHERE job = 'files.look'")) == 1
    await drain()
    refused = await owner.file(address.rpartition("/")[2])
    assert (refused["state"], refused["refusal"]["code"]) == ("refused", "file_not_what_it_says")


async def test_an_upload_in_crumbs_is_not_taken(table: Table, work: Begin) -> None:
    address = await begin(table.owner, 10_000)
    await table.owner.send(address, b"x")
    async with work() as unit:
        await unit.execute(
            text("INSERT INTO file_piece SELECT id, 5000 + n, 1, 'a' FROM file, generate_series(1, :most) n"),
            {"most": MOST_PIECES - 1},
        )
    assert told(await table.owner.send(address, b"x", 1)) == (409, "upload_in_crumbs")


async def test_an_upload_waits_for_a_day(table: Table, forward: Forward, app: FastAPI) -> None:
    owner = table.owner
    address = await begin(owner, 30)
    await owner.send(address, b"0123456789")
    await forward(timedelta(hours=23, minutes=59))
    assert await stands(owner, address) == 10
    await forward(timedelta(minutes=2))
    assert told(await owner.send(address, b"abc", 10)) == (404, "upload_expired")
    assert (await owner.ask("HEAD", address, headers=TUS)).status_code == 404


async def test_a_store_that_is_away_is_said_to_be(
    table: Table,
    process: Process,
    settings: Settings,
    tmp_path: Path,
    forward: Forward,
    fire: Fire,
    work: Begin,
) -> None:
    """Nothing counts that is not kept; and what could not be swept is swept when the store is back."""
    owner = table.owner
    address = await begin(owner, 30)
    (tmp_path / "files").write_bytes(b"where the folder should be")
    away = await owner.send(address, b"abc")
    assert told(away) == (503, "try_again")
    assert await stands(owner, address) == 0
    await forward(timedelta(hours=25))
    assert await fire() == 1
    assert (await owner.ask("HEAD", address, headers=TUS)).status_code == 404
    (tmp_path / "files").unlink()
    assert await fire() == 0
    await forward(timedelta(minutes=30))
    assert await fire() == 1
    async with work() as unit:
        assert await unit.scalar(text("SELECT count(*) FROM file")) == 0
    nobody = settings.model_copy(update={"files_url": "s3://none?endpoint=http://127.0.0.1:9"})
    with pytest.raises(StoreAway):
        await open_store(nobody).put("a", b"a")


ANNOUNCED: list[tuple[dict[str, Any], str, str]] = [
    ({"media_type": "image/heic"}, "media_type", "heic_not_read"),
    ({"name": "IMG_0001.HEIC"}, "media_type", "heic_not_read"),
    ({"media_type": "image/gif"}, "media_type", "media_type_not_accepted"),
    ({"media_type": "image/svg+xml"}, "media_type", "media_type_not_accepted"),
    ({"kind": "file"}, "media_type", "media_type_not_accepted"),
    ({"kind": "voice", "media_type": "video/mp4"}, "media_type", "media_type_not_accepted"),
    ({"media_type": "image"}, "media_type", "string_pattern_mismatch"),
    ({"media_type": "image/jpeg\0"}, "media_type", "string_pattern_mismatch"),
    ({"kind": "video"}, "kind", "literal_error"),
    ({"bytes": (30 << 20) + 1}, "bytes", "file_too_large"),
    ({"bytes": 0}, "bytes", "greater_than_equal"),
    ({"bytes": True}, "bytes", "int_type"),
    ({"name": "a\0.jpg"}, "name", "control_character"),
    ({"name": "\u202egpj.exe"}, "name", "control_character"),
    ({"name": " "}, "name", "string_too_short"),
    ({"sha256": "12"}, "sha256", "string_pattern_mismatch"),
    ({"path": "/etc"}, "path", "extra_forbidden"),
]


async def test_what_cannot_be_taken_is_refused_before_it_is_sent(table: Table) -> None:
    for changed, where, code in ANNOUNCED:
        refused = await table.owner.begin(b"abc", **changed)
        assert refused.status_code == 422, changed
        assert [(fault["field"], fault["code"]) for fault in refused.json()["errors"]] == [(where, code)], (
            changed
        )
    heic = await table.owner.begin(b"abc", media_type="image/heic")
    assert "JPEG" in heic.json()["detail"]
    assert "iPhone" in heic.json()["detail"]


async def test_an_account_sends_so_much_and_no_more(table: Table, forward: Forward) -> None:
    owner = table.owner
    begun = await asyncio.gather(*(owner.begin(b"x" * 100) for _ in range(PER_HOUR + 2)))
    assert sorted(answer.status_code for answer in begun) == [201] * PER_HOUR + [429] * 2
    many = next(answer for answer in begun if answer.status_code == 429)
    assert (many.json()["code"], many.headers["retry-after"]) == ("files_too_many", "3600")
    assert (await table.neighbour.begin(b"x")).status_code == 201
    await forward(timedelta(minutes=61))
    left = PER_DAY - 100 * PER_HOUR
    for size in (left // 2, left // 4):
        assert (await owner.begin(b"", bytes=size)).status_code == 201
    much = await owner.begin(b"", bytes=left // 2)
    assert (much.status_code, much.json()["code"]) == (429, "files_too_many_bytes")
    assert (await owner.begin(b"", bytes=left // 4)).status_code == 201


async def test_a_file_announced_twice_under_one_key_is_one(table: Table) -> None:
    key = {"headers": {"idempotency-key": "once"}}
    told_twice = [
        await table.owner.ask(
            "POST",
            "/v1/files",
            json={"kind": "photo", "name": "a", "media_type": "image/jpeg", "bytes": 5},
            **key,
        )
        for _ in range(2)
    ]
    assert told_twice[0].json()["id"] == told_twice[1].json()["id"]
    assert told_twice[1].headers["idempotent-replay"] == "true"


LOOKED_AT: dict[str, tuple[bytes, str, str, dict[str, Any], str]] = {
    "HEIC by another name": (
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        "image/jpeg",
        "photo",
        {},
        "heic_not_read",
    ),
    "a PNG called JPEG": (photo(form="PNG"), "image/jpeg", "photo", {}, "file_not_what_it_says"),
    "a page called a photo": (b"<html><script>", "image/png", "photo", {}, "file_not_what_it_says"),
    "a program called PDF": (b"MZ\x90\0", "application/pdf", "file", {}, "file_not_what_it_says"),
    "a damaged photo": (photo()[:3000], "image/jpeg", "photo", {}, "image_damaged"),
    "another file": (photo(), "image/jpeg", "photo", {"sha256": "0" * 64}, "file_damaged"),
}


async def test_what_is_not_what_it_says_is_refused_when_it_is_there(table: Table, drain: Drain) -> None:
    owner = table.owner
    ids = {
        what: await owner.hand_in(content, media_type, kind, **more)
        for what, (content, media_type, kind, more, _) in LOOKED_AT.items()
    }
    await drain()
    for what, file_id in ids.items():
        refused = await owner.file(file_id)
        assert (refused["state"], refused["refusal"]["code"], refused["sizes"]) == (
            "refused",
            LOOKED_AT[what][4],
            {},
        )
        assert refused["refusal"]["detail"]
        said = await owner.say(table.thread, file_id, LOOKED_AT[what][2])
        assert (said.status_code, said.json()["code"]) == (409, "file_refused"), what

"""The engineer's phone: the reference client of `POST /v1/sync` and `GET /v1/sync` (docs/sync.md).

It is a whole client for one device, and short enough to read before writing one in another language:

* What is recorded goes into the outbox on the disk before the screen says that it is done. It needs no network, and it
  survives the app being killed. The id is made here, once: whatever is sent again is sent under the same id.
* An operation leaves the outbox only by an answer: `applied` and `already_applied` mean the same, `refused` is shown to
  the person (the record is on the ticket's thread all the same), `later` stays where it is and is sent again.
* They are sent oldest first, one request at a time, so that those of a ticket arrive in the order they were recorded.
* Photos go first, by tus, from wherever they were cut; an operation is sent when all of its photos have arrived.
* What is downloaded comes with a cursor that says what this phone holds. Both are written in one transaction; what is
  `gone` is deleted, and with it the owner's name and number.
* `base_version` is the version that was last downloaded: what the person saw when they recorded. It is not counted up
  here; the server knows which changes since are this phone's own.

    phone = FieldClient(folder, "phone-1", ask)
    phone.record(ticket, "finish", {"words": "已更换角阀", "photos": [jpeg], "losses": {}})
    await phone.sync()                      # whenever there is a network; raises what `ask` raises when there is none
"""

import hashlib
import json
import sqlite3
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol

BATCH: Final = 50
"""How many operations go in one request; the server takes up to a hundred."""

_PHOTO: Final = "photo kept here"

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS operation (
    n INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, at TEXT NOT NULL, ticket TEXT NOT NULL, base_version INTEGER,
    op TEXT NOT NULL, data TEXT NOT NULL, answer TEXT
);
CREATE TABLE IF NOT EXISTS photo (
    id TEXT PRIMARY KEY, operation TEXT NOT NULL, bytes BLOB NOT NULL, file TEXT, address TEXT,
    arrived INTEGER NOT NULL DEFAULT 0, done INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS ticket (id TEXT PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS cursor (one INTEGER PRIMARY KEY CHECK (one = 1), value TEXT NOT NULL);
"""


class Answered(Protocol):
    """What this client needs of an HTTP answer."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Any: ...
    def json(self) -> Any: ...


Ask = Callable[..., Awaitable[Answered]]
"""`await ask(method, path, json=…, params=…, content=…, headers=…)`: one request with this session's token."""


class TryAgain(Exception):
    """The server or the way to it was not up to it now: sync again later. Nothing was lost."""


class SignedOut(Exception):
    """The session has ended: sign in again, as the same person, and sync. The outbox stays as it is."""


class FieldClient:
    """One device of one engineer. Only `sync` uses the network."""

    def __init__(
        self, folder: Path, device: str, ask: Ask, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.device, self._ask, self._now = device, ask, now
        folder.mkdir(parents=True, exist_ok=True)
        self._disk = sqlite3.connect(folder / "field.db", isolation_level=None)
        self._disk.executescript(_SCHEMA)

    # What a person does, with or without a network.

    def tickets(self) -> dict[str, dict[str, Any]]:
        """What is in hand, as last downloaded, by id."""
        return {id_: json.loads(body) for id_, body in self._disk.execute("SELECT id, body FROM ticket")}

    def record(self, ticket: str, op: str, data: dict[str, Any] | None = None) -> str:
        """Keep what was done; returns the operation's id. A photo stands in `data` as its bytes, where it belongs."""
        id_ = str(uuid.uuid4())
        names: dict[bytes, str] = {}

        def put_aside(value: Any) -> Any:
            match value:
                case bytes():
                    return {_PHOTO: names.setdefault(value, str(uuid.uuid4()))}
                case dict():
                    return {key: put_aside(part) for key, part in value.items()}
                case list():
                    return [put_aside(part) for part in value]
            return value

        told = json.dumps(put_aside(data or {}))
        (version,) = self._disk.execute("SELECT version FROM ticket WHERE id = ?", (ticket,)).fetchone()
        with self._transaction():
            self._disk.execute(
                "INSERT INTO operation (id, at, ticket, base_version, op, data) VALUES (?, ?, ?, ?, ?, ?)",
                (id_, self._now().isoformat(), ticket, version, op, told),
            )
            for content, name in names.items():
                self._disk.execute(
                    "INSERT INTO photo (id, operation, bytes) VALUES (?, ?, ?)", (name, id_, content)
                )
        return id_

    def waiting(self) -> list[str]:
        """Ids of what has no final answer yet, oldest first."""
        return [
            id_ for (id_,) in self._disk.execute("SELECT id FROM operation WHERE answer IS NULL ORDER BY n")
        ]

    def answers(self) -> dict[str, dict[str, Any]]:
        """The final answer to each operation that has one, by id."""
        found = self._disk.execute("SELECT id, answer FROM operation WHERE answer IS NOT NULL")
        return {id_: json.loads(answer) for id_, answer in found}

    # What happens when there is a network.

    async def sync(self) -> None:
        """Send what was recorded, then download what is new.

        Raises:
            TryAgain, SignedOut: see there.
        """
        await self.send()
        await self.download()

    async def send(self) -> None:
        """Send the outbox, oldest first, until all of it is answered or the rest has to wait.

        Raises:
            TryAgain, SignedOut: see there.
        """
        held: set[str] = set()
        while batch := await self._next(held):
            answer = await self._asked("POST", "/v1/sync", json={"device": self.device, "operations": batch})
            for asked, result in zip(batch, answer["results"], strict=True):
                if result["result"] == "later":
                    # What follows on this ticket waits with it, or it would arrive out of order.
                    held.add(asked["ticket"])
                else:
                    self._settle(asked["id"], result)

    async def download(self) -> None:
        """Bring what this phone holds up to what the server has.

        Raises:
            TryAgain, SignedOut: see there.
        """
        more = True
        while more:
            found = self._disk.execute("SELECT value FROM cursor").fetchone()
            page = await self._asked("GET", "/v1/sync", params={"cursor": found[0]} if found else {})
            with self._transaction():
                for ticket in page["tickets"]:
                    self._disk.execute(
                        "INSERT OR REPLACE INTO ticket (id, version, body) VALUES (?, ?, ?)",
                        (ticket["id"], ticket["version"], json.dumps(ticket)),
                    )
                self._disk.executemany("DELETE FROM ticket WHERE id = ?", [(id_,) for id_ in page["gone"]])
                self._disk.execute("INSERT OR REPLACE INTO cursor VALUES (1, ?)", (page["cursor"],))
            more = page["more"]

    # How it is done.

    async def _next(self, held: set[str]) -> list[dict[str, Any]]:
        """The oldest operations whose photos have arrived, none of a ticket on which an earlier one waits."""
        batch: list[dict[str, Any]] = []
        rows = self._disk.execute(
            "SELECT id, at, ticket, base_version, op, data FROM operation WHERE answer IS NULL ORDER BY n"
        ).fetchall()
        for id_, at, ticket, base_version, op, data in rows:
            if ticket in held or len(batch) == BATCH:
                continue
            files = await self._hand_in(id_)
            if files is None:
                held.add(ticket)
                continue
            told = _named(json.loads(data), files)
            batch.append(
                {"id": id_, "at": at, "ticket": ticket, "base_version": base_version, "op": op, "data": told}
            )
        return batch

    def _settle(self, id_: str, result: dict[str, Any]) -> None:
        with self._transaction():
            self._disk.execute("UPDATE operation SET answer = ? WHERE id = ?", (json.dumps(result), id_))
            # The record is the server's now; the photos need no more room here.
            self._disk.execute("DELETE FROM photo WHERE operation = ?", (id_,))

    async def _hand_in(self, operation: str) -> dict[str, str] | None:
        """The file of each photo of an operation, by the photo's name here; None while one is still looked at."""
        files: dict[str, str] = {}
        rows = self._disk.execute("SELECT id, file, done FROM photo WHERE operation = ?", (operation,))
        for name, file, done in rows.fetchall():
            files[name] = file if done else await self._sent(name)
            # One that was refused will never be better: the operation is sent, and its answer says so. What is known
            # is written down: after the next cut nobody asks again.
            if not done:
                state = (await self._asked("GET", f"/v1/files/{files[name]}"))["state"]
                if state in ("receiving", "processing"):
                    return None
                self._disk.execute("UPDATE photo SET done = 1 WHERE id = ?", (name,))
        return files

    async def _sent(self, name: str) -> str:
        """The file that a photo has become, with all of its bytes."""
        content, file, address, arrived = self._disk.execute(
            "SELECT bytes, file, address, arrived FROM photo WHERE id = ?", (name,)
        ).fetchone()
        if arrived:
            return str(file)
        if file is None:
            told = {
                "kind": "photo",
                "name": f"{name}.jpg",
                "media_type": "image/jpeg",
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            # Announced again because the answer was lost, it is the same file.
            begun = await self._asked("POST", "/v1/files", json=told, headers={"idempotency-key": name})
            file, address = begun["id"], begun["upload"]["address"]
            self._disk.execute("UPDATE photo SET file = ?, address = ? WHERE id = ?", (file, address, name))
        await self._upload(name, address, content)
        return str(file)

    async def _upload(self, name: str, address: str, content: bytes) -> None:
        tus = {"tus-resumable": "1.0.0"}
        held = await self._ask("HEAD", address, headers=tus)
        if held.status_code == 404:
            # It waited too long and is there no more: announced anew the next time.
            self._disk.execute("UPDATE photo SET file = NULL, address = NULL WHERE id = ?", (name,))
            raise TryAgain
        if held.status_code >= 400:
            raise TryAgain
        offset = int(held.headers["upload-offset"])
        if offset < len(content):
            headers = tus | {"upload-offset": str(offset), "content-type": "application/offset+octet-stream"}
            sent = await self._ask("PATCH", address, content=content[offset:], headers=headers)
            if sent.status_code != 204:
                raise TryAgain
        self._disk.execute("UPDATE photo SET arrived = 1 WHERE id = ?", (name,))

    async def _asked(self, method: str, path: str, **sent: Any) -> Any:
        answer = await self._ask(method, path, **sent)
        if answer.status_code == 401:
            raise SignedOut
        if answer.status_code in (408, 429) or answer.status_code >= 500:
            raise TryAgain
        assert answer.status_code < 400, (answer.status_code, answer.json())
        return answer.json()

    def _transaction(self) -> sqlite3.Connection:
        # The connection's own block commits, or takes all of it back.
        self._disk.execute("BEGIN IMMEDIATE")
        return self._disk


def _named(value: Any, files: Mapping[str, str]) -> Any:
    """What was recorded, with each photo as the file it has become."""
    match value:
        case {"photo kept here": name}:
            return files[name]
        case dict():
            return {key: _named(part, files) for key, part in value.items()}
        case list():
            return [_named(part, files) for part in value]
    return value

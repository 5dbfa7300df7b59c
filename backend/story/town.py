"""The way into a running system: what a phone, a console and a browser have, and nothing else."""

import asyncio
import re
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import httpx

from backend.story.telling import Wrong, moment

Found = TypeVar("Found")
Json = dict[str, Any]

_PATIENCE_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.05
_CODE: Final = r"(?<![0-9])[0-9]{6}(?![0-9])"


async def until(what: str, find: Callable[[], Awaitable[Found | None]]) -> Found:
    """What `find` finds, as soon as it finds something.

    Raises:
        Wrong: nothing for a minute of real time.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (found := await find()) is None:
        if time.monotonic() > deadline:
            raise Wrong(what, f"nothing within {_PATIENCE_SECONDS:.0f} s")
        await asyncio.sleep(_PAUSE_SECONDS)
    return found


class Town:
    """A running system, as it looks from outside; its clock can be moved forward."""

    def __init__(self, address: str, language: str) -> None:
        self.address, self.language = address, language
        self.http = httpx.AsyncClient(
            base_url=address, timeout=30, trust_env=False, headers={"accept-language": language}
        )
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """The present moment there."""
        return datetime.now(UTC) + self._ahead

    async def read_clock(self) -> None:
        """See how late it is there.

        Raises:
            Wrong: nobody serves there, or a system whose clock does not move.
        """
        try:
            answer = await self.http.get("/dev/clock")
        except httpx.TransportError as error:
            raise Wrong(f"a running system at {self.address}", error) from error
        if answer.status_code != 200:
            raise Wrong("a system in development mode, whose clock can be moved", answer.status_code)
        self._ahead = moment(answer.json()["now"]) - datetime.now(UTC)

    async def wait_until(self, then: datetime) -> None:
        """Let time pass until `then`; nothing when it is later already."""
        by = then - self.now()
        if by > timedelta(0):
            answer = await self.http.post("/dev/clock", json={"by": f"PT{by.total_seconds():.3f}S"})
            if answer.status_code != 200:
                raise Wrong(f"the clock stands at {then}", answer.text)
            self._ahead += by

    async def mail(self, address: str, since: datetime, pattern: str) -> list[Json]:
        """What has gone out to an address since then and reads like this, the oldest first."""
        kept = (await self.http.get("/dev/mailbox/messages", params={"address": address})).json()["items"]
        return [
            one
            for one in reversed(kept)
            if moment(one["created_at"]) >= since and re.search(pattern, f"{one['title']}\n{one['body']}")
        ]

    async def mailed(self, address: str, since: datetime, pattern: str) -> Json:
        """The first such message, once it is there.

        Raises:
            Wrong: it does not come.
        """

        async def arrived() -> Json | None:
            found = await self.mail(address, since, pattern)
            return found[0] if found else None

        return await until(f"{address} ← {pattern}", arrived)


class Person(ABC):
    """Somebody with an account. Whoever has been signed out by the time that passed signs in again."""

    def __init__(self, town: Town, name: str) -> None:
        self.town, self.name, self.token = town, name, ""

    @abstractmethod
    async def sign_in(self) -> None:
        """Get a session."""

    async def ask(self, method: str, path: str, expect: int | tuple[int, ...] = 200, **sent: Any) -> Json:
        """One request under `/v1`, and its answer.

        Raises:
            Wrong: it was not answered by `expect`, any of which will do.
        """
        if not self.token:
            await self.sign_in()
        answer = await self._send(method, path, **sent)
        if answer.status_code == 401:
            await self.sign_in()
            answer = await self._send(method, path, **sent)
        wanted = (expect,) if isinstance(expect, int) else expect
        if answer.status_code not in wanted:
            raise Wrong(
                f"{self.name}: {method} /v1{path} → {wanted[0]}", f"{answer.status_code} {answer.text}"
            )
        told: Json = answer.json() if answer.content else {}
        return told

    async def get(self, path: str, **query: Any) -> Json:
        """What stands there."""
        return await self.ask("GET", path, params=query)

    async def post(
        self, path: str, expect: int | tuple[int, ...] = (200, 201, 202, 204), **body: Any
    ) -> Json:
        """Do something."""
        return await self.ask("POST", path, expect, json=body)

    async def put(self, path: str, **body: Any) -> Json:
        """Say how something shall be."""
        return await self.ask("PUT", path, (200, 204), json=body)

    async def _send(self, method: str, path: str, **sent: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}"} | sent.pop("headers", {})
        return await self.town.http.request(method, f"/v1{path}", headers=headers, **sent)


class Owner(Person):
    """Somebody with a phone, who is sent a code."""

    def __init__(self, town: Town, name: str, phone: str) -> None:
        super().__init__(town, name)
        self.phone = phone

    async def sign_in(self) -> None:
        """Ask for a code, read it off the mailbox page, and enter it."""
        since = self.town.now()
        asked = await self._code()
        if asked.status_code == 429:
            # The story was told a moment ago: a phone is sent one code in half a minute.
            await asyncio.sleep(min(float(asked.headers["retry-after"]), _PATIENCE_SECONDS))
            asked = await self._code()
        if asked.status_code != 202:
            raise Wrong(f"{self.name}: a code by SMS", asked.text)
        sms = await self.town.mailed(f"+86{self.phone}", since - timedelta(seconds=1), _CODE)
        code = re.search(_CODE, sms["body"])
        entered = {"phone": self.phone, "code": code and code[0], "device": "iPhone"}
        opened = await self.town.http.post("/v1/auth/sessions", json=entered)
        if opened.status_code != 201:
            raise Wrong(f"{self.name}: signed in", opened.text)
        self.token, self.sms = opened.json()["token"], sms["body"]

    async def _code(self) -> httpx.Response:
        return await self.town.http.post("/v1/auth/codes", json={"phone": self.phone})


class Employee(Person):
    """Somebody with a number and a password; the demo estate's are public."""

    def __init__(self, town: Town, name: str, number: str) -> None:
        super().__init__(town, name)
        self.number = number
        self.phone = f"+861370000{number[1:]}"
        self.email = f"{number.lower()}@tongxing.example"
        self.push = f"story-{number}"
        self.device = str(uuid.uuid5(uuid.NAMESPACE_DNS, self.push))

    async def sign_in(self) -> None:
        """Enter number and password."""
        asked = {"employee_no": self.number, "password": "tongxing-demo"}
        opened = await self.town.http.post("/v1/auth/staff-sessions", json=asked)
        if opened.status_code != 201:
            raise Wrong(f"{self.name} ({self.number}) of the demo estate signs in", opened.text)
        self.token = opened.json()["token"]

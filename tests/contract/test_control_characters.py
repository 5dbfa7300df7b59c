"""NUL, lone surrogates and reversed text in every place the OpenAPI document names: refused, and never our fault."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI

from backend.platform.process import Process
from tests.fixtures.areas import by_area, part_of
from tests.fixtures.bare_http import Answer, Prepared, ask
from tests.fixtures.estate import Estate, account_of
from tests.fixtures.people import SignedIn, staff_account
from tests.fixtures.samples import Schema, resolved, sample

POISONS = ("\u0000", "\ud800", "\u202e")
HEADERS = (
    ("authorization",),
    ("accept-language", "idempotency-key", "if-match", "if-none-match", "x-request-id", "x-forwarded-for"),
)
ENDING = {"/v1/me/sessions", "/dev/clock"}
OWNER = "+8613542604684"
_AT_ONCE = 4


@dataclass(slots=True)
class Request:
    """One request with one poisoned place."""

    method: str
    path: str
    place: str
    query: str = ""
    body: bytes | None = None
    content_type: str = "application/json"
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)


def raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


class Document:
    """Finds every place where a string stands."""

    def __init__(self, document: Schema) -> None:
        self.document = document

    def poisoned(self, value: Any, poison: str, place: str = "body") -> Iterator[tuple[str, Any]]:
        """Copies of `value`, each with the poison in one of its strings, and where."""
        match value:
            case str():
                yield place, value[:1] + poison + value[1:]
            case dict():
                for name, part in value.items():
                    for where, bad in self.poisoned(part, poison, f"{place}.{name}"):
                        yield where, {**value, name: bad}
            case list():
                for where, bad in self.poisoned(value[0], poison, f"{place}[0]"):
                    yield where, [bad]

    def requests(self) -> Iterator[Request]:
        # Last those that end the session: one signs out everywhere, the other moves the clock.
        for path, methods in sorted(self.document["paths"].items(), key=lambda found: found[0] in ENDING):
            for method, operation in methods.items():
                yield from self._of_operation(method.upper(), path, operation)

    def _of_operation(self, method: str, path: str, operation: Schema) -> Iterator[Request]:
        parameters = operation.get("parameters", [])
        in_path = {
            p["name"]: str(sample(self.document, p["schema"])) for p in parameters if p["in"] == "path"
        }
        content = operation.get("requestBody", {}).get("content", {})
        body = (
            sample(self.document, content["application/json"]["schema"])
            if "application/json" in content
            else None
        )
        sent = None if body is None else json.dumps(body).encode()
        plain = path.format(**in_path)
        for poison in POISONS:
            where = f"{method} {path} {poison.encode('unicode_escape').decode()}"
            for name, value in in_path.items():
                bad = path.format(**in_path | {name: quote(raw(value[:3] + poison + value[3:]))})
                yield Request(method, bad, f"{where} path.{name}", body=sent)
            for parameter in parameters:
                if (
                    parameter["in"] == "query"
                    and resolved(self.document, parameter["schema"]).get("type") == "string"
                ):
                    query = f"{parameter['name']}={quote(raw('a' + poison + 'b'))}"
                    yield Request(method, plain, f"{where} query.{parameter['name']}", query, sent)
            for place, bad_body in self.poisoned(body, poison):
                yield Request(method, plain, f"{where} {place}", body=json.dumps(bad_body).encode())
            if "multipart/form-data" in content:
                yield from self._of_form(
                    method, plain, where, content["multipart/form-data"]["schema"], poison
                )
            for names in HEADERS:
                bad_headers = [(name.encode(), b"Bearer a" + raw(poison) + b"b") for name in names]
                yield Request(method, plain, f"{where} header.{names[0]}", body=sent, headers=bad_headers)

    def _of_form(self, method: str, path: str, where: str, schema: Schema, poison: str) -> Iterator[Request]:
        for name in resolved(self.document, schema)["properties"]:
            if name == "file":
                continue
            part = b'--cut\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
            body = part % (b"file", b'; filename="a.csv"', b"x") + part % (
                name.encode(),
                b"",
                b"a" + raw(poison),
            )
            kind = "multipart/form-data; boundary=cut"
            yield Request(method, path, f"{where} form.{name}", body=body + b"--cut--\r\n", content_type=kind)


@by_area
async def test_every_place(
    area: str,
    document: Schema,
    app: FastAPI,
    process: Process,
    estate: Estate,
    signed_in: SignedIn,
) -> None:
    assert (await estate()).written
    async with process.works.begin() as work:
        administrator = await staff_account(work, "T1", "administrator")
    owner = (await signed_in(await account_of(process, OWNER)))["authorization"].encode()
    staff = (await signed_in(administrator.id))["authorization"].encode()
    places = asyncio.Semaphore(_AT_ONCE)

    async def answer_to(request: Request, token: bytes) -> Answer:
        headers = {b"content-type": request.content_type.encode(), b"authorization": token}
        target = f"{request.path}?{request.query}" if request.query else request.path
        sent = Prepared.typed(
            request.method, target, [*(headers | dict(request.headers)).items()], request.body or b""
        )
        return await ask(app, sent)

    async def send(request: Request) -> str | None:
        # Who may not ask for this at all is turned away before it is read, and proves nothing.
        async with places:
            answer = await answer_to(request, owner)
            if answer.status == 403:
                answer = await answer_to(request, staff)
        # A header that means nothing to us may be passed over, and half a character in an address is read as one that
        # cannot be shown (U+FFFD); everything else must be refused by name.
        passed_over = " header." in request.place or r"\ud800 query." in request.place
        harmless = passed_over and answer.status < 500
        # What is asked by HEAD is refused without words.
        refused = 400 <= answer.status < 500 and answer.status != 401
        by_name = refused and (request.method == "HEAD" or bool(json.loads(answer.body)["code"]))
        if harmless or by_name:
            return None
        return f"{request.place}: {answer.status}"

    requests = Document(part_of(document, app, area)).requests()
    found = await asyncio.gather(*(send(request) for request in requests))
    assert [fault for fault in found if fault] == []

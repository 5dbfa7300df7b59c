"""Rubbish in every string, id, query and header the OpenAPI document knows of is answered 4xx."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from tests.fixtures.application import Document
from tests.fixtures.areas import by_area, part_of
from tests.fixtures.bare_http import Prepared, ask
from tests.fixtures.people import SignedIn, owner_account
from tests.fixtures.process import Begin
from tests.fixtures.samples import sample

PHONE = "+8613800000001"

# In the strings themselves; NUL, lone surrogates and reversed text are `test_control_characters`' own.
RUBBISH = ["\x1b[31m", "a" * 100_000]
# In the names of fields.
NO_NAMES = ["a\x00b", "a\ud800b", "a\u202eb", "\x1b[31m", "a" * 50]


def spoiled(value: Any) -> Iterator[Any]:
    """`value` again and again, each time with one of its strings replaced, and with a field nobody knows."""
    if isinstance(value, dict):
        for name, inner in value.items():
            for worse in spoiled(inner):
                yield {**value, name: worse}
        for rubbish in NO_NAMES:
            yield {**value, rubbish: 1}
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            for worse in spoiled(inner):
                yield [*value[:place], worse, *value[place + 1 :]]
    elif isinstance(value, str):
        yield from RUBBISH


def bodies(document: Document) -> Iterator[tuple[str, str, Any]]:
    for method, path, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {})
        if schema := content.get("application/json", {}).get("schema"):
            yield method, path, sample(document, schema)


def operations(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def with_ids(path: str, value: str = "0199d6a0-7c2e-7000-8000-6d1c5e0f4b11") -> str:
    return "/".join(value if part.startswith("{") else part for part in path.split("/"))


@by_area
async def test_rubbish_in_any_string_of_any_body_is_refused_and_is_no_failure_of_ours(
    area: str, app: FastAPI, document: Document, staffed: SignedIn, work: Begin, signed_in: SignedIn
) -> None:
    async with work() as session:
        account = await owner_account(session, PHONE)
    owner = await signed_in(account.id)
    staff = await staffed("A1", "administrator")
    asked = 0
    for method, path, value in bodies(part_of(document, app, area)):
        known = owner if "household" in path or "invitations" in path else staff
        for body in spoiled(value):
            headers = [(b"content-type", b"application/json"), (b"if-match", b'"1"')]
            sent = Prepared.typed(method, with_ids(path), headers, json.dumps(body).encode())
            answer = await ask(app, sent, headers=known)
            asked += 1
            if path == "/v1/sync" and answer.status == 200:
                # A phone's other operations do not suffer for one that is rubbish.
                results = json.loads(answer.body)["results"]
                assert {one["result"] for one in results} == {"refused"}, str(body)[:300]
                continue
            assert 400 <= answer.status < 500, (method, path, str(body)[:300], answer.status)
            assert answer.content_type == "application/problem+json"
    assert asked > 100


NO_IDS = [
    "1",
    "null",
    "not-an-id",
    "0" * 4000,
    "%00",
    "%ED%A0%80",
    "%F0%9F%8F%A0",
    "..%2f..",
    "{}",
    "0199d6a0-7c2e-7000-8000",
]
WRONG = [
    *NO_IDS,
    "a%00b",
    "%E2%80%AE",
    "-1",
    "1e9",
    "99999999999999999999",
    "a" * 5000,
    "WyJhIl0",
    "%25_\\",
]


@by_area
async def test_an_id_that_is_none_is_refused_in_every_path(
    area: str, app: FastAPI, document: Document, staffed: SignedIn
) -> None:
    header = await staffed("A1", "administrator")
    for method, path, _ in operations(part_of(document, app, area)):
        if "{" in path:
            for wrong in NO_IDS:
                sent = Prepared.typed(method, with_ids(path, wrong), [])
                answer = await ask(app, sent, headers=header)
                assert 400 <= answer.status < 500, (method, path, wrong, answer.body)


@by_area
async def test_rubbish_in_every_query_and_header_is_no_failure_of_ours(
    area: str, app: FastAPI, document: Document, staffed: SignedIn
) -> None:
    header = await staffed("A1", "administrator")
    for method, path, operation in operations(part_of(document, app, area)):
        for parameter in operation.get("parameters", []):
            for wrong in WRONG if parameter["in"] in ("query", "header") else ():
                name = parameter["name"]
                if parameter["in"] == "query":
                    sent = Prepared.typed(method, f"{with_ids(path)}?{name}={wrong}", [])
                else:
                    headers = [
                        (b"content-type", b"application/json"),
                        (name.lower().encode(), wrong.encode()),
                    ]
                    sent = Prepared.typed(method, with_ids(path), headers, b"{}")
                answer = await ask(app, sent, headers=header)
                assert answer.status < 500, (method, path, name, wrong, answer.body)


@pytest.mark.parametrize("cursor", ["x", "W10", "%00", "WyJhIiwiYiJd"])
@pytest.mark.parametrize("path", ["/v1/staff", "/v1/positions", "/v1/nodes"])
async def test_a_cursor_that_is_none_is_refused(
    path: str, cursor: str, client: AsyncClient, staffed: SignedIn
) -> None:
    header = await staffed("A1", "administrator")
    refused = await client.get(f"{path}?cursor={cursor}", headers=header)
    assert (refused.status_code, refused.json()["code"]) == (422, "cursor_invalid")

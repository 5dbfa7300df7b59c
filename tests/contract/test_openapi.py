"""The OpenAPI document is one that a client generator and a newcomer can work with."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from httpx import AsyncClient

TAGS = {
    "agents",
    "calendar",
    "cases",
    "conversations",
    "development",
    "field",
    "files",
    "homes",
    "household",
    "imports",
    "journeys",
    "me",
    "notices",
    "operations",
    "ownerships",
    "pages",
    "positions",
    "posts",
    "privacy",
    "projects",
    "records",
    "repairs",
    "replies",
    "rosters",
    "sign-in",
    "staff",
    "standards",
    "tickets",
    "tasks",
    "visits",
    "warranty",
}
METHODS = {"get", "post", "put", "patch", "delete"}
PROBLEM = {"$ref": "#/components/schemas/Problem"}

# Read by machines that know the shape of its refusal beforehand; and by people who have no app open.
NOT_PROBLEMS = {("/readyz", "503"), ("/v1/taps/{token}", "410")}

Document = dict[str, Any]


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in METHODS:
                yield path, method, operation


def test_every_operation_has_an_id_of_its_own(document: Document) -> None:
    ids = Counter(operation.get("operationId") for _, _, operation in operations(document))
    assert {name for name, times in ids.items() if times > 1} == set()
    assert {name for name in ids if not re.fullmatch(r"[a-z]+(_[a-z]+)+", name or "")} == set()


def test_every_shape_has_a_name_that_a_generated_client_may_bear(document: Document) -> None:
    assert [name for name in document["components"]["schemas"] if "__" in name] == []


def test_every_operation_is_under_one_known_tag(document: Document) -> None:
    tags = {f"{method} {path}": operation.get("tags", []) for path, method, operation in operations(document)}
    assert {where: found for where, found in tags.items() if len(found) != 1 or not set(found) <= TAGS} == {}


def test_every_operation_says_what_it_does(document: Document) -> None:
    silent = [
        f"{method} {path}"
        for path, method, operation in operations(document)
        if not operation.get("summary") or not operation.get("description")
    ]
    assert silent == []


def test_every_error_is_a_problem(document: Document) -> None:
    other = [
        f"{method} {path} {status}"
        for path, method, operation in operations(document)
        for status, response in operation["responses"].items()
        if status >= "400"
        and (path, status) not in NOT_PROBLEMS
        and response.get("content") != {"application/problem+json": {"schema": PROBLEM}}
    ]
    assert other == []


def test_every_reference_leads_somewhere(document: Document) -> None:
    names = set(re.findall(r"'#/components/schemas/([^']+)'", str(document)))
    assert names <= document["components"]["schemas"].keys()


async def test_the_document_is_served(client: AsyncClient) -> None:
    served = await client.get("/openapi.json")
    assert served.status_code == 200
    assert served.json()["paths"].keys() >= {"/healthz", "/v1/me"}


async def test_the_page_calls_no_foreign_host(client: AsyncClient) -> None:
    page = await client.get("/docs")
    assert page.status_code == 200
    named = re.findall(r"""(?:src|href|url)\s*[=:]\s*["']([^"']+)["']""", page.text)
    assert len(named) >= 3
    assert [address for address in named if not address.startswith("/")] == []
    assert re.findall(r"(?:https?:)?//[a-z]", page.text) == []
    for address in named:
        assert (await client.get(address)).status_code == 200, address

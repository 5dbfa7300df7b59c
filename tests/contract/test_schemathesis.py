"""The API against its own OpenAPI document: requests made from the document, right and wrong ones, over a real socket.

Each request is sent as nobody, as an owner and as an administrator. The seed is fixed: the same requests every time.
"""

import asyncio
from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from uuid import UUID

import requests
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from backend.platform.process import Process
from tests.fixtures.application import Document
from tests.fixtures.areas import by_area, part_of
from tests.fixtures.estate import Estate, account_of, one_id, ownership_of, project_of
from tests.fixtures.live import LiveApps
from tests.fixtures.people import SignedIn, staff_account

EXAMPLES = 3
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OWNER = "+8613542604684"

# Bytes of an upload are bytes.
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")

Operation = APIOperation[Any, Any, Any, Any]


def operations(document: Document, url: str) -> Iterator[Operation]:
    """Every operation of a document; what moves the system's clock comes last: sessions end when it moves."""
    schema = schemathesis.openapi.from_dict(deepcopy(document))
    schema.config.update(base_url=url)
    found = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    assert len(found) > 20
    return iter(sorted(found, key=lambda operation: operation.path == "/dev/clock"))


@by_area
async def test_answers_are_as_documented(
    area: str,
    app: FastAPI,
    live_app: LiveApps,
    document: Document,
    process: Process,
    estate: Estate,
    signed_in: SignedIn,
) -> None:
    assert (await estate()).written
    ids = {
        "ownership_id": await ownership_of(process, "合同-0101"),
        "project_id": await project_of(process),
        "home_id": await one_id(process, "SELECT id FROM home LIMIT 1"),
    }
    async with process.works.begin() as work:
        administrator = await staff_account(work, "T1", "administrator")
    ids["account_id"] = administrator.id
    owner = await account_of(process, OWNER)
    live = await live_app()
    with requests.Session() as line:
        # Whatever proxy a developer has set, it is not meant for this.
        line.trust_env = False
        for operation in operations(part_of(document, app, area), live.url):
            # Some acts end the session, so each operation is given ones of its own.
            callers = [{}, await signed_in(owner), await signed_in(administrator.id)]
            await asyncio.to_thread(exercise, operation, callers, ids, line)


def exercise(
    operation: Operation, callers: list[dict[str, str]], ids: dict[str, UUID], line: requests.Session
) -> None:
    """Send some requests, right and wrong ones, as every caller; in half of them the ids in the path are real."""
    cases = st.one_of(
        operation.as_strategy(GenerationMode.POSITIVE), operation.as_strategy(GenerationMode.NEGATIVE)
    )

    @seed(20260101)
    @hypothesis_settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, real=st.booleans())
    def send(case: Any, real: bool) -> None:
        if real:
            known = {name: str(ids[name]) for name in case.path_parameters or {} if name in ids}
            case.path_parameters = {**(case.path_parameters or {}), **known}
        for headers in callers:
            case.validate_response(case.call(headers=headers, session=line), checks=CHECKS)

    send()

"""One's threads, who is on them, and the words in them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response

from backend.core.ids import new_id
from backend.platform.threads import NewEntry, append_many, erase, open_threads
from tests.features.test_records import Company, Person, company
from tests.fixtures.process import Begin, Forward

__all__ = ["company"]


async def listed(person: Person, **params: Any) -> list[dict[str, Any]]:
    answer = await person.client.get("/v1/threads", headers=person.headers, params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_the_newest_stands_first_with_its_last_line(company: Company, work: Begin, forward: Forward) -> None:
    owner, agent, first = company.owner, company.agent, company.thread
    async with work() as unit:
        [second] = (await open_threads(unit, "probe", [new_id()])).values()
    assert await listed(owner) == []
    await owner.say(first, "水槽" * 80)
    await forward(timedelta(minutes=1))
    await agent.say(second, "您好")
    a = await owner.client.get("/v1/threads", headers=owner.headers)
    b = await owner.client.get("/v1/threads", headers=owner.headers | {"if-none-match": a.headers["etag"]})
    assert b.status_code == 304
    assert [x["id"] for x in await listed(owner, limit=1)] == [str(second)]
    print(await listed(owner), await listed(agent, unread=True))

"""Canned replies: a project's own before the company's, by language, filled in without a hole."""

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient

from backend.features.replies.service import FilledReply, filled
from backend.platform.tree import Node, add_node, root_node
from tests.fixtures.people import SignedIn
from tests.fixtures.process import Begin

GREETING = {"zh-CN": "{owner}您好，我是{agent}。", "en": "Hello {owner}, this is {agent}."}


@pytest.fixture
async def projects(work: Begin) -> tuple[Node, Node]:
    async with work() as session:
        region = await add_node(session, await root_node(session), "region", name="上海", key="上海")
        return (
            await add_node(session, region, "project", name="朗润园", key="朗润园"),
            await add_node(session, region, "project", name="平江里", key="平江里"),
        )


async def write(client: AsyncClient, header: dict[str, str], code: str, **more: Any) -> Any:
    asked = {"code": code, "title": code, "texts": {"zh-CN": "您好"}} | more
    return await client.post("/v1/canned-replies", json=asked, headers=header)


async def codes(client: AsyncClient, header: dict[str, str], **params: Any) -> list[tuple[str, str]]:
    found = await client.get("/v1/canned-replies", params=params, headers=header)
    assert found.status_code == 200, found.text
    return [(reply["code"], reply["texts"]["zh-CN"]) for reply in found.json()["items"]]


async def test_the_projects_own_before_the_companys(
    client: AsyncClient, projects: tuple[Node, Node], staffed: SignedIn, work: Begin
) -> None:
    mine, other = projects
    head = await staffed("H1", "head_of_customer_relations")
    manager = await staffed("M1", "property_manager", mine)
    agent = await staffed("A1", "hotline_agent", mine)
    of_mine = {"project": str(mine.id)}
    company = await write(client, head, "greeting", texts=GREETING)
    assert (company.status_code, company.json()["placeholders"]) == (201, ["owner", "agent"])
    assert (
        await write(client, head, "hotline", texts={"zh-CN": "{project}热线：{hotline}"})
    ).status_code == 201
    own = await write(client, manager, "greeting", texts={"zh-CN": "朗润园欢迎您"}, **of_mine)
    assert own.status_code == 201

    assert await codes(client, agent, **of_mine) == [
        ("greeting", "朗润园欢迎您"),
        ("hotline", "{project}热线：{hotline}"),
    ]
    assert await codes(client, agent) == [
        ("greeting", "{owner}您好，我是{agent}。"),
        ("hotline", "{project}热线：{hotline}"),
    ]
    first = await client.get("/v1/canned-replies", params=of_mine | {"limit": 1}, headers=agent)
    rest = of_mine | {"cursor": first.json()["next"]}
    assert [code for code, _ in await codes(client, agent, **rest)] == ["hotline"]

    async with work() as session:
        values = {"owner": "孙建华", "agent": "何静", "project": "平江里", "hotline": None}
        there = await filled(session, other.id, "en", values)
        assert there == [
            FilledReply(there[0].id, "greeting", "greeting", "en", "Hello 孙建华, this is 何静.", ()),
            FilledReply(there[1].id, "hotline", "hotline", "zh-CN", None, ("hotline",)),
        ]

    gone = await client.delete(f"/v1/canned-replies/{own.json()['id']}", headers=manager)
    assert gone.status_code == 204
    assert (await codes(client, agent, **of_mine))[0] == ("greeting", GREETING["zh-CN"])
    again = await client.delete(f"/v1/canned-replies/{own.json()['id']}", headers=manager)
    assert again.status_code == 404
    # The code is free again; of two who want it at once one gets it.
    both = await asyncio.gather(*(write(client, manager, "greeting", **of_mine) for _ in range(2)))
    assert sorted(one.status_code for one in both) == [201, 409]


async def test_what_a_reply_cannot_be(
    client: AsyncClient, projects: tuple[Node, Node], staffed: SignedIn
) -> None:
    mine, other = projects
    manager = await staffed("M1", "property_manager", mine)
    of_mine = {"project": str(mine.id)}
    for texts, code, field in (
        ({"zh-CN": "{ownr}您好"}, "placeholder_unknown", "texts.zh-CN"),
        ({"zh-CN": "您好", "en": "Hello {owner"}, "brace_alone", "texts.en"),
        ({"en": "Hello"}, "reply_without_default", "texts.zh-CN"),
    ):
        refused = await write(client, manager, "greeting", texts=texts, **of_mine)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert refused.json()["errors"][0]["field"] == field
    wrong: list[Any] = [{}, {"fr": "Bonjour"}, {"zh-CN": " "}, {"zh-CN": "\x00"}, {"zh-CN": 1}, ["您好"]]
    for one in wrong:
        assert (await write(client, manager, "greeting", texts=one, **of_mine)).status_code == 422
    named = await write(client, manager, "greeting", texts={"zh-CN": "{ownr}"}, **of_mine)
    assert "ownr" in named.json()["detail"]
    assert "{hotline}" in named.json()["detail"]
    for code in ("", "Greeting", "-a", "a" * 41, "问候", "a\n"):
        assert (await write(client, manager, code, **of_mine)).status_code == 422
    elsewhere = await write(client, manager, "greeting", project=str(other.id))
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "project_unknown")
    assert (await write(client, manager, "greeting")).status_code == 403


async def test_a_reply_is_changed_against_its_version(
    client: AsyncClient, projects: tuple[Node, Node], staffed: SignedIn
) -> None:
    manager = await staffed("M1", "property_manager", projects[0])
    made = await write(client, manager, "greeting", project=str(projects[0].id))
    address = f"/v1/canned-replies/{made.json()['id']}"

    async def edit(tag: str, **change: Any) -> Any:
        return await client.patch(address, json=change, headers=manager | {"if-match": tag})

    changed = await edit(made.headers["etag"], texts=GREETING)
    assert (changed.status_code, changed.json()["title"], changed.json()["version"]) == (200, "greeting", 2)
    assert changed.json()["texts"] == GREETING
    assert (await edit(made.headers["etag"], title="旧")).status_code == 412
    assert (await edit('"2"', title="新")).json()["texts"] == GREETING
    refused = await edit('"3"', texts={"zh-CN": "{password}"})
    assert refused.json()["code"] == "placeholder_unknown"

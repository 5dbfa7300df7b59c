"""Consent per use: said by the person alone, kept word by word; nobody is named in a post who does not consent."""

import asyncio
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.core.ids import new_id
from backend.platform.process import Process
from tests.fixtures.application import Drain
from tests.fixtures.journeys import Fire, rows
from tests.fixtures.posts import Site
from tests.fixtures.process import Forward

USES = ["publication", "visitor_details", "club_contact", "provider_contact"]
TOLD = "SELECT account_id FROM notice WHERE kind = :kind"


async def says(site: Site, who: str, given: bool, use: str = "publication") -> dict[str, Any]:
    answer = await site.ask(who, "PUT", f"/me/consents/{use}", json={"given": given})
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def told(process: Process, site: Site, kind: str) -> list[str]:
    """Who was told, by name, once for each time."""
    names = {account_id: name for name, account_id in site.people.items()}
    return sorted(names[row.account_id] for row in await rows(process, TOLD, kind=kind))


async def test_consent_is_per_use_and_every_word_is_kept(
    site: Site, forward: Forward, process: Process
) -> None:
    """CT-37, CC-14, OW-02: what nobody asked for is no consent; the last word holds, the ones before stay on record."""
    none = (await site.ask("李欣", "GET", "/me/consents")).json()["items"]
    assert [(one["use"], one["given"], one["since"]) for one in none] == [(use, False, None) for use in USES]
    assert all(one["says"] for one in none)
    first = await says(site, "李欣", True)
    await forward(timedelta(minutes=1))
    assert await says(site, "李欣", True) == first
    withdrawn = await says(site, "李欣", False)
    assert withdrawn["since"] > first["since"]
    await says(site, "李欣", True, "club_contact")
    lines = await rows(
        process, "SELECT use, number, given, account_id, by_id FROM consent ORDER BY use, number"
    )
    me = site.people["李欣"]
    assert [tuple(line) for line in lines] == [
        ("club_contact", 1, True, me, me), ("publication", 1, True, me, me), ("publication", 2, False, me, me)
    ]  # fmt: skip
    # Staff see it of those in their scope, and no more of the name than ever; an engineer's role has no such list.
    seen = (await site.ask("agent", "GET", f"/residents/{me}/consents")).json()
    assert (seen["name"], [one["use"] for one in seen["items"] if one["given"]]) == ("李*", ["club_contact"])
    assert (await site.ask("agent", "GET", f"/residents/{new_id()}/consents")).status_code == 404
    assert (await site.ask("agent", "GET", f"/residents/{site.people['head']}/consents")).status_code == 404
    # Said at once from two phones, each word follows the one before it.
    await asyncio.gather(*(says(site, "周明", given) for given in (True, False) * 3))
    spoken = await rows(
        process,
        "SELECT number, given FROM consent WHERE account_id = :id ORDER BY number",
        id=site.people["周明"],
    )
    assert [line.number for line in spoken] == list(range(1, len(spoken) + 1))
    assert all(one.given != other.given for one, other in pairwise(spoken))
    for path, body, field in (
        ("selling_my_data", {"given": True}, "use"),
        ("publication", {"given": "yes"}, "given"),
        ("publication", {}, "given"),
    ):
        refused = await site.ask("李欣", "PUT", f"/me/consents/{path}", json=body)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    for statement in ("UPDATE consent SET given = true", "DELETE FROM consent"):
        with pytest.raises(DBAPIError, match="append only"):
            async with process.works.begin() as work:
                await work.execute(text(statement))


async def test_nobody_is_named_who_does_not_consent(site: Site, fire: Fire, process: Process) -> None:
    """CC-14: refused at review and at scheduling, with whom to ask; with everybody's consent it is published."""
    named = [str(site.people[name]) for name in ("李欣", "周明")]
    await says(site, "周明", True)
    letter = await site.begin(kind="letter_home", title="家书", names=named)
    assert [(one["name"], one["consented"]) for one in letter["desk"]["names"]] == [
        ("李*", False),
        ("周*", True),
    ]
    tag = {"if-match": '"1"'}
    refused = await site.ask(
        "manager", "POST", f"/posts/{letter['id']}/review", json={"approved": True}, headers=tag
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "consent_missing")
    assert "李*" in refused.json()["detail"]
    assert "周*" not in refused.json()["detail"]
    await says(site, "李欣", True)
    reviewed = await site.act("manager", letter, "review", approved=True)
    await says(site, "周明", False)
    tag = {"if-match": f'"{reviewed["desk"]["version"]}"'}
    refused = await site.ask("manager", "POST", f"/posts/{letter['id']}/schedule", json={}, headers=tag)
    assert (refused.status_code, refused.json()["code"]) == (409, "consent_missing")
    await says(site, "周明", True)
    await site.act("manager", reviewed, "schedule")
    await fire()
    shown = (await site.ask("李欣", "GET", f"/posts/{letter['id']}")).json()
    assert (shown["state"], shown["desk"]) == ("published", None)
    assert site.people["周明"].hex not in str(shown).replace("-", "")
    # Published, whom it names stays as it is.
    with pytest.raises(DBAPIError, match="stays as it is"):
        async with process.works.begin() as work:
            await work.execute(text("DELETE FROM post_name"))
    # Who does not live here is named by nobody, and nobody is named twice.
    asked = {
        "kind": "newsletter", "title": "a", "text": "b", "names": [named[0], named[0], str(site.people["head"])]
    }  # fmt: skip
    strange = await site.ask("writer", "POST", f"/projects/{site.project}/posts", json=asked)
    assert {(one["field"], one["code"]) for one in strange.json()["errors"]} == {
        ("names", "named_twice"), ("names.2", "resident_unknown")
    }  # fmt: skip


async def test_a_consent_withdrawn_before_publication_holds_the_post_back(
    site: Site, fire: Fire, drain: Drain, forward: Forward, process: Process
) -> None:
    """CC-14: at once, or at the latest at the hour it was to be published; those whose post it is are told once."""

    async def scheduled(title: str, name: str) -> dict[str, Any]:
        await says(site, name, True)
        post = await site.begin(kind="newsletter", title=title, names=[str(site.people[name])])
        post = await site.act("manager", post, "review", approved=True)
        at = process.clock.now() + timedelta(minutes=30)
        return await site.act("head", post, "schedule", at=at.isoformat())

    first = await scheduled("第一期", "李欣")
    other = await scheduled("第二期", "周明")
    kept = await scheduled("第三期", "梁鑫")
    await says(site, "李欣", False)
    await drain()
    held = (await site.ask("manager", "GET", f"/posts/{first['id']}")).json()
    assert (held["state"], held["desk"]["publish_at"]) == ("reviewed", None)
    assert await told(process, site, "post_held_back") == ["head", "writer"]
    # The timer comes before what was withdrawn was heard of; whoever consents again in time is named as before.
    await says(site, "周明", False)
    await says(site, "梁鑫", False)
    await says(site, "梁鑫", True)
    await forward(timedelta(minutes=31))
    while await fire():
        pass
    state = {row.id: row.state for row in await rows(process, "SELECT id::text, state FROM post")}
    assert state == {first["id"]: "reviewed", other["id"]: "reviewed", kept["id"]: "published"}
    await drain()
    assert await told(process, site, "post_held_back") == ["head", "head", "writer", "writer"]
    assert await told(process, site, "post_consent_withdrawn") == []
    assert await told(process, site, "newsletter") == sorted(["李欣", "梁鑫", "周明"])


async def test_withdrawn_afterwards_the_post_stands_and_its_authors_are_told(
    site: Site, fire: Fire, drain: Drain, process: Process
) -> None:
    await says(site, "李欣", True)
    post = await site.published(fire, kind="letter_home", names=[str(site.people["李欣"])])
    await says(site, "李欣", False)
    await drain()
    assert (await site.ask("周明", "GET", f"/posts/{post['id']}")).json()["state"] == "published"
    assert await told(process, site, "post_consent_withdrawn") == ["manager", "writer"]
    assert await told(process, site, "post_held_back") == []
    [desk_name] = (await site.ask("manager", "GET", f"/posts/{post['id']}")).json()["desk"]["names"]
    assert desk_name["consented"] is False
    words = await rows(process, "SELECT data FROM notice WHERE kind = 'post_consent_withdrawn' LIMIT 1")
    assert words[0].data == {"project": "朗润园"}

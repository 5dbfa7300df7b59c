"""The life of a version: proposed, changed, approved by another, effective, superseded, and never changed again."""

import asyncio
import json
from datetime import date, timedelta
from typing import Any

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from backend.core.clock import local_date
from backend.features.standard.models import StandardVersion
from backend.platform.process import Process
from tests.fixtures.people import SignedIn
from tests.fixtures.process import Begin, Forward
from tests.fixtures.standards import days, small_document

DAY = timedelta(days=1)
Header = dict[str, str]


@pytest.fixture
async def writer(staffed: SignedIn) -> Header:
    return await staffed("Q1", "quality_department")


@pytest.fixture
async def reviewer(staffed: SignedIn) -> Header:
    return await staffed("A1", "administrator")


async def draft(client: AsyncClient, header: Header, version: str = "A/0", **more: Any) -> Response:
    asked = small_document(version=version) | more
    return await client.post("/v1/standards/small/drafts", json=asked, headers=header)


async def approve(
    client: AsyncClient, header: Header, version: str, effective_from: date, tag: str | None = "*"
) -> Response:
    matching = {} if tag is None else {"if-match": tag}
    return await client.post(
        f"/v1/standards/small/{version.replace('/', '-')}/approval",
        json={"effective_from": effective_from.isoformat(), "reason": "按回访计划修订"},
        headers=header | matching,
    )


async def states(client: AsyncClient, header: Header) -> list[tuple[str, str, bool, str | None]]:
    found = (await client.get("/v1/standards/small", headers=header)).json()["items"]
    return [(one["version"], one["state"], one["in_order"], one["in_order_until"]) for one in found]


def code_of(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.fixture
def today(process: Process) -> date:
    return local_date(process.clock.now())


async def test_from_draft_to_superseded(
    client: AsyncClient,
    work: Begin,
    forward: Forward,
    staffed: SignedIn,
    writer: Header,
    reviewer: Header,
    today: date,
) -> None:
    made = await draft(client, writer)
    assert (made.status_code, made.json()["state"], made.json()["version"]) == (201, "draft", "A/0")
    assert made.json()["document"]["obligations"][0]["from"] == ["signed_on"]
    assert await states(client, writer) == [("A/0", "draft", False, None)]
    # Effective today, and the next version in three days: until then the old one holds (RC-18).
    assert (await approve(client, reviewer, "A/0", today)).status_code == 200
    assert (await draft(client, writer, "A/1", changeover=days(5))).status_code == 201
    assert await states(client, writer) == [("A/0", "effective", True, None), ("A/1", "draft", False, None)]
    assert (await approve(client, reviewer, "A/1", today + 3 * DAY)).status_code == 200
    last = (today + 8 * DAY).isoformat()
    assert await states(client, writer) == [
        ("A/0", "effective", True, last),
        ("A/1", "approved", False, None),
    ]
    await forward(3 * DAY)
    # Sessions of staff are short; they sign in again.
    now = await staffed("Q2", "quality_department")
    assert await states(client, now) == [("A/0", "superseded", True, last), ("A/1", "effective", True, None)]
    await forward(6 * DAY)
    now = await staffed("Q3", "quality_department")
    assert await states(client, now) == [("A/0", "superseded", False, last), ("A/1", "effective", True, None)]
    listed = (await client.get("/v1/standards", headers=now)).json()["items"]
    assert [(one["effective_version"], one["draft_version"]) for one in listed if one["code"] == "small"] == [
        ("A/1", None)
    ]
    differing = await client.get("/v1/standards/small/A-1/diff?against=A-0", headers=now)
    assert [(one["path"], one["before"], one["after"]) for one in differing.json()["items"]] == [
        ("version", "A/0", "A/1"),
        ("changeover.value", 10, 5),
    ]
    open_ = (await client.get("/v1/standards/small/A-1/not-set", headers=now)).json()["items"]
    assert [(gap["path"], gap["gap"]) for gap in open_][-1] == ("settings[cooling-off].not_set", "GP-25")
    assert open_[-1]["suggestion"] == days(2, "working_hours")


async def test_what_is_refused(client: AsyncClient, writer: Header, reviewer: Header, today: date) -> None:
    # The first version is A/0, and each is drafted once.
    assert code_of(await draft(client, writer, "A/1")) == (422, "standard_version_expected")
    assert code_of(await draft(client, writer, code="other")) == (422, "standard_other_code")
    assert (await draft(client, writer)).status_code == 201
    assert code_of(await draft(client, reviewer)) == (409, "standard_draft_exists")
    # Whoever wrote it does not approve it; the other does, from today on at the earliest.
    assert code_of(await approve(client, writer, "A/0", today)) == (403, "standard_own_draft")
    assert code_of(await approve(client, reviewer, "A/0", today - DAY)) == (422, "standard_effective_in_past")
    assert code_of(await approve(client, reviewer, "A/0", date(9999, 12, 31))) == (422, "date_out_of_range")
    assert code_of(await approve(client, reviewer, "A/0", today, None)) == (422, "if_match_required")
    assert (await approve(client, reviewer, "A/0", today + 2 * DAY)).status_code == 200
    # Approved, it is what it is.
    assert code_of(await approve(client, reviewer, "A/0", today)) == (409, "standard_approved")
    again = await client.put(
        "/v1/standards/small/A-0", json=small_document(), headers=writer | {"if-match": "*"}
    )
    assert code_of(again) == (409, "standard_approved")
    # The next one follows it in time as well.
    assert (await draft(client, writer, "A/1")).status_code == 201
    for day in (today, today + 2 * DAY):
        refused = await approve(client, reviewer, "A/1", day)
        assert code_of(refused) == (422, "standard_effective_too_early")
    for address in ("/v1/standards/none", "/v1/standards/small/B-0", "/v1/standards/small/B-0/not-set"):
        assert (await client.get(address, headers=writer)).status_code == 404
    assert (await client.get("/v1/standards/small/A-0/diff?against=B-0", headers=writer)).status_code == 404
    assert (await client.get("/v1/standards/small/A/0", headers=writer)).status_code == 404


async def test_a_document_is_refused_with_the_place_of_every_fault(
    client: AsyncClient, writer: Header
) -> None:
    tree = small_document()
    tree["obligations"][0]["step"] = "STEP-9"
    tree["assessment"]["weights"][0]["percent"] = 50
    refused = await client.post("/v1/standards/small/drafts", json=tree, headers=writer)
    assert code_of(refused) == (422, "standard_wrong")
    assert [(one["field"], one["code"]) for one in refused.json()["errors"]] == [
        ("obligations[first-contact].step", "standard_step_unknown"),
        ("assessment.weights", "standard_weights"),
    ]
    assert "125" in refused.json()["errors"][1]["detail"]
    del tree["steps"][0]["core"]
    as_yaml = writer | {"content-type": "application/yaml"}
    for body, field in ((json.dumps(tree), "steps[STEP-1].core"), ("a: &x [*x]", "a"), ("", "body")):
        refused = await client.post("/v1/standards/small/drafts", content=body, headers=as_yaml)
        assert code_of(refused) == (422, "standard_wrong")
        assert refused.json()["errors"][0]["field"] == field
    text_plain = writer | {"content-type": "text/plain"}
    refused = await client.post("/v1/standards/small/drafts", content="a: b", headers=text_plain)
    assert refused.status_code == 415


async def test_a_draft_is_changed_as_it_was_read_and_then_belongs_to_who_changed_it(
    client: AsyncClient, writer: Header, reviewer: Header, today: date
) -> None:
    first = (await draft(client, writer)).headers["etag"]
    read = await client.get("/v1/standards/small/A-0", headers=reviewer)
    assert read.headers["etag"] == first
    changed = small_document() | {"changeover": days(3)}
    address, as_yaml = "/v1/standards/small/A-0", {"content-type": "application/yaml"}
    put = await client.put(
        address, content=json.dumps(changed), headers=reviewer | as_yaml | {"if-match": first}
    )
    assert (put.status_code, put.json()["document"]["changeover"]["value"]) == (200, 3)
    stale = await client.put(address, json=changed, headers=writer | {"if-match": first})
    assert (stale.status_code, stale.json()["present"]["digest"]) == (412, put.json()["digest"])
    # What was read is not what would be approved.
    assert (await approve(client, writer, "A/0", today, first)).status_code == 412
    assert code_of(await approve(client, reviewer, "A/0", today)) == (403, "standard_own_draft")
    assert (await approve(client, writer, "A/0", today, put.headers["etag"])).status_code == 200
    other = await client.put(address, json=small_document(version="A/1"), headers=writer | {"if-match": "*"})
    assert other.status_code == 409


async def test_at_once_one_draft_is_made_and_one_approval_given(
    client: AsyncClient, work: Begin, staffed: SignedIn, writer: Header, today: date
) -> None:
    others = [await staffed(f"A{number}", "administrator") for number in range(4)]
    drafted = await asyncio.gather(*(draft(client, header) for header in [writer, *others]))
    assert sorted(answer.status_code for answer in drafted) == [201, 409, 409, 409, 409]
    approvals = [
        approve(client, header, "A/0", today + n * DAY) for n, header in enumerate([writer, *others])
    ]
    given = [
        code_of(answer) if answer.status_code != 200 else None for answer in await asyncio.gather(*approvals)
    ]
    assert given.count(None) == 1
    assert {one for one in given if one} <= {(409, "standard_approved"), (403, "standard_own_draft")}
    async with work() as session:
        assert await session.scalar(text("SELECT count(*) FROM standard_version WHERE code = 'small'")) == 1


async def test_an_approved_text_is_kept_by_the_database(
    client: AsyncClient, work: Begin, writer: Header, reviewer: Header, today: date
) -> None:
    await draft(client, writer)
    assert (await approve(client, reviewer, "A/0", today)).status_code == 200
    for statement in (
        'UPDATE standard_version SET document = document || \'{"rules": ["RC-27"]}\'',
        "UPDATE standard_version SET effective_from = effective_from + 1",
        "UPDATE standard_version SET state = 'draft', approved_at = NULL, effective_from = NULL, reason = NULL",
        "DELETE FROM standard_version",
        "TRUNCATE standard_version CASCADE",
    ):
        with pytest.raises(DBAPIError, match="append only"):
            async with work() as session:
                await session.execute(text(statement))


async def test_what_a_row_cannot_be(
    client: AsyncClient, work: Begin, writer: Header, reviewer: Header, today: date
) -> None:
    await draft(client, writer)
    async with work() as session:
        drafts = select(StandardVersion).where(StandardVersion.state == "draft")
        row = (await session.scalars(drafts)).one()
    approval = "approved_at = now(), effective_from = '2026-01-01', reason = 'r', state = 'approved'"
    for change in (
        "version = 'A/10'",
        "version = 'A/1'",
        'document = document || \'{"code": "other"}\'',
        "state = 'gone'",
        "state = 'approved'",
        "reason = 'r'",
        approval,
        f"{approval}, approved_by = '{row.proposed_by}'",
    ):
        with pytest.raises(DBAPIError, match="ck_standard_version"):
            async with work() as session:
                await session.execute(text(f"UPDATE standard_version SET {change} WHERE state = 'draft'"))
    second = StandardVersion(
        code="small",
        version="A/1",
        state="draft",
        document=row.document | {"version": "A/1"},
        digest=row.digest,
        proposed_at=row.proposed_at,
    )
    with pytest.raises(DBAPIError, match="uq_standard_version_draft"):
        async with work() as session:
            session.add(second)


async def test_after_the_last_version_there_is_none(
    client: AsyncClient, work: Begin, writer: Header, reviewer: Header, today: date
) -> None:
    await draft(client, writer)
    async with work() as session:
        row = 'document || \'{"version": "Z/9"}\''
        await session.execute(
            text(f"UPDATE standard_version SET version = 'Z/9', document = {row} WHERE state = 'draft'")
        )
    assert (await approve(client, reviewer, "Z/9", today)).status_code == 200
    assert code_of(await draft(client, writer, "A/1")) == (409, "standard_versions_used_up")

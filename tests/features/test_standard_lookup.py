"""Which standard a project goes by on a day, in which version."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from backend.core.clock import SHANGHAI
from backend.core.errors import Conflict
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.standard.models import KnownStandard, StandardChoice, StandardVersion
from backend.features.standard.rules import digest, plain
from backend.features.standard.service import StoredStandard, standard_for, stored
from backend.platform.tree import Node, add_node, root_node
from tests.fixtures.people import staff_account
from tests.fixtures.process import Begin
from tests.fixtures.standards import small_standard

AT = datetime(2026, 1, 1, tzinfo=SHANGHAI)


async def keep(work: Work, code: str, version: str, since: date | None) -> UUID:
    """A version as a release of the product would put it there; without a day a draft."""
    standard = small_standard(code=code, version=version)
    if await work.get(KnownStandard, code) is None:
        work.add(KnownStandard(code=code))
        await work.flush()
    row = StandardVersion(
        id=new_id(),
        code=code,
        version=version,
        state="approved" if since else "draft",
        document=plain(standard),
        digest=digest(standard),
        proposed_at=AT,
        approved_at=AT if since else None,
        effective_from=since,
        reason="修订" if since else None,
    )
    work.add(row)
    await work.flush()
    return row.id


@pytest.fixture
async def project(work: Begin) -> tuple[Node, Node, Node]:
    async with work() as session:
        root = await root_node(session)
        region = await add_node(session, root, "region", name="上海", key="上海")
        return root, region, await add_node(session, region, "project", name="朗润园", key="朗润园")


async def test_the_nearest_choice_and_the_version_of_the_day(
    work: Begin, project: tuple[Node, Node, Node]
) -> None:
    root, region, here = project

    async def choose(session: Work, node: Node, code: str, since: date, who: UUID) -> None:
        choice: dict[str, Any] = {"node_id": node.id, "code": code, "since": since}
        session.add(StandardChoice(id=new_id(), chosen_by=who, at=AT, **choice))
        await session.flush()

    async with work() as session:
        who = (await staff_account(session, "T1")).id
        for code in ("small", "regional", "own"):
            for version, since in (("A/0", date(2020, 1, 1)), ("A/1", date(2026, 5, 10)), ("A/2", None)):
                await keep(session, code, version, since)
        await choose(session, root, "small", date(2020, 1, 1), who)
        await choose(session, region, "regional", date(2026, 2, 1), who)
        await choose(session, here, "small", date(2026, 3, 1), who)
        await choose(session, here, "own", date(2026, 3, 1), who)
        await choose(session, here, "regional", date(2026, 6, 1), who)

    async def on(day: date, node: Node = here) -> tuple[str, str]:
        async with work() as session:
            found = await standard_for(session, node.id, day)
        assert found.document == small_standard(code=found.code, version=found.version)
        return found.code, found.version

    assert await on(date(2026, 1, 31)) == ("small", "A/0")
    assert await on(date(2026, 2, 1)) == ("regional", "A/0")
    assert await on(date(2026, 3, 1)) == ("own", "A/0")
    assert await on(date(2026, 5, 9)) == ("own", "A/0")
    assert await on(date(2026, 5, 10)) == ("own", "A/1")
    assert await on(date(2026, 6, 1)) == ("regional", "A/1")
    assert await on(date(2026, 6, 1), root) == ("small", "A/1")


async def test_a_day_before_every_version_has_no_standard(
    work: Begin, project: tuple[Node, Node, Node]
) -> None:
    async with work() as session:
        with pytest.raises(Conflict, match="standard_not_effective"):
            await standard_for(session, project[2].id, date(1980, 1, 1))


async def test_an_approved_document_is_parsed_once_and_a_draft_is_always_read(work: Begin) -> None:
    async with work() as session:
        approved = await keep(session, "small", "A/0", date(2020, 1, 1))
        draft = await keep(session, "small", "A/1", None)

    async def read(version_id: UUID) -> StoredStandard:
        async with work() as session:
            return await stored(session, version_id)

    assert (await read(approved)).document is (await read(approved)).document
    first = await read(draft)
    later = small_standard(lambda tree: tree["obligations"].pop(), version="A/1")
    async with work() as session:
        row = await session.get_one(StandardVersion, draft)
        row.document, row.digest = plain(later), digest(later)
    assert (await read(draft)).document == later != first.document


async def test_a_version_effective_tomorrow_waits(work: Begin, project: tuple[Node, Node, Node]) -> None:
    today = date(2026, 11, 22)
    async with work() as session:
        who = (await staff_account(session, "T1")).id
        await keep(session, "small", "A/0", today + timedelta(days=1))
        session.add(
            StandardChoice(
                id=new_id(), node_id=project[2].id, code="small", since=today, chosen_by=who, at=AT
            )
        )
    async with work() as session:
        with pytest.raises(Conflict, match="standard_not_effective"):
            await standard_for(session, project[2].id, today)
        found = await standard_for(session, project[2].id, today + timedelta(days=1))
    assert found.version == "A/0"

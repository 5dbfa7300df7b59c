"""Promises of journeys in working time: a new calendar lists them and moves none; a decision does (clocks.md)."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from backend.core.clock import local_date
from backend.core.ids import new_id
from backend.features.standard.models import KnownStandard, StandardChoice, StandardVersion
from backend.features.standard.rules import digest, plain
from backend.platform.process import Process
from backend.platform.tree import root_node
from tests.fixtures.application import Drain
from tests.fixtures.estate import Estate, home_row, ownership_of, project_of
from tests.fixtures.journeys import days, obligation, rows, standard
from tests.fixtures.people import SignedIn, staff_account

_PROMISE = (
    "SELECT m.due_on, m.due_at, m.first_due_on, j.thread_id, j.id AS journey_id FROM milestone m"
    " JOIN journey j ON j.id = m.journey_id WHERE j.ownership_id = :id AND m.obligation = 'papers'"
)


@pytest.fixture
async def in_working_days(process: Process) -> None:
    """The company goes by a standard that owes the papers five working days after the subscription."""
    ours = standard(obligation("papers", "STEP-2", "subscribed_on", due=days(5, "working_days")))
    ours = ours.model_copy(update={"code": "by-working-days"})
    now = process.clock.now()
    async with process.works.begin() as work:
        work.add(KnownStandard(code=ours.code))
        await work.flush()
        version = StandardVersion(
            code=ours.code,
            version="A/0",
            document=plain(ours),
            digest=digest(ours),
            proposed_at=now,
            state="approved",
            approved_at=now,
            effective_from=date(1990, 1, 1),
            reason="测试",
        )
        who = (await staff_account(work, "E1")).id
        root = (await root_node(work)).id
        choice = StandardChoice(node_id=root, code=ours.code, since=local_date(now), at=now, chosen_by=who)
        work.add_all([version, choice])


async def promise(process: Process, ownership: UUID) -> Any:
    [found] = await rows(process, _PROMISE, id=ownership)
    return found


@pytest.mark.usefixtures("in_working_days")
async def test_a_new_calendar_lists_the_promise_and_only_a_decision_moves_it(
    client: AsyncClient, process: Process, estate: Estate, drain: Drain, staffed: SignedIn
) -> None:
    today = local_date(process.clock.now())
    dates = {"认购日期": today.isoformat(), "签约日期": today.isoformat(), "合同交付日期": "2099-01-01"}
    await estate([home_row("0101", "李欣", "13542604684", **dates)])
    await drain()
    ownership = await ownership_of(process, "合同-0101")
    given = await promise(process, ownership)
    admin = await staffed("A1", "administrator")

    # The last day of it is closed: the typhoon.
    asked = {
        "node": str(await project_of(process)),
        "reason": "台风",
        "days": [{"day": given.due_on.isoformat(), "shifts": []}],
    }
    made = await client.put("/v1/calendar/overrides", json=asked, headers={**admin, "if-match": "*"})
    assert made.status_code == 200, made.text
    [moved] = made.json()["moved"]
    assert (moved["clock"], moved["subject"], moved["name"]) == (
        str((await rows(process, "SELECT id FROM milestone WHERE obligation = 'papers'"))[0].id),
        str(given.journey_id),
        "papers",
    )

    # Neither the calendar nor an edit of another date has moved it.
    assert await promise(process, ownership) == given
    tag = (await client.get(f"/v1/ownerships/{ownership}", headers=admin)).headers["etag"]
    edited = await client.patch(
        f"/v1/ownerships/{ownership}",
        json={"delivery_due_on": "2099-02-01", "reason": "延期"},
        headers={**admin, "if-match": tag},
    )
    assert edited.status_code == 200, edited.text
    await drain()
    assert await promise(process, ownership) == given

    version = made.json()["number"]
    decided = await client.post(
        f"/v1/calendar/versions/{version}/revisions",
        json={"all": True, "reason": "已与业主说明"},
        headers=admin,
    )
    assert decided.json() == {"revised": 1, "passed_over": 0}
    now = await promise(process, ownership)
    assert now.due_on > given.due_on
    assert now.due_on - given.due_on < timedelta(days=15)
    assert now.first_due_on == given.first_due_on == given.due_on
    [line] = await rows(
        process,
        "SELECT body, audience, author_id FROM entry WHERE thread_id = :thread AND kind = 'promise_revised'",
        thread=given.thread_id,
    )
    assert (line.body["from"], line.body["due_on"], line.body["reason"], line.audience) == (
        given.due_on.isoformat(),
        now.due_on.isoformat(),
        "已与业主说明",
        "all",
    )
    assert line.author_id is not None
    # It has moved already: asked again, nothing is left of it.
    again = await client.post(
        f"/v1/calendar/versions/{version}/revisions",
        json={"subjects": [str(new_id())], "reason": "再来"},
        headers=admin,
    )
    assert again.status_code == 409

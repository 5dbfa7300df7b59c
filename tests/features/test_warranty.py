"""The warranty of homes: laid out with their journeys, told of ahead and at the end, handed on at a resale."""

from datetime import date, datetime, time, timedelta

from backend.core.clock import SHANGHAI, local_date
from backend.features.warranty.rules import months_after
from backend.features.warranty.service import cover, notices_without_timer
from backend.platform.process import Process
from tests.fixtures.application import Drain, TextsTo
from tests.fixtures.estate import Estate, home_row, ownership_of
from tests.fixtures.journeys import Fire, rows
from tests.fixtures.process import Begin, Forward

LEDGER = "SELECT i.* FROM warranty_item i JOIN ownership o ON o.home_id = i.home_id WHERE o.id = :id ORDER BY i.rank"
NOTICES = "SELECT kind, ends_on, due_on, state, people FROM warranty_notice WHERE ownership_id = :id ORDER BY due_on"
PROMISES = (
    "SELECT m.obligation, m.state, m.due_on, m.done_by, m.evidence FROM milestone m"
    " JOIN journey j ON j.id = m.journey_id WHERE j.ownership_id = :id"
    " AND m.obligation IN ('warranty-notice', 'warranty-expiry-notice') ORDER BY m.rank"
)
LINES = (
    "SELECT e.kind, e.body, e.audience FROM entry e JOIN journey j ON j.thread_id = e.thread_id"
    " WHERE j.ownership_id = :id AND e.kind IN ('warranty_told', 'warranty_untold', 'milestone_done', 'task_opened')"
    " ORDER BY e.seq"
)


def lived_since(delivered: date, room: str = "0101", phone: str = "13542604684") -> dict[str, str]:
    """A home handed over on a day."""
    signed = (delivered - timedelta(days=700)).isoformat()
    day = delivered.isoformat()
    return home_row(room, "李欣", phone, 认购日期=signed, 签约日期=signed, 合同交付日期=day, 实际交付日期=day)


async def pass_to(process: Process, forward: Forward, fire: Fire, day: date) -> None:
    """Let the time pass until a day has begun."""
    begins = datetime.combine(day, time(), SHANGHAI)
    await forward(begins - process.clock.now() + timedelta(seconds=1))
    while await fire():
        pass


async def test_households_are_told_two_months_ahead_and_at_the_end(
    process: Process,
    estate: Estate,
    drain: Drain,
    fire: Fire,
    forward: Forward,
    texts_to: TextsTo,
    work: Begin,
) -> None:
    """WR-13, WR-14, WR-15, CT-14: by itself, so that nobody has a task of it; and the promise is kept by that."""
    today = local_date(process.clock.now())
    ends = months_after(today, 3)
    delivered = months_after(ends, -36)
    ends = months_after(delivered, 36)
    await estate([lived_since(delivered)])
    await drain()
    ownership = await ownership_of(process, "合同-0101")
    ledger = {row.component: row for row in await rows(process, LEDGER, id=ownership)}
    assert list(ledger) == [
        "wiring",
        "pipes",
        "equipment",
        "fit-out",
        "doors-windows",
        "plaster",
        "civil-works",
    ]
    assert (ledger["fit-out"].base_ends_on, ledger["fit-out"].ends_on) == (
        months_after(delivered, 24),
        ends,
    )
    assert ledger["wiring"].ends_on is None
    async with work() as unit:
        found = await cover(unit, ledger["fit-out"].home_id, "fit-out", today)
        assert (found.state, found.why, found.ends_on) == ("covered", "extension", ends)
        assert (await cover(unit, ledger["fit-out"].home_id, "wiring", today)).state == "not_set"
        assert (await cover(unit, ledger["fit-out"].home_id, "roof", today)).why == "not_in_catalogue"
        assert not await notices_without_timer(unit)

    ahead = months_after(ends, -2)
    await pass_to(process, forward, fire, ahead - timedelta(days=1))
    assert [row.state for row in await rows(process, NOTICES, id=ownership)] == ["planned", "planned"]
    await pass_to(process, forward, fire, ahead)
    told, planned = await rows(process, NOTICES, id=ownership)
    assert (told.kind, told.state, told.people, told.due_on) == ("ending", "told", 1, ahead)
    assert (planned.kind, planned.state, planned.due_on) == ("ended", "planned", ends)
    kept, coming = await rows(process, PROMISES, id=ownership)
    assert (kept.state, kept.done_by, kept.evidence[0]["kind"]) == ("done", None, "notice")
    assert coming.state == "coming"
    [line, done] = sorted(await rows(process, LINES, id=ownership), key=lambda one: one.kind, reverse=True)
    assert (line.kind, line.body["components"], line.audience) == (
        "warranty_told",
        ["fit-out", "civil-works"],
        "all",
    )
    assert (done.kind, done.body["evidence"]) == ("milestone_done", ["notice"])
    [notice] = await rows(process, "SELECT id, data FROM notice WHERE kind = 'warranty_ending'")
    assert notice.data["parts"]["zh-CN"] == "装修工程、土建部分"
    assert "门窗密闭，没有翘裂" in notice.data["checks"]["zh-CN"]
    sent = await rows(process, "SELECT channel FROM delivery WHERE notice_id = :id", id=notice.id)
    assert {row.channel for row in sent} >= {"sms"}

    await pass_to(process, forward, fire, ends)
    assert [row.state for row in await rows(process, NOTICES, id=ownership)] == ["told", "told"]
    assert [row.state for row in await rows(process, PROMISES, id=ownership)] == ["done", "done"]
    assert "task_opened" not in {row.kind for row in await rows(process, LINES, id=ownership)}
    assert any("到期" in text for text in await texts_to("+8613542604684"))

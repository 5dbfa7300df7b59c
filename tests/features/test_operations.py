"""What operators see of the timers and the audit, and set right by hand."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI, Response
from httpx import ASGITransport, AsyncClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend import audit as composition
from backend.core.config import Settings
from backend.db.work import Work
from backend.platform.audit import Audit, Check, Fault
from backend.platform.process import Process
from backend.platform.timers import DueTimer, NewTimer, Timers, housekeeping, schedule_many
from backend.platform.timers.checks import CHECKS
from tests.fixtures.logs import Lines
from tests.fixtures.people import SignedIn
from tests.fixtures.process import Begin, Forward

PAST = datetime(2026, 1, 31, 8, tzinfo=UTC)
REASON = {"reason": "原因已排除"}

pytestmark = pytest.mark.usefixtures("logged")


async def fire(_work: Work, timers: Sequence[DueTimer]) -> None:
    if "bad" in {timer.key for timer in timers}:
        raise ZeroDivisionError


@pytest.fixture
async def header(staffed: SignedIn) -> dict[str, str]:
    return await staffed("A1", "administrator")


async def put(process: Process, *keys: str, due: datetime = PAST) -> None:
    async with process.works.begin() as work:
        new = [NewTimer("note", key, due + timedelta(minutes=n), {}) for n, key in enumerate(keys)]
        await schedule_many(work, process.waker, new)


async def park(work: Begin) -> None:
    async with work() as session:
        await session.execute(
            text("UPDATE timer SET state = 'parked', attempts = 10, last_error = 'KeyError'")
        )


async def subjects(process: Process) -> set[str]:
    return {fault.subject for fault in await Audit(process.works, CHECKS, "").look()}


async def test_parked_timers_are_listed_retried_and_dropped_with_a_reason(
    client: AsyncClient, process: Process, work: Begin, header: dict[str, str]
) -> None:
    await put(process, "a", "b", "c")
    await park(work)
    await put(process, "d", due=PAST + timedelta(days=1))
    first = (await client.get("/v1/ops/timers", params={"limit": 2}, headers=header)).json()
    assert [one["key"] for one in first["items"]] == ["a", "b"]
    assert first["items"][0]["last_error"] == "KeyError"
    rest = {"limit": 2, "cursor": first["next"], "kind": "note"}
    second = (await client.get("/v1/ops/timers", params=rest, headers=header)).json()
    assert ([one["key"] for one in second["items"]], second["next"]) == (["c"], None)
    assert (await client.get("/v1/ops/timers", params={"kind": "x"}, headers=header)).json()["items"] == []
    a, b = (one["id"] for one in first["items"])
    retried = await client.post(f"/v1/ops/timers/{a}/retry", json=REASON, headers=header)
    assert (retried.status_code, retried.json()["state"], retried.json()["attempts"]) == (200, "pending", 0)
    dropped = await client.post(f"/v1/ops/timers/{b}/drop", json=REASON, headers=header)
    assert (dropped.status_code, dropped.json()["state"]) == (200, "cancelled")
    for act in ("retry", "drop"):
        again = await client.post(f"/v1/ops/timers/{a}/{act}", json=REASON, headers=header)
        assert (again.status_code, again.json()["code"]) == (409, "timer_not_parked")
        unknown = await client.post(f"/v1/ops/timers/{uuid4()}/{act}", json=REASON, headers=header)
        assert unknown.status_code == 404
    assert await Timers(process.works, {"note": fire}).drain() == 2
    listed = await client.get("/v1/ops/timers", params={"state": "fired"}, headers=header)
    # Its lateness counts from the retry, not from the months it was parked.
    late = {one["key"]: one["lateness_seconds"] for one in listed.json()["items"]}
    assert list(late) == ["d", "a"]
    assert max(late.values()) < 60
    async with work() as session:
        acts = await session.execute(text("SELECT act, key, last_error, reason FROM timer_act ORDER BY act"))
        assert [tuple(act) for act in acts] == [
            ("drop", "b", "KeyError", "原因已排除"),
            ("retry", "a", "KeyError", "原因已排除"),
        ]
    with pytest.raises(DBAPIError, match="append only"):
        async with work() as session:
            await session.execute(text("DELETE FROM timer_act"))


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"state": "late"}, "literal_error"),
        ({"kind": "a\0"}, "control_character"),
        ({"cursor": "nonsense"}, "cursor_invalid"),
        ({"limit": 0}, "greater_than_equal"),
    ],
)
async def test_bad_questions_are_refused(
    client: AsyncClient, header: dict[str, str], asked: dict[str, Any], code: str
) -> None:
    refused = await client.get("/v1/ops/timers", params=asked, headers=header)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)


async def test_the_metrics_count_the_timers(
    client: AsyncClient, process: Process, work: Begin, header: dict[str, str]
) -> None:
    assert (await client.get("/v1/ops/audit", headers=header)).status_code == 404
    shown = (await client.get("/metrics")).text
    assert 'tongxing_timer_lateness_seconds_bucket{le="+Inf"} 0.0' in shown
    assert "tongxing_audit_faults NaN" in shown
    await put(process, "gone")
    await park(work)
    await put(process, "a", "b")
    timers = Timers(process.works, {"note": fire})
    await timers._guard.beat()
    assert await timers.drain() == 2
    for _ in range(2):
        await timers._lateness.write()
    await put(process, "due", due=datetime.now(UTC) - timedelta(minutes=2))
    await put(process, "later", due=datetime.now(UTC) + timedelta(hours=1))
    await Audit(process.works, CHECKS, "").look()
    shown = (await client.get("/metrics")).text
    for line in (
        "tongxing_timers_pending 2.0",
        "tongxing_timers_due 1.0",
        "tongxing_timers_parked 1.0",
        "tongxing_timers_held 0.0",
        "tongxing_timer_workers 1.0",
        "tongxing_audit_faults 1.0",
        'tongxing_timer_lateness_seconds_bucket{le="+Inf"} 2.0',
        "tongxing_timer_lateness_seconds_count 2.0",
    ):
        assert line in shown
    [oldest] = [line for line in shown.splitlines() if line.startswith("tongxing_timers_oldest_seconds ")]
    assert 119 <= float(oldest.split()[1]) < 300
    report = (await client.get("/v1/ops/audit", headers=header)).json()
    assert (report["found"], report["faults"]) == (
        1,
        [{"subject": "note gone", "why": "is parked: KeyError"}],
    )


async def test_the_audit_names_what_is_wrong(process: Process, work: Begin, forward: Forward) -> None:
    assert await subjects(process) == {"workers"}
    timers = Timers(process.works, {"note": fire})
    await timers._guard.beat()
    assert await subjects(process) == set()
    # Set for a moment that is past, it is not late until it had its time to fire; nor is one that only waits.
    await put(process, "old")
    await put(process, "later", due=datetime.now(UTC) + timedelta(days=300))
    assert await subjects(process) == set()
    await forward(timedelta(minutes=6))
    assert await subjects(process) == {"note old"}
    await timers.drain()
    assert await subjects(process) == set()
    await put(process, "bad", due=PAST + timedelta(days=1))
    await timers.drain()
    await forward(timedelta(minutes=6))
    await timers.drain()
    # It stands at its next try, and is late all the same.
    assert await subjects(process) == {"note bad"}
    async with work() as session:
        await session.execute(text("UPDATE timer_pulse SET seen_at = seen_at - interval '1 minute'"))
    assert len(await subjects(process)) == 3
    await timers._guard.goodbye()
    assert await subjects(process) == {"note bad", "workers"}


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every heartbeat that came to `http://watch.test`. There, `/broken` answers 500."""
    came: list[str] = []
    listener = FastAPI()

    @listener.post("/{place}")
    async def hear(place: str) -> Response:
        came.append(place)
        return Response(status_code=500 if place == "broken" else 204)

    class ToListener(AsyncClient):
        def __init__(self, **given: Any) -> None:
            super().__init__(transport=ASGITransport(listener), **given)

    monkeypatch.setattr(httpx, "AsyncClient", ToListener)
    return came


async def test_the_heartbeat_goes_out_only_when_all_is_well(
    process: Process, work: Begin, heard: list[str], logged: Lines
) -> None:
    async def well(_work: Work) -> Sequence[Fault]:
        return []

    async def wrong(_work: Work) -> Sequence[Fault]:
        return [Fault("case 4711", "has no timer")]

    async def broken(session: Work) -> Sequence[Fault]:
        await session.execute(text("SELECT 1/0"))
        return []

    def audit(**looks: Callable[[Work], Awaitable[Sequence[Fault]]]) -> Audit:
        return Audit(
            process.works, [Check(name, look) for name, look in looks.items()], "http://watch.test/well"
        )

    assert await audit(one=well, two=well).look() == []
    assert heard == ["well"]
    assert await audit(one=well, two=wrong).look() == [Fault("case 4711", "has no timer")]
    assert await audit(one=broken, two=well).look() == [Fault("one", "could not be looked at: DBAPIError")]
    assert heard == ["well"]
    # A watcher that is away is a warning, and the report stands.
    assert await Audit(process.works, [], "http://watch.test/broken").look() == []
    said = [line["message"] for line in logged()]
    assert [said.count(what) for what in ("audit_well", "audit_fault", "heartbeat_failed")] == [2, 2, 1]
    async with work() as session:
        found = (await session.scalars(text("SELECT found FROM audit_report ORDER BY at"))).all()
    assert found == [0, 1, 1, 0]


async def test_looking_once_makes_every_check_of_the_product(settings: Settings) -> None:
    assert await composition.look_once(settings) == [Fault("workers", "none is alive")]


async def test_old_timers_and_pulses_are_forgotten(process: Process, work: Begin, forward: Forward) -> None:
    timers = Timers(process.works, {"note": fire})
    await put(process, "fired")
    await timers.drain()
    await timers._guard.beat()
    await put(process, "later", due=datetime.now(UTC) + timedelta(days=900))

    async def left() -> set[str]:
        async with work() as session:
            await housekeeping.forget_fired(session)
            return set(
                await session.scalars(text("SELECT key FROM timer UNION SELECT 'pulse' FROM timer_pulse"))
            )

    await forward(timedelta(days=399))
    assert await left() == {"fired", "later", "pulse"}
    await forward(timedelta(days=2))
    async with work() as session:
        await session.execute(text("UPDATE timer_pulse SET seen_at = seen_at - interval '2 hours'"))
    assert await left() == {"later"}


async def test_whoever_moves_the_clock_finds_it_moved(client: AsyncClient, process: Process) -> None:
    answer = await client.post("/dev/clock", json={"by": "PT10M"})
    assert answer.status_code == 200, answer.text
    assert process.clock.now() >= datetime.fromisoformat(answer.json()["now"])

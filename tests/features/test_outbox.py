"""Work after the commit: as written in the transaction, tried again when it fails, parked when it keeps failing."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import arq.worker
import pytest
from sqlalchemy import text

from backend.core.config import Settings
from backend.core.logging import carried, carrying
from backend.db.work import Work
from backend.platform.outbox import Outbox, enqueue, executing, pending, running
from backend.platform.outbox.running import pause_after
from backend.platform.process import Process
from tests.fixtures.application import Drain
from tests.fixtures.logs import Lines
from tests.fixtures.people import owner_account
from tests.fixtures.process import Begin, Forward

PHONE, NAME = "+8613800000001", "孙建华"

# Failing jobs are logged: as in production, and not with the whole of every frame.
pytestmark = pytest.mark.usefixtures("logged")


class Ran(list[dict[str, Any]]):
    """A job that notes what it was given."""

    async def __call__(self, _work: Work, payload: dict[str, Any]) -> None:
        self.append(payload)


async def write(process: Process, job: str, count: int = 1) -> None:
    async with process.works.begin() as work:
        for number in range(count):
            await enqueue(work, process.waker, job, {"number": number})


@pytest.fixture
def long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Minutes for seconds, so that no pause ends while a slow machine looks on."""
    monkeypatch.setattr(running, "pause_after", lambda attempts: 60 * pause_after(attempts))


async def rows(work: Begin) -> list[Any]:
    async with work() as session:
        return list((await session.execute(text("SELECT * FROM outbox ORDER BY id"))).all())


async def test_a_job_runs_once_after_its_transaction_has_committed(process: Process, work: Begin) -> None:
    ran = Ran()
    outbox = Outbox(process.works, {"note": ran})
    async with process.works.begin() as session:
        await enqueue(session, process.waker, "note", {"name": NAME})
        assert await outbox.drain() == 0
    assert await outbox.drain() == 1
    assert await outbox.drain() == 0
    assert ran == [{"name": NAME}]
    assert await rows(work) == []


async def test_a_job_of_a_transaction_that_was_rolled_back_never_runs(process: Process) -> None:
    ran = Ran()

    async def change_ones_mind() -> None:
        async with process.works.begin() as session:
            await enqueue(session, process.waker, "note", {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await change_ones_mind()
    assert await Outbox(process.works, {"note": ran}).drain() == 0
    assert ran == []


async def test_a_job_that_keeps_failing_is_tried_with_growing_pauses_and_then_parked(
    process: Process, work: Begin, forward: Forward, long_pauses: None
) -> None:
    tries = 0

    async def fail(session: Work, _payload: dict[str, Any]) -> None:
        nonlocal tries
        tries += 1
        await owner_account(session, PHONE, NAME)
        await owner_account(session, PHONE, NAME)

    outbox = Outbox(process.works, {"fail": fail})
    await write(process, "fail")
    for attempt in range(1, 11):
        assert await outbox.drain() == 1
        assert await outbox.drain() == 0
        [row] = await rows(work)
        assert (row.attempts, tries, row.last_error) == (attempt, attempt, "IntegrityError")
        assert row.state == ("parked" if attempt == 10 else "pending")
        await forward(timedelta(minutes=pause_after(attempt)))
    await forward(timedelta(days=1))
    assert await outbox.drain() == 0
    async with work() as session:
        waiting = await pending(session)
        assert (waiting.pending, waiting.parked) == (0, 1)
        # What a failing job did is undone each time.
        assert await session.scalar(text("SELECT count(*) FROM account")) == 0


def test_pauses_double_up_to_five_minutes() -> None:
    assert [pause_after(attempt) for attempt in (1, 2, 3, 9, 10, 60)] == [1, 2, 4, 256, 300, 300]


async def test_a_job_that_fails_once_is_carried_out_later(
    process: Process, work: Begin, forward: Forward
) -> None:
    ran = Ran()

    async def falter(session: Work, payload: dict[str, Any]) -> None:
        if not ran:
            await ran(session, payload)
            raise ConnectionError
        await ran(session, payload)

    outbox = Outbox(process.works, {"falter": falter})
    await write(process, "falter")
    await outbox.drain()
    await forward(timedelta(seconds=1))
    assert await outbox.drain() == 1
    assert len(ran) == 2
    assert await rows(work) == []


async def test_a_failed_job_is_not_taken_up_again_at_once_by_another_lane(
    process: Process, work: Begin, long_pauses: None
) -> None:
    tries = 0

    async def fail(_work: Work, _payload: dict[str, Any]) -> None:
        nonlocal tries
        tries += 1
        raise ZeroDivisionError

    await write(process, "fail", 30)
    first, second = Outbox(process.works, {"fail": fail}), Outbox(process.works, {"fail": fail})
    assert sum(await asyncio.gather(first.drain(), second.drain())) == 30
    assert tries == 30
    assert {row.attempts for row in await rows(work)} == {1}


async def test_a_job_whose_connection_is_cut_is_put_off_too(
    process: Process, work: Begin, long_pauses: None
) -> None:
    async def cut(session: Work, _payload: dict[str, Any]) -> None:
        await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    await write(process, "cut")
    outbox = Outbox(process.works, {"cut": cut})
    # In the moment between the cut and the note nobody holds the row: a second lane could take it, rightly.
    outbox._lanes = 1
    assert await outbox.drain() == 1
    [row] = await rows(work)
    assert (row.attempts, row.state) == (1, "pending")


async def test_a_job_nobody_knows_is_put_off_and_stands_in_nobodys_way(
    process: Process, work: Begin, long_pauses: None
) -> None:
    ran = Ran()
    await write(process, "unheard_of")
    await write(process, "note", 3)
    assert await Outbox(process.works, {"note": ran}).drain() == 4
    assert len(ran) == 3
    [row] = await rows(work)
    assert (row.job, row.attempts, row.last_error) == ("unheard_of", 1, "KeyError")


async def test_a_job_that_takes_long_holds_up_nothing_that_comes_after(process: Process) -> None:
    begun, may_end, ran = asyncio.Event(), asyncio.Event(), Ran()

    async def slow(_work: Work, _payload: dict[str, Any]) -> None:
        begun.set()
        await may_end.wait()

    outbox = Outbox(process.works, {"slow": slow, "note": ran})
    await write(process, "slow")
    waiting = asyncio.create_task(outbox.drain())
    async with asyncio.timeout(8):
        await begun.wait()
        await write(process, "note", 3)
        # The lane that the slow one has opened may take some of them.
        while len(ran) < 3:
            await outbox.drain()
            await asyncio.sleep(0)
        assert not waiting.done()
        may_end.set()
        assert await waiting >= 1
    assert len(ran) == 3


async def test_two_workers_at_once_run_each_job_once(process: Process, work: Begin) -> None:
    ran = Ran()
    await write(process, "note", 60)
    workers = [Outbox(process.works, {"note": ran}) for _ in range(2)]
    assert sum(await asyncio.gather(*(worker.drain() for worker in workers))) == 60
    assert sorted(given["number"] for given in ran) == list(range(60))
    assert await rows(work) == []


async def test_jobs_that_open_a_unit_of_work_of_their_own_do_not_use_all_connections_up(
    process: Process, settings: Settings
) -> None:
    ran = Ran()

    async def nested(_work: Work, payload: dict[str, Any]) -> None:
        async with process.works.begin() as own:
            await own.execute(text("SELECT 1"))
            await ran(own, payload)

    await write(process, "nested", 3 * settings.database_connections)
    async with asyncio.timeout(8):
        await Outbox(process.works, {"nested": nested}).drain()
    assert len(ran) == 3 * settings.database_connections


@pytest.fixture
def request_id() -> Iterator[str]:
    with carrying(request_id="phone-4711"):
        yield "phone-4711"


async def test_a_job_logs_under_the_request_that_asked_for_it(process: Process, request_id: str) -> None:
    async def say(work: Work, _payload: dict[str, Any]) -> None:
        seen.append(dict(carried()))
        await enqueue(work, process.waker, "further", {})

    seen: list[dict[str, Any]] = []
    with carrying(request_id=request_id):
        await write(process, "say")
    async with process.works.begin() as work:
        assert (await work.scalars(text("SELECT request_id FROM outbox"))).all() == [request_id]
    await Outbox(process.works, {"say": say, "further": Ran()}).drain()
    assert [(context["request_id"], context["job"]) for context in seen] == [(request_id, "say")]


async def test_the_log_of_a_failing_job_holds_nothing_of_what_it_was_given(
    process: Process, logged: Lines
) -> None:
    async def fail(work: Work, payload: dict[str, Any]) -> None:
        await owner_account(work, payload["phone"], payload["name"])
        await owner_account(work, payload["phone"], payload["name"])

    with carrying(request_id="phone-4711"):
        async with process.works.begin() as work:
            await enqueue(work, process.waker, "fail", {"phone": PHONE, "name": NAME})
    await Outbox(process.works, {"fail": fail}).drain()
    [line] = [line for line in logged() if line["message"] == "job_failed"]
    assert (line["error"], line["job"], line["request_id"]) == ("IntegrityError", "fail", "phone-4711")
    assert "constraint_name=uq_account_phone" in line["exception"]
    everything = json.dumps(logged(), ensure_ascii=False)
    assert PHONE not in everything
    assert NAME not in everything


async def test_the_worker_of_the_product_leaves_nothing_behind(
    process: Process, drain: Drain, work: Begin
) -> None:
    assert await drain() == 0
    assert await rows(work) == []


async def test_the_executor_outlives_a_worker_whose_end_is_cut_off(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When Valkey dies under running drains, closing arq's worker may end in a cancellation that nobody asked for."""
    begun: list[int] = []
    goes_on = asyncio.Event()

    async def drain() -> int:
        return 0

    class Worker(arq.worker.Worker):
        async def async_run(self) -> None:
            begun.append(1)
            if len(begun) == 1:
                raise ConnectionError
            goes_on.set()
            await asyncio.Event().wait()

        async def close(self) -> None:
            if len(begun) == 1:
                raise asyncio.CancelledError

    monkeypatch.setattr(executing, "Worker", Worker)
    monkeypatch.setattr(executing, "_RESTART_SECONDS", 0.01)
    executor = asyncio.create_task(executing.run_executor({"drain": drain}, settings.valkey_url, []))
    async with asyncio.timeout(5):
        await goes_on.wait()
    executor.cancel()
    await asyncio.wait([executor])
    assert executor.cancelled()

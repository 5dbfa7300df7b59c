"""What people say, as fast as it is said: the lines of all sockets of a process, many in one statement and one commit.

A line that finds the writer idle goes at once; those that come while a batch is being written make the next one. When
the line to the database is cut between a batch and its answer, the batch is sent again: each line's `cid` makes sure
that it stands there once, and that whoever waits is told the truth.

A thread that somebody else is writing on holds up nobody but itself: its lines go over to a second connection, which
waits for it, and so do those that follow them.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from backend.core.errors import Invalid, Unavailable
from backend.core.logging import log
from backend.platform.threads.metrics import BATCH_LINES, COMMIT_SECONDS, WAITING_LINES
from backend.platform.threads.spoken import Committed, Line, connect, read_again, spelled, write
from backend.platform.threads.writing import NoSuchThread

BATCH_LINES_MOST: Final = 500
BATCH_BYTES_MOST: Final = 1 << 20
WAITING_LINES_MOST: Final = 10_000
WAITING_BYTES_MOST: Final = 32 << 20
PATIENCE_SECONDS: Final = 4.0
"""For how long a line waits for a database that is away, or for a thread that somebody else does not let go."""

# One of the lines is at fault, and the others are not.
_FAULTY = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)

# Whatever else PostgreSQL may say passes, or is nothing that a line could mend: it is sent again until patience ends.
_PASSING = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5

Heard = Callable[[Sequence[Committed]], None]


class Said(msgspec.Struct, frozen=True, gc=False):
    """The line stands on record at `seq`, since `at`. `first` is False when its `cid` was there already."""

    seq: int
    at: str
    first: bool


class NotDirect(msgspec.Struct, frozen=True):
    """Nothing was written: on this thread a line goes by its subject's verb (`Sight.speak`)."""


Answer = Callable[[Said | NotDirect | Exception], None]
"""Told what became of a line: where it stands, or what `Speaker.say` would raise."""


class _Waiting:
    """A line on its way, and whoever waits for what becomes of it.

    `doubtful`: it was sent before, and nobody knows what became of it.
    """

    __slots__ = ("answer", "body", "doubtful", "line", "since")

    def __init__(self, line: Line, body: str, answer: Answer) -> None:
        self.line, self.body, self.answer = line, body, answer
        self.since = time.monotonic()
        self.doubtful = False

    def tell(self, answer: Said | NotDirect | Exception) -> None:
        try:
            self.answer(answer)
        except Exception:
            log.exception("line_unanswered")

    def refuse(self, error: Exception) -> None:
        self.tell(error)


class _Lane:
    """One connection, and the lines that wait for it: at most `most` of them go together."""

    def __init__(self, database_url: str, *, waits: bool) -> None:
        self._url = database_url
        self._connection: asyncpg.Connection | None = None
        self.waits = self.waits_now = waits
        self.queue: deque[_Waiting] = deque()
        self.most = BATCH_LINES_MOST
        self.pause = _FIRST_PAUSE
        self.wake = asyncio.Event()
        self.closing = False
        self.task: asyncio.Task[None] | None = None

    async def send(self, batch: Sequence[_Waiting]) -> tuple[list[asyncpg.Record | None], list[Committed]]:
        """The batch's rows; and the lines that may have been written by an earlier try, as they stand on record."""
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._url)
        connection, started = self._connection, time.perf_counter()
        rows = await write(
            connection, [one.line for one in batch], [one.body for one in batch], waits=self.waits_now
        )
        COMMIT_SECONDS.observe(time.perf_counter() - started)
        BATCH_LINES.observe(len(batch))
        earlier = [
            (one.line.thread_id, row["seq"])
            for one, row in zip(batch, rows, strict=True)
            if one.doubtful and row is not None and row["seq"] is not None and not row["first"]
        ]
        return rows, await read_again(connection, earlier) if earlier else []

    def put_back(self, batch: Sequence[_Waiting]) -> None:
        self.queue.extendleft(reversed(batch))

    def drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


class Speaker:
    """Writes what people say. Made once a process, in its loop; `aclose` ends it.

    `heard` is called with the lines that were newly committed, in the order of their thread, before those who said them
    are answered. After a cut a line may be heard twice: look at its seq.
    """

    def __init__(self, database_url: str, heard: Heard) -> None:
        self._heard = heard
        self._quick = _Lane(database_url, waits=False)
        self._patient = _Lane(database_url, waits=True)
        # How many lines of a thread are with the patient lane.
        self._held: Counter[UUID] = Counter()
        self._lines = self._bytes = 0

    async def say(self, line: Line) -> Said | NotDirect:
        """Write a line; it is on record when this returns `Said`. Whether its author may is not asked here.

        Raises:
            NoSuchThread: see there.
            Invalid: `line_unwritable`: the database refuses it as it stands.
            Unavailable: `try_again`: too much is waiting, or the database was away for some seconds. Whether it was
                written is not known then; sent again under its `cid`, it is told.
        """
        answered: asyncio.Future[Said | NotDirect] = asyncio.get_running_loop().create_future()

        def answer(what: Said | NotDirect | Exception) -> None:
            if answered.done():
                return
            if isinstance(what, Exception):
                answered.set_exception(what)
            else:
                answered.set_result(what)

        self.put(line, answer)
        return await answered

    def put(self, line: Line, answer: Answer) -> None:
        """As `say`, for whoever has thousands under way: `answer` is called in the loop, and costs no task a line.

        Raises:
            Invalid, Unavailable: as `say` does, when the line is not even taken.
        """
        full = self._lines >= WAITING_LINES_MOST or self._bytes >= WAITING_BYTES_MOST
        if full or self._quick.closing:
            raise Unavailable("try_again")
        try:
            body = line.body.decode()
        except UnicodeDecodeError:
            raise Invalid("line_unwritable", field="body") from None
        waiting = _Waiting(line, body, answer)
        self._lines += 1
        self._bytes += len(line.body)
        self._put(self._quick, waiting)

    async def aclose(self) -> None:
        """Take no more, finish what was accepted, and close."""
        for lane in (self._quick, self._patient):
            lane.closing = True
            lane.wake.set()
            if lane.task is not None:
                await lane.task
            lane.drop()

    def _put(self, lane: _Lane, waiting: _Waiting) -> None:
        lane.queue.append(waiting)
        lane.wake.set()
        if lane.task is None:
            lane.task = asyncio.create_task(self._run(lane))

    async def _run(self, lane: _Lane) -> None:
        while True:
            if batch := self._next_batch(lane):
                await self._commit(lane, batch)
            elif lane.closing:
                return
            else:
                lane.wake.clear()
                await lane.wake.wait()

    def _next_batch(self, lane: _Lane) -> list[_Waiting]:
        batch: list[_Waiting] = []
        queue, size = lane.queue, 0
        diverted = self._held if lane is self._quick else ()
        while queue and len(batch) < lane.most and size < BATCH_BYTES_MOST:
            waiting = queue.popleft()
            if diverted and waiting.line.thread_id in diverted:
                self._hold(waiting)
            else:
                size += len(waiting.line.body)
                batch.append(waiting)
        return batch

    def _hold(self, waiting: _Waiting) -> None:
        self._held[waiting.line.thread_id] += 1
        self._put(self._patient, waiting)

    async def _commit(self, lane: _Lane, batch: Sequence[_Waiting]) -> None:
        """Write the batch, or put it back to be written otherwise."""
        try:
            rows, earlier = await lane.send(batch)
        except _FAULTY:
            if len(batch) == 1:
                self._finish(lane, batch[0]).refuse(Invalid("line_unwritable", field="body"))
            else:
                lane.put_back(batch)
                lane.most = len(batch) // 2
        except asyncpg.LockNotAvailableError:
            # Somebody holds on to one of the threads: what can be written is, and the rest waits on.
            lane.put_back(batch)
            lane.waits_now = False
        except _PASSING as error:
            log.warning("speaker_cut", error=repr(error), lines=len(batch))
            for one in batch:
                one.doubtful = True
            lane.drop()
            lane.put_back(batch)
            self._refuse_overdue(lane)
            await asyncio.sleep(lane.pause)
            lane.pause = min(lane.pause * 2, _LONGEST_PAUSE)
        else:
            lane.waits_now, lane.pause = lane.waits, _FIRST_PAUSE
            lane.most = min(lane.most * 2, BATCH_LINES_MOST)
            self._settle(lane, batch, rows, earlier)

    def _settle(
        self,
        lane: _Lane,
        batch: Sequence[_Waiting],
        rows: Iterable[asyncpg.Record | None],
        new: list[Committed],
    ) -> None:
        """Hand on what is new, then answer; lines of a thread that is held go to wait for it."""
        answers: list[tuple[_Waiting, Said | NotDirect]] = []
        busy: list[_Waiting] = []
        moments: dict[object, str] = {}
        for one, row in zip(batch, rows, strict=True):
            if row is None:
                self._finish(lane, one).refuse(NoSuchThread())
                continue
            _, seq, at, first, prev_open, is_busy = row
            if seq is None and is_busy:
                busy.append(one)
            elif seq is None:
                answers.append((one, NotDirect()))
            else:
                moment = moments.get(at) or moments.setdefault(at, spelled(at))
                answers.append((one, Said(seq, moment, first)))
                if first:
                    new.append(_committed(one.line, seq, moment, prev_open))
        if new:
            try:
                self._heard(new)
            except Exception:
                log.exception("heard_failed")
        for one, answer in answers:
            self._finish(lane, one).tell(answer)
        if lane is self._quick:
            for one in busy:
                self._hold(one)
        elif busy:
            lane.put_back(busy)
            self._refuse_overdue(lane)
        WAITING_LINES.set(self._lines)

    def _refuse_overdue(self, lane: _Lane) -> None:
        limit = time.monotonic() - PATIENCE_SECONDS
        while lane.queue and lane.queue[0].since < limit:
            self._finish(lane, lane.queue.popleft()).refuse(Unavailable("try_again"))

    def _finish(self, lane: _Lane, one: _Waiting) -> _Waiting:
        self._lines -= 1
        self._bytes -= len(one.line.body)
        if lane is self._patient:
            thread_id = one.line.thread_id
            self._held[thread_id] -= 1
            if not self._held[thread_id]:
                del self._held[thread_id]
        return one


def _committed(line: Line, seq: int, at: str, prev_open: int) -> Committed:
    return Committed(
        line.thread_id, seq, at, line.cid, line.kind, line.author_id, line.audience, line.body, prev_open
    )

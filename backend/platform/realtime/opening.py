"""Everything realtime of one process, put together, opened and closed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from backend.db.work import Work
from backend.platform.bus import ValkeyLine
from backend.platform.http.flood import Flood
from backend.platform.process import Process
from backend.platform.realtime.attending import Attended, Attending
from backend.platform.realtime.conversing import Conversing, Limits
from backend.platform.realtime.door import Door, come_back
from backend.platform.realtime.frames import Bye
from backend.platform.realtime.hub import Hub
from backend.platform.realtime.inboxes import Inboxes, Notifying
from backend.platform.realtime.joining import Joining
from backend.platform.realtime.marks import Marks
from backend.platform.realtime.presence import Presences
from backend.platform.realtime.saying import Attached, Body, Saying
from backend.platform.realtime.signing import Authenticate, Signing
from backend.platform.realtime.stirring import Stirred, Stirring
from backend.platform.realtime.tick import Living, Tick
from backend.platform.realtime.topics import Topic, Topics
from backend.platform.threads import Sight, Speaker

_SETTLE_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the composition root gives: everything that features decide.

    `sessions_revoked` and `rights_changed` are channels of signals; a payload of the former is a session, of the latter
    accounts with commas between.
    """

    sights: Mapping[str, Sight]
    topics: Mapping[str, Topic]
    body: Body
    attached: Attached
    authenticate: Authenticate
    living: Living
    inboxes: Inboxes
    attended: Attended
    stirred: Stirred
    session_revoked: str
    rights_changed: str


@dataclass(frozen=True, slots=True)
class Realtime:
    """What runs. `door` is the ASGI application; `marks` tells of read marks, and `stir` of threads on which
    something happens: REST's too.
    """

    door: Door
    hub: Hub
    marks: Marks
    stir: Callable[[UUID], None]
    drain: Callable[[], Awaitable[None]]

    def after(self, work: Work, tell: Callable[[], None]) -> None:
        """Have those at their sockets told of something when it is committed."""

        async def told() -> None:
            tell()

        work.after_commit(told)


@asynccontextmanager
async def open_realtime(process: Process, given: Given, flood: Flood) -> AsyncIterator[Realtime]:
    """Open it. Before `following`: it registers what it hears of signals."""
    settings = process.settings
    hub = Hub(process, given.sights)
    line = ValkeyLine(settings.valkey_url)
    line.start()
    speaker = Speaker(settings.database_url, hub.heard)
    presences, stirring = Presences(hub, line), Stirring(given.stirred)
    hub.stirred = stirring.stir
    topics, joining = Topics(hub, given.topics), Joining(hub, presences)
    saying, marks = Saying(hub, speaker, given.body, given.attached), Marks(hub, presences)
    notifying = Notifying(hub, given.inboxes)
    signing = Signing(hub, given.authenticate, notifying)
    tick = Tick(
        hub,
        joining,
        topics,
        presences,
        notifying,
        living=given.living,
        seconds=settings.tick_seconds,
    )
    attending = Attending(hub, given.attended)
    conversing = Conversing(
        hub,
        joining=joining,
        saying=saying,
        marks=marks,
        presences=presences,
        topics=topics,
        attending=attending,
        signing=signing,
        limits=Limits(
            settings.socket_frames_per_second, settings.socket_frames_at_once, settings.socket_watches
        ),
    )
    door = Door(
        conversing,
        signing,
        flood,
        origins=settings.cors_origins,
        frames_most=settings.socket_queue_frames,
        bytes_most=settings.socket_queue_bytes,
        frames_at_once=settings.socket_frames_at_once,
        hello_seconds=settings.socket_hello_seconds,
    )

    def revoked(session: str | None) -> None:
        if session is not None:
            hub.end_sessions([UUID(session)])
        elif process.signals.connected:
            tick.now(everything=True)

    def changed(accounts: str | None) -> None:
        # When signals were missed, the other channel has everything looked at.
        for account in (accounts or "").split(",") if accounts else ():
            for socket in hub.by_account.get(UUID(account), ()):
                joining.ask_again(socket)
                topics.ask_again(socket)

    async def drain() -> None:
        """Take no more sockets, answer what was said, and send everybody to the other nodes."""
        door.closed = True
        for socket in tuple(hub.sockets):
            socket.say(Bye("going_away", come_back()))
        await asyncio.wait(
            [asyncio.create_task(saying.settled()), asyncio.create_task(marks.settled())],
            timeout=_SETTLE_SECONDS,
        )
        for socket in tuple(hub.sockets):
            socket.close(1012)

    process.signals.on(given.session_revoked, revoked)
    process.signals.on(given.rights_changed, changed)
    running = [asyncio.create_task(tick.run()), asyncio.create_task(attending.run())]
    try:
        yield Realtime(door, hub, marks, stirring.stir, drain)
    finally:
        await drain()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await stirring.aclose()
        await speaker.aclose()
        await line.aclose()

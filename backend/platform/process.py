"""What one running process holds open: its clock, its keys, its lines to PostgreSQL and Valkey, its store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.core.clock import Clock, MovableClock, SystemClock
from backend.core.config import Settings
from backend.core.sealing import Sealer
from backend.db.direct import Direct
from backend.db.engine import make_engine
from backend.db.signals import Signals
from backend.db.work import Works
from backend.platform.bus import Bus, make_bus
from backend.platform.calendar import ClockProviders
from backend.platform.outbox import Waker
from backend.platform.shift import FollowedShift
from backend.platform.storage import Store, open_store


@dataclass(frozen=True, slots=True)
class Process:
    """Opened once by the API, the worker or a command, and handed down."""

    settings: Settings
    clock: Clock
    sealer: Sealer
    engine: AsyncEngine
    works: Works
    direct: Direct
    signals: Signals
    valkey: Redis
    waker: Waker
    clocks: ClockProviders
    store: Store
    bus: Bus


@asynccontextmanager
async def open_process(settings: Settings) -> AsyncIterator[Process]:
    """Open everything, listen for signals, close everything. Nothing here waits for a server that is away."""
    engine = make_engine(settings.database_url, connections=settings.database_connections)
    bus = make_bus(settings.bus_urls or (settings.valkey_url,))
    process = Process(
        settings=settings,
        clock=SystemClock() if settings.production else MovableClock(),
        sealer=Sealer(settings.sealing_keys.get_secret_value(), settings.index_key.get_secret_value()),
        engine=engine,
        works=Works(engine, announce=bus.poke),
        direct=Direct(settings.database_url, connections=settings.direct_connections),
        signals=Signals(settings.database_url),
        valkey=Redis.from_url(settings.valkey_url, socket_timeout=2, socket_connect_timeout=2),
        waker=Waker(settings.valkey_url),
        clocks=ClockProviders(),
        store=open_store(settings),
        bus=bus,
    )
    try:
        yield process
    finally:
        await process.store.aclose()
        await process.bus.aclose()
        await process.waker.aclose()
        await process.valkey.aclose()
        await process.direct.aclose()
        await engine.dispose()


@asynccontextmanager
async def following(process: Process) -> AsyncIterator[None]:
    """Follow the signals of the other processes while the block runs. Handlers are registered before it."""
    tasks: list[asyncio.Task[None]] = []
    if isinstance(process.clock, MovableClock):
        shift = FollowedShift(process.clock, process.works, process.signals)
        with suppress(OSError):
            await shift.refresh()
        tasks.append(asyncio.create_task(shift.run()))
    tasks.append(asyncio.create_task(process.signals.run()))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

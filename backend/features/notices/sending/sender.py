"""The worker's part: a loop a lane and channel, woken by a signal and by a sweep, so that no lane waits for another."""

import asyncio
from typing import Final

from backend.core.logging import log
from backend.features.notices.kinds import CHANNELS, LANES, ChannelName, Lane
from backend.features.notices.repository import lanes
from backend.features.notices.repository.telling import SIGNAL
from backend.features.notices.sending.channels import Channels
from backend.features.notices.sending.doubts import settle_doubts
from backend.features.notices.sending.lane import FULL, drain_batch
from backend.platform.process import Process

SWEEP_SECONDS: Final = 1.0
_PAUSE_SECONDS: Final = 2.0


class Deliveries:
    """Sends what is due, until cancelled. Made before the process follows its signals."""

    def __init__(self, process: Process, channels: Channels) -> None:
        self._process, self._channels = process, channels
        self._stirred: dict[tuple[Lane, ChannelName], asyncio.Event] = {
            (lane, channel): asyncio.Event() for lane in LANES for channel in CHANNELS
        }
        process.signals.on(SIGNAL, self._hear)

    async def run(self) -> None:
        """Drain every lane beside the others."""
        async with asyncio.TaskGroup() as group:
            for lane, channel in self._stirred:
                group.create_task(self._keep_draining(lane, channel))
            group.create_task(self._sweep())

    async def drain(self) -> int:
        """Send everything that is due now; how many there were."""
        await settle_doubts(self._process, self._channels)
        count = 0
        async with self._process.works.begin() as work:
            due = await lanes.due(work)
        while due:
            for lane, channel in due:
                count += await drain_batch(self._process, self._channels, lane, channel)
            async with self._process.works.begin() as work:
                due = await lanes.due(work)
        await self._tally()
        return count

    async def _tally(self) -> None:
        await self._channels.tally.write(self._process.works, self._channels.guarded)

    def _hear(self, told: str | None) -> None:
        lane, _, channel = (told or "").partition(" ")
        for one, event in self._stirred.items():
            if one[0] == (lane or one[0]) and one[1] == (channel or one[1]):
                event.set()

    async def _keep_draining(self, lane: Lane, channel: ChannelName) -> None:
        stirred = self._stirred[lane, channel]
        while True:
            await stirred.wait()
            stirred.clear()
            try:
                # What is written meanwhile stirs it again.
                while await drain_batch(self._process, self._channels, lane, channel) == FULL[channel]:
                    pass
            except Exception as error:
                # The database is away, as a rule; the sweep comes back to it.
                log.warning("lane_failed", lane=lane, channel=channel, error=type(error).__name__)
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _sweep(self) -> None:
        """What no signal told of: what was put off, what a worker died with, what was written while we were away."""
        while True:
            try:
                await settle_doubts(self._process, self._channels)
                async with self._process.works.begin() as work:
                    for lane, channel in await lanes.due(work):
                        self._stirred[lane, channel].set()
                await self._tally()
            except Exception as error:
                log.warning("deliveries_sweep_failed", error=type(error).__name__)
            await asyncio.sleep(SWEEP_SECONDS)

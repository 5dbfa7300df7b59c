"""What Prometheus reads of sending, as the workers leave it in the database; shown as it was last read."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby
from typing import Any, Final

from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import REGISTRY, Collector

from backend.db.work import Work
from backend.features.notices.repository import tallies


class Sending(Collector):
    """Nothing is shown while it cannot be read: an unknown count must not look like the last known one."""

    def __init__(self) -> None:
        self._sent: Sequence[Any] = ()
        self._late: Sequence[Any] = ()
        self._channels: Sequence[Any] = ()
        self._oldest: Sequence[Any] = ()

    async def read(self, work: Work) -> None:
        """Read it anew."""
        self._sent, self._late = await tallies.sent(work), await tallies.lateness(work)
        self._channels, self._oldest = await tallies.channels(work), await tallies.oldest(work)

    def forget(self) -> None:
        """It could not be read."""
        self._sent = self._late = self._channels = self._oldest = ()

    def collect(self) -> Iterator[Metric]:
        sent = CounterMetricFamily(
            "tongxing_deliveries",
            "Messages handed over, by what became of them",
            labels=["lane", "channel", "outcome"],
        )
        for row in self._sent:
            sent.add_metric([row.lane, row.channel, row.outcome], row.count)
        late = HistogramMetricFamily(
            "tongxing_delivery_lateness_seconds",
            "How long after it was due a message was taken",
            labels=["lane"],
        )
        for lane, rows in groupby(self._late, key=lambda row: row.lane):
            _add(late, lane, list(rows))
        oldest = GaugeMetricFamily(
            "tongxing_deliveries_oldest_seconds",
            "For how long the longest due message of a lane has been due",
            labels=["lane"],
        )
        for row in self._oldest:
            oldest.add_metric([row.lane], row.seconds)
        stopped = GaugeMetricFamily(
            "tongxing_channel_stopped", "1 while only an operator can set a channel right", labels=["channel"]
        )
        breakers = GaugeMetricFamily(
            "tongxing_channel_breakers_open",
            "Workers that hold a channel's messages back because its provider is away",
            labels=["channel"],
        )
        ambiguous = GaugeMetricFamily(
            "tongxing_deliveries_ambiguous", "Messages in doubt that wait for an operator", labels=["channel"]
        )
        for row in self._channels:
            stopped.add_metric([row.channel], row.stopped)
            breakers.add_metric([row.channel], row.open)
            ambiguous.add_metric([row.channel], row.ambiguous)
        yield from (sent, late, oldest, stopped, breakers, ambiguous)


def _add(family: HistogramMetricFamily, lane: str, rows: Sequence[Any]) -> None:
    sums = accumulate(row.sent for row in rows)
    buckets = {str(row.at_most): float(total) for row, total in zip(rows, sums, strict=True)}
    buckets["+Inf"] = float(sum(row.sent for row in rows))
    buckets.pop("inf", None)
    family.add_metric([lane], list(buckets.items()), sum(row.seconds for row in rows))


SENDING: Final = Sending()
REGISTRY.register(SENDING)

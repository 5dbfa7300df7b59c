"""What Prometheus reads of chains and pages; shown as it was last read."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector
from sqlalchemy import Row

from backend.db.work import Work
from backend.features.escalation.repository import watching
from backend.features.escalation.rules import STATES


class Calling(Collector):
    """Nothing is shown while it cannot be read: an unknown count must not look like the last known one."""

    def __init__(self) -> None:
        self._stands: Sequence[Row[Any]] | None = None
        self._pages: Row[Any] | None = None

    async def read(self, work: Work) -> None:
        """Read it anew."""
        self._stands, self._pages = await watching.stands(work), await watching.ringing(work)

    def forget(self) -> None:
        """It could not be read."""
        self._stands = self._pages = None

    def collect(self) -> Iterator[Metric]:
        chains = GaugeMetricFamily(
            "tongxing_escalations", "Chains that live, by how they stand", labels=["state"]
        )
        pages = GaugeMetricFamily(
            "tongxing_pages", "Pages that ring unanswered, or wait to ring", labels=["state"]
        )
        oldest = GaugeMetricFamily(
            "tongxing_pages_oldest_seconds", "For how long the oldest page has rung that nobody has answered"
        )
        if self._stands is not None and self._pages is not None:
            counts = {row.state: row.many for row in self._stands}
            for state in STATES:
                if state != "ended":
                    chains.add_metric([state], counts.get(state, 0))
            pages.add_metric(["ringing"], self._pages.ringing)
            pages.add_metric(["waiting"], self._pages.waiting)
            oldest.add_metric([], float(self._pages.oldest))
        yield from (chains, pages, oldest)


CALLING: Final = Calling()
REGISTRY.register(CALLING)

"""What Prometheus reads of this process's sockets. Plain numbers, since a counter with a lock would cost more than
the frame it counts.
"""

from collections import Counter
from collections.abc import Iterator

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector


class Counts(Collector):
    """One for all hubs of the process."""

    __slots__ = ("frames_in", "frames_out", "gaps", "refused", "slow", "sockets", "threads")

    def __init__(self) -> None:
        self.sockets = self.threads = self.frames_in = self.frames_out = self.gaps = self.slow = 0
        self.refused: Counter[str] = Counter()

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("tongxing_sockets", "Sockets that are open and signed in", self.sockets)
        yield GaugeMetricFamily("tongxing_socket_threads", "Threads that sockets here watch", self.threads)
        frames = CounterMetricFamily("tongxing_socket_frames", "Frames of all sockets", labels=["way"])
        frames.add_metric(["in"], self.frames_in)
        frames.add_metric(["out"], self.frames_out)
        yield frames
        refused = CounterMetricFamily("tongxing_socket_refused", "Frames refused", labels=["code"])
        for code, number in self.refused.items():
            refused.add_metric([code], number)
        yield refused
        yield CounterMetricFamily(
            "tongxing_socket_gaps", "Lines that came by no message and were fetched", self.gaps
        )
        yield CounterMetricFamily(
            "tongxing_socket_slow", "Sockets closed because they read too slowly", self.slow
        )


COUNTS = Counts()
REGISTRY.register(COUNTS)

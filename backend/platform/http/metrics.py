"""What Prometheus reads: of the API's requests, and of what the workers and the audit leave in the database."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.metrics_core import HistogramMetricFamily
from prometheus_client.registry import Collector

from backend.platform.calendar import MAINLAND

REQUESTS = Counter("tongxing_http_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram(
    "tongxing_http_request_seconds",
    "Time to the first byte of the answer",
    ["route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
IN_FLIGHT = Gauge("tongxing_http_in_flight", "Requests being answered now")
OUTBOX_PENDING = Gauge("tongxing_outbox_pending", "Jobs waiting in the outbox")
OUTBOX_PARKED = Gauge("tongxing_outbox_parked", "Jobs that failed too often and wait for an operator")
OUTBOX_OLDEST = Gauge("tongxing_outbox_oldest_seconds", "Lateness of the longest due job")
CALENDAR_UNTIL = Gauge(
    "tongxing_calendar_published_until",
    "The last year whose statutory days the calendar knows from their notice",
)
CALENDAR_UNTIL.set(MAINLAND.last_year)

TIMERS_PENDING = Gauge("tongxing_timers_pending", "Timers still to fire, whenever they are due")
TIMERS_DUE = Gauge("tongxing_timers_due", "Timers that are due and have not fired yet")
TIMERS_OLDEST = Gauge("tongxing_timers_oldest_seconds", "For how long the longest due timer has been due")
TIMERS_PARKED = Gauge("tongxing_timers_parked", "Timers that failed too often and wait for an operator")
TIMERS_HELD = Gauge("tongxing_timers_held", "1 while nothing fires because the database's clock jumped")
TIMER_WORKERS = Gauge("tongxing_timer_workers", "Workers that have shown a pulse within half a minute")
AUDIT_FAULTS = Gauge("tongxing_audit_faults", "Faults the audit found when it last looked")
AUDIT_AGE = Gauge("tongxing_audit_age_seconds", "How long ago that was")

WAITING = (
    OUTBOX_PENDING,
    OUTBOX_PARKED,
    OUTBOX_OLDEST,
    TIMERS_DUE,
    TIMERS_OLDEST,
    TIMERS_PARKED,
    TIMERS_HELD,
    TIMER_WORKERS,
    AUDIT_FAULTS,
    AUDIT_AGE,
)
"""What is read from the database at each scrape, besides the number of pending timers."""


class _Lateness(Collector):
    """A histogram that the workers keep in the database: it is shown as it was last read."""

    def __init__(self) -> None:
        self.buckets: Sequence[tuple[float, int, float]] = ()

    def collect(self) -> Iterator[HistogramMetricFamily]:
        sums = accumulate(fired for _, fired, _ in self.buckets)
        shown = {str(bound): float(total) for (bound, *_), total in zip(self.buckets, sums, strict=True)}
        shown["+Inf"] = float(sum(fired for _, fired, _ in self.buckets))
        shown.pop("inf", None)
        yield HistogramMetricFamily(
            "tongxing_timer_lateness_seconds",
            "How late timers fired, counted from when they were due",
            buckets=list(shown.items()),
            sum_value=sum(seconds for *_, seconds in self.buckets),
        )


TIMER_LATENESS = _Lateness()
REGISTRY.register(TIMER_LATENESS)


@lru_cache(maxsize=10_000)
def measures(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """What one kind of answer is counted in; looking its labels up again takes as long as counting."""
    return REQUESTS.labels(method, route, status), SECONDS.labels(route)

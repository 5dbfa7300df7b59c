"""What Prometheus reads of the API's requests."""

from functools import lru_cache

from prometheus_client import Counter, Gauge, Histogram

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


@lru_cache(maxsize=10_000)
def measures(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """What one kind of answer is counted in; looking its labels up again takes as long as counting."""
    return REQUESTS.labels(method, route, status), SECONDS.labels(route)
